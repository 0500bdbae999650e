// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/spec.c. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../policy/spec.h"

static void spec_defaults(struct kunit *test)
{
	struct damon_spec spec;

	memset(&spec, 0xff, sizeof(spec));
	damon_spec_init(&spec);
	KUNIT_EXPECT_EQ(test, spec.ops_id, DAMON_OPS_VADDR);
	KUNIT_EXPECT_EQ(test, spec.addr_unit, 1UL);
	KUNIT_EXPECT_FALSE(test, spec.pause);
	KUNIT_EXPECT_EQ(test, spec.attrs.sample_interval, 5000UL);
	KUNIT_EXPECT_EQ(test, spec.attrs.aggr_interval, 100000UL);
	KUNIT_EXPECT_EQ(test, spec.attrs.ops_update_interval, 60000000UL);
	KUNIT_EXPECT_EQ(test, spec.attrs.min_nr_regions, 10UL);
	KUNIT_EXPECT_EQ(test, spec.attrs.max_nr_regions, 1000UL);
	KUNIT_EXPECT_EQ(test, spec.attrs.intervals_goal.aggrs, 0UL);
	KUNIT_EXPECT_EQ(test, spec.nr_targets, 0U);
	KUNIT_EXPECT_NULL(test, spec.targets);
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), 0);
}

/* Two targets, the first one with two ranges. */
static void spec_fill(struct kunit *test, struct damon_spec *spec)
{
	damon_spec_init(spec);
	spec->targets = kvcalloc(2, sizeof(*spec->targets), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, spec->targets);
	spec->nr_targets = 2;
	spec->targets[0].pid = 42;
	spec->targets[1].pid = 43;
	spec->targets[1].obsolete = true;
	spec->targets[0].ranges = kvcalloc(2, sizeof(struct damon_addr_range),
					   GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, spec->targets[0].ranges);
	spec->targets[0].nr_ranges = 2;
	spec->targets[0].ranges[0].end = PAGE_SIZE;
	spec->targets[0].ranges[1].start = 2 * PAGE_SIZE;
	spec->targets[0].ranges[1].end = 3 * PAGE_SIZE;
}

static void spec_copy_is_deep(struct kunit *test)
{
	struct damon_spec src, dst = {};

	spec_fill(test, &src);
	src.pause = true;
	KUNIT_ASSERT_EQ(test, damon_spec_copy(&dst, &src), 0);
	KUNIT_EXPECT_TRUE(test, dst.targets != src.targets);
	KUNIT_EXPECT_TRUE(test, dst.targets[0].ranges != src.targets[0].ranges);
	damon_spec_free(&src);

	KUNIT_EXPECT_TRUE(test, dst.pause);
	KUNIT_ASSERT_EQ(test, dst.nr_targets, 2U);
	KUNIT_EXPECT_EQ(test, dst.targets[0].pid, 42);
	KUNIT_EXPECT_FALSE(test, dst.targets[0].obsolete);
	KUNIT_EXPECT_EQ(test, dst.targets[1].pid, 43);
	KUNIT_EXPECT_TRUE(test, dst.targets[1].obsolete);
	KUNIT_EXPECT_NULL(test, dst.targets[1].ranges);
	KUNIT_ASSERT_EQ(test, dst.targets[0].nr_ranges, 2U);
	KUNIT_EXPECT_EQ(test, dst.targets[0].ranges[0].end, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, dst.targets[0].ranges[1].start, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&dst), 0);
	damon_spec_free(&dst);
}

static void spec_free_twice(struct kunit *test)
{
	struct damon_spec spec, copy;

	spec_fill(test, &spec);
	damon_spec_free(&spec);
	damon_spec_free(&spec);
	KUNIT_EXPECT_NULL(test, spec.targets);
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), 0);
	KUNIT_EXPECT_EQ(test, damon_spec_copy(&copy, &spec), 0);
	KUNIT_EXPECT_NULL(test, copy.targets);
	damon_spec_free(&copy);
}

static const struct attrs_case {
	const char *desc;
	unsigned long sample, aggr, min, max, aggrs, min_sample, max_sample;
	int err;
} attrs_cases[] = {
	{ "defaults", 5000, 100000, 10, 1000, 0, 0, 0, 0 },
	{ "equal intervals", 5000, 5000, 10, 1000, 0, 0, 0, 0 },
	{ "zero intervals", 0, 0, 10, 1000, 0, 0, 0, 0 },
	{ "sampling above aggregation", 5001, 5000, 10, 1000, 0, 0, 0,
		-EINVAL },
	{ "sampling without aggregation", 1, 0, 10, 1000, 0, 0, 0, -EINVAL },
	{ "fewest regions", 5000, 100000, 3, 3, 0, 0, 0, 0 },
	{ "too few regions", 5000, 100000, 2, 1000, 0, 0, 0, -EINVAL },
	{ "no regions", 5000, 100000, 0, 0, 0, 0, 0, -EINVAL },
	{ "lower above upper limit", 5000, 100000, 11, 10, 0, 0, 0, -EINVAL },
	{ "huge limits", 5000, 100000, ULONG_MAX, ULONG_MAX, 0, 0, 0, 0 },
	{ "tuning", 5000, 100000, 10, 1000, 3, 5000, 5000, 0 },
	{ "tuning, limits swapped", 5000, 100000, 10, 1000, 3, 6000, 4000,
		-EINVAL },
	{ "tuning, below the limits", 4999, 100000, 10, 1000, 3, 5000, 6000,
		-EINVAL },
	{ "tuning, above the limits", 6001, 100000, 10, 1000, 3, 5000, 6000,
		-EINVAL },
	{ "no tuning, limits do not matter", 5000, 100000, 10, 1000, 0, 6000,
		4000, 0 },
};

KUNIT_ARRAY_PARAM_DESC(attrs, attrs_cases, desc);

static void attrs_validate(struct kunit *test)
{
	const struct attrs_case *c = test->param_value;
	struct damon_spec spec;

	damon_spec_init(&spec);
	spec.attrs.sample_interval = c->sample;
	spec.attrs.aggr_interval = c->aggr;
	spec.attrs.min_nr_regions = c->min;
	spec.attrs.max_nr_regions = c->max;
	spec.attrs.intervals_goal.aggrs = c->aggrs;
	spec.attrs.intervals_goal.min_sample_us = c->min_sample;
	spec.attrs.intervals_goal.max_sample_us = c->max_sample;
	KUNIT_EXPECT_EQ(test, damon_attrs_validate(&spec.attrs), c->err);
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), c->err);
}

static void attrs_equal(struct kunit *test)
{
	struct damon_spec a, b;
	unsigned long *members = (unsigned long *)&b.attrs;

	damon_spec_init(&a);
	for (size_t i = 0; i < offsetof(struct damon_attrs, cpu_permille) /
	     sizeof(*members); i++) {
		b = a;
		KUNIT_EXPECT_TRUE(test, damon_attrs_equal(&a.attrs, &b.attrs));
		members[i]++;
		KUNIT_EXPECT_FALSE(test, damon_attrs_equal(&a.attrs, &b.attrs));
	}

	/* Means, not ends. */
	b = a;
	b.attrs.cpu_permille = 1;
	b.attrs.scout = false;
	KUNIT_EXPECT_TRUE(test, damon_attrs_equal(&a.attrs, &b.attrs));
}

static void cpu_permille(struct kunit *test)
{
	struct damon_spec spec;

	damon_spec_init(&spec);
	KUNIT_EXPECT_EQ(test, spec.attrs.cpu_permille, 0U);
	KUNIT_EXPECT_TRUE(test, spec.attrs.scout);
	spec.attrs.cpu_permille = 1000;
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), 0);
	spec.attrs.cpu_permille = 1001;
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), -EINVAL);
}

static const struct samples_case {
	const char *desc;
	unsigned long sample, aggr;
	unsigned int nr;
} samples_cases[] = {
	{ "defaults", 5000, 100000, 20 },
	{ "rounded down", 5000, 99999, 19 },
	{ "equal", 7, 7, 1 },
	{ "no aggregation interval", 7, 0, 1 },
	{ "no sampling interval", 0, 100000, 1 },
	{ "no intervals", 0, 0, 1 },
	{ "long aggregation", 1, ULONG_MAX, UINT_MAX },
};

KUNIT_ARRAY_PARAM_DESC(samples, samples_cases, desc);

static void attrs_samples(struct kunit *test)
{
	const struct samples_case *c = test->param_value;
	struct damon_attrs attrs = {
		.sample_interval = c->sample,
		.aggr_interval = c->aggr,
	};

	KUNIT_EXPECT_EQ(test, damon_attrs_max_nr_accesses(&attrs), c->nr);
}

static const struct unit_case {
	const char *desc;
	enum damon_ops_id ops_id;
	unsigned long addr_unit, min_sz;
	int err;
} unit_cases[] = {
	{ "vaddr", DAMON_OPS_VADDR, 1, PAGE_SIZE, 0 },
	{ "vaddr ignores the unit", DAMON_OPS_VADDR, 3, PAGE_SIZE, 0 },
	{ "fvaddr ignores a unit of 0", DAMON_OPS_FVADDR, 0, PAGE_SIZE, 0 },
	{ "paddr", DAMON_OPS_PADDR, 1, PAGE_SIZE, 0 },
	{ "paddr, half a page", DAMON_OPS_PADDR, PAGE_SIZE / 2, 2, 0 },
	{ "paddr, a page", DAMON_OPS_PADDR, PAGE_SIZE, 1, 0 },
	{ "paddr, odd but large", DAMON_OPS_PADDR, 3 * PAGE_SIZE, 1, 0 },
	{ "paddr, odd", DAMON_OPS_PADDR, 3, PAGE_SIZE / 3, -EINVAL },
	{ "paddr, no unit", DAMON_OPS_PADDR, 0, 0, -EINVAL },
	{ "no such operation set", NR_DAMON_OPS, 1, PAGE_SIZE, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(unit, unit_cases, desc);

static void spec_units(struct kunit *test)
{
	const struct unit_case *c = test->param_value;
	struct damon_spec spec;

	damon_spec_init(&spec);
	spec.ops_id = c->ops_id;
	spec.addr_unit = c->addr_unit;
	KUNIT_EXPECT_EQ(test, damon_spec_min_region_sz(&spec), c->min_sz);
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), c->err);
}

static void spec_targets(struct kunit *test)
{
	struct damon_spec spec;

	spec_fill(test, &spec);
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), 0);
	spec.ops_id = DAMON_OPS_PADDR;
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), -EINVAL);
	spec.nr_targets = 1;
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), 0);
	spec.nr_targets = 2;
	spec.ops_id = DAMON_OPS_FVADDR;
	swap(spec.targets[0].ranges[0], spec.targets[0].ranges[1]);
	KUNIT_EXPECT_EQ(test, damon_spec_validate(&spec), -EINVAL);
	damon_spec_free(&spec);

	KUNIT_EXPECT_TRUE(test, damon_ops_has_pid(DAMON_OPS_VADDR));
	KUNIT_EXPECT_TRUE(test, damon_ops_has_pid(DAMON_OPS_FVADDR));
	KUNIT_EXPECT_FALSE(test, damon_ops_has_pid(DAMON_OPS_PADDR));
}

static const struct ranges_case {
	const char *desc;
	struct damon_addr_range ranges[2];
	unsigned int nr;
	unsigned long min_sz;
	int err;
} ranges_cases[] = {
	{ "none", {}, 0, 8, 0 },
	{ "aligned", { { 0, 8 }, { 8, 16 } }, 2, 8, 0 },
	{ "rounded, adjacent", { { 1, 7 }, { 9, 10 } }, 2, 8, 0 },
	{ "rounded, overlapping", { { 1, 9 }, { 10, 20 } }, 2, 8, -EINVAL },
	{ "fine units", { { 1, 9 }, { 10, 20 } }, 2, 1, 0 },
	{ "overlapping", { { 0, 16 }, { 8, 24 } }, 2, 8, -EINVAL },
	{ "out of order", { { 16, 24 }, { 0, 8 } }, 2, 8, -EINVAL },
	{ "equal", { { 0, 8 }, { 0, 8 } }, 2, 8, -EINVAL },
	{ "empty but not rounded", { { 5, 5 } }, 1, 8, 0 },
	{ "empty", { { 8, 8 } }, 1, 8, -EINVAL },
	{ "backwards, in one unit", { { 7, 5 } }, 1, 8, -EINVAL },
	{ "backwards", { { 32, 8 } }, 1, 8, -EINVAL },
	{ "the whole space but the end", { { 0, ULONG_MAX - 7 } }, 1, 8, 0 },
	{ "wrapping around", { { 8, ULONG_MAX } }, 1, 8, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(ranges, ranges_cases, desc);

static void ranges_validate(struct kunit *test)
{
	const struct ranges_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, damon_ranges_validate(c->ranges, c->nr,
						    c->min_sz), c->err);
}

static struct kunit_case spec_cases[] = {
	KUNIT_CASE(spec_defaults),
	KUNIT_CASE(spec_copy_is_deep),
	KUNIT_CASE(spec_free_twice),
	KUNIT_CASE_PARAM(attrs_validate, attrs_gen_params),
	KUNIT_CASE(attrs_equal),
	KUNIT_CASE(cpu_permille),
	KUNIT_CASE_PARAM(attrs_samples, samples_gen_params),
	KUNIT_CASE_PARAM(spec_units, unit_gen_params),
	KUNIT_CASE(spec_targets),
	KUNIT_CASE_PARAM(ranges_validate, ranges_gen_params),
	{}
};

static struct kunit_suite spec_suite = {
	.name = "damon_spec",
	.test_cases = spec_cases,
};

kunit_test_suite(spec_suite);
