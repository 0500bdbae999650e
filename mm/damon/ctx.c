// SPDX-License-Identifier: GPL-2.0
/*
 * Building, adopting and destroying of running contexts.
 *
 * All that can fail happens while a context is built, by whoever asks for it:
 * allocations, look-ups of processes.  What a kdamond does to change over to
 * a new context, damon_ctx_adopt(), refuses before it touches anything or
 * succeeds.
 */

#include <linux/cleanup.h>
#include <linux/damon.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/overflow.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "ctx.h"
#include "policy/region.h"
#include "policy/spec.h"
#include "scheme.h"

/* Room that is reserved at once; a higher upper limit is grown into. */
#define DAMON_REGIONS_RESERVE	4096UL

/* What is reserved beyond that, at least and for each scheme. */
#define DAMON_ROOM_BASE		32U
#define DAMON_ROOM_SCHEME	4U

static u64 spec_nr_ranges(const struct damon_spec *spec)
{
	/* A target without ranges may get the three of the address space. */
	u64 nr = 0;

	for (unsigned int i = 0; i < spec->nr_targets; i++)
		nr += max(spec->targets[i].nr_ranges, 3U);
	return nr;
}

/*
 * What may come of @nr_regions when ranges are set on them: a range that covers
 * several of them fills the holes between each two.
 */
static u64 regions_room(u64 nr_regions, const struct damon_spec *spec)
{
	return 2 * nr_regions + spec_nr_ranges(spec);
}

/* So that the regions can be cut for schemes even at their upper limit. */
static u64 schemes_room(const struct damon_spec *spec)
{
	return DAMON_ROOM_BASE + (u64)DAMON_ROOM_SCHEME * spec->nr_schemes;
}

/* The process that a user named, if there is one; zombies count. */
static struct pid *target_pid_get(int nr, struct pid_namespace *ns)
{
	struct pid *pid;

	guard(rcu)();
	pid = find_pid_ns(nr, ns);
	if (!pid || !pid_task(pid, PIDTYPE_PID))
		return ERR_PTR(-EINVAL);
	return get_pid(pid);
}

static int target_build(struct damon_ctx *ctx, unsigned int idx,
			struct pid_namespace *ns)
{
	const struct damon_target_spec *spec = &ctx->spec.targets[idx];
	struct damon_target *t = &ctx->regions.targets[idx];

	if (damon_ops_has_pid(ctx->spec.ops_id)) {
		struct pid *pid = target_pid_get(spec->pid, ns);

		if (IS_ERR(pid))
			return PTR_ERR(pid);
		t->pid = pid;
	}
	return damon_target_set_ranges(&ctx->regions, t, spec->ranges,
				       spec->nr_ranges, ctx->access.min_sz,
				       &ctx->access.rnd);
}

static int schemes_build(struct damon_ctx *ctx)
{
	unsigned int nr = ctx->spec.nr_schemes;

	if (nr) {
		ctx->schemes = kvcalloc(nr, sizeof(*ctx->schemes), GFP_KERNEL);
		if (!ctx->schemes)
			return -ENOMEM;
	}
	for (; ctx->nr_schemes < nr; ctx->nr_schemes++) {
		unsigned int i = ctx->nr_schemes;
		int err = damos_build(&ctx->schemes[i], &ctx->spec.schemes[i]);

		if (err)
			return err;
	}
	return 0;
}

static int probes_build(struct damon_ctx *ctx)
{
	for (; ctx->nr_probes < ctx->spec.nr_probes; ctx->nr_probes++) {
		unsigned int i = ctx->nr_probes;
		int err = damon_probe_build(&ctx->probes[i],
					    &ctx->spec.probes[i]);

		if (err)
			return err;
	}
	/* Each sample counts for a probe, not just those that tell most. */
	ctx->access.full_rate = ctx->nr_probes;
	return 0;
}

DEFINE_FREE(damon_ctx, struct damon_ctx *, damon_ctx_destroy(_T))

/**
 * damon_ctx_build() - Build a context that is ready to be run.
 * @spec:	what the user asks for; copied
 * @ns:		the namespace that the process numbers in @spec belong to
 * @nr_regions:	regions of another context that are to be adopted
 *
 * Context: may sleep.
 * Return: the context, owned by the caller, or an ERR_PTR: -EINVAL if @spec
 * is not valid, its operation set is not there or a process or cgroup does not
 * exist; -ENOMEM.
 */
struct damon_ctx *damon_ctx_build(const struct damon_spec *spec,
				  struct pid_namespace *ns,
				  unsigned int nr_regions)
{
	struct damon_ctx *ctx __free(damon_ctx) = kzalloc(sizeof(*ctx),
							  GFP_KERNEL);
	u64 cap;
	int err;

	if (!ctx)
		return ERR_PTR(-ENOMEM);
	ctx->ops = damon_ops_get(spec->ops_id);
	if (!ctx->ops)
		return ERR_PTR(-EINVAL);
	err = damon_spec_validate(spec);
	if (err)
		return ERR_PTR(err);
	err = damon_spec_copy(&ctx->spec, spec);
	if (err)
		return ERR_PTR(err);

	cap = min(spec->attrs.max_nr_regions, DAMON_REGIONS_RESERVE) +
		regions_room(nr_regions, spec) + schemes_room(spec);
	if (cap > UINT_MAX)
		return ERR_PTR(-ENOMEM);
	err = damon_regions_init(&ctx->regions, spec->nr_targets, cap);
	if (err)
		return ERR_PTR(err);

	ctx->attrs = spec->attrs;
	ctx->tune_samples = damon_attrs_max_nr_accesses(&ctx->attrs);
	damon_access_init(&ctx->access, &ctx->attrs,
			  damon_spec_min_region_sz(spec), get_random_u32());
	damon_budget_init(&ctx->meter.budget);
	err = probes_build(ctx);
	for (unsigned int i = 0; !err && i < spec->nr_targets; i++)
		err = target_build(ctx, i, ns);
	err = err ?: schemes_build(ctx);
	if (err)
		return ERR_PTR(err);
	return_ptr(ctx);
}

/**
 * damon_ctx_destroy() - Free a context and what it holds.
 * @ctx:	the context, or NULL
 *
 * Context: may sleep; from the kdamond that owns @ctx, if one does.
 */
void damon_ctx_destroy(struct damon_ctx *ctx)
{
	struct damon_target *t;

	if (!ctx)
		return;
	damon_assert_owner(ctx);
	damon_for_each_target(t, &ctx->regions)
		put_pid(t->pid);
	damon_regions_free(&ctx->regions);
	for (unsigned int i = 0; i < ctx->nr_schemes; i++)
		damos_destroy(&ctx->schemes[i]);
	kvfree(ctx->schemes);
	for (unsigned int i = 0; i < ctx->nr_probes; i++)
		damon_probe_destroy(&ctx->probes[i]);
	damon_spec_free(&ctx->spec);
	kfree(ctx);
}

static void target_unprepare(struct damon_regions *rs, struct damon_target *t)
{
	struct damon_region *r;

	damon_for_each_region(r, t, rs)
		r->flags &= ~DAMON_REGION_PREPARED;
}

/**
 * damon_ctx_unprepare() - Let go of the samples that were prepared.
 * @ctx:	a context that is not going to be sampled for some time
 *
 * What is seen after a long time says nothing about a sampling interval.
 *
 * Context: in the kdamond that owns @ctx.
 */
void damon_ctx_unprepare(struct damon_ctx *ctx)
{
	struct damon_target *t;

	damon_assert_owner(ctx);
	damon_for_each_target(t, &ctx->regions)
		target_unprepare(&ctx->regions, t);
	ctx->access.open = false;
}

static void target_adopt(struct damon_ctx *ctx, const struct damon_ctx *old,
			 unsigned int idx)
{
	const struct damon_target_spec *spec = &ctx->spec.targets[idx];
	const struct damon_target *from = &old->regions.targets[idx];
	struct damon_target *to = &ctx->regions.targets[idx];
	int err;

	err = damon_target_adopt(&ctx->regions, to, &old->regions, from);
	/* Valid, as it was set when @ctx was built; and there is room. */
	if (!err && spec->nr_ranges)
		err = damon_target_set_ranges(&ctx->regions, to, spec->ranges,
					      spec->nr_ranges,
					      ctx->access.min_sz,
					      &ctx->access.rnd);
	WARN_ON_ONCE(err);
	if (to->pid != from->pid || ctx->ops != old->ops)
		target_unprepare(&ctx->regions, to);
}

/* Regions of obsolete targets are dropped, the targets behind move down. */
static void obsolete_targets_drop(struct damon_ctx *ctx)
{
	struct damon_regions *rs = &ctx->regions;
	unsigned int kept = 0;

	for (unsigned int i = 0; i < rs->nr_targets; i++) {
		if (ctx->spec.targets[i].obsolete) {
			put_pid(rs->targets[i].pid);
			continue;
		}
		rs->targets[kept++] = rs->targets[i];
	}
	rs->nr_targets = kept;
}

/* Do targets and addresses mean the same in both contexts? */
static bool places_are_same(const struct damon_ctx *ctx,
			    const struct damon_ctx *old)
{
	if (ctx->ops != old->ops || ctx->spec.addr_unit != old->spec.addr_unit ||
	    ctx->regions.nr_targets != old->regions.nr_targets)
		return false;
	for (unsigned int i = 0; i < ctx->regions.nr_targets; i++) {
		if (ctx->spec.targets[i].obsolete ||
		    ctx->regions.targets[i].pid != old->regions.targets[i].pid)
			return false;
	}
	return true;
}

/* New schemes are due one interval from now. */
static void schemes_adopt(struct damon_ctx *ctx, const struct damon_ctx *old,
			  bool same_places)
{
	for (unsigned int i = 0; i < ctx->nr_schemes; i++) {
		struct damos *s = &ctx->schemes[i];

		if (i < old->nr_schemes)
			damos_adopt(s, &old->schemes[i], same_places);
		else
			s->next_apply = damos_next_apply(ctx, s);
	}
}

/**
 * damon_ctx_adopt() - Take over the results of another context.
 * @ctx:	a context that was built but never run
 * @old:	the context that the calling kdamond runs
 *
 * Targets are paired by index and keep their regions, as far as the ranges of
 * @ctx allow.  On success @ctx belongs to the calling kdamond and @old to the
 * caller.  On failure neither was changed.
 *
 * Context: in the kdamond that owns @old.
 * Return: 0; -EINVAL if an obsolete target has no running partner; -ENOSPC if
 * @ctx was built with too little room.
 */
int damon_ctx_adopt(struct damon_ctx *ctx, struct damon_ctx *old)
{
	unsigned int nr_pairs = min(ctx->regions.nr_targets,
				    old->regions.nr_targets);
	bool same_places, full_rate;

	damon_assert_owner(old);
	for (unsigned int i = nr_pairs; i < ctx->regions.nr_targets; i++) {
		if (ctx->spec.targets[i].obsolete)
			return -EINVAL;
	}
	if (regions_room(old->regions.nr, &ctx->spec) > ctx->regions.cap)
		return -ENOSPC;

	ctx->owner = current;
	full_rate = ctx->access.full_rate;
	ctx->access = old->access;
	ctx->access.full_rate = full_rate;
	damon_access_set_attrs(&ctx->access, &ctx->attrs,
			       damon_spec_min_region_sz(&ctx->spec));
	for (unsigned int i = 0; i < nr_pairs; i++) {
		if (ctx->spec.targets[i].obsolete)
			damon_target_set_ranges(&ctx->regions,
						&ctx->regions.targets[i], NULL,
						0, ctx->access.min_sz,
						&ctx->access.rnd);
		else
			target_adopt(ctx, old, i);
	}
	same_places = places_are_same(ctx, old);
	obsolete_targets_drop(ctx);
	damon_regions_align(&ctx->regions, ctx->access.min_sz,
			    &ctx->access.rnd);

	ctx->schedule = old->schedule;
	ctx->meter = old->meter;
	schemes_adopt(ctx, old, same_places);
	if (damon_attrs_equal(&ctx->attrs, &old->attrs)) {
		ctx->tune_samples = old->tune_samples;
	} else {
		damon_access_rescale(&ctx->regions, &old->attrs, &ctx->attrs,
				     !old->access.tick);
		damon_schedule_restart(ctx);
		ctx->access.tick = 0;
	}
	damon_access_fit(&ctx->access, &ctx->regions);
	old->owner = NULL;
	return 0;
}

/**
 * damon_ticks_add() - Add to a time.
 * @when:	time in passed sampling intervals
 * @ticks:	what to add
 * @times:	how many times
 *
 * Return: the sum; the far end of time if that is out of range.
 */
u64 damon_ticks_add(u64 when, u64 ticks, u64 times)
{
	u64 sum;

	if (check_mul_overflow(ticks, times, &ticks) ||
	    check_add_overflow(when, ticks, &sum))
		return U64_MAX;
	return sum;
}

/**
 * damon_schedule_after() - When something that recurs is due again.
 * @due:	when it was due last, in passed sampling intervals
 * @interval_us: how often it is due, microseconds
 * @attrs:	the attributes in force
 *
 * Return: the next time in passed sampling intervals; the far end of time if
 * that is out of range.
 */
u64 damon_schedule_after(u64 due, unsigned long interval_us,
			 const struct damon_attrs *attrs)
{
	return damon_ticks_add(due, interval_us /
			       max(attrs->sample_interval, 1UL), 1);
}

/**
 * damos_next_apply() - When a scheme is due if it is done now.
 * @ctx:	its context
 * @s:		the scheme
 *
 * Return: the time in passed sampling intervals.
 */
u64 damos_next_apply(const struct damon_ctx *ctx, const struct damos *s)
{
	return damon_schedule_after(ctx->schedule.passed,
				    s->spec->apply_interval_us ?:
				    ctx->attrs.aggr_interval, &ctx->attrs);
}

/**
 * damon_schedule_restart() - Plan the next aggregation and update from now.
 * @ctx:	the context
 *
 * So is the next application of each scheme; the next tuning of the intervals
 * is left as it is.
 */
void damon_schedule_restart(struct damon_ctx *ctx)
{
	struct damon_schedule *sc = &ctx->schedule;
	const struct damon_attrs *attrs = &ctx->attrs;

	sc->aggr = damon_schedule_after(sc->passed, attrs->aggr_interval,
					attrs);
	sc->update = damon_schedule_after(sc->passed,
					  attrs->ops_update_interval, attrs);
	for (unsigned int i = 0; i < ctx->nr_schemes; i++)
		ctx->schemes[i].next_apply = damos_next_apply(ctx,
							      &ctx->schemes[i]);
}

/**
 * damon_ctx_attrs() - The attributes in force.
 * @ctx:	a running context
 *
 * Context: in the kdamond that owns @ctx, for example by damon_call().
 * Return: the attributes; intervals that are auto-tuned differ from the spec.
 */
const struct damon_attrs *damon_ctx_attrs(const struct damon_ctx *ctx)
{
	damon_assert_owner(ctx);
	return &ctx->attrs;
}
EXPORT_SYMBOL_NS_GPL(damon_ctx_attrs, DAMON);

/**
 * damon_ctx_regions() - The monitoring results.
 * @ctx:	a running context
 *
 * Context: in the kdamond that owns @ctx, for example by damon_call(); valid
 * until the function that it runs returns.
 * Return: targets and regions, with the counts of the last aggregation.
 */
const struct damon_regions *damon_ctx_regions(const struct damon_ctx *ctx)
{
	damon_assert_owner(ctx);
	return &ctx->regions;
}
EXPORT_SYMBOL_NS_GPL(damon_ctx_regions, DAMON);

/**
 * damon_ctx_nr_schemes() - How many schemes there are.
 * @ctx:	a running context
 *
 * Context: in the kdamond that owns @ctx, for example by damon_call().
 * Return: the number.
 */
unsigned int damon_ctx_nr_schemes(const struct damon_ctx *ctx)
{
	damon_assert_owner(ctx);
	return ctx->nr_schemes;
}
EXPORT_SYMBOL_NS_GPL(damon_ctx_nr_schemes, DAMON);

/**
 * damon_ctx_nr_probes() - How many probes there are.
 * @ctx:	a running context
 *
 * Context: in the kdamond that owns @ctx, for example by damon_call().
 * Return: the number.
 */
unsigned int damon_ctx_nr_probes(const struct damon_ctx *ctx)
{
	damon_assert_owner(ctx);
	return ctx->nr_probes;
}
EXPORT_SYMBOL_NS_GPL(damon_ctx_nr_probes, DAMON);

/**
 * damon_ctx_report_scheme() - Tell how a scheme is doing.
 * @ctx:	a running context
 * @idx:	index of the scheme, below damon_ctx_nr_schemes()
 * @report:	filled
 *
 * Context: in the kdamond that owns @ctx, for example by damon_call().
 */
void damon_ctx_report_scheme(const struct damon_ctx *ctx, unsigned int idx,
			     struct damos_report *report)
{
	const struct damos *s = &ctx->schemes[idx];

	damon_assert_owner(ctx);
	*report = (struct damos_report){
		.stat = s->stat,
		.effective_sz = s->quota.esz,
	};
}
EXPORT_SYMBOL_NS_GPL(damon_ctx_report_scheme, DAMON);
