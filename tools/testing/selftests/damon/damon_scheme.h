/* SPDX-License-Identifier: GPL-2.0 */
/* Words for operation schemes, those of context 0 of kdamond 0. */
#ifndef SELFTESTS_DAMON_SCHEME_H
#define SELFTESTS_DAMON_SCHEME_H

#include <stdbool.h>

#include "damon_util.h"

#define SCHEMES0	C0 "schemes/"
#define S0		SCHEMES0 "0/"
#define S1		SCHEMES0 "1/"
#define QUOTAS0		S0 "quotas/"
#define GOALS0		QUOTAS0 "goals/"
#define PROBES0		ATTRS0 "probes/"
#define PROBE_FILTERS0	PROBES0 "0/filters/"

/*
 * Functions that return int or long return 0 (or what they say) on success,
 * and a negative error number on failure.
 */

/* A kdamond with one of everything. */
int damon_new_full(void);
/* Fresh schemes that fit all regions. */
int damos_new(int nr, const char *action);
int __printf(3, 4) damos_write(int scheme, const char *file,
			       const char *fmt, ...);
long damos_read_long(int scheme, const char *file);
/* Fit cold regions only: no access, for at least so many aggregations. */
int damos_only_cold(int scheme, unsigned int min_age);
/* Fit regions with so many accesses or more. */
int damos_only_hot(int scheme, unsigned int min_accesses);

struct damos_test_filter {
	const char *type;
	bool matching;
	bool allow;
	const char *memcg_path;
	unsigned long start, end;	/* addresses, or sizes of huge pages */
	int target;
};

#define FILTERS(...) \
	((const struct damos_test_filter []){ __VA_ARGS__, {} })

/* The filters of a directory, "core_filters" and the like; FILTERS(). */
int damos_set_filters(int scheme, const char *dir,
		      const struct damos_test_filter *filters);

struct damos_stats {
	long nr_tried;
	long sz_tried;
	long nr_applied;
	long sz_applied;
	long sz_ops_filter_passed;
	long qt_exceeds;
	long nr_snapshots;
};

/* Fetched from the kdamond, or as the files have them. */
int damos_fetch_stats(int scheme, struct damos_stats *st);
int damos_read_stats(int scheme, struct damos_stats *st);

/* What the directories in tried_regions say, all together. */
struct damos_tried {
	int nr;
	unsigned long start;	/* of the first one, and end of the last one */
	unsigned long end;
	unsigned long bytes;
	unsigned long passed;	/* the filters of the operation set */
	unsigned long max_accesses;
	int disorder;		/* regions that begin before the last one ends */
	long total_bytes;	/* the file of this name */
};

int damos_read_tried(int scheme, struct damos_tried *t);
/* The same, after asking for it. */
int damos_fetch_tried(int scheme, struct damos_tried *t);

/* Why physical memory can not be monitored, or NULL; there is a context. */
const char *paddr_why_not(void);
/* The whole of a range of physical memory, paddr. */
int damos_monitor_phys(unsigned long start, unsigned long end);
/* The memory of a process, fvaddr. */
int damos_monitor(const struct workload *w);

#endif /* SELFTESTS_DAMON_SCHEME_H */
