// SPDX-License-Identifier: GPL-2.0
/* What all pictures share: colours, scale, ticks. */
#include "draw.h"

double picture_scale(const struct picture *picture)
{
	static const double nice[] = { .01, .02, .05, .1, .2, .5 };
	double max = 0;
	size_t i;

	for (i = 0; i < picture->nr_panels; i++) {
		double panel_max = heat_max(picture->panel[i].map);

		if (panel_max > max)
			max = panel_max;
	}
	for (i = 0; i < ARRAY_SIZE(nice); i++) {
		if (max <= nice[i])
			return nice[i];
	}
	return 1;
}

unsigned int heat_level(double rate, double scale)
{
	if (rate <= 0)
		return 0;
	if (rate >= scale)
		return NR_LEVELS - 1;
	return 1 + rate / scale * (NR_LEVELS - 2);
}

/*
 * From a cold night blue through violet and red to a glowing yellow; lightness
 * rises all the way, so that it also works in grey and for the colour-blind.
 */
static const struct rgb anchors[] = {
	{ 24, 18, 66 },
	{ 66, 24, 110 },
	{ 112, 31, 124 },
	{ 158, 43, 118 },
	{ 203, 64, 94 },
	{ 236, 98, 62 },
	{ 250, 146, 38 },
	{ 250, 196, 56 },
	{ 252, 247, 164 },
};

static const struct rgb idle_color = { 12, 11, 36 };

static u8 mix(u8 a, u8 b, double share)
{
	return a + (b - a) * share + .5;
}

struct rgb heat_color(unsigned int level)
{
	double position = (double)(level - 1) / (NR_LEVELS - 2) *
			  (ARRAY_SIZE(anchors) - 1);
	size_t i = position;
	const struct rgb *a, *b;

	if (!level)
		return idle_color;
	if (i >= ARRAY_SIZE(anchors) - 1)
		return anchors[ARRAY_SIZE(anchors) - 1];
	a = &anchors[i];
	b = &anchors[i + 1];
	return (struct rgb){
		mix(a->r, b->r, position - i),
		mix(a->g, b->g, position - i),
		mix(a->b, b->b, position - i),
	};
}

/* Straight between powers of two, which is enough for a colour. */
static double rough_log2(double val)
{
	double power = 1;
	int log = 0;

	while (val >= 2 * power) {
		power *= 2;
		log++;
	}
	return log + val / power - 1;
}

#define SIZE_DOUBLINGS	12	/* from the first level to the last */

unsigned int size_level(double bytes, double max)
{
	double below;

	if (bytes < 1 || max < 1)
		return 0;
	below = (rough_log2(max) - rough_log2(bytes)) / SIZE_DOUBLINGS;
	return 1 + (below > 1 ? 0 : below < 0 ? 1 : 1 - below) * (NR_LEVELS - 2);
}

bool level_is_bright(unsigned int level)
{
	struct rgb c = heat_color(level);

	return 299 * c.r + 587 * c.g + 114 * c.b > 140 * 1000;
}

u64 whole_size(double bytes)
{
	/* 2^64, which is what U64_MAX becomes as a double */
	if (bytes + .5 >= 18446744073709551616.)
		return U64_MAX;
	return bytes + .5;
}

double size_ceiling(double bytes)
{
	double power = 1, quarter;

	while (power < bytes)
		power *= 2;
	for (quarter = 5; power > 4 && quarter < 8; quarter++) {
		if (power / 8 * quarter >= bytes)
			return power / 8 * quarter;
	}
	return power;
}

u64 tick_distance_ns(u64 span_ns, unsigned int max)
{
	static const u64 minutes[] = { 60, 120, 300, 600, 1200, 1800, 3600 };
	u64 distance = 1000;
	size_t i;

	if (!max)
		max = 1;
	while (distance < 10 * NSEC_PER_SEC) {
		if (span_ns / distance < max)
			return distance;
		if (span_ns / 2 / distance < max)
			return 2 * distance;
		if (span_ns / 5 / distance < max)
			return 5 * distance;
		distance *= 10;
	}
	for (i = 0; i < 3; i++) {
		if (span_ns / distance < max)
			return distance;
		distance += 10 * NSEC_PER_SEC;
	}
	for (i = 0; i < ARRAY_SIZE(minutes); i++) {
		distance = minutes[i] * NSEC_PER_SEC;
		if (span_ns / distance < max)
			return distance;
	}
	while (span_ns / distance >= max && distance < U64_MAX / 2)
		distance *= 2;
	return distance;
}

u64 offset_distance(u64 size, unsigned int max)
{
	u64 distance = 1;

	while (distance < U64_MAX / 2 && size / distance > max)
		distance *= 2;
	return distance;
}

char *tick_label(char buf[UNIT_LEN], u64 tick_ns, u64 span_ns)
{
	double tick = tick_ns;

	if (!tick_ns)
		snprintf(buf, UNIT_LEN, "0");
	else if (span_ns < NSEC_PER_MSEC)
		snprintf(buf, UNIT_LEN, "%.6g us", tick / NSEC_PER_USEC);
	else if (span_ns < NSEC_PER_SEC)
		snprintf(buf, UNIT_LEN, "%.6g ms", tick / NSEC_PER_MSEC);
	else if (span_ns < 600 * NSEC_PER_SEC)
		snprintf(buf, UNIT_LEN, "%.6g s", tick / NSEC_PER_SEC);
	else
		snprintf(buf, UNIT_LEN, "%.6g min", tick / NSEC_PER_SEC / 60);
	return buf;
}

void print_harmless(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc(*text < ' ' || *text > '~' ? '?' : *text, out);
}

void print_xml(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text < ' ' || *text > '~' ? '?' : *text, out);
		}
	}
}

u64 part_gap(const struct space *space, unsigned int part)
{
	return part ? space->part[part].start - space->part[part - 1].end : 0;
}
