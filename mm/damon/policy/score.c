// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: What a scheme is about, and what comes first
 *
 * Problem: a quota may allow less than all regions that fit a scheme.  Then
 * those should get it that matter most, without sorting them.
 *
 * Each region has a priority, 0 to 99.  It is made of the frequency of access,
 * in percent of the possible, and of the age.  An age weighs by its logarithm:
 * whether something has been so for 2 or for 4 seconds makes the same
 * difference as 1 or 2 days.  For what is accessed at all, age makes it
 * hotter, for the rest colder::
 *
 *	age part  = (32 +- bits of the age in seconds) * 100 / 64
 *	hot       = weighted mean of frequency and age part * 99 / 100
 *	cold      = 99 - hot
 *
 * For example, with equal weights: 10 of 20 samples for 5 seconds are 50 %,
 * and 3 bits, (32 + 3) * 100 / 64 = 54, so hot is 52 * 99 / 100 = 51.  Never
 * accessed for 5 seconds is 0 % and (32 - 3) * 100 / 64 = 45, so hot is 22 *
 * 99 / 100 = 21, and cold 78.
 *
 * A histogram over all regions then tells from which priority on there is
 * enough for the quota.  Regions of at least that are taken in address order.
 *
 * Limits: for regions of the very lowest priority that is taken, the address
 * decides.  Nothing older than 2^32 seconds is any older.
 */

#include <linux/bitops.h>
#include <linux/damon.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "damos.h"
#include "ratio.h"
#include "spec.h"

#define PERCENT		100

/* An age that has more bits in seconds is not any older. */
#define AGE_BITS_MAX	32

static bool within(const struct damon_size_range *range, unsigned int value)
{
	return value >= (u32)range->min && value <= (u32)range->max;
}

/**
 * damos_pattern_fits() - Is a scheme about a region?
 * @p:		the access pattern of the scheme
 * @sz:		size of the region, core units
 * @nr_accesses: accesses to it per aggregation interval
 * @age:	its age in aggregation intervals
 *
 * Return: true if so.
 */
bool damos_pattern_fits(const struct damos_access_pattern *p, unsigned long sz,
			unsigned int nr_accesses, unsigned int age)
{
	return sz >= p->sz.min && sz <= p->sz.max &&
		within(&p->nr_accesses, nr_accesses) && within(&p->age, age);
}

static unsigned int score_hot(const struct damos_quota_spec *q,
			      unsigned int rate_bp, unsigned int age,
			      const struct damon_attrs *attrs)
{
	u64 freq = damon_mul_div(rate_bp / DAMON_BP, PERCENT,
				 damon_attrs_max_nr_accesses(attrs));
	u64 age_s = damon_mul_div(age, attrs->aggr_interval, USEC_PER_SEC);
	int bits = min(fls64(age_s), AGE_BITS_MAX);
	u64 weights = (u64)q->weight_nr_accesses + q->weight_age;
	unsigned int hot;
	u64 old;

	if (!weights)
		return 0;
	if (!freq)
		bits = -bits;
	old = (AGE_BITS_MAX + bits) * PERCENT / AGE_BITS_MAX / 2;
	hot = min_t(u64, PERCENT, div64_u64(q->weight_nr_accesses * freq +
					    q->weight_age * old, weights));
	return hot * DAMOS_MAX_SCORE / PERCENT;
}

/**
 * damos_score() - Priority of a region for a scheme.
 * @kind:	what makes it
 * @q:		the quota, for the weights
 * @rate_bp:	accesses per aggregation interval, 1/DAMON_BP
 * @age:	age in aggregation intervals
 * @attrs:	the attributes in force
 *
 * Return: 0 to DAMOS_MAX_SCORE.
 */
unsigned int damos_score(enum damos_score_kind kind,
			 const struct damos_quota_spec *q, unsigned int rate_bp,
			 unsigned int age, const struct damon_attrs *attrs)
{
	unsigned int hot;

	if (kind == DAMOS_SCORE_NONE)
		return DAMOS_MAX_SCORE;
	hot = score_hot(q, rate_bp, age, attrs);
	return kind == DAMOS_SCORE_HOT ? hot : DAMOS_MAX_SCORE - hot;
}

/**
 * damos_histogram_add() - Count a region.
 * @h:		the histogram, all 0 at first
 * @score:	priority of the region, up to DAMOS_MAX_SCORE
 * @sz:		its size, core units
 */
void damos_histogram_add(struct damos_histogram *h, unsigned int score,
			 unsigned long sz)
{
	h->sz[score] = damon_add(h->sz[score], sz);
}

/**
 * damos_histogram_min_score() - From which priority on there is enough.
 * @h:		all regions that the scheme is about
 * @budget:	what is enough, core units
 *
 * Return: the priority; the highest one of a region if @budget is 0, 0 if
 * there is not enough in all.
 */
unsigned int damos_histogram_min_score(const struct damos_histogram *h,
				       unsigned long budget)
{
	unsigned int score = DAMOS_MAX_SCORE;
	u64 left = budget;

	while (score && !h->sz[score])
		score--;
	while (score && h->sz[score] < left)
		left -= h->sz[score--];
	return score;
}
