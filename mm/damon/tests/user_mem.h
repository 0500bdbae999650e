/* SPDX-License-Identifier: GPL-2.0 */
/* For tests: memory of a process, which the thread of a test can play. */
#ifndef _MM_DAMON_TESTS_USER_MEM_H
#define _MM_DAMON_TESTS_USER_MEM_H

#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmap_lock.h>
#include <linux/pagewalk.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/uaccess.h>

struct damon_target;

/* A kernel thread has no memory map that get_task_mm() would give away. */
static inline struct mm_struct *user_mem_mm(const struct damon_target *t)
{
	if (current->mm)
		mmget(current->mm);
	return current->mm;
}

static inline void user_map(struct kunit *test, struct file *file,
			    unsigned long addr, unsigned long len)
{
	unsigned long flags = file ? MAP_SHARED : MAP_ANONYMOUS | MAP_PRIVATE;
	unsigned long at;

	at = kunit_vm_mmap(test, file, addr, len, PROT_READ | PROT_WRITE,
			   flags | MAP_FIXED, 0);
	if (IS_ERR_VALUE(at) || !at)
		kunit_skip(test, "no user memory for kernel threads here");
	KUNIT_ASSERT_EQ(test, at, addr);
}

static inline void user_touch(struct kunit *test, unsigned long addr)
{
	if (put_user(1, (int __user *)addr))
		kunit_skip(test, "no user access by kernel threads here");
}

/* Fault pages in, so that their folios are on an LRU list. */
static inline void user_populate(struct kunit *test, unsigned long addr,
				 unsigned long len)
{
	unsigned long end = addr + len;

	for (; addr < end; addr += PAGE_SIZE)
		user_touch(test, addr);
	lru_add_drain_all();
}

/* What is mapped at @addr, with a reference; NULL if nothing is. */
static inline struct folio *user_folio_get(unsigned long addr)
{
	struct folio *folio = NULL;
	struct vm_area_struct *vma;
	struct folio_walk fw;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	if (vma)
		folio = folio_walk_start(&fw, vma, addr, 0);
	if (folio) {
		folio_get(folio);
		folio_walk_end(&fw, vma);
	}
	mmap_read_unlock(current->mm);
	return folio;
}

#endif /* _MM_DAMON_TESTS_USER_MEM_H */
