// SPDX-License-Identifier: GPL-2.0
/*
 * The life cycle of kdamonds, their requests and their main loop, on an
 * operation set that looks at nothing real.
 */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/damon.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "../ctx.h"
#include "../kdamond.h"
#include "../policy/access.h"
#include "../policy/region.h"

#define HOUR_US		(3600UL * USEC_PER_SEC)
#define NR_PAGES	1024UL
#define POLL_MS		20

/* What the fake operation set saw, and what it is to say. */
static struct {
	atomic_t valid;
	atomic_t nr_prepares;
	atomic_t nr_checks;
	atomic_t nr_splits;	/* passes that only prepare */
	atomic_t nr_unprepared;	/* checks without any prepared sample */
	atomic_t nr_long;	/* samples of regions that are not slow, too old */
	u64 prepared_at;	/* tick of the last preparation */
	bool cold;		/* nothing is accessed */
	unsigned int sample_us;	/* how long a pass takes */
	atomic_t nr_inits;
	atomic_t nr_updates;
} fake;

static void fake_init(struct damon_ctx *ctx)
{
	atomic_inc(&fake.nr_inits);
}

static void fake_update(struct damon_ctx *ctx)
{
	atomic_inc(&fake.nr_updates);
}

/* The first half of the address space is always accessed. */
static bool fake_accessed(unsigned long addr)
{
	return !READ_ONCE(fake.cold) && addr < NR_PAGES / 2 * PAGE_SIZE;
}

static void fake_sample(struct damon_ctx *ctx, unsigned int what)
{
	struct damon_regions *rs = &ctx->regions;
	bool prepared = false;

	damon_assert_owner(ctx);
	udelay(fake.sample_us);
	for (unsigned int i = 0; i < rs->nr; i++) {
		struct damon_region *r = &rs->cur[i];

		if (what & DAMON_SAMPLE_CHECK &&
		    r->flags & DAMON_REGION_PREPARED &&
		    damon_access_due(&ctx->access, r, i)) {
			unsigned long addr = damon_access_addr(&ctx->access, r);

			if (!(r->flags & DAMON_REGION_SLOW) &&
			    ctx->schedule.passed > fake.prepared_at + 1)
				atomic_inc(&fake.nr_long);
			damon_access_record(&ctx->access, r,
					    fake_accessed(addr));
			r->flags &= ~DAMON_REGION_PREPARED;
			prepared = true;
		}
		if (what & DAMON_SAMPLE_PREPARE &&
		    !(r->flags & DAMON_REGION_PREPARED)) {
			damon_access_advance(r);
			r->flags |= DAMON_REGION_PREPARED;
		}
	}
	if (what & DAMON_SAMPLE_CHECK) {
		atomic_inc(&fake.nr_checks);
		if (!prepared)
			atomic_inc(&fake.nr_unprepared);
	}
	if (what & DAMON_SAMPLE_PREPARE) {
		atomic_inc(&fake.nr_prepares);
		fake.prepared_at = ctx->schedule.passed;
	}
	if (what == DAMON_SAMPLE_PREPARE)
		atomic_inc(&fake.nr_splits);
}

static bool fake_target_valid(const struct damon_target *t)
{
	return atomic_read(&fake.valid);
}

static const struct damon_operations fake_ops = {
	.id = DAMON_OPS_PADDR,
	.init = fake_init,
	.update = fake_update,
	.sample = fake_sample,
	.target_valid = fake_target_valid,
};

static const struct damon_operations *fake_ops_get(enum damon_ops_id id)
{
	return id == DAMON_OPS_PADDR ? &fake_ops : NULL;
}

/* One test's kdamonds and the spec that they are started with. */
struct fixture {
	struct damon_kdamond *kds[2];
	struct damon_spec spec;
	struct damon_target_spec target;
	struct damon_addr_range range;
};

static int kdamond_test_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	memset(&fake, 0, sizeof(fake));
	atomic_set(&fake.valid, 1);
	kunit_activate_static_stub(test, damon_ops_get, fake_ops_get);

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
	for (int i = 0; i < ARRAY_SIZE(f->kds); i++) {
		f->kds[i] = damon_kdamond_create();
		KUNIT_ASSERT_NOT_NULL(test, f->kds[i]);
	}
	return 0;
}

static void kdamond_test_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	for (int i = 0; i < ARRAY_SIZE(f->kds); i++)
		damon_kdamond_destroy(f->kds[i]);
}

static int start_one(struct fixture *f, int i)
{
	const struct damon_spec *spec = &f->spec;

	return damon_start(&f->kds[i], &spec, 1, false);
}

static int count_calls(struct damon_ctx *ctx, void *data)
{
	(*(int *)data)++;
	return 0;
}

static int fail_call(struct damon_ctx *ctx, void *data)
{
	return -EDOM;
}

static void test_life_cycle(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct damon_kdamond **kd = &f->kds[0];
	unsigned int nr_running = damon_nr_running_ctxs();
	int calls = 0;

	KUNIT_EXPECT_TRUE(test, damon_initialized());
	KUNIT_EXPECT_FALSE(test, damon_is_running(*kd));
	KUNIT_EXPECT_EQ(test, damon_kdamond_pid(*kd), -EINVAL);
	KUNIT_EXPECT_EQ(test, damon_stop(kd, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, damon_call(*kd, count_calls, &calls), -EINVAL);
	KUNIT_EXPECT_EQ(test, damon_commit(*kd, &f->spec), -EINVAL);

	for (int round = 0; round < 2; round++) {
		KUNIT_ASSERT_EQ(test, start_one(f, 0), 0);
		KUNIT_EXPECT_TRUE(test, damon_is_running(*kd));
		KUNIT_EXPECT_GT(test, damon_kdamond_pid(*kd), 0);
		KUNIT_EXPECT_EQ(test, damon_nr_running_ctxs(), nr_running + 1);
		KUNIT_EXPECT_EQ(test, start_one(f, 0), -EBUSY);
		KUNIT_EXPECT_EQ(test, damon_call(*kd, count_calls, &calls), 0);
		KUNIT_EXPECT_EQ(test, damon_call(*kd, fail_call, NULL), -EDOM);
		KUNIT_EXPECT_EQ(test, damon_stop(kd, 1), 0);
		KUNIT_EXPECT_FALSE(test, damon_is_running(*kd));
		KUNIT_EXPECT_EQ(test, damon_nr_running_ctxs(), nr_running);
		KUNIT_EXPECT_EQ(test, damon_stop(kd, 1), -EPERM);
		KUNIT_EXPECT_EQ(test, damon_call(*kd, count_calls, &calls),
				-ECANCELED);
		KUNIT_EXPECT_EQ(test, damon_commit(*kd, &f->spec), -ECANCELED);
	}
	KUNIT_EXPECT_EQ(test, calls, 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_inits), 2);

	/* A start that fails leaves it as if it had never been started. */
	f->spec.attrs.min_nr_regions = 1;
	KUNIT_EXPECT_EQ(test, start_one(f, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, damon_stop(kd, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, damon_call(*kd, count_calls, &calls), -EINVAL);
}

static void test_start_is_all_or_none(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct damon_spec bad = f->spec;
	const struct damon_spec *specs[] = { &f->spec, &bad };
	unsigned int nr_running = damon_nr_running_ctxs();

	bad.ops_id = DAMON_OPS_VADDR;
	KUNIT_EXPECT_EQ(test, damon_start(f->kds, specs, 2, false), -EINVAL);
	KUNIT_EXPECT_FALSE(test, damon_is_running(f->kds[0]));
	KUNIT_EXPECT_FALSE(test, damon_is_running(f->kds[1]));
	KUNIT_EXPECT_EQ(test, damon_nr_running_ctxs(), nr_running);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_inits), 0);

	specs[1] = &f->spec;
	KUNIT_ASSERT_EQ(test, damon_start(f->kds, specs, 2, false), 0);
	KUNIT_EXPECT_TRUE(test, damon_is_running(f->kds[0]));
	KUNIT_EXPECT_TRUE(test, damon_is_running(f->kds[1]));
	KUNIT_EXPECT_STRNEQ(test, f->kds[0]->task->comm,
			    f->kds[1]->task->comm);

	/* The freed name is used again, but never the other one's. */
	KUNIT_EXPECT_EQ(test, damon_stop(&f->kds[0], 1), 0);
	KUNIT_ASSERT_EQ(test, start_one(f, 0), 0);
	KUNIT_EXPECT_STRNEQ(test, f->kds[0]->task->comm,
			    f->kds[1]->task->comm);
	KUNIT_EXPECT_EQ(test, damon_stop(f->kds, 2), 0);
}

/* Would run into the test's time limit if a request waited for a sample. */
static void test_requests_do_not_wait(struct kunit *test)
{
	struct fixture *f = test->priv;
	int calls = 0;

	f->spec.attrs.sample_interval = HOUR_US;
	f->spec.attrs.aggr_interval = HOUR_US;
	KUNIT_ASSERT_EQ(test, start_one(f, 0), 0);
	for (int i = 0; i < 100; i++)
		damon_call(f->kds[0], count_calls, &calls);
	KUNIT_EXPECT_EQ(test, calls, 100);
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_checks), 0);
	KUNIT_EXPECT_EQ(test, damon_stop(&f->kds[0], 1), 0);
}

static void wait_for(struct kunit *test, atomic_t *counter, int at_least)
{
	for (int ms = 0; ms < 10000; ms += POLL_MS) {
		if (atomic_read(counter) >= at_least)
			return;
		msleep(POLL_MS);
	}
	KUNIT_FAIL(test, "waited in vain for %d", at_least);
}

static void test_ends_without_valid_target(struct kunit *test)
{
	struct fixture *f = test->priv;
	int calls = 0;

	KUNIT_ASSERT_EQ(test, start_one(f, 0), 0);
	wait_for(test, &fake.nr_checks, 3);
	atomic_set(&fake.valid, 0);
	for (int ms = 0; damon_is_running(f->kds[0]) && ms < 10000; ms += POLL_MS)
		msleep(POLL_MS);
	KUNIT_EXPECT_FALSE(test, damon_is_running(f->kds[0]));
	KUNIT_EXPECT_EQ(test, damon_kdamond_pid(f->kds[0]), -EINVAL);
	KUNIT_EXPECT_EQ(test, damon_stop(&f->kds[0], 1), -EPERM);
	KUNIT_EXPECT_EQ(test, damon_call(f->kds[0], count_calls, &calls),
			-ECANCELED);
	KUNIT_EXPECT_EQ(test, calls, 0);

	/* No target at all is the same as no valid one. */
	atomic_set(&fake.valid, 1);
	f->spec.nr_targets = 0;
	KUNIT_ASSERT_EQ(test, start_one(f, 0), 0);
	for (int ms = 0; damon_is_running(f->kds[0]) && ms < 10000; ms += POLL_MS)
		msleep(POLL_MS);
	KUNIT_EXPECT_FALSE(test, damon_is_running(f->kds[0]));
}

struct snapshot {
	unsigned int nr_regions;
	unsigned int nr_targets;
	unsigned long total;
	unsigned int max_age;
	unsigned int hot_accesses;
	unsigned int cold_accesses;
	u64 passed;
	u64 aggr;
	struct damon_attrs attrs;
};

static int take_snapshot(struct damon_ctx *ctx, void *data)
{
	const struct damon_regions *rs = damon_ctx_regions(ctx);
	struct snapshot *s = data;
	const struct damon_target *t;
	const struct damon_region *r;

	*s = (struct snapshot){
		.nr_regions = rs->nr,
		.nr_targets = rs->nr_targets,
		.passed = ctx->schedule.passed,
		.aggr = ctx->schedule.aggr,
		.attrs = *damon_ctx_attrs(ctx),
	};
	damon_for_each_target(t, rs) {
		damon_for_each_region(r, t, rs) {
			s->total += damon_sz_region(r);
			s->max_age = max(s->max_age, r->age);
		}
	}
	if (rs->nr) {
		s->hot_accesses = rs->cur[0].nr_accesses;
		s->cold_accesses = rs->cur[rs->nr - 1].nr_accesses;
	}
	return damon_regions_check(rs, &ctx->access) ? 0 : -EUCLEAN;
}

static struct snapshot snap(struct kunit *test, struct damon_kdamond *kd)
{
	struct snapshot s = {};

	KUNIT_EXPECT_EQ(test, damon_call(kd, take_snapshot, &s), 0);
	return s;
}

static void test_loop(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snapshot s;

	f->spec.attrs.ops_update_interval = 50000;
	KUNIT_ASSERT_EQ(test, start_one(f, 0), 0);
	wait_for(test, &fake.nr_updates, 3);
	s = snap(test, f->kds[0]);
	KUNIT_EXPECT_GE(test, s.passed, 150);
	KUNIT_EXPECT_EQ(test, s.total, NR_PAGES * PAGE_SIZE);
	KUNIT_EXPECT_GE(test, s.nr_regions, f->spec.attrs.min_nr_regions);
	KUNIT_EXPECT_LE(test, s.nr_regions, f->spec.attrs.max_nr_regions);
	KUNIT_EXPECT_EQ(test, s.hot_accesses, 10);
	KUNIT_EXPECT_EQ(test, s.cold_accesses, 0);
	KUNIT_EXPECT_GT(test, s.max_age, 5);
	KUNIT_EXPECT_EQ(test, damon_stop(f->kds, 1), 0);

	/* Each check has a preparation before it. */
	KUNIT_EXPECT_GT(test, atomic_read(&fake.nr_prepares),
			atomic_read(&fake.nr_checks));
	/* The start, and each aggregation (updates coincide with some). */
	KUNIT_EXPECT_GE(test, atomic_read(&fake.nr_splits), 16);
	KUNIT_EXPECT_LE(test, atomic_read(&fake.nr_splits), s.passed / 10 + 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_unprepared), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_long), 0);
}

static void wait_for_ticks(struct kunit *test, struct damon_kdamond *kd,
			   u64 ticks)
{
	u64 end = snap(test, kd).passed + ticks;

	for (int ms = 0; ms < 10000; ms += POLL_MS) {
		if (snap(test, kd).passed >= end)
			return;
		msleep(POLL_MS);
	}
	KUNIT_FAIL(test, "waited in vain for %llu ticks", ticks);
}

/* Less and less is done while nothing happens, but time goes on. */
static void test_idle(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snapshot before, after;
	int checks;

	fake.cold = true;
	KUNIT_ASSERT_EQ(test, start_one(f, 0), 0);
	wait_for_ticks(test, f->kds[0], 42 * 10);
	before = snap(test, f->kds[0]);
	checks = atomic_read(&fake.nr_checks);
	KUNIT_EXPECT_GE(test, before.max_age, 40);
	wait_for_ticks(test, f->kds[0], 30 * 10);
	after = snap(test, f->kds[0]);
	checks = atomic_read(&fake.nr_checks) - checks;
	KUNIT_EXPECT_LE(test, checks, (after.passed - before.passed) / 10 + 2);
	KUNIT_EXPECT_GE(test, checks, (after.passed - before.passed) / 10 - 2);
	KUNIT_EXPECT_EQ(test, after.aggr % 10, before.aggr % 10);
	KUNIT_EXPECT_LE(test, after.aggr, after.passed + 10);

	/* All awake: what is hot is seen, by samples of the usual length. */
	WRITE_ONCE(fake.cold, false);
	wait_for_ticks(test, f->kds[0], 5 * 10);
	after = snap(test, f->kds[0]);
	KUNIT_EXPECT_EQ(test, after.hot_accesses, 10);
	KUNIT_EXPECT_EQ(test, after.cold_accesses, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_long), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_unprepared), 0);
	KUNIT_EXPECT_EQ(test, damon_stop(f->kds, 1), 0);
}

/* A pass takes a third of the time, and a twentieth is allowed. */
static void test_budget(struct kunit *test)
{
	struct damon_budget_report report;
	struct fixture *f = test->priv;
	struct snapshot s;

	damon_report_budget(f->kds[0], &report);
	KUNIT_EXPECT_EQ(test, report.sampled_permille, 0);
	fake.sample_us = 300;
	f->spec.attrs.aggr_interval = 20000;
	f->spec.attrs.cpu_permille = 0;
	KUNIT_ASSERT_EQ(test, start_one(f, 0), 0);
	snap(test, f->kds[0]);
	damon_report_budget(f->kds[0], &report);
	KUNIT_EXPECT_EQ(test, report.sampled_permille, 1000);
	KUNIT_EXPECT_EQ(test, report.nr_regions_limit, 1000);
	wait_for_ticks(test, f->kds[0], 5 * 20);
	damon_report_budget(f->kds[0], &report);
	if (!report.cpu_ppm)
		kunit_skip(test, "the clock of the scheduler is too coarse");
	KUNIT_EXPECT_GT(test, report.cpu_ppm, 100000);

	f->spec.attrs.cpu_permille = 50;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), 0);
	wait_for_ticks(test, f->kds[0], 9 * 20);
	damon_report_budget(f->kds[0], &report);
	KUNIT_EXPECT_LT(test, report.sampled_permille, 500);
	KUNIT_EXPECT_GE(test, report.sampled_permille, 50);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_long), 0);
	s = snap(test, f->kds[0]);
	KUNIT_EXPECT_EQ(test, s.hot_accesses, 20);
	KUNIT_EXPECT_EQ(test, s.cold_accesses, 0);

	f->spec.attrs.cpu_permille = 0;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), 0);
	wait_for_ticks(test, f->kds[0], 2 * 20);
	damon_report_budget(f->kds[0], &report);
	KUNIT_EXPECT_EQ(test, report.sampled_permille, 1000);
	KUNIT_EXPECT_EQ(test, damon_stop(f->kds, 1), 0);
	damon_report_budget(f->kds[0], &report);
	KUNIT_EXPECT_EQ(test, report.sampled_permille, 0);
	KUNIT_EXPECT_EQ(test, report.cpu_ppm, 0);
	KUNIT_EXPECT_EQ(test, report.nr_regions_limit, 0);
}

static void test_pause(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snapshot before, after;
	int checks;

	f->spec.pause = true;
	KUNIT_ASSERT_EQ(test, start_one(f, 0), 0);
	before = snap(test, f->kds[0]);
	msleep(30);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_checks), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_prepares), 0);

	f->spec.pause = false;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), 0);
	wait_for(test, &fake.nr_checks, 35);

	f->spec.pause = true;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), 0);
	before = snap(test, f->kds[0]);
	checks = atomic_read(&fake.nr_checks);
	msleep(30);
	after = snap(test, f->kds[0]);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake.nr_checks), checks);
	KUNIT_EXPECT_EQ(test, before.passed, after.passed);
	KUNIT_EXPECT_EQ(test, before.nr_regions, after.nr_regions);
	KUNIT_EXPECT_EQ(test, damon_stop(f->kds, 1), 0);
}

static void test_commit_keeps_results(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snapshot before, after;

	f->spec.attrs.sample_interval = 1000;
	KUNIT_ASSERT_EQ(test, start_one(f, 0), 0);
	wait_for(test, &fake.nr_checks, 100);

	/* Nothing differs: nothing changes, not even the schedule. */
	before = snap(test, f->kds[0]);
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), 0);
	after = snap(test, f->kds[0]);
	KUNIT_EXPECT_EQ(test, after.aggr % 10, before.aggr % 10);
	KUNIT_EXPECT_EQ(test, after.total, before.total);
	KUNIT_EXPECT_GE(test, after.max_age, before.max_age);

	/* Other intervals: ages count other aggregations, rates stay. */
	f->spec.attrs.sample_interval = 1000 * 1000;
	f->spec.attrs.aggr_interval = 20 * 1000 * 1000;
	before = snap(test, f->kds[0]);
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), 0);
	after = snap(test, f->kds[0]);
	KUNIT_EXPECT_EQ(test, after.attrs.sample_interval, 1000UL * 1000);
	KUNIT_EXPECT_EQ(test, after.hot_accesses, 2 * before.hot_accesses);
	KUNIT_EXPECT_LE(test, after.max_age, 1);
	KUNIT_EXPECT_EQ(test, after.aggr, after.passed + 20);

	/* Half of the range: only what is in it stays. */
	f->range.end /= 2;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), 0);
	after = snap(test, f->kds[0]);
	KUNIT_EXPECT_EQ(test, after.total, NR_PAGES / 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, after.hot_accesses, 2 * before.hot_accesses);

	/* No range: all that was there stays. */
	f->target.nr_ranges = 0;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), 0);
	after = snap(test, f->kds[0]);
	KUNIT_EXPECT_EQ(test, after.total, NR_PAGES / 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, damon_stop(f->kds, 1), 0);
}

/* One range over many: each hole between two regions becomes one, too. */
static void test_commit_fills_holes(struct kunit *test)
{
	struct fixture *f = test->priv;
	const unsigned int nr = 3000;
	struct damon_addr_range *ranges = kunit_kcalloc(test, nr,
							sizeof(*ranges),
							GFP_KERNEL);
	struct snapshot s;

	KUNIT_ASSERT_NOT_NULL(test, ranges);
	for (unsigned int i = 0; i < nr; i++) {
		ranges[i].start = 2 * i * PAGE_SIZE;
		ranges[i].end = ranges[i].start + PAGE_SIZE;
	}
	f->spec.attrs.sample_interval = HOUR_US;
	f->spec.attrs.aggr_interval = HOUR_US;
	f->spec.attrs.max_nr_regions = 10000;
	f->target.ranges = ranges;
	f->target.nr_ranges = nr;
	KUNIT_ASSERT_EQ(test, start_one(f, 0), 0);
	s = snap(test, f->kds[0]);
	KUNIT_EXPECT_EQ(test, s.total, nr * PAGE_SIZE);

	f->range.end = ranges[nr - 1].end;
	f->target.ranges = &f->range;
	f->target.nr_ranges = 1;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), 0);
	s = snap(test, f->kds[0]);
	KUNIT_EXPECT_EQ(test, s.total, f->range.end);
	KUNIT_EXPECT_EQ(test, damon_stop(f->kds, 1), 0);
}

static void test_commit_refused(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snapshot before, after;
	struct damon_target_spec two[2] = { f->target, f->target };

	f->spec.attrs.sample_interval = HOUR_US;
	f->spec.attrs.aggr_interval = HOUR_US;
	KUNIT_ASSERT_EQ(test, start_one(f, 0), 0);
	before = snap(test, f->kds[0]);

	f->spec.attrs.max_nr_regions = 1;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), -EINVAL);
	f->spec.attrs.max_nr_regions = 1000;
	f->spec.ops_id = DAMON_OPS_FVADDR;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), -EINVAL);
	f->spec.ops_id = DAMON_OPS_PADDR;
	f->spec.targets = two;
	f->spec.nr_targets = 2;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), -EINVAL);

	after = snap(test, f->kds[0]);
	KUNIT_EXPECT_EQ(test, after.nr_targets, 1);
	KUNIT_EXPECT_EQ(test, after.nr_regions, before.nr_regions);
	KUNIT_EXPECT_EQ(test, after.attrs.max_nr_regions,
			before.attrs.max_nr_regions);

	/* An obsolete target goes, but only if there is one to go. */
	f->spec.targets = &f->target;
	f->spec.nr_targets = 1;
	f->target.obsolete = true;
	KUNIT_EXPECT_EQ(test, damon_commit(f->kds[0], &f->spec), 0);
	/* It ends now, with no target left; or has not noticed yet. */
	KUNIT_EXPECT_NE(test, damon_commit(f->kds[0], &f->spec), 0);
}

static struct kunit_case kdamond_test_cases[] = {
	KUNIT_CASE(test_life_cycle),
	KUNIT_CASE(test_start_is_all_or_none),
	KUNIT_CASE(test_requests_do_not_wait),
	KUNIT_CASE(test_ends_without_valid_target),
	KUNIT_CASE(test_loop),
	KUNIT_CASE(test_idle),
	KUNIT_CASE(test_budget),
	KUNIT_CASE(test_pause),
	KUNIT_CASE(test_commit_keeps_results),
	KUNIT_CASE(test_commit_fills_holes),
	KUNIT_CASE(test_commit_refused),
	{}
};

static struct kunit_suite kdamond_test_suite = {
	.name = "damon_kdamond",
	.init = kdamond_test_init,
	.exit = kdamond_test_exit,
	.test_cases = kdamond_test_cases,
};

kunit_test_suite(kdamond_test_suite);

MODULE_DESCRIPTION("DAMON kdamond unit tests");
MODULE_LICENSE("GPL");
