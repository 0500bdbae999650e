// SPDX-License-Identifier: GPL-2.0
/*
 * A tree of their own for the tests of the sysfs interface, whose files they
 * read and write the way sysfs does.
 */

#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kernfs.h>
#include <linux/kstrtox.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../sysfs/tables.h"
#include "sysfs_fixture.h"

/**
 * sysfs_test_init() - Make the tree.
 * @test:	the test
 *
 * Return: 0.
 */
int sysfs_test_init(struct kunit *test)
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

/**
 * sysfs_test_exit() - Remove the tree.
 * @test:	the test
 */
void sysfs_test_exit(struct kunit *test)
{
	struct sysfs_test *t = test->priv;

	if (!t)
		return;
	if (!IS_ERR_OR_NULL(t->root)) {
		sysfs_expect_write(test, "admin/kdamonds/nr_kdamonds", "0", 0);
		damon_dir_destroy(t->root);
	}
	free_page((unsigned long)t->page);
}

/* The directory of a file, or of results that it is among; and the rest. */
static struct damon_dir *walk(struct kunit *test, const char **path)
{
	struct sysfs_test *t = test->priv;
	struct damon_dir *dir = t->root, *sub;
	const char *slash;
	char name[32];

	for (; (slash = strchr(*path, '/')); dir = sub, *path = slash + 1) {
		snprintf(name, sizeof(name), "%.*s", (int)(slash - *path),
			 *path);
		sub = damon_dir_find(dir, name);
		if (!sub)
			break;
	}
	return dir;
}

/**
 * sysfs_test_dir() - Find a directory.
 * @test:	the test
 * @path:	the path, with a slash at the end
 *
 * Return: the directory; NULL if it is missing.
 */
struct damon_dir *sysfs_test_dir(struct kunit *test, const char *path)
{
	struct damon_dir *dir = walk(test, &path);

	return *path ? NULL : dir;
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

/**
 * sysfs_write() - Write to a file.
 * @test:	the test
 * @path:	path of the file
 * @text:	what to write
 *
 * Return: 0 or a negative error number, -ENOENT if it is missing.
 */
int sysfs_write(struct kunit *test, const char *path, const char *text)
{
	struct damon_dir *dir = walk(test, &path);
	struct damon_file *file = find_file(dir, path);
	int ret;

	if (!file)
		return -ENOENT;
	ret = dir->kobj.ktype->sysfs_ops->store(&dir->kobj, &file->attr, text,
						strlen(text));
	return ret == strlen(text) ? 0 : ret;
}

static ssize_t read_leaf(struct kunit *test, struct damon_dir *dir,
			 const char *path)
{
	struct kernfs_node *kn = kernfs_walk_and_get(dir->kobj.sd, path);
	struct sysfs_test *t = test->priv;
	struct kernfs_open_file of = { .kn = kn };
	struct seq_file m = {
		.buf = t->page,
		.size = PAGE_SIZE,
		.private = &of,
	};
	ssize_t len = -ENOENT;

	if (kn && kernfs_type(kn) == KERNFS_FILE)
		len = kn->attr.ops->seq_show(&m, NULL) ?: m.count;
	kernfs_put(kn);
	return len;
}

/**
 * sysfs_read() - Read a file.
 * @test:	the test
 * @path:	path of the file
 *
 * Return: what it says, without the newline at the end, valid until the next
 * call; "-" if it is for people to read; NULL if it is missing.
 */
const char *sysfs_read(struct kunit *test, const char *path)
{
	struct sysfs_test *t = test->priv;
	struct damon_dir *dir = walk(test, &path);
	struct damon_file *file = find_file(dir, path);
	ssize_t len;

	if (file)
		len = dir->kobj.ktype->sysfs_ops->show(&dir->kobj, &file->attr,
						       t->page);
	else
		len = read_leaf(test, dir, path);
	if (len == -ENOENT)
		return NULL;
	KUNIT_EXPECT_GE(test, len, 0);
	if (len <= 0 || (file && file->kind == DAMON_FILE_TEXT))
		return "-";
	KUNIT_EXPECT_EQ(test, t->page[len - 1], '\n');
	t->page[len - 1] = '\0';
	return t->page;
}

/**
 * sysfs_read_ulong() - Read a number.
 * @test:	the test
 * @path:	path of the file
 *
 * Return: the number; on failure 0, and the test has failed.
 */
unsigned long sysfs_read_ulong(struct kunit *test, const char *path)
{
	const char *text = sysfs_read(test, path);
	unsigned long val = 0;

	KUNIT_EXPECT_NOT_NULL_MSG(test, text, "%s", path);
	if (text)
		KUNIT_EXPECT_EQ(test, kstrtoul(text, 10, &val), 0);
	return val;
}

/**
 * sysfs_expect_write() - Expect that writing gives a certain result.
 * @test:	the test
 * @path:	path of the file
 * @text:	what to write
 * @ret:	0 or a negative error number
 */
void sysfs_expect_write(struct kunit *test, const char *path, const char *text,
			int ret)
{
	KUNIT_EXPECT_EQ_MSG(test, sysfs_write(test, path, text), ret,
			    "%s < '%s'", path, text);
}

/**
 * sysfs_expect_read() - Expect that a file has a certain content.
 * @test:	the test
 * @path:	path of the file
 * @text:	the content, without the newline at the end
 */
void sysfs_expect_read(struct kunit *test, const char *path, const char *text)
{
	KUNIT_EXPECT_STREQ_MSG(test, sysfs_read(test, path), text, "%s", path);
}

/**
 * sysfs_expect_missing() - Expect that there is no such file.
 * @test:	the test
 * @path:	path of the file
 */
void sysfs_expect_missing(struct kunit *test, const char *path)
{
	KUNIT_EXPECT_NULL_MSG(test, sysfs_read(test, path), "%s", path);
}

/**
 * sysfs_make_one_of_each() - Make one of each numbered directory.
 * @test:	the test
 */
void sysfs_make_one_of_each(struct kunit *test)
{
	static const char *const files[] = {
		"admin/kdamonds/nr_kdamonds",
		CONTEXTS "nr_contexts",
		PROBES "nr_probes",
		PROBES "0/filters/nr_filters",
		TARGETS "nr_targets",
		TARGETS "0/regions/nr_regions",
		SCHEMES "nr_schemes",
		SCHEME "quotas/goals/nr_goals",
		SCHEME "core_filters/nr_filters",
		SCHEME "ops_filters/nr_filters",
		SCHEME "filters/nr_filters",
		SCHEME "dests/nr_dests",
	};

	for (int i = 0; i < ARRAY_SIZE(files); i++)
		sysfs_expect_write(test, files[i], "1", 0);
}
