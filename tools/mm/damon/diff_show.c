// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "diff.h"
#include "fail.h"
#include "units.h"

#define TEXT_LINES	16
#define SVG_ROWS	128
#define SVG_COLUMNS	160
#define MAX_CHANGES	12	/* in text */
#define CELL_WIDTH	8
#define TITLE_WORDS	60	/* of a long path */

/* "+12M", "-3K", "." for nothing */
static const char *signed_size(char buf[UNIT_LEN + 1], double bytes)
{
	double size = bytes < 0 ? -bytes : bytes;

	if (size < .5)
		return ".";
	buf[0] = bytes < 0 ? '-' : '+';
	unit_size(buf + 1, whole_size(size));
	return buf;
}

/* Without "-0". */
static double rounded(double percent)
{
	return percent > -.5 && percent < .5 ? 0 : percent;
}

static void put_line(const char *name, double a, double b)
{
	char sizes[NR_SIDES][UNIT_LEN], change[UNIT_LEN + 1];

	printf("%-24s %8s %8s %9s", name, unit_size(sizes[SIDE_A], whole_size(a)),
	       unit_size(sizes[SIDE_B], whole_size(b)), signed_size(change, b - a));
	if (a >= 1)
		printf(" %8.0f%%\n", rounded((b - a) / a * 100));
	else
		putchar('\n');
}

static void put_sizes(const struct diff *diff)
{
	const struct wss *wss = diff->wss;
	const struct histogram *histogram = diff->histogram;
	unsigned int i;

	printf("%-24s %8s %8s %9s\n", "", "A", "B", "change");
	put_line("working set, median", wss_percentile(&wss[SIDE_A], 50),
		 wss_percentile(&wss[SIDE_B], 50));
	put_line("working set, 95%", wss_percentile(&wss[SIDE_A], 95),
		 wss_percentile(&wss[SIDE_B], 95));
	for (i = NR_RATE_CLASSES; i--;) {
		char name[40];

		snprintf(name, sizeof(name), "accessed: %s", rate_class_names[i]);
		put_line(name, histogram_rate_bytes(&histogram[SIDE_A], i),
			 histogram_rate_bytes(&histogram[SIDE_B], i));
	}
	put_line("all that was monitored", histogram_bytes(&histogram[SIDE_A]),
		 histogram_bytes(&histogram[SIDE_B]));
}

/* The difference of the histograms; the hotter half is what is accessed more. */
static void put_classes(const struct diff *diff, bool color)
{
	unsigned int rate, age;
	double max = 0;

	fputs("\nB - A   ", stdout);
	for (age = 0; age < NR_AGE_CLASSES; age++)
		printf(" %*s", CELL_WIDTH - 1, age_class_names[age]);
	putchar('\n');
	for (rate = 1; rate < NR_RATE_CLASSES; rate++) {
		for (age = 0; age < NR_AGE_CLASSES; age++) {
			double change = diff->histogram[SIDE_B].bytes[rate][age] -
				diff->histogram[SIDE_A].bytes[rate][age];

			if (change > max)
				max = change;
		}
	}
	for (rate = NR_RATE_CLASSES; rate--;) {
		printf("%*s ", CELL_WIDTH - 1, rate_class_names[rate]);
		for (age = 0; age < NR_AGE_CLASSES; age++) {
			double change = diff->histogram[SIDE_B].bytes[rate][age] -
				diff->histogram[SIDE_A].bytes[rate][age];
			unsigned int level = size_level(change, max);
			struct pen pen = PEN_OFF;
			char size[UNIT_LEN + 1];

			if (color && rate && level)
				pen_set(stdout, &pen, (struct pen){
					level_is_bright(level) ? PEN_BLACK :
					PEN_WHITE, level });
			printf("%*s", CELL_WIDTH, signed_size(size, change));
			pen_set(stdout, &pen, PEN_OFF);
		}
		putchar('\n');
	}
}

static int larger_first(const void *a, const void *b)
{
	const struct change *const *first = a, *const *second = b;
	double size[2];
	int i;

	for (i = 0; i < 2; i++) {
		const struct change *c = i ? *second : *first;
		double by = c->rate[SIDE_B] - c->rate[SIDE_A];

		size[i] = (c->end - c->start) * (by < 0 ? -by : by);
	}
	return size[0] > size[1] ? -1 : size[0] < size[1];
}

static int by_address(const void *a, const void *b)
{
	const struct change *const *first = a, *const *second = b;

	return (*first)->start < (*second)->start ? -1 : 1;
}

static void put_changes(const struct diff *diff)
{
	const struct change *sorted[DIFF_ROWS];
	unsigned int i, nr = diff->nr_changes;
	char size[UNIT_LEN], a[UNIT_LEN], b[UNIT_LEN];

	for (i = 0; i < nr; i++)
		sorted[i] = &diff->change[i];
	if (!nr) {
		puts("\nNo address became hotter or colder by 10% or more.");
		return;
	}
	qsort(sorted, nr, sizeof(sorted[0]), larger_first);
	if (nr > MAX_CHANGES)
		nr = MAX_CHANGES;
	qsort(sorted, nr, sizeof(sorted[0]), by_address);
	printf("\n%16s %16s %8s %8s %8s\n", "start", "end", "size", "A", "B");
	for (i = 0; i < nr; i++) {
		const struct change *c = sorted[i];

		printf("%16llx %16llx %8s %8s %8s  %s\n", c->start, c->end,
		       unit_size(size, c->end - c->start),
		       unit_percent(a, c->rate[SIDE_A]),
		       unit_percent(b, c->rate[SIDE_B]),
		       c->rate[SIDE_B] > c->rate[SIDE_A] ? "hotter" : "colder");
	}
	if (nr < diff->nr_changes)
		printf("... and %u smaller changes\n", diff->nr_changes - nr);
}

int diff_put_picture(struct diff *diff, const char *svg)
{
	struct text_style style = diff->report[0].style;
	struct heatmap map[NR_SIDES];
	struct space space[NR_SIDES];
	char title[CAPTION_LEN];
	struct picture picture = {
		.title = title, .subtitle = "the same addresses in both",
		.nr_panels = NR_SIDES,
		.panel = { { "A", &map[SIDE_A] }, { "B", &map[SIDE_B] } },
	};
	unsigned int columns, lines, unit = svg ? 1 : text_style_rows(&style);
	int status = 0;
	FILE *out;

	snprintf(title, sizeof(title), "A: %.*s, B: %.*s", TITLE_WORDS,
		 diff->report[SIDE_A].path, TITLE_WORDS, diff->report[SIDE_B].path);
	text_size(stdout, &columns, &lines);
	columns = svg ? SVG_COLUMNS : text_cells(&diff->space, columns, NR_SIDES);
	if (!diff_heatmaps(diff, map, space, svg ? SVG_ROWS : TEXT_LINES * unit,
			   unit, columns)) {
		status = fail(STATUS_FAILED, "out of memory");
	} else {
		picture.scale = picture_scale(&picture);
		if (svg) {
			out = report_create(svg);
			if (out) {
				draw_svg(out, &picture);
				status = report_finish(out, svg);
			} else {
				status = STATUS_FAILED;
			}
		} else {
			putchar('\n');
			draw_text(stdout, &picture, &style);
		}
	}
	heat_free(&map[SIDE_A]);
	heat_free(&map[SIDE_B]);
	return status;
}

int diff_put_text(struct diff *diff)
{
	struct text_style *style = &diff->report[0].style;
	enum side side;

	for (side = 0; side < NR_SIDES; side++) {
		const struct report *report = &diff->report[side];

		printf("%s%c ", style->color ? "\033[1m" : "", "AB"[side]);
		print_harmless(stdout, report->path);
		fputs(": ", stdout);
		print_harmless(stdout, report->title);
		fputs(style->color ? "\033[0m\n  " : "\n  ", stdout);
		print_harmless(stdout, report->subtitle);
		putchar('\n');
	}
	putchar('\n');
	put_sizes(diff);
	put_classes(diff, style->color);
	puts("access: share of the samples, up to so much; columns: since when");
	if (!diff_is_comparable(diff)) {
		printf("\nOnly %.0f%% of the addresses are in both: not compared by address.\n",
		       diff->common * 100);
		return 0;
	}
	put_changes(diff);
	return diff_put_picture(diff, NULL);
}

static void put_json_side(const struct diff *diff, enum side side)
{
	const struct report *report = &diff->report[side];
	const struct wss *wss = &diff->wss[side];
	struct record_target who = caption_target(&report->reader,
						  report->config.space.target);
	unsigned int rate, age;

	printf("  \"%c\": {\n    \"file\": ", "ab"[side]);
	json_string(stdout, report->path);
	fputs(", \"command\": ", stdout);
	json_string(stdout, who.command);
	printf(", \"pid\": %llu, \"target\": %llu,\n", who.pid, who.target);
	printf("    \"nr_snapshots\": %llu, \"from_ns\": %llu, \"to_ns\": %llu,\n",
	       report->space.nr_snapshots, report->space.from_ns,
	       report->space.to_ns);
	printf("    \"wss_mean_bytes\": %.0f, \"wss_median_bytes\": %llu, ",
	       wss->mean, wss_percentile(wss, 50));
	printf("\"wss_p95_bytes\": %llu,\n", wss_percentile(wss, 95));
	printf("    \"monitored_bytes\": %.0f, \"classes\": [\n",
	       histogram_bytes(&diff->histogram[side]));
	for (rate = 0; rate < NR_RATE_CLASSES; rate++) {
		printf("      {\"max_rate\": %g, \"access\": \"%s\", \"bytes_by_age\": [",
		       rate_class_max[rate], rate_class_names[rate]);
		for (age = 0; age < NR_AGE_CLASSES; age++)
			printf("%s%.0f", age ? ", " : "",
			       diff->histogram[side].bytes[rate][age]);
		puts(rate + 1 < NR_RATE_CLASSES ? "]}," : "]}");
	}
	puts("    ]\n  },");
}

void diff_put_json(const struct diff *diff)
{
	unsigned int i;

	puts("{");
	put_json_side(diff, SIDE_A);
	put_json_side(diff, SIDE_B);
	fputs("  \"min_age_us\": [", stdout);
	for (i = 0; i < NR_AGE_CLASSES; i++)
		printf("%s%llu", i ? ", " : "", age_class_us[i]);
	printf("],\n  \"min_access_percent\": %llu,\n",
	       diff->report[0].config.access_percent);
	printf("  \"common_addresses\": %.4g,\n  \"comparable\": %s,\n",
	       diff->common, diff_is_comparable(diff) ? "true" : "false");
	puts("  \"changes\": [");
	for (i = 0; i < diff->nr_changes; i++) {
		const struct change *c = &diff->change[i];

		printf("    {\"start\": %llu, \"end\": %llu, ", c->start, c->end);
		printf("\"rate_a\": %.4g, \"rate_b\": %.4g}%s\n",
		       c->rate[SIDE_A], c->rate[SIDE_B], i + 1 < diff->nr_changes ? "," : "");
	}
	puts("  ]\n}");
}
