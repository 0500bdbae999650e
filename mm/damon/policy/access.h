/* SPDX-License-Identifier: GPL-2.0 */
/* From samples to estimates, ages and cuts; tuning of the intervals. */
#ifndef _MM_DAMON_POLICY_ACCESS_H
#define _MM_DAMON_POLICY_ACCESS_H

#include <linux/align.h>
#include <linux/damon.h>
#include <linux/math64.h>

#include "region.h"

/* Samples of a region are this far apart: 2^32 divided by the golden ratio. */
#define DAMON_PHASE_STEP	0x9E3779B9U

/* One of so many samples is for a slow region, a power of two. */
#define DAMON_SLOW_FACTOR	4U

struct damon_scout;

/**
 * struct damon_scouted - How far scouting has got.
 * @target:	index of the target
 * @addr:	regions of @target that start below, and those of all targets
 *		before it, have had their turn
 */
struct damon_scouted {
	unsigned int target;
	unsigned long addr;
};

/**
 * enum damon_pace - How often the regions of a context are checked.
 * @DAMON_PACE_FULL:	some at each sample, the slow ones in turns
 * @DAMON_PACE_SLOW:	all are slow
 * @DAMON_PACE_IDLE:	all are slow and cold, for long
 */
enum damon_pace {
	DAMON_PACE_FULL,
	DAMON_PACE_SLOW,
	DAMON_PACE_IDLE,
};

/**
 * struct damon_access - State of the access estimation of one context.
 * @max_nr_accesses:	samples per aggregation interval
 * @min_nr_regions:	lower limit of the number of regions
 * @max_nr_regions:	upper limit of the number of regions
 * @min_sz:		smallest size of a region, a power of two
 * @limit:		largest size of a region, multiple of @min_sz
 * @nr_budget:		upper limit that a budget of CPU time sets, 0 for none
 * @stride:		sampling intervals from one sample to the next, at least
 *			1, at most @max_nr_accesses
 * @tick:		sampling intervals since the last aggregation; the
 *			kdamond counts it up before each check
 * @nr_aggrs:		aggregations so far
 * @rnd:		state of the pseudo random numbers
 * @scouted:		how far scouting has got
 * @pace:		how often regions are checked
 * @awake:		some region is checked at each sample
 * @open:		samples were prepared; set by the kdamond
 * @full_rate:		no region is checked less often because it is stable
 */
struct damon_access {
	unsigned int max_nr_accesses;
	unsigned int min_nr_regions;
	unsigned int max_nr_regions;
	unsigned int nr_budget;
	unsigned long min_sz;
	unsigned long limit;
	u32 stride;
	u32 tick;
	u32 nr_aggrs;
	u32 rnd;
	struct damon_scouted scouted;
	enum damon_pace pace;
	bool awake;
	bool open;
	bool full_rate;
};

void damon_access_init(struct damon_access *ac, const struct damon_attrs *attrs,
		       unsigned long min_sz, u32 seed);
void damon_access_set_attrs(struct damon_access *ac,
			    const struct damon_attrs *attrs,
			    unsigned long min_sz);
void damon_access_rescale(struct damon_regions *rs,
			  const struct damon_attrs *old,
			  const struct damon_attrs *new, bool at_aggregation);

/**
 * damon_access_addr() - Where the sample of a region is.
 * @ac:		the state
 * @r:		the region
 *
 * Return: a core address within the region, a multiple of the smallest size
 * behind its start.
 */
static inline unsigned long damon_access_addr(const struct damon_access *ac,
					      const struct damon_region *r)
{
	u64 offset = mul_u64_u32_shr(damon_sz_region(r), r->phase, 32);

	return r->ar.start + ALIGN_DOWN((unsigned long)offset, ac->min_sz);
}

/**
 * damon_access_advance() - Move on to the next place to sample.
 * @r:		the region
 *
 * To be called before a sample is prepared.  The place stays the same if what
 * was prepared last was never recorded, or is to be checked again.
 */
static inline void damon_access_advance(struct damon_region *r)
{
	if (!(r->flags & DAMON_REGION_MOVE))
		return;
	r->flags &= ~DAMON_REGION_MOVE;
	r->phase += DAMON_PHASE_STEP;
}

/**
 * struct damon_turn - Which slow regions are checked at a tick.
 * @shift:	the regions' indices are shifted by this
 * @mask:	the bits of indices that count, 0 if all regions are alike
 */
struct damon_turn {
	u32 shift;
	u32 mask;
};

struct damon_turn damon_access_turn(const struct damon_access *ac);

/**
 * damon_turn_due() - Shall a region be checked at this tick?
 * @turn:	of the tick
 * @r:		the region
 * @i:		its index
 *
 * Return: true if so.
 */
static inline bool damon_turn_due(struct damon_turn turn,
				  const struct damon_region *r, unsigned int i)
{
	return !(r->flags & DAMON_REGION_SLOW) ||
		!(((i & turn.mask) + turn.shift) & (DAMON_SLOW_FACTOR - 1));
}

/* The same, for who does not ask about many regions at once. */
static inline bool damon_access_due(const struct damon_access *ac,
				    const struct damon_region *r,
				    unsigned int i)
{
	return damon_turn_due(damon_access_turn(ac), r, i);
}

/* What there is to do, and how long there is nothing; pace.c. */
bool damon_access_checks(const struct damon_access *ac);
bool damon_access_prepares(const struct damon_access *ac);
u32 damon_access_sleep_ticks(const struct damon_access *ac);
void damon_access_set_slow(const struct damon_access *ac,
			   struct damon_region *r);
void damon_access_set_pace(struct damon_access *ac,
			   const struct damon_regions *rs);

void damon_access_record(struct damon_access *ac, struct damon_region *r,
			 bool hit);

/* At aggregation: estimate, cut and merge; then report; then reset. */
void damon_access_aggregate(struct damon_access *ac, struct damon_regions *rs,
			    const struct damon_scout *scout);
void damon_access_reset(struct damon_access *ac, struct damon_regions *rs);

/* Number and size of regions; limit.c. */
void damon_access_fit(struct damon_access *ac, struct damon_regions *rs);
void damon_access_merge(const struct damon_access *ac,
			struct damon_regions *rs);
unsigned int damon_access_max_nr(const struct damon_access *ac,
				 const struct damon_regions *rs);
unsigned int damon_access_zoom_nr(const struct damon_access *ac,
				  const struct damon_regions *rs);

unsigned int damon_access_nr_accesses(const struct damon_access *ac, u32 rate);
unsigned int damon_region_cut(struct damon_access *ac,
			      const struct damon_region *r, u32 old_rate,
			      bool may_zoom, struct damon_region pieces[3]);
unsigned int damon_access_moving_bp(const struct damon_access *ac,
				    const struct damon_region *r);

bool damon_access_tune(const struct damon_regions *rs, unsigned int samples,
		       struct damon_attrs *attrs);
bool damon_regions_check(const struct damon_regions *rs,
			 const struct damon_access *ac);

#endif /* _MM_DAMON_POLICY_ACCESS_H */
