// SPDX-License-Identifier: GPL-2.0
/* Tests of modules/merge.c. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../modules/merge.h"

#define MB	((unsigned long)SZ_1M)

/* What the modules ask for if nobody sets anything. */
static const struct damon_wish plain = {
	.attrs = {
		.sample_interval = 5000,
		.aggr_interval = 100000,
		.ops_update_interval = 60000000,
		.min_nr_regions = 10,
		.max_nr_regions = 1000,
		.scout = true,
	},
	.addr_unit = 1,
	.range = { 16 * MB, 64 * MB },
};

static const struct damon_intervals_goal goal = {
	.access_bp = 40,
	.aggrs = 3,
	.min_sample_us = 5000,
	.max_sample_us = 10000000,
};

static void wish_same(struct kunit *test)
{
	struct damon_wish all = plain;

	all.attrs.intervals_goal = goal;
	KUNIT_EXPECT_EQ(test, damon_wish_merge(&all, &all), 0);
	KUNIT_EXPECT_EQ(test, all.attrs.intervals_goal.aggrs, 3UL);
	all.attrs.intervals_goal = plain.attrs.intervals_goal;
	KUNIT_EXPECT_EQ(test, damon_wish_merge(&all, &plain), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&all, &plain, sizeof(all)), 0);
}

/* Whichever comes first, each member is that of the one who wants it finer. */
static void wish_finest(struct kunit *test)
{
	struct damon_wish a = plain, b = plain;

	a.attrs.sample_interval = 1000;
	a.attrs.aggr_interval = 400000;
	a.attrs.ops_update_interval = 1000000;
	a.attrs.max_nr_regions = 50;
	a.attrs.cpu_permille = 10;
	a.attrs.scout = false;
	a.range.start = 32 * MB;
	b.attrs.sample_interval = 2000;
	b.attrs.aggr_interval = 200000;
	b.attrs.min_nr_regions = 20;
	b.attrs.max_nr_regions = 40;
	b.attrs.cpu_permille = 30;
	b.range.end = 128 * MB;

	for (int i = 0; i < 2; i++) {
		struct damon_wish all = i ? a : b;

		KUNIT_EXPECT_EQ(test, damon_wish_merge(&all, i ? &b : &a), 0);
		KUNIT_EXPECT_EQ(test, all.attrs.sample_interval, 1000UL);
		KUNIT_EXPECT_EQ(test, all.attrs.aggr_interval, 200000UL);
		KUNIT_EXPECT_EQ(test, all.attrs.ops_update_interval, 1000000UL);
		KUNIT_EXPECT_EQ(test, all.attrs.min_nr_regions, 20UL);
		KUNIT_EXPECT_EQ(test, all.attrs.max_nr_regions, 50UL);
		KUNIT_EXPECT_EQ(test, all.attrs.cpu_permille, 30U);
		KUNIT_EXPECT_TRUE(test, all.attrs.scout);
		KUNIT_EXPECT_EQ(test, all.range.start, 16 * MB);
		KUNIT_EXPECT_EQ(test, all.range.end, 128 * MB);
	}
	/* One wants no limit. */
	b.attrs.cpu_permille = 0;
	KUNIT_EXPECT_EQ(test, damon_wish_merge(&a, &b), 0);
	KUNIT_EXPECT_EQ(test, a.attrs.cpu_permille, 0U);
}

static void wish_tuned(struct kunit *test)
{
	struct damon_wish a = plain, b = plain, all;

	a.attrs.intervals_goal = goal;
	b.attrs.intervals_goal = goal;
	b.attrs.intervals_goal.access_bp = 400;
	b.attrs.intervals_goal.aggrs = 2;
	b.attrs.intervals_goal.max_sample_us = 7000;
	all = a;
	KUNIT_EXPECT_EQ(test, damon_wish_merge(&all, &b), 0);
	KUNIT_EXPECT_EQ(test, all.attrs.intervals_goal.access_bp, 40UL);
	KUNIT_EXPECT_EQ(test, all.attrs.intervals_goal.aggrs, 2UL);
	KUNIT_EXPECT_EQ(test, all.attrs.intervals_goal.min_sample_us, 5000UL);
	KUNIT_EXPECT_EQ(test, all.attrs.intervals_goal.max_sample_us, 7000UL);

	/* One of them wants what it has set. */
	KUNIT_EXPECT_EQ(test, damon_wish_merge(&all, &plain), 0);
	KUNIT_EXPECT_EQ(test, all.attrs.intervals_goal.aggrs, 0UL);
	all = plain;
	KUNIT_EXPECT_EQ(test, damon_wish_merge(&all, &a), 0);
	KUNIT_EXPECT_EQ(test, all.attrs.intervals_goal.aggrs, 0UL);
}

static void wish_units_differ(struct kunit *test)
{
	struct damon_wish a = plain, b = plain;

	b.addr_unit = 16;
	b.attrs.sample_interval = 1;
	KUNIT_EXPECT_EQ(test, damon_wish_merge(&a, &b), -EBUSY);
	KUNIT_EXPECT_EQ(test, memcmp(&a, &plain, sizeof(a)), 0);
}

static const struct convert_case {
	const char *desc;
	unsigned long sample, aggr, to_sample, to_aggr;
	struct damon_size_range nr, age, to_nr, to_age;
} convert_cases[] = {
	{ "same", 5000, 100000, 5000, 100000,
	  { 7, 13 }, { 1200, UINT_MAX }, { 7, 13 }, { 1200, UINT_MAX } },
	{ "half the aggregation", 5000, 200000, 5000, 100000,
	  { 20, 40 }, { 600, 700 }, { 10, 20 }, { 1200, 1400 } },
	{ "half the sample", 10000, 100000, 5000, 100000,
	  { 5, 10 }, { 3, 4 }, { 10, 20 }, { 3, 4 } },
	{ "to fewer matches", 5000, 100000, 5000, 70000,
	  { 1, 19 }, { 1, 1 }, { 1, 13 }, { 2, 1 } },
	{ "not once", 5000, 200000, 1000, 100000,
	  { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
	{ "no limit", 5000, 200000, 5000, 100000,
	  { 0, UINT_MAX }, { 0, UINT_MAX }, { 0, UINT_MAX },
	  { 0, UINT_MAX } },
	{ "no limit, twice", 5000, 200000, 5000, 100000,
	  { 0, ULONG_MAX }, { 0, ULONG_MAX }, { 0, ULONG_MAX },
	  { 0, ULONG_MAX } },
	{ "too far", 1, ULONG_MAX, 1, 1,
	  { 0, 0 }, { 3, 7 }, { 0, 0 }, { UINT_MAX, UINT_MAX } },
	{ "intervals of 0", 0, 0, 0, 0,
	  { 1, 1 }, { 5, 6 }, { 1, 1 }, { 0, 0 } },
};

KUNIT_ARRAY_PARAM_DESC(convert, convert_cases, desc);

static void pattern_convert(struct kunit *test)
{
	const struct convert_case *c = test->param_value;
	const struct damon_attrs from = {
		.sample_interval = c->sample,
		.aggr_interval = c->aggr,
	};
	const struct damon_attrs to = {
		.sample_interval = c->to_sample,
		.aggr_interval = c->to_aggr,
	};
	struct damos_access_pattern p = {
		.sz = { 4096, ULONG_MAX },
		.nr_accesses = c->nr,
		.age = c->age,
	};

	damos_pattern_convert(&p, &from, &to);
	KUNIT_EXPECT_EQ(test, p.sz.min, 4096UL);
	KUNIT_EXPECT_EQ(test, p.sz.max, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, p.nr_accesses.min, c->to_nr.min);
	KUNIT_EXPECT_EQ(test, p.nr_accesses.max, c->to_nr.max);
	KUNIT_EXPECT_EQ(test, p.age.min, c->to_age.min);
	KUNIT_EXPECT_EQ(test, p.age.max, c->to_age.max);
}

/* As of the three modules: one scheme, two, and none but awake. */
enum { ONE, TWO, AWAKE, NR_SHARES };

/* Where their schemes have to be. */
enum { SLOT_ONE, SLOT_TWO, SLOT_TWO_TOO, SLOT_AWAKE, NR_SLOTS };

static const enum damos_action actions[NR_SLOTS] = {
	DAMOS_PAGEOUT, DAMOS_LRU_PRIO, DAMOS_LRU_DEPRIO, DAMOS_STAT,
};

static const u8 slot_share[NR_SLOTS] = { ONE, TWO, TWO, AWAKE };

static void scheme_fill(struct damos_spec *scheme, enum damos_action action)
{
	damos_spec_init(scheme);
	scheme->action = action;
	scheme->pattern.age.min = 1200;
	scheme->pattern.age.max = UINT_MAX;
}

static struct damon_share *shares_make(struct kunit *test)
{
	struct damon_share *shares = kunit_kzalloc(test, NR_SHARES *
						   sizeof(*shares), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, shares);
	for (int i = 0; i < NR_SHARES; i++)
		shares[i].wish = plain;
	shares[ONE].nr_schemes = 1;
	scheme_fill(&shares[ONE].schemes[0], actions[SLOT_ONE]);
	shares[TWO].nr_schemes = 2;
	scheme_fill(&shares[TWO].schemes[0], actions[SLOT_TWO]);
	scheme_fill(&shares[TWO].schemes[1], actions[SLOT_TWO_TOO]);
	shares[AWAKE].awake = true;
	return shares;
}

/* Whoever is enabled, each scheme has its place, and the others are idle. */
static void layout(struct kunit *test)
{
	struct damon_share *shares = shares_make(test);

	for (unsigned int who = 1; who < 1 << NR_SHARES; who++) {
		struct damon_spec spec;

		for (int i = 0; i < NR_SHARES; i++)
			shares[i].enabled = who & 1 << i;
		KUNIT_ASSERT_EQ(test, damon_shares_merge(&spec, shares,
							 NR_SHARES), 0);
		KUNIT_EXPECT_EQ(test, spec.ops_id, DAMON_OPS_PADDR);
		KUNIT_EXPECT_EQ(test, spec.nr_targets, 1U);
		KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), 0);
		KUNIT_ASSERT_EQ(test, spec.nr_schemes, NR_SLOTS);
		for (int i = 0; i < NR_SLOTS; i++) {
			const struct damos_spec *s = &spec.schemes[i];

			if (who & 1 << slot_share[i]) {
				KUNIT_EXPECT_EQ(test, s->action, actions[i]);
				KUNIT_EXPECT_EQ(test, s->wmarks.metric,
						DAMOS_WMARK_NONE);
				KUNIT_EXPECT_EQ(test, s->core_filters.nr, 0U);
				continue;
			}
			/* Off whatever the metric is, and asks to wait. */
			KUNIT_EXPECT_EQ(test, s->action, DAMOS_STAT);
			KUNIT_EXPECT_EQ(test, s->pattern.sz.max, 0UL);
			KUNIT_EXPECT_EQ(test, s->wmarks.metric,
					DAMOS_WMARK_FREE_MEM_RATE);
			KUNIT_EXPECT_GT(test, s->wmarks.low, 1000UL);
			KUNIT_EXPECT_EQ(test, s->wmarks.interval, ULONG_MAX);
		}
		/* Being awake is not to do anything; others are due at once. */
		KUNIT_EXPECT_EQ(test, spec.schemes[SLOT_AWAKE].pattern.sz.max,
				0UL);
		for (int i = 0; i < NR_SLOTS; i++)
			KUNIT_EXPECT_EQ(test, spec.schemes[i].apply_interval_us,
					i == SLOT_AWAKE ? ULONG_MAX : 0UL);
		damon_spec_free(&spec);
	}
}

static void layout_refused(struct kunit *test)
{
	struct damon_share *shares = shares_make(test);
	struct damon_spec spec;

	KUNIT_EXPECT_EQ(test, damon_shares_merge(&spec, shares, NR_SHARES),
			-EINVAL);
	shares[ONE].enabled = true;
	shares[AWAKE].enabled = true;
	shares[AWAKE].wish.addr_unit = 16;
	KUNIT_EXPECT_EQ(test, damon_shares_merge(&spec, shares, NR_SHARES),
			-EBUSY);
	/* Who is not enabled is in nobody's way. */
	shares[AWAKE].enabled = false;
	KUNIT_ASSERT_EQ(test, damon_shares_merge(&spec, shares, NR_SHARES), 0);
	damon_spec_free(&spec);
}

/* Schemes are converted to the intervals that hold, and keep to their range. */
static void layout_differs(struct kunit *test)
{
	struct damon_share *shares = shares_make(test);
	const struct damos_spec *s;
	struct damon_spec spec;

	shares[ONE].enabled = true;
	shares[ONE].wish.range.end = 32 * MB;
	shares[TWO].enabled = true;
	shares[TWO].wish.attrs.aggr_interval = 50000;
	KUNIT_ASSERT_EQ(test, damon_shares_merge(&spec, shares, NR_SHARES), 0);

	KUNIT_EXPECT_EQ(test, spec.attrs.aggr_interval, 50000UL);
	KUNIT_EXPECT_EQ(test, spec.targets[0].nr_ranges, 1U);
	KUNIT_EXPECT_EQ(test, spec.targets[0].ranges[0].start, 16 * MB);
	KUNIT_EXPECT_EQ(test, spec.targets[0].ranges[0].end, 64 * MB);

	s = &spec.schemes[SLOT_ONE];
	KUNIT_EXPECT_EQ(test, s->pattern.age.min, 2400UL);
	KUNIT_EXPECT_EQ(test, s->pattern.age.max, (unsigned long)UINT_MAX);
	KUNIT_ASSERT_EQ(test, s->core_filters.nr, 1U);
	KUNIT_EXPECT_EQ(test, s->core_filters.vec[0].type,
			DAMOS_FILTER_TYPE_ADDR);
	KUNIT_EXPECT_FALSE(test, s->core_filters.vec[0].matching);
	KUNIT_EXPECT_FALSE(test, s->core_filters.vec[0].allow);
	KUNIT_EXPECT_EQ(test, s->core_filters.vec[0].addr_range.start, 16 * MB);
	KUNIT_EXPECT_EQ(test, s->core_filters.vec[0].addr_range.end, 32 * MB);

	s = &spec.schemes[SLOT_TWO];
	KUNIT_EXPECT_EQ(test, s->pattern.age.min, 1200UL);
	KUNIT_EXPECT_EQ(test, s->core_filters.nr, 0U);
	damon_spec_free(&spec);

	/* What was asked for is still there. */
	KUNIT_EXPECT_EQ(test, shares[ONE].schemes[0].pattern.age.min, 1200UL);
	KUNIT_EXPECT_EQ(test, shares[ONE].schemes[0].core_filters.nr, 0U);
}

static struct kunit_case modules_cases[] = {
	KUNIT_CASE(wish_same),
	KUNIT_CASE(wish_finest),
	KUNIT_CASE(wish_tuned),
	KUNIT_CASE(wish_units_differ),
	KUNIT_CASE_PARAM(pattern_convert, convert_gen_params),
	KUNIT_CASE(layout),
	KUNIT_CASE(layout_refused),
	KUNIT_CASE(layout_differs),
	{}
};

static struct kunit_suite modules_suite = {
	.name = "damon_modules",
	.test_cases = modules_cases,
};

kunit_test_suite(modules_suite);
