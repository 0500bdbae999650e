// SPDX-License-Identifier: GPL-2.0
/* Tests of the sampling of physical memory, on real folios. */

#include <kunit/test.h>
#include <linux/memblock.h>
#include <linux/page_idle.h>

#include "../../internal.h"
#include "../ctx.h"
#include "../policy/region.h"
#include "paddr_fixture.h"
#include "user_pages.h"

/* Start over with regions of one page each, their first samples prepared. */
static void prepare(struct kunit *test, const unsigned long *pfns,
		    unsigned int nr)
{
	struct paddr_test *pt = test->priv;
	struct damon_regions *rs = &pt->ctx.regions;

	for (unsigned int i = 0; i < nr; i++) {
		rs->cur[i] = (struct damon_region) {
			.ar.start = core_addr(pt, pfns[i]),
			.ar.end = core_addr(pt, pfns[i] + 1),
			/* A hit that is not expected would be confirmed. */
			.rate = DAMON_RATE_ONE,
		};
	}
	rs->nr = nr;
	rs->targets[0].nr_regions = nr;
	pt->ctx.ops->sample(&pt->ctx, DAMON_SAMPLE_PREPARE);
	for (unsigned int i = 0; i < nr; i++)
		KUNIT_EXPECT_TRUE(test,
				  rs->cur[i].flags & DAMON_REGION_PREPARED);
	user_flush();
}

/* A bit of @hits for each page. */
static void expect_hits(struct kunit *test, unsigned int hits, unsigned int nr)
{
	struct paddr_test *pt = test->priv;

	pt->ctx.ops->sample(&pt->ctx, DAMON_SAMPLE_CHECK);
	for (unsigned int i = 0; i < nr; i++) {
		struct damon_region *r = &pt->ctx.regions.cur[i];

		KUNIT_EXPECT_FALSE(test, r->flags & DAMON_REGION_PREPARED);
		KUNIT_EXPECT_EQ_MSG(test, r->checks, 1, "page %u", i);
		KUNIT_EXPECT_EQ_MSG(test, r->hits, hits >> i & 1, "page %u",
				    i);
	}
}

static void paddr_test_sample(struct kunit *test)
{
	struct folio *touched = lone_folio(test, 0);
	struct folio *large = lone_folio(test, 2);
	struct folio *late = lone_folio(test, 0);
	const unsigned long pfns[] = {
		folio_pfn(lone_folio(test, 0)),
		folio_pfn(touched),
		page_to_pfn(kernel_pages(test, 0)),
		ALIGN(max_pfn, 1UL << 20),	/* nothing */
		folio_pfn(large),
		folio_pfn(large) + 3,
		folio_pfn(late),		/* not there for the check */
	};

	/* Old accesses do not count, new ones do. */
	folio_mark_accessed(touched);
	prepare(test, pfns, 7);
	expect_hits(test, 0, 7);

	prepare(test, pfns, 7);
	folio_mark_accessed(touched);
	folio_mark_accessed(large);
	folio_mark_accessed(late);
	folio_isolate_lru(late);
	expect_hits(test, BIT(1) | BIT(4) | BIT(5), 7);
	folio_putback_lru(late);

	/* One that has appeared since then is new, so somebody touched it. */
	prepare(test, pfns, 7);
	folio_clear_idle(touched);
	expect_hits(test, BIT(1), 7);
}

static void paddr_test_mapped(struct kunit *test)
{
	unsigned long pfns[3];

	user_map(test, NULL, USER_BASE, 3 * PAGE_SIZE);
	user_populate(test, USER_BASE, 3 * PAGE_SIZE);
	for (int i = 0; i < 3; i++)
		pfns[i] = folio_pfn(user_folio(test, USER_BASE + i * PAGE_SIZE));
	prepare(test, pfns, 3);
	expect_hits(test, 0, 3);

	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "accesses by kernel threads are not seen");
	prepare(test, pfns, 3);
	user_touch(test, USER_BASE + PAGE_SIZE);
	expect_hits(test, BIT(1), 3);
}

/* Core addresses are in units, and their product may be too much. */
static void paddr_test_unit(struct kunit *test)
{
	const unsigned long units[] = { 2, PAGE_SIZE / 2, PAGE_SIZE };
	struct folio *folio = lone_folio(test, 0);
	const unsigned long pfns[] = { folio_pfn(folio) };
	struct paddr_test *pt = test->priv;
	struct damon_region *r = pt->ctx.regions.cur;

	for (int i = 0; i < ARRAY_SIZE(units); i++) {
		set_unit(pt, units[i]);
		prepare(test, pfns, 1);
		folio_mark_accessed(folio);
		expect_hits(test, BIT(0), 1);
	}

	/* The same address, but for what does not fit. */
	set_unit(pt, PAGE_SIZE);
	prepare(test, pfns, 1);
	r->ar.start |= ~(ULONG_MAX >> PAGE_SHIFT);
	r->ar.end = r->ar.start + 1;
	r->flags = 0;
	pt->ctx.ops->sample(&pt->ctx, DAMON_SAMPLE_PREPARE);
	folio_mark_accessed(folio);
	expect_hits(test, 0, 1);
}

/* Neighbours in one folio: to prepare one must not hide what others see. */
static void paddr_test_protocol(struct kunit *test)
{
	struct folio *large = lone_folio(test, 1);
	const unsigned long pfns[] = { folio_pfn(large), folio_pfn(large) + 1 };
	struct paddr_test *pt = test->priv;
	struct damon_region *r = pt->ctx.regions.cur;
	u32 phase;

	prepare(test, pfns, 2);
	phase = r->phase;

	/* What is prepared stays so. */
	pt->ctx.ops->sample(&pt->ctx, DAMON_SAMPLE_PREPARE);
	KUNIT_EXPECT_EQ(test, r->phase, phase);

	folio_mark_accessed(large);
	pt->ctx.ops->sample(&pt->ctx,
			    DAMON_SAMPLE_CHECK | DAMON_SAMPLE_PREPARE);
	for (int i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, r[i].hits, 1);
		KUNIT_EXPECT_EQ(test, r[i].checks, 1);
		KUNIT_EXPECT_TRUE(test, r[i].flags & DAMON_REGION_PREPARED);
	}
	KUNIT_EXPECT_NE(test, r->phase, phase);

	/* Each sample is checked once. */
	for (int i = 0; i < 2; i++)
		pt->ctx.ops->sample(&pt->ctx, DAMON_SAMPLE_CHECK);
	KUNIT_EXPECT_EQ(test, r->hits, 1);
	KUNIT_EXPECT_EQ(test, r->checks, 2);
}

static void paddr_test_probes(struct kunit *test)
{
	struct damos_filter_spec specs[] = {
		{ DAMOS_FILTER_TYPE_ANON, true, true },
		{ DAMOS_FILTER_TYPE_ANON, false, true },
		{ DAMOS_FILTER_TYPE_ANON, true, false },
	};
	struct damos_filter vec[] = {
		{ &specs[0] }, { &specs[1] }, { &specs[2] },
	};
	struct paddr_test *pt = test->priv;
	struct damon_region *r = pt->ctx.regions.cur;
	/* For each probe: an anonymous page, another one, none. */
	const u8 want[4][3] = {
		{ 1, 0, 0 }, { 0, 1, 1 }, { 0, 1, 1 }, { 1, 1, 1 },
	};
	unsigned long pfns[3];

	user_map(test, NULL, USER_BASE, PAGE_SIZE);
	user_populate(test, USER_BASE, PAGE_SIZE);
	pfns[0] = folio_pfn(user_folio(test, USER_BASE));
	pfns[1] = folio_pfn(lone_folio(test, 0));
	pfns[2] = page_to_pfn(kernel_pages(test, 0));
	for (int i = 0; i < 3; i++) {
		pt->ctx.probes[i].vec = &vec[i];
		pt->ctx.probes[i].nr = 1;
		pt->ctx.probes[i].allow = !specs[i].allow;
	}
	pt->ctx.probes[3].allow = true;
	pt->ctx.nr_probes = 4;

	/* Only what is checked counts. */
	prepare(test, pfns, 3);
	pt->ctx.ops->sample(&pt->ctx, DAMON_SAMPLE_CHECK);
	pt->ctx.ops->sample(&pt->ctx, DAMON_SAMPLE_CHECK);
	for (int probe = 0; probe < 4; probe++) {
		for (int i = 0; i < 3; i++)
			KUNIT_EXPECT_EQ_MSG(test, r[i].probe_hits[probe],
					    want[probe][i], "probe %d, page %d",
					    probe, i);
	}
	pt->ctx.ops->sample(&pt->ctx,
			    DAMON_SAMPLE_CHECK | DAMON_SAMPLE_PREPARE);
	pt->ctx.ops->sample(&pt->ctx, DAMON_SAMPLE_CHECK);
	KUNIT_EXPECT_EQ(test, r[0].probe_hits[0], 2);
}

static struct kunit_case paddr_cases[] = {
	KUNIT_CASE(paddr_test_sample),
	KUNIT_CASE(paddr_test_mapped),
	KUNIT_CASE(paddr_test_unit),
	KUNIT_CASE(paddr_test_protocol),
	KUNIT_CASE(paddr_test_probes),
	{}
};

static struct kunit_suite paddr_suite = {
	.name = "damon_paddr",
	.init = paddr_init,
	.exit = paddr_exit,
	.test_cases = paddr_cases,
};

kunit_test_suite(paddr_suite);
