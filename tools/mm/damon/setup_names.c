// SPDX-License-Identifier: GPL-2.0
/* Finding rows by name, and guessing what a wrong name was meant to be. */
#include <stdio.h>
#include <string.h>

#include "setup_schema.h"

#define MAX_NAME	32
#define MAX_GUESSES	3

const struct setup_row *setup_row_find(const struct setup_row *rows,
				       const char *name, size_t len)
{
	const struct setup_row *row;

	for (row = rows; row->name; row++) {
		if (!strncmp(row->name, name, len) && !row->name[len])
			return row;
	}
	return NULL;
}

/* Everything below some rows, in lists only if asked for. */
struct walk {
	struct setup_way way;
	bool lists;
	void (*visit)(struct walk *walk);

	/* what is looked for */
	const char *name;
	size_t len;
	/* and found */
	struct setup_way *ways;
	unsigned int nr, max;
	const char *guesses[MAX_GUESSES];
	unsigned int distances[MAX_GUESSES];
};

static void walk_rows(struct walk *walk, const struct setup_row *rows)
{
	const struct setup_row *row;

	for (row = rows; row->name; row++) {
		walk->way.step[walk->way.nr++] = row;
		walk->visit(walk);
		if (row->kind == SETUP_DIR ||
		    (row->kind == SETUP_LIST && (row->given || walk->lists)))
			walk_rows(walk, row->rows);
		walk->way.nr--;
	}
}

static const struct setup_row *visited(const struct walk *walk)
{
	return walk->way.step[walk->way.nr - 1];
}

static void visit_same_name(struct walk *walk)
{
	const char *name = visited(walk)->name;

	if (strncmp(name, walk->name, walk->len) || name[walk->len])
		return;
	if (walk->nr < walk->max)
		walk->ways[walk->nr] = walk->way;
	walk->nr++;
}

static void visit_writable(struct walk *walk)
{
	if (visited(walk)->kind != SETUP_SHOWN)
		visit_same_name(walk);
}

unsigned int setup_find_ways(const struct setup_row *rows, const char *name,
			     size_t len, struct setup_way *ways,
			     unsigned int max)
{
	const struct setup_row *row = setup_row_find(rows, name, len);
	struct walk walk = {
		.visit = visit_same_name, .name = name, .len = len,
		.ways = ways, .max = max,
	};

	if (row) {
		ways[0] = (struct setup_way){ .nr = 1, .step = { row } };
		return 1;
	}
	walk_rows(&walk, rows);
	return walk.nr;
}

void setup_way_text(const struct setup_way *way, char *text, size_t len)
{
	unsigned int i;
	size_t at = 0;

	text[0] = '\0';
	for (i = 0; i < way->nr && at < len; i++) {
		/* what need not be named only makes it longer */
		if (way->step[i]->given && i < way->nr - 1)
			continue;
		at += snprintf(text + at, len - at, "%s%s", at ? "/" : "",
			       way->step[i]->name);
	}
}

static void visit_count(struct walk *walk)
{
	const struct setup_row *row = visited(walk);

	if (row->kind == SETUP_LIST && strlen(row->count) == walk->len &&
	    !memcmp(row->count, walk->name, walk->len) && !walk->nr) {
		walk->ways[0] = walk->way;
		walk->nr = 1;
	}
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Letters to change, add, leave out or swap. */
static unsigned int distance(const char *a, size_t len_a, const char *b)
{
	size_t len_b = strlen(b), i, j;
	unsigned int d[MAX_NAME + 1][MAX_NAME + 1];

	if (len_a > MAX_NAME || len_b > MAX_NAME)
		return MAX_NAME;
	for (i = 0; i <= len_a; i++)
		d[i][0] = i;
	for (j = 0; j <= len_b; j++)
		d[0][j] = j;
	for (i = 1; i <= len_a; i++) {
		for (j = 1; j <= len_b; j++) {
			d[i][j] = least(d[i - 1][j], d[i][j - 1]) + 1;
			d[i][j] = least(d[i][j], d[i - 1][j - 1] +
					(a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[len_a][len_b];
}

/* Keeps the best ones in order, each name once. */
static void visit_similar(struct walk *walk)
{
	const struct setup_row *row = visited(walk);
	unsigned int i, j, far = 1 + walk->len / 4, dist;

	if (row->kind == SETUP_SHOWN)
		return;
	dist = distance(walk->name, walk->len, row->name);
	/* such as pid for pid_target */
	if (dist > 1 && walk->len >= 3 && walk->len <= strlen(row->name) &&
	    memmem(row->name, strlen(row->name), walk->name, walk->len))
		dist = 1;
	if (dist > far)
		return;
	for (i = 0; i < walk->nr; i++) {
		if (!strcmp(walk->guesses[i], row->name))
			return;
	}
	for (i = 0; i < walk->nr && walk->distances[i] <= dist; i++)
		;
	if (i == MAX_GUESSES)
		return;
	if (walk->nr < MAX_GUESSES)
		walk->nr++;
	for (j = walk->nr - 1; j > i; j--) {
		walk->guesses[j] = walk->guesses[j - 1];
		walk->distances[j] = walk->distances[j - 1];
	}
	walk->guesses[i] = row->name;
	walk->distances[i] = dist;
}

/* Also those for which no word is needed. */
static size_t list_known(const struct setup_row *rows, char *text, size_t len,
			 size_t at)
{
	const struct setup_row *row;

	for (row = rows; row->name && at < len; row++) {
		if (row->kind == SETUP_SHOWN)
			continue;
		at += snprintf(text + at, len - at, "%s %s",
			       text[at - 1] == ':' ? "" : ",", row->name);
		if (row->given && at < len)
			at = list_known(row->rows, text, len, at);
	}
	return at;
}

static void list_guesses(const struct walk *walk, char *text, size_t len)
{
	size_t at = snprintf(text, len, "did you mean");
	unsigned int i;

	for (i = 0; i < walk->nr && at < len; i++)
		at += snprintf(text + at, len - at, "%s %s", i ? " or" : "",
			       walk->guesses[i]);
	if (at < len)
		snprintf(text + at, len - at, "?");
}

void setup_guess(const struct setup_row *rows, const char *name, size_t name_len,
		 char *text, size_t len)
{
	struct setup_way way;
	struct walk walk = {
		.visit = visit_count, .name = name, .len = name_len,
		.ways = &way, .max = 1, .lists = true,
	};
	char where[128];

	walk_rows(&walk, rows);
	if (walk.nr) {
		snprintf(text, len, "%s { } is written once for each and counted",
			 way.step[way.nr - 1]->name);
		return;
	}
	walk.visit = visit_writable;
	walk_rows(&walk, rows);
	if (!walk.nr)
		walk_rows(&walk, setup_root.rows);
	if (walk.nr) {
		setup_way_text(&way, where, sizeof(where));
		if (strchr(where, '/'))
			snprintf(text, len, "it is %s", where);
		else
			snprintf(text, len, "it belongs outside of this { }");
		return;
	}
	walk.visit = visit_similar;
	walk.lists = false;
	walk_rows(&walk, rows);
	if (walk.nr)
		list_guesses(&walk, text, len);
	else
		list_known(rows, text, len,
			   snprintf(text, len, "known here:"));
}
