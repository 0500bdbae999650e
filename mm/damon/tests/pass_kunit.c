// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/apply.c: several passes, slices, and what happens in between. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "apply_fixture.h"

/* Passes one after the other, with a new window each, and what they do. */
static const struct resume_case {
	const char *desc;
	unsigned long min_sz;
	struct target_words targets[NR_TARGETS];
	struct scheme_words scheme;
	const char *applied[4];
	unsigned long nr_snapshots;
} resume_cases[] = {
	{ .desc = "goes on within a region, and all over again",
	  .targets = { { .regions = { { 50, 5 }, { 70, 5 } } } },
	  .scheme = { DAMOS_STAT, .quota = 40 },
	  .applied = { "A0:0-40/5", "A0:40-50/5 A0:50-70/5", "A0:0-40/5",
		       "A0:40-50/5 A0:50-70/5" },
	  .nr_snapshots = 2 },
	{ .desc = "at the end of a region",
	  .targets = { { .regions = { { 40, 5 }, { 70, 5 } } } },
	  .scheme = { DAMOS_STAT, .quota = 40 },
	  .applied = { "A0:0-40/5", "A0:40-70/5", "A0:0-40/5", "A0:40-70/5" },
	  .nr_snapshots = 2 },
	{ .desc = "at the end of the only target",
	  .targets = { { .regions = { { 40, 5 } } } },
	  .scheme = { DAMOS_STAT, .quota = 40 },
	  .applied = { "A0:0-40/5", "", "A0:0-40/5", "" },
	  .nr_snapshots = 2 },
	{ .desc = "in another target, and on with the next",
	  .targets = { { .regions = { { 20, 5 } } },
		       { .regions = { { 40, 5 } } },
		       { .regions = { { 10, 5 } } } },
	  .scheme = { DAMOS_STAT, .quota = 30 },
	  .applied = { "A0:0-20/5 A1:0-10/5", "A1:10-40/5",
		       "A2:0-10/5", "A0:0-20/5 A1:0-10/5" },
	  .nr_snapshots = 1 + 1 + 1 + 1 },
	{ .desc = "a target without regions on the way",
	  .targets = { { .regions = { { 20, 5 } } }, {},
		       { .regions = { { 40, 5 } } } },
	  .scheme = { DAMOS_STAT, .quota = 30 },
	  .applied = { "A0:0-20/5 A2:0-10/5", "A2:10-40/5", "",
		       "A0:0-20/5 A2:0-10/5" },
	  .nr_snapshots = 1 + 1 + 0 + 1 },
	{ .desc = "of several units", .min_sz = 8,
	  .targets = { { .regions = { { 48, 5 } } } },
	  .scheme = { DAMOS_STAT, .quota = 21 },
	  .applied = { "A0:0-16/5", "A0:16-32/5", "A0:32-48/5", "" },
	  .nr_snapshots = 1 },
	{ .desc = "what fits only",
	  .targets = { { .regions = { { 20, 5 }, { 30, 1 }, { 60, 5 } } } },
	  .scheme = { DAMOS_STAT, .quota = 30, .min_age = 3 },
	  .applied = { "A0:0-20/5 A0:30-40/5", "A0:40-60/5",
		       "A0:0-20/5 A0:30-40/5", "A0:40-60/5" },
	  .nr_snapshots = 2 },
};

KUNIT_ARRAY_PARAM_DESC(resume, resume_cases, desc);

static void resume(struct kunit *test)
{
	const struct resume_case *c = test->param_value;
	struct apply_fixture *f = test->priv;
	struct damos *s;

	f->pass.target_valid = NULL;
	damon_access_set_attrs(&f->ac, &f->attrs, max(c->min_sz, 1UL));
	put_targets(test, c->targets);
	s = put_scheme(test, &c->scheme);
	for (unsigned int i = 0; i < ARRAY_SIZE(c->applied); i++) {
		run_pass(test);
		expect_text(test, f->text, c->applied[i]);
		s->quota.charged = 0;
	}
	KUNIT_EXPECT_EQ(test, s->stat.nr_snapshots, c->nr_snapshots);
}

static const struct target_words two_targets[NR_TARGETS] = {
	{ .regions = { { 20, 5 } } }, { .regions = { { 40, 5 } } },
};

/* The place to resume at is forgotten with what it is in. */
static void resume_nowhere(struct kunit *test)
{
	struct apply_fixture *f = test->priv;
	struct damon_addr_range elsewhere = { 100, 110 };
	struct damos *s;

	put_targets(test, two_targets);
	s = put_scheme(test, &(struct scheme_words){
		.action = DAMOS_STAT, .quota = 30 });
	run_pass(test);
	expect_text(test, f->text, "A0:0-20/5 A1:0-10/5");

	/* Its target becomes invalid. */
	s->quota.charged = 0;
	f->rs.targets[1].pid = (void *)f;
	run_pass(test);
	expect_text(test, f->text, "");
	KUNIT_EXPECT_FALSE(test, s->quota.resume);
	run_pass(test);
	expect_text(test, f->text, "A0:0-20/5");
	KUNIT_EXPECT_EQ(test, s->stat.nr_snapshots, 2UL);

	/* Its target is not there any more. */
	s->quota.charged = 0;
	s->quota.resume = true;
	s->quota.resume_at.target = NR_TARGETS;
	run_pass(test);
	expect_text(test, f->text, "A0:0-20/5");

	/* All of its target is elsewhere. */
	f->rs.targets[1].pid = NULL;
	s->quota.charged = 0;
	run_pass(test);
	expect_text(test, f->text, "A0:0-20/5 A1:0-10/5");
	s->quota.charged = 0;
	KUNIT_ASSERT_EQ(test, damon_target_set_ranges(&f->rs,
						      &f->rs.targets[1],
						      &elsewhere, 1, 1,
						      &f->ac.rnd), 0);
	run_pass(test);
	expect_text(test, f->text, "A1:100-110/0");
}

/* In a region that cannot be cut there. */
static void resume_without_room(struct kunit *test)
{
	struct apply_fixture *f = test->priv;
	struct damos *s;

	put_targets(test, two_targets);
	s = put_scheme(test, &(struct scheme_words){
		.action = DAMOS_STAT, .quota = 30 });
	s->quota.resume = true;
	s->quota.resume_at.target = 0;
	s->quota.resume_at.addr = 7;
	f->rs.cap = f->rs.nr;
	run_pass(test);
	expect_text(test, f->text, "");
	KUNIT_EXPECT_FALSE(test, s->quota.resume);

	/* With a larger smallest size than when the place was noted. */
	damon_access_set_attrs(&f->ac, &f->attrs, 4);
	f->rs.cap = CAP;
	s->quota.resume = true;
	s->quota.resume_at.addr = 17;
	run_pass(test);
	expect_text(test, f->text, "A1:0-28/5");
	s->quota.charged = 0;
	s->quota.resume = true;
	s->quota.resume_at.target = 0;
	s->quota.resume_at.addr = 3;
	run_pass(test);
	expect_text(test, f->text, "A0:4-20/5 A1:0-12/5");
}

/* What failed may be charged for less, or for more. */
static void charge_for_failure(struct kunit *test)
{
	struct apply_fixture *f = test->priv;
	struct damos *s;

	f->part = 2;
	put_targets(test, two_targets);
	s = put_scheme(test, &(struct scheme_words){
		.action = DAMOS_PAGEOUT, .quota = 30 });
	f->specs[0].quota.fail_charge_denom = 1;
	run_pass(test);
	expect_text(test, f->text,
		    "A0:0-20/5 A1:0-20/5 A1:20-30/5 A1:30-35/5 A1:35-38/5 A1:38-40/5");
	KUNIT_EXPECT_EQ(test, s->quota.charged, 29UL);
	KUNIT_EXPECT_EQ(test, s->quota.total_ns, 60ULL);

	s->quota.charged = 0;
	s->quota.resume = false;
	f->specs[0].quota.fail_charge_num = 3;
	f->step = 4;
	run_pass(test);
	expect_text(test, f->text, "A0:0-4/0 A0:4-8/0 A0:8-12/0 A0:12-16/0");

	/* That ends it even if the place cannot be kept. */
	put_targets(test, two_targets);
	s->quota.charged = 0;
	s->quota.resume = false;
	f->rs.cap = f->rs.nr;
	run_pass(test);
	expect_text(test, f->text, "A0:0-4/5 A0:4-8/5 A0:8-12/5 A0:12-16/5");
	expect_regions(test, "0:0-20/0 1:0-40/5");
	KUNIT_EXPECT_EQ(test, s->quota.resume_at.addr, 16UL);
}

static void only_statistics_without_apply(struct kunit *test)
{
	struct apply_fixture *f = test->priv;
	struct damos *s[NR_SCHEMES];

	f->pass.apply = NULL;
	put_targets(test, two_targets);
	s[0] = put_scheme(test, &(struct scheme_words){
		.action = DAMOS_STAT, .quota = 30, .nr_filters = 1,
		.filters = { { .type = DAMOS_FILTER_TYPE_TARGET,
			       .matching = true, .target_idx = 1 } } });
	s[1] = put_scheme(test, &(struct scheme_words){
		.action = DAMOS_COLD, .min_size = 30 });
	run_pass(test);
	expect_regions(test, "0:0-20/5 1:0-40/0");
	for (unsigned int i = 0; i < NR_SCHEMES; i++) {
		KUNIT_EXPECT_EQ(test, s[i]->stat.nr_tried, 2 - i);
		KUNIT_EXPECT_EQ(test, s[i]->stat.sz_tried, i ? 40UL : 60UL);
		KUNIT_EXPECT_EQ(test, s[i]->stat.nr_applied, 0UL);
		KUNIT_EXPECT_EQ(test, s[i]->stat.sz_applied, 0UL);
		KUNIT_EXPECT_EQ(test, s[i]->stat.nr_snapshots, 2UL);
		KUNIT_EXPECT_EQ(test, s[i]->quota.charged, 0UL);
	}
}

/* One that begins later, when another is half way, and one that does not. */
static void passes_overlap(struct kunit *test)
{
	struct apply_fixture *f = test->priv;
	struct damos *s = f->schemes;

	put_targets(test, two_targets);
	put_scheme(test, &(struct scheme_words){ .action = DAMOS_STAT });
	put_scheme(test, &(struct scheme_words){ .action = DAMOS_STAT });
	KUNIT_EXPECT_TRUE(test, damos_pass_run(&f->pass));
	f->per_slice = 1;
	s[0].walking = true;
	damos_pass_begin(&f->pass, &s[0]);
	KUNIT_EXPECT_FALSE(test, damos_pass_run(&f->pass));
	KUNIT_EXPECT_EQ(test, s[0].at.target, 1U);
	KUNIT_EXPECT_EQ(test, s[0].walked_to, 0UL);
	KUNIT_EXPECT_FALSE(test, s[1].in_pass);

	damos_pass_begin(&f->pass, &s[1]);
	f->in_slice = 0;
	f->step = 30;
	f->per_slice = 2;
	KUNIT_EXPECT_FALSE(test, damos_pass_run(&f->pass));
	KUNIT_EXPECT_EQ(test, s[0].at.addr, 30UL);
	KUNIT_EXPECT_EQ(test, s[0].walked_to, 30UL);
	KUNIT_EXPECT_FALSE(test, s[0].walked);
	f->per_slice = 0;
	KUNIT_EXPECT_TRUE(test, damos_pass_run(&f->pass));
	expect_text(test, f->text,
		    "A0:0-20/5 B0:0-20/5 A1:0-30/5 B1:0-30/5 A1:30-40/5 B1:30-40/5");
	KUNIT_EXPECT_TRUE(test, s[0].walked);
	KUNIT_EXPECT_FALSE(test, s[0].walking);
	KUNIT_EXPECT_FALSE(test, s[1].walked);
}

/* Between two slices anything may happen to the regions. */
static void regions_change_between_slices(struct kunit *test)
{
	struct apply_fixture *f = test->priv;
	struct damon_addr_range ranges[] = { { 5, 15 }, { 25, 60 } };
	struct damos *s;

	put_targets(test, two_targets);
	s = put_scheme(test, &(struct scheme_words){ .action = DAMOS_PAGEOUT });
	f->per_slice = 1;
	f->step = 30;
	damos_pass_begin(&f->pass, s);
	KUNIT_EXPECT_FALSE(test, damos_pass_run(&f->pass));
	f->in_slice = 0;
	KUNIT_EXPECT_FALSE(test, damos_pass_run(&f->pass));
	expect_text(test, f->text, "A0:0-20/5 A1:0-30/5");
	expect_regions(test, "0:0-20/0 1:0-30/0 1:30-40/5");

	/* Cut and stretched, and less than the place in target 0. */
	for (unsigned int i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, damon_target_set_ranges(&f->rs,
							      &f->rs.targets[i],
							      ranges, 2, 1,
							      &f->ac.rnd), 0);
	f->in_slice = 0;
	f->step = 20;
	KUNIT_EXPECT_FALSE(test, damos_pass_run(&f->pass));
	expect_text(test, f->text, "A0:0-20/5 A1:0-30/5 A1:30-50/5");

	/* All of the target has gone. */
	KUNIT_ASSERT_EQ(test, damon_target_set_ranges(&f->rs,
						      &f->rs.targets[1],
						      ranges, 0, 1,
						      &f->ac.rnd), 0);
	KUNIT_EXPECT_TRUE(test, damos_pass_run(&f->pass));
	KUNIT_EXPECT_EQ(test, s->stat.nr_snapshots, 1UL);

	/* And so have all targets but one. */
	damos_pass_begin(&f->pass, s);
	s->at.target = 2;
	f->rs.nr_targets = 1;
	KUNIT_EXPECT_TRUE(test, damos_pass_run(&f->pass));
	KUNIT_EXPECT_EQ(test, s->stat.nr_snapshots, 1UL);
	f->rs.nr_targets = NR_TARGETS;
}

/* A place inside a region that cannot be cut is as far as it gets. */
static void place_without_room(struct kunit *test)
{
	struct apply_fixture *f = test->priv;
	struct damos *s;

	put_targets(test, two_targets);
	s = put_scheme(test, &(struct scheme_words){ .action = DAMOS_STAT });
	damos_pass_begin(&f->pass, s);
	s->at.addr = 10;
	f->rs.cap = f->rs.nr;
	KUNIT_EXPECT_TRUE(test, damos_pass_run(&f->pass));
	expect_text(test, f->text, "A1:0-40/5");
	KUNIT_EXPECT_EQ(test, s->stat.nr_snapshots, 1UL);
}

/* Samples are only forgotten where a region really was cut. */
static void history_is_kept(struct kunit *test)
{
	struct damos_filter_spec middle = REJECT(10, 20);
	struct apply_fixture *f = test->priv;
	struct damon_region old[2];

	put_targets(test, two_targets);
	for (unsigned int i = 0; i < 2; i++) {
		f->rs.cur[i].nr_hist = 17;
		f->rs.cur[i].probe_hits[1] = 3;
		f->rs.cur[i].flags = DAMON_REGION_PREPARED;
		old[i] = f->rs.cur[i];
	}
	put_scheme(test, &(struct scheme_words){
		.action = DAMOS_STAT, .nr_filters = 1, .filters = { middle } });
	run_pass(test);
	KUNIT_EXPECT_EQ(test, memcmp(old, f->rs.cur, sizeof(old)), 0);

	f->specs[0].action = DAMOS_PAGEOUT;
	run_pass(test);
	expect_regions(test, "0:0-10/0 0:10-20/5 1:0-10/0 1:10-20/5 1:20-40/0");
	for (unsigned int i = 0; i < f->rs.nr; i++) {
		KUNIT_EXPECT_EQ(test, f->rs.cur[i].nr_hist, 0);
		KUNIT_EXPECT_EQ(test, f->rs.cur[i].flags, 0);
		KUNIT_EXPECT_EQ(test, f->rs.cur[i].probe_hits[1], 3);
	}
}

static const u8 no_kinds[NR_DAMOS_ACTIONS];
static const u8 hot_kinds[NR_DAMOS_ACTIONS] = {
	[DAMOS_PAGEOUT] = DAMOS_SCORE_COLD,
	[DAMOS_LRU_PRIO] = DAMOS_SCORE_HOT,
};

/* Regions of 10 units, the hotter the lower; the middle one is left out. */
static void prioritise(struct kunit *test)
{
	struct apply_fixture *f = test->priv;
	static const struct target_words targets[NR_TARGETS] = {
		{ .regions = { { 10, 9 }, { 20, 9 }, { 30, 9 } } },
		{ .regions = { { 10, 9 }, { 20, 9 } } },
		{ .invalid = true, .regions = { { 100, 9 } } },
	};
	struct damos_quota *q = &f->schemes[0].quota;
	struct damos_goal goal = {};
	struct damos *s;

	put_targets(test, targets);
	for (unsigned int i = 0; i < 5; i++)
		f->rs.cur[i].nr_accesses = 20 - 5 * i;
	s = put_scheme(test, &(struct scheme_words){
		.action = DAMOS_LRU_PRIO, .quota = 15, .nr_filters = 1,
		.filters = { REJECT(15, 18) } });
	f->specs[0].quota.weight_nr_accesses = 1;
	q->min_score = 55;
	q->eligible = 1;

	/* Nothing has a priority. */
	f->pass.score_kinds = no_kinds;
	damos_pass_prioritise(&f->pass, s);
	KUNIT_EXPECT_EQ(test, q->min_score, 0U);
	KUNIT_EXPECT_EQ(test, q->eligible, 0ULL);
	q->min_score = 55;
	f->pass.score_kinds = NULL;
	damos_pass_prioritise(&f->pass, s);
	KUNIT_EXPECT_EQ(test, q->min_score, 0U);
	KUNIT_EXPECT_EQ(test, q->eligible, 0ULL);

	/* But what there is matters to goals. */
	q->goals = (struct damos_goals){ &goal, 1 };
	damos_pass_prioritise(&f->pass, s);
	KUNIT_EXPECT_EQ(test, q->min_score, 0U);
	KUNIT_EXPECT_EQ(test, q->eligible, 44ULL);
	q->goals.nr = 0;

	/* 17 units of the two hottest ones are enough: 3/4 of 99. */
	f->pass.score_kinds = hot_kinds;
	damos_pass_prioritise(&f->pass, s);
	KUNIT_EXPECT_EQ(test, q->min_score, 74U);
	KUNIT_EXPECT_EQ(test, q->eligible, 44ULL);
	run_pass(test);
	expect_text(test, f->text, "A0:0-10/9 A0:10-15/9");

	/* The two coldest ones, which come last. */
	s->quota.charged = 0;
	s->quota.resume = false;
	f->specs[0].action = DAMOS_PAGEOUT;
	damos_pass_prioritise(&f->pass, s);
	KUNIT_EXPECT_EQ(test, q->min_score, 75U);
	KUNIT_EXPECT_EQ(test, q->eligible, 44ULL);
	run_pass(test);
	expect_text(test, f->text, "A1:0-10/9 A1:10-15/9");

	/* Only what fits counts, and what is there. */
	f->specs[0].pattern.nr_accesses.max = 5;
	damos_pass_prioritise(&f->pass, s);
	KUNIT_EXPECT_EQ(test, q->eligible, 17ULL);
	f->pass.target_valid = NULL;
	damos_pass_prioritise(&f->pass, s);
	KUNIT_EXPECT_EQ(test, q->eligible, 17ULL + 100 - 3);
	f->pass.target_valid = fake_target_valid;

	/* No quota, no priorities. */
	s->quota.esz = 0;
	f->specs[0].quota.sz = 0;
	s->quota.resume = false;
	q->min_score = DAMOS_MAX_SCORE + 1;
	run_pass(test);
	expect_text(test, f->text, "A1:0-10/0 A1:10-15/0 A1:18-20/9");
}

static struct kunit_case pass_suite_cases[] = {
	KUNIT_CASE_PARAM(resume, resume_gen_params),
	KUNIT_CASE(resume_nowhere),
	KUNIT_CASE(resume_without_room),
	KUNIT_CASE(charge_for_failure),
	KUNIT_CASE(only_statistics_without_apply),
	KUNIT_CASE(passes_overlap),
	KUNIT_CASE(regions_change_between_slices),
	KUNIT_CASE(place_without_room),
	KUNIT_CASE(history_is_kept),
	KUNIT_CASE(prioritise),
	{}
};

static struct kunit_suite pass_suite = {
	.name = "damon_pass",
	.init = apply_init,
	.exit = apply_exit,
	.test_cases = pass_suite_cases,
};

kunit_test_suite(pass_suite);
