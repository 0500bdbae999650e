/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that do with their memory what a pattern says. */
#ifndef DAMON_BENCH_SUBJECT_H
#define DAMON_BENCH_SUBJECT_H

#include <sys/types.h>

#include "pattern.h"

#define SUBJECTS_MAX		8
#define SUBJECT_MAX_TOUCHED	512

enum subject_fill {
	FILL_ALL,		/* every page is touched first */
	FILL_NONE,		/* only what the pattern touches is there */
	FILL_ZERO_PAGE,		/* every page is read first */
};

/* Shared with the process: the first three by atomic accesses, while it runs. */
struct subject {
	unsigned long long start_ns;
	bool ready, stop;
	bool failed;
	unsigned long long nr_late;
	size_t nr_touched;
	struct touched touched[SUBJECT_MAX_TOUCHED];
};

struct subjects {
	unsigned int nr;
	pid_t pids[SUBJECTS_MAX];
	char *mapping;			/* at the same place in all */
	unsigned long bytes;
	struct subject *of;
};

/*
 * Start them: with their memory filled, they wait.  Returns 0, or -1 when
 * anything is missing; then there is nothing to stop.
 */
int subjects_start(struct subjects *s, unsigned int nr, pattern *draw,
		   unsigned long bytes, bool huge, enum subject_fill fill,
		   unsigned int run_ms, unsigned int seed);
void subjects_go(struct subjects *s);
/* Let them write down where they are, and end.  Returns 0, or -1. */
int subjects_stop(struct subjects *s);
/* Forget the memory and what they wrote down. */
void subjects_free(struct subjects *s);

#endif
