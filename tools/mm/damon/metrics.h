/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers for monitoring systems: samples are added in any order and written
 * by family, as OpenMetrics, as Prometheus text or as JSON.
 */
#ifndef DAMON_TOOL_METRICS_H
#define DAMON_TOOL_METRICS_H

#include <stdio.h>

#include "types.h"

enum metric_type {
	METRIC_GAUGE,
	METRIC_COUNTER,
	METRIC_HISTOGRAM,	/* of what is now, which goes up and down */
};

/* A row for each family, in the order of writing. */
struct metric_family {
	const char *name;	/* without _total; ends with _unit */
	const char *unit;	/* base unit or NULL */
	const char *help;
	enum metric_type type;
};

#define MAX_LABELS	6

struct metric_labels {
	unsigned int nr;
	struct {
		const char *key;
		char *value;
	} label[MAX_LABELS];
};

struct metric_sample {
	unsigned int family;
	const char *suffix;	/* of histograms: "_bucket" and others */
	struct metric_labels labels;
	double value;
};

struct metrics {
	const struct metric_family *families;
	unsigned int nr_families;
	struct metric_sample *samples;
	size_t nr, capacity;
	bool no_memory;		/* what is there is not all */
	struct metric_labels labels;	/* of samples to come */
};

/* Labels of all samples from here on, until they are popped. */
void metrics_push(struct metrics *m, const char *key, const char *fmt, ...)
	__printf(3, 4);
void metrics_pop(struct metrics *m, unsigned int nr);
void metrics_add(struct metrics *m, unsigned int family, double value);

/* A histogram of which each byte is an observation. */
#define NR_IDLE_BUCKETS	13

extern const double idle_bucket_s[NR_IDLE_BUCKETS];	/* the last is infinite */

struct idle_histogram {
	double bytes[NR_IDLE_BUCKETS];	/* above the bound before */
	double sum;			/* of seconds times bytes */
};

/* Time below 0 counts as 0. */
void idle_histogram_add(struct idle_histogram *h, double seconds, double bytes);
void metrics_add_histogram(struct metrics *m, unsigned int family,
			   const struct idle_histogram *h);

void metrics_write_openmetrics(FILE *out, const struct metrics *m);
void metrics_write_prometheus(FILE *out, const struct metrics *m);
void metrics_write_json(FILE *out, const struct metrics *m);
void metrics_free(struct metrics *m);

#endif
