/* SPDX-License-Identifier: GPL-2.0 */
/* How idle memory is, as a whole. */
#ifndef _MM_DAMON_MODULES_IDLE_H
#define _MM_DAMON_MODULES_IDLE_H

#include <linux/damon.h>

/* The 0th to the 100th. */
#define DAMON_NR_PERCENTILES	101

/**
 * struct damon_idle - Memory that is equally idle.
 * @sz:		its size, core address units, never 0
 * @ms:		milliseconds since when it is not accessed, or negative: since
 *		when it is accessed as it is
 */
struct damon_idle {
	unsigned long sz;
	long ms;
};

void damon_idle_collect(struct damon_idle *idle, const struct damon_regions *rs,
			unsigned long aggr_us);
void damon_idle_percentiles(struct damon_idle *idle, unsigned int nr,
			    long percentiles[DAMON_NR_PERCENTILES]);
unsigned long damon_bandwidth(const struct damon_regions *rs,
			      unsigned long aggr_us);

#endif /* _MM_DAMON_MODULES_IDLE_H */
