// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "heat.h"

static u64 part_size(const struct space *space, unsigned int part)
{
	return space->part[part].end - space->part[part].start;
}

/* One unit each, and the next one always to whom it is due most. */
static void share_rows(struct heatmap *map, unsigned int nr_units,
		       unsigned int row_unit)
{
	unsigned int units[SPACE_MAX_PARTS], i, best, given;
	const struct space *space = map->space;

	for (i = 0; i < space->nr_parts; i++)
		units[i] = 1;
	for (given = space->nr_parts; given < nr_units; given++) {
		best = 0;
		for (i = 1; i < space->nr_parts; i++) {
			if ((double)part_size(space, i) / units[i] >
			    (double)part_size(space, best) / units[best])
				best = i;
		}
		units[best]++;
	}
	map->first_row[0] = 0;
	for (i = 0; i < space->nr_parts; i++)
		map->first_row[i + 1] = map->first_row[i] +
					units[i] * row_unit;
	map->nr_rows = map->first_row[space->nr_parts];
}

bool heat_init(struct heatmap *map, const struct space *space,
	       unsigned int nr_rows, unsigned int row_unit,
	       unsigned int nr_columns)
{
	size_t nr_cells;

	*map = (struct heatmap){ .space = space, .nr_columns = nr_columns };
	share_rows(map, nr_rows / row_unit, row_unit);
	nr_cells = (size_t)map->nr_rows * map->nr_columns;
	map->heat = calloc(nr_cells, sizeof(*map->heat));
	map->weight = calloc(nr_cells, sizeof(*map->weight));
	return map->heat && map->weight;
}

void heat_free(struct heatmap *map)
{
	free(map->heat);
	free(map->weight);
	map->heat = NULL;
	map->weight = NULL;
}

unsigned int heat_part(const struct heatmap *map, unsigned int row)
{
	unsigned int part = 0;

	while (map->first_row[part + 1] <= row)
		part++;
	return part;
}

u64 heat_address(const struct heatmap *map, unsigned int part,
		 unsigned int row)
{
	unsigned int first = map->first_row[part];
	unsigned int nr = map->first_row[part + 1] - first;
	u64 size = part_size(map->space, part);

	/* size / nr * (row - first), without overflow or lost bytes */
	return map->space->part[part].start + size / nr * (row - first) +
		size % nr * (row - first) / nr;
}

u64 heat_time_ns(const struct heatmap *map, unsigned int column)
{
	u64 span = map->space->to_ns - map->space->from_ns;

	return map->space->from_ns + span / map->nr_columns * column +
		span % map->nr_columns * column / map->nr_columns;
}

static u64 overlap(u64 start1, u64 end1, u64 start2, u64 end2)
{
	u64 start = max_u64(start1, start2), end = min_u64(end1, end2);

	return start < end ? end - start : 0;
}

static void add_region(struct heatmap *map, unsigned int part,
		       const struct snapshot *snap, const struct region *r,
		       unsigned int column, double ns)
{
	double rate = snapshot_rate(snap, r);
	unsigned int lo = map->first_row[part];
	unsigned int hi = map->first_row[part + 1], row;

	/* the row that holds r->start, or the first one */
	while (hi - lo > 1) {
		unsigned int mid = (lo + hi) / 2;

		if (heat_address(map, part, mid) <= r->start)
			lo = mid;
		else
			hi = mid;
	}
	for (row = lo; row < map->first_row[part + 1]; row++) {
		u64 start = heat_address(map, part, row);
		size_t cell = (size_t)row * map->nr_columns + column;
		double weight;

		if (start >= r->end)
			break;
		weight = ns * overlap(start, heat_address(map, part, row + 1),
				      r->start, r->end);
		map->weight[cell] += weight;
		map->heat[cell] += weight * rate;
	}
}

static void add_snapshot(struct heatmap *map, const struct snapshot *snap,
			 unsigned int column, u64 ns)
{
	const struct space *space = map->space;
	unsigned int part = 0;
	u32 i = 0;

	/* both are sorted: go through them side by side */
	while (i < snap->nr_regions && part < space->nr_parts) {
		const struct region *r = &snap->regions[i];

		if (r->start < space->part[part].end &&
		    r->end > space->part[part].start)
			add_region(map, part, snap, r, column, ns);
		if (r->end < space->part[part].end)
			i++;
		else
			part++;
	}
}

void heat_fill(struct heatmap *map, struct snapshot_source *src, u64 target)
{
	struct snapshot snap = {};
	unsigned int first = 0;

	src->rewind(src);
	while (src->next(src, &snap)) {
		unsigned int column;

		if (snap.target != target || !snap.nr_regions)
			continue;
		/* times never go back, but a target's may begin before */
		while (first && heat_time_ns(map, first) > snap.from_ns)
			first--;
		while (first < map->nr_columns &&
		       heat_time_ns(map, first + 1) <= snap.from_ns)
			first++;
		for (column = first; column < map->nr_columns; column++) {
			u64 from_ns = heat_time_ns(map, column);
			u64 ns;

			if (from_ns >= snap.to_ns)
				break;
			ns = overlap(from_ns, heat_time_ns(map, column + 1),
				     snap.from_ns, snap.to_ns);
			if (ns)
				add_snapshot(map, &snap, column, ns);
		}
	}
	snapshot_free(&snap);
}

double heat_rate(const struct heatmap *map, unsigned int row,
		 unsigned int column)
{
	size_t cell = (size_t)row * map->nr_columns + column;

	if (!map->weight[cell])
		return HEAT_NOT_MONITORED;
	return map->heat[cell] / map->weight[cell];
}

double heat_max(const struct heatmap *map)
{
	unsigned int row, column;
	double max = 0;

	for (row = 0; row < map->nr_rows; row++) {
		for (column = 0; column < map->nr_columns; column++) {
			double rate = heat_rate(map, row, column);

			if (rate > max)
				max = rate;
		}
	}
	return max;
}
