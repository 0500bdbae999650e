// SPDX-License-Identifier: GPL-2.0
/* When which memory was accessed how often. */
#include "fail.h"
#include "report.h"

#define MIN_TEXT_LINES	8
#define MAX_TEXT_LINES	32
#define FRAME_LINES	8	/* title, axis, legend, and the next prompt */
#define SVG_ROWS	128
#define SVG_COLUMNS	240

static int write_svg(const char *path, const struct picture *picture)
{
	FILE *out = report_create(path);

	if (!out)
		return STATUS_FAILED;
	draw_svg(out, picture);
	return report_finish(out, path);
}

/* The size of the map, where it was not asked for. */
static void choose_size(struct report *report, bool is_text)
{
	unsigned int columns = SVG_COLUMNS, rows = SVG_ROWS, lines;
	struct report_config *config = &report->config;

	if (is_text) {
		text_size(stdout, &columns, &lines);
		columns = text_cells(&report->space, columns, 1);
		lines = lines < FRAME_LINES + MIN_TEXT_LINES ?
			MIN_TEXT_LINES : lines - FRAME_LINES;
		rows = (lines > MAX_TEXT_LINES ? MAX_TEXT_LINES : lines) *
			text_style_rows(&report->style);
	}
	if (!config->columns)
		config->columns = columns;
	if (!config->rows)
		config->rows = rows;
}

int report_heatmap(struct report *report)
{
	struct report_config *config = &report->config;
	bool is_text = !config->svg && !config->json;
	struct heatmap map;
	struct picture picture = {
		.title = report->title,
		.subtitle = report->subtitle,
		.nr_panels = 1,
		.panel = { { .map = &map } },
	};
	int status = 0;

	choose_size(report, is_text);
	if (!heat_init(&map, &report->space, config->rows,
		       is_text ? text_style_rows(&report->style) : 1,
		       config->columns)) {
		status = fail(STATUS_FAILED, "out of memory");
		goto out;
	}
	heat_fill(&map, &report->reader.source, config->space.target);
	picture.scale = picture_scale(&picture);
	if (config->svg) {
		status = write_svg(config->svg, &picture);
	} else if (config->json) {
		report_json_head(report);
		draw_json(stdout, &picture);
		fputs("}\n", stdout);
	} else {
		draw_text(stdout, &picture, &report->style);
	}
out:
	heat_free(&map);
	return status;
}
