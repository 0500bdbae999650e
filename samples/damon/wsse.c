// SPDX-License-Identifier: GPL-2.0
/*
 * Working set size estimation: prints once a second how much of the memory of
 * a process is in use.
 *
 *	cd /sys/module/damon_sample_wsse/parameters
 *	echo $PID > target_pid; echo Y > enabled
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/damon.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/workqueue.h>

static int target_pid;
module_param(target_pid, int, 0600);
MODULE_PARM_DESC(target_pid, "process to look at, read when enabled");

static struct damon_kdamond *kdamond;

/* Runs in the kdamond, which nobody else may look into while it runs. */
static int wss_sum(struct damon_ctx *ctx, void *data)
{
	const struct damon_regions *rs = damon_ctx_regions(ctx);
	const struct damon_target *t;
	const struct damon_region *r;
	unsigned long *wss = data;

	damon_for_each_target(t, rs) {
		damon_for_each_region(r, t, rs) {
			if (r->nr_accesses)
				*wss += damon_sz_region(r);
		}
	}
	return 0;
}

static void wss_print(struct work_struct *work)
{
	unsigned long wss = 0;

	/* It has ended if the process has. */
	if (damon_call(kdamond, wss_sum, &wss))
		return;
	pr_info("wss: %lu\n", wss);
	schedule_delayed_work(to_delayed_work(work), HZ);
}

static DECLARE_DELAYED_WORK(wss_work, wss_print);

static int wsse_start(void)
{
	struct damon_target_spec target = { .pid = target_pid };
	const struct damon_spec *specs[1];
	struct damon_spec spec;
	int err;

	kdamond = damon_kdamond_create();
	if (!kdamond)
		return -ENOMEM;

	/* It is copied, so what is in it may be on the stack. */
	damon_spec_init(&spec);
	spec.ops_id = DAMON_OPS_VADDR;
	spec.targets = &target;
	spec.nr_targets = 1;
	specs[0] = &spec;

	/* Others that look at the same pages would spoil the result. */
	err = damon_start(&kdamond, specs, 1, true);
	if (err)
		damon_kdamond_destroy(kdamond);
	else
		schedule_delayed_work(&wss_work, HZ);
	return err;
}

static void wsse_stop(void)
{
	cancel_delayed_work_sync(&wss_work);
	damon_kdamond_destroy(kdamond);
}

static bool enabled, initialized;

static int enabled_set(const char *val, const struct kernel_param *kp)
{
	bool was = enabled;
	int err = param_set_bool(val, kp);

	/* On a command line it is too early, see wsse_init(). */
	if (err || enabled == was || !initialized)
		return err;
	if (!enabled) {
		wsse_stop();
		return 0;
	}
	err = wsse_start();
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
static int __init wsse_init(void)
{
	int err;

	kernel_param_lock(THIS_MODULE);
	err = enabled ? wsse_start() : 0;
	if (err)
		enabled = false;
	initialized = !err;
	kernel_param_unlock(THIS_MODULE);
	return err;
}
module_init(wsse_init);

static void __exit wsse_exit(void)
{
	kernel_param_lock(THIS_MODULE);
	if (enabled)
		wsse_stop();
	initialized = false;
	kernel_param_unlock(THIS_MODULE);
}
module_exit(wsse_exit);

MODULE_DESCRIPTION("Working set size estimation with DAMON");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(DAMON);
