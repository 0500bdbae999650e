// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of policy/apply.c: what one pass does, by example.  pass_kunit.c has
 * what becomes of several, and sweep_kunit.c what always holds.
 */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "apply_fixture.h"

static const struct apply_case {
	const char *desc;
	unsigned long min_sz;
	unsigned int cap;
	unsigned int per_slice;
	unsigned long step;
	struct target_words targets[NR_TARGETS];
	struct scheme_words schemes[NR_SCHEMES];
	unsigned int nr_schemes;
	const char *applied;
	const char *regions;
	/* Regions and size tried, and snapshots. */
	unsigned long stat[NR_SCHEMES][3];
} apply_cases[] = {
	{ .desc = "no scheme", .targets = { { .regions = { { 10, 5 } } } },
	  .applied = "", .regions = "0:0-10/5" },
	{ .desc = "no region", .nr_schemes = 1, .applied = "", .regions = "" },
	{ .desc = "all regions", .nr_schemes = 1,
	  .targets = { { .regions = { { 10, 5 }, { 30, 6 } } },
		       { .start = 5, .regions = { { 7, 1 } } } },
	  .schemes = { { DAMOS_STAT } },
	  .applied = "A0:0-10/5 A0:10-30/6 A1:5-7/1",
	  .regions = "0:0-10/5 0:10-30/6 1:5-7/1",
	  .stat = { { 3, 32, 2 } } },
	{ .desc = "two schemes, region by region", .nr_schemes = 2,
	  .targets = { { .regions = { { 10, 5 }, { 30, 6 } } } },
	  .schemes = { { DAMOS_PAGEOUT }, { DAMOS_STAT } },
	  .applied = "A0:0-10/5 B0:0-10/0 A0:10-30/6 B0:10-30/0",
	  .regions = "0:0-10/0 0:10-30/0",
	  .stat = { { 2, 30, 1 }, { 2, 30, 1 } } },
	{ .desc = "the first one changes what the second finds",
	  .targets = { { .regions = { { 10, 5 } } } }, .nr_schemes = 2,
	  .schemes = { { DAMOS_PAGEOUT }, { DAMOS_STAT, .min_age = 1 } },
	  .applied = "A0:0-10/5", .regions = "0:0-10/0",
	  .stat = { { 1, 10, 1 }, { 0, 0, 1 } } },
	{ .desc = "only what fits", .nr_schemes = 1,
	  .targets = { { .regions = { { 10, 5 }, { 30, 6 }, { 31, 7 } } } },
	  .schemes = { { DAMOS_PAGEOUT, .min_age = 6, .min_size = 2 } },
	  .applied = "A0:10-30/6", .regions = "0:0-10/5 0:10-30/0 0:30-31/7",
	  .stat = { { 1, 20, 1 } } },
	{ .desc = "invalid target", .nr_schemes = 1,
	  .targets = { { .regions = { { 10, 5 } } },
		       { .invalid = true, .regions = { { 10, 5 } } },
		       { .regions = { { 20, 5 } } } },
	  .schemes = { { DAMOS_PAGEOUT } },
	  .applied = "A0:0-10/5 A2:0-20/5",
	  .regions = "0:0-10/0 1:0-10/5 2:0-20/0",
	  .stat = { { 2, 30, 2 } } },

	{ .desc = "the middle is rejected", .nr_schemes = 1,
	  .targets = { { .regions = { { 100, 5 } } } },
	  .schemes = { { DAMOS_PAGEOUT, .nr_filters = 1, .filters = {
		REJECT(40, 60) } } },
	  .applied = "A0:0-40/5 A0:60-100/5",
	  .regions = "0:0-40/0 0:40-60/5 0:60-100/0",
	  .stat = { { 2, 80, 1 } } },
	{ .desc = "only the middle passes, without being asked again",
	  .targets = { { .regions = { { 100, 5 } } } }, .nr_schemes = 1,
	  .schemes = { { DAMOS_STAT, .nr_filters = 1, .filters = {
		{ .type = DAMOS_FILTER_TYPE_ADDR, .matching = true,
		  .allow = true, .addr_range = { 40, 60 } } } } },
	  .applied = "A0:40-60/5*", .regions = "0:0-100/5",
	  .stat = { { 1, 20, 1 } } },
	{ .desc = "edges between two multiples", .min_sz = 8,
	  .targets = { { .regions = { { 96, 5 } } } }, .nr_schemes = 1,
	  .schemes = { { DAMOS_PAGEOUT, .nr_filters = 1, .filters = {
		REJECT(41, 63) } } },
	  .applied = "A0:0-40/5 A0:56-96/5",
	  .regions = "0:0-40/0 0:40-56/5 0:56-96/0",
	  .stat = { { 2, 80, 1 } } },
	{ .desc = "another target is rejected", .nr_schemes = 1,
	  .targets = { { .regions = { { 10, 5 } } },
		       { .regions = { { 10, 5 } } } },
	  .schemes = { { DAMOS_PAGEOUT, .nr_filters = 1, .filters = {
		{ .type = DAMOS_FILTER_TYPE_TARGET, .matching = true } } } },
	  .applied = "A1:0-10/5", .regions = "0:0-10/5 1:0-10/0",
	  .stat = { { 1, 10, 2 } } },
	{ .desc = "what is left after a cut is too small", .nr_schemes = 1,
	  .targets = { { .regions = { { 100, 5 } } } },
	  .schemes = { { DAMOS_STAT, .min_size = 61, .nr_filters = 1,
		.filters = { REJECT(40, 100) } } },
	  .applied = "A0:0-40/5", .regions = "0:0-100/5",
	  .stat = { { 1, 40, 1 } } },
	{ .desc = "a cut by one is not done twice by the other",
	  .targets = { { .regions = { { 100, 9 } } } }, .nr_schemes = 2,
	  .schemes = { { DAMOS_PAGEOUT }, { DAMOS_STAT, .nr_filters = 1,
		.filters = { REJECT(40, 60) } } },
	  .applied = "A0:0-100/9 B0:0-40/0 B0:60-100/0",
	  .regions = "0:0-100/0",
	  .stat = { { 1, 100, 1 }, { 2, 80, 1 } } },
	{ .desc = "the example", .nr_schemes = 2,
	  .targets = { { .regions = { { 100, 9 } } } },
	  .schemes = { { DAMOS_PAGEOUT, .nr_filters = 1, .filters = {
			REJECT(0, 40) } },
		       { DAMOS_PAGEOUT, .quota = 30 } },
	  .applied = "B0:0-30/9 A0:40-100/9",
	  .regions = "0:0-30/0 0:30-40/9 0:40-100/0",
	  .stat = { { 1, 60, 1 }, { 1, 30, 0 } } },

	{ .desc = "quota for some", .nr_schemes = 1,
	  .targets = { { .regions = { { 20, 5 }, { 50, 5 }, { 60, 5 } } } },
	  .schemes = { { DAMOS_PAGEOUT, .quota = 30 } },
	  .applied = "A0:0-20/5 A0:20-30/5",
	  .regions = "0:0-20/0 0:20-30/0 0:30-50/5 0:50-60/5",
	  .stat = { { 2, 30, 0 } } },
	{ .desc = "quota for all", .nr_schemes = 1,
	  .targets = { { .regions = { { 20, 5 }, { 50, 5 } } } },
	  .schemes = { { DAMOS_PAGEOUT, .quota = 50 } },
	  .applied = "A0:0-20/5 A0:20-50/5", .regions = "0:0-20/0 0:20-50/0",
	  .stat = { { 2, 50, 1 } } },
	{ .desc = "what is left of a quota is too small", .min_sz = 8,
	  .targets = { { .regions = { { 16, 5 }, { 48, 5 } } } },
	  .nr_schemes = 1, .schemes = { { DAMOS_PAGEOUT, .quota = 31 } },
	  .applied = "A0:0-16/5 A0:16-24/5",
	  .regions = "0:0-16/0 0:16-24/0 0:24-48/5",
	  .stat = { { 2, 24, 0 } } },
	{ .desc = "a quota too small for anything", .min_sz = 8,
	  .targets = { { .regions = { { 16, 5 } } } }, .nr_schemes = 1,
	  .schemes = { { DAMOS_PAGEOUT, .quota = 7 } },
	  .applied = "", .regions = "0:0-16/5" },
	{ .desc = "what is rejected costs no quota", .nr_schemes = 1,
	  .targets = { { .regions = { { 100, 5 } } } },
	  .schemes = { { DAMOS_PAGEOUT, .quota = 30, .nr_filters = 1,
		.filters = { REJECT(10, 60) } } },
	  .applied = "A0:0-10/5 A0:60-80/5",
	  .regions = "0:0-10/0 0:10-60/5 0:60-80/0 0:80-100/5",
	  .stat = { { 2, 30, 0 } } },

	{ .desc = "enough snapshots of targets", .nr_schemes = 1,
	  .targets = { { .regions = { { 10, 5 } } },
		       { .regions = { { 10, 5 }, { 20, 5 } } },
		       { .regions = { { 10, 5 } } } },
	  .schemes = { { DAMOS_STAT, .max_nr_snapshots = 2 } },
	  .applied = "A0:0-10/5 A1:0-10/5 A1:10-20/5",
	  .regions = "0:0-10/5 1:0-10/5 1:10-20/5 2:0-10/5",
	  .stat = { { 3, 30, 2 } } },

	{ .desc = "one region a slice", .per_slice = 1, .nr_schemes = 1,
	  .targets = { { .regions = { { 10, 5 }, { 30, 6 } } },
		       { .start = 5, .regions = { { 7, 1 } } } },
	  .schemes = { { DAMOS_PAGEOUT } },
	  .applied = "A0:0-10/5 | A0:10-30/6 | A1:5-7/1",
	  .regions = "0:0-10/0 0:10-30/0 1:5-7/0",
	  .stat = { { 3, 32, 2 } } },
	{ .desc = "one scheme a slice", .per_slice = 1, .nr_schemes = 2,
	  .targets = { { .regions = { { 10, 5 }, { 30, 6 } } } },
	  .schemes = { { DAMOS_STAT }, { DAMOS_PAGEOUT } },
	  .applied = "A0:0-10/5 | B0:0-10/5 | A0:10-30/6 | B0:10-30/6",
	  .regions = "0:0-10/0 0:10-30/0",
	  .stat = { { 2, 30, 1 }, { 2, 30, 1 } } },
	{ .desc = "not a region a slice", .per_slice = 1, .step = 4,
	  .targets = { { .regions = { { 10, 5 } } } }, .nr_schemes = 1,
	  .schemes = { { DAMOS_PAGEOUT } },
	  .applied = "A0:0-4/5 | A0:4-8/5 | A0:8-10/5",
	  .regions = "0:0-4/0 0:4-8/0 0:8-10/0",
	  .stat = { { 3, 10, 1 } } },
	{ .desc = "nor does it cut the region for counting", .per_slice = 1,
	  .targets = { { .regions = { { 10, 5 } } } }, .nr_schemes = 1,
	  .schemes = { { DAMOS_STAT } }, .step = 4,
	  .applied = "A0:0-4/5 | A0:4-8/5 | A0:8-10/5",
	  .regions = "0:0-10/5", .stat = { { 3, 10, 1 } } },
	{ .desc = "each has its own place", .per_slice = 2, .step = 6,
	  .targets = { { .regions = { { 10, 5 } } } }, .nr_schemes = 2,
	  .schemes = { { DAMOS_PAGEOUT }, { DAMOS_STAT } },
	  .applied = "A0:0-6/5 B0:0-6/0 | A0:6-10/5 B0:6-10/0",
	  .regions = "0:0-6/0 0:6-10/0",
	  .stat = { { 2, 10, 1 }, { 2, 10, 1 } } },

	{ .desc = "no room for a cut by a filter", .cap = 1,
	  .targets = { { .regions = { { 100, 5 } } } }, .nr_schemes = 2,
	  .schemes = { { DAMOS_PAGEOUT, .nr_filters = 1, .filters = {
			REJECT(40, 60) } },
		       { DAMOS_STAT } },
	  .applied = "B0:0-100/5", .regions = "0:0-100/5",
	  .stat = { { 0, 0, 0 }, { 1, 100, 1 } } },
	{ .desc = "room for one cut of two", .cap = 2,
	  .targets = { { .regions = { { 100, 5 } } } }, .nr_schemes = 1,
	  .schemes = { { DAMOS_PAGEOUT, .nr_filters = 1, .filters = {
			REJECT(40, 60) } } },
	  .applied = "A0:0-40/5", .regions = "0:0-40/0 0:40-100/5",
	  .stat = { { 1, 40, 0 } } },
	{ .desc = "room for all four, if they are joined again", .cap = 3,
	  .targets = { { .regions = { { 100, 5 } } } }, .nr_schemes = 1,
	  .schemes = { { DAMOS_STAT, .nr_filters = 2, .filters = {
			REJECT(40, 60),
			REJECT(70, 80) } } },
	  .applied = "A0:0-40/5 A0:60-70/5 A0:80-100/5",
	  .regions = "0:0-100/5", .stat = { { 3, 70, 1 } } },
	{ .desc = "no room for a cut by the quota", .cap = 3,
	  .targets = { { .regions = { { 50, 5 }, { 70, 5 }, { 80, 5 } } } },
	  .nr_schemes = 1, .schemes = { { DAMOS_PAGEOUT, .quota = 30 } },
	  .applied = "A0:50-70/5 A0:70-80/5",
	  .regions = "0:0-50/5 0:50-70/0 0:70-80/0",
	  .stat = { { 2, 30, 1 } } },
	{ .desc = "no room for a cut by time", .cap = 1, .per_slice = 3,
	  .targets = { { .regions = { { 10, 5 } } } }, .nr_schemes = 1,
	  .schemes = { { DAMOS_PAGEOUT } }, .step = 4,
	  .applied = "A0:0-4/5 A0:4-8/5 A0:8-10/5",
	  .regions = "0:0-10/0", .stat = { { 3, 10, 1 } } },
};

KUNIT_ARRAY_PARAM_DESC(apply, apply_cases, desc);

static void apply(struct kunit *test)
{
	const struct apply_case *c = test->param_value;
	struct apply_fixture *f = test->priv;

	f->step = c->step;
	f->per_slice = c->per_slice;
	f->part = 2;
	damon_access_set_attrs(&f->ac, &f->attrs, max(c->min_sz, 1UL));
	put_targets(test, c->targets);
	for (unsigned int i = 0; i < c->nr_schemes; i++)
		put_scheme(test, &c->schemes[i]);
	if (c->cap)
		f->rs.cap = c->cap;
	run_pass(test);
	expect_text(test, f->text, c->applied);
	expect_regions(test, c->regions);
	for (unsigned int i = 0; i < c->nr_schemes; i++) {
		struct damos_stat *stat = &f->schemes[i].stat;

		KUNIT_EXPECT_EQ(test, stat->nr_tried, c->stat[i][0]);
		KUNIT_EXPECT_EQ(test, stat->sz_tried, c->stat[i][1]);
		KUNIT_EXPECT_EQ(test, stat->nr_snapshots, c->stat[i][2]);
		KUNIT_EXPECT_EQ(test, stat->nr_applied, stat->nr_tried);
		KUNIT_EXPECT_EQ(test, stat->sz_applied, stat->sz_tried / 2);
		KUNIT_EXPECT_EQ(test, stat->sz_ops_filter_passed,
				stat->sz_applied + stat->nr_tried);
	}
}

static struct kunit_case apply_suite_cases[] = {
	KUNIT_CASE_PARAM(apply, apply_gen_params),
	{}
};

static struct kunit_suite apply_suite = {
	.name = "damon_apply",
	.init = apply_init,
	.exit = apply_exit,
	.test_cases = apply_suite_cases,
};

kunit_test_suite(apply_suite);
