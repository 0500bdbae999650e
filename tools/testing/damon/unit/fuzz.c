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
#include "../../../../mm/damon/policy/damos.h"
#include "../../../../mm/damon/policy/region.h"
#include "../../../../mm/damon/policy/spec.h"

#define NR_STEPS	4000
#define MAX_RANGES	12
#define MAX_TARGETS	4
#define NR_SCHEMES	3
#define MAX_FILTERS	4
#define MAX_GOALS	2

struct fuzz_scheme {
	struct damos_filter_spec filters[MAX_FILTERS];
	struct damos_goal goals[MAX_GOALS];
	struct damos_spec spec;
};

struct fuzz {
	struct kunit *test;
	u64 state;
	struct fuzz_scheme made_up[NR_SCHEMES];
	struct damos schemes[NR_SCHEMES];
	u64 now_ns;
	unsigned int left_in_slice;
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
	*attrs = (struct damon_attrs){};
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

	damon_access_aggregate(&f->ac, &f->rs, NULL);
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
	f->ac.stride = 1 + draw(f, min(f->samples, 1000U));
	f->ac.nr_budget = draw(f, 2) ? 0 :
		max(f->ac.min_nr_regions, (unsigned int)draw(f, 100));
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

static void draw_filter(struct fuzz *f, struct damos_filter_spec *spec)
{
	unsigned long a = draw_any(f), b = draw_any(f);
	bool sane = draw(f, 50);

	if (draw(f, 4) && f->rs.nr) {
		a = f->rs.cur[draw(f, f->rs.nr)].ar.start + draw(f, 1 << 14);
		b = f->rs.cur[draw(f, f->rs.nr)].ar.end - draw(f, 1 << 14);
	}
	*spec = (struct damos_filter_spec){
		.type = draw(f, 2) ? DAMOS_FILTER_TYPE_ADDR :
			draw(f, NR_DAMOS_FILTER_TYPES + !sane),
		.matching = draw(f, 2),
		.allow = draw(f, 2),
		.target_idx = draw(f, 4) ? draw(f, MAX_TARGETS) : draw_any(f),
		.addr_range = { sane ? min(a, b) : a, sane ? max(a, b) : b },
	};
	spec->sz_range.min = spec->addr_range.start;
	spec->sz_range.max = spec->addr_range.end;
}

static void draw_size_range(struct fuzz *f, struct damon_size_range *range)
{
	range->min = draw(f, 8) ? 0 : draw_any(f);
	range->max = draw(f, 8) ? ULONG_MAX : draw_any(f);
}

static void draw_spec(struct fuzz *f, struct damos_spec *spec)
{
	struct damos_quota_spec *q = &spec->quota;

	damos_spec_init(spec);
	spec->action = draw(f, NR_DAMOS_ACTIONS);
	draw_size_range(f, &spec->pattern.sz);
	draw_size_range(f, &spec->pattern.nr_accesses);
	draw_size_range(f, &spec->pattern.age);
	spec->max_nr_snapshots = draw(f, 4) ? 0 : draw_any(f);
	q->sz = draw(f, 2) ? 0 : draw_any(f);
	q->ms = draw(f, 4) ? 0 : draw_any(f);
	q->reset_interval = draw(f, 2) ? draw(f, 100) : draw_any(f);
	q->goal_tuner = draw(f, NR_DAMOS_QUOTA_GOAL_TUNERS);
	q->fail_charge_num = draw_any(f);
	q->fail_charge_denom = draw(f, 2) ? 0 : draw_any(f);
	q->weight_nr_accesses = draw_any(f);
	q->weight_age = draw_any(f);
}

static void draw_goals(struct fuzz *f, struct damos_goals *goals)
{
	for (unsigned int i = 0; i < goals->nr; i++) {
		struct damos_goal *goal = &goals->vec[i];

		goal->target = max(draw_any(f), 1UL);
		goal->current_value = draw_any(f);
		goal->total = draw(f, 2) ? 0 : draw_any(f);
	}
}

/* Give a scheme another spec; it stays without filters if that fails. */
static void replace_scheme(struct kunit *test, struct fuzz *f)
{
	unsigned int i = draw(f, NR_SCHEMES);
	struct fuzz_scheme *new = &f->made_up[i];
	struct damos *s = &f->schemes[i];
	int err;

	damos_filters_destroy(s);
	draw_spec(f, &new->spec);
	new->spec.filters.vec = new->filters;
	new->spec.filters.nr = draw(f, MAX_FILTERS + 1);
	for (unsigned int j = 0; j < new->spec.filters.nr; j++)
		draw_filter(f, &new->filters[j]);
	if (draw(f, 2))
		*s = (struct damos){ .spec = &new->spec };
	s->quota.goals = (struct damos_goals){ new->goals,
					       draw(f, 4) ? 0 : draw(f, 3) };
	draw_goals(f, &s->quota.goals);
	shim_fail_nth = draw(f, 8);
	err = damos_filters_build(s);
	shim_fail_nth = 0;
	if (err)
		KUNIT_EXPECT_EQ(test, s->core_filters.nr + s->ops_filters.nr,
				0U);
	else
		KUNIT_EXPECT_EQ(test, s->core_filters.nr + s->ops_filters.nr,
				new->spec.filters.nr);
}

static void fuzz_apply(void *data, const struct damon_target *t,
		       const struct damon_region *r, struct damos *s,
		       bool by_core, struct damos_result *res)
{
	unsigned long sz = damon_sz_region(r);
	struct fuzz *f = data;

	KUNIT_ASSERT_LT(f->test, r->ar.start, r->ar.end);
	KUNIT_EXPECT_EQ(f->test, (r->ar.start | r->ar.end) & (f->ac.min_sz - 1),
			0UL);
	KUNIT_EXPECT_TRUE(f->test, s->in_pass);
	KUNIT_EXPECT_LE(f->test, sz, damos_quota_room(s, f->ac.min_sz));
	if (f->left_in_slice)
		f->left_in_slice--;
	if (!f->left_in_slice)
		res->end -= ALIGN_DOWN(draw_any(f) % sz, f->ac.min_sz);
	sz = res->end - r->ar.start;
	res->applied = draw(f, 3) ? sz : draw_any(f) % sz;
	res->passed = draw_any(f);
	res->ns = draw_any(f);
}

static bool fuzz_expired(void *data)
{
	struct fuzz *f = data;

	return !f->left_in_slice;
}

static bool fuzz_target_valid(const struct damon_target *t)
{
	return !t->pid;
}

static void slice(struct kunit *test, struct fuzz *f)
{
	static const u8 kinds[NR_DAMOS_ACTIONS] = {
		[DAMOS_PAGEOUT] = DAMOS_SCORE_COLD,
		[DAMOS_LRU_PRIO] = DAMOS_SCORE_HOT,
	};
	struct damos_pass pass = {
		.rs = &f->rs,
		.access = &f->ac,
		.attrs = &f->attrs,
		.schemes = f->schemes,
		.nr_schemes = NR_SCHEMES,
		.score_kinds = draw(f, 4) ? kinds : NULL,
		.target_valid = draw(f, 4) ? fuzz_target_valid : NULL,
		.apply = draw(f, 8) ? fuzz_apply : NULL,
		.expired = fuzz_expired,
		.data = f,
	};
	unsigned long total = damon_regions_total(&f->rs);

	f->now_ns += draw(f, 4) ? draw(f, 1 << 30) : draw_any(f);
	for (unsigned int i = 0; i < f->rs.nr_targets; i++)
		f->rs.targets[i].pid = draw(f, 10) ? NULL : (void *)f;
	for (unsigned int i = 0; i < NR_SCHEMES; i++) {
		struct damos *s = &f->schemes[i];

		if (s->in_pass || draw(f, 3))
			continue;
		draw_goals(f, &s->quota.goals);
		if (damos_quota_roll(s, f->now_ns, f->ac.min_sz))
			damos_quota_tune(s, f->ac.min_sz, draw_any(f) | 1);
		else
			damos_quota_extend(s, f->ac.min_sz, draw_any(f) | 1);
		damos_pass_prioritise(&pass, s);
		KUNIT_EXPECT_LE(test, s->quota.min_score, DAMOS_MAX_SCORE);
		damos_pass_begin(&pass, s);
	}
	/* Up to a whole pass. */
	f->left_in_slice = draw(f, 4) ? draw(f, 10) : 100000;
	damos_pass_run(&pass);
	KUNIT_EXPECT_EQ(test, damon_regions_total(&f->rs), total);
	check(test, f);
}

static void fuzz_one(struct kunit *test, u64 seed)
{
	static void (*const steps[])(struct kunit *test, struct fuzz *f) = {
		set_ranges, aggregate, commit, adopt, reserve,
		replace_scheme, slice, slice,
	};
	struct fuzz f = { .test = test, .state = seed };

	for (unsigned int i = 0; i < NR_SCHEMES; i++)
		f.schemes[i].spec = &f.made_up[i].spec;
	draw_attrs(&f, &f.attrs);
	damon_access_init(&f.ac, &f.attrs, 1UL << draw(&f, 14), seed);
	KUNIT_ASSERT_EQ(test, damon_regions_init(&f.rs,
						 1 + draw(&f, MAX_TARGETS),
						 draw(&f, 300)), 0);
	for (unsigned int i = 0; i < NR_STEPS; i++) {
		u32 what = draw(&f, 100);

		if (what < 88)
			sample(test, &f);
		else if (what < 94)
			aggregate(test, &f);
		else
			steps[draw(&f, ARRAY_SIZE(steps))](test, &f);
		if (what >= 80)
			check(test, &f);
	}
	for (unsigned int i = 0; i < NR_SCHEMES; i++)
		damos_filters_destroy(&f.schemes[i]);
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
