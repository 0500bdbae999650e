// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "draw.h"
#include "units.h"

/* All lengths are pixels of the untransformed picture. */
#define WIDTH		980
#define LEFT		118	/* address labels */
#define RIGHT		24
#define TOP		72	/* title and subtitle */
#define PANEL_TITLE	24
#define PLOT_HEIGHT	384
#define PANEL_GAP	28
#define PART_GAP	22	/* where addresses were left out */
#define AXIS		44	/* time labels and their name */
#define LEGEND		46
#define LEGEND_WIDTH	260
#define LABEL_DISTANCE	36	/* at least, between two address labels */
#define TICK_WIDTH	70

#define FONT	"font-family='ui-sans-serif,system-ui,Helvetica,Arial,sans-serif'"
#define MONO	"font-family='ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace'"
#define INK	"#24292f"
#define PALE	"#6a737d"

static void put_color(FILE *out, unsigned int level)
{
	struct rgb c = heat_color(level);

	fprintf(out, "#%02x%02x%02x", c.r, c.g, c.b);
}

struct box {
	double x, y, width, height;
};

/* Where the rows of a part are. */
static struct box part_box(const struct picture *picture, unsigned int panel,
			   unsigned int part, double top)
{
	const struct heatmap *map = picture->panel[panel].map;
	unsigned int nr_gaps = map->space->nr_parts - 1;
	double row_height = (double)(PLOT_HEIGHT - nr_gaps * PART_GAP) /
			    map->nr_rows;
	double width = (double)(WIDTH - LEFT - RIGHT -
				(picture->nr_panels - 1) * PANEL_GAP) /
		       picture->nr_panels;

	return (struct box){
		.x = LEFT + panel * (width + PANEL_GAP),
		.y = top + map->first_row[part] * row_height + part * PART_GAP,
		.width = width,
		.height = (map->first_row[part + 1] - map->first_row[part]) *
			  row_height,
	};
}

static int cell_level(const struct picture *picture, const struct heatmap *map,
		      unsigned int row, unsigned int column)
{
	double rate = heat_rate(map, row, column);

	return rate < 0 ? -1 : (int)heat_level(rate, picture->scale);
}

/* One path for each colour: runs of equal cells in units of a cell. */
static void put_level(FILE *out, const struct picture *picture,
		      const struct heatmap *map, unsigned int part, int level)
{
	unsigned int first = map->first_row[part], row, column, end;
	bool begun = false;

	for (row = first; row < map->first_row[part + 1]; row++) {
		for (column = 0; column < map->nr_columns; column = end) {
			end = column + 1;
			if (cell_level(picture, map, row, column) != level)
				continue;
			while (end < map->nr_columns &&
			       cell_level(picture, map, row, end) == level)
				end++;
			if (!begun) {
				fputs("<path fill='", out);
				put_color(out, level);
				fputs("' d='", out);
				begun = true;
			}
			fprintf(out, "M%u %uh%uv1h-%uz", column, row - first,
				end - column, end - column);
		}
	}
	if (begun)
		fputs("'/>\n", out);
}

static void put_part(FILE *out, const struct picture *picture,
		     unsigned int panel, unsigned int part, double top)
{
	const struct heatmap *map = picture->panel[panel].map;
	struct box box = part_box(picture, panel, part, top);
	int level;

	fprintf(out,
		"<svg x='%.2f' y='%.2f' width='%.2f' height='%.2f' viewBox='0 0 %u %u' preserveAspectRatio='none' shape-rendering='crispEdges'>\n"
		"<rect width='100%%' height='100%%' fill='#e4e6ea'/>\n",
		box.x, box.y, box.width, box.height, map->nr_columns,
		map->first_row[part + 1] - map->first_row[part]);
	for (level = 0; level < NR_LEVELS; level++)
		put_level(out, picture, map, part, level);
	fputs("</svg>\n", out);
}

static void put_address(FILE *out, double y, const char *color,
			const char *text)
{
	fprintf(out,
		"<text x='%d' y='%.2f' text-anchor='end' %s font-size='11' fill='%s'>%s</text>\n",
		LEFT - 8, y, MONO, color, text);
}

/* The start, the end, and round offsets where there is room. */
static void put_addresses(FILE *out, const struct picture *picture,
			  unsigned int part, double top)
{
	const struct space *space = picture->panel[0].map->space;
	struct box box = part_box(picture, 0, part, top);
	u64 start = space->part[part].start;
	u64 size = space->part[part].end - start, offset;
	u64 distance = offset_distance(size, box.height / LABEL_DISTANCE);
	char text[UNIT_LEN + 1], number[UNIT_LEN];

	snprintf(text, sizeof(text), "%llx", start);
	put_address(out, box.y + 9, INK, text);
	snprintf(text, sizeof(text), "%llx", space->part[part].end);
	if (box.height > LABEL_DISTANCE / 2)
		put_address(out, box.y + box.height, INK, text);
	for (offset = distance; offset < size; offset += distance) {
		double shift = box.height * offset / size;

		/* not so near to the start or the end */
		if (shift < LABEL_DISTANCE / 2 ||
		    shift > box.height - LABEL_DISTANCE / 3)
			continue;
		fprintf(out, "<path d='M%d %.2fh5' stroke='%s'/>\n", LEFT - 5,
			box.y + shift, PALE);
		snprintf(text, sizeof(text), "+%s", unit_size(number, offset));
		put_address(out, box.y + shift + 4, PALE, text);
		if (offset > U64_MAX - distance)
			break;
	}
}

static void put_gap(FILE *out, const struct picture *picture,
		    unsigned int panel, unsigned int part, double top)
{
	const struct space *space = picture->panel[0].map->space;
	struct box box = part_box(picture, panel, part, top);
	double y = box.y - PART_GAP / 2.;
	char size[UNIT_LEN];

	fprintf(out,
		"<path d='M%.2f %.2fh%.2f' stroke='#b4bac2' stroke-dasharray='2 4'/>\n",
		box.x, y, box.width);
	fprintf(out,
		"<text x='%.2f' y='%.2f' text-anchor='middle' %s font-size='10.5' fill='%s' stroke='#fff' stroke-width='6' paint-order='stroke'>%s left out</text>\n",
		box.x + box.width / 2, y + 3.5, FONT, PALE,
		unit_size(size, part_gap(space, part)));
}

static void put_times(FILE *out, const struct picture *picture,
		      unsigned int panel, double top)
{
	const struct space *space = picture->panel[panel].map->space;
	struct box box = part_box(picture, panel, 0, top);
	u64 span_ns = space->to_ns - space->from_ns;
	u64 distance = tick_distance_ns(span_ns, box.width / TICK_WIDTH);
	double y = top + PLOT_HEIGHT;
	u64 tick_ns = 0;

	while (true) {
		double x = box.x + box.width * tick_ns / span_ns;
		char label[UNIT_LEN];

		tick_label(label, tick_ns, span_ns);
		fprintf(out,
			"<path d='M%.2f %.2fv5' stroke='%s'/><text x='%.2f' y='%.2f' text-anchor='middle' %s font-size='11' fill='%s'>%s</text>\n",
			x, y, PALE, x, y + 18, FONT, INK, label);
		if (distance >= span_ns - tick_ns)
			break;
		tick_ns += distance;
	}
	fprintf(out,
		"<text x='%.2f' y='%.2f' text-anchor='middle' %s font-size='11' fill='%s'>time</text>\n",
		box.x + box.width / 2, y + 34, FONT, PALE);
}

static void put_legend(FILE *out, const struct picture *picture, double y)
{
	char max[UNIT_LEN], half[UNIT_LEN];
	unsigned int i;

	unit_percent(max, picture->scale);
	unit_percent(half, picture->scale / 2);
	fputs("<defs><linearGradient id='heat'>\n", out);
	for (i = 1; i < NR_LEVELS; i += 2) {
		fprintf(out, "<stop offset='%.3f' stop-color='",
			(double)(i - 1) / (NR_LEVELS - 2));
		put_color(out, i);
		fputs("'/>\n", out);
	}
	fputs("</linearGradient></defs>\n", out);
	fprintf(out, "<g %s font-size='11' fill='%s'>\n", FONT, INK);
	fprintf(out, "<rect x='%d' y='%.2f' width='12' height='12' fill='", LEFT,
		y);
	put_color(out, 0);
	fprintf(out, "'/><text x='%d' y='%.2f'>never accessed</text>\n",
		LEFT + 18, y + 10);
	fprintf(out,
		"<rect x='%d' y='%.2f' width='12' height='12' fill='#e4e6ea'/><text x='%d' y='%.2f'>not monitored</text>\n",
		LEFT + 116, y, LEFT + 134, y + 10);
	i = WIDTH - RIGHT - LEGEND_WIDTH;
	fprintf(out,
		"<text x='%u' y='%.2f' text-anchor='end'>share of the samples that found it accessed</text>\n",
		i - 12, y + 10);
	fprintf(out,
		"<rect x='%u' y='%.2f' width='%d' height='12' fill='url(#heat)'/>\n",
		i, y, LEGEND_WIDTH);
	fprintf(out,
		"<text x='%u' y='%.2f'>0</text><text x='%u' y='%.2f' text-anchor='middle'>%s</text><text x='%u' y='%.2f' text-anchor='end'>%s</text>\n",
		i, y + 25, i + LEGEND_WIDTH / 2, y + 25, half,
		i + LEGEND_WIDTH, y + 25, max);
	fputs("</g>\n", out);
}

static void put_titles(FILE *out, const struct picture *picture, int height)
{
	fprintf(out,
		"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d'>\n"
		"<rect x='.5' y='.5' width='%d' height='%d' rx='10' fill='#fff' stroke='#d0d7de'/>\n",
		WIDTH, height, WIDTH, height, WIDTH - 1, height - 1);
	fprintf(out, "<text x='24' y='34' %s font-size='17' font-weight='600' fill='%s'>",
		FONT, INK);
	print_xml(out, picture->title);
	fprintf(out, "</text>\n<text x='24' y='55' %s font-size='12' fill='%s'>",
		FONT, PALE);
	print_xml(out, picture->subtitle);
	fputs("</text>\n", out);
}

void draw_svg(FILE *out, const struct picture *picture)
{
	bool titled = picture->panel[0].title;
	int top = TOP + (titled ? PANEL_TITLE : 0);
	int height = top + PLOT_HEIGHT + AXIS + LEGEND;
	const struct space *space = picture->panel[0].map->space;
	unsigned int i, part;

	put_titles(out, picture, height);
	for (i = 0; i < picture->nr_panels; i++) {
		if (titled) {
			fprintf(out,
				"<text x='%.2f' y='%d' %s font-size='13' font-weight='600' fill='%s'>",
				part_box(picture, i, 0, top).x, top - 8, FONT,
				INK);
			print_xml(out, picture->panel[i].title);
			fputs("</text>\n", out);
		}
		for (part = 0; part < space->nr_parts; part++) {
			put_part(out, picture, i, part, top);
			if (part)
				put_gap(out, picture, i, part, top);
		}
		put_times(out, picture, i, top);
	}
	for (part = 0; part < space->nr_parts; part++)
		put_addresses(out, picture, part, top);
	put_legend(out, picture, top + PLOT_HEIGHT + AXIS + 6);
	fputs("</svg>\n", out);
}
