/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The terminal of a live view: a screen of its own without echo and line
 * editing, and back to how it was, whatever ends us.
 */
#ifndef DAMON_TOOL_TERM_H
#define DAMON_TOOL_TERM_H

#include <stddef.h>

enum term_key {
	KEY_NONE = -1,
	KEY_UP = 256,
	KEY_DOWN,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_OTHER,
};

/* Both may be called again and again. */
void term_enter(void);
/* Also from a signal handler. */
void term_leave(void);
/*
 * Shows lines of text from the top of the screen on, as many and as much of
 * them as it has room for; at an escape sequence only colours are expected.
 */
void term_draw(const char *text, unsigned int columns, unsigned int lines);
/* The next key that was pressed: a character or one of the above. */
int term_key(void);

#endif
