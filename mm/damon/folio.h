/* SPDX-License-Identifier: GPL-2.0 */
/* Folios: looking at them, filtering them, moving them. */
#ifndef _MM_DAMON_FOLIO_H
#define _MM_DAMON_FOLIO_H

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/pagevec.h>
#include <linux/types.h>

#include "policy/damos.h"

struct folio *damon_folio_get(unsigned long pfn);
bool damon_folio_mkold(struct folio *folio);
bool damon_folio_young(struct folio *folio);

bool damon_folio_has_slow(struct folio *folio, const struct damos_filter *f);

/**
 * damon_folio_has() - Whether a folio is of the type of a filter.
 * @folio:	a usable folio.  Referenced; but if it is of one page and the
 *		type is not DAMOS_FILTER_TYPE_YOUNG, need not be
 * @f:		the filter, of folios
 *
 * To ask for DAMOS_FILTER_TYPE_YOUNG makes the folio old.
 *
 * Context: any; for DAMOS_FILTER_TYPE_YOUNG, process context, and may sleep.
 * Return: true if it is.
 */
static inline bool damon_folio_has(struct folio *folio,
				   const struct damos_filter *f)
{
	/* What is asked most, and easily told, has to be fast. */
	switch (f->spec->type) {
	case DAMOS_FILTER_TYPE_ANON:
		return folio_test_anon(folio);
	case DAMOS_FILTER_TYPE_ACTIVE:
		return test_bit(PG_active, &folio->flags);
	default:
		return damon_folio_has_slow(folio, f);
	}
}

/**
 * damon_folio_match() - Find the filter that decides about a folio.
 * @folio:	see damon_folio_has(); NULL if there is none, which is of no
 *		type
 * @filters:	the filters, of folios only
 *
 * Context: see damon_folio_has().
 * Return: the first filter that matches, or NULL if none does.
 */
static inline const struct damos_filter *
damon_folio_match(struct folio *folio, const struct damos_filters *filters)
{
	const struct damos_filter *end = filters->vec + filters->nr;
	const struct damos_filter *f;

	for (f = filters->vec; f < end; f++) {
		if ((folio && damon_folio_has(folio, f)) == f->spec->matching)
			return f;
	}
	return NULL;
}

/**
 * damon_folio_passes() - Whether the filters let a folio pass.
 * @folio:	see damon_folio_match()
 * @filters:	the filters, of folios only
 *
 * Context: see damon_folio_match().
 * Return: what the first filter that matches says, or else the default.
 */
static inline bool damon_folio_passes(struct folio *folio,
				      const struct damos_filters *filters)
{
	const struct damos_filter *f = damon_folio_match(folio, filters);

	return f ? f->spec->allow : filters->allow;
}

bool damon_migrate_nid_valid(int nid);
unsigned long damon_folios_migrate(struct list_head *folios, int nid);
void damon_folios_set_active(struct folio_batch *folios, bool active);

/**
 * struct damon_folio_walk - A walk over the usable folios of physical memory.
 * @pfn:	next page frame to look at; behind the last folio that was found,
 *		all of it, and maybe behind @end
 * @end:	first page frame behind the range
 * @left:	steps left before the walk pauses, to be set by the caller.  A
 *		step is some pages, a large folio, a free block or a hole
 * @nr_pages:	base pages of the folio that was found
 * @peek:	folios of one page are found without a reference
 * @held:	there is a reference to @folio
 * @folio:	the folio that was found
 * @mapped_end:	the memory map is known to be there up to this page frame
 * @peek_end:	folios may be found without a further step before this one
 */
struct damon_folio_walk {
	unsigned long pfn;
	unsigned long end;
	unsigned int left;
	unsigned int nr_pages;
	bool peek;
	bool held;
	struct folio *folio;
	unsigned long mapped_end;
	unsigned long peek_end;
};

void damon_folio_walk_begin(struct damon_folio_walk *w, unsigned long pfn,
			    unsigned long end, bool peek);
struct folio *damon_folio_walk_step(struct damon_folio_walk *w);
bool damon_folio_walk_hold(struct damon_folio_walk *w);

/**
 * damon_folio_walk_take() - Get a reference that stays when the walk goes on.
 * @w:	the walk; has found a folio
 *
 * Context: any.
 * Return: true if there is one, for folio_put(), and the folio is still usable.
 */
static inline bool damon_folio_walk_take(struct damon_folio_walk *w)
{
	bool held = damon_folio_walk_hold(w);

	w->held = false;
	return held;
}

/**
 * damon_folio_walk_pause() - Make a walk pause before the next folio.
 * @w:	the walk
 *
 * Context: any.
 */
static inline void damon_folio_walk_pause(struct damon_folio_walk *w)
{
	w->left = 0;
	w->peek_end = 0;
}

/**
 * damon_folio_walk_next() - Find the next usable folio.
 * @w:	the walk
 *
 * The reference of the walk to the folio ends with the next call.  So go on
 * until there is none; to leave earlier, pause and ask again.
 *
 * Context: any.
 * Return: the folio; or NULL at the end of the range, or when the walk pauses:
 * then, set &damon_folio_walk.left and ask again.  With
 * &damon_folio_walk.peek, and if it is a folio of one page, it may be
 * something else at any time, and is good for damon_folio_match() only.
 */
static inline struct folio *damon_folio_walk_next(struct damon_folio_walk *w)
{
	/* What there is most of has to be fast. */
	if (w->pfn < w->peek_end && !w->held) {
		struct folio *folio = (struct folio *)pfn_to_page(w->pfn);
		unsigned long flags = READ_ONCE(folio->flags);

		if ((flags & (BIT(PG_lru) | BIT(PG_head))) == BIT(PG_lru)) {
			w->pfn++;
			w->nr_pages = 1;
			w->folio = folio;
			return folio;
		}
	}
	return damon_folio_walk_step(w);
}

#endif /* _MM_DAMON_FOLIO_H */
