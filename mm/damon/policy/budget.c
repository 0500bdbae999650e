// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Budget of CPU time
 *
 * Problem: what monitoring costs depends on the machine, on the number of
 * regions and on how much there is to find.  A user knows what it may cost.
 *
 * There are two levers.  The first one is the stride: samples are taken at one
 * sampling interval of so many, up to one in an aggregation.  All that is
 * reported keeps its scale, as it comes from the share of hits, but rests on
 * fewer samples.  If that is not enough, the number of regions is limited,
 * down to the lower limit that the user has set.  If that is not enough
 * either, the budget is exceeded, and the report says so.
 *
 * At the end of each aggregation, cost is the mean of what the last ones took,
 * up to eight and none before the last change of a lever.  If it is above the
 * budget, and so is the last one, and it is not the only one, it is assumed to
 * be proportional to the number of samples, or of regions, and the lever is
 * moved to where it would be 15/16 of the budget.  It is not really, as an
 * aggregation costs something whatever was sampled, so this is repeated.  The
 * larger that part is, the slower it comes to an end.
 *
 * In the other direction levers are moved, in reverse order, when eight
 * aggregations were so cheap that 3/4 of the budget would not be exceeded.
 *
 * For example: 1.6 % of a CPU is used for 20 samples and 0.5 % allowed.  After
 * two aggregations there may be 20 * 0.469 / 1.6 = 5, a stride of 4.  Say 0.6 %
 * is used then; two aggregations later it is 5 * 0.469 / 0.6 = 3, a stride of 6.
 *
 * Limits: what is sudden is only answered afterwards, so the budget holds in
 * the mean, not in each aggregation.
 */

#include <linux/damon.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "budget.h"
#include "ratio.h"

/* Aggregations that the cost is averaged over. */
#define WEIGHT_MAX		8U

/* So many of them tell that it is too high. */
#define WEIGHT_ACT		2U

/* 1/1000 of a CPU, in nanoseconds per second. */
#define PERMILLE_NS		((u64)NSEC_PER_SEC / 1000)

/* What to aim at if the limit is exceeded. */
static u64 aim_down(u64 limit)
{
	return limit - limit / 16;
}

/* And what if it is far away. */
static u64 aim_up(u64 limit)
{
	return limit - limit / 4;
}

/**
 * damon_budget_init() - Begin with the full rate.
 * @b:		overwritten
 */
void damon_budget_init(struct damon_budget *b)
{
	*b = (struct damon_budget){ .stride = 1 };
}

/* The smallest stride that takes no more than so many samples. */
static u32 stride_for(u32 rounds, u32 samples)
{
	return samples / (rounds + 1) + 1;
}

/* How many samples would cost that, if there were no other costs. */
static u32 rounds_for(const struct damon_budget *b, u64 cost, u32 samples)
{
	u64 rounds = damon_mul_div(samples / b->stride, cost, b->cost);

	return clamp(rounds, 1ULL, (u64)samples);
}

/* Do less; false if there is nothing left to do. */
static bool budget_tighten(struct damon_budget *b, u64 limit,
			   const struct damon_budget_span *span)
{
	unsigned int nr = span->nr_regions;

	if (span->samples / b->stride > 1) {
		u32 rounds = rounds_for(b, aim_down(limit), span->samples);

		b->stride = stride_for(rounds, span->samples);
		return true;
	}
	if (b->nr_limit)
		nr = min(nr, b->nr_limit);
	nr = max(span->min_nr, damon_mul_div(nr, aim_down(limit), b->cost));
	if (b->nr_limit && nr >= b->nr_limit)
		return false;
	b->nr_limit = nr;
	return true;
}

/* Do more; false if the budget is used well, or nothing holds back. */
static bool budget_loosen(struct damon_budget *b, u64 limit,
			  const struct damon_budget_span *span)
{
	u32 stride;

	if (b->nr_limit) {
		u64 cost = max(b->cost, aim_up(limit) / 2);
		u64 nr = damon_mul_div(b->nr_limit, aim_up(limit), cost);

		if (nr <= b->nr_limit)
			return false;
		b->nr_limit = nr < span->max_nr ? nr : 0;
		return true;
	}
	stride = stride_for(rounds_for(b, aim_up(limit), span->samples),
			    span->samples);
	if (stride >= b->stride)
		return false;
	b->stride = stride;
	return true;
}

/**
 * damon_budget_update() - Learn from an aggregation.
 * @b:		the budget
 * @span:	what it was like
 */
void damon_budget_update(struct damon_budget *b,
			 const struct damon_budget_span *span)
{
	u64 limit = span->permille * PERMILLE_NS;
	bool changed = false;
	u64 cost;

	b->stride = min(b->stride, span->samples);
	if (!span->wall_ns)
		return;
	cost = damon_mul_div(span->cpu_ns, NSEC_PER_SEC, span->wall_ns);
	cost = min_t(u64, cost, NSEC_PER_SEC);
	b->weight = min(b->weight + 1, WEIGHT_MAX);
	b->cost = div_u64(b->cost * (b->weight - 1) + cost, b->weight);

	/* A mean that is too high for one bad aggregation will pass. */
	if (!limit) {
		b->stride = 1;
		b->nr_limit = 0;
	} else if (b->cost > limit) {
		if (b->weight >= WEIGHT_ACT && cost > limit)
			changed = budget_tighten(b, limit, span);
	} else if (b->weight == WEIGHT_MAX) {
		changed = budget_loosen(b, limit, span);
	}
	if (changed)
		b->weight = 0;
}
