/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tree of sysfs directories that is described by tables.
 *
 * A directory shows the members of one plain struct as files.  It may have
 * fixed subdirectories, which show the same struct or a struct in it, or
 * numbered ones, which show the elements of a vector in it.  What there is,
 * and of which kind, is data; see tables.c.
 *
 * Directories of results come and go by commands, not by what users set; see
 * leaf.c.
 */
#ifndef _MM_DAMON_SYSFS_DIR_H
#define _MM_DAMON_SYSFS_DIR_H

#include <linux/build_bug.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/stddef.h>
#include <linux/sysfs.h>
#include <linux/types.h>

/**
 * enum damon_file_kind - How the content of a file is written and read.
 * @DAMON_FILE_ULONG:	an unsigned long, any base
 * @DAMON_FILE_UINT:	an unsigned int, any base
 * @DAMON_FILE_INT:	an int, any base
 * @DAMON_FILE_U8:	a u8, any base
 * @DAMON_FILE_BOOL:	Y or N
 * @DAMON_FILE_KEYWORD:	one of a list of words
 * @DAMON_FILE_PATH:	any text, kmalloc()ed; NULL if there is none
 * @DAMON_FILE_TEXT:	lines for people and programs to read
 */
enum damon_file_kind {
	DAMON_FILE_ULONG,
	DAMON_FILE_UINT,
	DAMON_FILE_INT,
	DAMON_FILE_U8,
	DAMON_FILE_BOOL,
	DAMON_FILE_KEYWORD,
	DAMON_FILE_PATH,
	DAMON_FILE_TEXT,
};

struct damon_dir;
struct damon_dir_type;

/**
 * struct damon_file - A file.
 * @attr:	its name and mode
 * @kind:	its content
 * @offset:	of the member that it shows, in the directory's struct
 * @min:	smallest value to accept (DAMON_FILE_ULONG only)
 * @only_einval: answer -EINVAL even to numbers that are too large
 * @names:	the words, indexed by value (DAMON_FILE_KEYWORD only)
 * @nr_names:	number of @names
 * @accept:	which of @names can be written, a bit each; 0 for all.  The
 *		default may be another one
 * @changed:	called after a write, with the directory's struct, guarded
 * @show:	replaces the showing of a member; not guarded
 * @store:	replaces the setting of a member; not guarded
 */
struct damon_file {
	struct attribute attr;
	enum damon_file_kind kind;
	size_t offset;
	unsigned long min;
	bool only_einval;
	const char *const *names;
	unsigned int nr_names;
	unsigned long accept;
	void (*changed)(void *data);
	ssize_t (*show)(struct damon_dir *dir, char *buf);
	int (*store)(struct damon_dir *dir, const char *buf);
};

/**
 * struct damon_children - The numbered subdirectories of a directory.
 * @file:	the file that says how many there are
 * @vec:	offset of the pointer to the vector, in the directory's struct
 * @count:	offset of the number of elements, in the directory's struct
 * @size:	size of an element
 * @max:	how many there may be; 0 for any number
 * @guard:	offset of a mutex in an element that guards everything in it;
 *		0 if what guards the directory's struct does that, too
 * @type:	what a subdirectory looks like
 * @init:	optional; makes a zeroed element a default one
 * @fini:	optional; frees what an element owns
 * @busy:	optional; whether an element must not go now.  Called with the
 *		directory's @lock held; who makes an element busy must have it
 * @lock_key:	lock class of the directory's @lock
 */
struct damon_children {
	struct damon_file file;
	size_t vec;
	size_t count;
	size_t size;
	unsigned int max;
	size_t guard;
	const struct damon_dir_type *type;
	int (*init)(void *elem);
	void (*fini)(void *elem);
	bool (*busy)(void *elem);
	struct lock_class_key lock_key;
};

/**
 * struct damon_subdir - A fixed subdirectory.
 * @name:	its name
 * @type:	what it looks like
 * @offset:	of the member that it shows, in the directory's struct; 0 for
 *		the whole struct
 */
struct damon_subdir {
	const char *name;
	const struct damon_dir_type *type;
	size_t offset;
};

/**
 * struct damon_dir_type - What a directory looks like.
 * @files:	files; the last one has no name.  May be NULL
 * @subdirs:	fixed subdirectories; the last one has no name.  May be NULL
 * @children:	numbered subdirectories.  May be NULL
 */
struct damon_dir_type {
	const struct damon_file *files;
	const struct damon_subdir *subdirs;
	const struct damon_children *children;
};

/**
 * struct damon_dir - A directory.
 * @kobj:	its place in sysfs
 * @type:	what it looks like
 * @data:	the struct that it shows
 * @guard:	guards @data
 * @lock:	held while the numbered subdirectories change; see dir.c
 * @subdirs:	all subdirectories
 * @node:	membership in the parent's @subdirs
 */
struct damon_dir {
	struct kobject kobj;
	const struct damon_dir_type *type;
	void *data;
	struct mutex *guard; /* see above */
	struct mutex lock; /* see above */
	struct list_head subdirs;
	struct list_head node;
};

static inline struct damon_dir *to_damon_dir(struct kobject *kobj)
{
	return container_of(kobj, struct damon_dir, kobj);
}

/* The kind of a file comes from the type of what it shows. */
#define DAMON_FILE_KIND(type, m)					\
	_Generic(((type *)NULL)->m,					\
		 unsigned long : DAMON_FILE_ULONG,			\
		 unsigned int : DAMON_FILE_UINT,			\
		 int : DAMON_FILE_INT,					\
		 u8 : DAMON_FILE_U8,					\
		 bool : DAMON_FILE_BOOL,				\
		 char * : DAMON_FILE_PATH)

/* A file that shows member m of struct type. */
#define DAMON_FILE(_name, type, m, ...) {				\
	.attr = { .name = _name, .mode = 0600 },			\
	.kind = DAMON_FILE_KIND(type, m),				\
	.offset = offsetof(type, m),					\
	__VA_ARGS__							\
}

/* A file that shows member m of struct type; not writable. */
#define DAMON_FILE_RO(_name, type, m) {					\
	.attr = { .name = _name, .mode = 0400 },			\
	.kind = DAMON_FILE_KIND(type, m),				\
	.offset = offsetof(type, m),					\
}

/* A file that shows member m of struct type, an enum, by names. */
#define DAMON_FILE_ENUM(_name, type, m, _names, ...) {			\
	.attr = { .name = _name, .mode = 0600 },			\
	.kind = DAMON_FILE_KEYWORD + BUILD_BUG_ON_ZERO(			\
		DAMON_FILE_KIND(type, m) != DAMON_FILE_UINT),		\
	.offset = offsetof(type, m),					\
	.names = _names,						\
	.nr_names = ARRAY_SIZE(_names),					\
	__VA_ARGS__							\
}

/* A file that functions answer for. */
#define DAMON_FILE_CALL(_name, _kind, _show, _store) {			\
	.attr = { .name = _name, .mode = 0600 },			\
	.kind = _kind,							\
	.show = _show,							\
	.store = _store,						\
}

/* A file that a function answers for; not writable. */
#define DAMON_FILE_SHOW(_name, _kind, _show) {				\
	.attr = { .name = _name, .mode = 0400 },			\
	.kind = _kind,							\
	.show = _show,							\
}

/* Subdirectories for the elements of vector v of struct type, n of them. */
#define DAMON_CHILDREN(_name, type, v, n, ...)				\
	(&(const struct damon_children) {				\
		.file = DAMON_FILE_CALL(_name, DAMON_FILE_INT,		\
					damon_children_show,		\
					damon_children_store),		\
		.vec = offsetof(type, v),				\
		.count = offsetof(type, n) + BUILD_BUG_ON_ZERO(		\
			DAMON_FILE_KIND(type, n) != DAMON_FILE_UINT),	\
		.size = sizeof(*((type *)NULL)->v),			\
		__VA_ARGS__						\
	})

ssize_t damon_children_show(struct damon_dir *dir, char *buf);
int damon_children_store(struct damon_dir *dir, const char *buf);

int damon_file_format(const struct damon_file *file, const void *data,
		      char *buf, size_t size);
int damon_file_parse(const struct damon_file *file, void *data,
		     const char *buf);

struct damon_dir *damon_dir_build(struct kobject *parent, const char *name,
				  const struct damon_dir_type *type,
				  void *data, struct mutex *guard);
void damon_dir_destroy(struct damon_dir *dir);
struct damon_dir *damon_dir_find(struct damon_dir *dir, const char *name);

int damon_leaf_build(struct damon_dir *parent, unsigned int index,
		     const struct damon_dir_type *type, void *data);
void damon_leaf_destroy(struct damon_dir *parent, unsigned int index);
void damon_leaf_set(void *data, const void *src, size_t size);

#endif /* _MM_DAMON_SYSFS_DIR_H */
