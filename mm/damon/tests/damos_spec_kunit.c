// SPDX-License-Identifier: GPL-2.0
/* Specs of schemes; also built in user space, see tools/testing/damon/unit. */

#include <kunit/test.h>
#include <linux/damon.h>

#include "../policy/spec.h"

static void defaults(struct kunit *test)
{
	struct damos_spec spec;

	memset(&spec, 0xff, sizeof(spec));
	damos_spec_init(&spec);
	KUNIT_EXPECT_EQ(test, (int)spec.action, (int)DAMOS_STAT);
	KUNIT_EXPECT_EQ(test, spec.target_nid, -1);
	KUNIT_EXPECT_EQ(test, spec.apply_interval_us, 0UL);
	KUNIT_EXPECT_EQ(test, spec.pattern.sz.max, 0UL);
	KUNIT_EXPECT_EQ(test, (int)spec.wmarks.metric, (int)DAMOS_WMARK_NONE);
	KUNIT_EXPECT_EQ(test, spec.filters.nr, 0U);
	KUNIT_EXPECT_EQ(test, damos_spec_validate(&spec), 0);
	damos_spec_free(&spec);
	damos_spec_free(&spec);
}

static void copy_is_deep(struct kunit *test)
{
	char path[] = "/a\n", goal_path[] = "/b";
	struct damos_filter_spec filter = {
		.type = DAMOS_FILTER_TYPE_MEMCG,
		.allow = true,
		.memcg_path = path,
	};
	struct damos_goal_spec goal = {
		.metric = DAMOS_QUOTA_NODE_MEMCG_USED_BP,
		.target_value = 7,
		.memcg_path = goal_path,
	};
	struct damos_dest dest = { .nid = 1, .weight = 3 };
	struct damos_spec src = {
		.action = DAMOS_MIGRATE_COLD,
		.quota = { .sz = 5, .goals = &goal, .nr_goals = 1 },
		.core_filters = { &filter, 1 },
		.filters = { &filter, 1 },
		.dests = &dest,
		.nr_dests = 1,
	};
	struct damon_probe_spec probe = { { &filter, 1 } };
	struct damon_spec whole, copy;
	const struct damos_spec *s;

	damon_spec_init(&whole);
	whole.schemes = &src;
	whole.nr_schemes = 1;
	whole.probes = &probe;
	whole.nr_probes = 1;
	KUNIT_ASSERT_EQ(test, damon_spec_copy(&copy, &whole), 0);
	path[1] = 'x';
	goal_path[1] = 'x';
	dest.weight = 9;
	filter.allow = false;
	goal.target_value = 8;

	s = &copy.schemes[0];
	KUNIT_EXPECT_EQ(test, (int)s->action, (int)DAMOS_MIGRATE_COLD);
	KUNIT_EXPECT_EQ(test, s->quota.sz, 5UL);
	KUNIT_EXPECT_EQ(test, s->quota.goals[0].target_value, 7UL);
	KUNIT_EXPECT_STREQ(test, s->quota.goals[0].memcg_path, "/b");
	KUNIT_EXPECT_STREQ(test, s->core_filters.vec[0].memcg_path, "/a\n");
	KUNIT_EXPECT_TRUE(test, s->filters.vec[0].allow);
	KUNIT_EXPECT_EQ(test, s->ops_filters.nr, 0U);
	KUNIT_EXPECT_EQ(test, s->dests[0].weight, 3U);
	KUNIT_EXPECT_STREQ(test, copy.probes[0].filters.vec[0].memcg_path,
			   "/a\n");
	damon_spec_free(&copy);
	KUNIT_EXPECT_EQ(test, copy.nr_schemes, 0U);
	KUNIT_EXPECT_EQ(test, copy.nr_probes, 0U);
}

static void validate(struct kunit *test)
{
	static const struct {
		struct damos_filter_spec filter;
		int err;
	} rows[] = {
		{ { .type = DAMOS_FILTER_TYPE_ADDR,
		    .addr_range = { 5, 5 } }, 0 },
		{ { .type = DAMOS_FILTER_TYPE_ADDR,
		    .addr_range = { 5, 4 } }, -EINVAL },
		{ { .type = DAMOS_FILTER_TYPE_HUGEPAGE_SIZE,
		    .sz_range = { 5, 5 } }, 0 },
		{ { .type = DAMOS_FILTER_TYPE_HUGEPAGE_SIZE,
		    .sz_range = { 5, 4 } }, -EINVAL },
		/* What a filter of this type does not use may be nonsense. */
		{ { .type = DAMOS_FILTER_TYPE_ANON, .addr_range = { 5, 4 },
		    .sz_range = { 5, 4 } }, 0 },
	};

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct damos_filter_spec filter = rows[i].filter;
		struct damos_spec scheme = {};
		struct damos_filters_spec *lists[] = {
			&scheme.core_filters, &scheme.ops_filters,
			&scheme.filters,
		};
		struct damon_spec spec;

		damon_spec_init(&spec);
		spec.schemes = &scheme;
		spec.nr_schemes = 1;
		for (int l = 0; l < ARRAY_SIZE(lists); l++) {
			*lists[l] = (struct damos_filters_spec){ &filter, 1 };
			KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec),
					rows[i].err);
			*lists[l] = (struct damos_filters_spec){};
		}
	}
}

static void validate_goals(struct kunit *test)
{
	struct damos_goal_spec goals[] = {
		{ .metric = DAMOS_QUOTA_NODE_MEM_FREE_BP },
		{ .metric = DAMOS_QUOTA_NODE_ELIGIBLE_MEM_BP },
	};
	struct damos_spec scheme = { .quota = { .goals = goals } };
	struct damon_spec spec;

	damon_spec_init(&spec);
	spec.schemes = &scheme;
	spec.nr_schemes = 1;
	scheme.quota.nr_goals = 1;
	KUNIT_EXPECT_EQ(test, damon_spec_validate_goals(&spec), 0);
	scheme.quota.nr_goals = 2;
	KUNIT_EXPECT_EQ(test, damon_spec_validate_goals(&spec), -EINVAL);
	spec.ops_id = DAMON_OPS_PADDR;
	KUNIT_EXPECT_EQ(test, damon_spec_validate_goals(&spec), 0);
}

static void too_many_probes(struct kunit *test)
{
	struct damon_probe_spec probes[DAMON_MAX_PROBES + 1] = {};
	struct damon_spec spec;

	damon_spec_init(&spec);
	spec.probes = probes;
	spec.nr_probes = DAMON_MAX_PROBES;
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), 0);
	spec.nr_probes++;
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), -EINVAL);
}

static struct kunit_case damos_spec_cases[] = {
	KUNIT_CASE(defaults),
	KUNIT_CASE(copy_is_deep),
	KUNIT_CASE(validate),
	KUNIT_CASE(validate_goals),
	KUNIT_CASE(too_many_probes),
	{}
};

static struct kunit_suite damos_spec_suite = {
	.name = "damos_spec",
	.test_cases = damos_spec_cases,
};

kunit_test_suite(damos_spec_suite);
