// SPDX-License-Identifier: GPL-2.0
/*
 * The scheme step: which schemes are due, what their quotas are now, and one
 * pass over the regions for all of them.
 *
 * A pass may take long: physical memory is large and reclaim is slow.  So it
 * is made in slices of some milliseconds, and what was posted meanwhile is
 * served between two of them.  Each scheme remembers by address how far it is,
 * so regions, and the whole context, may change in between.  Schemes that become
 * due meanwhile wait for the end of the pass: they would be ahead of the others
 * at each place, and could keep them from ever getting there.
 */

#include <linux/damon.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/sched/cputime.h>
#include <trace/events/damon.h>

#include "ctx.h"
#include "kdamond.h"
#include "metrics.h"
#include "policy/access.h"
#include "policy/damos.h"
#include "policy/spec.h"

/* How long requests may have to wait for a pass. */
#define DAMOS_SLICE_US		2000

/* One slice of a pass. */
struct damos_slice {
	struct damon_kdamond *kd;
	struct damon_ctx *ctx;
	ktime_t deadline;
};

static unsigned int scheme_idx(const struct damon_ctx *ctx,
			       const struct damos *s)
{
	return s - ctx->schemes;
}

static void slice_apply(void *data, const struct damon_target *t,
			const struct damon_region *r, struct damos *s,
			bool by_core, struct damos_result *res)
{
	struct damos_slice *slice = data;
	struct damon_ctx *ctx = slice->ctx;
	struct damos_job job = {
		.scheme = s,
		.target = t,
		.ar = r->ar,
		.by_core = by_core,
		.deadline = slice->deadline,
		.end = r->ar.end,
	};
	struct damos_tried tried = {
		.scheme = scheme_idx(ctx, s),
		.target = t - ctx->regions.targets,
		.ar = r->ar,
		.nr_accesses = damon_access_moving_bp(&ctx->access, r) /
			DAMON_BP,
		.age = r->age,
	};
	bool timed = damos_quota_is_set(s);
	u64 began_ns = timed ? task_sched_runtime(current) : 0;

	if (trace_damos_before_apply_enabled())
		trace_damos_before_apply(&tried, t->nr_regions);
	ctx->ops->apply(ctx, &job);
	res->end = job.end;
	res->applied = job.applied;
	res->passed = job.passed;
	res->ns = timed ? task_sched_runtime(current) - began_ns : 0;

	if (!s->walking)
		return;
	tried.ar.end = job.end;
	tried.sz_filter_passed = job.passed;
	memcpy(tried.probe_hits, r->probe_hits, sizeof(tried.probe_hits));
	kdamond_walk_report(slice->kd, &tried);
}

static bool slice_expired(void *data)
{
	struct damos_slice *slice = data;

	return ktime_after(ktime_get(), slice->deadline);
}

/* A window of the quota may be over, and the next one have another size. */
static bool scheme_tune_quota(struct damon_ctx *ctx, struct damos *s)
{
	struct damos_goals *goals = &s->quota.goals;
	unsigned long min_sz = ctx->access.min_sz;

	if (!damos_quota_roll(s, ctx->schedule.now_ns, min_sz))
		return damos_quota_extend(s, min_sz, ctx->spec.addr_unit);
	for (unsigned int i = 0; i < goals->nr; i++)
		damon_goal_measure(&goals->vec[i], ctx, s);
	return damos_quota_tune(s, min_sz, ctx->spec.addr_unit);
}

static void scheme_adjust_quota(struct damon_ctx *ctx, struct damos *s)
{
	if (damos_quota_is_set(s) && scheme_tune_quota(ctx, s))
		trace_damos_esz(scheme_idx(ctx, s), s->quota.esz);
}

static void scheme_tell(struct damon_ctx *ctx, struct damos *s)
{
	s->untold = false;
	trace_damos_stat_after_apply_interval(scheme_idx(ctx, s), &s->stat);
}

static bool scheme_is_due(const struct damon_ctx *ctx, const struct damos *s)
{
	return ctx->schedule.passed >= s->next_apply;
}

static bool schemes_any_due(const struct damon_ctx *ctx)
{
	for (unsigned int i = 0; i < ctx->nr_schemes; i++) {
		if (ctx->schemes[i].active &&
		    scheme_is_due(ctx, &ctx->schemes[i]))
			return true;
	}
	return false;
}

static void schemes_begin(struct damos_pass *pass, struct damon_kdamond *kd)
{
	struct damon_ctx *ctx = kd->ctx;

	if (!schemes_any_due(ctx))
		return;
	for (unsigned int i = 0; i < ctx->nr_schemes; i++) {
		struct damos *s = &ctx->schemes[i];

		if (!scheme_is_due(ctx, s))
			continue;
		s->next_apply = damos_next_apply(ctx, s);
		if (!s->active) {
			s->walked = kd->walk;
			scheme_tell(ctx, s);
			continue;
		}
		scheme_adjust_quota(ctx, s);
		s->walking = kd->walk && !s->walked;
		s->untold = true;
		damos_pass_begin(pass, s);
		damos_pass_prioritise(pass, s);
	}
}

/* What the watermarks have switched off is not gone on with. */
static void schemes_abandon(struct damon_ctx *ctx)
{
	for (unsigned int i = 0; i < ctx->nr_schemes; i++) {
		struct damos *s = &ctx->schemes[i];

		if (s->active || !s->in_pass)
			continue;
		s->in_pass = false;
		s->walked |= s->walking;
	}
}

/**
 * kdamond_step_active() - Whether there is a scheme that may do something.
 * @ctx:	the context
 *
 * Context: in the kdamond that owns @ctx.
 * Return: true if a scheme is not switched off by its watermarks.
 */
bool kdamond_step_active(const struct damon_ctx *ctx)
{
	for (unsigned int i = 0; i < ctx->nr_schemes; i++) {
		if (ctx->schemes[i].active)
			return true;
	}
	return false;
}

/**
 * kdamond_step_pending() - Whether a pass has begun and not ended.
 * @ctx:	the context
 *
 * Context: in the kdamond that owns @ctx.
 * Return: true if kdamond_step() has something to go on with.
 */
bool kdamond_step_pending(const struct damon_ctx *ctx)
{
	for (unsigned int i = 0; i < ctx->nr_schemes; i++) {
		if (ctx->schemes[i].in_pass)
			return true;
	}
	return false;
}

/**
 * kdamond_step_due() - Whether there is something to apply.
 * @ctx:	the context
 *
 * Context: in the kdamond that owns @ctx.
 * Return: true if kdamond_step() has something to begin or to go on with.
 */
bool kdamond_step_due(const struct damon_ctx *ctx)
{
	return kdamond_step_pending(ctx) || schemes_any_due(ctx);
}

/**
 * kdamond_step_next() - When there is something to begin.
 * @ctx:	the context
 *
 * Context: in the kdamond that owns @ctx.
 * Return: the time in passed sampling intervals; the far end of time if no
 * scheme is active.
 */
u64 kdamond_step_next(const struct damon_ctx *ctx)
{
	u64 next = U64_MAX;

	for (unsigned int i = 0; i < ctx->nr_schemes; i++) {
		if (ctx->schemes[i].active)
			next = min(next, ctx->schemes[i].next_apply);
	}
	return next;
}

/**
 * kdamond_step() - Apply what is due, for the time of a slice.
 * @kd:		the kdamond
 *
 * Regions may be cut, and those that are lose the sample that was prepared.
 *
 * Context: in the kdamond.
 */
void kdamond_step(struct damon_kdamond *kd)
{
	struct damon_ctx *ctx = kd->ctx;
	struct damos_slice slice = { .kd = kd, .ctx = ctx };
	struct damos_pass pass = {
		.rs = &ctx->regions,
		.access = &ctx->access,
		.attrs = &ctx->attrs,
		.schemes = ctx->schemes,
		.nr_schemes = ctx->nr_schemes,
		.score_kinds = ctx->ops->score_kinds,
		.target_valid = ctx->ops->target_valid,
		.apply = ctx->ops->apply ? slice_apply : NULL,
		.expired = slice_expired,
		.data = &slice,
	};

	damon_assert_owner(ctx);
	schemes_abandon(ctx);
	if (!kdamond_step_pending(ctx))
		schemes_begin(&pass, kd);
	slice.deadline = ktime_add_us(ktime_get(), DAMOS_SLICE_US);
	damos_pass_run(&pass);
	for (unsigned int i = 0; i < ctx->nr_schemes; i++) {
		struct damos *s = &ctx->schemes[i];

		if (s->untold && !s->in_pass)
			scheme_tell(ctx, s);
	}
	kdamond_walk_advance(kd);
}

/**
 * kdamond_step_idle_us() - Let the watermarks switch schemes on and off.
 * @ctx:	the context
 *
 * Context: in the kdamond that owns @ctx.
 * Return: microseconds to look again, if all schemes are switched off and
 * there is nothing to monitor for; else 0.
 */
unsigned long kdamond_step_idle_us(struct damon_ctx *ctx)
{
	unsigned long idle_us = ULONG_MAX;

	for (unsigned int i = 0; i < ctx->nr_schemes; i++) {
		struct damos *s = &ctx->schemes[i];
		enum damos_wmark_metric metric = s->spec->wmarks.metric;
		unsigned long us = 0;

		if (metric != DAMOS_WMARK_NONE)
			us = damos_wmark_update(s, damon_wmark_measure(metric));
		idle_us = min(idle_us, us);
	}
	return ctx->nr_schemes ? idle_us : 0;
}
