// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Sharing a monitor
 *
 * Problem: several owners want physical memory to be monitored, each in its own
 * way, and each wants its own schemes.  There is one monitor for all.
 *
 * Rule: who wants it finer gets it.  The shortest intervals hold, and the
 * largest numbers of regions; the range spans those of all.  Patterns count in
 * intervals, so those of owners with longer ones are converted: with 100 ms
 * instead of 200 ms an age of 600 becomes 1200.  Limits are rounded to the side
 * of fewer matches.  An owner with a smaller range than the whole has its
 * schemes kept out of the rest by filters.
 *
 * State of schemes, like statistics and quotas, stays with the index of a
 * scheme when a context is changed.  So the layout is always the same: each
 * owner has its slots, in the order of the owners, and as long as it is not
 * enabled they hold placeholders that do nothing and are switched off::
 *
 *	| RECLAIM | LRU_SORT, hot | LRU_SORT, cold | STAT |
 *
 * Who wants to be awake has one more slot, with a scheme that is never due but
 * never switched off either.
 *
 * Limits: core units have to be the same for all.  With tuned intervals
 * patterns are converted for those that the tuning begins with.
 */

#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "merge.h"

/**
 * damon_share_slots() - How many schemes of a context an owner takes.
 * @share:	what it asks for
 *
 * Return: the number, whether it is enabled or not.
 */
unsigned int damon_share_slots(const struct damon_share *share)
{
	return share->nr_schemes + share->awake;
}

static void goal_merge(struct damon_intervals_goal *all,
		       const struct damon_intervals_goal *goal)
{
	all->access_bp = min(all->access_bp, goal->access_bp);
	/* 0 is no tuning, and what the others are does not count then. */
	all->aggrs = min(all->aggrs, goal->aggrs);
	all->min_sample_us = min(all->min_sample_us, goal->min_sample_us);
	all->max_sample_us = min(all->max_sample_us, goal->max_sample_us);
}

/**
 * damon_wish_merge() - Find what serves two wishes.
 * @all:	the first one, with a range; set to the result, which is valid if
 *		both are
 * @wish:	the second one, with a range
 *
 * Return: 0; -EBUSY if they do not go together, and @all is unchanged.
 */
int damon_wish_merge(struct damon_wish *all, const struct damon_wish *wish)
{
	struct damon_attrs *a = &all->attrs;
	const struct damon_attrs *b = &wish->attrs;

	if (all->addr_unit != wish->addr_unit)
		return -EBUSY;
	a->sample_interval = min(a->sample_interval, b->sample_interval);
	a->aggr_interval = min(a->aggr_interval, b->aggr_interval);
	a->ops_update_interval = min(a->ops_update_interval,
				     b->ops_update_interval);
	goal_merge(&a->intervals_goal, &b->intervals_goal);
	a->min_nr_regions = max(a->min_nr_regions, b->min_nr_regions);
	a->max_nr_regions = max(a->max_nr_regions, b->max_nr_regions);
	/* 0 is no limit. */
	a->cpu_permille = a->cpu_permille && b->cpu_permille ?
		max(a->cpu_permille, b->cpu_permille) : 0;
	a->scout |= b->scout;
	all->range.start = min(all->range.start, wish->range.start);
	all->range.end = max(all->range.end, wish->range.end);
	return 0;
}

static unsigned long samples_per_aggr(const struct damon_attrs *attrs)
{
	return max(attrs->aggr_interval / max(attrs->sample_interval, 1UL),
		   1UL);
}

/* @count * @num / @denom; the largest value means that there is no limit. */
static unsigned long count_convert(unsigned long count, unsigned long num,
				   unsigned long denom, bool round_up)
{
	u64 product, quotient;

	if (num == denom || count >= UINT_MAX)
		return count;
	if (check_mul_overflow((u64)count, (u64)num, &product))
		return UINT_MAX;
	quotient = div64_u64(product, denom);
	if (round_up && quotient * denom < product)
		quotient++;
	return min_t(u64, quotient, UINT_MAX);
}

static void range_convert(struct damon_size_range *r, unsigned long num,
			  unsigned long denom)
{
	r->min = count_convert(r->min, num, denom, true);
	r->max = count_convert(r->max, num, denom, false);
}

/**
 * damos_pattern_convert() - Have a pattern fit the same with other intervals.
 * @p:		the pattern
 * @from:	attributes that it was made for
 * @to:		attributes that it is to be used with
 */
void damos_pattern_convert(struct damos_access_pattern *p,
			   const struct damon_attrs *from,
			   const struct damon_attrs *to)
{
	range_convert(&p->nr_accesses, samples_per_aggr(to),
		      samples_per_aggr(from));
	range_convert(&p->age, from->aggr_interval,
		      max(to->aggr_interval, 1UL));
}

/* Does nothing, and does not keep the monitor awake. */
static void placeholder_init(struct damos_spec *scheme)
{
	damos_spec_init(scheme);
	damos_spec_switch_off(scheme);
}

/* Keeps a scheme out of what only others want to be monitored. */
static int scheme_confine(struct damos_spec *scheme,
			  const struct damon_addr_range *range)
{
	struct damos_filter_spec *outside;

	outside = kvcalloc(1, sizeof(*outside), GFP_KERNEL);
	if (!outside)
		return -ENOMEM;
	outside->type = DAMOS_FILTER_TYPE_ADDR;
	outside->addr_range = *range;
	scheme->core_filters.vec = outside;
	scheme->core_filters.nr = 1;
	return 0;
}

static int scheme_share(struct damos_spec *to, const struct damos_spec *scheme,
			const struct damon_wish *wish,
			const struct damon_wish *all)
{
	int err = damos_spec_copy(to, scheme);

	if (err)
		return err;
	damos_pattern_convert(&to->pattern, &wish->attrs, &all->attrs);
	if (!memcmp(&wish->range, &all->range, sizeof(wish->range)))
		return 0;
	return scheme_confine(to, &wish->range);
}

/**
 * damon_wish_spec() - Make the spec that a wish asks for.
 * @spec:	overwritten, not freed; without schemes; owns nothing on failure
 * @wish:	the wish
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int damon_wish_spec(struct damon_spec *spec, const struct damon_wish *wish)
{
	struct damon_target_spec *target;
	struct damon_addr_range *range;

	damon_spec_init(spec);
	spec->ops_id = DAMON_OPS_PADDR;
	spec->addr_unit = wish->addr_unit;
	spec->attrs = wish->attrs;
	target = kvcalloc(1, sizeof(*target), GFP_KERNEL);
	range = kvcalloc(1, sizeof(*range), GFP_KERNEL);
	if (!target || !range) {
		kvfree(target);
		kvfree(range);
		return -ENOMEM;
	}
	*range = wish->range;
	target->ranges = range;
	target->nr_ranges = 1;
	spec->targets = target;
	spec->nr_targets = 1;
	return 0;
}

static int share_add(struct damon_spec *spec, const struct damon_share *share,
		     const struct damon_wish *all)
{
	/* What is counted is owned. */
	for (unsigned int i = 0; i < share->nr_schemes; i++) {
		struct damos_spec *to = &spec->schemes[spec->nr_schemes++];
		int err;

		placeholder_init(to);
		if (!share->enabled)
			continue;
		err = scheme_share(to, &share->schemes[i], &share->wish, all);
		if (err)
			return err;
	}
	if (share->awake) {
		struct damos_spec *to = &spec->schemes[spec->nr_schemes++];

		placeholder_init(to);
		to->apply_interval_us = ULONG_MAX;
		if (share->enabled)
			to->wmarks.metric = DAMOS_WMARK_NONE;
	}
	return 0;
}

/**
 * damon_shares_merge() - Make one spec of what all owners ask for.
 * @spec:	overwritten, not freed; owns nothing on failure
 * @shares:	what they ask for, at least one of them enabled
 * @nr:		number of @shares
 *
 * Context: may sleep.
 * Return: 0; -EBUSY if the wishes do not go together; -ENOMEM.
 */
int damon_shares_merge(struct damon_spec *spec,
		       const struct damon_share *shares, unsigned int nr)
{
	const struct damon_share *end = shares + nr, *share;
	unsigned int nr_slots = 0, nr_enabled = 0;
	struct damon_wish all;
	int err;

	for (share = shares; share < end; share++) {
		nr_slots += damon_share_slots(share);
		if (!share->enabled)
			continue;
		if (!nr_enabled++)
			all = share->wish;
		err = damon_wish_merge(&all, &share->wish);
		if (err)
			return err;
	}
	if (!nr_enabled)
		return -EINVAL;

	err = damon_wish_spec(spec, &all);
	if (err)
		return err;
	spec->schemes = kvcalloc(nr_slots, sizeof(*spec->schemes), GFP_KERNEL);
	err = spec->schemes ? 0 : -ENOMEM;
	for (share = shares; !err && share < end; share++)
		err = share_add(spec, share, &all);
	if (err)
		damon_spec_free(spec);
	return err;
}
