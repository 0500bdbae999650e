// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to a running kdamond.
 *
 * A request lives on the stack of its poster, who waits for it.  It is on the
 * kdamond's list until the kdamond takes it off to run it; only until then it
 * can be withdrawn.
 */

#include <kunit/static_stub.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/lockdep.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>

#include "ctx.h"
#include "kdamond.h"
#include "policy/spec.h"
#include "scheme.h"

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

static int kdamond_request_state(struct damon_kdamond *kd,
				 struct kdamond_request *req,
				 unsigned int state)
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

	if (wait_for_completion_state(&req->done, state)) {
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

static int kdamond_request(struct damon_kdamond *kd,
			   struct kdamond_request *req)
{
	return kdamond_request_state(kd, req, TASK_INTERRUPTIBLE);
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
EXPORT_SYMBOL_NS_GPL(damon_call, DAMON);

static bool ctx_is_physical(const struct damon_ctx *ctx)
{
	return !damon_ops_has_pid(ctx->spec.ops_id);
}

static int kdamond_request_commit(struct damon_kdamond *kd,
				  struct kdamond_request *req)
{
	struct damon_ctx **new = req->data;
	int err = 0;

	if (ctx_is_physical(*new))
		err = kdamond_set_physical(kd, true);
	err = err ?: damon_ctx_adopt(*new, kd->ctx);
	if (!err) {
		guard(spinlock)(&kd->lock);
		swap(kd->ctx, *new);
	}
	/* Whatever it is that goes on. */
	kdamond_set_physical(kd, ctx_is_physical(kd->ctx));
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
 * Return: 0; errors of damon_call(); -EINVAL if @spec is not valid; -ENOMEM;
 * -EBUSY if @kd is to begin with physical memory and an exclusive start forbids.
 */
int damon_commit(struct damon_kdamond *kd, const struct damon_spec *spec)
{
	unsigned int nr_regions = 0;
	int err;

	KUNIT_STATIC_STUB_REDIRECT(damon_commit, kd, spec);
	do {
		struct damon_ctx *ctx;
		struct kdamond_request req = {
			.fn = kdamond_request_commit,
			.data = &ctx,
		};

		err = damon_call(kd, kdamond_count_regions, &nr_regions);
		err = err ?: damon_spec_validate_goals(spec);
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
EXPORT_SYMBOL_NS_GPL(damon_commit, DAMON);

/**
 * damon_report_scheme() - Tell how a scheme is doing.
 * @kd:		the kdamond
 * @idx:	index of the scheme
 * @report:	filled; the values may be of two successive moments
 *
 * The kdamond is neither waited for nor woken.
 *
 * Context: any but interrupts.
 * Return: 0; -EINVAL if @kd was never started or there is no such scheme;
 * -ECANCELED if @kd has ended.
 */
int damon_report_scheme(struct damon_kdamond *kd, unsigned int idx,
			struct damos_report *report)
{
	const struct damos *s;
	int err;

	guard(spinlock)(&kd->lock);
	err = kdamond_not_running(kd);
	if (err)
		return err;
	/* It is taken away some time before the state says so. */
	if (!kd->ctx)
		return -ECANCELED;
	if (idx >= kd->ctx->nr_schemes)
		return -EINVAL;
	s = &kd->ctx->schemes[idx];
	/* The kdamond goes on meanwhile. */
	data_race(*report = ((struct damos_report){
		.stat = s->stat,
		.effective_sz = s->quota.esz,
	}));
	return 0;
}
EXPORT_SYMBOL_NS_GPL(damon_report_scheme, DAMON);

/* Goals of all schemes of a context. */
struct goals_draft {
	struct damos_goals *vec;
	unsigned int nr;
};

static void goals_draft_fini(struct goals_draft *draft)
{
	while (draft->nr)
		damos_goals_destroy(&draft->vec[--draft->nr]);
	kvfree(draft->vec);
}

static int goals_draft_init(struct goals_draft *draft,
			    const struct damon_spec *spec)
{
	*draft = (struct goals_draft){};
	if (!spec->nr_schemes)
		return 0;
	draft->vec = kvcalloc(spec->nr_schemes, sizeof(*draft->vec),
			      GFP_KERNEL);
	if (!draft->vec)
		return -ENOMEM;
	for (; draft->nr < spec->nr_schemes; draft->nr++) {
		int err = damos_goals_build(&draft->vec[draft->nr],
					    &spec->schemes[draft->nr].quota);

		if (err) {
			goals_draft_fini(draft);
			return err;
		}
	}
	return 0;
}

static int kdamond_commit_goals(struct damon_ctx *ctx, void *data)
{
	struct goals_draft *draft = data;

	for (unsigned int i = 0; i < min(draft->nr, ctx->nr_schemes); i++) {
		struct damos_quota *quota = &ctx->schemes[i].quota;

		damos_goals_adopt(&draft->vec[i], &quota->goals);
		swap(draft->vec[i], quota->goals);
	}
	return 0;
}

/**
 * damon_commit_quota_goals() - Change the quota goals of running schemes.
 * @kd:		the kdamond
 * @spec:	has the goals; nothing else of it is looked at.  Schemes are
 *		paired by index, surplus ones are ignored
 *
 * Context: process context, may sleep; not from the kdamond itself.
 * Return: 0; errors of damon_call(); -EINVAL if there is no such cgroup;
 * -ENOMEM.  On failure nothing has changed.
 */
int damon_commit_quota_goals(struct damon_kdamond *kd,
			     const struct damon_spec *spec)
{
	struct goals_draft draft;
	int err;

	err = kdamond_not_running(kd);
	if (err)
		return err;
	err = goals_draft_init(&draft, spec);
	if (err)
		return err;
	err = damon_call(kd, kdamond_commit_goals, &draft);
	goals_draft_fini(&draft);
	return err;
}
EXPORT_SYMBOL_NS_GPL(damon_commit_quota_goals, DAMON);

/* Schemes that are next to each other. */
struct schemes_slice {
	unsigned int first;
	unsigned int nr;
};

/* What is in force now is asked for before anything else is done. */
static int kdamond_switch_off(struct damon_kdamond *kd,
			      struct kdamond_request *req)
{
	const struct schemes_slice *slice = req->data;
	struct damon_ctx *ctx = kd->ctx;

	for (unsigned int i = slice->first;
	     i < ctx->nr_schemes && i - slice->first < slice->nr; i++)
		damos_spec_switch_off(&ctx->spec.schemes[i]);
	return 0;
}

/**
 * damon_switch_off_schemes() - Have running schemes do nothing any more.
 * @kd:		the kdamond
 * @first:	index of the first of them
 * @nr:		how many there are
 *
 * They keep their places and their statistics, which do not change any more.
 * Nor do they keep @kd awake.  A damon_commit() can bring them back.
 *
 * This needs no memory and does not heed signals, so it always works.
 *
 * Context: process context, may sleep; not from the kdamond itself.
 * Return: 0; -EINVAL if @kd was never started, or not with success; -ECANCELED
 * if it has ended.
 */
int damon_switch_off_schemes(struct damon_kdamond *kd, unsigned int first,
			     unsigned int nr)
{
	struct schemes_slice slice = { .first = first, .nr = nr };
	struct kdamond_request req = {
		.fn = kdamond_switch_off,
		.data = &slice,
	};

	return kdamond_request_state(kd, &req, TASK_UNINTERRUPTIBLE);
}

/**
 * struct damos_walker - Somebody who waits for what schemes are tried on.
 * @fn:		to be told
 * @data:	handed to @fn
 * @result:	what came of it
 * @done:	@result is there, and the kdamond is not going to use this
 */
struct damos_walker {
	damos_walk_fn fn;
	void *data;
	int result;
	struct completion done;
};

static void kdamond_walk_end(struct damon_kdamond *kd, int result)
{
	struct damos_walker *walk = kd->walk;

	kd->walk = NULL;
	walk->result = result;
	complete(&walk->done);
}

static int kdamond_walk_begin(struct damon_kdamond *kd,
			      struct kdamond_request *req)
{
	struct damon_ctx *ctx = kd->ctx;

	if (kd->walk)
		return -EBUSY;
	if (ctx->spec.pause || !ctx->nr_schemes)
		return -ECANCELED;
	for (unsigned int i = 0; i < ctx->nr_schemes; i++) {
		ctx->schemes[i].walking = false;
		ctx->schemes[i].walked = false;
	}
	kd->walk = req->data;
	return 0;
}

static int kdamond_walk_withdraw(struct damon_kdamond *kd,
				 struct kdamond_request *req)
{
	if (kd->walk == req->data)
		kdamond_walk_end(kd, -ERESTARTSYS);
	return 0;
}

/**
 * kdamond_walk_report() - Tell about a region that a scheme was tried on.
 * @kd:		the kdamond
 * @tried:	what was tried
 *
 * Context: in the kdamond.
 */
void kdamond_walk_report(struct damon_kdamond *kd,
			 const struct damos_tried *tried)
{
	if (kd->walk)
		kd->walk->fn(kd->ctx, tried, kd->walk->data);
}

/**
 * kdamond_walk_advance() - End a walk when all schemes have made their pass.
 * @kd:		the kdamond
 *
 * Context: in the kdamond.
 */
void kdamond_walk_advance(struct damon_kdamond *kd)
{
	const struct damon_ctx *ctx = kd->ctx;

	if (!kd->walk)
		return;
	for (unsigned int i = 0; i < ctx->nr_schemes; i++) {
		if (!ctx->schemes[i].walked)
			return;
	}
	kdamond_walk_end(kd, 0);
}

/**
 * kdamond_walk_cancel() - End a walk that is not going to be completed.
 * @kd:		the kdamond
 *
 * Context: in the kdamond.
 */
void kdamond_walk_cancel(struct damon_kdamond *kd)
{
	if (kd->walk)
		kdamond_walk_end(kd, -ECANCELED);
}

/**
 * damos_walk() - See what schemes are tried on.
 * @kd:		the kdamond
 * @fn:		called for each region that a scheme is tried on, in the first
 *		whole pass that the scheme makes from now on
 * @data:	handed to @fn
 *
 * Context: process context, may sleep until all schemes have made a pass; not
 * from the kdamond itself.
 * Return: 0; -EINVAL if @kd was never started, or not with success; -EBUSY if
 * there is a walk already; -ECANCELED if @kd ended, is paused, has no schemes
 * or has no active ones; -ERESTARTSYS if a signal came first.
 */
int damos_walk(struct damon_kdamond *kd, damos_walk_fn fn, void *data)
{
	struct damos_walker walk = { .fn = fn, .data = data };
	struct kdamond_request req = {
		.fn = kdamond_walk_begin,
		.data = &walk,
	};
	int err;

	init_completion(&walk.done);
	err = kdamond_request(kd, &req);
	if (err)
		return err;
	if (wait_for_completion_interruptible(&walk.done)) {
		/* Only the kdamond can let go of it, if it has not yet. */
		req.fn = kdamond_walk_withdraw;
		kdamond_request_state(kd, &req, TASK_UNINTERRUPTIBLE);
		wait_for_completion(&walk.done);
	}
	return walk.result;
}
EXPORT_SYMBOL_NS_GPL(damos_walk, DAMON);
