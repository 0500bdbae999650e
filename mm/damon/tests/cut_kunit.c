// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/cut.c. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "../policy/access.h"
#include "../policy/region.h"

#define MIN_SZ		4096UL
#define SZ		(64 * 16 * MIN_SZ)	/* 16 pages in a cell */

static struct damon_access test_access(void)
{
	return (struct damon_access){
		.max_nr_accesses = 20,
		.min_sz = MIN_SZ,
		.rnd = 1,
	};
}

/* A region that was sampled @nr times, hits where [first, end) cells are. */
static struct damon_region sampled(struct damon_access *ac, unsigned int nr,
				   unsigned int first, unsigned int end,
				   u32 seed)
{
	struct damon_region r;

	damon_region_init(&r, 5 * MIN_SZ, 5 * MIN_SZ + SZ, &seed);
	r.flags = 0;
	r.rate = DAMON_RATE_ONE / 4;
	r.nr_accesses = 5;
	r.age = 9;
	r.weight = 8;
	for (unsigned int i = 0; i < nr; i++) {
		unsigned long cell;

		damon_access_advance(&r);
		cell = (damon_access_addr(ac, &r) - r.ar.start) * 64 / SZ;
		damon_access_record(ac, &r, cell >= first && cell < end);
	}
	return r;
}

static void no_contrast(struct kunit *test)
{
	struct damon_access ac = test_access();
	struct damon_region pieces[3], r;

	r = sampled(&ac, 0, 0, 0, 1);
	KUNIT_EXPECT_EQ(test, damon_region_cut(&ac, &r, r.rate, true, pieces),
			0U);
	r = sampled(&ac, 128, 0, 0, 1);
	KUNIT_EXPECT_EQ(test, damon_region_cut(&ac, &r, r.rate, true, pieces),
			0U);
	r = sampled(&ac, 128, 0, 64, 1);
	KUNIT_EXPECT_EQ(test, damon_region_cut(&ac, &r, r.rate, true, pieces),
			0U);
	/* Every other sample hits: even in time, and so in space. */
	r = sampled(&ac, 128, 0, 0, 1);
	r.hist[0] = 0x5555555555555555;
	r.hist[1] = 0x5555555555555555;
	KUNIT_EXPECT_EQ(test, damon_region_cut(&ac, &r, r.rate, true, pieces),
			0U);
	/* A burst: the last 32 samples hit, wherever they were. */
	r.hist[0] = U32_MAX;
	r.hist[1] = 0;
	r.flags |= DAMON_REGION_ZOOM;
	KUNIT_EXPECT_EQ(test, damon_region_cut(&ac, &r, r.rate, true, pieces),
			0U);
}

/* Samples that were forgotten do not count, whatever is left of them. */
static void forgotten(struct kunit *test)
{
	struct damon_access ac = test_access();
	struct damon_region pieces[3], r;

	for (unsigned int nr = 1; nr < 128; nr++) {
		r = sampled(&ac, 128 - nr, 0, 64, nr);
		for (unsigned int i = 0; i < nr; i++) {
			damon_access_advance(&r);
			damon_access_record(&ac, &r, false);
		}
		r.nr_hist = nr;
		r.flags |= DAMON_REGION_ZOOM;
		KUNIT_EXPECT_EQ(test, damon_region_cut(&ac, &r, r.rate, true,
						       pieces), 0U);
	}
}

/* Hits in a quarter of the region: exactly that is cut out. */
static void a_cluster(struct kunit *test)
{
	struct damon_access ac = test_access();
	struct damon_region pieces[3], r = sampled(&ac, 128, 16, 32, 1);

	KUNIT_ASSERT_EQ(test, damon_region_cut(&ac, &r, r.rate, false, pieces),
			3U);
	KUNIT_EXPECT_EQ(test, pieces[0].ar.start, r.ar.start);
	KUNIT_EXPECT_EQ(test, pieces[0].ar.end, r.ar.start + SZ / 4);
	KUNIT_EXPECT_EQ(test, pieces[1].ar.start, pieces[0].ar.end);
	KUNIT_EXPECT_EQ(test, pieces[1].ar.end, r.ar.start + SZ / 2);
	KUNIT_EXPECT_EQ(test, pieces[2].ar.start, pieces[1].ar.end);
	KUNIT_EXPECT_EQ(test, pieces[2].ar.end, r.ar.end);
	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, pieces[i].rate,
				i == 1 ? DAMON_RATE_ONE : 0);
		KUNIT_EXPECT_EQ(test, pieces[i].nr_accesses, i == 1 ? 20U : 0);
		KUNIT_EXPECT_EQ(test, pieces[i].age, 0U);
		KUNIT_EXPECT_EQ(test, pieces[i].weight, 1);
		KUNIT_EXPECT_EQ(test, pieces[i].nr_hist, 0);
		KUNIT_EXPECT_EQ(test, pieces[i].checks, 0);
		KUNIT_EXPECT_EQ(test, pieces[i].hold, 0);
		KUNIT_EXPECT_EQ(test, pieces[i].flags, 0);
	}
	KUNIT_EXPECT_NE(test, pieces[0].phase, pieces[1].phase);
}

/* The same whether the position has already moved on or not. */
static void moved_on(struct kunit *test)
{
	struct damon_access ac = test_access();
	struct damon_region pieces[3], r = sampled(&ac, 128, 16, 32, 1);

	damon_access_advance(&r);
	r.flags |= DAMON_REGION_PREPARED;
	KUNIT_ASSERT_EQ(test, damon_region_cut(&ac, &r, r.rate, false, pieces),
			3U);
	KUNIT_EXPECT_EQ(test, pieces[1].ar.start, r.ar.start + SZ / 4);
	KUNIT_EXPECT_EQ(test, pieces[1].ar.end, r.ar.start + SZ / 2);
	KUNIT_EXPECT_EQ(test, pieces[1].flags, 0);
}

static const struct place_case {
	const char *desc;
	unsigned int first, end, nr;
	bool gap;
} place_cases[] = {
	{ "low end", 0, 16, 2 },
	{ "high end", 48, 64, 2 },
	{ "low half", 0, 32, 2 },
	{ "inside", 20, 30, 3 },
	{ "next to the low end", 1, 8, 3 },
	{ "next to the high end", 56, 63, 3 },
	{ "narrow", 40, 43, 3 },
	{ "gap at the low end", 0, 16, 2, true },
	{ "gap inside", 20, 30, 3, true },
	{ "narrow gap", 40, 43, 3, true },
};

KUNIT_ARRAY_PARAM_DESC(place, place_cases, desc);

/* From any start; boundaries are right to a cell, pieces cover the region. */
static void places(struct kunit *test)
{
	const struct place_case *c = test->param_value;
	struct damon_access ac = test_access();

	for (u32 seed = 1; seed < 200; seed++) {
		struct damon_region pieces[3], r;
		unsigned long start, end;
		unsigned int nr;

		r = sampled(&ac, 128, c->first, c->end, seed * 2654435761U);
		if (c->gap) {
			r.hist[0] = ~r.hist[0];
			r.hist[1] = ~r.hist[1];
		}
		nr = damon_region_cut(&ac, &r, r.rate, false, pieces);
		KUNIT_ASSERT_EQ(test, nr, c->nr);
		for (unsigned int i = 0; i < nr; i++) {
			bool inside = i == (c->first ? 1 : 0);
			u32 rate = inside != c->gap ? DAMON_RATE_ONE : 0;

			KUNIT_EXPECT_EQ(test, pieces[i].rate, rate);
			KUNIT_EXPECT_EQ(test, pieces[i].ar.start, i ?
					pieces[i - 1].ar.end : r.ar.start);
		}
		KUNIT_EXPECT_EQ(test, pieces[nr - 1].ar.end, r.ar.end);
		start = pieces[c->first ? 1 : 0].ar.start - r.ar.start;
		end = pieces[c->first ? 1 : 0].ar.end - r.ar.start;
		KUNIT_EXPECT_LE(test, abs_diff(start, SZ / 64 * c->first),
				SZ / 64);
		KUNIT_EXPECT_LE(test, abs_diff(end, SZ / 64 * c->end), SZ / 64);
	}
}

/* A single hit is evidence if the page was confirmed, and there is room. */
static void zoom(struct kunit *test)
{
	struct damon_access ac = test_access();
	struct damon_region pieces[3], r = sampled(&ac, 128, 64, 64, 1);
	unsigned long page;

	r.hist[0] = 1;
	r.rate = DAMON_RATE_ONE / 100;
	r.nr_accesses = 0;
	page = damon_access_addr(&ac, &r);
	KUNIT_EXPECT_EQ(test, damon_region_cut(&ac, &r, r.rate, true, pieces),
			0U);
	r.flags |= DAMON_REGION_ZOOM;
	KUNIT_EXPECT_EQ(test, damon_region_cut(&ac, &r, r.rate, false, pieces),
			0U);
	KUNIT_ASSERT_EQ(test, damon_region_cut(&ac, &r, r.rate, true, pieces),
			3U);
	KUNIT_EXPECT_TRUE(test, page >= pieces[1].ar.start &&
			  page < pieces[1].ar.end);
	KUNIT_EXPECT_LE(test, damon_sz_region(&pieces[1]), SZ / 32);
	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, pieces[i].rate, r.rate);
		KUNIT_EXPECT_EQ(test, pieces[i].nr_accesses, 0U);
		KUNIT_EXPECT_EQ(test, pieces[i].weight, 8);
		KUNIT_EXPECT_EQ(test, pieces[i].age, 9U);
		KUNIT_EXPECT_EQ(test, pieces[i].hold, 4);
		KUNIT_EXPECT_EQ(test, pieces[i].flags, 0);
	}

	/* Two hits far apart are no cluster. */
	r.hist[0] = BIT_ULL(0) | BIT_ULL(1) | BIT_ULL(2) | BIT_ULL(3);
	KUNIT_EXPECT_EQ(test, damon_region_cut(&ac, &r, r.rate, true, pieces),
			0U);
}

/* Ages of pieces restart only where the rate is another than before. */
static void ages_of_pieces(struct kunit *test)
{
	struct damon_access ac = test_access();
	struct damon_region pieces[3], r = sampled(&ac, 128, 16, 32, 1);

	KUNIT_ASSERT_EQ(test, damon_region_cut(&ac, &r, DAMON_RATE_ONE, false,
					       pieces), 3U);
	KUNIT_EXPECT_EQ(test, pieces[0].age, 0U);
	KUNIT_EXPECT_EQ(test, pieces[1].age, 9U);
	KUNIT_ASSERT_EQ(test, damon_region_cut(&ac, &r, DAMON_RATE_ONE / 50,
					       false, pieces), 3U);
	KUNIT_EXPECT_EQ(test, pieces[0].age, 9U);
	KUNIT_EXPECT_EQ(test, pieces[1].age, 0U);
	/* From 1 access to none is a change, however small. */
	KUNIT_ASSERT_EQ(test, damon_region_cut(&ac, &r, DAMON_RATE_ONE / 30,
					       false, pieces), 3U);
	KUNIT_EXPECT_EQ(test, pieces[0].age, 0U);
}

/* Regions of a few pages are cut at pages, or not at all. */
static void small_regions(struct kunit *test)
{
	struct damon_access ac = test_access();

	for (unsigned int pages = 1; pages < 9; pages++) {
		for (u32 seed = 1; seed < 100; seed++) {
			struct damon_region pieces[3];
			struct damon_region r = sampled(&ac, 128, 16, 32, seed);
			unsigned long pos = r.ar.start;
			unsigned int nr;

			r.ar.end = r.ar.start + pages * MIN_SZ;
			nr = damon_region_cut(&ac, &r, r.rate, true, pieces);
			if (pages == 1)
				KUNIT_EXPECT_EQ(test, nr, 0U);
			if (!nr)
				continue;
			KUNIT_EXPECT_GE(test, nr, 2U);
			for (unsigned int i = 0; i < nr; i++) {
				KUNIT_EXPECT_EQ(test, pieces[i].ar.start, pos);
				pos = pieces[i].ar.end;
				KUNIT_EXPECT_EQ(test, pos % MIN_SZ, 0UL);
				KUNIT_EXPECT_GT(test, pos,
						pieces[i].ar.start);
			}
			KUNIT_EXPECT_EQ(test, pos, r.ar.end);
		}
	}
}

/* Of regions without contrast, about one in a hundred is cut by mistake. */
static void false_alarms(struct kunit *test)
{
	static const u32 chances[] = { U32_MAX / 20, U32_MAX / 4, U32_MAX / 2 };
	struct damon_access ac = test_access();
	u32 rnd = 3;

	for (unsigned int k = 0; k < ARRAY_SIZE(chances); k++) {
		unsigned int nr_cuts = 0;

		for (unsigned int i = 0; i < 4000; i++) {
			struct damon_region pieces[3], r;

			rnd = next_pseudo_random32(rnd);
			r = sampled(&ac, 1, 0, 0, rnd);
			for (unsigned int n = 1; n < 128; n++) {
				rnd = next_pseudo_random32(rnd);
				damon_access_advance(&r);
				damon_access_record(&ac, &r, rnd < chances[k]);
			}
			nr_cuts += !!damon_region_cut(&ac, &r, r.rate, false,
						      pieces);
		}
		KUNIT_EXPECT_LE(test, nr_cuts, 4000 * 2 / 100U);
	}
}

static struct kunit_case cut_cases[] = {
	KUNIT_CASE(no_contrast),
	KUNIT_CASE(forgotten),
	KUNIT_CASE(a_cluster),
	KUNIT_CASE(moved_on),
	KUNIT_CASE_PARAM(places, place_gen_params),
	KUNIT_CASE(zoom),
	KUNIT_CASE(ages_of_pieces),
	KUNIT_CASE(small_regions),
	KUNIT_CASE(false_alarms),
	{}
};

static struct kunit_suite cut_suite = {
	.name = "damon_cut",
	.test_cases = cut_cases,
};

kunit_test_suite(cut_suite);
