// SPDX-License-Identifier: GPL-2.0
/* What there is in the directories of filters; see tables.c. */

#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/damon.h>
#include <linux/slab.h>

#include "dir.h"
#include "tables.h"

static const char *const filter_types[] = {
	[DAMOS_FILTER_TYPE_ANON] = "anon",
	[DAMOS_FILTER_TYPE_ACTIVE] = "active",
	[DAMOS_FILTER_TYPE_MEMCG] = "memcg",
	[DAMOS_FILTER_TYPE_YOUNG] = "young",
	[DAMOS_FILTER_TYPE_HUGEPAGE_SIZE] = "hugepage_size",
	[DAMOS_FILTER_TYPE_UNMAPPED] = "unmapped",
	[DAMOS_FILTER_TYPE_ADDR] = "addr",
	[DAMOS_FILTER_TYPE_TARGET] = "target",
};

static_assert(ARRAY_SIZE(filter_types) == NR_DAMOS_FILTER_TYPES);

#define ALL_TYPES	(BIT(NR_DAMOS_FILTER_TYPES) - 1)
#define CORE_TYPES	(BIT(DAMOS_FILTER_TYPE_ADDR) |			\
			 BIT(DAMOS_FILTER_TYPE_TARGET))
#define OPS_TYPES	(ALL_TYPES & ~CORE_TYPES)
#define PROBE_TYPES	(BIT(DAMOS_FILTER_TYPE_ANON) |			\
			 BIT(DAMOS_FILTER_TYPE_MEMCG))

/* A filter of a scheme. */
#define SCHEME_FILTER_DIR(types) {					\
	.files = (const struct damon_file[]) {				\
		DAMON_FILE_ENUM("type", struct damos_filter_spec, type,	\
				filter_types, .accept = (types)),	\
		DAMON_FILE("matching", struct damos_filter_spec,	\
			   matching),					\
		DAMON_FILE("allow", struct damos_filter_spec, allow),	\
		DAMON_FILE("memcg_path", struct damos_filter_spec,	\
			   memcg_path),					\
		DAMON_FILE("addr_start", struct damos_filter_spec,	\
			   addr_range.start),				\
		DAMON_FILE("addr_end", struct damos_filter_spec,	\
			   addr_range.end),				\
		DAMON_FILE("min", struct damos_filter_spec,		\
			   sz_range.min),				\
		DAMON_FILE("max", struct damos_filter_spec,		\
			   sz_range.max),				\
		DAMON_FILE("damon_target_idx",				\
			   struct damos_filter_spec, target_idx),	\
		{}							\
	},								\
}

const struct damon_dir_type damon_core_filter_dir_type =
	SCHEME_FILTER_DIR(CORE_TYPES);
const struct damon_dir_type damon_ops_filter_dir_type =
	SCHEME_FILTER_DIR(OPS_TYPES);
const struct damon_dir_type damon_filter_dir_type =
	SCHEME_FILTER_DIR(ALL_TYPES);

const struct damon_dir_type damon_probe_filter_dir_type = {
	.files = (const struct damon_file[]) {
		DAMON_FILE_ENUM("type", struct damos_filter_spec, type,
				filter_types, .accept = PROBE_TYPES),
		DAMON_FILE("matching", struct damos_filter_spec, matching),
		DAMON_FILE("allow", struct damos_filter_spec, allow),
		DAMON_FILE("path", struct damos_filter_spec, memcg_path),
		{}
	},
};

/**
 * damon_filter_fini() - Free what a staged filter owns.
 * @elem:	the &struct damos_filter_spec
 */
void damon_filter_fini(void *elem)
{
	struct damos_filter_spec *filter = elem;

	kfree(filter->memcg_path);
}
