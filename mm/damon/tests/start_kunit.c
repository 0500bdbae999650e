// SPDX-License-Identifier: GPL-2.0
/* Tests of start.c: who may run beside whom. */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../ops.h"

static void fake_sample(struct damon_ctx *ctx, unsigned int what)
{
}

static const struct damon_operations fake_ops = {
	.sample = fake_sample,
};

static const struct damon_operations *fake_ops_get(enum damon_ops_id id)
{
	return &fake_ops;
}

/* Two kdamonds, and the specs that each may be started with. */
struct fixture {
	struct damon_kdamond *kds[2];
	struct damon_spec physical;
	struct damon_spec processes;
	struct damon_target_spec target;
	struct damon_addr_range range;
	struct damos_spec scheme;
};

static int start_test_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	if (damon_nr_running_ctxs())
		kunit_skip(test, "kdamonds run already");
	kunit_activate_static_stub(test, damon_ops_get, fake_ops_get);

	f->range = (struct damon_addr_range){ 0, 1024 * PAGE_SIZE };
	f->target = (struct damon_target_spec){
		.pid = task_pid_nr(current),
		.ranges = &f->range,
		.nr_ranges = 1,
	};
	damos_spec_init(&f->scheme);
	damon_spec_init(&f->physical);
	f->physical.ops_id = DAMON_OPS_PADDR;
	f->physical.targets = &f->target;
	f->physical.nr_targets = 1;
	f->physical.schemes = &f->scheme;
	f->physical.nr_schemes = 1;
	f->processes = f->physical;
	f->processes.ops_id = DAMON_OPS_FVADDR;
	for (int i = 0; i < ARRAY_SIZE(f->kds); i++) {
		f->kds[i] = damon_kdamond_create();
		KUNIT_ASSERT_NOT_NULL(test, f->kds[i]);
	}
	return 0;
}

static void start_test_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	for (int i = 0; f && i < ARRAY_SIZE(f->kds); i++)
		damon_kdamond_destroy(f->kds[i]);
}

static int start(struct fixture *f, int i, const struct damon_spec *spec,
		 bool exclusive)
{
	return damon_start(&f->kds[i], &spec, 1, exclusive);
}

static void test_exclusive(struct kunit *test)
{
	struct fixture *f = test->priv;

	KUNIT_ASSERT_EQ(test, start(f, 0, &f->physical, true), 0);
	KUNIT_EXPECT_EQ(test, start(f, 1, &f->physical, false), -EBUSY);
	KUNIT_EXPECT_EQ(test, start(f, 1, &f->physical, true), -EBUSY);
	KUNIT_EXPECT_EQ(test, damon_stop(&f->kds[0], 1), 0);

	KUNIT_ASSERT_EQ(test, start(f, 1, &f->physical, false), 0);
	KUNIT_EXPECT_EQ(test, start(f, 0, &f->physical, true), -EBUSY);
	KUNIT_ASSERT_EQ(test, start(f, 0, &f->physical, false), 0);
	KUNIT_EXPECT_EQ(test, damon_stop(f->kds, 2), 0);
}

/* A group holds until its last one has gone. */
static void test_exclusive_group(struct kunit *test)
{
	struct fixture *f = test->priv;
	const struct damon_spec *specs[] = { &f->physical, &f->physical };
	struct damon_kdamond *third = damon_kdamond_create();

	KUNIT_ASSERT_NOT_NULL(test, third);
	KUNIT_EXPECT_EQ(test, damon_start(f->kds, specs, 2, true), 0);
	KUNIT_EXPECT_EQ(test, damon_stop(&f->kds[0], 1), 0);
	KUNIT_EXPECT_EQ(test, damon_start(&third, specs, 1, false), -EBUSY);
	KUNIT_EXPECT_EQ(test, damon_stop(&f->kds[1], 1), 0);
	KUNIT_EXPECT_EQ(test, damon_start(&third, specs, 1, false), 0);
	damon_kdamond_destroy(third);
}

/* Those of processes are in nobody's way, unless they change over. */
static void test_exclusive_processes(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct damon_kdamond *kd = f->kds[1];

	KUNIT_ASSERT_EQ(test, start(f, 0, &f->physical, true), 0);
	KUNIT_ASSERT_EQ(test, start(f, 1, &f->processes, false), 0);
	KUNIT_EXPECT_EQ(test, damon_commit(kd, &f->physical), -EBUSY);
	KUNIT_EXPECT_EQ(test, damon_commit(kd, &f->processes), 0);
	/* It went on as it was, so the place is free when the other is gone. */
	KUNIT_EXPECT_EQ(test, damon_stop(&f->kds[0], 1), 0);
	KUNIT_ASSERT_EQ(test, start(f, 0, &f->physical, true), 0);
	KUNIT_EXPECT_EQ(test, damon_stop(&f->kds[0], 1), 0);

	KUNIT_EXPECT_EQ(test, damon_commit(kd, &f->physical), 0);
	KUNIT_EXPECT_EQ(test, start(f, 0, &f->physical, true), -EBUSY);
	KUNIT_EXPECT_EQ(test, damon_commit(kd, &f->processes), 0);
	KUNIT_ASSERT_EQ(test, start(f, 0, &f->physical, true), 0);
	KUNIT_EXPECT_EQ(test, damon_stop(f->kds, 2), 0);
}

static void test_set_exclusive(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct damon_kdamond *kd = f->kds[0];

	KUNIT_EXPECT_EQ(test, damon_set_exclusive(kd, true), -EINVAL);
	KUNIT_ASSERT_EQ(test, start(f, 0, &f->physical, true), 0);
	KUNIT_EXPECT_EQ(test, damon_set_exclusive(kd, true), 0);
	KUNIT_EXPECT_EQ(test, start(f, 1, &f->physical, false), -EBUSY);

	KUNIT_EXPECT_EQ(test, damon_set_exclusive(kd, false), 0);
	KUNIT_ASSERT_EQ(test, start(f, 1, &f->physical, false), 0);
	KUNIT_EXPECT_EQ(test, damon_set_exclusive(kd, true), -EBUSY);
	KUNIT_EXPECT_EQ(test, damon_stop(&f->kds[1], 1), 0);
	KUNIT_EXPECT_EQ(test, damon_set_exclusive(kd, true), 0);
	KUNIT_EXPECT_EQ(test, start(f, 1, &f->physical, false), -EBUSY);

	/* What it was at the end does not count for the next one. */
	KUNIT_EXPECT_EQ(test, damon_stop(&kd, 1), 0);
	KUNIT_EXPECT_EQ(test, damon_set_exclusive(kd, true), -ECANCELED);
	KUNIT_ASSERT_EQ(test, start(f, 0, &f->physical, false), 0);
	KUNIT_ASSERT_EQ(test, start(f, 1, &f->physical, false), 0);
	KUNIT_EXPECT_EQ(test, damon_stop(f->kds, 2), 0);
}

static void test_report_scheme(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct damon_kdamond *kd = f->kds[0];
	struct damos_report report;

	KUNIT_EXPECT_EQ(test, damon_report_scheme(kd, 0, &report), -EINVAL);
	KUNIT_ASSERT_EQ(test, start(f, 0, &f->physical, false), 0);
	memset(&report, 0xff, sizeof(report));
	KUNIT_EXPECT_EQ(test, damon_report_scheme(kd, 0, &report), 0);
	/* It fits nothing. */
	KUNIT_EXPECT_EQ(test, report.stat.nr_tried, 0UL);
	KUNIT_EXPECT_EQ(test, report.effective_sz, 0UL);
	KUNIT_EXPECT_EQ(test, damon_report_scheme(kd, 1, &report), -EINVAL);
	KUNIT_EXPECT_EQ(test, damon_stop(&kd, 1), 0);
	KUNIT_EXPECT_EQ(test, damon_report_scheme(kd, 0, &report), -ECANCELED);
}

static struct kunit_case start_test_cases[] = {
	KUNIT_CASE(test_exclusive),
	KUNIT_CASE(test_exclusive_group),
	KUNIT_CASE(test_exclusive_processes),
	KUNIT_CASE(test_set_exclusive),
	KUNIT_CASE(test_report_scheme),
	{}
};

static struct kunit_suite start_test_suite = {
	.name = "damon_start",
	.init = start_test_init,
	.exit = start_test_exit,
	.test_cases = start_test_cases,
};

kunit_test_suite(start_test_suite);
