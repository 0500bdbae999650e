// SPDX-License-Identifier: GPL-2.0
/*
 * Places in a virtual address space, one after the other.
 *
 * The way to an entry costs much more than a look at it.  So neighbours share
 * as much of the way as they can: the mapping, the upper levels, and for all in
 * one page table its lock.
 *
 * While the mmap lock is held, no mapping that was found goes away, and with it
 * stay all tables above the last one: whoever unmaps what is next to it leaves
 * them alone.  The last one may be replaced by a huge page, or taken away when
 * it is empty; both takes its lock.
 */

#include <linux/hugetlb.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "vaddr_spot.h"

/* Samples to take before others get a chance. */
#define DAMON_SPOT_BATCH	64

static void damon_spot_unlock(struct damon_spot *s)
{
	if (s->pte)
		pte_unmap_unlock(s->pte, s->ptl);
	else if (s->pmd)
		spin_unlock(s->ptl);
	s->pte = NULL;
	s->pmd = NULL;
}

/**
 * damon_spot_leave() - Let go of all locks, and forget what they protected.
 * @s:	the spot
 *
 * Context: Process context; may sleep.
 */
void damon_spot_leave(struct damon_spot *s)
{
	damon_spot_unlock(s);
	if (s->locked)
		mmap_read_unlock(s->mm);
	*s = (struct damon_spot) { .mm = s->mm };
	cond_resched();
}

static void damon_spot_find_vma(struct damon_spot *s, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(s->mm, addr);

	if (vma && vma->vm_start <= addr) {
		s->vma = vma;
		s->bottom = vma->vm_start;
		s->top = vma->vm_end;
	} else {
		s->vma = NULL;
		s->bottom = addr;
		s->top = vma ? vma->vm_start : ULONG_MAX;
	}
}

/* The table of the entries that may be huge pages, NULL if there is none. */
static pmd_t *damon_spot_find_pmds(const struct damon_spot *s,
				   unsigned long addr)
{
	pgd_t *pgd = pgd_offset(s->mm, addr);
	p4d_t *p4d;
	pud_t *pud;
	pud_t entry;

	if (pgd_none_or_clear_bad(pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none_or_clear_bad(p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	entry = pudp_get(pud);
	if (!pud_present(entry) || pud_leaf(entry) || pud_bad(entry))
		return NULL;
	return pmd_offset(pud, addr & PUD_MASK);
}

/* As far as the mapping goes in an aligned block of memory. */
static void damon_spot_set_range(struct damon_spot *s, unsigned long addr,
				 unsigned long block)
{
	unsigned long first = addr & ~(block - 1);
	unsigned long last = min(first + (block - 1), s->top - 1);

	s->start = max(first, s->bottom);
	s->size = last - s->start + 1;
}

/*
 * A table that is taken away before it is locked is empty, and exists until it
 * is unmapped here.
 */
static bool damon_spot_lock_pte(struct damon_spot *s, pmd_t *pmd)
{
	s->pte = pte_offset_map_nolock(s->mm, pmd, s->start, &s->ptl);
	if (s->pte)
		spin_lock(s->ptl);
	return s->pte;
}

/* False if it is not a huge page; then, it may have become a page table. */
static bool damon_spot_lock_pmd(struct damon_spot *s, pmd_t *pmd)
{
	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) ||
	    pmd_none(pmdp_get_lockless(pmd)))
		return false;
	s->ptl = pmd_lock(s->mm, pmd);
	if (!pmd_present(*pmd) || !pmd_leaf(*pmd)) {
		spin_unlock(s->ptl);
		return false;
	}
	s->pmd = pmd;
	return true;
}

/**
 * damon_spot_move() - damon_spot_seek(), for what is not near.
 * @s:		see damon_spot_seek()
 * @addr:	see damon_spot_seek()
 *
 * Context: see damon_spot_seek().
 */
void damon_spot_move(struct damon_spot *s, unsigned long addr)
{
	pmd_t *pmd;

	damon_spot_unlock(s);
	if (s->locked && (need_resched() || mmap_lock_is_contended(s->mm)))
		damon_spot_leave(s);
	if (!s->locked) {
		mmap_read_lock(s->mm);
		s->locked = true;
	}
	s->left = DAMON_SPOT_BATCH;

	if (addr < s->bottom || addr >= s->top)
		damon_spot_find_vma(s, addr);
	if (!s->vma || is_vm_hugetlb_page(s->vma)) {
		s->start = s->bottom;
		s->size = s->top - s->bottom;
		return;
	}

	if (!s->pmds || s->pmds_start != (addr & PUD_MASK)) {
		s->pmds = damon_spot_find_pmds(s, addr);
		s->pmds_start = addr & PUD_MASK;
		if (!s->pmds) {
			damon_spot_set_range(s, addr, PUD_SIZE);
			return;
		}
	}
	damon_spot_set_range(s, addr, PMD_SIZE);
	pmd = s->pmds + pmd_index(addr);
	if (!damon_spot_lock_pte(s, pmd) && !damon_spot_lock_pmd(s, pmd))
		damon_spot_lock_pte(s, pmd);
}
