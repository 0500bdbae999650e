// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to keep a given number of regions under watch: with holes in
 * between they are never made one, and there is no room for more.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "subject.h"

#define NR_REGIONS	1000
#define NR_REGIONS_MANY	10000
#define REGION_PAGES	8
#define SETTLE_MS	3000
#define MEASURE_MS	3000
#define ROUNDS		5
#define SLOW_MS		1000

struct cost {
	pattern *draw;
	unsigned long pages;	/* of a region */
	unsigned long stride;	/* from region to region, in pages */
};

static struct range ranges[NR_REGIONS_MANY];

static void make_ranges(const char *memory, size_t nr, unsigned long pages,
			unsigned long stride)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		ranges[i].start = (unsigned long)memory + i * stride * PAGE;
		ranges[i].end = ranges[i].start + pages * PAGE;
	}
}

/* Watch this many ranges of a process.  Returns the kdamond, or 0. */
static pid_t watch_ranges(const struct bench_case *c, pid_t pid, size_t nr)
{
	int err = stage_target("fvaddr", ranges, nr, 1, nr > 10 ? nr : 10) ?:
		  damon_set_intervals(SAMPLE_US, AGGR_US, 1000000000) ?:
		  damon_write(T0 "pid_target", "%d", pid) ?:
		  damon_state(0, "on");

	if (!err)
		return damon_pid(0);
	broken(c, "cannot start: %s", strerror(-err));
	return 0;
}

/* CPU time of the kdamond for each sampling interval in these, in ns. */
static double ns_per_tick(pid_t kdamond, unsigned int ms)
{
	u64 then = cpu_ns(kdamond), now;

	sleep_ms(ms);
	now = cpu_ns(kdamond);
	return then && now ? (now - then) / (ms / (SAMPLE_US / 1000.0)) : 0;
}

/* At once, and when it has settled. */
static int measure(const struct bench_case *c, pid_t pid, size_t nr,
		   double ns[2])
{
	pid_t kdamond = watch_ranges(c, pid, nr);

	if (!kdamond)
		return -1;
	/* the first tick is one of its own */
	sleep_ms(AGGR_US / 1000 / 2);
	ns[0] = ns_per_tick(kdamond, AGGR_US * 5 / 1000);
	sleep_ms(SETTLE_MS);
	ns[1] = ns_per_tick(kdamond, MEASURE_MS);
	if (damon_state(0, "off") || ns[0] <= 0 || ns[1] <= 0)
		return broken(c, "the kdamond has ended early");
	return 0;
}

static int run_regions(const struct bench_case *c)
{
	const struct cost *cost = c->of;
	double one[2], many[2];
	struct subjects s;
	int err;

	if (subjects_start(&s, 1, cost->draw, NR_REGIONS * cost->stride * PAGE,
			   false, cost->pages > 1 ? FILL_ALL : FILL_NONE,
			   60000, 0))
		return broken(c, "cannot start the program");
	make_ranges(s.mapping, NR_REGIONS, cost->pages, cost->stride);
	subjects_go(&s);
	err = measure(c, s.pids[0], 1, one) ?:
	      measure(c, s.pids[0], NR_REGIONS, many);
	if (subjects_stop(&s))
		err = broken(c, "the program failed");
	subjects_free(&s);
	if (err)
		return err;
	report(c, "CPU per tick and region", "ns",
	       (many[1] - one[1]) / (NR_REGIONS - 1));
	report(c, "CPU per tick and region at start", "ns",
	       (many[0] - one[0]) / (NR_REGIONS - 1));
	report(c, "CPU per tick, one region", "ns", one[1]);
	report(c, "CPU per tick, one region, start", "ns", one[0]);
	return 0;
}

/* A process that sleeps, and its kdamond with the default attributes. */
static int run_idle(const struct bench_case *c)
{
	struct subjects s;
	double ns = 0;
	int err;

	if (subjects_start(&s, 1, draw_cold, 256 * MIB, false, FILL_ALL, 60000,
			   0))
		return broken(c, "cannot start the program");
	kill(s.pids[0], SIGSTOP);
	err = stage_processes(s.pids, 1) ?: damon_state(0, "on");
	if (!err) {
		sleep_ms(2 * SETTLE_MS);
		ns = ns_per_tick(damon_pid(0), MEASURE_MS);
		err = damon_state(0, "off");
	}
	kill(s.pids[0], SIGCONT);
	if (subjects_stop(&s) || err || ns <= 0)
		err = broken(c, "the kdamond has ended early");
	else
		report(c, "CPU per tick", "ns", ns);
	subjects_free(&s);
	return err;
}

static double kernel_bytes(void)
{
	static const char * const names[] = {
		"Slab:", "VmallocUsed:", "KernelStack:",
	};
	unsigned long pages = 0;
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		pages += memory_pages("/proc/meminfo", names[i]);
	return (double)pages * PAGE;
}

static int run_memory(const struct bench_case *c)
{
	const size_t bytes = NR_REGIONS_MANY * 2 * REGION_PAGES * PAGE;
	char *memory = memory_map(bytes);
	double before, one, many;
	pid_t self = getpid();
	int err;

	if (!memory)
		return broken(c, "no memory");
	make_ranges(memory, NR_REGIONS_MANY, REGION_PAGES, 2 * REGION_PAGES);
	/* whatever is made once for all is there by now */
	if (!watch_ranges(c, self, 1))
		return -1;
	damon_state(0, "off");

	err = stage_processes(&self, 1);
	before = kernel_bytes();
	err = err ?: damon_state(0, "on");
	sleep_ms(5 * AGGR_US / 1000);
	one = kernel_bytes() - before;
	if (err || damon_state(0, "off"))
		return broken(c, "the kdamond has ended early");

	if (!watch_ranges(c, self, NR_REGIONS_MANY) || damon_state(0, "off"))
		return -1;
	sleep_ms(5 * AGGR_US / 1000);
	before = kernel_bytes();
	err = damon_state(0, "on");
	sleep_ms(5 * AGGR_US / 1000);
	many = kernel_bytes() - before;
	if (err || damon_state(0, "off"))
		return broken(c, "the kdamond has ended early");
	munmap(memory, bytes);
	report(c, "memory per region", "B", many / NR_REGIONS_MANY);
	report(c, "kdamond with default attributes", "KiB", one / 1024);
	return 0;
}

/* How long do those wait who ask a kdamond that samples once a second? */
static int run_latency(const struct bench_case *c)
{
	static const char * const commands[] = {
		"commit", "update_schemes_stats", "update_schemes_tried_regions",
		"off",
	};
	double us[ARRAY_LEN(commands)][ROUNDS];
	char *memory = memory_map(PAGE);
	size_t i, k;
	u64 then;
	int err;

	if (!memory)
		return broken(c, "no memory");
	make_ranges(memory, 1, 1, 1);
	for (k = 0; k < ROUNDS; k++) {
		err = stage_target("fvaddr", ranges, 1, SLOW_MS, 10) ?:
		      stage_schemes(1) ?: stage_any(S0, "stat") ?:
		      damon_state(0, "on");
		for (i = 0; !err && i < ARRAY_LEN(commands); i++) {
			sleep_ms(SLOW_MS + 137 * (k + 1));
			then = now_ns();
			err = damon_state(0, commands[i]);
			us[i][k] = (double)(now_ns() - then) / NSEC_PER_USEC;
		}
		if (err)
			return broken(c, "the kdamond: %s", strerror(-err));
	}
	munmap(memory, PAGE);
	for (i = 0; i < ARRAY_LEN(commands); i++)
		report(c, commands[i], "us", median(us[i], ROUNDS));
	return 0;
}

#define REGIONS(_name, _what, _draw, _pages, _stride)			\
	{ .name = _name, .what = _what, .run = run_regions,		\
	  .of = &(const struct cost){ .draw = _draw, .pages = _pages,	\
		.stride = _stride } }

const struct bench_case cost_cases[] = {
	REGIONS("regions-cold", "1,000 regions that nobody uses",
		draw_cold, REGION_PAGES, 2 * REGION_PAGES),
	REGIONS("regions-hot", "1,000 regions that are used all the time",
		draw_hot, REGION_PAGES, 2 * REGION_PAGES),
	REGIONS("regions-half", "1,000 regions, half of the samples find use",
		draw_half, REGION_PAGES, 2 * REGION_PAGES),
	REGIONS("regions-far", "1,000 hot regions, a page table for each",
		draw_heads, 1, 512),
	{ .name = "idle", .run = run_idle,
	  .what = "a process of 256 MiB that sleeps" },
	{ .name = "memory", .run = run_memory,
	  .what = "kernel memory for 10,000 regions" },
	{ .name = "latency", .run = run_latency,
	  .what = "commands to a kdamond that samples once a second" },
	{ }
};
