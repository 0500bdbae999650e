// SPDX-License-Identifier: GPL-2.0
/*
 * Operation set for the physical address space.
 *
 * A sample is the folio at an address.  To prepare it means to make all its
 * mappings look untouched, to check it means to see whether one of them does
 * not any more.  Both go by the reverse map; the TLB is never flushed.
 */

#include <linux/mm.h>
#include <linux/sched.h>

#include "ctx.h"
#include "folio.h"
#include "ops.h"
#include "paddr.h"
#include "policy/access.h"
#include "policy/region.h"

/* Folios to look at before others get a chance. */
#define DAMON_PADDR_BATCH	64

/* The folio of the last sample; those of neighbours may be in it, too. */
struct damon_paddr_cursor {
	struct folio *folio;
	bool young;
	unsigned int left;
};

static inline bool damon_paddr_cursor_covers(const struct damon_paddr_cursor *c,
					     unsigned long pfn)
{
	/* It may be split at any time. */
	return c->folio &&
	       pfn - folio_pfn(c->folio) < folio_nr_pages(c->folio) &&
	       page_folio(pfn_to_page(pfn)) == c->folio;
}

static void damon_paddr_release(struct damon_paddr_cursor *c)
{
	if (c->folio)
		folio_put(c->folio);
	c->folio = NULL;
}

/* Go to the folio that is sampled, if any; false if we are there already. */
static bool damon_paddr_seek(struct damon_paddr_cursor *c,
			     const struct damon_ctx *ctx,
			     const struct damon_region *r)
{
	unsigned long addr = damon_access_addr(&ctx->access, r);
	u64 byte = damon_paddr_byte(addr, ctx->spec.addr_unit);
	unsigned long pfn = damon_paddr_pfn(byte);

	if (damon_paddr_cursor_covers(c, pfn))
		return false;
	damon_paddr_release(c);
	if (!--c->left) {
		c->left = DAMON_PADDR_BATCH;
		cond_resched();
	}
	c->folio = damon_folio_get(pfn);
	return true;
}

static void damon_paddr_check(struct damon_ctx *ctx, struct damon_target *t)
{
	struct damon_paddr_cursor c = { .left = DAMON_PADDR_BATCH };
	struct damon_region *r = ctx->regions.cur + t->first;
	struct damon_region *end = r + t->nr_regions;
	struct damon_turn turn = damon_access_turn(&ctx->access);
	unsigned int i, p;

	for (i = t->first; r < end; r++, i++) {
		if (!(r->flags & DAMON_REGION_PREPARED) ||
		    !damon_turn_due(turn, r, i))
			continue;

		if (damon_paddr_seek(&c, ctx, r))
			c.young = c.folio && damon_folio_young(c.folio);
		damon_access_record(&ctx->access, r, c.young);
		r->flags &= ~DAMON_REGION_PREPARED;

		for (p = 0; p < ctx->nr_probes; p++)
			r->probe_hits[p] += damon_folio_passes(c.folio,
							&ctx->probes[p]);
	}
	damon_paddr_release(&c);
}

static void damon_paddr_prepare(struct damon_ctx *ctx, struct damon_target *t)
{
	struct damon_paddr_cursor c = { .left = DAMON_PADDR_BATCH };
	struct damon_region *r = ctx->regions.cur + t->first;
	struct damon_region *end = r + t->nr_regions;

	for (; r < end; r++) {
		if (r->flags & DAMON_REGION_PREPARED)
			continue;

		damon_access_advance(r);
		r->flags |= DAMON_REGION_PREPARED;
		if (damon_paddr_seek(&c, ctx, r) && c.folio)
			damon_folio_mkold(c.folio);
	}
	damon_paddr_release(&c);
}

/*
 * All checks go before all preparations: several samples may be in one folio,
 * and to prepare one of them wipes what the others have to see.
 */
static void damon_paddr_sample(struct damon_ctx *ctx, unsigned int what)
{
	struct damon_target *t;

	damon_assert_owner(ctx);

	if (what & DAMON_SAMPLE_CHECK) {
		damon_for_each_target(t, &ctx->regions)
			damon_paddr_check(ctx, t);
	}
	if (what & DAMON_SAMPLE_PREPARE) {
		damon_for_each_target(t, &ctx->regions)
			damon_paddr_prepare(ctx, t);
	}
}

static const struct damon_operations damon_paddr_ops = {
	.id = DAMON_OPS_PADDR,
	.score_kinds = damon_paddr_score_kinds,
	.sample = damon_paddr_sample,
	.apply = damon_paddr_apply,
};

static int __init damon_paddr_register(void)
{
	return damon_ops_register(&damon_paddr_ops);
}
subsys_initcall(damon_paddr_register);
