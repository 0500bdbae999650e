/* SPDX-License-Identifier: GPL-2.0 */
/* From samples to estimates, ages and cuts; tuning of the intervals. */
#ifndef _MM_DAMON_POLICY_ACCESS_H
#define _MM_DAMON_POLICY_ACCESS_H

#include <linux/damon.h>

/* Samples of a region are this far apart: 2^32 divided by the golden ratio. */
#define DAMON_PHASE_STEP	0x9E3779B9U

/**
 * struct damon_access - State of the access estimation of one context.
 * @max_nr_accesses:	samples per aggregation interval
 * @min_nr_regions:	lower limit of the number of regions
 * @max_nr_regions:	upper limit of the number of regions
 * @min_sz:		smallest size of a region, a power of two
 * @limit:		largest size of a region, multiple of @min_sz
 * @tick:		sampling intervals since the last aggregation; the
 *			kdamond counts it up before each check
 * @nr_aggrs:		aggregations so far
 * @rnd:		state of the pseudo random numbers
 * @full_rate:		no region is checked less often because it is stable
 */
struct damon_access {
	unsigned int max_nr_accesses;
	unsigned int min_nr_regions;
	unsigned int max_nr_regions;
	unsigned long min_sz;
	unsigned long limit;
	u32 tick;
	u32 nr_aggrs;
	u32 rnd;
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

/* Each sampling interval, for the region with index @i. */
bool damon_access_due(const struct damon_access *ac,
		      const struct damon_region *r, unsigned int i);
unsigned long damon_access_addr(const struct damon_access *ac,
				const struct damon_region *r);
void damon_access_record(const struct damon_access *ac, struct damon_region *r,
			 bool hit);
void damon_access_advance(struct damon_region *r);

/* At aggregation: estimate, cut and merge; then report; then reset. */
void damon_access_aggregate(struct damon_access *ac, struct damon_regions *rs);
void damon_access_reset(struct damon_access *ac, struct damon_regions *rs);
void damon_access_fit(struct damon_access *ac, struct damon_regions *rs);

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
