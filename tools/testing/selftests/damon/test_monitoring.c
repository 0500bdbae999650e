// SPDX-License-Identifier: GPL-2.0
/*
 * What the monitoring finds out about real processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_trace.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define WAIT_MS		20000
#define MAX_SNAPSHOTS	100
#define LIMIT_S		120

/* Slow enough for an emulated machine that has other things to do, too. */
#define SAMPLE_US	40000L
#define AGGR_US		400000L
#define MAX_ACCESSES	10

#define EVENTS		"damon_aggregated damon_monitor_intervals_tune"

FIXTURE(monitoring) {
	struct workload w;
	struct damon_trace tr;
	struct damon_snapshot s;
};

FIXTURE_SETUP(monitoring)
{
	const char *why = damon_why_not() ?: damon_trace_why_not();

	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, damon_trace_open(&self->tr, EVENTS));
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, AGGR_US, 60000000));
}

FIXTURE_TEARDOWN(monitoring)
{
	EXPECT_EQ(0, damon_cleanup());
	EXPECT_EQ(0, self->tr.bad);
	damon_trace_close(&self->tr);
	workload_stop(&self->w);
}

static void monitor_workload(struct __test_metadata *_metadata,
			     struct workload *w)
{
	ASSERT_EQ(0, damon_write(C0 "operations", "fvaddr"));
	ASSERT_EQ(0, damon_set_target(0, w->pid));
	ASSERT_EQ(0, damon_set_region(w->start, w->start + w->len));
	ASSERT_EQ(0, damon_state(0, "on"));
}

/* Until the snapshots show the hot part hot, and the rest cold. */
static bool hot_part_is_found(struct __test_metadata *_metadata,
			      const struct workload *w,
			      struct damon_trace *tr, struct damon_snapshot *s)
{
	unsigned long hot = w->start + w->hot;
	double heat = 0, before = 0, behind = 0;
	int i;

	for (i = 0; i < MAX_SNAPSHOTS; i++) {
		if (!damon_trace_snapshot(tr, WAIT_MS, s))
			break;
		heat = damon_snapshot_heat(s, hot, hot + w->hot_len);
		before = damon_snapshot_heat(s, w->start, hot);
		behind = damon_snapshot_heat(s, hot + w->hot_len,
					     w->start + w->len);
		if (heat > .8 * MAX_ACCESSES && before < .05 * MAX_ACCESSES &&
		    behind < .05 * MAX_ACCESSES)
			return true;
	}
	TH_LOG("after %d snapshots: %.2f, hot %.2f, %.2f", i, before, heat,
	       behind);
	return false;
}

TEST_F_TIMEOUT(monitoring, hot_part_is_found, LIMIT_S)
{
	struct workload *w = &self->w;
	unsigned int i;

	w->len = 64 * MB;
	w->hot = 20 * MB;
	w->hot_len = 8 * MB;
	ASSERT_EQ(0, workload_start(w, WORKLOAD_BASE_PAGES));
	monitor_workload(_metadata, w);
	EXPECT_TRUE(hot_part_is_found(_metadata, w, &self->tr, &self->s));

	/* A snapshot covers the whole, in order, within the limits. */
	EXPECT_EQ(0, self->s.target_id);
	EXPECT_EQ(w->start, self->s.r[0].start);
	EXPECT_EQ(w->start + w->len, self->s.r[self->s.nr - 1].end);
	EXPECT_GE(self->s.nr, 10);
	EXPECT_LE(self->s.nr, 1000);
	for (i = 0; i < self->s.nr; i++) {
		const struct damon_trace_region *r = &self->s.r[i];

		EXPECT_LT(r->start, r->end);
		EXPECT_EQ(0, r->start % getpagesize());
		EXPECT_LE(r->nr_accesses, MAX_ACCESSES);
		if (i)
			EXPECT_EQ(r[-1].end, r->start);
	}
}

TEST_F_TIMEOUT(monitoring, transparent_huge_pages, LIMIT_S)
{
	struct workload *w = &self->w;

	w->len = 64 * MB;
	w->hot = 20 * MB;
	w->hot_len = 8 * MB;
	if (workload_start(w, WORKLOAD_THP) ||
	    !smaps_kb(w->pid, w->start, "AnonHugePages:"))
		SKIP(return, "no transparent huge pages");
	monitor_workload(_metadata, w);
	EXPECT_TRUE(hot_part_is_found(_metadata, w, &self->tr, &self->s));
	EXPECT_GT(smaps_kb(w->pid, w->start, "AnonHugePages:"), 0);
}

/*
 * 32 pages out of four million.  Samples alone would have to be lucky, but page
 * tables tell roughly where to look.
 */
TEST_F_TIMEOUT(monitoring, needle_in_a_haystack, LIMIT_S)
{
	struct workload *w = &self->w;
	double heat = 0;
	int i;

	w->len = 16384 * MB;
	w->hot = 11111 * MB + 384 * KB;
	w->hot_len = 128 * KB;
	ASSERT_EQ(0, workload_start(w, WORKLOAD_SPARSE));
	monitor_workload(_metadata, w);
	for (i = 0; i < MAX_SNAPSHOTS && heat < .8 * MAX_ACCESSES; i++) {
		ASSERT_TRUE(damon_trace_snapshot(&self->tr, WAIT_MS, &self->s));
		heat = damon_snapshot_heat(&self->s, w->start + w->hot,
					   w->start + w->hot + w->hot_len);
	}
	TH_LOG("after %d snapshots: %.2f", i, heat);
	EXPECT_GE(heat, .8 * MAX_ACCESSES);
}

#define NR_HUGEPAGES	"/proc/sys/vm/nr_hugepages"

static long nr_hugepages(long nr)
{
	FILE *f = fopen(NR_HUGEPAGES, "r+");
	long old = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%ld", &old) == 1) {
		rewind(f);
		fprintf(f, "%ld", nr);
	}
	fclose(f);
	return old;
}

TEST_F_TIMEOUT(monitoring, hugetlb_pages, LIMIT_S)
{
	struct workload *w = &self->w;
	long old = nr_hugepages(32);

	w->len = 32 * MB;
	w->hot = 12 * MB;
	w->hot_len = 8 * MB;
	if (old < 0 || workload_start(w, WORKLOAD_HUGETLB)) {
		if (old >= 0)
			nr_hugepages(old);
		SKIP(return, "no hugetlb pages");
	}
	monitor_workload(_metadata, w);
	EXPECT_TRUE(hot_part_is_found(_metadata, w, &self->tr, &self->s));
	workload_stop(w);
	nr_hugepages(old);
}

/* Following the mappings */

struct range {
	unsigned long start;
	unsigned long end;
};

/* The three ranges around the two largest gaps between mappings. */
static void three_ranges(struct __test_metadata *_metadata, pid_t pid,
			 struct range three[3])
{
	struct range gap[2] = {}, map, last = {};
	unsigned long first = 0;
	char path[64], line[512];
	int words;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "r");
	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f)) {
		words = sscanf(line, "%lx-%lx", &map.start, &map.end);
		ASSERT_EQ(2, words);
		/* Not a mapping of the process. */
		if (strstr(line, "[vsyscall]"))
			continue;
		if (!last.end) {
			first = map.start;
		} else if (map.start - last.end > gap[0].end - gap[0].start) {
			gap[1] = gap[0];
			gap[0] = (struct range){ last.end, map.start };
		} else if (map.start - last.end > gap[1].end - gap[1].start) {
			gap[1] = (struct range){ last.end, map.start };
		}
		last = map;
	}
	fclose(f);
	if (gap[0].start > gap[1].start) {
		map = gap[0];
		gap[0] = gap[1];
		gap[1] = map;
	}
	three[0] = (struct range){ first, gap[0].start };
	three[1] = (struct range){ gap[0].end, gap[1].start };
	three[2] = (struct range){ gap[1].end, last.end };
}

/* Whether the regions cover exactly these ranges. */
static bool covers(const struct damon_snapshot *s, const struct range three[3])
{
	struct range got[3] = {};
	unsigned int i;
	int n = 0;

	for (i = 0; i < s->nr; i++) {
		if (!i || s->r[i].start != s->r[i - 1].end) {
			if (n == 3)
				return false;
			got[n++].start = s->r[i].start;
		}
		got[n - 1].end = s->r[i].end;
	}
	return n == 3 && !memcmp(got, three, sizeof(got));
}

TEST_F(monitoring, vaddr_follows_the_mappings)
{
	unsigned long page = getpagesize();
	struct range three[3];
	void *mem;
	int i;

	/* This process maps things while it is looked at. */
	ASSERT_EQ(0, damon_set_intervals(1000, 20000, 60000000));
	ASSERT_EQ(0, damon_set_target(0, getpid()));
	three_ranges(_metadata, getpid(), three);
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_TRUE(damon_trace_snapshot(&self->tr, WAIT_MS, &self->s));
	EXPECT_TRUE(covers(&self->s, three));

	/* In the middle of the largest gap, but that is not known yet. */
	mem = mmap((void *)((three[1].start / 2 + three[0].end / 2) & -page),
		   MB, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	ASSERT_NE(MAP_FAILED, mem);
	damon_trace_drain(&self->tr);
	ASSERT_TRUE(damon_trace_snapshot(&self->tr, WAIT_MS, &self->s));
	EXPECT_TRUE(covers(&self->s, three));

	ASSERT_EQ(0, damon_write(INTERVALS0 "update_us", "50000"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	three_ranges(_metadata, getpid(), three);
	for (i = 0; i < MAX_SNAPSHOTS; i++) {
		ASSERT_TRUE(damon_trace_snapshot(&self->tr, WAIT_MS,
						 &self->s));
		if (covers(&self->s, three))
			break;
	}
	EXPECT_LT(i, MAX_SNAPSHOTS);
	munmap(mem, MB);
}

/* What the user gives counts until the first update. */
TEST_F(monitoring, vaddr_with_ranges)
{
	struct range three[3];
	int i;

	self->w.len = 4 * MB;
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	three_ranges(_metadata, self->w.pid, three);
	ASSERT_EQ(0, damon_set_intervals(1000, 20000, 200000));
	ASSERT_EQ(0, damon_set_target(0, self->w.pid));
	ASSERT_EQ(0, damon_set_region(self->w.start, self->w.start + MB));
	ASSERT_EQ(0, damon_state(0, "on"));

	ASSERT_TRUE(damon_trace_snapshot(&self->tr, WAIT_MS, &self->s));
	EXPECT_EQ(self->w.start, self->s.r[0].start);
	EXPECT_EQ(self->w.start + MB, self->s.r[self->s.nr - 1].end);
	for (i = 0; i < MAX_SNAPSHOTS; i++) {
		ASSERT_TRUE(damon_trace_snapshot(&self->tr, WAIT_MS,
						 &self->s));
		if (covers(&self->s, three))
			break;
	}
	EXPECT_LT(i, MAX_SNAPSHOTS);
}

TEST_F_TIMEOUT(monitoring, several_processes, LIMIT_S)
{
	struct workload w[2] = { { .len = 16 * MB, .hot_len = 4 * MB },
				 { .len = 16 * MB } };
	bool found = false;
	double heat;
	int i;

	ASSERT_EQ(0, workload_start(&w[0], WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, workload_start(&w[1], WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damon_write(TARGETS0 "nr_targets", "2"));
	ASSERT_EQ(0, damon_write(T0 "pid_target", "%d", w[0].pid));
	ASSERT_EQ(0, damon_write(TARGETS0 "1/pid_target", "%d", w[1].pid));
	ASSERT_EQ(0, damon_state(0, "on"));

	for (i = 0; i < MAX_SNAPSHOTS && !found; i++) {
		ASSERT_TRUE(damon_trace_snapshot(&self->tr, WAIT_MS,
						 &self->s));
		if (self->s.target_id)
			continue;
		heat = damon_snapshot_heat(&self->s, w[0].start,
					   w[0].start + w[0].hot_len);
		ASSERT_TRUE(damon_trace_snapshot(&self->tr, WAIT_MS,
						 &self->s));
		ASSERT_EQ(1, self->s.target_id);
		found = heat > .8 * MAX_ACCESSES &&
			damon_snapshot_heat(&self->s, w[1].start,
					    w[1].start + w[1].len) <
			.05 * MAX_ACCESSES;
	}
	EXPECT_TRUE(found);
	workload_stop(&w[0]);
	workload_stop(&w[1]);
}

/* Tuning of the intervals */

static void tune(struct __test_metadata *_metadata, struct workload *w,
		 long access_bp)
{
	ASSERT_EQ(0, workload_start(w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damon_set_intervals(4000, 40000, 60000000));
	ASSERT_EQ(0, damon_write(GOAL0 "access_bp", "%ld", access_bp));
	ASSERT_EQ(0, damon_write(GOAL0 "aggrs", "2"));
	ASSERT_EQ(0, damon_write(GOAL0 "min_sample_us", "2000"));
	ASSERT_EQ(0, damon_write(GOAL0 "max_sample_us", "20000"));
	monitor_workload(_metadata, w);
}

static void expect_tuned(struct __test_metadata *_metadata,
			 struct damon_trace *tr, long sample_us)
{
	char text[DAMON_TRACE_LINE], want[DAMON_TRACE_LINE];

	snprintf(want, sizeof(want), "sample_us=%ld", sample_us);
	ASSERT_TRUE(damon_trace_next(tr, "damon_monitor_intervals_tune",
				     WAIT_MS, text));
	EXPECT_STREQ(want, text);
}

TEST_F(monitoring, intervals_get_longer)
{
	self->w.len = 4 * MB;
	tune(_metadata, &self->w, 400);

	/* Nothing happens, so twice as long each time, up to the limit. */
	expect_tuned(_metadata, &self->tr, 8000);
	expect_tuned(_metadata, &self->tr, 16000);
	expect_tuned(_metadata, &self->tr, 20000);
	expect_tuned(_metadata, &self->tr, 20000);

	EXPECT_EQ(4000, damon_read_long(INTERVALS0 "sample_us"));
	EXPECT_EQ(0, damon_state(0, "update_tuned_intervals"));
	EXPECT_EQ(20000, damon_read_long(INTERVALS0 "sample_us"));
	EXPECT_EQ(200000, damon_read_long(INTERVALS0 "aggr_us"));
	EXPECT_EQ(60000000, damon_read_long(INTERVALS0 "update_us"));
}

TEST_F(monitoring, intervals_get_shorter)
{
	self->w.len = 2 * MB;
	self->w.hot_len = 2 * MB;
	tune(_metadata, &self->w, 1);

	/* Far more happens than wanted. */
	expect_tuned(_metadata, &self->tr, 2000);
	EXPECT_EQ(0, damon_state(0, "update_tuned_intervals"));
	EXPECT_EQ(2000, damon_read_long(INTERVALS0 "sample_us"));
	EXPECT_EQ(20000, damon_read_long(INTERVALS0 "aggr_us"));
}

static bool intervals_are_shown(void *arg)
{
	return damon_read_long(INTERVALS0 "sample_us") == 20000 &&
	       damon_read_long(INTERVALS0 "aggr_us") == 200000;
}

TEST_F(monitoring, refresh)
{
	ASSERT_EQ(0, damon_write(K0 "refresh_ms", "20"));
	self->w.len = 4 * MB;
	tune(_metadata, &self->w, 400);
	EXPECT_TRUE(wait_until(intervals_are_shown, NULL));

	/* Online, too: without it the files are left alone. */
	ASSERT_EQ(0, damon_write(K0 "refresh_ms", "0"));
	usleep(100000);
	ASSERT_EQ(0, damon_write(INTERVALS0 "sample_us", "1"));
	usleep(200000);
	EXPECT_EQ(1, damon_read_long(INTERVALS0 "sample_us"));
	ASSERT_EQ(0, damon_write(K0 "refresh_ms", "20"));
	EXPECT_TRUE(wait_until(intervals_are_shown, NULL));
}

TEST_HARNESS_MAIN
