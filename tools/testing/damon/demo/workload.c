// SPDX-License-Identifier: GPL-2.0
/*
 * A program whose accesses are known.
 *
 * It maps some memory and touches zones of it again and again, as the table
 * below says, and writes down when it touched what.
 *
 * The truth that it writes:
 *   damon-truth 1
 *   mapping START END                  addresses, hexadecimal
 *   touched FROM UNTIL START END PERIOD  times in ns, period in us
 *   end TIME LATE                      passes that came too late
 */
#include <stdio.h>

#include "touch.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MIB		1048576UL
#define MAPPING_BYTES	(256 * MIB)
#define HOT_MS		4	/* period of a zone accessed at every sample */
#define WARM_MS		20

static const struct zone zones[] = {
	/* a large one that jumps, and jumps back */
	{ 0, 4000, 16 * MIB, 16 * MIB, .period_ms = HOT_MS },
	{ 4000, 8000, 128 * MIB, 16 * MIB, .period_ms = HOT_MS },
	{ 8000, 12000, 208 * MIB, 16 * MIB, .period_ms = HOT_MS },
	{ 12000, 16000, 16 * MIB, 16 * MIB, .period_ms = HOT_MS },
	/* a smaller one with another rhythm */
	{ 0, 6000, 96 * MIB, 8 * MIB, .period_ms = HOT_MS },
	{ 6000, 11000, 48 * MIB, 8 * MIB, .period_ms = HOT_MS },
	{ 11000, 16000, 112 * MIB, 8 * MIB, .period_ms = HOT_MS },
	/* a window that slides */
	{ 0, 16000, 144 * MIB, 12 * MIB, .step = 2 * MIB, .step_ms = 500,
	  .period_ms = HOT_MS },
	/* memory that is warm */
	{ 2000, 14000, 232 * MIB, 12 * MIB, .period_ms = WARM_MS },
	/* and a rest of 200 MiB that is cold */
};

static FILE *truth;

static void write_down(struct touch *touch, const struct touched *t)
{
	(void)touch;
	fprintf(truth, "touched %llu %llu %llx %llx %llu\n", t->from_ns,
		t->until_ns, t->start, t->end, t->period_us);
}

int main(int argc, char **argv)
{
	struct touch touch = {
		.zones = zones,
		.nr_zones = ARRAY_SIZE(zones),
		.note = write_down,
	};
	unsigned int nr_rounds = 0;
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
	touch.mapping = touch_map(MAPPING_BYTES, false);
	if (!touch.mapping) {
		perror("mmap");
		return 1;
	}
	touch_all(touch.mapping, MAPPING_BYTES);
	fprintf(truth, "damon-truth 1\nmapping %lx %lx\n",
		(unsigned long)touch.mapping,
		(unsigned long)touch.mapping + MAPPING_BYTES);
	fflush(truth);

	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		if (nr_rounds < zones[i].until_ms)
			nr_rounds = zones[i].until_ms;
	}
	if (!touch_run(&touch, touch_now_ns(), nr_rounds)) {
		perror("mmap");
		return 1;
	}
	fprintf(truth, "end %llu %llu\n", touch_now_ns(), touch.nr_late);
	if (fclose(truth)) {
		perror(argv[1]);
		return 1;
	}
	return 0;
}
