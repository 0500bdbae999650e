/* SPDX-License-Identifier: GPL-2.0 */
/* What programs do with their memory. */
#ifndef DAMON_BENCH_PATTERN_H
#define DAMON_BENCH_PATTERN_H

#include "touch.h"

#define PATTERN_MAX_ZONES	160

struct drawing {
	struct zone zones[PATTERN_MAX_ZONES];
	size_t nr;
	unsigned long bytes;	/* of the mapping */
	unsigned long align;	/* of zones */
	unsigned int run_ms;
	unsigned int seed;
};

/* Fills in zones.  They differ a bit from seed to seed. */
typedef void pattern(struct drawing *d);

pattern draw_zones, draw_spots48, draw_spots8, draw_moving, draw_window,
	draw_zipf, draw_gradient, draw_on_off, draw_sparse, draw_hot, draw_cold,
	draw_needle, draw_half, draw_heads;

#endif
