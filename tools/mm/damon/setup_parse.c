// SPDX-License-Identifier: GPL-2.0
/*
 * Reads set-up files.
 *
 *	# Page out what nobody has used for two minutes.
 *	operations vaddr
 *	targets { pid_target 4711 }
 *	sample_us 5ms  aggr_us 100ms
 *	monitoring_attrs {
 *		nr_regions 10..1000
 *	}
 *	schemes {
 *		action pageout
 *		nr_accesses 0..0  age 2m..
 *		quotas { bytes 100M  reset_interval_ms 1s }
 *	}
 *
 * The words are those of sysfs: a file is followed by its value on the same
 * line, a directory by { and what is in it and }.  Where no numbers have to be
 * chosen, directories in between may be left out, as "nr_accesses" above is
 * access_pattern/nr_accesses; so the kdamond and its context need no word.
 * Of numbered directories, such as schemes, each { } is one more, and
 * "schemes/0" means the one with that number.  Where there are a min and a max,
 * or a start and an end, both fit in one value, A..B, A.. or ..B; without .. it
 * is both.  "#" begins a comment, and what has blanks in it goes "in quotes".
 */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "setup.h"
#include "setup_text.h"
#include "setup_value.h"

#define MAX_SHOWN	48	/* of a wrong word */

struct place {
	struct node *dir;
	const struct setup_row *row;	/* what is in it is in row->rows */
	bool at_list;			/* a number has to come first */
};

/* After its { was read. */
static void skip_block(struct setup_text *p)
{
	unsigned int depth = 1;
	enum token token;

	do {
		token = setup_next_token(p);
		if (token == TOKEN_OPEN)
			depth++;
		else if (token == TOKEN_CLOSE)
			depth--;
	} while (depth && token != TOKEN_END && token != TOKEN_BAD);
}

/* After an error in a word: its value or its block. */
static void skip_rest(struct setup_text *p)
{
	if (setup_next_on_line(p) == TOKEN_OPEN)
		skip_block(p);
}

static struct node *add_node(struct setup_text *p, struct node *dir,
			     const char *name, const char *value,
			     const struct position *where)
{
	struct node *node = node_add(dir, name, value);

	if (!node) {
		p->no_memory = true;
		setup_give_up(p);
		return NULL;
	}
	node->source = p->source;
	node->line = where->line;
	node->column = where->column;
	return node;
}

static unsigned int list_length(const struct node *list)
{
	return list->last ? strtoul(list->last->name, NULL, 10) + 1 : 0;
}

/* One more in a list. */
static bool enter_new(struct setup_text *p, struct place *place,
		      const struct position *where)
{
	unsigned int nr = list_length(place->dir);
	char name[16];

	if (place->row->max && nr >= place->row->max) {
		complain(p, where, "there can be %llu of %s at most",
			 place->row->max, place->row->name);
		return false;
	}
	snprintf(name, sizeof(name), "%u", nr);
	place->dir = add_node(p, place->dir, name, NULL, where);
	place->at_list = false;
	return place->dir;
}

static bool enter_number(struct setup_text *p, struct place *place,
			 const char *name, size_t len,
			 const struct position *where)
{
	unsigned int nr = list_length(place->dir);
	char number[16] = "";
	unsigned long wanted;

	/* leading zeros would be other names */
	if (len < 8 && (name[0] != '0' || len == 1))
		memcpy(number, name, len);
	wanted = number[0] ? strtoul(number, NULL, 10) : nr + 1UL;
	if (wanted == nr)
		return enter_new(p, place, where);
	if (wanted > nr) {
		complain(p, where, "there %s %u of %s so far; the next is %s/%u",
			 nr == 1 ? "is" : "are", nr, place->row->name,
			 place->row->name, nr);
		return false;
	}
	place->dir = node_find(place->dir, number);
	place->at_list = false;
	return place->dir;
}

/* To a directory or list that may be there already. */
static bool enter(struct setup_text *p, struct place *place,
		  const struct setup_row *row, const struct position *where)
{
	struct node *node = node_find(place->dir, row->name);

	if (!node)
		node = add_node(p, place->dir, row->name, NULL, where);
	*place = (struct place){ node, row, row->kind == SETUP_LIST };
	return node;
}

/* The first of those that need not be named. */
static bool enter_given(struct setup_text *p, struct place *place,
			const struct position *where)
{
	return !place->at_list || enter_number(p, place, "0", 1, where);
}

static void shown_text(const char *name, size_t len, char text[MAX_SHOWN + 4])
{
	size_t i;

	for (i = 0; i < len && i < MAX_SHOWN; i++)
		text[i] = (signed char)name[i] < ' ' ? '?' : name[i];
	strcpy(text + i, i < len ? "..." : "");
}

static void complain_unknown(struct setup_text *p, const struct setup_row *rows,
			     const char *name, size_t len,
			     const struct position *where)
{
	char shown[MAX_SHOWN + 4], guess[256];

	shown_text(name, len, shown);
	setup_guess(rows, name, len, guess, sizeof(guess));
	complain(p, where, "'%s' is not known here; %s", shown, guess);
}

static void complain_choice(struct setup_text *p, const char *name,
			    const struct setup_way *ways, unsigned int nr,
			    const struct position *where)
{
	char text[3][128];
	unsigned int i;

	for (i = 0; i < 3; i++)
		setup_way_text(&ways[i < nr ? i : 0], text[i],
			       sizeof(text[i]));
	complain(p, where, "which '%s'? %s, %s%s%s%s", name, text[0], text[1],
		 nr > 2 ? ", " : "", nr > 2 ? text[2] : "",
		 nr > 3 ? ", ..." : "");
}

/*
 * Goes one component of a path on.  *row is set if it was a file's, which ends
 * the path.
 */
static bool step(struct setup_text *p, struct place *place, const char *name,
		 size_t len, const struct position *where,
		 const struct setup_row **row)
{
	struct setup_way ways[3];
	unsigned int nr, i;

	if (place->at_list && len && strspn(name, "0123456789") >= len)
		return enter_number(p, place, name, len, where);
	if (place->at_list && !place->row->given) {
		complain(p, where, "say which of %s, such as %s/0, or %s { }",
			 place->row->name, place->row->name, place->row->name);
		return false;
	}
	nr = setup_find_ways(place->row->rows, name, len, ways, ARRAY_SIZE(ways));
	if (!nr) {
		complain_unknown(p, place->row->rows, name, len, where);
		return false;
	}
	if (nr > 1) {
		complain_choice(p, ways[0].step[ways[0].nr - 1]->name, ways,
				nr, where);
		return false;
	}
	for (i = 0; i < ways[0].nr; i++) {
		*row = ways[0].step[i];
		if (!enter_given(p, place, where))
			return false;
		if (!setup_is_dir(*row))
			return true;
		if (!enter(p, place, *row, where))
			return false;
	}
	*row = NULL;
	return true;
}

static void set_value(struct setup_text *p, struct node *dir,
		      const struct setup_row *row, const char *value,
		      const struct position *where)
{
	struct node *node = node_find(dir, row->name);
	char *copy;

	if (!node) {
		add_node(p, dir, row->name, value, where);
		return;
	}
	if (node->source == p->source) {
		complain(p, where, "%s was given already, in line %u",
			 row->name, node->line);
		return;
	}
	copy = strdup(value);
	if (!copy) {
		p->no_memory = true;
		setup_give_up(p);
		return;
	}
	free(node->value);
	node->value = copy;
	node->source = p->source;
	node->line = where->line;
	node->column = where->column;
}

/* "A..B", "A..", "..B" or "A", from the newest token. */
static void set_range(struct setup_text *p, const struct place *place,
		      const char *name)
{
	struct position where[2] = { p->where, p->where };
	char *first = p->text, *dots = strstr(p->text, "..");
	char *second = dots ? dots + 2 : first;

	if (dots) {
		*dots = '\0';
		where[1].column += second - first;
	}
	if (!*first && !*second) {
		complain(p, &p->where, "%s needs A..B, A.. or ..B", name);
		return;
	}
	if (*first)
		set_value(p, place->dir, place->row->rows, first, &where[0]);
	if (*second)
		set_value(p, place->dir, place->row->rows + 1, second, &where[1]);
}

static void parse_block(struct setup_text *p, const struct place *place,
			const struct position *opened);

/* The path of a statement.  NULL for *row if it leads to a directory. */
static bool resolve(struct setup_text *p, struct place *place,
		    const struct setup_row **row)
{
	const char *name = p->text;
	struct position where = p->where;
	bool more;

	do {
		size_t len = strcspn(name, "/");

		more = name[len];
		if (!step(p, place, name, len, &where, row))
			return false;
		if (more && *row) {
			complain(p, &where, "%s is a file, no directory",
				 (*row)->name);
			return false;
		}
		name += len + 1;
		where.column += len + 1;
	} while (more);
	return true;
}

static void parse_file(struct setup_text *p, const struct place *place,
		       const struct setup_row *row,
		       const struct position *where)
{
	char wanted[256];

	if (row->kind == SETUP_SHOWN) {
		complain(p, where, "%s is only read%s", row->name,
			 row->hint ? row->hint : "");
		skip_rest(p);
		return;
	}
	setup_value_wanted(row, wanted, sizeof(wanted));
	switch (setup_next_on_line(p)) {
	case TOKEN_WORD:
		set_value(p, place->dir, row, p->text, &p->where);
		return;
	case TOKEN_OPEN:
		complain(p, &p->where, "%s is a file: it needs %s instead of {",
			 row->name, wanted);
		setup_give_up(p);
		return;
	default:
		complain(p, &p->where, "%s needs %s", row->name, wanted);
		return;
	}
}

static void parse_statement(struct setup_text *p, const struct place *from)
{
	struct position where = p->where;
	const struct setup_row *row = NULL;
	struct place place = *from;

	if (!resolve(p, &place, &row)) {
		skip_rest(p);
		return;
	}
	if (row) {
		parse_file(p, &place, row, &where);
		return;
	}
	row = place.row;
	switch (setup_next_on_line(p)) {
	case TOKEN_OPEN:
		if (place.at_list && !enter_new(p, &place, &where))
			skip_block(p);
		else
			parse_block(p, &place, &p->where);
		return;
	case TOKEN_WORD:
		if (!row->range)
			complain(p, &p->where, "%s needs { }, it has no value",
				 row->name);
		else if (!place.at_list || enter_new(p, &place, &where))
			set_range(p, &place, row->name);
		return;
	default:
		complain(p, &p->where, "%s needs %s", row->name,
			 row->range ? "{ } or A..B" : "{ }");
		return;
	}
}

/* Up to the } of the { at opened, or to the end of the file without one. */
static void parse_block(struct setup_text *p, const struct place *place,
			const struct position *opened)
{
	struct position start = opened ? *opened : (struct position){};

	while (true) {
		switch (setup_next_token(p)) {
		case TOKEN_WORD:
			parse_statement(p, place);
			break;
		case TOKEN_NEWLINE:
			break;
		case TOKEN_OPEN:
			complain(p, &p->where,
				 "a word has to say what the { is for");
			skip_block(p);
			break;
		case TOKEN_CLOSE:
			if (start.line)
				return;
			complain(p, &p->where, "there is no { for this }");
			break;
		case TOKEN_END:
			if (start.line)
				complain(p, &start, "this { is not closed");
			/* nor are those around it, which need no saying */
			setup_give_up(p);
			return;
		case TOKEN_BAD:
			return;
		}
	}
}

int setup_parse_in(struct node *root, const char *block, const char *text,
		   size_t len, const char *source)
{
	struct setup_text *p = calloc(1, sizeof(*p));
	struct place place = { root, &setup_root, false };
	const struct setup_row *row = NULL;
	int status = 0;

	if (!p)
		return fail(STATUS_FAILED, "out of memory");
	p->source = source;
	p->at = text;
	p->end = text + len;
	p->line_start = text;
	p->line = 1;
	p->where = (struct position){ 1, 1 };
	if (!block || (step(p, &place, block, strlen(block), &p->where, &row) &&
		       (!place.at_list || enter_new(p, &place, &p->where))))
		parse_block(p, &place, NULL);
	if (p->no_memory)
		status = fail(STATUS_FAILED, "out of memory");
	else if (p->nr_errors)
		status = STATUS_BAD_FILE;
	free(p);
	return status;
}

int setup_parse(struct node *root, const char *text, size_t len,
		const char *source)
{
	return setup_parse_in(root, NULL, text, len, source);
}
