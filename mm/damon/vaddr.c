// SPDX-License-Identifier: GPL-2.0
/*
 * Operation sets for the virtual address spaces of processes.
 *
 * A sample is the page table entry that maps an address.  To prepare it means
 * to make the entry and its folio look untouched; to check it means to see
 * whether they still do.  The TLB is never flushed, so an access through a
 * cached translation stays unseen.  That is far cheaper than the flushes, and
 * translations do not stay cached for long on a busy machine.
 *
 * "vaddr" follows the mappings of the process: the regions cover all but the
 * two largest gaps between them (usually those around the mmap area).
 * "fvaddr" stays on the ranges that the user gave.
 */

#include <linux/cleanup.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/mmu_notifier.h>
#include <linux/page_idle.h>
#include <linux/pagewalk.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <kunit/static_stub.h>

#include "ctx.h"
#include "policy/access.h"
#include "policy/region.h"
#include "vaddr.h"

/* Samples, or mappings, to look at before others get a chance to map. */
#define DAMON_VADDR_BATCH	64

/**
 * damon_target_get_mm() - Get the memory map of a target.
 * @t:	a target that is a process
 *
 * Context: Process context.
 * Return: the memory map, to be released by mmput_async(), so that the end of
 * a process is not paid for by who watches it; NULL if the process has none
 * (any more).
 */
struct mm_struct *damon_target_get_mm(const struct damon_target *t)
{
	KUNIT_STATIC_STUB_REDIRECT(damon_target_get_mm, t);

	struct task_struct *task __free(put_task) =
		get_pid_task(t->pid, PIDTYPE_PID);

	return task ? get_task_mm(task) : NULL;
}

/* Page table entries */

/* What is mapped at an address; the entry cannot change until the end. */
struct damon_walk {
	struct folio_walk fw;
	struct vm_area_struct *vma;
	struct folio *folio;
};

static __always_inline void damon_walk_end(struct damon_walk *w)
{
	if (w->folio)
		folio_walk_end(&w->fw, w->vma);
}

/* The first entry of the huge page that @addr is in, and its address. */
static pte_t *damon_hugetlb_entry(struct vm_area_struct *vma,
				  unsigned long *addr)
{
	struct hstate *h = hstate_vma(vma);

	*addr &= huge_page_mask(h);
	return hugetlb_walk(vma, *addr, huge_page_size(h));
}

static bool damon_hugetlb_clear_young(struct vm_area_struct *vma,
				      unsigned long addr)
{
	pte_t *ptep = damon_hugetlb_entry(vma, &addr);
	unsigned long sz = huge_page_size(hstate_vma(vma));
	pte_t entry = huge_ptep_get(vma->vm_mm, addr, ptep);
	bool young = pte_young(entry);

	if (young)
		set_huge_pte_at(vma->vm_mm, addr, ptep, pte_mkold(entry), sz);
#ifdef CONFIG_MMU_NOTIFIER
	young |= mmu_notifier_clear_young(vma->vm_mm, addr, addr + sz);
#endif
	return young;
}

/* Make what is mapped at @addr look as if nobody ever accessed it. */
static void damon_vaddr_mkold(struct vm_area_struct *vma, unsigned long addr)
{
	struct damon_walk w __cleanup(damon_walk_end);
	bool young;

	w.vma = vma;
	w.folio = folio_walk_start(&w.fw, vma, addr, 0);
	if (!w.folio)
		return;

	/*
	 * The mapping holds the folio.  Only those on an LRU list may carry
	 * the idle flag; there is no such list for hugetlb.
	 */
	if (is_vm_hugetlb_page(vma))
		young = damon_hugetlb_clear_young(vma, addr);
	else if (!folio_test_lru(w.folio))
		return;
	else if (w.fw.level == FW_LEVEL_PTE)
		young = ptep_clear_young_notify(vma, addr & PAGE_MASK,
						w.fw.ptep);
	else if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) &&
		 w.fw.level == FW_LEVEL_PMD)
		young = pmdp_clear_young_notify(vma, addr & PMD_MASK,
						w.fw.pmdp);
	else
		return;

	/* Reclaim looks for the bit that was taken away. */
	if (young)
		folio_set_young(w.folio);
	folio_set_idle(w.folio);
}

/* Was what is mapped at @addr accessed since damon_vaddr_mkold()? */
static bool damon_vaddr_young(struct vm_area_struct *vma, unsigned long addr)
{
	struct damon_walk w __cleanup(damon_walk_end);
	bool young = false;

	w.vma = vma;
	w.folio = folio_walk_start(&w.fw, vma, addr, 0);
	if (!w.folio)
		return false;

	if (is_vm_hugetlb_page(vma)) {
		pte_t *ptep = damon_hugetlb_entry(vma, &addr);

		young = pte_young(huge_ptep_get(vma->vm_mm, addr, ptep));
	} else if (w.fw.level == FW_LEVEL_PTE) {
		young = pte_young(w.fw.pte);
	} else if (w.fw.level == FW_LEVEL_PMD) {
		young = pmd_young(w.fw.pmd);
	}

	return young || !folio_test_idle(w.folio) ||
	       mmu_notifier_test_young(vma->vm_mm, addr);
}

/* Sampling */

/**
 * struct damon_vaddr_cursor - Where a pass over an address space is.
 * @mm:		the address space
 * @vma:	first mapping that ends behind the last address, NULL if unknown
 * @left:	look-ups left before the lock is dropped, 0 if it is not held
 */
struct damon_vaddr_cursor {
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned int left;
};

static void damon_vaddr_release(struct damon_vaddr_cursor *c)
{
	if (!c->left)
		return;
	mmap_read_unlock(c->mm);
	c->left = 0;
	cond_resched();
}

/* Get the mapping at @addr, which is above all addresses asked for before. */
static struct vm_area_struct *damon_vaddr_seek(struct damon_vaddr_cursor *c,
					       unsigned long addr)
{
	if (c->left > 1 && !mmap_lock_is_contended(c->mm)) {
		c->left--;
	} else {
		damon_vaddr_release(c);
		mmap_read_lock(c->mm);
		c->vma = NULL;
		c->left = DAMON_VADDR_BATCH;
	}

	if (!c->vma || addr >= c->vma->vm_end)
		c->vma = find_vma(c->mm, addr);
	return c->vma && addr >= c->vma->vm_start ? c->vma : NULL;
}

static void damon_vaddr_check(struct damon_ctx *ctx, struct damon_target *t,
			      struct mm_struct *mm)
{
	struct damon_vaddr_cursor c = { .mm = mm };
	struct damon_regions *rs = &ctx->regions;
	struct damon_region *r;

	damon_for_each_region(r, t, rs) {
		bool hit = false;

		if (!(r->flags & DAMON_REGION_PREPARED) ||
		    !damon_access_due(&ctx->access, r, r - rs->cur))
			continue;

		if (mm) {
			unsigned long addr = damon_access_addr(&ctx->access, r);
			struct vm_area_struct *vma = damon_vaddr_seek(&c, addr);

			hit = vma && damon_vaddr_young(vma, addr);
		}
		damon_access_record(&ctx->access, r, hit);
		r->flags &= ~DAMON_REGION_PREPARED;
	}
	damon_vaddr_release(&c);
}

static void damon_vaddr_prepare(struct damon_ctx *ctx, struct damon_target *t,
				struct mm_struct *mm)
{
	struct damon_vaddr_cursor c = { .mm = mm };
	struct damon_region *r;

	damon_for_each_region(r, t, &ctx->regions) {
		if (r->flags & DAMON_REGION_PREPARED)
			continue;

		damon_access_advance(r);
		r->flags |= DAMON_REGION_PREPARED;
		if (mm) {
			unsigned long addr = damon_access_addr(&ctx->access, r);
			struct vm_area_struct *vma = damon_vaddr_seek(&c, addr);

			if (vma)
				damon_vaddr_mkold(vma, addr);
		}
	}
	damon_vaddr_release(&c);
}

/*
 * All checks of a target go before all preparations: neighbours may share one
 * huge entry, and to prepare one of them wipes what the other has to see.
 */
static void damon_vaddr_sample(struct damon_ctx *ctx, unsigned int what)
{
	struct damon_target *t;

	damon_assert_owner(ctx);

	damon_for_each_target(t, &ctx->regions) {
		struct mm_struct *mm = damon_target_get_mm(t);

		if (what & DAMON_SAMPLE_CHECK)
			damon_vaddr_check(ctx, t, mm);
		if (what & DAMON_SAMPLE_PREPARE)
			damon_vaddr_prepare(ctx, t, mm);
		if (mm)
			mmput_async(mm);
	}
}

/* Regions */

static int damon_vaddr_three_ranges(struct mm_struct *mm,
				    struct damon_addr_range ranges[3])
{
	VMA_ITERATOR(vmi, mm, 0);
	struct damon_three_ranges three = {};
	unsigned int left = DAMON_VADDR_BATCH;
	struct vm_area_struct *vma;
	unsigned long end = 0;

	mmap_read_lock(mm);
	for_each_vma(vmi, vma) {
		/* It may have grown downwards while the lock was dropped. */
		damon_three_ranges_add(&three, max(vma->vm_start, end),
				       vma->vm_end);
		end = vma->vm_end;

		if (--left && !mmap_lock_is_contended(mm))
			continue;
		vma_iter_invalidate(&vmi);
		mmap_read_unlock(mm);
		cond_resched();
		mmap_read_lock(mm);
		left = DAMON_VADDR_BATCH;
	}
	mmap_read_unlock(mm);

	return damon_three_ranges_get(&three, PAGE_SIZE, ranges);
}

/* If there is no memory for more regions, the target stays as it is. */
static void damon_vaddr_follow(struct damon_ctx *ctx, struct damon_target *t)
{
	struct damon_regions *rs = &ctx->regions;
	struct mm_struct *mm = damon_target_get_mm(t);
	struct damon_addr_range ranges[3];
	int err;

	if (!mm)
		return;
	err = damon_vaddr_three_ranges(mm, ranges);
	mmput_async(mm);
	if (err)
		return;

	do {
		err = damon_target_set_ranges(rs, t, ranges, ARRAY_SIZE(ranges),
					      ctx->access.min_sz,
					      &ctx->access.rnd);
	} while (err == -ENOSPC && !damon_regions_reserve(rs, 2 * rs->cap + 3));
}

static void damon_vaddr_init(struct damon_ctx *ctx)
{
	struct damon_target *t;

	damon_assert_owner(ctx);

	damon_for_each_target(t, &ctx->regions) {
		if (!t->nr_regions)
			damon_vaddr_follow(ctx, t);
	}
}

static void damon_vaddr_update(struct damon_ctx *ctx)
{
	struct damon_target *t;

	damon_assert_owner(ctx);

	damon_for_each_target(t, &ctx->regions)
		damon_vaddr_follow(ctx, t);
}

/* A zombie still has its pid: it may have results that nobody read yet. */
static bool damon_vaddr_target_valid(const struct damon_target *t)
{
	guard(rcu)();
	return pid_task(t->pid, PIDTYPE_PID);
}

static const struct damon_operations damon_vaddr_ops = {
	.id = DAMON_OPS_VADDR,
	.score_kinds = damon_vaddr_score_kinds,
	.init = damon_vaddr_init,
	.update = damon_vaddr_update,
	.sample = damon_vaddr_sample,
	.scout = IS_ENABLED(CONFIG_DAMON_VADDR_SCOUT) ? damon_vaddr_scout : NULL,
	.apply = damon_vaddr_apply,
	.target_valid = damon_vaddr_target_valid,
};

static const struct damon_operations damon_fvaddr_ops = {
	.id = DAMON_OPS_FVADDR,
	.score_kinds = damon_vaddr_score_kinds,
	.sample = damon_vaddr_sample,
	.scout = IS_ENABLED(CONFIG_DAMON_VADDR_SCOUT) ? damon_vaddr_scout : NULL,
	.apply = damon_vaddr_apply,
	.target_valid = damon_vaddr_target_valid,
};

static int __init damon_vaddr_register(void)
{
	return damon_ops_register(&damon_vaddr_ops) ?:
	       damon_ops_register(&damon_fvaddr_ops);
}
subsys_initcall(damon_vaddr_register);
