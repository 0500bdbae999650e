// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Watermarks
 *
 * Problem: most schemes are of use only at times.  Proactive reclaim is not
 * needed while much memory is free; and when nearly none is left, the kernel
 * reclaims by itself, and more work only makes it worse.
 *
 * A scheme has three watermarks for a metric.  Above the high one and below
 * the low one it is switched off.  Between mid and high it stays what it was,
 * so that it does not flap around one value; from low up to mid it is on::
 *
 *	     low        mid       high
 *	 off  |    on    |   same   |  off
 *
 * For example high 500, mid 400, low 50 with free memory in 1/1000: a scheme
 * begins when less than 40 % are free, and ends with more than 50 % or less
 * than 5 %.
 *
 * When no scheme is on, there is nothing to monitor for, and the kdamond only
 * looks at the metric once in a while.
 *
 * Limits: the order of the three is what the user makes it.  With low above
 * high the scheme is never on.  A waiting time of 0 is no wait: monitoring
 * goes on, the scheme stays off.
 */

#include <linux/damon.h>

#include "damos.h"

/**
 * damos_wmark_update() - Switch a scheme on or off.
 * @s:		the scheme
 * @metric:	value of the metric of its watermarks, as measured now
 *
 * Return: microseconds for which nothing is to be done for this scheme, 0 if
 * it is on, or has no watermarks.
 */
unsigned long damos_wmark_update(struct damos *s, unsigned long metric)
{
	const struct damos_watermarks *w = &s->spec->wmarks;

	if (w->metric == DAMOS_WMARK_NONE)
		return 0;
	if (metric > w->high || metric < w->low)
		s->active = false;
	else if (metric < w->mid)
		s->active = true;
	return s->active ? 0 : w->interval;
}
