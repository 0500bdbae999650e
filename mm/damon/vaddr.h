/* SPDX-License-Identifier: GPL-2.0 */
/* Virtual address spaces of processes. */
#ifndef _MM_DAMON_VADDR_H
#define _MM_DAMON_VADDR_H

struct damon_target;
struct mm_struct;

struct mm_struct *damon_target_get_mm(const struct damon_target *t);

#endif /* _MM_DAMON_VADDR_H */
