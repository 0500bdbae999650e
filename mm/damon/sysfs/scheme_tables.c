// SPDX-License-Identifier: GPL-2.0
/* What there is in the directories of schemes; see tables.c. */

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/damon.h>
#include <linux/slab.h>

#include "admin.h"
#include "dir.h"
#include "tables.h"

static const char *const actions[] = {
	[DAMOS_WILLNEED] = "willneed",
	[DAMOS_COLD] = "cold",
	[DAMOS_PAGEOUT] = "pageout",
	[DAMOS_HUGEPAGE] = "hugepage",
	[DAMOS_NOHUGEPAGE] = "nohugepage",
	[DAMOS_COLLAPSE] = "collapse",
	[DAMOS_LRU_PRIO] = "lru_prio",
	[DAMOS_LRU_DEPRIO] = "lru_deprio",
	[DAMOS_MIGRATE_HOT] = "migrate_hot",
	[DAMOS_MIGRATE_COLD] = "migrate_cold",
	[DAMOS_STAT] = "stat",
};

static_assert(ARRAY_SIZE(actions) == NR_DAMOS_ACTIONS);

static const char *const goal_metrics[] = {
	[DAMOS_QUOTA_USER_INPUT] = "user_input",
	[DAMOS_QUOTA_SOME_MEM_PSI_US] = "some_mem_psi_us",
	[DAMOS_QUOTA_NODE_MEM_USED_BP] = "node_mem_used_bp",
	[DAMOS_QUOTA_NODE_MEM_FREE_BP] = "node_mem_free_bp",
	[DAMOS_QUOTA_NODE_MEMCG_USED_BP] = "node_memcg_used_bp",
	[DAMOS_QUOTA_NODE_MEMCG_FREE_BP] = "node_memcg_free_bp",
	[DAMOS_QUOTA_ACTIVE_MEM_BP] = "active_mem_bp",
	[DAMOS_QUOTA_INACTIVE_MEM_BP] = "inactive_mem_bp",
	[DAMOS_QUOTA_NODE_ELIGIBLE_MEM_BP] = "node_eligible_mem_bp",
};

static_assert(ARRAY_SIZE(goal_metrics) == NR_DAMOS_QUOTA_GOAL_METRICS);

static const char *const goal_tuners[] = {
	[DAMOS_QUOTA_GOAL_TUNER_CONSIST] = "consist",
	[DAMOS_QUOTA_GOAL_TUNER_TEMPORAL] = "temporal",
};

static_assert(ARRAY_SIZE(goal_tuners) == NR_DAMOS_QUOTA_GOAL_TUNERS);

static const char *const wmark_metrics[] = {
	[DAMOS_WMARK_NONE] = "none",
	[DAMOS_WMARK_FREE_MEM_RATE] = "free_mem_rate",
};

static_assert(ARRAY_SIZE(wmark_metrics) == NR_DAMOS_WMARK_METRICS);

static const struct damon_dir_type size_range_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE("min", struct damon_size_range, min),
		DAMON_FILE("max", struct damon_size_range, max),
		{}
	},
};

static const struct damon_dir_type access_pattern_dir = {
	.subdirs = (const struct damon_subdir[]) {
		{ "sz", &size_range_dir,
		  offsetof(struct damos_access_pattern, sz) },
		{ "nr_accesses", &size_range_dir,
		  offsetof(struct damos_access_pattern, nr_accesses) },
		{ "age", &size_range_dir,
		  offsetof(struct damos_access_pattern, age) },
		{}
	},
};

static const struct damon_dir_type weights_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE("sz_permil", struct damon_admin_scheme,
			   spec.quota.weight_sz),
		DAMON_FILE("nr_accesses_permil", struct damon_admin_scheme,
			   spec.quota.weight_nr_accesses),
		DAMON_FILE("age_permil", struct damon_admin_scheme,
			   spec.quota.weight_age),
		{}
	},
};

static const struct damon_dir_type goal_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE_ENUM("target_metric", struct damos_goal_spec,
				metric, goal_metrics),
		DAMON_FILE("target_value", struct damos_goal_spec,
			   target_value),
		DAMON_FILE("current_value", struct damos_goal_spec,
			   current_value),
		DAMON_FILE("nid", struct damos_goal_spec, nid),
		DAMON_FILE("path", struct damos_goal_spec, memcg_path),
		{}
	},
};

static void goal_fini(void *elem)
{
	struct damos_goal_spec *goal = elem;

	kfree(goal->memcg_path);
}

static const struct damon_dir_type goals_dir = {
	.children = DAMON_CHILDREN("nr_goals", struct damon_admin_scheme,
				   spec.quota.goals, spec.quota.nr_goals,
				   .type = &goal_dir,
				   .fini = goal_fini),
};

static const struct damon_dir_type quotas_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE("ms", struct damon_admin_scheme, spec.quota.ms,
			   .only_einval = true),
		DAMON_FILE("bytes", struct damon_admin_scheme, spec.quota.sz,
			   .only_einval = true),
		DAMON_FILE("reset_interval_ms", struct damon_admin_scheme,
			   spec.quota.reset_interval, .only_einval = true),
		DAMON_FILE_RO("effective_bytes", struct damon_admin_scheme,
			      report.effective_sz),
		DAMON_FILE_ENUM("goal_tuner", struct damon_admin_scheme,
				spec.quota.goal_tuner, goal_tuners),
		DAMON_FILE("fail_charge_num", struct damon_admin_scheme,
			   spec.quota.fail_charge_num, .only_einval = true),
		DAMON_FILE("fail_charge_denom", struct damon_admin_scheme,
			   spec.quota.fail_charge_denom, .only_einval = true),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		{ "weights", &weights_dir },
		{ "goals", &goals_dir },
		{}
	},
};

static const struct damon_dir_type watermarks_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE_ENUM("metric", struct damon_admin_scheme,
				spec.wmarks.metric, wmark_metrics),
		DAMON_FILE("interval_us", struct damon_admin_scheme,
			   spec.wmarks.interval),
		DAMON_FILE("high", struct damon_admin_scheme,
			   spec.wmarks.high),
		DAMON_FILE("mid", struct damon_admin_scheme, spec.wmarks.mid),
		DAMON_FILE("low", struct damon_admin_scheme, spec.wmarks.low),
		{}
	},
};

#define FILTERS_DIR(_type) {						\
	.children = DAMON_CHILDREN("nr_filters",			\
				   struct damos_filters_spec, vec, nr,	\
				   .type = _type,			\
				   .fini = damon_filter_fini),		\
}

static const struct damon_dir_type core_filters_dir =
	FILTERS_DIR(&damon_core_filter_dir_type);
static const struct damon_dir_type ops_filters_dir =
	FILTERS_DIR(&damon_ops_filter_dir_type);
static const struct damon_dir_type filters_dir =
	FILTERS_DIR(&damon_filter_dir_type);

static const struct damon_dir_type dest_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE("id", struct damos_dest, nid),
		DAMON_FILE("weight", struct damos_dest, weight),
		{}
	},
};

static const struct damon_dir_type dests_dir = {
	.children = DAMON_CHILDREN("nr_dests", struct damon_admin_scheme,
				   spec.dests, spec.nr_dests,
				   .type = &dest_dir),
};

static const struct damon_dir_type stats_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE_RO("nr_tried", struct damon_admin_scheme,
			      report.stat.nr_tried),
		DAMON_FILE_RO("sz_tried", struct damon_admin_scheme,
			      report.stat.sz_tried),
		DAMON_FILE_RO("nr_applied", struct damon_admin_scheme,
			      report.stat.nr_applied),
		DAMON_FILE_RO("sz_applied", struct damon_admin_scheme,
			      report.stat.sz_applied),
		DAMON_FILE_RO("sz_ops_filter_passed",
			      struct damon_admin_scheme,
			      report.stat.sz_ops_filter_passed),
		DAMON_FILE_RO("qt_exceeds", struct damon_admin_scheme,
			      report.stat.qt_exceeds),
		DAMON_FILE_RO("nr_snapshots", struct damon_admin_scheme,
			      report.stat.nr_snapshots),
		DAMON_FILE("max_nr_snapshots", struct damon_admin_scheme,
			   spec.max_nr_snapshots),
		{}
	},
};

struct probe_hits {
	u8 hits;
};

static const struct damon_dir_type probe_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE_RO("hits", struct probe_hits, hits),
		{}
	},
};

/* From the last one on, so that the first n of them are a table, too. */
static const struct damon_subdir probe_dirs[] = {
	{ "3", &probe_dir, offsetof(struct damos_tried, probe_hits[3]) },
	{ "2", &probe_dir, offsetof(struct damos_tried, probe_hits[2]) },
	{ "1", &probe_dir, offsetof(struct damos_tried, probe_hits[1]) },
	{ "0", &probe_dir, offsetof(struct damos_tried, probe_hits[0]) },
	{}
};

static_assert(ARRAY_SIZE(probe_dirs) == DAMON_MAX_PROBES + 1);

static const struct damon_file tried_files[] = {
	DAMON_FILE_RO("start", struct damos_tried, ar.start),
	DAMON_FILE_RO("end", struct damos_tried, ar.end),
	DAMON_FILE_RO("nr_accesses", struct damos_tried, nr_accesses),
	DAMON_FILE_RO("age", struct damos_tried, age),
	DAMON_FILE_RO("sz_filter_passed", struct damos_tried,
		      sz_filter_passed),
	{}
};

#define TRIED_DIR(nr_probes) {						\
	.files = tried_files,						\
	.subdirs = (const struct damon_subdir[]) {			\
		{ "probes", &(const struct damon_dir_type) {		\
			.subdirs = &probe_dirs[DAMON_MAX_PROBES -	\
					       (nr_probes)],		\
		} },							\
		{}							\
	},								\
}

/* A region that a scheme was tried on, by the number of probes. */
const struct damon_dir_type damon_tried_dir_types[DAMON_MAX_PROBES + 1] = {
	TRIED_DIR(0), TRIED_DIR(1), TRIED_DIR(2), TRIED_DIR(3), TRIED_DIR(4),
};

/* Its numbered directories are made by commands. */
static const struct damon_dir_type tried_regions_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE_RO("total_bytes", struct damon_admin_scheme,
			      tried_sz),
		{}
	},
};

static const struct damon_dir_type scheme_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE_ENUM("action", struct damon_admin_scheme,
				spec.action, actions),
		DAMON_FILE("target_nid", struct damon_admin_scheme,
			   spec.target_nid),
		DAMON_FILE("apply_interval_us", struct damon_admin_scheme,
			   spec.apply_interval_us),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		{ "access_pattern", &access_pattern_dir,
		  offsetof(struct damon_admin_scheme, spec.pattern) },
		{ "quotas", &quotas_dir },
		{ "watermarks", &watermarks_dir },
		{ "core_filters", &core_filters_dir,
		  offsetof(struct damon_admin_scheme, spec.core_filters) },
		{ "ops_filters", &ops_filters_dir,
		  offsetof(struct damon_admin_scheme, spec.ops_filters) },
		{ "filters", &filters_dir,
		  offsetof(struct damon_admin_scheme, spec.filters) },
		{ "dests", &dests_dir },
		{ "stats", &stats_dir },
		{ "tried_regions", &tried_regions_dir },
		{}
	},
};

const struct damon_dir_type damon_schemes_dir_type = {
	.children = DAMON_CHILDREN("nr_schemes", struct damon_admin_context,
				   schemes, nr_schemes,
				   .type = &scheme_dir,
				   .init = damon_admin_scheme_init,
				   .fini = damon_admin_scheme_fini),
};
