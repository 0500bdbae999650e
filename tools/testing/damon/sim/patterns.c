// SPDX-License-Identifier: GPL-2.0
/* Patterns: what is accessed how often at a time, in address order. */

#include "sim.h"

/* A bijection of 64 bits without any pattern. */
u64 mix(u64 x)
{
	x = (x + 1) * 0xD6E8FEB86659FD93ULL;
	x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93ULL;
	return x ^ (x >> 32);
}

void scene_add(struct scene *sc, u64 start, u64 end, double rate)
{
	start &= PAGE_MASK;
	end &= PAGE_MASK;
	if (start >= end || rate <= 0)
		return;
	if (sc->nr == MAX_SPANS)
		abort();
	sc->spans[sc->nr++] = (struct span){ start, end, rate };
}

static void zones(struct scene *sc, u64 sz, long ms, u32 seed)
{
	scene_add(sc, sz / 10, sz * 2 / 10, 1);
	scene_add(sc, sz / 100 * 45, sz / 2, .9);
	scene_add(sc, sz * 7 / 10, sz * 8 / 10, 1);
}

static void zones_moving(struct scene *sc, u64 sz, long ms, u32 seed)
{
	static const int at[] = { 10, 55, 30, 80, 5, 65 };
	int first = ms / 3000 * 2 % 6;
	int pos[3];

	for (int k = 0; k < 3; k++)
		pos[k] = at[(first + k * 2) % 6] + k * 3;
	if (pos[0] > pos[1])
		swap(pos[0], pos[1]);
	if (pos[1] > pos[2])
		swap(pos[1], pos[2]);
	if (pos[0] > pos[1])
		swap(pos[0], pos[1]);
	for (int k = 0; k < 3; k++)
		scene_add(sc, sz / 100 * pos[k], sz / 100 * (pos[k] + 6), 1);
}

static void window(struct scene *sc, u64 sz, long ms, u32 seed)
{
	u64 pos = ms / 200 * 2 % 90;

	scene_add(sc, sz / 100 * pos, sz / 100 * (pos + 10), 1);
}

static void spots(struct scene *sc, u64 sz, int nr, u64 spot, u32 seed,
		  double others)
{
	u64 behind = 0;

	for (int i = 0; i < nr; i++) {
		u64 room = sz / nr;
		u64 at = room * i + mix(i + 1000ULL * seed) % (room - spot);

		at &= PAGE_MASK;
		scene_add(sc, behind, at, others);
		scene_add(sc, at, at + spot, 1);
		behind = at + spot;
	}
	scene_add(sc, behind, sz, others);
}

static void spots48(struct scene *sc, u64 sz, long ms, u32 seed)
{
	spots(sc, sz, 48, 256 << 10, seed, 0);
}

static void spots8(struct scene *sc, u64 sz, long ms, u32 seed)
{
	spots(sc, sz, 8, 128 << 10, seed, 0);
}

static void spots_warm(struct scene *sc, u64 sz, long ms, u32 seed)
{
	spots(sc, sz, 48, sz / 4096, seed, .02);
}

static void sparse(struct scene *sc, u64 sz, long ms, u32 seed)
{
	spots(sc, sz, 1024, PAGE_SIZE, seed, 0);
}

static void stripes(struct scene *sc, u64 sz, long ms, u32 seed)
{
	for (int i = 0; i < 64; i += 2)
		scene_add(sc, sz / 64 * i, sz / 64 * (i + 1), 1);
}

static void gradient(struct scene *sc, u64 sz, long ms, u32 seed)
{
	for (int i = 0; i < 16; i++)
		scene_add(sc, sz / 16 * i, sz / 16 * (i + 1), i / 15.);
}

static void zipf(struct scene *sc, u64 sz, long ms, u32 seed)
{
	for (int i = 0; i < 2048; i++)
		scene_add(sc, sz / 2048 * i, sz / 2048 * (i + 1),
			  min(1., 8. / (1 + mix(i + 10000ULL * seed) % 2048)));
}

static void warm(struct scene *sc, u64 sz, long ms, u32 seed)
{
	scene_add(sc, 0, sz, .03);
}

static void quarter(struct scene *sc, u64 sz, long ms, u32 seed)
{
	scene_add(sc, sz / 4, sz / 2, .25);
	scene_add(sc, sz / 2, sz / 8 * 5, .75);
}

static void phases(struct scene *sc, u64 sz, long ms, u32 seed)
{
	if (ms / 4000 % 2)
		scene_add(sc, sz / 10, sz / 10 * 3, 1);
	else
		scene_add(sc, sz / 10 * 6, sz / 10 * 9, 1);
}

static void on_off(struct scene *sc, u64 sz, long ms, u32 seed)
{
	scene_add(sc, sz / 4, sz / 2, ms / 1000 % 2);
}

/* 20 ms of each 100 ms. */
static void bursts(struct scene *sc, u64 sz, long ms, u32 seed)
{
	scene_add(sc, sz / 4, sz / 2, ms / 20 % 5 == 0);
}

/* Three of five times of 20 ms, but not in turns. */
static void flicker(struct scene *sc, u64 sz, long ms, u32 seed)
{
	scene_add(sc, sz / 4, sz / 2, mix(ms / 20 + 100000ULL * seed) % 5 < 3);
}

static void cooling(struct scene *sc, u64 sz, long ms, u32 seed)
{
	scene_add(sc, sz / 4, sz / 2, ms < 4000 ? 1 : .6);
}

static void cold(struct scene *sc, u64 sz, long ms, u32 seed)
{
}

static void hot(struct scene *sc, u64 sz, long ms, u32 seed)
{
	scene_add(sc, 0, sz, 1);
}

const struct pattern patterns[] = {
	{ "zones", zones },
	{ "zones_moving", zones_moving, 3000 },
	{ "window", window, 200 },
	{ "spots48", spots48 },
	{ "spots8", spots8 },
	{ "spots_warm", spots_warm },
	{ "sparse", sparse },
	{ "stripes", stripes },
	{ "gradient", gradient },
	{ "zipf", zipf },
	{ "warm", warm },
	{ "quarter", quarter },
	{ "phases", phases, 4000 },
	{ "on_off", on_off, 1000 },
	{ "bursts", bursts, 20 },
	{ "flicker", flicker, 20 },
	{ "cooling", cooling, 4000 },
	{ "cold", cold },
	{ "hot", hot },
};

const int nr_patterns = ARRAY_SIZE(patterns);

const struct pattern *pattern_find(const char *name)
{
	for (int i = 0; i < nr_patterns; i++)
		if (!strcmp(patterns[i].name, name))
			return &patterns[i];
	return NULL;
}
