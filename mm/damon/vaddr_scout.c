// SPDX-License-Identifier: GPL-2.0
/*
 * What was touched in a range of a virtual address space: by the Accessed bits
 * of the page table entries one level above those of pages.
 *
 * A bit is read and cleared, so each look tells what happened since the one
 * before.  Only entries that lie within the range as a whole say something
 * about it, and only they are cleared; what is cut off at the ends counts as
 * not touched.  Where the level above that has the bit as well, an entry of it
 * that was not touched saves the look at all entries below.  And of a large
 * range it is all that is looked at: what it leads to are smaller ranges.
 *
 * What cannot be told counts as touched: hugetlb, and all of an address space
 * that others look at by page tables of their own (those of virtual machines),
 * since their accesses do not show here.  Huge pages are told by their own bit;
 * what that says is kept with the folio, for the samples and for reclaim.
 *
 * The multi-generational LRU skips what these bits say was not touched, too.
 * What it misses because a bit was cleared here it sees at the latest when it
 * is about to evict a page.
 */

#include <linux/align.h>
#include <linux/damon.h>
#include <linux/hugetlb.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/mmu_notifier.h>
#include <linux/page_idle.h>
#include <linux/pagewalk.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "ctx.h"
#include "policy/scout.h"
#include "vaddr.h"

/* A range is large from here on: some thousand entries of the lower level. */
#define SCOUT_LARGE	(4 * PUD_SIZE)

/**
 * struct scout_walk - One look at a range.
 * @map:	told what was touched
 * @nr:		entries and mappings looked at
 * @nr_before:	those before the lock was taken
 * @pos:	where to go on when the lock was dropped
 * @coarse:	the range is large
 * @pmd:	the last entry, as several mappings may share it
 * @young:	what it said
 */
struct scout_walk {
	struct damon_scout_map *map;
	unsigned int nr;
	unsigned int nr_before;
	unsigned long pos;
	bool coarse;
	pmd_t *pmd;
	bool young;
};

/* Let others map, but not before something was done. */
static int scout_pause(struct scout_walk *w, struct mm_struct *mm,
		       unsigned long addr)
{
	if (w->nr - w->nr_before < 2 || !mmap_lock_is_contended(mm))
		return 0;
	w->pos = addr;
	return -EAGAIN;
}

static int scout_vma(unsigned long start, unsigned long end,
		     struct mm_walk *walk)
{
	struct scout_walk *w = walk->private;
	int err = scout_pause(w, walk->mm, start);

	if (err)
		return err;
	w->nr++;
	if (!is_vm_hugetlb_page(walk->vma))
		return !!(walk->vma->vm_flags & VM_PFNMAP);
	damon_scout_touched(w->map, start, end);
	return 1;
}

/* Do entries of that level have the bit, and is there a helper? */
#if defined(CONFIG_X86_64) && defined(CONFIG_TRANSPARENT_HUGEPAGE)
#define SCOUT_HAS_PUD_YOUNG	true
#define scout_pud_clear_young	pudp_test_and_clear_young
#else
#define SCOUT_HAS_PUD_YOUNG	false
static bool scout_pud_clear_young(struct vm_area_struct *vma,
				  unsigned long addr, pud_t *pud)
{
	return true;
}
#endif

static int scout_pud(pud_t *pud, unsigned long addr, unsigned long next,
		     struct mm_walk *walk)
{
	struct scout_walk *w = walk->private;
	pud_t entry = READ_ONCE(*pud);
	int err = scout_pause(w, walk->mm, addr);
	bool young;

	if (err)
		return err;
	cond_resched();
	w->nr++;
	if (pud_leaf(entry) || !pud_present(entry)) {
		damon_scout_touched(w->map, addr, next);
		walk->action = ACTION_CONTINUE;
		return 0;
	}
	if (!SCOUT_HAS_PUD_YOUNG || next - addr < PUD_SIZE)
		return 0;
	young = scout_pud_clear_young(walk->vma, addr, pud);
	if (young && w->coarse)
		damon_scout_touched(w->map, addr, next);
	if (!young || w->coarse)
		walk->action = ACTION_CONTINUE;
	return 0;
}

/* Remember for others what the bit of a huge page said. */
static bool scout_leaf_clear_young(struct vm_area_struct *vma,
				   unsigned long addr, pmd_t *pmd)
{
	struct folio *folio = NULL;

	if (pmd_present(*pmd))
		folio = vm_normal_folio_pmd(vma, addr, *pmd);
	if (!folio || !pmd_young(*pmd))
		return false;
	if (folio_test_lru(folio) &&
	    pmdp_test_and_clear_young(vma, addr, pmd)) {
		folio_set_young(folio);
		folio_clear_idle(folio);
	}
	return true;
}

static bool scout_pmd_clear_young(struct vm_area_struct *vma,
				  unsigned long addr, pmd_t *pmd)
{
	spinlock_t *ptl = pmd_trans_huge_lock(pmd, vma);
	bool young;

	if (ptl) {
		young = scout_leaf_clear_young(vma, addr, pmd);
		spin_unlock(ptl);
		return young;
	}
	if (!pmd_young(READ_ONCE(*pmd)))
		return false;
	ptl = pmd_lock(vma->vm_mm, pmd);
	young = pmd_present(*pmd) && !pmd_leaf(*pmd) &&
		pmdp_test_and_clear_young(vma, addr, pmd);
	spin_unlock(ptl);
	return young;
}

static int scout_pmd(pmd_t *pmd, unsigned long addr, unsigned long next,
		     struct mm_walk *walk)
{
	struct scout_walk *w = walk->private;

	if (pmd != w->pmd) {
		w->nr++;
		w->pmd = pmd;
		w->young = scout_pmd_clear_young(walk->vma, addr & PMD_MASK,
						 pmd);
	}
	if (w->young)
		damon_scout_touched(w->map, addr, next);
	walk->action = ACTION_CONTINUE;
	return 0;
}

static const struct mm_walk_ops scout_walk_ops = {
	.test_walk = scout_vma,
	.pud_entry = scout_pud,
	.pmd_entry = scout_pmd,
	.walk_lock = PGWALK_RDLOCK,
};

static void scout_range(struct scout_walk *w, struct mm_struct *mm,
			unsigned long addr, unsigned long end)
{
	int err;

	w->coarse = end - addr > SCOUT_LARGE;
	w->pos = addr;
	do {
		w->nr_before = w->nr;
		w->pmd = NULL;
		mmap_read_lock(mm);
		err = walk_page_range(mm, w->pos, end, &scout_walk_ops, w);
		mmap_read_unlock(mm);
		cond_resched();
	} while (err == -EAGAIN);
}

/**
 * damon_vaddr_scout() - Tell what was touched in a range.
 * @ctx:	the context; the effort is taken from &damon_ctx.scout_left
 * @t:		a target that is a process
 * @ar:		the range
 * @map:	told what was touched since the last look
 *
 * A range is looked at as a whole, so the effort may exceed what was left.
 *
 * Context: in the kdamond that owns @ctx; takes the mmap lock.
 * Return: false if no effort was left, or the hardware cannot tell.
 */
bool damon_vaddr_scout(struct damon_ctx *ctx, const struct damon_target *t,
		       const struct damon_addr_range *ar,
		       struct damon_scout_map *map)
{
	unsigned long start = ALIGN(ar->start, PMD_SIZE);
	unsigned long end = ALIGN_DOWN(ar->end, PMD_SIZE);
	struct scout_walk w = { .map = map };
	struct mm_struct *mm;

	damon_assert_owner(ctx);

	if (!arch_has_hw_nonleaf_pmd_young() || !ctx->scout_left)
		return false;
	if (start < ar->start || start >= end)
		return true;
	mm = damon_target_get_mm(t);
	if (!mm)
		return true;
	if (mm_has_notifiers(mm))
		damon_scout_touched(map, ar->start, ar->end);
	else
		scout_range(&w, mm, start, end);
	mmput_async(mm);
	ctx->scout_left -= min(ctx->scout_left, w.nr);
	return true;
}
