// SPDX-License-Identifier: GPL-2.0
/*
 * The main loop: sleep, serve requests, sample; and at the end of each
 * aggregation or update interval let the policy code have its turn.
 *
 * Everything is planned in passed sampling intervals ("ticks"), so a loaded
 * system that misses some of them gets longer intervals, not fewer samples.
 * Ticks at which there is nothing to do are slept through, and counted when
 * something ends the sleep.
 */

#include <linux/cleanup.h>
#include <linux/damon.h>
#include <linux/export.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/sched/cputime.h>

#include "ctx.h"
#include "kdamond.h"
#include "policy/ratio.h"
#include "policy/region.h"
#include "policy/scout.h"
#include "policy/spec.h"

#define CREATE_TRACE_POINTS
#include <trace/events/damon.h>

/* Who sleeps for long looks now and then whether the targets are still there. */
#define KDAMOND_POLL_US		USEC_PER_SEC

/* Timers may fire late by this part of the time that is slept. */
#define KDAMOND_SLACK_SHIFT	6

/* Page table entries that scouting may look at in an aggregation interval. */
#define KDAMOND_SCOUT_ENTRIES	65536

/* A century: as good as for ever, and sums of time stamps do not overflow. */
#define KDAMOND_SLEEP_MAX_US	(100ULL * 365 * 24 * 3600 * USEC_PER_SEC)

static ktime_t kdamond_deadline(ktime_t from, u64 interval_us)
{
	return ktime_add_us(from, clamp(interval_us, 1ULL,
					KDAMOND_SLEEP_MAX_US));
}

/* Returns at the deadline, at a request or when asked to stop. */
static void kdamond_sleep(struct damon_kdamond *kd, ktime_t deadline,
			  u64 sleep_us)
{
	u64 slack_ns = min(sleep_us, KDAMOND_SLEEP_MAX_US) *
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

static u64 kdamond_cpu_ns(void)
{
	return task_sched_runtime(current);
}

static void kdamond_step_metered(struct damon_kdamond *kd)
{
	u64 began_ns = kdamond_cpu_ns();

	kdamond_step(kd);
	kd->ctx->meter.cpu_ns += kdamond_cpu_ns() - began_ns;
}

static void kdamond_set_report(struct damon_kdamond *kd,
			       struct damon_budget_report report)
{
	WRITE_ONCE(kd->budget.cpu_ppm, report.cpu_ppm);
	WRITE_ONCE(kd->budget.sampled_permille, report.sampled_permille);
	WRITE_ONCE(kd->budget.nr_regions_limit, report.nr_regions_limit);
}

static void kdamond_report_budget(struct damon_kdamond *kd)
{
	const struct damon_ctx *ctx = kd->ctx;
	const struct damon_access *ac = &ctx->access;
	u32 samples = ac->max_nr_accesses;

	kdamond_set_report(kd, (struct damon_budget_report){
		.cpu_ppm = div_u64(ctx->meter.budget.cost, NSEC_PER_USEC),
		.sampled_permille = div_u64(1000ULL * (samples / ac->stride),
					    samples),
		.nr_regions_limit = min(ac->max_nr_regions,
					ac->nr_budget ?: UINT_MAX),
	});
}

/* See what the aggregation cost, and what the next one may. */
static void kdamond_meter(struct damon_kdamond *kd)
{
	struct damon_ctx *ctx = kd->ctx;
	struct damon_access *ac = &ctx->access;
	struct damon_meter *m = &ctx->meter;
	u64 now_ns = ctx->schedule.now_ns, cpu_ns = kdamond_cpu_ns();
	const struct damon_budget_span span = {
		.cpu_ns = damon_sub(cpu_ns, m->cpu_ns),
		.wall_ns = m->since_ns ? now_ns - m->since_ns : 0,
		.permille = ctx->attrs.cpu_permille,
		.samples = ac->max_nr_accesses,
		.nr_regions = ctx->regions.nr,
		.min_nr = ac->min_nr_regions,
		.max_nr = ac->max_nr_regions,
	};

	damon_budget_update(&m->budget, &span);
	m->since_ns = now_ns;
	m->cpu_ns = cpu_ns;
	ac->stride = m->budget.stride;
	ac->nr_budget = m->budget.nr_limit;
	kdamond_report_budget(kd);
}

/* Reports what was found out, and begins anew. */
static void kdamond_turn_over(struct damon_kdamond *kd)
{
	struct damon_ctx *ctx = kd->ctx;

	kdamond_tune_intervals(ctx);
	kdamond_trace_regions(ctx);
	kdamond_meter(kd);
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

static bool kdamond_scout(void *data, const struct damon_target *t,
			  const struct damon_addr_range *ar,
			  struct damon_scout_map *map)
{
	struct damon_ctx *ctx = data;

	return ctx->ops->scout(ctx, t, ar, map);
}

static void kdamond_aggregate(struct damon_ctx *ctx)
{
	const struct damon_scout scout = {
		.look = kdamond_scout,
		.data = ctx,
	};
	bool may_scout = ctx->ops->scout && ctx->attrs.scout;

	kdamond_make_room(ctx);
	ctx->scout_left = KDAMOND_SCOUT_ENTRIES;
	damon_access_aggregate(&ctx->access, &ctx->regions,
			       may_scout ? &scout : NULL);
}

static void kdamond_sample(struct damon_ctx *ctx, bool check, bool prepare)
{
	unsigned int what = (check ? DAMON_SAMPLE_CHECK : 0) |
		(prepare ? DAMON_SAMPLE_PREPARE : 0);

	if (what)
		ctx->ops->sample(ctx, what);
	ctx->access.open = prepare;
}

static void kdamond_pass_ticks(struct damon_ctx *ctx, u64 ticks)
{
	ctx->schedule.passed += ticks;
	ctx->access.tick += ticks;
}

/* One sampling interval has passed. */
static void kdamond_tick(struct damon_kdamond *kd)
{
	struct damon_ctx *ctx = kd->ctx;
	struct damon_schedule *sc = &ctx->schedule;
	struct damon_access *ac = &ctx->access;
	u64 aggr = sc->aggr, update = sc->update;
	bool aggr_due, update_due, step_due, check;

	kdamond_pass_ticks(ctx, 1);
	aggr_due = sc->passed >= aggr;
	update_due = sc->passed >= update;
	step_due = kdamond_step_due(ctx);
	check = damon_access_checks(ac);
	if (!aggr_due && !update_due && !step_due) {
		kdamond_sample(ctx, check, damon_access_prepares(ac));
		return;
	}

	/* Regions change in between: check the old, then prepare the new. */
	kdamond_sample(ctx, check, false);
	if (aggr_due)
		kdamond_aggregate(ctx);
	if (step_due)
		kdamond_step_metered(kd);
	if (aggr_due) {
		kdamond_turn_over(kd);
		sc->aggr = damon_schedule_after(aggr, ctx->attrs.aggr_interval,
						&ctx->attrs);
	}
	if (update_due) {
		kdamond_update(ctx);
		sc->update = damon_schedule_after(update,
						  ctx->attrs.ops_update_interval,
						  &ctx->attrs);
	}
	kdamond_sample(ctx, false, damon_access_prepares(ac));
}

/* How many ticks from now there is something to do, or to look after. */
static u64 kdamond_sleep_ticks(const struct damon_ctx *ctx)
{
	const struct damon_schedule *sc = &ctx->schedule;
	u64 ticks = damon_access_sleep_ticks(&ctx->access);

	if (ticks == 1)
		return ticks;
	ticks = min(ticks, damon_sub(sc->aggr, sc->passed));
	ticks = min(ticks, damon_sub(sc->update, sc->passed));
	ticks = min(ticks, damon_sub(kdamond_step_next(ctx), sc->passed));
	ticks = min(ticks, KDAMOND_POLL_US /
		    max(ctx->attrs.sample_interval, 1UL));
	return max(ticks, 1);
}

/* Count the ticks that were slept through; the last one is left for later. */
static void kdamond_skip_ticks(struct damon_ctx *ctx, ktime_t *last,
			       ktime_t now)
{
	u64 interval_us = max(ctx->attrs.sample_interval, 1UL);
	u64 ticks = kdamond_sleep_ticks(ctx);

	if (ticks == 1)
		return;
	ticks = min(ticks - 1, div64_u64(ktime_us_delta(now, *last),
					 interval_us));
	kdamond_pass_ticks(ctx, ticks);
	*last = ktime_add_us(*last, ticks * interval_us);
}

static void kdamond_begin(struct damon_kdamond *kd)
{
	struct damon_ctx *ctx = kd->ctx;
	struct damon_schedule *sc = &ctx->schedule;

	ctx->owner = current;
	damon_schedule_restart(ctx);
	sc->tune = damon_ticks_add(0, sc->aggr,
				   ctx->attrs.intervals_goal.aggrs);
	if (ctx->ops->init)
		ctx->ops->init(ctx);
	damon_access_fit(&ctx->access, &ctx->regions);
	kdamond_check_regions(ctx);
	kdamond_report_budget(kd);
	if (!ctx->spec.pause)
		kdamond_sample(ctx, false, true);
}

/* How long there is nothing to do; 0 if there is something. */
static unsigned long kdamond_idle_us(struct damon_ctx *ctx)
{
	if (ctx->spec.pause)
		return KDAMOND_POLL_US;
	return kdamond_step_idle_us(ctx);
}

/* The results vanish, and whoever still waits is told. */
static void kdamond_end(struct damon_kdamond *kd)
{
	struct damon_ctx *ctx = kd->ctx;

	kdamond_walk_cancel(kd);
	scoped_guard(spinlock, &kd->lock)
		kd->ctx = NULL;
	damon_ctx_destroy(ctx);
	kdamond_leave(kd);
	kdamond_set_report(kd, (struct damon_budget_report){});
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
	u64 idle_us = 0;

	scoped_guard(spinlock, &kd->lock)
		WRITE_ONCE(kd->state, KDAMOND_RUNNING);
	complete(&kd->begun);
	kdamond_begin(kd);
	for (;;) {
		ktime_t now = ktime_get(), deadline;
		struct damon_ctx *ctx;
		u64 sleep_us;

		if (idle_us)
			last = now;
		else
			kdamond_skip_ticks(kd->ctx, &last, now);
		kdamond_serve_requests(kd);
		ctx = kd->ctx;
		if (kthread_should_stop() || !kdamond_has_valid_target(ctx))
			break;

		idle_us = kdamond_idle_us(ctx);
		if (idle_us || !kdamond_step_active(ctx))
			kdamond_walk_cancel(kd);
		if (idle_us) {
			ctx->meter.since_ns = 0;
			damon_ctx_unprepare(ctx);
			kdamond_sleep(kd, kdamond_deadline(now, idle_us),
				      idle_us);
			continue;
		}
		sleep_us = ctx->attrs.sample_interval * kdamond_sleep_ticks(ctx);
		deadline = kdamond_deadline(last, sleep_us);
		if (ktime_before(now, deadline)) {
			if (kdamond_step_pending(ctx))
				kdamond_step_metered(kd);
			else
				kdamond_sleep(kd, deadline, sleep_us);
			cond_resched();
			continue;
		}
		/* Deadlines do not drift, but lost time is not made up for. */
		if (ktime_before(kdamond_deadline(deadline, sleep_us), now))
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

/**
 * damon_report_budget() - Tell what monitoring costs.
 * @kd:		the kdamond
 * @report:	filled; all 0 while @kd does not run.  The values may be of two
 *		successive aggregations
 *
 * The kdamond is neither waited for nor woken.
 *
 * Context: any.
 */
void damon_report_budget(const struct damon_kdamond *kd,
			 struct damon_budget_report *report)
{
	report->cpu_ppm = READ_ONCE(kd->budget.cpu_ppm);
	report->sampled_permille = READ_ONCE(kd->budget.sampled_permille);
	report->nr_regions_limit = READ_ONCE(kd->budget.nr_regions_limit);
}
EXPORT_SYMBOL_NS_GPL(damon_report_budget, DAMON);
