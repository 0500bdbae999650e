// SPDX-License-Identifier: GPL-2.0
#include "histogram.h"

const char *const rate_class_names[NR_RATE_CLASSES] = {
	"never", "to 10%", "to 25%", "to 50%", "to 75%", "< 100%", "100%",
};

const double rate_class_max[NR_RATE_CLASSES] = {
	0, .1, .25, .5, .75, 1, 1,
};

const char *const age_class_names[NR_AGE_CLASSES] = {
	"< 0.3 s", "< 1 s", "< 3 s", "< 10 s", "< 30 s", "< 2 m", "< 10 m",
	"longer",
};

const u64 age_class_us[NR_AGE_CLASSES] = {
	0, 300 * USEC_PER_MSEC, USEC_PER_SEC, 3 * USEC_PER_SEC,
	10 * USEC_PER_SEC, 30 * USEC_PER_SEC, 120 * USEC_PER_SEC,
	600 * USEC_PER_SEC,
};

static unsigned int rate_class(double rate)
{
	unsigned int class = 0;

	if (rate >= 1)
		return NR_RATE_CLASSES - 1;
	while (rate > rate_class_max[class])
		class++;
	return class;
}

static unsigned int age_class(u64 age_ns)
{
	unsigned int class = NR_AGE_CLASSES - 1;

	while (age_ns / NSEC_PER_USEC < age_class_us[class])
		class--;
	return class;
}

void histogram_collect(struct histogram *histogram, struct selection *sel)
{
	struct snapshot snap = {};
	unsigned int rate, age;
	double ns = 0;

	*histogram = (struct histogram){};
	sel->source.rewind(&sel->source);
	while (sel->source.next(&sel->source, &snap)) {
		double weight = selection_ns(sel, &snap);
		u32 i;

		for (i = 0; i < snap.nr_regions; i++) {
			const struct region *r = &snap.regions[i];

			rate = rate_class(snapshot_rate(&snap, r));
			age = age_class(snapshot_age_ns(&snap, r));
			histogram->bytes[rate][age] +=
				(r->end - r->start) * weight;
		}
		ns += weight;
		histogram->nr_snapshots++;
	}
	snapshot_free(&snap);
	for (rate = 0; rate < NR_RATE_CLASSES && ns > 0; rate++) {
		for (age = 0; age < NR_AGE_CLASSES; age++)
			histogram->bytes[rate][age] /= ns;
	}
}

double histogram_rate_bytes(const struct histogram *histogram,
			    unsigned int rate)
{
	double bytes = 0;
	unsigned int age;

	for (age = 0; age < NR_AGE_CLASSES; age++)
		bytes += histogram->bytes[rate][age];
	return bytes;
}

double histogram_age_bytes(const struct histogram *histogram, unsigned int age)
{
	double bytes = 0;
	unsigned int rate;

	for (rate = 0; rate < NR_RATE_CLASSES; rate++)
		bytes += histogram->bytes[rate][age];
	return bytes;
}

double histogram_bytes(const struct histogram *histogram)
{
	double bytes = 0;
	unsigned int rate;

	for (rate = 0; rate < NR_RATE_CLASSES; rate++)
		bytes += histogram_rate_bytes(histogram, rate);
	return bytes;
}
