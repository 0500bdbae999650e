/* SPDX-License-Identifier: GPL-2.0 */
/* Operation sets: how a kind of address space is looked at. */
#ifndef _MM_DAMON_OPS_H
#define _MM_DAMON_OPS_H

#include <linux/damon.h>

/* What &damon_operations.sample shall do, in one pass over the regions. */
#define DAMON_SAMPLE_CHECK	0x1	/* look at the prepared samples */
#define DAMON_SAMPLE_PREPARE	0x2	/* choose and prepare the next ones */

/**
 * struct damon_operations - An operation set.
 * @id:		its identifier
 * @init:	optional; runs once, when the kdamond begins; may set the ranges
 *		of targets that have none
 * @update:	optional; runs each update interval; may set ranges
 * @sample:	checks and/or prepares (DAMON_SAMPLE_*) the samples of all
 *		regions that are due
 * @target_valid: optional; false if there is nothing left to monitor.  The
 *		kdamond ends when no target is valid
 *
 * All functions run in the kdamond that owns @ctx and may sleep.
 */
struct damon_operations {
	enum damon_ops_id id;
	void (*init)(struct damon_ctx *ctx);
	void (*update)(struct damon_ctx *ctx);
	void (*sample)(struct damon_ctx *ctx, unsigned int what);
	bool (*target_valid)(const struct damon_target *t);
};

int damon_ops_register(const struct damon_operations *ops);
const struct damon_operations *damon_ops_get(enum damon_ops_id id);

#endif /* _MM_DAMON_OPS_H */
