/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers as people write and read them. */
#ifndef DAMON_TOOL_UNITS_H
#define DAMON_TOOL_UNITS_H

#include <stdio.h>
#include <time.h>

#include "types.h"

/* Long enough for anything the unit_* functions print. */
#define UNIT_LEN	24

/*
 * Parsers take the whole text or nothing: false for empty text, a sign,
 * blanks, trailing characters and overflow.
 */
bool parse_u64(const char *text, u64 *val);
/* "250us", "5ms", "1.5s", "2m", "1h"; the unit is required. */
bool parse_time_us(const char *text, u64 *us);
/* "4096", "64K", "16M", "2G", "1T"; powers of 1024. */
bool parse_size(const char *text, u64 *bytes);
/* "50%" or "0.4%", in 1/10000 */
bool parse_percent_bp(const char *text, u64 *bp);
/* The same as a share of 1. */
bool parse_percent(const char *text, double *share);
/* yes no on off true false Y N 1 0 */
bool parse_switch(const char *text, bool *on);
/* "START-END", both as parse_u64 (0x allowed), START < END. */
bool parse_range(const char *text, u64 *start, u64 *end);

/* These fill buf with up to four significant digits and a unit, and return it. */
char *unit_size(char buf[UNIT_LEN], u64 bytes);
char *unit_time(char buf[UNIT_LEN], u64 us);
/* "12%", "0.4%", "<0.1%" */
char *unit_percent(char buf[UNIT_LEN], double share);

/* "2026-11-23 04:05:06 UTC", without the time zones of libc. */
char *unit_date(char buf[UNIT_LEN], u64 unix_s);

u64 clock_ns(clockid_t clock);

/* Writes text in quotes, so that a shell takes it for nothing but text. */
void shell_string(FILE *out, const char *text);
/* Writes text as a JSON string, quotes included; never invalid JSON. */
void json_string(FILE *out, const char *text);

#endif
