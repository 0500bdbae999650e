// SPDX-License-Identifier: GPL-2.0
#include "export.h"

#define GAUGE(_id, _name, _unit, _help) \
	[EXPORT_##_id] = { "damon_" _name, _unit, _help, METRIC_GAUGE }
#define COUNTER(_id, _name, _unit, _help) \
	[EXPORT_##_id] = { "damon_" _name, _unit, _help, METRIC_COUNTER }

const struct metric_family export_families[NR_EXPORT_FAMILIES] = {
	GAUGE(BUILD, "build_info", NULL,
	      "Version of the tool that wrote this, and of the kernel"),

	GAUGE(WORKING_SET, "working_set_bytes", "bytes",
	      "Memory found accessed in the newest aggregation interval"),
	GAUGE(MONITORED, "monitored_bytes", "bytes",
	      "Memory, or addresses, that is monitored"),
	[EXPORT_IDLE] = {
		"damon_memory_idle_seconds", "seconds",
		"Time since memory was accessed; each byte is an observation",
		METRIC_HISTOGRAM
	},
	GAUGE(BANDWIDTH, "access_bandwidth_bytes_per_second",
	      "bytes_per_second",
	      "Estimate of the memory accessed in a second"),
	GAUGE(REGIONS, "regions", NULL, "Regions that are monitored"),

	GAUGE(RUNNING, "kdamond_running", NULL,
	      "Whether a kdamond runs (1) or is only set up (0)"),
	COUNTER(CPU, "kdamond_cpu_seconds", "seconds",
		"CPU time that a kdamond has used"),
	GAUGE(SAMPLE, "sampling_interval_seconds", "seconds",
	      "Time between two checks of a region, as it is tuned now"),
	GAUGE(AGGR, "aggregation_interval_seconds", "seconds",
	      "Time summed up in a snapshot, as it is tuned now"),
	GAUGE(UPDATE, "update_interval_seconds", "seconds",
	      "Time between two looks for new mappings"),
	GAUGE(TARGET, "target_info", NULL,
	      "Which process a target is, by its pid"),

	COUNTER(TRIED_REGIONS, "scheme_tried_regions", NULL,
		"Regions that a scheme was tried on"),
	COUNTER(TRIED, "scheme_tried_bytes", "bytes",
		"Memory that a scheme was tried on"),
	COUNTER(APPLIED_REGIONS, "scheme_applied_regions", NULL,
		"Regions that a scheme was applied to"),
	COUNTER(APPLIED, "scheme_applied_bytes", "bytes",
		"Memory that a scheme was applied to"),
	COUNTER(PASSED, "scheme_filter_passed_bytes", "bytes",
		"Memory that passed the filters of a scheme"),
	COUNTER(EXCEEDED, "scheme_quota_exceeds", NULL,
		"Windows in which a scheme used up its quota"),
	COUNTER(SNAPSHOTS, "scheme_snapshots", NULL,
		"Passes that a scheme made over all regions"),
	GAUGE(QUOTA, "scheme_quota_bytes", "bytes",
	      "Memory a scheme may be tried on in a window (0: any)"),
	GAUGE(QUOTA_TIME, "scheme_quota_seconds", "seconds",
	      "CPU time a scheme may use in a window (0: any)"),
	GAUGE(QUOTA_RESET, "scheme_quota_window_seconds", "seconds",
	      "The window of a scheme's quotas"),
	GAUGE(QUOTA_EFFECTIVE, "scheme_effective_quota_bytes", "bytes",
	      "What quotas and goals together allow a scheme now"),

	GAUGE(MODULE, "module_enabled", NULL,
	      "Whether a special-purpose module runs"),
	COUNTER(MODULE_CPU, "module_kdamond_cpu_seconds", "seconds",
		"CPU time of the kdamond of a module, which may be shared"),
	COUNTER(MODULE_TRIED_REGIONS, "module_tried_regions", NULL,
		"Regions that a module tried to work on"),
	COUNTER(MODULE_TRIED, "module_tried_bytes", "bytes",
		"Memory that a module tried to work on"),
	COUNTER(MODULE_APPLIED_REGIONS, "module_applied_regions", NULL,
		"Regions that a module worked on"),
	COUNTER(MODULE_APPLIED, "module_applied_bytes", "bytes",
		"Memory that a module worked on"),
	COUNTER(MODULE_EXCEEDED, "module_quota_exceeds", NULL,
		"Windows in which a module used up its quota"),
};
