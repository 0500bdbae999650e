// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/tune.c. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mm.h>

#include "../policy/access.h"
#include "../policy/region.h"

#define NR_REGIONS	2

/* Two adjacent regions of equal size. */
static void put_regions(struct kunit *test, struct damon_regions *rs,
			unsigned long sz, unsigned int n0, unsigned int n1)
{
	struct damon_addr_range ranges[NR_REGIONS] = {
		{ 0, sz }, { sz, 2 * sz },
	};
	u32 rnd = 1;

	KUNIT_ASSERT_EQ(test, damon_regions_init(rs, 1, NR_REGIONS), 0);
	KUNIT_ASSERT_EQ(test, damon_target_set_ranges(rs, rs->targets, ranges,
						      NR_REGIONS, 1, &rnd), 0);
	rs->cur[0].nr_accesses = n0;
	rs->cur[1].nr_accesses = n1;
}

static const struct rescale_case {
	const char *desc;
	unsigned long old_sample, old_aggr, new_sample, new_aggr;
	unsigned int nr_accesses, age;
	unsigned int nr_accesses_after, age_after;
} rescale_cases[] = {
	{ "half the samples, twice the time", 5000, 100000, 20000, 200000,
	  10, 6, 5, 3 },
	{ "unchanged", 5000, 100000, 5000, 100000, 7, 6, 7, 6 },
	{ "more samples", 5000, 100000, 1000, 100000, 7, 6, 35, 6 },
	{ "rounded down", 5000, 100000, 5000, 150000, 1, 5, 1, 3 },
	{ "a third cannot be told", 1000, 3000, 1000, 30000, 1, 10, 9, 1 },
	{ "old without sampling interval", 0, 100000, 5000, 100000, 1, 6,
	  1, 6 },
	{ "new without sampling interval", 5000, 100000, 0, 100000, 7, 6,
	  7, 6 },
	{ "no intervals", 0, 0, 0, 0, 7, 6, 7, 6 },
	{ "huge", 1, ULONG_MAX, 1, 1, UINT_MAX, UINT_MAX, 1, UINT_MAX },
	{ "age lost", 1, 1, 1, ULONG_MAX, 1, UINT_MAX, UINT_MAX, 0 },
};

KUNIT_ARRAY_PARAM_DESC(rescale, rescale_cases, desc);

static void rescale(struct kunit *test)
{
	const struct rescale_case *c = test->param_value;
	struct damon_attrs old = {
		.sample_interval = c->old_sample,
		.aggr_interval = c->old_aggr,
	};
	struct damon_attrs new = {
		.sample_interval = c->new_sample,
		.aggr_interval = c->new_aggr,
	};
	struct damon_regions rs;

	put_regions(test, &rs, 8, c->nr_accesses, c->nr_accesses);
	for (unsigned int i = 0; i < NR_REGIONS; i++) {
		rs.cur[i].age = c->age;
		rs.cur[i].rate = 77;
		rs.cur[i].nr_hist = 9;
		rs.cur[i].checks = 5;
		rs.cur[i].hits = 3;
	}
	damon_access_rescale(&rs, &old, &new, true);
	for (unsigned int i = 0; i < NR_REGIONS; i++) {
		KUNIT_EXPECT_EQ(test, rs.cur[i].nr_accesses,
				c->nr_accesses_after);
		KUNIT_EXPECT_EQ(test, rs.cur[i].age, c->age_after);
		KUNIT_EXPECT_EQ(test, rs.cur[i].rate, 77U);
		KUNIT_EXPECT_EQ(test, rs.cur[i].checks, 5);
	}

	/* In the middle of an aggregation its samples are dropped. */
	if (c->old_sample && c->old_sample != c->new_sample && c->new_sample) {
		damon_access_rescale(&rs, &old, &new, false);
		KUNIT_EXPECT_EQ(test, rs.cur[0].checks, 0);
		KUNIT_EXPECT_EQ(test, rs.cur[0].hits, 0);
		KUNIT_EXPECT_EQ(test, rs.cur[0].nr_hist, 0);
	}
	damon_regions_free(&rs);
}

static const struct tune_case {
	const char *desc;
	unsigned long sz;
	unsigned int n0, n1, samples;
	unsigned long access_bp, min_sample, max_sample, sample;
	bool changed;
	unsigned long sample_after;
} tune_cases[] = {
	/* Scores are 0.625, 1, 1.25, 2 and more, 0. */
	{ "too little seen", 100, 1, 0, 20, 400, 1, 1000000, 5000, true, 6875 },
	{ "just right", 100, 1, 1, 20, 500, 1, 1000000, 5000, false, 5000 },
	{ "too much seen", 100, 1, 1, 20, 400, 1, 1000000, 5000, true, 4375 },
	{ "far too much seen", 100, 20, 20, 20, 400, 1, 1000000, 5000, true,
	  2500 },
	{ "twice as much", 100, 2, 0, 20, 250, 1, 1000000, 5000, true, 2500 },
	{ "nothing seen", 100, 0, 0, 20, 400, 1, 1000000, 5000, true, 10000 },
	{ "upper limit", 100, 0, 0, 20, 400, 1, 6000, 5000, true, 6000 },
	{ "lower limit", 100, 20, 20, 20, 400, 4000, 6000, 5000, true, 4000 },
	{ "at the upper limit", 100, 0, 0, 20, 400, 1, 5000, 5000, true, 5000 },
	{ "nothing wanted", 100, 1, 1, 20, 0, 1, 1000000, 5000, true, 2500 },
	{ "never 0", 100, 20, 20, 20, 1, 0, 1000000, 1, true, 1 },
	{ "and up again", 100, 0, 0, 20, 1, 0, 1000000, 1, true, 2 },
	{ "an absurd goal", 100, 1, 1, 20, ULONG_MAX, 1, 1000000, 5000, true,
	  10000 },
#if BITS_PER_LONG == 64
	{ "64 TiB", 1UL << 45, 1, 0, 20, 400, 1, 1000000, 5000, true, 6875 },
	{ "all there is", ULONG_MAX / 2, 1, 0, 20, 400, 1, 1000000, 5000, true,
	  6875 },
	{ "and many samples", ULONG_MAX / 2, 1U << 30, 0, 20U << 26, 10000, 1,
	  1000000, 5000, true, 8000 },
	{ "huge intervals", 100, 0, 0, 20, 400, 1, ULONG_MAX, ULONG_MAX - 5,
	  true, ULONG_MAX },
#endif
};

KUNIT_ARRAY_PARAM_DESC(tune, tune_cases, desc);

static void tune(struct kunit *test)
{
	const struct tune_case *c = test->param_value;
	struct damon_attrs attrs = {
		.sample_interval = c->sample,
		.aggr_interval = 12345,
		.intervals_goal = {
			.access_bp = c->access_bp,
			.aggrs = 3,
			.min_sample_us = c->min_sample,
			.max_sample_us = c->max_sample,
		},
	};
	unsigned long aggr = c->sample_after * c->samples;
	struct damon_regions rs;

	if (!c->changed)
		aggr = 12345;
	else if (c->sample_after > ULONG_MAX / c->samples)
		aggr = ULONG_MAX;
	put_regions(test, &rs, c->sz, c->n0, c->n1);
	KUNIT_EXPECT_EQ(test, damon_access_tune(&rs, c->samples, &attrs),
			c->changed);
	KUNIT_EXPECT_EQ(test, attrs.sample_interval, c->sample_after);
	KUNIT_EXPECT_EQ(test, attrs.aggr_interval, aggr);
	damon_regions_free(&rs);
}

static void tune_nothing(struct kunit *test)
{
	struct damon_attrs attrs = {
		.sample_interval = 5000,
		.intervals_goal = {
			.access_bp = 400,
			.max_sample_us = 100000,
		},
	};
	struct damon_regions rs = {};

	KUNIT_EXPECT_TRUE(test, damon_access_tune(&rs, 20, &attrs));
	KUNIT_EXPECT_EQ(test, attrs.sample_interval, 10000UL);
	KUNIT_EXPECT_EQ(test, attrs.aggr_interval, 200000UL);
}

static struct kunit_case tune_suite_cases[] = {
	KUNIT_CASE_PARAM(rescale, rescale_gen_params),
	KUNIT_CASE_PARAM(tune, tune_gen_params),
	KUNIT_CASE(tune_nothing),
	{}
};

static struct kunit_suite tune_suite = {
	.name = "damon_tune",
	.test_cases = tune_suite_cases,
};

kunit_test_suite(tune_suite);
