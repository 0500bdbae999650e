// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "damon_module.h"
#include "damon_util.h"

#define PARAM_PATH_MAX	128

const char * const modules[NR_MODULES] = { RECLAIM, LRU_SORT, STAT };

#define MONITORING(dir) \
	{ dir "enabled", ENABLED, "N" }, \
	{ dir "kdamond_pid", NUMBER, "-1" }

#define SCHEMES(dir, high, mid, low) \
	MONITORING(dir), \
	{ dir "commit_inputs", COMMIT, "N" }, \
	{ dir "quota_ms", ULONG, "10" }, \
	{ dir "quota_reset_interval_ms", ULONG, "1000" }, \
	{ dir "autotune_monitoring_intervals", BOOL, "N" }, \
	{ dir "wmarks_interval", ULONG, "5000000" }, \
	{ dir "wmarks_high", ULONG, high }, \
	{ dir "wmarks_mid", ULONG, mid }, \
	{ dir "wmarks_low", ULONG, low }, \
	{ dir "sample_interval", ULONG, "5000" }, \
	{ dir "aggr_interval", ULONG, "100000" }, \
	{ dir "min_nr_regions", ULONG, "10" }, \
	{ dir "max_nr_regions", ULONG, "1000" }, \
	{ dir "monitor_region_start", ULONG, "0" }, \
	{ dir "monitor_region_end", ULONG, "0" }, \
	{ dir "addr_unit", ULONG, "1", .not_zero = true }

#define SORTED(which) \
	{ LRU_SORT "nr_lru_sort_tried_" which "_regions", NUMBER }, \
	{ LRU_SORT "bytes_lru_sort_tried_" which "_regions", NUMBER }, \
	{ LRU_SORT "nr_lru_sorted_" which "_regions", NUMBER }, \
	{ LRU_SORT "bytes_lru_sorted_" which "_regions", NUMBER }, \
	{ LRU_SORT "nr_" which "_quota_exceeds", NUMBER }

const struct param params[] = {
	SCHEMES(RECLAIM, "500", "400", "200"),
	{ RECLAIM "min_age", ULONG, "120000000" },
	{ RECLAIM "quota_sz", ULONG, "134217728" },
	{ RECLAIM "quota_mem_pressure_us", ULONG, "0" },
	{ RECLAIM "quota_autotune_feedback", ULONG, "0" },
	{ RECLAIM "skip_anon", BOOL, "N" },
	{ RECLAIM "nr_reclaim_tried_regions", NUMBER },
	{ RECLAIM "bytes_reclaim_tried_regions", NUMBER },
	{ RECLAIM "nr_reclaimed_regions", NUMBER },
	{ RECLAIM "bytes_reclaimed_regions", NUMBER },
	{ RECLAIM "nr_quota_exceeds", NUMBER },

	SCHEMES(LRU_SORT, "200", "150", "50"),
	{ LRU_SORT "active_mem_bp", ULONG, "0" },
	{ LRU_SORT "filter_young_pages", BOOL, "N" },
	{ LRU_SORT "hot_thres_access_freq", ULONG, "500" },
	{ LRU_SORT "cold_min_age", ULONG, "120000000" },
	SORTED("hot"),
	SORTED("cold"),

	MONITORING(STAT),
	{ STAT "estimated_memory_bandwidth", NUMBER },
	{ STAT "memory_idle_ms_percentiles", PERCENTILES },
	{ STAT "aggr_interval_us", NUMBER },
	{}
};

bool param_is_input(const struct param *p)
{
	return p->kind < NUMBER;
}

int param_write(const char *module, const char *name, const char *value)
{
	char path[PARAM_PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", module, name);
	return damon_write(path, "%s", value);
}

int params_write(const char *module, const char * const *writes)
{
	int err = 0;

	for (; !err && writes[0]; writes += 2)
		err = param_write(module, writes[0], writes[1]);
	return err;
}

long param_number(const char *module, const char *name)
{
	char path[PARAM_PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", module, name);
	return damon_read_long(path);
}

int module_enable(const char *module, bool enable)
{
	return param_write(module, "enabled", enable ? "Y" : "N");
}

bool module_is_enabled(const char *module)
{
	char path[PARAM_PATH_MAX], text[DAMON_TEXT_MAX];

	snprintf(path, sizeof(path), "%senabled", module);
	return damon_read(path, text) > 0 && !strcmp(text, "Y\n");
}

int module_commit(const char *module)
{
	return param_write(module, "commit_inputs", "Y");
}

pid_t module_pid(const char *module)
{
	return param_number(module, "kdamond_pid");
}

const char *modules_why_not(void)
{
	int i;

	for (i = 0; i < NR_MODULES; i++) {
		if (!damon_exists(modules[i]))
			return "not all modules are in this kernel";
	}
	return damon_why_not();
}

int modules_disable(void)
{
	int i, err = 0;

	for (i = 0; !err && i < NR_MODULES; i++)
		err = module_enable(modules[i], false);
	return err;
}

int modules_reset(void)
{
	const struct param *p;
	int err = modules_disable();

	for_each_param(p) {
		if (!err && param_is_input(p))
			err = damon_write(p->path, "%s", p->content);
	}
	return err;
}
