// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: One line about all of memory
 *
 * A thousand regions are too many to look at.  What an administrator wants to
 * know is how much of the memory is idle for how long, and that is a list of
 * percentiles: each byte is as idle as its region, bytes are sorted from the
 * busiest to the most idle, and the 75th percentile is the idle time of the
 * byte three quarters down that line.
 *
 * The idle time of a region that is accessed is negative, the longer it has
 * been like that the lower.  So the percentiles of 1 GiB that is hot since 10 s
 * and of 3 GiB that nobody touched for a minute are -10000 up to the 25th and
 * 60000 from the 26th on: where the sign changes is the working set.
 *
 * How much memory is used how often, in one number, is the bandwidth: a region
 * counts with its whole size for each sample that was positive.  Hardware only
 * notes that a page was accessed, not how often and how much of it since the
 * last sample, so it is a measure to compare with itself.
 */

#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/types.h>

#include "idle.h"

static long region_idle_ms(const struct damon_region *r, unsigned long aggr_us)
{
	u64 us, ms;

	/* The aggregation that is going on counts. */
	if (check_mul_overflow((u64)r->age + 1, (u64)aggr_us, &us))
		us = U64_MAX;
	ms = min_t(u64, div_u64(us, USEC_PER_MSEC), LONG_MAX);
	return r->nr_accesses ? -(long)ms : (long)ms;
}

/**
 * damon_idle_collect() - Tell how idle each region is.
 * @idle:	filled, one element for each region
 * @rs:		the regions
 * @aggr_us:	aggregation interval, microseconds
 */
void damon_idle_collect(struct damon_idle *idle, const struct damon_regions *rs,
			unsigned long aggr_us)
{
	for (unsigned int i = 0; i < rs->nr; i++) {
		idle[i].sz = damon_sz_region(&rs->cur[i]);
		idle[i].ms = region_idle_ms(&rs->cur[i], aggr_us);
	}
}

static int idle_cmp(const void *a, const void *b)
{
	const struct damon_idle *x = a, *y = b;

	return x->ms < y->ms ? -1 : x->ms > y->ms;
}

/**
 * damon_idle_percentiles() - Distribution of idle times over the memory.
 * @idle:	how idle all parts of it are; gets sorted
 * @nr:		number of @idle
 * @percentiles: filled, milliseconds; all 0 if there is no memory
 */
void damon_idle_percentiles(struct damon_idle *idle, unsigned int nr,
			    long percentiles[DAMON_NR_PERCENTILES])
{
	u64 total = 0, passed = 0;
	unsigned int p = 0;

	memset(percentiles, 0, DAMON_NR_PERCENTILES * sizeof(*percentiles));
	sort(idle, nr, sizeof(*idle), idle_cmp, NULL);
	for (unsigned int i = 0; i < nr; i++)
		total += idle[i].sz;
	for (unsigned int i = 0; i < nr; i++) {
		unsigned int last;

		passed += idle[i].sz;
		last = mul_u64_u64_div_u64(passed, DAMON_NR_PERCENTILES - 1,
					   total);
		while (p <= last)
			percentiles[p++] = idle[i].ms;
	}
}

/**
 * damon_bandwidth() - How much memory is accessed per second.
 * @rs:		the regions
 * @aggr_us:	aggregation interval, microseconds
 *
 * Return: core address units per second; the largest number if it does not fit.
 */
unsigned long damon_bandwidth(const struct damon_regions *rs,
			      unsigned long aggr_us)
{
	u64 accessed = 0;

	for (unsigned int i = 0; i < rs->nr; i++) {
		const struct damon_region *r = &rs->cur[i];
		u64 sz;

		if (check_mul_overflow((u64)damon_sz_region(r),
				       (u64)r->nr_accesses, &sz) ||
		    check_add_overflow(accessed, sz, &accessed))
			return ULONG_MAX;
	}
	if (mul_u64_u64_shr(accessed, USEC_PER_SEC, 64) >= aggr_us)
		return ULONG_MAX;
	return min_t(u64, mul_u64_u64_div_u64(accessed, USEC_PER_SEC, aggr_us),
		     ULONG_MAX);
}
