/* SPDX-License-Identifier: GPL-2.0 */
/* The directories of the kdamonds, and what their files can do. */
#ifndef _MM_DAMON_SYSFS_ADMIN_H
#define _MM_DAMON_SYSFS_ADMIN_H

#include <linux/bits.h>
#include <linux/damon.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

struct damon_dir;
struct damon_dir_type;

/**
 * struct damon_admin_tried - The region directories in tried_regions.
 * @vec:	what they show
 * @nr:		how many there are
 * @cap:	room in @vec; it does not move while there are any
 * @type:	what they look like
 *
 * Guarded by the lock of the directory schemes.
 */
struct damon_admin_tried {
	struct damos_tried *vec;
	unsigned int nr;
	unsigned int cap;
	const struct damon_dir_type *type;
};

/**
 * struct damon_admin_scheme - A directory schemes/S.
 * @spec:	what the user has staged
 * @report:	how the scheme was doing when last asked
 * @tried_sz:	size of all regions that it was tried on then, core units
 * @tried:	those regions
 */
struct damon_admin_scheme {
	struct damos_spec spec;
	struct damos_report report;
	unsigned long tried_sz;
	struct damon_admin_tried tried;
};

/**
 * struct damon_admin_context - A directory contexts/C.
 * @spec:	what the user has staged, but for the schemes
 * @schemes:	the schemes
 * @nr_schemes:	number of @schemes
 */
struct damon_admin_context {
	struct damon_spec spec;
	struct damon_admin_scheme *schemes;
	unsigned int nr_schemes;
};

/**
 * struct damon_admin_kdamond - A directory kdamonds/K.
 * @kdamond:	the kdamond
 * @walking:	held by who waits for schemes to be tried, as only one can
 * @lock:	guards everything below; never held while waiting for @kdamond
 * @contexts:	what the user has staged
 * @nr_contexts: number of @contexts, 0 or 1
 * @refresh_ms:	period of the refreshing of values of a running kdamond,
 *		milliseconds; 0 for never
 * @refresh:	the refreshing
 *
 * Lock order: @walking, the locks of the directories contexts and schemes,
 * @lock.
 */
struct damon_admin_kdamond {
	struct damon_kdamond *kdamond;
	struct mutex walking; /* see above */
	struct mutex lock; /* see above */
	struct damon_admin_context *contexts;
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

/* stage.c */
int damon_admin_scheme_init(void *elem);
void damon_admin_scheme_fini(void *elem);
int damon_admin_context_init(void *elem);
void damon_admin_context_fini(void *elem);
struct damon_admin_context *
damon_admin_context(const struct damon_admin_kdamond *k);
int damon_admin_copy_spec(struct damon_admin_kdamond *k,
			  struct damon_spec *copy);

/* What damon_admin_report() is to update. */
#define DAMON_REPORT_INTERVALS	BIT(0)	/* the tuned ones */
#define DAMON_REPORT_STATS	BIT(1)
#define DAMON_REPORT_QUOTAS	BIT(2)	/* the effective ones */
#define DAMON_REPORT_ALL	(DAMON_REPORT_INTERVALS | DAMON_REPORT_STATS | \
				 DAMON_REPORT_QUOTAS)

/* report.c */
int damon_admin_report(struct damon_admin_kdamond *k, unsigned int what);
int damon_admin_report_tried_regions(struct damon_dir *dir);
int damon_admin_report_tried_bytes(struct damon_dir *dir);
int damon_admin_clear_tried(struct damon_dir *dir);

/* admin.c */
int damon_admin_kdamond_init(void *elem);
void damon_admin_kdamond_fini(void *elem);
bool damon_admin_kdamond_busy(void *elem);
ssize_t damon_admin_state_show(struct damon_dir *dir, char *buf);
int damon_admin_state_store(struct damon_dir *dir, const char *buf);
ssize_t damon_admin_pid_show(struct damon_dir *dir, char *buf);
void damon_admin_refresh_changed(void *data);

#endif /* _MM_DAMON_SYSFS_ADMIN_H */
