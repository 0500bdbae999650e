/* SPDX-License-Identifier: GPL-2.0 */
/* What damon export tells, and where it is from. */
#ifndef DAMON_TOOL_EXPORT_H
#define DAMON_TOOL_EXPORT_H

#include "metrics.h"
#include "tree.h"

enum export_family {
	EXPORT_BUILD,
	EXPORT_WORKING_SET,
	EXPORT_MONITORED,
	EXPORT_IDLE,
	EXPORT_BANDWIDTH,
	EXPORT_REGIONS,
	EXPORT_RUNNING,
	EXPORT_CPU,
	EXPORT_SAMPLE,
	EXPORT_AGGR,
	EXPORT_UPDATE,
	EXPORT_TARGET,
	EXPORT_TRIED_REGIONS,
	EXPORT_TRIED,
	EXPORT_APPLIED_REGIONS,
	EXPORT_APPLIED,
	EXPORT_PASSED,
	EXPORT_EXCEEDED,
	EXPORT_SNAPSHOTS,
	EXPORT_QUOTA,
	EXPORT_QUOTA_TIME,
	EXPORT_QUOTA_RESET,
	EXPORT_QUOTA_EFFECTIVE,
	EXPORT_MODULE,
	EXPORT_MODULE_CPU,
	EXPORT_MODULE_TRIED_REGIONS,
	EXPORT_MODULE_TRIED,
	EXPORT_MODULE_APPLIED_REGIONS,
	EXPORT_MODULE_APPLIED,
	EXPORT_MODULE_EXCEEDED,
	NR_EXPORT_FAMILIES,
};

extern const struct metric_family export_families[NR_EXPORT_FAMILIES];

/*
 * These return an exit status, having said what is wrong.  What ends or begins
 * meanwhile may be left out.
 */
int export_modules(struct metrics *m, const struct tree *tree);
/* Waits for snapshots of the running kdamonds up to wait_us, for each. */
int export_kdamonds(struct metrics *m, struct tree *tree, u64 wait_us);

#endif
