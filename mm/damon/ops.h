/* SPDX-License-Identifier: GPL-2.0 */
/* Operation sets: how a kind of address space is looked at, and acted on. */
#ifndef _MM_DAMON_OPS_H
#define _MM_DAMON_OPS_H

#include <linux/damon.h>
#include <linux/ktime.h>

struct damon_scout_map;
struct damos;

/* What &damon_operations.sample shall do, in one pass over the regions. */
#define DAMON_SAMPLE_CHECK	0x1	/* look at the prepared samples */
#define DAMON_SAMPLE_PREPARE	0x2	/* choose and prepare the next ones */

/**
 * struct damos_job - A scheme to be applied to a range of a target.
 * @scheme:	the scheme; &damos.walked_to is for the operation set to use
 * @target:	the target
 * @ar:		the range, core addresses, multiples of the smallest region size
 * @by_core:	a core filter allowed it: filters of folios are not asked
 * @deadline:	stop when this has passed, but not before something was done
 * @end:	result: where it stopped, a multiple of the smallest region size
 *		and above the start of @ar; the end of @ar if that was all
 * @applied:	result: size that the scheme was applied to, core units
 * @passed:	result: size that passed the filters of folios, core units
 *
 * The results are set to @ar.end, 0 and 0 before.
 */
struct damos_job {
	struct damos *scheme;
	const struct damon_target *target;
	struct damon_addr_range ar;
	bool by_core;
	ktime_t deadline;
	unsigned long end;
	unsigned long applied;
	unsigned long passed;
};

static inline bool damos_job_expired(const struct damos_job *job)
{
	return ktime_after(ktime_get(), job->deadline);
}

/**
 * struct damon_operations - An operation set.
 * @id:		its identifier
 * @score_kinds: for each &enum damos_action, the &enum damos_score_kind
 * @init:	optional; runs once, when the kdamond begins; may set the ranges
 *		of targets that have none
 * @update:	optional; runs each update interval; may set ranges
 * @sample:	checks and/or prepares (DAMON_SAMPLE_*) the samples of all
 *		regions that are due; counts what the probes say to what it
 *		checks, if it can tell
 * @scout:	optional; tells what was touched in a range, like
 *		&damon_scout.look; runs each aggregation interval with
 *		&damon_ctx.scout_left blocks to spend
 * @apply:	optional; applies a scheme
 * @target_valid: optional; false if there is nothing left to monitor.  The
 *		kdamond ends when no target is valid
 *
 * All functions run in the kdamond that owns @ctx and may sleep.
 */
struct damon_operations {
	enum damon_ops_id id;
	const u8 *score_kinds;
	void (*init)(struct damon_ctx *ctx);
	void (*update)(struct damon_ctx *ctx);
	void (*sample)(struct damon_ctx *ctx, unsigned int what);
	bool (*scout)(struct damon_ctx *ctx, const struct damon_target *t,
		      const struct damon_addr_range *ar,
		      struct damon_scout_map *map);
	void (*apply)(struct damon_ctx *ctx, struct damos_job *job);
	bool (*target_valid)(const struct damon_target *t);
};

int damon_ops_register(const struct damon_operations *ops);
const struct damon_operations *damon_ops_get(enum damon_ops_id id);

#endif /* _MM_DAMON_OPS_H */
