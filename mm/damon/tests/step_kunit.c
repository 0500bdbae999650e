// SPDX-License-Identifier: GPL-2.0
/*
 * Schemes in the main loop of a kdamond, on an operation set that acts on
 * nothing real, and with metrics that the test makes up.
 */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/damon.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "../ctx.h"
#include "../kdamond.h"
#include "../metrics.h"
#include "../policy/access.h"
#include "../policy/damos.h"
#include "../policy/region.h"

#define NR_PAGES	1024UL
#define POLL_MS		10
#define WAIT_MS		10000

static struct {
	atomic_t nr_samples;
	atomic_t nr_applies;
	atomic_t free_permil;
	bool crawl;		/* a page at a time, whatever the deadline is */
} fake;

/* Nothing is ever accessed. */
static void fake_sample(struct damon_ctx *ctx, unsigned int what)
{
	for (unsigned int i = 0; i < ctx->regions.nr; i++) {
		struct damon_region *r = &ctx->regions.cur[i];

		if (what & DAMON_SAMPLE_CHECK &&
		    r->flags & DAMON_REGION_PREPARED) {
			damon_access_record(&ctx->access, r, false);
			r->flags &= ~DAMON_REGION_PREPARED;
		}
		if (what & DAMON_SAMPLE_PREPARE) {
			damon_access_advance(r);
			r->flags |= DAMON_REGION_PREPARED;
		}
	}
	atomic_inc(&fake.nr_samples);
}

static void fake_apply(struct damon_ctx *ctx, struct damos_job *job)
{
	atomic_inc(&fake.nr_applies);
	if (fake.crawl) {
		mdelay(3);
		job->end = job->ar.start + PAGE_SIZE;
	}
	job->applied = job->end - job->ar.start;
	job->passed = job->applied;
}

static const struct damon_operations fake_ops = {
	.id = DAMON_OPS_PADDR,
	.sample = fake_sample,
	.apply = fake_apply,
};

static const struct damon_operations *fake_ops_get(enum damon_ops_id id)
{
	return id == DAMON_OPS_PADDR ? &fake_ops : NULL;
}

static unsigned long fake_wmark_measure(enum damos_wmark_metric metric)
{
	return atomic_read(&fake.free_permil);
}

struct fixture {
	struct damon_kdamond *kd;
	struct damon_spec spec;
	struct damon_target_spec target;
	struct damon_addr_range range;
	struct damos_spec schemes[2];
};

static const struct damos_access_pattern any_pattern = {
	.sz = { 0, ULONG_MAX },
	.nr_accesses = { 0, ULONG_MAX },
	.age = { 0, ULONG_MAX },
};

static int step_test_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	memset(&fake, 0, sizeof(fake));
	kunit_activate_static_stub(test, damon_ops_get, fake_ops_get);
	kunit_activate_static_stub(test, damon_wmark_measure,
				   fake_wmark_measure);

	f->range = (struct damon_addr_range){ 0, NR_PAGES * PAGE_SIZE };
	f->target = (struct damon_target_spec){
		.ranges = &f->range,
		.nr_ranges = 1,
	};
	damon_spec_init(&f->spec);
	f->spec.ops_id = DAMON_OPS_PADDR;
	f->spec.targets = &f->target;
	f->spec.nr_targets = 1;
	f->spec.attrs.sample_interval = 1000;
	f->spec.attrs.aggr_interval = 10000;
	f->spec.schemes = f->schemes;
	f->spec.nr_schemes = 1;
	for (int i = 0; i < ARRAY_SIZE(f->schemes); i++) {
		damos_spec_init(&f->schemes[i]);
		f->schemes[i].pattern = any_pattern;
	}
	f->kd = damon_kdamond_create();
	KUNIT_ASSERT_NOT_NULL(test, f->kd);
	return 0;
}

static void step_test_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	damon_kdamond_destroy(f->kd);
}

/* Stubs are for the threads that belong to the test. */
static int join_test(struct damon_ctx *ctx, void *data)
{
	current->kunit_test = data;
	return 0;
}

static void start(struct kunit *test)
{
	struct fixture *f = test->priv;
	const struct damon_spec *spec = &f->spec;

	KUNIT_ASSERT_EQ(test, damon_start(&f->kd, &spec, 1, false), 0);
	KUNIT_ASSERT_EQ(test, damon_call(f->kd, join_test, test), 0);
}

struct reports {
	unsigned int nr;
	struct damos_report of[2];
	unsigned long total;
	bool any_active;
};

static int take_reports(struct damon_ctx *ctx, void *data)
{
	struct reports *reports = data;

	reports->nr = damon_ctx_nr_schemes(ctx);
	for (unsigned int i = 0; i < reports->nr; i++)
		damon_ctx_report_scheme(ctx, i, &reports->of[i]);
	reports->total = damon_regions_total(damon_ctx_regions(ctx));
	reports->any_active = kdamond_step_active(ctx);
	return 0;
}

static struct reports report(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct reports reports = {};

	KUNIT_EXPECT_EQ(test, damon_call(f->kd, take_reports, &reports), 0);
	return reports;
}

static void wait_for(struct kunit *test, atomic_t *counter, int at_least)
{
	for (int ms = 0; ms < WAIT_MS; ms += POLL_MS) {
		if (atomic_read(counter) >= at_least)
			return;
		msleep(POLL_MS);
	}
	KUNIT_FAIL(test, "waited in vain for %d", at_least);
}

struct walk_log {
	unsigned int nr[2];
	unsigned long sz[2];
	unsigned long passed;
	unsigned int max_accesses;
};

static void walk_note(struct damon_ctx *ctx, const struct damos_tried *tried,
		      void *data)
{
	struct walk_log *log = data;

	log->nr[tried->scheme]++;
	log->sz[tried->scheme] += tried->ar.end - tried->ar.start;
	log->passed += tried->sz_filter_passed;
	log->max_accesses = max(log->max_accesses, tried->nr_accesses);
}

/* A walk sees each byte once for each scheme, even if it comes in slices. */
static void walk(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->spec.nr_schemes = 2;
	for (int crawl = 0; crawl < 2; crawl++) {
		struct walk_log log = {};
		struct reports reports;

		f->range.end = (crawl ? 64 : NR_PAGES) * PAGE_SIZE;
		fake.crawl = crawl;
		start(test);
		KUNIT_EXPECT_EQ(test, damos_walk(f->kd, walk_note, &log), 0);
		for (int i = 0; i < 2; i++) {
			KUNIT_EXPECT_GT(test, log.nr[i], 0U);
			KUNIT_EXPECT_EQ(test, log.sz[i], f->range.end);
		}
		KUNIT_EXPECT_EQ(test, log.passed, 2 * f->range.end);
		KUNIT_EXPECT_EQ(test, log.max_accesses, 0U);
		reports = report(test);
		KUNIT_EXPECT_EQ(test, reports.nr, 2U);
		KUNIT_EXPECT_EQ(test, reports.total, f->range.end);
		KUNIT_EXPECT_GE(test, reports.of[0].stat.nr_snapshots, 1UL);
		KUNIT_EXPECT_GE(test, reports.of[0].stat.sz_tried,
				f->range.end);
		KUNIT_EXPECT_EQ(test, damon_stop(&f->kd, 1), 0);
	}
}

static void walk_cancelled(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct walk_log log = {};

	KUNIT_EXPECT_EQ(test, damos_walk(f->kd, walk_note, &log), -EINVAL);
	f->spec.nr_schemes = 0;
	start(test);
	KUNIT_EXPECT_EQ(test, damos_walk(f->kd, walk_note, &log), -ECANCELED);

	f->spec.nr_schemes = 1;
	f->spec.pause = true;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kd, &f->spec), 0);
	KUNIT_EXPECT_EQ(test, damos_walk(f->kd, walk_note, &log), -ECANCELED);

	/* Off by the watermarks; with and without a time to look again. */
	f->spec.pause = false;
	f->schemes[0].wmarks = (struct damos_watermarks){
		.metric = DAMOS_WMARK_FREE_MEM_RATE,
		.high = 500, .mid = 300, .low = 100,
	};
	atomic_set(&fake.free_permil, 600);
	for (int i = 0; i < 2; i++) {
		f->schemes[0].wmarks.interval = i * 1000;
		KUNIT_EXPECT_EQ(test, damon_commit(f->kd, &f->spec), 0);
		KUNIT_EXPECT_EQ(test, damos_walk(f->kd, walk_note, &log),
				-ECANCELED);
	}
	KUNIT_EXPECT_EQ(test, damon_stop(&f->kd, 1), 0);
	KUNIT_EXPECT_EQ(test, damos_walk(f->kd, walk_note, &log), -ECANCELED);
	KUNIT_EXPECT_EQ(test, log.nr[0], 0U);
}

/* Switched off there are no samples; and on again with hysteresis. */
static void watermarks(struct kunit *test)
{
	struct fixture *f = test->priv;
	int samples;

	f->schemes[0].wmarks = (struct damos_watermarks){
		.metric = DAMOS_WMARK_FREE_MEM_RATE,
		.interval = 1000,
		.high = 500, .mid = 300, .low = 100,
	};
	/* Below the middle, in case the real value has switched it off. */
	atomic_set(&fake.free_permil, 299);
	start(test);
	wait_for(test, &fake.nr_applies, 2);

	atomic_set(&fake.free_permil, 501);
	while (report(test).any_active)
		msleep(POLL_MS);
	samples = atomic_read(&fake.nr_samples);
	msleep(10 * POLL_MS);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_samples), samples);
	atomic_set(&fake.free_permil, 400);
	msleep(10 * POLL_MS);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_samples), samples);
	atomic_set(&fake.free_permil, 299);
	wait_for(test, &fake.nr_samples, samples + 10);
	KUNIT_EXPECT_TRUE(test, report(test).any_active);
}

/* Requests are served between the slices of a pass. */
static void slices(struct kunit *test)
{
	struct fixture *f = test->priv;

	fake.crawl = true;
	f->schemes[0].max_nr_snapshots = 1;
	f->range.end = 4096 * PAGE_SIZE;
	start(test);
	wait_for(test, &fake.nr_applies, 3);
	/* 4096 pages would take at least 12 s. */
	for (int i = 0; i < 3; i++) {
		struct damos_stat stat = report(test).of[0].stat;

		KUNIT_EXPECT_EQ(test, stat.nr_snapshots, 0UL);
		KUNIT_EXPECT_LT(test, stat.sz_tried, f->range.end);
	}
	/* A commit neither ends the pass nor begins it anew. */
	KUNIT_EXPECT_EQ(test, damon_commit(f->kd, &f->spec), 0);
	WRITE_ONCE(fake.crawl, false);
	for (int ms = 0; ms < WAIT_MS; ms += POLL_MS) {
		if (report(test).of[0].stat.nr_snapshots)
			break;
		msleep(POLL_MS);
	}
	KUNIT_EXPECT_EQ(test, report(test).of[0].stat.sz_tried, f->range.end);
	KUNIT_EXPECT_EQ(test, report(test).of[0].stat.sz_applied,
			f->range.end);
}

/* A commit keeps what a scheme has done; a bad one changes nothing. */
static void commit(struct kunit *test)
{
	struct fixture *f = test->priv;
	char path[] = "/there/is/no/such/cgroup";
	struct damos_filter_spec filter = {
		.type = DAMOS_FILTER_TYPE_MEMCG,
		.memcg_path = path,
	};
	unsigned long tried;

	start(test);
	wait_for(test, &fake.nr_applies, 2);
	tried = report(test).of[0].stat.sz_tried;
	KUNIT_EXPECT_GT(test, tried, 0UL);

	f->spec.nr_schemes = 2;
	f->schemes[1].filters = (struct damos_filters_spec){ &filter, 1 };
	KUNIT_EXPECT_EQ(test, damon_commit(f->kd, &f->spec), -EINVAL);
	KUNIT_EXPECT_EQ(test, report(test).nr, 1U);

	f->schemes[1].filters.nr = 0;
	f->schemes[1].apply_interval_us = 3600 * USEC_PER_SEC;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kd, &f->spec), 0);
	KUNIT_EXPECT_EQ(test, report(test).nr, 2U);
	KUNIT_EXPECT_GE(test, report(test).of[0].stat.sz_tried, tried);
	KUNIT_EXPECT_EQ(test, report(test).of[1].stat.sz_tried, 0UL);

	f->spec.nr_schemes = 0;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kd, &f->spec), 0);
	KUNIT_EXPECT_EQ(test, report(test).nr, 0U);
}

/* User input drives the quota, in both directions, from the next window on. */
static void quota_goals(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct damos_goal_spec goal = {
		.metric = DAMOS_QUOTA_USER_INPUT,
		.target_value = 10000,
		.current_value = 1000,
	};
	unsigned long high;

	f->schemes[0].quota = (struct damos_quota_spec){
		.reset_interval = 1,
		.goals = &goal,
		.nr_goals = 1,
	};
	KUNIT_EXPECT_EQ(test, damon_commit_quota_goals(f->kd, &f->spec),
			-EINVAL);
	start(test);
	for (int ms = 0; ms < WAIT_MS; ms += POLL_MS) {
		if (report(test).of[0].effective_sz > 100)
			break;
		msleep(POLL_MS);
	}
	/* A commit does not throw away what was tuned. */
	high = report(test).of[0].effective_sz;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kd, &f->spec), 0);
	KUNIT_EXPECT_GE(test, report(test).of[0].effective_sz, high);

	goal.current_value = 15000;
	KUNIT_EXPECT_EQ(test, damon_commit_quota_goals(f->kd, &f->spec), 0);
	high = report(test).of[0].effective_sz;
	KUNIT_EXPECT_GT(test, high, 100UL);
	for (int ms = 0; ms < WAIT_MS; ms += POLL_MS) {
		if (report(test).of[0].effective_sz == 1)
			break;
		msleep(POLL_MS);
	}
	KUNIT_EXPECT_EQ(test, report(test).of[0].effective_sz, 1UL);
	KUNIT_EXPECT_EQ(test, damon_stop(&f->kd, 1), 0);
	KUNIT_EXPECT_EQ(test, damon_commit_quota_goals(f->kd, &f->spec),
			-ECANCELED);
}

static struct kunit_case step_cases[] = {
	KUNIT_CASE(walk),
	KUNIT_CASE(walk_cancelled),
	KUNIT_CASE(watermarks),
	KUNIT_CASE(slices),
	KUNIT_CASE(commit),
	KUNIT_CASE(quota_goals),
	{}
};

static struct kunit_suite step_suite = {
	.name = "damon_step",
	.init = step_test_init,
	.exit = step_test_exit,
	.test_cases = step_cases,
};

kunit_test_suite(step_suite);
