// SPDX-License-Identifier: GPL-2.0
/* Parameters that are not just variables, and what is made of parameters. */

#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include <asm/page.h>

#include "param.h"
#include "shared.h"

/* What the tuning of the intervals begins with, and its limits. */
#define AUTOTUNE_SAMPLE_US	5000UL
#define AUTOTUNE_AGGR_US	100000UL
#define AUTOTUNE_SAMPLE_MAX_US	10000000UL

/* What it aims at: 0.4 % of all possible accesses, in three aggregations. */
#define AUTOTUNE_ACCESS_BP	40
#define AUTOTUNE_AGGRS		3

/* As for plain bool parameters: no value means true. */
static int param_parse_bool(const char *val, bool *res)
{
	return kstrtobool(val ?: "1", res);
}

static int enabled_set(const char *val, const struct kernel_param *kp)
{
	struct damon_owner *owner = kp->arg;
	bool enable;
	int err = param_parse_bool(val, &enable);

	if (err)
		return err;
	/* Somebody may write before the owner has been initialised, too. */
	owner->at_boot = enable;
	return damon_initialized() ? damon_owner_enable(owner, enable) : 0;
}

static int enabled_get(char *buffer, const struct kernel_param *kp)
{
	const struct damon_owner *owner = kp->arg;

	return sysfs_emit(buffer, "%c\n",
			  damon_owner_is_enabled(owner) ? 'Y' : 'N');
}

/* Whether an owner runs. */
const struct kernel_param_ops damon_param_ops_enabled = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = enabled_set,
	.get = enabled_get,
};

static int commit_set(const char *val, const struct kernel_param *kp)
{
	bool commit;
	int err = param_parse_bool(val, &commit);

	if (err || !commit)
		return err;
	return damon_owner_commit(kp->arg);
}

static int commit_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "N\n");
}

/* Takes over changed parameters. */
const struct kernel_param_ops damon_param_ops_commit = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = commit_set,
	.get = commit_get,
};

/**
 * damon_param_output_set() - Set a parameter that is an output.
 * @val:	not heeded
 * @kp:		the parameter
 *
 * On the kernel command line a value for an output is not an error.
 *
 * Return: 0.
 */
int damon_param_output_set(const char *val, const struct kernel_param *kp)
{
	return 0;
}

static int pid_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", damon_owner_pid(kp->arg));
}

/* The thread that works for an owner. */
const struct kernel_param_ops damon_param_ops_pid = {
	.set = damon_param_output_set,
	.get = pid_get,
};

static int stat_get(char *buffer, const struct kernel_param *kp)
{
	const struct damon_param_stat *param = kp->arg;
	struct damos_stat stat;
	int err = damon_owner_stat(param->owner, param->scheme, &stat);

	if (err)
		return err;
	return sysfs_emit(buffer, "%lu\n",
			  *(unsigned long *)((void *)&stat + param->offset));
}

/* A value of &struct damon_param_stat. */
const struct kernel_param_ops damon_param_ops_stat = {
	.set = damon_param_output_set,
	.get = stat_get,
};

static int addr_unit_set(const char *val, const struct kernel_param *kp)
{
	unsigned long unit;
	int err = kstrtoul(val, 0, &unit);

	if (err)
		return err;
	if (!unit)
		return -EINVAL;
	*(unsigned long *)kp->arg = unit;
	return 0;
}

/* An unsigned long that is not 0. */
const struct kernel_param_ops damon_param_ops_addr_unit = {
	.set = addr_unit_set,
	.get = param_get_ulong,
};

static void wish_autotune(struct damon_wish *wish)
{
	wish->attrs.sample_interval = AUTOTUNE_SAMPLE_US;
	wish->attrs.aggr_interval = AUTOTUNE_AGGR_US;
	wish->attrs.intervals_goal = (struct damon_intervals_goal){
		.access_bp = AUTOTUNE_ACCESS_BP,
		.aggrs = AUTOTUNE_AGGRS,
		.min_sample_us = AUTOTUNE_SAMPLE_US,
		.max_sample_us = AUTOTUNE_SAMPLE_MAX_US,
	};
}

/**
 * damon_shared_params_wish() - Have a wish say what the parameters say.
 * @params:	the parameters
 * @wish:	has the defaults of everything else
 */
void damon_shared_params_wish(const struct damon_shared_params *params,
			      struct damon_wish *wish)
{
	const struct damon_attrs *attrs = &params->wish.attrs;

	wish->attrs.sample_interval = attrs->sample_interval;
	wish->attrs.aggr_interval = attrs->aggr_interval;
	wish->attrs.min_nr_regions = attrs->min_nr_regions;
	wish->attrs.max_nr_regions = attrs->max_nr_regions;
	wish->addr_unit = params->wish.addr_unit;
	wish->range = params->wish.range;
	if (params->autotune)
		wish_autotune(wish);
}

/**
 * damon_shared_params_scheme() - Have a scheme do what the parameters say.
 * @params:	the parameters; their unit is not 0
 * @scheme:	gets the sizes of its pattern, the time of its quota, all of it,
 *		and its watermarks
 */
void damon_shared_params_scheme(const struct damon_shared_params *params,
				struct damos_spec *scheme)
{
	scheme->pattern.sz.min = max(PAGE_SIZE / params->wish.addr_unit, 1UL);
	scheme->pattern.sz.max = ULONG_MAX;
	scheme->quota.ms = params->quota_ms;
	scheme->quota.reset_interval = params->quota_window_ms;
	scheme->wmarks = params->wmarks;
}

/**
 * damon_age() - How old memory is after some time, in aggregation intervals.
 * @us:		the time, microseconds
 * @attrs:	have an aggregation interval that is not 0
 *
 * Return: the age, rounded down, as large as an age can be at most.
 */
unsigned long damon_age(unsigned long us, const struct damon_attrs *attrs)
{
	return min(us / attrs->aggr_interval, (unsigned long)UINT_MAX);
}

/**
 * damos_add_goal() - Add a goal to the quota of a scheme.
 * @scheme:	the scheme
 * @goal:	copied
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int damos_add_goal(struct damos_spec *scheme,
		   const struct damos_goal_spec *goal)
{
	struct damos_quota_spec *quota = &scheme->quota;
	struct damos_goal_spec *goals;

	goals = kvmalloc_array(quota->nr_goals + 1, sizeof(*goals), GFP_KERNEL);
	if (!goals)
		return -ENOMEM;
	if (quota->nr_goals)
		memcpy(goals, quota->goals, quota->nr_goals * sizeof(*goals));
	goals[quota->nr_goals++] = *goal;
	kvfree(quota->goals);
	quota->goals = goals;
	return 0;
}

/**
 * damos_add_filter() - Have a scheme reject memory.
 * @scheme:	the scheme, which has no other filters yet
 * @type:	which kind, one that is asked of folios
 * @matching:	memory that is of @type, or else: that is not
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int damos_add_filter(struct damos_spec *scheme, enum damos_filter_type type,
		     bool matching)
{
	struct damos_filter_spec *filter;

	filter = kvcalloc(1, sizeof(*filter), GFP_KERNEL);
	if (!filter)
		return -ENOMEM;
	filter->type = type;
	filter->matching = matching;
	scheme->ops_filters.vec = filter;
	scheme->ops_filters.nr = 1;
	return 0;
}
