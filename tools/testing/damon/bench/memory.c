// SPDX-License-Identifier: GPL-2.0
/* Memory to try things on, and where it is. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define PAGEMAP_PFN	((1ULL << 55) - 1)
#define PAGEMAP_PRESENT	0x8000000000000000ULL
#define HOLE_PAGES	16	/* so much else is taken as a part of ours */

char *memory_map(size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	return memory;
}

/* Half of each page is noise, so that it takes compression some work. */
static void fill_page(uint64_t *page, uint64_t seed)
{
	size_t i;

	for (i = 0; i < PAGE / sizeof(*page); i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		page[i] = i % 2 ? seed : i;
	}
}

void memory_fill(char *memory, size_t bytes, bool zeroes)
{
	size_t at;

	for (at = 0; at < bytes; at += PAGE) {
		if (zeroes)
			memset(memory + at, 0, PAGE);
		else
			fill_page((uint64_t *)(memory + at), at + 1);
	}
}

static int by_number(const void *a, const void *b)
{
	uint64_t na = *(const uint64_t *)a, nb = *(const uint64_t *)b;

	return na < nb ? -1 : na > nb;
}

size_t memory_find(const char *memory, size_t bytes, struct range *ranges,
		   size_t max)
{
	size_t nr_pages = bytes / PAGE, len = nr_pages * sizeof(uint64_t);
	uint64_t *pfns = malloc(len);
	int fd = open("/proc/self/pagemap", O_RDONLY);
	size_t i, nr = 0;

	if (!pfns || fd < 0 ||
	    pread(fd, pfns, len, (unsigned long)memory / PAGE *
		  sizeof(uint64_t)) != (ssize_t)len)
		goto out;
	for (i = 0; i < nr_pages; i++) {
		if (!(pfns[i] & PAGEMAP_PRESENT))
			goto out;
		pfns[i] &= PAGEMAP_PFN;
	}
	qsort(pfns, nr_pages, sizeof(*pfns), by_number);
	for (i = 0; i < nr_pages; i++) {
		unsigned long start = pfns[i] * PAGE;

		if (nr && start <= ranges[nr - 1].end + HOLE_PAGES * PAGE) {
			ranges[nr - 1].end = start + PAGE;
			continue;
		}
		if (nr == max) {
			nr = 0;
			break;
		}
		ranges[nr++] = (struct range){ start, start + PAGE };
	}
out:
	if (fd >= 0)
		close(fd);
	free(pfns);
	return nr;
}

size_t memory_system_ram(struct range *ranges, size_t max)
{
	FILE *file = fopen("/proc/iomem", "r");
	char line[128];
	size_t nr = 0;

	if (!file)
		return 0;
	while (nr < max && fgets(line, sizeof(line), file)) {
		unsigned long start, last;

		/* what is within others is indented */
		if (line[0] == ' ' || !strstr(line, ": System RAM") ||
		    sscanf(line, "%lx-%lx", &start, &last) != 2)
			continue;
		ranges[nr].start = (start + PAGE - 1) / PAGE * PAGE;
		ranges[nr].end = (last + 1) / PAGE * PAGE;
		if (ranges[nr].start < ranges[nr].end)
			nr++;
	}
	fclose(file);
	return nr;
}

unsigned long memory_pages(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	unsigned long kib = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, name, strlen(name)))
			kib = strtoul(line + strlen(name) + 1, NULL, 10);
	}
	if (file)
		fclose(file);
	return kib * 1024 / PAGE;
}
