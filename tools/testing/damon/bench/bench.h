/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A benchmark of DAMON by way of what every kernel's sysfs interface has: the
 * same program runs on each of the kernels to be compared.
 */
#ifndef DAMON_BENCH_H
#define DAMON_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "damon_util.h"

typedef unsigned long long u64;

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE		4096UL
#define MIB		1048576UL
#define NSEC_PER_USEC	1000ULL
#define NSEC_PER_SEC	1000000000ULL

#define S0		C0 "schemes/0/"

/* default attributes */
#define SAMPLE_US	5000
#define AGGR_US		100000

struct bench_case;

/*
 * What is measured.  run() reports figures with report(), and returns 0, or
 * what broken() returned because the kernel did not do its work.
 */
struct bench_case {
	const char *name;
	int (*run)(const struct bench_case *c);
	const char *what;
	const char *like;	/* case to compare with if a kernel has no such */
	const char *action;	/* of the scheme that is measured */
	const char *prepare;	/* action that undoes what it does, if needed */
	bool free;		/* over all memory, most of which is free */
	bool zeroes;		/* memory full of zeroes */
	bool again;		/* with what the last round has left */
	bool sysfs;		/* instead of a module */
	const char *guest;	/* to be run in, or NULL for the first one */
	const void *of;		/* what else run() has to know */
};

extern const struct bench_case access_cases[];
extern const struct bench_case cost_cases[];
extern const struct bench_case effect_cases[];
extern const struct bench_case scheme_cases[];
extern const struct bench_case command_cases[];
extern const struct bench_case module_cases[];
extern const struct bench_case idle_cases[];

/* bench.c */
void report(const struct bench_case *c, const char *figure, const char *unit,
	    double value);
int __printf(2, 3) broken(const struct bench_case *c, const char *fmt, ...);
u64 now_ns(void);
void sleep_ms(unsigned int ms);
u64 own_cpu_ns(void);
/* CPU time of another thread, which must not be running now; 0 if it is gone */
u64 cpu_ns(pid_t pid);
double median(double *values, size_t nr);

/* memory.c */
struct range {
	unsigned long start, end;
};

char *memory_map(size_t bytes);
/* Give each page other content, or zeroes. */
void memory_fill(char *memory, size_t bytes, bool zeroes);
/* Where it is in physical memory.  Returns the number of ranges, or 0. */
size_t memory_find(const char *memory, size_t bytes, struct range *ranges,
		   size_t max);
size_t memory_system_ram(struct range *ranges, size_t max);
/* A line of /proc/meminfo or /proc/self/status, in pages. */
unsigned long memory_pages(const char *path, const char *name);

/* idle.c */
/* Monitor all memory, by DAMON_STAT if there is one. */
int stat_on(pid_t unused);
int stat_off(void);

/* module.c */
/* Disable whichever modules the kernel has. */
int modules_off(void);

/* stage.c */
/* Set up one kdamond with one target with these regions, not yet on. */
int stage_target(const char *operations, const struct range *ranges,
		 size_t nr_ranges, unsigned int interval_ms,
		 unsigned int nr_max);
/* The same for processes, with the default attributes. */
int stage_processes(const pid_t *pids, size_t nr);
int stage_schemes(unsigned int nr);
/* Make a scheme, at a path with a slash at the end, fit all regions. */
int stage_any(const char *scheme, const char *action);

#endif /* DAMON_BENCH_H */
