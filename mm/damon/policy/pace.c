// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Pace of the sampling
 *
 * Problem: most memory does not change most of the time, and to look at it at
 * each sampling interval ("tick") finds nothing but costs as much.  And who
 * has a limited budget of CPU time wants to be served less often.
 *
 * A region that is stable, never or always accessed for ten aggregations, is
 * slow: it is checked at one tick of four.  That is a different one for each
 * region and each aggregation, as the kdamond looks at other regions anyway.
 * If all regions are slow they are checked together, and there is nothing to
 * do at the ticks in between, which change, too: what is accessed each 20 ms
 * shall not look the same at each check.  If all are cold and have been so for 40
 * aggregations they are idle: checked once, at the end of the aggregation.
 * The next sample is prepared when one is checked, and so is open for longer;
 * see access.c for what is made of its outcome.
 *
 * As soon as that says that something has changed, the region in question is
 * checked at each tick, and the others, at the latest, in their old turns of
 * four from the next aggregation on.
 *
 * A hot region is looked at with full rate every eighth aggregation all the
 * same, as the hits of long samples would hide that it has cooled down a bit.
 * Where samples are counted by more than accesses (@full_rate), there are no
 * slow regions.
 *
 * A budget, see budget.c, asks for a @stride: to take only one sample in so
 * many ticks.  These still are one sampling interval long, or they would say
 * hit too often, so there is a tick to prepare and the next one to check.
 * For example with 20 ticks and a stride of 8::
 *
 *	tick	1  2  3  4  5  6  7  8  9 ... 15 16 17 18 19 20
 *				    p  c       p  c           aggregation
 *
 * Slow regions then have their turn in one such round of four.
 *
 * Limits: what begins in an idle context may take an aggregation until it is
 * noticed, and another one until it is reported.
 */

#include <linux/damon.h>
#include <linux/minmax.h>

#include "access.h"
#include "region.h"

/* Stable from this age on; and hot ones are fully checked at times, a mask. */
#define AGE_STABLE		10
#define AGE_AUDIT_MASK		7

/* Cold regions are idle from this age on. */
#define AGE_IDLE		40

static bool region_is_stable(const struct damon_access *ac,
			     const struct damon_region *r)
{
	if (ac->full_rate || r->age < AGE_STABLE || r->probe || r->hold)
		return false;
	if (!r->nr_accesses)
		return true;
	return r->nr_accesses == ac->max_nr_accesses &&
		(r->age & AGE_AUDIT_MASK);
}

/**
 * damon_access_set_slow() - See whether a region shall be checked less often.
 * @ac:		the state
 * @r:		the region, at the begin of an aggregation
 *
 * A sample that was open for long is no good for a region that is not slow, so
 * that is prepared again.
 */
void damon_access_set_slow(const struct damon_access *ac,
			   struct damon_region *r)
{
	if (region_is_stable(ac, r))
		r->flags |= DAMON_REGION_SLOW;
	else if (r->flags & DAMON_REGION_SLOW)
		r->flags &= ~(DAMON_REGION_SLOW | DAMON_REGION_PREPARED);
}

/**
 * damon_access_set_pace() - Find the pace that suits all regions.
 * @ac:		the state
 * @rs:		the regions, which may have changed
 */
void damon_access_set_pace(struct damon_access *ac,
			   const struct damon_regions *rs)
{
	ac->pace = DAMON_PACE_IDLE;
	for (unsigned int i = 0; i < rs->nr; i++) {
		const struct damon_region *r = &rs->cur[i];

		if (!(r->flags & DAMON_REGION_SLOW)) {
			ac->pace = DAMON_PACE_FULL;
			break;
		}
		if (r->nr_accesses || r->age < AGE_IDLE)
			ac->pace = DAMON_PACE_SLOW;
	}
	ac->awake = ac->pace == DAMON_PACE_FULL;
}

/* Ticks from one check of all slow regions to the next one. */
static u32 slow_period(const struct damon_access *ac)
{
	u32 rounds = ac->max_nr_accesses / ac->stride;

	if (ac->pace == DAMON_PACE_IDLE)
		return ac->max_nr_accesses;
	return ac->stride * min(DAMON_SLOW_FACTOR, rounds);
}

/* Ticks since the slow regions were checked together, 0 if that is now. */
static u32 slow_ticks(const struct damon_access *ac, u32 period)
{
	u32 shift = ac->pace == DAMON_PACE_IDLE ? 0 :
		ac->nr_aggrs % DAMON_SLOW_FACTOR * ac->stride;

	return (ac->tick + shift) % period;
}

/**
 * damon_access_turn() - Which slow regions have their turn at this tick?
 * @ac:		the state
 *
 * Return: what damon_turn_due() wants to know.
 */
struct damon_turn damon_access_turn(const struct damon_access *ac)
{
	if (ac->pace == DAMON_PACE_FULL)
		return (struct damon_turn){
			.shift = ac->tick / ac->stride + ac->nr_aggrs,
			.mask = DAMON_SLOW_FACTOR - 1,
		};
	return (struct damon_turn){
		.shift = !!slow_ticks(ac, slow_period(ac)),
	};
}

/**
 * damon_access_checks() - Are there samples to be checked at this tick?
 * @ac:		the state
 *
 * Return: true if so.
 */
bool damon_access_checks(const struct damon_access *ac)
{
	return ac->awake ? ac->open : !slow_ticks(ac, slow_period(ac));
}

/**
 * damon_access_prepares() - Shall samples be prepared at this tick?
 * @ac:		the state
 *
 * Return: true if so.
 */
bool damon_access_prepares(const struct damon_access *ac)
{
	return !ac->awake || ac->tick % ac->stride == ac->stride - 1;
}

/**
 * damon_access_sleep_ticks() - How long there are no samples to be taken.
 * @ac:		the state, after all that was due at this tick
 *
 * Return: ticks until there is something to check or to prepare, at least 1.
 */
u32 damon_access_sleep_ticks(const struct damon_access *ac)
{
	u32 period;

	if (!ac->awake) {
		period = slow_period(ac);
		return period - slow_ticks(ac, period);
	}
	if (ac->open)
		return 1;
	return ac->stride - (ac->tick + 1) % ac->stride;
}
