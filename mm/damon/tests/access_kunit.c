// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/access.c and limit.c: samples, estimates, ages, limits. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "../policy/access.h"
#include "../policy/region.h"
#include "../policy/spec.h"

#define CAP		100
#define MIN_SZ		16UL
#define SAMPLES		20

struct access_fixture {
	struct damon_regions rs;
	struct damon_access ac;
	struct damon_attrs attrs;
};

static int access_init(struct kunit *test)
{
	struct access_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	test->priv = f;
	f->attrs = (struct damon_attrs){
		.sample_interval = 5000,
		.aggr_interval = 5000 * SAMPLES,
		.min_nr_regions = 10,
		.max_nr_regions = CAP,
	};
	damon_access_init(&f->ac, &f->attrs, MIN_SZ, 1);
	return damon_regions_init(&f->rs, 2, CAP);
}

static void access_exit(struct kunit *test)
{
	struct access_fixture *f = test->priv;

	if (f)
		damon_regions_free(&f->rs);
}

/* Both targets get one new range of this size; nothing is fitted yet. */
static void put_ranges(struct kunit *test, unsigned long sz)
{
	struct access_fixture *f = test->priv;
	struct damon_addr_range range = { .start = 0, .end = sz };

	for (unsigned int i = 0; i < 2; i++) {
		struct damon_target *t = &f->rs.targets[i];

		damon_target_set_ranges(&f->rs, t, NULL, 0, MIN_SZ, &f->ac.rnd);
		KUNIT_ASSERT_EQ(test, damon_target_set_ranges(&f->rs, t, &range,
							      1, MIN_SZ,
							      &f->ac.rnd), 0);
	}
}

/* A region that was estimated before. */
static struct damon_region known_region(struct access_fixture *f,
					unsigned int nr_accesses,
					unsigned int age)
{
	struct damon_region r;

	damon_region_init(&r, 0, 64 * MIN_SZ, &f->ac.rnd);
	r.flags = 0;
	r.rate = nr_accesses * DAMON_RATE_ONE / f->ac.max_nr_accesses;
	r.nr_accesses = nr_accesses;
	r.age = age;
	r.weight = 1;
	return r;
}

/* As an operation set does it. */
static void sample(struct access_fixture *f, struct damon_region *r, bool hit)
{
	damon_access_advance(r);
	damon_access_record(&f->ac, r, hit);
}

static void attrs_are_clipped(struct kunit *test)
{
	struct access_fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, f->ac.max_nr_accesses, (unsigned int)SAMPLES);
	KUNIT_EXPECT_EQ(test, f->ac.min_nr_regions, 10U);
	KUNIT_EXPECT_EQ(test, f->ac.max_nr_regions, (unsigned int)CAP);
	f->attrs.min_nr_regions = ULONG_MAX;
	f->attrs.max_nr_regions = ULONG_MAX;
	f->attrs.sample_interval = 0;
	damon_access_set_attrs(&f->ac, &f->attrs, MIN_SZ);
	KUNIT_EXPECT_EQ(test, f->ac.max_nr_accesses, 1U);
	KUNIT_EXPECT_EQ(test, f->ac.min_nr_regions, UINT_MAX);
	KUNIT_EXPECT_EQ(test, f->ac.max_nr_regions, UINT_MAX);
	put_ranges(test, 1UL << 20);
	damon_access_fit(&f->ac, &f->rs);
	KUNIT_EXPECT_EQ(test, f->rs.nr, (unsigned int)CAP);
	KUNIT_EXPECT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
}

static void rates_round(struct kunit *test)
{
	struct access_fixture *f = test->priv;
	const u32 step = DAMON_RATE_ONE / SAMPLES;

	KUNIT_EXPECT_EQ(test, damon_access_nr_accesses(&f->ac, 0), 0U);
	KUNIT_EXPECT_EQ(test, damon_access_nr_accesses(&f->ac, step / 2), 0U);
	KUNIT_EXPECT_EQ(test, damon_access_nr_accesses(&f->ac, step / 2 + 1),
			1U);
	KUNIT_EXPECT_EQ(test, damon_access_nr_accesses(&f->ac, DAMON_RATE_ONE),
			20U);
	f->ac.max_nr_accesses = UINT_MAX;
	KUNIT_EXPECT_EQ(test, damon_access_nr_accesses(&f->ac, DAMON_RATE_ONE),
			UINT_MAX);
}

/* Samples are in the region, aligned, and spread evenly. */
static void addresses_spread(struct kunit *test)
{
	struct access_fixture *f = test->priv;
	struct damon_region r = known_region(f, 10, 0);
	unsigned int seen[64] = {};

	r.ar.start += 3 * MIN_SZ;
	r.ar.end += 3 * MIN_SZ;
	for (unsigned int i = 0; i < 128; i++) {
		unsigned long addr = damon_access_addr(&f->ac, &r);

		KUNIT_ASSERT_TRUE(test, addr >= r.ar.start && addr < r.ar.end);
		KUNIT_EXPECT_EQ(test, addr % MIN_SZ, 0UL);
		seen[(addr - r.ar.start) / MIN_SZ]++;
		sample(f, &r, true);
		damon_access_advance(&r);
	}
	for (unsigned int i = 0; i < 64; i++) {
		KUNIT_EXPECT_GE(test, seen[i], 1U);
		KUNIT_EXPECT_LE(test, seen[i], 3U);
	}

	/* The smallest region, and the largest. */
	r.ar.end = r.ar.start + MIN_SZ;
	KUNIT_EXPECT_EQ(test, damon_access_addr(&f->ac, &r), r.ar.start);
	r.ar.start = 0;
	r.ar.end = ULONG_MAX - (MIN_SZ - 1);
	r.phase = U32_MAX;
	KUNIT_EXPECT_LT(test, damon_access_addr(&f->ac, &r), r.ar.end);
}

/* What was prepared but never recorded is prepared again, where it was. */
static void lost_samples(struct kunit *test)
{
	struct access_fixture *f = test->priv;
	struct damon_region r = known_region(f, 10, 0);
	u32 phase = r.phase;

	damon_access_advance(&r);
	damon_access_advance(&r);
	KUNIT_EXPECT_EQ(test, r.phase, phase);
	damon_access_record(&f->ac, &r, true);
	KUNIT_EXPECT_EQ(test, r.phase, phase);
	damon_access_advance(&r);
	damon_access_advance(&r);
	KUNIT_EXPECT_EQ(test, r.phase, phase + DAMON_PHASE_STEP);
}

static void history_shifts(struct kunit *test)
{
	struct access_fixture *f = test->priv;
	struct damon_region r = known_region(f, 10, 0);

	sample(f, &r, true);
	for (unsigned int i = 1; i < 70; i++)
		sample(f, &r, false);
	KUNIT_EXPECT_EQ(test, r.hist[0], 0ULL);
	KUNIT_EXPECT_EQ(test, r.hist[1], 1ULL << 5);
	KUNIT_EXPECT_EQ(test, r.nr_hist, 70);
	KUNIT_EXPECT_EQ(test, r.checks, 70);
	KUNIT_EXPECT_EQ(test, r.hits, 1);
	for (unsigned int i = 70; i < 200; i++)
		sample(f, &r, true);
	KUNIT_EXPECT_EQ(test, r.nr_hist, 128);
	KUNIT_EXPECT_EQ(test, r.hist[0] & r.hist[1], U64_MAX);
}

/* More samples in an aggregation than are counted: the share stays right. */
static void counts_are_halved(struct kunit *test)
{
	struct access_fixture *f = test->priv;
	struct damon_region r = known_region(f, 10, 0);

	for (unsigned int i = 0; i < 200000; i++) {
		sample(f, &r, i % 4 == 0);
		KUNIT_ASSERT_LE(test, r.hits, r.checks);
	}
	KUNIT_EXPECT_GT(test, r.checks, 30000);
	KUNIT_EXPECT_LE(test, abs_diff(4 * (u32)r.hits, (u32)r.checks), 10U);
}

static const struct probe_case {
	const char *desc;
	unsigned int nr_accesses;
	u8 flags;
	bool hits[3];
	unsigned int nr;
	u8 flags_after;
	u8 checks_after;
	u8 hits_after;
} probe_cases[] = {
	{ "cold, confirmed", 1, 0, { 1, 1, 1 }, 3,
	  DAMON_REGION_ZOOM | DAMON_REGION_MOVE, 1, 1 },
	{ "cold, still being checked", 1, 0, { 1, 1 }, 2, 0, 0, 0 },
	{ "cold, not confirmed", 1, 0, { 1, 0 }, 2, DAMON_REGION_MOVE, 1, 1 },
	{ "cold, not confirmed at last", 1, 0, { 1, 1, 0 }, 3,
	  DAMON_REGION_MOVE, 1, 1 },
	{ "cold, a second hot page", 1, DAMON_REGION_ZOOM, { 1 }, 1,
	  DAMON_REGION_ZOOM | DAMON_REGION_MOVE, 1, 1 },
	{ "cold miss", 1, 0, { 0 }, 1, DAMON_REGION_MOVE, 1, 0 },
	{ "just cold enough", 2, 0, { 1 }, 1, 0, 0, 0 },
	{ "not cold enough", 3, 0, { 1 }, 1, DAMON_REGION_MOVE, 1, 1 },
	{ "slow and cold, confirmed", 0, DAMON_REGION_SLOW, { 1, 1, 1 }, 3,
	  DAMON_REGION_ZOOM | DAMON_REGION_MOVE, 1, 1 },
	{ "slow and cold, not confirmed", 0, DAMON_REGION_SLOW, { 1, 0 }, 2,
	  DAMON_REGION_MOVE, 1, 0 },
	{ "slow and cold, being checked", 0, DAMON_REGION_SLOW, { 1 }, 1,
	  DAMON_REGION_SUSPECT, 0, 0 },
	{ "slow and cold, miss", 0, DAMON_REGION_SLOW, { 0 }, 1,
	  DAMON_REGION_SLOW | DAMON_REGION_MOVE, 1, 0 },
	{ "slow and hot, hit", 20, DAMON_REGION_SLOW, { 1 }, 1,
	  DAMON_REGION_SLOW | DAMON_REGION_MOVE, 1, 1 },
	{ "slow and hot, miss", 20, DAMON_REGION_SLOW, { 0 }, 1,
	  DAMON_REGION_MOVE, 1, 0 },
};

KUNIT_ARRAY_PARAM_DESC(probe, probe_cases, desc);

static void probes(struct kunit *test)
{
	const struct probe_case *c = test->param_value;
	struct access_fixture *f = test->priv;
	struct damon_region r = known_region(f, c->nr_accesses, 10);
	u32 phase = r.phase;

	r.flags = c->flags;
	for (unsigned int i = 0; i < c->nr; i++) {
		sample(f, &r, c->hits[i]);
		KUNIT_EXPECT_EQ(test, r.phase, phase);
	}
	KUNIT_EXPECT_EQ(test, r.flags, c->flags_after);
	KUNIT_EXPECT_EQ(test, f->ac.awake,
			(c->flags & ~c->flags_after & DAMON_REGION_SLOW) != 0);
	KUNIT_EXPECT_EQ(test, r.checks, c->checks_after);
	KUNIT_EXPECT_EQ(test, r.nr_hist, c->checks_after);
	KUNIT_EXPECT_EQ(test, r.hits, c->hits_after);
	KUNIT_EXPECT_EQ(test, r.hist[0], (u64)c->hits_after);
}

/* One region of one target, with these counts, is aggregated. */
static struct damon_region *aggregate_one(struct kunit *test,
					  const struct damon_region *r,
					  unsigned int hits,
					  unsigned int checks)
{
	struct access_fixture *f = test->priv;

	put_ranges(test, 64 * MIN_SZ);
	f->rs.cur[0] = *r;
	f->rs.cur[0].hits = hits;
	f->rs.cur[0].checks = checks;
	f->ac.limit = ULONG_MAX;
	damon_access_aggregate(&f->ac, &f->rs, NULL);
	KUNIT_ASSERT_EQ(test, f->rs.nr, 2U);
	return &f->rs.cur[0];
}

static const struct age_case {
	const char *desc;
	unsigned int nr_accesses, weight, hits, checks;
	unsigned int nr_accesses_after, age_after, weight_after;
} age_cases[] = {
	/* All were of age 5, and 20 is the number of samples. */
	{ "the same", 10, 1, 10, 20, 10, 6, 2 },
	{ "averaged", 10, 1, 8, 20, 9, 6, 2 },
	{ "averaged over eight", 10, 8, 8, 20, 10, 6, 8 },
	{ "drifting", 10, 8, 15, 20, 11, 6, 5 },
	{ "by chance, a quarter", 5, 8, 10, 20, 6, 6, 5 },
	{ "changed, a quarter", 5, 8, 12, 20, 12, 0, 1 },
	{ "by chance, from cold to nearly cold", 2, 1, 4, 20, 3, 6, 2 },
	{ "cold to hot", 0, 8, 20, 20, 20, 0, 1 },
	{ "hot to cold", 20, 8, 0, 20, 0, 0, 1 },
	{ "zero to non-zero", 0, 1, 2, 20, 1, 0, 2 },
	{ "non-zero to zero", 1, 1, 0, 20, 0, 0, 2 },
	{ "non-zero to less", 1, 2, 0, 20, 1, 6, 3 },
	{ "few samples, the same share", 10, 1, 1, 2, 10, 6, 2 },
	{ "not checked", 10, 3, 0, 0, 10, 6, 3 },
};

KUNIT_ARRAY_PARAM_DESC(age, age_cases, desc);

static void estimates(struct kunit *test)
{
	const struct age_case *c = test->param_value;
	struct access_fixture *f = test->priv;
	struct damon_region r = known_region(f, c->nr_accesses, 5), *got;

	r.weight = c->weight;
	r.nr_hist = 100;
	got = aggregate_one(test, &r, c->hits, c->checks);
	KUNIT_EXPECT_EQ(test, got->nr_accesses, c->nr_accesses_after);
	KUNIT_EXPECT_EQ(test, got->age, c->age_after);
	KUNIT_EXPECT_EQ(test, got->weight, c->weight_after);
	KUNIT_EXPECT_EQ(test, got->checks, 0);
	KUNIT_EXPECT_EQ(test, got->nr_hist, c->weight_after == 1 ? 20 : 100);
}

static void estimate_of_fresh(struct kunit *test)
{
	struct access_fixture *f = test->priv;
	struct damon_region r, *got;

	damon_region_init(&r, 0, 64 * MIN_SZ, &f->ac.rnd);
	got = aggregate_one(test, &r, 0, 0);
	KUNIT_EXPECT_TRUE(test, got->flags & DAMON_REGION_FRESH);
	KUNIT_EXPECT_EQ(test, got->age, 0U);
	got = aggregate_one(test, &r, 10, 20);
	KUNIT_EXPECT_FALSE(test, got->flags & DAMON_REGION_FRESH);
	KUNIT_EXPECT_EQ(test, got->nr_accesses, 10U);
	KUNIT_EXPECT_EQ(test, got->age, 0U);
	KUNIT_EXPECT_EQ(test, got->weight, 1);
}

static void ages_saturate(struct kunit *test)
{
	struct access_fixture *f = test->priv;
	struct damon_region r = known_region(f, 10, UINT_MAX);

	KUNIT_EXPECT_EQ(test, aggregate_one(test, &r, 10, 20)->age, UINT_MAX);
	KUNIT_EXPECT_EQ(test, aggregate_one(test, &r, 0, 0)->age, UINT_MAX);
}

/* Merged to 0.49 accesses, which says 0: still no change if it becomes 1. */
static void merging_is_no_change(struct kunit *test)
{
	struct access_fixture *f = test->priv;
	struct damon_region r = known_region(f, 1, 5);

	r.nr_accesses = 0;
	KUNIT_EXPECT_EQ(test, aggregate_one(test, &r, 1, 20)->age, 6U);
}

static const struct slow_case {
	const char *desc;
	unsigned int nr_accesses, age;
	u8 probe, hold;
	bool slow;
} slow_cases[] = {
	{ "cold", 0, 10, 0, 0, true },
	{ "cold and old", 0, 1000, 0, 0, true },
	{ "cold but young", 0, 9, 0, 0, false },
	{ "cold but suspected", 0, 10, 1, 0, false },
	{ "cold, but just cut out", 0, 10, 0, 2, false },
	{ "cold, and cut out a while ago", 0, 10, 0, 1, true },
	{ "hot", 20, 10, 0, 0, true },
	{ "hot, to be looked at again", 20, 16, 0, 0, false },
	{ "hot but young", 20, 9, 0, 0, false },
	{ "warm", 10, 10, 0, 0, false },
};

KUNIT_ARRAY_PARAM_DESC(slow, slow_cases, desc);

static void resets(struct kunit *test)
{
	const struct slow_case *c = test->param_value;
	struct access_fixture *f = test->priv;
	struct damon_region *r = f->rs.cur;

	put_ranges(test, MIN_SZ);
	*r = known_region(f, c->nr_accesses, c->age);
	r->ar.end = MIN_SZ;
	r->probe = c->probe;
	r->hold = c->hold;
	r->flags = DAMON_REGION_ZOOM | DAMON_REGION_PREPARED |
		(c->slow ? 0 : DAMON_REGION_SLOW);
	f->ac.tick = SAMPLES;
	damon_access_reset(&f->ac, &f->rs);
	/* The open sample of one that was slow is no good any more. */
	KUNIT_EXPECT_EQ(test, r->flags, c->slow ?
			DAMON_REGION_PREPARED | DAMON_REGION_SLOW : 0);
	KUNIT_EXPECT_EQ(test, r->hold, c->hold ? c->hold - 1 : 0);
	KUNIT_EXPECT_EQ(test, f->ac.tick, 0U);
	KUNIT_EXPECT_EQ(test, f->ac.nr_aggrs, 1U);
	damon_access_reset(&f->ac, &f->rs);
	damon_access_reset(&f->ac, &f->rs);
	KUNIT_EXPECT_EQ(test, r->hold, 0);
}

/* Samples 1, 0, 0, 1 of four, after 2 of four. */
static void moving_sum(struct kunit *test)
{
	static const unsigned int want[] = { 25000, 20000, 15000, 20000 };
	static const bool hits[] = { true, false, false, true };
	struct access_fixture *f = test->priv;
	struct damon_region r;

	f->ac.max_nr_accesses = 4;
	r = known_region(f, 2, 0);
	KUNIT_EXPECT_EQ(test, damon_access_moving_bp(&f->ac, &r), 20000U);
	for (f->ac.tick = 1; f->ac.tick <= 4; f->ac.tick++) {
		sample(f, &r, hits[f->ac.tick - 1]);
		KUNIT_EXPECT_EQ(test, damon_access_moving_bp(&f->ac, &r),
				want[f->ac.tick - 1]);
	}
}

static void moving_sum_has_no_rest(struct kunit *test)
{
	struct access_fixture *f = test->priv;
	struct damon_region r;

	f->ac.max_nr_accesses = 3;
	r = known_region(f, 2, 0);
	sample(f, &r, false);
	sample(f, &r, false);
	f->ac.tick = 2;
	KUNIT_EXPECT_EQ(test, damon_access_moving_bp(&f->ac, &r),
			20000U - 2 * 6666);
	sample(f, &r, true);
	f->ac.tick = 3;
	KUNIT_EXPECT_EQ(test, damon_access_moving_bp(&f->ac, &r), 10000U);

	/* Half of the ticks were samples: each one counts for two. */
	r.hits = 1;
	r.checks = 2;
	f->ac.max_nr_accesses = 8;
	f->ac.tick = 4;
	r.nr_accesses = 0;
	KUNIT_EXPECT_EQ(test, damon_access_moving_bp(&f->ac, &r), 20000U);
	r.checks = 0;
	r.nr_accesses = UINT_MAX;
	KUNIT_EXPECT_EQ(test, damon_access_moving_bp(&f->ac, &r), UINT_MAX);
}

static const struct fit_case {
	const char *desc;
	unsigned long sz, min, max;
	unsigned int nr;
	unsigned long limit;
} fit_cases[] = {
	/* Two ranges of @sz units of the smallest size. */
	{ "four times the lower limit", 400, 10, 100, 40, 20 },
	{ "rounded up", 401, 10, 100, 40, 21 },
	{ "half of the upper limit", 400, 10, 20, 10, 80 },
	{ "lower limit above half of the upper one", 400, 10, 12, 10, 80 },
	{ "limits equal", 400, 10, 10, 10, 80 },
	{ "an upper limit beyond the room", 400, 50, 1000, 50, 16 },
	{ "smallest size", 4, 10, 100, 8, 1 },
	{ "few regions allowed", 400, 3, 3, 2, 267 },
};

KUNIT_ARRAY_PARAM_DESC(fit, fit_cases, desc);

static void fits(struct kunit *test)
{
	const struct fit_case *c = test->param_value;
	struct access_fixture *f = test->priv;

	f->attrs.min_nr_regions = c->min;
	f->attrs.max_nr_regions = c->max;
	damon_access_set_attrs(&f->ac, &f->attrs, MIN_SZ);
	put_ranges(test, c->sz * MIN_SZ);
	damon_access_fit(&f->ac, &f->rs);
	KUNIT_EXPECT_EQ(test, f->ac.limit, c->limit * MIN_SZ);
	if (c->nr != 2)
		KUNIT_EXPECT_EQ(test, f->rs.nr, c->nr);
	KUNIT_EXPECT_LE(test, (unsigned long)f->rs.nr, c->max);
	KUNIT_EXPECT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
	KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs), 2 * c->sz * MIN_SZ);
}

/* The upper limit is lowered: all is merged that it takes, also by force. */
static void upper_limit_lowered(struct kunit *test)
{
	struct access_fixture *f = test->priv;

	put_ranges(test, 400 * MIN_SZ);
	KUNIT_EXPECT_EQ(test, damon_regions_limit_size(&f->rs, 10 * MIN_SZ, CAP,
						       &f->ac.rnd), 0);
	for (unsigned int i = 0; i < f->rs.nr; i++) {
		f->rs.cur[i].hold = 4;
		f->rs.cur[i].flags = 0;
		f->rs.cur[i].rate = i % 2 * DAMON_RATE_ONE;
	}
	/* A target each has two regions at least, as there shall be three. */
	for (unsigned int max = 100; max >= 4; max--) {
		f->attrs.min_nr_regions = 3;
		f->attrs.max_nr_regions = max;
		damon_access_set_attrs(&f->ac, &f->attrs, MIN_SZ);
		damon_access_fit(&f->ac, &f->rs);
		KUNIT_EXPECT_LE(test, f->rs.nr, max);
		KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs),
				800 * MIN_SZ);
		KUNIT_ASSERT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
	}
}

/* A budget has its say, too, and only as long as there is one. */
static void upper_limit_of_a_budget(struct kunit *test)
{
	struct access_fixture *f = test->priv;

	put_ranges(test, 400 * MIN_SZ);
	damon_access_fit(&f->ac, &f->rs);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 40U);
	f->ac.nr_budget = 16;
	damon_access_fit(&f->ac, &f->rs);
	KUNIT_EXPECT_LE(test, f->rs.nr, 16U);
	KUNIT_EXPECT_GE(test, f->rs.nr, 8U);
	f->ac.nr_budget = 10;
	damon_access_fit(&f->ac, &f->rs);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 10U);
	f->ac.nr_budget = 0;
	damon_access_fit(&f->ac, &f->rs);
	KUNIT_EXPECT_EQ(test, f->rs.nr, 40U);
}

/* All regions differ; merging gets bolder the closer the upper limit is. */
static void merging_near_the_limit(struct kunit *test)
{
	struct access_fixture *f = test->priv;

	put_ranges(test, 400 * MIN_SZ);
	damon_regions_limit_size(&f->rs, 8 * MIN_SZ, CAP, &f->ac.rnd);
	KUNIT_ASSERT_EQ(test, f->rs.nr, (unsigned int)CAP);
	for (unsigned int i = 0; i < f->rs.nr; i++) {
		f->rs.cur[i].flags = 0;
		f->rs.cur[i].rate = i % 3 * DAMON_RATE_ONE / 6;
		f->rs.cur[i].weight = 1;
	}
	f->ac.limit = 16 * MIN_SZ;
	damon_access_aggregate(&f->ac, &f->rs, NULL);
	KUNIT_EXPECT_LE(test, f->rs.nr, CAP - CAP / 8U);
	KUNIT_EXPECT_GE(test, f->rs.nr, CAP / 2U);
	KUNIT_EXPECT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
}

/* One confirmed hot page in the last of so many regions: is it cut out? */
static unsigned int nr_after_zoom(struct kunit *test, unsigned int nr)
{
	struct access_fixture *f = test->priv;
	struct damon_region *r;

	put_ranges(test, 0x1000 * MIN_SZ);
	damon_regions_limit_size(&f->rs, 16 * MIN_SZ, nr, &f->ac.rnd);
	KUNIT_ASSERT_EQ(test, f->rs.nr, nr);
	r = f->rs.cur;
	/* Nothing else is alike. */
	for (unsigned int i = 0; i < nr; i++) {
		r[i].flags = 0;
		r[i].rate = i % 2 * (DAMON_RATE_ONE / 2);
	}
	r += nr - 1;
	r->rate = DAMON_RATE_ONE / 4;
	r->hist[0] = 1;
	r->hist[1] = 0;
	r->nr_hist = 128;
	r->flags = DAMON_REGION_ZOOM;
	f->ac.limit = ULONG_MAX;
	damon_access_aggregate(&f->ac, &f->rs, NULL);
	KUNIT_EXPECT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
	return f->rs.nr;
}

/* Up to 40 + (100 - 40) / 4 regions. */
static void zoom_budget(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nr_after_zoom(test, 54), 56U);
	KUNIT_EXPECT_EQ(test, nr_after_zoom(test, 55), 55U);
}

/* Whatever happens, regions stay in order and within their limits. */
static void random_samples(struct kunit *test)
{
	struct access_fixture *f = test->priv;
	u32 rnd = 7;

	put_ranges(test, 1000 * MIN_SZ);
	damon_access_fit(&f->ac, &f->rs);
	for (unsigned int i = 0; i < 400 * SAMPLES; i++) {
		u32 chance = i / SAMPLES % 4 * (U32_MAX / 8);

		f->ac.tick++;
		for (unsigned int k = 0; k < f->rs.nr; k++) {
			struct damon_region *r = &f->rs.cur[k];
			unsigned long page = damon_access_addr(&f->ac, r) /
				MIN_SZ;

			rnd = next_pseudo_random32(rnd);
			if (damon_access_due(&f->ac, r, k))
				sample(f, r, page / 7 % 3 ? rnd < chance :
				       rnd >= chance);
		}
		KUNIT_ASSERT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
		if (f->ac.tick < SAMPLES)
			continue;
		damon_access_aggregate(&f->ac, &f->rs, NULL);
		KUNIT_ASSERT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
		for (unsigned int k = 0; k < f->rs.nr; k++) {
			KUNIT_EXPECT_LE(test, f->rs.cur[k].nr_accesses,
					(unsigned int)SAMPLES);
			KUNIT_EXPECT_LE(test, damon_sz_region(&f->rs.cur[k]),
					f->ac.limit);
		}
		damon_access_reset(&f->ac, &f->rs);
		KUNIT_EXPECT_LE(test, f->rs.nr, (unsigned int)CAP);
		KUNIT_EXPECT_GE(test, f->rs.nr, 10U);
		KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs),
				2000 * MIN_SZ);
	}
}

static struct kunit_case access_cases[] = {
	KUNIT_CASE(attrs_are_clipped),
	KUNIT_CASE(rates_round),
	KUNIT_CASE(addresses_spread),
	KUNIT_CASE(lost_samples),
	KUNIT_CASE(history_shifts),
	KUNIT_CASE(counts_are_halved),
	KUNIT_CASE_PARAM(probes, probe_gen_params),
	KUNIT_CASE_PARAM(estimates, age_gen_params),
	KUNIT_CASE(estimate_of_fresh),
	KUNIT_CASE(ages_saturate),
	KUNIT_CASE(merging_is_no_change),
	KUNIT_CASE_PARAM(resets, slow_gen_params),
	KUNIT_CASE(moving_sum),
	KUNIT_CASE(moving_sum_has_no_rest),
	KUNIT_CASE_PARAM(fits, fit_gen_params),
	KUNIT_CASE(upper_limit_lowered),
	KUNIT_CASE(upper_limit_of_a_budget),
	KUNIT_CASE(merging_near_the_limit),
	KUNIT_CASE(zoom_budget),
	KUNIT_CASE(random_samples),
	{}
};

static struct kunit_suite access_suite = {
	.name = "damon_access",
	.init = access_init,
	.exit = access_exit,
	.test_cases = access_cases,
};

kunit_test_suite(access_suite);
