/* SPDX-License-Identifier: GPL-2.0 */
/* The directories of the kdamonds, and what their files can do. */
#ifndef _MM_DAMON_SYSFS_ADMIN_H
#define _MM_DAMON_SYSFS_ADMIN_H

#include <linux/damon.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

struct damon_dir;
struct damon_dir_type;

/**
 * struct damon_admin_kdamond - A directory kdamonds/K.
 * @kdamond:	the kdamond
 * @lock:	guards everything below; never held while waiting for @kdamond
 * @contexts:	what the user has staged
 * @nr_contexts: number of @contexts, 0 or 1
 * @refresh_ms:	period of the refreshing of values of a running kdamond,
 *		milliseconds; 0 for never
 * @refresh:	the refreshing
 */
struct damon_admin_kdamond {
	struct damon_kdamond *kdamond;
	struct mutex lock; /* see above */
	struct damon_spec *contexts;
	unsigned int nr_contexts;
	unsigned int refresh_ms;
	struct delayed_work refresh;
};

/**
 * struct damon_admin - The directory kdamonds.
 * @kdamonds:	its subdirectories
 * @nr_kdamonds: number of @kdamonds
 */
struct damon_admin {
	struct damon_admin_kdamond *kdamonds;
	unsigned int nr_kdamonds;
};

int damon_admin_kdamond_init(void *elem);
void damon_admin_kdamond_fini(void *elem);
bool damon_admin_kdamond_busy(void *elem);
ssize_t damon_admin_state_show(struct damon_dir *dir, char *buf);
int damon_admin_state_store(struct damon_dir *dir, const char *buf);
ssize_t damon_admin_pid_show(struct damon_dir *dir, char *buf);
void damon_admin_refresh_changed(void *data);

extern const struct damon_dir_type damon_root_dir_type;

#endif /* _MM_DAMON_SYSFS_ADMIN_H */
