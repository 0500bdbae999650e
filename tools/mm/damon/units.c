// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "units.h"

bool parse_u64(const char *text, u64 *val)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*val = strtoull(text, &end, 0);
	return !errno && !*end;
}

struct unit {
	const char *name;
	u64 factor;
};

/* A decimal number with at most nine digits after the point, times a unit. */
static bool parse_scaled(const char *text, const struct unit *units, u64 *val)
{
	u64 whole, fraction = 0, scale = 1;
	const struct unit *unit;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	whole = strtoull(text, &end, 10);
	if (errno)
		return false;
	if (*end == '.') {
		if (!isdigit((unsigned char)end[1]))
			return false;
		for (end++; isdigit((unsigned char)*end); end++) {
			if (scale == NSEC_PER_SEC)
				continue;
			fraction = fraction * 10 + (*end - '0');
			scale *= 10;
		}
	}
	for (unit = units; unit->name; unit++) {
		if (strcmp(end, unit->name))
			continue;
		if (whole > U64_MAX / unit->factor)
			return false;
		*val = whole * unit->factor;
		fraction = (double)fraction / scale * unit->factor + .5;
		return !__builtin_add_overflow(*val, fraction, val);
	}
	return false;
}

bool parse_time_us(const char *text, u64 *us)
{
	static const struct unit units[] = {
		{ "us", 1 },
		{ "ms", USEC_PER_MSEC },
		{ "s", USEC_PER_SEC },
		{ "m", 60 * USEC_PER_SEC },
		{ "h", 3600 * USEC_PER_SEC },
		{ }
	};

	return parse_scaled(text, units, us);
}

bool parse_size(const char *text, u64 *bytes)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "K", 1ULL << 10 },
		{ "M", 1ULL << 20 },
		{ "G", 1ULL << 30 },
		{ "T", 1ULL << 40 },
		{ }
	};

	return parse_scaled(text, units, bytes);
}

bool parse_percent_bp(const char *text, u64 *bp)
{
	static const struct unit units[] = { { "%", 100 }, { } };

	return parse_scaled(text, units, bp);
}

bool parse_percent(const char *text, double *share)
{
	static const struct unit units[] = { { "%", NSEC_PER_SEC }, { } };
	u64 val;

	if (!parse_scaled(text, units, &val))
		return false;
	*share = val / (100. * NSEC_PER_SEC);
	return true;
}

bool parse_switch(const char *text, bool *on)
{
	static const char *const words[] = {
		"no", "yes", "off", "on", "false", "true", "N", "Y", "n", "y",
		"0", "1",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(text, words[i])) {
			*on = i % 2;
			return true;
		}
	}
	return false;
}

bool parse_range(const char *text, u64 *start, u64 *end)
{
	const char *dash = strchr(text, '-');
	char first[UNIT_LEN];

	if (!dash || (size_t)(dash - text) >= sizeof(first))
		return false;
	memcpy(first, text, dash - text);
	first[dash - text] = '\0';
	return parse_u64(first, start) && parse_u64(dash + 1, end) &&
		*start < *end;
}

/* Three significant digits, but never an exponent: 7.25 72.5 725 */
static void print_scaled(char *buf, double val, const char *unit)
{
	int digits = val < 9.995 ? 2 : val < 99.95 ? 1 : 0;
	char *p;

	snprintf(buf, UNIT_LEN, "%.*f", digits, val);
	p = buf + strlen(buf);
	if (digits) {
		while (p[-1] == '0')
			p--;
		if (p[-1] == '.')
			p--;
	}
	snprintf(p, UNIT_LEN - (p - buf), "%s", unit);
}

char *unit_size(char buf[UNIT_LEN], u64 bytes)
{
	static const char *const names[] = { "B", "K", "M", "G", "T", "P", "E" };
	double val = bytes;
	size_t i = 0;

	while (val >= 1023.5 && i < ARRAY_SIZE(names) - 1) {
		val /= 1024;
		i++;
	}
	print_scaled(buf, val, names[i]);
	return buf;
}

char *unit_time(char buf[UNIT_LEN], u64 us)
{
	double val = us;

	if (us < USEC_PER_MSEC)
		print_scaled(buf, val, " us");
	else if (us < USEC_PER_SEC - USEC_PER_MSEC / 2)
		print_scaled(buf, val / USEC_PER_MSEC, " ms");
	else if (us < 600 * USEC_PER_SEC)
		print_scaled(buf, val / USEC_PER_SEC, " s");
	else if (us < 36000 * USEC_PER_SEC)
		print_scaled(buf, val / USEC_PER_SEC / 60, " min");
	else
		print_scaled(buf, val / USEC_PER_SEC / 3600, " h");
	return buf;
}

char *unit_percent(char buf[UNIT_LEN], double share)
{
	double percent = share * 100;

	if (percent > 0 && percent < .1)
		snprintf(buf, UNIT_LEN, "<0.1%%");
	else if (percent > 0 && percent < 9.95)
		snprintf(buf, UNIT_LEN, "%.1f%%", percent);
	else
		snprintf(buf, UNIT_LEN, "%.0f%%", percent);
	return buf;
}

char *unit_date(char buf[UNIT_LEN], u64 unix_s)
{
	/* days in years that begin with March, in cycles of 400 years */
	u64 days = min_u64(unix_s / 86400, 2932896) + 719468;
	unsigned int cycle = days / 146097, day = days % 146097;
	unsigned int year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	unsigned int month, second = unix_s % 86400;

	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	year += 400 * cycle + (month >= 10);
	month = month < 10 ? month + 3 : month - 9;
	snprintf(buf, UNIT_LEN, "%04u-%02u-%02u %02u:%02u:%02u UTC",
		 year % 10000, month % 100, (day + 1) % 100, second / 3600 % 100,
		 second / 60 % 60, second % 60);
	return buf;
}

/* The bytes of the character at p and its code, or 1 and the byte itself. */
static unsigned int get_character(const unsigned char *p, u32 *code)
{
	/* bytes that follow, and the least code that needs them */
	unsigned int more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : 1, i;
	static const u32 least[] = { 0, 0x80, 0x800, 0x10000 };
	u32 wide = *p & (0x3f >> more);

	*code = *p;
	if (*p < 0xc0 || *p >= 0xf8)
		return 1;
	for (i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 1;
		wide = wide << 6 | (p[i] & 0x3f);
	}
	if (wide < least[more] || wide > 0x10ffff || wide >> 11 == 0xd800 >> 11)
		return 1;
	*code = wide;
	return 1 + more;
}

u64 clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

void shell_string(FILE *out, const char *text)
{
	putc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			putc(*text, out);
	}
	putc('\'', out);
}

void json_string(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	u32 c;

	fputc('"', out);
	while (*p) {
		/* bytes that are no UTF-8 become characters of Latin-1 */
		p += get_character(p, &c);
		if (c > 0xffff)
			fprintf(out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
				0xdc00 + (c & 0x3ff));
		/* '<': it may be in a page */
		else if (c < ' ' || c >= 0x7f || c == '<')
			fprintf(out, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}
