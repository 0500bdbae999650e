// SPDX-License-Identifier: GPL-2.0
/* What the special-purpose modules say of themselves, as metrics. */
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "module.h"

/* What a module's files mean; sizes are in units of addr_unit. */
static const struct {
	const char *param;
	const char *scheme;
	enum export_family family;
	bool is_size;
} outputs[] = {
#define REGIONS(_param, _scheme, _family) \
	{ "nr_" _param "_regions", _scheme, EXPORT_MODULE_##_family##_REGIONS, \
	  false }, \
	{ "bytes_" _param "_regions", _scheme, EXPORT_MODULE_##_family, true }
#define EXCEEDS(_param, _scheme) \
	{ _param, _scheme, EXPORT_MODULE_EXCEEDED, false }
	REGIONS("reclaim_tried", "reclaim", TRIED),
	REGIONS("reclaimed", "reclaim", APPLIED),
	EXCEEDS("nr_quota_exceeds", "reclaim"),
	REGIONS("lru_sort_tried_hot", "hot", TRIED),
	REGIONS("lru_sorted_hot", "hot", APPLIED),
	EXCEEDS("nr_hot_quota_exceeds", "hot"),
	REGIONS("lru_sort_tried_cold", "cold", TRIED),
	REGIONS("lru_sorted_cold", "cold", APPLIED),
	EXCEEDS("nr_cold_quota_exceeds", "cold"),
#undef REGIONS
#undef EXCEEDS
};

static void add_outputs(struct metrics *m, const struct node *params)
{
	u64 val, unit;
	size_t i;

	if (!node_u64(params, "addr_unit", &unit))
		unit = 1;
	for (i = 0; i < ARRAY_SIZE(outputs); i++) {
		if (!node_u64(params, outputs[i].param, &val))
			continue;
		metrics_push(m, "scheme", "%s", outputs[i].scheme);
		metrics_add(m, outputs[i].family,
			    outputs[i].is_size ? (double)val * unit : val);
		metrics_pop(m, 1);
	}
}

/* All memory, or 0: percentiles say only shares of it. */
static double memory_bytes(const struct tree *tree)
{
	static const char name[] = "MemTotal:";
	char text[4096], *at;

	if (tree_read(tree->root, "proc/meminfo", text, sizeof(text)))
		return 0;
	at = strstr(text, name);
	return at ? strtoull(at + strlen(name), NULL, 10) * 1024. : 0;
}

static void add_access(struct metrics *m, const struct tree *tree,
		       const struct node *params)
{
	const char *text = node_text(params, "memory_idle_ms_percentiles");
	double percent = memory_bytes(tree) / 100, accessed = 0;
	struct idle_histogram idle = {};
	long long ms[NR_PERCENTILES];
	u64 aggr_us, bandwidth;
	unsigned int i;

	/* 0 before the first refresh */
	if (!text || !percent ||
	    !node_u64(params, "aggr_interval_us", &aggr_us) || !aggr_us ||
	    parse_percentiles(text, ms, NR_PERCENTILES) != NR_PERCENTILES)
		return;
	for (i = 1; i < NR_PERCENTILES; i++) {
		idle_histogram_add(&idle, ms[i] / 1000., percent);
		if (ms[i] < 0)
			accessed += percent;
	}
	metrics_add(m, EXPORT_WORKING_SET, accessed);
	metrics_add(m, EXPORT_MONITORED, percent * 100);
	metrics_add_histogram(m, EXPORT_IDLE, &idle);
	metrics_add(m, EXPORT_AGGR, aggr_us / (double)USEC_PER_SEC);
	if (node_u64(params, "estimated_memory_bandwidth", &bandwidth))
		metrics_add(m, EXPORT_BANDWIDTH, bandwidth);
}

static int add_module(struct metrics *m, const struct tree *tree,
		      const struct module *module)
{
	struct node *params;
	const char *enabled;
	char path[128];
	int status;
	u64 pid;

	snprintf(path, sizeof(path), "sys/module/%s/parameters", module->file);
	status = node_read(tree, path, &params);
	if (status)
		return status;
	enabled = node_text(params, "enabled");
	metrics_push(m, "module", "%s", module->name);
	metrics_add(m, EXPORT_MODULE, enabled && !strcmp(enabled, "Y"));
	add_outputs(m, params);
	/* what they said last stays when they end */
	if (enabled && !strcmp(enabled, "Y")) {
		add_access(m, tree, params);
		if (node_u64(params, "kdamond_pid", &pid) && pid <= U32_MAX / 2)
			metrics_add(m, EXPORT_MODULE_CPU,
				    tree_process_cpu_ns(tree, pid) /
				    (double)NSEC_PER_SEC);
	}
	metrics_pop(m, 1);
	node_free(params);
	return 0;
}

int export_modules(struct metrics *m, const struct tree *tree)
{
	int status = 0;
	size_t i;

	for (i = 0; !status && i < NR_MODULES; i++) {
		if (module_exists(tree, &modules[i]))
			status = add_module(m, tree, &modules[i]);
	}
	return status;
}
