// SPDX-License-Identifier: GPL-2.0
/*
 * What schemes do to the virtual address spaces of processes.
 *
 * Most actions are madvise() on behalf of the process.  Migration, and the
 * counting of what passes the filters, go over the page tables.  Filters may
 * need the reverse map, and with it the very locks that protect a page table;
 * so a walk only picks folios, and what is to be done to them is done when all
 * locks are dropped.
 *
 * All of it comes in slices that are short enough to look at the clock in
 * between.
 */

#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/huge_mm.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/migrate.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmap_lock.h>
#include <linux/numa.h>
#include <linux/overflow.h>
#include <linux/pagewalk.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/swap.h>

#include "ctx.h"
#include "folio.h"
#include "vaddr.h"

/* Folios to pick in one slice, and their size.  To copy 4 MiB takes 1 ms. */
#define DAMON_PICK_MAX		256
#define DAMON_PICK_PAGES	1024
/* Page table entries to look at in one slice. */
#define DAMON_PICK_SCAN		4096

/* What makes the priority of a region; all others have the same one. */
const u8 damon_vaddr_score_kinds[NR_DAMOS_ACTIONS] = {
	[DAMOS_PAGEOUT] = DAMOS_SCORE_COLD,
	[DAMOS_MIGRATE_HOT] = DAMOS_SCORE_HOT,
	[DAMOS_MIGRATE_COLD] = DAMOS_SCORE_COLD,
};

/* Advice */

static unsigned long damon_vaddr_next_mapped(struct mm_struct *mm,
					     unsigned long addr)
{
	struct vm_area_struct *vma;
	unsigned long next;

	mmap_read_lock(mm);
	vma = find_vma(mm, addr);
	next = vma ? max(addr, vma->vm_start) : ULONG_MAX;
	mmap_read_unlock(mm);
	return next;
}

/*
 * One huge page after the other, so that none is advised of by halves and
 * split.  What counts is what succeeded: a hole, or memory that cannot have
 * the advice, costs the rest of its huge page.
 */
static void damon_vaddr_advise(struct mm_struct *mm, struct damos_job *job,
			       int advice)
{
	/* These only mark the mappings, which pieces would break up. */
	bool whole = advice == MADV_HUGEPAGE || advice == MADV_NOHUGEPAGE;
	unsigned long last = job->ar.end - 1;

	job->end = job->ar.start;
	do {
		unsigned long at = job->end;
		int err;

		job->end = (whole ? last : min(at | ~PMD_MASK, last)) + 1;
		err = do_madvise(mm, at, job->end - at, advice);
		if (!err)
			job->applied += job->end - at;
		else if (err == -ENOMEM && job->end < job->ar.end)
			job->end = min(damon_vaddr_next_mapped(mm, job->end),
				       job->ar.end);
		cond_resched();
	} while (job->end < job->ar.end && !damos_job_expired(job));
}

static const int damon_advice[NR_DAMOS_ACTIONS] = {
	[DAMOS_WILLNEED] = MADV_WILLNEED,
	[DAMOS_COLD] = MADV_COLD,
	[DAMOS_PAGEOUT] = MADV_PAGEOUT,
	[DAMOS_HUGEPAGE] = MADV_HUGEPAGE,
	[DAMOS_NOHUGEPAGE] = MADV_NOHUGEPAGE,
	[DAMOS_COLLAPSE] = MADV_COLLAPSE,
};

/* Folios */

/**
 * struct damon_pick - A folio that was found in a page table.
 * @folio:	the folio, referenced
 * @nid:	node to migrate it to, if it is to be migrated
 */
struct damon_pick {
	struct folio *folio;
	int nid;
};

/**
 * struct damon_picker - A walk over page tables that picks folios.
 * @job:	what it is for
 * @dests:	nodes to migrate to; NULL to count what passes the filters
 * @nr_dests:	number of @dests
 * @weight:	sum of the weights of @dests, not 0
 * @from:	where this slice began
 * @at:		where the next one begins
 * @scanned:	entries looked at in this slice
 * @nr_pages:	size of @picks
 * @nr:		number of @picks
 * @picks:	the folios of this slice
 * @isolated:	for each node, the folios to migrate there
 */
struct damon_picker {
	struct damos_job *job;
	const struct damos_dest *dests;
	unsigned int nr_dests;
	u64 weight;
	unsigned long from;
	unsigned long at;
	unsigned int scanned;
	unsigned long nr_pages;
	unsigned int nr;
	struct damon_pick picks[DAMON_PICK_MAX];
	struct list_head isolated[];
};

static bool damon_pick_is_full(const struct damon_picker *p)
{
	return p->nr == DAMON_PICK_MAX || p->nr_pages >= DAMON_PICK_PAGES ||
	       p->scanned >= DAMON_PICK_SCAN;
}

/* Nodes take turns along the mapped object, each as often as it weighs. */
static int damon_pick_nid(const struct damon_picker *p,
			  const struct vm_area_struct *vma, unsigned long addr,
			  unsigned int order)
{
	u64 turn = (vma->vm_pgoff >> order) +
		   ((addr - vma->vm_start) >> (PAGE_SHIFT + order));
	const struct damos_dest *dest = p->dests;

	div64_u64_rem(turn, p->weight, &turn);
	for (; turn >= dest->weight; dest++)
		turn -= dest->weight;
	return dest->nid;
}

/* Pick the folio of @page, which is mapped at @addr, if it is of interest. */
static void damon_pick(struct damon_picker *p, struct vm_area_struct *vma,
		       unsigned long addr, struct page *page)
{
	struct folio *folio = page_folio(page);
	unsigned long before = folio_page_idx(folio, page) << PAGE_SHIFT;
	struct damos *s = p->job->scheme;
	int nid = NUMA_NO_NODE;

	if (folio_is_zone_device(folio))
		return;

	/* All its pages are here: this mapping of it was met already. */
	if (folio_test_large(folio)) {
		unsigned long end = addr - before + folio_size(folio);

		if (s->walked_to == end)
			return;
		s->walked_to = end;
	}

	if (p->dests) {
		/* Its place does not depend on where the walk met it. */
		addr -= min(before, addr - vma->vm_start);
		nid = damon_pick_nid(p, vma, addr, folio_order(folio));
		if (!damon_migrate_nid_valid(nid) || folio_nid(folio) == nid)
			return;
	}

	folio_get(folio);
	p->picks[p->nr++] = (struct damon_pick){ .folio = folio, .nid = nid };
	p->nr_pages += folio_nr_pages(folio);
}

/* Whether this slice ends at @addr.  It has to get on somewhat, though. */
static bool damon_pick_pause(struct damon_picker *p, struct mm_struct *mm,
			     unsigned long addr)
{
	if (addr == p->from ||
	    !(damon_pick_is_full(p) || mmap_lock_is_contended(mm)))
		return false;
	p->at = addr;
	return true;
}

static int damon_pick_test_vma(unsigned long addr, unsigned long next,
			       struct mm_walk *walk)
{
	struct damon_picker *p = walk->private;
	struct vm_area_struct *vma = walk->vma;

	p->scanned++;
	if (damon_pick_pause(p, walk->mm, addr))
		return -EAGAIN;
	return (vma->vm_flags & (VM_PFNMAP | VM_IO)) || vma_is_dax(vma) ||
	       is_vm_hugetlb_page(vma);
}

static int damon_pick_pmd(pmd_t *pmd, unsigned long addr, unsigned long next,
			  struct mm_walk *walk)
{
	struct damon_picker *p = walk->private;
	struct vm_area_struct *vma = walk->vma;
	pte_t *start, *pte;
	spinlock_t *ptl;	/* of the page table */
	int err = 0;

	p->scanned++;
	if (damon_pick_pause(p, walk->mm, addr))
		return -EAGAIN;

	ptl = pmd_trans_huge_lock(pmd, vma);
	if (ptl) {
		pmd_t entry = pmdp_get(pmd);
		struct page *page = NULL;

		if (pmd_present(entry))
			page = vm_normal_page_pmd(vma, addr & PMD_MASK, entry);
		if (page)
			damon_pick(p, vma, addr,
				   nth_page(page, (addr & ~PMD_MASK) >>
						  PAGE_SHIFT));
		spin_unlock(ptl);
		return 0;
	}

	start = pte_offset_map_lock(walk->mm, pmd, addr, &ptl);
	if (!start) {
		walk->action = ACTION_AGAIN;
		return 0;
	}
	for (pte = start; addr < next; pte++, addr += PAGE_SIZE) {
		pte_t entry = ptep_get(pte);
		struct page *page = NULL;

		if (damon_pick_is_full(p)) {
			p->at = addr;
			err = -EAGAIN;
			break;
		}
		p->scanned++;
		if (pte_present(entry))
			page = vm_normal_page(vma, addr, entry);
		if (page)
			damon_pick(p, vma, addr, page);
	}
	pte_unmap_unlock(start, ptl);
	return err;
}

static const struct mm_walk_ops damon_pick_ops = {
	.test_walk = damon_pick_test_vma,
	.pmd_entry = damon_pick_pmd,
	.walk_lock = PGWALK_RDLOCK,
};

/* Do what the walk is for to what was picked. */
static void damon_pick_handle(struct damon_picker *p)
{
	struct damos_job *job = p->job;
	int nid;

	for (; p->nr; p->nr--) {
		struct damon_pick *pick = &p->picks[p->nr - 1];
		struct folio *folio = pick->folio;

		if (!job->by_core &&
		    !damon_folio_passes(folio, &job->scheme->ops_filters))
			;
		else if (p->dests)
			isolate_folio_to_list(folio, &p->isolated[pick->nid]);
		else
			job->passed += folio_size(folio);
		folio_put(folio);
	}
	p->nr_pages = 0;

	for (nid = 0; nid < nr_node_ids; nid++) {
		if (!list_empty(&p->isolated[nid]))
			job->applied += PAGE_SIZE *
				damon_folios_migrate(&p->isolated[nid], nid);
	}
}

static void damon_pick_run(struct damon_picker *p, struct mm_struct *mm)
{
	struct damos_job *job = p->job;

	/* Folios that are on their way to an LRU list cannot be isolated. */
	if (p->dests)
		lru_add_drain();

	p->at = job->ar.start;
	do {
		p->from = p->at;
		p->at = job->ar.end;
		p->scanned = 0;
		mmap_read_lock(mm);
		walk_page_range(mm, p->from, job->ar.end, &damon_pick_ops, p);
		mmap_read_unlock(mm);

		damon_pick_handle(p);
		cond_resched();
	} while (p->at < job->ar.end && !damos_job_expired(job));
	job->end = p->at;
}

/* Without memory for the walk, nothing is done. */
static void damon_vaddr_pick(struct mm_struct *mm, struct damos_job *job,
			     const struct damos_dest *dests,
			     unsigned int nr_dests)
{
	struct damon_picker *p;
	unsigned int i;

	p = kvzalloc(struct_size(p, isolated, nr_node_ids), GFP_KERNEL);
	if (!p)
		return;
	p->job = job;
	p->dests = dests;
	p->nr_dests = nr_dests;
	for (i = 0; i < nr_dests; i++)
		p->weight += dests[i].weight;
	for (i = 0; i < nr_node_ids; i++)
		INIT_LIST_HEAD(&p->isolated[i]);

	if (!dests || p->weight)
		damon_pick_run(p, mm);
	kvfree(p);
}

static void damon_vaddr_migrate(struct mm_struct *mm, struct damos_job *job)
{
	const struct damos_spec *spec = job->scheme->spec;
	const struct damos_dest only = { .nid = spec->target_nid, .weight = 1 };

	if (spec->nr_dests)
		damon_vaddr_pick(mm, job, spec->dests, spec->nr_dests);
	else if (damon_migrate_nid_valid(spec->target_nid))
		damon_vaddr_pick(mm, job, &only, 1);
}

/**
 * damon_vaddr_apply() - Apply a scheme to a range of an address space.
 * @ctx:	the context
 * @job:	the scheme, the range and the results
 *
 * The madvise() actions do not ask filters of folios.  Migration does, but only
 * &damos_job.applied tells of it; DAMOS_STAT sets only &damos_job.passed.
 *
 * Context: the kdamond that owns @ctx; may sleep.
 */
void damon_vaddr_apply(struct damon_ctx *ctx, struct damos_job *job)
{
	const struct damos *s = job->scheme;
	enum damos_action action = s->spec->action;
	struct mm_struct *mm;

	damon_assert_owner(ctx);

	if (action == DAMOS_STAT && !s->ops_filters.nr)
		return;
	mm = damon_target_get_mm(job->target);
	if (!mm)
		return;

	if (action == DAMOS_STAT)
		damon_vaddr_pick(mm, job, NULL, 0);
	else if (action == DAMOS_MIGRATE_HOT || action == DAMOS_MIGRATE_COLD)
		damon_vaddr_migrate(mm, job);
	else if (IS_ENABLED(CONFIG_ADVISE_SYSCALLS) && damon_advice[action])
		damon_vaddr_advise(mm, job, damon_advice[action]);
	mmput_async(mm);
}
