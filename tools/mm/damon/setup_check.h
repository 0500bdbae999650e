/* SPDX-License-Identifier: GPL-2.0 */
/* For the parts of setup_check(). */
#ifndef DAMON_TOOL_SETUP_CHECK_H
#define DAMON_TOOL_SETUP_CHECK_H

#include "node.h"

#define SETUP_MAX_ERRORS	64

/* Messages are said at the end, in the order of the file. */
struct setup_message {
	const struct node *node;
	char *text;
};

struct setup_check {
	unsigned int nr_messages;
	struct setup_message messages[SETUP_MAX_ERRORS];
	unsigned int nr_errors;
	bool no_memory;
};

/* What is wrong with a node. */
void __printf(3, 4) setup_complain(struct setup_check *c,
				   const struct node *node, const char *fmt,
				   ...);
/*
 * The same about what the kernel would take, but which does nothing or not what
 * was meant.  Others may have set it up, so only what a file says counts.
 */
void __printf(3, 4) setup_object(struct setup_check *c, const struct node *node,
				 const char *fmt, ...);
/* The same about what is no error. */
void __printf(3, 4) setup_remark(struct setup_check *c,
				 const struct node *node, const char *fmt, ...);

/* What has to fit together.  All values are good in themselves. */
void setup_check_rules(struct setup_check *c, const struct node *root);

#endif
