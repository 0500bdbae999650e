// SPDX-License-Identifier: GPL-2.0
/*
 * Everything about a record as one HTML page that needs nothing else.
 *
 * The page is page.css and page.js, which draws what is in a JSON object, and
 * that object.  It has the cells of the heat maps, one character each, not the
 * regions: its size does not depend on the length of the record.
 */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "histogram.h"
#include "report.h"
#include "wss.h"

#define PAGE_ROWS	160
#define PAGE_COLUMNS	480
#define MAX_PAGE_TARGETS	16	/* a page stays below 2 MB */

/* nothing but what is in the page */
#define PAGE_POLICY \
	"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

#define EMBED(name, file)						\
	asm(".section .rodata\n"					\
	    ".global " #name ", " #name "_end\n"			\
	    #name ": .incbin \"" file "\"\n"				\
	    #name "_end:\n"						\
	    ".previous\n")

EMBED(page_css, "page.css");
EMBED(page_js, "page.js");

/*
 * A cell's rate is one of these: blank is not monitored, the first is never
 * accessed.  None of them means anything to JSON, HTML or JavaScript.
 */
static const char cell_letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%()*+,-./:;=?@[]^_`{|}~";

#define NR_CELL_LETTERS	(sizeof(cell_letters) - 1)

static char cell_letter(double rate, double scale)
{
	if (rate < 0)
		return ' ';
	if (!rate)
		return cell_letters[0];
	if (rate >= scale)
		return cell_letters[NR_CELL_LETTERS - 1];
	return cell_letters[1 + (int)(rate / scale * (NR_CELL_LETTERS - 2))];
}

static void put_heatmap(FILE *out, const struct heatmap *map, double scale)
{
	const struct space *space = map->space;
	unsigned int part, row, column;

	fprintf(out, "\"scale\":%g,\"parts\":[", scale);
	for (part = 0; part < space->nr_parts; part++)
		fprintf(out, "%s{\"start\":\"%llx\",\"end\":\"%llx\",\"rows\":%u}",
			part ? "," : "", space->part[part].start,
			space->part[part].end,
			map->first_row[part + 1] - map->first_row[part]);
	fputs("],\n\"cells\":[\n", out);
	for (row = 0; row < map->nr_rows; row++) {
		fputc('"', out);
		for (column = 0; column < map->nr_columns; column++)
			fputc(cell_letter(heat_rate(map, row, column), scale),
			      out);
		fputs(row + 1 < map->nr_rows ? "\",\n" : "\"\n", out);
	}
	fputs("],\n", out);
}

static void put_wss(FILE *out, const struct wss *wss, const double *column,
		    unsigned int nr)
{
	unsigned int i;

	fprintf(out, "\"mean\":%.0f,\"percentiles\":[", wss->mean);
	for (i = 0; i <= 100; i++)
		fprintf(out, "%s%llu", i ? "," : "", wss_percentile(wss, i));
	fputs("],\n\"curve\":[", out);
	for (i = 0; i < nr; i++) {
		fputs(i ? "," : "", out);
		if (column[i] < 0)
			fputs("null", out);
		else
			fprintf(out, "%.0f", column[i]);
	}
	fputs("],\n", out);
}

static void put_histogram(FILE *out, const struct histogram *histogram)
{
	unsigned int rate, age;

	fputs("\"histogram\":[", out);
	for (rate = 0; rate < NR_RATE_CLASSES; rate++) {
		fputs(rate ? ",[" : "[", out);
		for (age = 0; age < NR_AGE_CLASSES; age++)
			fprintf(out, "%s%.0f", age ? "," : "",
				histogram->bytes[rate][age]);
		fputc(']', out);
	}
	fputs("]", out);
}

static void put_names(FILE *out, const char *member, const char *const *names,
		      unsigned int nr)
{
	unsigned int i;

	fprintf(out, "\"%s\":[", member);
	for (i = 0; i < nr; i++) {
		fputs(i ? "," : "", out);
		json_string(out, names[i]);
	}
	fputs("],\n", out);
}

static int put_target(FILE *out, struct report *report)
{
	const struct space *space = &report->space;
	u64 origin_ns = report->reader.meta.start_mono_ns;
	unsigned int columns = report->config.columns ?
			       report->config.columns : PAGE_COLUMNS;
	unsigned int rows = report->config.rows ? report->config.rows :
			    PAGE_ROWS;
	double *curve = calloc(columns, sizeof(*curve));
	struct histogram histogram;
	struct wss wss = {};
	struct heatmap map = {};
	int status = 0;

	if (!curve || !heat_init(&map, space, rows, 1, columns) ||
	    !wss_collect(&wss, &report->selection,
			 report->config.access_percent / 100.)) {
		status = fail(STATUS_FAILED, "out of memory");
		goto out;
	}
	heat_fill(&map, &report->reader.source, report->config.space.target);
	wss_curve(&wss, space->from_ns, space->to_ns, curve, columns);
	histogram_collect(&histogram, &report->selection);

	fputs("{\"title\":", out);
	json_string(out, report->title);
	fputs(",\"subtitle\":", out);
	json_string(out, report->subtitle);
	/* the first snapshot may have begun a moment before the recording */
	fprintf(out, ",\n\"from_s\":%.9f,\"span_s\":%.9f,\"columns\":%u,\n",
		((double)space->from_ns - origin_ns) / NSEC_PER_SEC,
		(double)(space->to_ns - space->from_ns) / NSEC_PER_SEC,
		columns);
	put_heatmap(out, &map, picture_scale(&(struct picture){
			.nr_panels = 1, .panel = { { .map = &map } } }));
	put_wss(out, &wss, curve, columns);
	put_histogram(out, &histogram);
	fputs("}", out);
out:
	free(curve);
	heat_free(&map);
	wss_free(&wss);
	return status;
}

/* A line of the summary, if there is anything to say. */
static void put_fact(FILE *out, const char *name, const char *text)
{
	if (!text[0])
		return;
	fputs("<div><dt>", out);
	print_xml(out, name);
	fputs("</dt><dd>", out);
	print_xml(out, text);
	fputs("</dd></div>\n", out);
}

static void put_facts(FILE *out, const struct record_reader *reader)
{
	const struct record_meta *meta = &reader->meta;
	char text[CAPTION_LEN], a[UNIT_LEN], b[UNIT_LEN], c[UNIT_LEN];
	u64 span_ns = meta->end_mono_ns > meta->start_mono_ns ?
		      meta->end_mono_ns - meta->start_mono_ns : 0;

	fputs("<dl>\n", out);
	put_fact(out, "command", meta->command);
	if (meta->start_unix_s)
		put_fact(out, "begun", unit_date(a, meta->start_unix_s));
	if (span_ns) {
		snprintf(text, sizeof(text), "%s%s%s",
			 unit_time(a, span_ns / NSEC_PER_USEC),
			 meta->end_reason[0] ? ", until " : "", meta->end_reason);
		put_fact(out, "recorded", text);
	}
	put_fact(out, "kernel", meta->kernel);
	put_fact(out, "operations", meta->ops);
	snprintf(text, sizeof(text), "%s sampling, %s aggregation, %s update",
		 unit_time(a, meta->sample_us), unit_time(b, meta->aggr_us),
		 unit_time(c, meta->update_us));
	put_fact(out, "intervals", text);
	snprintf(text, sizeof(text), "%llu to %llu", meta->min_regions,
		 meta->max_regions);
	put_fact(out, "regions", text);
	if (meta->kdamond_cpu_ns && span_ns) {
		snprintf(text, sizeof(text), "%s, %.2f%% of a CPU",
			 unit_time(a, meta->kdamond_cpu_ns / NSEC_PER_USEC),
			 100. * meta->kdamond_cpu_ns / span_ns);
		put_fact(out, "kdamond", text);
	}
	snprintf(text, sizeof(text), "%llu events, %llu snapshots",
		 max_u64(meta->nr_lost_events, reader->nr_lost_events),
		 meta->nr_dropped_snapshots);
	put_fact(out, "lost", text);
	put_fact(out, "attention", reader->damage ? reader->damage : "");
	put_fact(out, "made by", meta->tool);
	fputs("</dl>\n", out);
}

static void put_head(FILE *out, const struct report *report)
{
	fprintf(out, "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n");
	fprintf(out, "<meta name='viewport' content='width=device-width'>\n");
	fprintf(out, "<meta http-equiv='Content-Security-Policy' content=\"%s\">\n",
		PAGE_POLICY);
	fputs("<title>", out);
	print_xml(out, report->title);
	fputs("</title>\n<style>\n", out);
	fwrite(page_css, 1, page_css_end - page_css, out);
	fputs("</style>\n</head>\n<body>\n"
	      "<noscript>This page needs JavaScript to draw; nothing is fetched.</noscript>\n"
	      "<main id='page'></main>\n<section>\n<h2>Recording</h2>\n", out);
	put_facts(out, &report->reader);
	fputs("</section>\n", out);
}

static void put_shared(FILE *out, const struct report *report,
		       unsigned int nr_left_out)
{
	unsigned int i;

	fputs("<script type='application/json' id='data'>\n{", out);
	put_names(out, "rates", rate_class_names, NR_RATE_CLASSES);
	put_names(out, "ages", age_class_names, NR_AGE_CLASSES);
	fputs("\"colors\":[", out);
	for (i = 0; i < NR_LEVELS; i++) {
		struct rgb c = heat_color(i);

		fprintf(out, "%s\"#%02x%02x%02x\"", i ? "," : "", c.r, c.g, c.b);
	}
	fprintf(out, "],\n\"letters\":\"%s\",\"access\":%llu,\"left_out\":%u,\n",
		cell_letters, report->config.access_percent, nr_left_out);
	fputs("\"targets\":[\n", out);
}

/* The targets that are shown: all if there are few, else the most used. */
struct chosen {
	unsigned int nr;
	struct choice {
		u64 target;
		double heat;	/* bytes accessed, times ns */
	} choice[RECORD_MAX_TARGETS];
};

static int hotter_first(const void *a, const void *b)
{
	const struct choice *first = a, *second = b;

	return first->heat > second->heat ? -1 : first->heat < second->heat;
}

static int by_index(const void *a, const void *b)
{
	const struct choice *first = a, *second = b;

	return first->target < second->target ? -1 : first->target > second->target;
}

static double heat_of(const struct snapshot *snap)
{
	double heat = 0;
	u32 i;

	for (i = 0; i < snap->nr_regions; i++)
		heat += snapshot_rate(snap, &snap->regions[i]) *
			(snap->regions[i].end - snap->regions[i].start);
	return heat * (snap->to_ns - snap->from_ns);
}

static void choose_targets(struct chosen *chosen, struct record_reader *reader)
{
	double heat[RECORD_MAX_TARGETS] = {};
	struct snapshot snap = {};
	unsigned int i;

	/* only after a pass all targets are known, and keep their places */
	record_rewind(reader);
	while (record_next(reader, &snap))
		;
	record_rewind(reader);
	while (record_next(reader, &snap)) {
		struct record_target *t = record_find_target(reader, snap.target);

		if (t)
			heat[t - reader->targets] += heat_of(&snap);
	}
	snapshot_free(&snap);
	chosen->nr = 0;
	for (i = 0; i < reader->nr_targets; i++) {
		if (reader->targets[i].nr_snapshots)
			chosen->choice[chosen->nr++] = (struct choice){
				reader->targets[i].target, heat[i] };
	}
	if (chosen->nr <= MAX_PAGE_TARGETS)
		return;
	qsort(chosen->choice, chosen->nr, sizeof(chosen->choice[0]),
	      hotter_first);
	qsort(chosen->choice, MAX_PAGE_TARGETS, sizeof(chosen->choice[0]),
	      by_index);
}

/* Not all of several targets need to be in the asked times and addresses. */
static int prepare(struct report *report, const struct chosen *chosen,
		   unsigned int i)
{
	bool quiet = fail_quiet;
	int status;

	fail_quiet = quiet || chosen->nr > 1;
	status = report_prepare(report, chosen->choice[i].target);
	fail_quiet = quiet;
	return status;
}

static int put_targets(FILE *out, struct report *report,
		       const struct chosen *chosen)
{
	unsigned int i, nr = 0;

	for (i = 0; i < chosen->nr && i < MAX_PAGE_TARGETS; i++) {
		int status = prepare(report, chosen, i);

		if (status == STATUS_BAD_FILE)
			continue;
		fputs(nr++ ? ",\n" : "", out);
		if (!status)
			status = put_target(out, report);
		if (status)
			return status;
	}
	return 0;
}

/* Prepares the first one that there is something of. */
static int find_first(struct report *report, const struct chosen *chosen)
{
	int status = STATUS_BAD_FILE;
	unsigned int i;

	for (i = 0; i < chosen->nr && i < MAX_PAGE_TARGETS &&
	     status == STATUS_BAD_FILE; i++)
		status = prepare(report, chosen, i);
	/* else it is said */
	if (status == STATUS_BAD_FILE && chosen->nr != 1)
		fail(status, "%s has no snapshot of what was asked for",
		     report->path);
	return status;
}

int report_html(struct report *report)
{
	static struct chosen chosen;
	u64 asked = report->config.space.target;
	const char *path = report->config.html;
	int status;
	FILE *out;

	choose_targets(&chosen, &report->reader);
	record_warn(&report->reader, report->path);
	if (asked != TARGET_NOT_GIVEN)
		chosen = (struct chosen){ .nr = 1, .choice = { { .target = asked } } };
	status = find_first(report, &chosen);
	if (status)
		return status;
	out = report_create(path);
	if (!out)
		return STATUS_FAILED;
	put_head(out, report);
	put_shared(out, report, chosen.nr > MAX_PAGE_TARGETS ?
		   chosen.nr - MAX_PAGE_TARGETS : 0);
	status = put_targets(out, report, &chosen);
	fputs("]}\n</script>\n<script>\n", out);
	fwrite(page_js, 1, page_js_end - page_js, out);
	fputs("</script>\n</body>\n</html>\n", out);
	return report_finish(out, path) ?: status;
}
