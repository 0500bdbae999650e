/* SPDX-License-Identifier: GPL-2.0 */
/* Region arrays: building, setting ranges, cutting and merging. */
#ifndef _MM_DAMON_POLICY_REGION_H
#define _MM_DAMON_POLICY_REGION_H

#include <linux/bits.h>
#include <linux/damon.h>

/* &damon_region.flags */
#define DAMON_REGION_PREPARED	0x01	/* a sample was prepared, not checked */
#define DAMON_REGION_FRESH	0x02	/* never estimated yet */
#define DAMON_REGION_SLOW	0x04	/* stable: one check in four */
#define DAMON_REGION_ZOOM	0x08	/* a single hot page was confirmed */
#define DAMON_REGION_MOVE	0x10	/* the next sample goes elsewhere */
#define DAMON_REGION_SUSPECT	0x20	/* the re-check decides what it was */
#define DAMON_REGION_TOUCHED	0x40	/* scouting found something in it */

/* Rates are probabilities in 1/DAMON_RATE_ONE. */
#define DAMON_RATE_SHIFT	16
#define DAMON_RATE_ONE		((u32)BIT(DAMON_RATE_SHIFT))

/* Rates that differ by no more than this are never taken for a change. */
#define DAMON_RATE_TOLERANCE	(DAMON_RATE_ONE / 10)

int damon_regions_init(struct damon_regions *rs, unsigned int nr_targets,
		       unsigned int cap);
int damon_regions_reserve(struct damon_regions *rs, unsigned int cap);
void damon_regions_free(struct damon_regions *rs);

void damon_region_init(struct damon_region *r, unsigned long start,
		       unsigned long end, u32 *rnd);
void damon_region_piece(struct damon_region *piece,
			const struct damon_region *r, unsigned long start,
			unsigned long end, u32 *rnd);
void damon_region_forget(struct damon_region *r, u32 *rnd);
unsigned long damon_regions_total(const struct damon_regions *rs);

int damon_target_set_ranges(struct damon_regions *rs, struct damon_target *t,
			    const struct damon_addr_range *ranges,
			    unsigned int nr, unsigned long min_sz, u32 *rnd);
int damon_target_adopt(struct damon_regions *dst, struct damon_target *to,
		       const struct damon_regions *src,
		       const struct damon_target *from);
int damon_regions_limit_size(struct damon_regions *rs, unsigned long limit,
			     unsigned int max_nr, u32 *rnd);
void damon_regions_align(struct damon_regions *rs, unsigned long min_sz,
			 u32 *rnd);
void damon_regions_merge(struct damon_regions *rs, u32 tolerance,
			 unsigned long limit, bool force);

/**
 * struct damon_three_ranges - Finds the two largest gaps between mappings.
 * @span:	from the first mapping's start to the last one's end
 * @gap:	the two largest gaps so far, the larger one first
 *
 * Zero-initialise it, feed it the mappings in address order, then ask.
 */
struct damon_three_ranges {
	struct damon_addr_range span;
	struct damon_addr_range gap[2];
};

void damon_three_ranges_add(struct damon_three_ranges *tr,
			    unsigned long start, unsigned long end);
int damon_three_ranges_get(const struct damon_three_ranges *tr,
			   unsigned long align,
			   struct damon_addr_range ranges[3]);

#endif /* _MM_DAMON_POLICY_REGION_H */
