/* SPDX-License-Identifier: GPL-2.0 */
/* A tree of their own for the tests of the sysfs interface. */
#ifndef _MM_DAMON_TESTS_SYSFS_FIXTURE_H
#define _MM_DAMON_TESTS_SYSFS_FIXTURE_H

#include <kunit/test.h>
#include <linux/mutex.h>

#include "../sysfs/admin.h"
#include "../sysfs/dir.h"

#define STATE		"admin/kdamonds/0/state"
#define CONTEXTS	"admin/kdamonds/0/contexts/"
#define CONTEXT		CONTEXTS "0/"
#define TARGETS		CONTEXT "targets/"
#define PROBES		CONTEXT "monitoring_attrs/probes/"
#define SCHEMES		CONTEXT "schemes/"
#define SCHEME		SCHEMES "0/"

/**
 * struct sysfs_test - What each test has.
 * @admin:	what the tree shows
 * @guard:	guards @admin
 * @root:	the tree
 * @page:	a page, for what was read last
 */
struct sysfs_test {
	struct damon_admin admin;
	struct mutex guard; /* see above */
	struct damon_dir *root;
	char *page;
};

int sysfs_test_init(struct kunit *test);
void sysfs_test_exit(struct kunit *test);
struct damon_dir *sysfs_test_dir(struct kunit *test, const char *path);
void sysfs_make_one_of_each(struct kunit *test);

int sysfs_write(struct kunit *test, const char *path, const char *text);
const char *sysfs_read(struct kunit *test, const char *path);
unsigned long sysfs_read_ulong(struct kunit *test, const char *path);
void sysfs_expect_write(struct kunit *test, const char *path, const char *text,
			int ret);
void sysfs_expect_read(struct kunit *test, const char *path, const char *text);
void sysfs_expect_missing(struct kunit *test, const char *path);

#endif /* _MM_DAMON_TESTS_SYSFS_FIXTURE_H */
