// SPDX-License-Identifier: GPL-2.0
/*
 * Kdamond directories: state commands, refreshing, and the root of the tree.
 *
 * A command copies what it needs from the staged input, lets go of the lock,
 * waits for the kdamond, and takes the lock again to store results.
 */

#include <linux/cleanup.h>
#include <linux/damon.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string_choices.h>

#include "admin.h"
#include "dir.h"
#include "tables.h"

/* How long a start that may not wait lets others finish. */
#define KDAMOND_START_RETRY_MS	5

static void kdamond_refresh_arm(struct damon_admin_kdamond *k)
{
	lockdep_assert_held(&k->lock);
	if (k->refresh_ms)
		mod_delayed_work(system_unbound_wq, &k->refresh,
				 msecs_to_jiffies(k->refresh_ms));
	else
		cancel_delayed_work(&k->refresh);
}

static int kdamond_on(struct damon_dir *dir)
{
	struct damon_admin_kdamond *k = dir->data;
	struct damon_spec spec;
	const struct damon_spec *specs[] = { &spec };
	int err;

	err = damon_admin_copy_spec(k, &spec);
	if (err)
		return err;
	err = damon_start(&k->kdamond, specs, 1, false);
	damon_spec_free(&spec);
	if (err)
		return err;

	guard(mutex)(&k->lock);
	kdamond_refresh_arm(k);
	return 0;
}

static int kdamond_off(struct damon_dir *dir)
{
	struct damon_admin_kdamond *k = dir->data;

	return damon_stop(&k->kdamond, 1);
}

static int kdamond_commit_by(struct damon_dir *dir,
			     int (*commit)(struct damon_kdamond *kd,
					   const struct damon_spec *spec))
{
	struct damon_admin_kdamond *k = dir->data;
	struct damon_spec spec;
	int err;

	err = damon_admin_copy_spec(k, &spec);
	if (err)
		return err;
	err = commit(k->kdamond, &spec);
	damon_spec_free(&spec);
	return err;
}

static int kdamond_commit(struct damon_dir *dir)
{
	return kdamond_commit_by(dir, damon_commit);
}

static int kdamond_commit_goals(struct damon_dir *dir)
{
	return kdamond_commit_by(dir, damon_commit_quota_goals);
}

/**
 * struct kdamond_command - A keyword that can be written to "state".
 * @name:	the keyword
 * @run:	what it does
 * @report:	... or DAMON_REPORT_* that it fetches
 * @starts:	it makes the kdamond run
 * @contextless: it does not need a staged context
 */
struct kdamond_command {
	const char *name;
	int (*run)(struct damon_dir *dir);
	unsigned int report;
	bool starts;
	bool contextless;
};

static const struct kdamond_command kdamond_commands[] = {
	{ "on", kdamond_on, .starts = true },
	{ "off", kdamond_off, .contextless = true },
	{ "commit", kdamond_commit },
	{ "commit_schemes_quota_goals", kdamond_commit_goals },
	{ "update_schemes_stats", .report = DAMON_REPORT_STATS },
	{ "update_schemes_tried_bytes", damon_admin_report_tried_bytes },
	{ "update_schemes_tried_regions", damon_admin_report_tried_regions },
	{ "clear_schemes_tried_regions", damon_admin_clear_tried },
	{ "update_schemes_effective_quotas", .report = DAMON_REPORT_QUOTAS },
	{ "update_tuned_intervals", .report = DAMON_REPORT_INTERVALS },
};

static const struct kdamond_command *kdamond_command_find(const char *name)
{
	for (int i = 0; i < ARRAY_SIZE(kdamond_commands); i++) {
		if (sysfs_streq(name, kdamond_commands[i].name))
			return &kdamond_commands[i];
	}
	return NULL;
}

/**
 * damon_admin_state_store() - Run a command.
 * @dir:	directory of the kdamond
 * @buf:	keyword of the command
 *
 * Return: 0; -EINVAL for unknown keywords, and if there is no staged context
 * for the command; what the command returns.
 */
int damon_admin_state_store(struct damon_dir *dir, const char *buf)
{
	const struct kdamond_command *cmd = kdamond_command_find(buf);
	struct mutex *siblings = &to_damon_dir(dir->kobj.parent)->lock;
	struct damon_admin_kdamond *k = dir->data;
	int err;

	if (!cmd)
		return -EINVAL;
	scoped_guard(mutex, &k->lock) {
		if (!cmd->contextless && !damon_admin_context(k))
			return -EINVAL;
	}
	/*
	 * No kdamond may start while its directory is about to go.  Who
	 * removes it has the lock and waits until we are out of this file.
	 */
	if (cmd->starts && !mutex_trylock(siblings)) {
		msleep(KDAMOND_START_RETRY_MS);
		return restart_syscall();
	}
	err = cmd->run ? cmd->run(dir) : damon_admin_report(k, cmd->report);
	if (cmd->starts)
		mutex_unlock(siblings);
	return err;
}

/**
 * damon_admin_state_show() - Show whether a kdamond runs.
 * @dir:	its directory
 * @buf:	where to write, a page
 *
 * Return: number of bytes written.
 */
ssize_t damon_admin_state_show(struct damon_dir *dir, char *buf)
{
	struct damon_admin_kdamond *k = dir->data;

	return sysfs_emit(buf, "%s\n",
			  str_on_off(damon_is_running(k->kdamond)));
}

/**
 * damon_admin_pid_show() - Show the process number of a kdamond.
 * @dir:	its directory
 * @buf:	where to write, a page
 *
 * Return: number of bytes written.
 */
ssize_t damon_admin_pid_show(struct damon_dir *dir, char *buf)
{
	struct damon_admin_kdamond *k = dir->data;

	return sysfs_emit(buf, "%d\n", max(damon_kdamond_pid(k->kdamond), -1));
}

/* Goes on until the kdamond ends; the next start sets it going again. */
static void kdamond_refresh(struct work_struct *work)
{
	struct damon_admin_kdamond *k = container_of(to_delayed_work(work),
						     typeof(*k), refresh);

	damon_admin_report(k, DAMON_REPORT_ALL);
	guard(mutex)(&k->lock);
	if (damon_is_running(k->kdamond))
		kdamond_refresh_arm(k);
}

/**
 * damon_admin_refresh_changed() - Let a new period of refreshing take effect.
 * @data:	the &struct damon_admin_kdamond, guarded
 */
void damon_admin_refresh_changed(void *data)
{
	kdamond_refresh_arm(data);
}

/**
 * damon_admin_kdamond_init() - Set up what is behind a kdamond directory.
 * @elem:	a zeroed &struct damon_admin_kdamond
 *
 * Return: 0 or -ENOMEM.
 */
int damon_admin_kdamond_init(void *elem)
{
	struct damon_admin_kdamond *k = elem;

	k->kdamond = damon_kdamond_create();
	if (!k->kdamond)
		return -ENOMEM;
	mutex_init(&k->walking);
	mutex_init(&k->lock);
	INIT_DELAYED_WORK(&k->refresh, kdamond_refresh);
	return 0;
}

/**
 * damon_admin_kdamond_fini() - Free what is behind a kdamond directory.
 * @elem:	the &struct damon_admin_kdamond; its directory is gone
 */
void damon_admin_kdamond_fini(void *elem)
{
	struct damon_admin_kdamond *k = elem;

	cancel_delayed_work_sync(&k->refresh);
	damon_kdamond_destroy(k->kdamond);
	if (k->nr_contexts)
		damon_admin_context_fini(k->contexts);
	kvfree(k->contexts);
	mutex_destroy(&k->lock);
	mutex_destroy(&k->walking);
}

/**
 * damon_admin_kdamond_busy() - Whether a kdamond directory must stay.
 * @elem:	the &struct damon_admin_kdamond
 *
 * Return: true if the kdamond runs.
 */
bool damon_admin_kdamond_busy(void *elem)
{
	struct damon_admin_kdamond *k = elem;

	return damon_is_running(k->kdamond);
}

static int __init damon_admin_init(void)
{
	static DEFINE_MUTEX(guard);
	static struct damon_admin admin;

	return PTR_ERR_OR_ZERO(damon_dir_build(mm_kobj, "damon",
					       &damon_root_dir_type, &admin,
					       &guard));
}
subsys_initcall(damon_admin_init);
