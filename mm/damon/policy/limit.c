// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Number and size of regions
 *
 * Regions are at most as large as the total divided by four times the lower
 * limit of their number (and half the upper one at most), so that enough
 * samples are taken even if nothing is known.  With 10 to 1000 regions that is
 * 40.  What cuts add beyond this is merged when it is alike: when the rates
 * differ by no more than a tenth of the highest one.  If more than 7/8 of the
 * upper limit remain, that tolerance is doubled until they do not.
 *
 * The upper limit is the lowest of what the user says, what there is memory
 * for, and what a budget for the CPU time leaves, see budget.c.
 */

#include <linux/align.h>
#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "access.h"
#include "region.h"

/* Regions to have by size alone, in multiples of the lower limit. */
#define FLOOR_FACTOR		4

/* A cut for a single page takes at most this part of the regions to spare. */
#define ZOOM_SHARE		4

/* Neighbours are alike if they differ by this part of the highest rate. */
#define MERGE_TOLERANCE		10

/* Merging gets bolder when less than this part of the regions is left. */
#define MERGE_RESERVE		8

/**
 * damon_access_max_nr() - The upper limit that holds.
 * @ac:		the state
 * @rs:		the regions, which have room for so many
 *
 * Return: the number.
 */
unsigned int damon_access_max_nr(const struct damon_access *ac,
				 const struct damon_regions *rs)
{
	return min3(ac->max_nr_regions, ac->nr_budget ?: UINT_MAX, rs->cap);
}

/* So many regions there shall be, whatever they look like. */
static unsigned int access_floor(const struct damon_access *ac,
				 const struct damon_regions *rs)
{
	unsigned int half = damon_access_max_nr(ac, rs) / 2;

	return max(ac->min_nr_regions,
		   min_t(u64, (u64)FLOOR_FACTOR * ac->min_nr_regions, half));
}

/**
 * damon_access_zoom_nr() - Up to how many, regions are cut on weak evidence.
 * @ac:		the state
 * @rs:		the regions
 *
 * Return: the number.
 */
unsigned int damon_access_zoom_nr(const struct damon_access *ac,
				  const struct damon_regions *rs)
{
	unsigned int max_nr = damon_access_max_nr(ac, rs);
	unsigned int floor = access_floor(ac, rs);

	return max_nr > floor ? floor + (max_nr - floor) / ZOOM_SHARE : max_nr;
}

static unsigned long access_size_limit(const struct damon_access *ac,
				       unsigned long total, unsigned int nr)
{
	return max(ALIGN(total / nr + !!(total % nr), ac->min_sz), ac->min_sz);
}

static u32 regions_max_rate(const struct damon_regions *rs)
{
	u32 rate = 0;

	for (unsigned int i = 0; i < rs->nr; i++)
		rate = max(rate, rs->cur[i].rate);
	return rate;
}

/* Merge what is alike; and more than that if there are too many regions. */
static void regions_merge(const struct damon_access *ac,
			  struct damon_regions *rs)
{
	unsigned int max_nr = damon_access_max_nr(ac, rs);
	u32 max_rate = regions_max_rate(rs);
	unsigned int few = max_nr - max_nr / MERGE_RESERVE;
	u32 tolerance = max_rate / MERGE_TOLERANCE;

	damon_regions_merge(rs, tolerance, ac->limit, false);
	if (rs->nr <= few)
		return;
	for (unsigned int i = 0; i < rs->nr; i++)
		rs->cur[i].flags &= ~DAMON_REGION_TOUCHED;
	do {
		damon_regions_merge(rs, tolerance, ac->limit, false);
		if (tolerance >= max_rate)
			return;
		tolerance = clamp(2 * tolerance, 1U, max_rate);
	} while (rs->nr > few);
}

/* Come down to the upper limit, at the expense of accuracy. */
static void regions_squeeze(const struct damon_access *ac,
			    struct damon_regions *rs)
{
	unsigned int max_nr = damon_access_max_nr(ac, rs);
	unsigned long limit;

	if (rs->nr > max_nr)
		damon_regions_merge(rs, DAMON_RATE_ONE, ac->limit, true);
	if (rs->nr <= max_nr)
		return;
	limit = access_size_limit(ac, damon_regions_total(rs),
				  ac->min_nr_regions);
	damon_regions_merge(rs, DAMON_RATE_ONE, limit, true);
}

/**
 * damon_access_merge() - Merge what is alike, and what is too much.
 * @ac:		the state
 * @rs:		the regions
 */
void damon_access_merge(const struct damon_access *ac, struct damon_regions *rs)
{
	regions_merge(ac, rs);
	regions_squeeze(ac, rs);
}

/**
 * damon_access_fit() - Make sizes and number of regions what they shall be.
 * @ac:		the state
 * @rs:		the regions, after their ranges or the attributes changed
 *
 * The upper limit of the number is only exceeded where there are so many
 * separate ranges, or the lower limit of the number demands it.
 */
void damon_access_fit(struct damon_access *ac, struct damon_regions *rs)
{
	ac->limit = access_size_limit(ac, damon_regions_total(rs),
				      access_floor(ac, rs));
	regions_squeeze(ac, rs);
	damon_regions_limit_size(rs, ac->limit, damon_access_max_nr(ac, rs),
				 &ac->rnd);
	damon_access_set_pace(ac, rs);
}
