// SPDX-License-Identifier: GPL-2.0
/* Tests of the actions on physical memory, on real folios. */

#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/nodemask.h>
#include <linux/page_idle.h>
#include <linux/pagemap.h>

#include "../ctx.h"
#include "../folio.h"
#include "paddr_fixture.h"
#include "user_pages.h"

static void set_filter(struct paddr_test *pt, enum damos_filter_type type,
		       bool allow)
{
	pt->filter_spec = (struct damos_filter_spec) {
		.type = type,
		.matching = true,
		.allow = allow,
	};
	pt->scheme.ops_filters.nr = 1;
	pt->scheme.ops_filters.allow = !allow;
}

static void no_filter(struct paddr_test *pt)
{
	pt->scheme.ops_filters.nr = 0;
	pt->scheme.ops_filters.allow = true;
}

/* Go on with a pass; a pass begins when walked_to is 0. */
static void apply_on(struct paddr_test *pt, enum damos_action action,
		     unsigned long pfn, unsigned long nr)
{
	pt->spec.action = action;
	pt->job = (struct damos_job) {
		.scheme = &pt->scheme,
		.target = pt->ctx.regions.targets,
		.ar.start = core_addr(pt, pfn),
		.ar.end = core_addr(pt, pfn + nr),
		.end = core_addr(pt, pfn + nr),
		.by_core = pt->job.by_core,
		.deadline = KTIME_MAX,
	};
	pt->ctx.ops->apply(&pt->ctx, &pt->job);
}

static void apply(struct paddr_test *pt, enum damos_action action,
		  unsigned long pfn, unsigned long nr)
{
	pt->scheme.walked_to = 0;
	apply_on(pt, action, pfn, nr);
}

static void expect_result(struct kunit *test, unsigned long nr_applied,
			  unsigned long nr_passed)
{
	struct paddr_test *pt = test->priv;
	unsigned long unit = pt->ctx.spec.addr_unit;

	KUNIT_EXPECT_EQ_MSG(test, pt->job.applied, nr_applied * PAGE_SIZE / unit,
			    "action %d", pt->spec.action);
	KUNIT_EXPECT_EQ_MSG(test, pt->job.passed, nr_passed * PAGE_SIZE / unit,
			    "action %d", pt->spec.action);
	KUNIT_EXPECT_EQ(test, pt->job.end, pt->job.ar.end);
}

static void paddr_test_stat(struct kunit *test)
{
	struct folio *large = lone_folio(test, 2);
	unsigned long pfn = folio_pfn(large);
	struct paddr_test *pt = test->priv;

	/* Nobody asks, so nothing is looked at. */
	apply(pt, DAMOS_STAT, pfn, 4);
	expect_result(test, 0, 0);

	set_filter(pt, DAMOS_FILTER_TYPE_UNMAPPED, true);
	apply(pt, DAMOS_STAT, pfn, 4);
	expect_result(test, 0, 4);
	set_filter(pt, DAMOS_FILTER_TYPE_UNMAPPED, false);
	apply(pt, DAMOS_STAT, pfn, 4);
	expect_result(test, 0, 0);
	set_filter(pt, DAMOS_FILTER_TYPE_ANON, false);
	apply(pt, DAMOS_STAT, pfn, 4);
	expect_result(test, 0, 4);

	/* A filter of the core has decided. */
	set_filter(pt, DAMOS_FILTER_TYPE_UNMAPPED, false);
	pt->job.by_core = true;
	apply(pt, DAMOS_STAT, pfn, 4);
	expect_result(test, 0, 4);
	pt->job.by_core = false;

	set_filter(pt, DAMOS_FILTER_TYPE_YOUNG, true);
	folio_mark_accessed(large);
	folio_clear_idle(large);
	apply(pt, DAMOS_STAT, pfn, 4);
	expect_result(test, 0, 4);
	apply(pt, DAMOS_STAT, pfn, 4);
	expect_result(test, 0, 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(large), 1);
}

/* A folio is handled once in a pass, wherever the ranges cut it. */
static void paddr_test_large_once(struct kunit *test)
{
	const unsigned long units[] = { 1, 512, PAGE_SIZE };
	struct folio *large = lone_folio(test, 3);
	unsigned long pfn = folio_pfn(large);
	struct paddr_test *pt = test->priv;

	set_filter(pt, DAMOS_FILTER_TYPE_UNMAPPED, true);
	for (int i = 0; i < ARRAY_SIZE(units); i++) {
		set_unit(pt, units[i]);
		for (unsigned long cut = 1; cut < 8; cut++) {
			apply(pt, DAMOS_STAT, pfn, cut);
			expect_result(test, 0, 8);
			apply_on(pt, DAMOS_STAT, pfn + cut, 8 - cut);
			expect_result(test, 0, 0);

			/* The first part belongs to no range. */
			apply(pt, DAMOS_STAT, pfn + cut, 8 - cut);
			expect_result(test, 0, 8);
		}
	}
}

/* Of what follows a folio that a range begins in the middle of, too. */
static void paddr_test_large_neighbour(struct kunit *test)
{
	struct folio *folios[64], *left = NULL, *right = NULL;
	struct paddr_test *pt = test->priv;

	for (int i = 0; i < ARRAY_SIZE(folios); i++)
		folios[i] = lone_folio(test, 2);
	for (int i = 0; i < ARRAY_SIZE(folios); i++) {
		for (int j = 0; j < ARRAY_SIZE(folios) && !right; j++) {
			if (folio_pfn(folios[i]) + 4 != folio_pfn(folios[j]))
				continue;
			left = folios[i];
			right = folios[j];
		}
	}
	if (!right)
		kunit_skip(test, "got no adjacent folios");

	set_filter(pt, DAMOS_FILTER_TYPE_UNMAPPED, true);
	apply(pt, DAMOS_STAT, folio_pfn(left) + 3, 5);
	expect_result(test, 0, 8);
	apply(pt, DAMOS_STAT, folio_pfn(left) + 3, 2);
	expect_result(test, 0, 8);
	apply_on(pt, DAMOS_STAT, folio_pfn(right) + 1, 3);
	expect_result(test, 0, 0);
}

/* Time is up at once: step by step, forward, and all of it in the end. */
static void paddr_test_deadline(struct kunit *test)
{
	struct folio *large = lone_folio(test, 5);
	unsigned long pfn = ALIGN_DOWN(folio_pfn(large), 4096);
	unsigned long passed = 0, slices = 0, want;
	struct paddr_test *pt = test->priv;
	struct damon_addr_range ar;

	/* So that nothing else counts. */
	set_filter(pt, DAMOS_FILTER_TYPE_HUGEPAGE_SIZE, true);
	pt->filter_spec.sz_range.min = 32 * PAGE_SIZE;
	pt->filter_spec.sz_range.max = 32 * PAGE_SIZE;
	for (unsigned long unit = 64; unit <= 8 * PAGE_SIZE; unit *= 128) {
		set_unit(pt, unit);
		apply(pt, DAMOS_STAT, pfn, 4096);
		want = pt->job.passed;
		KUNIT_EXPECT_GE(test, want, 32 * PAGE_SIZE / unit);

		ar = pt->job.ar;
		passed = 0;
		pt->scheme.walked_to = 0;
		while (ar.start < ar.end) {
			pt->job.ar = ar;
			pt->job.deadline = 0;
			pt->job.end = ar.end;
			pt->job.passed = 0;
			pt->ctx.ops->apply(&pt->ctx, &pt->job);
			KUNIT_ASSERT_GT(test, pt->job.end, ar.start);
			KUNIT_ASSERT_LE(test, pt->job.end, ar.end);
			KUNIT_EXPECT_EQ(test, 0, (pt->job.end - ar.start) %
					pt->ctx.access.min_sz);
			ar.start = pt->job.end;
			passed += pt->job.passed;
			slices++;
		}
		KUNIT_EXPECT_EQ(test, passed, want);
	}
	kunit_info(test, "%lu slices\n", slices);
}

static void paddr_test_lru(struct kunit *test)
{
	struct folio *folio = lone_folio(test, 0);
	struct folio *large = lone_folio(test, 2);
	unsigned long pfn = folio_pfn(folio);
	struct paddr_test *pt = test->priv;

	if (lru_gen_enabled())
		kunit_skip(test, "no lists of active and inactive memory");

	/* Counted whether moved or not. */
	for (int i = 0; i < 2; i++) {
		apply(pt, DAMOS_LRU_PRIO, pfn, 1);
		expect_result(test, 1, 1);
		lru_add_drain_all();
		KUNIT_EXPECT_TRUE(test, folio_test_active(folio));
	}
	for (int i = 0; i < 2; i++) {
		apply(pt, DAMOS_LRU_DEPRIO, pfn, 1);
		expect_result(test, 1, 1);
		lru_add_drain_all();
		KUNIT_EXPECT_FALSE(test, folio_test_active(folio));
	}
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);

	set_unit(pt, 1024);
	set_filter(pt, DAMOS_FILTER_TYPE_ACTIVE, false);
	for (int i = 0; i < 2; i++) {
		apply(pt, DAMOS_LRU_PRIO, folio_pfn(large), 4);
		expect_result(test, i ? 0 : 4, i ? 0 : 4);
		lru_add_drain_all();
		KUNIT_EXPECT_TRUE(test, folio_test_active(large));
	}
	KUNIT_EXPECT_EQ(test, folio_ref_count(large), 1);
}

static void paddr_test_nothing(struct kunit *test)
{
	const enum damos_action actions[] = {
		DAMOS_WILLNEED, DAMOS_COLD, DAMOS_HUGEPAGE, DAMOS_NOHUGEPAGE,
		DAMOS_COLLAPSE,
	};
	unsigned long kernel = page_to_pfn(kernel_pages(test, 2));
	unsigned long pfn = folio_pfn(lone_folio(test, 0));
	struct paddr_test *pt = test->priv;

	for (int i = 0; i < ARRAY_SIZE(actions); i++) {
		apply(pt, actions[i], pfn, 1);
		expect_result(test, 0, 0);
	}

	set_filter(pt, DAMOS_FILTER_TYPE_ANON, false);
	for (int action = 0; action < NR_DAMOS_ACTIONS; action++) {
		apply(pt, action, kernel, 4);
		expect_result(test, 0, 0);
	}
}

/* Fresh anonymous pages that need not be written to be reclaimed. */
static unsigned long lazy_page(struct kunit *test, int i)
{
	const unsigned long addr = USER_BASE + i * PAGE_SIZE;

	user_map(test, NULL, addr, PAGE_SIZE);
	user_populate(test, addr, PAGE_SIZE);
	user_free_memory(test, addr, PAGE_SIZE, MADV_FREE);
	lru_add_drain_all();
	return folio_pfn(user_folio(test, addr));
}

/* A bit for each page that shall still be there. */
static void expect_pages(struct kunit *test, unsigned int pages, int nr)
{
	for (int i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ_MSG(test, pages >> i & 1,
				    user_is_mapped(USER_BASE + i * PAGE_SIZE),
				    "page %d of %x", i, pages);
}

static void paddr_test_pageout(struct kunit *test)
{
	unsigned long pfns[] = {
		lazy_page(test, 0), lazy_page(test, 1), lazy_page(test, 2),
	};
	struct paddr_test *pt = test->priv;

	for (int i = 0; i < ARRAY_SIZE(pfns); i++)
		damon_folio_mkold(pfn_folio(pfns[i]));
	user_flush();
	expect_pages(test, BIT(0) | BIT(1) | BIT(2), 3);

	/* What is young stays, and is old then. */
	folio_clear_idle(pfn_folio(pfns[0]));
	apply(pt, DAMOS_PAGEOUT, pfns[0], 1);
	expect_result(test, 0, 0);
	expect_pages(test, BIT(0) | BIT(1) | BIT(2), 3);
	KUNIT_EXPECT_TRUE(test, folio_test_idle(pfn_folio(pfns[0])));
	apply(pt, DAMOS_PAGEOUT, pfns[0], 1);
	expect_result(test, 1, 1);
	expect_pages(test, BIT(1) | BIT(2), 3);

	/* But not if a filter says something else. */
	folio_clear_idle(pfn_folio(pfns[1]));
	set_filter(pt, DAMOS_FILTER_TYPE_ANON, false);
	apply(pt, DAMOS_PAGEOUT, pfns[1], 1);
	expect_result(test, 0, 0);
	KUNIT_EXPECT_FALSE(test, folio_test_idle(pfn_folio(pfns[1])));
	set_filter(pt, DAMOS_FILTER_TYPE_YOUNG, true);
	apply(pt, DAMOS_PAGEOUT, pfns[1], 1);
	expect_result(test, 1, 1);
	expect_pages(test, BIT(2), 3);

	no_filter(pt);
	folio_clear_idle(pfn_folio(pfns[2]));
	pt->job.by_core = true;
	apply(pt, DAMOS_PAGEOUT, pfns[2], 1);
	expect_result(test, 1, 1);
	expect_pages(test, 0, 3);
}

/* What cannot be reclaimed is where it was, and passed all the same. */
static void paddr_test_pageout_refused(struct kunit *test)
{
	struct file *file = user_file(test, PAGE_SIZE);
	unsigned long pfn = lazy_page(test, 0);
	struct folio *folio = pfn_folio(pfn);
	struct paddr_test *pt = test->priv;

	damon_folio_mkold(folio);
	folio_get(folio);
	apply(pt, DAMOS_PAGEOUT, pfn, 1);
	expect_result(test, 0, 1);
	lru_add_drain_all();
	expect_pages(test, BIT(0), 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	folio_put(folio);

	mapping_set_unevictable(file->f_mapping);
	user_map(test, file, USER_BASE, PAGE_SIZE);
	user_populate(test, USER_BASE, PAGE_SIZE);
	folio = user_folio(test, USER_BASE);
	KUNIT_ASSERT_TRUE(test, folio_test_unevictable(folio));
	damon_folio_mkold(folio);
	apply(pt, DAMOS_PAGEOUT, folio_pfn(folio), 1);
	expect_result(test, 0, 1);
	lru_add_drain_all();
	expect_pages(test, BIT(0), 1);
	KUNIT_EXPECT_TRUE(test, folio_test_unevictable(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	mapping_clear_unevictable(file->f_mapping);
}

static void paddr_test_migrate(struct kunit *test)
{
	enum damos_action action = DAMOS_MIGRATE_COLD;
	struct paddr_test *pt = test->priv;
	struct folio *folio;
	int nid, from;

	user_map(test, NULL, USER_BASE, PAGE_SIZE);
	user_populate(test, USER_BASE, PAGE_SIZE);
	folio = user_folio(test, USER_BASE);

	/* Nowhere to go. */
	pt->spec.target_nid = NUMA_NO_NODE;
	apply(pt, action, folio_pfn(folio), 1);
	expect_result(test, 0, 1);
	pt->spec.target_nid = folio_nid(folio);
	apply(pt, action, folio_pfn(folio), 1);
	expect_result(test, 0, 1);
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));

	if (num_node_state(N_MEMORY) < 2)
		kunit_skip(test, "one node only");
	for_each_node_state(nid, N_MEMORY) {
		folio = user_folio(test, USER_BASE);
		from = folio_nid(folio);
		pt->spec.target_nid = nid;
		apply(pt, action, folio_pfn(folio), 1);
		expect_result(test, from != nid, 1);
		KUNIT_EXPECT_EQ(test, nid,
				folio_nid(user_folio(test, USER_BASE)));
		lru_add_drain_all();
		action = DAMOS_MIGRATE_HOT;
	}
}

static void paddr_test_ops(struct kunit *test)
{
	struct paddr_test *pt = test->priv;
	const struct damon_operations *ops = pt->ctx.ops;

	KUNIT_EXPECT_NULL(test, ops->init);
	KUNIT_EXPECT_NULL(test, ops->update);
	KUNIT_EXPECT_NULL(test, ops->target_valid);
	KUNIT_EXPECT_EQ(test, ops->score_kinds[DAMOS_PAGEOUT],
			DAMOS_SCORE_COLD);
	KUNIT_EXPECT_EQ(test, ops->score_kinds[DAMOS_LRU_PRIO],
			DAMOS_SCORE_HOT);
	KUNIT_EXPECT_EQ(test, ops->score_kinds[DAMOS_STAT], DAMOS_SCORE_NONE);
}

static struct kunit_case paddr_cases[] = {
	KUNIT_CASE(paddr_test_stat),
	KUNIT_CASE(paddr_test_large_once),
	KUNIT_CASE(paddr_test_large_neighbour),
	KUNIT_CASE(paddr_test_deadline),
	KUNIT_CASE(paddr_test_lru),
	KUNIT_CASE(paddr_test_nothing),
	KUNIT_CASE(paddr_test_pageout),
	KUNIT_CASE(paddr_test_pageout_refused),
	KUNIT_CASE(paddr_test_migrate),
	KUNIT_CASE(paddr_test_ops),
	{}
};

static struct kunit_suite paddr_suite = {
	.name = "damon_paddr_actions",
	.init = paddr_init,
	.exit = paddr_exit,
	.test_cases = paddr_cases,
};

kunit_test_suite(paddr_suite);
