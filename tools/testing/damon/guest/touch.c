// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "touch.h"

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL
#define USEC_PER_MSEC	1000ULL

#define HUGE_BYTES	(2UL << 20)
#define LATE_NS		(4 * NSEC_PER_MSEC)

typedef unsigned long long u64;

u64 touch_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

void touch_sleep_until(u64 time_ns)
{
	const struct timespec time = {
		.tv_sec = time_ns / NSEC_PER_SEC,
		.tv_nsec = time_ns % NSEC_PER_SEC,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL))
		;
}

static char *map(size_t bytes)
{
	char *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			   MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return start == MAP_FAILED ? NULL : start;
}

char *touch_map(size_t bytes, bool huge)
{
	char *start = map(bytes + HUGE_BYTES), *end;

	if (!start)
		return NULL;
	end = start + bytes + HUGE_BYTES;
	/* give back what is in front and behind */
	if ((unsigned long)start % HUGE_BYTES) {
		size_t front = HUGE_BYTES - (unsigned long)start % HUGE_BYTES;

		munmap(start, front);
		start += front;
	}
	if (end > start + bytes)
		munmap(start + bytes, end - start - bytes);
	/* of single pages: zones shall not end within a huge one */
	madvise(start, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	return start;
}

static void touch_pages(char *start, size_t bytes, size_t first, size_t step)
{
	char *end = start + bytes;

	for (start += first * TOUCH_PAGE; start < end;
	     start += step * TOUCH_PAGE)
		__atomic_store_n(start, 1, __ATOMIC_RELAXED);
}

void touch_all(char *start, size_t bytes)
{
	touch_pages(start, bytes, 0, 1);
}

void touch_flush(char *scratch)
{
	size_t at;

	for (at = 0; at < TOUCH_SCRATCH_BYTES; at += TOUCH_PAGE)
		__atomic_load_n(scratch + at, __ATOMIC_RELAXED);
	madvise(scratch, TOUCH_SCRATCH_BYTES, MADV_DONTNEED);
}

/* Where a zone is now, and since when. */
struct place {
	bool active;
	char *start;
	u64 since_ns;
};

static void note_end(struct touch *touch, const struct zone *zone,
		     struct place *place, u64 now)
{
	const struct touched touched = {
		.from_ns = place->since_ns,
		.until_ns = now,
		.start = (unsigned long)place->start,
		.end = (unsigned long)place->start + zone->size,
		.period_us = zone->period_ms * USEC_PER_MSEC,
		.every = zone->every ?: 1,
	};

	if (place->active)
		touch->note(touch, &touched);
	place->active = false;
}

static void update_place(struct touch *touch, const struct zone *zone,
			 struct place *place, u64 round)
{
	bool active = round >= zone->from_ms && round < zone->until_ms;
	char *start = touch->mapping + zone->start;

	if (active && zone->step_ms)
		start += (round - zone->from_ms) / zone->step_ms * zone->step;
	if (place->active && (!active || place->start != start))
		note_end(touch, zone, place, touch_now_ns());
	if (active && !place->active)
		*place = (struct place){ true, start, touch_now_ns() };
}

/* In each round another part of the pages, all of them in each period. */
static void touch_zone(const struct zone *zone, const struct place *place,
		       u64 round)
{
	unsigned int every = zone->every ?: 1;

	touch_pages(place->start, zone->size, round % zone->period_ms * every,
		    zone->period_ms * every);
}

bool touch_run(struct touch *touch, u64 start_ns, u64 nr_rounds)
{
	struct place *places = calloc(touch->nr_zones + 1, sizeof(*places));
	char *scratch = map(TOUCH_SCRATCH_BYTES);
	u64 round, due_ns;
	size_t i;

	if (!places || !scratch)
		return false;
	for (round = 0; round < nr_rounds; round++) {
		if (touch->stop &&
		    __atomic_load_n(touch->stop, __ATOMIC_RELAXED))
			break;
		due_ns = start_ns + round * NSEC_PER_MSEC;
		touch_sleep_until(due_ns);
		if (touch_now_ns() > due_ns + LATE_NS)
			touch->nr_late++;
		touch_flush(scratch);
		for (i = 0; i < touch->nr_zones; i++) {
			update_place(touch, &touch->zones[i], &places[i],
				     round);
			if (places[i].active)
				touch_zone(&touch->zones[i], &places[i], round);
		}
	}
	for (i = 0; i < touch->nr_zones; i++)
		note_end(touch, &touch->zones[i], &places[i], touch_now_ns());
	munmap(scratch, TOUCH_SCRATCH_BYTES);
	free(places);
	return true;
}
