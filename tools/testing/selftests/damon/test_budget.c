// SPDX-License-Identifier: GPL-2.0
/*
 * What monitoring costs: the budget, and memory where nothing happens.
 */
#include <errno.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_trace.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define BUDGET0		ATTRS0 "budget/"

#define LIMIT_S		240
#define WAIT_MS		20000
#define SAMPLE_US	5000L
#define AGGR_US		100000L
#define MAX_ACCESSES	20

/* What the budget needs to settle; and what is measured then. */
#define SETTLE_US	5000000L
#define SPAN_US		10000000L

FIXTURE(budget) {
	struct workload w;
	struct damon_trace tr;
	struct damon_snapshot s;
	pid_t sleeper;
};

FIXTURE_SETUP(budget)
{
	const char *why = damon_why_not() ?: damon_trace_why_not();

	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, damon_trace_open(&self->tr, "damon_aggregated"));
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, AGGR_US, 60000000));
}

FIXTURE_TEARDOWN(budget)
{
	EXPECT_EQ(0, damon_cleanup());
	damon_trace_close(&self->tr);
	if (self->w.pid > 0)
		workload_stop(&self->w);
	if (self->sleeper > 0)
		process_end(self->sleeper);
}

static void monitor(struct __test_metadata *_metadata, struct workload *w)
{
	w->len = 64 * MB;
	w->hot = 20 * MB;
	w->hot_len = 8 * MB;
	ASSERT_EQ(0, workload_start(w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damon_write(C0 "operations", "fvaddr"));
	ASSERT_EQ(0, damon_set_target(0, w->pid));
	ASSERT_EQ(0, damon_set_region(w->start, w->start + w->len));
	/* Many regions, so that there is something to save. */
	ASSERT_EQ(0, damon_write(ATTRS0 "nr_regions/min", "200"));
}

/* CPU time of the kdamond, 1/1000000 of one CPU, from now on. */
static long used_ppm(void)
{
	pid_t pid = damon_pid(0);
	long began_us = now_us(), cpu_us = cpu_time_us(pid);

	usleep(SPAN_US);
	cpu_us = cpu_time_us(pid) - cpu_us;
	return cpu_us * 1000000 / (now_us() - began_us);
}

static void expect_heat(struct __test_metadata *_metadata,
			const struct workload *w, struct damon_trace *tr,
			struct damon_snapshot *s)
{
	unsigned long hot = w->start + w->hot;

	damon_trace_drain(tr);
	ASSERT_TRUE(damon_trace_snapshot(tr, WAIT_MS, s));
	EXPECT_GT(damon_snapshot_heat(s, hot, hot + w->hot_len),
		  .8 * MAX_ACCESSES);
	EXPECT_LT(damon_snapshot_heat(s, w->start, hot), .1 * MAX_ACCESSES);
}

/* With a half and with a third of what it takes without a budget. */
TEST_F_TIMEOUT(budget, holds, LIMIT_S)
{
	static const int shares[] = { 2, 3 };
	struct workload *w = &self->w;
	long full, sampled, reported;

	monitor(_metadata, w);
	ASSERT_EQ(0, damon_state(0, "on"));
	usleep(SETTLE_US / 10);
	full = used_ppm();
	TH_LOG("%ld ppm", full);
	ASSERT_GT(full, 0);
	EXPECT_EQ(1000, damon_read_long(BUDGET0 "sampled_permille"));
	EXPECT_EQ(1000, damon_read_long(BUDGET0 "nr_regions_limit"));
	EXPECT_GT(damon_read_long(BUDGET0 "cpu_used_ppm"), 0);

	for (int i = 0; i < (int)ARRAY_SIZE(shares); i++) {
		long permille = full / shares[i] / 1000;
		long used;

		if (permille < 1)
			permille = 1;
		ASSERT_EQ(0, damon_write(BUDGET0 "cpu_permille", "%ld",
					 permille));
		ASSERT_EQ(0, damon_state(0, "commit"));
		usleep(SETTLE_US);
		used = used_ppm();
		sampled = damon_read_long(BUDGET0 "sampled_permille");
		reported = damon_read_long(BUDGET0 "cpu_used_ppm");
		TH_LOG("%ld permille: %ld ppm, reported %ld ppm, %ld sampled, %ld regions",
		       permille, used, reported, sampled,
		       damon_read_long(BUDGET0 "nr_regions_limit"));
		EXPECT_LT(used, 1200 * permille);
		EXPECT_GT(reported, used / 2);
		EXPECT_LT(reported, used * 2);
		if (full > 1200 * permille)
			EXPECT_LT(sampled, 1000);
		expect_heat(_metadata, w, &self->tr, &self->s);
	}

	/* So many regions can't be had for that; and that is said. */
	ASSERT_EQ(0, damon_write(BUDGET0 "cpu_permille", "1"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	usleep(SETTLE_US);
	EXPECT_EQ(1000 / MAX_ACCESSES,
		  damon_read_long(BUDGET0 "sampled_permille"));
	EXPECT_EQ(200, damon_read_long(BUDGET0 "nr_regions_limit"));
	EXPECT_GT(damon_read_long(BUDGET0 "cpu_used_ppm"), 1000);

	/* And back to all of it. */
	ASSERT_EQ(0, damon_write(BUDGET0 "cpu_permille", "0"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	usleep(10 * AGGR_US);
	EXPECT_EQ(1000, damon_read_long(BUDGET0 "sampled_permille"));
	EXPECT_EQ(1000, damon_read_long(BUDGET0 "nr_regions_limit"));
	ASSERT_EQ(0, damon_state(0, "off"));
	EXPECT_EQ(0, damon_read_long(BUDGET0 "sampled_permille"));
	EXPECT_EQ(0, damon_read_long(BUDGET0 "cpu_used_ppm"));
}

TEST_F(budget, limits)
{
	self->sleeper = sleeper_start();
	ASSERT_GT(self->sleeper, 0);
	ASSERT_EQ(0, damon_set_target(0, self->sleeper));
	EXPECT_EQ(0, damon_write(BUDGET0 "cpu_permille", "1001"));
	EXPECT_EQ(-EINVAL, damon_state(0, "on"));
	EXPECT_EQ(0, damon_write(BUDGET0 "cpu_permille", "1000"));
	EXPECT_EQ(0, damon_state(0, "on"));
	EXPECT_EQ(0, damon_write(BUDGET0 "cpu_permille", "1001"));
	EXPECT_EQ(-EINVAL, damon_state(0, "commit"));
	EXPECT_TRUE(damon_is_on(0));
}

/*
 * One wake-up in each aggregation interval, after some time.  New pages may
 * wait for more of them before they get to an LRU list, and are not made to
 * look untouched until then; so let them get there.
 */
TEST_F_TIMEOUT(budget, idle_target, LIMIT_S)
{
	long sleeps;
	pid_t pid;

	self->sleeper = sleeper_start();
	ASSERT_GT(self->sleeper, 0);
	usleep(AGGR_US);
	ASSERT_EQ(0, file_write("/proc/sys/vm/drop_caches", "1"));
	ASSERT_EQ(0, damon_set_target(0, self->sleeper));
	ASSERT_EQ(0, damon_state(0, "on"));
	pid = damon_pid(0);
	sleeps = nr_sleeps(pid);
	usleep(10 * AGGR_US);
	sleeps = nr_sleeps(pid) - sleeps;
	TH_LOG("%ld wake-ups in 10 intervals at first", sleeps);
	EXPECT_GT(sleeps, 100);

	usleep(60 * AGGR_US);
	sleeps = nr_sleeps(pid);
	usleep(50 * AGGR_US);
	sleeps = nr_sleeps(pid) - sleeps;
	TH_LOG("%ld wake-ups in 50 intervals when idle", sleeps);
	EXPECT_GE(sleeps, 45);
	EXPECT_LE(sleeps, 60);
	EXPECT_TRUE(damon_is_on(0));
}

TEST_HARNESS_MAIN
