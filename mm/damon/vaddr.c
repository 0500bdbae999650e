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
#include <linux/pgtable.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <kunit/static_stub.h>

#include "ctx.h"
#include "policy/access.h"
#include "policy/region.h"
#include "vaddr.h"
#include "vaddr_spot.h"

/* Mappings to look at before others get a chance to map. */
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

/* Entries */

/* The entry of the huge page at @addr, locked; NULL if there is none. */
static pte_t *damon_hugetlb_lock(struct damon_spot *s, unsigned long addr)
{
	struct hstate *h = hstate_vma(s->vma);
	pte_t *pte;

	hugetlb_vma_lock_read(s->vma);
	pte = hugetlb_walk(s->vma, addr, huge_page_size(h));
	if (pte)
		s->ptl = huge_pte_lock(h, s->mm, pte);
	else
		hugetlb_vma_unlock_read(s->vma);
	return pte;
}

static void damon_hugetlb_unlock(struct damon_spot *s)
{
	spin_unlock(s->ptl);
	hugetlb_vma_unlock_read(s->vma);
}

static bool damon_hugetlb_clear_young(struct vm_area_struct *vma,
				      unsigned long addr, pte_t *pte)
{
	unsigned long sz = huge_page_size(hstate_vma(vma));
	pte_t entry = huge_ptep_get(vma->vm_mm, addr, pte);
	bool young = pte_young(entry);

	if (young)
		set_huge_pte_at(vma->vm_mm, addr, pte, pte_mkold(entry), sz);
#ifdef CONFIG_MMU_NOTIFIER
	young |= mmu_notifier_clear_young(vma->vm_mm, addr, addr + sz);
#endif
	return young;
}

/* Reclaim looks for the bit that was taken away. */
static __always_inline void damon_folio_set_old(struct folio *folio,
						bool young)
{
	if (young && !folio_test_young(folio))
		folio_set_young(folio);
	if (!folio_test_idle(folio))
		folio_set_idle(folio);
}

static noinline void damon_hugetlb_mkold(struct damon_spot *s,
					 unsigned long addr)
{
	pte_t *pte, entry;

	addr &= huge_page_mask(hstate_vma(s->vma));
	pte = damon_hugetlb_lock(s, addr);
	if (!pte)
		return;
	entry = huge_ptep_get(s->mm, addr, pte);
	if (pte_present(entry))
		damon_folio_set_old(page_folio(pte_page(entry)),
				    damon_hugetlb_clear_young(s->vma, addr,
							      pte));
	damon_hugetlb_unlock(s);
}

static noinline bool damon_hugetlb_young(struct damon_spot *s,
					 unsigned long addr)
{
	pte_t *pte, entry;
	bool young;

	addr &= huge_page_mask(hstate_vma(s->vma));
	pte = damon_hugetlb_lock(s, addr);
	if (!pte)
		return false;
	entry = huge_ptep_get(s->mm, addr, pte);
	young = pte_present(entry) &&
		(pte_young(entry) ||
		 !folio_test_idle(page_folio(pte_page(entry))) ||
		 mmu_notifier_test_young(s->mm, addr));
	damon_hugetlb_unlock(s);
	return young;
}

/* Make what is mapped at @addr look as if nobody ever accessed it. */
static void damon_vaddr_mkold(struct damon_spot *s, unsigned long addr)
{
	struct vm_area_struct *vma = s->vma;
	bool others = mm_has_notifiers(s->mm);
	struct folio *folio;
	bool young = false;

	/* Only what is on an LRU list may carry the idle flag; or is hugetlb. */
	if (s->pte) {
		pte_t *ptep = damon_spot_pte(s, addr);
		pte_t pte = ptep_get(ptep);

		if (!pte_present(pte))
			return;
		folio = vm_normal_folio(vma, addr, pte);
		if (!folio || !folio_test_lru(folio))
			return;
		if (pte_young(pte) || others)
			young = ptep_clear_young_notify(vma, addr & PAGE_MASK,
							ptep);
	} else if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) && s->pmd) {
		pmd_t pmd = pmdp_get(s->pmd);

		folio = vm_normal_folio_pmd(vma, addr, pmd);
		if (!folio || !folio_test_lru(folio))
			return;
		if (pmd_young(pmd) || others)
			young = pmdp_clear_young_notify(vma, addr & PMD_MASK,
							s->pmd);
	} else {
		if (vma && is_vm_hugetlb_page(vma))
			damon_hugetlb_mkold(s, addr);
		return;
	}
	damon_folio_set_old(folio, young);
}

/* Was what is mapped at @addr accessed since damon_vaddr_mkold()? */
static bool damon_vaddr_young(struct damon_spot *s, unsigned long addr)
{
	struct vm_area_struct *vma = s->vma;
	struct folio *folio;
	bool young;

	if (s->pte) {
		pte_t pte = ptep_get(damon_spot_pte(s, addr));

		if (!pte_present(pte))
			return false;
		folio = vm_normal_folio(vma, addr, pte);
		young = pte_young(pte);
	} else if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) && s->pmd) {
		pmd_t pmd = pmdp_get(s->pmd);

		folio = vm_normal_folio_pmd(vma, addr, pmd);
		young = pmd_young(pmd);
	} else {
		return vma && is_vm_hugetlb_page(vma) &&
			damon_hugetlb_young(s, addr);
	}
	return folio && (young || !folio_test_idle(folio) ||
			 mmu_notifier_test_young(s->mm, addr));
}

/* Sampling */

static void damon_vaddr_check(struct damon_ctx *ctx, struct damon_target *t,
			      struct damon_spot *s)
{
	struct damon_region *r = ctx->regions.cur + t->first;
	struct damon_region *end = r + t->nr_regions;
	struct damon_access *ac = &ctx->access;
	struct damon_turn turn = damon_access_turn(ac);
	unsigned int i;

	for (i = t->first; r < end; r++, i++) {
		bool hit = false;

		if (!(r->flags & DAMON_REGION_PREPARED) ||
		    !damon_turn_due(turn, r, i))
			continue;

		if (s->mm) {
			unsigned long addr = damon_access_addr(ac, r);

			damon_spot_seek(s, addr);
			hit = damon_vaddr_young(s, addr);
		}
		damon_access_record(ac, r, hit);
		r->flags &= ~DAMON_REGION_PREPARED;
	}
}

static void damon_vaddr_prepare(struct damon_ctx *ctx, struct damon_target *t,
				struct damon_spot *s)
{
	struct damon_region *r = ctx->regions.cur + t->first;
	struct damon_region *end = r + t->nr_regions;

	for (; r < end; r++) {
		if (r->flags & DAMON_REGION_PREPARED)
			continue;

		damon_access_advance(r);
		r->flags |= DAMON_REGION_PREPARED;
		if (s->mm) {
			unsigned long addr = damon_access_addr(&ctx->access, r);

			damon_spot_seek(s, addr);
			damon_vaddr_mkold(s, addr);
		}
	}
}

/*
 * All checks of a target go before all preparations: neighbours may share one
 * huge entry, and others one folio, and to prepare one of them wipes what the
 * other has to see.  One pass for both would not be cheaper: what it costs is
 * the way to each entry, and old and new samples are at different ones.
 */
static void damon_vaddr_sample(struct damon_ctx *ctx, unsigned int what)
{
	struct damon_target *t;

	damon_assert_owner(ctx);

	damon_for_each_target(t, &ctx->regions) {
		struct damon_spot s = { .mm = damon_target_get_mm(t) };

		if (what & DAMON_SAMPLE_CHECK)
			damon_vaddr_check(ctx, t, &s);
		if (what & DAMON_SAMPLE_PREPARE)
			damon_vaddr_prepare(ctx, t, &s);
		damon_spot_leave(&s);
		if (s.mm)
			mmput_async(s.mm);
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
