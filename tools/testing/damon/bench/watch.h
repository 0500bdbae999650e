/* SPDX-License-Identifier: GPL-2.0 */
/* Follows what a kdamond says, by its tracepoint, and scores that. */
#ifndef DAMON_BENCH_WATCH_H
#define DAMON_BENCH_WATCH_H

#include "subject.h"

struct watch;

struct verdict {
	double error;		/* mean distance of the access rates */
	double f1;		/* of the hot set */
	double regions;		/* of all targets, on the average */
	double found_ms;	/* from the start on, until it was good */
	bool found;		/* was it ever? */
	unsigned long long nr_lost;	/* events */
};

/* NULL if there is no tracing, having said why. */
struct watch *watch_start(pid_t kdamond);
/*
 * When all has ended: how good was it between these times?  False if that
 * cannot be said.
 */
bool watch_finish(struct watch *watch, const struct subjects *subjects,
		  unsigned long long from_ns, unsigned long long to_ns,
		  unsigned int sample_us, unsigned int aggr_us,
		  struct verdict *verdict);

#endif
