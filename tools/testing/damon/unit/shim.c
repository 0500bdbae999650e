// SPDX-License-Identifier: GPL-2.0
/* Allocator of the user-space build: it counts, and fails when told to. */

#include <string.h>

#include <shim.h>

unsigned long shim_fail_nth;
long shim_nr_allocs;

void *kvcalloc(size_t n, size_t size, gfp_t flags)
{
	void *p;

	(void)flags;
	if (shim_fail_nth && !--shim_fail_nth)
		return NULL;
	p = calloc(n, size);
	if (p)
		shim_nr_allocs++;
	return p;
}

/* Not zeroed, and so that whoever relies on it is found out. */
void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
{
	void *p = kvcalloc(n, size, flags);

	return p ? memset(p, 0xa5, n * size) : NULL;
}

char *kstrdup(const char *s, gfp_t flags)
{
	char *copy = s ? kvcalloc(strlen(s) + 1, 1, flags) : NULL;

	return copy ? memcpy(copy, s, strlen(s) + 1) : NULL;
}

void kvfree(const void *p)
{
	if (p)
		shim_nr_allocs--;
	free((void *)p);
}
