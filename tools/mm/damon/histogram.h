/* SPDX-License-Identifier: GPL-2.0 */
/* How much memory was accessed how often, and since when: frequency x age x size. */
#ifndef DAMON_TOOL_HISTOGRAM_H
#define DAMON_TOOL_HISTOGRAM_H

#include "select.h"

#define NR_RATE_CLASSES	7	/* never, ... at every sample */
#define NR_AGE_CLASSES	8

/* The same classes for all records, so that they can be compared. */
extern const char *const rate_class_names[NR_RATE_CLASSES];
extern const char *const age_class_names[NR_AGE_CLASSES];
/* The largest rate of a class; the next begins right above it. */
extern const double rate_class_max[NR_RATE_CLASSES];
/* The age where a class begins. */
extern const u64 age_class_us[NR_AGE_CLASSES];

struct histogram {
	/* the mean over the time */
	double bytes[NR_RATE_CLASSES][NR_AGE_CLASSES];
	u64 nr_snapshots;
};

void histogram_collect(struct histogram *histogram, struct selection *sel);
double histogram_rate_bytes(const struct histogram *histogram,
			    unsigned int rate);
double histogram_age_bytes(const struct histogram *histogram, unsigned int age);
double histogram_bytes(const struct histogram *histogram);

#endif
