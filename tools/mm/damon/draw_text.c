// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "draw.h"
#include "units.h"

#define LABEL_WIDTH	13	/* twelve digits of an address and a blank */
#define WIDE_LABEL	17	/* sixteen */
#define PANEL_GAP	2
#define LABEL_LINES	3	/* at least, from one label of a part to the next */
#define TICK_COLUMNS	7	/* columns that a time label needs */
#define LEGEND_CELLS	24

/* From idle on; what was not monitored is blank. */
static const char ramp[] = ".:-=+*#%@";
#define NR_RAMP		(sizeof(ramp) - 1)

const char *const color_when_names[] = {
	[COLOR_AUTO] = "auto",
	[COLOR_ALWAYS] = "always",
	[COLOR_NEVER] = "never",
	NULL
};

static bool set_and_not_empty(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	size_t i;

	/* the first that is set decides */
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strstr(value, "UTF-8") ||
				strstr(value, "utf8");
	}
	return false;
}

struct text_style text_style_choose(unsigned int color, FILE *out)
{
	struct text_style style = { .utf8 = locale_is_utf8() };
	const char *term = getenv("TERM");

	if (color == COLOR_AUTO)
		style.color = isatty(fileno(out)) &&
			!set_and_not_empty("NO_COLOR") &&
			(!term || strcmp(term, "dumb"));
	else
		style.color = color == COLOR_ALWAYS;
	return style;
}

unsigned int text_style_rows(const struct text_style *style)
{
	return style->color && style->utf8 ? 2 : 1;
}

void text_size(FILE *out, unsigned int *columns, unsigned int *lines)
{
	struct winsize size;
	u64 number;

	*columns = 80;
	*lines = 24;
	if (!ioctl(fileno(out), TIOCGWINSZ, &size) && size.ws_col &&
	    size.ws_row) {
		*columns = size.ws_col;
		*lines = size.ws_row;
	} else if (set_and_not_empty("COLUMNS") &&
		   parse_u64(getenv("COLUMNS"), &number)) {
		*columns = clamp_u64(number, 40, 500);
	}
}

static int label_width(const struct space *space)
{
	return space->part[space->nr_parts - 1].end >> 48 ? WIDE_LABEL :
							    LABEL_WIDTH;
}

unsigned int text_cells(const struct space *space, unsigned int columns,
			unsigned int nr_panels)
{
	unsigned int used = label_width(space) + (nr_panels - 1) * PANEL_GAP;

	if (columns < used + 16 * nr_panels)
		return 16;
	return (columns - used) / nr_panels;
}

/* Of the 256 colours, those that are near to heat_color() and keep rising. */
static unsigned int ansi_color(unsigned int level)
{
	static const u8 colors[] = {
		18, 54, 90, 126, 162, 197, 203, 209, 215, 221, 227, 229,
	};

	if (level >= NR_LEVELS)
		return level == PEN_BLACK ? 16 : 231;
	if (!level)
		return 17;
	return colors[(level - 1) * ARRAY_SIZE(colors) / (NR_LEVELS - 1)];
}

void pen_set(FILE *out, struct pen *pen, struct pen wanted)
{
	if (pen->foreground == wanted.foreground &&
	    pen->background == wanted.background)
		return;
	*pen = wanted;
	fputs("\033[0", out);
	if (pen->foreground >= 0)
		fprintf(out, ";38;5;%u", ansi_color(pen->foreground));
	if (pen->background >= 0)
		fprintf(out, ";48;5;%u", ansi_color(pen->background));
	fputc('m', out);
}

/* -1: not monitored */
static int cell_level(const struct picture *picture, unsigned int panel,
		      unsigned int row, unsigned int column)
{
	double rate = heat_rate(picture->panel[panel].map, row, column);

	return rate < 0 ? -1 : (int)heat_level(rate, picture->scale);
}

static void put_half_blocks(FILE *out, struct pen *pen, int top, int bottom)
{
	if (top == bottom) {
		pen_set(out, pen, (struct pen){ -1, top });
		fputc(' ', out);
	} else if (top >= 0) {
		pen_set(out, pen, (struct pen){ top, bottom });
		fputs("▀", out);
	} else {
		pen_set(out, pen, (struct pen){ bottom, -1 });
		fputs("▄", out);
	}
}

static void put_cell(FILE *out, const struct picture *picture,
		     const struct text_style *style, struct pen *pen,
		     unsigned int panel, unsigned int row, unsigned int column)
{
	int level = cell_level(picture, panel, row, column);
	unsigned int step;

	if (text_style_rows(style) == 2) {
		put_half_blocks(out, pen, level,
				cell_level(picture, panel, row + 1, column));
	} else if (style->color) {
		pen_set(out, pen, (struct pen){ -1, level });
		fputc(' ', out);
	} else if (level <= 0) {
		fputc(level ? ' ' : ramp[0], out);
	} else {
		step = 1 + (level - 1) * (NR_RAMP - 1) / (NR_LEVELS - 1);
		fputc(ramp[step], out);
	}
}

static void put_row(FILE *out, const struct picture *picture,
		    const struct text_style *style, unsigned int panel,
		    unsigned int row)
{
	unsigned int nr = picture->panel[panel].map->nr_columns, column;
	struct pen pen = PEN_OFF;

	for (column = 0; column < nr; column++)
		put_cell(out, picture, style, &pen, panel, row, column);
	pen_set(out, &pen, PEN_OFF);
}

/* The address at a part's first row, and round offsets at those that hold one. */
static void put_label(FILE *out, const struct heatmap *map, unsigned int part,
		      unsigned int row, unsigned int rows)
{
	unsigned int nr_rows = map->first_row[part + 1] - map->first_row[part];
	int width = label_width(map->space) - 1;
	u64 start = map->space->part[part].start;
	u64 size = map->space->part[part].end - start;
	u64 distance = offset_distance(size, nr_rows / rows / LABEL_LINES);
	u64 from = heat_address(map, part, row) - start;
	u64 to = heat_address(map, part, row + rows) - start;
	char text[UNIT_LEN], label[UNIT_LEN + 1];
	u64 offset;

	if (!from) {
		fprintf(out, "%*llx ", width, start);
		return;
	}
	offset = (from + distance - 1) & ~(distance - 1);
	if (offset < to && offset >= from)
		snprintf(label, sizeof(label), "+%s", unit_size(text, offset));
	else
		label[0] = '\0';
	fprintf(out, "%*s ", width, label);
}

/* A line across the first panel. */
static void put_gap(FILE *out, const struct heatmap *map, unsigned int part,
		    const struct text_style *style)
{
	const char *dash = style->utf8 ? "┄" : "~";
	unsigned int column;
	char size[UNIT_LEN];

	fprintf(out, "%*s%s%s ", label_width(map->space), "", dash, dash);
	column = 3 + fprintf(out, "%s left out ",
			     unit_size(size, part_gap(map->space, part)));
	for (; column < map->nr_columns; column++)
		fputs(dash, out);
	fputc('\n', out);
}

unsigned int text_ticks(FILE *out, u64 span_ns, unsigned int nr_columns)
{
	u64 distance = tick_distance_ns(span_ns, nr_columns / TICK_COLUMNS);
	unsigned int used = 0;
	u64 tick_ns = 0;

	while (true) {
		unsigned int column = (double)tick_ns / span_ns * nr_columns +
				      .5;
		char label[UNIT_LEN];
		int len = strlen(tick_label(label, tick_ns, span_ns));

		if (column + len + 1 > nr_columns)
			break;
		used += fprintf(out, "%*s|%s", (int)(column - used), "",
				label);
		if (distance >= span_ns - tick_ns)
			break;
		tick_ns += distance;
	}
	return used;
}

static void put_legend(FILE *out, const struct picture *picture,
		       const struct text_style *style)
{
	struct pen pen = PEN_OFF;
	char max[UNIT_LEN];
	unsigned int i;

	unit_percent(max, picture->scale);
	fputs("access rate  ", out);
	if (!style->color) {
		fprintf(out, "%c none  ", ramp[0]);
		for (i = 1; i < NR_RAMP; i++)
			fputc(ramp[i], out);
		fprintf(out, " up to %s of the samples; blank: not monitored\n",
			max);
		return;
	}
	pen_set(out, &pen, (struct pen){ -1, 0 });
	fputs("  ", out);
	pen_set(out, &pen, PEN_OFF);
	fputs(" none  ", out);
	for (i = 0; i < LEGEND_CELLS; i++) {
		pen_set(out, &pen, (struct pen){ -1, 1 + i * (NR_LEVELS - 1) /
						     LEGEND_CELLS });
		fputc(' ', out);
	}
	pen_set(out, &pen, PEN_OFF);
	fprintf(out, " %s of the samples\n", max);
}

void text_titles(FILE *out, const char *title, const char *subtitle,
		 const struct text_style *style)
{
	fputs(style->color ? "\033[1m" : "", out);
	print_harmless(out, title);
	fputs(style->color ? "\033[0m\n" : "\n", out);
	print_harmless(out, subtitle);
	fputs("\n\n", out);
}

static void put_titles(FILE *out, const struct picture *picture,
		       const struct text_style *style, int width)
{
	unsigned int i;

	text_titles(out, picture->title, picture->subtitle, style);
	if (!picture->panel[0].title)
		return;
	fprintf(out, "%*s", width, "");
	for (i = 0; i < picture->nr_panels; i++)
		fprintf(out, "%-*s", i + 1 < picture->nr_panels ?
			(int)picture->panel[i].map->nr_columns + PANEL_GAP : 0,
			picture->panel[i].title);
	fputc('\n', out);
}

void draw_text(FILE *out, const struct picture *picture,
	       const struct text_style *style)
{
	const struct heatmap *map = picture->panel[0].map;
	const struct space *space = map->space;
	unsigned int rows = text_style_rows(style);
	unsigned int part, row, i, used;
	int width = label_width(space);

	put_titles(out, picture, style, width);
	for (part = 0; part < space->nr_parts; part++) {
		if (part)
			put_gap(out, map, part, style);
		for (row = map->first_row[part];
		     row < map->first_row[part + 1]; row += rows) {
			put_label(out, map, part, row, rows);
			for (i = 0; i < picture->nr_panels; i++) {
				fprintf(out, "%*s", i ? PANEL_GAP : 0, "");
				put_row(out, picture, style, i, row);
			}
			fputc('\n', out);
		}
	}
	fprintf(out, "%*llx ", width - 1,
		space->part[space->nr_parts - 1].end);
	for (i = 0; i < picture->nr_panels; i++) {
		const struct heatmap *other = picture->panel[i].map;

		used = text_ticks(out, other->space->to_ns -
				  other->space->from_ns, other->nr_columns);
		if (i + 1 < picture->nr_panels)
			fprintf(out, "%*s", (int)(map->nr_columns - used) +
				PANEL_GAP, "");
	}
	fputs("\n\n", out);
	put_legend(out, picture, style);
}
