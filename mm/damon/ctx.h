/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The running context: built by an asker, owned by one kdamond.
 *
 * There is no lock in here.  Before start and after the end the context
 * belongs to whoever holds the pointer; in between only its kdamond touches
 * it (damon_assert_owner()).
 */
#ifndef _MM_DAMON_CTX_H
#define _MM_DAMON_CTX_H

#include <linux/damon.h>
#include <linux/sched.h>

#include "ops.h"
#include "policy/access.h"
#include "policy/budget.h"
#include "policy/damos.h"

struct pid_namespace;

/**
 * struct damon_schedule - When things are due, in passed sampling intervals.
 * @passed:	sampling intervals so far; does not advance while paused
 * @now_ns:	when the last one was over, or should have been
 * @aggr:	next aggregation
 * @update:	next update by the operation set
 * @tune:	next tuning of the intervals
 */
struct damon_schedule {
	u64 passed;
	u64 now_ns;
	u64 aggr;
	u64 update;
	u64 tune;
};

/**
 * struct damon_meter - What monitoring costs.
 * @since_ns:	begin of the span that is measured, as &damon_schedule.now_ns
 * @cpu_ns:	CPU time of the kdamond that does not count: before that span,
 *		and since then for schemes
 * @budget:	what may be done
 */
struct damon_meter {
	u64 since_ns;
	u64 cpu_ns;
	struct damon_budget budget;
};

/**
 * struct damon_ctx - A running monitoring context.
 * @spec:	what the user asked for, our own copy
 * @attrs:	the attributes in force; tuned intervals differ from @spec
 * @ops:	the operation set
 * @regions:	targets and regions
 * @schemes:	the schemes
 * @nr_schemes:	number of @schemes
 * @probes:	for each probe, the filters that say what is a hit
 * @nr_probes:	number of @probes
 * @access:	state of the access estimation
 * @scout_left:	page table entries that scouting may still look at before the
 *		next aggregation
 * @schedule:	what is due when
 * @meter:	what it costs
 * @tune_samples: samples per aggregation that the tuning of the intervals keeps
 * @owner:	the kdamond that may touch the context, NULL if none
 */
struct damon_ctx {
	struct damon_spec spec;
	struct damon_attrs attrs;
	const struct damon_operations *ops;
	struct damon_regions regions;
	struct damos *schemes;
	unsigned int nr_schemes;
	struct damos_filters probes[DAMON_MAX_PROBES];
	unsigned int nr_probes;
	struct damon_access access;
	unsigned int scout_left;
	struct damon_schedule schedule;
	struct damon_meter meter;
	unsigned int tune_samples;
	struct task_struct *owner;
};

static inline void damon_assert_owner(const struct damon_ctx *ctx)
{
	WARN_ON_ONCE(ctx->owner && ctx->owner != current);
}

u64 damon_ticks_add(u64 when, u64 ticks, u64 times);
u64 damon_schedule_after(u64 due, unsigned long interval_us,
			 const struct damon_attrs *attrs);
u64 damos_next_apply(const struct damon_ctx *ctx, const struct damos *s);
void damon_schedule_restart(struct damon_ctx *ctx);

struct damon_ctx *damon_ctx_build(const struct damon_spec *spec,
				  struct pid_namespace *ns,
				  unsigned int nr_regions);
int damon_ctx_adopt(struct damon_ctx *ctx, struct damon_ctx *old);
void damon_ctx_destroy(struct damon_ctx *ctx);
void damon_ctx_unprepare(struct damon_ctx *ctx);

#endif /* _MM_DAMON_CTX_H */
