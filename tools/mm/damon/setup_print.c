// SPDX-License-Identifier: GPL-2.0
/* Writes a set-up as a set-up file: what is not as it was at first. */
#include <stdlib.h>
#include <string.h>

#include "setup.h"
#include "setup_value.h"

#define LINE_LEN	76
#define TAB_LEN		8

static bool is_open(const struct setup_row *row, const char *value)
{
	u64 number, open;

	if (!row->assumed)
		return false;
	/* the kernel cuts some limits */
	return parse_u64(value, &number) && parse_u64(row->assumed, &open) &&
		(open ? number >= open : !number);
}

static bool says_nothing(const struct setup_row *row, const char *value)
{
	if (!value)
		return true;
	if (row->assumed)
		return is_open(row, value);
	return !row->shown && row->initial && !strcmp(value, row->initial);
}

static bool is_empty(const struct node *dir, const struct setup_row *rows)
{
	const struct setup_row *row;

	for (row = rows; row->name; row++) {
		const struct node *node = node_find(dir, row->name);

		if (!node || row->kind == SETUP_SHOWN)
			continue;
		if (row->kind == SETUP_LIST ? !!node->first :
		    row->kind == SETUP_DIR ? !is_empty(node, row->rows) :
					     !says_nothing(row, node->value))
			return false;
	}
	return true;
}

static void indent(FILE *out, int depth)
{
	while (depth--)
		fputc('\t', out);
}

/* "min..max" of a directory that has nothing else */
static void print_range(FILE *out, const struct node *dir,
			const struct setup_row *rows)
{
	const char *first = node_text(dir, rows[0].name);
	const char *second = node_text(dir, rows[1].name);

	if (first && !is_open(&rows[0], first))
		setup_value_print(out, &rows[0], first);
	else if (second && rows[1].assumed)
		fputc('0', out);
	fputs("..", out);
	if (second && !is_open(&rows[1], second))
		setup_value_print(out, &rows[1], second);
}

static bool print_rows(FILE *out, const struct node *dir,
		       const struct setup_row *rows, int depth);

/* On one line if it has no blocks in it and is short. */
static void print_block(FILE *out, const struct node *dir,
			const struct setup_row *rows, const char *name,
			int depth)
{
	char *flat = NULL;
	size_t size = 0, used = depth * TAB_LEN + strlen(name) + 4;
	FILE *text = open_memstream(&flat, &size);
	bool is_flat = text && !print_rows(text, dir, rows, -1);

	if (text)
		fclose(text);
	if (is_flat && flat && used + size < LINE_LEN) {
		fprintf(out, "{%s }\n", flat);
	} else {
		fputs("{\n", out);
		print_rows(out, dir, rows, depth + 1);
		indent(out, depth);
		fputs("}\n", out);
	}
	free(flat);
}

static void print_name(FILE *out, const char *name, int depth)
{
	if (depth < 0)
		fputc(' ', out);
	else
		indent(out, depth);
	fprintf(out, "%s ", name);
}

static void end_line(FILE *out, int depth)
{
	if (depth >= 0)
		fputc('\n', out);
}

static bool print_list(FILE *out, const struct node *list,
		       const struct setup_row *row, int depth)
{
	const struct node *node;
	bool blocks = false;

	for (node = list->first; node; node = node->next) {
		/* one context only: it goes without saying */
		if (row->given && row->max == 1) {
			blocks |= print_rows(out, node, row->rows, depth);
			continue;
		}
		if (!row->range && depth < 0)
			return true;
		print_name(out, row->name, depth);
		if (row->range) {
			print_range(out, node, row->rows);
			end_line(out, depth);
		} else {
			print_block(out, node, row->rows, row->name, depth);
		}
	}
	return blocks;
}

/* All in one line for a depth of -1; true if there are blocks, which need more */
static bool print_rows(FILE *out, const struct node *dir,
		       const struct setup_row *rows, int depth)
{
	const struct setup_row *row;
	bool blocks = false;

	for (row = rows; row->name; row++) {
		const struct node *node = node_find(dir, row->name);

		if (!node || row->kind == SETUP_SHOWN)
			continue;
		if (row->kind == SETUP_LIST) {
			blocks |= print_list(out, node, row, depth);
			continue;
		}
		if (row->kind == SETUP_DIR ? is_empty(node, row->rows) :
					     says_nothing(row, node->value))
			continue;
		if (row->kind == SETUP_DIR && !row->range && depth < 0)
			return true;
		print_name(out, row->name, depth);
		if (row->kind != SETUP_DIR) {
			setup_value_print(out, row, node->value);
			end_line(out, depth);
		} else if (row->range) {
			print_range(out, node, row->rows);
			end_line(out, depth);
		} else {
			print_block(out, node, row->rows, row->name, depth);
		}
	}
	return blocks;
}

void setup_print(FILE *out, const struct node *root)
{
	const struct node *kdamonds = node_find(root, "kdamonds");
	const struct setup_row *row = setup_root.rows;

	/* nor is there a word for the only kdamond */
	if (kdamonds && kdamonds->first && !kdamonds->first->next)
		print_rows(out, kdamonds->first, row->rows, 0);
	else
		print_rows(out, root, row, 0);
}
