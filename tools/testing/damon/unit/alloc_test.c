// SPDX-License-Identifier: GPL-2.0
/* Each allocation of the policy code fails in turn: nothing leaks or changes. */

#include <kunit/test.h>
#include <linux/damon.h>

#include "../../../../mm/damon/policy/access.h"
#include "../../../../mm/damon/policy/damos.h"
#include "../../../../mm/damon/policy/region.h"

#define NR_TARGETS	4

static void spec_copy_fails(struct kunit *test)
{
	char path[] = "/a";
	struct damos_filter_spec filters[] = {
		{ .type = DAMOS_FILTER_TYPE_MEMCG, .memcg_path = path },
		{ .type = DAMOS_FILTER_TYPE_ANON },
	};
	struct damos_goal_spec goals[] = { { .memcg_path = path }, {} };
	struct damos_dest dests[2] = {};
	struct damos_spec schemes[] = {
		{
			.core_filters = { filters, 2 },
			.ops_filters = { filters, 2 },
			.filters = { filters, 2 },
			.quota = { .goals = goals, .nr_goals = 2 },
			.dests = dests,
			.nr_dests = 2,
		}, {},
	};
	struct damon_probe_spec probes[] = { { { filters, 2 } }, {} };
	struct damon_addr_range ranges[] = { { 0, 4096 }, { 8192, 12288 } };
	struct damon_target_spec targets[NR_TARGETS] = {};
	struct damon_spec src, dst;
	unsigned long nth = 0;
	int err;

	damon_spec_init(&src);
	src.targets = targets;
	src.nr_targets = NR_TARGETS;
	src.schemes = schemes;
	src.nr_schemes = 2;
	src.probes = probes;
	src.nr_probes = 2;
	for (int i = 0; i < NR_TARGETS; i++) {
		targets[i].ranges = ranges;
		targets[i].nr_ranges = 2;
	}
	do {
		long before = shim_nr_allocs;

		damon_spec_init(&dst);
		dst.attrs.aggr_interval = 1;
		shim_fail_nth = ++nth;
		err = damon_spec_copy(&dst, &src);
		shim_fail_nth = 0;
		if (!err)
			break;
		KUNIT_EXPECT_EQ(test, err, -ENOMEM);
		KUNIT_EXPECT_EQ(test, shim_nr_allocs, before);
		KUNIT_EXPECT_EQ(test, dst.nr_targets, 0U);
		KUNIT_EXPECT_EQ(test, dst.attrs.aggr_interval, 1UL);
	} while (nth < 100);
	/* Three vectors with what is in them: five lists, the paths, goals. */
	KUNIT_EXPECT_EQ(test, nth, 3 + NR_TARGETS + 2 * 4 + 2 + 1 + 1UL);
	damon_spec_free(&dst);
}

static void regions_init_fails(struct kunit *test)
{
	struct damon_regions rs;

	for (unsigned long nth = 1; nth <= 3; nth++) {
		memset(&rs, 0xff, sizeof(rs));
		shim_fail_nth = nth;
		KUNIT_EXPECT_EQ(test, damon_regions_init(&rs, 1, 10), -ENOMEM);
		shim_fail_nth = 0;
		KUNIT_EXPECT_EQ(test, shim_nr_allocs, 0L);
		KUNIT_EXPECT_EQ(test, rs.cap, 0U);
		damon_regions_free(&rs);
	}
	shim_fail_nth = 4;
	KUNIT_EXPECT_EQ(test, damon_regions_init(&rs, 1, 10), 0);
	shim_fail_nth = 0;
	damon_regions_free(&rs);
}

static void regions_reserve_fails(struct kunit *test)
{
	struct damon_addr_range range = { 0, 100 };
	struct damon_access ac = { .min_sz = 1 };
	struct damon_regions rs;
	u32 rnd = 1;

	KUNIT_ASSERT_EQ(test, damon_regions_init(&rs, 1, 10), 0);
	KUNIT_ASSERT_EQ(test, damon_target_set_ranges(&rs, rs.targets, &range,
						      1, 1, &rnd), 0);
	for (unsigned long nth = 1; nth <= 2; nth++) {
		const struct damon_region *cur = rs.cur;

		shim_fail_nth = nth;
		KUNIT_EXPECT_EQ(test, damon_regions_reserve(&rs, 20), -ENOMEM);
		shim_fail_nth = 0;
		KUNIT_EXPECT_EQ(test, rs.cap, 10U);
		KUNIT_EXPECT_TRUE(test, rs.cur == cur);
		KUNIT_EXPECT_TRUE(test, damon_regions_check(&rs, &ac));
	}
	damon_regions_free(&rs);
}

static void filters_build_fails(struct kunit *test)
{
	struct damos_filter_spec filters[] = {
		{ .type = DAMOS_FILTER_TYPE_ADDR },
		{ .type = DAMOS_FILTER_TYPE_ANON },
	};
	struct damos_spec spec = { .filters = { filters, 2 } };
	struct damos s = { .spec = &spec };

	for (unsigned long nth = 1; nth <= 2; nth++) {
		memset(&s.core_filters, 0xff, sizeof(s.core_filters));
		memset(&s.ops_filters, 0xff, sizeof(s.ops_filters));
		shim_fail_nth = nth;
		KUNIT_EXPECT_EQ(test, damos_filters_build(&s), -ENOMEM);
		shim_fail_nth = 0;
		KUNIT_EXPECT_EQ(test, shim_nr_allocs, 0L);
		KUNIT_EXPECT_EQ(test, s.core_filters.nr, 0U);
		KUNIT_EXPECT_EQ(test, s.ops_filters.nr, 0U);
	}
}

static struct kunit_case alloc_cases[] = {
	KUNIT_CASE(spec_copy_fails),
	KUNIT_CASE(regions_init_fails),
	KUNIT_CASE(regions_reserve_fails),
	KUNIT_CASE(filters_build_fails),
	{}
};

static struct kunit_suite alloc_suite = {
	.name = "damon_alloc",
	.test_cases = alloc_cases,
};

kunit_test_suite(alloc_suite);
