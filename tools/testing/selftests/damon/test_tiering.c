// SPDX-License-Identifier: GPL-2.0
/*
 * Migration between nodes: what is asked for goes where it is asked to go.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_scheme.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define LIMIT_S		240
#define SETTLE_US	60000000L

#define SAMPLE_US	5000L
#define AGGR_US		100000L

#define CGROUP		"damon_tiering"

FIXTURE(tiering) {
	struct workload w;
};

FIXTURE_SETUP(tiering)
{
	const char *why = damon_why_not() ?: nodes_why_not() ?: cg_why_not();

	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, cg_make(CGROUP));
	self->w.cgroup = CGROUP;
	self->w.node = 1;	/* node 0 */
	self->w.len = 16 * MB;
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, AGGR_US, 60000000));
}

FIXTURE_TEARDOWN(tiering)
{
	EXPECT_EQ(0, damon_cleanup());
	workload_stop(&self->w);
	cg_remove(CGROUP);
}

/* Pages on a node, of the hot part and of the rest. */
static void count_on(struct __test_metadata *_metadata,
		     const struct workload *w, int node, long *hot, long *cold)
{
	*hot = mem_on_node(w->pid, w->start + w->hot, w->hot_len, node);
	*cold = mem_on_node(w->pid, w->start, w->len, node);
	ASSERT_GE(*hot, 0);
	ASSERT_GE(*cold, 0);
	*cold -= *hot;
}

/* Two schemes, as a tiering daemon would have them. */
static void set_schemes(struct __test_metadata *_metadata,
			const struct damos_test_filter *old,
			const struct damos_test_filter *young)
{
	ASSERT_EQ(0, damos_new(2, "migrate_cold"));
	ASSERT_EQ(0, damos_write(0, "target_nid", "1"));
	ASSERT_EQ(0, damos_set_filters(0, "ops_filters", old));
	ASSERT_EQ(0, damos_write(1, "action", "migrate_hot"));
	ASSERT_EQ(0, damos_write(1, "target_nid", "0"));
	ASSERT_EQ(0, damos_set_filters(1, "ops_filters", young));
}

/* Until hot and cold pages are where they belong. */
static void expect_tiers(struct __test_metadata *_metadata,
			 const struct workload *w, const char *what)
{
	long page = getpagesize(), start = now_us();
	long nr_hot = w->hot_len / page, nr_cold = w->len / page - nr_hot;
	long hot0, cold0, hot1, cold1;

	do {
		usleep(AGGR_US);
		count_on(_metadata, w, 0, &hot0, &cold0);
		count_on(_metadata, w, 1, &hot1, &cold1);
	} while ((hot0 < nr_hot * 95 / 100 || cold1 < nr_cold * 95 / 100) &&
		 now_us() - start < SETTLE_US);
	TH_LOG("%s: after %.1f s, hot: %ld + %ld pages, cold: %ld + %ld pages",
	       what, (now_us() - start) / 1e6, hot0, hot1, cold0, cold1);
	EXPECT_GE(hot0, nr_hot * 95 / 100);
	EXPECT_GE(cold1, nr_cold * 95 / 100);
}

/* Each page is on one of the two nodes; told when none is on its way. */
static void expect_all_there(struct __test_metadata *_metadata,
			     const struct workload *w)
{
	long hot0, cold0, hot1, cold1;

	ASSERT_EQ(0, damon_state(0, "off"));
	count_on(_metadata, w, 0, &hot0, &cold0);
	count_on(_metadata, w, 1, &hot1, &cold1);
	EXPECT_EQ((long)w->len / getpagesize(), hot0 + cold0 + hot1 + cold1);
}

static void follow(struct __test_metadata *_metadata, struct workload *w)
{
	expect_tiers(_metadata, w, "at first");
	/* Other pages become hot: they come back, the old ones go. */
	workload_move(w, 2 * MB, 4 * MB);
	expect_tiers(_metadata, w, "moved");
	expect_all_there(_metadata, w);
}

TEST_F_TIMEOUT(tiering, of_a_process, LIMIT_S)
{
	self->w.hot = 10 * MB;
	self->w.hot_len = 4 * MB;
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ((long)self->w.len / getpagesize(),
		  mem_on_node(self->w.pid, self->w.start, self->w.len, 0));
	set_schemes(_metadata,
		    FILTERS({ "young", true, false }), FILTERS({}));
	ASSERT_EQ(0, damos_only_cold(0, 5));
	ASSERT_EQ(0, damos_only_hot(1, 5));
	ASSERT_EQ(0, damos_monitor(&self->w));
	ASSERT_EQ(0, damon_state(0, "on"));
	follow(_metadata, &self->w);
}

TEST_F_TIMEOUT(tiering, of_physical_memory, LIMIT_S)
{
	unsigned long start, end;

	if (paddr_why_not())
		SKIP(return, "%s", paddr_why_not());
	ASSERT_EQ(0, ram_range(&start, &end));
	self->w.hot = 10 * MB;
	self->w.hot_len = 4 * MB;
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	/*
	 * What is moved lands anywhere, so that hot and cold pages are soon
	 * neighbours: each page is judged on its own, by both schemes, and not
	 * at the same time, as looking at a page makes it old.
	 */
	set_schemes(_metadata,
		    FILTERS({ "memcg", false, false, "/" CGROUP },
			    { "young", true, false }),
		    FILTERS({ "memcg", false, false, "/" CGROUP },
			    { "young", false, false }));
	ASSERT_EQ(0, damos_write(0, "apply_interval_us", "400000"));
	ASSERT_EQ(0, damos_write(1, "apply_interval_us", "600000"));
	ASSERT_EQ(0, damos_monitor_phys(start, end));
	ASSERT_EQ(0, damon_state(0, "on"));
	follow(_metadata, &self->w);
}

/* All of the memory to one place, with plain passes. */
static void migrate(struct __test_metadata *_metadata, struct workload *w)
{
	int i;

	ASSERT_EQ(0, damos_monitor(w));
	ASSERT_EQ(0, damon_state(0, "on"));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
}

TEST_F_TIMEOUT(tiering, weights, LIMIT_S)
{
	long nr = self->w.len / getpagesize(), on[2];
	int node;

	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damos_new(1, "migrate_cold"));
	ASSERT_EQ(0, damon_write(S0 "dests/nr_dests", "2"));
	for (node = 0; node < 2; node++) {
		char file[32];

		snprintf(file, sizeof(file), "dests/%d/id", node);
		ASSERT_EQ(0, damos_write(0, file, "%d", node));
		snprintf(file, sizeof(file), "dests/%d/weight", node);
		ASSERT_EQ(0, damos_write(0, file, "%d", node ? 3 : 1));
	}
	migrate(_metadata, &self->w);
	for (node = 0; node < 2; node++)
		on[node] = mem_on_node(self->w.pid, self->w.start, self->w.len,
				       node);
	TH_LOG("1:3 is %.2f %% to %.2f %%", on[0] * 100.0 / nr,
	       on[1] * 100.0 / nr);
	EXPECT_EQ(nr, on[0] + on[1]);
	EXPECT_GE(on[1], nr * 72 / 100);
	EXPECT_LE(on[1], nr * 78 / 100);
}

TEST_F(tiering, nowhere)
{
	static const char * const nodes[] = { "-1", "-5", "2", "7", "123456" };
	long nr = self->w.len / getpagesize();
	struct damos_stats st;
	int i;

	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	for (i = 0; i < (int)ARRAY_SIZE(nodes); i++) {
		ASSERT_EQ(0, damos_new(1, "migrate_cold"));
		ASSERT_EQ(0, damos_write(0, "target_nid", "%s", nodes[i]));
		migrate(_metadata, &self->w);
		ASSERT_EQ(0, damos_fetch_stats(0, &st));
		EXPECT_GT(st.sz_tried, 0);
		EXPECT_EQ(0, st.sz_applied) TH_LOG("to node %s", nodes[i]);
		EXPECT_EQ(nr, mem_on_node(self->w.pid, self->w.start,
					  self->w.len, 0));
		ASSERT_EQ(0, damon_state(0, "off"));
	}
}

/* Where there is no room nothing goes elsewhere and counts as success. */
TEST_F_TIMEOUT(tiering, no_room, LIMIT_S)
{
	struct workload filler = { .node = 2 };
	struct damos_stats st;
	long moved, room;

	self->w.len = 48 * MB;
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	filler.len = (node_kb(1, "MemFree:") * KB - 24 * MB) & -(2 * MB);
	ASSERT_EQ(0, workload_start(&filler, WORKLOAD_THP));
	room = node_kb(1, "MemFree:");
	ASSERT_EQ(0, damos_new(1, "migrate_cold"));
	ASSERT_EQ(0, damos_write(0, "target_nid", "1"));
	migrate(_metadata, &self->w);
	ASSERT_EQ(0, damon_state(0, "update_schemes_stats"));
	/* Nothing new from here on. */
	ASSERT_EQ(0, damon_write(C0 "pause", "1"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	moved = mem_on_node(self->w.pid, self->w.start, self->w.len, 1);
	TH_LOG("room for %ld kB: %ld kB moved, %ld kB said to be", room,
	       moved * getpagesize() / (long)KB, st.sz_applied / (long)KB);
	EXPECT_EQ(moved * getpagesize(), st.sz_applied);
	EXPECT_LT(moved, (long)self->w.len / getpagesize());
	EXPECT_EQ((long)self->w.len / getpagesize(), moved +
		  mem_on_node(self->w.pid, self->w.start, self->w.len, 0));
	workload_stop(&filler);
}

TEST_F_TIMEOUT(tiering, huge_pages, LIMIT_S)
{
	long nr = self->w.len / getpagesize();

	if (workload_start(&self->w, WORKLOAD_THP) ||
	    smaps_kb(self->w.pid, self->w.start, "AnonHugePages:") * KB <
	    self->w.len)
		SKIP(return, "no transparent huge pages");
	ASSERT_EQ(0, damos_new(1, "migrate_hot"));
	ASSERT_EQ(0, damos_write(0, "target_nid", "1"));
	migrate(_metadata, &self->w);
	EXPECT_EQ(nr, mem_on_node(self->w.pid, self->w.start, self->w.len, 1));
	EXPECT_EQ(self->w.len / KB, (unsigned long)
		  smaps_kb(self->w.pid, self->w.start, "AnonHugePages:"));
}

TEST_HARNESS_MAIN
