/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One kdamond to look at: ours, from nothing to running and back to nothing, or
 * one that somebody else set up, which is not touched.
 *
 * To use one:  monitor_init(), monitor_start() or monitor_attach(),
 * monitor_runs() now and then, monitor_stop(), monitor_free().
 *
 * Functions that return int return an exit status, having said what is wrong.
 */
#ifndef DAMON_TOOL_MONITOR_H
#define DAMON_TOOL_MONITOR_H

#include <sys/types.h>

#include "options.h"
#include "tree.h"

enum monitor_ops {
	OPS_VADDR,
	OPS_FVADDR,
	OPS_PADDR,
	NR_OPS,
};

extern const char *const monitor_ops_names[];

struct monitor_attrs {
	unsigned int ops;
	u64 sample_us;
	u64 aggr_us;
	u64 update_us;
	u64 min_regions;
	u64 max_regions;
	/* interval tuning; off if goal_aggrs is 0 */
	u64 goal_access_bp;
	u64 goal_aggrs;
	u64 goal_min_sample_us;
	u64 goal_max_sample_us;
	u64 budget_permille;	/* CPU time, 0: any */
	/* for fvaddr of each process; for paddr, all System RAM if there are none */
	struct range_list ranges;
};

#define MONITOR_DEFAULTS {				\
	.sample_us = 5 * USEC_PER_MSEC,			\
	.aggr_us = 100 * USEC_PER_MSEC,			\
	.update_us = USEC_PER_SEC,			\
	.min_regions = 10,				\
	.max_regions = 1000,				\
}

/* Rows for the attributes that all commands with a kdamond of their own have. */
#define MONITOR_OPTIONS(_struct, _attrs)				\
	DEFINE_OPTION("sample", TIME, _struct, _attrs.sample_us,	\
		      "time between two checks of a region (5ms)",	\
		      .letter = 's', .value = "TIME", .min = 1),	\
	DEFINE_OPTION("aggregate", TIME, _struct, _attrs.aggr_us,	\
		      "time summed up in a snapshot (100ms)",		\
		      .letter = 'a', .value = "TIME", .min = 1),	\
	DEFINE_OPTION("update", TIME, _struct, _attrs.update_us,	\
		      "time between two looks for new mappings (1s)",	\
		      .letter = 'u', .value = "TIME", .min = 1,		\
		      .manual_only = true),				\
	DEFINE_OPTION("min-regions", NUMBER, _struct, _attrs.min_regions, \
		      "least number of regions (10)",			\
		      .value = "N", .min = 3),				\
	DEFINE_OPTION("max-regions", NUMBER, _struct, _attrs.max_regions, \
		      "largest number of regions (1000)",		\
		      .value = "N", .min = 3),				\
	DEFINE_OPTION("budget", NUMBER, _struct, _attrs.budget_permille, \
		      "CPU time of the kdamond, 1/1000 of a CPU",	\
		      .value = "N", .min = 1, .max = 1000),		\
	DEFINE_OPTION("ops", CHOICE, _struct, _attrs.ops,		\
		      "vaddr, fvaddr (only --range) or paddr (physical)", \
		      .value = "SET",					\
		      .choices = monitor_ops_names),			\
	DEFINE_OPTION("range", RANGES, _struct, _attrs.ranges,		\
		      "addresses for fvaddr and paddr, may be repeated", \
		      .value = "START-END")

#define MONITOR_MAX_TARGETS	1024

struct monitor {
	const struct tree *tree;
	u64 index;		/* below kdamonds/ */
	pid_t kdamond;		/* the thread */
	u64 cpu_ns;		/* it has used, at the last look */
	struct monitor_attrs attrs;
	u64 addr_unit;		/* bytes */
	/* target i is this process, or 0 if it is physical memory */
	unsigned int nr_targets;
	pid_t *pids;
	bool ours;
	bool running;
	int lock;
};

/* Checks what can be known without the kernel, and fills in what is missing. */
int monitor_check_attrs(struct monitor_attrs *attrs);

void monitor_init(struct monitor *m, const struct tree *tree);
/*
 * Takes the kdamonds, which nobody else may be using, and starts one for these
 * processes (none for paddr).  Processes that have ended meanwhile are left out
 * as long as there is another one.
 */
int monitor_start(struct monitor *m, const struct monitor_attrs *attrs,
		  const pid_t *pids, unsigned int nr);
/* Looks at kdamonds/INDEX, which has to run, as it was set up. */
int monitor_attach(struct monitor *m, u64 index);
/* The first that runs; false if none does. */
bool monitor_find_running(const struct tree *tree, u64 *index);
/*
 * Changes the processes of a kdamond of ours without a stop.  Those that stay
 * keep their regions, and come first.  What is traced while this runs may
 * belong to either.
 */
int monitor_retarget(struct monitor *m, const pid_t *pids, unsigned int nr);
/* False if this kernel or this PID namespace cannot do that. */
bool monitor_can_retarget(const struct monitor *m);
/* False also if the kdamond ended by itself. */
bool monitor_runs(struct monitor *m);
/* Ends what monitor_start() began; only forgets what was attached to. */
void monitor_stop(struct monitor *m);
void monitor_free(struct monitor *m);

#endif
