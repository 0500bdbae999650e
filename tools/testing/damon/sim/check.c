// SPDX-License-Identifier: GPL-2.0
/*
 * Tests: does the simulator tell right from wrong, and does the policy code
 * stay within limits, on fixed seeds, that it once was well within.
 */

#include "sim.h"

#include "../../../../mm/damon/policy/scout.h"

#define NR_SEEDS	3
#define MIB		BIT(20)
#define GIB		BIT(30)
#define TIB		BIT(40)

/* What sums of fractions may be off by. */
#define EPSILON		.000000001

static unsigned int nr_passed, nr_failed;

static void tell(bool ok, const char *name, const char *what)
{
	if (ok)
		nr_passed++;
	else
		nr_failed++;
	printf("%sok %u sim.%s%s%s\n", ok ? "" : "not ", nr_passed + nr_failed,
	       name, *what ? " # " : "", what);
}

static bool about(double is, double wanted, double tolerance)
{
	bool ok = is >= wanted - tolerance && is <= wanted + tolerance;

	if (!ok)
		printf("# %g instead of %g\n", is, wanted);
	return ok;
}

static struct world *world_create(const char *pattern, u64 sz)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->pattern = pattern_find(pattern);
	w->sz = sz;
	world_init(w);
	return w;
}

/* A report that says what a scene is, moved up by some bytes, and wraps. */
static void score_scene(struct score *s, const struct scene *sc, u64 sz,
			u64 shift)
{
	struct report rep = {};
	u64 pos = 0;

	while (pos < sz) {
		u64 at = (pos + sz - shift) % sz, end = at + PAGE_SIZE;

		while (end < sz && scene_rate(sc, end) == scene_rate(sc, at))
			end += PAGE_SIZE;
		end = min(pos + end - at, sz);
		report_add(&rep, pos, end, scene_rate(sc, at), 1);
		pos = end;
	}
	score_add(s, &rep, sc, sz, true);
	free(rep.v);
}

static void check_score(void)
{
	const u64 sz = 100 * MIB;
	struct scene *sc = calloc(1, sizeof(*sc));
	struct score same = {}, shifted = {}, half = {}, cold = {};

	if (!sc)
		abort();
	/* 20 of 100 are hot, 10 of which are still when shifted by 10. */
	scene_add(sc, 40 * MIB, 60 * MIB, 1);
	score_scene(&same, sc, sz, 0);
	tell(about(score_f1(&same, 0), 1, 0) && about(score_f1(&same, 1), 1, 0) &&
	     about(same.error, 0, 0) && !same.good_from, "score_same", "");
	score_scene(&half, sc, sz, 10 * MIB);
	tell(about(score_f1(&half, 0), .5, EPSILON) &&
	     about(half.error, .2, EPSILON) && half.good_from == 1,
	     "score_half", "");
	score_scene(&shifted, sc, sz, 50 * MIB);
	tell(about(score_f1(&shifted, 0), 0, 0) &&
	     about(shifted.error, .4, EPSILON), "score_shifted", "");
	sc->nr = 0;
	scene_add(sc, 0, sz, .25);
	score_scene(&cold, sc, sz, 0);
	tell(score_f1(&cold, 0) != score_f1(&cold, 0), "score_nothing_hot", "");
	free(sc);
}

static void check_samples(void)
{
	struct world *w = world_create("quarter", 512 * MIB);
	double one = 0, four = 0, cold = 0;
	const int nr = 20000;

	w->tick = 10;
	for (int i = 0; i < nr; i++) {
		one += world_sample(w, 130 * MIB, 9);
		four += world_sample(w, 130 * MIB, 6);
		cold += world_sample(w, 10 * MIB, 6);
	}
	tell(about(one / nr, .25, .01) &&
	     about(four / nr, 1 - .75 * .75 * .75 * .75, .01) &&
	     about(cold, 0, 0) && w->nr_checks == 3UL * nr, "samples", "");
	free(w);
}

/* The scene changes within the aggregation: the truth is the mean. */
static void check_truth(void)
{
	struct world *w = world_create("on_off", 512 * MIB);
	struct scene *truth = calloc(1, sizeof(*truth));
	long off;

	if (!truth)
		abort();
	w->ms_ahead = 0;
	/* It is on from 1 s on: in the ticks from the 201st to the 400th. */
	w->tick = 205;
	world_truth(w, 185, truth);
	tell(about(scene_rate(truth, 130 * MIB), 5 / 20., EPSILON) &&
	     about(scene_rate(truth, 10 * MIB), 0, 0), "truth_mean", "");

	/* A sample that was open from before to after sees what was after. */
	memset(w, 0, sizeof(*w));
	w->pattern = pattern_find("on_off");
	w->sz = 512 * MIB;
	world_init(w);
	off = (1000 - w->ms_ahead + MS_PER_TICK - 1) / MS_PER_TICK;
	while (w->tick < off)
		world_tick(w);
	tell(!world_sample(w, 130 * MIB, 0), "sample_before", "");
	world_tick(w);
	tell(world_sample(w, 130 * MIB, w->tick - 4), "sample_across", "");
	free(truth);
	free(w);
}

static unsigned int looks(struct world *w, u64 start, u64 end)
{
	struct damon_scout_map map = {
		.start = start,
		.end = start,
		.min_sz = PAGE_SIZE,
		.min_gap = DAMON_SCOUT_BLOCK,
	};

	w->look_left = 1000000;
	if (!world_look(w, start, end, &map, 0))
		abort();
	return map.end > start ? (map.end - start) / DAMON_SCOUT_BLOCK : 0;
}

/* What a scout is told: the end of what was touched, in blocks of 2 MiB. */
static void check_looks(void)
{
	struct world *w = world_create("zones", 20 * GIB);
	u64 hot = 2 * GIB;		/* from a tenth on */
	bool ok;

	world_tick(w);
	/* All was written once; then nothing was touched; then what is hot. */
	ok = about(looks(w, 0, 3 * GIB), 1536, 0) &&
		about(looks(w, 0, 3 * GIB), 0, 0);
	world_tick(w);
	ok &= about(looks(w, 0, 3 * GIB), 1536, 0) &&
		about(looks(w, 0, hot), 0, 0);
	world_tick(w);
	/* Blocks that are cut off do not count, nor are they cleared. */
	ok &= about(looks(w, hot - PAGE_SIZE, hot + PAGE_SIZE), 0, 0) &&
		about(looks(w, hot, hot + DAMON_SCOUT_BLOCK), 1, 0);
	tell(ok, "looks", "");

	world_tick(w);
	looks(w, 0, 20 * GIB);
	w->nr_looked = 0;
	looks(w, 0, 2 * GIB);
	ok = about(w->nr_looked, 2, 0);
	w->nr_looked = 0;
	world_tick(w);
	looks(w, 0, 3 * GIB);
	ok &= about(w->nr_looked, 3 + 512, 0);
	w->nr_looked = 0;
	looks(w, 0, 20 * GIB);
	ok &= about(w->nr_looked, 20, 0);
	w->look_left = 0;
	ok &= !world_look(w, 0, hot, NULL, 0);
	tell(ok, "looks_effort", "");

	w->miss = 1;
	world_tick(w);
	tell(about(looks(w, 0, 3 * GIB), 0, 0), "looks_missed", "");
	free(w);
}

static void check_huge(void)
{
	struct world *w = calloc(1, sizeof(*w));
	struct scene *fine = calloc(1, sizeof(*fine));
	const u64 block = DAMON_SCOUT_BLOCK;
	const struct span *s;
	u64 sum = 0;

	if (!w || !fine)
		abort();
	w->pattern = pattern_find("spots8");
	w->sz = 512 * MIB;
	w->thp = true;
	world_init(w);
	w->pattern->draw(fine, w->sz, 0, 0);
	for (int i = 0; i < w->now.nr; i++) {
		s = &w->now.spans[i];
		sum += s->end - s->start;
		if (s->start % block || s->end % block || s->rate != 1)
			sum = 0;
	}
	/* Of eight spots, each in its block or across two. */
	tell(sum >= 8 * block && sum <= 16 * block &&
	     scene_rate(&w->now, fine->spans[3].start) == 1, "huge", "");
	free(fine);
	free(w);
}

/* What has to be told apart is: to look at nothing must not go unnoticed. */
static void check_monitors(void)
{
	struct setup s = {
		.monitor = &ours,
		.pattern = pattern_find("spots48"),
		.sz = 16 * GIB,
		.nr_aggrs = 60,
		.nr_seeds = 1,
		.min_nr = 10,
		.max_nr = 1000,
		.scout = true,
	};
	struct result with = simulate(&s, NULL, 0), again, blind, old;

	again = simulate(&s, NULL, 0);
	tell(!memcmp(&with, &again, sizeof(with)), "repeatable", "");
	s.scout = false;
	blind = simulate(&s, NULL, 0);
	s.monitor = &classic;
	old = simulate(&s, NULL, 0);
	tell(with.f1 > .9 && blind.f1 < .6 && old.f1 < .2 && with.looks > 0 &&
	     blind.looks == 0 && old.looks == 0, "scout_is_needed", "");
	s.pattern = pattern_find("zones");
	old = simulate(&s, NULL, 0);
	tell(old.f1 > .95, "classic_finds_zones", "");
}

enum { NO_SCOUT = 1, THP, STALE };

/* F1 at least; error, regions, checks and looks per tick at most. */
static const struct limit {
	const char *pattern;
	u64 sz;
	double f1;
	double error;
	double regions;
	double checks;
	double looks;
	int how;
} limits[] = {
	{ "zones", 512 * MIB, .993, .0016, 49, 19, 3 },
	{ "zones_moving", 512 * MIB, .988, .0037, 56, 24, 4 },
	{ "window", 512 * MIB, .96, .0105, 60, 31, 5 },
	{ "spots48", 512 * MIB, .97, .0028, 229, 86, 4 },
	{ "spots8", 512 * MIB, .97, .0007, 82, 28, 4 },
	{ "spots_warm", 512 * MIB, .95, .0311, 143, 90, 5 },
	{ "sparse", 512 * MIB, .13, .0158, 308, 136, 2 },
	{ "stripes", 512 * MIB, .988, .0106, 123, 50, 3 },
	{ "gradient", 512 * MIB, .94, .0393, 50, 46, 2 },
	{ "zipf", 512 * MIB, .87, .0317, 105, 75, 5 },
	{ "warm", 512 * MIB, 0, .0311, 48, 46, 4 },
	{ "quarter", 512 * MIB, .986, .0142, 48, 28, 3 },
	{ "phases", 512 * MIB, .989, .0031, 49, 21, 4 },
	{ "on_off", 512 * MIB, .993, .0016, 48, 25, 4 },
	{ "bursts", 512 * MIB, 0, .0009, 47, 24, 3 },
	{ "flicker", 512 * MIB, .87, .0178, 48, 24, 3 },
	{ "cooling", 512 * MIB, .987, .0096, 48, 23, 3 },
	{ "cold", 512 * MIB, 0, .0005, 47, 10, 4 },
	{ "hot", 512 * MIB, .994, .0005, 47, 20, 0 },
	{ "zones", 16 * GIB, .994, .0013, 48, 19, 63 },
	{ "zones_moving", 16 * GIB, .989, .0034, 55, 24, 75 },
	{ "window", 16 * GIB, .97, .0099, 58, 31, 97 },
	{ "spots48", 16 * GIB, .97, .0006, 242, 92, 81 },
	{ "spots8", 16 * GIB, .97, .0005, 84, 29, 84 },
	{ "zipf", 16 * GIB, .87, .0323, 104, 74, 107 },
	{ "warm", 16 * GIB, 0, .0311, 48, 46, 83 },
	{ "bursts", 16 * GIB, 0, .0008, 47, 24, 63 },
	{ "cold", 16 * GIB, 0, .0005, 47, 10, 84 },
	{ "zones", 1 * TIB, .994, .0013, 47, 18, 164 },
	{ "spots48", 1 * TIB, .96, .0005, 246, 93, 335 },
	{ "spots8", 1 * TIB, .96, .0005, 84, 29, 245 },
	{ "warm", 1 * TIB, 0, .0311, 48, 46, 218 },
	{ "zones", 16 * TIB, .994, .0013, 47, 18, 279 },
	{ "window", 16 * TIB, .97, .0093, 59, 31, 398 },
	{ "spots48", 16 * TIB, .96, .0005, 244, 93, 479 },
	{ "spots8", 16 * TIB, .96, .0005, 84, 29, 402 },
	{ "spots_warm", 16 * TIB, .94, .0318, 147, 96, 767 },
	{ "zipf", 16 * TIB, .85, .0324, 97, 70, 613 },
	{ "warm", 16 * TIB, 0, .0311, 48, 46, 369 },
	{ "cold", 16 * TIB, 0, .0005, 47, 10, 366 },
	{ "zones", 512 * MIB, .993, .0017, 49, 19, 0, NO_SCOUT },
	{ "spots48", 512 * MIB, .97, .0031, 141, 59, 0, NO_SCOUT },
	{ "spots8", 512 * MIB, .97, .0007, 66, 24, 0, NO_SCOUT },
	{ "window", 512 * MIB, .96, .0115, 52, 27, 0, NO_SCOUT },
	{ "cold", 512 * MIB, 0, .0005, 47, 10, 0, NO_SCOUT },
	{ "spots48", 512 * MIB, .984, .0092, 177, 71, 3, THP },
	{ "spots8", 512 * MIB, .986, .0021, 74, 27, 4, THP },
	{ "window", 512 * MIB, .96, .0123, 60, 32, 5, THP },
	{ "spots48", 16 * GIB, .98, .0009, 152, 58, 85, THP },
	{ "zones", 16 * GIB, .993, .0007, 55, 20, 65, THP },
	{ "spots48", 16 * GIB, .96, .0006, 241, 91, 82, STALE },
	{ "spots8", 16 * GIB, .96, .0005, 84, 29, 84, STALE },
	{ "window", 16 * GIB, .97, .0097, 57, 30, 96, STALE },
	{ "spots48", 16 * TIB, .94, .0005, 242, 92, 493, STALE },
};

static void check_limit(const struct limit *l)
{
	static const char *const how[] = { "", " no scout", " huge", " stale" };
	struct setup s = {
		.monitor = &ours,
		.pattern = pattern_find(l->pattern),
		.sz = l->sz,
		.nr_aggrs = 120,
		.nr_seeds = NR_SEEDS,
		.first_seed = 1000,
		.min_nr = 10,
		.max_nr = 1000,
		.scout = l->how != NO_SCOUT,
		.thp = l->how == THP,
		.miss = l->how == STALE ? .3 : 0,
	};
	struct result r = simulate(&s, NULL, 0);
	char what[160];
	bool ok;

	ok = (l->f1 ? r.f1 >= l->f1 : r.f1 != r.f1) && r.error <= l->error &&
		r.regions <= l->regions && r.checks <= l->checks &&
		r.looks <= l->looks;
	snprintf(what, sizeof(what),
		 "%s %lu MiB%s: F1 %.3f error %.4f regions %.0f checks %.1f looks %.1f",
		 l->pattern, l->sz / MIB, how[l->how], r.f1, r.error, r.regions,
		 r.checks, r.looks);
	tell(ok, "limits", what);
}

/**
 * check_run() - Run all tests.
 *
 * Return: what to exit with.
 */
int check_run(void)
{
	check_score();
	check_samples();
	check_truth();
	check_looks();
	check_huge();
	check_monitors();
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		check_limit(&limits[i]);
	printf("%u passed, %u failed\n", nr_passed, nr_failed);
	return nr_failed || !nr_passed;
}
