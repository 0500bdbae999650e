// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the adaptation of regions as a whole: simulated address spaces, in
 * which some spans are always accessed and all else never is, are sampled the
 * way operation sets do it, and the hot spans have to be found.
 */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "../policy/access.h"
#include "../policy/region.h"
#include "../policy/spec.h"

#define BASE		SZ_1G
#define MAX_SPANS	48
#define NR_SEEDS	5

/* What is accessed, and how well it was found, in bytes. */
struct world {
	struct damon_regions rs;
	struct damon_access ac;
	unsigned long sz;
	struct damon_addr_range hot[MAX_SPANS];
	unsigned int nr_hot;
	u64 checks;
	u64 regions;
	u64 truly_hot, said_hot, found;
};

static int world_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct world), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void world_exit(struct kunit *test)
{
	struct world *w = test->priv;

	if (w)
		damon_regions_free(&w->rs);
}

static void world_begin(struct kunit *test, unsigned long sz, u32 seed)
{
	struct damon_addr_range range = { BASE, BASE + sz };
	struct world *w = test->priv;
	struct damon_spec spec;

	damon_regions_free(&w->rs);
	memset(w, 0, sizeof(*w));
	w->sz = sz;
	damon_spec_init(&spec);
	damon_access_init(&w->ac, &spec.attrs, PAGE_SIZE, seed * 2654435761U);
	KUNIT_ASSERT_EQ(test, damon_regions_init(&w->rs, 1, 1000), 0);
	KUNIT_ASSERT_EQ(test, damon_target_set_ranges(&w->rs, w->rs.targets,
						      &range, 1, PAGE_SIZE,
						      &w->ac.rnd), 0);
	damon_access_fit(&w->ac, &w->rs);
}

static void heat(struct world *w, unsigned long start, unsigned long sz)
{
	w->hot[w->nr_hot].start = BASE + start;
	w->hot[w->nr_hot].end = BASE + start + sz;
	w->nr_hot++;
}

static bool is_hot(const struct world *w, unsigned long addr)
{
	for (unsigned int i = 0; i < w->nr_hot; i++)
		if (addr >= w->hot[i].start && addr < w->hot[i].end)
			return true;
	return false;
}

static unsigned long overlap(const struct damon_addr_range *a,
			     const struct damon_addr_range *b)
{
	unsigned long start = max(a->start, b->start);
	unsigned long end = min(a->end, b->end);

	return start < end ? end - start : 0;
}

static void world_score(struct world *w)
{
	for (unsigned int k = 0; k < w->nr_hot; k++)
		w->truly_hot += w->hot[k].end - w->hot[k].start;
	for (unsigned int i = 0; i < w->rs.nr; i++) {
		const struct damon_region *r = &w->rs.cur[i];

		if (r->nr_accesses < w->ac.max_nr_accesses / 2)
			continue;
		w->said_hot += damon_sz_region(r);
		for (unsigned int k = 0; k < w->nr_hot; k++)
			w->found += overlap(&r->ar, &w->hot[k]);
	}
	w->regions += w->rs.nr;
}

static void world_tick(struct world *w)
{
	for (unsigned int i = 0; i < w->rs.nr; i++) {
		struct damon_region *r = &w->rs.cur[i];

		if (r->flags & DAMON_REGION_PREPARED)
			continue;
		damon_access_advance(r);
		r->flags |= DAMON_REGION_PREPARED;
	}
	w->ac.tick++;
	for (unsigned int i = 0; i < w->rs.nr; i++) {
		struct damon_region *r = &w->rs.cur[i];

		if (!damon_access_due(&w->ac, r, i))
			continue;
		damon_access_record(&w->ac, r,
				    is_hot(w, damon_access_addr(&w->ac, r)));
		r->flags &= ~DAMON_REGION_PREPARED;
		w->checks++;
	}
}

static void world_run(struct kunit *test, unsigned int nr_aggrs)
{
	struct world *w = test->priv;

	for (unsigned int i = 0; i < nr_aggrs; i++) {
		while (w->ac.tick < w->ac.max_nr_accesses)
			world_tick(w);
		damon_access_aggregate(&w->ac, &w->rs, NULL);
		world_score(w);
		KUNIT_ASSERT_LE(test, w->rs.nr, w->ac.max_nr_regions);
		damon_access_reset(&w->ac, &w->rs);
		KUNIT_ASSERT_TRUE(test, damon_regions_check(&w->rs, &w->ac));
	}
	KUNIT_EXPECT_EQ(test, damon_regions_total(&w->rs), w->sz);
}

/* How well the hot spans were found since last asked, in 1/1000. */
static unsigned int world_f1(struct world *w)
{
	u64 f1 = div64_u64(2000 * w->found, w->truly_hot + w->said_hot);

	w->found = 0;
	w->truly_hot = 0;
	w->said_hot = 0;
	return f1;
}

/* From the second aggregation on, and with few checks. */
static void fixed_zones(struct kunit *test)
{
	struct world *w = test->priv;

	for (u32 seed = 1; seed <= NR_SEEDS; seed++) {
		world_begin(test, SZ_512M, seed);
		heat(w, 51 * SZ_1M, 50 * SZ_1M);
		heat(w, 230 * SZ_1M, 25 * SZ_1M);
		heat(w, 358 * SZ_1M, 51 * SZ_1M);
		world_run(test, 2);
		world_f1(w);
		world_run(test, 10);
		KUNIT_EXPECT_GE(test, world_f1(w), 990U);
		w->checks = 0;
		w->regions = 0;
		world_run(test, 20);
		KUNIT_EXPECT_GE(test, world_f1(w), 998U);
		KUNIT_EXPECT_LE(test, w->regions, 20 * 60ULL);
		KUNIT_EXPECT_LE(test, w->checks, 20 * 20 * 20ULL);
	}
}

/* Twelve seconds of spots which one sample in 43 hits at first. */
static void small_spots(struct kunit *test)
{
	struct world *w = test->priv;

	for (u32 seed = 1; seed <= NR_SEEDS; seed++) {
		world_begin(test, SZ_512M, seed);
		for (unsigned int i = 0; i < 48; i++)
			heat(w, (SZ_512M / 48 * i + (i * 37 % 40) * SZ_256K) &
			     PAGE_MASK, SZ_256K);
		world_run(test, 40);
		world_f1(w);
		world_run(test, 80);
		KUNIT_EXPECT_GE(test, world_f1(w), 980U);
	}
}

/* Every three seconds the hot zones are elsewhere. */
static void moving_zones(struct kunit *test)
{
	struct world *w = test->priv;

	for (u32 seed = 1; seed <= NR_SEEDS; seed++) {
		world_begin(test, SZ_512M, seed);
		for (unsigned int i = 0; i < 4; i++) {
			w->nr_hot = 0;
			heat(w, (i * 130 % 470) * SZ_1M, 33 * SZ_1M);
			heat(w, ((i * 130 + 200) % 470) * SZ_1M, 21 * SZ_1M);
			world_run(test, 30);
		}
		KUNIT_EXPECT_GE(test, world_f1(w), 970U);
	}
}

/* A window that moves on by a fiftieth every other aggregation. */
static void moving_window(struct kunit *test)
{
	struct world *w = test->priv;

	for (u32 seed = 1; seed <= NR_SEEDS; seed++) {
		world_begin(test, SZ_512M, seed);
		for (unsigned int i = 0; i < 45; i++) {
			w->nr_hot = 0;
			heat(w, SZ_512M / 50 * i & PAGE_MASK, SZ_512M / 10);
			world_run(test, 2);
		}
		KUNIT_EXPECT_GE(test, world_f1(w), 950U);
	}
}

/* Nothing is accessed: one check in four ticks, and later one in twenty. */
static void idle(struct kunit *test)
{
	struct world *w = test->priv;

	world_begin(test, SZ_512M, 1);
	world_run(test, 12);
	KUNIT_EXPECT_EQ(test, w->said_hot, 0ULL);
	w->checks = 0;
	world_run(test, 10);
	KUNIT_EXPECT_EQ(test, w->checks, 10 * 20 * 40 / 4ULL);
	KUNIT_EXPECT_EQ(test, w->rs.nr, 40U);
	KUNIT_EXPECT_EQ(test, w->rs.cur[0].age, 21U);
	world_run(test, 20);
	w->checks = 0;
	world_run(test, 10);
	KUNIT_EXPECT_EQ(test, w->checks, 10 * 40ULL);
	KUNIT_EXPECT_EQ(test, w->rs.nr, 40U);
	KUNIT_EXPECT_EQ(test, w->rs.cur[0].age, 51U);

	/* What begins is known after one more aggregation. */
	heat(w, 128 * SZ_1M, 128 * SZ_1M);
	world_run(test, 2);
	world_f1(w);
	world_run(test, 10);
	KUNIT_EXPECT_GE(test, world_f1(w), 950U);
}

static struct kunit_case adapt_cases[] = {
	KUNIT_CASE(fixed_zones),
	KUNIT_CASE(small_spots),
	KUNIT_CASE(moving_zones),
	KUNIT_CASE(moving_window),
	KUNIT_CASE(idle),
	{}
};

static struct kunit_suite adapt_suite = {
	.name = "damon_adapt",
	.init = world_init,
	.exit = world_exit,
	.test_cases = adapt_cases,
};

kunit_test_suite(adapt_suite);
