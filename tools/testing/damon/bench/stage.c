// SPDX-License-Identifier: GPL-2.0
/* Writes what a kdamond shall do into sysfs; in the words of all kernels. */
#include <stdio.h>
#include <unistd.h>

#include "bench.h"

#define USEC_PER_MSEC	1000L
#define MIN_NR_REGIONS	10
#define MAX_NR_REGIONS	1000
#define UPDATE_US	1000000000L	/* never */
#define FOLLOW_US	1000000L

static int write_in(const char *dir, const char *file, const char *text)
{
	char path[160];

	snprintf(path, sizeof(path), "%s%s", dir, file);
	return damon_write(path, "%s", text);
}

static int stage_range(size_t i, const struct range *range)
{
	char path[96];
	int err;

	snprintf(path, sizeof(path), T0 "regions/%zu/start", i);
	err = damon_write(path, "%lu", range->start);
	snprintf(path, sizeof(path), T0 "regions/%zu/end", i);
	return err ?: damon_write(path, "%lu", range->end);
}

int stage_target(const char *operations, const struct range *ranges,
		 size_t nr_ranges, unsigned int interval_ms,
		 unsigned int nr_max)
{
	size_t i;
	int err;

	err = damon_cleanup() ?: damon_new(1) ?:
	      damon_write(C0 "operations", "%s", operations) ?:
	      damon_set_intervals(interval_ms * USEC_PER_MSEC,
				  interval_ms * USEC_PER_MSEC, UPDATE_US) ?:
	      damon_write(ATTRS0 "nr_regions/min", "%d", MIN_NR_REGIONS) ?:
	      damon_write(ATTRS0 "nr_regions/max", "%u", nr_max) ?:
	      damon_set_target(0, getpid()) ?:
	      damon_write(T0 "regions/nr_regions", "%zu", nr_ranges);
	for (i = 0; !err && i < nr_ranges; i++)
		err = stage_range(i, &ranges[i]);
	return err;
}

int stage_processes(const pid_t *pids, size_t nr)
{
	char path[96];
	size_t i;
	int err;

	err = damon_cleanup() ?: damon_new(1) ?:
	      damon_write(C0 "operations", "vaddr") ?:
	      damon_set_intervals(SAMPLE_US, AGGR_US, FOLLOW_US) ?:
	      damon_write(ATTRS0 "nr_regions/min", "%d", MIN_NR_REGIONS) ?:
	      damon_write(ATTRS0 "nr_regions/max", "%d", MAX_NR_REGIONS) ?:
	      damon_write(TARGETS0 "nr_targets", "%zu", nr);
	for (i = 0; !err && i < nr; i++) {
		snprintf(path, sizeof(path), TARGETS0 "%zu/pid_target", i);
		err = damon_write(path, "%d", pids[i]);
	}
	return err;
}

int stage_schemes(unsigned int nr)
{
	return damon_write(C0 "schemes/nr_schemes", "%u", nr);
}

int stage_any(const char *scheme, const char *action)
{
	static const char * const files[] = {
		"access_pattern/sz/max",
		"access_pattern/nr_accesses/max",
		"access_pattern/age/max",
	};
	int err = write_in(scheme, "action", action);
	size_t i;

	/* what an unsigned int can hold too, as some of them are */
	for (i = 0; !err && i < ARRAY_LEN(files); i++)
		err = write_in(scheme, files[i],
			       i ? "4294967295" : "18446744073709551615");
	return err;
}
