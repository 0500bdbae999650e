// SPDX-License-Identifier: GPL-2.0
/*
 * DAMON_LRU_SORT: help the LRU lists to know what is hot and what is cold.
 *
 * Parameters, and the two schemes that they make.
 */

#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "param.h"
#include "shared.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX	"damon_lru_sort."

enum lru_sort_scheme {
	LRU_SORT_HOT,
	LRU_SORT_COLD,
	NR_LRU_SORT_SCHEMES
};

/* All of the memory that is on LRU lists. */
#define LRU_MEM_BP		10000UL

/* Both goals can be met at once, as the shares that are wanted overlap. */
#define GOALS_OVERLAP_BP	2

/* No memory is accessed twice as often as is possible. */
#define THRES_MAX_PERMIL	2000UL

static struct {
	struct damon_shared_params shared;
	unsigned long active_mem_bp;
	bool filter_young_pages;
	unsigned long hot_permil;
	unsigned long cold_age_us;
} params = {
	.shared = DAMON_SHARED_PARAMS(200, 150, 50),
	.hot_permil = 500,
	.cold_age_us = 120 * USEC_PER_SEC,
};

damon_params_shared(damon_lru_sort_owner);
module_param_named(active_mem_bp, params.active_mem_bp, ulong, 0600);
module_param_named(filter_young_pages, params.filter_young_pages, bool, 0600);
module_param_named(hot_thres_access_freq, params.hot_permil, ulong, 0600);
module_param_named(cold_min_age, params.cold_age_us, ulong, 0600);
damon_params_stats(damon_lru_sort_owner, LRU_SORT_HOT, lru_sort_tried_hot,
		   lru_sorted_hot, hot_quota_exceeds);
damon_params_stats(damon_lru_sort_owner, LRU_SORT_COLD, lru_sort_tried_cold,
		   lru_sorted_cold, cold_quota_exceeds);

static int lru_sort_wish(struct damon_wish *wish)
{
	if (params.active_mem_bp > LRU_MEM_BP)
		return -EINVAL;
	damon_shared_params_wish(&params.shared, wish);
	/* How hot memory is counts in samples per aggregation. */
	return wish->attrs.sample_interval ? 0 : -EINVAL;
}

static unsigned long hot_nr_accesses(const struct damon_attrs *attrs)
{
	u64 samples = min(attrs->aggr_interval / attrs->sample_interval,
			  (unsigned long)UINT_MAX);
	u64 nr = div_u64(samples * min(params.hot_permil, THRES_MAX_PERMIL),
			 1000);

	return min_t(u64, nr, UINT_MAX);
}

/* What both schemes have, and a goal if there is one. */
static int scheme_set(struct damos_spec *scheme,
		      enum damos_quota_goal_metric metric,
		      unsigned long target_bp, bool reject_young)
{
	const struct damos_goal_spec goal = {
		.metric = metric,
		.target_value = target_bp,
	};
	int err = 0;

	damon_shared_params_scheme(&params.shared, scheme);
	/* Each gets half of the time; but nothing would mean any. */
	scheme->quota.ms = scheme->quota.ms / 2 ?: scheme->quota.ms;
	scheme->quota.weight_nr_accesses = 1;
	scheme->quota.weight_age = 1;

	if (params.active_mem_bp)
		err = damos_add_goal(scheme, &goal);
	if (!err && params.filter_young_pages)
		err = damos_add_filter(scheme, DAMOS_FILTER_TYPE_YOUNG,
				       reject_young);
	return err;
}

/* Activate what is accessed often, deactivate what was not for long. */
static int lru_sort_schemes(struct damos_spec *schemes,
			    const struct damon_attrs *attrs)
{
	struct damos_spec *hot = &schemes[LRU_SORT_HOT];
	struct damos_spec *cold = &schemes[LRU_SORT_COLD];
	unsigned long inactive_bp;

	hot->action = DAMOS_LRU_PRIO;
	hot->pattern.nr_accesses.min = hot_nr_accesses(attrs);
	hot->pattern.nr_accesses.max = UINT_MAX;
	hot->pattern.age.max = UINT_MAX;

	cold->action = DAMOS_LRU_DEPRIO;
	cold->pattern.age.min = damon_age(params.cold_age_us, attrs);
	cold->pattern.age.max = UINT_MAX;

	inactive_bp = LRU_MEM_BP - params.active_mem_bp + GOALS_OVERLAP_BP;
	return scheme_set(hot, DAMOS_QUOTA_ACTIVE_MEM_BP, params.active_mem_bp,
			  false) ?:
	       scheme_set(cold, DAMOS_QUOTA_INACTIVE_MEM_BP, inactive_bp, true);
}

static void lru_sort_settled(const struct damon_wish *wish)
{
	params.shared.wish.range = wish->range;
}

struct damon_owner damon_lru_sort_owner = {
	.name = "damon_lru_sort",
	.wish = lru_sort_wish,
	.schemes = lru_sort_schemes,
	.settled = lru_sort_settled,
	.nr_schemes = NR_LRU_SORT_SCHEMES,
};

static int __init lru_sort_init(void)
{
	return damon_owner_init(&damon_lru_sort_owner);
}
late_initcall(lru_sort_init);
