/* SPDX-License-Identifier: GPL-2.0 */
/* Reading the tracepoints of DAMON by a tracing instance of our own. */
#ifndef SELFTESTS_DAMON_TRACE_H
#define SELFTESTS_DAMON_TRACE_H

#include <stdbool.h>

#define DAMON_TRACE_LINE	512
#define DAMON_SNAPSHOT_MAX	2048

struct damon_trace {
	int fd;
	int pos;	/* of what was not taken from @buf yet */
	int len;
	int bad;	/* lines that are not exactly in the right format */
	char buf[1 << 16];
};

/* Start with this one or with damon_trace_why_not(), which mounts tracefs. */
const char *damon_trace_why_not(void);
/* @events are separated by blanks. */
int damon_trace_open(struct damon_trace *tr, const char *events);
void damon_trace_close(struct damon_trace *tr);

/*
 * The text behind "EVENT: " of the next line; false if there is none for
 * @wait_ms.
 */
bool damon_trace_next(struct damon_trace *tr, const char *event, int wait_ms,
		      char text[DAMON_TRACE_LINE]);
/* Forget what was not read yet. */
void damon_trace_drain(struct damon_trace *tr);

struct damon_trace_region {
	unsigned long start;
	unsigned long end;
	unsigned int nr_accesses;
	unsigned int age;
};

/* What damon_aggregated says about one target at one aggregation. */
struct damon_snapshot {
	unsigned long target_id;
	unsigned int nr;
	struct damon_trace_region r[DAMON_SNAPSHOT_MAX];
};

/* The next complete snapshot; false if there is none for @wait_ms. */
bool damon_trace_snapshot(struct damon_trace *tr, int wait_ms,
			  struct damon_snapshot *s);

/* Mean number of accesses of a range, weighted by size; -1 outside. */
double damon_snapshot_heat(const struct damon_snapshot *s, unsigned long start,
			   unsigned long end);
/* The greatest age of all regions. */
unsigned int damon_snapshot_age(const struct damon_snapshot *s);

#endif /* SELFTESTS_DAMON_TRACE_H */
