// SPDX-License-Identifier: GPL-2.0
/* Text from files, made harmless, and numbers for people. */
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "tap.h"
#include "units.h"

static bool writes(void (*print)(FILE *out, const char *text), const char *text,
		   const char *expected)
{
	char *got;
	size_t len;
	FILE *out = open_memstream(&got, &len);
	bool same;

	print(out, text);
	fclose(out);
	same = !strcmp(got, expected);
	if (!same)
		printf("# %s\n", got);
	free(got);
	return same;
}

static void test_json(void)
{
	static const struct {
		const char *text, *json, *what;
	} cases[] = {
		{ "", "\"\"", "nothing" },
		{ "a \"b\" \\ /", "\"a \\\"b\\\" \\\\ /\"", "quotes" },
		{ "\n\t\033\177", "\"\\u000a\\u0009\\u001b\\u007f\"", "control characters" },
		{ "</script>", "\"\\u003c/script>\"", "a tag" },
		{ "\303\244\342\202\254", "\"\\u00e4\\u20ac\"", "UTF-8" },
		{ "\360\237\230\200", "\"\\ud83d\\ude00\"", "UTF-8 of four bytes" },
		{ "\364\217\277\277", "\"\\udbff\\udfff\"", "the last character" },
		{ "\377\200x", "\"\\u00ff\\u0080x\"", "no UTF-8" },
		{ "\300\257", "\"\\u00c0\\u00af\"", "UTF-8 that is too long" },
		{ "\355\240\200", "\"\\u00ed\\u00a0\\u0080\"", "half of a pair" },
		{ "\364\220\200\200", "\"\\u00f4\\u0090\\u0080\\u0080\"",
		  "more than the last character" },
		{ "\342\202", "\"\\u00e2\\u0082\"", "UTF-8 that is cut off" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		ok(writes(json_string, cases[i].text, cases[i].json),
		   "JSON of %s", cases[i].what);
}

static void test_dates(void)
{
	static const struct {
		u64 unix_s;
		const char *date;
	} cases[] = {
		{ 0, "1970-01-01 00:00:00 UTC" },
		{ 951782399, "2000-02-28 23:59:59 UTC" },
		{ 951782400, "2000-02-29 00:00:00 UTC" },
		{ 1709251199, "2024-02-29 23:59:59 UTC" },
		{ 4107542400, "2100-03-01 00:00:00 UTC" },
		{ 253402300799, "9999-12-31 23:59:59 UTC" },
	};
	char buf[UNIT_LEN];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		ok(!strcmp(unit_date(buf, cases[i].unix_s), cases[i].date),
		   "%s", cases[i].date);
	ok(strlen(unit_date(buf, U64_MAX)) == strlen(cases[0].date),
	   "a date that cannot be");
}

static void test_sizes(void)
{
	double size, ceiling;
	bool good = true;

	for (size = 1; size < 1e18; size *= 1.37) {
		ceiling = size_ceiling(size);
		good &= ceiling >= size && ceiling <= size * 1.26 + 3;
	}
	ok(good && size_ceiling(96) == 96 && size_ceiling(97) == 112 &&
	   size_ceiling(113) == 128, "round sizes are near, and not less");
	ok(whole_size(2.5) == 3 && whole_size(U64_MAX) == U64_MAX &&
	   whole_size(1e30) == U64_MAX && !whole_size(0), "whole sizes");
	ok(!size_level(0, 100) && size_level(100, 100) == NR_LEVELS - 1 &&
	   size_level(1, 1e15) == 1 &&
	   size_level(100, 1000) < size_level(300, 1000), "levels of sizes");
	ok(!level_is_bright(0) && !level_is_bright(10) &&
	   level_is_bright(NR_LEVELS - 1), "text can be read on all of them");
}

int main(void)
{
	test_json();
	test_dates();
	test_sizes();
	ok(writes(print_xml, "<a b='c' d=\"e\">&\n\377",
		  "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;??"), "XML");
	ok(writes(print_harmless, "a\033[31m\303\244\177~", "a?[31m???~"),
	   "what a terminal gets");
	return tap_done();
}
