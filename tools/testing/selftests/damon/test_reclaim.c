// SPDX-License-Identifier: GPL-2.0
/*
 * Proactive reclaim: what is cold goes to swap space, what is hot stays.
 */
#include <errno.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_scheme.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define LIMIT_S		240
#define SETTLE_US	60000000L

#define SAMPLE_US	5000L
#define AGGR_US		100000L

#define CGROUP		"damon_reclaim"
#define OTHER_CGROUP	"damon_reclaim_other"

FIXTURE(reclaim) {
	struct workload w;
	struct workload other;
};

FIXTURE_SETUP(reclaim)
{
	const char *why = damon_why_not() ?: swap_why_not() ?: cg_why_not();

	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, cg_make(CGROUP));
	ASSERT_EQ(0, cg_make(OTHER_CGROUP));
	self->w.cgroup = CGROUP;
	self->w.len = 40 * MB;
	self->w.hot = 12 * MB;
	self->w.hot_len = 8 * MB;
	self->other.cgroup = OTHER_CGROUP;
	self->other.len = 8 * MB;
	self->other.hot_len = 2 * MB;
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, AGGR_US, 60000000));
}

FIXTURE_TEARDOWN(reclaim)
{
	EXPECT_EQ(0, damon_cleanup());
	workload_stop(&self->w);
	workload_stop(&self->other);
	cg_remove(CGROUP);
	cg_remove(OTHER_CGROUP);
}

/* Pages in swap space, of the hot part and of the rest. */
static void count_swapped(struct __test_metadata *_metadata,
			  const struct workload *w, long *hot, long *cold)
{
	struct mem_pages all, part;

	ASSERT_EQ(0, mem_count(w->pid, w->start, w->len, &all));
	ASSERT_EQ(0, mem_count(w->pid, w->start + w->hot, w->hot_len, &part));
	*hot = part.swapped;
	*cold = all.swapped - part.swapped;
}

/* Until almost all of the cold part is in swap space, and then for a while. */
static void expect_reclaimed(struct __test_metadata *_metadata,
			     const struct workload *w)
{
	long page = getpagesize(), start = now_us(), faults, before, took;
	long nr_hot = w->hot_len / page;
	long nr_cold = (w->len - w->hot_len) / page;
	struct damos_stats st;
	long hot, cold;

	before = major_faults(w->pid);
	do {
		usleep(AGGR_US);
		count_swapped(_metadata, w, &hot, &cold);
	} while (cold < nr_cold * 95 / 100 && now_us() - start < SETTLE_US);
	took = now_us() - start;
	faults = major_faults(w->pid);
	usleep(5000000);
	count_swapped(_metadata, w, &hot, &cold);
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	TH_LOG("%.1f %% of %ld cold pages and %ld of %ld hot ones are out, after %.1f s",
	       cold * 100.0 / nr_cold, nr_cold, hot, nr_hot, took / 1e6);
	TH_LOG("%ld major faults until then, %ld in the 5 s after; %ld MB applied",
	       faults - before, major_faults(w->pid) - faults,
	       st.sz_applied / (long)MB);
	EXPECT_GE(cold, nr_cold * 95 / 100);
	EXPECT_EQ(0, hot);
	EXPECT_LT(major_faults(w->pid) - faults, nr_hot / 100);
	EXPECT_GE(st.sz_applied, cold * page);
}

TEST_F_TIMEOUT(reclaim, of_a_process, LIMIT_S)
{
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damon_set_target(0, self->w.pid));
	ASSERT_EQ(0, damos_new(1, "pageout"));
	ASSERT_EQ(0, damos_only_cold(0, 10));
	ASSERT_EQ(0, damon_state(0, "on"));
	expect_reclaimed(_metadata, &self->w);
}

/* Only pages of one cgroup. */
static void only_cgroup(struct __test_metadata *_metadata)
{
	ASSERT_EQ(0, damos_set_filters(0, "ops_filters",
				       FILTERS({ "memcg", false, false, "/" CGROUP })));
}

TEST_F_TIMEOUT(reclaim, of_a_cgroup, LIMIT_S)
{
	unsigned long start, end;
	struct mem_pages other;

	if (paddr_why_not())
		SKIP(return, "%s", paddr_why_not());
	ASSERT_EQ(0, ram_range(&start, &end));
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, workload_start(&self->other, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damon_write(ATTRS0 "nr_regions/min", "100"));
	ASSERT_EQ(0, damos_monitor_phys(start, end));
	ASSERT_EQ(0, damos_new(1, "pageout"));
	ASSERT_EQ(0, damos_only_cold(0, 3));
	only_cgroup(_metadata);
	ASSERT_EQ(0, damon_state(0, "on"));
	expect_reclaimed(_metadata, &self->w);

	/* Of the others, nothing at all. */
	ASSERT_EQ(0, mem_count(self->other.pid, self->other.start,
			       self->other.len, &other));
	EXPECT_EQ(self->other.len / getpagesize(),
		  (unsigned long)other.present);
	EXPECT_EQ(0, other.swapped);
}

/* All regions, hot or cold: what is young and what is not is seen by page. */
TEST_F_TIMEOUT(reclaim, young_pages_are_safe, LIMIT_S)
{
	long page = getpagesize(), start_us;
	unsigned long start, end;
	long hot, cold, faults;
	struct mem_pages other;

	if (paddr_why_not())
		SKIP(return, "%s", paddr_why_not());
	ASSERT_EQ(0, ram_range(&start, &end));
	self->w.len = 16 * MB;
	self->w.hot_len = 4 * MB;
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, workload_start(&self->other, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damos_monitor_phys(start, end));
	ASSERT_EQ(0, damos_new(1, "pageout"));
	ASSERT_EQ(0, damos_write(0, "apply_interval_us", "400000"));
	ASSERT_EQ(0, damos_set_filters(0, "ops_filters",
				       FILTERS({ "memcg", false, false, "/" CGROUP },
					       { "young", true, false })));
	faults = major_faults(self->w.pid);
	ASSERT_EQ(0, damon_state(0, "on"));
	start_us = now_us();
	do {
		usleep(200000);
		count_swapped(_metadata, &self->w, &hot, &cold);
	} while (cold < (long)(12 * MB / page) &&
		 now_us() - start_us < SETTLE_US);
	TH_LOG("%ld cold and %ld hot pages out after %.1f s", cold, hot,
	       (now_us() - start_us) / 1e6);
	EXPECT_EQ(12 * MB / page, (unsigned long)cold);
	EXPECT_EQ(0, hot);
	/* A process also has pages that it hardly ever uses. */
	EXPECT_LE(major_faults(self->w.pid) - faults, 4);
	ASSERT_EQ(0, mem_count(self->other.pid, self->other.start,
			       self->other.len, &other));
	EXPECT_EQ(0, other.swapped);
}

/* LRU lists */

static void expect_active(struct __test_metadata *_metadata,
			  const char *action, double *share)
{
	struct damos_stats st;
	double active, inactive;
	int i;

	ASSERT_EQ(0, damos_new(1, action));
	only_cgroup(_metadata);
	ASSERT_EQ(0, damon_state(0, damon_is_on(0) ? "commit" : "on"));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	active = cg_stat(CGROUP, "active_anon");
	inactive = cg_stat(CGROUP, "inactive_anon");
	ASSERT_GT(active + inactive, 0);
	*share = active / (active + inactive);
	TH_LOG("%s: %.1f %% of %.0f kB are active; %ld kB applied", action,
	       100 * *share, (active + inactive) / KB,
	       st.sz_applied / (long)KB);
	EXPECT_GT(st.sz_applied, 0);
}

TEST_F_TIMEOUT(reclaim, lru_lists, LIMIT_S)
{
	unsigned long start, end;
	double share;

	if (paddr_why_not())
		SKIP(return, "%s", paddr_why_not());
	ASSERT_EQ(0, ram_range(&start, &end));
	self->w.len = 16 * MB;
	self->w.hot_len = 0;
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damos_monitor_phys(start, end));
	expect_active(_metadata, "lru_prio", &share);
	EXPECT_GT(share, .98);
	expect_active(_metadata, "lru_deprio", &share);
	EXPECT_LT(share, .02);
	expect_active(_metadata, "lru_prio", &share);
	EXPECT_GT(share, .98);
}

/* So much free memory on a node, by tuning of the quota. */

#define WINDOW_US	3000000L
#define NR_WINDOWS	6

TEST_F_TIMEOUT(reclaim, free_memory_goal, LIMIT_S)
{
	double total, begin, goal, now, peak = 0, reached = -1;
	unsigned long start, end;
	int i;

	if (paddr_why_not())
		SKIP(return, "%s", paddr_why_not());
	ASSERT_EQ(0, node_range(0, &start, &end));
	self->w.node = 1;
	self->w.len = 64 * MB;
	self->w.hot_len = 0;
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	total = node_kb(0, "MemTotal:");
	begin = node_kb(0, "MemFree:") / total;
	/* Half of what there is to be had. */
	goal = begin + self->w.len / 2 / KB / total;

	ASSERT_EQ(0, damos_monitor_phys(start, end));
	ASSERT_EQ(0, damos_new(1, "pageout"));
	ASSERT_EQ(0, damos_write(0, "quotas/reset_interval_ms", "%ld",
				 WINDOW_US / 1000));
	ASSERT_EQ(0, damos_write(0, "quotas/weights/age_permil", "1000"));
	ASSERT_EQ(0, damon_write(GOALS0 "nr_goals", "1"));
	ASSERT_EQ(0, damon_write(GOALS0 "0/target_metric",
				 "node_mem_free_bp"));
	ASSERT_EQ(0, damon_write(GOALS0 "0/target_value", "%ld",
				 (long)(goal * 10000)));
	ASSERT_EQ(0, damon_state(0, "on"));
	/* What is freed shall be seen to be free, and not kept by the CPUs. */
	file_write(PCP_FRACTION, "100000");
	for (i = 1; i <= NR_WINDOWS; i++) {
		usleep(WINDOW_US);
		now = node_kb(0, "MemFree:") / total;
		peak = now > peak ? now : peak;
		TH_LOG("%d: %.2f %% free, quota %ld kB", i, now * 100,
		       damon_state(0, "update_schemes_effective_quotas") ?:
		       damon_read_long(QUOTAS0 "effective_bytes") / 1024);
		if (reached < 0 && now >= begin + .95 * (goal - begin))
			reached = i;
	}
	file_write(PCP_FRACTION, "0");
	TH_LOG("free: %.2f %% at first, %.2f %% wanted, %.2f %% at last, %.2f %% at most",
	       begin * 100, goal * 100, now * 100, peak * 100);
	TH_LOG("95 %% of the way after %.0f windows", reached);
	EXPECT_GT(reached, 0);
	EXPECT_LE(reached, 3);
	EXPECT_GE(now, goal * .98);
	EXPECT_LE(peak, goal + .15 * (goal - begin));
}

TEST_HARNESS_MAIN
