// SPDX-License-Identifier: GPL-2.0
/*
 * toucher HOT IDLE - has so many MiB that it touches all the time, and so many
 * that it touched once.  Says "ready" when all of it is there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE		4096UL
#define SCRATCH_PAGES	48

static volatile char *map(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("toucher");
		exit(1);
	}
	return memory;
}

static void touch(volatile char *memory, size_t size)
{
	size_t at;

	for (at = 0; at < size; at += PAGE)
		memory[at]++;
}

int main(int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = 4000000 };
	size_t hot_size, idle_size;
	volatile char *hot, *idle, *scratch;

	if (argc != 3)
		return 1;
	hot_size = strtoul(argv[1], NULL, 10) << 20;
	idle_size = strtoul(argv[2], NULL, 10) << 20;
	hot = map(hot_size + 1);
	idle = map(idle_size + 1);
	scratch = map(SCRATCH_PAGES * PAGE);
	touch(idle, idle_size);
	touch(hot, hot_size);
	puts("ready");
	fflush(stdout);
	while (1) {
		touch(hot, hot_size);
		/*
		 * An emulated processor keeps translations for long, and sets
		 * no Accessed bit meanwhile; this empties its cache.
		 */
		touch(scratch, SCRATCH_PAGES * PAGE);
		madvise((void *)scratch, SCRATCH_PAGES * PAGE, MADV_DONTNEED);
		nanosleep(&pause, NULL);
	}
}
