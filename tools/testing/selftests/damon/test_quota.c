// SPDX-License-Identifier: GPL-2.0
/*
 * Quotas of schemes: limits, where they go on, priorities, and goals.
 */
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_scheme.h"
#include "damon_trace.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define WAIT_MS		20000
#define LIMIT_S		120

#define SAMPLE_US	5000L
#define AGGR_US		20000L
#define WINDOW_MS	100L

FIXTURE(quota) {
	struct workload w;
	struct damon_trace tr;
};

FIXTURE_SETUP(quota)
{
	const char *why = damon_why_not() ?: damon_trace_why_not();

	if (why)
		SKIP(return, "%s", why);
	self->w.len = 8 * MB;
	ASSERT_EQ(0, damon_trace_open(&self->tr,
				      "damos_before_apply damos_esz"));
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, AGGR_US, 60000000));
	ASSERT_EQ(0, damos_new(1, "stat"));
	ASSERT_EQ(0, damos_write(0, "quotas/reset_interval_ms", "%ld",
				 WINDOW_MS));
}

FIXTURE_TEARDOWN(quota)
{
	EXPECT_EQ(0, damon_cleanup());
	damon_trace_close(&self->tr);
	workload_stop(&self->w);
}

static void start(struct __test_metadata *_metadata, struct workload *w)
{
	ASSERT_EQ(0, workload_start(w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damos_monitor(w));
	ASSERT_EQ(0, damon_state(0, "on"));
}

/* Never more than the quota in a window, and going on where it was full. */
TEST_F(quota, size)
{
	unsigned long quota = self->w.len / 4 + 5 * getpagesize();
	unsigned long begin, end, last = 0, sum = 0;
	long since = now_us(), windows, rounds = 0;
	char text[DAMON_TRACE_LINE];
	struct damos_stats st;
	int words;

	ASSERT_EQ(0, damos_write(0, "quotas/bytes", "%lu", quota));
	start(_metadata, &self->w);
	last = self->w.start;
	while (rounds < 5) {
		ASSERT_TRUE(damon_trace_next(&self->tr, "damos_before_apply",
					     WAIT_MS, text));
		words = sscanf(strstr(text, "nr_regions="),
			       "nr_regions=%*u %lu-%lu:", &begin, &end);
		ASSERT_EQ(2, words);
		EXPECT_EQ(last, begin) TH_LOG("%s", text);
		sum += end - begin;
		last = end;
		if (end == self->w.start + self->w.len) {
			last = self->w.start;
			rounds++;
		}
	}
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	windows = (now_us() - since) / 1000 / WINDOW_MS + 1;
	TH_LOG("%ld bytes in at most %ld windows of %lu", st.sz_tried, windows,
	       quota);
	EXPECT_EQ(5 * self->w.len, sum);
	EXPECT_LE((unsigned long)st.sz_tried, windows * quota);
	EXPECT_GE(st.qt_exceeds, 5 * 3);
	EXPECT_LE(st.qt_exceeds, windows);
	ASSERT_EQ(0, damon_state(0, "update_schemes_effective_quotas"));
	EXPECT_EQ(quota, (unsigned long)
		  damon_read_long(QUOTAS0 "effective_bytes"));
}

/* A window is at least a pass long, and one pass never exceeds the quota. */
TEST_F(quota, each_pass)
{
	struct damos_stats st;
	int i, full = 0;

	ASSERT_EQ(0, damos_write(0, "quotas/bytes", "%lu", MB));
	ASSERT_EQ(0, damos_write(0, "quotas/reset_interval_ms", "0"));
	start(_metadata, &self->w);
	for (i = 0; i < 10; i++) {
		long bytes;

		ASSERT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
		bytes = damon_read_long(S0 "tried_regions/total_bytes");
		EXPECT_GE(bytes, 0);
		EXPECT_LE(bytes, (long)MB);
		full += bytes == MB;
	}
	usleep(2 * AGGR_US);
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	EXPECT_GE(st.qt_exceeds, full);
	EXPECT_GE(full, 5);
}

/* Nothing at all fits into less than a page. */
TEST_F(quota, less_than_a_page)
{
	struct damos_stats st;

	ASSERT_EQ(0, damos_write(0, "quotas/bytes", "%d", getpagesize() - 1));
	start(_metadata, &self->w);
	usleep(5 * WINDOW_MS * 1000);
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	EXPECT_EQ(0, st.sz_tried);
}

/*
 * Part of what failed to be applied need not be charged: lru_prio never works
 * here, so with a fifth of it charged it gets five times as far.
 */
TEST_F(quota, fail_charge)
{
	struct damos_stats st;

	ASSERT_EQ(0, damos_write(0, "action", "lru_prio"));
	ASSERT_EQ(0, damos_write(0, "quotas/bytes", "%lu", MB));
	ASSERT_EQ(0, damos_write(0, "quotas/reset_interval_ms", "1000000"));
	ASSERT_EQ(0, damos_write(0, "quotas/fail_charge_num", "1"));
	ASSERT_EQ(0, damos_write(0, "quotas/fail_charge_denom", "5"));
	start(_metadata, &self->w);
	usleep(50 * AGGR_US);
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	EXPECT_EQ(0, st.sz_applied);
	TH_LOG("%ld bytes tried", st.sz_tried);
	/* Less than a page of quota is none; the last one is charged later. */
	EXPECT_GE(st.sz_tried, (long)(5 * MB - 5 * getpagesize()));
	EXPECT_LE(st.sz_tried, (long)(6 * MB));
}

#define WATCH_S		3

static long busy_us(struct __test_metadata *_metadata)
{
	long before = cpu_time_us(damon_pid(0));

	EXPECT_GE(before, 0);
	usleep(WATCH_S * 1000000);
	return cpu_time_us(damon_pid(0)) - before;
}

/* Milliseconds are those of the kdamond on its CPU. */
TEST_F_TIMEOUT(quota, time, LIMIT_S)
{
	long without, with, idle, allowed;

	self->w.len = 64 * MB;
	/* With a probe, what nothing happens to is sampled no less often. */
	ASSERT_EQ(0, damon_write(PROBES0 "nr_probes", "1"));
	ASSERT_EQ(0, damos_set_filters(0, "ops_filters",
				       FILTERS({ "anon", true, true })));
	start(_metadata, &self->w);
	usleep(300000);
	without = busy_us(_metadata);

	ASSERT_EQ(0, damos_write(0, "quotas/ms", "1"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	usleep(2000000);
	with = busy_us(_metadata);

	ASSERT_EQ(0, damos_new(0, "stat"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	usleep(300000);
	idle = busy_us(_metadata);

	allowed = WATCH_S * 1000000 / WINDOW_MS;
	TH_LOG("in %d s: %ld us, %ld us with a quota of %ld us, %ld us without a scheme",
	       WATCH_S, without, with, allowed, idle);
	if (without - idle < 3 * allowed)
		SKIP(return, "this machine is too fast for the quota");
	/* To look for what to do takes time, too, that is not of the quota. */
	EXPECT_LE(with - idle, allowed * 2);
	EXPECT_GE(with - idle, allowed / 10);
}

/* Hot or cold memory first, by the weights. */
static void which_first(struct __test_metadata *_metadata, struct workload *w,
			const char *action, double *share)
{
	unsigned long from, to, begin, end, hot = 0, sum = 0;
	char text[DAMON_TRACE_LINE];
	struct damon_trace *tr;
	int i, words;

	tr = malloc(sizeof(*tr));
	ASSERT_NE(NULL, tr);
	ASSERT_EQ(0, damos_new(1, action));
	ASSERT_EQ(0, damos_write(0, "quotas/bytes", "%lu", w->hot_len / 2));
	ASSERT_EQ(0, damos_write(0, "quotas/reset_interval_ms", "400"));
	ASSERT_EQ(0, damos_write(0, "quotas/weights/nr_accesses_permil", "1000"));
	/* A node that there is not: it is only tried. */
	ASSERT_EQ(0, damos_write(0, "target_nid", "-1"));
	ASSERT_EQ(0, damos_write(0, "apply_interval_us", "400000"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	ASSERT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
	ASSERT_EQ(0, damon_trace_open(tr, "damos_before_apply"));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
	while (damon_trace_next(tr, "damos_before_apply", 0, text)) {
		words = sscanf(strstr(text, "nr_regions="),
			       "nr_regions=%*u %lu-%lu:", &begin, &end);
		ASSERT_EQ(2, words);
		from = w->start + w->hot;
		to = from + w->hot_len;
		from = begin > from ? begin : from;
		to = end < to ? end : to;
		hot += to > from ? to - from : 0;
		sum += end - begin;
	}
	damon_trace_close(tr);
	free(tr);
	ASSERT_GT(sum, 0);
	*share = (double)hot / sum;
	TH_LOG("%s: %.1f %% of %lu bytes are hot", action, *share * 100, sum);
}

TEST_F_TIMEOUT(quota, priorities, LIMIT_S)
{
	struct workload *w = &self->w;
	double share;

	damon_trace_close(&self->tr);
	w->len = 16 * MB;
	w->hot = 8 * MB;
	w->hot_len = 4 * MB;
	ASSERT_EQ(0, damon_set_intervals(20000, 400000, 60000000));
	ASSERT_EQ(0, damos_new(0, "stat"));
	start(_metadata, w);
	usleep(4000000);
	which_first(_metadata, w, "migrate_hot", &share);
	EXPECT_GT(share, .9);
	which_first(_metadata, w, "migrate_cold", &share);
	EXPECT_LT(share, .1);
	ASSERT_EQ(0, damon_trace_open(&self->tr, "damos_esz"));
}

/* Goals */

static unsigned long next_esz(struct __test_metadata *_metadata,
			      struct damon_trace *tr)
{
	char text[DAMON_TRACE_LINE];
	unsigned long esz = 0;
	int words;

	EXPECT_TRUE(damon_trace_next(tr, "damos_esz", WAIT_MS, text));
	words = sscanf(text, "ctx_idx=0 scheme_idx=0 esz=%lu", &esz);
	EXPECT_EQ(1, words) TH_LOG("%s", text);
	return esz;
}

static void set_goal(struct __test_metadata *_metadata, const char *metric,
		     long target, long now)
{
	ASSERT_EQ(0, damon_write(GOALS0 "nr_goals", "1"));
	ASSERT_EQ(0, damon_write(GOALS0 "0/target_metric", "%s", metric));
	ASSERT_EQ(0, damon_write(GOALS0 "0/target_value", "%ld", target));
	ASSERT_EQ(0, damon_write(GOALS0 "0/current_value", "%ld", now));
}

static long effective(struct __test_metadata *_metadata)
{
	EXPECT_EQ(0, damon_state(0, "update_schemes_effective_quotas"));
	return damon_read_long(QUOTAS0 "effective_bytes");
}

static void wait_windows(int nr)
{
	usleep(nr * WINDOW_MS * 1000);
}

/* What the user says moves the quota up and down by feedback. */
TEST_F(quota, user_input)
{
	unsigned long esz, last, i;
	long before;

	set_goal(_metadata, "user_input", 10000, 0);
	start(_metadata, &self->w);

	/* Nothing achieved: twice as much each time. */
	last = next_esz(_metadata, &self->tr);
	EXPECT_GE(last, 1);
	EXPECT_LE(last, 4);
	for (i = 0; i < 12; i++) {
		esz = next_esz(_metadata, &self->tr);
		EXPECT_EQ(2 * last, esz);
		last = esz;
	}

	/* Achieved: as it is. */
	ASSERT_EQ(0, damon_write(GOALS0 "0/current_value", "10000"));
	ASSERT_EQ(0, damon_state(0, "commit_schemes_quota_goals"));
	wait_windows(3);
	before = effective(_metadata);
	EXPECT_GE(before, (long)last);
	wait_windows(5);
	EXPECT_EQ(before, effective(_metadata));

	/* A commit does not forget what was tuned. */
	ASSERT_EQ(0, damon_state(0, "commit"));
	EXPECT_EQ(before, effective(_metadata));
	wait_windows(3);
	EXPECT_EQ(before, effective(_metadata));

	/* Too much: half of it, */
	ASSERT_EQ(0, damon_write(GOALS0 "0/current_value", "15000"));
	ASSERT_EQ(0, damon_state(0, "commit_schemes_quota_goals"));
	damon_trace_drain(&self->tr);
	last = next_esz(_metadata, &self->tr);
	for (i = 0; i < 5; i++) {
		esz = next_esz(_metadata, &self->tr);
		EXPECT_EQ(last / 2, esz);
		last = esz;
	}

	/* and far too much: no more than ever. */
	ASSERT_EQ(0, damon_write(GOALS0 "0/current_value", "20000"));
	ASSERT_EQ(0, damon_state(0, "commit_schemes_quota_goals"));
	wait_windows(3);
	EXPECT_EQ(1, effective(_metadata));
}

/* The other limits hold as well. */
TEST_F(quota, goal_and_size)
{
	int i;

	set_goal(_metadata, "user_input", 10000, 0);
	ASSERT_EQ(0, damos_write(0, "quotas/bytes", "10000"));
	start(_metadata, &self->w);
	wait_windows(20);
	EXPECT_EQ(10000, effective(_metadata));
	for (i = 0; i < 5; i++) {
		EXPECT_LE(effective(_metadata), 10000);
		wait_windows(1);
	}
}

TEST_F(quota, temporal)
{
	set_goal(_metadata, "user_input", 10000, 0);
	ASSERT_EQ(0, damos_write(0, "quotas/goal_tuner", "temporal"));
	start(_metadata, &self->w);

	/* All out, ... */
	wait_windows(3);
	EXPECT_EQ(ULONG_MAX / 10000, (unsigned long)effective(_metadata));
	ASSERT_EQ(0, damos_write(0, "quotas/bytes", "1000000"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	wait_windows(3);
	EXPECT_EQ(1000000, effective(_metadata));

	/* ... or nothing. */
	ASSERT_EQ(0, damon_write(GOALS0 "0/current_value", "10000"));
	ASSERT_EQ(0, damon_state(0, "commit_schemes_quota_goals"));
	wait_windows(3);
	EXPECT_EQ(0, effective(_metadata));
}

/* Of several goals the one that is closest to being met. */
TEST_F(quota, several_goals)
{
	long before;

	set_goal(_metadata, "user_input", 10000, 0);
	start(_metadata, &self->w);
	wait_windows(10);
	EXPECT_GT(effective(_metadata), 16);

	ASSERT_EQ(0, damon_write(GOALS0 "nr_goals", "3"));
	ASSERT_EQ(0, damon_write(GOALS0 "0/target_value", "10000"));
	ASSERT_EQ(0, damon_write(GOALS0 "1/target_value", "100"));
	ASSERT_EQ(0, damon_write(GOALS0 "1/current_value", "100"));
	/* No goal at all. */
	ASSERT_EQ(0, damon_write(GOALS0 "2/current_value", "100"));
	ASSERT_EQ(0, damon_state(0, "commit_schemes_quota_goals"));
	wait_windows(3);
	before = effective(_metadata);
	wait_windows(5);
	EXPECT_EQ(before, effective(_metadata));
}

/* Metrics of the system: met or not from the beginning. */
TEST_F(quota, metrics)
{
	static const struct {
		const char *metric;
		long target;
		bool met;
	} goals[] = {
		{ "node_mem_used_bp", 1, true },
		{ "node_mem_free_bp", 1, true },
		{ "active_mem_bp", 1000000000, false },
		{ "inactive_mem_bp", 1000000000, false },
		{ "some_mem_psi_us", 1000000000, false },
		{ "node_memcg_free_bp", 1, true },
		{ "node_memcg_used_bp", 1000000000, false },
	};
	int i;

	if (cg_why_not())
		SKIP(return, "%s", cg_why_not());
	ASSERT_EQ(0, cg_make("damon_quota"));
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damos_monitor(&self->w));
	for (i = 0; i < (int)ARRAY_SIZE(goals); i++) {
		long esz;

		ASSERT_EQ(0, damos_write(0, "quotas/goal_tuner", "temporal"));
		set_goal(_metadata, goals[i].metric, goals[i].target, 0);
		ASSERT_EQ(0, damon_write(GOALS0 "0/path", "/damon_quota"));
		ASSERT_EQ(0, damon_state(0, "on"));
		wait_windows(3);
		esz = effective(_metadata);
		EXPECT_EQ(goals[i].met, esz == 0)
			TH_LOG("%s: %ld", goals[i].metric, esz);
		ASSERT_EQ(0, damon_state(0, "off"));
	}
	cg_remove("damon_quota");
}

/* A wrong path is refused, and the goals stay as they are. */
TEST_F(quota, wrong_goals)
{
	set_goal(_metadata, "user_input", 10000, 10000);
	start(_metadata, &self->w);
	wait_windows(3);
	set_goal(_metadata, "node_memcg_used_bp", 10000, 0);
	EXPECT_EQ(-EINVAL, damon_state(0, "commit_schemes_quota_goals"));
	ASSERT_EQ(0, damon_write(GOALS0 "0/path", "/damon/is/not/there"));
	EXPECT_EQ(-EINVAL, damon_state(0, "commit_schemes_quota_goals"));
	wait_windows(3);
	EXPECT_LE(effective(_metadata), 4);
	EXPECT_TRUE(damon_is_on(0));
}

TEST_HARNESS_MAIN
