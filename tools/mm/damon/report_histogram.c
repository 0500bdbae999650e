// SPDX-License-Identifier: GPL-2.0
/* How much memory was accessed how often, and since when. */
#include "fail.h"
#include "histogram.h"
#include "report.h"

#define CELL_WIDTH	8

static double largest_cell(const struct histogram *histogram)
{
	unsigned int rate, age;
	double max = 0;

	/* what is never accessed is mostly more than all else */
	for (rate = 1; rate < NR_RATE_CLASSES; rate++) {
		for (age = 0; age < NR_AGE_CLASSES; age++)
			if (histogram->bytes[rate][age] > max)
				max = histogram->bytes[rate][age];
	}
	return max;
}

static void put_cell(double bytes, double max, bool color)
{
	unsigned int level = size_level(bytes, max);
	struct pen pen = PEN_OFF;
	char size[UNIT_LEN];

	if (color && level)
		pen_set(stdout, &pen, (struct pen){
			level_is_bright(level) ? PEN_BLACK : PEN_WHITE, level });
	printf("%*s ", CELL_WIDTH - 1,
	       bytes < .5 ? "." : unit_size(size, whole_size(bytes)));
	pen_set(stdout, &pen, PEN_OFF);
}

static void put_text(const struct report *report,
		     const struct histogram *histogram)
{
	double max = largest_cell(histogram);
	unsigned int rate, age;
	char size[UNIT_LEN];

	text_titles(stdout, report->title, report->subtitle, &report->style);
	fputs(" access  ", stdout);
	for (age = 0; age < NR_AGE_CLASSES; age++)
		printf("%*s ", CELL_WIDTH - 1, age_class_names[age]);
	puts("    all");
	for (rate = NR_RATE_CLASSES; rate--;) {
		printf("%*s  ", CELL_WIDTH - 1, rate_class_names[rate]);
		for (age = 0; age < NR_AGE_CLASSES; age++)
			put_cell(histogram->bytes[rate][age], max,
				 rate && report->style.color);
		printf("%*s\n", CELL_WIDTH - 1,
		       unit_size(size, whole_size(histogram_rate_bytes(histogram, rate))));
	}
	printf("%*s  ", CELL_WIDTH - 1, "all");
	for (age = 0; age < NR_AGE_CLASSES; age++)
		printf("%*s ", CELL_WIDTH - 1,
		       unit_size(size, whole_size(histogram_age_bytes(histogram, age))));
	printf("%*s\n", CELL_WIDTH - 1,
	       unit_size(size, whole_size(histogram_bytes(histogram))));
	puts("\ncells: bytes in the mean over the time\n"
	     "access: share of the samples that found it accessed, up to so much\n"
	     "columns: how long it has had this rate");
}

static void put_json(const struct report *report,
		     const struct histogram *histogram)
{
	unsigned int rate, age;

	report_json_head(report);
	fputs("  \"classes\": [\n", stdout);
	for (rate = 0; rate < NR_RATE_CLASSES; rate++) {
		for (age = 0; age < NR_AGE_CLASSES; age++) {
			printf("    {\"access\": \"%s\", \"max_rate\": %g, ",
			       rate_class_names[rate], rate_class_max[rate]);
			printf("\"min_age_us\": %llu, \"bytes\": %.0f}%s\n",
			       age_class_us[age], histogram->bytes[rate][age],
			       rate + 1 < NR_RATE_CLASSES ||
			       age + 1 < NR_AGE_CLASSES ? "," : "");
		}
	}
	printf("  ],\n  \"total_bytes\": %.0f\n}\n", histogram_bytes(histogram));
}

int report_histogram(struct report *report)
{
	struct histogram histogram;

	histogram_collect(&histogram, &report->selection);
	if (report->config.json)
		put_json(report, &histogram);
	else
		put_text(report, &histogram);
	return 0;
}
