// SPDX-License-Identifier: GPL-2.0
/*
 * A program whose accesses are known.
 *
 * It maps some memory and touches zones of it again and again, as the table
 * below says, and writes down when it touched what.  Each millisecond it also
 * gives back some pages, as any busy program does: that flushes the TLB, and a
 * processor with the addresses of a zone in its TLB would otherwise not set
 * the Accessed bits of the pages again.
 *
 * The truth that it writes:
 *   damon-truth 1
 *   mapping START END                  addresses, hexadecimal
 *   touched FROM UNTIL START END PERIOD  times in ns, period in us
 *   end TIME LATE                      passes that came too late
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE		4096UL
#define MIB		1048576UL
#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL

#define MAPPING_MIB	256
#define TICK_NS		NSEC_PER_MSEC
#define LATE_NS		(4 * NSEC_PER_MSEC)
#define SCRATCH_PAGES	48	/* more than the kernel would flush one by one */
#define HOT_MS		4	/* period of a zone accessed at every sample */
#define WARM_MS		20

typedef unsigned long long u64;

struct zone {
	unsigned int from_ms, until_ms;
	unsigned int start_mib, size_mib;
	unsigned int step_mib, step_ms;		/* a zone that slides */
	unsigned int period_ms;
};

static const struct zone zones[] = {
	/* a large one that jumps, and jumps back */
	{ 0, 4000, 16, 16, .period_ms = HOT_MS },
	{ 4000, 8000, 128, 16, .period_ms = HOT_MS },
	{ 8000, 12000, 208, 16, .period_ms = HOT_MS },
	{ 12000, 16000, 16, 16, .period_ms = HOT_MS },
	/* a smaller one with another rhythm */
	{ 0, 6000, 96, 8, .period_ms = HOT_MS },
	{ 6000, 11000, 48, 8, .period_ms = HOT_MS },
	{ 11000, 16000, 112, 8, .period_ms = HOT_MS },
	/* a window that slides */
	{ 0, 16000, 144, 12, .step_mib = 2, .step_ms = 500,
	  .period_ms = HOT_MS },
	/* memory that is warm */
	{ 2000, 14000, 232, 12, .period_ms = WARM_MS },
	/* and a rest of 200 MiB that is cold */
};

static FILE *truth;
static char *mapping;
static char *scratch;

static u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static void sleep_until(u64 time_ns)
{
	const struct timespec time = {
		.tv_sec = time_ns / NSEC_PER_SEC,
		.tv_nsec = time_ns % NSEC_PER_SEC,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL))
		;
}

static void touch(char *start, size_t bytes)
{
	char *end = start + bytes;

	for (; start < end; start += PAGE)
		__atomic_store_n(start, 1, __ATOMIC_RELAXED);
}

/* Where a zone is now, and since when. */
struct place {
	bool active;
	char *start;
	u64 since_ns;
};

static void note_end(const struct zone *zone, struct place *place, u64 now)
{
	if (place->active)
		fprintf(truth, "touched %llu %llu %lx %lx %u\n",
			place->since_ns, now, (unsigned long)place->start,
			(unsigned long)place->start + zone->size_mib * MIB,
			zone->period_ms * 1000);
	place->active = false;
}

static void update_place(const struct zone *zone, struct place *place,
			 u64 passed_ms, u64 now)
{
	bool active = passed_ms >= zone->from_ms && passed_ms < zone->until_ms;
	char *start = mapping + zone->start_mib * MIB;

	if (active && zone->step_ms)
		start += (passed_ms - zone->from_ms) / zone->step_ms *
			 zone->step_mib * MIB;
	if (place->active && (!active || place->start != start))
		note_end(zone, place, now);
	if (active && !place->active)
		*place = (struct place){ true, start, now };
}

int main(int argc, char **argv)
{
	struct place places[ARRAY_SIZE(zones)] = {};
	u64 start_ns, late = 0, tick, nr_ticks = 0;
	size_t i;

	if (argc != 2) {
		fprintf(stderr, "Usage: workload TRUTH\n");
		return 1;
	}
	truth = fopen(argv[1], "w");
	if (!truth) {
		perror(argv[1]);
		return 1;
	}
	mapping = mmap(NULL, MAPPING_MIB * MIB, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	scratch = mmap(NULL, SCRATCH_PAGES * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapping == MAP_FAILED || scratch == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	/* single pages: zones shall not end within a huge one */
	madvise(mapping, MAPPING_MIB * MIB, MADV_NOHUGEPAGE);
	touch(mapping, MAPPING_MIB * MIB);
	fprintf(truth, "damon-truth 1\nmapping %lx %lx\n",
		(unsigned long)mapping,
		(unsigned long)mapping + MAPPING_MIB * MIB);
	fflush(truth);

	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		if (nr_ticks < zones[i].until_ms)
			nr_ticks = zones[i].until_ms;
	}
	start_ns = now_ns();
	for (tick = 0; tick < nr_ticks; tick++) {
		u64 due_ns = start_ns + tick * TICK_NS;

		sleep_until(due_ns);
		if (now_ns() > due_ns + LATE_NS)
			late++;
		touch(scratch, SCRATCH_PAGES * PAGE);
		madvise(scratch, SCRATCH_PAGES * PAGE, MADV_DONTNEED);
		for (i = 0; i < ARRAY_SIZE(zones); i++) {
			update_place(&zones[i], &places[i], tick, now_ns());
			if (places[i].active && !(tick % zones[i].period_ms))
				touch(places[i].start, zones[i].size_mib * MIB);
		}
	}
	for (i = 0; i < ARRAY_SIZE(zones); i++)
		note_end(&zones[i], &places[i], now_ns());
	fprintf(truth, "end %llu %llu\n", now_ns(), late);
	if (fclose(truth)) {
		perror(argv[1]);
		return 1;
	}
	return 0;
}
