/* SPDX-License-Identifier: GPL-2.0 */
/* For tests of set-ups: files that behave like the kernel's when written. */
#ifndef DAMON_TOOL_SETUP_MODEL_H
#define DAMON_TOOL_SETUP_MODEL_H

#include <stdlib.h>
#include <string.h>

#include "setup.h"
#include "setup_schema.h"

/* As the kernel makes a directory */
static inline void model_fill(struct node *dir, const struct setup_row *rows)
{
	const struct setup_row *row;

	for (row = rows; row->name; row++) {
		struct node *node;

		if (row->kind == SETUP_SHOWN)
			continue;
		node = node_add(dir, row->name, row->initial);
		if (row->kind == SETUP_DIR)
			model_fill(node, row->rows);
		if (row->kind == SETUP_LIST)
			node_add(node, row->count, "0");
	}
}

static inline struct node *model_new(void)
{
	struct node *root = node_add(NULL, "", NULL);

	model_fill(root, setup_root.rows);
	return root;
}

/* The list that path is the count of, or NULL; aborts for an unknown path. */
static inline const struct setup_row *model_list(const char *path)
{
	const struct setup_row *rows = setup_root.rows, *row = NULL;

	while (*path) {
		size_t len = strcspn(path, "/");

		if (row && row->kind == SETUP_LIST && !strcmp(path, row->count))
			return row;
		if (!row || row->kind != SETUP_LIST)
			row = setup_row_find(rows, path, len);
		else	/* a number leads on */
			row = &setup_root;
		if (!row)
			abort();
		rows = row == &setup_root ? rows : row->rows;
		path += len + !!path[len];
	}
	return NULL;
}

/* A setup_write_fn on a model; aborts if there is no such file. */
static inline int model_write(void *arg, const char *path, const char *value)
{
	struct node *root = arg, *file = node_find(root, path), *dir;
	const struct setup_row *row;
	unsigned long nr, i;

	if (!file || !file->value)
		abort();
	row = model_list(path);
	if (!row) {
		free(file->value);
		file->value = strdup(value);
		return 0;
	}
	dir = file->parent;
	nr = strtoul(value, NULL, 10);
	while (dir->first) {
		struct node *child = dir->first;

		dir->first = child->next;
		node_free(child);
	}
	dir->last = NULL;
	node_add(dir, row->count, value);
	for (i = 0; i < nr; i++) {
		char name[24];

		snprintf(name, sizeof(name), "%lu", i);
		model_fill(node_add(dir, name, NULL), row->rows);
	}
	return 0;
}

/* The same names and values in the same order */
static inline bool model_equal(const struct node *a, const struct node *b)
{
	const struct node *x = a->first, *y = b->first;

	if (strcmp(a->name, b->name) || !a->value != !b->value ||
	    (a->value && strcmp(a->value, b->value)))
		return false;
	for (; x && y; x = x->next, y = y->next) {
		if (!model_equal(x, y))
			return false;
	}
	return !x && !y;
}

/* Of a checked root */
static inline struct node *model_of(const struct node *root)
{
	struct node *model = model_new();

	setup_plan(NULL, root, model_write, model);
	return model;
}

/* Getting from one to the other writes what starting with the other does. */
static inline bool model_change_fits(const struct node *from,
				     const struct node *to)
{
	struct node *changed = model_of(from), *fresh = model_of(to);
	bool same;

	setup_plan(from, to, model_write, changed);
	same = model_equal(changed, fresh);
	node_free(changed);
	node_free(fresh);
	return same;
}

/* What is printed says the same. */
static inline bool model_print_fits(const struct node *root)
{
	struct node *again = setup_new();
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool same;

	setup_print(out, root);
	fclose(out);
	same = !setup_parse(again, text, len, "printed") && !setup_check(again) &&
		model_change_fits(root, again);
	if (same) {
		struct node *a = model_of(root), *b = model_of(again);

		same = model_equal(a, b);
		node_free(a);
		node_free(b);
	}
	if (!same)
		fprintf(stderr, "printed:\n%s", text);
	node_free(again);
	free(text);
	return same;
}

/* Those in setup/good; DAMON_TESTS is this directory, or where we run. */
static inline bool model_read_file(const char *name, char *text, size_t size,
				   size_t *len)
{
	const char *tests = getenv("DAMON_TESTS");
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/setup/good/%s", tests ? tests : ".",
		 name);
	file = fopen(path, "r");
	if (!file)
		return false;
	*len = fread(text, 1, size, file);
	fclose(file);
	return true;
}

#endif
