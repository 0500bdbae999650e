/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tree of names and values: what a directory of sysfs holds, what a set-up
 * file says, and what status and export print.  All three have the same names.
 */
#ifndef DAMON_TOOL_NODE_H
#define DAMON_TOOL_NODE_H

#include <stdio.h>

#include "tree.h"

struct node {
	char *name;		/* as in sysfs; "" for the root */
	char *value;		/* of a file; NULL for a directory */
	struct node *parent;
	struct node *first;	/* child */
	struct node *last;
	struct node *next;	/* of the same parent, in order */
	const char *source;	/* which set-up file says so, or NULL */
	unsigned int line;	/* and where, or 0 */
	unsigned int column;
};

/* Path as in sysfs, relative to dir: "contexts/0/operations".  Or NULL. */
struct node *node_find(const struct node *dir, const char *path);
/* The value there, or NULL if there is no such file. */
const char *node_text(const struct node *dir, const char *path);
bool node_u64(const struct node *dir, const char *path, u64 *val);
/*
 * Behind the other children; without dir, a root.  NULL if there is no memory;
 * the name is copied, so is the value.
 */
struct node *node_add(struct node *dir, const char *name, const char *value);
/* All of a tree: node is its root, or nothing. */
void node_free(struct node *node);

/*
 * Reads all files below a directory of the kernel's, for example
 * "sys/kernel/mm/damon/admin/kdamonds" below tree->root; what must not be read
 * (mode 0200) is left out.  Numbered children are in order.  Returns an exit
 * status, having said what is wrong.
 */
int node_read(const struct tree *tree, const char *path, struct node **root);

/*
 * As a JSON object with the names as keys: numbers as such, Y and N as true and
 * false, several lines as an array of strings.
 */
void node_json(FILE *out, const struct node *dir);

#endif
