/* SPDX-License-Identifier: GPL-2.0 */
/* The words of a set-up file, and messages about them. */
#ifndef DAMON_TOOL_SETUP_TEXT_H
#define DAMON_TOOL_SETUP_TEXT_H

#include "types.h"

#define MAX_TOKEN	4096	/* a path of the kernel's */

enum token {
	TOKEN_WORD,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_NEWLINE,
	TOKEN_END,
	TOKEN_BAD,	/* it was said why */
};

struct position {
	unsigned int line;
	unsigned int column;
};

struct setup_text {
	const char *source;
	const char *at;
	const char *end;
	const char *line_start;
	unsigned int line;
	unsigned int nr_errors;
	bool no_memory;
	bool hopeless;		/* nothing after an error can be understood */

	/* the newest token, in quotes if it was */
	struct position where;
	size_t len;
	char text[MAX_TOKEN + 1];
};

/* Says what is wrong, and where. */
void __printf(3, 4) complain(struct setup_text *p, const struct position *where,
			     const char *fmt, ...);
/* Nothing that follows could be understood: goes to the end. */
void setup_give_up(struct setup_text *p);
/* Into p->text, starting at p->where. */
enum token setup_next_token(struct setup_text *p);
/* TOKEN_NEWLINE, and nothing is taken, if no value and no { is on this line. */
enum token setup_next_on_line(struct setup_text *p);

#endif
