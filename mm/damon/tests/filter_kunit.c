// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/filter.c. */

#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "../policy/damos.h"

#define MAX_FILTERS	3

/* Filters of few words: is it about memory of the type, and does that pass? */
#define ADDR(is, pass, from, to) {					\
	.type = DAMOS_FILTER_TYPE_ADDR, .matching = is, .allow = pass,	\
	.addr_range = { from, to },					\
}

#define TARGET(is, pass, idx) {						\
	.type = DAMOS_FILTER_TYPE_TARGET, .matching = is, .allow = pass,\
	.target_idx = idx,						\
}

#define HUGE(from, to) {						\
	.type = DAMOS_FILTER_TYPE_HUGEPAGE_SIZE, .sz_range = { from, to }, \
}

#define OPS(what, pass) { .type = DAMOS_FILTER_TYPE_##what, .allow = pass }

static void who_answers(struct kunit *test)
{
	const unsigned int core = BIT(DAMOS_FILTER_TYPE_ADDR) |
		BIT(DAMOS_FILTER_TYPE_TARGET);

	for (unsigned int i = 0; i < NR_DAMOS_FILTER_TYPES; i++)
		KUNIT_EXPECT_EQ(test, damos_filter_for_core(i),
				!!(core & BIT(i)));
}

/* Filters in the three directories, and on which list they come to be. */
static const struct build_case {
	const char *desc;
	struct damos_filter_spec core[MAX_FILTERS];
	struct damos_filter_spec ops[MAX_FILTERS];
	struct damos_filter_spec any[MAX_FILTERS];
	unsigned int nr_core, nr_ops, nr_any;
	int err;
	/* For each list: directory * 10 + index, of each filter. */
	unsigned int core_is[4], ops_is[4];
	unsigned int nr_core_is, nr_ops_is;
	bool core_allow, ops_allow;
} build_cases[] = {
	{ .desc = "none", .core_allow = true, .ops_allow = true },
	{ .desc = "each in its own, rejecting",
	  .core = { ADDR(1, 0, 0, 1) }, .nr_core = 1,
	  .ops = { OPS(ANON, 0) }, .nr_ops = 1,
	  .core_is = { 10 }, .nr_core_is = 1, .ops_is = { 20 }, .nr_ops_is = 1,
	  .core_allow = true, .ops_allow = true },
	{ .desc = "only for addresses, the last lets pass",
	  .core = { ADDR(1, 0, 0, 1), TARGET(1, 1, 0) }, .nr_core = 2,
	  .core_is = { 10, 11 }, .nr_core_is = 2,
	  .core_allow = false, .ops_allow = true },
	{ .desc = "only for addresses, the last rejects",
	  .any = { TARGET(1, 1, 0), ADDR(1, 0, 0, 1) }, .nr_any = 2,
	  .core_is = { 30, 31 }, .nr_core_is = 2,
	  .core_allow = true, .ops_allow = true },
	{ .desc = "with one for folios, no match for addresses passes",
	  .core = { ADDR(1, 1, 0, 1) }, .nr_core = 1,
	  .any = { OPS(YOUNG, 1) }, .nr_any = 1,
	  .core_is = { 10 }, .nr_core_is = 1, .ops_is = { 30 }, .nr_ops_is = 1,
	  .core_allow = true, .ops_allow = false },
	{ .desc = "sorted by type, in order of the directories",
	  .core = { OPS(ANON, 1), TARGET(1, 0, 1) }, .nr_core = 2,
	  .ops = { ADDR(1, 1, 3, 4), OPS(MEMCG, 0) }, .nr_ops = 2,
	  .any = { HUGE(1, 2), ADDR(0, 1, 5, 6), OPS(UNMAPPED, 1) },
	  .nr_any = 3,
	  .core_is = { 11, 20, 31 }, .nr_core_is = 3,
	  .ops_is = { 10, 21, 30, 32 }, .nr_ops_is = 4,
	  .core_allow = true, .ops_allow = false },
	{ .desc = "empty ranges", .any = { ADDR(1, 0, 5, 5), HUGE(3, 3) },
	  .nr_any = 2, .core_is = { 30 }, .nr_core_is = 1,
	  .ops_is = { 31 }, .nr_ops_is = 1,
	  .core_allow = true, .ops_allow = true },
	{ .desc = "addresses the wrong way round", .err = -EINVAL,
	  .core = { ADDR(1, 0, 6, 5) }, .nr_core = 1 },
	{ .desc = "sizes the wrong way round", .err = -EINVAL,
	  .ops = { OPS(ANON, 0), HUGE(2, 1) }, .nr_ops = 2 },
	{ .desc = "no such type", .err = -EINVAL,
	  .any = { { .type = NR_DAMOS_FILTER_TYPES } }, .nr_any = 1 },
	{ .desc = "nor such", .err = -EINVAL,
	  .any = { { .type = -1 } }, .nr_any = 1 },
};

KUNIT_ARRAY_PARAM_DESC(build, build_cases, desc);

static void expect_list(struct kunit *test, const struct build_case *c,
			const struct damos_filters *list,
			const unsigned int *want, unsigned int nr)
{
	const struct damos_filter_spec *dirs[] = { c->core, c->ops, c->any };

	KUNIT_ASSERT_EQ(test, list->nr, nr);
	for (unsigned int i = 0; i < nr; i++) {
		KUNIT_EXPECT_TRUE(test, list->vec[i].spec ==
				  &dirs[want[i] / 10 - 1][want[i] % 10]);
		KUNIT_EXPECT_NULL(test, list->vec[i].memcg);
	}
}

static void build(struct kunit *test)
{
	const struct build_case *c = test->param_value;
	struct damos_spec spec = {
		.core_filters = { (void *)c->core, c->nr_core },
		.ops_filters = { (void *)c->ops, c->nr_ops },
		.filters = { (void *)c->any, c->nr_any },
	};
	struct damos s = { .spec = &spec };

	KUNIT_ASSERT_EQ(test, damos_filters_build(&s), c->err);
	expect_list(test, c, &s.core_filters, c->core_is, c->nr_core_is);
	expect_list(test, c, &s.ops_filters, c->ops_is, c->nr_ops_is);
	KUNIT_EXPECT_EQ(test, s.core_filters.allow, c->core_allow);
	KUNIT_EXPECT_EQ(test, s.ops_filters.allow, c->ops_allow);
	damos_filters_destroy(&s);
	KUNIT_EXPECT_EQ(test, s.core_filters.nr, 0U);
	KUNIT_EXPECT_EQ(test, s.ops_filters.nr, 0U);
	damos_filters_destroy(&s);
}

static const struct verdict_case {
	const char *desc;
	unsigned long min_sz;
	unsigned int target;
	unsigned int nr;
	struct damos_filter_spec filters[MAX_FILTERS];
	struct damon_addr_range ar;
	/* What is told one after the other, until the end of the range. */
	struct {
		unsigned long end;
		bool pass, by_filter;
	} told[5];
} verdict_cases[] = {
	{ "no filter", 1, 0, 0, {}, { 0, 10 }, { { 10, 1, 0 } } },

	{ "target is rejected", 1, 2, 1, { TARGET(1, 0, 2) }, { 0, 10 },
	  { { 10, 0, 0 } } },
	{ "another target is", 1, 1, 1, { TARGET(1, 0, 2) }, { 0, 10 },
	  { { 10, 1, 0 } } },
	{ "target may pass", 1, 2, 1, { TARGET(1, 1, 2) }, { 0, 10 },
	  { { 10, 1, 1 } } },
	{ "only another target may", 1, 1, 1, { TARGET(1, 1, 2) }, { 0, 10 },
	  { { 10, 0, 0 } } },
	{ "all but a target are rejected", 1, 1, 1, { TARGET(0, 0, 2) },
	  { 0, 10 }, { { 10, 0, 0 } } },
	{ "no such target", 1, 0, 1, { TARGET(1, 0, -1) }, { 0, 10 },
	  { { 10, 1, 0 } } },

	{ "inside", 1, 0, 1, { ADDR(1, 0, 10, 20) }, { 10, 20 },
	  { { 20, 0, 0 } } },
	{ "before", 1, 0, 1, { ADDR(1, 0, 10, 20) }, { 5, 10 },
	  { { 10, 1, 0 } } },
	{ "behind", 1, 0, 1, { ADDR(1, 0, 10, 20) }, { 20, 25 },
	  { { 25, 1, 0 } } },
	{ "begins before", 1, 0, 1, { ADDR(1, 0, 10, 20) }, { 5, 15 },
	  { { 10, 1, 0 }, { 15, 0, 0 } } },
	{ "ends behind", 1, 0, 1, { ADDR(1, 0, 10, 20) }, { 15, 25 },
	  { { 20, 0, 0 }, { 25, 1, 0 } } },
	{ "around", 1, 0, 1, { ADDR(1, 0, 10, 20) }, { 5, 25 },
	  { { 10, 1, 0 }, { 20, 0, 0 }, { 25, 1, 0 } } },
	{ "only what is inside may pass", 1, 0, 1, { ADDR(1, 1, 10, 20) },
	  { 5, 25 }, { { 10, 0, 0 }, { 20, 1, 1 }, { 25, 0, 0 },
	    { 30, 1, 0 } } },
	{ "what is outside may pass", 1, 0, 1, { ADDR(0, 1, 10, 20) },
	  { 5, 25 }, { { 10, 1, 1 }, { 20, 0, 0 }, { 25, 1, 1 } } },
	{ "what is outside is rejected", 1, 0, 1, { ADDR(0, 0, 10, 20) },
	  { 5, 25 }, { { 10, 0, 0 }, { 20, 1, 0 }, { 25, 0, 0 } } },
	{ "nothing is inside an empty range", 1, 0, 1, { ADDR(1, 0, 10, 10) },
	  { 5, 25 }, { { 25, 1, 0 } } },
	{ "everything is inside", 1, 0, 1, { ADDR(1, 0, 0, ULONG_MAX) },
	  { 0, ULONG_MAX }, { { ULONG_MAX, 0, 0 } } },

	{ "ends are rounded down", 8, 0, 1, { ADDR(1, 0, 9, 23) },
	  { 0, 32 }, { { 8, 1, 0 }, { 16, 0, 0 }, { 32, 1, 0 } } },
	{ "even to nothing", 8, 0, 1, { ADDR(1, 0, 9, 15) }, { 0, 32 },
	  { { 32, 1, 0 } } },

	{ "the first that matches counts", 1, 0, 2,
	  { ADDR(1, 1, 10, 20), ADDR(1, 0, 5, 25) }, { 0, 30 },
	  { { 5, 1, 0 }, { 10, 0, 0 }, { 20, 1, 1 }, { 25, 0, 0 },
	    { 30, 1, 0 } } },
	{ "a later one sees what is left", 1, 0, 2,
	  { ADDR(1, 0, 10, 20), ADDR(1, 1, 5, 15) }, { 0, 30 },
	  { { 5, 0, 0 }, { 10, 1, 1 }, { 20, 0, 0 }, { 30, 0, 0 } } },
	{ "one that matched hides the edges of later ones", 1, 0, 2,
	  { TARGET(1, 1, 0), ADDR(1, 0, 10, 20) }, { 0, 30 },
	  { { 30, 1, 1 } } },
	{ "cut by what does not match", 1, 3, 2,
	  { ADDR(0, 0, 10, 20), TARGET(1, 1, 3) }, { 10, 30 },
	  { { 20, 1, 1 }, { 30, 0, 0 } } },
};

KUNIT_ARRAY_PARAM_DESC(verdict, verdict_cases, desc);

static void verdict(struct kunit *test)
{
	const struct verdict_case *c = test->param_value;
	struct damos_spec spec = { .filters = { (void *)c->filters, c->nr } };
	struct damos s = { .spec = &spec };
	struct damon_addr_range ar = c->ar;

	KUNIT_ASSERT_EQ(test, damos_filters_build(&s), 0);
	for (unsigned int i = 0; ar.start < c->ar.end; i++) {
		unsigned long start = ar.start;
		bool by_filter = !c->told[i].by_filter;

		ar.end = c->ar.end;
		KUNIT_EXPECT_EQ(test, damos_core_verdict(&s, c->target,
							 c->min_sz, &ar,
							 &by_filter),
				c->told[i].pass);
		KUNIT_EXPECT_EQ(test, by_filter, c->told[i].by_filter);
		KUNIT_EXPECT_EQ(test, ar.start, start);
		KUNIT_ASSERT_EQ(test, ar.end, c->told[i].end);
		ar.start = ar.end;
	}
	damos_filters_destroy(&s);
}

static struct kunit_case filter_suite_cases[] = {
	KUNIT_CASE(who_answers),
	KUNIT_CASE_PARAM(build, build_gen_params),
	KUNIT_CASE_PARAM(verdict, verdict_gen_params),
	{}
};

static struct kunit_suite filter_suite = {
	.name = "damon_filter",
	.test_cases = filter_suite_cases,
};

kunit_test_suite(filter_suite);
