// SPDX-License-Identifier: GPL-2.0
/* How large the working set was: as a distribution, and over time. */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "report.h"
#include "wss.h"

#define CURVE_LINES	8
#define JSON_COLUMNS	240
#define LABEL_WIDTH	9	/* a size and a blank */
#define BAR_CELLS	40
#define CURVE_LEVEL	33	/* the colour */
#define EIGHTHS		8

static const unsigned int percents[] = { 0, 5, 25, 50, 75, 95, 99, 100 };

static const char *percent_name(char buf[UNIT_LEN], unsigned int percent)
{
	if (!percent)
		return "least";
	if (percent == 100)
		return "most";
	if (percent == 50)
		return "median";
	snprintf(buf, UNIT_LEN, "%u%%", percent);
	return buf;
}

/* A bar from the left or up, in cells of eight eighths. */
static void put_eighths(unsigned int eighths, bool utf8, bool up)
{
	static const char *const right[] = {
		" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█",
	};
	static const char *const high[] = {
		" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█",
	};

	if (utf8)
		fputs(up ? high[eighths] : right[eighths], stdout);
	else
		putchar(eighths > EIGHTHS / 2 ? '#' : eighths ? '.' : ' ');
}

static void put_bar(double share, const struct text_style *style)
{
	unsigned int eighths = share * BAR_CELLS * EIGHTHS + .5;
	struct pen pen = PEN_OFF;

	if (style->color)
		pen_set(stdout, &pen, (struct pen){ CURVE_LEVEL, -1 });
	for (; eighths; eighths -= min_u64(eighths, EIGHTHS))
		put_eighths(min_u64(eighths, EIGHTHS), style->utf8, false);
	pen_set(stdout, &pen, PEN_OFF);
}

static void put_distribution(const struct wss *wss,
			     const struct text_style *style)
{
	double max = max_u64(wss_percentile(wss, 100), 1);
	char size[UNIT_LEN], name[UNIT_LEN];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(percents); i++) {
		u64 bytes = wss_percentile(wss, percents[i]);

		printf("%8s %8s  ", percent_name(name, percents[i]),
		       unit_size(size, bytes));
		put_bar(bytes / max, style);
		putchar('\n');
	}
	printf("%8s %8s\n\n", "mean", unit_size(size, whole_size(wss->mean)));
}

static void put_curve(const struct report *report, const double *column,
		      unsigned int nr, unsigned int lines)
{
	struct pen pen = PEN_OFF;
	unsigned int i, line;
	char size[UNIT_LEN];
	double max = 1;

	for (i = 0; i < nr; i++)
		max = column[i] > max ? column[i] : max;
	max = size_ceiling(max);
	for (line = lines; line--;) {
		if (line == lines - 1)
			unit_size(size, whole_size(max));
		else if (line + 1 == lines / 2)
			unit_size(size, whole_size(max * (line + 1) / lines));
		else
			size[0] = '\0';
		printf("%*s ", LABEL_WIDTH - 1, size);
		if (report->style.color)
			pen_set(stdout, &pen, (struct pen){ CURVE_LEVEL, -1 });
		for (i = 0; i < nr; i++) {
			double high = column[i] / max * lines - line;
			unsigned int eighths = high <= 0 ? 0 : high >= 1 ?
				EIGHTHS : high * EIGHTHS + .5;

			/* what is not nothing can be seen */
			if (!line && column[i] > 0 && !eighths)
				eighths = 1;
			put_eighths(eighths, report->style.utf8, true);
		}
		pen_set(stdout, &pen, PEN_OFF);
		putchar('\n');
	}
	printf("%*s ", LABEL_WIDTH - 1, "0");
	text_ticks(stdout, report->space.to_ns - report->space.from_ns, nr);
	putchar('\n');
}

static void put_text(const struct report *report, const struct wss *wss,
		     const double *column, unsigned int nr)
{
	const struct report_config *config = &report->config;

	text_titles(stdout, report->title, report->subtitle, &report->style);
	put_distribution(wss, &report->style);
	put_curve(report, column, nr, config->rows ? config->rows : CURVE_LINES);
	if (config->access_percent)
		printf("\nworking set: memory accessed in %llu%% of the samples or more\n",
		       config->access_percent);
	else
		puts("\nworking set: memory that was accessed at all during a snapshot");
}

static void put_json(const struct report *report, const struct wss *wss,
		     const double *column, unsigned int nr)
{
	u64 span_ns = report->space.to_ns - report->space.from_ns;
	unsigned int i;

	report_json_head(report);
	printf("  \"min_access_percent\": %llu,\n  \"mean_bytes\": %.0f,\n",
	       report->config.access_percent, wss->mean);
	fputs("  \"percentiles\": {", stdout);
	for (i = 0; i < ARRAY_SIZE(percents); i++)
		printf("%s\"%u\": %llu", i ? ", " : "", percents[i],
		       wss_percentile(wss, percents[i]));
	fputs("},\n  \"curve\": [\n", stdout);
	for (i = 0; i < nr; i++) {
		printf("    {\"from_ns\": %.0f, \"bytes\": ",
		       report->space.from_ns + (double)span_ns * i / nr);
		if (column[i] < 0)
			fputs("null", stdout);
		else
			printf("%.0f", column[i]);
		puts(i + 1 < nr ? "}," : "}");
	}
	fputs("  ]\n}\n", stdout);
}

int report_wss(struct report *report)
{
	unsigned int nr = report->config.columns, lines;
	double *column = NULL;
	struct wss wss;
	int status = 0;

	if (!nr && report->config.json) {
		nr = JSON_COLUMNS;
	} else if (!nr) {
		text_size(stdout, &nr, &lines);
		nr = nr < LABEL_WIDTH + 16 ? 16 : nr - LABEL_WIDTH;
	}
	column = calloc(nr, sizeof(*column));
	if (!wss_collect(&wss, &report->selection,
			 report->config.access_percent / 100.) || !column) {
		status = fail(STATUS_FAILED, "out of memory");
	} else {
		wss_curve(&wss, report->space.from_ns, report->space.to_ns,
			  column, nr);
		if (report->config.json)
			put_json(report, &wss, column, nr);
		else
			put_text(report, &wss, column, nr);
	}
	free(column);
	wss_free(&wss);
	return status;
}
