/* SPDX-License-Identifier: GPL-2.0 */
/* A budget of CPU time for monitoring. */
#ifndef _MM_DAMON_POLICY_BUDGET_H
#define _MM_DAMON_POLICY_BUDGET_H

#include <linux/types.h>

/**
 * struct damon_budget - What a budget of CPU time allows for.
 * @cost:	CPU time of monitoring, ns per second, mean since @stride and
 *		@nr_limit were last changed, of up to eight aggregations
 * @weight:	aggregations in @cost
 * @stride:	sampling intervals from one sample to the next, at least 1
 * @nr_limit:	upper limit of the number of regions, 0 for none
 */
struct damon_budget {
	u64 cost;
	unsigned int weight;
	u32 stride;
	unsigned int nr_limit;
};

/**
 * struct damon_budget_span - What an aggregation was like.
 * @cpu_ns:	CPU time that monitoring took
 * @wall_ns:	how long it was; nothing is learned from 0
 * @permille:	the budget, 1/1000 of one CPU; 0 for none
 * @samples:	sampling intervals in an aggregation
 * @nr_regions:	regions that there are
 * @min_nr:	lower limit of their number
 * @max_nr:	upper limit of their number that the user has set
 */
struct damon_budget_span {
	u64 cpu_ns;
	u64 wall_ns;
	unsigned int permille;
	u32 samples;
	unsigned int nr_regions;
	unsigned int min_nr;
	unsigned int max_nr;
};

void damon_budget_init(struct damon_budget *b);
void damon_budget_update(struct damon_budget *b,
			 const struct damon_budget_span *span);

#endif /* _MM_DAMON_POLICY_BUDGET_H */
