// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the policy code on simulated access patterns and scores what it says.
 *
 * One line a pattern: the share of hot bytes found and of found bytes that are
 * hot (as F1), pooled over the whole run and over its second half; the mean
 * absolute error of the access rate; regions, mean and most; checks per
 * sampling interval; the share of ages that are 0; the first aggregation from
 * which on F1 stays at 0.95 or more.
 */

#include <getopt.h>
#include <stdio.h>
#include <shim.h>

#include "../../../../mm/damon/policy/access.h"
#include "../../../../mm/damon/policy/region.h"
#include "../../../../mm/damon/policy/spec.h"

#define BASE		(1024UL * SZ_1G)
#define MAX_SPANS	4096
#define MS_PER_TICK	5

struct span {
	u64 start;
	u64 end;
	double rate;
};

struct scene {
	struct span spans[MAX_SPANS];
	int nr;
};

static u64 rng_state;

static u64 rng(void)
{
	u64 z = rng_state += 0x9E3779B97F4A7C15ULL;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
	return z ^ (z >> 31);
}

static double rng_unit(void)
{
	return (rng() >> 11) / 9007199254740992.;	/* 2^53 */
}

/* Patterns: what is accessed how often at a time, in address order. */

static void scene_add(struct scene *sc, u64 start, u64 end, double rate)
{
	start &= ~(PAGE_SIZE - 1);
	end &= ~(PAGE_SIZE - 1);
	sc->spans[sc->nr++] = (struct span){ start, end, rate };
}

static void zones(struct scene *sc, u64 sz, long ms)
{
	(void)ms;
	scene_add(sc, sz / 10, sz * 2 / 10, 1);
	scene_add(sc, sz * 45 / 100, sz / 2, .9);
	scene_add(sc, sz * 7 / 10, sz * 8 / 10, 1);
}

static void zones_moving(struct scene *sc, u64 sz, long ms)
{
	static const int at[] = { 10, 55, 30, 80, 5, 65 };
	int i = ms / 3000;

	for (int k = 0; k < 3; k++) {
		int pos = at[(i * 2 + k * 2) % 6] + k * 3;

		scene_add(sc, sz * pos / 100, sz * (pos + 6) / 100, 1);
	}
	/* Insertion sort of three. */
	for (int k = 1; k < 3; k++)
		for (int j = k; j && sc->spans[j].start < sc->spans[j - 1].start; j--)
			swap(sc->spans[j], sc->spans[j - 1]);
}

static void window(struct scene *sc, u64 sz, long ms)
{
	u64 pos = ms / 200 * 2 % 90;

	scene_add(sc, sz * pos / 100, sz * (pos + 10) / 100, 1);
}

static u64 spot_hash(u64 i)
{
	i = (i + 1) * 0xD6E8FEB86659FD93ULL;
	i = (i ^ (i >> 32)) * 0xD6E8FEB86659FD93ULL;
	return i ^ (i >> 32);
}

static void spots(struct scene *sc, u64 sz, int nr, u64 spot)
{
	for (int i = 0; i < nr; i++) {
		u64 room = sz / nr;
		u64 at = room * i + spot_hash(i) % (room - spot);

		at &= ~(PAGE_SIZE - 1);
		scene_add(sc, at, at + spot, 1);
	}
}

static void spots48(struct scene *sc, u64 sz, long ms)
{
	(void)ms;
	spots(sc, sz, 48, 256 << 10);
}

static void spots8(struct scene *sc, u64 sz, long ms)
{
	(void)ms;
	spots(sc, sz, 8, 128 << 10);
}

static void gradient(struct scene *sc, u64 sz, long ms)
{
	(void)ms;
	for (int i = 0; i < 16; i++)
		scene_add(sc, sz * i / 16, sz * (i + 1) / 16, i / 15.);
}

static void warm(struct scene *sc, u64 sz, long ms)
{
	(void)ms;
	scene_add(sc, 0, sz, .03);
}

static void quarter(struct scene *sc, u64 sz, long ms)
{
	(void)ms;
	scene_add(sc, sz / 4, sz / 2, .25);
	scene_add(sc, sz / 2, sz * 5 / 8, .75);
}

static void phases(struct scene *sc, u64 sz, long ms)
{
	if (ms / 4000 % 2)
		scene_add(sc, sz / 10, sz * 3 / 10, 1);
	else
		scene_add(sc, sz * 6 / 10, sz * 9 / 10, 1);
}

static void bursts(struct scene *sc, u64 sz, long ms)
{
	scene_add(sc, sz / 4, sz / 2, ms / 20 % 5 ? 0 : 1);
}

static void cooling(struct scene *sc, u64 sz, long ms)
{
	scene_add(sc, sz / 4, sz / 2, ms < 4000 ? 1 : .6);
}

static void cold(struct scene *sc, u64 sz, long ms)
{
	(void)sc; (void)sz; (void)ms;
}

static void zipf(struct scene *sc, u64 sz, long ms)
{
	(void)ms;
	for (int i = 0; i < 2048; i++)
		scene_add(sc, sz / 2048 * i, sz / 2048 * (i + 1),
			  min(1., 8. / (1 + spot_hash(i) % 2048)));
}

static const struct pattern {
	const char *name;
	void (*draw)(struct scene *sc, u64 sz, long ms);
	bool still;
} patterns[] = {
	{ "zones", zones, true },
	{ "zones_moving", zones_moving, false },
	{ "window", window, false },
	{ "spots48", spots48, true },
	{ "spots8", spots8, true },
	{ "gradient", gradient, true },
	{ "warm", warm, true },
	{ "quarter", quarter, true },
	{ "phases", phases, false },
	{ "bursts", bursts, false },
	{ "cooling", cooling, false },
	{ "cold", cold, true },
	{ "zipf", zipf, true },
};

static double scene_rate(const struct scene *sc, u64 at)
{
	int lo = 0, hi = sc->nr;

	while (lo < hi) {
		int mid = (lo + hi) / 2;

		if (sc->spans[mid].end <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < sc->nr && sc->spans[lo].start <= at ? sc->spans[lo].rate : 0;
}

struct sim {
	const struct pattern *pat;
	u64 sz;
	struct scene scene;
	struct damon_regions rs;
	struct damon_access ac;
	long tick;
	u64 checks;
	/* When the sample was prepared, by start address. */
	struct { unsigned long start; long tick; } *prep, *old;
	unsigned int nr_prep;
	double err_sum, tp, fp, fn, tp2, fp2, fn2;
	u64 nr_sum, reset, aged;
	unsigned int nr_max;
	long good_since;
};

static void sim_scene(struct sim *s, long tick)
{
	if (s->pat->still && tick)
		return;
	s->scene.nr = 0;
	s->pat->draw(&s->scene, s->sz, tick * MS_PER_TICK);
}

static void sim_check(struct sim *s)
{
	for (unsigned int i = 0; i < s->rs.nr; i++) {
		struct damon_region *r = &s->rs.cur[i];
		double miss = 1, rate;
		long span;

		if (!(r->flags & DAMON_REGION_PREPARED) ||
		    !damon_access_due(&s->ac, r, i))
			continue;
		rate = scene_rate(&s->scene,
				  damon_access_addr(&s->ac, r) - BASE);
		for (span = s->tick - s->prep[i].tick; span > 0; span--)
			miss *= 1 - rate;
		damon_access_record(&s->ac, r, rng_unit() >= miss);
		r->flags &= ~DAMON_REGION_PREPARED;
		s->checks++;
	}
}

static void sim_prepare(struct sim *s)
{
	unsigned int k = 0;

	swap(s->prep, s->old);
	for (unsigned int i = 0; i < s->rs.nr; i++) {
		struct damon_region *r = &s->rs.cur[i];

		s->prep[i].start = r->ar.start;
		if (r->flags & DAMON_REGION_PREPARED) {
			while (s->old[k].start != r->ar.start)
				k++;
			s->prep[i].tick = s->old[k].tick;
			continue;
		}
		damon_access_advance(r);
		r->flags |= DAMON_REGION_PREPARED;
		s->prep[i].tick = s->tick;
	}
}

static bool hot(double rate)
{
	return rate >= .5;
}

static void sim_score(struct sim *s, long aggr, long nr_aggrs)
{
	double err = 0, tp = 0, fp = 0, fn = 0, f1;
	struct damon_region *r = s->rs.cur;
	u64 pos = 0, end;
	int k = 0;

	sim_scene(s, s->tick - s->ac.max_nr_accesses / 2);
	while (pos < s->sz) {
		const struct span *sp = &s->scene.spans[k];
		double truth = 0, got = (double)r->nr_accesses / s->ac.max_nr_accesses;

		end = s->sz;
		if (k < s->scene.nr) {
			if (pos >= sp->end) {
				k++;
				continue;
			}
			end = pos < sp->start ? sp->start : sp->end;
			if (pos >= sp->start)
				truth = sp->rate;
		}
		end = min(end, (u64)(r->ar.end - BASE));
		err += (end - pos) * (truth > got ? truth - got : got - truth);
		if (hot(truth) && hot(got))
			tp += end - pos;
		else if (hot(truth))
			fn += end - pos;
		else if (hot(got))
			fp += end - pos;
		pos = end;
		if (pos == r->ar.end - BASE)
			r++;
	}
	s->err_sum += err / s->sz;
	s->tp += tp;
	s->fp += fp;
	s->fn += fn;
	if (aggr >= nr_aggrs / 2) {
		s->tp2 += tp;
		s->fp2 += fp;
		s->fn2 += fn;
	}
	f1 = tp + fp + fn > 0 ? 2 * tp / (2 * tp + fp + fn) : 1;
	if (f1 < .95)
		s->good_since = aggr + 1;
	s->nr_sum += s->rs.nr;
	s->nr_max = max(s->nr_max, s->rs.nr);
	for (unsigned int i = 0; i < s->rs.nr; i++) {
		s->reset += !s->rs.cur[i].age;
		s->aged++;
	}
}

static double f1(double tp, double fp, double fn)
{
	return tp + fp + fn > 0 ? 2 * tp / (2 * tp + fp + fn) : 1;
}

static void sim_run(const struct pattern *pat, u64 sz,
		    const struct damon_attrs *attrs, long nr_aggrs, int nr_seeds)
{
	struct sim s = { .pat = pat, .sz = sz };
	struct damon_addr_range range = { BASE, BASE + sz };
	double good = 0;

	for (int seed = 0; seed < nr_seeds; seed++) {
		s.tick = 0;
		s.good_since = 0;
		rng_state = seed * 1000 + 17;
		damon_access_init(&s.ac, attrs, PAGE_SIZE, seed * 77777 + 1);
		if (damon_regions_init(&s.rs, 1, attrs->max_nr_regions + 10))
			exit(1);
		s.prep = calloc(s.rs.cap, sizeof(*s.prep));
		s.old = calloc(s.rs.cap, sizeof(*s.old));
		damon_target_set_ranges(&s.rs, s.rs.targets, &range, 1,
					PAGE_SIZE, &s.ac.rnd);
		damon_access_fit(&s.ac, &s.rs);
		sim_scene(&s, 0);
		sim_prepare(&s);
		for (long aggr = 0; aggr < nr_aggrs;) {
			s.tick++;
			s.ac.tick++;
			sim_scene(&s, s.tick);
			sim_check(&s);
			if (s.ac.tick == s.ac.max_nr_accesses) {
				damon_access_aggregate(&s.ac, &s.rs);
				sim_score(&s, aggr, nr_aggrs);
				damon_access_reset(&s.ac, &s.rs);
				if (!damon_regions_check(&s.rs, &s.ac))
					abort();
				aggr++;
			}
			sim_prepare(&s);
		}
		good += s.good_since;
		free(s.prep);
		free(s.old);
		damon_regions_free(&s.rs);
	}
	nr_aggrs *= nr_seeds;
	printf("%-13s %9lu  %.3f %.3f %.4f %7.1f %5u %7.1f %7.3f %7.1f\n",
	       pat->name, (unsigned long)(sz >> 20), f1(s.tp, s.fp, s.fn),
	       f1(s.tp2, s.fp2, s.fn2), s.err_sum / nr_aggrs,
	       (double)s.nr_sum / nr_aggrs, s.nr_max,
	       (double)s.checks / nr_aggrs / s.ac.max_nr_accesses,
	       (double)s.reset / s.aged, good / nr_seeds);
}

int main(int argc, char **argv)
{
	long nr_aggrs = 120, nr_seeds = 5;
	const char *only = NULL;
	u64 mib = 512;
	struct damon_spec spec;
	int c;

	damon_spec_init(&spec);
	while ((c = getopt(argc, argv, "a:s:p:m:n:x:")) != -1) {
		switch (c) {
		case 'a':
			nr_aggrs = atol(optarg);
			break;
		case 's':
			nr_seeds = atol(optarg);
			break;
		case 'p':
			only = optarg;
			break;
		case 'm':
			mib = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			spec.attrs.min_nr_regions = strtoul(optarg, NULL, 0);
			break;
		case 'x':
			spec.attrs.max_nr_regions = strtoul(optarg, NULL, 0);
			break;
		default:
			fputs("usage: sim [-p pattern] [-m MiB] [-a aggregations]\n"
			      "           [-s seeds] [-n min] [-x max]\n", stderr);
			return 2;
		}
	}
	printf("%-13s %9s  %5s %5s %6s %7s %5s %7s %7s %7s\n", "pattern",
	       "MiB", "F1", "half", "error", "regions", "max", "checks",
	       "resets", "settled");
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		if (!only || !strcmp(only, patterns[i].name))
			sim_run(&patterns[i], mib << 20, &spec.attrs, nr_aggrs,
				nr_seeds);
	return 0;
}
