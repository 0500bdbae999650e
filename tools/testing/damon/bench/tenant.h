/* SPDX-License-Identifier: GPL-2.0 */
/* A program with memory that it works on, and memory that it comes by. */
#ifndef DAMON_BENCH_TENANT_H
#define DAMON_BENCH_TENANT_H

#include "bench.h"

#define TENANT_ROUND_MS	10

/* Written by the process, and read by others by atomic accesses. */
struct tenant_counts {
	bool ready;
	u64 nr_works;		/* how often it went over its hot part */
	u64 work_ns;		/* that it took in all */
	u64 work_faults;	/* major ones in there */
};

/* Set the first part, then start. */
struct tenant {
	size_t hot_bytes;	/* all of it is used each work_ms */
	unsigned int work_ms;	/* all multiples of TENANT_ROUND_MS */
	size_t cold_bytes;	/* comes behind the hot part */
	size_t stream_bytes;	/* of it that are used each stream_ms, in turn */
	unsigned int stream_ms;
	unsigned int stream_from_ms;
	size_t filled_bytes;	/* the rest comes when it is used; 0: all is */
	const char *cgroup;	/* that it is in, or NULL */
	bool worn;		/* was swapped out before; all on one node */

	pid_t pid;
	char *memory;		/* of the process; ours has nothing there */
	struct tenant_counts *counts;
};

/* With its memory filled.  Returns 0, or -1 if it cannot be. */
int tenant_start(struct tenant *t);
/* Returns 0, or -1 if it has ended by itself. */
int tenant_stop(struct tenant *t);
struct tenant_counts tenant_counts(const struct tenant *t);
/* What happened since then, for each time that it went over its hot part. */
double tenant_work_us(const struct tenant *t,
		      const struct tenant_counts *since);
/* Pages of its cold part that are in swap space; negative: an error number. */
long tenant_cold_swapped(const struct tenant *t);

#endif /* DAMON_BENCH_TENANT_H */
