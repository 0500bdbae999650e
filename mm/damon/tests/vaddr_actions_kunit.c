// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the actions on virtual address spaces, on the real memory map of
 * the test's own thread.
 */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/nodemask.h>
#include <linux/page_idle.h>
#include <linux/swap.h>
#include <asm/tlbflush.h>

#include "../ctx.h"
#include "../vaddr.h"
#include "user_mem.h"

/* Beginning of a huge page, whatever the size of those. */
#define TEST_BASE	ALIGN(0x10000000UL, PMD_SIZE)

/* More single pages than the walk picks in one slice. */
#define TEST_SLICES	300

struct test_state {
	struct damon_ctx ctx;
	struct damon_target target;
	struct damos_spec spec;
	struct damos_filter_spec filter_spec;
	struct damos_filter filter;
	struct damos scheme;
	struct damos_job job;
};

static struct mm_struct *no_mm(const struct damon_target *t)
{
	return NULL;
}

static int vaddr_actions_init(struct kunit *test)
{
	struct test_state *st = kunit_kzalloc(test, sizeof(*st), GFP_KERNEL);

	if (!st)
		return -ENOMEM;
	st->ctx.ops = damon_ops_get(DAMON_OPS_VADDR);
	st->spec.target_nid = NUMA_NO_NODE;
	st->scheme.spec = &st->spec;
	st->scheme.ops_filters.allow = true;
	test->priv = st;
	kunit_activate_static_stub(test, damon_target_get_mm, user_mem_mm);
	return 0;
}

static void filter_by(struct kunit *test, enum damos_filter_type type,
		      bool matching, bool allow)
{
	struct test_state *st = test->priv;

	st->filter_spec.type = type;
	st->filter_spec.matching = matching;
	st->filter_spec.allow = allow;
	st->filter.spec = &st->filter_spec;
	st->scheme.ops_filters.vec = &st->filter;
	st->scheme.ops_filters.nr = 1;
	st->scheme.ops_filters.allow = !allow;
}

/* One call, with this much time. */
static struct damos_job *apply_for(struct kunit *test, enum damos_action action,
				   unsigned long start, unsigned long end,
				   int seconds)
{
	struct test_state *st = test->priv;

	st->spec.action = action;
	st->job = (struct damos_job){
		.scheme = &st->scheme,
		.target = &st->target,
		.ar = { start, end },
		.by_core = st->job.by_core,
		.deadline = ktime_add_ms(ktime_get(), seconds * MSEC_PER_SEC),
		.end = end,
	};
	st->ctx.ops->apply(&st->ctx, &st->job);

	KUNIT_EXPECT_GT(test, st->job.end, start);
	KUNIT_EXPECT_LE(test, st->job.end, end);
	KUNIT_EXPECT_TRUE(test, PAGE_ALIGNED(st->job.end));
	if (seconds > 0)
		KUNIT_EXPECT_EQ(test, st->job.end, end);
	return &st->job;
}

/* As the first region of a pass. */
static struct damos_job *apply(struct kunit *test, enum damos_action action,
			       unsigned long start, unsigned long end)
{
	struct test_state *st = test->priv;

	st->scheme.walked_to = 0;
	return apply_for(test, action, start, end, 600);
}

static void expect_nothing(struct kunit *test, enum damos_action action,
			   unsigned long start, unsigned long end)
{
	struct damos_job *job = apply(test, action, start, end);

	KUNIT_EXPECT_EQ(test, job->applied, 0);
	KUNIT_EXPECT_EQ(test, job->passed, 0);
}

/* Map and populate base pages. */
static void map_small(struct kunit *test, unsigned long addr, unsigned int nr)
{
	user_map(test, NULL, addr, nr * PAGE_SIZE);
	if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		do_madvise(current->mm, addr, nr * PAGE_SIZE, MADV_NOHUGEPAGE);
	user_populate(test, addr, nr * PAGE_SIZE);
}

static unsigned int nr_present(unsigned long start, unsigned long end)
{
	unsigned int nr = 0;

	for (; start < end; start += PAGE_SIZE) {
		struct folio *folio = user_folio_get(start);

		if (folio) {
			nr++;
			folio_put(folio);
		}
	}
	return nr;
}

static bool is_huge(unsigned long addr)
{
	struct folio *folio = user_folio_get(addr);
	bool huge = folio && folio_size(folio) == PMD_SIZE;

	if (folio)
		folio_put(folio);
	return huge;
}

/* Map a huge page, in one piece. */
static void map_huge(struct kunit *test, unsigned long addr)
{
	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		kunit_skip(test, "no transparent huge pages");
	user_map(test, NULL, addr, PMD_SIZE);
	if (do_madvise(current->mm, addr, PMD_SIZE, MADV_HUGEPAGE))
		kunit_skip(test, "no transparent huge pages");
	user_populate(test, addr, PMD_SIZE);
	if (!is_huge(addr))
		kunit_skip(test, "got no transparent huge page");
}

static void actions_test_scores(struct kunit *test)
{
	const struct test_state *st = test->priv;
	const struct damon_operations *fvaddr = damon_ops_get(DAMON_OPS_FVADDR);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fvaddr);
	KUNIT_EXPECT_PTR_EQ(test, fvaddr->apply, st->ctx.ops->apply);
	KUNIT_EXPECT_PTR_EQ(test, fvaddr->score_kinds, st->ctx.ops->score_kinds);

	for (i = 0; i < NR_DAMOS_ACTIONS; i++) {
		enum damos_score_kind want = DAMOS_SCORE_NONE;

		if (i == DAMOS_PAGEOUT || i == DAMOS_MIGRATE_COLD)
			want = DAMOS_SCORE_COLD;
		else if (i == DAMOS_MIGRATE_HOT)
			want = DAMOS_SCORE_HOT;
		KUNIT_EXPECT_EQ_MSG(test, st->ctx.ops->score_kinds[i], want,
				    "action %d", i);
	}
}

/* What does nothing says so. */
static void actions_test_nothing(struct kunit *test)
{
	const unsigned long end = TEST_BASE + 4 * PAGE_SIZE;
	int i;

	map_small(test, TEST_BASE, 4);
	expect_nothing(test, DAMOS_LRU_PRIO, TEST_BASE, end);
	expect_nothing(test, DAMOS_LRU_DEPRIO, TEST_BASE, end);
	expect_nothing(test, DAMOS_STAT, TEST_BASE, end);
	KUNIT_EXPECT_EQ(test, nr_present(TEST_BASE, end), 4);

	/* A process that has just ended. */
	kunit_deactivate_static_stub(test, damon_target_get_mm);
	kunit_activate_static_stub(test, damon_target_get_mm, no_mm);
	filter_by(test, DAMOS_FILTER_TYPE_ANON, true, true);
	for (i = 0; i < NR_DAMOS_ACTIONS; i++)
		expect_nothing(test, i, TEST_BASE, end);
	KUNIT_EXPECT_EQ(test, nr_present(TEST_BASE, end), 4);
}

static void actions_test_cold(struct kunit *test)
{
	struct folio *folio[4];
	struct damos_job *job;
	int i;

	map_small(test, TEST_BASE, 4);
	for (i = 0; i < 4; i++) {
		folio[i] = user_folio_get(TEST_BASE + i * PAGE_SIZE);
		KUNIT_ASSERT_NOT_NULL(test, folio[i]);
		folio_mark_accessed(folio[i]);
		folio_mark_accessed(folio[i]);
	}
	lru_add_drain_all();
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_TRUE(test, folio_test_active(folio[i]));

	/* Folios are not filtered. */
	filter_by(test, DAMOS_FILTER_TYPE_ANON, true, false);
	job = apply(test, DAMOS_COLD, TEST_BASE + PAGE_SIZE,
		    TEST_BASE + 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, job->applied, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, job->passed, 0);
	lru_add_drain_all();
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ_MSG(test, folio_test_active(folio[i]),
				    i == 0 || i == 3, "page %d", i);
		folio_put(folio[i]);
	}
}

/* Without swap, only what nobody needs any more can be paged out. */
static void actions_test_pageout(struct kunit *test)
{
	const unsigned long end = TEST_BASE + 8 * PAGE_SIZE;
	struct damos_job *job;

	map_small(test, TEST_BASE, 8);
	KUNIT_ASSERT_EQ(test, 0, do_madvise(current->mm, TEST_BASE,
					    8 * PAGE_SIZE, MADV_FREE));
	lru_add_drain_all();
	KUNIT_ASSERT_EQ(test, nr_present(TEST_BASE, end), 8);

	job = apply(test, DAMOS_PAGEOUT, TEST_BASE, end - 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, job->applied, 6 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, nr_present(TEST_BASE, end), 2);
	KUNIT_EXPECT_EQ(test, nr_present(end - 2 * PAGE_SIZE, end), 2);
}

static vm_flags_t flags_at(unsigned long addr)
{
	struct vm_area_struct *vma;
	vm_flags_t flags = 0;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	if (vma)
		flags = vma->vm_flags & (VM_HUGEPAGE | VM_NOHUGEPAGE);
	mmap_read_unlock(current->mm);
	return flags;
}

static void actions_test_hugepage(struct kunit *test)
{
	const unsigned long end = TEST_BASE + 4 * PMD_SIZE;
	struct damos_job *job;

	user_map(test, NULL, TEST_BASE, 4 * PMD_SIZE);
	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE)) {
		expect_nothing(test, DAMOS_HUGEPAGE, TEST_BASE, end);
		expect_nothing(test, DAMOS_NOHUGEPAGE, TEST_BASE, end);
		expect_nothing(test, DAMOS_COLLAPSE, TEST_BASE, end);
		return;
	}

	/* All at once, even if there is no time. */
	job = apply_for(test, DAMOS_HUGEPAGE, TEST_BASE, end, -1);
	KUNIT_EXPECT_EQ(test, job->end, end);
	KUNIT_EXPECT_EQ(test, job->applied, 4 * PMD_SIZE);
	KUNIT_EXPECT_EQ(test, flags_at(TEST_BASE), VM_HUGEPAGE);
	KUNIT_EXPECT_EQ(test, flags_at(end - PAGE_SIZE), VM_HUGEPAGE);

	job = apply(test, DAMOS_NOHUGEPAGE, TEST_BASE, TEST_BASE + PMD_SIZE);
	KUNIT_EXPECT_EQ(test, job->applied, PMD_SIZE);
	KUNIT_EXPECT_EQ(test, flags_at(TEST_BASE), VM_NOHUGEPAGE);
	KUNIT_EXPECT_EQ(test, flags_at(TEST_BASE + PMD_SIZE), VM_HUGEPAGE);
}

static void actions_test_collapse(struct kunit *test)
{
	const unsigned long mid = TEST_BASE + PMD_SIZE;
	const unsigned long end = TEST_BASE + 2 * PMD_SIZE;
	struct vm_area_struct *vma;
	struct damos_job *job;

	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		kunit_skip(test, "no transparent huge pages");
	user_map(test, NULL, TEST_BASE, 2 * PMD_SIZE);
	if (do_madvise(current->mm, TEST_BASE, 2 * PMD_SIZE, MADV_NOHUGEPAGE))
		kunit_skip(test, "no transparent huge pages");
	user_populate(test, TEST_BASE, 2 * PMD_SIZE);
	expect_nothing(test, DAMOS_COLLAPSE, TEST_BASE, end);

	/* To advise the contrary would make others collapse it, too. */
	mmap_write_lock(current->mm);
	vma = vma_lookup(current->mm, TEST_BASE);
	if (vma)
		vm_flags_clear(vma, VM_NOHUGEPAGE);
	mmap_write_unlock(current->mm);
	KUNIT_ASSERT_NOT_NULL(test, vma);

	/* One at a time if there is no time. */
	job = apply_for(test, DAMOS_COLLAPSE, TEST_BASE, end, -1);
	KUNIT_EXPECT_EQ(test, job->end, mid);
	KUNIT_EXPECT_EQ(test, job->applied, PMD_SIZE);
	KUNIT_EXPECT_TRUE(test, is_huge(TEST_BASE));
	KUNIT_EXPECT_FALSE(test, is_huge(mid));

	job = apply(test, DAMOS_COLLAPSE, TEST_BASE, end);
	KUNIT_EXPECT_EQ(test, job->applied, 2 * PMD_SIZE);
	KUNIT_EXPECT_TRUE(test, is_huge(mid));
}

/* A hole costs the huge page that it is in, and no time. */
static void actions_test_holes(struct kunit *test)
{
	const unsigned long far = TEST_BASE + 64 * PMD_SIZE;
	struct damos_job *job;

	user_map(test, NULL, TEST_BASE, PMD_SIZE + PAGE_SIZE);
	user_map(test, NULL, far + PAGE_SIZE, 2 * PMD_SIZE - PAGE_SIZE);

	job = apply(test, DAMOS_COLD, TEST_BASE, far + 2 * PMD_SIZE);
	KUNIT_EXPECT_EQ(test, job->applied, 3 * PMD_SIZE - PAGE_SIZE);

	job = apply_for(test, DAMOS_COLD, TEST_BASE, far + 2 * PMD_SIZE, -1);
	KUNIT_EXPECT_EQ(test, job->end, TEST_BASE + PMD_SIZE);
	KUNIT_EXPECT_EQ(test, job->applied, PMD_SIZE);
	job = apply_for(test, DAMOS_COLD, job->end, far + 2 * PMD_SIZE, -1);
	KUNIT_EXPECT_EQ(test, job->end, far + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, job->applied, 0);
	job = apply_for(test, DAMOS_COLD, job->end, far + 2 * PMD_SIZE, -1);
	KUNIT_EXPECT_EQ(test, job->end, far + PMD_SIZE);
	KUNIT_EXPECT_EQ(test, job->applied, PMD_SIZE - PAGE_SIZE);

	/* Nothing at all behind, up to the last address there is. */
	job = apply(test, DAMOS_COLD, far + 2 * PMD_SIZE,
		    ALIGN_DOWN(ULONG_MAX, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, job->applied, 0);
}

static void actions_test_stat(struct kunit *test)
{
	const unsigned long end = TEST_BASE + 16 * PAGE_SIZE;
	struct test_state *st = test->priv;
	int zero = -1;

	user_map(test, NULL, TEST_BASE, 8 * PAGE_SIZE);
	user_map(test, NULL, TEST_BASE + 12 * PAGE_SIZE, 4 * PAGE_SIZE);
	if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		do_madvise(current->mm, TEST_BASE, 8 * PAGE_SIZE,
			   MADV_NOHUGEPAGE);
	user_populate(test, TEST_BASE, 2 * PAGE_SIZE);
	user_populate(test, TEST_BASE + 12 * PAGE_SIZE, 3 * PAGE_SIZE);
	/* The zero page is nobody's. */
	KUNIT_ASSERT_EQ(test, 0, get_user(zero, (int __user *)(TEST_BASE +
						       4 * PAGE_SIZE)));
	KUNIT_ASSERT_EQ(test, zero, 0);

	filter_by(test, DAMOS_FILTER_TYPE_ANON, true, true);
	apply(test, DAMOS_STAT, TEST_BASE, end);
	KUNIT_EXPECT_EQ(test, st->job.passed, 5 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, st->job.applied, 0);
	apply(test, DAMOS_STAT, TEST_BASE + PAGE_SIZE, end - 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, st->job.passed, 2 * PAGE_SIZE);

	filter_by(test, DAMOS_FILTER_TYPE_ANON, true, false);
	expect_nothing(test, DAMOS_STAT, TEST_BASE, end);
	/* What a core filter lets pass is not asked again. */
	st->job.by_core = true;
	apply(test, DAMOS_STAT, TEST_BASE, end);
	KUNIT_EXPECT_EQ(test, st->job.passed, 5 * PAGE_SIZE);
}

static void actions_test_young(struct kunit *test)
{
	const unsigned long end = TEST_BASE + 8 * PAGE_SIZE;
	struct damos_job *job;

	map_small(test, TEST_BASE, 8);

	/* To ask is to make old. */
	filter_by(test, DAMOS_FILTER_TYPE_YOUNG, true, true);
	job = apply(test, DAMOS_STAT, TEST_BASE, end);
	KUNIT_EXPECT_EQ(test, job->passed, 8 * PAGE_SIZE);
	flush_tlb_mm(current->mm);
	job = apply(test, DAMOS_STAT, TEST_BASE, end);
	KUNIT_EXPECT_EQ(test, job->passed, 0);

	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "accesses by kernel threads are not seen");
	user_populate(test, TEST_BASE + 3 * PAGE_SIZE, 2 * PAGE_SIZE);
	job = apply(test, DAMOS_STAT, TEST_BASE, end);
	KUNIT_EXPECT_EQ(test, job->passed, 2 * PAGE_SIZE);
}

/* A folio counts with all of its size, and once. */
static void actions_test_large(struct kunit *test)
{
	const unsigned long mid = TEST_BASE + PMD_SIZE / 2;
	const unsigned long end = TEST_BASE + PMD_SIZE;
	struct damos_job *job;

	map_huge(test, TEST_BASE);
	filter_by(test, DAMOS_FILTER_TYPE_ANON, true, true);
	job = apply(test, DAMOS_STAT, TEST_BASE, TEST_BASE + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, job->passed, PMD_SIZE);
	job = apply_for(test, DAMOS_STAT, TEST_BASE + PAGE_SIZE, mid, 600);
	KUNIT_EXPECT_EQ(test, job->passed, 0);
	job = apply_for(test, DAMOS_STAT, mid, end, 600);
	KUNIT_EXPECT_EQ(test, job->passed, 0);
	/* From the middle of it, in another pass. */
	job = apply(test, DAMOS_STAT, mid, end);
	KUNIT_EXPECT_EQ(test, job->passed, PMD_SIZE);

	/* The same in pieces: such an edge breaks up the huge mapping. */
	KUNIT_ASSERT_EQ(test, 0, do_madvise(current->mm, TEST_BASE,
					    3 * PAGE_SIZE, MADV_DONTDUMP));
	job = apply(test, DAMOS_STAT, TEST_BASE, mid);
	KUNIT_EXPECT_EQ(test, job->passed, PMD_SIZE);
	job = apply_for(test, DAMOS_STAT, mid, end, 600);
	KUNIT_EXPECT_EQ(test, job->passed, 0);
	job = apply(test, DAMOS_STAT, mid, end);
	KUNIT_EXPECT_EQ(test, job->passed, PMD_SIZE);
}

/* When time is up, as much as a slice was done, and the rest can follow. */
static void actions_test_deadline(struct kunit *test)
{
	const unsigned long end = TEST_BASE + TEST_SLICES * PAGE_SIZE;
	unsigned long at = TEST_BASE;
	unsigned long passed = 0;
	unsigned int calls = 0;

	map_small(test, TEST_BASE, TEST_SLICES);

	filter_by(test, DAMOS_FILTER_TYPE_ANON, true, true);
	while (at < end && calls < TEST_SLICES) {
		struct damos_job *job = apply_for(test, DAMOS_STAT, at, end,
						  -1);

		KUNIT_EXPECT_EQ(test, job->passed, job->end - at);
		passed += job->passed;
		at = job->end;
		calls++;
	}
	KUNIT_EXPECT_EQ(test, calls, 2);
	KUNIT_EXPECT_EQ(test, passed, TEST_SLICES * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, apply(test, DAMOS_STAT, TEST_BASE, end)->passed,
			TEST_SLICES * PAGE_SIZE);
}

static void actions_test_bad_nodes(struct kunit *test)
{
	const int bad[] = { NUMA_NO_NODE, -5, MAX_NUMNODES, INT_MAX };
	const unsigned long end = TEST_BASE + 4 * PAGE_SIZE;
	struct damos_dest dests[2] = {};
	struct test_state *st = test->priv;
	struct folio *folio;
	int i;

	map_small(test, TEST_BASE, 4);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		st->spec.target_nid = bad[i];
		expect_nothing(test, DAMOS_MIGRATE_HOT, TEST_BASE, end);
		expect_nothing(test, DAMOS_MIGRATE_COLD, TEST_BASE, end);

		dests[0] = (struct damos_dest){ .nid = bad[i], .weight = 1 };
		st->spec.dests = dests;
		st->spec.nr_dests = 1;
		expect_nothing(test, DAMOS_MIGRATE_COLD, TEST_BASE, end);
		st->spec.nr_dests = 0;
	}

	/* Dests go first, and those that weigh nothing are none. */
	folio = user_folio_get(TEST_BASE);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	st->spec.target_nid = next_node_in(folio_nid(folio),
					   node_states[N_MEMORY]);
	dests[0] = (struct damos_dest){ .nid = st->spec.target_nid };
	st->spec.nr_dests = 2;
	expect_nothing(test, DAMOS_MIGRATE_COLD, TEST_BASE, end);
	st->spec.nr_dests = 0;

	/* What is there already is left alone. */
	st->spec.target_nid = folio_nid(folio);
	expect_nothing(test, DAMOS_MIGRATE_COLD, TEST_BASE, TEST_BASE +
		       PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	folio_put(folio);
	folio = user_folio_get(TEST_BASE);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, folio_nid(folio), st->spec.target_nid);
	folio_put(folio);
}

static unsigned int nr_on_node(unsigned long start, unsigned long end, int nid)
{
	unsigned int nr = 0;

	for (; start < end; start += PAGE_SIZE) {
		struct folio *folio = user_folio_get(start);

		if (folio) {
			nr += folio_nid(folio) == nid;
			folio_put(folio);
		}
	}
	return nr;
}

static void two_nodes(struct kunit *test, int nids[2])
{
	if (num_node_state(N_MEMORY) < 2)
		kunit_skip(test, "needs two nodes with memory");
	nids[0] = first_node(node_states[N_MEMORY]);
	nids[1] = next_node(nids[0], node_states[N_MEMORY]);
}

static void actions_test_migrate(struct kunit *test)
{
	const unsigned int nr = 512;
	const unsigned long end = TEST_BASE + nr * PAGE_SIZE;
	struct test_state *st = test->priv;
	struct damos_job *job;
	unsigned int there;
	int i, nids[2];

	two_nodes(test, nids);
	map_small(test, TEST_BASE, nr);

	/* There, back again and there again, each only what was elsewhere. */
	for (i = 0; i < 3; i++) {
		st->spec.target_nid = nids[i % 2];
		there = nr_on_node(TEST_BASE, end, nids[i % 2]);
		lru_add_drain_all();
		job = apply(test, i % 2 ? DAMOS_MIGRATE_HOT :
			    DAMOS_MIGRATE_COLD, TEST_BASE, end);
		KUNIT_EXPECT_EQ(test, job->applied, (nr - there) * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, job->passed, 0);
		KUNIT_EXPECT_EQ(test, nr_on_node(TEST_BASE, end, nids[i % 2]),
				nr);
		expect_nothing(test, DAMOS_MIGRATE_COLD, TEST_BASE, end);
	}

	/* A filter rejects all of it, unless a core filter was asked first. */
	lru_add_drain_all();
	filter_by(test, DAMOS_FILTER_TYPE_ANON, true, false);
	st->spec.target_nid = nids[1];
	expect_nothing(test, DAMOS_MIGRATE_COLD, TEST_BASE, end);
	KUNIT_EXPECT_EQ(test, nr_on_node(TEST_BASE, end, nids[0]), nr);
	st->job.by_core = true;
	job = apply(test, DAMOS_MIGRATE_COLD, TEST_BASE, TEST_BASE + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, job->applied, PAGE_SIZE);
}

static void actions_test_migrate_huge(struct kunit *test)
{
	struct test_state *st = test->priv;
	struct damos_job *job;
	struct folio *folio;
	int nids[2];

	two_nodes(test, nids);
	map_huge(test, TEST_BASE);
	folio = user_folio_get(TEST_BASE);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	st->spec.target_nid = folio_nid(folio) == nids[0] ? nids[1] : nids[0];
	folio_put(folio);

	job = apply(test, DAMOS_MIGRATE_HOT, TEST_BASE + PAGE_SIZE,
		    TEST_BASE + 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, job->applied, PMD_SIZE);
	folio = user_folio_get(TEST_BASE);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, folio_nid(folio), st->spec.target_nid);
	KUNIT_EXPECT_EQ(test, folio_size(folio), PMD_SIZE);
	folio_put(folio);
}

static void actions_test_dests(struct kunit *test)
{
	const unsigned int nr = 1024;
	const unsigned long end = TEST_BASE + nr * PAGE_SIZE;
	struct test_state *st = test->priv;
	struct damos_dest dests[2];
	unsigned int i, first, wrong = 0;
	int nids[2];

	two_nodes(test, nids);
	map_small(test, TEST_BASE, nr);

	dests[0] = (struct damos_dest){ .nid = nids[0], .weight = 1 };
	dests[1] = (struct damos_dest){ .nid = nids[1], .weight = 3 };
	st->spec.dests = dests;
	st->spec.nr_dests = 2;
	apply(test, DAMOS_MIGRATE_COLD, TEST_BASE, end);

	first = nr_on_node(TEST_BASE, end, nids[0]);
	KUNIT_EXPECT_GE(test, first, nr * 22 / 100);
	KUNIT_EXPECT_LE(test, first, nr * 28 / 100);

	/* Private anonymous memory: its offset is its address. */
	for (i = 0; i < nr; i++) {
		unsigned long addr = TEST_BASE + i * PAGE_SIZE;
		unsigned long turn = (TEST_BASE >> PAGE_SHIFT) + i;

		wrong += !nr_on_node(addr, addr + PAGE_SIZE,
				     nids[turn % 4 != 0]);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	/* All are where they belong. */
	lru_add_drain_all();
	expect_nothing(test, DAMOS_MIGRATE_COLD, TEST_BASE, end);
}

static struct kunit_case vaddr_actions_cases[] = {
	KUNIT_CASE(actions_test_scores),
	KUNIT_CASE(actions_test_nothing),
	KUNIT_CASE(actions_test_cold),
	KUNIT_CASE(actions_test_pageout),
	KUNIT_CASE(actions_test_hugepage),
	KUNIT_CASE(actions_test_collapse),
	KUNIT_CASE(actions_test_holes),
	KUNIT_CASE(actions_test_stat),
	KUNIT_CASE(actions_test_young),
	KUNIT_CASE(actions_test_large),
	KUNIT_CASE(actions_test_deadline),
	KUNIT_CASE(actions_test_bad_nodes),
	KUNIT_CASE(actions_test_migrate),
	KUNIT_CASE(actions_test_migrate_huge),
	KUNIT_CASE(actions_test_dests),
	{}
};

static struct kunit_suite vaddr_actions_suite = {
	.name = "damon_vaddr_actions",
	.init = vaddr_actions_init,
	.test_cases = vaddr_actions_cases,
};

kunit_test_suite(vaddr_actions_suite);
