// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Region arrays
 *
 * What a target is known by is a sorted list of ranges, each with what was
 * found out about it.  It is walked at every sampling interval, and it changes
 * at every aggregation interval: ranges are cut, merged, stretched, dropped.
 *
 * All regions of all targets of a context are in one array, @cur, in target
 * and then address order; a target is a slice of it.  A change walks the array
 * once from left to right.  What can only shrink it (merging) is done in
 * place.  What may grow it writes the next generation into @spare, which is
 * as large, and swaps the two.  So nothing here allocates but init and
 * reserve, which run where failing is harmless; a change that needs more room
 * than there is says -ENOSPC and has changed nothing, or stops growing.
 *
 * For example: ranges [0, 96) of a target, at least 10 regions, multiples of
 * 8 units.  96 / 10 = 9 units, rounded up to 16, is the size limit, and the
 * range is cut into 6 regions.  The smallest size wins over the number.
 *
 * A region's samples are at places that are fractions of its size, see
 * access.c.  When its range changes, the memory of its samples is lost, for
 * they were elsewhere; its rate and age stay.
 *
 * Limits: the number of regions fits an unsigned int.  Ranges of different
 * targets may overlap, so sums of sizes saturate.  Weighted means are exact
 * while the sum of the two sizes, in multiples of their common power of two,
 * fits 32 bits (16 TiB of 4 KiB pages), and a few parts in 2^32 off above.
 */

#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "region.h"
#include "spec.h"

/**
 * damon_regions_init() - Make room for targets and regions.
 * @rs:		overwritten; owned by the caller, see damon_regions_free()
 * @nr_targets:	targets, all without regions
 * @cap:	regions to have room for, of all targets together
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM, when @rs is empty and may be freed.
 */
int damon_regions_init(struct damon_regions *rs, unsigned int nr_targets,
		       unsigned int cap)
{
	*rs = (struct damon_regions){};
	if (nr_targets) {
		rs->targets = kvcalloc(nr_targets, sizeof(*rs->targets),
				       GFP_KERNEL);
		if (!rs->targets)
			return -ENOMEM;
		rs->nr_targets = nr_targets;
	}
	if (damon_regions_reserve(rs, cap)) {
		damon_regions_free(rs);
		return -ENOMEM;
	}
	return 0;
}

/**
 * damon_regions_free() - Free what damon_regions_init() made.
 * @rs:		the regions; empty afterwards, and may be freed again
 */
void damon_regions_free(struct damon_regions *rs)
{
	kvfree(rs->cur);
	kvfree(rs->spare);
	kvfree(rs->targets);
	*rs = (struct damon_regions){};
}

/**
 * damon_regions_reserve() - Make room for more regions.
 * @rs:		the regions
 * @cap:	regions to have room for; nothing happens if there is
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM, when nothing has changed.
 */
int damon_regions_reserve(struct damon_regions *rs, unsigned int cap)
{
	struct damon_region *cur, *spare;

	if (cap <= rs->cap)
		return 0;
	/* Not zeroed: nobody looks behind @nr, and it may be much. */
	cur = kvmalloc_array(cap, sizeof(*cur), GFP_KERNEL);
	spare = kvmalloc_array(cap, sizeof(*spare), GFP_KERNEL);
	if (!cur || !spare) {
		kvfree(cur);
		kvfree(spare);
		return -ENOMEM;
	}
	if (rs->nr)
		memcpy(cur, rs->cur, rs->nr * sizeof(*cur));
	kvfree(rs->cur);
	kvfree(rs->spare);
	rs->cur = cur;
	rs->spare = spare;
	rs->cap = cap;
	return 0;
}

/**
 * damon_region_init() - Set up a region that nothing is known about.
 * @r:		overwritten
 * @start:	first address
 * @end:	first address behind it, > @start
 * @rnd:	state of the pseudo random numbers
 */
void damon_region_init(struct damon_region *r, unsigned long start,
		       unsigned long end, u32 *rnd)
{
	*r = (struct damon_region){
		.ar = { .start = start, .end = end },
		.flags = DAMON_REGION_FRESH,
	};
	damon_region_forget(r, rnd);
}

/**
 * damon_region_forget() - Start sampling anew, after the range has changed.
 * @r:		the region; what is known about its accesses stays
 * @rnd:	state of the pseudo random numbers
 */
void damon_region_forget(struct damon_region *r, u32 *rnd)
{
	*rnd = next_pseudo_random32(*rnd);
	r->phase = *rnd;
	r->nr_hist = 0;
	r->probe = 0;
	r->flags &= DAMON_REGION_FRESH | DAMON_REGION_SLOW |
		DAMON_REGION_TOUCHED;
}

/**
 * damon_region_piece() - Take a piece of a region.
 * @piece:	overwritten
 * @r:		the region, not @piece
 * @start:	first address of the piece
 * @end:	first address behind it
 * @rnd:	state of the pseudo random numbers
 *
 * The piece has the rate and the age of the region, and no samples.
 */
void damon_region_piece(struct damon_region *piece,
			const struct damon_region *r, unsigned long start,
			unsigned long end, u32 *rnd)
{
	*piece = *r;
	piece->ar.start = start;
	piece->ar.end = end;
	piece->hits = 0;
	piece->checks = 0;
	damon_region_forget(piece, rnd);
}

/**
 * damon_regions_total() - Size of all regions.
 * @rs:		the regions
 *
 * Return: the sum in core address units, ULONG_MAX if it is larger.
 */
unsigned long damon_regions_total(const struct damon_regions *rs)
{
	unsigned long total = 0;

	for (unsigned int i = 0; i < rs->nr; i++)
		total = size_add(total, damon_sz_region(&rs->cur[i]));
	return total;
}

/* Give @t room for @nr regions, the contents of which are not defined. */
static int target_resize(struct damon_regions *rs, struct damon_target *t,
			 unsigned int nr)
{
	struct damon_target *end = rs->targets + rs->nr_targets;
	unsigned int others = rs->nr - t->nr_regions;
	unsigned int behind = t->first + t->nr_regions;
	struct damon_region *cur = rs->cur;

	if (nr > rs->cap - others)
		return -ENOSPC;
	if (nr != t->nr_regions && behind < rs->nr)
		memmove(cur + t->first + nr, cur + behind,
			(rs->nr - behind) * sizeof(*cur));
	for (struct damon_target *next = t + 1; next < end; next++)
		next->first = next->first - t->nr_regions + nr;
	t->nr_regions = nr;
	rs->nr = others + nr;
	return 0;
}

/**
 * damon_target_adopt() - Replace the regions of a target by those of another.
 * @dst:	regions that @to belongs to
 * @to:		the target to get the regions
 * @src:	regions that @from belongs to, not @dst
 * @from:	the target to copy the regions from
 *
 * Return: 0, or -ENOSPC if @dst has too little room; nothing has changed then.
 */
int damon_target_adopt(struct damon_regions *dst, struct damon_target *to,
		       const struct damon_regions *src,
		       const struct damon_target *from)
{
	int err = target_resize(dst, to, from->nr_regions);

	if (!err && from->nr_regions)
		memcpy(dst->cur + to->first, src->cur + from->first,
		       from->nr_regions * sizeof(*dst->cur));
	return err;
}

/* Regions of one target, being written to the spare array. */
struct regions_draft {
	struct damon_regions *rs;
	u32 *rnd;
	unsigned int nr;
};

/* Add the region @known, but with this range; a new one if it is NULL. */
static int draft_add(struct regions_draft *d, unsigned long start,
		     unsigned long end, const struct damon_region *known)
{
	struct damon_region *r = d->rs->spare + d->nr;

	if (d->nr == d->rs->cap)
		return -ENOSPC;
	d->nr++;
	if (!known) {
		damon_region_init(r, start, end, d->rnd);
		return 0;
	}
	*r = *known;
	if (start != known->ar.start || end != known->ar.end) {
		r->ar.start = start;
		r->ar.end = end;
		damon_region_forget(r, d->rnd);
	}
	return 0;
}

/* Draft one range; @known and later are the regions that are still there. */
static int draft_range(struct regions_draft *d,
		       const struct damon_addr_range *range,
		       unsigned long min_sz,
		       const struct damon_region **known,
		       const struct damon_region *known_end)
{
	unsigned long start = ALIGN_DOWN(range->start, min_sz);
	unsigned long end = ALIGN(range->end, min_sz);
	const struct damon_region *r = *known;
	unsigned long pos = start;

	while (r < known_end && r->ar.end <= range->start)
		r++;
	for (; r < known_end && r->ar.start < range->end; r++) {
		bool last = r + 1 == known_end || r[1].ar.start >= range->end;
		unsigned long from = ALIGN_DOWN(r->ar.start, min_sz);
		unsigned long to = last ? end : ALIGN_DOWN(r->ar.end, min_sz);

		/* The outermost reach to the ends, holes are filled. */
		if (pos == start)
			from = start;
		if (from >= to)
			continue;
		if (pos < from && draft_add(d, pos, from, NULL))
			return -ENOSPC;
		if (draft_add(d, from, to, r))
			return -ENOSPC;
		pos = to;
	}
	*known = r;
	return pos < end ? draft_add(d, pos, end, NULL) : 0;
}

/**
 * damon_target_set_ranges() - Make the regions of a target cover ranges.
 * @rs:		regions that @t belongs to
 * @t:		the target
 * @ranges:	the ranges, in address order
 * @nr:		number of @ranges; if 0, the target has no regions afterwards
 * @min_sz:	smallest size of a region, a power of two
 * @rnd:	state of the pseudo random numbers
 *
 * The ranges are rounded outwards to @min_sz.  Regions that touch none of them
 * are dropped, and what no region covers becomes a new one, except that the
 * first and the last region of a range are stretched or cut to its ends.
 * Surviving regions keep what is known about them.
 *
 * The result has at most twice the regions of before plus @nr.
 *
 * Return: 0; -EINVAL if damon_ranges_validate() says so; -ENOSPC if there is
 * too little room.  On failure nothing has changed.
 */
int damon_target_set_ranges(struct damon_regions *rs, struct damon_target *t,
			    const struct damon_addr_range *ranges,
			    unsigned int nr, unsigned long min_sz, u32 *rnd)
{
	const struct damon_region *known = rs->cur + t->first;
	const struct damon_region *known_end = known + t->nr_regions;
	struct regions_draft draft = { .rs = rs, .rnd = rnd };
	int err = damon_ranges_validate(ranges, nr, min_sz);

	for (unsigned int i = 0; !err && i < nr; i++)
		err = draft_range(&draft, &ranges[i], min_sz, &known,
				  known_end);
	if (!err)
		err = target_resize(rs, t, draft.nr);
	if (!err && draft.nr)
		memcpy(rs->cur + t->first, rs->spare,
		       draft.nr * sizeof(*rs->cur));
	return err;
}

static bool regions_any_larger(const struct damon_regions *rs,
			       unsigned long limit)
{
	for (unsigned int i = 0; i < rs->nr; i++)
		if (damon_sz_region(&rs->cur[i]) > limit)
			return true;
	return false;
}

/**
 * damon_regions_limit_size() - Cut regions that are too large.
 * @rs:		the regions
 * @limit:	largest size, a multiple of the smallest one
 * @max_nr:	the number of regions is not grown beyond this
 * @rnd:	state of the pseudo random numbers
 *
 * A large region is cut, from its start, into pieces of exactly @limit; the
 * last piece has the rest.
 *
 * Return: 0, or -ENOSPC if regions are left that are larger, because there was
 * no room or @max_nr was reached.
 */
int damon_regions_limit_size(struct damon_regions *rs, unsigned long limit,
			     unsigned int max_nr, u32 *rnd)
{
	struct damon_region *out = rs->spare;
	struct damon_target *t;
	unsigned int room;
	int err = 0;

	if (!regions_any_larger(rs, limit))
		return 0;
	max_nr = min(max_nr, rs->cap);
	room = max_nr > rs->nr ? max_nr - rs->nr : 0;

	damon_for_each_target(t, rs) {
		struct damon_region *first = out, *r;

		damon_for_each_region(r, t, rs) {
			while (damon_sz_region(r) > limit && room) {
				*out = *r;
				out->ar.end = out->ar.start + limit;
				damon_region_forget(out, rnd);
				r->ar.start = out->ar.end;
				damon_region_forget(r, rnd);
				out++;
				room--;
			}
			if (damon_sz_region(r) > limit)
				err = -ENOSPC;
			*out++ = *r;
		}
		t->first = first - rs->spare;
		t->nr_regions = out - first;
	}
	rs->nr = out - rs->spare;
	swap(rs->cur, rs->spare);
	return err;
}

/**
 * damon_regions_align() - Make all boundaries multiples of a smallest size.
 * @rs:		the regions
 * @min_sz:	the smallest size, a power of two
 * @rnd:	state of the pseudo random numbers
 *
 * Regions without a neighbour are rounded outwards, boundaries between two
 * down; a region that nothing is left of is dropped.
 */
void damon_regions_align(struct damon_regions *rs, unsigned long min_sz,
			 u32 *rnd)
{
	struct damon_region *out = rs->cur;
	struct damon_target *t;

	damon_for_each_target(t, rs) {
		struct damon_region *first = out, *r;
		unsigned long floor = 0;

		damon_for_each_region(r, t, rs) {
			unsigned long start = ALIGN_DOWN(r->ar.start, min_sz);
			unsigned long end = ALIGN_DOWN(r->ar.end, min_sz);
			bool moved;

			if (end < r->ar.end && ULONG_MAX - end >= min_sz &&
			    (r + 1 == rs->cur + t->first + t->nr_regions ||
			     r[1].ar.start != r->ar.end))
				end += min_sz;
			start = max(start, floor);
			if (start >= end)
				continue;
			floor = end;
			moved = start != r->ar.start || end != r->ar.end;
			*out = *r;
			out->ar.start = start;
			out->ar.end = end;
			if (moved)
				damon_region_forget(out, rnd);
			out++;
		}
		t->first = first - rs->cur;
		t->nr_regions = out - first;
	}
	rs->nr = out - rs->cur;
}

/* The parts of two sizes in their sum, with 32 bits so that products fit. */
struct region_weights {
	u32 left;
	u32 sum;
};

static u32 weighted_mean(u32 left, u32 right, struct region_weights w)
{
	return div_u64((u64)left * w.left + (u64)right * (w.sum - w.left),
		       w.sum);
}

static void region_absorb(struct damon_region *l, const struct damon_region *r)
{
	u64 sum = r->ar.end - l->ar.start;
	unsigned int shift = max(fls64(sum), 32) - 32;
	struct region_weights w = {
		.left = (u64)damon_sz_region(l) >> shift,
		.sum = sum >> shift,
	};

	l->rate = weighted_mean(l->rate, r->rate, w);
	l->nr_accesses = weighted_mean(l->nr_accesses, r->nr_accesses, w);
	l->age = weighted_mean(l->age, r->age, w);
	for (int i = 0; i < DAMON_MAX_PROBES; i++)
		l->probe_hits[i] = weighted_mean(l->probe_hits[i],
						 r->probe_hits[i], w);
	l->weight = min(l->weight, r->weight);
	l->ar.end = r->ar.end;

	/* No damon_region_forget(): the old phase is as random as any other. */
	l->nr_hist = 0;
	l->hits = 0;
	l->checks = 0;
	l->probe = 0;
	l->hold = 0;
	l->flags &= DAMON_REGION_FRESH | DAMON_REGION_TOUCHED;
}

static bool regions_alike(const struct damon_region *l,
			  const struct damon_region *r, u32 tolerance)
{
	if (l->hold || r->hold)
		return false;
	if ((l->flags ^ r->flags) &
	    (DAMON_REGION_FRESH | DAMON_REGION_TOUCHED))
		return false;
	return abs_diff(l->rate, r->rate) <= tolerance;
}

/**
 * damon_regions_merge() - Merge neighbours.
 * @rs:		the regions
 * @tolerance:	largest difference of the rates
 * @limit:	largest size of a result
 * @force:	merge whatever the rates are, and regions on hold, too
 *
 * From left to right; a merged region is compared with the next one again.
 * Rate, accesses and age of the result are the means, weighted by size.
 */
void damon_regions_merge(struct damon_regions *rs, u32 tolerance,
			 unsigned long limit, bool force)
{
	struct damon_region *out = rs->cur;
	struct damon_target *t;

	damon_for_each_target(t, rs) {
		struct damon_region *first = out, *r;

		damon_for_each_region(r, t, rs) {
			struct damon_region *l = out - 1;

			if (out > first && l->ar.end == r->ar.start &&
			    r->ar.end - l->ar.start <= limit &&
			    (force || regions_alike(l, r, tolerance)))
				region_absorb(l, r);
			else if (out++ != r)
				out[-1] = *r;
		}
		t->first = first - rs->cur;
		t->nr_regions = out - first;
	}
	rs->nr = out - rs->cur;
}

/**
 * damon_three_ranges_add() - Take note of the next mapping.
 * @tr:		what was found so far
 * @start:	first address of the mapping, at or behind the end of the last
 * @end:	first address behind it
 */
void damon_three_ranges_add(struct damon_three_ranges *tr,
			    unsigned long start, unsigned long end)
{
	struct damon_addr_range gap = { .start = tr->span.end, .end = start };
	unsigned long sz = gap.end - gap.start;

	if (!tr->span.end) {
		tr->span.start = start;
		sz = 0;
	}
	tr->span.end = end;

	/* Of two equal gaps the earlier one keeps its rank. */
	if (sz > tr->gap[0].end - tr->gap[0].start) {
		tr->gap[1] = tr->gap[0];
		tr->gap[0] = gap;
	} else if (sz > tr->gap[1].end - tr->gap[1].start) {
		tr->gap[1] = gap;
	}
}

/**
 * damon_three_ranges_get() - The three ranges around the two largest gaps.
 * @tr:		what was found
 * @align:	a power of two; all boundaries are rounded up to it
 * @ranges:	filled, in address order
 *
 * Return: 0, or -EINVAL if there are less than two gaps.
 */
int damon_three_ranges_get(const struct damon_three_ranges *tr,
			   unsigned long align,
			   struct damon_addr_range ranges[3])
{
	bool in_order = tr->gap[0].start < tr->gap[1].start;
	const struct damon_addr_range *low = &tr->gap[!in_order];
	const struct damon_addr_range *high = &tr->gap[in_order];

	if (tr->gap[1].start == tr->gap[1].end)
		return -EINVAL;
	ranges[0].start = ALIGN(tr->span.start, align);
	ranges[0].end = ALIGN(low->start, align);
	ranges[1].start = ALIGN(low->end, align);
	ranges[1].end = ALIGN(high->start, align);
	ranges[2].start = ALIGN(high->end, align);
	ranges[2].end = ALIGN(tr->span.end, align);
	return 0;
}
