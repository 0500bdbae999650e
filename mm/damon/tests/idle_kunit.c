// SPDX-License-Identifier: GPL-2.0
/* Tests of modules/idle.c. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/sizes.h>

#include "../modules/idle.h"

#define NR_MAX		4
#define NR_STEPS	6

/* From percentile @from on, up to the next step, the idle time is @ms. */
struct step {
	unsigned int from;
	long ms;
};

static const struct percentile_case {
	const char *desc;
	unsigned int nr;
	struct damon_idle idle[NR_MAX];
	struct step steps[NR_STEPS];
	unsigned int nr_steps;
} percentile_cases[] = {
	{ "no regions", 0, {}, { { 0, 0 } }, 1 },
	{ "one region", 1, { { 4096, 100 } }, { { 0, 100 } }, 1 },
	{ "one hot region", 1, { { 1, -700 } }, { { 0, -700 } }, 1 },
	/* 25 % of it is what is passed after the first one. */
	{ "hot and cold", 2, { { SZ_1G, -10000 }, { 3UL * SZ_1G, 60000 } },
	  { { 0, -10000 }, { 26, 60000 } }, 2 },
	{ "sorted first", 4,
	  { { 400, 300 }, { 100, -200 }, { 300, 200 }, { 200, -100 } },
	  { { 0, -200 }, { 11, -100 }, { 31, 200 }, { 61, 300 } }, 4 },
	{ "less than a percent", 2, { { 1, -500 }, { 999, 500 } },
	  { { 0, -500 }, { 1, 500 } }, 2 },
	{ "too small to be seen behind", 3,
	  { { 500, 100 }, { 1, 200 }, { 499, 300 } },
	  { { 0, 100 }, { 51, 300 } }, 2 },
	{ "the last one is the 100th", 2, { { 999, 100 }, { 1, 200 } },
	  { { 0, 100 }, { 100, 200 } }, 2 },
	{ "alike", 3, { { 7, 100 }, { 7, 100 }, { 7, 100 } }, { { 0, 100 } },
	  1 },
	{ "as much memory as addresses", 2,
	  { { ULONG_MAX / 2, LONG_MAX }, { ULONG_MAX / 2, -LONG_MAX } },
	  { { 0, -LONG_MAX }, { 51, LONG_MAX } }, 2 },
	{ "far apart", 2, { { 50, LONG_MAX }, { 50, LONG_MIN } },
	  { { 0, LONG_MIN }, { 51, LONG_MAX } }, 2 },
};

KUNIT_ARRAY_PARAM_DESC(percentile, percentile_cases, desc);

static void percentiles(struct kunit *test)
{
	const struct percentile_case *c = test->param_value;
	struct damon_idle idle[NR_MAX];
	long *got = kunit_kzalloc(test, DAMON_NR_PERCENTILES * sizeof(*got),
				  GFP_KERNEL);
	unsigned int step = 0;

	KUNIT_ASSERT_NOT_NULL(test, got);
	memset(got, 0x55, DAMON_NR_PERCENTILES * sizeof(*got));
	memcpy(idle, c->idle, sizeof(idle));
	damon_idle_percentiles(idle, c->nr, got);
	for (unsigned int p = 0; p < DAMON_NR_PERCENTILES; p++) {
		if (step + 1 < c->nr_steps && p == c->steps[step + 1].from)
			step++;
		KUNIT_EXPECT_EQ(test, got[p], c->steps[step].ms);
	}
	/* All steps were there. */
	KUNIT_EXPECT_EQ(test, step, c->nr_steps - 1);
}

static const struct region_case {
	const char *desc;
	unsigned long sz;
	unsigned int nr_accesses;
	unsigned int age;
	unsigned long aggr_us;
	long idle_ms;
	unsigned long bandwidth;
} region_cases[] = {
	{ "new and idle", 4096, 0, 0, 100000, 100, 0 },
	{ "idle for long", 4096, 0, 599, 100000, 60000, 0 },
	{ "new and hot", 4096, 20, 0, 100000, -100, 819200 },
	{ "hot for long", SZ_1M, 1, 99, 200000, -20000, 5 * SZ_1M },
	{ "less than a millisecond", 4096, 1, 0, 999, 0, 4100100 },
	{ "rounded down", 1, 1, 2, 700000, -2100, 1 },
	{ "no interval", 4096, 1, 0, 0, 0, ULONG_MAX },
	{ "sum does not fit", ULONG_MAX, UINT_MAX, 0, 1000000, -1000,
	  ULONG_MAX },
	{ "quotient does not fit", ULONG_MAX / 2, 2, 0, 999999, -999,
	  ULONG_MAX },
	{ "product does not fit, quotient does", ULONG_MAX / 4, 1, 9, 1000000,
	  -10000, ULONG_MAX / 4 },
#if BITS_PER_LONG == 64
	{ "tebibytes at full rate", 64UL << 40, 20, 0, 100000, -100,
	  (64UL << 40) * 200 },
	{ "age does not fit", 4096, 0, UINT_MAX, ULONG_MAX,
	  ULONG_MAX / 1000, 0 },
#endif
};

KUNIT_ARRAY_PARAM_DESC(region, region_cases, desc);

static void one_region(struct kunit *test)
{
	const struct region_case *c = test->param_value;
	struct damon_region r = {
		.ar = { .start = 0, .end = c->sz },
		.nr_accesses = c->nr_accesses,
		.age = c->age,
	};
	struct damon_regions rs = { .cur = &r, .nr = 1 };
	struct damon_idle idle = {};

	damon_idle_collect(&idle, &rs, c->aggr_us);
	KUNIT_EXPECT_EQ(test, idle.sz, c->sz);
	KUNIT_EXPECT_EQ(test, idle.ms, c->idle_ms);
	KUNIT_EXPECT_EQ(test, damon_bandwidth(&rs, c->aggr_us), c->bandwidth);
}

/* Two regions with a gap, and a third one that the sum has no room for. */
static void many_regions(struct kunit *test)
{
	struct damon_region r[] = {
		{ .ar = { 0, 4096 }, .nr_accesses = 3, .age = 4 },
		{ .ar = { 8192, 16384 }, .nr_accesses = 0, .age = 9 },
		{ .ar = { 16384, ULONG_MAX }, .nr_accesses = UINT_MAX },
	};
	struct damon_regions rs = { .cur = r, .nr = 2 };
	struct damon_idle idle[ARRAY_SIZE(r)] = {};

	damon_idle_collect(idle, &rs, 100000);
	KUNIT_EXPECT_EQ(test, idle[0].sz, 4096UL);
	KUNIT_EXPECT_EQ(test, idle[0].ms, -500L);
	KUNIT_EXPECT_EQ(test, idle[1].sz, 8192UL);
	KUNIT_EXPECT_EQ(test, idle[1].ms, 1000L);
	KUNIT_EXPECT_EQ(test, idle[2].sz, 0UL);
	KUNIT_EXPECT_EQ(test, damon_bandwidth(&rs, 100000), 122880UL);

	rs.nr = 3;
	KUNIT_EXPECT_EQ(test, damon_bandwidth(&rs, 100000), ULONG_MAX);
	rs.nr = 0;
	KUNIT_EXPECT_EQ(test, damon_bandwidth(&rs, 100000), 0UL);
}

static struct kunit_case idle_suite_cases[] = {
	KUNIT_CASE_PARAM(percentiles, percentile_gen_params),
	KUNIT_CASE_PARAM(one_region, region_gen_params),
	KUNIT_CASE(many_regions),
	{}
};

static struct kunit_suite idle_suite = {
	.name = "damon_idle",
	.test_cases = idle_suite_cases,
};

kunit_test_suite(idle_suite);
