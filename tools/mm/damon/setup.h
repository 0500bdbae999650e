/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Set-ups: what kdamonds are to do, as a tree with the names of sysfs below
 * admin: the root holds "kdamonds", which holds "0", and so on down to the
 * files.  Directories are counted, so there are no nr_ files; files that are
 * not there keep the kernel's defaults.  Values are text as in a set-up file:
 * "5000" or "5ms" for sample_us.
 *
 * To use one:  setup_parse() or node_add(), setup_check(), admin_lock(),
 * setup_start(), ..., setup_stop(), close(lock).
 *
 * Functions return an exit status, having said what is wrong.
 */
#ifndef DAMON_TOOL_SETUP_H
#define DAMON_TOOL_SETUP_H

#include <stdio.h>

#include "node.h"

/* A root without anything, or NULL. */
struct node *setup_new(void);

/*
 * Adds what text says; it may refer to and overrule what the root holds
 * already, but not what it says itself.  Source is what messages call the
 * text, and has to stay as long as the root; so may be a file's name.
 * STATUS_BAD_FILE if the text is wrong.
 */
int setup_parse(struct node *root, const char *text, size_t len,
		const char *source);
/* The same for what would be in { } after a word such as "schemes". */
int setup_parse_in(struct node *root, const char *block, const char *text,
		   size_t len, const char *source);
/* The same for a file; "-" is stdin. */
int setup_load(struct node *root, const char *path);

/*
 * Checks all that can be known without the kernel, and turns values into what
 * the kernel's files take.  After that the root may be staged.
 */
int setup_check(struct node *root);

/*
 * What is set up now, without what may only be read: a checked root without
 * kdamonds if there are none.
 */
int setup_running(const struct tree *tree, struct node **root);
/* As a set-up file. */
void setup_print(FILE *out, const struct node *root);

/*
 * The rest is for who has admin_lock(), but for setup_plan().
 *
 * setup_start() makes the kdamonds of a checked root and switches them on.
 * STATUS_BUSY if some are set up already; setup_replace() stops those, and
 * starts them again if it fails.  After a failure all is as it was found.
 */
int setup_start(const struct tree *tree, const struct node *root);
int setup_replace(const struct tree *tree, const struct node *root);
/* Switches all off and removes them. */
int setup_stop(const struct tree *tree);
/*
 * Changes what is set up over to another checked root with as many kdamonds,
 * and has those that run commit it.  After a failure all is as it was found.
 */
int setup_change(const struct tree *tree, const struct node *root);

/*
 * The writes from one checked root to another, in order; none at the
 * beginning, for from being NULL.  Stops at the first error, -errno.
 */
typedef int (*setup_write_fn)(void *arg, const char *path, const char *value);
int setup_plan(const struct node *from, const struct node *to,
	       setup_write_fn write, void *arg);

#endif
