/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory whose accesses are known: zones of a mapping, touched as a table says,
 * and notes of what was really touched when.
 */
#ifndef DAMON_GUEST_TOUCH_H
#define DAMON_GUEST_TOUCH_H

#include <stdbool.h>
#include <stddef.h>

#define TOUCH_PAGE	4096UL
/* more pages than kernels flush one by one */
#define TOUCH_SCRATCH_BYTES	(48 * TOUCH_PAGE)

struct zone {
	unsigned int from_ms, until_ms;
	unsigned long start, size;		/* bytes */
	unsigned long step;			/* a zone that slides */
	unsigned int step_ms;
	unsigned int period_ms;			/* of each page */
	unsigned int every;			/* only these pages; 0 is 1 */
};

/* A zone that was at one place for some time. */
struct touched {
	unsigned long long from_ns, until_ns;	/* CLOCK_MONOTONIC */
	unsigned long long start, end;
	unsigned long long period_us;
	unsigned int every;
};

struct touch {
	const struct zone *zones;
	size_t nr_zones;
	char *mapping;
	/* of each zone that moves or ends */
	void (*note)(struct touch *touch, const struct touched *touched);
	const bool *stop;		/* that another process sets, or NULL */
	unsigned long long nr_late;		/* rounds that came too late */
};

/* CLOCK_MONOTONIC */
unsigned long long touch_now_ns(void);
void touch_sleep_until(unsigned long long time_ns);

/*
 * Anonymous memory of single pages, or of huge ones; aligned to those.  Nothing
 * of it is there yet.  NULL if the kernel does not give it.
 */
char *touch_map(size_t bytes, bool huge);
/* Each page once. */
void touch_all(char *start, size_t bytes);
/*
 * Any busy program gives back some pages all the time, which flushes the TLB.
 * A processor with the addresses of a zone in its TLB would otherwise not set
 * the Accessed bits of the pages again.
 */
void touch_flush(char *scratch);
/*
 * Rounds of a millisecond from start_ns on.  False, with errno set, if it could
 * not start.
 */
bool touch_run(struct touch *touch, unsigned long long start_ns,
	       unsigned long long nr_rounds);

#endif
