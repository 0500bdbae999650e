// SPDX-License-Identifier: GPL-2.0
#include "pattern.h"

#define HOT_MS		4	/* found accessed by every sample */
#define SAMPLE_MS	5
#define MOVE_MS		3000
#define PHASE_MS	2000

typedef unsigned long long u64;

/* Looks random, and is the same each time. */
static u64 hash(u64 i, unsigned int seed)
{
	i = (i + 1 + seed * 1000003ULL) * 0xD6E8FEB86659FD93ULL;
	i = (i ^ (i >> 32)) * 0xD6E8FEB86659FD93ULL;
	return i ^ (i >> 32);
}

static struct zone *add(struct drawing *d, unsigned long start,
			unsigned long size, unsigned int period_ms)
{
	struct zone *zone = &d->zones[d->nr++];

	start -= start % d->align;
	size -= size % d->align;
	*zone = (struct zone){
		.until_ms = ~0U,
		.start = start,
		.size = size,
		.period_ms = period_ms,
	};
	return zone;
}

static unsigned long per_mille(const struct drawing *d, unsigned long share)
{
	return d->bytes / 1000 * share;
}

/* Part of a hundredth, so that no two seeds have zones at the same place. */
static unsigned long jitter(const struct drawing *d, u64 i)
{
	return hash(i, d->seed) % per_mille(d, 10);
}

void draw_zones(struct drawing *d)
{
	add(d, per_mille(d, 100) + jitter(d, 0), per_mille(d, 100), HOT_MS);
	add(d, per_mille(d, 450) + jitter(d, 1), per_mille(d, 50), HOT_MS);
	add(d, per_mille(d, 700) + jitter(d, 2), per_mille(d, 100), HOT_MS);
}

static void spots(struct drawing *d, unsigned int nr, unsigned long size)
{
	unsigned long room = d->bytes / nr;
	unsigned int i;

	for (i = 0; i < nr; i++)
		add(d, room * i + hash(i, d->seed) % (room - size), size,
		    HOT_MS);
}

void draw_spots48(struct drawing *d)
{
	spots(d, 48, 256 << 10);
}

void draw_spots8(struct drawing *d)
{
	spots(d, 8, 128 << 10);
}

/* Three zones, all of them somewhere else every now and then. */
void draw_moving(struct drawing *d)
{
	static const unsigned int at[] = { 150, 550, 300, 800, 30, 650 };
	unsigned int ms, i, move;

	for (ms = 0; ms < d->run_ms; ms += MOVE_MS) {
		move = ms / MOVE_MS + d->seed;
		for (i = 0; i < 3; i++) {
			unsigned int place = at[(move + i) * 2 % 6 + move % 2];
			struct zone *zone;

			zone = add(d, per_mille(d, place) + jitter(d, i),
				   per_mille(d, 60), HOT_MS);
			zone->from_ms = ms;
			zone->until_ms = ms + MOVE_MS;
		}
	}
}

/* A tenth of the memory, from one end to the other, again and again. */
void draw_window(struct drawing *d)
{
	const unsigned int step_ms = 200, steps = 45;
	unsigned int ms = 0, first = hash(0, d->seed) % steps;

	while (ms < d->run_ms) {
		struct zone *zone = add(d, first * per_mille(d, 20),
					per_mille(d, 100), HOT_MS);

		zone->step_ms = step_ms;
		zone->step = per_mille(d, 20);
		zone->step -= zone->step % d->align;
		zone->from_ms = ms;
		ms += (steps - first) * step_ms;
		zone->until_ms = ms;
		first = 0;
	}
}

/* Chunks of popularity 1/rank, in no order. */
void draw_zipf(struct drawing *d)
{
	const unsigned int nr = 128, hottest = 8;
	unsigned long chunk = d->bytes / nr;
	unsigned int i, rank;

	for (i = 0; i < nr; i++) {
		/* an odd factor makes it a permutation */
		rank = (i * 77 + d->seed * 29) % nr + 1;
		add(d, i * chunk, chunk, rank <= hottest ? HOT_MS :
		    SAMPLE_MS * rank / hottest);
	}
}

void draw_gradient(struct drawing *d)
{
	const unsigned int nr = 16;
	unsigned long step = d->bytes / nr;
	unsigned int i;

	for (i = 1; i < nr; i++)
		add(d, (d->seed % 2 ? nr - 1 - i : i) * step, step,
		    i == nr - 1 ? HOT_MS : SAMPLE_MS * (nr - 1) / i);
}

/* Everything rests, now and then. */
void draw_on_off(struct drawing *d)
{
	unsigned int ms;

	for (ms = 0; ms < d->run_ms; ms += 2 * PHASE_MS) {
		struct zone *zone = add(d, per_mille(d, 300) + jitter(d, 0),
					per_mille(d, 200), HOT_MS);

		zone->from_ms = ms;
		zone->until_ms = ms + PHASE_MS;
	}
}

/* One page of four, all the time; and one whole zone. */
void draw_sparse(struct drawing *d)
{
	add(d, per_mille(d, 200) + jitter(d, 0), per_mille(d, 200),
	    HOT_MS)->every = 4;
	add(d, per_mille(d, 600) + jitter(d, 1), per_mille(d, 100), HOT_MS);
}

void draw_hot(struct drawing *d)
{
	add(d, 0, d->bytes, HOT_MS);
}

/* Every second sample finds something, anywhere. */
void draw_half(struct drawing *d)
{
	add(d, 0, d->bytes, 2 * SAMPLE_MS);
}

void draw_cold(struct drawing *d)
{
	(void)d;
}

/* One page of each page table. */
void draw_heads(struct drawing *d)
{
	add(d, 0, d->bytes, HOT_MS)->every = 512;
}

/* 200 MiB, somewhere. */
void draw_needle(struct drawing *d)
{
	const unsigned long size = 200UL << 20;

	add(d, hash(0, d->seed) % (d->bytes - size), size, HOT_MS);
}
