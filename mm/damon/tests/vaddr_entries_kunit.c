// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what the virtual address operation sets make of page table entries
 * of all kinds, and of how they get to them.
 */

#include <kunit/test.h>
#include <linux/err.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/page_idle.h>
#include <linux/pagewalk.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/uaccess.h>

#include "../../internal.h"
#include "vaddr_fixture.h"

typedef void (*entry_fn)(struct vm_area_struct *vma, unsigned long addr,
			 pte_t *pte);

static void skip_if_unseen(struct kunit *test)
{
	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "accesses by kernel threads are not seen");
}

/* Change an entry behind everybody's back. */
static void with_entry(struct kunit *test, unsigned long addr, entry_fn fn)
{
	struct mm_struct *mm = current->mm;
	struct folio *folio = NULL;
	struct vm_area_struct *vma;
	struct folio_walk fw;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (vma)
		folio = folio_walk_start(&fw, vma, addr, 0);
	if (folio) {
		fn(vma, addr, fw.ptep);
		folio_walk_end(&fw, vma);
	}
	mmap_read_unlock(mm);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	user_flush();
}

static void entry_set_none(struct vm_area_struct *vma, unsigned long addr,
			   pte_t *pte)
{
	set_pte_at(vma->vm_mm, addr, pte, pte_modify(ptep_get(pte), PAGE_NONE));
}

static void entry_set_readable(struct vm_area_struct *vma, unsigned long addr,
			       pte_t *pte)
{
	set_pte_at(vma->vm_mm, addr, pte,
		   pte_modify(ptep_get(pte), vma->vm_page_prot));
}

/* As mprotect() and NUMA balancing do. */
static void entries_test_no_access(struct kunit *test)
{
	const unsigned long addrs[] = {
		USER_BASE, USER_BASE + PAGE_SIZE, USER_BASE + 2 * PAGE_SIZE,
	};

	skip_if_unseen(test);
	user_map(test, NULL, USER_BASE, 3 * PAGE_SIZE);
	user_populate(test, USER_BASE, 3 * PAGE_SIZE);

	/* What was seen before stays. */
	vaddr_prepare(test, addrs, 3);
	user_touch(test, addrs[1]);
	with_entry(test, addrs[0], entry_set_none);
	with_entry(test, addrs[1], entry_set_none);
	vaddr_expect(test, ".x.");

	/* It can be made old. */
	vaddr_prepare(test, addrs, 3);
	with_entry(test, addrs[0], entry_set_readable);
	with_entry(test, addrs[1], entry_set_readable);
	vaddr_expect(test, "...");
}

static void entry_set_marker(struct vm_area_struct *vma, unsigned long addr,
			     pte_t *pte)
{
	struct page *page = vm_normal_page(vma, addr, ptep_get(pte));
	pte_t marker = make_pte_marker(PTE_MARKER_POISONED);

	folio_remove_rmap_pte(page_folio(page), page, vma);
	dec_mm_counter(vma->vm_mm, MM_ANONPAGES);
	ptep_clear(vma->vm_mm, addr, pte);
	set_pte_at(vma->vm_mm, addr, pte, marker);
}

/* Neither empty nor present, like what was swapped out. */
static void entries_test_not_present(struct kunit *test)
{
	const unsigned long addrs[] = { USER_BASE, USER_BASE + PAGE_SIZE };
	struct folio *folio;

	skip_if_unseen(test);
	user_map(test, NULL, USER_BASE, 2 * PAGE_SIZE);
	user_populate(test, USER_BASE, 2 * PAGE_SIZE);
	folio = user_folio(test, addrs[0]);

	vaddr_prepare(test, addrs, 2);
	user_touch(test, addrs[0]);
	user_touch(test, addrs[1]);
	with_entry(test, addrs[0], entry_set_marker);
	folio_put(folio);
	vaddr_expect(test, ".x");

	vaddr_prepare(test, addrs, 2);
	vaddr_expect(test, "..");
}

/* What is on no LRU list is left alone, and so looks accessed. */
static void entries_test_isolated(struct kunit *test)
{
	const unsigned long addrs[] = { USER_BASE, USER_BASE + PAGE_SIZE };
	struct folio *folio;

	user_map(test, NULL, USER_BASE, 2 * PAGE_SIZE);
	user_populate(test, USER_BASE, 2 * PAGE_SIZE);
	folio = user_folio(test, addrs[0]);
	KUNIT_ASSERT_TRUE(test, folio_isolate_lru(folio));

	vaddr_prepare(test, addrs, 2);
	KUNIT_EXPECT_FALSE(test, folio_test_idle(folio));
	vaddr_expect(test, "x.");

	folio_putback_lru(folio);
	lru_add_drain_all();
	vaddr_prepare(test, addrs, 2);
	vaddr_expect(test, "..");
}

/* A file's page may be there twice: each entry has its own bit. */
static void entries_test_shared(struct kunit *test)
{
	const unsigned long addrs[] = { USER_BASE, USER_BASE + 8 * PAGE_SIZE };
	struct file *file = user_file(test, PAGE_SIZE);

	skip_if_unseen(test);
	user_map(test, file, addrs[0], PAGE_SIZE);
	user_map(test, file, addrs[1], PAGE_SIZE);
	user_populate(test, addrs[0], PAGE_SIZE);
	user_populate(test, addrs[1], PAGE_SIZE);

	vaddr_prepare(test, addrs, 2);
	user_touch(test, addrs[1]);
	vaddr_expect(test, ".x");
}

/* Mapped in one piece, or by parts of it: no page table in between. */
static void entries_test_sparse(struct kunit *test)
{
	const unsigned long step = 4UL * PMD_SIZE;
	unsigned long addrs[8];
	unsigned long at;
	unsigned int i;

	skip_if_unseen(test);
	at = kunit_vm_mmap(test, NULL, USER_BASE, ARRAY_SIZE(addrs) * step,
			   PROT_READ | PROT_WRITE,
			   MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED |
			   MAP_NORESERVE, 0);
	if (at != USER_BASE)
		kunit_skip(test, "no user memory for kernel threads here");
	for (i = 0; i < ARRAY_SIZE(addrs); i++)
		addrs[i] = USER_BASE + i * step;
	user_populate(test, addrs[2], PAGE_SIZE);
	user_populate(test, addrs[6], PAGE_SIZE);

	vaddr_prepare(test, addrs, 8);
	user_touch(test, addrs[1]);
	user_touch(test, addrs[6]);
	vaddr_expect(test, ".x....x.");
}

#ifdef CONFIG_64BIT
/* Where whole upper levels are missing. */
static void entries_test_far(struct kunit *test)
{
	unsigned long addrs[] = {
		USER_BASE, USER_BASE + PUD_SIZE, USER_BASE + 2 * PUD_SIZE,
		0x7f0000000000, 0x7f0000000000 + PUD_SIZE,
	};
	unsigned int i;

	skip_if_unseen(test);
	for (i = 0; i < ARRAY_SIZE(addrs); i++) {
		user_map(test, NULL, addrs[i], 2 * PAGE_SIZE);
		if (i != 1)
			user_populate(test, addrs[i], PAGE_SIZE);
	}
	vaddr_prepare(test, addrs, 5);
	user_touch(test, addrs[2]);
	user_touch(test, addrs[4]);
	vaddr_expect(test, "..x.x");
}
#endif

/*
 * More than are looked at in one go; in several mappings, with gaps between
 * and inside them, and across page tables.
 */
static void entries_test_many(struct kunit *test)
{
	const unsigned int nr = 200;
	const unsigned long first = ALIGN(USER_BASE, PMD_SIZE) + PMD_SIZE -
				    250 * PAGE_SIZE;
	char hits[201] = {};
	unsigned long *addrs;
	unsigned int i;

	skip_if_unseen(test);
	addrs = kunit_kcalloc(test, nr, sizeof(*addrs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, addrs);
	for (i = 0; i < nr; i++) {
		addrs[i] = first + 3 * i * PAGE_SIZE;
		hits[i] = i % 7 && i % 3 == 1 && i % 50 != 4 ? VADDR_HIT : '.';
	}
	for (i = 0; i < 4; i++)
		user_map(test, NULL, addrs[50 * i], 49 * 3 * PAGE_SIZE);
	for (i = 0; i < nr; i++) {
		if (i % 50 < 49 && i % 7)
			user_touch(test, addrs[i]);
		if (i % 50 == 49)
			hits[i] = '.';
	}
	lru_add_drain_all();

	vaddr_prepare(test, addrs, nr);
	for (i = 0; i < nr; i++) {
		if (hits[i] == VADDR_HIT)
			user_touch(test, addrs[i]);
	}
	vaddr_expect(test, hits);
	vaddr_prepare(test, addrs, nr);
	memset(hits, '.', nr);
	vaddr_expect(test, hits);
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
static void map_huge(struct kunit *test, unsigned long start)
{
	user_map(test, NULL, start, PMD_SIZE);
	if (do_madvise(current->mm, start, PMD_SIZE, MADV_HUGEPAGE))
		kunit_skip(test, "no transparent huge pages");
}

/* A huge page that is mapped by entries for its pages, but one. */
static void entries_test_huge_split(struct kunit *test)
{
	const unsigned long start = ALIGN(USER_BASE, PMD_SIZE);
	const unsigned long addrs[] = {
		start, start + PAGE_SIZE, start + PMD_SIZE / 2,
	};

	map_huge(test, start);
	user_populate(test, start, PMD_SIZE);
	if (!folio_test_pmd_mappable(user_folio(test, start)))
		kunit_skip(test, "got no transparent huge page");
	user_free_memory(test, addrs[1], PAGE_SIZE, MADV_DONTNEED);

	vaddr_prepare(test, addrs, 3);
	user_touch(test, addrs[2]);
	vaddr_expect(test, "..x");
	vaddr_prepare(test, addrs, 3);
	vaddr_expect(test, "...");
}

static void entries_test_huge_zero(struct kunit *test)
{
	const unsigned long start = ALIGN(USER_BASE, PMD_SIZE);
	const unsigned long addrs[] = { start, start + PMD_SIZE / 2 };
	int zero = -1;

	map_huge(test, start);
	vaddr_prepare(test, addrs, 2);
	KUNIT_ASSERT_EQ(test, get_user(zero, (int __user *)addrs[0]), 0);
	KUNIT_EXPECT_EQ(test, zero, 0);
	vaddr_expect(test, "..");
}
#endif

#ifdef CONFIG_HUGETLBFS
static void let_go_of_huge(void *nr)
{
	default_hstate.nr_overcommit_huge_pages = (unsigned long)nr;
}

static void entries_test_hugetlb(struct kunit *test)
{
	struct hstate *h = &default_hstate;
	unsigned long sz = huge_page_size(h), start = ALIGN(USER_BASE, sz);
	unsigned long addrs[] = {
		start, start + PAGE_SIZE, start + sz / 2, start + sz,
		start + 2 * sz,
	};
	struct damon_ctx *ctx = test->priv;
	void *nr = (void *)h->nr_overcommit_huge_pages;
	struct folio *folio;
	struct file *file;

	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, let_go_of_huge, nr));
	h->nr_overcommit_huge_pages = 3;
	file = hugetlb_file_setup(HUGETLB_ANON_FILE, 3 * sz, 0,
				  HUGETLB_ANONHUGE_INODE, 0);
	if (IS_ERR(file))
		kunit_skip(test, "got no huge pages");
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, user_file_put, file));
	user_map(test, file, start, 3 * sz);
	user_touch(test, start);
	user_touch(test, start + sz);

	vaddr_prepare(test, addrs, 5);
	folio = user_folio(test, start);
	KUNIT_ASSERT_TRUE(test, folio_test_hugetlb(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_idle(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_young(folio));
	vaddr_expect(test, ".....");

	vaddr_prepare(test, addrs, 5);
	user_touch(test, start + sz / 4);
	ctx->ops->sample(ctx, DAMON_SAMPLE_CHECK | DAMON_SAMPLE_PREPARE);
	for (unsigned int i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ_MSG(test, ctx->regions.cur[i].hits, i < 3,
				    "sample %u", i);
}
#endif

static struct kunit_case entries_cases[] = {
	KUNIT_CASE(entries_test_no_access),
	KUNIT_CASE(entries_test_not_present),
	KUNIT_CASE(entries_test_isolated),
	KUNIT_CASE(entries_test_shared),
	KUNIT_CASE(entries_test_sparse),
#ifdef CONFIG_64BIT
	KUNIT_CASE(entries_test_far),
#endif
	KUNIT_CASE(entries_test_many),
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	KUNIT_CASE(entries_test_huge_split),
	KUNIT_CASE(entries_test_huge_zero),
#endif
#ifdef CONFIG_HUGETLBFS
	KUNIT_CASE(entries_test_hugetlb),
#endif
	{}
};

static struct kunit_suite entries_suite = {
	.name = "damon_vaddr_entries",
	.init = vaddr_init,
	.exit = vaddr_exit,
	.test_cases = entries_cases,
};

kunit_test_suite(entries_suite);
