// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "setup_value.h"

#define USEC_PER_MIN	(60 * USEC_PER_SEC)
#define USEC_PER_HOUR	(60 * USEC_PER_MIN)

/* Limits are rounded so that no more fits than was said. */
static bool round_limit(const struct setup_row *row, double number, u64 *val)
{
	bool is_max = !strcmp(row->name, "max");

	if (!(number < (double)U32_MAX))
		return false;
	*val = is_max ? number + 0.000000001 : number;
	if (!is_max && number > *val + 0.000000001)
		(*val)++;
	return true;
}

static bool parse_share(const char *text, double whole, u64 *val)
{
	double number;

	if (parse_u64(text, val))
		return true;
	if (!parse_percent(text, &number) || number * whole > U32_MAX)
		return false;
	*val = number * whole + .5;
	return true;
}

static bool parse_us(const char *text, u64 *val)
{
	return parse_u64(text, val) || parse_time_us(text, val);
}

static bool parse_ms(const char *text, u64 *val)
{
	if (parse_u64(text, val))
		return true;
	if (!parse_time_us(text, val) || *val % USEC_PER_MSEC)
		return false;
	*val /= USEC_PER_MSEC;
	return true;
}

static bool parse_bytes(const char *text, u64 *val)
{
	return parse_u64(text, val) || parse_size(text, val);
}

static bool parse_accesses(const struct setup_row *row, const char *text,
			   const struct setup_units *units, u64 *val)
{
	u64 most = units->sample_us ? units->aggr_us / units->sample_us : 1;
	double number;

	if (parse_u64(text, val))
		return true;
	return parse_percent(text, &number) &&
		round_limit(row, number * (most ? most : 1), val);
}

static bool parse_age(const struct setup_row *row, const char *text,
		      const struct setup_units *units, u64 *val)
{
	if (parse_u64(text, val))
		return true;
	return parse_time_us(text, val) && units->aggr_us && !units->tuned &&
		round_limit(row, (double)*val / units->aggr_us, val);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

static bool parse_goal(const char *text, const struct setup_units *units,
		       u64 *val)
{
	const char *metric = units->metric ? units->metric : "";

	if (ends_with(metric, "_bp"))
		return parse_share(text, 10000, val);
	if (ends_with(metric, "_us"))
		return parse_us(text, val);
	return parse_u64(text, val);
}

static bool parse_number(const struct setup_row *row, const char *text,
			 const struct setup_units *units, u64 *val)
{
	switch (row->kind) {
	case SETUP_US:
		return parse_us(text, val);
	case SETUP_MS:
		return parse_ms(text, val);
	case SETUP_SIZE:
	case SETUP_ADDRESS:
		return parse_bytes(text, val);
	case SETUP_PERMILLE:
		return parse_share(text, 1000, val);
	case SETUP_BP:
		return parse_share(text, 10000, val);
	case SETUP_ACCESSES:
		return parse_accesses(row, text, units, val);
	case SETUP_AGE:
		return parse_age(row, text, units, val);
	case SETUP_GOAL:
		return parse_goal(text, units, val);
	default:
		return parse_u64(text, val);
	}
}

static bool value_of_switch(const char *text, char value[UNIT_LEN])
{
	bool on;

	if (!parse_switch(text, &on))
		return false;
	strcpy(value, on ? "Y" : "N");
	return true;
}

static bool parse_word(const struct setup_row *row, const char *text)
{
	const char *const *word;

	for (word = row->words; *word; word++) {
		if (!strcmp(*word, text))
			return true;
	}
	return false;
}

void setup_value_wanted(const struct setup_row *row, char *text, size_t len)
{
	static const char *const wanted[NR_SETUP_KINDS] = {
		[SETUP_SWITCH]	= "Y or N",
		[SETUP_NUMBER]	= "a number",
		[SETUP_INTEGER]	= "a number",
		[SETUP_US]	= "a time, such as 5ms",
		[SETUP_MS]	= "a time, such as 1s",
		[SETUP_SIZE]	= "a size, such as 2M",
		[SETUP_ADDRESS]	= "an address, such as 0x1000",
		[SETUP_PERMILLE] = "a share, such as 20%",
		[SETUP_BP]	= "a share, such as 4%",
		[SETUP_ACCESSES] = "a number of accesses, or a share such as 20%",
		[SETUP_AGE]	= "a number of aggregation intervals, or a time such as 2m",
		[SETUP_GOAL]	= "a number",
		[SETUP_PATH]	= "a path",
	};
	const char *const *word;
	size_t at;

	if (row->kind != SETUP_WORD) {
		snprintf(text, len, "%s", wanted[row->kind]);
		return;
	}
	at = snprintf(text, len, "one of");
	for (word = row->words; *word && at < len; word++)
		at += snprintf(text + at, len - at, "%s %s",
			       word == row->words ? "" : ",", *word);
}

bool setup_value_parse(const struct setup_row *row, const char *text,
		       const struct setup_units *units, char value[UNIT_LEN],
		       char *why, size_t len)
{
	bool negative = row->kind == SETUP_INTEGER && *text == '-';
	u64 number;

	value[0] = '\0';
	setup_value_wanted(row, why, len);
	switch (row->kind) {
	case SETUP_SWITCH:
		return value_of_switch(text, value);
	case SETUP_WORD:
		return parse_word(row, text);
	case SETUP_PATH:
		return true;
	default:
		break;
	}
	if (row->kind == SETUP_AGE && units->tuned)
		snprintf(why, len,
			 "a number of aggregation intervals (they are tuned, so no time)");
	if (!parse_number(row, text + negative, units, &number))
		return false;
	/* the kernel counts no further */
	if (row->kind == SETUP_ACCESSES || row->kind == SETUP_AGE)
		number = min_u64(number, U32_MAX);
	if (number < row->min) {
		snprintf(why, len, "at least %llu", row->min);
		return false;
	}
	if (row->max && number > row->max) {
		snprintf(why, len, "at most %llu", row->max);
		return false;
	}
	snprintf(value, UNIT_LEN, "%s%llu", negative ? "-" : "", number);
	return true;
}

static void print_unit(FILE *out, u64 number, const char *const *names,
		       const u64 *factors, size_t nr)
{
	size_t i = nr - 1;

	while (i && (!number || number % factors[i]))
		i--;
	fprintf(out, "%llu%s", number / factors[i], names[i]);
}

static void print_time(FILE *out, u64 us)
{
	static const char *const names[] = { "us", "ms", "s", "m", "h" };
	static const u64 factors[] = {
		1, USEC_PER_MSEC, USEC_PER_SEC, USEC_PER_MIN, USEC_PER_HOUR,
	};

	if (us)
		print_unit(out, us, names, factors, ARRAY_SIZE(names));
	else
		fputc('0', out);
}

static void print_bytes(FILE *out, u64 bytes)
{
	static const char *const names[] = { "", "K", "M", "G", "T" };
	static const u64 factors[] = {
		1, 1ULL << 10, 1ULL << 20, 1ULL << 30, 1ULL << 40,
	};

	print_unit(out, bytes, names, factors, ARRAY_SIZE(names));
}

static void print_quoted(FILE *out, const char *text)
{
	/* what ends words, or begins something else; and nothing at all */
	if (*text && *text != '#' && !strpbrk(text, " \t\r\n{}\"\\")) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

void setup_value_print(FILE *out, const struct setup_row *row,
		       const char *value)
{
	u64 number;

	if (!parse_u64(value, &number)) {
		print_quoted(out, value);
		return;
	}
	switch (row->kind) {
	case SETUP_US:
		print_time(out, number);
		return;
	case SETUP_MS:
		if (number > U64_MAX / USEC_PER_MSEC)
			break;
		print_time(out, number * USEC_PER_MSEC);
		return;
	case SETUP_SIZE:
		print_bytes(out, number);
		return;
	case SETUP_ADDRESS:
		fprintf(out, "0x%llx", number);
		return;
	case SETUP_PERMILLE:
		if (!number || number % 10)
			break;
		fprintf(out, "%llu%%", number / 10);
		return;
	case SETUP_BP:
		if (!number || number % 100)
			break;
		fprintf(out, "%llu%%", number / 100);
		return;
	default:
		break;
	}
	print_quoted(out, value);
}
