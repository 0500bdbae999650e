// SPDX-License-Identifier: GPL-2.0
/*
 * Random sequences of everything that can be done to a context, with values
 * that are reasonable, at the limits or absurd, and allocations that fail.
 * The same sequences each time; what must always hold is checked after each
 * step, and the sanitizers watch the rest.
 */

#include <kunit/test.h>
#include <linux/damon.h>

#include "../../../../mm/damon/policy/access.h"
#include "../../../../mm/damon/policy/region.h"
#include "../../../../mm/damon/policy/spec.h"

#define NR_STEPS	4000
#define MAX_RANGES	12
#define MAX_TARGETS	4

struct fuzz {
	u64 state;
	struct damon_regions rs;
	struct damon_access ac;
	struct damon_attrs attrs;
	unsigned int samples;
};

static u32 draw(struct fuzz *f, u32 below)
{
	f->state = f->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return below ? (f->state >> 33) % below : 0;
}

/* From 0 to all bits set, each order of magnitude as likely as another. */
static unsigned long draw_any(struct fuzz *f)
{
	unsigned long v = (u64)draw(f, 1U << 31) << 33 ^
		(u64)draw(f, 1U << 31) << 16 ^ draw(f, 1U << 31);

	switch (draw(f, 8)) {
	case 0:
		return ~0UL - draw(f, 3);
	case 1:
		return draw(f, 3);
	default:
		return v >> draw(f, 64);
	}
}

static void draw_attrs(struct fuzz *f, struct damon_attrs *attrs)
{
	do {
		attrs->sample_interval = draw(f, 4) ? 1 + draw(f, 100) :
			draw_any(f);
		attrs->aggr_interval = draw(f, 4) ?
			attrs->sample_interval * (1 + draw(f, 40)) :
			draw_any(f);
		attrs->min_nr_regions = draw(f, 8) ? 3 + draw(f, 40) :
			draw_any(f);
		attrs->max_nr_regions = draw(f, 8) ?
			attrs->min_nr_regions + draw(f, 200) : draw_any(f);
		attrs->intervals_goal = (struct damon_intervals_goal){
			.access_bp = draw(f, 4) ? draw(f, 10001) : draw_any(f),
			.aggrs = 1,
			.min_sample_us = 0,
			.max_sample_us = draw_any(f),
		};
	} while (damon_attrs_validate(attrs));
}

static void check(struct kunit *test, struct fuzz *f)
{
	KUNIT_ASSERT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
	KUNIT_ASSERT_LE(test, f->rs.nr, f->rs.cap);
	for (unsigned int i = 0; i < f->rs.nr; i++) {
		unsigned long addr = damon_access_addr(&f->ac, &f->rs.cur[i]);

		KUNIT_ASSERT_TRUE(test, addr >= f->rs.cur[i].ar.start &&
				  addr < f->rs.cur[i].ar.end);
		damon_access_moving_bp(&f->ac, &f->rs.cur[i]);
	}
}

static void set_ranges(struct kunit *test, struct fuzz *f)
{
	struct damon_target *t = &f->rs.targets[draw(f, f->rs.nr_targets)];
	struct damon_addr_range ranges[MAX_RANGES];
	unsigned int nr = draw(f, MAX_RANGES + 1), before = f->rs.nr;
	unsigned long pos = draw(f, 4) ? draw(f, 1 << 20) : draw_any(f);
	bool absurd = !draw(f, 4);
	int err;

	for (unsigned int i = 0; i < nr; i++) {
		pos += absurd ? draw_any(f) : draw(f, 1 << 16);
		ranges[i].start = pos;
		pos += absurd ? draw_any(f) : draw(f, 1 << 20);
		ranges[i].end = pos;
	}
	err = damon_target_set_ranges(&f->rs, t, ranges, nr, f->ac.min_sz,
				      &f->ac.rnd);
	KUNIT_EXPECT_EQ(test, err == -EINVAL,
			!!damon_ranges_validate(ranges, nr, f->ac.min_sz));
	if (err) {
		KUNIT_EXPECT_EQ(test, f->rs.nr, before);
		return;
	}
	KUNIT_EXPECT_GE(test, t->nr_regions, nr);
	if (nr) {
		struct damon_region *r = f->rs.cur + t->first;

		KUNIT_EXPECT_EQ(test, r->ar.start,
				ALIGN_DOWN(ranges[0].start, f->ac.min_sz));
		r += t->nr_regions - 1;
		KUNIT_EXPECT_EQ(test, r->ar.end,
				ALIGN(ranges[nr - 1].end, f->ac.min_sz));
	}
	if (draw(f, 4))
		damon_access_fit(&f->ac, &f->rs);
}

static void sample(struct kunit *test, struct fuzz *f)
{
	u32 chance = draw(f, 4) ? draw(f, 1001) : draw(f, 2) * 1000;

	(void)test;
	f->ac.tick++;
	for (unsigned int i = 0; i < f->rs.nr; i++) {
		struct damon_region *r = &f->rs.cur[i];

		if (!damon_access_due(&f->ac, r, i))
			continue;
		if (draw(f, 50))
			damon_access_record(&f->ac, r, r->phase >> 29 == 3 ||
					    draw(f, 1000) < chance);
		damon_access_advance(r);
	}
}

static void aggregate(struct kunit *test, struct fuzz *f)
{
	unsigned long total = damon_regions_total(&f->rs);
	unsigned int before = f->rs.nr;

	damon_access_aggregate(&f->ac, &f->rs);
	KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs), total);
	KUNIT_EXPECT_LE(test, f->rs.nr, max(before, f->ac.max_nr_regions));
	check(test, f);
	for (unsigned int i = 0; i < f->rs.nr; i++) {
		struct damon_region *r = &f->rs.cur[i];
		u64 bp = min((u64)DAMON_BP * r->nr_accesses, (u64)UINT_MAX);

		KUNIT_EXPECT_EQ(test, damon_access_moving_bp(&f->ac, r), bp);
	}
	if (!draw(f, 4)) {
		struct damon_attrs old = f->attrs;

		damon_access_tune(&f->rs, f->samples, &f->attrs);
		damon_access_set_attrs(&f->ac, &f->attrs, f->ac.min_sz);
		damon_access_rescale(&f->rs, &old, &f->attrs, true);
	}
	damon_access_reset(&f->ac, &f->rs);
	KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs), total);
}

static void commit(struct kunit *test, struct fuzz *f)
{
	struct damon_attrs new;

	draw_attrs(f, &new);
	damon_access_set_attrs(&f->ac, &new, f->ac.min_sz);
	damon_access_rescale(&f->rs, &f->attrs, &new, draw(f, 2));
	f->attrs = new;
	f->samples = damon_attrs_max_nr_accesses(&new);
	f->ac.tick = 0;
	if (draw(f, 2))
		damon_access_fit(&f->ac, &f->rs);
	KUNIT_EXPECT_GE(test, f->samples, 1U);
}

static void adopt(struct kunit *test, struct fuzz *f)
{
	unsigned int cap = draw(f, 2) ? f->rs.cap : draw(f, f->rs.cap);
	struct damon_regions new;
	bool all = true;

	if (damon_regions_init(&new, f->rs.nr_targets, cap))
		return;
	for (unsigned int i = 0; i < new.nr_targets; i++)
		if (damon_target_adopt(&new, &new.targets[i], &f->rs,
				       &f->rs.targets[i]))
			all = false;
	KUNIT_EXPECT_EQ(test, all, f->rs.nr <= cap);
	KUNIT_ASSERT_TRUE(test, damon_regions_check(&new, &f->ac));
	swap(new, f->rs);
	damon_regions_free(&new);
}

static void reserve(struct kunit *test, struct fuzz *f)
{
	unsigned int cap = f->rs.cap + draw(f, 20), before = f->rs.cap;

	if (cap > 2000)
		return;
	shim_fail_nth = draw(f, 4);
	if (damon_regions_reserve(&f->rs, cap))
		KUNIT_EXPECT_EQ(test, f->rs.cap, before);
	else
		KUNIT_EXPECT_EQ(test, f->rs.cap, cap);
	shim_fail_nth = 0;
}

static void fuzz_one(struct kunit *test, u64 seed)
{
	static void (*const steps[])(struct kunit *test, struct fuzz *f) = {
		set_ranges, aggregate, commit, adopt, reserve,
	};
	struct fuzz f = { .state = seed };

	draw_attrs(&f, &f.attrs);
	damon_access_init(&f.ac, &f.attrs, 1UL << draw(&f, 14), seed);
	KUNIT_ASSERT_EQ(test, damon_regions_init(&f.rs,
						 1 + draw(&f, MAX_TARGETS),
						 draw(&f, 300)), 0);
	for (unsigned int i = 0; i < NR_STEPS; i++) {
		u32 what = draw(&f, 100);

		if (what < 90)
			sample(test, &f);
		else if (what < 96)
			aggregate(test, &f);
		else
			steps[draw(&f, ARRAY_SIZE(steps))](test, &f);
		if (what >= 80)
			check(test, &f);
	}
	damon_regions_free(&f.rs);
}

static const struct fuzz_case {
	const char *desc;
	u64 first;
} fuzz_cases[] = {
	{ "seeds 1 to 20", 1 },
	{ "seeds 21 to 40", 21 },
	{ "seeds 41 to 60", 41 },
	{ "seeds 61 to 80", 61 },
	{ "seeds 81 to 100", 81 },
};

KUNIT_ARRAY_PARAM_DESC(fuzz, fuzz_cases, desc);

static void fuzz(struct kunit *test)
{
	const struct fuzz_case *c = test->param_value;

	for (u64 seed = c->first; seed < c->first + 20; seed++)
		fuzz_one(test, seed * 0x9E3779B97F4A7C15ULL);
}

static struct kunit_case fuzz_suite_cases[] = {
	KUNIT_CASE_PARAM(fuzz, fuzz_gen_params),
	{}
};

static struct kunit_suite fuzz_suite = {
	.name = "damon_fuzz",
	.test_cases = fuzz_suite_cases,
};

kunit_test_suite(fuzz_suite);
