// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Quota goals
 *
 * Problem: a user knows what it is all for, say half of a node free, but not
 * how much a scheme has to do for it.
 *
 * Each goal has a metric, its current value and a target; their ratio is a
 * score, 1 being just right.  The goal with the highest one, which asks for
 * the least, leads.  More work is taken to make any metric rise.
 *
 * The tuner "temporal" is all out until the score is 1, then nothing.
 *
 * The tuner "consist" looks for a pace that keeps the score at 1.  If nothing
 * is known of what a metric means, like pressure, it starts at one unit of
 * size and changes the quota by the shortfall, that is up to twice as much per
 * window, or down to the one unit::
 *
 *	quota = quota * (2 - score)
 *
 * But most metrics are a part of some memory.  Then it is known how many bytes
 * are missing, and they are asked for at once::
 *
 *	missing = target + drift - current		(bytes, at least 0)
 *	aim     = missing / (1 - waste)
 *	quota   = aim * (charged / applied), at most what is eligible
 *
 * The rest is learnt from window to window, by comparing how the metric moved
 * with the size that was applied, and believing half of the news:
 *
 * - Waste: what is applied without effect on the metric.  Reclaimed pages live
 *   on compressed, for example, or are of another node.  It is told by windows
 *   in which the goal is far and much is applied, so that what others do does
 *   not matter.
 * - Drift: what others take per window.  It is told when the goal is near, and
 *   is what was lost, apart from the waste, in both of the last two windows: a
 *   burst is not taken for a drift.  So a steady loss is made up for without
 *   falling short of the goal forever, and is forgotten when it ends.
 * - Failure: what is charged without being applied, because filters reject it
 *   or nothing is there.  More is allowed to be charged then, up to 64 times;
 *   but the window also ends when the aim was applied, so if there is less
 *   failure than expected it does no harm.  If there is more, the window does
 *   not have to be waited for: its quota is doubled.
 *
 * For example: a node of 100 GB, nothing free, 50 % wanted, others take 1 GB
 * per window.  The first window may do 50 GB, and ends with 49 GB free.  That
 * looks like a waste of 2 %, of which 1 % is believed, so the next may do 1.01
 * GB, and 49 GB are free again.  By now a drift is seen, and the next windows
 * end with 49.3, 49.6, 49.8, 49.9 and 50 GB.  Starting with one byte, doubled
 * each time, it would take 36 windows, and go on to 87 GB.
 *
 * Limits: the aim cannot be more exact than the metric, 1/10000 of the memory.
 * What only takes effect after the window, like writing to a slow device, is
 * asked for twice.  While a goal is out of reach, all that is eligible is tried
 * in each window.  Whoever does not want half of a node to be reclaimed at once
 * has to set a size or time, too.
 */

#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "damos.h"
#include "ratio.h"
#include "spec.h"

/* Waste is not taken to be more than this. */
#define WASTE_MAX_BP	(DAMON_BP * 3 / 4)

/* A window in which this part of the memory was applied to tells most. */
#define TELLING_PART	16

/* A goal is near if no more than this part of the memory is missing. */
#define NEAR_PART	16

/* What the target of a goal stands for, if it is about bytes. */
static u64 goal_bytes(const struct damos_goal *goal)
{
	return damon_mul_div(goal->target, goal->total, DAMON_BP);
}

/* Move @old towards @new, half of the way if @applied tells much. */
static unsigned int waste_update(unsigned int old, unsigned int new,
				 u64 applied, u64 total)
{
	u64 weight = damon_mul_div(applied, TELLING_PART * DAMON_BP, total);

	weight = min(weight, DAMON_BP) / 2;
	return div64_u64(old * (DAMON_BP - weight) + new * weight, DAMON_BP);
}

/* What the metric of a goal tells about the bytes behind it. */
static void goal_learn(struct damos_goal *goal, u64 applied)
{
	struct damos_goal_model *m = &goal->model;
	struct damos_goal_model old = *m;
	bool near;
	u64 shown;

	if (!goal->total) {
		*m = (struct damos_goal_model){};
		return;
	}
	m->known = true;
	m->bytes = damon_mul_div(goal->current_value, goal->total, DAMON_BP);
	if (!old.known)
		return;

	near = damon_sub(goal_bytes(goal), old.bytes) <=
		goal->total / NEAR_PART;
	shown = damon_sub(damon_add(m->bytes, old.drift), old.bytes);
	shown = damon_mul_div(shown, DAMON_BP, applied);
	shown = clamp(shown, DAMON_BP - WASTE_MAX_BP, DAMON_BP);
	if (!near || DAMON_BP - shown < old.waste_bp)
		m->waste_bp = waste_update(old.waste_bp, DAMON_BP - shown,
					   applied, goal->total);

	shown = damon_mul_div(applied, DAMON_BP - m->waste_bp, DAMON_BP);
	m->loss = damon_sub(damon_add(old.bytes, shown), m->bytes);
	m->drift = old.drift / 2;
	if (near)
		m->drift += min(m->loss, old.loss) / 2;
}

static u64 goal_score(const struct damos_goal *goal)
{
	return damon_mul_div(goal->current_value, DAMON_BP, goal->target);
}

/*
 * The goal that is met best; of those that are met alike, one that is not known
 * to be about bytes, as it is to be followed with more care.
 */
static const struct damos_goal *goals_leader(const struct damos_goals *goals)
{
	const struct damos_goal *best = goals->vec;

	for (unsigned int i = 1; i < goals->nr; i++) {
		const struct damos_goal *goal = &goals->vec[i];
		u64 score = goal_score(goal), best_score = goal_score(best);

		if (score > best_score ||
		    (score == best_score && !goal->model.known))
			best = goal;
	}
	return best;
}

/* Bytes that should be applied for a goal. */
static u64 goal_aim(const struct damos_goal *goal)
{
	const struct damos_goal_model *m = &goal->model;
	u64 wanted = damon_add(goal_bytes(goal), m->drift);
	u64 missing = damon_sub(wanted, m->bytes);

	return damon_mul_div(missing, DAMON_BP, DAMON_BP - m->waste_bp);
}

/* Bytes that should be applied so that a first goal is met. */
static u64 goals_aim(const struct damos_goals *goals)
{
	u64 aim = U64_MAX;

	for (unsigned int i = 0; i < goals->nr; i++) {
		if (goals->vec[i].model.known)
			aim = min(aim, goal_aim(&goals->vec[i]));
	}
	return aim;
}

/* A size to charge, so that @aim is applied, judging by the last window. */
static u64 quota_boost(const struct damos_quota *q, u64 aim)
{
	u64 sz = aim;

	if (q->charged > q->applied)
		sz = min(damon_mul_div(aim, q->charged, q->applied),
			 damon_mul_div(aim, DAMOS_BOOST_MAX, 1));
	return q->eligible ? min(sz, q->eligible) : sz;
}

/* Follow a goal that is not known to be about bytes. */
static u64 feedback_follow(u64 feedback, u64 score)
{
	u64 old = max(feedback, DAMON_BP);
	u64 change = damon_mul_div(old, abs_diff(score, (u64)DAMON_BP), DAMON_BP);

	if (score < DAMON_BP)
		return damon_add(old, change);
	return max(damon_sub(old, change), DAMON_BP);
}

/**
 * damos_goals_tune() - What the goals call for in the next window.
 * @s:		the scheme, with the current values of its goals, at least one
 * @addr_unit:	bytes per core unit
 *
 * Learns from what was charged and applied in the last window.  May also set
 * &damos_quota.aim.
 *
 * Return: size, core units.
 */
u64 damos_goals_tune(struct damos *s, unsigned long addr_unit)
{
	const struct damos_quota_spec *spec = &s->spec->quota;
	struct damos_quota *q = &s->quota;
	const struct damos_goal *leader;
	u64 score;

	for (unsigned int i = 0; i < q->goals.nr; i++)
		goal_learn(&q->goals.vec[i],
			   damon_mul_div(q->applied, addr_unit, 1));
	leader = goals_leader(&q->goals);
	score = goal_score(leader);
	if (spec->goal_tuner == DAMOS_QUOTA_GOAL_TUNER_TEMPORAL) {
		if (score >= DAMON_BP)
			return 0;
		return spec->sz ? spec->sz : U64_MAX / DAMON_BP;
	}
	if (leader->model.known) {
		u64 aim = div64_u64(goals_aim(&q->goals), addr_unit);

		q->aim = min_t(u64, aim, ULONG_MAX);
		q->feedback = max(damon_mul_div(quota_boost(q, aim),
						DAMON_BP, 1), DAMON_BP);
	} else {
		q->feedback = feedback_follow(q->feedback, score);
	}
	return div64_u64(q->feedback, DAMON_BP);
}

/**
 * damos_goals_adopt() - Keep what is known about goals.
 * @goals:	new goals, not measured yet
 * @old:	goals that they replace
 *
 * It is kept for those that look at the same thing as before, whatever their
 * targets.
 */
void damos_goals_adopt(struct damos_goals *goals, const struct damos_goals *old)
{
	for (unsigned int i = 0; i < min(goals->nr, old->nr); i++) {
		const struct damos_goal *from = &old->vec[i];
		struct damos_goal *to = &goals->vec[i];

		if (to->metric != from->metric || to->nid != from->nid ||
		    to->memcg != from->memcg)
			continue;
		to->psi_us = from->psi_us;
		to->psi_known = from->psi_known;
		to->model = from->model;
	}
}
