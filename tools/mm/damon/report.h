/* SPDX-License-Identifier: GPL-2.0 */
/* damon report: what its views share. */
#ifndef DAMON_TOOL_REPORT_H
#define DAMON_TOOL_REPORT_H

#include "caption.h"
#include "draw.h"
#include "options.h"
#include "record.h"
#include "select.h"
#include "space.h"

#define TARGET_NOT_GIVEN	U64_MAX

struct report_config {
	u64 rows;
	u64 columns;
	u64 access_percent;
	u64 at_us;
	unsigned int color;
	const char *svg;
	const char *html;
	bool json;
	struct space_options space;
	struct range_list range;
};

/* Rows that all commands on records have: which part, and how it looks. */
#define REPORT_OPTIONS							\
	DEFINE_OPTION("all", FLAG, struct report_config, space.everything, \
		      "do not cut large parts that were never accessed", \
		      .letter = 'a'),					\
	DEFINE_OPTION("target", NUMBER, struct report_config, space.target, \
		      "of several targets, the one with this index",	\
		      .value = "N", .max = TARGET_NOT_GIVEN - 1),	\
	DEFINE_OPTION("color", CHOICE, struct report_config, color,	\
		      "auto, always or never; NO_COLOR counts for auto", \
		      .value = "WHEN", .choices = color_when_names)

struct report {
	struct report_config config;
	const char *path;
	struct record_reader reader;
	struct selection selection;
	struct space space;
	struct text_style style;
	char title[CAPTION_LEN];
	char subtitle[CAPTION_LEN];
};

/* The asked target, or that of the first snapshot. */
u64 report_choose_target(struct report *report);
/*
 * Looks for the target's addresses and times, and names them.  Returns an exit
 * status, having said what is wrong.
 */
int report_prepare(struct report *report, u64 target);
/* The first members of a JSON object: what was recorded, which part of it. */
void report_json_head(const struct report *report);
/* Opens path, or stdout for "-"; NULL, having said why. */
FILE *report_create(const char *path);
/* Returns an exit status. */
int report_finish(FILE *out, const char *path);

/* What report_html.c takes in: page.css and page.js as they are. */
extern const char page_css[], page_css_end[], page_js[], page_js_end[];

/* The views; what they show is prepared.  They return an exit status. */
int report_heatmap(struct report *report);
int report_wss(struct report *report);
int report_histogram(struct report *report);
int report_regions(struct report *report);
int report_html(struct report *report);

#endif
