/* SPDX-License-Identifier: GPL-2.0 */
/* What is made of the option tables, besides --help. */
#ifndef DAMON_TOOL_GENERATE_H
#define DAMON_TOOL_GENERATE_H

#include "types.h"

/* damon(1), with the macros of man(7). */
void print_manual(void);
/* For "bash", "zsh" or "fish"; false if it is none of them. */
bool print_completion(const char *shell);

#endif
