// SPDX-License-Identifier: GPL-2.0
/* damon heatmap: when which memory was accessed how often. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "caption.h"
#include "draw.h"
#include "fail.h"
#include "options.h"
#include "record.h"
#include "units.h"

#define MIN_TEXT_LINES	8
#define MAX_TEXT_LINES	32
#define FRAME_LINES	8	/* title, axis, legend, and the next prompt */
#define SVG_ROWS	128
#define SVG_COLUMNS	240

struct heatmap_config {
	u64 rows;
	u64 columns;
	unsigned int color;
	const char *svg;
	bool json;
	struct space_options space;
	struct range_list range;
};

static const struct heatmap_config heatmap_defaults;

static const struct option_row heatmap_options[] = {
	DEFINE_OPTION("svg", TEXT, struct heatmap_config, svg,
		      "write a picture to FILE instead ('-' is stdout)",
		      .value = "FILE"),
	DEFINE_OPTION("json", FLAG, struct heatmap_config, json,
		      "write the numbers as JSON instead"),
	DEFINE_OPTION("rows", NUMBER, struct heatmap_config, rows,
		      "cells from the lowest to the highest address",
		      .letter = 'r', .value = "N", .min = 1,
		      .max = HEAT_MAX_ROWS),
	DEFINE_OPTION("columns", NUMBER, struct heatmap_config, columns,
		      "cells from the first to the last moment",
		      .letter = 'c', .value = "N", .min = 1,
		      .max = HEAT_MAX_COLUMNS),
	DEFINE_OPTION("color", CHOICE, struct heatmap_config, color,
		      "auto, always or never; NO_COLOR counts for auto",
		      .value = "WHEN",
		      .choices = color_when_names),
	DEFINE_OPTION("address", RANGES, struct heatmap_config, range,
		      "only these addresses", .value = "START-END"),
	DEFINE_OPTION("from", TIME, struct heatmap_config, space.from_us,
		      "leave out what was before (2s: the first two seconds)",
		      .value = "TIME"),
	DEFINE_OPTION("until", TIME, struct heatmap_config, space.until_us,
		      "leave out what came after", .value = "TIME", .min = 1),
	DEFINE_OPTION("all", FLAG, struct heatmap_config, space.everything,
		      "do not cut large parts that were never accessed",
		      .letter = 'a'),
	DEFINE_OPTION("target", NUMBER, struct heatmap_config, space.target,
		      "of several targets, the one with this index (0)",
		      .value = "N"),
	END_OF_OPTIONS
};

static int write_svg(const char *path, const struct picture *picture)
{
	FILE *out;
	bool bad;

	if (!strcmp(path, "-")) {
		draw_svg(stdout, picture);
		return 0;
	}
	out = fopen(path, "we");
	if (!out)
		return fail(STATUS_FAILED, "cannot write %s: %m", path);
	draw_svg(out, picture);
	bad = ferror(out);
	if (fclose(out) || bad)
		return fail(STATUS_FAILED, "cannot write %s: %m", path);
	return 0;
}

static void write_json(const struct picture *picture,
		       const struct record_meta *meta)
{
	fputs("{\n  \"command\": ", stdout);
	json_string(stdout, meta->command);
	printf(",\n  \"pid\": %llu,\n  \"start_mono_ns\": %llu,\n  \"start_unix_s\": %llu,\n",
	       meta->pid, meta->start_mono_ns, meta->start_unix_s);
	printf("  \"sample_us\": %llu,\n  \"aggr_us\": %llu,\n",
	       meta->sample_us, meta->aggr_us);
	draw_json(stdout, picture);
	fputs("}\n", stdout);
}

/* The size of the map, where it was not asked for. */
static void choose_size(struct heatmap_config *config, bool is_text,
			const struct text_style *style,
			const struct space *space)
{
	unsigned int columns = SVG_COLUMNS, rows = SVG_ROWS, lines;

	if (is_text) {
		text_size(stdout, &columns, &lines);
		columns = text_cells(space, columns, 1);
		lines = lines < FRAME_LINES + MIN_TEXT_LINES ?
			MIN_TEXT_LINES : lines - FRAME_LINES;
		rows = (lines > MAX_TEXT_LINES ? MAX_TEXT_LINES : lines) *
			text_style_rows(style);
	}
	if (!config->columns)
		config->columns = columns;
	if (!config->rows)
		config->rows = rows;
}

static int draw(struct heatmap_config *config, struct record_reader *reader,
		const struct space *space, const char *name)
{
	struct text_style style = text_style_choose(config->color, stdout);
	char title[CAPTION_LEN], subtitle[CAPTION_LEN];
	bool is_text = !config->svg && !config->json;
	struct heatmap map;
	struct picture picture = {
		.title = title,
		.subtitle = subtitle,
		.nr_panels = 1,
		.panel = { { .map = &map } },
	};
	int status = 0;

	choose_size(config, is_text, &style, space);
	if (!heat_init(&map, space, config->rows,
		       is_text ? text_style_rows(&style) : 1,
		       config->columns)) {
		status = fail(STATUS_FAILED, "out of memory");
		goto out;
	}
	heat_fill(&map, &reader->source, config->space.target);
	record_warn(reader, name);
	caption_title(title, &reader->meta);
	caption_subtitle(subtitle, &reader->meta, space);
	picture.scale = picture_scale(&picture);
	if (config->svg)
		status = write_svg(config->svg, &picture);
	else if (config->json)
		write_json(&picture, &reader->meta);
	else
		draw_text(stdout, &picture, &style);
out:
	heat_free(&map);
	return status;
}

static int run_heatmap(const void *defaults, char **args)
{
	const char *path = args[0] ? args[0] : RECORD_DEFAULT_FILE;
	struct heatmap_config config;
	struct record_reader reader;
	struct space space;
	int status;

	memcpy(&config, defaults, sizeof(config));
	if (config.svg && config.json)
		return fail(STATUS_USAGE, "either --svg or --json");
	if (config.range.nr > 1)
		return fail(STATUS_USAGE, "only one --address");
	if (config.space.until_us &&
	    config.space.until_us <= config.space.from_us)
		return fail(STATUS_USAGE, "--until is not after --from");
	if (config.range.nr) {
		config.space.start = config.range.range[0].start;
		config.space.end = config.range.range[0].end;
	}
	status = record_open(&reader, path);
	if (status)
		return status;
	if (space_find(&space, &reader.source, &config.space)) {
		status = draw(&config, &reader, &space, path);
	} else if (errno) {
		status = fail(STATUS_FAILED, "%m");
	} else {
		record_warn(&reader, path);
		status = fail(STATUS_BAD_FILE,
			      "%s has no snapshot of what was asked for", path);
	}
	record_close(&reader);
	return status;
}

const struct command cmd_heatmap = {
	.name = "heatmap",
	.synopsis = "[OPTION...] [FILE]",
	.help = "draw which memory was accessed when, and how often",
	.examples =
		"  damon heatmap\n"
		"  damon heatmap --svg picture.svg damon.rec\n"
		"  damon heatmap --from 10s --until 12s --rows 40\n",
	.options = heatmap_options,
	.defaults = &heatmap_defaults,
	.config_size = sizeof(heatmap_defaults),
	.max_args = 1,
	.run = run_heatmap,
};
