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

/* How long a start that may not wait lets others finish. */
#define KDAMOND_START_RETRY_MS	5

/* The staged context that commands are about. */
static struct damon_spec *kdamond_context(struct damon_admin_kdamond *k)
{
	lockdep_assert_held(&k->lock);
	return k->nr_contexts == 1 ? k->contexts : NULL;
}

static int kdamond_copy_spec(struct damon_admin_kdamond *k,
			     struct damon_spec *copy)
{
	guard(mutex)(&k->lock);
	if (!kdamond_context(k))
		return -EINVAL;
	return damon_spec_copy(copy, kdamond_context(k));
}

static void kdamond_refresh_arm(struct damon_admin_kdamond *k)
{
	lockdep_assert_held(&k->lock);
	if (k->refresh_ms)
		mod_delayed_work(system_unbound_wq, &k->refresh,
				 msecs_to_jiffies(k->refresh_ms));
	else
		cancel_delayed_work(&k->refresh);
}

static int kdamond_on(struct damon_admin_kdamond *k)
{
	struct damon_spec spec;
	const struct damon_spec *specs[] = { &spec };
	int err;

	err = kdamond_copy_spec(k, &spec);
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

static int kdamond_off(struct damon_admin_kdamond *k)
{
	return damon_stop(&k->kdamond, 1);
}

static int kdamond_commit(struct damon_admin_kdamond *k)
{
	struct damon_spec spec;
	int err;

	err = kdamond_copy_spec(k, &spec);
	if (err)
		return err;
	err = damon_commit(k->kdamond, &spec);
	damon_spec_free(&spec);
	return err;
}

static int kdamond_get_attrs(struct damon_ctx *ctx, void *data)
{
	*(struct damon_attrs *)data = *damon_ctx_attrs(ctx);
	return 0;
}

static int kdamond_report_intervals(struct damon_admin_kdamond *k)
{
	struct damon_attrs attrs;
	struct damon_spec *spec;
	int err;

	err = damon_call(k->kdamond, kdamond_get_attrs, &attrs);
	if (err)
		return err;

	guard(mutex)(&k->lock);
	spec = kdamond_context(k);
	if (!spec)
		return -EINVAL;
	spec->attrs.sample_interval = attrs.sample_interval;
	spec->attrs.aggr_interval = attrs.aggr_interval;
	return 0;
}

/**
 * struct kdamond_command - A keyword that can be written to "state".
 * @name:	the keyword
 * @run:	what it does
 * @starts:	it makes the kdamond run
 * @contextless: it does not need a staged context
 * @refreshes:	it is part of the periodic refreshing
 */
struct kdamond_command {
	const char *name;
	int (*run)(struct damon_admin_kdamond *k);
	bool starts;
	bool contextless;
	bool refreshes;
};

static const struct kdamond_command kdamond_commands[] = {
	{ "on", kdamond_on, .starts = true },
	{ "off", kdamond_off, .contextless = true },
	{ "commit", kdamond_commit },
	{ "update_tuned_intervals", kdamond_report_intervals,
	  .refreshes = true },
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
		if (!cmd->contextless && !kdamond_context(k))
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
	err = cmd->run(k);
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

	for (int i = 0; i < ARRAY_SIZE(kdamond_commands); i++) {
		if (kdamond_commands[i].refreshes)
			kdamond_commands[i].run(k);
	}
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
		damon_spec_free(k->contexts);
	kvfree(k->contexts);
	mutex_destroy(&k->lock);
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
