// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated memory: what a sample sees, what a scout sees, what is true.
 *
 * All has been written once before the monitoring begins, so at first all
 * entries of page tables say touched.  They are looked at as vaddr_scout.c does
 * it: only entries whose whole reach is in the range count, and an untouched
 * entry of the upper level saves the look at those below.  Large ranges are
 * looked at by entries of the upper level only, but for cut off ends.
 */

#include "sim.h"

#include "../../../../mm/damon/policy/scout.h"

#define BLOCK_SIZE		BIT(BLOCK_SHIFT)
#define PAGES_PER_BLOCK		(BLOCK_SIZE / PAGE_SIZE)

/* A range of more blocks is a large one. */
#define COARSE			2048

/* Nearer to certain than any run can tell. */
#define CERTAIN			.9999

double world_unit(struct world *w)
{
	u64 z = w->rng += 0x9E3779B97F4A7C15ULL;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
	z ^= z >> 31;
	return (z >> 11) / 9007199254740992.;	/* 2^53 */
}

static double power(double base, u64 n)
{
	double result = 1;

	for (; n; n >>= 1) {
		if (n & 1)
			result *= base;
		base *= base;
	}
	return result;
}

/* Index of the first span that ends behind @addr. */
static int scene_find(const struct scene *sc, u64 addr)
{
	int lo = 0, hi = sc->nr;

	while (lo < hi) {
		int mid = (lo + hi) / 2;

		if (sc->spans[mid].end <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

double scene_rate(const struct scene *sc, u64 addr)
{
	int i = scene_find(sc, addr);

	return i < sc->nr && sc->spans[i].start <= addr ?
		sc->spans[i].rate : 0;
}

/* First address behind @addr where the rate may be another; @end if none. */
static u64 scene_next(const struct scene *sc, u64 addr, u64 end)
{
	int i = scene_find(sc, addr);

	if (i == sc->nr)
		return end;
	return sc->spans[i].start > addr ? sc->spans[i].start :
		sc->spans[i].end;
}

/* Add @weight times @more. */
static void scene_blend(struct scene *sum, const struct scene *more,
			double weight, u64 sz)
{
	struct scene *was = malloc(sizeof(*was));
	u64 end;

	if (!was)
		abort();
	*was = *sum;
	sum->nr = 0;
	for (u64 pos = 0; pos < sz; pos = end) {
		end = min(scene_next(was, pos, sz), scene_next(more, pos, sz));
		scene_add(sum, pos, end, scene_rate(was, pos) +
			  weight * scene_rate(more, pos));
	}
	free(was);
}

/* Huge pages: all of a block is accessed if any of it is. */
static void scene_round(struct scene *sc)
{
	struct scene *fine = malloc(sizeof(*fine));
	double idle = 1;
	u64 block = 0;

	if (!fine)
		abort();
	*fine = *sc;
	sc->nr = 0;
	for (int i = 0; i < fine->nr; i++) {
		const struct span *s = &fine->spans[i];
		u64 first = s->start & -BLOCK_SIZE;
		u64 last = (s->end - 1) & -BLOCK_SIZE;

		for (u64 at = first; at <= last;) {
			u64 end = at + BLOCK_SIZE, pages;

			if (at != block) {
				scene_add(sc, block, block + BLOCK_SIZE,
					  1 - idle);
				block = at;
				idle = 1;
			}
			pages = (min(end, s->end) - max(at, s->start)) /
				PAGE_SIZE;
			idle *= power(1 - s->rate, pages);
			/* Whole blocks all at once, but for the last one. */
			if (at > first && end < last) {
				scene_add(sc, at, last, 1 - idle);
				idle = 1;
				block = last;
				end = last;
			}
			at = end;
		}
	}
	scene_add(sc, block, block + BLOCK_SIZE, 1 - idle);
	free(fine);
}

/* The pattern's time at the start of the interval that ends with a tick. */
static long tick_ms(const struct world *w, long tick)
{
	return w->ms_ahead + (tick - 1) * MS_PER_TICK;
}

static long tick_step(const struct world *w, long tick)
{
	return w->pattern->step_ms ? tick_ms(w, tick) / w->pattern->step_ms : 0;
}

static void world_draw(const struct world *w, long tick, struct scene *sc)
{
	sc->nr = 0;
	w->pattern->draw(sc, w->sz, tick_ms(w, tick), w->seed);
	if (w->thp)
		scene_round(sc);
}

/* Set the bits of what was accessed since the last tick. */
static void world_mark(struct world *w)
{
	static struct extent touched[MAX_SPANS];
	int nr = 0;

	if (w->settled)
		return;
	w->settled = true;
	for (int i = 0; i < w->now.nr; i++) {
		const struct span *s = &w->now.spans[i];
		u64 pages = min((s->end - s->start) / PAGE_SIZE,
				PAGES_PER_BLOCK);
		double p = 1 - power(1 - s->rate, pages);

		/* A span that is larger than a block is taken as one. */
		if (p < CERTAIN && world_unit(w) >= p) {
			w->settled = false;
			continue;
		}
		touched[nr++] = (struct extent){
			.start = s->start >> BLOCK_SHIFT,
			.end = ((s->end - 1) >> BLOCK_SHIFT) + 1,
		};
	}
	extents_add(&w->blocks, touched, nr);
	for (int i = 0; i < nr; i++) {
		touched[i].start >>= TABLE_SHIFT - BLOCK_SHIFT;
		touched[i].end = ((touched[i].end - 1) >>
				  (TABLE_SHIFT - BLOCK_SHIFT)) + 1;
	}
	extents_add(&w->tables, touched, nr);
}

/**
 * world_init() - Go to tick 0.
 * @w:	with pattern, size, seed and options set, all else 0
 */
void world_init(struct world *w)
{
	w->rng = mix(w->seed);
	/* Nobody's intervals begin when those of the pattern do. */
	w->ms_ahead = w->pattern->step_ms ? mix(w->seed + 77) % 200 : 0;
	world_draw(w, 1, &w->now);
	w->before = w->now;
	w->changed = 1;
	extents_push(&w->blocks, 0, ALIGN(w->sz, BLOCK_SIZE) >> BLOCK_SHIFT);
	extents_push(&w->tables, 0,
		     ALIGN(w->sz, BIT(TABLE_SHIFT)) >> TABLE_SHIFT);
}

/**
 * world_tick() - Let a sampling interval pass.
 * @w:	the world
 */
void world_tick(struct world *w)
{
	w->tick++;
	if (w->tick > 1 && tick_step(w, w->tick) != tick_step(w, w->tick - 1)) {
		w->before = w->now;
		w->changed = w->tick;
		world_draw(w, w->tick, &w->now);
		w->settled = false;
	}
	world_mark(w);
}

/**
 * world_sample() - Was a page accessed?
 * @w:		the world
 * @addr:	where
 * @since:	the tick at which that was cleared
 *
 * What came before the last but one change of the scene counts as if it had
 * been like after it.
 *
 * Return: true if so.
 */
bool world_sample(struct world *w, u64 addr, long since)
{
	long recent = min(w->tick - since, w->tick - w->changed + 1);
	double idle = power(1 - scene_rate(&w->now, addr), recent);

	if (w->tick - since > recent)
		idle *= power(1 - scene_rate(&w->before, addr),
			      w->tick - since - recent);
	w->nr_checks++;
	return world_unit(w) >= idle;
}

static void tell(struct damon_scout_map *map, u64 base, u64 block, u64 end)
{
	damon_scout_touched(map, base + (block << BLOCK_SHIFT),
			    base + (end << BLOCK_SHIFT));
}

static void look_at_blocks(struct world *w, u64 first, u64 behind,
			   struct damon_scout_map *map, u64 base)
{
	for (int i = 0; i < w->blocks.nr; i++) {
		u64 at = max(w->blocks.v[i].start, first);
		u64 end = min(w->blocks.v[i].end, behind);

		if (at < end && w->miss <= 0)
			tell(map, base, at, end);
		for (; at < end && w->miss > 0; at++)
			if (world_unit(w) >= w->miss)
				tell(map, base, at, at + 1);
	}
	extents_clear(&w->blocks, first, behind);
}

/**
 * world_look() - Tell a scout what was touched since it last looked.
 * @w:		the world
 * @start:	first address
 * @end:	first address behind it
 * @map:	told
 * @base:	what @map's addresses are ahead of the world's
 *
 * Return: false if it will not look at more in this aggregation.
 */
bool world_look(struct world *w, u64 start, u64 end,
		struct damon_scout_map *map, u64 base)
{
	const u64 reach = BIT(TABLE_SHIFT - BLOCK_SHIFT);
	u64 pos = ALIGN(start, BLOCK_SIZE) >> BLOCK_SHIFT, next;
	u64 behind = end >> BLOCK_SHIFT;
	bool coarse = behind - pos > COARSE;
	unsigned int nr = 0;

	if (!w->look_left)
		return false;
	for (; pos < behind; pos = next) {
		u64 table = pos / reach;
		bool whole = pos % reach == 0 && behind - pos >= reach;
		bool touched = extents_overlap(&w->tables, table, table + 1);

		nr++;
		next = min(behind, (table + 1) * reach);
		if (whole && !touched)
			continue;
		if (whole)
			extents_clear(&w->tables, table, table + 1);
		if (whole && coarse) {
			tell(map, base, pos, next);
			continue;
		}
		nr += next - pos;
		look_at_blocks(w, pos, next, map, base);
	}
	w->settled = false;
	w->nr_looked += nr;
	w->look_left -= min(w->look_left, nr);
	return true;
}

/**
 * world_truth() - What was accessed how often.
 * @w:		the world
 * @from:	the mean is over the intervals from this tick to now
 * @truth:	overwritten
 */
void world_truth(const struct world *w, long from, struct scene *truth)
{
	struct scene *sc;
	long next;

	if (tick_step(w, from + 1) == tick_step(w, w->tick)) {
		world_draw(w, w->tick, truth);
		return;
	}
	sc = malloc(sizeof(*sc));
	if (!sc)
		abort();
	truth->nr = 0;
	for (long tick = from + 1; tick <= w->tick; tick = next) {
		next = tick + 1;
		while (next <= w->tick &&
		       tick_step(w, next) == tick_step(w, tick))
			next++;
		world_draw(w, tick, sc);
		scene_blend(truth, sc, (double)(next - tick) /
			    (w->tick - from), w->sz);
	}
	free(sc);
}
