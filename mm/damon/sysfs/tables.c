// SPDX-License-Identifier: GPL-2.0
/*
 * What there is below /sys/kernel/mm/damon: a row a file.
 *
 * The tables are the truth.  tests/sysfs_tree.h lists what they make for the
 * tests and documents, which are checked against it.
 */

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/damon.h>
#include <linux/slab.h>

#include "admin.h"
#include "dir.h"
#include "tables.h"

static const char *const ops_names[] = {
	[DAMON_OPS_VADDR] = "vaddr",
	[DAMON_OPS_FVADDR] = "fvaddr",
	[DAMON_OPS_PADDR] = "paddr",
};

static_assert(ARRAY_SIZE(ops_names) == NR_DAMON_OPS);

static ssize_t avail_operations_show(struct damon_dir *dir, char *buf)
{
	int len = 0;

	for (unsigned int id = 0; id < NR_DAMON_OPS; id++) {
		if (damon_is_registered_ops(id))
			len += sysfs_emit_at(buf, len, "%s\n", ops_names[id]);
	}
	return len;
}

static void target_fini(void *elem)
{
	struct damon_target_spec *target = elem;

	kvfree(target->ranges);
}

static void probe_fini(void *elem)
{
	struct damon_probe_spec *probe = elem;

	damos_filters_spec_free(&probe->filters);
}

static const struct damon_dir_type range_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE("start", struct damon_addr_range, start),
		DAMON_FILE("end", struct damon_addr_range, end),
		{}
	},
};

static const struct damon_dir_type ranges_dir = {
	.children = DAMON_CHILDREN("nr_regions", struct damon_target_spec,
				   ranges, nr_ranges,
				   .type = &range_dir),
};

static const struct damon_dir_type target_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE("pid_target", struct damon_target_spec, pid,
			   .only_einval = true),
		DAMON_FILE("obsolete_target", struct damon_target_spec,
			   obsolete),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		{ "regions", &ranges_dir },
		{}
	},
};

static const struct damon_dir_type targets_dir = {
	.children = DAMON_CHILDREN("nr_targets", struct damon_admin_context,
				   spec.targets, spec.nr_targets,
				   .type = &target_dir,
				   .fini = target_fini),
};

static const struct damon_dir_type nr_regions_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE("min", struct damon_admin_context,
			   spec.attrs.min_nr_regions),
		DAMON_FILE("max", struct damon_admin_context,
			   spec.attrs.max_nr_regions),
		{}
	},
};

static const struct damon_dir_type intervals_goal_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE("access_bp", struct damon_admin_context,
			   spec.attrs.intervals_goal.access_bp),
		DAMON_FILE("aggrs", struct damon_admin_context,
			   spec.attrs.intervals_goal.aggrs),
		DAMON_FILE("min_sample_us", struct damon_admin_context,
			   spec.attrs.intervals_goal.min_sample_us),
		DAMON_FILE("max_sample_us", struct damon_admin_context,
			   spec.attrs.intervals_goal.max_sample_us),
		{}
	},
};

static const struct damon_dir_type intervals_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE("sample_us", struct damon_admin_context,
			   spec.attrs.sample_interval),
		DAMON_FILE("aggr_us", struct damon_admin_context,
			   spec.attrs.aggr_interval),
		DAMON_FILE("update_us", struct damon_admin_context,
			   spec.attrs.ops_update_interval),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		{ "intervals_goal", &intervals_goal_dir },
		{}
	},
};

static const struct damon_dir_type probe_filters_dir = {
	.children = DAMON_CHILDREN("nr_filters", struct damon_probe_spec,
				   filters.vec, filters.nr,
				   .type = &damon_probe_filter_dir_type,
				   .fini = damon_filter_fini),
};

static const struct damon_dir_type probe_dir = {
	.subdirs = (const struct damon_subdir[]) {
		{ "filters", &probe_filters_dir },
		{}
	},
};

static const struct damon_dir_type probes_dir = {
	.children = DAMON_CHILDREN("nr_probes", struct damon_admin_context,
				   spec.probes, spec.nr_probes,
				   .max = DAMON_MAX_PROBES,
				   .type = &probe_dir,
				   .fini = probe_fini),
};

static struct damon_budget_report budget_report(const struct damon_dir *dir)
{
	const struct damon_admin_kdamond *k;
	struct damon_budget_report report;

	/* Whatever belongs to a kdamond is guarded by its lock. */
	k = container_of(dir->guard, struct damon_admin_kdamond, lock);
	damon_report_budget(k->kdamond, &report);
	return report;
}

static ssize_t cpu_used_ppm_show(struct damon_dir *dir, char *buf)
{
	return sysfs_emit(buf, "%u\n", budget_report(dir).cpu_ppm);
}

static ssize_t sampled_permille_show(struct damon_dir *dir, char *buf)
{
	return sysfs_emit(buf, "%u\n", budget_report(dir).sampled_permille);
}

static ssize_t nr_regions_limit_show(struct damon_dir *dir, char *buf)
{
	return sysfs_emit(buf, "%u\n", budget_report(dir).nr_regions_limit);
}

static const struct damon_dir_type budget_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE("cpu_permille", struct damon_admin_context,
			   spec.attrs.cpu_permille),
		DAMON_FILE_SHOW("cpu_used_ppm", DAMON_FILE_UINT,
				cpu_used_ppm_show),
		DAMON_FILE_SHOW("sampled_permille", DAMON_FILE_UINT,
				sampled_permille_show),
		DAMON_FILE_SHOW("nr_regions_limit", DAMON_FILE_UINT,
				nr_regions_limit_show),
		{}
	},
};

static const struct damon_dir_type monitoring_attrs_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE("scout", struct damon_admin_context,
			   spec.attrs.scout),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		{ "intervals", &intervals_dir },
		{ "nr_regions", &nr_regions_dir },
		{ "probes", &probes_dir },
		{ "budget", &budget_dir },
		{}
	},
};

static const struct damon_dir_type context_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE_SHOW("avail_operations", DAMON_FILE_TEXT,
				avail_operations_show),
		DAMON_FILE_ENUM("operations", struct damon_admin_context,
				spec.ops_id, ops_names),
		DAMON_FILE("addr_unit", struct damon_admin_context,
			   spec.addr_unit, .min = 1),
		DAMON_FILE("pause", struct damon_admin_context, spec.pause),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		{ "monitoring_attrs", &monitoring_attrs_dir },
		{ "targets", &targets_dir },
		{ "schemes", &damon_schemes_dir_type },
		{}
	},
};

static const struct damon_dir_type contexts_dir = {
	.children = DAMON_CHILDREN("nr_contexts", struct damon_admin_kdamond,
				   contexts, nr_contexts,
				   .max = 1,
				   .type = &context_dir,
				   .init = damon_admin_context_init,
				   .fini = damon_admin_context_fini),
};

static const struct damon_dir_type kdamond_dir = {
	.files = (const struct damon_file[]) {
		DAMON_FILE_CALL("state", DAMON_FILE_KEYWORD,
				damon_admin_state_show,
				damon_admin_state_store),
		DAMON_FILE_SHOW("pid", DAMON_FILE_INT,
				damon_admin_pid_show),
		DAMON_FILE("refresh_ms", struct damon_admin_kdamond,
			   refresh_ms,
			   .changed = damon_admin_refresh_changed),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		{ "contexts", &contexts_dir },
		{}
	},
};

/* An offset of 0 would mean that there is no such mutex. */
static_assert(offsetof(struct damon_admin_kdamond, lock));

static const struct damon_dir_type kdamonds_dir = {
	.children = DAMON_CHILDREN("nr_kdamonds", struct damon_admin,
				   kdamonds, nr_kdamonds,
				   .guard = offsetof(struct damon_admin_kdamond,
						     lock),
				   .type = &kdamond_dir,
				   .init = damon_admin_kdamond_init,
				   .fini = damon_admin_kdamond_fini,
				   .busy = damon_admin_kdamond_busy),
};

static const struct damon_dir_type admin_dir = {
	.subdirs = (const struct damon_subdir[]) {
		{ "kdamonds", &kdamonds_dir },
		{}
	},
};

const struct damon_dir_type damon_root_dir_type = {
	.subdirs = (const struct damon_subdir[]) {
		{ "admin", &admin_dir },
		{}
	},
};
