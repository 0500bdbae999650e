// SPDX-License-Identifier: GPL-2.0
/*
 * The tables and the generic tree behind the sysfs interface.
 *
 * The tests make a tree of their own in sysfs, and read and write its files
 * the way sysfs does.
 */

#include <kunit/test.h>
#include <linux/kernfs.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../sysfs/tables.h"
#include "sysfs_fixture.h"
#include "sysfs_tree.h"

/* A walk over the tree, along with the list. */
struct listing {
	struct kunit *test;
	unsigned int line;
};

static void expect_listed(struct listing *l, struct kernfs_node *parent,
			  const char *dir_path, const struct damon_file *file)
{
	static const char *const kinds[] = {
		[DAMON_FILE_ULONG] = "ulong",
		[DAMON_FILE_UINT] = "uint",
		[DAMON_FILE_INT] = "int",
		[DAMON_FILE_U8] = "u8",
		[DAMON_FILE_BOOL] = "bool",
		[DAMON_FILE_KEYWORD] = "keyword",
		[DAMON_FILE_PATH] = "path",
		[DAMON_FILE_TEXT] = "text",
	};
	struct kernfs_node *kn = kernfs_find_and_get(parent, file->attr.name);
	struct kunit *test = l->test;
	char *path, *line;

	KUNIT_ASSERT_NOT_NULL_MSG(test, kn, "%s", file->attr.name);
	path = kasprintf(GFP_KERNEL, "%s%s", dir_path, file->attr.name);
	KUNIT_ASSERT_NOT_NULL(test, path);
	line = kasprintf(GFP_KERNEL, "%s %04o %s %s", path, kn->mode & 07777,
			 kinds[file->kind], sysfs_read(test, path));
	KUNIT_ASSERT_NOT_NULL(test, line);
	if (l->line < ARRAY_SIZE(damon_sysfs_tree))
		KUNIT_EXPECT_STREQ(test, strim(line),
				   damon_sysfs_tree[l->line]);
	else
		KUNIT_FAIL(test, "not listed: %s", line);
	l->line++;
	kfree(line);
	kfree(path);
	kernfs_put(kn);
}

static void expect_files_listed(struct listing *l, struct kernfs_node *kn,
				const struct damon_dir_type *type,
				const char *path)
{
	const struct damon_file *file = type->files;

	KUNIT_EXPECT_EQ(l->test, kn->mode & 07777, 0755);
	for (; file && file->attr.name; file++)
		expect_listed(l, kn, path, file);
	if (type->children)
		expect_listed(l, kn, path, &type->children->file);
}

static void expect_all_listed(struct listing *l, struct damon_dir *dir,
			      const char *path)
{
	struct damon_dir *sub;

	expect_files_listed(l, dir->kobj.sd, dir->type, path);
	list_for_each_entry(sub, &dir->subdirs, node) {
		char *sub_path = kasprintf(GFP_KERNEL, "%s%s/", path,
					   kobject_name(&sub->kobj));

		KUNIT_ASSERT_NOT_NULL(l->test, sub_path);
		expect_all_listed(l, sub, sub_path);
		kfree(sub_path);
	}
}

static void expect_leaf_listed(struct listing *l, struct kernfs_node *parent,
			       const char *name,
			       const struct damon_dir_type *type,
			       const char *path)
{
	struct kernfs_node *kn = kernfs_find_and_get(parent, name);
	const struct damon_subdir *sub = type->subdirs;
	char *sub_path = kasprintf(GFP_KERNEL, "%s%s/", path, name);

	KUNIT_ASSERT_NOT_NULL_MSG(l->test, kn, "%s", name);
	KUNIT_ASSERT_NOT_NULL(l->test, sub_path);
	expect_files_listed(l, kn, type, sub_path);
	for (; sub && sub->name; sub++)
		expect_leaf_listed(l, kn, sub->name, sub->type, sub_path);
	kfree(sub_path);
	kernfs_put(kn);
}

static void test_tree(struct kunit *test)
{
	struct sysfs_test *t = test->priv;
	struct listing l = { .test = test };
	struct damos_tried tried = {};
	struct damon_dir *dir;

	sysfs_make_one_of_each(test);
	expect_all_listed(&l, t->root, "");

	dir = sysfs_test_dir(test, SCHEME "tried_regions/");
	KUNIT_ASSERT_NOT_NULL(test, dir);
	KUNIT_ASSERT_EQ(test, damon_leaf_build(dir, 0,
					       &damon_tried_dir_types[1],
					       &tried), 0);
	expect_leaf_listed(&l, dir->kobj.sd, "0", &damon_tried_dir_types[1],
			   SCHEME "tried_regions/");
	damon_leaf_destroy(dir, 0);
	KUNIT_EXPECT_EQ(test, l.line, ARRAY_SIZE(damon_sysfs_tree));
}

enum colour { RED, GREEN };

static const char *const colours[] = { "red", "green_and_more" };

struct sample {
	unsigned long ulong_;
	unsigned long positive;
	unsigned int uint_;
	int int_;
	int einval;
	bool bool_;
	u8 u8_;
	enum colour colour;
	enum colour green;
	char *path;
};

static const struct damon_file sample_files[] = {
	DAMON_FILE("ulong", struct sample, ulong_),
	DAMON_FILE("positive", struct sample, positive, .min = 1),
	DAMON_FILE("uint", struct sample, uint_),
	DAMON_FILE("int", struct sample, int_),
	DAMON_FILE("einval", struct sample, einval, .only_einval = true),
	DAMON_FILE("u8", struct sample, u8_),
	DAMON_FILE("bool", struct sample, bool_),
	DAMON_FILE_ENUM("colour", struct sample, colour, colours),
	DAMON_FILE_ENUM("green", struct sample, green, colours,
			.accept = BIT(GREEN)),
};

/* Each of @texts is read back as @result, or refused with @err. */
struct parse_case {
	const char *file;
	int err;
	const char *result;
	const char *texts[12];
};

#define TOO_BIG	"99999999999999999999"

static const struct parse_case parse_cases[] = {
	{ "ulong", 0, "0", { "0", "0x0\n" } },
	{ "ulong", 0, "42", { "42", "42\n", "+42", "052", "0x2a", "0X2A" } },
	{ "ulong", 0, "4294967295", { "4294967295" } },
	{ "ulong", -EINVAL, NULL, { "", "\n", " 1", "1 ", "1\n\n", "-1", "++1",
				    "1k", "0x", "08", "one" } },
	{ "ulong", -ERANGE, NULL, { TOO_BIG } },
	{ "positive", 0, "1", { "1" } },
	{ "positive", -EINVAL, NULL, { "0", "" } },
	{ "positive", -ERANGE, NULL, { TOO_BIG } },
	{ "uint", 0, "4294967295", { "4294967295", "0xffffffff" } },
	{ "uint", -EINVAL, NULL, { "", "-1", " 1", "x" } },
	{ "uint", -ERANGE, NULL, { "4294967296", TOO_BIG } },
	{ "int", 0, "2147483647", { "2147483647" } },
	{ "int", 0, "-2147483648", { "-2147483648", "-0x80000000\n" } },
	{ "int", -EINVAL, NULL, { "", "- 1", "--1", "1-" } },
	{ "int", -ERANGE, NULL, { "2147483648", "-2147483649", TOO_BIG } },
	{ "einval", 0, "-1", { "-1" } },
	{ "einval", -EINVAL, NULL, { "2147483648", TOO_BIG, "x", "" } },
	{ "u8", 0, "255", { "255", "0xff\n" } },
	{ "u8", -EINVAL, NULL, { "", "-1", "x" } },
	{ "u8", -ERANGE, NULL, { "256", TOO_BIG } },
	{ "bool", 0, "Y", { "Y", "y\n", "T", "true", "E", "enable", "1", "oN",
			    "yellow" } },
	{ "bool", 0, "N", { "N", "n\n", "f", "False", "D", "disable", "0",
			    "OF", "off" } },
	{ "bool", -EINVAL, NULL, { "", "\n", "2", "x", "o", " Y", "-1" } },
	{ "colour", 0, "red", { "red", "red\n" } },
	{ "colour", 0, "green_and_more", { "green_and_more" } },
	{ "colour", -EINVAL, NULL, { "", "\n", "green", "redder", "Red", " red",
				     "red ", "red\n\n", "1" } },
	{ "green", 0, "green_and_more", { "green_and_more\n" } },
	{ "green", -EINVAL, NULL, { "red", "red\n", "", "green" } },
};

static const struct damon_file *sample_file(const char *name)
{
	for (int i = 0; i < ARRAY_SIZE(sample_files); i++) {
		if (!strcmp(sample_files[i].attr.name, name))
			return &sample_files[i];
	}
	return NULL;
}

static void expect_parsed(struct kunit *test, const struct parse_case *c,
			  const char *text, int fill)
{
	const struct damon_file *file = sample_file(c->file);
	struct sysfs_test *t = test->priv;
	struct sample before, after;
	ssize_t len;

	KUNIT_ASSERT_NOT_NULL(test, file);
	memset(&before, fill, sizeof(before));
	after = before;
	KUNIT_EXPECT_EQ_MSG(test, damon_file_parse(file, &after, text), c->err,
			    "%s < '%s'", c->file, text);
	if (c->err) {
		KUNIT_EXPECT_MEMEQ(test, &before, &after, sizeof(before));
		return;
	}
	len = damon_file_format(file, &after, t->page, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, len, strlen(c->result) + 1);
	KUNIT_EXPECT_EQ(test, t->page[len - 1], '\n');
	t->page[len - 1] = '\0';
	KUNIT_EXPECT_STREQ(test, t->page, c->result);
}

static void test_parse(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(parse_cases); i++) {
		const char *const *text = parse_cases[i].texts;

		/* Twice, so that each result differs from what was. */
		for (; *text; text++) {
			expect_parsed(test, &parse_cases[i], *text, 0);
			expect_parsed(test, &parse_cases[i], *text, 1);
		}
	}
}

/* Kept as it is written, whatever it is; the old text is freed. */
static void test_path(struct kunit *test)
{
	static const struct damon_file file = DAMON_FILE("path", struct sample,
							 path);
	static const char *const texts[] = {
		"/a", "/a\n", "", "\n", "no slash", "\xff\x01 /b\n\n",
	};
	struct sysfs_test *t = test->priv;
	struct sample sample = {};
	char *longest;

	KUNIT_EXPECT_EQ(test, damon_file_format(&file, &sample, t->page,
						PAGE_SIZE), 1);
	KUNIT_EXPECT_STREQ(test, t->page, "\n");
	for (int i = 0; i < ARRAY_SIZE(texts); i++) {
		int len = strlen(texts[i]);

		KUNIT_EXPECT_EQ(test, damon_file_parse(&file, &sample,
						       texts[i]), 0);
		KUNIT_EXPECT_STREQ(test, sample.path, texts[i]);
		KUNIT_EXPECT_PTR_NE(test, sample.path, (char *)texts[i]);
		KUNIT_EXPECT_EQ(test, damon_file_format(&file, &sample, t->page,
							PAGE_SIZE), len + 1);
		KUNIT_EXPECT_MEMEQ(test, t->page, texts[i], len);
		KUNIT_EXPECT_STREQ(test, t->page + len, "\n");
	}

	/* More than can be read is stored, and cut when it is read. */
	longest = kunit_kzalloc(test, PAGE_SIZE + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, longest);
	memset(longest, 'x', PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, damon_file_parse(&file, &sample, longest), 0);
	KUNIT_EXPECT_STREQ(test, sample.path, longest);
	KUNIT_EXPECT_EQ(test, damon_file_format(&file, &sample, t->page,
						PAGE_SIZE), PAGE_SIZE - 1);
	kfree(sample.path);
}

static void test_nr(struct kunit *test)
{
	struct sysfs_test *t = test->priv;
	struct damon_spec *spec;

	sysfs_make_one_of_each(test);
	spec = &t->admin.kdamonds->contexts->spec;

	/* Each write starts from scratch, also with the same number. */
	sysfs_expect_write(test, TARGETS "nr_targets", "3\n", 0);
	sysfs_expect_read(test, TARGETS "nr_targets", "3");
	sysfs_expect_read(test, TARGETS "2/regions/nr_regions", "0");
	sysfs_expect_missing(test, TARGETS "3/pid_target");
	KUNIT_EXPECT_EQ(test, spec->nr_targets, 3);
	sysfs_expect_write(test, TARGETS "2/pid_target", "7", 0);
	sysfs_expect_write(test, TARGETS "2/regions/nr_regions", "5", 0);
	KUNIT_EXPECT_EQ(test, spec->targets[2].pid, 7);
	KUNIT_EXPECT_EQ(test, spec->targets[2].nr_ranges, 5);
	sysfs_expect_write(test, TARGETS "nr_targets", "3", 0);
	sysfs_expect_read(test, TARGETS "2/pid_target", "0");
	sysfs_expect_read(test, TARGETS "2/regions/nr_regions", "0");

	/* What can't be understood changes nothing. */
	sysfs_expect_write(test, TARGETS "2/pid_target", "7", 0);
	sysfs_expect_write(test, TARGETS "nr_targets", "-1", -EINVAL);
	sysfs_expect_write(test, TARGETS "nr_targets", "x", -EINVAL);
	sysfs_expect_write(test, TARGETS "nr_targets", "\n", -EINVAL);
	sysfs_expect_write(test, TARGETS "nr_targets", "2147483648", -ERANGE);
	sysfs_expect_read(test, TARGETS "nr_targets", "3");
	sysfs_expect_read(test, TARGETS "2/pid_target", "7");

	sysfs_expect_write(test, TARGETS "nr_targets", "0", 0);
	sysfs_expect_read(test, TARGETS "nr_targets", "0");
	sysfs_expect_missing(test, TARGETS "0/pid_target");
	KUNIT_EXPECT_NULL(test, spec->targets);
}

static void test_nr_contexts(struct kunit *test)
{
	struct sysfs_test *t = test->priv;

	sysfs_make_one_of_each(test);
	sysfs_expect_write(test, TARGETS "0/pid_target", "7", 0);
	sysfs_expect_write(test, CONTEXTS "nr_contexts", "2", -EINVAL);
	sysfs_expect_write(test, CONTEXTS "nr_contexts", "-1", -EINVAL);
	sysfs_expect_read(test, TARGETS "0/pid_target", "7");
	sysfs_expect_write(test, CONTEXTS "nr_contexts", "1", 0);
	sysfs_expect_read(test, TARGETS "nr_targets", "0");
	sysfs_expect_read(test, CONTEXT "addr_unit", "1");
	sysfs_expect_write(test, CONTEXTS "nr_contexts", "0", 0);
	sysfs_expect_missing(test, CONTEXT "pause");
	KUNIT_EXPECT_EQ(test, t->admin.kdamonds->nr_contexts, 0);
	KUNIT_EXPECT_NULL(test, t->admin.kdamonds->contexts);
}

/* More than can be: nothing is left, and it works again afterwards. */
static void test_nr_huge(struct kunit *test)
{
	static const char *const files[] = {
		TARGETS "0/regions/nr_regions",
		TARGETS "nr_targets",
		"admin/kdamonds/nr_kdamonds",
	};

	sysfs_make_one_of_each(test);
	for (int i = 0; i < ARRAY_SIZE(files); i++) {
		sysfs_expect_write(test, files[i], "2", 0);
		sysfs_expect_write(test, files[i], "2147483647", -ENOMEM);
		sysfs_expect_read(test, files[i], "0");
		sysfs_expect_write(test, files[i], "2", 0);
		sysfs_expect_read(test, files[i], "2");
	}
}

struct item {
	int value;
	bool busy;
};

struct box {
	struct item *items;
	unsigned int nr;
};

static int items_alive, items_limit;

static int item_init(void *elem)
{
	if (items_alive == items_limit)
		return -ENOMEM;
	items_alive++;
	return 0;
}

static void item_fini(void *elem)
{
	items_alive--;
}

static bool item_busy(void *elem)
{
	struct item *item = elem;

	return item->busy;
}

static const struct damon_dir_type item_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE("value", struct item, value),
		{}
	},
};

static const struct damon_dir_type box_dir = {
	.children = DAMON_CHILDREN("nr_items", struct box, items, nr,
				   .type = &item_dir,
				   .init = item_init,
				   .fini = item_fini,
				   .busy = item_busy),
};

/* All or nothing, and what was made is unmade. */
static void test_nr_refused(struct kunit *test)
{
	struct sysfs_test *t = test->priv;
	struct box box = {};
	struct damon_dir *dir = damon_dir_build(&t->root->kobj, "box", &box_dir,
						&box, &t->guard);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dir);
	items_alive = 0;
	items_limit = 3;
	KUNIT_EXPECT_EQ(test, damon_children_store(dir, "3"), 0);
	KUNIT_EXPECT_EQ(test, items_alive, 3);

	KUNIT_ASSERT_EQ(test, box.nr, 3);
	box.items[2].busy = true;
	KUNIT_EXPECT_EQ(test, damon_children_store(dir, "1"), -EBUSY);
	KUNIT_EXPECT_EQ(test, items_alive, 3);
	box.items[2].busy = false;

	KUNIT_EXPECT_EQ(test, damon_children_store(dir, "4"), -ENOMEM);
	KUNIT_EXPECT_EQ(test, box.nr, 0);
	KUNIT_EXPECT_NULL(test, box.items);
	KUNIT_EXPECT_TRUE(test, list_empty(&dir->subdirs));
	KUNIT_EXPECT_EQ(test, items_alive, 0);

	KUNIT_EXPECT_EQ(test, damon_children_store(dir, "2"), 0);
	KUNIT_EXPECT_EQ(test, items_alive, 2);
	KUNIT_EXPECT_EQ(test, damon_children_store(dir, "0"), 0);
	KUNIT_EXPECT_EQ(test, items_alive, 0);
	damon_dir_destroy(dir);
}

/* Each gets a value of its own, so that none can stand in for another. */
static const char *const bind_cases[][2] = {
	{ "operations", "fvaddr" },
	{ "addr_unit", "11" },
	{ "pause", "Y" },
	{ "monitoring_attrs/intervals/sample_us", "12" },
	{ "monitoring_attrs/intervals/aggr_us", "13" },
	{ "monitoring_attrs/intervals/update_us", "14" },
	{ "monitoring_attrs/intervals/intervals_goal/access_bp", "15" },
	{ "monitoring_attrs/intervals/intervals_goal/aggrs", "16" },
	{ "monitoring_attrs/intervals/intervals_goal/min_sample_us", "17" },
	{ "monitoring_attrs/intervals/intervals_goal/max_sample_us", "18" },
	{ "monitoring_attrs/nr_regions/min", "19" },
	{ "monitoring_attrs/nr_regions/max", "20" },
	{ "monitoring_attrs/budget/cpu_permille", "24" },
	{ "monitoring_attrs/scout", "N" },
	{ "targets/0/pid_target", "-21" },
	{ "targets/0/obsolete_target", "Y" },
	{ "targets/0/regions/0/start", "22" },
	{ "targets/0/regions/0/end", "23" },
};

static void test_bind(struct kunit *test)
{
	struct sysfs_test *t = test->priv;
	const struct damon_target_spec *target;
	const struct damon_spec *spec;
	char path[128];

	sysfs_make_one_of_each(test);
	for (int i = 0; i < ARRAY_SIZE(bind_cases); i++) {
		snprintf(path, sizeof(path), CONTEXT "%s", bind_cases[i][0]);
		sysfs_expect_write(test, path, bind_cases[i][1], 0);
	}
	for (int i = 0; i < ARRAY_SIZE(bind_cases); i++) {
		snprintf(path, sizeof(path), CONTEXT "%s", bind_cases[i][0]);
		sysfs_expect_read(test, path, bind_cases[i][1]);
	}

	spec = &t->admin.kdamonds->contexts->spec;
	KUNIT_EXPECT_EQ(test, spec->ops_id, DAMON_OPS_FVADDR);
	KUNIT_EXPECT_EQ(test, spec->addr_unit, 11);
	KUNIT_EXPECT_TRUE(test, spec->pause);
	KUNIT_EXPECT_EQ(test, spec->attrs.sample_interval, 12);
	KUNIT_EXPECT_EQ(test, spec->attrs.aggr_interval, 13);
	KUNIT_EXPECT_EQ(test, spec->attrs.ops_update_interval, 14);
	KUNIT_EXPECT_EQ(test, spec->attrs.intervals_goal.access_bp, 15);
	KUNIT_EXPECT_EQ(test, spec->attrs.intervals_goal.aggrs, 16);
	KUNIT_EXPECT_EQ(test, spec->attrs.intervals_goal.min_sample_us, 17);
	KUNIT_EXPECT_EQ(test, spec->attrs.intervals_goal.max_sample_us, 18);
	KUNIT_EXPECT_EQ(test, spec->attrs.min_nr_regions, 19);
	KUNIT_EXPECT_EQ(test, spec->attrs.max_nr_regions, 20);
	KUNIT_EXPECT_EQ(test, spec->attrs.cpu_permille, 24);
	KUNIT_EXPECT_FALSE(test, spec->attrs.scout);
	target = spec->targets;
	KUNIT_EXPECT_EQ(test, target->pid, -21);
	KUNIT_EXPECT_TRUE(test, target->obsolete);
	KUNIT_EXPECT_EQ(test, target->ranges[0].start, 22);
	KUNIT_EXPECT_EQ(test, target->ranges[0].end, 23);
}

static void test_bad_values(struct kunit *test)
{
	sysfs_make_one_of_each(test);
	sysfs_expect_write(test, CONTEXT "addr_unit", "0", -EINVAL);
	sysfs_expect_read(test, CONTEXT "addr_unit", "1");
	sysfs_expect_write(test, CONTEXT "operations", "vadd", -EINVAL);
	sysfs_expect_write(test, CONTEXT "operations", "VADDR", -EINVAL);
	sysfs_expect_read(test, CONTEXT "operations", "vaddr");
	sysfs_expect_write(test, TARGETS "0/pid_target", "2147483648", -EINVAL);
	sysfs_expect_write(test, TARGETS "0/obsolete_target", "2", -EINVAL);
	sysfs_expect_write(test, "admin/kdamonds/0/refresh_ms", "4294967296",
			   -ERANGE);
	sysfs_expect_write(test, "admin/kdamonds/0/refresh_ms", "-1", -EINVAL);
	sysfs_expect_write(test, "admin/kdamonds/0/refresh_ms", "1", 0);
	sysfs_expect_read(test, "admin/kdamonds/0/refresh_ms", "1");
}

static void test_state_never_started(struct kunit *test)
{
	static const char *const commands[] = {
		"off", "commit", "commit_schemes_quota_goals",
		"update_schemes_stats", "update_schemes_tried_bytes",
		"update_schemes_tried_regions",
		"update_schemes_effective_quotas", "update_tuned_intervals",
		/* Not commands. */
		"", "\n", "o", "onn", "ON", " on", "on ", "commi",
	};

	sysfs_make_one_of_each(test);
	for (int i = 0; i < ARRAY_SIZE(commands); i++)
		sysfs_expect_write(test, STATE, commands[i], -EINVAL);
	sysfs_expect_write(test, STATE, "clear_schemes_tried_regions", 0);
	/* Upper limit of the regions below the lower one. */
	sysfs_expect_write(test, CONTEXT "monitoring_attrs/nr_regions/max", "3", 0);
	sysfs_expect_write(test, STATE, "on", -EINVAL);
	sysfs_expect_write(test, STATE, "off", -EINVAL);

	sysfs_expect_write(test, CONTEXTS "nr_contexts", "0", 0);
	sysfs_expect_write(test, STATE, "on", -EINVAL);
	sysfs_expect_write(test, STATE, "clear_schemes_tried_regions", -EINVAL);
	sysfs_expect_read(test, STATE, "off");
	sysfs_expect_read(test, "admin/kdamonds/0/pid", "-1");
}

static struct kunit_case sysfs_test_cases[] = {
	KUNIT_CASE(test_tree),
	KUNIT_CASE(test_parse),
	KUNIT_CASE(test_path),
	KUNIT_CASE(test_nr),
	KUNIT_CASE(test_nr_contexts),
	KUNIT_CASE(test_nr_huge),
	KUNIT_CASE(test_nr_refused),
	KUNIT_CASE(test_bind),
	KUNIT_CASE(test_bad_values),
	KUNIT_CASE(test_state_never_started),
	{}
};

static struct kunit_suite sysfs_test_suite = {
	.name = "damon_sysfs",
	.init = sysfs_test_init,
	.exit = sysfs_test_exit,
	.test_cases = sysfs_test_cases,
};

kunit_test_suite(sysfs_test_suite);
