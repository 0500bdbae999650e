/* SPDX-License-Identifier: GPL-2.0 */
/* Heat maps for people: on a terminal, as SVG, as JSON. */
#ifndef DAMON_TOOL_DRAW_H
#define DAMON_TOOL_DRAW_H

#include <stdio.h>

#include "heat.h"
#include "units.h"

#define MAX_PANELS	2

struct panel {
	const char *title;	/* NULL if there is only one */
	const struct heatmap *map;
};

struct picture {
	const char *title;
	const char *subtitle;
	unsigned int nr_panels;
	struct panel panel[MAX_PANELS];	/* of the same space, and as many rows */
	double scale;		/* the rate of the hottest colour */
};

struct text_style {
	bool color;		/* 256 colours */
	bool utf8;		/* half blocks, two rows a line */
};

enum color_when {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

extern const char *const color_when_names[];

/* Colours on terminals, unless NO_COLOR or TERM=dumb says otherwise. */
struct text_style text_style_choose(unsigned int color, FILE *out);
/* Rows of a heat map in one line of text. */
unsigned int text_style_rows(const struct text_style *style);
/* A title, bold if there are colours, a line below it and an empty one. */
void text_titles(FILE *out, const char *title, const char *subtitle,
		 const struct text_style *style);
/* A time axis; returns the columns used. */
unsigned int text_ticks(FILE *out, u64 span_ns, unsigned int nr_columns);
/* Size of the terminal behind out, or 80 x 24. */
void text_size(FILE *out, unsigned int *columns, unsigned int *lines);
/* Columns left for the cells of nr_panels panels, each. */
unsigned int text_cells(const struct space *space, unsigned int columns,
			unsigned int nr_panels);

void draw_text(FILE *out, const struct picture *picture,
	       const struct text_style *style);
void draw_svg(FILE *out, const struct picture *picture);
/* The cells of the first panel as members of a JSON object. */
void draw_json(FILE *out, const struct picture *picture);

/* The hottest colour's rate for these panels: 1, 2, 5, 10 ... 100 per cent. */
double picture_scale(const struct picture *picture);

struct rgb {
	u8 r, g, b;
};

#define NR_LEVELS	48	/* colours of a heat map; level 0 is idle */

unsigned int heat_level(double rate, double scale);
struct rgb heat_color(unsigned int level);
/* Levels for sizes of very different magnitude, each doubling a step. */
unsigned int size_level(double bytes, double max);
/* Text of this level is black, not white. */
bool level_is_bright(unsigned int level);
/* The nearest whole number that fits. */
u64 whole_size(double bytes);
/* A round size that is not less. */
double size_ceiling(double bytes);

/*
 * Ticks of a time axis: the distance of round times of which at most max fit
 * into span_ns.
 */
u64 tick_distance_ns(u64 span_ns, unsigned int max);
/* All ticks of an axis have the same unit. */
char *tick_label(char buf[UNIT_LEN], u64 tick_ns, u64 span_ns);
/* The distance of round offsets of which at most max fit into size bytes. */
u64 offset_distance(u64 size, unsigned int max);
/* Text from a file, made harmless: control and non-ASCII bytes become '?'. */
void print_harmless(FILE *out, const char *text);
/* The same as text or attribute of XML and HTML. */
void print_xml(FILE *out, const char *text);
/* Bytes left out before a part. */
u64 part_gap(const struct space *space, unsigned int part);

/* Colours of a terminal: levels of heat, black, white; below 0: its own. */
struct pen {
	int foreground;
	int background;
};

#define PEN_OFF		((struct pen){ -1, -1 })
#define PEN_BLACK	NR_LEVELS
#define PEN_WHITE	(NR_LEVELS + 1)

/* Tells the terminal if the pen is not what it was. */
void pen_set(FILE *out, struct pen *pen, struct pen wanted);

#endif
