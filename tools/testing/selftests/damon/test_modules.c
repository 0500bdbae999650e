// SPDX-License-Identifier: GPL-2.0
/*
 * DAMON_RECLAIM, DAMON_LRU_SORT and DAMON_STAT: on and off, how they get along
 * with each other and with the sysfs interface, and what they tell.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_module.h"
#include "damon_scheme.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define LIMIT_S		120

#define NR_PERCENTILES	101
/* Results of DAMON_STAT are that old at most. */
#define STAT_REFRESH_US	5000000

FIXTURE(modules) {
	int unused;
};

FIXTURE_SETUP(modules)
{
	if (modules_why_not())
		SKIP(return, "%s", modules_why_not());
	ASSERT_EQ(0, modules_reset());
	ASSERT_EQ(0, damon_nr_threads());
}

FIXTURE_TEARDOWN(modules)
{
	EXPECT_EQ(0, damon_cleanup());
	EXPECT_EQ(0, modules_reset());
	EXPECT_EQ(0, damon_nr_threads());
}

static void expect_on(struct __test_metadata *_metadata, const char *dir)
{
	char name[32];

	EXPECT_TRUE(module_is_enabled(dir)) TH_LOG("%s", dir);
	EXPECT_LT(0, module_pid(dir)) TH_LOG("%s", dir);
	EXPECT_EQ(0, damon_thread_name(module_pid(dir), name));
	EXPECT_EQ(0, strncmp(name, "kdamond.", strlen("kdamond.")));
}

static void expect_off(struct __test_metadata *_metadata, const char *dir)
{
	EXPECT_FALSE(module_is_enabled(dir)) TH_LOG("%s", dir);
	EXPECT_EQ(-1, module_pid(dir)) TH_LOG("%s", dir);
}

TEST_F(modules, on_off)
{
	pid_t pid;
	int i;

	for (i = 0; i < NR_MODULES; i++) {
		expect_off(_metadata, modules[i]);
		EXPECT_EQ(0, module_enable(modules[i], false));
		ASSERT_EQ(0, module_enable(modules[i], true));
		expect_on(_metadata, modules[i]);

		/* Again: the same thread. */
		pid = module_pid(modules[i]);
		EXPECT_EQ(0, module_enable(modules[i], true));
		EXPECT_EQ(pid, module_pid(modules[i]));

		/* It has ended when the write returns. */
		EXPECT_EQ(0, module_enable(modules[i], false));
		EXPECT_EQ(0, damon_nr_threads());
		expect_off(_metadata, modules[i]);
		EXPECT_EQ(0, module_enable(modules[i], false));

		ASSERT_EQ(0, module_enable(modules[i], true));
		EXPECT_EQ(0, module_enable(modules[i], false));
	}
}

TEST_F(modules, commit_needs_a_kdamond)
{
	int i;

	for (i = 0; i < NR_SCHEMERS; i++) {
		const char *other = modules[!i];

		ASSERT_EQ(0, module_enable(modules[i], true));
		EXPECT_EQ(0, module_commit(modules[i]));
		EXPECT_EQ(0, module_enable(modules[i], false));
		EXPECT_EQ(-ECANCELED, module_commit(modules[i]));

		/* That of another module is not its own. */
		ASSERT_EQ(0, module_enable(other, true));
		EXPECT_EQ(-ECANCELED, module_commit(modules[i]));
		EXPECT_EQ(0, module_enable(other, false));
	}
}

/* Together */

static void expect_together(struct __test_metadata *_metadata,
			    unsigned int enabled)
{
	pid_t pid = -1;
	int i;

	for (i = 0; i < NR_MODULES; i++) {
		if (!(enabled & 1 << i)) {
			expect_off(_metadata, modules[i]);
			continue;
		}
		expect_on(_metadata, modules[i]);
		if (pid > 0)
			EXPECT_EQ(pid, module_pid(modules[i]));
		pid = module_pid(modules[i]);
	}
	EXPECT_EQ(!!enabled, damon_nr_threads());
}

/* From each set of modules to each other, one by one. */
TEST_F_TIMEOUT(modules, one_kdamond_for_all, LIMIT_S)
{
	static const int order[] = { 0, 1, 2, 0, 2, 1, 2, 0, 1, 0, 2, 1 };
	unsigned int enabled = 0;
	pid_t pid = 0;
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(order); i++) {
		bool was_running = enabled;

		enabled ^= 1 << order[i];
		ASSERT_EQ(0, module_enable(modules[order[i]],
					   enabled & 1 << order[i]));
		expect_together(_metadata, enabled);

		/* Others do not notice. */
		if (was_running && enabled)
			EXPECT_EQ(pid, module_pid(modules[__builtin_ctz(enabled)]));
		if (enabled)
			pid = module_pid(modules[__builtin_ctz(enabled)]);
	}
	EXPECT_EQ(0, enabled);
}

/* There is one monitor, so there is one unit.  Ranges may differ. */
TEST_F(modules, disagreement)
{
	static const char * const some[] = {
		"monitor_region_start", "4194304",
		"monitor_region_end", "8388608", NULL,
	};

	ASSERT_EQ(0, module_enable(STAT, true));
	ASSERT_EQ(0, params_write(RECLAIM, some));
	EXPECT_EQ(0, module_enable(RECLAIM, true));
	EXPECT_EQ(0, module_enable(LRU_SORT, true));
	expect_together(_metadata, 7);
	/* Each has its own range, not that of all. */
	EXPECT_EQ(8388608, param_number(RECLAIM, "monitor_region_end"));

	EXPECT_EQ(0, param_write(RECLAIM, "addr_unit", "4096"));
	EXPECT_EQ(-EBUSY, module_commit(RECLAIM));
	expect_together(_metadata, 7);
	EXPECT_EQ(0, module_enable(RECLAIM, false));
	EXPECT_EQ(-EBUSY, module_enable(RECLAIM, true));
	expect_together(_metadata, 6);

	/* Who is alone may do as it likes, and then it is up to the others. */
	EXPECT_EQ(0, module_enable(LRU_SORT, false));
	EXPECT_EQ(0, module_enable(STAT, false));
	EXPECT_EQ(0, module_enable(RECLAIM, true));
	EXPECT_EQ(-EBUSY, module_enable(LRU_SORT, true));
	EXPECT_EQ(-EBUSY, module_enable(STAT, true));
	expect_together(_metadata, 1);
	EXPECT_EQ(0, param_write(RECLAIM, "addr_unit", "1"));
	EXPECT_EQ(0, module_commit(RECLAIM));
	EXPECT_EQ(0, module_enable(STAT, true));
	expect_together(_metadata, 5);
}

/* A failure of one is none of the others. */
TEST_F(modules, failures_stay_apart)
{
	ASSERT_EQ(0, module_enable(STAT, true));
	ASSERT_EQ(0, param_write(RECLAIM, "min_nr_regions", "2"));
	EXPECT_EQ(-EINVAL, module_enable(RECLAIM, true));
	expect_together(_metadata, 4);
	EXPECT_EQ(0, module_enable(LRU_SORT, true));
	EXPECT_EQ(0, module_commit(LRU_SORT));
	EXPECT_EQ(0, module_enable(STAT, false));
	expect_together(_metadata, 2);

	/* Nor are parameters that nobody has asked to be read. */
	ASSERT_EQ(0, param_write(RECLAIM, "min_nr_regions", "10"));
	ASSERT_EQ(0, module_enable(RECLAIM, true));
	ASSERT_EQ(0, param_write(RECLAIM, "min_nr_regions", "2"));
	EXPECT_EQ(0, module_commit(LRU_SORT));
	EXPECT_EQ(0, module_enable(STAT, true));
	EXPECT_EQ(0, module_enable(LRU_SORT, false));
	expect_together(_metadata, 5);
}

/* Beside the sysfs interface */

/* A context that is about physical memory, or why there is none. */
static const char *sysfs_physical(void)
{
	unsigned long start, end;

	if (damon_new(1))
		return "no context";
	if (paddr_why_not())
		return paddr_why_not();
	if (ram_range(&start, &end) || damos_monitor_phys(start, end))
		return "no range of physical memory";
	return NULL;
}

/* Who acts on physical memory does not do so beside others. */
TEST_F(modules, sysfs_physical_memory)
{
	const char *why = sysfs_physical();
	int i;

	if (why)
		SKIP(return, "%s", why);
	for (i = 0; i < NR_SCHEMERS; i++) {
		ASSERT_EQ(0, damon_state(0, "on"));
		EXPECT_EQ(-EBUSY, module_enable(modules[i], true))
			TH_LOG("%s", modules[i]);
		expect_off(_metadata, modules[i]);
		EXPECT_TRUE(damon_is_on(0));
		EXPECT_EQ(1, damon_nr_threads());
		ASSERT_EQ(0, damon_state(0, "off"));

		ASSERT_EQ(0, module_enable(modules[i], true));
		EXPECT_EQ(-EBUSY, damon_state(0, "on"))
			TH_LOG("%s", modules[i]);
		EXPECT_FALSE(damon_is_on(0));
		expect_together(_metadata, 1 << i);
		ASSERT_EQ(0, module_enable(modules[i], false));
	}
	EXPECT_EQ(0, damon_state(0, "on"));
}

/* Who only looks does not start beside others, but is in nobody's way. */
TEST_F(modules, stat_and_sysfs)
{
	const char *why = sysfs_physical();

	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, damon_state(0, "on"));
	EXPECT_EQ(-EBUSY, module_enable(STAT, true));
	expect_off(_metadata, STAT);
	ASSERT_EQ(0, damon_state(0, "off"));

	ASSERT_EQ(0, module_enable(STAT, true));
	EXPECT_EQ(0, damon_state(0, "on"));
	expect_on(_metadata, STAT);
	EXPECT_EQ(2, damon_nr_threads());

	/* That is no way in for those who act. */
	EXPECT_EQ(-EBUSY, module_enable(RECLAIM, true));
	expect_off(_metadata, RECLAIM);
	expect_on(_metadata, STAT);
	EXPECT_TRUE(damon_is_on(0));

	/* With them, the monitor is exclusive; without, it is not any more. */
	EXPECT_EQ(0, damon_state(0, "off"));
	EXPECT_EQ(0, module_enable(RECLAIM, true));
	EXPECT_EQ(-EBUSY, damon_state(0, "on"));
	EXPECT_EQ(0, module_enable(RECLAIM, false));
	expect_on(_metadata, STAT);
	EXPECT_EQ(0, damon_state(0, "on"));
	EXPECT_EQ(0, module_enable(STAT, false));
	EXPECT_TRUE(damon_is_on(0));
}

TEST_F(modules, sysfs_processes)
{
	pid_t sleeper = sleeper_start();
	int i;

	ASSERT_LT(0, sleeper);
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_target(0, sleeper));
	for (i = 0; i < NR_MODULES; i++) {
		/* First the one, then the other. */
		EXPECT_EQ(0, damon_state(0, "on"));
		EXPECT_EQ(0, module_enable(modules[i], true));
		expect_on(_metadata, modules[i]);
		EXPECT_NE(damon_pid(0), module_pid(modules[i]));
		EXPECT_EQ(2, damon_nr_threads());

		/* Each can be stopped and started beside the other. */
		EXPECT_EQ(0, damon_state(0, "off"));
		EXPECT_EQ(0, damon_state(0, "on"));
		expect_on(_metadata, modules[i]);
		EXPECT_EQ(0, module_enable(modules[i], false));
		EXPECT_TRUE(damon_is_on(0));
		EXPECT_EQ(0, damon_state(0, "off"));
	}
	process_end(sleeper);
}

/* What they tell */

static const char * const greedy[] = {
	"min_age", "0", "quota_sz", "1048576", "quota_ms", "0",
	"quota_reset_interval_ms", "100", "skip_anon", "Y",
	"sample_interval", "1000", "aggr_interval", "10000",
	"wmarks_high", "1000", "wmarks_mid", "1000", "wmarks_low", "0", NULL,
};

static bool has_tried(void *seen)
{
	return param_number(RECLAIM, "nr_reclaim_tried_regions") >
	       *(long *)seen;
}

/* What is written while it runs does not count before it is committed. */
TEST_F_TIMEOUT(modules, parameters_wait, LIMIT_S)
{
	long seen = param_number(RECLAIM, "nr_reclaim_tried_regions");

	ASSERT_EQ(0, module_enable(RECLAIM, true));
	ASSERT_EQ(0, params_write(RECLAIM, greedy));
	ASSERT_EQ(0, module_enable(RECLAIM, true));
	usleep(300000);
	EXPECT_EQ(seen, param_number(RECLAIM, "nr_reclaim_tried_regions"));
	EXPECT_EQ(0, module_commit(RECLAIM));
	EXPECT_TRUE(wait_until(has_tried, &seen));
}

static const char * const stat_names[] = {
	"nr_reclaim_tried_regions", "bytes_reclaim_tried_regions",
	"nr_reclaimed_regions", "bytes_reclaimed_regions", "nr_quota_exceeds",
};

#define NR_STATS	((int)ARRAY_SIZE(stat_names))

static void read_stats(long stats[NR_STATS])
{
	int i;

	for (i = 0; i < NR_STATS; i++)
		stats[i] = param_number(RECLAIM, stat_names[i]);
}

TEST_F_TIMEOUT(modules, statistics_survive, LIMIT_S)
{
	long before[NR_STATS], after[NR_STATS], seen = 0;

	ASSERT_EQ(0, params_write(RECLAIM, greedy));
	ASSERT_EQ(0, module_enable(RECLAIM, true));
	ASSERT_TRUE(wait_until(has_tried, &seen));
	EXPECT_LT(0, param_number(RECLAIM, "bytes_reclaim_tried_regions"));

	/* Nothing is tried from here on, so there is something to compare. */
	EXPECT_EQ(0, param_write(RECLAIM, "wmarks_high", "0"));
	EXPECT_EQ(0, module_commit(RECLAIM));
	read_stats(before);

	/* Whatever others do. */
	EXPECT_EQ(0, module_enable(STAT, true));
	EXPECT_EQ(0, module_enable(LRU_SORT, true));
	EXPECT_EQ(0, module_enable(STAT, false));
	EXPECT_EQ(0, module_enable(RECLAIM, false));
	read_stats(after);
	EXPECT_EQ(0, memcmp(before, after, sizeof(before)));

	/* Off and on again, beside another and alone. */
	EXPECT_EQ(0, module_enable(RECLAIM, true));
	EXPECT_EQ(0, module_enable(LRU_SORT, false));
	EXPECT_EQ(0, module_enable(RECLAIM, false));
	EXPECT_EQ(0, damon_nr_threads());
	read_stats(after);
	EXPECT_EQ(0, memcmp(before, after, sizeof(before)));
	EXPECT_EQ(0, module_enable(RECLAIM, true));
	read_stats(after);
	EXPECT_EQ(0, memcmp(before, after, sizeof(before)));

	/* And they count on. */
	EXPECT_EQ(0, param_write(RECLAIM, "wmarks_high", "1000"));
	EXPECT_EQ(0, module_commit(RECLAIM));
	seen = before[0];
	EXPECT_TRUE(wait_until(has_tried, &seen));
}

/* A line that is longer than others; returns the number of values. */
static int read_percentiles(long ms[NR_PERCENTILES])
{
	FILE *f = fopen(DAMON_ADMIN STAT "memory_idle_ms_percentiles", "r");
	int i, c = ',';

	if (!f)
		return -errno;
	for (i = 0; i < NR_PERCENTILES && c == ','; i++) {
		if (fscanf(f, "%ld", &ms[i]) != 1)
			break;
		c = fgetc(f);
	}
	if (c != '\n' || fgetc(f) != EOF)
		i = -ENODATA;
	fclose(f);
	return i;
}

static bool has_results(void *ms)
{
	return read_percentiles(ms) == NR_PERCENTILES && *(long *)ms < 0;
}

TEST_F_TIMEOUT(modules, stat_results, LIMIT_S)
{
	struct workload w = { .len = 32 * MB, .hot_len = 16 * MB };
	long ms[NR_PERCENTILES], again[NR_PERCENTILES], bandwidth, aggr_us;
	int i;

	ASSERT_EQ(0, workload_start(&w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(NR_PERCENTILES, read_percentiles(ms));
	ASSERT_EQ(0, module_enable(STAT, true));

	/* What was there before holds on for a while. */
	ASSERT_EQ(NR_PERCENTILES, read_percentiles(again));
	EXPECT_EQ(0, memcmp(ms, again, sizeof(ms)));

	usleep(STAT_REFRESH_US + 500000);
	EXPECT_TRUE(wait_until(has_results, ms));
	for (i = 1; i < NR_PERCENTILES; i++)
		EXPECT_LE(ms[i - 1], ms[i]) TH_LOG("percentile %d", i);
	/* Most of the memory of the system is idle. */
	EXPECT_LT(0, ms[NR_PERCENTILES - 1]);
	bandwidth = damon_read_long(STAT "estimated_memory_bandwidth");
	EXPECT_LT(0, bandwidth);
	aggr_us = damon_read_long(STAT "aggr_interval_us");
	EXPECT_LE(100000, aggr_us);
	workload_stop(&w);

	/* All three are refreshed together, and stay after the end. */
	usleep(STAT_REFRESH_US + 500000);
	ASSERT_EQ(NR_PERCENTILES, read_percentiles(ms));
	bandwidth = damon_read_long(STAT "estimated_memory_bandwidth");
	aggr_us = damon_read_long(STAT "aggr_interval_us");
	EXPECT_EQ(0, module_enable(STAT, false));
	ASSERT_EQ(NR_PERCENTILES, read_percentiles(again));
	EXPECT_EQ(0, memcmp(ms, again, sizeof(ms)));
	EXPECT_EQ(bandwidth, damon_read_long(STAT "estimated_memory_bandwidth"));
	EXPECT_EQ(aggr_us, damon_read_long(STAT "aggr_interval_us"));
}

/* Within a tenth, and what one percentile or interval is. */
static bool is_close(double got, double want, double unit)
{
	return got > want * 0.9 - unit && got < want * 1.1 + unit;
}

/* A part of the memory is accessed all the time, and most of it is free. */
TEST_F_TIMEOUT(modules, stat_truth, LIMIT_S)
{
	struct workload w = { .len = 384 * MB, .hot_len = 384 * MB };
	double share, bandwidth, want_bandwidth, idle_ms, elapsed_ms;
	long ms[NR_PERCENTILES], began, aggr_us;
	unsigned long start, end;
	bool right = false;
	int i, nr_hot;

	ASSERT_EQ(0, ram_range(&start, &end));
	if (end - start < 3 * w.len)
		SKIP(return, "less than %lu MiB of memory", 3 * w.len / MB);
	share = 100.0 * w.len / (end - start);
	ASSERT_EQ(0, workload_start(&w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, module_enable(STAT, true));
	began = now_us();
	for (i = 0; i < 12 && !right; i++) {
		usleep(STAT_REFRESH_US + 100000);
		elapsed_ms = (now_us() - began) / 1000;
		ASSERT_EQ(NR_PERCENTILES, read_percentiles(ms));
		bandwidth = damon_read_long(STAT "estimated_memory_bandwidth");
		aggr_us = damon_read_long(STAT "aggr_interval_us");
		for (nr_hot = 0; nr_hot < NR_PERCENTILES && ms[nr_hot] < 0;)
			nr_hot++;
		idle_ms = ms[NR_PERCENTILES / 2];
		/* Twenty samples per aggregation, whatever its interval is. */
		want_bandwidth = 20.0 * w.hot_len * 1000000 / aggr_us;
		right = is_close(nr_hot, share, 1) &&
			is_close(bandwidth, want_bandwidth, 0) &&
			is_close(idle_ms, elapsed_ms, aggr_us / 1000);
	}
	TH_LOG("after %.1f s, with aggregations of %ld ms:", elapsed_ms / 1000,
	       aggr_us / 1000);
	TH_LOG("%d %% are hot, %.1f were; %.1f GB/s, %.1f were; idle for %.1f s",
	       nr_hot, share, bandwidth / 1e9, want_bandwidth / 1e9,
	       idle_ms / 1000);
	EXPECT_TRUE(right);
	workload_stop(&w);
}

TEST_HARNESS_MAIN
