// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/region.c. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "../policy/access.h"
#include "../policy/region.h"
#include "../policy/spec.h"

#define NR_TARGETS	3
#define CAP		64

/* What each test starts from: targets without regions. */
struct region_fixture {
	struct damon_regions rs;
	struct damon_access ac;
	u32 rnd;
};

static int region_init(struct kunit *test)
{
	struct region_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	test->priv = f;
	f->ac.min_sz = 1;
	return damon_regions_init(&f->rs, NR_TARGETS, CAP);
}

static void region_exit(struct kunit *test)
{
	struct region_fixture *f = test->priv;

	if (f)
		damon_regions_free(&f->rs);
}

static int set_ranges(struct region_fixture *f, unsigned int target,
		      const struct damon_addr_range *ranges, unsigned int nr)
{
	return damon_target_set_ranges(&f->rs, &f->rs.targets[target], ranges,
				       nr, f->ac.min_sz, &f->rnd);
}

static struct damon_region *region_at(struct region_fixture *f,
				      unsigned int target, unsigned int i)
{
	return &f->rs.cur[f->rs.targets[target].first + i];
}

/* A target has exactly these regions; numbers are told by nr_accesses. */
static void expect_regions(struct kunit *test, unsigned int target,
			   const struct damon_addr_range *want,
			   const unsigned int *numbers, unsigned int nr)
{
	struct region_fixture *f = test->priv;

	KUNIT_ASSERT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
	KUNIT_ASSERT_EQ(test, f->rs.targets[target].nr_regions, nr);
	for (unsigned int i = 0; i < nr; i++) {
		struct damon_region *r = region_at(f, target, i);

		KUNIT_EXPECT_EQ(test, r->ar.start, want[i].start);
		KUNIT_EXPECT_EQ(test, r->ar.end, want[i].end);
		KUNIT_EXPECT_EQ(test, r->nr_accesses, numbers[i]);
	}
}

static void pool_grows(struct kunit *test)
{
	struct region_fixture *f = test->priv;
	struct damon_addr_range range = { 0, 10 };

	KUNIT_ASSERT_EQ(test, set_ranges(f, 1, &range, 1), 0);
	region_at(f, 1, 0)->nr_accesses = 7;
	KUNIT_EXPECT_EQ(test, damon_regions_reserve(&f->rs, CAP - 1), 0);
	KUNIT_EXPECT_EQ(test, f->rs.cap, CAP);
	KUNIT_EXPECT_EQ(test, damon_regions_reserve(&f->rs, 2 * CAP), 0);
	KUNIT_EXPECT_EQ(test, f->rs.cap, 2 * CAP);
	expect_regions(test, 1, &range, (unsigned int[]){ 7 }, 1);
	damon_regions_free(&f->rs);
	damon_regions_free(&f->rs);
	KUNIT_EXPECT_EQ(test, damon_regions_init(&f->rs, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs), 0UL);
	damon_regions_merge(&f->rs, 1, 1, false);
	KUNIT_EXPECT_EQ(test, damon_regions_limit_size(&f->rs, 1, 1, &f->rnd),
			0);
}

static void new_region(struct kunit *test)
{
	struct region_fixture *f = test->priv;
	struct damon_region a, b;

	memset(&a, 0xff, sizeof(a));
	damon_region_init(&a, 3, 9, &f->rnd);
	damon_region_init(&b, 3, 9, &f->rnd);
	KUNIT_EXPECT_NE(test, a.phase, b.phase);
	KUNIT_EXPECT_EQ(test, damon_sz_region(&a), 6UL);
	KUNIT_EXPECT_EQ(test, a.flags, DAMON_REGION_FRESH);
	KUNIT_EXPECT_EQ(test, a.nr_accesses, 0U);
	KUNIT_EXPECT_EQ(test, a.age, 0U);
	KUNIT_EXPECT_EQ(test, a.nr_hist, 0);
	KUNIT_EXPECT_EQ(test, a.checks, 0);
}

static void total_saturates(struct kunit *test)
{
	struct region_fixture *f = test->priv;
	struct damon_addr_range all = { 0, ULONG_MAX };

	KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs), 0UL);
	KUNIT_ASSERT_EQ(test, set_ranges(f, 0, &all, 1), 0);
	KUNIT_ASSERT_EQ(test, set_ranges(f, 2, &all, 1), 0);
	KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs), ULONG_MAX);
}

#define MAX_RANGES	5

/* Ranges before, with nr_accesses 1, 2, ...; to be set; and afterwards. */
static const struct set_case {
	const char *desc;
	unsigned long min_sz;
	unsigned int nr_old, nr_set, nr_new;
	struct damon_addr_range old[MAX_RANGES];
	struct damon_addr_range set[MAX_RANGES];
	struct damon_addr_range new[MAX_RANGES];
	unsigned int numbers[MAX_RANGES];
	int err;
} set_cases[] = {
	{ "initial", 1, 0, 2, 2,
	  {}, { { 5, 9 }, { 20, 30 } }, { { 5, 9 }, { 20, 30 } } },
	{ "rounded", 8, 0, 2, 2,
	  {}, { { 5, 9 }, { 20, 30 } }, { { 0, 16 }, { 16, 32 } } },
	{ "none", 1, 2, 0, 0, { { 0, 10 }, { 10, 20 } } },
	{ "unchanged", 1, 2, 1, 2, { { 0, 10 }, { 10, 20 } }, { { 0, 20 } },
	  { { 0, 10 }, { 10, 20 } }, { 1, 2 } },
	{ "stretched", 1, 2, 1, 2, { { 10, 20 }, { 20, 30 } }, { { 5, 40 } },
	  { { 5, 20 }, { 20, 40 } }, { 1, 2 } },
	{ "stretched to what is dropped", 1, 2, 1, 1, { { 2, 8 }, { 10, 20 } },
	  { { 0, 10 } }, { { 0, 10 } }, { 1 } },
	{ "cut", 1, 2, 1, 2, { { 0, 20 }, { 20, 40 } }, { { 5, 25 } },
	  { { 5, 20 }, { 20, 25 } }, { 1, 2 } },
	{ "outside dropped", 1, 3, 1, 1,
	  { { 0, 10 }, { 10, 20 }, { 20, 30 } }, { { 10, 20 } },
	  { { 10, 20 } }, { 2 } },
	{ "all dropped", 1, 2, 2, 2, { { 0, 10 }, { 10, 20 } },
	  { { 30, 40 }, { 50, 60 } }, { { 30, 40 }, { 50, 60 } } },
	{ "hole filled", 1, 2, 1, 3, { { 0, 10 }, { 20, 30 } }, { { 0, 30 } },
	  { { 0, 10 }, { 10, 20 }, { 20, 30 } }, { 1, 0, 2 } },
	{ "inserted before, between and behind", 1, 2, 5, 5,
	  { { 20, 30 }, { 60, 70 } },
	  { { 0, 10 }, { 20, 30 }, { 40, 50 }, { 60, 70 }, { 80, 90 } },
	  { { 0, 10 }, { 20, 30 }, { 40, 50 }, { 60, 70 }, { 80, 90 } },
	  { 0, 1, 0, 2, 0 } },
	{ "one region over two ranges", 1, 1, 2, 2, { { 0, 100 } },
	  { { 10, 20 }, { 50, 60 } }, { { 10, 20 }, { 50, 60 } }, { 1, 0 } },
	{ "one region over two ranges, the next one stretched", 1, 2, 2, 2,
	  { { 0, 55 }, { 55, 70 } },
	  { { 10, 20 }, { 50, 60 } }, { { 10, 20 }, { 50, 60 } }, { 1, 2 } },
	{ "empty range covers a page", 8, 2, 1, 1, { { 0, 8 }, { 8, 16 } },
	  { { 3, 3 } }, { { 0, 8 } }, { 1 } },
	{ "coarser units", 8, 3, 1, 2, { { 0, 3 }, { 3, 9 }, { 9, 20 } },
	  { { 0, 20 } }, { { 0, 8 }, { 8, 24 } }, { 2, 3 } },
	{ "overlapping", 8, 1, 2, 1, { { 0, 16 } }, { { 0, 9 }, { 10, 20 } },
	  { { 0, 16 } }, { 1 }, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(set, set_cases, desc);

/* Done to the middle one of three targets; the others must not change. */
static void set_ranges_case(struct kunit *test)
{
	const struct set_case *c = test->param_value;
	struct damon_addr_range others[2] = { { 0, 1000 }, { 2000, 3000 } };
	const unsigned int numbers[2] = { 11, 12 };
	struct region_fixture *f = test->priv;

	for (unsigned int i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, set_ranges(f, 0, others, 2), 0);
		KUNIT_ASSERT_EQ(test, set_ranges(f, 2, others, 2), 0);
		region_at(f, 0, i)->nr_accesses = numbers[i];
		region_at(f, 2, i)->nr_accesses = numbers[i];
	}
	KUNIT_ASSERT_EQ(test, set_ranges(f, 1, c->old, c->nr_old), 0);
	for (unsigned int i = 0; i < c->nr_old; i++) {
		region_at(f, 1, i)->nr_accesses = i + 1;
		region_at(f, 1, i)->flags = DAMON_REGION_PREPARED;
		region_at(f, 1, i)->nr_hist = 9;
	}

	f->ac.min_sz = c->min_sz;
	KUNIT_EXPECT_EQ(test, set_ranges(f, 1, c->set, c->nr_set), c->err);
	expect_regions(test, 0, others, numbers, 2);
	expect_regions(test, 1, c->new, c->numbers, c->nr_new);
	expect_regions(test, 2, others, numbers, 2);

	/* Where the range has changed, what was sampled means nothing. */
	for (unsigned int i = 0; i < c->nr_new; i++) {
		struct damon_region *r = region_at(f, 1, i);
		const struct damon_addr_range *old;

		KUNIT_EXPECT_EQ(test, !!(r->flags & DAMON_REGION_FRESH),
				!r->nr_accesses);
		if (!r->nr_accesses)
			continue;
		old = &c->old[r->nr_accesses - 1];
		if (!memcmp(old, &r->ar, sizeof(*old))) {
			KUNIT_EXPECT_EQ(test, r->flags, DAMON_REGION_PREPARED);
			KUNIT_EXPECT_EQ(test, r->nr_hist, 9);
		} else {
			KUNIT_EXPECT_EQ(test, r->flags, 0);
			KUNIT_EXPECT_EQ(test, r->nr_hist, 0);
		}
	}
}

static void set_ranges_without_room(struct kunit *test)
{
	struct region_fixture *f = test->priv;
	struct damon_addr_range ranges[CAP];

	for (unsigned int i = 0; i < CAP; i++) {
		ranges[i].start = 10 * i;
		ranges[i].end = 10 * i + 5;
	}
	KUNIT_ASSERT_EQ(test, set_ranges(f, 0, ranges, 1), 0);
	KUNIT_EXPECT_EQ(test, set_ranges(f, 1, ranges, CAP), -ENOSPC);
	expect_regions(test, 0, ranges, (unsigned int[]){ 0 }, 1);
	expect_regions(test, 1, NULL, NULL, 0);
	KUNIT_EXPECT_EQ(test, set_ranges(f, 1, ranges, CAP - 1), 0);
	KUNIT_EXPECT_EQ(test, f->rs.nr, CAP);

	/* Holes would need more than the whole room. */
	ranges[0].end = ranges[CAP - 1].end;
	KUNIT_EXPECT_EQ(test, set_ranges(f, 1, ranges, 1), -ENOSPC);
	KUNIT_EXPECT_EQ(test, f->rs.nr, CAP);
	KUNIT_EXPECT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
}

/* From the second target of one pool to the second of three of another. */
static void adopt(struct kunit *test)
{
	struct damon_addr_range ranges[3] = { { 0, 5 }, { 6, 8 }, { 9, 20 } };
	struct region_fixture *f = test->priv;
	struct damon_target *to = &f->rs.targets[1];
	const unsigned int new[] = { 0, 0, 0 };
	struct damon_regions src;
	struct damon_target *from;

	KUNIT_ASSERT_EQ(test, damon_regions_init(&src, 2, CAP), 0);
	from = &src.targets[1];
	KUNIT_ASSERT_EQ(test, damon_target_set_ranges(&src, src.targets, ranges,
						      2, 1, &f->rnd), 0);
	KUNIT_ASSERT_EQ(test, damon_target_set_ranges(&src, from, ranges, 3, 1,
						      &f->rnd), 0);
	for (unsigned int i = 0; i < 3; i++)
		src.cur[from->first + i].nr_accesses = i + 1;

	KUNIT_ASSERT_EQ(test, set_ranges(f, 0, ranges, 3), 0);
	KUNIT_ASSERT_EQ(test, set_ranges(f, 1, ranges, 2), 0);
	KUNIT_ASSERT_EQ(test, set_ranges(f, 2, ranges, 1), 0);
	KUNIT_EXPECT_EQ(test, damon_target_adopt(&f->rs, to, &src, from), 0);
	expect_regions(test, 0, ranges, new, 3);
	expect_regions(test, 1, ranges, (unsigned int[]){ 1, 2, 3 }, 3);
	expect_regions(test, 2, ranges, new, 1);

	KUNIT_EXPECT_EQ(test, damon_target_set_ranges(&src, from, NULL, 0, 1,
						      &f->rnd), 0);
	KUNIT_EXPECT_EQ(test, damon_target_adopt(&f->rs, to, &src, from), 0);
	expect_regions(test, 1, NULL, NULL, 0);
	expect_regions(test, 2, ranges, new, 1);

	from->nr_regions = CAP - 3;
	KUNIT_EXPECT_EQ(test, damon_target_adopt(&f->rs, to, &src, from),
			-ENOSPC);
	expect_regions(test, 0, ranges, new, 3);
	expect_regions(test, 1, NULL, NULL, 0);
	expect_regions(test, 2, ranges, new, 1);
	damon_regions_free(&src);
}

static const struct limit_case {
	const char *desc;
	unsigned long total, min_sz, min_nr, limit;
	unsigned int nr;
} limit_cases[] = {
	{ "96 units, 10 regions", 96, 1, 10, 9, 11 },
	{ "96 units by 8, 10 regions", 96, 8, 10, 16, 6 },
	{ "96 units by 32, 10 regions", 96, 32, 10, 32, 3 },
	{ "5 units, 10 regions", 5, 1, 10, 1, 5 },
};

KUNIT_ARRAY_PARAM_DESC(limit, limit_cases, desc);

static void limit_size(struct kunit *test)
{
	const struct limit_case *c = test->param_value;
	struct region_fixture *f = test->priv;
	struct damon_addr_range range = { 0, c->total };
	unsigned long limit = ALIGN(max(c->total / c->min_nr, c->min_sz),
				    c->min_sz);

	f->ac.min_sz = c->min_sz;
	KUNIT_EXPECT_EQ(test, limit, c->limit);
	KUNIT_ASSERT_EQ(test, set_ranges(f, 1, &range, 1), 0);
	KUNIT_EXPECT_EQ(test, damon_regions_limit_size(&f->rs, limit, CAP,
						       &f->rnd), 0);
	KUNIT_ASSERT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
	KUNIT_EXPECT_EQ(test, f->rs.nr, c->nr);
	KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs), c->total);
	for (unsigned int i = 0; i + 1 < f->rs.nr; i++)
		KUNIT_EXPECT_EQ(test, damon_sz_region(&f->rs.cur[i]), limit);
}

static void limit_size_stops(struct kunit *test)
{
	struct damon_addr_range range = { 0, 100 };
	struct region_fixture *f = test->priv;

	KUNIT_ASSERT_EQ(test, set_ranges(f, 0, &range, 1), 0);
	KUNIT_ASSERT_EQ(test, set_ranges(f, 2, &range, 1), 0);
	f->rs.cur[0].flags |= DAMON_REGION_PREPARED;
	KUNIT_EXPECT_EQ(test, damon_regions_limit_size(&f->rs, 10, 5, &f->rnd),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 5U);
	KUNIT_EXPECT_EQ(test, f->rs.targets[0].nr_regions, 4U);
	KUNIT_EXPECT_EQ(test, f->rs.cur[0].flags, DAMON_REGION_FRESH);
	KUNIT_EXPECT_EQ(test, damon_regions_limit_size(&f->rs, 1, UINT_MAX,
						       &f->rnd), -ENOSPC);
	KUNIT_EXPECT_EQ(test, f->rs.nr, CAP);
	KUNIT_EXPECT_EQ(test, damon_regions_limit_size(&f->rs, 1, 3, &f->rnd),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, f->rs.nr, CAP);
	KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs), 200UL);
	KUNIT_EXPECT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
}

/* Two adjacent regions with numbers as if there were 20 samples. */
static void put_two(struct kunit *test, unsigned int n0, unsigned int n1)
{
	struct damon_addr_range ranges[2] = { { 0, 4 }, { 4, 16 } };
	struct region_fixture *f = test->priv;

	KUNIT_ASSERT_EQ(test, set_ranges(f, 0, ranges, 0), 0);
	KUNIT_ASSERT_EQ(test, set_ranges(f, 0, ranges, 2), 0);
	f->rs.cur[0].nr_accesses = n0;
	f->rs.cur[1].nr_accesses = n1;
	f->rs.cur[0].rate = n0 * DAMON_RATE_ONE / 20;
	f->rs.cur[1].rate = n1 * DAMON_RATE_ONE / 20;
	f->rs.cur[0].age = 3;
	f->rs.cur[1].age = 10;
	f->rs.cur[0].flags = DAMON_REGION_PREPARED | DAMON_REGION_SLOW;
	f->rs.cur[1].flags = 0;
}

static void merge_means(struct kunit *test)
{
	struct region_fixture *f = test->priv;
	struct damon_region *r;

	put_two(test, 8, 4);
	damon_regions_merge(&f->rs, 4 * DAMON_RATE_ONE / 20 - 1, 16, false);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 2U);
	damon_regions_merge(&f->rs, 4 * DAMON_RATE_ONE / 20, 15, false);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 2U);
	damon_regions_merge(&f->rs, 4 * DAMON_RATE_ONE / 20, 16, false);
	KUNIT_ASSERT_EQ(test, f->rs.nr, 1U);
	r = f->rs.cur;
	KUNIT_EXPECT_EQ(test, r->ar.end, 16UL);
	KUNIT_EXPECT_EQ(test, r->nr_accesses, 5U);
	KUNIT_EXPECT_EQ(test, r->age, 8U);
	KUNIT_EXPECT_EQ(test, r->rate, 5 * DAMON_RATE_ONE / 20 - 1);
	KUNIT_EXPECT_EQ(test, r->flags, 0);
	KUNIT_EXPECT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
}

/* What was sampled means nothing any more, wherever the regions are. */
static void merge_forgets(struct kunit *test)
{
	struct region_fixture *f = test->priv;
	struct damon_region *r = f->rs.cur;

	put_two(test, 8, 4);
	for (unsigned int i = 0; i < 2; i++) {
		r[i].ar.start += 1UL << 31;
		r[i].ar.end += 1UL << 31;
		r[i].nr_hist = 9;
		r[i].checks = 8;
		r[i].hits = 7;
		r[i].probe = 1;
		r[i].hold = 1;
		r[i].weight = 5 + i;
	}
	damon_regions_merge(&f->rs, 0, 16, true);
	KUNIT_ASSERT_EQ(test, f->rs.nr, 1U);
	KUNIT_EXPECT_EQ(test, r->nr_accesses, 5U);
	KUNIT_EXPECT_EQ(test, r->nr_hist, 0);
	KUNIT_EXPECT_EQ(test, r->checks, 0);
	KUNIT_EXPECT_EQ(test, r->hits, 0);
	KUNIT_EXPECT_EQ(test, r->probe, 0);
	KUNIT_EXPECT_EQ(test, r->hold, 0);
	KUNIT_EXPECT_EQ(test, r->weight, 5);
}

static void merge_holds(struct kunit *test)
{
	struct region_fixture *f = test->priv;

	put_two(test, 1, 1);
	f->rs.cur[0].hold = 1;
	damon_regions_merge(&f->rs, DAMON_RATE_ONE, ULONG_MAX, false);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 2U);
	swap(f->rs.cur[0].hold, f->rs.cur[1].hold);
	damon_regions_merge(&f->rs, DAMON_RATE_ONE, ULONG_MAX, false);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 2U);
	damon_regions_merge(&f->rs, 0, ULONG_MAX, true);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 1U);

	/* Nothing is known about the one, so they are not alike. */
	put_two(test, 1, 1);
	f->rs.cur[0].flags = DAMON_REGION_FRESH;
	damon_regions_merge(&f->rs, DAMON_RATE_ONE, ULONG_MAX, false);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 2U);

	/* Not adjacent; or of two targets. */
	put_two(test, 1, 1);
	f->rs.cur[0].ar.end = 3;
	damon_regions_merge(&f->rs, DAMON_RATE_ONE, ULONG_MAX, true);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 2U);
	f->rs.cur[0].ar.end = 4;
	f->rs.targets[0].nr_regions = 1;
	f->rs.targets[1].first = 1;
	f->rs.targets[1].nr_regions = 1;
	damon_regions_merge(&f->rs, DAMON_RATE_ONE, ULONG_MAX, true);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 2U);
}

static void merge_of_giants(struct kunit *test)
{
	struct region_fixture *f = test->priv;
	struct damon_region *r = f->rs.cur;

	put_two(test, 20, 20);
	r[0].ar.end = 1UL << (BITS_PER_LONG - 1);
	r[1].ar.start = r[0].ar.end;
	r[1].ar.end = ULONG_MAX;
	r[0].age = UINT_MAX;
	r[1].age = UINT_MAX;
	r[0].nr_accesses = UINT_MAX;
	r[1].nr_accesses = UINT_MAX;
	damon_regions_merge(&f->rs, 0, ULONG_MAX, false);
	KUNIT_ASSERT_EQ(test, f->rs.nr, 1U);
	KUNIT_EXPECT_EQ(test, r->ar.end, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, r->age, UINT_MAX);
	KUNIT_EXPECT_EQ(test, r->nr_accesses, UINT_MAX);
	KUNIT_EXPECT_EQ(test, r->rate, DAMON_RATE_ONE);
}

static void three_ranges(struct kunit *test)
{
	static const struct damon_addr_range maps[] = {
		{ 1, 3 }, { 3, 4 }, { 50, 60 }, { 61, 70 }, { 90, 95 },
	};
	struct damon_three_ranges tr = {};
	struct damon_addr_range got[3];

	KUNIT_EXPECT_EQ(test, damon_three_ranges_get(&tr, 1, got), -EINVAL);
	for (unsigned int i = 0; i < ARRAY_SIZE(maps); i++) {
		/* Until there are two gaps there is nothing to tell. */
		KUNIT_EXPECT_EQ(test, damon_three_ranges_get(&tr, 1, got),
				i < 4 ? -EINVAL : 0);
		damon_three_ranges_add(&tr, maps[i].start, maps[i].end);
	}
	KUNIT_ASSERT_EQ(test, damon_three_ranges_get(&tr, 1, got), 0);
	KUNIT_EXPECT_EQ(test, got[0].start, 1UL);
	KUNIT_EXPECT_EQ(test, got[0].end, 4UL);
	KUNIT_EXPECT_EQ(test, got[1].start, 50UL);
	KUNIT_EXPECT_EQ(test, got[1].end, 70UL);
	KUNIT_EXPECT_EQ(test, got[2].start, 90UL);
	KUNIT_EXPECT_EQ(test, got[2].end, 95UL);

	/* The larger gap is the upper one, all is rounded up. */
	tr = (struct damon_three_ranges){};
	damon_three_ranges_add(&tr, 1, 9);
	damon_three_ranges_add(&tr, 20, 30);
	damon_three_ranges_add(&tr, 100, 101);
	KUNIT_ASSERT_EQ(test, damon_three_ranges_get(&tr, 8, got), 0);
	KUNIT_EXPECT_EQ(test, got[0].start, 8UL);
	KUNIT_EXPECT_EQ(test, got[0].end, 16UL);
	KUNIT_EXPECT_EQ(test, got[1].start, 24UL);
	KUNIT_EXPECT_EQ(test, got[1].end, 32UL);
	KUNIT_EXPECT_EQ(test, got[2].start, 104UL);
	KUNIT_EXPECT_EQ(test, got[2].end, 104UL);

	/* A gap far up that is only a bit larger. */
	tr = (struct damon_three_ranges){};
	damon_three_ranges_add(&tr, 100, 110);
	damon_three_ranges_add(&tr, 120, 130);
	damon_three_ranges_add(&tr, 141, 150);
	damon_three_ranges_add(&tr, 159, 160);
	KUNIT_ASSERT_EQ(test, damon_three_ranges_get(&tr, 1, got), 0);
	KUNIT_EXPECT_EQ(test, got[0].end, 110UL);
	KUNIT_EXPECT_EQ(test, got[1].start, 120UL);
	KUNIT_EXPECT_EQ(test, got[1].end, 130UL);
	KUNIT_EXPECT_EQ(test, got[2].start, 141UL);
	KUNIT_EXPECT_EQ(test, tr.gap[0].start, 130UL);

	/* Four equal gaps: the first two stay. */
	tr = (struct damon_three_ranges){};
	for (unsigned int i = 0; i < 5; i++)
		damon_three_ranges_add(&tr, 10 * i, 10 * i + 5);
	KUNIT_ASSERT_EQ(test, damon_three_ranges_get(&tr, 1, got), 0);
	KUNIT_EXPECT_EQ(test, got[0].end, 5UL);
	KUNIT_EXPECT_EQ(test, got[1].start, 10UL);
	KUNIT_EXPECT_EQ(test, got[1].end, 15UL);
	KUNIT_EXPECT_EQ(test, got[2].start, 20UL);
	KUNIT_EXPECT_EQ(test, got[2].end, 45UL);
}

/* What is not consistent must be noticed. */
static void check_notices(struct kunit *test)
{
	struct damon_addr_range ranges[2] = { { 0, 8 }, { 8, 16 } };
	struct region_fixture *f = test->priv;
	struct damon_target *t = f->rs.targets;
	struct damon_region *r = f->rs.cur, good;

	f->ac.min_sz = 8;
	KUNIT_ASSERT_EQ(test, set_ranges(f, 0, ranges, 2), 0);
	KUNIT_ASSERT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
	good = r[1];

#define BROKEN(what) do {						\
	what;								\
	KUNIT_EXPECT_FALSE(test, damon_regions_check(&f->rs, &f->ac));	\
	r[1] = good;							\
	KUNIT_ASSERT_TRUE(test, damon_regions_check(&f->rs, &f->ac));	\
} while (0)
	BROKEN(r[1].ar.start = 0);
	BROKEN(r[1].ar.start = 16);
	BROKEN(r[1].ar.end = 17);
	BROKEN(r[1].ar.start = 9);
	BROKEN(r[1].nr_hist = 129);
	BROKEN(r[1].hits = 1);
	BROKEN(r[1].probe = 3);
	BROKEN(r[1].rate = DAMON_RATE_ONE + 1);
#undef BROKEN

	t[1].first = 1;
	KUNIT_EXPECT_FALSE(test, damon_regions_check(&f->rs, &f->ac));
	t[1].first = 2;
	t[0].nr_regions = 3;
	KUNIT_EXPECT_FALSE(test, damon_regions_check(&f->rs, &f->ac));
	t[0].nr_regions = 2;
	f->rs.nr = 1;
	KUNIT_EXPECT_FALSE(test, damon_regions_check(&f->rs, &f->ac));
	f->rs.nr = CAP + 1;
	KUNIT_EXPECT_FALSE(test, damon_regions_check(&f->rs, &f->ac));
	f->rs.nr = 2;
	KUNIT_EXPECT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
	f->rs.nr_targets = 0;
	KUNIT_EXPECT_FALSE(test, damon_regions_check(&f->rs, &f->ac));
	f->rs.nr_targets = NR_TARGETS;
}

static u32 draw(struct region_fixture *f, u32 below)
{
	f->rnd = next_pseudo_random32(f->rnd);
	return (f->rnd >> 8) % below;
}

static void random_set(struct kunit *test, struct region_fixture *f)
{
	unsigned int target = draw(f, NR_TARGETS), nr = draw(f, 6);
	unsigned int others = f->rs.nr - f->rs.targets[target].nr_regions;
	struct damon_addr_range ranges[6];
	unsigned long pos = 0, total = 0;
	int err;

	for (unsigned int i = 0; i < nr; i++) {
		ranges[i].start = pos + 8 * draw(f, 20);
		ranges[i].end = ranges[i].start + 8 * (1 + draw(f, 40));
		pos = ranges[i].end;
		total += ranges[i].end - ranges[i].start;
	}
	err = set_ranges(f, target, ranges, nr);
	KUNIT_EXPECT_TRUE(test, !err || err == -ENOSPC);
	if (err)
		return;

	/* Exactly covered: the sum is right, and nothing is outside. */
	KUNIT_EXPECT_GE(test, f->rs.nr, others);
	for (unsigned int i = 0; i < f->rs.targets[target].nr_regions; i++) {
		struct damon_region *r = region_at(f, target, i);
		bool inside = false;

		for (unsigned int k = 0; k < nr; k++)
			inside |= r->ar.start >= ranges[k].start &&
				r->ar.end <= ranges[k].end;
		KUNIT_EXPECT_TRUE(test, inside);
		total -= damon_sz_region(r);
	}
	KUNIT_EXPECT_EQ(test, total, 0UL);
}

static void random_changes(struct kunit *test)
{
	struct region_fixture *f = test->priv;

	f->ac.min_sz = 8;
	for (unsigned int i = 0; i < 5000; i++) {
		unsigned long total = damon_regions_total(&f->rs);
		unsigned int nr = f->rs.nr;

		switch (draw(f, 4)) {
		case 0:
			random_set(test, f);
			break;
		case 1:
			damon_regions_limit_size(&f->rs, 8 * (1 + draw(f, 40)),
						 draw(f, CAP), &f->rnd);
			KUNIT_EXPECT_GE(test, f->rs.nr, nr);
			KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs),
					total);
			break;
		case 2:
			damon_regions_merge(&f->rs, draw(f, DAMON_RATE_ONE),
					    draw(f, 1000), draw(f, 2));
			KUNIT_EXPECT_LE(test, f->rs.nr, nr);
			KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs),
					total);
			break;
		case 3:
			for (unsigned int k = 0; k < f->rs.nr; k++) {
				f->rs.cur[k].rate = draw(f, DAMON_RATE_ONE);
				f->rs.cur[k].flags &= ~DAMON_REGION_FRESH;
			}
			break;
		}
		KUNIT_ASSERT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
	}
}

static struct kunit_case region_cases[] = {
	KUNIT_CASE(pool_grows),
	KUNIT_CASE(new_region),
	KUNIT_CASE(total_saturates),
	KUNIT_CASE_PARAM(set_ranges_case, set_gen_params),
	KUNIT_CASE(set_ranges_without_room),
	KUNIT_CASE(adopt),
	KUNIT_CASE_PARAM(limit_size, limit_gen_params),
	KUNIT_CASE(limit_size_stops),
	KUNIT_CASE(merge_means),
	KUNIT_CASE(merge_forgets),
	KUNIT_CASE(merge_holds),
	KUNIT_CASE(merge_of_giants),
	KUNIT_CASE(three_ranges),
	KUNIT_CASE(check_notices),
	KUNIT_CASE(random_changes),
	{}
};

static struct kunit_suite region_suite = {
	.name = "damon_region",
	.init = region_init,
	.exit = region_exit,
	.test_cases = region_cases,
};

kunit_test_suite(region_suite);
