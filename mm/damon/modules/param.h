/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parameters that are not just variables.
 *
 * A file that has parameters redefines MODULE_PARAM_PREFIX, as it is built in
 * and not named as its parameters are.
 */
#ifndef _MM_DAMON_MODULES_PARAM_H
#define _MM_DAMON_MODULES_PARAM_H

#include <linux/moduleparam.h>
#include <linux/stddef.h>
#include <linux/time64.h>

#include "shared.h"

/**
 * struct damon_param_stat - A statistics value that is a parameter.
 * @owner:	whose
 * @scheme:	which of its schemes
 * @offset:	which value, offset of the unsigned long in &struct damos_stat
 */
struct damon_param_stat {
	const struct damon_owner *owner;
	unsigned int scheme;
	size_t offset;
};

extern const struct kernel_param_ops damon_param_ops_enabled;
extern const struct kernel_param_ops damon_param_ops_commit;
extern const struct kernel_param_ops damon_param_ops_pid;
extern const struct kernel_param_ops damon_param_ops_stat;
extern const struct kernel_param_ops damon_param_ops_addr_unit;

/**
 * damon_params_stats - The parameters that tell what became of a scheme.
 * @_owner:	&struct damon_owner
 * @_scheme:	which of its schemes
 * @tried:	part of the names of what was tried
 * @applied:	part of the names of what was done
 * @exceeds:	part of the name of how often the quota was used up
 */
#define damon_params_stats(_owner, _scheme, tried, applied, exceeds)	\
	static struct damon_param_stat damon_stats_##tried[] = {	\
		{ &(_owner), _scheme, offsetof(struct damos_stat, nr_tried) }, \
		{ &(_owner), _scheme, offsetof(struct damos_stat, sz_tried) }, \
		{ &(_owner), _scheme, offsetof(struct damos_stat, nr_applied) }, \
		{ &(_owner), _scheme, offsetof(struct damos_stat, sz_applied) }, \
		{ &(_owner), _scheme, offsetof(struct damos_stat, qt_exceeds) }, \
	};								\
	module_param_cb(nr_##tried##_regions, &damon_param_ops_stat,	\
			&damon_stats_##tried[0], 0400);			\
	module_param_cb(bytes_##tried##_regions, &damon_param_ops_stat,	\
			&damon_stats_##tried[1], 0400);			\
	module_param_cb(nr_##applied##_regions, &damon_param_ops_stat,	\
			&damon_stats_##tried[2], 0400);			\
	module_param_cb(bytes_##applied##_regions, &damon_param_ops_stat, \
			&damon_stats_##tried[3], 0400);			\
	module_param_cb(nr_##exceeds, &damon_param_ops_stat,		\
			&damon_stats_##tried[4], 0400)

/**
 * struct damon_shared_params - What all owners with schemes have parameters for.
 * @wish:	how to monitor
 * @autotune:	have the intervals tuned; those of @wish do not count then
 * @quota_ms:	time for all schemes of the owner in a window, milliseconds
 * @quota_window_ms: the window, milliseconds
 * @wmarks:	when to be active
 */
struct damon_shared_params {
	struct damon_wish wish;
	bool autotune;
	unsigned long quota_ms;
	unsigned long quota_window_ms;
	struct damos_watermarks wmarks;
};

/**
 * DAMON_SHARED_PARAMS - Defaults of &struct damon_shared_params.
 * @_high:	watermarks, thousandths of the memory that are free
 * @_mid:	...
 * @_low:	...
 */
#define DAMON_SHARED_PARAMS(_high, _mid, _low) {			\
	.wish = {							\
		.attrs = {						\
			.sample_interval = 5 * USEC_PER_MSEC,		\
			.aggr_interval = 100 * USEC_PER_MSEC,		\
			.min_nr_regions = 10,				\
			.max_nr_regions = 1000,				\
		},							\
		.addr_unit = 1,						\
	},								\
	.quota_ms = 10,							\
	.quota_window_ms = 1000,					\
	.wmarks = {							\
		.metric = DAMOS_WMARK_FREE_MEM_RATE,			\
		.interval = 5 * USEC_PER_SEC,				\
		.high = (_high),					\
		.mid = (_mid),						\
		.low = (_low),						\
	},								\
}

/**
 * damon_params_shared - The parameters that all owners with schemes have.
 * @owner:	&struct damon_owner; the member "shared" of the file's "params"
 *		is its &struct damon_shared_params
 */
#define damon_params_shared(owner)					\
	module_param_cb(enabled, &damon_param_ops_enabled, &(owner), 0600); \
	module_param_cb(commit_inputs, &damon_param_ops_commit, &(owner), \
			0600);						\
	module_param_cb(kdamond_pid, &damon_param_ops_pid, &(owner), 0400); \
	module_param_named(quota_ms, params.shared.quota_ms,		\
			   ulong, 0600);				\
	module_param_named(quota_reset_interval_ms,			\
			   params.shared.quota_window_ms, ulong, 0600);	\
	module_param_named(wmarks_interval, params.shared.wmarks.interval, \
			   ulong, 0600);				\
	module_param_named(wmarks_high, params.shared.wmarks.high,	\
			   ulong, 0600);				\
	module_param_named(wmarks_mid, params.shared.wmarks.mid,	\
			   ulong, 0600);				\
	module_param_named(wmarks_low, params.shared.wmarks.low,	\
			   ulong, 0600);				\
	module_param_named(autotune_monitoring_intervals,		\
			   params.shared.autotune, bool, 0600);		\
	module_param_named(sample_interval,				\
			   params.shared.wish.attrs.sample_interval, ulong, 0600); \
	module_param_named(aggr_interval,				\
			   params.shared.wish.attrs.aggr_interval, ulong, 0600); \
	module_param_named(min_nr_regions,				\
			   params.shared.wish.attrs.min_nr_regions, ulong, 0600); \
	module_param_named(max_nr_regions,				\
			   params.shared.wish.attrs.max_nr_regions, ulong, 0600); \
	module_param_named(monitor_region_start,			\
			   params.shared.wish.range.start, ulong, 0600); \
	module_param_named(monitor_region_end, params.shared.wish.range.end, \
			   ulong, 0600);				\
	module_param_cb(addr_unit, &damon_param_ops_addr_unit,		\
			&params.shared.wish.addr_unit, 0600)

int damon_param_output_set(const char *val, const struct kernel_param *kp);
void damon_shared_params_wish(const struct damon_shared_params *params,
			      struct damon_wish *wish);
void damon_shared_params_scheme(const struct damon_shared_params *params,
				struct damos_spec *scheme);
unsigned long damon_age(unsigned long us, const struct damon_attrs *attrs);
int damos_add_goal(struct damos_spec *scheme,
		   const struct damos_goal_spec *goal);
int damos_add_filter(struct damos_spec *scheme, enum damos_filter_type type,
		     bool matching);

#endif /* _MM_DAMON_MODULES_PARAM_H */
