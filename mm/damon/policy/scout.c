// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Scouting
 *
 * Problem: 48 hot spots of 256 KiB in 16 TiB are one part in a million.  Some
 * hundred samples per aggregation interval do not hit that, ever.
 *
 * But the upper levels of page tables know.  On some architectures the CPU
 * sets the Accessed bit of each entry that it walks through, and the one of the
 * second lowest level says for 512 pages at once whether any of them was
 * touched, for the price of one look.  So a region that is believed to be
 * cold is scouted: what was touched in it since the last time is not counted as
 * access of anything, but the region is cut around it.  The pieces are small,
 * so samples soon find out how hot they are, and where.
 *
 * Which regions: those with nr_accesses of 0, each aggregation while they are
 * young (less than 4 aggregations old) or were just cut out, and one time in
 * eight later.  Only as long as there are regions to spare, as for zooming, see
 * access.c.  The first look at a region tells all that happened in its past, so
 * seldom leads to a cut; it makes the second one tell what was touched in
 * between.
 *
 * Where to cut: at both ends of each gap, a stretch that was not touched, that
 * is as long as one eighth of the region, and as what a scout can resolve.
 * Shorter gaps do not count, or touched blocks that are scattered all over a
 * region would fill the room for regions at once.  What is left of them shows
 * up as soon as the pieces are scouted.  Touched pieces are not merged for a
 * while, and not with untouched ones as long as regions are to be spared.
 *
 * For example: region [0, 64) MiB, touched were [10, 12) and [30, 32).  Gaps
 * count from 8 MiB on: [0, 10), [12, 30) and [32, 64) do, so there are five
 * pieces.  If [16, 18) was touched, too, [12, 16) is too short to be a gap and
 * belongs to the piece [10, 18).
 *
 * Effort: who looks may decline.  Then the next aggregation goes on where this
 * one ended, so that each region gets its turn.
 *
 * Limits: it is a hint.  CPUs cache upper levels, too, and do not set a bit
 * again before the cached entry is gone.  A spot that was missed is found some
 * aggregations later, as the region around it goes on being scouted.
 */

#include <linux/align.h>
#include <linux/damon.h>
#include <linux/minmax.h>

#include "access.h"
#include "region.h"
#include "scout.h"

/* Younger regions are looked at in each aggregation, older ones in some. */
#define AGE_YOUNG		4
#define TURN_MASK		7

/* Aggregations for which touched pieces are not merged. */
#define TOUCHED_HOLD		4

static void map_begin(struct damon_scout_map *map, const struct damon_region *r,
		      unsigned long min_sz)
{
	map->start = r->ar.start;
	map->end = r->ar.start;
	map->min_sz = min_sz;
	map->min_gap = max(DAMON_SCOUT_BLOCK,
			   damon_sz_region(r) / DAMON_SCOUT_GAP);
	map->nr = 0;
	map->gap_first = false;
}

/* There is nothing touched from @map->end up to @addr. */
static void map_gap(struct damon_scout_map *map, unsigned long addr)
{
	if (addr <= map->end || addr - map->end < map->min_gap)
		return;
	if (map->end == map->start)
		map->gap_first = true;
	else
		map->ends[map->nr++] = map->end;
	map->ends[map->nr++] = addr;
	map->end = addr;
}

/**
 * damon_scout_touched() - Tell that a part of a region was touched.
 * @map:	what was told so far
 * @start:	first address, not below that of the part before; all in between
 *		was not touched
 * @end:	first address behind it
 */
void damon_scout_touched(struct damon_scout_map *map, unsigned long start,
			 unsigned long end)
{
	if (start >= end)
		return;
	map_gap(map, ALIGN_DOWN(start, map->min_sz));
	map->end = max(map->end, ALIGN(end, map->min_sz));
}

static void map_finish(struct damon_scout_map *map, unsigned long end)
{
	map_gap(map, end);
	if (!map->nr || map->ends[map->nr - 1] < end)
		map->ends[map->nr++] = end;
}

static bool region_wants(const struct damon_access *ac,
			 const struct damon_region *r, unsigned int i)
{
	if (r->nr_accesses || r->flags & DAMON_REGION_FRESH)
		return false;
	return r->age < AGE_YOUNG || r->hold ||
		!((ac->nr_aggrs + i) & TURN_MASK);
}

static void region_mark(struct damon_region *r, bool touched)
{
	r->flags &= ~DAMON_REGION_TOUCHED;
	if (touched)
		r->flags |= DAMON_REGION_TOUCHED;
}

static void region_cut(struct damon_access *ac, const struct damon_region *r,
		       const struct damon_scout_map *map,
		       struct damon_region *pieces)
{
	unsigned long start = r->ar.start;
	bool touched = !map->gap_first;

	for (unsigned int i = 0; i < map->nr; i++) {
		damon_region_piece(&pieces[i], r, start, map->ends[i],
				   &ac->rnd);
		region_mark(&pieces[i], touched);
		pieces[i].hold = touched ? TOUCHED_HOLD : 0;
		start = map->ends[i];
		touched = !touched;
	}
}

/* One turn through all regions. */
struct scout_pass {
	struct damon_access *ac;
	const struct damon_scout *scout;
	unsigned int nr;
	unsigned int limit;
	bool declined;
};

/* Look at one region, unless an earlier turn got behind it. */
static bool scout_look(struct scout_pass *p, const struct damon_regions *rs,
		       const struct damon_target *t,
		       const struct damon_region *r,
		       struct damon_scout_map *map)
{
	struct damon_access *ac = p->ac;
	unsigned int target = t - rs->targets;

	if (p->declined || !region_wants(ac, r, r - rs->cur))
		return false;
	if (target < ac->scouted.target ||
	    (target == ac->scouted.target && r->ar.start < ac->scouted.addr))
		return false;
	map_begin(map, r, ac->min_sz);
	p->declined = !p->scout->look(p->scout->data, t, &r->ar, map);
	if (p->declined) {
		ac->scouted.target = target;
		ac->scouted.addr = r->ar.start;
		return false;
	}
	map_finish(map, r->ar.end);
	return true;
}

/* Write what becomes of a region; return the number of pieces. */
static unsigned int scout_region(struct scout_pass *p,
				 const struct damon_regions *rs,
				 const struct damon_target *t,
				 const struct damon_region *r,
				 struct damon_region *out)
{
	struct damon_scout_map map;

	if (!scout_look(p, rs, t, r, &map)) {
		*out = *r;
		if (r->nr_accesses)
			region_mark(out, true);
		return 1;
	}
	if (map.nr == 1 || map.nr - 1 > p->limit - p->nr) {
		*out = *r;
		region_mark(out, map.nr > 1 || !map.gap_first);
		return 1;
	}
	region_cut(p->ac, r, &map, out);
	p->nr += map.nr - 1;
	return map.nr;
}

/**
 * damon_access_scout() - Cut cold regions around what was touched in them.
 * @ac:		the state
 * @rs:		the regions, estimated
 * @scout:	who can tell what was touched
 * @limit:	number of regions that cuts must not exceed, up to the room
 *		that there is
 */
void damon_access_scout(struct damon_access *ac, struct damon_regions *rs,
			const struct damon_scout *scout, unsigned int limit)
{
	struct scout_pass p = {
		.ac = ac,
		.scout = scout,
		.nr = rs->nr,
		.limit = limit,
	};
	struct damon_region *out = rs->spare;
	struct damon_target *t;

	if (rs->nr >= limit)
		return;
	damon_for_each_target(t, rs) {
		struct damon_region *first = out, *r;

		damon_for_each_region(r, t, rs)
			out += scout_region(&p, rs, t, r, out);
		t->first = first - rs->spare;
		t->nr_regions = out - first;
	}
	rs->nr = out - rs->spare;
	swap(rs->cur, rs->spare);
	if (!p.declined)
		ac->scouted = (struct damon_scouted){};
}
