// SPDX-License-Identifier: GPL-2.0
/*
 * The main loop: sleep, serve requests, sample; and at the end of each
 * aggregation or update interval let the policy code have its turn.
 *
 * Everything is planned in passed sampling intervals ("ticks"), so a loaded
 * system that misses some of them gets longer intervals, not fewer samples.
 */

#include <linux/cleanup.h>
#include <linux/damon.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "ctx.h"
#include "kdamond.h"
#include "policy/region.h"
#include "policy/spec.h"

#define CREATE_TRACE_POINTS
#include <trace/events/damon.h>

/* A paused kdamond looks now and then whether its targets are still there. */
#define KDAMOND_PAUSE_POLL_US	USEC_PER_SEC

/* Timers may fire late by this part of the sampling interval. */
#define KDAMOND_SLACK_SHIFT	6

/* A century: as good as for ever, and sums of time stamps do not overflow. */
#define KDAMOND_SLEEP_MAX_US	(100ULL * 365 * 24 * 3600 * USEC_PER_SEC)

static ktime_t kdamond_deadline(ktime_t from, u64 interval_us)
{
	return ktime_add_us(from, clamp(interval_us, 1ULL,
					KDAMOND_SLEEP_MAX_US));
}

/* Returns at the deadline, at a request or when asked to stop. */
static void kdamond_sleep(struct damon_kdamond *kd, ktime_t deadline,
			  u64 interval_us)
{
	u64 slack_ns = min(interval_us, KDAMOND_SLEEP_MAX_US) *
		NSEC_PER_USEC >> KDAMOND_SLACK_SHIFT;

	set_current_state(TASK_IDLE);
	if (!kdamond_has_requests(kd) && !kthread_should_stop())
		schedule_hrtimeout_range(&deadline, slack_ns,
					 HRTIMER_MODE_ABS);
	__set_current_state(TASK_RUNNING);
}

static bool kdamond_has_valid_target(const struct damon_ctx *ctx)
{
	const struct damon_target *t;

	if (!ctx->ops->target_valid)
		return true;
	damon_for_each_target(t, &ctx->regions) {
		if (ctx->ops->target_valid(t))
			return true;
	}
	return false;
}

static void kdamond_tune_intervals(struct damon_ctx *ctx)
{
	const struct damon_intervals_goal *goal = &ctx->attrs.intervals_goal;
	struct damon_schedule *sc = &ctx->schedule;
	struct damon_attrs old = ctx->attrs;

	if (!goal->aggrs || sc->passed < sc->tune)
		return;
	sc->tune = damon_ticks_add(sc->tune, ctx->tune_samples, goal->aggrs);

	if (damon_access_tune(&ctx->regions, ctx->tune_samples, &ctx->attrs))
		trace_damon_monitor_intervals_tune(ctx->attrs.sample_interval);
	if (damon_attrs_equal(&old, &ctx->attrs))
		return;
	damon_access_set_attrs(&ctx->access, &ctx->attrs, ctx->access.min_sz);
	damon_access_rescale(&ctx->regions, &old, &ctx->attrs, true);
	damon_schedule_restart(ctx);
}

static void kdamond_trace_regions(const struct damon_ctx *ctx)
{
	const struct damon_regions *rs = &ctx->regions;
	const struct damon_target *t;
	const struct damon_region *r;

	if (!trace_damon_aggregated_enabled() &&
	    !trace_damon_region_aggregated_enabled())
		return;
	damon_for_each_target(t, rs) {
		unsigned long i = t - rs->targets;

		damon_for_each_region(r, t, rs) {
			trace_damon_aggregated(i, t, r);
			if (ctx->nr_probes)
				trace_damon_region_aggregated(i, t, r,
							      ctx->nr_probes);
		}
	}
}

/*
 * An upper limit beyond what was reserved at the start is grown into, long
 * before it is needed.  If memory is short the limit is what there is.
 */
static void kdamond_make_room(struct damon_ctx *ctx)
{
	struct damon_regions *rs = &ctx->regions;

	if (rs->cap < ctx->attrs.max_nr_regions && rs->nr > rs->cap / 2)
		damon_regions_reserve(rs, min(2UL * rs->cap,
					      ctx->attrs.max_nr_regions));
}

static void kdamond_check_regions(struct damon_ctx *ctx)
{
	if (IS_ENABLED(CONFIG_DAMON_DEBUG_SANITY))
		WARN_ON_ONCE(!damon_regions_check(&ctx->regions,
						  &ctx->access));
}

/* Reports what was found out, and begins anew. */
static void kdamond_turn_over(struct damon_ctx *ctx)
{
	kdamond_tune_intervals(ctx);
	kdamond_trace_regions(ctx);
	damon_access_reset(&ctx->access, &ctx->regions);
	kdamond_check_regions(ctx);
}

static void kdamond_update(struct damon_ctx *ctx)
{
	if (ctx->ops->update)
		ctx->ops->update(ctx);
	damon_access_fit(&ctx->access, &ctx->regions);
	kdamond_check_regions(ctx);
}

/* One sampling interval has passed. */
static void kdamond_tick(struct damon_kdamond *kd)
{
	struct damon_ctx *ctx = kd->ctx;
	struct damon_schedule *sc = &ctx->schedule;
	u64 aggr = sc->aggr, update = sc->update;
	bool aggr_due, update_due, step_due;

	sc->passed++;
	ctx->access.tick++;
	aggr_due = sc->passed >= aggr;
	update_due = sc->passed >= update;
	step_due = kdamond_step_due(ctx);
	if (!aggr_due && !update_due && !step_due) {
		ctx->ops->sample(ctx,
				 DAMON_SAMPLE_CHECK | DAMON_SAMPLE_PREPARE);
		return;
	}

	/* Regions change in between: check the old, then prepare the new. */
	ctx->ops->sample(ctx, DAMON_SAMPLE_CHECK);
	if (aggr_due) {
		kdamond_make_room(ctx);
		damon_access_aggregate(&ctx->access, &ctx->regions);
	}
	if (step_due)
		kdamond_step(kd);
	if (aggr_due) {
		kdamond_turn_over(ctx);
		sc->aggr = damon_schedule_after(aggr, ctx->attrs.aggr_interval,
						&ctx->attrs);
	}
	if (update_due) {
		kdamond_update(ctx);
		sc->update = damon_schedule_after(update,
						  ctx->attrs.ops_update_interval,
						  &ctx->attrs);
	}
	ctx->ops->sample(ctx, DAMON_SAMPLE_PREPARE);
}

static void kdamond_begin(struct damon_ctx *ctx)
{
	struct damon_schedule *sc = &ctx->schedule;

	ctx->owner = current;
	damon_schedule_restart(ctx);
	sc->tune = damon_ticks_add(0, sc->aggr,
				   ctx->attrs.intervals_goal.aggrs);
	if (ctx->ops->init)
		ctx->ops->init(ctx);
	damon_access_fit(&ctx->access, &ctx->regions);
	kdamond_check_regions(ctx);
	if (!ctx->spec.pause)
		ctx->ops->sample(ctx, DAMON_SAMPLE_PREPARE);
}

/* How long there is nothing to do; 0 if there is something. */
static unsigned long kdamond_idle_us(struct damon_ctx *ctx)
{
	if (ctx->spec.pause)
		return KDAMOND_PAUSE_POLL_US;
	return kdamond_step_idle_us(ctx);
}

/* The results vanish, and whoever still waits is told. */
static void kdamond_end(struct damon_kdamond *kd)
{
	kdamond_walk_cancel(kd);
	damon_ctx_destroy(kd->ctx);
	kd->ctx = NULL;
	kdamond_leave(kd);
	guard(spinlock)(&kd->lock);
	WRITE_ONCE(kd->state, KDAMOND_ENDED);
	kdamond_cancel_requests(kd);
}

/**
 * kdamond_fn() - Thread function of a kdamond.
 * @data:	the &struct damon_kdamond, with a context that nobody owns
 *
 * Return: 0.
 */
int kdamond_fn(void *data)
{
	struct damon_kdamond *kd = data;
	ktime_t last = ktime_get();

	scoped_guard(spinlock, &kd->lock)
		WRITE_ONCE(kd->state, KDAMOND_RUNNING);
	complete(&kd->begun);
	kdamond_begin(kd->ctx);
	for (;;) {
		struct damon_ctx *ctx;
		u64 interval_us, idle_us;
		ktime_t now, deadline;

		kdamond_serve_requests(kd);
		ctx = kd->ctx;
		if (kthread_should_stop() || !kdamond_has_valid_target(ctx))
			break;

		now = ktime_get();
		idle_us = kdamond_idle_us(ctx);
		if (idle_us || !kdamond_step_active(ctx))
			kdamond_walk_cancel(kd);
		if (idle_us) {
			last = now;
			damon_ctx_unprepare(ctx);
			kdamond_sleep(kd, kdamond_deadline(now, idle_us),
				      idle_us);
			continue;
		}
		interval_us = ctx->attrs.sample_interval;
		deadline = kdamond_deadline(last, interval_us);
		if (ktime_before(now, deadline)) {
			if (kdamond_step_pending(ctx))
				kdamond_step(kd);
			else
				kdamond_sleep(kd, deadline, interval_us);
			cond_resched();
			continue;
		}
		/* Deadlines do not drift, but lost time is not made up for. */
		if (ktime_before(kdamond_deadline(deadline, interval_us), now))
			last = now;
		else
			last = deadline;
		ctx->schedule.now_ns = ktime_to_ns(last);
		kdamond_tick(kd);
		cond_resched();
	}
	kdamond_end(kd);
	return 0;
}
