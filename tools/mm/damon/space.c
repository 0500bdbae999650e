// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "space.h"

/* Sets grow no further; the smallest holes are given up instead. */
#define SET_MAX		2048
/* A hole less than this share of all that is shown is not worth a cut. */
#define MIN_HOLE_SHARE	32
/* Idle parts that are so many times larger than all that is used are cut... */
#define IDLE_FACTOR	2
/* ... but for margins of this share of what is used. */
#define MARGIN_SHARE	8

struct range {
	u64 start;
	u64 end;
};

/* Sorted ranges that do not touch each other. */
struct range_set {
	size_t nr;
	size_t capacity;
	struct range *range;
};

static bool set_append(struct range_set *set, u64 start, u64 end)
{
	if (set->nr && set->range[set->nr - 1].end >= start) {
		set->range[set->nr - 1].end =
			max_u64(set->range[set->nr - 1].end, end);
		return true;
	}
	if (set->nr == set->capacity) {
		size_t capacity = set->capacity ? 2 * set->capacity : 64;
		struct range *range = realloc(set->range,
					      capacity * sizeof(*range));

		if (!range)
			return false;
		set->range = range;
		set->capacity = capacity;
	}
	set->range[set->nr++] = (struct range){ start, end };
	return true;
}

static u64 set_size(const struct range_set *set)
{
	u64 size = 0;
	size_t i;

	for (i = 0; i < set->nr; i++)
		size += set->range[i].end - set->range[i].start;
	return size;
}

/* Fills holes smaller than min_hole. */
static void set_fill(struct range_set *set, u64 min_hole)
{
	size_t i, kept = 0;

	for (i = 1; i < set->nr; i++) {
		if (set->range[i].start - set->range[kept].end < min_hole)
			set->range[kept].end = set->range[i].end;
		else
			set->range[++kept] = set->range[i];
	}
	if (set->nr)
		set->nr = kept + 1;
}

/* Fills the smallest holes until at most max ranges are left. */
static void set_shrink(struct range_set *set, size_t max)
{
	u64 lo = 0, hi = U64_MAX;

	if (set->nr <= max)
		return;
	/* the smallest min_hole that leaves no more than max ranges */
	while (lo < hi) {
		u64 mid = lo + (hi - lo) / 2;
		size_t i, nr = 1;

		for (i = 1; i < set->nr; i++)
			nr += set->range[i].start -
				set->range[i - 1].end >= mid;
		if (nr > max)
			lo = mid + 1;
		else
			hi = mid;
	}
	set_fill(set, lo);
}

/*
 * Adds the regions of a snapshot, all or only the accessed ones.  spare is
 * memory for the result, and afterwards for the next call.
 */
static bool set_add(struct range_set *set, struct range_set *spare,
		    const struct snapshot *snap, bool accessed)
{
	struct range_set result = *spare;
	size_t i = 0;
	u32 r = 0;

	result.nr = 0;
	while (i < set->nr || r < snap->nr_regions) {
		const struct region *region = &snap->regions[r];

		if (r < snap->nr_regions && accessed && !region->nr_accesses) {
			r++;
			continue;
		}
		if (r == snap->nr_regions ||
		    (i < set->nr && set->range[i].start <= region->start)) {
			if (!set_append(&result, set->range[i].start,
					set->range[i].end))
				goto no_memory;
			i++;
		} else {
			if (!set_append(&result, region->start, region->end))
				goto no_memory;
			r++;
		}
	}
	*spare = *set;
	*set = result;
	set_shrink(set, SET_MAX);
	return true;

no_memory:
	*spare = result;
	return false;
}

/* What is in monitored, without the large parts outside of accessed. */
static bool cut_idle(struct range_set *result,
		     const struct range_set *monitored,
		     const struct range_set *accessed)
{
	u64 used = set_size(accessed);
	u64 max_idle = used > U64_MAX / IDLE_FACTOR ? U64_MAX :
		       used * IDLE_FACTOR;
	u64 margin = used / MARGIN_SHARE;
	size_t i, a = 0;

	for (i = 0; i < monitored->nr; i++) {
		u64 start = monitored->range[i].start;
		u64 end = monitored->range[i].end;
		/* where the idle part began that we are in */
		u64 idle = start;
		bool first = true;

		for (; a < accessed->nr && accessed->range[a].start < end; a++) {
			u64 hot = accessed->range[a].start;

			if (hot > idle && hot - idle > max_idle) {
				if (!first && !set_append(result, start,
							  idle + margin))
					return false;
				start = hot - margin;
			}
			first = false;
			idle = accessed->range[a].end;
		}
		if (!first && end > idle && end - idle > max_idle)
			end = idle + margin;
		else if (first && end - start > max_idle)
			continue;
		if (!set_append(result, start, end))
			return false;
	}
	return true;
}

struct scan {
	struct range_set monitored, accessed, spare;
};

static bool scan_source(struct scan *scan, struct space *space,
			struct selection *sel, struct snapshot *snap)
{
	sel->source.rewind(&sel->source);
	while (sel->source.next(&sel->source, snap)) {
		if (!space->nr_snapshots++)
			space->from_ns = max_u64(snap->from_ns, sel->from_ns);
		space->to_ns = min_u64(snap->to_ns, sel->until_ns);
		if (!set_add(&scan->monitored, &scan->spare, snap, false) ||
		    !set_add(&scan->accessed, &scan->spare, snap, true))
			return false;
	}
	return true;
}

static bool choose_parts(struct space *space, struct scan *scan,
			 const struct space_options *options)
{
	struct range_set *shown = &scan->monitored;
	size_t i;

	if (!options->everything && scan->accessed.nr) {
		scan->spare.nr = 0;
		if (!cut_idle(&scan->spare, &scan->monitored, &scan->accessed))
			return false;
		shown = &scan->spare;
	}
	set_fill(shown, set_size(shown) / MIN_HOLE_SHARE);
	set_shrink(shown, SPACE_MAX_PARTS);
	space->nr_parts = shown->nr;
	for (i = 0; i < shown->nr; i++) {
		space->part[i].start = shown->range[i].start;
		space->part[i].end = shown->range[i].end;
	}
	return true;
}

bool space_find(struct space *space, struct snapshot_source *src,
		const struct space_options *options)
{
	struct snapshot snap = {};
	struct selection sel;
	struct scan scan = {};
	bool good;

	*space = (struct space){};
	selection_init(&sel, src, options);
	good = scan_source(&scan, space, &sel, &snap) &&
		choose_parts(space, &scan, options);
	snapshot_free(&snap);
	free(scan.monitored.range);
	free(scan.accessed.range);
	free(scan.spare.range);
	errno = good ? 0 : ENOMEM;
	return good && space->nr_parts && space->from_ns < space->to_ns;
}

u64 space_size(const struct space *space)
{
	unsigned int i;
	u64 size = 0;

	for (i = 0; i < space->nr_parts; i++)
		size += space->part[i].end - space->part[i].start;
	return size;
}
