/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DAMON_TOOL_TAP_H
#define DAMON_TOOL_TAP_H

#include <stdio.h>

#include "types.h"

static int tap_nr, tap_failed;

#define ok(cond, ...)	tap_ok(cond, __LINE__, __VA_ARGS__)

static inline __printf(3, 4)
void tap_ok(bool good, int line, const char *fmt, ...)
{
	__builtin_va_list ap;

	tap_nr++;
	tap_failed += !good;
	printf("%s %d - ", good ? "ok" : "not ok", tap_nr);
	__builtin_va_start(ap, fmt);
	vprintf(fmt, ap);
	__builtin_va_end(ap);
	if (!good)
		printf(" (line %d)", line);
	putchar('\n');
	fflush(stdout);
}

static inline int tap_done(void)
{
	printf("1..%d\n", tap_nr);
	return tap_failed != 0;
}

#endif
