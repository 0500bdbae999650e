/* SPDX-License-Identifier: GPL-2.0 */
/* Virtual address spaces of processes. */
#ifndef _MM_DAMON_VADDR_H
#define _MM_DAMON_VADDR_H

#include <linux/damon.h>

struct damon_scout_map;
struct damos_job;
struct mm_struct;

extern const u8 damon_vaddr_score_kinds[NR_DAMOS_ACTIONS];

struct mm_struct *damon_target_get_mm(const struct damon_target *t);
bool damon_vaddr_scout(struct damon_ctx *ctx, const struct damon_target *t,
		       const struct damon_addr_range *ar,
		       struct damon_scout_map *map);
void damon_vaddr_apply(struct damon_ctx *ctx, struct damos_job *job);

#endif /* _MM_DAMON_VADDR_H */
