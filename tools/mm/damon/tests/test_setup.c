// SPDX-License-Identifier: GPL-2.0
/* Set-ups: tables, values, files, plans. */
#include "fail.h"
#include "setup_model.h"
#include "setup_value.h"
#include "tap.h"

#define MAX_TEXT	8192

static const char *const good_files[] = {
	"small.setup", "idle.setup", "paths.setup", "all.setup",
};

/* Tables */

static unsigned int nr_wrong;

static void wrong(const char *what, const struct setup_row *row)
{
	printf("# %s: %s\n", row->name, what);
	nr_wrong++;
}

static void test_rows(const struct setup_row *rows, unsigned int depth)
{
	const struct setup_units units = { 5000, 100000, false, NULL };
	const struct setup_row *row;
	char value[UNIT_LEN], why[256];

	for (row = rows; row->name; row++) {
		if (setup_row_find(rows, row->name, strlen(row->name)) != row)
			wrong("twice", row);
		if (setup_is_dir(row) == !row->rows)
			wrong("rows and kind do not fit", row);
		if (row->count ? row->kind != SETUP_LIST : row->kind == SETUP_LIST)
			wrong("a list without a count, or the other way", row);
		if (row->words ? row->kind != SETUP_WORD : row->kind == SETUP_WORD)
			wrong("words and kind do not fit", row);
		if (row->range && (!row->rows[0].name || !row->rows[1].name))
			wrong("a range without limits", row);
		if (depth >= SETUP_MAX_STEPS)
			wrong("too deep", row);
		if (setup_is_dir(row)) {
			test_rows(row->rows, depth + 1);
			continue;
		}
		if (row->kind == SETUP_SHOWN)
			continue;
		/* but for a core filter, which begins as none of its types */
		if (!row->initial ||
		    (!setup_value_parse(row, row->initial, &units, value, why,
					sizeof(why)) &&
		     strcmp(row->initial, "anon") && strcmp(row->initial, "0")))
			wrong("the initial value is none", row);
		if (row->assumed && !setup_value_parse(row, row->assumed, &units,
						       value, why, sizeof(why)))
			wrong("the assumed value is none", row);
	}
}

/* Values */

static const struct {
	enum setup_kind kind;
	const char *text;
	const char *value;	/* NULL: refused */
	const char *printed;	/* NULL: as value */
} values[] = {
	{ SETUP_SWITCH, "Y", "Y", NULL },
	{ SETUP_SWITCH, "yes", "Y", NULL },
	{ SETUP_SWITCH, "off", "N", NULL },
	{ SETUP_SWITCH, "2", NULL, NULL },
	{ SETUP_SWITCH, "", NULL, NULL },
	{ SETUP_NUMBER, "17", "17", NULL },
	{ SETUP_NUMBER, "0x10", "16", NULL },
	{ SETUP_NUMBER, "18446744073709551615", "18446744073709551615", NULL },
	{ SETUP_NUMBER, "18446744073709551616", NULL, NULL },
	{ SETUP_NUMBER, "-1", NULL, NULL },
	{ SETUP_NUMBER, "1K", NULL, NULL },
	{ SETUP_NUMBER, "", NULL, NULL },
	{ SETUP_INTEGER, "-1", "-1", NULL },
	{ SETUP_INTEGER, "--1", NULL, NULL },
	{ SETUP_INTEGER, "-", NULL, NULL },
	{ SETUP_US, "5000", "5000", "5ms" },
	{ SETUP_US, "1500us", "1500", "1500us" },
	{ SETUP_US, "90s", "90000000", "90s" },
	{ SETUP_US, "1h", "3600000000", "1h" },
	{ SETUP_US, "0", "0", NULL },
	{ SETUP_US, "5 ms", NULL, NULL },
	{ SETUP_US, "9999999999999h", NULL, NULL },
	{ SETUP_MS, "1s", "1000", "1s" },
	{ SETUP_MS, "7", "7", "7ms" },
	{ SETUP_MS, "1500us", NULL, NULL },
	{ SETUP_MS, "18446744073709551615", "18446744073709551615", NULL },
	{ SETUP_SIZE, "1.5M", "1572864", "1536K" },
	{ SETUP_SIZE, "4097", "4097", NULL },
	{ SETUP_SIZE, "0", "0", NULL },
	{ SETUP_SIZE, "16777216T", NULL, NULL },
	{ SETUP_ADDRESS, "64K", "65536", "0x10000" },
	{ SETUP_PERMILLE, "50%", "500", "50%" },
	{ SETUP_PERMILLE, "0.5%", "5", NULL },
	{ SETUP_PERMILLE, "%", NULL, NULL },
	{ SETUP_PERMILLE, "1.2.3%", NULL, NULL },
	{ SETUP_BP, "4%", "400", "4%" },
	{ SETUP_BP, "0.01%", "1", NULL },
	{ SETUP_GOAL, "7", "7", NULL },
	{ SETUP_GOAL, "7%", NULL, NULL },
	{ SETUP_PATH, "/a b", "/a b", "\"/a b\"" },
	{ SETUP_PATH, "#\"\\", "#\"\\", "\"#\\\"\\\\\"" },
	{ SETUP_PATH, "", "", "\"\"" },
};

static void test_values(void)
{
	const struct setup_units units = { 5000, 100000, false, NULL };
	char value[UNIT_LEN], why[256], *printed;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		const struct setup_row row = {
			.name = "test", .kind = values[i].kind,
		};
		bool good = setup_value_parse(&row, values[i].text, &units,
					      value, why, sizeof(why));
		const char *got = value[0] ? value : values[i].text;
		FILE *out;

		if (!values[i].value) {
			ok(!good && why[0], "'%s' is refused", values[i].text);
			continue;
		}
		printed = NULL;
		out = open_memstream(&printed, &len);
		setup_value_print(out, &row, got);
		fclose(out);
		ok(good && !strcmp(got, values[i].value) &&
		   !strcmp(printed, values[i].printed ? values[i].printed :
						       values[i].value),
		   "'%s' is %s and printed as %s", values[i].text,
		   values[i].value, printed);
		free(printed);
	}
}

/* Those whose unit depends on others: 20 samples in 100 ms */
static const struct {
	const char *name;
	enum setup_kind kind;
	const char *text;
	const char *value;
	bool tuned;
	const char *metric;
} relative[] = {
	{ "min", SETUP_AGE, "2m", "1200", false, NULL },
	{ "min", SETUP_AGE, "150ms", "2", false, NULL },
	{ "max", SETUP_AGE, "150ms", "1", false, NULL },
	{ "max", SETUP_AGE, "150", "150", false, NULL },
	{ "min", SETUP_AGE, "2m", NULL, true, NULL },
	{ "min", SETUP_AGE, "2", "2", true, NULL },
	{ "max", SETUP_AGE, "200000h", NULL, false, NULL },
	{ "max", SETUP_AGE, "4294967296", "4294967295", false, NULL },
	{ "min", SETUP_ACCESSES, "1%", "1", false, NULL },
	{ "max", SETUP_ACCESSES, "1%", "0", false, NULL },
	{ "max", SETUP_ACCESSES, "100%", "20", true, NULL },
	{ "min", SETUP_ACCESSES, "5%", "1", true, NULL },
	{ "min", SETUP_ACCESSES, "x%", NULL, true, NULL },
	{ "target_value", SETUP_GOAL, "5%", "500", false, "node_mem_used_bp" },
	{ "target_value", SETUP_GOAL, "5ms", "5000", false, "some_mem_psi_us" },
	{ "target_value", SETUP_GOAL, "5ms", NULL, false, "user_input" },
};

static void test_relative(void)
{
	char value[UNIT_LEN], why[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(relative); i++) {
		const struct setup_units units = {
			5000, 100000, relative[i].tuned, relative[i].metric,
		};
		const struct setup_row row = {
			.name = relative[i].name, .kind = relative[i].kind,
		};
		bool good = setup_value_parse(&row, relative[i].text, &units,
					      value, why, sizeof(why));

		ok(relative[i].value ? good && !strcmp(value, relative[i].value) :
				       !good,
		   "%s %s is %s%s", row.name, relative[i].text,
		   relative[i].value ? relative[i].value : "refused",
		   relative[i].tuned ? " with tuned intervals" : "");
	}
}

/* Files */

static struct node *root_of(const char *text, size_t len)
{
	struct node *root = setup_new();

	if (!setup_parse(root, text, len, "test") && !setup_check(root))
		return root;
	node_free(root);
	return NULL;
}

/* What a file says at a path, with { } for a process around it. */
static bool says(const char *text, const char *path, const char *value)
{
	char whole[512];
	struct node *root;
	const char *got;
	bool same;

	snprintf(whole, sizeof(whole), "targets { pid_target 4242 } %s", text);
	root = root_of(whole, strlen(whole));
	if (!root)
		return !value;
	got = node_text(root, path);
	same = value && got && !strcmp(got, value);
	if (!same)
		printf("# got: %s\n", got ? got : "nothing");
	node_free(root);
	return same;
}

#define CONTEXT	"kdamonds/0/contexts/0/"
#define SCHEME	CONTEXT "schemes/0/"

static void test_ways(void)
{
	static const struct {
		const char *text;
		const char *path;
		const char *value;
	} ways[] = {
		{ "sample_us 9", CONTEXT "monitoring_attrs/intervals/sample_us", "9" },
		{ "kdamonds/0/contexts/0/monitoring_attrs/intervals/sample_us 9",
		  CONTEXT "monitoring_attrs/intervals/sample_us", "9" },
		{ "contexts/0{intervals{sample_us 9}}",
		  CONTEXT "monitoring_attrs/intervals/sample_us", "9" },
		{ "refresh_ms 9", "kdamonds/0/refresh_ms", "9" },
		{ "nr_regions 20..", CONTEXT "monitoring_attrs/nr_regions/min", "20" },
		{ "nr_regions ..20", CONTEXT "monitoring_attrs/nr_regions/max", "20" },
		{ "nr_regions 20", CONTEXT "monitoring_attrs/nr_regions/max", "20" },
		{ "schemes { }", SCHEME "access_pattern/age/min", "0" },
		{ "schemes { }", SCHEME "access_pattern/age/max", "4294967295" },
		{ "schemes { age 2..3 }", SCHEME "access_pattern/age/max", "3" },
		{ "schemes { age { min 1s } }", SCHEME "access_pattern/age/min", "10" },
		{ "schemes { age 1s.. } aggr_us 1s", SCHEME "access_pattern/age/min", "1" },
		{ "schemes { bytes 1G }", SCHEME "quotas/bytes", "1073741824" },
		{ "schemes { stats/max_nr_snapshots 3 }", SCHEME "stats/max_nr_snapshots", "3" },
		{ "schemes { } schemes/0/age 3", SCHEME "access_pattern/age/min", "3" },
		{ "schemes/0 { } schemes/1 { } schemes/0/age 3",
		  SCHEME "access_pattern/age/max", "3" },
		{ "schemes { action\tcold\r\n}", SCHEME "action", "cold" },
		{ "schemes { action \"cold\"# why\n}", SCHEME "action", "cold" },
		{ "schemes/1 { }", NULL, NULL },
		{ "schemes/01 { }", NULL, NULL },
		{ "schemes//0 { }", NULL, NULL },
		{ "/schemes { }", NULL, NULL },
		{ "schemes/ { }", NULL, NULL },
		{ "schemes/0/ 3", NULL, NULL },
		{ "sample_us/x 3", NULL, NULL },
		{ "schemes { action cold", NULL, NULL },
		{ "sample_us\n9", NULL, NULL },
		{ "sample_us 9 9", NULL, NULL },
		{ "kdamonds { }", NULL, NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		char name[128], *c;

		snprintf(name, sizeof(name), "%s", ways[i].text);
		for (c = name; *c; c++)
			*c = *c < ' ' ? '~' : *c;
		ok(says(ways[i].text, ways[i].path, ways[i].value), "%s: %s",
		   ways[i].value ? "says" : "refused", name);
	}
}

/* A later text may overrule an earlier one, and add to it. */
static void test_overrule(void)
{
	static const char first[] = "targets { pid_target 1 } sample_us 1 "
				    "schemes { action cold }";
	static const char second[] = "sample_us 2 schemes { } schemes/0/age 7";
	struct node *root = setup_new();

	ok(!setup_parse(root, first, strlen(first), "first") &&
	   !setup_parse(root, second, strlen(second), "second") &&
	   !setup_parse_in(root, "schemes", "action stat", 11, "third") &&
	   !setup_check(root) &&
	   !strcmp(node_text(root, CONTEXT "monitoring_attrs/intervals/sample_us"), "2") &&
	   !strcmp(node_text(root, SCHEME "access_pattern/age/max"), "7") &&
	   !strcmp(node_text(root, CONTEXT "schemes/2/action"), "stat"),
	   "later texts overrule and add");
	ok(setup_parse_in(root, "schemes", "}", 1, "fourth") == STATUS_BAD_FILE,
	   "a text cannot leave its { }");
	node_free(root);
}

static void test_files(void)
{
	static char text[MAX_TEXT];
	struct node *root[ARRAY_SIZE(good_files)];
	size_t i, j, len;

	for (i = 0; i < ARRAY_SIZE(good_files); i++) {
		root[i] = NULL;
		if (model_read_file(good_files[i], text, sizeof(text), &len))
			root[i] = root_of(text, len);
		ok(root[i], "%s is good", good_files[i]);
		if (!root[i])
			return;
		ok(!setup_check(root[i]), "and so it is when checked again");
		ok(model_print_fits(root[i]), "and when printed");
	}
	for (i = 0; i < ARRAY_SIZE(good_files); i++) {
		for (j = 0; j < ARRAY_SIZE(good_files); j++)
			ok(model_change_fits(root[i], root[j]),
			   "change from %s to %s", good_files[i],
			   good_files[j]);
	}
	for (i = 0; i < ARRAY_SIZE(good_files); i++)
		node_free(root[i]);
}

/* Trees that were made by hand are checked as well, but for what no file says. */
static void test_trees(void)
{
	struct node *root = setup_new(), *list, *kdamond;

	ok(setup_check(root), "nothing is no set-up");
	list = node_add(root, "kdamonds", NULL);
	kdamond = node_add(list, "1", NULL);
	ok(setup_check(root), "numbers begin with 0");
	free(kdamond->name);
	kdamond->name = strdup("0");
	list = node_add(node_add(kdamond, "contexts", NULL), "0", NULL);
	node_add(list, "operations", "paddr");
	ok(!setup_check(root), "what others may have set up is taken");
	list = node_add(node_add(list, "targets", NULL), "0", NULL);
	list = node_add(node_add(list, "regions", NULL), "0", NULL);
	node_add(list, "start", "4K");
	node_add(list, "end", "8K");
	ok(!setup_check(root) && !strcmp(node_text(list, "end"), "8192"),
	   "and values become numbers");
	node_find(list, "start")->value[0] = '9';
	ok(setup_check(root), "but not what the kernel refuses");
	node_add(list, "nonsense", "1");
	ok(setup_check(root), "unknown names are refused");
	node_free(root);
}

int main(void)
{
	fail_quiet = true;
	test_rows(setup_root.rows, 1);
	ok(!nr_wrong, "the tables");
	test_values();
	test_relative();
	test_ways();
	test_overrule();
	test_files();
	test_trees();
	return tap_done();
}
