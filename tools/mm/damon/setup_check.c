// SPDX-License-Identifier: GPL-2.0
/* The check of a whole set-up. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "setup.h"
#include "setup_check.h"
#include "setup_value.h"

#define MAX_SAID	10

static const struct node *said_at(const struct node *node)
{
	while (node && !node->source)
		node = node->parent;
	return node;
}

/* "FILE:LINE:COLUMN: ", or the path in sysfs if no file says so */
static void place_text(const struct node *node, char *text, size_t len)
{
	const struct node *said = said_at(node);
	size_t at = len - 1;

	if (said && said->line)
		snprintf(text, len, "%s:%u:%u: ", said->source, said->line,
			 said->column);
	else if (said)
		snprintf(text, len, "%s: ", said->source);
	if (said)
		return;
	text[at] = '\0';
	for (; node && node->parent; node = node->parent) {
		size_t size = strlen(node->name);
		const char *end = text[at] ? "/" : ": ";

		if (at < size + strlen(end))
			break;
		at -= strlen(end);
		memcpy(text + at, end, strlen(end));
		at -= size;
		memcpy(text + at, node->name, size);
	}
	memmove(text, text + at, len - at);
}

static void keep_message(struct setup_check *c, const struct node *node,
			 const char *fmt, va_list ap)
{
	struct setup_message *message = &c->messages[c->nr_messages];

	if (c->nr_messages == SETUP_MAX_ERRORS)
		return;
	if (vasprintf(&message->text, fmt, ap) < 0) {
		c->no_memory = true;
		return;
	}
	message->node = node;
	c->nr_messages++;
}

void setup_complain(struct setup_check *c, const struct node *node,
		    const char *fmt, ...)
{
	va_list ap;

	c->nr_errors++;
	va_start(ap, fmt);
	keep_message(c, node, fmt, ap);
	va_end(ap);
}

void setup_object(struct setup_check *c, const struct node *node,
		  const char *fmt, ...)
{
	va_list ap;

	if (!said_at(node))
		return;
	c->nr_errors++;
	va_start(ap, fmt);
	keep_message(c, node, fmt, ap);
	va_end(ap);
}

void setup_remark(struct setup_check *c, const struct node *node,
		  const char *fmt, ...)
{
	va_list ap;

	if (!said_at(node))
		return;
	va_start(ap, fmt);
	keep_message(c, node, fmt, ap);
	va_end(ap);
}

static bool comes_before(const struct setup_message *a,
			 const struct setup_message *b)
{
	const struct node *at_a = said_at(a->node), *at_b = said_at(b->node);

	if (!at_a || !at_b || at_a->source != at_b->source)
		return false;
	return at_a->line != at_b->line ? at_a->line < at_b->line :
					  at_a->column < at_b->column;
}

static void say_all(struct setup_check *c)
{
	struct setup_message message;
	char place[256];
	unsigned int i, j;

	for (i = 1; i < c->nr_messages; i++) {
		message = c->messages[i];
		for (j = i; j && comes_before(&message, &c->messages[j - 1]); j--)
			c->messages[j] = c->messages[j - 1];
		c->messages[j] = message;
	}
	for (i = 0; i < c->nr_messages; i++) {
		place_text(c->messages[i].node, place, sizeof(place));
		if (i < MAX_SAID)
			warn("%s%s", place, c->messages[i].text);
		free(c->messages[i].text);
	}
	if (c->nr_messages > MAX_SAID)
		warn("and more of that kind");
}

static const struct node *context_of(const struct node *node)
{
	while (node && !(node->parent &&
			 !strcmp(node->parent->name, "contexts")))
		node = node->parent;
	return node;
}

/* The intervals come before what depends on them, and are numbers by now. */
static struct setup_units units_of(const struct node *node)
{
	struct setup_units units = {
		.sample_us = 5 * USEC_PER_MSEC, .aggr_us = 100 * USEC_PER_MSEC,
	};
	const struct node *intervals;
	u64 aggrs;

	units.metric = node_text(node->parent, "target_metric");
	intervals = node_find(context_of(node), "monitoring_attrs/intervals");
	if (!intervals)
		return units;
	node_u64(intervals, "sample_us", &units.sample_us);
	node_u64(intervals, "aggr_us", &units.aggr_us);
	units.tuned = node_u64(intervals, "intervals_goal/aggrs", &aggrs) &&
		aggrs;
	return units;
}

static void harmless(const char *text, char *out, size_t len)
{
	size_t i;

	for (i = 0; text[i] && i < len - 4; i++)
		out[i] = text[i] < ' ' || text[i] == 0x7f ? '?' : text[i];
	strcpy(out + i, text[i] ? "..." : "");
}

static void check_value(struct setup_check *c, struct node *node,
			const struct setup_row *row)
{
	const struct setup_units units = units_of(node);
	char value[UNIT_LEN], why[256], shown[64];
	/* "sz/min", as min says little */
	bool is_limit = !strcmp(row->name, "min") || !strcmp(row->name, "max");
	char *copy;

	if (!setup_value_parse(row, node->value, &units, value, why,
			       sizeof(why))) {
		/* a newer kernel may have more words */
		if (row->kind == SETUP_WORD && !said_at(node))
			return;
		harmless(node->value, shown, sizeof(shown));
		setup_complain(c, node, "%s%s%s has to be %s; '%s' is not",
			       is_limit ? node->parent->name : "",
			       is_limit ? "/" : "", row->name, why, shown);
		return;
	}
	if (!value[0])
		return;
	copy = strdup(value);
	if (!copy) {
		c->no_memory = true;
		return;
	}
	free(node->value);
	node->value = copy;
}

static void check_names(struct setup_check *c, const struct node *dir,
			const struct setup_row *row)
{
	const struct node *node;
	u64 nr = 0;

	for (node = dir->first; node; node = node->next) {
		const struct setup_row *known;
		char wanted[UNIT_LEN];

		if (row->kind == SETUP_LIST && node->parent == dir) {
			snprintf(wanted, sizeof(wanted), "%llu", nr++);
			if (strcmp(node->name, wanted) || node->value)
				setup_complain(c, node, "'%s' is not %s/%s",
					       node->name, row->name, wanted);
			continue;
		}
		known = setup_row_find(row->rows, node->name,
				       strlen(node->name));
		if (!known || known->kind == SETUP_SHOWN ||
		    setup_is_dir(known) != !node->value)
			setup_complain(c, node, "'%s' is not known here",
				       node->name);
	}
	if (row->kind == SETUP_LIST && row->max && nr > row->max)
		setup_complain(c, dir, "there can be %llu of %s at most",
			       row->max, row->name);
}

static bool has_assumed(const struct setup_row *rows)
{
	const struct setup_row *row;

	for (row = rows; row->name; row++) {
		if (row->assumed ||
		    (row->kind == SETUP_DIR && has_assumed(row->rows)))
			return true;
	}
	return false;
}

static struct node *add_assumed(struct setup_check *c, struct node *dir,
				const struct setup_row *row)
{
	struct node *node;

	if (!row->assumed &&
	    !(row->kind == SETUP_DIR && has_assumed(row->rows)))
		return NULL;
	node = node_add(dir, row->name, row->assumed);
	if (!node)
		c->no_memory = true;
	return node;
}

/* In the order of the tables, not that of the file. */
static void check_rows(struct setup_check *c, struct node *dir,
		       const struct setup_row *rows)
{
	const struct setup_row *row;
	struct node *node, *child;

	for (row = rows; row->name && !c->no_memory; row++) {
		node = node_find(dir, row->name);
		if (!node)
			node = add_assumed(c, dir, row);
		if (!node || row->kind == SETUP_SHOWN)
			continue;
		if (!setup_is_dir(row)) {
			if (node->value)
				check_value(c, node, row);
			continue;
		}
		if (node->value)
			continue;
		check_names(c, node, row);
		if (row->kind == SETUP_DIR) {
			check_rows(c, node, row->rows);
			continue;
		}
		for (child = node->first; child; child = child->next) {
			const struct setup_row inside = {
				.kind = SETUP_DIR, .rows = row->rows,
			};

			check_names(c, child, &inside);
			check_rows(c, child, row->rows);
		}
	}
}

int setup_check(struct node *root)
{
	struct setup_check *c = calloc(1, sizeof(*c));
	int status = 0;

	if (!c)
		return fail(STATUS_FAILED, "out of memory");
	check_names(c, root, &setup_root);
	check_rows(c, root, setup_root.rows);
	/* wrong values make no sense together */
	if (!c->nr_errors && !c->no_memory)
		setup_check_rules(c, root);
	say_all(c);
	if (c->no_memory)
		status = fail(STATUS_FAILED, "out of memory");
	else if (c->nr_errors)
		status = STATUS_BAD_FILE;
	free(c);
	return status;
}
