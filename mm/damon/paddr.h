/* SPDX-License-Identifier: GPL-2.0 */
/* The physical address space. */
#ifndef _MM_DAMON_PADDR_H
#define _MM_DAMON_PADDR_H

#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/overflow.h>

struct damos_job;

extern const u8 damon_paddr_score_kinds[NR_DAMOS_ACTIONS];

/* The byte at a core address; what is too high for one is nowhere. */
static inline u64 damon_paddr_byte(unsigned long addr, unsigned long addr_unit)
{
	u64 byte;

	return check_mul_overflow((u64)addr, (u64)addr_unit, &byte) ? U64_MAX :
								      byte;
}

/* The page frame that a byte is in. */
static inline unsigned long damon_paddr_pfn(u64 byte)
{
	return min_t(u64, byte >> PAGE_SHIFT, ULONG_MAX);
}

void damon_paddr_apply(struct damon_ctx *ctx, struct damos_job *job);

#endif /* _MM_DAMON_PADDR_H */
