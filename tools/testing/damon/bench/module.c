// SPDX-License-Identifier: GPL-2.0
/*
 * What the modules that act on physical memory do for a program, and to it: in
 * a guest with little memory, and with swap space on zram.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "damon_mem.h"
#include "damon_module.h"
#include "tenant.h"

#define HUGE_BYTES	(2 * MIB)
#define CGROUP		"tenant"
#define CGROUP_FILE(f)	"/sys/fs/cgroup/" CGROUP "/" f

int modules_off(void)
{
	int i, err = 0;

	for (i = 0; !err && i < NR_MODULES; i++) {
		if (damon_exists(modules[i]))
			err = module_enable(modules[i], false);
	}
	return err;
}

/*
 * The scheme of DAMON_RECLAIM with its defaults, by way of sysfs, but for what
 * is given: for kernels with a module that does nothing.
 */
static const char * const reclaim_by_default[] = {
	"access_pattern/nr_accesses/max", "0",
	"access_pattern/age/min", "50",	/* as on the command line */
	"quotas/ms", "10",
	"quotas/bytes", "134217728",
	"quotas/reset_interval_ms", "1000",
	"quotas/weights/sz_permil", "0",
	"quotas/weights/nr_accesses_permil", "0",
	"quotas/weights/age_permil", "1",
	"watermarks/metric", "free_mem_rate",
	"watermarks/interval_us", "5000000",
	"watermarks/high", "500",
	"watermarks/mid", "400",
	"watermarks/low", "200",
	NULL,
};

/* The same that is written to the parameters, see there. */
static const char * const reclaim_by_pressure[] = {
	"access_pattern/nr_accesses/max", "0",
	"access_pattern/age/min", "10",
	"quotas/ms", "100",
	"quotas/reset_interval_ms", "10000",
	"quotas/weights/sz_permil", "0",
	"quotas/weights/nr_accesses_permil", "0",
	"quotas/weights/age_permil", "1",
	"quotas/goals/nr_goals", "1",
	"quotas/goals/0/target_metric", "some_mem_psi_us",
	"quotas/goals/0/target_value", "15000",
	NULL,
};

static int stage_reclaim(const char * const *values,
			 const struct range *ranges, size_t nr)
{
	char path[96];
	int err;

	err = stage_target("paddr", ranges, nr, AGGR_US / 1000, 1000) ?:
	      damon_set_intervals(SAMPLE_US, AGGR_US, 60000000) ?:
	      stage_schemes(1) ?: stage_any(S0, "pageout");
	for (; !err && values[0]; values += 2) {
		snprintf(path, sizeof(path), S0 "%s", values[0]);
		err = damon_write(path, "%s", values[1]);
	}
	return err;
}

static pid_t reclaim_by_sysfs(void)
{
	struct range ranges[8];
	size_t nr = memory_system_ram(ranges, ARRAY_LEN(ranges));
	int err = modules_off() ?:
		  stage_reclaim(reclaim_by_default, ranges, nr) ?:
		  damon_state(0, "on");

	return err ? err : damon_pid(0);
}

/*
 * DAMON_RECLAIM, enabled at boot with what the kernel command line says: with
 * free memory, and then with so little that its watermarks have it work.
 */

#define FREE_MS		60000
#define BEFORE_MS	5000
#define FREE_PERMIL	240	/* above wmarks_low, below wmarks_mid */
#define WATCH_S		120
#define WANTED		0.9

static int free_permil(void)
{
	return memory_pages("/proc/meminfo", "MemFree:") * 1000 /
	       memory_pages("/proc/meminfo", "MemTotal:");
}

/* Have memory in use, of a kind that nobody can reclaim. */
static int fill_up(void)
{
	long bytes = (free_permil() - FREE_PERMIL) * (long)PAGE *
		     memory_pages("/proc/meminfo", "MemTotal:") / 1000;

	if (bytes <= 0)
		return -1;
	return file_write("/proc/sys/vm/nr_hugepages", "%ld",
			  bytes / HUGE_BYTES);
}

struct usage {
	long sleeps;
	u64 cpu_ns;
	long swapped_in;
};

static struct usage usage(pid_t kdamond)
{
	return (struct usage){
		.sleeps = nr_sleeps(kdamond),
		.cpu_ns = cpu_ns(kdamond),
		.swapped_in = file_number("/proc/vmstat", "pswpin"),
	};
}

static void report_free(const struct bench_case *c, pid_t kdamond)
{
	struct usage before = usage(kdamond), after;

	sleep_ms(FREE_MS);
	after = usage(kdamond);
	report(c, "wake-ups a minute, memory free", "",
	       after.sleeps - before.sleeps);
	report(c, "CPU a minute, memory free", "us",
	       (double)(after.cpu_ns - before.cpu_ns) / NSEC_PER_USEC);
}

static int watch_reclaim(const struct bench_case *c, const struct tenant *t,
			 pid_t kdamond, double before_us)
{
	double share = 0, cold = t->cold_bytes / PAGE;
	struct tenant_counts counts = tenant_counts(t);
	struct usage before = usage(kdamond), after;
	unsigned int s, wanted_s = 0;
	long swapped = 0;

	for (s = 1; s <= WATCH_S; s++) {
		sleep_ms(1000);
		swapped = tenant_cold_swapped(t);
		if (swapped < 0)
			return broken(c, "cannot tell what was freed");
		share = swapped / cold;
		if (share >= WANTED && !wanted_s)
			wanted_s = s;
	}
	after = usage(kdamond);
	report(c, "pages found", "", swapped);
	report(c, "cold memory freed", "%", 100 * share);
	if (wanted_s)
		report(c, "time until 90 % were freed", "s", wanted_s);
	report(c, "hot memory read back, of itself", "%",
	       100.0 * (after.swapped_in - before.swapped_in) /
	       (t->hot_bytes / PAGE));
	report(c, "kdamond CPU", "ms",
	       (double)(after.cpu_ns - before.cpu_ns) / NSEC_PER_USEC / 1000);
	report(c, "work takes longer", "%",
	       100 * (tenant_work_us(t, &counts) / before_us - 1));
	return 0;
}

static int run_reclaim(const struct bench_case *c)
{
	struct tenant t = {
		.hot_bytes = 64 * MIB,
		.work_ms = TENANT_ROUND_MS,
		.cold_bytes = 192 * MIB,
	};
	struct tenant_counts counts;
	pid_t kdamond = module_pid(RECLAIM);
	double before_us;
	int err;

	if (c->sysfs)
		kdamond = reclaim_by_sysfs();
	if (kdamond <= 0)
		return broken(c, "not enabled");
	report_free(c, kdamond);

	if (tenant_start(&t))
		return broken(c, "cannot start the program");
	counts = tenant_counts(&t);
	sleep_ms(BEFORE_MS);
	before_us = tenant_work_us(&t, &counts);
	if (tenant_cold_swapped(&t))
		err = broken(c, "reclaims while there is free memory");
	else if (fill_up())
		err = broken(c, "cannot fill the memory");
	else
		err = watch_reclaim(c, &t, kdamond, before_us);
	if (modules_off() || tenant_stop(&t))
		err = broken(c, "the program or the kdamond has ended early");
	file_write("/proc/sys/vm/nr_hugepages", "0");
	return err;
}

/*
 * DAMON_RECLAIM with a quota that is tuned until tasks wait for so long.  What
 * is waited for is there again before the window ends, or it could not be told
 * what the quota of a window does.
 */

#define PSI_US		15000
#define PSI_WINDOW_MS	10000
#define PSI_WINDOWS	48
#define PSI_LAST	(PSI_WINDOWS / 3)

static int pressure_us(double *us)
{
	FILE *file = fopen("/proc/pressure/memory", "r");
	int nr = file ? fscanf(file, "some %*s %*s %*s total=%lf", us) : 0;

	if (file)
		fclose(file);
	return nr == 1 ? 0 : -1;
}

/* Where the cold part of a program is, or at least what is in between. */
static int cold_range(const struct tenant *t, struct range *range)
{
	static unsigned long pfns[65536];
	size_t i, nr = t->cold_bytes / PAGE;
	int err = mem_pfns(t->pid, (unsigned long)t->memory + t->hot_bytes, nr,
			   pfns);

	*range = (struct range){ -1UL, 0 };
	for (i = 0; !err && i < nr; i++) {
		if (!pfns[i])
			continue;
		if (pfns[i] * PAGE < range->start)
			range->start = pfns[i] * PAGE;
		if (pfns[i] * PAGE + PAGE > range->end)
			range->end = pfns[i] * PAGE + PAGE;
	}
	return err ?: range->end ? 0 : -1;
}

static int pressure_on(const struct bench_case *c, const struct tenant *t)
{
	struct range range = {};
	char start[24], end[24];
	const char * const writes[] = {
		"min_age", "1000000", "quota_ms", "100", "quota_sz", "0",
		"quota_reset_interval_ms", "10000",
		"quota_mem_pressure_us", "15000",
		"wmarks_high", "1000", "wmarks_mid", "999", "wmarks_low", "0",
		"monitor_region_start", start, "monitor_region_end", end,
		NULL,
	};
	int err = modules_off() ?: cold_range(t, &range);

	if (err)
		return err;
	if (c->sysfs)
		return stage_reclaim(reclaim_by_pressure, &range, 1) ?:
		       damon_state(0, "on");
	snprintf(start, sizeof(start), "%lu", range.start);
	snprintf(end, sizeof(end), "%lu", range.end);
	return params_write(RECLAIM, writes) ?: module_enable(RECLAIM, true);
}

static void report_pressure(const struct bench_case *c, const double *us)
{
	double sum = us[PSI_WINDOWS] - us[PSI_WINDOWS - PSI_LAST], off = 0;
	int i;

	for (i = PSI_WINDOWS - PSI_LAST; i < PSI_WINDOWS; i++) {
		double window = us[i + 1] - us[i];

		off += window > PSI_US ? window - PSI_US : PSI_US - window;
	}
	report(c, "target of a window", "", PSI_US);
	report(c, "pressure a window, last third", "", sum / PSI_LAST);
	report(c, "mean of it away from the target", "%",
	       100 * (sum / PSI_LAST > PSI_US ? sum / PSI_LAST / PSI_US - 1 :
						1 - sum / PSI_LAST / PSI_US));
	report(c, "one window away from it, mean", "%",
	       100 * off / PSI_LAST / PSI_US);
}

static int run_pressure(const struct bench_case *c)
{
	struct tenant t = {
		.hot_bytes = 64 * MIB,
		.work_ms = 1000,
		.cold_bytes = 32 * MIB,
		.stream_bytes = 64 * 1024,
		.stream_ms = TENANT_ROUND_MS,
		.cgroup = CGROUP,
		.worn = true,
	};
	double us[PSI_WINDOWS + 1], before_us;
	struct tenant_counts counts;
	long reclaimed;
	int i, err;

	if (cg_make(CGROUP) || tenant_start(&t))
		return broken(c, "cannot start the program");
	counts = tenant_counts(&t);
	sleep_ms(BEFORE_MS);
	before_us = tenant_work_us(&t, &counts);
	reclaimed = file_number("/proc/vmstat", "pswpout");
	err = pressure_on(c, &t);
	counts = tenant_counts(&t);
	for (i = 0; !err && i <= PSI_WINDOWS; i++) {
		err = pressure_us(&us[i]);
		if (i < PSI_WINDOWS)
			sleep_ms(PSI_WINDOW_MS);
	}
	reclaimed = file_number("/proc/vmstat", "pswpout") - reclaimed;
	if (err) {
		broken(c, "cannot be set up: %s", strerror(-err));
	} else {
		report(c, "pages found", "", reclaimed);
		report_pressure(c, us);
		report(c, "work takes longer", "%",
		       100 * (tenant_work_us(&t, &counts) / before_us - 1));
	}
	if (modules_off() || damon_cleanup() || tenant_stop(&t))
		err = broken(c, "the program or the kdamond has ended early");
	cg_remove(CGROUP);
	return err;
}

/* DAMON_LRU_SORT, for a program that is allowed less memory than it uses. */

#define LRU_LIMIT	(48 * MIB)
#define LRU_ALONE_MS	10000
#define LRU_SCAN_MS	4000
#define LRU_SCANS	3
#define LRU_RUNS	5

struct lru_run {
	double faults;	/* of the hot set */
	double work_us;
};

static int lru_once(bool sorted, struct lru_run *run)
{
	const char * const writes[] = {
		"sample_interval", "10000", "aggr_interval", "200000",
		"wmarks_high", "1000", "wmarks_mid", "999", "wmarks_low", "0",
		NULL,
	};
	struct tenant t = {
		.hot_bytes = 16 * MIB,
		.work_ms = TENANT_ROUND_MS,
		.cold_bytes = 64 * MIB,
		.stream_bytes = 64 * MIB,
		.stream_ms = LRU_SCAN_MS,
		.stream_from_ms = LRU_ALONE_MS,
		.filled_bytes = 44 * MIB,
		.cgroup = CGROUP,
	};
	struct tenant_counts before;
	int err;

	err = cg_make(CGROUP) ?:
	      file_write(CGROUP_FILE("memory.max"), "%lu", LRU_LIMIT) ?:
	      /* pages in the order in which they are there, as at first */
	      file_write(PCP_FRACTION, "100000") ?:
	      file_write("/proc/sys/vm/compact_memory", "1");
	if (!err && sorted)
		err = params_write(LRU_SORT, writes) ?:
		      module_enable(LRU_SORT, true);
	err = err ?: tenant_start(&t);
	if (err)
		return err;
	sleep_ms(LRU_ALONE_MS);
	before = tenant_counts(&t);
	sleep_ms(LRU_SCANS * LRU_SCAN_MS);
	run->faults = tenant_counts(&t).work_faults - before.work_faults;
	run->work_us = tenant_work_us(&t, &before);
	err = tenant_stop(&t) ?: modules_off();
	cg_remove(CGROUP);
	return err;
}

static int run_lru_sort(const struct bench_case *c)
{
	double ratio[LRU_RUNS], without[LRU_RUNS], with[LRU_RUNS];
	double slower[LRU_RUNS];
	struct lru_run plain, sorted;
	int i, err = modules_off();

	for (i = 0; !err && i < LRU_RUNS; i++) {
		err = lru_once(false, &plain) ?: lru_once(true, &sorted);
		without[i] = plain.faults;
		with[i] = sorted.faults;
		ratio[i] = sorted.faults / plain.faults;
		slower[i] = 100 * (sorted.work_us / plain.work_us - 1);
	}
	file_write(PCP_FRACTION, "0");
	if (err)
		return broken(c, "a run failed: %s", strerror(-err));
	report(c, "major faults, without", "", median(without, LRU_RUNS));
	report(c, "major faults, with", "", median(with, LRU_RUNS));
	report(c, "with, of those without", "", median(ratio, LRU_RUNS));
	report(c, "the best of five runs", "", ratio[0]);
	report(c, "the worst", "", ratio[LRU_RUNS - 1]);
	report(c, "work takes longer", "%", median(slower, LRU_RUNS));
	return 0;
}

const struct bench_case module_cases[] = {
	{ .name = "reclaim", .run = run_reclaim, .guest = "small-1",
	  .like = "reclaim-sysfs",
	  .what = "DAMON_RECLAIM enabled at boot; 192 of 256 MiB are cold" },
	{ .name = "reclaim-sysfs", .run = run_reclaim, .guest = "small-1",
	  .sysfs = true, .what = "the same scheme by way of sysfs" },
	{ .name = "pressure", .run = run_pressure, .guest = "small-2",
	  .like = "pressure-sysfs",
	  .what = "DAMON_RECLAIM, tuned to 15 ms of pressure in 10 s" },
	{ .name = "pressure-sysfs", .run = run_pressure, .guest = "small-3",
	  .sysfs = true, .what = "the same scheme by way of sysfs" },
	{ .name = "lru_sort", .run = run_lru_sort, .guest = "small-4",
	  .what = "DAMON_LRU_SORT; 16 MiB hot, scans of 64 MiB, in 48 MiB" },
	{ }
};
