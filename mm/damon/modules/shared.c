// SPDX-License-Identifier: GPL-2.0
/*
 * The shared monitor as it runs: who takes part, and changes of that.
 *
 * A change is tried on the kdamond as a whole, and only remembered if that took
 * it.  So whatever fails, all owners go on as they were.  To leave never fails.
 */

#define pr_fmt(fmt) "damon: " fmt

#include <linux/cleanup.h>
#include <linux/damon.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "merge.h"
#include "shared.h"

/* Their schemes are in this order, and those of one place are applied in it. */
static struct damon_owner *const monitor_owners[] = {
#ifdef CONFIG_DAMON_RECLAIM
	&damon_reclaim_owner,
#endif
#ifdef CONFIG_DAMON_LRU_SORT
	&damon_lru_sort_owner,
#endif
#ifdef CONFIG_DAMON_STAT
	&damon_stat_owner,
#endif
};

#define NR_OWNERS	ARRAY_SIZE(monitor_owners)

/* Serialises changes, and guards the following three. */
static DEFINE_MUTEX(monitor_lock);

/* Made when it is first needed, and then never given back. */
static struct damon_kdamond *monitor;

/* What is in force, by owner. */
static struct damon_share monitor_shares[NR_OWNERS];

/* What schemes did before the monitor was last stopped, by owner. */
static struct damos_stat monitor_past[NR_OWNERS][DAMON_OWNER_SCHEMES];

static unsigned int owner_idx(const struct damon_owner *owner)
{
	unsigned int i = 0;

	while (i < NR_OWNERS - 1 && monitor_owners[i] != owner)
		i++;
	return i;
}

/* Index of the first scheme of an owner in the context. */
static unsigned int owner_slot(unsigned int idx)
{
	unsigned int slot = 0;

	for (unsigned int i = 0; i < idx; i++)
		slot += damon_share_slots(&monitor_shares[i]);
	return slot;
}

static void share_init(struct damon_share *share,
		       const struct damon_owner *owner)
{
	struct damon_spec defaults;

	damon_spec_init(&defaults);
	share->wish = (struct damon_wish){
		.attrs = defaults.attrs,
		.addr_unit = defaults.addr_unit,
	};
	share->nr_schemes = owner->nr_schemes;
	share->awake = owner->awake;
	for (unsigned int i = 0; i < owner->nr_schemes; i++)
		damos_spec_init(&share->schemes[i]);
}

static void share_destroy(struct damon_share *share)
{
	if (!share)
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(share->schemes); i++)
		damos_spec_free(&share->schemes[i]);
	kfree(share);
}

DEFINE_FREE(damon_share, struct damon_share *, share_destroy(_T))

/* The span of all of System RAM, in bytes. */
struct ram_span {
	u64 start;
	u64 end;
};

static int ram_span_add(struct resource *res, void *data)
{
	struct ram_span *span = data;

	span->start = min_t(u64, span->start, res->start);
	span->end = max_t(u64, span->end, (u64)res->end + 1);
	return 0;
}

static int wish_find_range(struct damon_wish *wish)
{
	struct ram_span span = { .start = U64_MAX };
	u64 end;

	if (!wish->addr_unit)
		return -EINVAL;
	if (wish->range.start || wish->range.end)
		return 0;
	walk_system_ram_res(0, U64_MAX, &span, ram_span_add);
	end = div64_u64(span.end, wish->addr_unit);
	if (span.start >= span.end || end > ULONG_MAX)
		return -EINVAL;
	wish->range.start = div64_u64(span.start, wish->addr_unit);
	wish->range.end = end;
	return 0;
}

/* Each has to be valid by itself: others may hide what is wrong with it. */
static int wish_validate(const struct damon_wish *wish)
{
	struct damon_spec spec;
	int err = damon_wish_spec(&spec, wish);

	if (err)
		return err;
	err = damon_spec_validate(&spec);
	damon_spec_free(&spec);
	return err;
}

static int share_fill(struct damon_share *share,
		      const struct damon_owner *owner)
{
	int err;

	share_init(share, owner);
	err = owner->wish(&share->wish);
	err = err ?: wish_find_range(&share->wish);
	err = err ?: wish_validate(&share->wish);
	if (!err && owner->schemes)
		err = owner->schemes(share->schemes, &share->wish.attrs);
	return err;
}

static bool monitor_wanted(void)
{
	for (unsigned int i = 0; i < NR_OWNERS; i++) {
		if (monitor_shares[i].enabled)
			return true;
	}
	return false;
}

/* Who only looks lets others look, too. */
static bool monitor_exclusive(void)
{
	for (unsigned int i = 0; i < NR_OWNERS; i++) {
		if (monitor_shares[i].enabled && monitor_shares[i].nr_schemes)
			return true;
	}
	return false;
}

static bool monitor_runs(void)
{
	return monitor && damon_is_running(monitor);
}

/* What a scheme did, since ever. */
static void scheme_stat(unsigned int idx, unsigned int scheme,
			struct damos_stat *stat)
{
	struct damos_report now;

	*stat = monitor_past[idx][scheme];
	if (!monitor ||
	    damon_report_scheme(monitor, owner_slot(idx) + scheme, &now))
		return;
	stat->nr_snapshots += now.stat.nr_snapshots;
	stat->nr_tried += now.stat.nr_tried;
	stat->nr_applied += now.stat.nr_applied;
	stat->sz_tried += now.stat.sz_tried;
	stat->sz_ops_filter_passed += now.stat.sz_ops_filter_passed;
	stat->sz_applied += now.stat.sz_applied;
	stat->qt_exceeds += now.stat.qt_exceeds;
}

/* All schemes are switched off by now, so what they did is final. */
static void monitor_stop(void)
{
	for (unsigned int i = 0; i < NR_OWNERS; i++) {
		for (unsigned int j = 0; j < monitor_owners[i]->nr_schemes; j++)
			scheme_stat(i, j, &monitor_past[i][j]);
	}
	damon_stop(&monitor, 1);
}

static int monitor_run(const struct damon_spec *spec)
{
	int err = 0;

	if (!monitor)
		monitor = damon_kdamond_create();
	if (!monitor)
		return -ENOMEM;
	if (!monitor_runs())
		return damon_start(&monitor, &spec, 1, true);
	if (monitor_exclusive())
		err = damon_set_exclusive(monitor, true);
	return err ?: damon_commit(monitor, spec);
}

/* Makes the kdamond do what the shares say; to stop it never fails. */
static int monitor_apply(void)
{
	struct damon_spec spec;
	int err;

	if (!monitor_wanted()) {
		monitor_stop();
		return 0;
	}
	err = damon_shares_merge(&spec, monitor_shares, NR_OWNERS);
	if (err)
		return err;
	err = monitor_run(&spec);
	damon_spec_free(&spec);
	return err;
}

/* After a change or an attempt: no more exclusive than it has to be. */
static void monitor_relax(void)
{
	if (monitor_runs())
		damon_set_exclusive(monitor, monitor_exclusive());
}

static bool owner_runs(unsigned int idx)
{
	return monitor_shares[idx].enabled && monitor_runs();
}

/* The owner takes part from now on, as its parameters say. */
static int owner_join(const struct damon_owner *owner)
{
	struct damon_share *mine = &monitor_shares[owner_idx(owner)];
	struct damon_share *share __free(damon_share) =
		kzalloc(sizeof(*share), GFP_KERNEL);
	int err;

	if (!share)
		return -ENOMEM;
	err = share_fill(share, owner);
	if (err)
		return err;
	share->enabled = true;
	share->begun = true;
	swap(*mine, *share);
	err = monitor_apply();
	if (err)
		swap(*mine, *share);
	else if (owner->settled)
		owner->settled(&mine->wish);
	monitor_relax();
	return err;
}

/*
 * The schemes are switched off where they are, so there is nothing to fail.
 * The others would do with less monitoring than before, but that needs memory:
 * if there is none, it is up to the next change.
 */
static void owner_leave(const struct damon_owner *owner)
{
	unsigned int idx = owner_idx(owner);
	struct damon_share *mine = &monitor_shares[idx];

	mine->enabled = false;
	damon_switch_off_schemes(monitor, owner_slot(idx),
				 damon_share_slots(mine));
	monitor_apply();
	monitor_relax();
}

/**
 * damon_owner_enable() - Let an owner take part, or not.
 * @owner:	the owner
 * @enable:	it shall; nothing is done if it is so already
 *
 * To disable needs no memory and does not heed signals: it always works.
 *
 * Context: process context, may sleep; not before damon_initialized(), and not
 * from a kdamond.
 * Return: 0 when it is so; -EINVAL if the owner's parameters are not valid;
 * -EBUSY if somebody else monitors physical memory, or another owner in
 * other core units; -ENOMEM; -ERESTARTSYS if a signal came first; errors of the
 * creation of threads.  On failure nothing has changed.
 */
int damon_owner_enable(struct damon_owner *owner, bool enable)
{
	guard(mutex)(&monitor_lock);
	if (owner_runs(owner_idx(owner)) == enable)
		return 0;
	if (enable)
		return owner_join(owner);
	owner_leave(owner);
	return 0;
}

/**
 * damon_owner_commit() - Have changed parameters of an owner take effect.
 * @owner:	the owner
 *
 * Context: as damon_owner_enable().
 * Return: 0 when they have; -EINVAL if the owner never took part, -ECANCELED if
 * it does not any more; errors of damon_owner_enable().
 */
int damon_owner_commit(struct damon_owner *owner)
{
	unsigned int idx = owner_idx(owner);

	guard(mutex)(&monitor_lock);
	if (!owner_runs(idx))
		return monitor_shares[idx].begun ? -ECANCELED : -EINVAL;
	return owner_join(owner);
}

/**
 * damon_owner_init() - Enable an owner that is to be from boot on.
 * @owner:	the owner
 *
 * Context: process context, at late initialisation.
 * Return: 0, also if it is not to be enabled; errors of damon_owner_enable().
 */
int __init damon_owner_init(struct damon_owner *owner)
{
	int err = 0;

	/* As in handlers of parameters, which may run already. */
	kernel_param_lock(THIS_MODULE);
	if (owner->at_boot)
		err = damon_owner_enable(owner, true);
	kernel_param_unlock(THIS_MODULE);
	if (err)
		pr_err("%s is not enabled: %pe\n", owner->name, ERR_PTR(err));
	return err;
}

/**
 * damon_owner_is_enabled() - Whether an owner takes part now.
 * @owner:	the owner
 *
 * Context: may sleep.
 * Return: true if it does, and the monitor runs.
 */
bool damon_owner_is_enabled(const struct damon_owner *owner)
{
	guard(mutex)(&monitor_lock);
	return owner_runs(owner_idx(owner));
}

/**
 * damon_owner_pid() - The thread that works for an owner.
 * @owner:	the owner
 *
 * Context: may sleep.
 * Return: the process number in the initial namespace; -1 if there is none.
 */
int damon_owner_pid(const struct damon_owner *owner)
{
	guard(mutex)(&monitor_lock);
	return owner_runs(owner_idx(owner)) ? damon_kdamond_pid(monitor) : -1;
}

/**
 * damon_owner_stat() - What became of a scheme of an owner.
 * @owner:	the owner
 * @scheme:	its scheme, below &damon_owner.nr_schemes
 * @stat:	filled, for all time since boot, however often it was disabled
 *
 * The kdamond is neither waited for nor woken.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if there is no such scheme.
 */
int damon_owner_stat(const struct damon_owner *owner, unsigned int scheme,
		     struct damos_stat *stat)
{
	if (scheme >= owner->nr_schemes)
		return -EINVAL;

	guard(mutex)(&monitor_lock);
	scheme_stat(owner_idx(owner), scheme, stat);
	return 0;
}

/**
 * damon_owner_call() - Have the kdamond run a function for an owner.
 * @owner:	the owner
 * @fn:		the function; the context has the schemes of all owners
 * @data:	handed to @fn
 *
 * Context: process context, may sleep; not from the kdamond itself.
 * Return: as damon_call(); -EINVAL if the owner never took part, -ECANCELED if
 * it does not any more.
 */
int damon_owner_call(const struct damon_owner *owner, damon_call_fn fn,
		     void *data)
{
	unsigned int idx = owner_idx(owner);

	/* The call may take long, but the handle is never given back. */
	scoped_guard(mutex, &monitor_lock) {
		if (!owner_runs(idx))
			return monitor_shares[idx].begun ? -ECANCELED : -EINVAL;
	}
	return damon_call(monitor, fn, data);
}

/* Slots count from the beginning, also those of who is never enabled. */
static int __init monitor_init(void)
{
	for (unsigned int i = 0; i < NR_OWNERS; i++)
		share_init(&monitor_shares[i], monitor_owners[i]);
	return 0;
}
subsys_initcall(monitor_init);
