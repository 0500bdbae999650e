// SPDX-License-Identifier: GPL-2.0
/*
 * Memory tiering: node 0 is fast and shall be used up, but for a little rest.
 * What is hot on node 1 is moved there, and what is cold on node 0 makes room.
 *
 *	cd /sys/module/damon_sample_mtier/parameters
 *	echo Y > detect_node_addresses; echo Y > enabled
 *
 * There is no rate to set.  Each scheme has a goal, and its quota is tuned for
 * it: the closer to the goal, the less is moved.
 */

#include <linux/array_size.h>
#include <linux/damon.h>
#include <linux/init.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/nodemask.h>
#include <linux/pfn.h>
#include <linux/sizes.h>
#include <linux/time64.h>

#define QUOTA_SZ	(200UL * SZ_1M)
#define QUOTA_MS	1000

static unsigned long node0_start_addr;
module_param(node0_start_addr, ulong, 0600);
MODULE_PARM_DESC(node0_start_addr, "start of the memory of node 0");

static unsigned long node0_end_addr;
module_param(node0_end_addr, ulong, 0600);
MODULE_PARM_DESC(node0_end_addr, "end of the memory of node 0");

static unsigned long node1_start_addr;
module_param(node1_start_addr, ulong, 0600);
MODULE_PARM_DESC(node1_start_addr, "start of the memory of node 1");

static unsigned long node1_end_addr;
module_param(node1_end_addr, ulong, 0600);
MODULE_PARM_DESC(node1_end_addr, "end of the memory of node 1");

static unsigned long node0_mem_used_bp = 9970;
module_param(node0_mem_used_bp, ulong, 0600);
MODULE_PARM_DESC(node0_mem_used_bp, "promote until so much is used, 1/10000");

static unsigned long node0_mem_free_bp = 50;
module_param(node0_mem_free_bp, ulong, 0600);
MODULE_PARM_DESC(node0_mem_free_bp, "demote until so much is free, 1/10000");

static bool detect_node_addresses;
module_param(detect_node_addresses, bool, 0600);
MODULE_PARM_DESC(detect_node_addresses, "find out the addresses when enabled");

/* A spec and what it refers to: one list element each. */
static struct tier {
	struct damon_spec spec;
	struct damon_target_spec target;
	struct damon_addr_range range;
	struct damos_spec scheme;
	struct damos_goal_spec goal;
	struct damos_filter_spec filter;
} promotion, demotion;

static struct damon_kdamond *kdamonds[2];

/* Moves what fits @accesses away from @range, until the goal is met. */
static void tier_init(struct tier *tier, const struct damon_addr_range *range,
		      enum damos_action action, int nid, bool young,
		      const struct damon_size_range *accesses,
		      enum damos_quota_goal_metric metric, unsigned long target)
{
	struct damon_spec *spec = &tier->spec;
	struct damos_spec *scheme = &tier->scheme;

	damon_spec_init(spec);
	spec->ops_id = DAMON_OPS_PADDR;
	spec->attrs.intervals_goal = (struct damon_intervals_goal){
		.access_bp = 400,
		.aggrs = 3,
		.min_sample_us = 5000,
		.max_sample_us = 10 * USEC_PER_SEC,
	};
	tier->range = *range;
	tier->target = (struct damon_target_spec){
		.ranges = &tier->range,
		.nr_ranges = 1,
	};
	spec->targets = &tier->target;
	spec->nr_targets = 1;

	damos_spec_init(scheme);
	scheme->action = action;
	scheme->target_nid = nid;
	scheme->apply_interval_us = USEC_PER_SEC;
	scheme->pattern.sz.min = PAGE_SIZE;
	scheme->pattern.sz.max = ULONG_MAX;
	scheme->pattern.nr_accesses = *accesses;
	scheme->pattern.age.max = UINT_MAX;
	spec->schemes = scheme;
	spec->nr_schemes = 1;

	tier->goal = (struct damos_goal_spec){
		.metric = metric,
		.target_value = target,
		.nid = 0,
	};
	scheme->quota.sz = QUOTA_SZ;
	scheme->quota.reset_interval = QUOTA_MS;
	scheme->quota.weight_nr_accesses = 100;
	scheme->quota.weight_age = 100;
	scheme->quota.goals = &tier->goal;
	scheme->quota.nr_goals = 1;

	/* A last look at each page: only @young ones, or only others. */
	tier->filter = (struct damos_filter_spec){
		.type = DAMOS_FILTER_TYPE_YOUNG,
		.matching = true,
		.allow = young,
	};
	scheme->ops_filters.vec = &tier->filter;
	scheme->ops_filters.nr = 1;
}

static int node_range(int nid, struct damon_addr_range *range)
{
	if (!node_online(nid))
		return -ENOMEM;
	range->start = PFN_PHYS(node_start_pfn(nid));
	range->end = PFN_PHYS(node_end_pfn(nid));
	return 0;
}

static int mtier_prepare(void)
{
	const struct damon_size_range hot = { 1, UINT_MAX }, cold = { 0, 0 };
	struct damon_addr_range node0 = { node0_start_addr, node0_end_addr };
	struct damon_addr_range node1 = { node1_start_addr, node1_end_addr };

	if (detect_node_addresses &&
	    (node_range(0, &node0) || node_range(1, &node1)))
		return -ENOMEM;
	if (node0.start >= node0.end || node1.start >= node1.end ||
	    !node0_mem_used_bp || !node0_mem_free_bp)
		return -ENOMEM;

	tier_init(&promotion, &node1, DAMOS_MIGRATE_HOT, 0, true, &hot,
		  DAMOS_QUOTA_NODE_MEM_USED_BP, node0_mem_used_bp);
	tier_init(&demotion, &node0, DAMOS_MIGRATE_COLD, 1, false, &cold,
		  DAMOS_QUOTA_NODE_MEM_FREE_BP, node0_mem_free_bp);
	return 0;
}

static void mtier_stop(void)
{
	for (int i = 0; i < ARRAY_SIZE(kdamonds); i++) {
		damon_kdamond_destroy(kdamonds[i]);
		kdamonds[i] = NULL;
	}
}

static int mtier_start(void)
{
	const struct damon_spec *specs[] = { &promotion.spec, &demotion.spec };
	int err = mtier_prepare();

	if (err)
		return err;
	for (int i = 0; i < ARRAY_SIZE(kdamonds); i++)
		kdamonds[i] = damon_kdamond_create();

	/* Both or none, and nobody else who looks at physical memory. */
	if (kdamonds[0] && kdamonds[1])
		err = damon_start(kdamonds, specs, ARRAY_SIZE(kdamonds), true);
	else
		err = -ENOMEM;
	if (err)
		mtier_stop();
	return err;
}

static bool enabled, initialized;

static int enabled_set(const char *val, const struct kernel_param *kp)
{
	bool was = enabled;
	int err = param_set_bool(val, kp);

	/* On a command line it is too early, see mtier_init(). */
	if (err || enabled == was || !initialized)
		return err;
	if (!enabled) {
		mtier_stop();
		return 0;
	}
	err = mtier_start();
	if (err)
		enabled = false;
	return err;
}

static const struct kernel_param_ops enabled_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = enabled_set,
	.get = param_get_bool,
};
module_param_cb(enabled, &enabled_ops, &enabled, 0600);
MODULE_PARM_DESC(enabled, "whether to do it");

/* Handlers of parameters may run at any time, but not while this is locked. */
static int __init mtier_init(void)
{
	int err;

	kernel_param_lock(THIS_MODULE);
	err = enabled ? mtier_start() : 0;
	if (err)
		enabled = false;
	initialized = !err;
	kernel_param_unlock(THIS_MODULE);
	return err;
}
module_init(mtier_init);

static void __exit mtier_exit(void)
{
	kernel_param_lock(THIS_MODULE);
	if (enabled)
		mtier_stop();
	initialized = false;
	kernel_param_unlock(THIS_MODULE);
}
module_exit(mtier_exit);

MODULE_DESCRIPTION("Memory tiering with DAMON");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(DAMON);
