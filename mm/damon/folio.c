// SPDX-License-Identifier: GPL-2.0
/*
 * Folios: looking at them, filtering them, moving them.
 *
 * A folio is usable if its memory is online and it is on an LRU list.  That
 * leaves out all memory of the kernel itself, and hugetlb pages; and it is what
 * makes it safe to walk the mappings of whatever was found by a page frame
 * number.
 *
 * A page frame may be freed, become part of another folio or go offline while
 * it is looked at.  Without a reference nothing but the flag words is told, in
 * ways that also bear a page that has just become the tail of another folio.
 */

#include <linux/align.h>
#include <linux/cleanup.h>
#include <linux/gfp.h>
#include <linux/memblock.h>
#include <linux/memcontrol.h>
#include <linux/memory_hotplug.h>
#include <linux/migrate.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mmu_notifier.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/page_idle.h>
#include <linux/rcupdate.h>
#include <linux/rmap.h>
#include <linux/vmstat.h>

#include <trace/events/pagemap.h>

#include "../internal.h"
#include "folio.h"

/*
 * For so many page frames, aligned, it is told once whether they are online;
 * within the smallest part of memory that may come or go.
 */
#define DAMON_MAPPED_PAGES	32UL

/* Finding them */

static bool damon_folio_try_get(struct page *page, struct folio *folio)
{
	if (!folio_try_get(folio))
		return false;
	if (likely(page_folio(page) == folio && folio_test_lru(folio)))
		return true;
	folio_put(folio);
	return false;
}

/**
 * damon_folio_get() - Get the folio at a page frame.
 * @pfn:	any number
 *
 * Context: any.
 * Return: the folio with a reference, if it is usable: online and on an LRU
 * list; else NULL.
 */
struct folio *damon_folio_get(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);
	struct folio *folio = page ? page_folio(page) : NULL;

	if (folio && test_bit(PG_lru, &folio->flags) &&
	    damon_folio_try_get(page, folio))
		return folio;
	return NULL;
}

/* First page frame behind a hole, or behind memory that is not online. */
static unsigned long damon_hole_end(unsigned long pfn)
{
#ifdef CONFIG_SPARSEMEM
	unsigned long nr = pfn_to_section_nr(pfn);

	if (nr >= NR_MEM_SECTIONS || !online_section_nr(nr)) {
		nr = next_present_section_nr(nr);
		return nr == -1UL ? ULONG_MAX : section_nr_to_pfn(nr);
	}
#else
	if (pfn >= max_pfn)
		return ULONG_MAX;
#endif
	return ALIGN(pfn + 1, pageblock_nr_pages);
}

/*
 * First page frame behind what cannot be used at @pfn.  Orders are read
 * without any lock, so they may be anything; at worst, a walk misses folios
 * that have appeared just now.
 */
static unsigned long damon_unusable_end(unsigned long pfn, struct page *page,
					struct folio *folio)
{
	unsigned long order;

	if (PageBuddy(page)) {
		order = buddy_order_unsafe(page);
		if (order > MAX_PAGE_ORDER)
			order = 0;
	} else {
		/* Those of gigantic folios take some steps. */
		order = min(compound_order(&folio->page), MAX_PAGE_ORDER);
	}
	return ALIGN(pfn + 1, 1UL << order);
}

/* If @pfn is in a free block, but not its first page, the end of it. */
static unsigned long damon_free_end(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);
	unsigned long order, found;

	if (!page || page_count(page) || PageBuddy(page))
		return pfn;

	for (order = 1; order <= MAX_PAGE_ORDER; order++) {
		page = pfn_to_online_page(ALIGN_DOWN(pfn, 1UL << order));
		if (!page)
			break;
		if (!PageBuddy(page))
			continue;
		found = buddy_order_unsafe(page);
		if (found >= order && found <= MAX_PAGE_ORDER)
			return ALIGN(pfn + 1, 1UL << found);
		break;
	}
	return pfn;
}

/**
 * damon_folio_walk_begin() - Begin a walk over the folios of physical memory.
 * @w:		the walk; its &damon_folio_walk.left is 0 then
 * @pfn:	first page frame; a folio that it is in the middle of counts
 * @end:	first page frame behind the range; a folio that it is in the
 *		middle of counts
 * @peek:	do not take references to folios of one page, see
 *		damon_folio_walk_hold()
 *
 * Context: any.
 */
void damon_folio_walk_begin(struct damon_folio_walk *w, unsigned long pfn,
			    unsigned long end, bool peek)
{
	*w = (struct damon_folio_walk) {
		.pfn = damon_free_end(pfn),
		.end = end,
		.peek = peek,
	};
}

/**
 * damon_folio_walk_step() - Find the next usable folio, by one step at least.
 * @w:	the walk
 *
 * Context: any.
 * Return: see damon_folio_walk_next().
 */
struct folio *damon_folio_walk_step(struct damon_folio_walk *w)
{
	if (w->held) {
		folio_put(w->folio);
		w->held = false;
	}

	while (w->left && w->pfn < w->end) {
		unsigned long pfn = w->pfn;
		struct folio *folio;
		struct page *page;

		w->left--;
		if (pfn >= w->mapped_end) {
			if (!pfn_to_online_page(pfn)) {
				w->pfn = damon_hole_end(pfn);
				continue;
			}
			w->mapped_end = ALIGN(pfn + 1, DAMON_MAPPED_PAGES);
		}

		page = pfn_to_page(pfn);
		folio = page_folio(page);
		if (!test_bit(PG_lru, &folio->flags)) {
			w->pfn = damon_unusable_end(pfn, page, folio);
			continue;
		}
		w->folio = folio;
		if (w->peek && !test_bit(PG_head, &folio->flags)) {
			w->nr_pages = 1;
			w->pfn = pfn + 1;
			w->peek_end = min(w->mapped_end, w->end);
			return folio;
		}
		if (damon_folio_try_get(page, folio)) {
			w->held = true;
			w->nr_pages = folio_nr_pages(folio);
			w->pfn = folio_pfn(folio) + w->nr_pages;
			return folio;
		}
		w->pfn = damon_unusable_end(pfn, page, folio);
	}

	/* What comes now may take its time. */
	w->mapped_end = 0;
	w->peek_end = 0;
	return NULL;
}

/**
 * damon_folio_walk_hold() - Get a reference to the folio that was found.
 * @w:	the walk; has found a folio
 *
 * The reference ends as damon_folio_walk_next() says.
 *
 * Context: any.
 * Return: true if there is one, and the folio is still usable.
 */
bool damon_folio_walk_hold(struct damon_folio_walk *w)
{
	if (!w->held)
		w->held = damon_folio_try_get(&w->folio->page, w->folio);
	return w->held;
}

/* Accesses */

typedef bool (*damon_rmap_one_fn)(struct folio *folio,
				  struct vm_area_struct *vma,
				  unsigned long addr, void *arg);

/* Returns false if that would have to wait for the lock of the folio. */
static bool damon_folio_rmap(struct folio *folio, damon_rmap_one_fn one,
			     bool *young)
{
	struct rmap_walk_control rwc = {
		.rmap_one = one,
		.arg = young,
		.anon_lock = folio_lock_anon_vma_read,
	};
	bool lock = !folio_test_anon(folio) || folio_test_ksm(folio);

	if (!folio_mapped(folio) || !folio_raw_mapping(folio) ||
	    folio_test_hugetlb(folio))
		return true;
	if (lock && !folio_trylock(folio))
		return false;
	rmap_walk(folio, &rwc);
	if (lock)
		folio_unlock(folio);
	return true;
}

static bool damon_folio_mkold_one(struct folio *folio,
				  struct vm_area_struct *vma,
				  unsigned long addr, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, addr, 0);
	bool *young = arg;

	while (page_vma_mapped_walk(&pvmw)) {
		if (!pvmw.pte) {
			if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
				*young |= pmdp_clear_young_notify(vma,
						pvmw.address, pvmw.pmd);
		} else if (pte_present(ptep_get(pvmw.pte))) {
			*young |= ptep_clear_young_notify(vma, pvmw.address,
							  pvmw.pte);
		}
		/* That was its only page. */
		if (!folio_test_large(folio)) {
			page_vma_mapped_walk_done(&pvmw);
			break;
		}
	}
	return true;
}

/**
 * damon_folio_mkold() - Make a folio look as if nobody ever accessed it.
 * @folio:	a usable folio, referenced
 *
 * Clears the Accessed bits of all its mappings, and remembers them in the young
 * flag, where reclaim looks.  The TLB is not flushed.  If somebody has locked
 * the folio, and the lock is needed, nothing is done.
 *
 * Context: Process context, may sleep.
 * Return: what damon_folio_young() would have said.
 */
bool damon_folio_mkold(struct folio *folio)
{
	bool young = false;

	if (!damon_folio_rmap(folio, damon_folio_mkold_one, &young))
		return false;
	if (young)
		folio_set_young(folio);
	if (folio_test_idle(folio))
		return young;
	folio_set_idle(folio);
	return true;
}

static bool damon_folio_young_one(struct folio *folio,
				  struct vm_area_struct *vma,
				  unsigned long addr, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, addr, 0);
	bool *young = arg;

	if (!folio_test_idle(folio))
		return false;

	while (page_vma_mapped_walk(&pvmw)) {
		pte_t pte;

		if (pvmw.pte) {
			pte = ptep_get(pvmw.pte);
			*young = pte_present(pte) && pte_young(pte);
		} else if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE)) {
			*young = pmd_young(pmdp_get(pvmw.pmd));
		}
		*young = *young || mmu_notifier_test_young(vma->vm_mm,
							   pvmw.address);
		if (*young || !folio_test_large(folio)) {
			page_vma_mapped_walk_done(&pvmw);
			break;
		}
	}
	return !*young;
}

/**
 * damon_folio_young() - Whether a folio was accessed since damon_folio_mkold().
 * @folio:	a usable folio, referenced
 *
 * Context: Process context, may sleep.
 * Return: true if it was, or if it was never made old; false if not, or if the
 * lock of the folio, if needed, was not to be had at once.
 */
bool damon_folio_young(struct folio *folio)
{
	bool young = false;

	return damon_folio_rmap(folio, damon_folio_young_one, &young) &&
	       (young || !folio_test_idle(folio));
}

/* Filters */

static bool damon_folio_is_mapped(const struct folio *folio)
{
	if (test_bit(PG_head, &folio->flags))
		return folio_mapped(folio);
	/* What is not mapped has -1, or a type of pages, which is below. */
	return atomic_read(&folio->_mapcount) >= 0;
}

static bool damon_folio_in_memcg(struct folio *folio, struct mem_cgroup *memcg)
{
	guard(rcu)();
	return memcg && folio_memcg_check(folio) == memcg;
}

/**
 * damon_folio_has_slow() - damon_folio_has(), for what is not told at once.
 * @folio:	see damon_folio_has()
 * @f:		see damon_folio_has()
 *
 * Context: see damon_folio_has().
 * Return: see damon_folio_has(); false for types that it tells itself.
 */
bool damon_folio_has_slow(struct folio *folio, const struct damos_filter *f)
{
	const struct damos_filter_spec *spec = f->spec;
	unsigned long sz;

	switch (spec->type) {
	case DAMOS_FILTER_TYPE_MEMCG:
		return damon_folio_in_memcg(folio, f->memcg);
	case DAMOS_FILTER_TYPE_YOUNG:
		return damon_folio_mkold(folio);
	case DAMOS_FILTER_TYPE_HUGEPAGE_SIZE:
		sz = page_size(&folio->page);
		return spec->sz_range.min <= sz && sz <= spec->sz_range.max;
	case DAMOS_FILTER_TYPE_UNMAPPED:
		return !damon_folio_is_mapped(folio);
	default:
		return false;
	}
}

/* Moves between LRU lists */

/**
 * struct damon_lru_move - Moves between the lists of a lruvec, uncounted yet.
 * @lruvec:	the lruvec, locked; NULL if none
 * @zid:	the zone of the folios
 * @active:	to the active lists
 * @nr_moved:	base pages that were moved
 * @change:	what is to be added to the size of each list, base pages
 */
struct damon_lru_move {
	struct lruvec *lruvec;
	enum zone_type zid;
	bool active;
	long nr_moved;
	long change[LRU_UNEVICTABLE];
};

static void damon_lru_move_count(struct damon_lru_move *m)
{
	enum vm_event_item item = m->active ? PGACTIVATE : PGDEACTIVATE;
	enum lru_list lru;

	if (!m->nr_moved)
		return;
	for_each_evictable_lru(lru) {
		if (m->change[lru])
			update_lru_size(m->lruvec, lru, m->zid, m->change[lru]);
		m->change[lru] = 0;
	}
	__count_vm_events(item, m->nr_moved);
	__count_memcg_events(lruvec_memcg(m->lruvec), item, m->nr_moved);
	m->nr_moved = 0;
}

/* Lock the lruvec of a folio that was taken off PG_lru. */
static void damon_lru_move_seek(struct damon_lru_move *m, struct folio *folio)
{
	if (m->lruvec && m->zid == folio_zonenum(folio) &&
	    folio_matches_lruvec(folio, m->lruvec))
		return;
	damon_lru_move_count(m);
	m->lruvec = folio_lruvec_relock_irq(folio, m->lruvec);
	m->zid = folio_zonenum(folio);
}

/* As lruvec_del_folio() and lruvec_add_folio() do, but counted later. */
static void damon_lru_move_folio(struct damon_lru_move *m, struct folio *folio)
{
	const long nr_pages = folio_nr_pages(folio);
	enum lru_list lru = folio_lru_list(folio);

	if (!lru_gen_del_folio(m->lruvec, folio, false)) {
		list_del(&folio->lru);
		m->change[lru] -= nr_pages;
	}
	if (m->active) {
		folio_set_active(folio);
	} else {
		folio_clear_active(folio);
		folio_clear_referenced(folio);
	}
	lru = folio_lru_list(folio);
	if (!lru_gen_add_folio(m->lruvec, folio, false)) {
		list_add(&folio->lru, &m->lruvec->lists[lru]);
		m->change[lru] += nr_pages;
	}
	if (m->active)
		trace_mm_lru_activate(folio);
	m->nr_moved += nr_pages;
}

/**
 * damon_folios_set_active() - Move folios to the active or inactive lists.
 * @folios:	the folios, referenced; empty after, and the references are put
 * @active:	to the active lists
 *
 * As folio_activate() and folio_deactivate() do, but at once.  What is there
 * already, is unevictable or is not on any list now, is left alone.
 *
 * Context: Process context.
 */
void damon_folios_set_active(struct folio_batch *folios, bool active)
{
	struct damon_lru_move m = { .active = active };

	for (unsigned int i = 0; i < folio_batch_count(folios); i++) {
		struct folio *folio = folios->folios[i];

		/* So that it stays on its list, and in its cgroup. */
		if (!folio_test_clear_lru(folio))
			continue;
		damon_lru_move_seek(&m, folio);
		if (!folio_test_unevictable(folio) &&
		    (folio_test_active(folio) != active ||
		     (!active && lru_gen_enabled())))
			damon_lru_move_folio(&m, folio);
		folio_set_lru(folio);
	}
	if (m.lruvec) {
		damon_lru_move_count(&m);
		unlock_page_lruvec_irq(m.lruvec);
	}
	folios_put(folios);
}

/* Migration */

static struct folio *damon_folio_alloc_at(struct folio *src, unsigned long nid)
{
	const gfp_t gfp = (GFP_HIGHUSER_MOVABLE & ~__GFP_RECLAIM) |
			  __GFP_THISNODE | __GFP_NOMEMALLOC | __GFP_NOWARN;

	return __folio_alloc(gfp, folio_order(src), nid, NULL);
}

/**
 * damon_migrate_nid_valid() - Whether memory can be migrated to a node.
 * @nid:	any number
 *
 * Context: any.
 * Return: true if that is a node that has memory.
 */
bool damon_migrate_nid_valid(int nid)
{
	return nid >= 0 && nid < MAX_NUMNODES && node_state(nid, N_MEMORY);
}

/**
 * damon_folios_migrate() - Migrate folios to a node.
 * @folios:	the folios, isolated by isolate_folio_to_list(); empty after
 * @nid:	the node; any number
 *
 * Only free memory of this very node is used, and nobody is waited for.  What
 * cannot be migrated so, or is there already, is put back.
 *
 * Context: Process context, may sleep.
 * Return: number of base pages that were migrated.
 */
unsigned long damon_folios_migrate(struct list_head *folios, int nid)
{
	struct folio *folio, *next;
	unsigned int nr = 0;
	LIST_HEAD(from);

	if (damon_migrate_nid_valid(nid)) {
		list_for_each_entry_safe(folio, next, folios, lru) {
			if (folio_nid(folio) != nid)
				list_move_tail(&folio->lru, &from);
		}
	}
	if (!list_empty(&from)) {
		migrate_pages(&from, damon_folio_alloc_at, NULL, nid,
			      MIGRATE_ASYNC, MR_DAMON, &nr);
		list_splice(&from, folios);
	}
	if (!list_empty(folios))
		putback_movable_pages(folios);
	return nr;
}
