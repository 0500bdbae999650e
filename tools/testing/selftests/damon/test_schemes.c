// SPDX-License-Identifier: GPL-2.0
/*
 * Operation schemes: when they are applied, to what, and what is told of it.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_scheme.h"
#include "damon_trace.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define WAIT_MS		20000

#define SAMPLE_US	5000L
#define AGGR_US		50000L

#define EVENTS		"damos_before_apply damos_stat_after_apply_interval " \
			"damos_esz damon_region_aggregated"

FIXTURE(schemes) {
	struct workload idle;
	struct damon_trace tr;
};

FIXTURE_SETUP(schemes)
{
	const char *why = damon_why_not() ?: damon_trace_why_not();

	if (why)
		SKIP(return, "%s", why);
	self->idle.len = 8 * MB;
	ASSERT_EQ(0, workload_start(&self->idle, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damon_trace_open(&self->tr, EVENTS));
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, AGGR_US, 60000000));
	ASSERT_EQ(0, damos_monitor(&self->idle));
	ASSERT_EQ(0, damos_new(1, "stat"));
}

FIXTURE_TEARDOWN(schemes)
{
	EXPECT_EQ(0, damon_cleanup());
	damon_trace_close(&self->tr);
	workload_stop(&self->idle);
}

static bool has_snapshots(void *nr)
{
	struct damos_stats st;

	return !damos_fetch_stats(0, &st) && st.nr_snapshots >= *(long *)nr;
}

static void wait_snapshots(struct __test_metadata *_metadata, long nr)
{
	ASSERT_TRUE(wait_until(has_snapshots, &nr));
}

/* Each pass over memory that is all of one kind adds up. */
TEST_F(schemes, statistics)
{
	struct damos_stats st;

	ASSERT_EQ(0, damon_state(0, "on"));
	wait_snapshots(_metadata, 5);
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	EXPECT_EQ((unsigned long)st.sz_tried,
		  st.nr_snapshots * self->idle.len);
	EXPECT_GE(st.nr_tried, 3 * st.nr_snapshots);
	EXPECT_EQ(0, st.nr_applied);
	EXPECT_EQ(0, st.sz_applied);
	EXPECT_EQ(0, st.sz_ops_filter_passed);
	EXPECT_EQ(0, st.qt_exceeds);

	/* They stay until the next run has been asked for its own. */
	ASSERT_EQ(0, damon_state(0, "off"));
	EXPECT_EQ(st.nr_tried, damon_read_long(S0 "stats/nr_tried"));
	ASSERT_EQ(0, damon_write(S0 "apply_interval_us", "1000000000"));
	ASSERT_EQ(0, damon_state(0, "on"));
	EXPECT_EQ(st.nr_tried, damon_read_long(S0 "stats/nr_tried"));
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	EXPECT_EQ(0, st.nr_tried);
	EXPECT_EQ(0, st.nr_snapshots);
}

/* A pattern of zeros, the default, fits nothing. */
TEST_F(schemes, pattern)
{
	static const struct {
		const char *file;
		const char *value;
		bool fits;
	} patterns[] = {
		{ "access_pattern/sz/max", "0", false },
		{ "access_pattern/sz/min", "18446744073709551615", false },
		{ "access_pattern/sz/min", "4096", true },
		{ "access_pattern/nr_accesses/min", "1", false },
		{ "access_pattern/nr_accesses/max", "0", true },
		{ "access_pattern/nr_accesses/max", "18446744073709551615",
		  true },
		{ "access_pattern/age/min", "4000000000", false },
		{ "access_pattern/age/max", "18446744073709551615", true },
	};
	struct damos_tried t;
	int i;

	ASSERT_EQ(0, damon_state(0, "on"));
	/* The first aggregation may see what happened before. */
	wait_snapshots(_metadata, 3);
	for (i = 0; i < (int)ARRAY_SIZE(patterns); i++) {
		ASSERT_EQ(0, damos_new(1, "stat"));
		ASSERT_EQ(0, damos_write(0, patterns[i].file, "%s",
					 patterns[i].value));
		ASSERT_EQ(0, damon_state(0, "commit"));
		ASSERT_EQ(0, damos_fetch_tried(0, &t));
		EXPECT_EQ(patterns[i].fits ? self->idle.len : 0,
			  (unsigned long)t.total_bytes)
			TH_LOG("%s %s", patterns[i].file, patterns[i].value);
	}
	ASSERT_EQ(0, damon_write(SCHEMES0 "nr_schemes", "1"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	ASSERT_EQ(0, damos_fetch_tried(0, &t));
	EXPECT_EQ(0, t.total_bytes);
}

TEST_F(schemes, tried_regions)
{
	const struct workload *w = &self->idle;
	struct damos_tried t, again;
	struct stat st;

	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, damos_fetch_tried(0, &t));
	EXPECT_GE(t.nr, 3);
	EXPECT_EQ(w->start, t.start);
	EXPECT_EQ(w->start + w->len, t.end);
	EXPECT_EQ(w->len, t.bytes);
	EXPECT_EQ(w->len, (unsigned long)t.total_bytes);
	EXPECT_EQ(0, t.disorder);
	EXPECT_EQ(0, t.passed);
	EXPECT_EQ(0, stat(DAMON_ADMIN S0 "tried_regions/0/start", &st));
	EXPECT_EQ(0400, st.st_mode & 07777);
	EXPECT_EQ(0, stat(DAMON_ADMIN S0 "tried_regions/0/probes", &st));
	EXPECT_EQ(0755, st.st_mode & 07777);
	EXPECT_FALSE(damon_exists(S0 "tried_regions/0/probes/0"));

	/* The sum alone; regions that were there go. */
	EXPECT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
	ASSERT_EQ(0, damos_read_tried(0, &t));
	EXPECT_EQ(0, t.nr);
	EXPECT_EQ(w->len, (unsigned long)t.total_bytes);

	ASSERT_EQ(0, damos_fetch_tried(0, &t));
	EXPECT_EQ(0, damon_state(0, "clear_schemes_tried_regions"));
	ASSERT_EQ(0, damos_read_tried(0, &again));
	EXPECT_EQ(0, again.nr);
	EXPECT_EQ(0, again.total_bytes);

	/* They outlive the run, and can be cleared then, too. */
	ASSERT_EQ(0, damos_fetch_tried(0, &t));
	ASSERT_EQ(0, damon_state(0, "off"));
	EXPECT_EQ(-ECANCELED, damon_state(0, "update_schemes_tried_bytes"));
	EXPECT_EQ(0, damon_state(0, "clear_schemes_tried_regions"));
	EXPECT_FALSE(damon_exists(S0 "tried_regions/0"));
}

TEST_F(schemes, failed_update_leaves_no_regions)
{
	struct damos_tried t;

	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, damos_fetch_tried(0, &t));
	ASSERT_GT(t.nr, 0);
	ASSERT_EQ(0, damon_write(C0 "pause", "Y"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	EXPECT_EQ(-ECANCELED, damon_state(0, "update_schemes_tried_regions"));
	ASSERT_EQ(0, damos_read_tried(0, &t));
	EXPECT_EQ(0, t.nr);
	EXPECT_EQ(0, t.total_bytes);
}

TEST_F(schemes, apply_intervals)
{
	struct damos_stats fast, slow;

	ASSERT_EQ(0, damos_new(2, "stat"));
	ASSERT_EQ(0, damos_write(0, "apply_interval_us", "10000"));
	ASSERT_EQ(0, damos_write(1, "apply_interval_us", "100000"));
	ASSERT_EQ(0, damon_state(0, "on"));
	do {
		usleep(100000);
		ASSERT_EQ(0, damos_fetch_stats(0, &fast));
		ASSERT_EQ(0, damos_read_stats(1, &slow));
	} while (slow.nr_snapshots < 30);
	TH_LOG("%ld and %ld passes, %ld and %ld regions", fast.nr_snapshots,
	       slow.nr_snapshots, fast.nr_tried, slow.nr_tried);
	EXPECT_GE(fast.nr_tried, 9 * slow.nr_tried);
	EXPECT_GE(fast.nr_snapshots, 9 * slow.nr_snapshots);
	EXPECT_LE(fast.nr_snapshots, 11 * slow.nr_snapshots);
}

TEST_F(schemes, max_nr_snapshots)
{
	struct damos_stats st, later;
	struct damos_tried t;

	ASSERT_EQ(0, damon_write(S0 "stats/max_nr_snapshots", "3"));
	ASSERT_EQ(0, damon_state(0, "on"));
	wait_snapshots(_metadata, 3);
	usleep(6 * AGGR_US);
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	EXPECT_EQ(3, st.nr_snapshots);
	EXPECT_EQ(3 * self->idle.len, (unsigned long)st.sz_tried);

	/* Those who wait for a pass do not wait for ever. */
	EXPECT_EQ(0, damos_fetch_tried(0, &t));
	EXPECT_EQ(0, t.total_bytes);

	ASSERT_EQ(0, damon_write(S0 "stats/max_nr_snapshots", "5"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	wait_snapshots(_metadata, 5);
	usleep(6 * AGGR_US);
	ASSERT_EQ(0, damos_fetch_stats(0, &later));
	EXPECT_EQ(5, later.nr_snapshots);
	EXPECT_EQ(5 * self->idle.len, (unsigned long)later.sz_tried);
}

/* What is not for an operation set is tried and never applied. */
TEST_F(schemes, unsupported_actions)
{
	static const char * const actions[] = { "lru_prio", "lru_deprio" };
	struct damos_stats st;
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, damos_new(1, actions[i]));
		ASSERT_EQ(0, damon_state(0, "on"));
		wait_snapshots(_metadata, 2);
		ASSERT_EQ(0, damos_fetch_stats(0, &st));
		EXPECT_GT(st.sz_tried, 0);
		EXPECT_EQ(0, st.nr_applied);
		EXPECT_EQ(0, st.sz_applied);
		ASSERT_EQ(0, damon_state(0, "off"));
	}
}

/* Commits */

TEST_F(schemes, commit_keeps_statistics)
{
	struct damos_stats before, st;

	ASSERT_EQ(0, damon_state(0, "on"));
	wait_snapshots(_metadata, 10);
	ASSERT_EQ(0, damos_fetch_stats(0, &before));
	ASSERT_EQ(0, damon_state(0, "commit"));
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	EXPECT_GE(st.nr_tried, before.nr_tried);
	EXPECT_GE(st.nr_snapshots, before.nr_snapshots);

	/* Another one begins with nothing, and first waits its interval. */
	ASSERT_EQ(0, damos_new(2, "stat"));
	ASSERT_EQ(0, damos_write(1, "apply_interval_us", "1000000000"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	EXPECT_GE(st.nr_tried, before.nr_tried);
	ASSERT_EQ(0, damos_read_stats(1, &st));
	EXPECT_EQ(0, st.nr_tried);

	/* It goes, the first one stays; other action, same statistics. */
	ASSERT_EQ(0, damos_new(1, "lru_prio"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	EXPECT_GE(st.nr_tried, before.nr_tried);
}

TEST_F(schemes, refused_commit_changes_nothing)
{
	struct damos_stats before, st;
	struct damos_tried t;

	ASSERT_EQ(0, damon_state(0, "on"));
	wait_snapshots(_metadata, 3);
	ASSERT_EQ(0, damos_fetch_stats(0, &before));

	ASSERT_EQ(0, damos_new(2, "pageout"));
	ASSERT_EQ(0, damon_set_intervals(7000, 70000, 60000000));
	ASSERT_EQ(0, damos_write(1, "filters/nr_filters", "1"));
	ASSERT_EQ(0, damos_write(1, "filters/0/type", "memcg"));
	ASSERT_EQ(0, damos_write(1, "filters/0/memcg_path", "/not/there"));
	EXPECT_EQ(-EINVAL, damon_state(0, "commit"));
	EXPECT_TRUE(damon_is_on(0));

	EXPECT_EQ(0, damon_state(0, "update_tuned_intervals"));
	EXPECT_EQ(SAMPLE_US, damon_read_long(INTERVALS0 "sample_us"));
	wait_snapshots(_metadata, before.nr_snapshots + 2);
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	EXPECT_EQ((unsigned long)st.sz_tried,
		  st.nr_snapshots * self->idle.len);
	EXPECT_EQ(0, st.nr_applied);
	ASSERT_EQ(0, damos_fetch_tried(0, &t));
	EXPECT_EQ(self->idle.len, (unsigned long)t.total_bytes);
}

TEST_F(schemes, refresh)
{
	long tried;
	int i;

	ASSERT_EQ(0, damos_write(0, "quotas/bytes", "12345678"));
	ASSERT_EQ(0, damos_write(0, "quotas/reset_interval_ms", "1000"));
	ASSERT_EQ(0, damon_state(0, "on"));
	usleep(4 * AGGR_US);
	EXPECT_EQ(0, damon_read_long(S0 "stats/nr_tried"));

	ASSERT_EQ(0, damon_write(K0 "refresh_ms", "50"));
	for (i = 0, tried = 0; i < 3; i++) {
		long last = tried, end = now_us() + WAIT_MS * 1000L;

		while (tried <= last && now_us() < end) {
			usleep(20000);
			tried = damon_read_long(S0 "stats/nr_tried");
		}
		EXPECT_GT(tried, last);
	}
	EXPECT_EQ(12345678, damon_read_long(QUOTAS0 "effective_bytes"));
	EXPECT_EQ(0, damon_read_long(S0 "tried_regions/total_bytes"));
}

/* While somebody waits for a pass. */

#define LONG_US		3000000L

static void *fetch_tried(void *unused)
{
	return (void *)(long)damon_state(0, "update_schemes_tried_regions");
}

static void wait_for_a_pass(struct __test_metadata *_metadata,
			    pthread_t *thread)
{
	ASSERT_EQ(0, damos_write(0, "apply_interval_us", "%ld", LONG_US));
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, pthread_create(thread, NULL, fetch_tried, NULL));
	usleep(100000);
}

TEST_F(schemes, waiting_is_no_obstacle)
{
	long start = now_us(), nr = 0, worst = 0, since;
	char text[DAMON_TEXT_MAX];
	pthread_t thread;
	void *err;

	ASSERT_EQ(0, damon_new(2));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, AGGR_US, 60000000));
	ASSERT_EQ(0, damos_monitor(&self->idle));
	ASSERT_EQ(0, damon_set_target(1, self->idle.pid));
	ASSERT_EQ(0, damos_new(1, "stat"));
	wait_for_a_pass(_metadata, &thread);
	while (now_us() - start < LONG_US / 2) {
		since = now_us();
		EXPECT_EQ(0, damon_state(1, "on"));
		EXPECT_EQ(0, damon_state(1, "commit"));
		EXPECT_EQ(0, damon_write("kdamonds/1/contexts/0/schemes/nr_schemes",
					 "2"));
		EXPECT_EQ(0, damon_state(1, "off"));
		EXPECT_GT(damon_read(K0 "state", text), 0);
		EXPECT_GT(damon_pid(0), 0);
		EXPECT_EQ(0, damon_state(0, "update_schemes_stats"));
		EXPECT_EQ(0, damon_state(0, "update_schemes_effective_quotas"));
		EXPECT_EQ(0, damon_write(T0 "regions/nr_regions", "0"));
		EXPECT_EQ(0, damon_write(S0 "filters/nr_filters", "1"));
		EXPECT_EQ(0, damon_write(S0 "filters/0/memcg_path", "/"));
		EXPECT_GT(damon_read(S0 "filters/0/memcg_path", text), 0);
		EXPECT_EQ(0, damon_write(S0 "filters/nr_filters", "0"));
		if (now_us() - since > worst)
			worst = now_us() - since;
		nr++;
	}
	ASSERT_EQ(0, pthread_join(thread, &err));
	EXPECT_EQ(0, (long)err);
	EXPECT_GE(now_us() - start, LONG_US / 2);
	TH_LOG("%ld rounds of 13 accesses meanwhile, the slowest %ld us", nr,
	       worst);
	EXPECT_LT(worst, LONG_US / 4);
	EXPECT_EQ(self->idle.len, (unsigned long)
		  damon_read_long(S0 "tried_regions/total_bytes"));
}

/* A second one that asks for the same gets it, too. */
TEST_F(schemes, two_wait)
{
	pthread_t thread;
	void *err;

	wait_for_a_pass(_metadata, &thread);
	EXPECT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
	ASSERT_EQ(0, pthread_join(thread, &err));
	EXPECT_EQ(0, (long)err);
}

TEST_F(schemes, commit_while_one_waits)
{
	pthread_t thread;
	void *err;

	wait_for_a_pass(_metadata, &thread);
	EXPECT_EQ(0, damon_state(0, "commit"));
	ASSERT_EQ(0, damos_write(0, "apply_interval_us", "0"));
	EXPECT_EQ(0, damon_state(0, "commit"));
	ASSERT_EQ(0, pthread_join(thread, &err));
	EXPECT_EQ(0, (long)err);
}

TEST_F(schemes, off_while_one_waits)
{
	long start = now_us();
	pthread_t thread;
	void *err;

	ASSERT_EQ(0, damos_write(0, "apply_interval_us", "1000000000"));
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, pthread_create(&thread, NULL, fetch_tried, NULL));
	usleep(100000);
	EXPECT_EQ(0, damon_state(0, "off"));
	ASSERT_EQ(0, pthread_join(thread, &err));
	EXPECT_EQ(-ECANCELED, (long)err);
	EXPECT_LT(now_us() - start, LONG_US);
}

TEST_F(schemes, killed_while_waiting)
{
	struct damos_tried t;
	int i, status;
	pid_t pid;

	ASSERT_EQ(0, damos_write(0, "apply_interval_us", "1000000000"));
	ASSERT_EQ(0, damon_state(0, "on"));
	for (i = 0; i < 5; i++) {
		pid = fork();
		ASSERT_GE(pid, 0);
		if (!pid)
			_exit(damon_state(0, "update_schemes_tried_regions"));
		usleep(50000);
		kill(pid, SIGKILL);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
	}
	ASSERT_EQ(0, damos_write(0, "apply_interval_us", "0"));
	ASSERT_EQ(0, damon_state(0, "off"));
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, damos_fetch_tried(0, &t));
	EXPECT_EQ(self->idle.len, (unsigned long)t.total_bytes);
}

/* Watermarks */

static long free_permil(void)
{
	struct sysinfo info;

	sysinfo(&info);
	return info.freeram * 1000.0 / info.totalram;
}

static void set_watermarks(struct __test_metadata *_metadata, long high,
			   long mid, long low)
{
	ASSERT_EQ(0, damos_write(0, "watermarks/metric", "free_mem_rate"));
	ASSERT_EQ(0, damos_write(0, "watermarks/interval_us", "1000000"));
	ASSERT_EQ(0, damos_write(0, "watermarks/high", "%ld", high));
	ASSERT_EQ(0, damos_write(0, "watermarks/mid", "%ld", mid));
	ASSERT_EQ(0, damos_write(0, "watermarks/low", "%ld", low));
}

#define WATCH_S		5

static long sleeps_meanwhile(void)
{
	long before = nr_sleeps(damon_pid(0));

	usleep(WATCH_S * 1000000);
	return nr_sleeps(damon_pid(0)) - before;
}

TEST_F(schemes, inactive_is_idle)
{
	long active, idle;

	ASSERT_EQ(0, damon_state(0, "on"));
	active = sleeps_meanwhile();
	set_watermarks(_metadata, 1001, 1001, 1001);
	ASSERT_EQ(0, damon_state(0, "commit"));
	usleep(100000);
	idle = sleeps_meanwhile();
	TH_LOG("in %d s %ld wake-ups when active, %ld when not", WATCH_S,
	       active, idle);
	EXPECT_GE(active, WATCH_S * 1000000 / SAMPLE_US / 4);
	EXPECT_GE(idle, 1);
	EXPECT_LE(idle, 2 * WATCH_S);

	/* It listens nevertheless. */
	active = now_us();
	EXPECT_EQ(0, damon_state(0, "update_schemes_stats"));
	set_watermarks(_metadata, 1000, 1000, 0);
	EXPECT_EQ(0, damon_state(0, "commit"));
	EXPECT_LT(now_us() - active, 500000);
	EXPECT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
	EXPECT_EQ(self->idle.len, (unsigned long)
		  damon_read_long(S0 "tried_regions/total_bytes"));
}

/* Whether the scheme does anything in the next intervals. */
static bool is_active(struct __test_metadata *_metadata)
{
	struct damos_stats before, st;

	/* The watermark interval, to notice; then some more. */
	usleep(1200000);
	EXPECT_EQ(0, damos_fetch_stats(0, &before));
	usleep(1000000);
	EXPECT_EQ(0, damos_fetch_stats(0, &st));
	TH_LOG("%ld permil free, %ld passes", free_permil(),
	       st.nr_snapshots - before.nr_snapshots);
	return st.nr_snapshots > before.nr_snapshots;
}

#define STEP		20	/* permil */

/* Have so much of the memory taken, in permil of all; the rest is free. */
static void take(char *mem, long permil)
{
	static long taken;
	long page = getpagesize();
	long len = sysconf(_SC_PHYS_PAGES) * page / 1000 * permil;

	for (; taken < len; taken += page)
		mem[taken] = 1;
	len += -len & (page - 1);
	if (taken > len) {
		madvise(mem + len, taken - len, MADV_DONTNEED);
		taken = len;
	}
}

TEST_F_TIMEOUT(schemes, watermarks, 120)
{
	size_t len = sysconf(_SC_PHYS_PAGES) * getpagesize() / 1000 * 5 * STEP;
	long now;
	char *mem;

	mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, mem);
	now = free_permil();
	if (now < 10 * STEP)
		SKIP(return, "too little free memory");
	/* What is freed shall be free, and not kept by the CPUs. */
	file_write(PCP_FRACTION, "100000");
	set_watermarks(_metadata, now - STEP, now - 2 * STEP, now - 4 * STEP);
	ASSERT_EQ(0, damon_state(0, "on"));

	/* Plenty of memory: off. */
	EXPECT_FALSE(is_active(_metadata));
	/* Between mid and high: as before. */
	take(mem, STEP * 3 / 2);
	EXPECT_FALSE(is_active(_metadata));
	/* Below mid: on. */
	take(mem, 3 * STEP);
	EXPECT_TRUE(is_active(_metadata));
	/* Between mid and high: as before. */
	take(mem, STEP * 3 / 2);
	EXPECT_TRUE(is_active(_metadata));
	/* Below low: off. */
	take(mem, STEP * 9 / 2);
	EXPECT_FALSE(is_active(_metadata));
	/* Between low and mid: on. */
	take(mem, 3 * STEP);
	EXPECT_TRUE(is_active(_metadata));
	/* Plenty: off again. */
	take(mem, 0);
	EXPECT_FALSE(is_active(_metadata));
	munmap(mem, len);
	file_write(PCP_FRACTION, "0");
}

/* Tracepoints: what is read has to look the same when printed again. */

TEST_F(schemes, trace_apply)
{
	static const char fmt[] = "ctx_idx=%u scheme_idx=%u target_idx=%lu "
				  "nr_regions=%u %lu-%lu: %u %u";
	unsigned long target, start, end, sum = 0, last = self->idle.start;
	unsigned int ctx, scheme, nr, accesses, age, i = 0;
	int words;
	char text[DAMON_TRACE_LINE], again[DAMON_TRACE_LINE];

	ASSERT_EQ(0, damon_state(0, "on"));
	do {
		ASSERT_TRUE(damon_trace_next(&self->tr, "damos_before_apply",
					     WAIT_MS, text));
		words = sscanf(text, fmt, &ctx, &scheme, &target, &nr, &start,
			       &end, &accesses, &age);
		ASSERT_EQ(8, words) TH_LOG("%s", text);
		snprintf(again, sizeof(again), fmt, ctx, scheme, target, nr,
			 start, end, accesses, age);
		EXPECT_STREQ(again, text);
		EXPECT_EQ(0, ctx);
		EXPECT_EQ(0, scheme);
		EXPECT_EQ(0, target);
		EXPECT_EQ(last, start);
		EXPECT_GE(nr, ++i);
		sum += end - start;
		last = end;
	} while (end != self->idle.start + self->idle.len);
	EXPECT_EQ(self->idle.len, sum);
}

TEST_F(schemes, trace_stat)
{
	static const char fmt[] =
		"ctx_idx=%u scheme_idx=%u nr_tried=%lu sz_tried=%lu "
		"nr_applied=%lu sz_applied=%lu sz_ops_filter_passed=%lu "
		"qt_exceeds=%lu nr_snapshots=%lu";
	unsigned long tried, sz, applied, sz_applied, passed, exceeds, snapshots;
	char text[DAMON_TRACE_LINE], again[DAMON_TRACE_LINE];
	unsigned int ctx, scheme, i;
	int words;

	ASSERT_EQ(0, damon_state(0, "on"));
	for (i = 1; i < 5; i++) {
		ASSERT_TRUE(damon_trace_next(&self->tr,
					     "damos_stat_after_apply_interval",
					     WAIT_MS, text));
		words = sscanf(text, fmt, &ctx, &scheme, &tried, &sz, &applied,
			       &sz_applied, &passed, &exceeds, &snapshots);
		ASSERT_EQ(9, words) TH_LOG("%s", text);
		snprintf(again, sizeof(again), fmt, ctx, scheme, tried, sz,
			 applied, sz_applied, passed, exceeds, snapshots);
		EXPECT_STREQ(again, text);
		EXPECT_EQ(i * self->idle.len, sz);
		EXPECT_EQ(i, snapshots);
	}
}

TEST_F(schemes, trace_quota)
{
	char text[DAMON_TRACE_LINE];

	ASSERT_EQ(0, damos_write(0, "quotas/bytes", "123456"));
	ASSERT_EQ(0, damos_write(0, "quotas/reset_interval_ms", "1000"));
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_TRUE(damon_trace_next(&self->tr, "damos_esz", WAIT_MS, text));
	EXPECT_STREQ("ctx_idx=0 scheme_idx=0 esz=123456", text);
}

/* This operation set has nothing to tell to probes, so that none is hit. */
TEST_F(schemes, trace_probes)
{
	static const char fmt[] = "target_id=%lu nr_regions=%u %lu-%lu: %u %u "
				  "probe_hits=%31[0-9a-f ]";
	char text[DAMON_TRACE_LINE], again[DAMON_TRACE_LINE], hits[32];
	unsigned long target, start, end;
	unsigned int nr, accesses, age;
	int words;

	ASSERT_EQ(0, damon_write(PROBES0 "nr_probes", "3"));
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_TRUE(damon_trace_next(&self->tr, "damon_region_aggregated",
				     WAIT_MS, text));
	words = sscanf(text, fmt, &target, &nr, &start, &end, &accesses, &age,
		       hits);
	ASSERT_EQ(7, words) TH_LOG("%s", text);
	snprintf(again, sizeof(again), "target_id=%lu nr_regions=%u %lu-%lu: "
		 "%u %u probe_hits=%s", target, nr, start, end, accesses, age,
		 hits);
	EXPECT_STREQ(again, text);
	EXPECT_STREQ("00 00 00", hits);
	EXPECT_EQ(self->idle.start, start);

	ASSERT_EQ(0, damon_state(0, "update_schemes_tried_regions"));
	EXPECT_EQ(0, damon_read_long(S0 "tried_regions/0/probes/0/hits"));
	EXPECT_EQ(0, damon_read_long(S0 "tried_regions/0/probes/2/hits"));
	EXPECT_FALSE(damon_exists(S0 "tried_regions/0/probes/3"));
}

TEST_HARNESS_MAIN
