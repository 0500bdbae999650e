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

#include "../sysfs/admin.h"
#include "../sysfs/dir.h"
#include "sysfs_tree.h"

#define CONTEXTS	"admin/kdamonds/0/contexts/"
#define CONTEXT		CONTEXTS "0/"
#define TARGETS		CONTEXT "targets/"

struct sysfs_test {
	struct damon_admin admin;
	struct mutex guard; /* of @admin */
	struct damon_dir *root;
	char *page;
	unsigned int line;
};

static int sysfs_test_init(struct kunit *test)
{
	struct sysfs_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	/* sysfs_emit() wants a whole, aligned page. */
	t->page = (char *)__get_free_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->page);
	test->priv = t;
	mutex_init(&t->guard);
	t->root = damon_dir_build(mm_kobj, "damon-test", &damon_root_dir_type,
				  &t->admin, &t->guard);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->root);
	return 0;
}

static struct damon_dir *find_dir(struct damon_dir *dir, const char *name,
				  size_t len)
{
	struct damon_dir *sub;

	list_for_each_entry(sub, &dir->subdirs, node) {
		if (str_has_prefix(name, kobject_name(&sub->kobj)) == len)
			return sub;
	}
	return NULL;
}

static struct damon_file *find_file(struct damon_dir *dir, const char *name)
{
	const struct damon_file *file = dir->type->files;

	for (; file && file->attr.name; file++) {
		if (!strcmp(file->attr.name, name))
			return (struct damon_file *)file;
	}
	if (dir->type->children &&
	    !strcmp(dir->type->children->file.attr.name, name))
		return (struct damon_file *)&dir->type->children->file;
	return NULL;
}

static struct damon_dir *walk(struct kunit *test, const char *path,
			      struct damon_file **file)
{
	struct sysfs_test *t = test->priv;
	struct damon_dir *dir = t->root;
	const char *slash;

	for (; dir && (slash = strchr(path, '/')); path = slash + 1)
		dir = find_dir(dir, path, slash - path);
	*file = dir ? find_file(dir, path) : NULL;
	return *file ? dir : NULL;
}

static int write_file(struct kunit *test, const char *path, const char *text)
{
	struct damon_file *file;
	struct damon_dir *dir = walk(test, path, &file);
	int ret;

	if (!dir)
		return -ENOENT;
	ret = dir->kobj.ktype->sysfs_ops->store(&dir->kobj, &file->attr, text,
						strlen(text));
	return ret == strlen(text) ? 0 : ret;
}

/* What a file says, without the newline at the end; NULL if it is missing. */
static const char *read_file(struct kunit *test, const char *path)
{
	struct sysfs_test *t = test->priv;
	struct damon_file *file;
	struct damon_dir *dir = walk(test, path, &file);
	ssize_t len;

	if (!dir)
		return NULL;
	len = dir->kobj.ktype->sysfs_ops->show(&dir->kobj, &file->attr,
					       t->page);
	KUNIT_EXPECT_GE(test, len, 0);
	if (len <= 0 || file->kind == DAMON_FILE_TEXT)
		return "-";
	KUNIT_EXPECT_EQ(test, t->page[len - 1], '\n');
	t->page[len - 1] = '\0';
	return t->page;
}

static void expect_write(struct kunit *test, const char *path,
			 const char *text, int ret)
{
	KUNIT_EXPECT_EQ_MSG(test, write_file(test, path, text), ret,
			    "%s < '%s'", path, text);
}

static void expect_read(struct kunit *test, const char *path, const char *text)
{
	KUNIT_EXPECT_STREQ_MSG(test, read_file(test, path), text, "%s", path);
}

static void expect_missing(struct kunit *test, const char *path)
{
	KUNIT_EXPECT_NULL_MSG(test, read_file(test, path), "%s", path);
}

static void sysfs_test_exit(struct kunit *test)
{
	struct sysfs_test *t = test->priv;

	if (!t)
		return;
	if (!IS_ERR_OR_NULL(t->root)) {
		expect_write(test, "admin/kdamonds/nr_kdamonds", "0", 0);
		damon_dir_destroy(t->root);
	}
	free_page((unsigned long)t->page);
}

static void make_one_of_each(struct kunit *test)
{
	expect_write(test, "admin/kdamonds/nr_kdamonds", "1", 0);
	expect_write(test, CONTEXTS "nr_contexts", "1", 0);
	expect_write(test, TARGETS "nr_targets", "1", 0);
	expect_write(test, TARGETS "0/regions/nr_regions", "1", 0);
}

static void expect_listed(struct kunit *test, struct damon_dir *dir,
			  const char *dir_path, const struct damon_file *file)
{
	static const char *const kinds[] = {
		[DAMON_FILE_ULONG] = "ulong",
		[DAMON_FILE_UINT] = "uint",
		[DAMON_FILE_INT] = "int",
		[DAMON_FILE_BOOL] = "bool",
		[DAMON_FILE_KEYWORD] = "keyword",
		[DAMON_FILE_TEXT] = "text",
	};
	struct sysfs_test *t = test->priv;
	struct kernfs_node *kn = kernfs_find_and_get(dir->kobj.sd,
						     file->attr.name);
	char *path = kasprintf(GFP_KERNEL, "%s%s", dir_path, file->attr.name);
	char *line;

	KUNIT_ASSERT_NOT_NULL(test, kn);
	KUNIT_ASSERT_NOT_NULL(test, path);
	line = kasprintf(GFP_KERNEL, "%s %04o %s %s", path, kn->mode & 07777,
			 kinds[file->kind], read_file(test, path));
	KUNIT_ASSERT_NOT_NULL(test, line);
	if (t->line < ARRAY_SIZE(damon_sysfs_tree))
		KUNIT_EXPECT_STREQ(test, line, damon_sysfs_tree[t->line]);
	else
		KUNIT_FAIL(test, "not listed: %s", line);
	t->line++;
	kfree(line);
	kfree(path);
	kernfs_put(kn);
}

static void expect_all_listed(struct kunit *test, struct damon_dir *dir,
			      const char *path)
{
	const struct damon_file *file = dir->type->files;
	struct damon_dir *sub;

	KUNIT_EXPECT_EQ(test, dir->kobj.sd->mode & 07777, 0755);
	for (; file && file->attr.name; file++)
		expect_listed(test, dir, path, file);
	if (dir->type->children)
		expect_listed(test, dir, path, &dir->type->children->file);
	list_for_each_entry(sub, &dir->subdirs, node) {
		char *sub_path = kasprintf(GFP_KERNEL, "%s%s/", path,
					   kobject_name(&sub->kobj));

		KUNIT_ASSERT_NOT_NULL(test, sub_path);
		expect_all_listed(test, sub, sub_path);
		kfree(sub_path);
	}
}

static void test_tree(struct kunit *test)
{
	struct sysfs_test *t = test->priv;

	make_one_of_each(test);
	expect_all_listed(test, t->root, "");
	KUNIT_EXPECT_EQ(test, t->line, ARRAY_SIZE(damon_sysfs_tree));
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
	enum colour colour;
};

static const struct damon_file sample_files[] = {
	DAMON_FILE("ulong", struct sample, ulong_),
	DAMON_FILE("positive", struct sample, positive, .min = 1),
	DAMON_FILE("uint", struct sample, uint_),
	DAMON_FILE("int", struct sample, int_),
	DAMON_FILE("einval", struct sample, einval, .only_einval = true),
	DAMON_FILE("bool", struct sample, bool_),
	DAMON_FILE_ENUM("colour", struct sample, colour, colours),
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
	{ "bool", 0, "Y", { "Y", "y\n", "T", "true", "E", "enable", "1", "oN",
			    "yellow" } },
	{ "bool", 0, "N", { "N", "n\n", "f", "False", "D", "disable", "0",
			    "OF", "off" } },
	{ "bool", -EINVAL, NULL, { "", "\n", "2", "x", "o", " Y", "-1" } },
	{ "colour", 0, "red", { "red", "red\n" } },
	{ "colour", 0, "green_and_more", { "green_and_more" } },
	{ "colour", -EINVAL, NULL, { "", "\n", "green", "redder", "Red", " red",
				     "red ", "red\n\n", "1" } },
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
	len = damon_file_format(file, &after, t->page);
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

static void test_nr(struct kunit *test)
{
	struct sysfs_test *t = test->priv;
	struct damon_spec *spec;

	make_one_of_each(test);
	spec = t->admin.kdamonds->contexts;

	/* Each write starts from scratch, also with the same number. */
	expect_write(test, TARGETS "nr_targets", "3\n", 0);
	expect_read(test, TARGETS "nr_targets", "3");
	expect_read(test, TARGETS "2/regions/nr_regions", "0");
	expect_missing(test, TARGETS "3/pid_target");
	KUNIT_EXPECT_EQ(test, spec->nr_targets, 3);
	expect_write(test, TARGETS "2/pid_target", "7", 0);
	expect_write(test, TARGETS "2/regions/nr_regions", "5", 0);
	KUNIT_EXPECT_EQ(test, spec->targets[2].pid, 7);
	KUNIT_EXPECT_EQ(test, spec->targets[2].nr_ranges, 5);
	expect_write(test, TARGETS "nr_targets", "3", 0);
	expect_read(test, TARGETS "2/pid_target", "0");
	expect_read(test, TARGETS "2/regions/nr_regions", "0");

	/* What can't be understood changes nothing. */
	expect_write(test, TARGETS "2/pid_target", "7", 0);
	expect_write(test, TARGETS "nr_targets", "-1", -EINVAL);
	expect_write(test, TARGETS "nr_targets", "x", -EINVAL);
	expect_write(test, TARGETS "nr_targets", "\n", -EINVAL);
	expect_write(test, TARGETS "nr_targets", "2147483648", -ERANGE);
	expect_read(test, TARGETS "nr_targets", "3");
	expect_read(test, TARGETS "2/pid_target", "7");

	expect_write(test, TARGETS "nr_targets", "0", 0);
	expect_read(test, TARGETS "nr_targets", "0");
	expect_missing(test, TARGETS "0/pid_target");
	KUNIT_EXPECT_NULL(test, spec->targets);
}

static void test_nr_contexts(struct kunit *test)
{
	struct sysfs_test *t = test->priv;

	make_one_of_each(test);
	expect_write(test, TARGETS "0/pid_target", "7", 0);
	expect_write(test, CONTEXTS "nr_contexts", "2", -EINVAL);
	expect_write(test, CONTEXTS "nr_contexts", "-1", -EINVAL);
	expect_read(test, TARGETS "0/pid_target", "7");
	expect_write(test, CONTEXTS "nr_contexts", "1", 0);
	expect_read(test, TARGETS "nr_targets", "0");
	expect_read(test, CONTEXT "addr_unit", "1");
	expect_write(test, CONTEXTS "nr_contexts", "0", 0);
	expect_missing(test, CONTEXT "pause");
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

	make_one_of_each(test);
	for (int i = 0; i < ARRAY_SIZE(files); i++) {
		expect_write(test, files[i], "2", 0);
		expect_write(test, files[i], "2147483647", -ENOMEM);
		expect_read(test, files[i], "0");
		expect_write(test, files[i], "2", 0);
		expect_read(test, files[i], "2");
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

	make_one_of_each(test);
	for (int i = 0; i < ARRAY_SIZE(bind_cases); i++) {
		snprintf(path, sizeof(path), CONTEXT "%s", bind_cases[i][0]);
		expect_write(test, path, bind_cases[i][1], 0);
	}
	for (int i = 0; i < ARRAY_SIZE(bind_cases); i++) {
		snprintf(path, sizeof(path), CONTEXT "%s", bind_cases[i][0]);
		expect_read(test, path, bind_cases[i][1]);
	}

	spec = t->admin.kdamonds->contexts;
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
	target = spec->targets;
	KUNIT_EXPECT_EQ(test, target->pid, -21);
	KUNIT_EXPECT_TRUE(test, target->obsolete);
	KUNIT_EXPECT_EQ(test, target->ranges[0].start, 22);
	KUNIT_EXPECT_EQ(test, target->ranges[0].end, 23);
}

static void test_bad_values(struct kunit *test)
{
	make_one_of_each(test);
	expect_write(test, CONTEXT "addr_unit", "0", -EINVAL);
	expect_read(test, CONTEXT "addr_unit", "1");
	expect_write(test, CONTEXT "operations", "vadd", -EINVAL);
	expect_write(test, CONTEXT "operations", "VADDR", -EINVAL);
	expect_read(test, CONTEXT "operations", "vaddr");
	expect_write(test, TARGETS "0/pid_target", "2147483648", -EINVAL);
	expect_write(test, TARGETS "0/obsolete_target", "2", -EINVAL);
	expect_write(test, "admin/kdamonds/0/refresh_ms", "4294967296",
		     -ERANGE);
	expect_write(test, "admin/kdamonds/0/refresh_ms", "-1", -EINVAL);
	expect_write(test, "admin/kdamonds/0/refresh_ms", "1", 0);
	expect_read(test, "admin/kdamonds/0/refresh_ms", "1");
}

static void test_state_never_started(struct kunit *test)
{
	static const char *const commands[] = {
		"off", "commit", "update_tuned_intervals",
		/* Not commands. */
		"", "\n", "o", "onn", "ON", " on", "on ", "commi",
	};

	make_one_of_each(test);
	for (int i = 0; i < ARRAY_SIZE(commands); i++)
		expect_write(test, "admin/kdamonds/0/state", commands[i],
			     -EINVAL);
	/* Upper limit of the regions below the lower one. */
	expect_write(test, CONTEXT "monitoring_attrs/nr_regions/max", "3", 0);
	expect_write(test, "admin/kdamonds/0/state", "on", -EINVAL);
	expect_write(test, "admin/kdamonds/0/state", "off", -EINVAL);

	expect_write(test, CONTEXTS "nr_contexts", "0", 0);
	expect_write(test, "admin/kdamonds/0/state", "on", -EINVAL);
	expect_read(test, "admin/kdamonds/0/state", "off");
	expect_read(test, "admin/kdamonds/0/pid", "-1");
}

static struct kunit_case sysfs_test_cases[] = {
	KUNIT_CASE(test_tree),
	KUNIT_CASE(test_parse),
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
