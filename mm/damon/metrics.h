/* SPDX-License-Identifier: GPL-2.0 */
/* Values of the system that schemes go by: PSI, nodes, LRU lists, cgroups. */
#ifndef _MM_DAMON_METRICS_H
#define _MM_DAMON_METRICS_H

#include <linux/damon.h>

struct damos;
struct damos_goal;
struct mem_cgroup;

struct mem_cgroup *damon_memcg_get(const char *path);
void damon_memcg_put(struct mem_cgroup *memcg);

void damon_goal_measure(struct damos_goal *goal, const struct damon_ctx *ctx,
			const struct damos *s);
unsigned long damon_wmark_measure(enum damos_wmark_metric metric);

#endif /* _MM_DAMON_METRICS_H */
