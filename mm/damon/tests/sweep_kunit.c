// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of policy/apply.c: what always holds, with schemes, filters, quotas and
 * regions that are made up.
 *
 * Addresses are few, so that it is known of each unit of each target how old it
 * should be, whether it should pass, and who has been there.
 */

#include <kunit/test.h>
#include <linux/align.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/prandom.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "../policy/access.h"
#include "../policy/damos.h"
#include "../policy/region.h"

#define NR_TARGETS	3
#define NR_SCHEMES	3
#define NR_FILTERS	3
#define NR_UNITS	192
#define NR_RANGES	8

/* More regions than there could ever be, and how many are aimed at. */
#define CAP		(NR_TARGETS * NR_UNITS + 2)
#define MAX_NR_REGIONS	40

/* The age of what is not in a region. */
#define NOWHERE		UINT_MAX

static const u8 kinds[NR_DAMOS_ACTIONS] = {
	[DAMOS_PAGEOUT] = DAMOS_SCORE_COLD,
	[DAMOS_MIGRATE_HOT] = DAMOS_SCORE_HOT,
};

static const enum damos_action actions[] = {
	DAMOS_STAT, DAMOS_PAGEOUT, DAMOS_MIGRATE_HOT, DAMOS_COLD,
};

struct sweep_fixture {
	struct kunit *test;
	u32 rnd;
	struct damon_regions rs;
	struct damon_access ac;
	struct damon_attrs attrs;
	struct damos_pass pass;
	struct damos_filter_spec filters[NR_SCHEMES][NR_FILTERS];
	struct damos_spec specs[NR_SCHEMES];
	struct damos schemes[NR_SCHEMES];
	/* There is room for each cut that could be. */
	bool roomy;
	unsigned int per_slice;
	unsigned int in_slice;
	unsigned int age[NR_TARGETS][NR_UNITS];
	u8 seen[NR_SCHEMES][NR_TARGETS][NR_UNITS];
	struct damos_stat stat[NR_SCHEMES];
	/* Nothing has changed since the pass began; snapshots at that time. */
	bool calm[NR_SCHEMES];
	unsigned long nr_snapshots[NR_SCHEMES];
	u64 now_ns;
	struct damon_region before[CAP];
};

static unsigned int draw(struct sweep_fixture *f, unsigned int below)
{
	f->rnd = next_pseudo_random32(f->rnd);
	return (u64)f->rnd * below >> 32;
}

static bool one_in(struct sweep_fixture *f, unsigned int nr)
{
	return !draw(f, nr);
}

/* What filters say of a unit, as plainly as it can be put. */
static bool unit_passes(const struct sweep_fixture *f, const struct damos *s,
			int target, unsigned long unit, bool *by_core)
{
	unsigned long min_sz = f->ac.min_sz;
	bool allow = true, any_ops = false;

	for (unsigned int i = 0; i < s->spec->filters.nr; i++) {
		const struct damos_filter_spec *spec = &s->spec->filters.vec[i];
		bool has_type;

		if (spec->type == DAMOS_FILTER_TYPE_TARGET) {
			has_type = spec->target_idx == target;
		} else if (spec->type == DAMOS_FILTER_TYPE_ADDR) {
			has_type = unit / min_sz >=
				spec->addr_range.start / min_sz &&
				unit / min_sz < spec->addr_range.end / min_sz;
		} else {
			any_ops = true;
			continue;
		}
		if (has_type == spec->matching) {
			*by_core = spec->allow;
			return spec->allow;
		}
		allow = !spec->allow;
	}
	*by_core = false;
	return allow || any_ops;
}

static void fake_apply(void *data, const struct damon_target *t,
		       const struct damon_region *r, struct damos *s,
		       bool by_core, struct damos_result *res)
{
	struct sweep_fixture *f = data;
	unsigned int target = t - f->rs.targets, scheme = s - f->schemes;
	unsigned long sz = damon_sz_region(r);
	struct damos_stat *stat = &f->stat[scheme];
	struct kunit *test = f->test;

	KUNIT_ASSERT_LE(test, r->ar.end, NR_UNITS);
	KUNIT_ASSERT_LT(test, r->ar.start, r->ar.end);
	KUNIT_EXPECT_EQ(test, (r->ar.start | r->ar.end) % f->ac.min_sz, 0UL);
	KUNIT_EXPECT_TRUE(test, s->in_pass);
	KUNIT_EXPECT_NULL(test, t->pid);
	KUNIT_EXPECT_GE(test, r->age, s->spec->pattern.age.min);
	if (s->spec->quota.sz)
		KUNIT_EXPECT_LE(test, s->quota.charged + sz, s->quota.esz);
	if (f->roomy)
		KUNIT_EXPECT_LT(test, f->in_slice, f->per_slice);

	f->in_slice++;
	if (f->in_slice >= f->per_slice && one_in(f, 2))
		res->end -= ALIGN_DOWN((unsigned long)draw(f, sz), f->ac.min_sz);
	sz = res->end - r->ar.start;
	for (unsigned long u = r->ar.start; u < res->end; u++) {
		bool by_filter;

		KUNIT_EXPECT_EQ(test, f->age[target][u], r->age);
		KUNIT_EXPECT_EQ(test, f->seen[scheme][target][u], 0);
		KUNIT_EXPECT_TRUE(test, unit_passes(f, s, target, u,
						    &by_filter));
		KUNIT_EXPECT_EQ(test, by_core, by_filter);
		f->seen[scheme][target][u]++;
		if (s->spec->action != DAMOS_STAT)
			f->age[target][u] = 0;
	}
	res->applied = one_in(f, 3) ? 0 : draw(f, sz + 1);
	res->passed = draw(f, sz + 1);
	res->ns = draw(f, 1000);
	s->walked_to = res->end;

	stat->nr_tried++;
	stat->sz_tried += sz;
	stat->nr_applied += res->applied != 0;
	stat->sz_applied += res->applied;
	stat->sz_ops_filter_passed += res->passed;
}

static bool fake_expired(void *data)
{
	struct sweep_fixture *f = data;

	return f->in_slice >= f->per_slice;
}

static bool fake_target_valid(const struct damon_target *t)
{
	return !t->pid;
}

/* Up to so many ranges, often touching. */
static unsigned int draw_ranges(struct sweep_fixture *f,
				struct damon_addr_range *ranges,
				unsigned int max_nr)
{
	unsigned int nr = draw(f, max_nr + 1), units = NR_UNITS / f->ac.min_sz;
	unsigned long at = 0;

	for (unsigned int i = 0; i < nr; i++) {
		if (one_in(f, 3))
			at += draw(f, 3) * f->ac.min_sz;
		ranges[i].start = at;
		at += (1 + draw(f, units / NR_RANGES - 2)) * f->ac.min_sz;
		ranges[i].end = at;
	}
	return nr;
}

static void draw_region(struct sweep_fixture *f, struct damon_region *r)
{
	r->nr_accesses = draw(f, 21);
	r->rate = draw(f, DAMON_RATE_ONE);
	r->age = draw(f, 4);
	r->checks = draw(f, 10);
	r->hits = draw(f, r->checks + 1);
	r->nr_hist = 1 + draw(f, 100);
	r->hist[0] = f->rnd;
	r->probe_hits[2] = draw(f, 9);
	r->flags = draw(f, 4);
}

static void draw_regions(struct kunit *test, struct sweep_fixture *f)
{
	struct damon_addr_range ranges[NR_TARGETS][NR_RANGES];
	unsigned int nr[NR_TARGETS], sum = 0;

	for (unsigned int i = 0; i < NR_TARGETS; i++) {
		nr[i] = draw_ranges(f, ranges[i], NR_RANGES);
		sum += nr[i];
	}
	KUNIT_ASSERT_EQ(test, damon_regions_init(&f->rs, NR_TARGETS,
						 f->roomy ? CAP :
						 sum + draw(f, 4)), 0);
	for (unsigned int i = 0; i < NR_TARGETS; i++)
		KUNIT_ASSERT_EQ(test, damon_target_set_ranges(&f->rs,
							      &f->rs.targets[i],
							      ranges[i], nr[i],
							      f->ac.min_sz,
							      &f->rnd), 0);
	for (unsigned int i = 0; i < f->rs.nr; i++)
		draw_region(f, &f->rs.cur[i]);
}

static void draw_filter(struct sweep_fixture *f, struct damos_filter_spec *spec)
{
	static const enum damos_filter_type types[] = {
		DAMOS_FILTER_TYPE_ADDR, DAMOS_FILTER_TYPE_ADDR,
		DAMOS_FILTER_TYPE_TARGET, DAMOS_FILTER_TYPE_ANON,
	};
	unsigned int a = draw(f, NR_UNITS), b = draw(f, NR_UNITS);

	*spec = (struct damos_filter_spec){
		.type = types[draw(f, ARRAY_SIZE(types))],
		.matching = one_in(f, 2),
		.allow = one_in(f, 2),
		.addr_range = { min(a, b), max(a, b) },
		.target_idx = draw(f, NR_TARGETS),
	};
}

static void draw_scheme(struct kunit *test, struct sweep_fixture *f,
			unsigned int i)
{
	struct damos_spec *spec = &f->specs[i];

	damos_spec_init(spec);
	spec->action = actions[draw(f, ARRAY_SIZE(actions))];
	spec->pattern = (struct damos_access_pattern){
		.sz.max = ULONG_MAX,
		.nr_accesses.max = UINT_MAX,
		.age.max = UINT_MAX,
	};
	if (one_in(f, 4))
		spec->pattern.age.min = draw(f, 3);
	if (one_in(f, 2)) {
		spec->quota.sz = 1 + draw(f, 2 * NR_UNITS);
		spec->quota.reset_interval = draw(f, 3);
		spec->quota.fail_charge_num = draw(f, 3);
		spec->quota.fail_charge_denom = draw(f, 2) * 2;
		spec->quota.weight_nr_accesses = draw(f, 2);
		spec->quota.weight_age = draw(f, 2);
	}
	if (one_in(f, 4))
		spec->max_nr_snapshots = 1 + draw(f, 6);
	spec->filters.vec = f->filters[i];
	if (one_in(f, 2))
		spec->filters.nr = draw(f, NR_FILTERS + 1);
	for (unsigned int j = 0; j < spec->filters.nr; j++)
		draw_filter(f, &f->filters[i][j]);
	f->schemes[i] = (struct damos){ .spec = spec };
	KUNIT_ASSERT_EQ(test, damos_filters_build(&f->schemes[i]), 0);
}

/* What is known of the units is what the regions say now. */
static void note_ages(struct sweep_fixture *f)
{
	const struct damon_target *t;
	const struct damon_region *r;

	memset(f->age, 0xff, sizeof(f->age));
	damon_for_each_target(t, &f->rs)
		damon_for_each_region(r, t, &f->rs)
			for (unsigned long u = r->ar.start; u < r->ar.end; u++)
				f->age[t - f->rs.targets][u] = r->age;
}

static void begin_passes(struct sweep_fixture *f)
{
	for (unsigned int i = 0; i < NR_SCHEMES; i++) {
		struct damos *s = &f->schemes[i];

		if (s->in_pass || one_in(f, 3))
			continue;
		if (damos_quota_roll(s, f->now_ns, f->ac.min_sz))
			damos_quota_tune(s, f->ac.min_sz, 1);
		else
			damos_quota_extend(s, f->ac.min_sz, 1);
		damos_pass_prioritise(&f->pass, s);
		damos_pass_begin(&f->pass, s);
		memset(f->seen[i], 0, sizeof(f->seen[i]));
		f->calm[i] = true;
		f->nr_snapshots[i] = s->stat.nr_snapshots;
	}
}

static const struct damon_region *before_at(const struct sweep_fixture *f,
					    unsigned int from, unsigned int nr,
					    unsigned long addr)
{
	const struct damon_region *r = &f->before[from];

	for (; r < f->before + from + nr; r++)
		if (addr < r->ar.end)
			return r;
	return NULL;
}

/* Is it the same as before, or a part with only what is known of the whole? */
static void expect_origin(struct kunit *test, struct damon_region now,
			  const struct damon_region *was)
{
	KUNIT_ASSERT_NOT_NULL(test, was);
	KUNIT_ASSERT_GE(test, now.ar.start, was->ar.start);
	KUNIT_ASSERT_LE(test, now.ar.end, was->ar.end);
	now.age = was->age;
	if (memcmp(&now.ar, &was->ar, sizeof(now.ar))) {
		KUNIT_EXPECT_EQ(test, now.nr_hist, 0);
		now.ar = was->ar;
		now.nr_hist = was->nr_hist;
		now.phase = was->phase;
		now.probe = was->probe;
		now.flags |= was->flags & ~(DAMON_REGION_FRESH |
					    DAMON_REGION_SLOW);
	}
	KUNIT_EXPECT_EQ(test, memcmp(&now, was, sizeof(now)), 0);
}

static void run_slice(struct kunit *test, struct sweep_fixture *f)
{
	unsigned int first[NR_TARGETS], nr[NR_TARGETS];
	bool done;

	for (unsigned int i = 0; i < NR_TARGETS; i++) {
		first[i] = f->rs.targets[i].first;
		nr[i] = f->rs.targets[i].nr_regions;
	}
	if (f->rs.nr)
		memcpy(f->before, f->rs.cur, f->rs.nr * sizeof(f->before[0]));
	f->in_slice = 0;
	f->per_slice = one_in(f, 2) ? 1 + draw(f, 5) : UINT_MAX;
	done = damos_pass_run(&f->pass);

	KUNIT_ASSERT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
	KUNIT_EXPECT_TRUE(test, done || f->in_slice >= f->per_slice);
	for (unsigned int i = 0; i < NR_TARGETS; i++) {
		const struct damon_target *t = &f->rs.targets[i];
		const struct damon_region *r, *was = NULL;
		unsigned long u = 0;

		damon_for_each_region(r, t, &f->rs) {
			const struct damon_region *prev = was;

			was = before_at(f, first[i], nr[i], r->ar.start);
			expect_origin(test, *r, was);
			if (was == prev)
				KUNIT_EXPECT_NE(test, r->age, r[-1].age);
			for (; u < r->ar.start; u++)
				KUNIT_ASSERT_EQ(test, f->age[i][u], NOWHERE);
			for (; u < r->ar.end; u++)
				KUNIT_ASSERT_EQ(test, f->age[i][u], r->age);
		}
		for (; u < NR_UNITS; u++)
			KUNIT_ASSERT_EQ(test, f->age[i][u], NOWHERE);
	}
}

/* A scheme without limits has been everywhere where it may go. */
static void expect_complete(struct kunit *test, struct sweep_fixture *f,
			    unsigned int scheme)
{
	struct damos *s = &f->schemes[scheme];
	unsigned long nr = 0;
	bool by_core;

	for (unsigned int i = 0; i < NR_TARGETS; i++) {
		bool valid = !f->rs.targets[i].pid;

		nr += valid && f->rs.targets[i].nr_regions;
		for (unsigned int u = 0; u < NR_UNITS; u++)
			KUNIT_EXPECT_EQ(test, f->seen[scheme][i][u],
					valid && f->age[i][u] != NOWHERE &&
					unit_passes(f, s, i, u, &by_core));
	}
	KUNIT_EXPECT_EQ(test, s->stat.nr_snapshots,
			f->nr_snapshots[scheme] + nr);
}

static void check_schemes(struct kunit *test, struct sweep_fixture *f)
{
	for (unsigned int i = 0; i < NR_SCHEMES; i++) {
		const struct damos_spec *spec = &f->specs[i];
		struct damos_stat *stat = &f->schemes[i].stat;

		f->stat[i].qt_exceeds = stat->qt_exceeds;
		f->stat[i].nr_snapshots = stat->nr_snapshots;
		KUNIT_EXPECT_EQ(test, memcmp(stat, &f->stat[i], sizeof(*stat)),
				0);
		if (spec->max_nr_snapshots)
			KUNIT_EXPECT_LE(test, stat->nr_snapshots,
					spec->max_nr_snapshots);
		if (f->roomy && f->calm[i] && !f->schemes[i].in_pass &&
		    !spec->quota.sz && !spec->max_nr_snapshots &&
		    !spec->pattern.age.min)
			expect_complete(test, f, i);
		if (!f->schemes[i].in_pass)
			f->calm[i] = false;
	}
}

/* What can happen between two slices. */
static void change_something(struct sweep_fixture *f)
{
	struct damon_target *t = &f->rs.targets[draw(f, NR_TARGETS)];
	struct damon_addr_range ranges[NR_RANGES];

	switch (draw(f, 8)) {
	case 0:
		t->pid = t->pid ? NULL : (void *)f;
		break;
	case 1:
		damon_target_set_ranges(&f->rs, t, ranges,
					draw_ranges(f, ranges, 3),
					f->ac.min_sz, &f->rnd);
		break;
	case 2:
		damon_access_aggregate(&f->ac, &f->rs, NULL);
		damon_access_reset(&f->ac, &f->rs);
		break;
	default:
		return;
	}
	memset(f->calm, 0, sizeof(f->calm));
	note_ages(f);
}

static int sweep_init(struct kunit *test)
{
	struct sweep_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	f->test = test;
	test->priv = f;
	return 0;
}

static void clean_up(struct sweep_fixture *f)
{
	for (unsigned int i = 0; i < NR_SCHEMES; i++)
		damos_filters_destroy(&f->schemes[i]);
	damon_regions_free(&f->rs);
}

static void sweep_exit(struct kunit *test)
{
	if (test->priv)
		clean_up(test->priv);
}

static void sweep_once(struct kunit *test, struct sweep_fixture *f, u32 seed)
{
	memset(f, 0, sizeof(*f));
	f->test = test;
	f->rnd = seed;
	f->attrs = (struct damon_attrs){
		.sample_interval = 5000,
		.aggr_interval = 100000,
		.min_nr_regions = 3,
		.max_nr_regions = MAX_NR_REGIONS,
	};
	damon_access_init(&f->ac, &f->attrs, 1UL << draw(f, 4), seed);
	f->ac.tick = draw(f, 20);
	f->roomy = one_in(f, 2);
	draw_regions(test, f);
	for (unsigned int i = 0; i < NR_SCHEMES; i++)
		draw_scheme(test, f, i);
	f->pass = (struct damos_pass){
		.rs = &f->rs,
		.access = &f->ac,
		.attrs = &f->attrs,
		.schemes = f->schemes,
		.nr_schemes = NR_SCHEMES,
		.score_kinds = one_in(f, 3) ? NULL : kinds,
		.target_valid = fake_target_valid,
		.apply = fake_apply,
		.expired = fake_expired,
		.data = f,
	};
	note_ages(f);
	for (unsigned int i = 0; i < 30; i++) {
		begin_passes(f);
		run_slice(test, f);
		check_schemes(test, f);
		change_something(f);
		f->now_ns += draw(f, 3) * NSEC_PER_MSEC;
	}
	clean_up(f);
}

static const struct sweep_case {
	const char *desc;
	u32 first;
} sweep_cases[] = {
	{ "seeds 1 to 200", 1 },
	{ "seeds 201 to 400", 201 },
	{ "seeds 401 to 600", 401 },
	{ "seeds 601 to 800", 601 },
	{ "seeds 801 to 1000", 801 },
};

KUNIT_ARRAY_PARAM_DESC(sweep, sweep_cases, desc);

static void sweep(struct kunit *test)
{
	const struct sweep_case *c = test->param_value;

	for (u32 seed = c->first; seed < c->first + 200; seed++)
		sweep_once(test, test->priv, seed * 0x9E3779B9U);
}

static struct kunit_case sweep_suite_cases[] = {
	KUNIT_CASE_PARAM(sweep, sweep_gen_params),
	{}
};

static struct kunit_suite sweep_suite = {
	.name = "damon_sweep",
	.init = sweep_init,
	.exit = sweep_exit,
	.test_cases = sweep_suite_cases,
};

kunit_test_suite(sweep_suite);
