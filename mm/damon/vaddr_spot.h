/* SPDX-License-Identifier: GPL-2.0 */
/* Places in a virtual address space, one after the other. */
#ifndef _MM_DAMON_VADDR_SPOT_H
#define _MM_DAMON_VADDR_SPOT_H

#include <linux/mm.h>
#include <linux/spinlock_types.h>

/**
 * struct damon_spot - A place in an address space, and what is around it.
 * @mm:		the address space, to be set before the first use
 * @vma:	the mapping, NULL for a gap between mappings
 * @bottom:	first address of the mapping, or of the known part of the gap
 * @top:	first address behind it
 * @start:	first address that the rest of this is about
 * @size:	how far that goes; 0 if nowhere
 * @pte:	page table entry of @start; those of @size follow it
 * @pmd:	huge entry that maps all of @size.  If both are NULL, nothing is
 *		mapped there, or it is hugetlb
 * @ptl:	the lock of the entries, which is held if there are any.  It keeps
 *		them, and the folios that they map, where they are
 * @pmds:	the table of the level above, NULL if there is none
 * @pmds_start:	first address that it is about
 * @left:	samples left before others get a chance
 * @locked:	the mmap lock is held
 *
 * All other members are 0 at first, and after damon_spot_leave().
 */
struct damon_spot {
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned long bottom;
	unsigned long top;
	unsigned long start;
	unsigned long size;
	pte_t *pte;
	pmd_t *pmd;
	spinlock_t *ptl;	/* of @pte, or of @pmd */
	pmd_t *pmds;
	unsigned long pmds_start;
	unsigned int left;
	bool locked;
};

void damon_spot_move(struct damon_spot *s, unsigned long addr);
void damon_spot_leave(struct damon_spot *s);

/**
 * damon_spot_seek() - Go to an address.
 * @s:		the spot; it is there then, and may hold a spinlock
 * @addr:	any address of user space.  What is near the last one is cheap
 *
 * Context: Process context; sleeps, takes the mmap lock, and keeps it until
 * damon_spot_leave() or until others need it.
 */
static __always_inline void damon_spot_seek(struct damon_spot *s,
					    unsigned long addr)
{
	if (addr - s->start >= s->size || !--s->left)
		damon_spot_move(s, addr);
}

/**
 * damon_spot_pte() - Find the page table entry of an address.
 * @s:		the spot, which is there; it has a &damon_spot.pte
 * @addr:	the address
 *
 * Context: any.
 * Return: the entry, locked.
 */
static inline pte_t *damon_spot_pte(const struct damon_spot *s,
				    unsigned long addr)
{
	return s->pte + ((addr - s->start) >> PAGE_SHIFT);
}

#endif /* _MM_DAMON_VADDR_SPOT_H */
