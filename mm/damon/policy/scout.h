/* SPDX-License-Identifier: GPL-2.0 */
/* Scouting: cold regions are cut around what was touched in them. */
#ifndef _MM_DAMON_POLICY_SCOUT_H
#define _MM_DAMON_POLICY_SCOUT_H

#include <linux/damon.h>
#include <linux/sizes.h>

struct damon_access;

/* What a scout cannot tell apart: the reach of a page table, on most machines. */
#define DAMON_SCOUT_BLOCK	((unsigned long)SZ_2M)

/* A gap counts from this part of its region on, so there are not many. */
#define DAMON_SCOUT_GAP		8

/*
 * The gaps, and what is before, between and behind them.  There is one gap less
 * than would fit if nothing was touched.
 */
#define DAMON_SCOUT_PIECES	(2 * DAMON_SCOUT_GAP - 1)

/**
 * struct damon_scout_map - What was found in one region.
 * @start:	first address of the region
 * @end:	all up to here is known
 * @min_sz:	smallest size of a region
 * @min_gap:	smallest gap that counts
 * @nr:		number of @ends
 * @gap_first:	the first piece is a gap; gaps and touched pieces alternate
 * @ends:	first address behind each piece
 */
struct damon_scout_map {
	unsigned long start;
	unsigned long end;
	unsigned long min_sz;
	unsigned long min_gap;
	unsigned int nr;
	bool gap_first;
	unsigned long ends[DAMON_SCOUT_PIECES];
};

void damon_scout_touched(struct damon_scout_map *map, unsigned long start,
			 unsigned long end);

/**
 * struct damon_scout - Who can tell what was touched.
 * @look:	calls damon_scout_touched() for each part of the range that was
 *		touched since the last look at it, in address order; parts it
 *		cannot tell about count as touched.  False if it will not go
 *		on: what it told is ignored, and no other region is looked at
 * @data:	for @look
 */
struct damon_scout {
	bool (*look)(void *data, const struct damon_target *t,
		     const struct damon_addr_range *ar,
		     struct damon_scout_map *map);
	void *data;
};

void damon_access_scout(struct damon_access *ac, struct damon_regions *rs,
			const struct damon_scout *scout, unsigned int limit);

#endif /* _MM_DAMON_POLICY_SCOUT_H */
