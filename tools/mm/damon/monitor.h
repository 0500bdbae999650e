/* SPDX-License-Identifier: GPL-2.0 */
/* One kdamond of ours, from nothing to running and back to nothing. */
#ifndef DAMON_TOOL_MONITOR_H
#define DAMON_TOOL_MONITOR_H

#include <sys/types.h>

#include "options.h"
#include "tree.h"

enum monitor_ops {
	OPS_VADDR,
	OPS_FVADDR,
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
	struct range_list ranges;	/* for fvaddr */
};

struct monitor {
	const struct tree *tree;
	pid_t kdamond;
	int lock;
	bool staged;	/* the kdamond directory is ours */
	bool running;
};

/* These return an exit status, having said what is wrong. */
int monitor_check_attrs(const struct monitor_attrs *attrs);
/* Takes the kdamonds, which nobody else may be using, and sets one up. */
int monitor_stage(struct monitor *m, const struct tree *tree,
		  const struct monitor_attrs *attrs, pid_t pid);
int monitor_start(struct monitor *m, const struct monitor_attrs *attrs,
		  pid_t pid);
/* False also if the kdamond ended by itself. */
bool monitor_runs(const struct monitor *m);
void monitor_stop(struct monitor *m);
/* Stops if need be and leaves sysfs as monitor_stage() found it. */
void monitor_unstage(struct monitor *m);

#endif
