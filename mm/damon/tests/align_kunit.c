// SPDX-License-Identifier: GPL-2.0
/* Regions and probes where policy/region.c and access.c meet them. */

#include <kunit/test.h>
#include <linux/damon.h>

#include "../policy/access.h"
#include "../policy/region.h"

#define MAX_RANGES	4

struct align_row {
	const char *name;
	unsigned long min_sz;
	struct damon_addr_range before[MAX_RANGES];
	struct damon_addr_range after[MAX_RANGES];
};

static const struct align_row align_rows[] = {
	{ "aligned", 8, { { 8, 16 }, { 16, 32 } }, { { 8, 16 }, { 16, 32 } } },
	{ "outwards", 8, { { 9, 15 } }, { { 8, 16 } } },
	{ "boundary down", 8, { { 0, 15 }, { 15, 24 } },
	  { { 0, 8 }, { 8, 24 } } },
	{ "nothing left", 8, { { 0, 3 }, { 3, 5 }, { 5, 16 } }, { { 0, 16 } } },
	{ "holes stay", 8, { { 1, 2 }, { 30, 33 } }, { { 0, 8 }, { 24, 40 } } },
	{ "holes vanish", 8, { { 0, 9 }, { 12, 20 } },
	  { { 0, 16 }, { 16, 24 } } },
	{ "all in one", 64, { { 3, 9 }, { 9, 12 }, { 40, 41 } }, { { 0, 64 } } },
	{ "end of space", 8, { { 0, ULONG_MAX } }, { { 0, -8UL } } },
};

KUNIT_ARRAY_PARAM_DESC(align, align_rows, name);

static void align(struct kunit *test)
{
	const struct align_row *row = test->param_value;
	struct damon_regions rs;
	u32 rnd = 1;

	KUNIT_ASSERT_EQ(test, damon_regions_init(&rs, 1, MAX_RANGES), 0);
	for (; row->before[rs.nr].end; rs.nr++)
		damon_region_init(&rs.cur[rs.nr], row->before[rs.nr].start,
				  row->before[rs.nr].end, &rnd);
	rs.targets[0].nr_regions = rs.nr;

	damon_regions_align(&rs, row->min_sz, &rnd);
	KUNIT_EXPECT_EQ(test, rs.targets[0].nr_regions, rs.nr);
	for (unsigned int i = 0; i < rs.nr; i++) {
		KUNIT_EXPECT_EQ(test, rs.cur[i].ar.start, row->after[i].start);
		KUNIT_EXPECT_EQ(test, rs.cur[i].ar.end, row->after[i].end);
	}
	KUNIT_EXPECT_EQ(test, row->after[rs.nr].end, 0UL);
	damon_regions_free(&rs);
}

/* What is aligned already keeps its samples. */
static void align_keeps(struct kunit *test)
{
	struct damon_regions rs;
	u32 rnd = 1;

	KUNIT_ASSERT_EQ(test, damon_regions_init(&rs, 1, 2), 0);
	damon_region_init(&rs.cur[0], 0, 16, &rnd);
	damon_region_init(&rs.cur[1], 16, 31, &rnd);
	rs.nr = 2;
	rs.targets[0].nr_regions = 2;
	rs.cur[0].nr_hist = 5;
	rs.cur[1].nr_hist = 5;
	rs.cur[1].age = 3;
	damon_regions_align(&rs, 16, &rnd);
	KUNIT_EXPECT_EQ(test, rs.cur[0].nr_hist, 5);
	KUNIT_EXPECT_EQ(test, rs.cur[1].nr_hist, 0);
	KUNIT_EXPECT_EQ(test, rs.cur[1].age, 3U);
	damon_regions_free(&rs);
}

static void probes_start(struct kunit *test, struct damon_regions *rs,
			 struct damon_access *ac, bool full_rate)
{
	struct damon_addr_range range = { 0, 64 };
	struct damon_attrs attrs = {
		.sample_interval = 1,
		.aggr_interval = 20,
		.min_nr_regions = 3,
		.max_nr_regions = 10,
	};

	damon_access_init(ac, &attrs, 1, 1);
	ac->full_rate = full_rate;
	KUNIT_ASSERT_EQ(test, damon_regions_init(rs, 1, 10), 0);
	KUNIT_ASSERT_EQ(test, damon_target_set_ranges(rs, rs->targets, &range,
						      1, 1, &ac->rnd), 0);
	damon_access_fit(ac, rs);
}

/* Hits of probes are averaged by a merge and forgotten by a reset. */
static void probe_hits(struct kunit *test)
{
	struct damon_access ac;
	struct damon_regions rs;

	probes_start(test, &rs, &ac, true);
	for (unsigned int i = 0; i < rs.nr; i++) {
		rs.cur[i].probe_hits[0] = 10;
		rs.cur[i].probe_hits[3] = 255 * (i & 1);
	}
	damon_regions_merge(&rs, DAMON_RATE_ONE, ULONG_MAX, true);
	KUNIT_ASSERT_EQ(test, rs.nr, 1U);
	KUNIT_EXPECT_EQ(test, rs.cur[0].probe_hits[0], 10);
	KUNIT_EXPECT_GT(test, rs.cur[0].probe_hits[3], 0);
	KUNIT_EXPECT_LT(test, rs.cur[0].probe_hits[3], 255);
	damon_access_reset(&ac, &rs);
	for (unsigned int i = 0; i < rs.nr; i++) {
		KUNIT_EXPECT_EQ(test, rs.cur[i].probe_hits[0], 0);
		KUNIT_EXPECT_EQ(test, rs.cur[i].probe_hits[3], 0);
	}
	damon_regions_free(&rs);
}

/* Each sample counts for a probe: stable regions are not checked less. */
static void full_rate(struct kunit *test)
{
	struct damon_access ac;
	struct damon_regions rs;

	for (int full = 0; full < 2; full++) {
		probes_start(test, &rs, &ac, full);
		for (unsigned int i = 0; i < rs.nr; i++)
			rs.cur[i].age = 100;
		damon_access_reset(&ac, &rs);
		for (unsigned int i = 0; i < rs.nr; i++)
			KUNIT_EXPECT_EQ(test, !full, !!(rs.cur[i].flags &
							DAMON_REGION_SLOW));
		damon_regions_free(&rs);
	}
}

static struct kunit_case align_cases[] = {
	KUNIT_CASE_PARAM(align, align_gen_params),
	KUNIT_CASE(align_keeps),
	KUNIT_CASE(probe_hits),
	KUNIT_CASE(full_rate),
	{}
};

static struct kunit_suite align_suite = {
	.name = "damon_align",
	.test_cases = align_cases,
};

kunit_test_suite(align_suite);
