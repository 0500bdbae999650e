/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kdamond: the thread that monitors, and the handle that its user keeps.
 *
 * A handle lives from creation to destruction and can be started and stopped
 * any number of times.  While it runs, its thread owns the context.  Others
 * post requests, which wake the thread at once and run between two ticks,
 * never within one.
 *
 * Lock order: the start lock (start.c), &damon_kdamond.join_lock,
 * &damon_kdamond.lock.  An ending thread takes the start lock, and so does one
 * that begins with or stops monitoring physical memory, so nobody may
 * hold it while waiting for a thread that may still be running; a thread that
 * has left, see kdamond_leave(), only takes &damon_kdamond.lock any more.
 */
#ifndef _MM_DAMON_KDAMOND_H
#define _MM_DAMON_KDAMOND_H

#include <linux/completion.h>
#include <linux/damon.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct damos_walker;
struct task_struct;

/**
 * enum kdamond_state - Life cycle of a kdamond.
 * @KDAMOND_NEW:	never started, or the start failed
 * @KDAMOND_RUNNING:	its thread has begun
 * @KDAMOND_ENDED:	stopped, or ended by itself
 */
enum kdamond_state {
	KDAMOND_NEW,
	KDAMOND_RUNNING,
	KDAMOND_ENDED,
};

/**
 * struct damon_kdamond - A monitoring thread and its mail box.
 * @join_lock:	held by who waits for the end of @task
 * @lock:	guards @state, @task, @requests, and @ctx against being replaced
 * @state:	life cycle
 * @task:	the thread, a counted reference; NULL if there is none
 * @id:		number in the thread's name
 * @requests:	posted &struct kdamond_request, first come first served
 * @ended:	on the list of those that have ended, guarded by the start lock
 * @physical:	it monitors physical memory; only @task changes that while it
 *		runs, with the start lock held
 * @exclusive:	nobody else may, see damon_start(); guarded by the start lock
 * @begun:	the thread runs
 * @budget:	what monitoring costs, all 0 while it does not run; @task writes
 *		and anybody may read, value by value
 * @ctx:	the context; only @task touches it while running
 * @walk:	who waits for what schemes are tried on, NULL if nobody does; only
 *		@task touches it
 */
struct damon_kdamond {
	struct mutex join_lock; /* see above */
	spinlock_t lock; /* see above */
	enum kdamond_state state;
	struct task_struct *task;
	int id;
	struct list_head requests;
	struct list_head ended;
	bool physical;
	bool exclusive;
	struct completion begun;
	struct damon_budget_report budget;
	struct damon_ctx *ctx;
	struct damos_walker *walk;
};

int kdamond_fn(void *data);
bool kdamond_has_requests(struct damon_kdamond *kd);
void kdamond_serve_requests(struct damon_kdamond *kd);
void kdamond_cancel_requests(struct damon_kdamond *kd);
void kdamond_walk_report(struct damon_kdamond *kd,
			 const struct damos_tried *tried);
void kdamond_walk_advance(struct damon_kdamond *kd);
void kdamond_walk_cancel(struct damon_kdamond *kd);

bool kdamond_step_active(const struct damon_ctx *ctx);
bool kdamond_step_due(const struct damon_ctx *ctx);
u64 kdamond_step_next(const struct damon_ctx *ctx);
bool kdamond_step_pending(const struct damon_ctx *ctx);
void kdamond_step(struct damon_kdamond *kd);
unsigned long kdamond_step_idle_us(struct damon_ctx *ctx);

void kdamond_leave(struct damon_kdamond *kd);
int kdamond_set_physical(struct damon_kdamond *kd, bool physical);

#endif /* _MM_DAMON_KDAMOND_H */
