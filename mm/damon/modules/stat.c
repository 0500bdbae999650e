// SPDX-License-Identifier: GPL-2.0
/*
 * DAMON_STAT: how idle the memory of the system is, for everybody who looks.
 *
 * There is no timer: a read asks the kdamond, unless the answer that the last
 * one got is still fresh.  So what nobody reads costs nothing but monitoring.
 */

#include <linux/damon.h>
#include <linux/init.h>
#include <linux/kconfig.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "idle.h"
#include "param.h"
#include "shared.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX	"damon_stat."

/* For how long results are fresh, and how long to gather before the first. */
#define STAT_REFRESH_MS		5000

/* What the tuning of the intervals aims at, and its limits. */
#define STAT_ACCESS_BP		400
#define STAT_TUNE_AGGRS		3
#define STAT_SAMPLE_MIN_US	5000
#define STAT_SAMPLE_MAX_US	10000000

/* All guarded by kernel_param_lock(), that all parameter handlers run under. */
static struct {
	unsigned long bandwidth;
	unsigned long aggr_us;
	long idle_ms[DAMON_NR_PERCENTILES];
	ktime_t since;
} results;

static int stat_wish(struct damon_wish *wish)
{
	wish->attrs.intervals_goal = (struct damon_intervals_goal){
		.access_bp = STAT_ACCESS_BP,
		.aggrs = STAT_TUNE_AGGRS,
		.min_sample_us = STAT_SAMPLE_MIN_US,
		.max_sample_us = STAT_SAMPLE_MAX_US,
	};
	return 0;
}

/* What others have monitored before is not yet a result of ours. */
static void stat_settled(const struct damon_wish *wish)
{
	results.since = ktime_get();
}

struct damon_owner damon_stat_owner = {
	.name = "damon_stat",
	.wish = stat_wish,
	.settled = stat_settled,
	.awake = true,
	.at_boot = IS_ENABLED(CONFIG_DAMON_STAT_ENABLED_DEFAULT),
};

/* What the kdamond is asked for. */
struct stat_look {
	struct damon_idle *idle;
	unsigned int nr;
	unsigned long aggr_us;
	unsigned long bandwidth;
};

/* Only copies: to sort is up to who asks. */
static int stat_look(struct damon_ctx *ctx, void *data)
{
	const struct damon_regions *rs = damon_ctx_regions(ctx);
	struct stat_look *look = data;

	look->idle = kvmalloc_array(rs->nr, sizeof(*look->idle), GFP_KERNEL);
	if (!look->idle)
		return -ENOMEM;
	look->nr = rs->nr;
	look->aggr_us = damon_ctx_attrs(ctx)->aggr_interval;
	look->bandwidth = damon_bandwidth(rs, look->aggr_us);
	damon_idle_collect(look->idle, rs, look->aggr_us);
	return 0;
}

static int stat_refresh(void)
{
	struct stat_look look = {};
	int err;

	if (!damon_owner_is_enabled(&damon_stat_owner) ||
	    ktime_ms_delta(ktime_get(), results.since) <= STAT_REFRESH_MS)
		return 0;
	err = damon_owner_call(&damon_stat_owner, stat_look, &look);
	if (err)
		return err;
	damon_idle_percentiles(look.idle, look.nr, results.idle_ms);
	kvfree(look.idle);
	results.bandwidth = look.bandwidth;
	results.aggr_us = look.aggr_us;
	results.since = ktime_get();
	return 0;
}

static int enabled_set(const char *val, const struct kernel_param *kp)
{
	/*
	 * This may be the end, and the last results stay readable.  If they
	 * can not be had, those before are the last ones.
	 */
	if (damon_initialized())
		stat_refresh();
	return damon_param_ops_enabled.set(val, kp);
}

static int enabled_get(char *buffer, const struct kernel_param *kp)
{
	return damon_param_ops_enabled.get(buffer, kp);
}

static const struct kernel_param_ops enabled_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = enabled_set,
	.get = enabled_get,
};

static int result_get(char *buffer, const struct kernel_param *kp)
{
	return stat_refresh() ?: param_get_ulong(buffer, kp);
}

static const struct kernel_param_ops result_ops = {
	.set = damon_param_output_set,
	.get = result_get,
};

static int percentiles_get(char *buffer, const struct kernel_param *kp)
{
	int len = 0, err = stat_refresh();

	if (err)
		return err;
	for (unsigned int i = 0; i < DAMON_NR_PERCENTILES; i++)
		len += sysfs_emit_at(buffer, len, i ? ",%ld" : "%ld",
				     results.idle_ms[i]);
	return len + sysfs_emit_at(buffer, len, "\n");
}

static const struct kernel_param_ops percentiles_ops = {
	.set = damon_param_output_set,
	.get = percentiles_get,
};

module_param_cb(enabled, &enabled_ops, &damon_stat_owner, 0600);
module_param_cb(kdamond_pid, &damon_param_ops_pid, &damon_stat_owner, 0400);
module_param_cb(estimated_memory_bandwidth, &result_ops, &results.bandwidth,
		0400);
module_param_cb(memory_idle_ms_percentiles, &percentiles_ops, NULL, 0400);
module_param_cb(aggr_interval_us, &result_ops, &results.aggr_us, 0400);

static int __init stat_init(void)
{
	return damon_owner_init(&damon_stat_owner);
}
late_initcall(stat_init);
