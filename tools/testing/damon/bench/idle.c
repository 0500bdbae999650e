// SPDX-License-Identifier: GPL-2.0
/*
 * DAMON_STAT beside the truth; for a kernel without it, the same is worked out
 * from the regions that its sysfs interface tells.  And what it costs that the
 * modules run together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "damon_mem.h"
#include "damon_module.h"
#include "subject.h"

#define NR_PERCENTILES	101
#define TOLERANCE	0.1
#define HOT_BYTES	(64 * MIB)
#define ZONE_BYTES	(48 * MIB)
#define NR_ZONES	3	/* that are used until some time */
#define ZONE_MS		10000
#define RUN_MS		((NR_ZONES + 1) * ZONE_MS - ZONE_MS / 2)
#define UPDATE_US	60000000
#define SETTLE_MS	5000
#define MEASURE_MS	10000
#define TRIED		S0 "tried_regions/"

/* Memory that has been idle for so long. */
struct idle {
	double bytes;
	double ms;		/* negative: in use */
};

struct results {
	double ms[NR_PERCENTILES];
	double bandwidth;
	double aggr_us;
};

static bool has_stat(void)
{
	return damon_exists(STAT);
}

int stat_on(pid_t unused)
{
	struct range ranges[8];
	size_t nr;

	(void)unused;
	if (has_stat())
		return module_enable(STAT, true);
	nr = memory_system_ram(ranges, ARRAY_LEN(ranges));
	return stage_target("paddr", ranges, nr, AGGR_US / 1000, 1000) ?:
	       damon_set_intervals(SAMPLE_US, AGGR_US, UPDATE_US) ?:
	       stage_schemes(1) ?: stage_any(S0, "stat") ?:
	       damon_state(0, "on");
}

static pid_t stat_pid(void)
{
	return has_stat() ? module_pid(STAT) : damon_pid(0);
}

int stat_off(void)
{
	return has_stat() ? module_enable(STAT, false) : damon_state(0, "off");
}

static int by_ms(const void *a, const void *b)
{
	double ma = ((const struct idle *)a)->ms;
	double mb = ((const struct idle *)b)->ms;

	return ma < mb ? -1 : ma > mb;
}

static void percentiles(struct idle *idle, size_t nr, double *ms)
{
	double total = 0, passed = 0;
	size_t i;
	int p = 0;

	qsort(idle, nr, sizeof(*idle), by_ms);
	for (i = 0; i < nr; i++)
		total += idle[i].bytes;
	for (i = 0; i < nr; i++) {
		passed += idle[i].bytes;
		while (p < NR_PERCENTILES && p * total <= passed * 100)
			ms[p++] = idle[i].ms;
	}
}

static int results_of_module(struct results *results)
{
	FILE *file = fopen(DAMON_ADMIN STAT "memory_idle_ms_percentiles", "r");
	int p = 0;

	while (file && p < NR_PERCENTILES &&
	       fscanf(file, "%lf,", &results->ms[p]) == 1)
		p++;
	if (file)
		fclose(file);
	results->bandwidth = damon_read_long(STAT "estimated_memory_bandwidth");
	results->aggr_us = damon_read_long(STAT "aggr_interval_us");
	return p == NR_PERCENTILES ? 0 : -1;
}

static long region_number(size_t i, const char *file)
{
	char path[96];

	snprintf(path, sizeof(path), TRIED "%zu/%s", i, file);
	return damon_read_long(path);
}

static int results_of_regions(struct results *results)
{
	static struct idle idle[2000];
	int err = damon_state(0, "update_schemes_tried_regions");
	double accessed = 0;
	char path[96];
	size_t nr;

	for (nr = 0; !err && nr < ARRAY_LEN(idle); nr++) {
		long nr_accesses;

		snprintf(path, sizeof(path), TRIED "%zu", nr);
		if (!damon_exists(path))
			break;
		nr_accesses = region_number(nr, "nr_accesses");
		idle[nr].bytes = region_number(nr, "end") -
				 region_number(nr, "start");
		idle[nr].ms = (region_number(nr, "age") + 1) *
			      (AGGR_US / 1000.0) * (nr_accesses ? -1 : 1);
		accessed += idle[nr].bytes * nr_accesses;
	}
	percentiles(idle, nr, results->ms);
	results->bandwidth = accessed * 1000000 / AGGR_US;
	results->aggr_us = AGGR_US;
	return err ?: nr ? 0 : -1;
}

static int results_read(struct results *results)
{
	return has_stat() ? results_of_module(results) :
			    results_of_regions(results);
}

/* A part that is used all the time, and zones that end one by one. */
static void draw_idle(struct drawing *d)
{
	unsigned int i;

	d->zones[d->nr++] = (struct zone){
		.until_ms = ~0U, .size = HOT_BYTES, .period_ms = 4,
	};
	for (i = 0; i < NR_ZONES; i++)
		d->zones[d->nr++] = (struct zone){
			.until_ms = i * ZONE_MS + ZONE_MS / 2,
			.start = HOT_BYTES + i * ZONE_BYTES,
			.size = ZONE_BYTES,
			.period_ms = 4,
		};
}

/* What it is after so long, the rest of the memory being free. */
static void truth(double run_ms, struct results *real)
{
	struct idle idle[NR_ZONES + 2] = { { HOT_BYTES, -run_ms } };
	unsigned long start, end;
	unsigned int i;

	ram_range(&start, &end);
	for (i = 0; i < NR_ZONES; i++)
		idle[i + 1] = (struct idle){
			ZONE_BYTES, run_ms - i * ZONE_MS - ZONE_MS / 2,
		};
	idle[i + 1] = (struct idle){
		end - start - HOT_BYTES - NR_ZONES * ZONE_BYTES, run_ms,
	};
	percentiles(idle, ARRAY_LEN(idle), real->ms);
}

static double distance(double got, double want)
{
	return got > want ? (got - want) / want : (want - got) / want;
}

static void report_distance(const struct bench_case *c,
			    const struct results *got,
			    const struct results *real)
{
	int p, nr_hot = 0, want_hot = 0, nr_idle = 0, nr_off = 0;
	double sum = 0;

	for (p = 0; p < NR_PERCENTILES; p++) {
		nr_hot += got->ms[p] < 0;
		want_hot += real->ms[p] < 0;
		if (real->ms[p] < 0)
			continue;
		nr_idle++;
		sum += distance(got->ms[p], real->ms[p]);
		nr_off += distance(got->ms[p], real->ms[p]) > TOLERANCE;
	}
	report(c, "error of idle times, mean", "%", 100 * sum / nr_idle);
	report(c, "percentiles off by over 10 %", "", nr_off);
	report(c, "error of the part in use", "%",
	       100 * distance(nr_hot, want_hot));
	/* all samples of the part in use are positive */
	report(c, "error of the bandwidth", "%",
	       100 * distance(got->bandwidth, HOT_BYTES * 1000000.0 /
			      (got->aggr_us * SAMPLE_US / AGGR_US)));
}

/* While nobody does anything. */
static int run_still(const struct bench_case *c)
{
	u64 ns;
	int err = modules_off() ?: stat_on(0);

	if (err)
		return broken(c, "cannot be enabled: %s", strerror(-err));
	sleep_ms(60000);
	ns = cpu_ns(stat_pid());
	sleep_ms(60000);
	ns = cpu_ns(stat_pid()) - ns;
	if (stat_off())
		return broken(c, "the kdamond has ended early");
	report(c, "kdamond CPU a minute", "ms", ns / 1e6);
	return 0;
}

static int run_stat(const struct bench_case *c)
{
	struct results got, real;
	struct subjects s;
	u64 began_ns, ns;
	int err;

	if (subjects_start(&s, 1, draw_idle, HOT_BYTES + NR_ZONES * ZONE_BYTES,
			   false, FILL_ALL, 2 * RUN_MS, 0))
		return broken(c, "cannot start the program");
	err = modules_off() ?: stat_on(0);
	subjects_go(&s);
	began_ns = now_ns();
	sleep_ms(RUN_MS);
	ns = cpu_ns(stat_pid());
	truth((now_ns() - began_ns) / 1e6, &real);
	err = err ?: results_read(&got) ?: stat_off();
	if (subjects_stop(&s) || err)
		err = broken(c, "the program or the kdamond has ended early");
	subjects_free(&s);
	if (err)
		return err;
	report_distance(c, &got, &real);
	report(c, "kdamond CPU a minute", "ms", ns / 1e6 * 60000 / RUN_MS);
	return 0;
}

/* CPU time of the kdamond of all that are on, for each tick, in ns. */
static double ns_per_tick(pid_t kdamond)
{
	u64 ns;

	sleep_ms(SETTLE_MS);
	ns = cpu_ns(kdamond);
	sleep_ms(MEASURE_MS);
	return (double)(cpu_ns(kdamond) - ns) / (MEASURE_MS * 1000 / SAMPLE_US);
}

/* Watermarks let them work; nothing is old enough to be acted upon. */
static const char * const together_reclaim[] = {
	"min_age", "120000000", "quota_ms", "10", "quota_sz", "134217728",
	"quota_reset_interval_ms", "1000", "quota_mem_pressure_us", "0",
	"wmarks_high", "1000", "wmarks_mid", "999", "wmarks_low", "0",
	"monitor_region_start", "0", "monitor_region_end", "0", NULL,
};

static const char * const together_lru_sort[] = {
	"sample_interval", "5000", "aggr_interval", "100000",
	"wmarks_high", "1000", "wmarks_mid", "999", "wmarks_low", "0", NULL,
};

static int run_together(const struct bench_case *c)
{
	static const char * const names[] = {
		"DAMON_RECLAIM", "DAMON_LRU_SORT", "DAMON_STAT",
	};
	double ns = 0, dearest = 0, sum = 0;
	struct subjects s;
	int i, err;

	if (subjects_start(&s, 1, draw_zones, 128 * MIB, false, FILL_ALL,
			   4 * (SETTLE_MS + MEASURE_MS), 0))
		return broken(c, "cannot start the program");
	subjects_go(&s);
	err = modules_off() ?: params_write(RECLAIM, together_reclaim) ?:
	      params_write(LRU_SORT, together_lru_sort);
	for (i = 0; !err && i < NR_MODULES; i++) {
		if (!damon_exists(modules[i]))
			continue;
		err = module_enable(modules[i], true);
		ns = err ? 0 : ns_per_tick(module_pid(modules[i]));
		err = err ?: modules_off();
		report(c, names[i], "ns", ns);
		dearest = ns > dearest ? ns : dearest;
		sum += ns;
	}
	if (!err && has_stat()) {
		for (i = 0; !err && i < NR_MODULES; i++)
			err = module_enable(modules[i], true);
		ns = err ? 0 : ns_per_tick(module_pid(STAT));
		err = err ?: modules_off();
		report(c, "all three", "ns", ns);
		report(c, "all three, of the dearest one", "", ns / dearest);
		report(c, "all three, of the sum", "", ns / sum);
	}
	if (subjects_stop(&s) || err)
		err = broken(c, "the program or a kdamond has ended early");
	subjects_free(&s);
	return err;
}

const struct bench_case idle_cases[] = {
	{ .name = "idle-still", .run = run_still, .guest = "small-4",
	  .what = "DAMON_STAT, or paddr, where nothing happens" },
	{ .name = "idle-stat", .run = run_stat, .guest = "small-4",
	  .what = "DAMON_STAT, or regions of paddr, beside the truth" },
	{ .name = "together", .run = run_together, .guest = "small-4",
	  .what = "the kdamond of modules, ns a tick, where 25 % of 128 MiB are hot" },
	{ }
};
