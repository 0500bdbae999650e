// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Tuning of the intervals
 *
 * Problem: with too short an aggregation interval hot and cold memory look the
 * same, nearly nothing is seen accessed; with too long a one everything was.
 * The right one depends on the machine and the load.
 *
 * A user names the share of all possible access events that should be seen, in
 * 1/10000.  An event is one unit of size accessed in one sampling interval, so
 * with q samples per aggregation a region can have size * q, and has size *
 * nr_accesses.  Both intervals are scaled together, q stays.  The factor is
 * the shortfall of events, and at most 2 and at least 1/2 at a time::
 *
 *	score = events / wanted events		(1: just right)
 *	factor = 2 - score			if score <= 1
 *	factor = max(2 - score, 0) / 2 + 1/2	else
 *
 * For example: 4 % are wanted, of two equal regions one has 1 access of 20 and
 * the other none.  1/40 = 2.5 % of the events are seen, the score is 0.625,
 * and 5 ms become 5 * 1.375 = 6.875 ms.
 *
 * Rates of regions do not change with that, as nobody knows what they will be.
 * Their numbers do, as they are per aggregation, and so do ages, as they count
 * aggregations.
 *
 * Limits: sizes lose low bits once their sum times the samples does not fit 62
 * bits.  A sampling interval of 0 is never chosen, as it could not grow again.
 */

#include <linux/bitops.h>
#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>

#include "access.h"
#include "ratio.h"
#include "region.h"
#include "spec.h"

/* Bits of a number of events. */
#define EVENTS_BITS	62U

static unsigned long mul_div_ul(u64 a, u64 b, u64 c)
{
	return min_t(u64, damon_mul_div(a, b, c), ULONG_MAX);
}

static unsigned int mul_div_uint(u64 a, u64 b, u64 c)
{
	return min_t(u64, damon_mul_div(a, b, c), UINT_MAX);
}

/**
 * damon_access_rescale() - Convert results to other intervals.
 * @rs:		the regions
 * @old:	attributes that the results were found with
 * @new:	attributes that will be in force
 * @at_aggregation: an aggregation was just completed; else the samples of the
 *		one that goes on are dropped
 *
 * Nothing is converted if an interval is 0.
 */
void damon_access_rescale(struct damon_regions *rs,
			  const struct damon_attrs *old,
			  const struct damon_attrs *new, bool at_aggregation)
{
	unsigned int old_max = damon_attrs_max_nr_accesses(old);
	unsigned int new_max = damon_attrs_max_nr_accesses(new);

	if (!old->sample_interval || !old->aggr_interval ||
	    !new->sample_interval || !new->aggr_interval)
		return;
	for (unsigned int i = 0; i < rs->nr; i++) {
		struct damon_region *r = &rs->cur[i];
		u64 bp = damon_mul_div(r->nr_accesses, DAMON_BP, old_max);

		r->nr_accesses = mul_div_uint(bp, new_max, DAMON_BP);
		r->age = mul_div_uint(r->age, old->aggr_interval,
				      new->aggr_interval);
		r->nr_hist = 0;
		if (!at_aggregation) {
			r->hits = 0;
			r->checks = 0;
		}
	}
}

/* The sum of the sizes, and the highest number of accesses. */
static u64 regions_extent(const struct damon_regions *rs, u32 *max_accesses)
{
	for (unsigned int i = 0; i < rs->nr; i++)
		*max_accesses = max(*max_accesses, rs->cur[i].nr_accesses);
	return damon_regions_total(rs);
}

/* The factor to scale the intervals with, in 1/DAMON_BP. */
static u64 tune_factor(const struct damon_regions *rs, unsigned int samples,
		       unsigned long access_bp)
{
	u32 most = samples;
	u64 total = regions_extent(rs, &most);
	unsigned int bits = fls64(total) + fls(most);
	unsigned int shift = max(bits, EVENTS_BITS) - EVENTS_BITS;
	u64 possible = 0, events = 0, wanted, score;

	for (unsigned int i = 0; i < rs->nr; i++) {
		const struct damon_region *r = &rs->cur[i];
		u64 sz = damon_sz_region(r) >> shift;

		possible += sz * samples;
		events += sz * r->nr_accesses;
	}
	wanted = max(damon_mul_div(possible, access_bp, DAMON_BP), 1ULL);
	score = damon_mul_div(events, DAMON_BP, wanted);
	if (score < DAMON_BP)
		return 2 * DAMON_BP - score;
	if (score == DAMON_BP)
		return DAMON_BP;
	if (score < 2 * DAMON_BP)
		return DAMON_BP / 2 + (2 * DAMON_BP - score) / 2;
	return DAMON_BP / 2;
}

/**
 * damon_access_tune() - Tune the intervals towards the goal.
 * @rs:		the regions, with the results of an aggregation
 * @samples:	samples per aggregation to keep
 * @attrs:	the attributes in force, with the goal; the sampling and the
 *		aggregation interval are changed
 *
 * Return: true if a change was called for, even if the limits of the sampling
 * interval forbade it.
 */
bool damon_access_tune(const struct damon_regions *rs, unsigned int samples,
		       struct damon_attrs *attrs)
{
	const struct damon_intervals_goal *goal = &attrs->intervals_goal;
	u64 factor = tune_factor(rs, samples, goal->access_bp);
	unsigned long sample_us;

	if (factor == DAMON_BP)
		return false;
	sample_us = mul_div_ul(attrs->sample_interval, factor, DAMON_BP);
	sample_us = max(goal->min_sample_us,
			min(goal->max_sample_us, sample_us));
	attrs->sample_interval = max(sample_us, 1UL);
	if (check_mul_overflow(attrs->sample_interval, (unsigned long)samples,
			       &attrs->aggr_interval))
		attrs->aggr_interval = ULONG_MAX;
	return true;
}
