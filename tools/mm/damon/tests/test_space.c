// SPDX-License-Identifier: GPL-2.0
/* What a picture shows, and how warm each cell of it is. */
#include <math.h>
#include <string.h>

#include "draw.h"
#include "tap.h"

#define MS	NSEC_PER_MSEC
#define MAX_SNAPS	4

/* A source of snapshots that are written out below. */
struct fixture {
	struct snapshot_source source;
	unsigned int nr, at;
	struct snapshot snap[MAX_SNAPS];
};

static bool fixture_next(struct snapshot_source *src, struct snapshot *snap)
{
	struct fixture *f = (struct fixture *)src;
	const struct snapshot *from = &f->snap[f->at];
	struct snapshot mine = *snap;

	if (f->at == f->nr || !snapshot_reserve(&mine, from->nr_regions))
		return false;
	f->at++;
	*snap = *from;
	snap->regions = mine.regions;
	snap->capacity = mine.capacity;
	memcpy(snap->regions, from->regions,
	       from->nr_regions * sizeof(*from->regions));
	return true;
}

static void fixture_rewind(struct snapshot_source *src)
{
	((struct fixture *)src)->at = 0;
}

static struct fixture fixture(void)
{
	return (struct fixture){ .source = { fixture_next, fixture_rewind } };
}

#define ADD(f, from_ms, to_ms, ...)					\
	do {								\
		static struct region regions[] = { __VA_ARGS__ };	\
		struct fixture *_f = (f);				\
									\
		_f->snap[_f->nr++] = (struct snapshot){			\
			.from_ns = (from_ms) * MS,			\
			.to_ns = (to_ms) * MS,				\
			.max_accesses = 20,				\
			.nr_regions = ARRAY_SIZE(regions),		\
			.regions = regions,				\
		};							\
	} while (0)

static bool near(double a, double b)
{
	return fabs(a - b) < .000001;
}

static void test_weights(void)
{
	const struct space_options options = {};
	struct fixture f = fixture();
	struct space space;
	struct heatmap map;

	/* a quarter of the second cell is hot; half of the time it is warm */
	ADD(&f, 0, 100, { 0x1000, 0x5000, 0, 0 }, { 0x5000, 0x6000, 20, 0 },
	    { 0x6000, 0x9000, 0, 0 });
	ADD(&f, 100, 200, { 0x1000, 0x5000, 0, 0 }, { 0x5000, 0x9000, 10, 0 });
	ok(space_find(&space, &f.source, &options) && space.nr_parts == 1 &&
	   space.part[0].start == 0x1000 && space.part[0].end == 0x9000 &&
	   !space.from_ns && space.to_ns == 200 * MS && space.nr_snapshots == 2,
	   "one part, and its times");
	ok(heat_init(&map, &space, 2, 1, 2), "a map of 2 x 2");
	heat_fill(&map, &f.source, 0);
	ok(near(heat_rate(&map, 0, 0), 0) && near(heat_rate(&map, 0, 1), 0),
	   "cold cells");
	ok(near(heat_rate(&map, 1, 0), .25) && near(heat_rate(&map, 1, 1), .5),
	   "regions count by their size in a cell");
	heat_free(&map);
	ok(heat_init(&map, &space, 1, 1, 1), "a map of one cell");
	heat_fill(&map, &f.source, 0);
	ok(near(heat_rate(&map, 0, 0), (.125 + .25) / 2),
	   "and times by their length");
	heat_free(&map);
}

static void test_holes(void)
{
	struct space_options options = {};
	struct fixture f = fixture();
	struct space space;
	struct heatmap map;

	/* heap, mappings, stack, as vaddr has them */
	ADD(&f, 0, 100, { 0x10000000, 0x10100000, 5, 0 },
	    { 0x700000000000, 0x700010000000, 10, 0 },
	    { 0x7ff000000000, 0x7ff000010000, 1, 0 });
	ok(space_find(&space, &f.source, &options) && space.nr_parts == 3,
	   "three parts");
	ok(space_size(&space) == 0x10110000, "nothing but them");
	ok(heat_init(&map, &space, 20, 2, 4) && map.nr_rows == 20 &&
	   map.first_row[1] == 2 && map.first_row[3] - map.first_row[2] == 2,
	   "each has rows, at least one unit of them");
	heat_fill(&map, &f.source, 0);
	ok(near(heat_rate(&map, 0, 0), .25) && near(heat_rate(&map, 4, 3), .5) &&
	   near(heat_rate(&map, 19, 2), .05), "each has its rates");
	heat_free(&map);

	f = fixture();
	ADD(&f, 0, 100, { 0x100000, 0x200000, 20, 0 },
	    { 0x200000, 0x10000000, 0, 0 },
	    { 0x10000000, 0x10100000, 20, 0 });
	ok(space_find(&space, &f.source, &options) && space.nr_parts == 2 &&
	   space.part[0].end == 0x240000 && space.part[1].start == 0xffc0000,
	   "a large part that is always idle is cut, but for margins");
	options.everything = true;
	ok(space_find(&space, &f.source, &options) && space.nr_parts == 1 &&
	   space_size(&space) == 0x10000000, "unless it is asked for");

	options = (struct space_options){ .start = 0x180000, .end = 0x280000 };
	ok(space_find(&space, &f.source, &options) && space.nr_parts == 1 &&
	   space.part[0].start == 0x180000 && space.part[0].end == 0x280000,
	   "only the asked addresses");
	options = (struct space_options){ .target = 7 };
	ok(!space_find(&space, &f.source, &options), "nothing of no target");
}

static void test_times(void)
{
	struct space_options options = { .from_us = 150 * 1000 };
	struct fixture f = fixture();
	struct space space;
	struct heatmap map;

	ADD(&f, 1000, 1100, { 0x1000, 0x2000, 0, 0 });
	ADD(&f, 1100, 1200, { 0x1000, 0x2000, 20, 0 });
	ADD(&f, 1300, 1400, { 0x2000, 0x3000, 10, 0 });
	ok(space_find(&space, &f.source, &options) &&
	   space.from_ns == 1150 * MS && space.to_ns == 1400 * MS &&
	   space.nr_snapshots == 2, "only the later ones");
	ok(heat_init(&map, &space, 2, 1, 5), "a map");
	heat_fill(&map, &f.source, 0);
	ok(near(heat_rate(&map, 0, 0), 1) && near(heat_rate(&map, 1, 4), .5) &&
	   heat_rate(&map, 0, 1) == HEAT_NOT_MONITORED &&
	   heat_rate(&map, 1, 0) == HEAT_NOT_MONITORED,
	   "what was not monitored is not cold");
	heat_free(&map);
	options = (struct space_options){ .until_us = 100 * 1000 };
	ok(space_find(&space, &f.source, &options) &&
	   space.to_ns == 1100 * MS && space.nr_snapshots == 1,
	   "only the earlier ones");
}

static void test_colors(void)
{
	unsigned int level, last = 0, rises = 0;

	ok(heat_level(0, 1) == 0 && heat_level(.000001, 1) == 1 &&
	   heat_level(1, 1) == NR_LEVELS - 1 &&
	   heat_level(2, 1) == NR_LEVELS - 1, "levels");
	for (level = 0; level < NR_LEVELS; level++) {
		struct rgb c = heat_color(level);
		unsigned int light = 30 * c.r + 59 * c.g + 11 * c.b;

		rises += light > last;
		last = light;
	}
	ok(rises == NR_LEVELS, "each colour is lighter than the one before");
	ok(tick_distance_ns(12 * NSEC_PER_SEC, 7) == 2 * NSEC_PER_SEC &&
	   tick_distance_ns(3600 * NSEC_PER_SEC, 7) == 600 * NSEC_PER_SEC &&
	   tick_distance_ns(U64_MAX, 0) > U64_MAX / 4 &&
	   tick_distance_ns(1, 3) == 1000, "ticks are round");
}

int main(void)
{
	test_weights();
	test_holes();
	test_times();
	test_colors();
	return tap_done();
}
