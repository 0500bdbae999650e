// SPDX-License-Identifier: GPL-2.0
/*
 * DAMON_RECLAIM: reclaim, before memory is short, what is not used any more.
 *
 * Parameters, and the one scheme that they make.
 */

#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/limits.h>
#include <linux/sizes.h>
#include <linux/time64.h>

#include "param.h"
#include "shared.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX	"damon_reclaim."

/* What the user's feedback is compared with. */
#define FEEDBACK_TARGET		10000UL

static struct {
	struct damon_shared_params shared;
	unsigned long min_age_us;
	unsigned long quota_sz;
	unsigned long quota_psi_us;
	unsigned long quota_feedback;
	bool skip_anon;
} params = {
	.shared = DAMON_SHARED_PARAMS(500, 400, 200),
	.min_age_us = 120 * USEC_PER_SEC,
	.quota_sz = SZ_128M,
};

damon_params_shared(damon_reclaim_owner);
module_param_named(min_age, params.min_age_us, ulong, 0600);
module_param_named(quota_sz, params.quota_sz, ulong, 0600);
module_param_named(quota_mem_pressure_us, params.quota_psi_us, ulong, 0600);
module_param_named(quota_autotune_feedback, params.quota_feedback, ulong, 0600);
module_param_named(skip_anon, params.skip_anon, bool, 0600);
damon_params_stats(damon_reclaim_owner, 0, reclaim_tried, reclaimed,
		   quota_exceeds);

static int reclaim_wish(struct damon_wish *wish)
{
	damon_shared_params_wish(&params.shared, wish);
	return wish->attrs.aggr_interval ? 0 : -EINVAL;
}

static int reclaim_goals(struct damos_spec *scheme)
{
	const struct damos_goal_spec pressure = {
		.metric = DAMOS_QUOTA_SOME_MEM_PSI_US,
		.target_value = params.quota_psi_us,
	};
	const struct damos_goal_spec feedback = {
		.metric = DAMOS_QUOTA_USER_INPUT,
		.target_value = FEEDBACK_TARGET,
		.current_value = params.quota_feedback,
	};
	int err = 0;

	if (params.quota_psi_us)
		err = damos_add_goal(scheme, &pressure);
	if (!err && params.quota_feedback)
		err = damos_add_goal(scheme, &feedback);
	return err;
}

/* Page out what was not accessed for long, the longest first. */
static int reclaim_schemes(struct damos_spec *scheme,
			   const struct damon_attrs *attrs)
{
	int err;

	damon_shared_params_scheme(&params.shared, scheme);
	scheme->action = DAMOS_PAGEOUT;
	scheme->pattern.age.min = damon_age(params.min_age_us, attrs);
	scheme->pattern.age.max = UINT_MAX;
	scheme->quota.sz = params.quota_sz;
	scheme->quota.weight_age = 1;

	err = reclaim_goals(scheme);
	if (!err && params.skip_anon)
		err = damos_add_filter(scheme, DAMOS_FILTER_TYPE_ANON, true);
	return err;
}

static void reclaim_settled(const struct damon_wish *wish)
{
	params.shared.wish.range = wish->range;
}

struct damon_owner damon_reclaim_owner = {
	.name = "damon_reclaim",
	.wish = reclaim_wish,
	.schemes = reclaim_schemes,
	.settled = reclaim_settled,
	.nr_schemes = 1,
};

static int __init reclaim_init(void)
{
	return damon_owner_init(&damon_reclaim_owner);
}
late_initcall(reclaim_init);
