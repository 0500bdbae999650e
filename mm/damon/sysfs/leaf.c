// SPDX-License-Identifier: GPL-2.0
/*
 * Directories of results: numbered, read-only, made and removed by code.
 *
 * There may be thousands of them for each command, and to look at them is all
 * that users can do.  So they are bare nodes: no kobject, no lock and no memory
 * of their own but that of the nodes.  A directory points to the struct that
 * it shows, a file to its row in the table.
 *
 * Each file shows one value, and leaf_lock makes a change of the values below
 * a directory atomic, so values can be replaced while the directory stays.
 */

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/kernfs.h>
#include <linux/lockdep.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uidgid.h>

#include "dir.h"

/* Sufficient for the values, which are numbers, and for the names. */
#define LEAF_TEXT_MAX	24

static DEFINE_SPINLOCK(leaf_lock);
static struct lock_class_key leaf_key;

static int leaf_show(struct seq_file *m, void *v)
{
	struct kernfs_node *kn = ((struct kernfs_open_file *)m->private)->kn;
	char text[LEAF_TEXT_MAX];

	scoped_guard(spinlock, &leaf_lock)
		damon_file_format(kn->priv, kn->parent->priv, text,
				  sizeof(text));
	seq_puts(m, text);
	return 0;
}

static const struct kernfs_ops leaf_ops = {
	.seq_show = leaf_show,
};

static struct kernfs_node *leaf_add_dir(struct kernfs_node *parent,
					const char *name, void *data)
{
	return kernfs_create_dir_ns(parent, name, 0755, GLOBAL_ROOT_UID,
				    GLOBAL_ROOT_GID, data, NULL);
}

static int leaf_fill(struct kernfs_node *kn, const struct damon_dir_type *type,
		     void *data)
{
	const struct damon_file *file = type->files;
	const struct damon_subdir *sub = type->subdirs;
	struct kernfs_node *node;
	int err;

	for (; file && file->attr.name; file++) {
		node = __kernfs_create_file(kn, file->attr.name,
					    file->attr.mode, GLOBAL_ROOT_UID,
					    GLOBAL_ROOT_GID, PAGE_SIZE,
					    &leaf_ops, (void *)file, NULL,
					    &leaf_key);
		if (IS_ERR(node))
			return PTR_ERR(node);
	}
	for (; sub && sub->name; sub++) {
		node = leaf_add_dir(kn, sub->name, data + sub->offset);
		if (IS_ERR(node))
			return PTR_ERR(node);
		err = leaf_fill(node, sub->type, data + sub->offset);
		if (err)
			return err;
	}
	return 0;
}

/**
 * damon_leaf_build() - Make a directory of results.
 * @parent:	where
 * @index:	its name
 * @type:	what it looks like: read-only numbers, no numbered
 *		subdirectories
 * @data:	the struct that it shows; must outlive it
 *
 * It goes with @parent at the latest.
 *
 * Context: may sleep.
 * Return: 0, or an error and there is no such directory.
 */
int damon_leaf_build(struct damon_dir *parent, unsigned int index,
		     const struct damon_dir_type *type, void *data)
{
	char name[LEAF_TEXT_MAX];
	struct kernfs_node *kn;
	int err;

	snprintf(name, sizeof(name), "%u", index);
	kn = leaf_add_dir(parent->kobj.sd, name, data);
	if (IS_ERR(kn))
		return PTR_ERR(kn);
	err = leaf_fill(kn, type, data);
	if (err)
		kernfs_remove(kn);
	return err;
}

/**
 * damon_leaf_destroy() - Remove a directory of results.
 * @parent:	where
 * @index:	its name
 *
 * Afterwards nobody is inside of its files any more.
 *
 * Context: may sleep.
 */
void damon_leaf_destroy(struct damon_dir *parent, unsigned int index)
{
	char name[LEAF_TEXT_MAX];

	snprintf(name, sizeof(name), "%u", index);
	kernfs_remove_by_name(parent->kobj.sd, name);
}

/**
 * damon_leaf_set() - Have a directory of results show other values.
 * @data:	the struct that it shows
 * @src:	what to copy there
 * @size:	size of the struct
 */
void damon_leaf_set(void *data, const void *src, size_t size)
{
	guard(spinlock)(&leaf_lock);
	memcpy(data, src, size);
}
