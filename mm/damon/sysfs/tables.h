/* SPDX-License-Identifier: GPL-2.0 */
/* Directories that one table has and another one needs. */
#ifndef _MM_DAMON_SYSFS_TABLES_H
#define _MM_DAMON_SYSFS_TABLES_H

#include <linux/damon.h>

#include "dir.h"

/* Show a &struct damos_filter_spec. */
extern const struct damon_dir_type damon_filter_dir_type;
extern const struct damon_dir_type damon_core_filter_dir_type;
extern const struct damon_dir_type damon_ops_filter_dir_type;
extern const struct damon_dir_type damon_probe_filter_dir_type;

void damon_filter_fini(void *elem);

/* Shows a &struct damos_tried, with so many probes. */
extern const struct damon_dir_type damon_tried_dir_types[DAMON_MAX_PROBES + 1];

/* Shows a &struct damon_admin_context. */
extern const struct damon_dir_type damon_schemes_dir_type;

/* Shows a &struct damon_admin. */
extern const struct damon_dir_type damon_root_dir_type;

#endif /* _MM_DAMON_SYSFS_TABLES_H */
