// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/scout.c. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>

#include "../policy/access.h"
#include "../policy/region.h"
#include "../policy/scout.h"

#define BASE		((unsigned long)SZ_1G)
#define MIB		((unsigned long)SZ_1M)
#define MAX_TOUCHED	20
#define CAP		64

/* What a fake scout knows, and was asked for. */
struct scout_fixture {
	struct damon_access ac;
	struct damon_regions rs;
	struct damon_addr_range touched[MAX_TOUCHED];
	unsigned int nr_touched;
	unsigned int left;
	unsigned int nr_looks;
	unsigned long looked_at[CAP];
};

static bool look(void *data, const struct damon_target *t,
		 const struct damon_addr_range *ar,
		 struct damon_scout_map *map)
{
	struct scout_fixture *f = data;

	if (!f->left)
		return false;
	f->left--;
	f->looked_at[f->nr_looks++] = ar->start;
	for (unsigned int i = 0; i < f->nr_touched; i++) {
		unsigned long start = max(ar->start, f->touched[i].start);
		unsigned long end = min(ar->end, f->touched[i].end);

		damon_scout_touched(map, start, end);
	}
	return true;
}

static int scout_init(struct kunit *test)
{
	struct scout_fixture *f;

	f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	if (!f || damon_regions_init(&f->rs, 2, CAP))
		return -ENOMEM;
	f->ac = (struct damon_access){
		.max_nr_accesses = 20,
		.min_nr_regions = 3,
		.max_nr_regions = CAP,
		.min_sz = PAGE_SIZE,
		.stride = 1,
		.rnd = 1,
	};
	f->left = UINT_MAX;
	test->priv = f;
	return 0;
}

static void scout_exit(struct kunit *test)
{
	struct scout_fixture *f = test->priv;

	if (f)
		damon_regions_free(&f->rs);
}

/* Cold regions of this size, one after the other, @nr in each target. */
static void put_regions(struct kunit *test, unsigned int nr, unsigned long sz)
{
	struct scout_fixture *f = test->priv;

	for (unsigned int i = 0; i < 2 * nr; i++) {
		struct damon_region *r = &f->rs.cur[i];
		unsigned long start = BASE + i * sz;

		damon_region_init(r, start, start + sz, &f->ac.rnd);
		r->flags = 0;
		r->age = 1;
	}
	for (unsigned int i = 0; i < 2; i++) {
		f->rs.targets[i].first = i * nr;
		f->rs.targets[i].nr_regions = nr;
	}
	f->rs.nr = 2 * nr;
}

static void put_touched(struct scout_fixture *f, unsigned long start,
			unsigned long end)
{
	f->touched[f->nr_touched++] = (struct damon_addr_range){
		.start = BASE + start,
		.end = BASE + end,
	};
}

static void scout(struct scout_fixture *f, unsigned int limit)
{
	const struct damon_scout s = { .look = look, .data = f };

	f->nr_looks = 0;
	damon_access_scout(&f->ac, &f->rs, &s, limit);
}

/* In MiB; a region of 64 is cut where, and is the first piece touched? */
static const struct cut_case {
	const char *desc;
	unsigned long touched[10][2];
	unsigned int nr_pieces;
	bool first_touched;
	unsigned long ends[9];
} cut_cases[] = {
	{ "nothing", {}, 1, false, { 64 } },
	{ "all", { { 0, 64 } }, 1, true, { 64 } },
	{ "the example", { { 10, 12 }, { 30, 32 } }, 5, false,
	  { 10, 12, 30, 32, 64 } },
	{ "too short a gap", { { 10, 12 }, { 16, 18 }, { 30, 32 } }, 5, false,
	  { 10, 18, 30, 32, 64 } },
	{ "the beginning", { { 0, 2 } }, 2, true, { 2, 64 } },
	{ "the end", { { 62, 64 } }, 2, false, { 62, 64 } },
	{ "a gap as short as can be", { { 0, 28 }, { 36, 64 } }, 3, true,
	  { 28, 36, 64 } },
	{ "a gap one less", { { 0, 28 }, { 35, 64 } }, 1, true, { 64 } },
	{ "near the ends", { { 6, 58 } }, 1, true, { 64 } },
	{ "told twice", { { 10, 20 }, { 10, 20 }, { 12, 14 } }, 3, false,
	  { 10, 20, 64 } },
	{ "told as nothing", { { 10, 10 } }, 1, false, { 64 } },
};

KUNIT_ARRAY_PARAM_DESC(cut, cut_cases, desc);

static void cuts(struct kunit *test)
{
	const struct cut_case *c = test->param_value;
	struct scout_fixture *f = test->priv;
	bool touched = c->first_touched;
	unsigned long start = BASE;

	put_regions(test, 1, 64 * MIB);
	f->rs.cur[0].age = 3;
	f->rs.cur[0].rate = 77;
	for (unsigned int i = 0; i < ARRAY_SIZE(c->touched); i++)
		put_touched(f, c->touched[i][0] * MIB, c->touched[i][1] * MIB);
	scout(f, CAP);
	KUNIT_ASSERT_EQ(test, f->rs.targets[0].nr_regions, c->nr_pieces);
	KUNIT_EXPECT_EQ(test, f->rs.nr, c->nr_pieces + 1);
	for (unsigned int i = 0; i < c->nr_pieces; i++) {
		struct damon_region *r = &f->rs.cur[i];

		KUNIT_EXPECT_EQ(test, r->ar.start, start);
		KUNIT_EXPECT_EQ(test, r->ar.end, BASE + c->ends[i] * MIB);
		KUNIT_EXPECT_EQ(test, !!(r->flags & DAMON_REGION_TOUCHED),
				touched);
		KUNIT_EXPECT_EQ(test, !!r->hold, touched && c->nr_pieces > 1);
		KUNIT_EXPECT_EQ(test, r->age, 3U);
		KUNIT_EXPECT_EQ(test, r->rate, 77U);
		start = r->ar.end;
		touched = !touched;
	}
	KUNIT_EXPECT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
}

/* Seven gaps and eight touched parts: more there cannot be. */
static void most_pieces(struct kunit *test)
{
	struct scout_fixture *f = test->priv;

	put_regions(test, 1, 1024 * MIB);
	for (unsigned int i = 0; i < 8; i++)
		put_touched(f, i * 129 * MIB, (i * 129 + 1) * MIB);
	scout(f, CAP);
	KUNIT_EXPECT_EQ(test, f->rs.targets[0].nr_regions, DAMON_SCOUT_PIECES);

	/* The smallest gap is one block. */
	put_regions(test, 1, 16 * MIB);
	f->nr_touched = 0;
	for (unsigned int i = 0; i < 8; i++)
		put_touched(f, i * 516 * PAGE_SIZE,
			    (i * 516 + 4) * PAGE_SIZE);
	scout(f, CAP);
	KUNIT_EXPECT_EQ(test, f->rs.targets[0].nr_regions, DAMON_SCOUT_PIECES);
	KUNIT_EXPECT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
}

/* Cuts are multiples of the smallest size, in favour of what was touched. */
static void cuts_at_multiples(struct kunit *test)
{
	struct scout_fixture *f = test->priv;

	f->ac.min_sz = 4 * MIB;
	put_regions(test, 1, 64 * MIB);
	put_touched(f, 22 * MIB, 26 * MIB);
	scout(f, CAP);
	KUNIT_ASSERT_EQ(test, f->rs.targets[0].nr_regions, 3U);
	KUNIT_EXPECT_EQ(test, f->rs.cur[1].ar.start, BASE + 20 * MIB);
	KUNIT_EXPECT_EQ(test, f->rs.cur[1].ar.end, BASE + 28 * MIB);
}

static const struct wanted_case {
	const char *desc;
	unsigned int nr_accesses, age, nr_aggrs;
	u8 flags;
	bool wanted;
} wanted_cases[] = {
	{ "young", 0, 3, 1, 0, true },
	{ "old", 0, 4, 1, 0, false },
	{ "old, its turn", 0, 4, 8, 0, true },
	{ "accessed", 1, 1, 8, 0, false },
	{ "unknown", 0, 0, 8, DAMON_REGION_FRESH, false },
};

KUNIT_ARRAY_PARAM_DESC(wanted, wanted_cases, desc);

static void looks_at(struct kunit *test)
{
	const struct wanted_case *c = test->param_value;
	struct scout_fixture *f = test->priv;
	struct damon_region *r = f->rs.cur;

	put_regions(test, 1, 64 * MIB);
	f->rs.targets[1].nr_regions = 0;
	f->rs.nr = 1;
	r->nr_accesses = c->nr_accesses;
	r->age = c->age;
	r->flags = c->flags;
	f->ac.nr_aggrs = c->nr_aggrs;
	scout(f, CAP);
	KUNIT_EXPECT_EQ(test, f->nr_looks, c->wanted);
	/* What is accessed was touched, no need to ask. */
	KUNIT_EXPECT_EQ(test, !!(f->rs.cur->flags & DAMON_REGION_TOUCHED),
			!!c->nr_accesses);
}

/* Old regions have their turns at different times, each one in eight. */
static void takes_turns(struct kunit *test)
{
	struct scout_fixture *f = test->priv;
	unsigned int nr = 0;

	put_regions(test, 8, 64 * MIB);
	for (unsigned int i = 0; i < f->rs.nr; i++)
		f->rs.cur[i].age = 100;
	for (f->ac.nr_aggrs = 0; f->ac.nr_aggrs < 8; f->ac.nr_aggrs++) {
		scout(f, CAP);
		KUNIT_EXPECT_EQ(test, f->nr_looks, 2U);
		nr += f->nr_looks;
	}
	KUNIT_EXPECT_EQ(test, nr, 16U);
}

static void keeps_to_the_limit(struct kunit *test)
{
	struct scout_fixture *f = test->priv;

	put_regions(test, 1, 64 * MIB);
	put_touched(f, 20 * MIB, 22 * MIB);
	scout(f, 2);
	KUNIT_EXPECT_EQ(test, f->nr_looks, 0U);
	scout(f, 3);
	KUNIT_EXPECT_EQ(test, f->nr_looks, 2U);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 2U);
	KUNIT_EXPECT_TRUE(test, f->rs.cur[0].flags & DAMON_REGION_TOUCHED);
	scout(f, 4);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 4U);
	KUNIT_EXPECT_FALSE(test, f->rs.cur[0].flags & DAMON_REGION_TOUCHED);
}

/* Whoever declines is asked for the rest in the next turn. */
static void goes_on(struct kunit *test)
{
	static const struct {
		unsigned int left, first, end;
	} turns[] = { { 4, 0, 4 }, { 1, 4, 5 }, { 9, 5, 6 }, { 9, 0, 6 } };
	struct scout_fixture *f = test->priv;

	put_regions(test, 3, 64 * MIB);
	for (unsigned int i = 0; i < ARRAY_SIZE(turns); i++) {
		f->left = turns[i].left;
		scout(f, CAP);
		KUNIT_EXPECT_EQ(test, f->nr_looks,
				turns[i].end - turns[i].first);
		for (unsigned int j = 0; j < f->nr_looks; j++)
			KUNIT_EXPECT_EQ(test, f->looked_at[j], BASE +
					(turns[i].first + j) * 64 * MIB);
	}
}

/* Whatever is told, regions stay in order and cover the same. */
static void any_map(struct kunit *test)
{
	struct scout_fixture *f = test->priv;
	u32 rnd = 7;

	for (unsigned int n = 0; n < 2000; n++) {
		unsigned long at = 0, covered = 0;

		f->nr_touched = 0;
		put_regions(test, 2, 17 * MIB + n * 3 * PAGE_SIZE);
		while (f->nr_touched < MAX_TOUCHED) {
			unsigned long sz;

			rnd = next_pseudo_random32(rnd);
			at += (rnd >> 8) % (6 * MIB);
			rnd = next_pseudo_random32(rnd);
			sz = (rnd >> 8) % (2 * MIB);
			put_touched(f, at, at + sz);
			at += sz;
		}
		scout(f, CAP);
		for (unsigned int i = 0; i < f->rs.nr; i++)
			covered += damon_sz_region(&f->rs.cur[i]);
		KUNIT_ASSERT_EQ(test, covered,
				4 * (17 * MIB + n * 3 * PAGE_SIZE));
		KUNIT_ASSERT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
	}
}

/* Touched pieces are left alone for a while, then as long as there is room. */
static void merges(struct kunit *test)
{
	struct scout_fixture *f = test->priv;
	const struct damon_scout s = { .look = look, .data = f };

	f->ac.min_nr_regions = 1;
	put_regions(test, 2, 32 * MIB);
	damon_access_fit(&f->ac, &f->rs);
	put_touched(f, 20 * MIB, 22 * MIB);
	damon_access_aggregate(&f->ac, &f->rs, &s);
	damon_access_reset(&f->ac, &f->rs);
	f->nr_touched = 0;
	for (unsigned int i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, f->rs.targets[0].nr_regions, 4U);
		damon_access_aggregate(&f->ac, &f->rs, &s);
		damon_access_reset(&f->ac, &f->rs);
	}
	KUNIT_EXPECT_EQ(test, f->rs.targets[0].nr_regions, 2U);
}

static struct kunit_case scout_cases[] = {
	KUNIT_CASE_PARAM(cuts, cut_gen_params),
	KUNIT_CASE(most_pieces),
	KUNIT_CASE(cuts_at_multiples),
	KUNIT_CASE_PARAM(looks_at, wanted_gen_params),
	KUNIT_CASE(takes_turns),
	KUNIT_CASE(keeps_to_the_limit),
	KUNIT_CASE(goes_on),
	KUNIT_CASE(any_map),
	KUNIT_CASE(merges),
	{}
};

static struct kunit_suite scout_suite = {
	.name = "damon_scout",
	.init = scout_init,
	.exit = scout_exit,
	.test_cases = scout_cases,
};

kunit_test_suite(scout_suite);
