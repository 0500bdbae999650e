// SPDX-License-Identifier: GPL-2.0
/*
 * Actions on the physical address space.
 *
 * A job goes over the folios of its range in batches.  Those that are to go
 * elsewhere are isolated, and handled at the end of the batch, which is also
 * when time is looked at.  Actions that hardly touch folios do not take
 * references, as far as that is possible.
 *
 * A folio, or a free block, that reaches over the end of a range is handled as
 * a whole.  &damos.walked_to, which is a page frame number here, keeps the next
 * range from handling it again.
 */

#include <linux/align.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/page_idle.h>
#include <linux/pagevec.h>
#include <linux/sched.h>
#include <linux/swap.h>

#include "../internal.h"
#include "ctx.h"
#include "folio.h"
#include "ops.h"
#include "paddr.h"

/* Steps, and pages to be reclaimed or migrated, of a batch. */
#define DAMON_PADDR_BATCH_STEPS	64
#define DAMON_PADDR_BATCH_PAGES	256

const u8 damon_paddr_score_kinds[NR_DAMOS_ACTIONS] = {
	[DAMOS_PAGEOUT] = DAMOS_SCORE_COLD,
	[DAMOS_LRU_PRIO] = DAMOS_SCORE_HOT,
	[DAMOS_LRU_DEPRIO] = DAMOS_SCORE_COLD,
	[DAMOS_MIGRATE_HOT] = DAMOS_SCORE_HOT,
	[DAMOS_MIGRATE_COLD] = DAMOS_SCORE_COLD,
};

/**
 * struct damon_paddr_batch - What a job has got so far.
 * @action:	the action
 * @nid:	node to migrate to
 * @filters:	filters to ask, NULL if none
 * @check_young: reject what is young
 * @isolated:	folios to be reclaimed or migrated
 * @nr_isolated: base pages in @isolated
 * @moving:	folios to be moved to other LRU lists
 * @nr_passed:	base pages that passed the filters
 * @nr_applied:	base pages that the action was applied to
 */
struct damon_paddr_batch {
	enum damos_action action;
	int nid;
	const struct damos_filters *filters;
	bool check_young;
	struct list_head isolated;
	unsigned long nr_isolated;
	struct folio_batch moving;
	unsigned long nr_passed;
	unsigned long nr_applied;
};

static bool damos_filters_have(const struct damos_filters *filters,
			       enum damos_filter_type type)
{
	for (unsigned int i = 0; i < filters->nr; i++) {
		if (filters->vec[i].spec->type == type)
			return true;
	}
	return false;
}

static bool damon_paddr_passes(const struct damon_paddr_batch *b,
			       struct damon_folio_walk *w, struct folio *folio)
{
	const struct damos_filter *f = damon_folio_match(folio, b->filters);

	if (f)
		return f->spec->allow;
	if (!b->filters->allow)
		return false;
	/* As if there were one more filter at the end. */
	return !b->check_young ||
	       (damon_folio_walk_hold(w) && !damon_folio_mkold(folio));
}

static void damon_paddr_isolated(struct damon_paddr_batch *b,
				 struct damon_folio_walk *w)
{
	b->nr_isolated += w->nr_pages;
	if (b->nr_isolated >= DAMON_PADDR_BATCH_PAGES)
		damon_folio_walk_pause(w);
}

static void damon_paddr_isolate_cold(struct damon_paddr_batch *b,
				     struct damon_folio_walk *w)
{
	struct folio *folio = w->folio;

	if (!damon_folio_walk_hold(w))
		return;
	folio_clear_referenced(folio);
	folio_test_clear_young(folio);
	if (!folio_isolate_lru(folio))
		return;
	if (folio_test_unevictable(folio)) {
		folio_putback_lru(folio);
		return;
	}
	list_add(&folio->lru, &b->isolated);
	damon_paddr_isolated(b, w);
}

static void damon_paddr_isolate_far(struct damon_paddr_batch *b,
				    struct damon_folio_walk *w)
{
	if (page_to_nid(&w->folio->page) != b->nid &&
	    damon_folio_walk_hold(w) &&
	    isolate_folio_to_list(w->folio, &b->isolated))
		damon_paddr_isolated(b, w);
}

static void damon_paddr_move(struct damon_paddr_batch *b,
			     struct damon_folio_walk *w)
{
	if (damon_folio_walk_take(w) &&
	    !folio_batch_add(&b->moving, w->folio))
		damon_folios_set_active(&b->moving,
					b->action == DAMOS_LRU_PRIO);
}

static bool damon_folio_is_active(const struct folio *folio)
{
	return test_bit(PG_active, &folio->flags);
}

static void damon_paddr_handle(struct damon_paddr_batch *b,
			       struct damon_folio_walk *w)
{
	switch (b->action) {
	case DAMOS_PAGEOUT:
		damon_paddr_isolate_cold(b, w);
		break;
	case DAMOS_LRU_PRIO:
		b->nr_applied += w->nr_pages;
		if (!damon_folio_is_active(w->folio))
			damon_paddr_move(b, w);
		break;
	case DAMOS_LRU_DEPRIO:
		b->nr_applied += w->nr_pages;
		if (damon_folio_is_active(w->folio) || lru_gen_enabled())
			damon_paddr_move(b, w);
		break;
	case DAMOS_MIGRATE_HOT:
	case DAMOS_MIGRATE_COLD:
		damon_paddr_isolate_far(b, w);
		break;
	default:
		break;
	}
}

/* One batch, as far as the steps of the walk and the isolated pages go. */
static void damon_paddr_run_batch(struct damon_paddr_batch *b,
				  struct damon_folio_walk *w)
{
	struct folio *folio;

	w->left = DAMON_PADDR_BATCH_STEPS;
	while ((folio = damon_folio_walk_next(w))) {
		if (b->filters && !damon_paddr_passes(b, w, folio))
			continue;
		b->nr_passed += w->nr_pages;
		damon_paddr_handle(b, w);
	}

	if (folio_batch_count(&b->moving))
		damon_folios_set_active(&b->moving,
					b->action == DAMOS_LRU_PRIO);
	if (!b->nr_isolated)
		return;
	if (b->action == DAMOS_PAGEOUT)
		b->nr_applied += reclaim_pages(&b->isolated);
	else
		b->nr_applied += damon_folios_migrate(&b->isolated, b->nid);
	b->nr_isolated = 0;
}

/* First page frame that begins at or behind a core address. */
static unsigned long damon_paddr_pfn_up(unsigned long addr, unsigned long unit)
{
	u64 byte = damon_paddr_byte(addr, unit);
	unsigned long pfn = damon_paddr_pfn(byte);

	return offset_in_page(byte) && pfn != ULONG_MAX ? pfn + 1 : pfn;
}

static unsigned long damon_paddr_core_size(unsigned long nr_pages,
					   unsigned long unit)
{
	return div64_ul((u64)nr_pages << PAGE_SHIFT, unit);
}

static void damon_paddr_walk(const struct damon_ctx *ctx, struct damos_job *job,
			     struct damon_paddr_batch *b, bool peek)
{
	const unsigned long unit = ctx->spec.addr_unit;
	const unsigned long min_sz = ctx->access.min_sz;
	struct damos *s = job->scheme;
	struct damon_folio_walk w;
	unsigned long begin, soonest;

	begin = max(damon_paddr_pfn_up(job->ar.start, unit), s->walked_to);
	soonest = damon_paddr_pfn_up(job->ar.start + min_sz, unit);

	damon_folio_walk_begin(&w, begin,
			       damon_paddr_pfn_up(job->ar.end, unit), peek);
	while (w.pfn < w.end) {
		damon_paddr_run_batch(b, &w);
		cond_resched();
		if (w.pfn >= soonest && w.pfn < w.end &&
		    damos_job_expired(job)) {
			unsigned long addr = damon_paddr_core_size(w.pfn, unit);

			job->end = job->ar.start +
				   ALIGN_DOWN(addr - job->ar.start, min_sz);
			break;
		}
	}
	s->walked_to = max(s->walked_to, w.pfn);
}

/**
 * damon_paddr_apply() - Apply a scheme to a range of physical memory.
 * @ctx:	the context
 * @job:	what to do, and the results.  Several ranges of one pass have to
 *		come in address order
 *
 * Context: the owner of @ctx, may sleep.
 */
void damon_paddr_apply(struct damon_ctx *ctx, struct damos_job *job)
{
	const struct damos_filters *filters = &job->scheme->ops_filters;
	const unsigned long unit = ctx->spec.addr_unit;
	const bool young = !job->by_core &&
			   damos_filters_have(filters, DAMOS_FILTER_TYPE_YOUNG);
	struct damon_paddr_batch b = {
		.action = job->scheme->spec->action,
		.nid = job->scheme->spec->target_nid,
		.isolated = LIST_HEAD_INIT(b.isolated),
	};

	damon_assert_owner(ctx);

	switch (b.action) {
	case DAMOS_STAT:
		if (!filters->nr)
			return;
		break;
	case DAMOS_PAGEOUT:
		b.check_young = !young;
		break;
	case DAMOS_MIGRATE_HOT:
	case DAMOS_MIGRATE_COLD:
		if (!damon_migrate_nid_valid(b.nid))
			b.action = DAMOS_STAT;
		break;
	case DAMOS_LRU_PRIO:
	case DAMOS_LRU_DEPRIO:
		break;
	default:
		return;
	}

	if (!job->by_core &&
	    (filters->nr || !filters->allow || b.check_young))
		b.filters = filters;
	damon_paddr_walk(ctx, job, &b, !young);
	job->applied = damon_paddr_core_size(b.nr_applied, unit);
	job->passed = damon_paddr_core_size(b.nr_passed, unit);
}
