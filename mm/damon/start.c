// SPDX-License-Identifier: GPL-2.0
/* Creating, starting, stopping and destroying of kdamonds. */

#include <kunit/static_stub.h>
#include <linux/cleanup.h>
#include <linux/damon.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/init.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "ctx.h"
#include "kdamond.h"
#include "policy/spec.h"

/* How often to look whether an ending thread is gone. */
#define KDAMOND_EXIT_POLL_US	50

/*
 * Serialises starts, and guards the following four.  Of those that run, how
 * many are there, monitor physical memory, want no other that does?
 */
static DEFINE_MUTEX(damon_start_lock);
static unsigned int damon_nr_running;
static unsigned int damon_nr_physical;
static unsigned int damon_nr_exclusive;

/* Those whose number is still to be given back. */
static LIST_HEAD(kdamonds_ended);
static DEFINE_IDA(kdamond_ida);

static bool damon_ready;

/* Stops the thread, if there is one, and waits until it is gone. */
static void kdamond_join(struct damon_kdamond *kd)
{
	struct task_struct *task;

	/* A thread can be stopped only once, whoever else wants to. */
	guard(mutex)(&kd->join_lock);
	scoped_guard(spinlock, &kd->lock)
		task = kd->task;
	if (!task)
		return;
	kthread_stop(task);
	/* It is past its function, but people still see it for a moment. */
	while (pid_alive(task))
		fsleep(KDAMOND_EXIT_POLL_US);
	scoped_guard(spinlock, &kd->lock)
		kd->task = NULL;
	put_task_struct(task);
}

/**
 * kdamond_leave() - Leave the set of the running kdamonds.
 * @kd:		the kdamond
 *
 * Context: in the kdamond, that is about to end; takes the start lock.
 */
void kdamond_leave(struct damon_kdamond *kd)
{
	guard(mutex)(&damon_start_lock);
	list_add(&kd->ended, &kdamonds_ended);
	damon_nr_running--;
	damon_nr_physical -= kd->physical;
	damon_nr_exclusive -= kd->exclusive;
}

/**
 * kdamond_set_physical() - Say whether a kdamond monitors physical memory.
 * @kd:		the kdamond
 * @physical:	it is going to
 *
 * Context: in the kdamond; may take the start lock.
 * Return: 0; -EBUSY if it does not yet, and an exclusive start forbids it.
 */
int kdamond_set_physical(struct damon_kdamond *kd, bool physical)
{
	if (kd->physical == physical)
		return 0;

	guard(mutex)(&damon_start_lock);
	if (physical && (damon_nr_exclusive > kd->exclusive ||
			 (kd->exclusive && damon_nr_physical)))
		return -EBUSY;
	damon_nr_physical -= kd->physical;
	kd->physical = physical;
	damon_nr_physical += kd->physical;
	return 0;
}

/* Numbers come back when the threads are gone that had them in their names. */
static void kdamonds_retire(void)
{
	struct damon_kdamond *kd, *next;

	lockdep_assert_held(&damon_start_lock);
	list_for_each_entry_safe(kd, next, &kdamonds_ended, ended) {
		kdamond_join(kd);
		ida_free(&kdamond_ida, kd->id);
		list_del_init(&kd->ended);
	}
}

/* Everything that can fail; the thread does not run yet. */
static int kdamond_prepare(struct damon_kdamond *kd,
			   const struct damon_spec *spec)
{
	struct task_struct *task;
	int id;

	kd->ctx = damon_ctx_build(spec, task_active_pid_ns(current), 0);
	if (IS_ERR(kd->ctx)) {
		id = PTR_ERR(kd->ctx);
		goto no_ctx;
	}
	id = ida_alloc(&kdamond_ida, GFP_KERNEL);
	if (id < 0)
		goto no_id;
	task = kthread_create(kdamond_fn, kd, "kdamond.%d", id);
	if (IS_ERR(task))
		goto no_task;
	kd->id = id;
	kd->task = get_task_struct(task);
	kd->physical = !damon_ops_has_pid(spec->ops_id);
	reinit_completion(&kd->begun);
	return 0;

no_task:
	ida_free(&kdamond_ida, id);
	id = PTR_ERR(task);
no_id:
	damon_ctx_destroy(kd->ctx);
no_ctx:
	kd->ctx = NULL;
	return id;
}

static void kdamond_unprepare(struct damon_kdamond *kd)
{
	/* It was never woken, so kdamond_fn() does not run. */
	kdamond_join(kd);
	ida_free(&kdamond_ida, kd->id);
	damon_ctx_destroy(kd->ctx);
	kd->ctx = NULL;
}

/**
 * damon_start() - Start kdamonds, all or none.
 * @kds:	kdamonds that do not run
 * @specs:	what each of them shall do; copied.  Process numbers belong to
 *		the caller's namespace
 * @nr:		number of @kds and @specs
 * @exclusive:	start only if nobody else monitors physical memory, and let
 *		nobody else begin with that while one of @kds runs
 *
 * To monitor physical memory is to clear the marks that others look for.
 * Processes may be monitored at any time, beside whom ever.
 *
 * A kdamond of which the start failed counts as never started.
 *
 * Context: process context, may sleep.
 * Return: 0 when all threads have begun; -EBUSY if one of them runs already or
 * @exclusive forbids; -EINVAL if a spec is not valid; -ENOMEM; errors of the
 * creation of threads.
 */
int damon_start(struct damon_kdamond **kds, const struct damon_spec **specs,
		unsigned int nr, bool exclusive)
{
	unsigned int i, nr_physical = 0;
	int err;

	KUNIT_STATIC_STUB_REDIRECT(damon_start, kds, specs, nr, exclusive);
	guard(mutex)(&damon_start_lock);
	for (i = 0; i < nr; i++) {
		if (kds[i]->state == KDAMOND_RUNNING)
			return -EBUSY;
	}
	kdamonds_retire();
	for (i = 0; i < nr; i++)
		WRITE_ONCE(kds[i]->state, KDAMOND_NEW);
	for (i = 0; i < nr; i++) {
		err = kdamond_prepare(kds[i], specs[i]);
		if (err)
			goto undo;
		kds[i]->exclusive = exclusive;
		nr_physical += kds[i]->physical;
	}
	err = -EBUSY;
	if ((exclusive && damon_nr_physical) ||
	    (nr_physical && damon_nr_exclusive))
		goto undo;

	damon_nr_running += nr;
	damon_nr_physical += nr_physical;
	damon_nr_exclusive += exclusive ? nr : 0;
	for (i = 0; i < nr; i++)
		wake_up_process(kds[i]->task);
	for (i = 0; i < nr; i++)
		wait_for_completion(&kds[i]->begun);
	return 0;

undo:
	while (i--)
		kdamond_unprepare(kds[i]);
	return err;
}
EXPORT_SYMBOL_NS_GPL(damon_start, DAMON);

/**
 * damon_set_exclusive() - Change whether a running kdamond is exclusive.
 * @kd:		the kdamond
 * @exclusive:	see damon_start()
 *
 * Context: process context, may sleep; not from a kdamond.
 * Return: 0, also if nothing changes; -EBUSY if somebody else monitors physical
 * memory; -EINVAL if @kd was never started, -ECANCELED if it has ended.
 */
int damon_set_exclusive(struct damon_kdamond *kd, bool exclusive)
{
	guard(mutex)(&damon_start_lock);
	if (kd->state == KDAMOND_NEW)
		return -EINVAL;
	if (kd->state == KDAMOND_ENDED || !list_empty(&kd->ended))
		return -ECANCELED;
	if (kd->exclusive == exclusive)
		return 0;
	if (exclusive && damon_nr_physical > kd->physical)
		return -EBUSY;
	damon_nr_exclusive -= kd->exclusive;
	kd->exclusive = exclusive;
	damon_nr_exclusive += kd->exclusive;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(damon_set_exclusive, DAMON);

static int kdamond_stop(struct damon_kdamond *kd)
{
	scoped_guard(spinlock, &kd->lock) {
		if (kd->state == KDAMOND_NEW)
			return -EINVAL;
		if (kd->state == KDAMOND_ENDED)
			return -EPERM;
	}
	kdamond_join(kd);
	return 0;
}

/**
 * damon_stop() - Stop kdamonds.
 * @kds:	the kdamonds
 * @nr:		number of @kds
 *
 * Context: process context, may sleep; not from a kdamond.
 * Return: 0 when all threads have ended; else the first error, and the others
 * were stopped all the same: -EPERM if one did not run any more, -EINVAL if
 * one was never started.
 */
int damon_stop(struct damon_kdamond **kds, unsigned int nr)
{
	int err = 0;

	for (unsigned int i = 0; i < nr; i++) {
		int ret = kdamond_stop(kds[i]);

		err = err ?: ret;
	}
	return err;
}
EXPORT_SYMBOL_NS_GPL(damon_stop, DAMON);

/**
 * damon_kdamond_create() - Make a handle for a kdamond.
 *
 * Context: may sleep.
 * Return: the handle, not running; NULL if out of memory.
 */
struct damon_kdamond *damon_kdamond_create(void)
{
	struct damon_kdamond *kd = kzalloc(sizeof(*kd), GFP_KERNEL);

	if (!kd)
		return NULL;
	spin_lock_init(&kd->lock);
	mutex_init(&kd->join_lock);
	INIT_LIST_HEAD(&kd->requests);
	INIT_LIST_HEAD(&kd->ended);
	init_completion(&kd->begun);
	return kd;
}
EXPORT_SYMBOL_NS_GPL(damon_kdamond_create, DAMON);

/**
 * damon_kdamond_destroy() - Stop a kdamond, if it runs, and free its handle.
 * @kd:		the handle, or NULL; nobody else may use it any more
 *
 * Context: process context, may sleep; not from the kdamond itself.
 */
void damon_kdamond_destroy(struct damon_kdamond *kd)
{
	if (!kd)
		return;
	kdamond_join(kd);
	scoped_guard(mutex, &damon_start_lock)
		kdamonds_retire();
	kfree(kd);
}
EXPORT_SYMBOL_NS_GPL(damon_kdamond_destroy, DAMON);

/**
 * damon_is_running() - Whether a kdamond runs.
 * @kd:		the kdamond
 *
 * Context: any.
 * Return: true between a successful start and the end, whatever caused it.
 */
bool damon_is_running(struct damon_kdamond *kd)
{
	return READ_ONCE(kd->state) == KDAMOND_RUNNING;
}
EXPORT_SYMBOL_NS_GPL(damon_is_running, DAMON);

/**
 * damon_kdamond_pid() - The thread of a kdamond.
 * @kd:		the kdamond
 *
 * Context: any but interrupts.
 * Return: its process number in the initial namespace, or -EINVAL if @kd does
 * not run.
 */
int damon_kdamond_pid(struct damon_kdamond *kd)
{
	guard(spinlock)(&kd->lock);
	if (kd->state != KDAMOND_RUNNING)
		return -EINVAL;
	return task_pid_nr(kd->task);
}
EXPORT_SYMBOL_NS_GPL(damon_kdamond_pid, DAMON);

/**
 * damon_nr_running_ctxs() - How many kdamonds run, over all users.
 *
 * Context: process context, may sleep.
 * Return: the number.
 */
unsigned int damon_nr_running_ctxs(void)
{
	guard(mutex)(&damon_start_lock);
	return damon_nr_running;
}
EXPORT_SYMBOL_NS_GPL(damon_nr_running_ctxs, DAMON);

/**
 * damon_initialized() - Whether kdamonds can be started yet.
 *
 * Context: any; meant for parameter handlers that may run early at boot.
 * Return: true from subsystem initialisation on.
 */
bool damon_initialized(void)
{
	return READ_ONCE(damon_ready);
}
EXPORT_SYMBOL_NS_GPL(damon_initialized, DAMON);

static int __init damon_init(void)
{
	WRITE_ONCE(damon_ready, true);
	return 0;
}
subsys_initcall(damon_init);
