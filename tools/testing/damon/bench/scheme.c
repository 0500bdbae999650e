// SPDX-License-Identifier: GPL-2.0
/* What it costs to apply a scheme to physical memory, by page. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"

#define MEMORY_BYTES	(256 * MIB)
#define MEMORY_PAGES	(MEMORY_BYTES / PAGE)
#define MAX_RANGES	256
/* One sample for each pass: what monitoring costs does not show. */
#define INTERVAL_MS	500
#define MAX_PASSES	20
#define WALK_PASSES	3
/* Some pages are always on their way from one list to another. */
#define ENOUGH(pages)	((pages) / 100 * 98)

/* How far it got, and for how much. */
struct progress {
	u64 cpu;
	unsigned long tried;	/* pages */
	unsigned long applied;
	unsigned long passed;	/* filters, if the kernel tells */
};

static int stage(const char *action, const struct range *ranges, size_t nr,
		 bool filter)
{
	int err = stage_target("paddr", ranges, nr, INTERVAL_MS,
			       2 * (nr > 10 ? nr : 10));

	err = err ?: stage_schemes(1) ?: stage_any(S0, action);
	if (!filter)
		return err;
	/* anonymous folios pass */
	return err ?: damon_write(S0 "filters/nr_filters", "1") ?:
	       damon_write(S0 "filters/0/type", "anon") ?:
	       damon_write(S0 "filters/0/matching", "N");
}

static int progress_read(struct progress *p, pid_t kdamond)
{
	int err = damon_state(0, "update_schemes_stats");

	if (err)
		return err;
	p->tried = damon_read_long(S0 "stats/sz_tried") / PAGE;
	p->applied = damon_read_long(S0 "stats/sz_applied") / PAGE;
	p->passed = damon_exists(S0 "stats/sz_ops_filter_passed") ?
		damon_read_long(S0 "stats/sz_ops_filter_passed") / PAGE : 0;
	p->cpu = cpu_ns(kdamond);
	return p->cpu ? 0 : -1;
}

/* Pages that are as the action wants them, as the rest of the kernel says. */
static unsigned long changed(const char *action)
{
	if (!strcmp(action, "pageout"))
		return memory_pages("/proc/self/status", "VmSwap");
	if (!strcmp(action, "lru_prio"))
		return memory_pages("/proc/meminfo", "Active(anon)");
	return memory_pages("/proc/meminfo", "Inactive(anon)");
}

/* Let it go, and come back well after the first pass.  Returns the kdamond. */
static pid_t begin(const struct bench_case *c, const char *action,
		   const struct range *ranges, size_t nr, bool filter, u64 *cpu)
{
	int err = stage(action, ranges, nr, filter) ?: damon_state(0, "on");
	pid_t kdamond = err ? 0 : damon_pid(0);

	if (err) {
		broken(c, "cannot start %s: %s", action, strerror(-err));
		return 0;
	}
	sleep_ms(INTERVAL_MS / 10);
	*cpu = cpu_ns(kdamond);
	sleep_ms(INTERVAL_MS / 10 * 17);
	return kdamond;
}

/* Run @action until all memory is as it wants it.  Asks the kdamond nothing. */
static int change(const struct bench_case *c, const char *action,
		  const struct range *ranges, size_t nr, u64 *cpu,
		  unsigned int *passes)
{
	unsigned long base = changed(action), now = 0;
	pid_t kdamond;
	u64 first;

	kdamond = begin(c, action, ranges, nr, false, &first);
	if (!kdamond)
		return -1;
	for (*passes = 1; ; ++*passes) {
		now = changed(action) - base;
		if (now >= ENOUGH(MEMORY_PAGES) || *passes == MAX_PASSES)
			break;
		sleep_ms(INTERVAL_MS);
	}
	*cpu = cpu_ns(kdamond) - first;
	if (damon_state(0, "off"))
		return broken(c, "the kdamond has ended early");
	if (now < ENOUGH(MEMORY_PAGES))
		return broken(c, "%s: %lu of %lu pages", action, now,
			    MEMORY_PAGES);
	return 0;
}

static int run_change(const struct bench_case *c)
{
	char *memory = memory_map(MEMORY_BYTES);
	struct range ranges[MAX_RANGES];
	unsigned int passes;
	size_t nr;
	int err = 0;
	u64 cpu;

	if (!memory)
		return broken(c, "no memory");
	memory_fill(memory, MEMORY_BYTES, c->zeroes);
	nr = memory_find(memory, MEMORY_BYTES, ranges, MAX_RANGES);
	if (!nr)
		return broken(c, "the memory is scattered, or not there");
	if (c->prepare)
		err = change(c, c->prepare, ranges, nr, &cpu, &passes);
	err = err ?: change(c, c->action, ranges, nr, &cpu, &passes);
	munmap(memory, MEMORY_BYTES);
	if (err)
		return err;
	report(c, "kdamond CPU per page", "ns", (double)cpu / MEMORY_PAGES);
	report(c, "passes that it took", "", passes);
	return 0;
}

/*
 * Walk so many pages, at least.  Some kernels report on one pass less than they
 * have made by then; so only what lies between two reports counts.
 */
static int walk(const struct bench_case *c, const struct range *ranges,
		size_t nr, unsigned long want, struct progress *p)
{
	struct progress first, last;
	unsigned int pass;
	pid_t kdamond;
	u64 cpu;

	kdamond = begin(c, c->action, ranges, nr, true, &cpu);
	if (!kdamond)
		return -1;
	if (progress_read(&first, kdamond))
		return broken(c, "the kdamond does not answer");
	for (pass = 0; pass < MAX_PASSES; pass++) {
		sleep_ms(INTERVAL_MS);
		if (progress_read(&last, kdamond))
			return broken(c, "the kdamond does not answer");
		if (last.tried - first.tried >= want)
			break;
	}
	if (damon_state(0, "off"))
		return broken(c, "the kdamond has ended early");
	*p = (struct progress){
		.cpu = last.cpu - first.cpu,
		.tried = last.tried - first.tried,
		.applied = last.applied - first.applied,
		.passed = last.passed - first.passed,
	};
	if (p->tried < want)
		return broken(c, "walked %lu pages, not %lu", p->tried, want);
	return 0;
}

/* Passes that change nothing. */
static int run_walk(const struct bench_case *c)
{
	unsigned long pages = 0, found;
	struct range ranges[MAX_RANGES];
	struct progress p = {};
	char *memory = NULL;
	size_t nr, i;
	int err;

	if (c->free) {
		nr = memory_system_ram(ranges, MAX_RANGES);
	} else {
		memory = memory_map(MEMORY_BYTES);
		if (!memory)
			return broken(c, "no memory");
		memory_fill(memory, MEMORY_BYTES, c->zeroes);
		nr = memory_find(memory, MEMORY_BYTES, ranges, MAX_RANGES);
	}
	if (!nr)
		return broken(c, "cannot tell where the memory is");
	for (i = 0; i < nr; i++)
		pages += (ranges[i].end - ranges[i].start) / PAGE;

	err = walk(c, ranges, nr, WALK_PASSES * pages, &p);
	if (memory)
		munmap(memory, MEMORY_BYTES);
	if (err)
		return err;
	/* pages that each pass really came by */
	found = (p.applied ?: p.passed) * (double)pages / p.tried;
	if (c->free)
		report(c, "kdamond CPU per pass", "us",
		       (double)p.cpu / p.tried * pages / NSEC_PER_USEC);
	else
		report(c, "kdamond CPU per page", "ns",
		       (double)p.cpu / p.tried);
	report(c, "pages found", "", found);
	if (found < (c->free ? 1 : ENOUGH(MEMORY_PAGES)) &&
	    (strcmp(c->action, "stat") ||
	     damon_exists(S0 "stats/sz_ops_filter_passed")))
		return broken(c, "walked over %lu pages but found %lu", pages,
			    found);
	return 0;
}

const struct bench_case scheme_cases[] = {
	{ .name = "stat", .run = run_walk,
	  .what = "stat of 256 MiB that a filter lets pass",
	  .action = "stat", .like = "walk" },
	{ .name = "walk", .run = run_walk,
	  .what = "lru_deprio of 256 MiB that a filter lets pass, nothing to do",
	  .action = "lru_deprio" },
	{ .name = "lru_prio", .run = run_change,
	  .what = "make 256 MiB active",
	  .action = "lru_prio", .prepare = "lru_deprio" },
	{ .name = "lru_deprio", .run = run_change,
	  .what = "make 256 MiB inactive",
	  .action = "lru_deprio", .prepare = "lru_prio" },
	{ .name = "pageout", .run = run_change,
	  .what = "page out 256 MiB of data to zram",
	  .action = "pageout" },
	{ .name = "pageout0", .run = run_change,
	  .what = "page out 256 MiB of zeroes",
	  .action = "pageout", .zeroes = true },
	{ .name = "free_stat", .run = run_walk,
	  .what = "stat over 8 GiB, mostly free, with a filter",
	  .action = "stat", .free = true, .like = "free_walk" },
	{ .name = "free_walk", .run = run_walk,
	  .what = "lru_deprio over 8 GiB, mostly free, with a filter",
	  .action = "lru_deprio", .free = true },
	{ }
};
