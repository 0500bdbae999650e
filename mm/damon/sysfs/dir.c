// SPDX-License-Identifier: GPL-2.0
/*
 * A tree of sysfs directories that is described by tables.
 *
 * Two kinds of locks, and no file ever fails or spins because of them:
 *
 * - &damon_dir.lock is held while the numbered subdirectories of a directory
 *   are replaced.  To remove one waits until nobody is inside of the files
 *   below it.  Those who are may want the locks of directories farther down,
 *   but never this one, so all waiting is for deeper levels.
 * - &damon_dir.guard makes reads and writes of values atomic.  It is innermost
 *   and never held while directories come or go, nor by anybody who waits.
 *
 * New subdirectories get ready with a vector of their own, which then becomes
 * visible to the other readers of the struct at once.
 */

#include <linux/bits.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dir.h"

static int damon_parse_bool(const char *buf, bool *val)
{
	/* Letters that not every version of kstrtobool() knows. */
	switch (buf[0]) {
	case 'e':
	case 'E':
		*val = true;
		return 0;
	case 'd':
	case 'D':
		*val = false;
		return 0;
	default:
		return kstrtobool(buf, val);
	}
}

static int damon_parse_keyword(const struct damon_file *file, const char *buf,
			       unsigned int *val)
{
	int i = __sysfs_match_string(file->names, file->nr_names, buf);

	if (i < 0)
		return i;
	if (file->accept && !(file->accept & BIT(i)))
		return -EINVAL;
	*val = i;
	return 0;
}

static int damon_parse_path(const char *buf, char **val)
{
	char *path = kstrdup(buf, GFP_KERNEL);

	if (!path)
		return -ENOMEM;
	kfree(*val);
	*val = path;
	return 0;
}

/**
 * damon_file_format() - Write a member of a struct as text.
 * @file:	which member, and how
 * @data:	the struct
 * @buf:	where to write
 * @size:	room in @buf
 *
 * Context: with @data guarded.
 * Return: number of bytes written, without the NUL at the end.
 */
int damon_file_format(const struct damon_file *file, const void *data,
		      char *buf, size_t size)
{
	const void *val = data + file->offset;

	switch (file->kind) {
	case DAMON_FILE_ULONG:
		return scnprintf(buf, size, "%lu\n",
				 *(const unsigned long *)val);
	case DAMON_FILE_UINT:
		return scnprintf(buf, size, "%u\n",
				 *(const unsigned int *)val);
	case DAMON_FILE_INT:
		return scnprintf(buf, size, "%d\n", *(const int *)val);
	case DAMON_FILE_U8:
		return scnprintf(buf, size, "%u\n", *(const u8 *)val);
	case DAMON_FILE_BOOL:
		return scnprintf(buf, size, "%c\n",
				 *(const bool *)val ? 'Y' : 'N');
	case DAMON_FILE_KEYWORD:
		return scnprintf(buf, size, "%s\n",
				 file->names[*(const unsigned int *)val]);
	case DAMON_FILE_PATH:
		return scnprintf(buf, size, "%s\n",
				 *(char *const *)val ?: "");
	default:
		return -EIO;
	}
}

/**
 * damon_file_parse() - Set a member of a struct from text.
 * @file:	which member, and how
 * @data:	the struct; not changed on failure
 * @buf:	the text
 *
 * Context: with @data guarded.
 * Return: 0; -EINVAL; -ERANGE for numbers that the member can't hold; -ENOMEM.
 */
int damon_file_parse(const struct damon_file *file, void *data,
		     const char *buf)
{
	void *val = data + file->offset;
	unsigned long ulong;
	int err;

	switch (file->kind) {
	case DAMON_FILE_ULONG:
		err = kstrtoul(buf, 0, &ulong);
		if (!err && ulong < file->min)
			err = -EINVAL;
		if (!err)
			*(unsigned long *)val = ulong;
		break;
	case DAMON_FILE_UINT:
		err = kstrtouint(buf, 0, val);
		break;
	case DAMON_FILE_INT:
		err = kstrtoint(buf, 0, val);
		break;
	case DAMON_FILE_U8:
		err = kstrtou8(buf, 0, val);
		break;
	case DAMON_FILE_BOOL:
		err = damon_parse_bool(buf, val);
		break;
	case DAMON_FILE_KEYWORD:
		err = damon_parse_keyword(file, buf, val);
		break;
	case DAMON_FILE_PATH:
		err = damon_parse_path(buf, val);
		break;
	default:
		return -EIO;
	}
	return err && file->only_einval ? -EINVAL : err;
}

static ssize_t damon_dir_show(struct kobject *kobj, struct attribute *attr,
			      char *buf)
{
	const struct damon_file *file = container_of(attr, struct damon_file,
						     attr);
	struct damon_dir *dir = to_damon_dir(kobj);

	if (file->show)
		return file->show(dir, buf);
	guard(mutex)(dir->guard);
	return damon_file_format(file, dir->data, buf, PAGE_SIZE);
}

static ssize_t damon_dir_store(struct kobject *kobj, struct attribute *attr,
			       const char *buf, size_t count)
{
	const struct damon_file *file = container_of(attr, struct damon_file,
						     attr);
	struct damon_dir *dir = to_damon_dir(kobj);
	int err;

	if (file->store) {
		err = file->store(dir, buf);
		return err ?: count;
	}
	guard(mutex)(dir->guard);
	err = damon_file_parse(file, dir->data, buf);
	if (err)
		return err;
	if (file->changed)
		file->changed(dir->data);
	return count;
}

/* The struct that the directory shows is not ours, and may be gone already. */
static void damon_dir_release(struct kobject *kobj)
{
	kfree(to_damon_dir(kobj));
}

static const struct sysfs_ops damon_dir_ops = {
	.show = damon_dir_show,
	.store = damon_dir_store,
};

static const struct kobj_type damon_dir_ktype = {
	.release = damon_dir_release,
	.sysfs_ops = &damon_dir_ops,
};

static int damon_dir_add(struct damon_dir *dir, const char *name,
			 const struct damon_dir_type *type, void *data,
			 struct mutex *guard)
{
	struct damon_dir *sub = damon_dir_build(&dir->kobj, name, type, data,
						guard);

	if (IS_ERR(sub))
		return PTR_ERR(sub);
	list_add_tail(&sub->node, &dir->subdirs);
	return 0;
}

static int damon_dir_fill(struct damon_dir *dir)
{
	const struct damon_file *file = dir->type->files;
	const struct damon_subdir *sub = dir->type->subdirs;
	int err = 0;

	for (; !err && file && file->attr.name; file++)
		err = sysfs_create_file(&dir->kobj, &file->attr);
	for (; !err && sub && sub->name; sub++)
		err = damon_dir_add(dir, sub->name, sub->type,
				    dir->data + sub->offset, dir->guard);
	if (!err && dir->type->children)
		err = sysfs_create_file(&dir->kobj,
					&dir->type->children->file.attr);
	return err;
}

/**
 * damon_dir_build() - Make a directory with all that belongs in it.
 * @parent:	where; NULL for the root of sysfs
 * @name:	its name
 * @type:	what it looks like
 * @data:	the struct that it shows; must outlive it
 * @guard:	guards @data; must outlive it
 *
 * Context: may sleep.
 * Return: the directory, for damon_dir_destroy(); or an error pointer.
 */
struct damon_dir *damon_dir_build(struct kobject *parent, const char *name,
				  const struct damon_dir_type *type,
				  void *data, struct mutex *guard)
{
	struct damon_dir *dir = kzalloc(sizeof(*dir), GFP_KERNEL);
	int err;

	if (!dir)
		return ERR_PTR(-ENOMEM);
	kobject_init(&dir->kobj, &damon_dir_ktype);
	dir->type = type;
	dir->data = data;
	dir->guard = guard;
	mutex_init(&dir->lock);
	/* Locks are ordered by depth, which goes with the kind of children. */
	if (type->children)
		lockdep_set_class(&dir->lock, (struct lock_class_key *)
				  &type->children->lock_key);
	INIT_LIST_HEAD(&dir->subdirs);
	INIT_LIST_HEAD(&dir->node);

	err = kobject_add(&dir->kobj, parent, "%s", name);
	if (err) {
		kobject_put(&dir->kobj);
		return ERR_PTR(err);
	}
	err = damon_dir_fill(dir);
	if (err) {
		damon_dir_destroy(dir);
		return ERR_PTR(err);
	}
	return dir;
}

/**
 * damon_dir_destroy() - Remove a directory and everything below.
 * @dir:	the directory
 *
 * Afterwards nobody is inside of its files any more.  The vectors behind
 * numbered subdirectories stay; they belong to the struct.
 *
 * Context: may sleep; with nothing held that a file below takes.
 */
void damon_dir_destroy(struct damon_dir *dir)
{
	const struct damon_file *file = dir->type->files;
	struct damon_dir *sub, *next;

	/* Whoever is inside of our files, and may look below, comes first. */
	for (; file && file->attr.name; file++)
		sysfs_remove_file(&dir->kobj, &file->attr);
	if (dir->type->children)
		sysfs_remove_file(&dir->kobj,
				  &dir->type->children->file.attr);
	list_for_each_entry_safe(sub, next, &dir->subdirs, node)
		damon_dir_destroy(sub);
	list_del(&dir->node);
	kobject_del(&dir->kobj);
	kobject_put(&dir->kobj);
}

/**
 * damon_dir_find() - Look up a subdirectory.
 * @dir:	where
 * @name:	its name
 *
 * Context: with the @lock of @dir held, if it is a numbered one.
 * Return: the subdirectory, or NULL.
 */
struct damon_dir *damon_dir_find(struct damon_dir *dir, const char *name)
{
	struct damon_dir *sub;

	list_for_each_entry(sub, &dir->subdirs, node) {
		if (!strcmp(kobject_name(&sub->kobj), name))
			return sub;
	}
	return NULL;
}

static void damon_children_free(const struct damon_children *c, void *vec,
				unsigned int nr)
{
	while (c->fini && nr)
		c->fini(vec + --nr * c->size);
	kvfree(vec);
}

/* Make @vec the vector of @dir's struct, and free the one that was. */
static void damon_children_swap(struct damon_dir *dir, void *vec,
				unsigned int nr)
{
	const struct damon_children *c = dir->type->children;
	unsigned int *count = dir->data + c->count;
	void **slot = dir->data + c->vec;

	scoped_guard(mutex, dir->guard) {
		swap(*slot, vec);
		swap(*count, nr);
	}
	damon_children_free(c, vec, nr);
}

static int damon_children_add(struct damon_dir *dir, void *elem,
			      unsigned int index)
{
	const struct damon_children *c = dir->type->children;
	char name[sizeof("4294967295")];
	int err;

	if (fatal_signal_pending(current))
		return -EINTR;
	cond_resched();
	err = c->init ? c->init(elem) : 0;
	if (err)
		return err;
	snprintf(name, sizeof(name), "%u", index);
	err = damon_dir_add(dir, name, c->type, elem,
			    c->guard ? elem + c->guard : dir->guard);
	if (err && c->fini)
		c->fini(elem);
	return err;
}

static void damon_children_remove(struct damon_dir *dir)
{
	struct damon_dir *sub, *next;

	list_for_each_entry_safe(sub, next, &dir->subdirs, node) {
		damon_dir_destroy(sub);
		cond_resched();
	}
}

/* All new, with defaults; or on failure none. */
static int damon_children_replace(struct damon_dir *dir, unsigned int nr)
{
	const struct damon_children *c = dir->type->children;
	unsigned int *count = dir->data + c->count;
	void **slot = dir->data + c->vec;
	unsigned int i;
	void *vec;
	int err;

	lockdep_assert_held(&dir->lock);
	for (i = 0; c->busy && i < *count; i++) {
		if (c->busy(*slot + i * c->size))
			return -EBUSY;
	}

	damon_children_remove(dir);
	damon_children_swap(dir, NULL, 0);
	if (!nr)
		return 0;

	/* A directory needs about a page: do not even begin in vain. */
	if (nr > si_mem_available())
		return -ENOMEM;
	vec = kvcalloc(nr, c->size, GFP_KERNEL | __GFP_NOWARN);
	if (!vec)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		err = damon_children_add(dir, vec + i * c->size, i);
		if (err)
			goto undo;
	}
	damon_children_swap(dir, vec, nr);
	return 0;

undo:
	damon_children_remove(dir);
	damon_children_free(c, vec, i);
	return err;
}

/**
 * damon_children_show() - Show how many numbered subdirectories there are.
 * @dir:	their parent
 * @buf:	where to write, a page
 *
 * Return: number of bytes written.
 */
ssize_t damon_children_show(struct damon_dir *dir, char *buf)
{
	guard(mutex)(dir->guard);
	return sysfs_emit(buf, "%u\n", *(unsigned int *)
			  (dir->data + dir->type->children->count));
}

/**
 * damon_children_store() - Replace all numbered subdirectories.
 * @dir:	their parent
 * @buf:	text that says how many there shall be
 *
 * Always removes what is there with all settings, and makes new ones with
 * defaults.
 *
 * Return: 0; -EINVAL, -ERANGE or -EBUSY, and nothing was changed; -ENOMEM or
 * -EINTR, and there are none.
 */
int damon_children_store(struct damon_dir *dir, const char *buf)
{
	const struct damon_children *c = dir->type->children;
	int nr, err;

	err = kstrtoint(buf, 0, &nr);
	if (err)
		return err;
	if (nr < 0 || (c->max && nr > c->max))
		return -EINVAL;
	guard(mutex)(&dir->lock);
	return damon_children_replace(dir, nr);
}
