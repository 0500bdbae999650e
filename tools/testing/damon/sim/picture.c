// SPDX-License-Identifier: GPL-2.0
/*
 * Heat maps beside each other, as SVG: time from left to right, addresses from
 * top to bottom.  A cell shows the highest rate that is in it, for else what is
 * small would not be seen.
 */

#include "sim.h"

#define ROWS		96
#define LEVELS		8

/* On the page, in its units. */
#define PANEL_WIDTH	300
#define PANEL_HEIGHT	240
#define MARGIN		24
#define TOP		64
#define BOTTOM		36

/* Never accessed to always accessed. */
static const char *const colors[LEVELS] = {
	"#0c0b24", "#2e0c52", "#5c156e", "#8f2469",
	"#c23b51", "#ea6030", "#fb9b06", "#fcfca4",
};

struct picture {
	u64 sz;
	long columns;
	u8 *cells[MAX_PANELS];
	bool used[MAX_PANELS];
};

struct picture *picture_create(u64 sz, long nr_aggrs)
{
	struct picture *pic = calloc(1, sizeof(*pic));

	if (!pic)
		abort();
	pic->sz = sz;
	pic->columns = nr_aggrs;
	for (int i = 0; i < MAX_PANELS; i++) {
		pic->cells[i] = calloc(ROWS, nr_aggrs);
		if (!pic->cells[i])
			abort();
	}
	return pic;
}

void picture_destroy(struct picture *pic)
{
	for (int i = 0; i < MAX_PANELS; i++)
		free(pic->cells[i]);
	free(pic);
}

static void draw(struct picture *pic, int panel, long column, u64 start,
		 u64 end, double rate)
{
	u8 level = rate * (LEVELS - 1) + .5;
	double rows = (double)ROWS / pic->sz;
	int row = start * rows;

	pic->used[panel] = true;
	for (; row < ROWS && row < end * rows; row++) {
		u8 *cell = &pic->cells[panel][row * pic->columns + column];

		*cell = max(*cell, level);
	}
}

void picture_add_scene(struct picture *pic, int panel, long aggr,
		       const struct scene *sc)
{
	pic->used[panel] = true;
	for (int i = 0; i < sc->nr; i++)
		draw(pic, panel, aggr, sc->spans[i].start, sc->spans[i].end,
		     sc->spans[i].rate);
}

void picture_add_report(struct picture *pic, int panel, long aggr,
			const struct report *rep)
{
	for (unsigned int i = 0; i < rep->nr; i++)
		draw(pic, panel, aggr, rep->v[i].start, rep->v[i].end,
		     rep->v[i].rate);
}

/* A rectangle of one level that begins here; its cells are not drawn again. */
static void write_rect(FILE *f, struct picture *pic, u8 *cells, int row,
		       long column)
{
	u8 *cell = &cells[row * pic->columns + column];
	u8 level = *cell;
	long width = 1;
	int height = 1;

	while (column + width < pic->columns && cell[width] == level)
		width++;
	for (; row + height < ROWS; height++) {
		u8 *line = cell + height * pic->columns;
		long i = 0;

		while (i < width && line[i] == level)
			i++;
		if (i < width)
			break;
	}
	for (int i = 0; i < height; i++)
		memset(cell + i * pic->columns, 0, width);
	fprintf(f, "M%ld %dh%ldv%dh-%ldz", column, row, width, height, width);
}

static void write_panel(FILE *f, struct picture *pic, int panel, int x,
			const char *name)
{
	u8 *cells = pic->cells[panel];

	fprintf(f, "<text x='%d' y='%d' font-weight='600'>%s</text>\n", x,
		TOP - 8, name);
	fprintf(f, "<svg x='%d' y='%d' width='%d' height='%d'", x, TOP,
		PANEL_WIDTH, PANEL_HEIGHT);
	fprintf(f, " viewBox='0 0 %ld %d' preserveAspectRatio='none'",
		pic->columns, ROWS);
	fputs(" shape-rendering='crispEdges'>\n", f);
	fprintf(f, "<path fill='%s' d='M0 0h%ldv%dh-%ldz'/>\n", colors[0],
		pic->columns, ROWS, pic->columns);
	for (int level = 1; level < LEVELS; level++) {
		bool any = false;

		for (long i = 0; i < ROWS * pic->columns; i++) {
			if (cells[i] != level)
				continue;
			if (!any)
				fprintf(f, "<path fill='%s' d='",
					colors[level]);
			any = true;
			write_rect(f, pic, cells, i / pic->columns,
				   i % pic->columns);
		}
		if (any)
			fputs("'/>\n", f);
	}
	fputs("</svg>\n", f);
}

static void write_legend(FILE *f, int x, int y)
{
	fprintf(f, "<text x='%d' y='%d'>never</text>\n", x, y + 10);
	for (int i = 0; i < LEVELS; i++)
		fprintf(f, "<rect x='%d' y='%d' width='18' height='12' fill='%s'/>\n",
			x + 40 + 18 * i, y, colors[i]);
	fprintf(f, "<text x='%d' y='%d'>always accessed</text>\n",
		x + 46 + 18 * LEVELS, y + 10);
}

/**
 * picture_write() - Write the panels that were drawn.
 * @pic:	the picture, blank afterwards
 * @path:	the file
 * @title:	above it
 * @names:	of the panels
 *
 * Return: true, or false with errno set.
 */
bool picture_write(struct picture *pic, const char *path, const char *title,
		   const char *const *names)
{
	FILE *f = fopen(path, "w");
	int width = MARGIN, height = TOP + PANEL_HEIGHT + BOTTOM, x = MARGIN;

	if (!f)
		return false;
	for (int i = 0; i < MAX_PANELS; i++)
		width += pic->used[i] ? PANEL_WIDTH + MARGIN : 0;
	fputs("<svg xmlns='http://www.w3.org/2000/svg'", f);
	fprintf(f, " viewBox='0 0 %d %d' width='%d' height='%d'", width, height,
		width, height);
	fputs(" font-family='ui-sans-serif,Helvetica,Arial,sans-serif'", f);
	fputs(" font-size='12' fill='#24292f'>\n", f);
	fprintf(f, "<rect width='%d' height='%d' fill='#fff'/>\n", width,
		height);
	fprintf(f, "<text x='%d' y='28' font-size='15' font-weight='600'>%s</text>\n",
		x, title);
	for (int i = 0; i < MAX_PANELS; i++) {
		if (!pic->used[i])
			continue;
		write_panel(f, pic, i, x, names[i]);
		x += PANEL_WIDTH + MARGIN;
	}
	write_legend(f, MARGIN, TOP + PANEL_HEIGHT + 14);
	fprintf(f, "<text x='%d' y='%d' text-anchor='end'>%.1f s ",
		width - MARGIN, TOP + PANEL_HEIGHT + 24,
		pic->columns * TICKS_PER_AGGR * MS_PER_TICK / 1000.);
	fputs("from left to right, addresses from top to bottom</text>\n", f);
	fputs("</svg>\n", f);
	return !fclose(f);
}
