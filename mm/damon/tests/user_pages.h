/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages to test with: those of the memory map of the test's own thread, and
 * folios that belong to nobody but are on an LRU list all the same.
 */
#ifndef _MM_DAMON_TESTS_USER_PAGES_H
#define _MM_DAMON_TESTS_USER_PAGES_H

#include <kunit/test.h>
#include <linux/file.h>
#include <linux/gfp.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/shmem_fs.h>
#include <linux/swap.h>
#include <asm/tlbflush.h>

#include "user_mem.h"

#define USER_BASE	0x10000000UL

static inline void user_file_put(void *file)
{
	fput(file);
}

static inline struct file *user_file(struct kunit *test, unsigned long size)
{
	struct file *file = shmem_kernel_file_setup("damon-test", size, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, user_file_put,
							   file));
	return file;
}

static inline void user_flush(void)
{
	if (current->mm)
		flush_tlb_mm(current->mm);
}

static inline void user_free_memory(struct kunit *test, unsigned long addr,
				    unsigned long len, int behaviour)
{
	if (do_madvise(current->mm, addr, len, behaviour))
		kunit_skip(test, "no advice about user memory here");
}

static inline bool user_is_mapped(unsigned long addr)
{
	struct folio *folio = user_folio_get(addr);

	if (folio)
		folio_put(folio);
	return folio;
}

/* The folio that is mapped at @addr; there is no reference but that. */
static inline struct folio *user_folio(struct kunit *test, unsigned long addr)
{
	struct folio *folio;
	struct page *page;

	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(addr, 1, 0, &page));
	folio = page_folio(page);
	put_page(page);
	return folio;
}

static inline void lone_folio_put(void *folio)
{
	folio_put(folio);
}

/* A folio that is unmapped and without contents, but usable. */
static inline struct folio *lone_folio(struct kunit *test, unsigned int order)
{
	struct folio *folio = folio_alloc(GFP_HIGHUSER_MOVABLE, order);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, lone_folio_put,
							   folio));
	KUNIT_ASSERT_EQ(test, 0, mem_cgroup_charge(folio, NULL, GFP_KERNEL));
	folio_add_lru(folio);
	lru_add_drain_all();
	KUNIT_ASSERT_TRUE(test, folio_test_lru(folio));
	return folio;
}

static inline void kernel_pages_free(void *page)
{
	__free_pages(page, compound_order(page));
}

/* Memory of the kernel, not usable. */
static inline struct page *kernel_pages(struct kunit *test, unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, order);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   kernel_pages_free,
							   page));
	return page;
}

#endif /* _MM_DAMON_TESTS_USER_PAGES_H */
