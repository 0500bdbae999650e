// SPDX-License-Identifier: GPL-2.0
/* Tests of the handling of folios, on real ones. */

#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/memblock.h>
#include <linux/memcontrol.h>
#include <linux/migrate.h>
#include <linux/nodemask.h>
#include <linux/page_idle.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include "../../internal.h"
#include "../folio.h"
#include "user_pages.h"

/* Usable folios */

static void folio_test_get(struct kunit *test)
{
	struct page *kernel = kernel_pages(test, 0);
	struct folio *folio, *large = lone_folio(test, 2);
	void *slab = kunit_kmalloc(test, 64, GFP_KERNEL);
	int refs = folio_ref_count(large);

	KUNIT_ASSERT_NOT_NULL(test, slab);
	for (int i = 0; i < 4; i++) {
		folio = damon_folio_get(folio_pfn(large) + i);
		KUNIT_EXPECT_PTR_EQ(test, folio, large);
		KUNIT_EXPECT_EQ(test, folio_ref_count(large), refs + 1);
		folio_put(large);
	}

	KUNIT_EXPECT_NULL(test, damon_folio_get(page_to_pfn(kernel)));
	KUNIT_EXPECT_EQ(test, page_count(kernel), 1);
	KUNIT_EXPECT_NULL(test, damon_folio_get(page_to_pfn(ZERO_PAGE(0))));
	KUNIT_EXPECT_NULL(test,
			  damon_folio_get(page_to_pfn(virt_to_page(slab))));
	KUNIT_EXPECT_NULL(test, damon_folio_get(ULONG_MAX));
	KUNIT_EXPECT_NULL(test, damon_folio_get(ULONG_MAX >> PAGE_SHIFT));
}

/* Accesses */

static void expect_age(struct kunit *test, struct folio *folio,
		       unsigned long addr)
{
	damon_folio_mkold(folio);
	user_flush();
	KUNIT_EXPECT_TRUE(test, folio_test_idle(folio));
	KUNIT_EXPECT_FALSE(test, damon_folio_young(folio));
	KUNIT_EXPECT_FALSE(test, damon_folio_mkold(folio));

	/* To look at it changes nothing. */
	folio_mark_accessed(folio);
	KUNIT_EXPECT_TRUE(test, damon_folio_young(folio));
	KUNIT_EXPECT_TRUE(test, damon_folio_young(folio));
	KUNIT_EXPECT_TRUE(test, damon_folio_mkold(folio));
	KUNIT_EXPECT_FALSE(test, damon_folio_young(folio));

	if (!addr || IS_ENABLED(CONFIG_UML))
		return;
	folio_test_clear_young(folio);
	user_flush();
	user_touch(test, addr);
	KUNIT_EXPECT_TRUE(test, folio_test_idle(folio));
	KUNIT_EXPECT_TRUE(test, damon_folio_young(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_young(folio));

	/* Reclaim still has to see it. */
	KUNIT_EXPECT_TRUE(test, damon_folio_mkold(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_young(folio));
	KUNIT_EXPECT_FALSE(test, damon_folio_young(folio));
}

static void folio_test_age_anon(struct kunit *test)
{
	user_map(test, NULL, USER_BASE, PAGE_SIZE);
	user_populate(test, USER_BASE, PAGE_SIZE);
	expect_age(test, user_folio(test, USER_BASE), USER_BASE);
}

static void folio_test_age_file(struct kunit *test)
{
	struct file *file = user_file(test, PAGE_SIZE);
	struct folio *folio;

	user_map(test, file, USER_BASE, PAGE_SIZE);
	user_populate(test, USER_BASE, PAGE_SIZE);
	folio = user_folio(test, USER_BASE);
	expect_age(test, folio, USER_BASE);

	/* Nothing is known, and nothing changes, if it is locked. */
	folio_mark_accessed(folio);
	folio_lock(folio);
	KUNIT_EXPECT_FALSE(test, damon_folio_young(folio));
	KUNIT_EXPECT_FALSE(test, damon_folio_mkold(folio));
	folio_unlock(folio);
	KUNIT_EXPECT_TRUE(test, damon_folio_young(folio));
}

/* Any of several mappings counts. */
static void folio_test_age_shared(struct kunit *test)
{
	struct file *file = user_file(test, PAGE_SIZE);

	user_map(test, file, USER_BASE, PAGE_SIZE);
	user_map(test, file, USER_BASE + 4 * PAGE_SIZE, PAGE_SIZE);
	user_populate(test, USER_BASE, PAGE_SIZE);
	user_populate(test, USER_BASE + 4 * PAGE_SIZE, PAGE_SIZE);
	KUNIT_ASSERT_PTR_EQ(test, user_folio(test, USER_BASE),
			    user_folio(test, USER_BASE + 4 * PAGE_SIZE));
	expect_age(test, user_folio(test, USER_BASE), USER_BASE);
	expect_age(test, user_folio(test, USER_BASE),
		   USER_BASE + 4 * PAGE_SIZE);
}

static void folio_test_age_unmapped(struct kunit *test)
{
	struct folio *folio = lone_folio(test, 0);

	expect_age(test, folio, 0);
	expect_age(test, lone_folio(test, 2), 0);

	/* No lock is needed. */
	folio_mark_accessed(folio);
	folio_lock(folio);
	KUNIT_EXPECT_TRUE(test, damon_folio_mkold(folio));
	folio_unlock(folio);
}

/* Mapped as a whole, and then page by page. */
static void folio_test_age_huge(struct kunit *test)
{
	const unsigned long addr = ALIGN(USER_BASE, PMD_SIZE);
	struct folio *folio;

	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		kunit_skip(test, "no transparent huge pages");
	user_map(test, NULL, addr, PMD_SIZE);
	if (do_madvise(current->mm, addr, PMD_SIZE, MADV_HUGEPAGE))
		kunit_skip(test, "no transparent huge pages");
	user_populate(test, addr, PMD_SIZE);
	folio = user_folio(test, addr);
	if (folio_size(folio) != PMD_SIZE)
		kunit_skip(test, "got no transparent huge page");
	expect_age(test, folio, addr + PMD_SIZE / 4);

	/* The page table entry goes; the folio is freed or split later. */
	user_free_memory(test, addr + PMD_SIZE - PAGE_SIZE, PAGE_SIZE,
			 MADV_DONTNEED);
	expect_age(test, user_folio(test, addr), addr);
}

/* Filters */

static bool passes(struct folio *folio, const struct damos_filter_spec *spec,
		   struct mem_cgroup *memcg)
{
	struct damos_filter f = { .spec = spec, .memcg = memcg };
	struct damos_filters filters = {
		.vec = &f,
		.nr = 1,
		.allow = !spec->allow,
	};

	return damon_folio_passes(folio, &filters);
}

/* Four filters say the same about @folio. */
static void expect_has(struct kunit *test, struct folio *folio,
		       struct damos_filter_spec spec, struct mem_cgroup *memcg,
		       bool has)
{
	for (int i = 0; i < 4; i++) {
		spec.matching = i & 1;
		spec.allow = i & 2;
		KUNIT_EXPECT_EQ_MSG(test, passes(folio, &spec, memcg),
				    (has == spec.matching) == spec.allow,
				    "type %d, matching %d, allow %d", spec.type,
				    spec.matching, spec.allow);
	}
}

static void folio_test_filter_types(struct kunit *test)
{
	const struct damos_filter_spec anon = { DAMOS_FILTER_TYPE_ANON };
	const struct damos_filter_spec active = { DAMOS_FILTER_TYPE_ACTIVE };
	const struct damos_filter_spec unmapped = {
		DAMOS_FILTER_TYPE_UNMAPPED
	};
	struct damos_filter_spec size = { DAMOS_FILTER_TYPE_HUGEPAGE_SIZE };
	struct folio *lone = lone_folio(test, 0), *large = lone_folio(test, 2);
	struct folio *mapped;

	user_map(test, NULL, USER_BASE, PAGE_SIZE);
	user_populate(test, USER_BASE, PAGE_SIZE);
	mapped = user_folio(test, USER_BASE);

	expect_has(test, mapped, anon, NULL, true);
	expect_has(test, lone, anon, NULL, false);
	expect_has(test, NULL, anon, NULL, false);

	expect_has(test, mapped, unmapped, NULL, false);
	expect_has(test, lone, unmapped, NULL, true);
	expect_has(test, large, unmapped, NULL, true);
	expect_has(test, NULL, unmapped, NULL, false);

	expect_has(test, lone, active, NULL, false);
	folio_set_active(lone);
	expect_has(test, lone, active, NULL, true);
	folio_clear_active(lone);

	size.sz_range = (struct damon_size_range) { PAGE_SIZE, PAGE_SIZE };
	expect_has(test, lone, size, NULL, true);
	expect_has(test, large, size, NULL, false);
	size.sz_range.max = 4 * PAGE_SIZE;
	expect_has(test, large, size, NULL, true);
	size.sz_range.max--;
	expect_has(test, large, size, NULL, false);
	size.sz_range.min = 4 * PAGE_SIZE;
	expect_has(test, lone, size, NULL, false);
	expect_has(test, large, size, NULL, false);
}

static void folio_test_filter_memcg(struct kunit *test)
{
	const struct damos_filter_spec spec = { DAMOS_FILTER_TYPE_MEMCG };
	struct folio *folio = lone_folio(test, 0);
	struct mem_cgroup *other = (void *)&spec;
	struct mem_cgroup *memcg;

	rcu_read_lock();
	memcg = folio_memcg_check(folio);
	rcu_read_unlock();
	expect_has(test, folio, spec, memcg, memcg);
	expect_has(test, folio, spec, other, false);
	expect_has(test, folio, spec, NULL, false);
	expect_has(test, NULL, spec, memcg, false);
	expect_has(test, NULL, spec, NULL, false);
}

static void folio_test_filter_young(struct kunit *test)
{
	const struct damos_filter_spec spec = {
		.type = DAMOS_FILTER_TYPE_YOUNG,
		.matching = true,
		.allow = true,
	};
	struct folio *folio = lone_folio(test, 0);

	/* To ask makes it old. */
	damon_folio_mkold(folio);
	folio_mark_accessed(folio);
	KUNIT_EXPECT_TRUE(test, passes(folio, &spec, NULL));
	KUNIT_EXPECT_FALSE(test, passes(folio, &spec, NULL));
	KUNIT_EXPECT_FALSE(test, passes(NULL, &spec, NULL));
}

/* The first that matches decides, and then none is asked any more. */
static void folio_test_filter_order(struct kunit *test)
{
	const struct damos_filter_spec specs[] = {
		{ DAMOS_FILTER_TYPE_ANON, true, false },
		{ DAMOS_FILTER_TYPE_UNMAPPED, true, true },
		{ DAMOS_FILTER_TYPE_YOUNG, true, false },
	};
	struct damos_filter vec[] = {
		{ &specs[0] }, { &specs[1] }, { &specs[2] },
	};
	struct damos_filters filters = { .vec = vec, .nr = 3 };
	struct folio *folio = lone_folio(test, 0);

	folio_mark_accessed(folio);
	folio_clear_idle(folio);
	KUNIT_EXPECT_PTR_EQ(test, damon_folio_match(folio, &filters), &vec[1]);
	KUNIT_EXPECT_FALSE(test, folio_test_idle(folio));

	for (int i = 0; i < 2; i++) {
		filters.allow = i;
		filters.nr = 1;
		KUNIT_EXPECT_NULL(test, damon_folio_match(folio, &filters));
		KUNIT_EXPECT_EQ(test, damon_folio_passes(folio, &filters), i);
		filters.nr = 0;
		KUNIT_EXPECT_EQ(test, damon_folio_passes(folio, &filters), i);
		KUNIT_EXPECT_EQ(test, damon_folio_passes(NULL, &filters), i);
	}
}

/* The walk */

/* All of @folio, and only that, however the range cuts it. */
static void expect_walk_finds(struct kunit *test, struct folio *folio)
{
	unsigned long pfn = folio_pfn(folio), nr = folio_nr_pages(folio);
	int refs = folio_ref_count(folio);
	struct damon_folio_walk w;

	for (unsigned long i = 0; i < 2 * nr; i++) {
		bool peek = i & 1;

		damon_folio_walk_begin(&w, pfn + i / 2, pfn + i / 2 + 1, peek);
		KUNIT_EXPECT_NULL(test, damon_folio_walk_next(&w));
		w.left = 10;
		KUNIT_EXPECT_PTR_EQ(test, damon_folio_walk_next(&w), folio);
		KUNIT_EXPECT_EQ(test, w.nr_pages, nr);
		KUNIT_EXPECT_EQ(test, w.pfn, pfn + nr);
		KUNIT_EXPECT_EQ(test, w.left, 9);
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio),
				refs + (nr > 1 || !peek));
		KUNIT_EXPECT_TRUE(test, damon_folio_walk_hold(&w));
		KUNIT_EXPECT_TRUE(test, damon_folio_walk_hold(&w));
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio), refs + 1);
		KUNIT_EXPECT_NULL(test, damon_folio_walk_next(&w));
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio), refs);
	}
}

static void folio_test_walk_finds(struct kunit *test)
{
	expect_walk_finds(test, lone_folio(test, 0));
	expect_walk_finds(test, lone_folio(test, 2));
	expect_walk_finds(test, lone_folio(test, 5));
}

/* What was found without a reference may be gone when it is wanted. */
static void folio_test_walk_hold(struct kunit *test)
{
	struct folio *folio = lone_folio(test, 0);
	struct damon_folio_walk w;

	damon_folio_walk_begin(&w, folio_pfn(folio), folio_pfn(folio) + 1,
			       true);
	w.left = 1;
	KUNIT_ASSERT_PTR_EQ(test, damon_folio_walk_next(&w), folio);
	KUNIT_ASSERT_TRUE(test, folio_isolate_lru(folio));
	KUNIT_EXPECT_FALSE(test, damon_folio_walk_hold(&w));
	folio_putback_lru(folio);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, damon_folio_walk_hold(&w));
	KUNIT_EXPECT_NULL(test, damon_folio_walk_next(&w));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
}

/* Returns the steps that it takes to find nothing in a range. */
static unsigned int steps_over(struct kunit *test, unsigned long pfn,
			       unsigned long end)
{
	struct damon_folio_walk w;

	damon_folio_walk_begin(&w, pfn, end, false);
	w.left = 10000;
	KUNIT_EXPECT_NULL(test, damon_folio_walk_next(&w));
	KUNIT_EXPECT_GE(test, w.pfn, end);
	return 10000 - w.left;
}

static void folio_test_walk_kernel(struct kunit *test)
{
	unsigned long pfn = page_to_pfn(kernel_pages(test, 4));

	KUNIT_EXPECT_EQ(test, steps_over(test, pfn, pfn + 16), 1);
	KUNIT_EXPECT_EQ(test, steps_over(test, pfn + 5, pfn + 16), 1);
	KUNIT_EXPECT_EQ(test, steps_over(test, pfn + 5, pfn + 6), 1);
	KUNIT_EXPECT_EQ(test, steps_over(test, pfn + 5, pfn + 5), 0);
}

static void folio_test_walk_free(struct kunit *test)
{
	const unsigned long nr = 1UL << MAX_PAGE_ORDER;
	struct damon_folio_walk w;

	/* Somebody else may take it at any time. */
	for (int tries = 0; tries < 20; tries++) {
		struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOWARN,
						MAX_PAGE_ORDER);
		unsigned long pfn;

		if (!page)
			kunit_skip(test, "no memory for this");
		pfn = page_to_pfn(page);
		__free_pages(page, MAX_PAGE_ORDER);

		damon_folio_walk_begin(&w, pfn + nr / 2 + 3, pfn + nr, false);
		if (w.pfn == pfn + nr && steps_over(test, pfn, pfn + nr) == 1)
			return;
	}
	KUNIT_FAIL(test, "free memory is not stepped over");
}

static void folio_test_walk_holes(struct kunit *test)
{
	unsigned long pfn = ALIGN(max_pfn, 1UL << 20);
	struct damon_folio_walk w;

	/* Not a step for each of the sections that are not there. */
	KUNIT_EXPECT_LE(test, steps_over(test, pfn, ULONG_MAX), 2);
	KUNIT_EXPECT_LE(test, steps_over(test, ULONG_MAX - 1, ULONG_MAX), 1);

	damon_folio_walk_begin(&w, 1, 0, true);
	w.left = 1;
	KUNIT_EXPECT_NULL(test, damon_folio_walk_next(&w));
	KUNIT_EXPECT_EQ(test, w.left, 1);
}

/* All memory: no folio twice, in order, and far fewer steps than pages. */
static void folio_test_walk_all(struct kunit *test)
{
	struct folio *mine[] = {
		lone_folio(test, 0), lone_folio(test, 3), lone_folio(test, 0),
	};
	unsigned int found[ARRAY_SIZE(mine)] = {};
	unsigned long steps = 0, last_end = 0;
	struct damon_folio_walk w;
	struct folio *folio;

	damon_folio_walk_begin(&w, 0, max_pfn, false);
	while (w.pfn < w.end) {
		w.left = 1000;
		while ((folio = damon_folio_walk_next(&w))) {
			KUNIT_ASSERT_GE(test, folio_pfn(folio), last_end);
			last_end = w.pfn;
			for (int i = 0; i < ARRAY_SIZE(mine); i++)
				found[i] += folio == mine[i];
		}
		steps += 1000 - w.left;
		cond_resched();
	}
	for (int i = 0; i < ARRAY_SIZE(mine); i++)
		KUNIT_EXPECT_EQ(test, found[i], 1);
	kunit_info(test, "%lu steps for %lu pages, %lu of them free\n", steps,
		   max_pfn, global_zone_page_state(NR_FREE_PAGES));
	KUNIT_EXPECT_LT(test, steps,
			max_pfn - global_zone_page_state(NR_FREE_PAGES) / 2);
}

/* Migration */

static void folio_test_migrate_refused(struct kunit *test)
{
	const int nids[] = { NUMA_NO_NODE, MAX_NUMNODES, INT_MIN, INT_MAX, 0 };
	struct folio *folio;
	LIST_HEAD(list);

	user_map(test, NULL, USER_BASE, PAGE_SIZE);
	user_populate(test, USER_BASE, PAGE_SIZE);
	folio = user_folio(test, USER_BASE);

	KUNIT_EXPECT_EQ(test, damon_folios_migrate(&list, 0), 0);
	for (int i = 0; i < ARRAY_SIZE(nids); i++) {
		/* The last one is where it is already. */
		int nid = nids[i] ?: folio_nid(folio);

		if (!isolate_folio_to_list(folio, &list))
			kunit_skip(test, "no migration");
		KUNIT_EXPECT_EQ(test, damon_folios_migrate(&list, nid), 0);
		KUNIT_EXPECT_TRUE(test, list_empty(&list));
		lru_add_drain_all();
		KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
		KUNIT_EXPECT_PTR_EQ(test, user_folio(test, USER_BASE), folio);
		KUNIT_EXPECT_EQ(test, damon_migrate_nid_valid(nid),
				nid == folio_nid(folio));
	}
}

static void folio_test_migrate(struct kunit *test)
{
	const unsigned long nr = 16;
	struct folio *folio;
	LIST_HEAD(list);
	int nid;

	if (num_node_state(N_MEMORY) < 2)
		kunit_skip(test, "one node only");
	user_map(test, NULL, USER_BASE, nr * PAGE_SIZE);
	user_populate(test, USER_BASE, nr * PAGE_SIZE);

	/* There and back again. */
	for_each_node_state(nid, N_MEMORY) {
		unsigned long away = 0;

		for (unsigned long i = 0; i < nr; i++) {
			folio = user_folio(test, USER_BASE + i * PAGE_SIZE);
			away += folio_nid(folio) != nid;
			KUNIT_ASSERT_TRUE(test,
					  isolate_folio_to_list(folio, &list));
		}
		KUNIT_EXPECT_EQ(test, damon_folios_migrate(&list, nid), away);
		lru_add_drain_all();
		for (unsigned long i = 0; i < nr; i++) {
			folio = user_folio(test, USER_BASE + i * PAGE_SIZE);
			KUNIT_EXPECT_EQ(test, folio_nid(folio), nid);
			KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
		}
	}
}

static struct kunit_case folio_cases[] = {
	KUNIT_CASE(folio_test_get),
	KUNIT_CASE(folio_test_age_anon),
	KUNIT_CASE(folio_test_age_file),
	KUNIT_CASE(folio_test_age_shared),
	KUNIT_CASE(folio_test_age_unmapped),
	KUNIT_CASE(folio_test_age_huge),
	KUNIT_CASE(folio_test_filter_types),
	KUNIT_CASE(folio_test_filter_memcg),
	KUNIT_CASE(folio_test_filter_young),
	KUNIT_CASE(folio_test_filter_order),
	KUNIT_CASE(folio_test_walk_finds),
	KUNIT_CASE(folio_test_walk_hold),
	KUNIT_CASE(folio_test_walk_kernel),
	KUNIT_CASE(folio_test_walk_free),
	KUNIT_CASE(folio_test_walk_holes),
	KUNIT_CASE(folio_test_walk_all),
	KUNIT_CASE(folio_test_migrate_refused),
	KUNIT_CASE(folio_test_migrate),
	{}
};

static struct kunit_suite folio_suite = {
	.name = "damon_folio",
	.test_cases = folio_cases,
};

kunit_test_suite(folio_suite);
