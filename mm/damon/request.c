// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to a running kdamond.
 *
 * A request lives on the stack of its poster, who waits for it.  It is on the
 * kdamond's list until the kdamond takes it off to run it; only until then it
 * can be withdrawn.
 */

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>

#include "ctx.h"
#include "kdamond.h"

struct kdamond_request {
	struct list_head list;
	int (*fn)(struct damon_kdamond *kd, struct kdamond_request *req);
	damon_call_fn call;
	void *data;
	int result;
	struct completion done;
};

/**
 * kdamond_has_requests() - Whether somebody waits for a kdamond.
 * @kd:		the kdamond
 *
 * Context: in the kdamond; without a lock, so the caller must set its task
 * state before if it is going to sleep.
 * Return: true if there is something to serve.
 */
bool kdamond_has_requests(struct damon_kdamond *kd)
{
	return !list_empty_careful(&kd->requests);
}

static struct kdamond_request *kdamond_next_request(struct damon_kdamond *kd)
{
	struct kdamond_request *req;

	guard(spinlock)(&kd->lock);
	req = list_first_entry_or_null(&kd->requests, struct kdamond_request,
				       list);
	if (req)
		list_del_init(&req->list);
	return req;
}

/**
 * kdamond_serve_requests() - Run what was posted, in order.
 * @kd:		the kdamond
 *
 * Context: in the kdamond, between two ticks.  May change &damon_kdamond.ctx.
 */
void kdamond_serve_requests(struct damon_kdamond *kd)
{
	struct kdamond_request *req;

	while ((req = kdamond_next_request(kd))) {
		req->result = req->fn(kd, req);
		complete(&req->done);
	}
}

/**
 * kdamond_cancel_requests() - Tell everybody that nothing is run any more.
 * @kd:		the kdamond
 *
 * Context: with &damon_kdamond.lock held.
 */
void kdamond_cancel_requests(struct damon_kdamond *kd)
{
	struct kdamond_request *req, *next;

	lockdep_assert_held(&kd->lock);
	list_for_each_entry_safe(req, next, &kd->requests, list) {
		list_del_init(&req->list);
		req->result = -ECANCELED;
		complete(&req->done);
	}
}

/* 0 if the kdamond runs, else why it can't do anything for anybody. */
static int kdamond_not_running(const struct damon_kdamond *kd)
{
	switch (READ_ONCE(kd->state)) {
	case KDAMOND_RUNNING:
		return 0;
	case KDAMOND_ENDED:
		return -ECANCELED;
	default:
		return -EINVAL;
	}
}

static int kdamond_request(struct damon_kdamond *kd,
			   struct kdamond_request *req)
{
	int err;

	might_sleep();
	init_completion(&req->done);
	scoped_guard(spinlock, &kd->lock) {
		err = kdamond_not_running(kd);
		if (err)
			return err;
		list_add_tail(&req->list, &kd->requests);
		wake_up_process(kd->task);
	}

	if (wait_for_completion_interruptible(&req->done)) {
		scoped_guard(spinlock, &kd->lock) {
			if (!list_empty(&req->list)) {
				list_del_init(&req->list);
				return -ERESTARTSYS;
			}
		}
		/* Too late to withdraw it, but it can't take long any more. */
		wait_for_completion(&req->done);
	}
	return req->result;
}

static int kdamond_request_call(struct damon_kdamond *kd,
				struct kdamond_request *req)
{
	return req->call(kd->ctx, req->data);
}

/**
 * damon_call() - Have a running kdamond run a function.
 * @kd:		the kdamond
 * @fn:		the function; runs between two ticks and owns the context
 * @data:	handed to @fn
 *
 * The kdamond is woken at once, however long its sampling interval is.
 *
 * Context: process context, may sleep; not from the kdamond itself.
 * Return: what @fn returned; -EINVAL if @kd was never started, or not with
 * success; -ECANCELED if it ended before it ran @fn; -ERESTARTSYS if a signal
 * came first.
 */
int damon_call(struct damon_kdamond *kd, damon_call_fn fn, void *data)
{
	struct kdamond_request req = {
		.fn = kdamond_request_call,
		.call = fn,
		.data = data,
	};

	return kdamond_request(kd, &req);
}

static int kdamond_request_commit(struct damon_kdamond *kd,
				  struct kdamond_request *req)
{
	struct damon_ctx **new = req->data;
	int err = damon_ctx_adopt(*new, kd->ctx);

	if (!err)
		swap(kd->ctx, *new);
	return err;
}

static int kdamond_count_regions(struct damon_ctx *ctx, void *data)
{
	*(unsigned int *)data = ctx->regions.nr;
	return 0;
}

/**
 * damon_commit() - Change a running kdamond over to other parameters.
 * @kd:		the kdamond
 * @spec:	the parameters; copied.  Process numbers in it belong to the
 *		initial namespace
 *
 * Monitoring results are kept as far as they fit @spec.  On failure the
 * kdamond goes on as it was.
 *
 * Context: process context, may sleep; not from the kdamond itself.
 * Return: 0; errors of damon_call(); -EINVAL if @spec is not valid; -ENOMEM.
 */
int damon_commit(struct damon_kdamond *kd, const struct damon_spec *spec)
{
	unsigned int nr_regions = 0;
	int err;

	do {
		struct damon_ctx *ctx;
		struct kdamond_request req = {
			.fn = kdamond_request_commit,
			.data = &ctx,
		};

		err = damon_call(kd, kdamond_count_regions, &nr_regions);
		if (err)
			return err;
		ctx = damon_ctx_build(spec, &init_pid_ns, nr_regions);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
		err = kdamond_request(kd, &req);
		/* The old one, or on failure the new one. */
		damon_ctx_destroy(ctx);
		/* Again if there are more regions now than room for them. */
	} while (err == -ENOSPC);
	return err;
}
