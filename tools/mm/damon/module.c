// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "fail.h"
#include "module.h"

#define INPUT(_name, _help, _kind) \
	{ .name = _name, .help = _help, .kind = PARAM_##_kind }
#define OUTPUT(_name, _help, _kind) \
	{ .name = _name, .help = _help, .kind = PARAM_##_kind, \
	  .is_output = true }

#define INTERVALS \
	INPUT("sample_interval", "time between two checks of a region", \
	      TIME_US), \
	INPUT("aggr_interval", "time summed up in a snapshot", TIME_US), \
	INPUT("autotune_monitoring_intervals", "let the kernel find both", \
	      SWITCH), \
	INPUT("min_nr_regions", "least number of regions", COUNT), \
	INPUT("max_nr_regions", "largest number of regions", COUNT)

#define REGION \
	INPUT("monitor_region_start", "memory to care for; both 0: all", \
	      ADDRESS), \
	INPUT("monitor_region_end", "... up to this address", ADDRESS), \
	INPUT("addr_unit", "unit of the kernel's addresses", UNIT)

#define WATERMARKS \
	INPUT("wmarks_interval", "time between two looks at free memory", \
	      TIME_US), \
	INPUT("wmarks_high", "rest if more memory is free", PERMIL), \
	INPUT("wmarks_mid", "work if less memory is free", PERMIL), \
	INPUT("wmarks_low", "rest if even less is free", PERMIL)

static const struct param reclaim_params[] = {
	INPUT("min_age", "reclaim what was not accessed for so long",
	      TIME_US),
	INPUT("skip_anon", "leave anonymous pages alone", SWITCH),
	INPUT("quota_ms", "CPU time for it in each window (0: any)",
	      TIME_MS),
	INPUT("quota_sz", "memory tried in each window (0: any)", BYTES),
	INPUT("quota_reset_interval_ms", "the window", TIME_MS),
	INPUT("quota_mem_pressure_us", "stall time to aim at (0: none)",
	      TIME_US),
	INPUT("quota_autotune_feedback", "your score, of 100% (0: none)",
	      BP),
	WATERMARKS,
	INTERVALS,
	REGION,
	OUTPUT("nr_reclaim_tried_regions", "regions tried", COUNT),
	OUTPUT("bytes_reclaim_tried_regions", "memory tried", BYTES),
	OUTPUT("nr_reclaimed_regions", "regions reclaimed", COUNT),
	OUTPUT("bytes_reclaimed_regions", "memory reclaimed", BYTES),
	OUTPUT("nr_quota_exceeds", "times the quota was used up", COUNT),
	{ }
};

static const struct param lru_sort_params[] = {
	INPUT("hot_thres_access_freq", "hot: share of checks that find accesses",
	      PERMIL),
	INPUT("cold_min_age", "cold: not accessed for so long", TIME_US),
	INPUT("active_mem_bp", "active share to aim at (0: none)", BP),
	INPUT("filter_young_pages", "check each page before it is moved",
	      SWITCH),
	INPUT("quota_ms", "CPU time for it in each window (0: any)",
	      TIME_MS),
	INPUT("quota_reset_interval_ms", "the window", TIME_MS),
	WATERMARKS,
	INTERVALS,
	REGION,
	OUTPUT("nr_lru_sort_tried_hot_regions", "hot regions tried", COUNT),
	OUTPUT("bytes_lru_sort_tried_hot_regions", "hot memory tried", BYTES),
	OUTPUT("nr_lru_sorted_hot_regions", "hot regions moved", COUNT),
	OUTPUT("bytes_lru_sorted_hot_regions", "hot memory moved", BYTES),
	OUTPUT("nr_hot_quota_exceeds", "times the quota was used up", COUNT),
	OUTPUT("nr_lru_sort_tried_cold_regions", "cold regions tried", COUNT),
	OUTPUT("bytes_lru_sort_tried_cold_regions", "cold memory tried", BYTES),
	OUTPUT("nr_lru_sorted_cold_regions", "cold regions moved", COUNT),
	OUTPUT("bytes_lru_sorted_cold_regions", "cold memory moved", BYTES),
	OUTPUT("nr_cold_quota_exceeds", "times the quota was used up", COUNT),
	{ }
};

static const struct param stat_params[] = {
	OUTPUT("aggr_interval_us", "time summed up in a snapshot", TIME_US),
	OUTPUT("estimated_memory_bandwidth", "of all accesses", BANDWIDTH),
	OUTPUT("memory_idle_ms_percentiles", "per cent of memory: idle at most",
	       IDLE_MS),
	{ }
};

const struct module modules[NR_MODULES] = {
	{ "reclaim", "damon_reclaim", "CONFIG_DAMON_RECLAIM", reclaim_params },
	{ "lru_sort", "damon_lru_sort", "CONFIG_DAMON_LRU_SORT",
	  lru_sort_params },
	{ "stat", "damon_stat", "CONFIG_DAMON_STAT", stat_params },
};

const char *const module_names[NR_MODULES + 1] = {
	"reclaim", "lru_sort", "stat", NULL
};

const struct module *module_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < NR_MODULES; i++) {
		if (!strcmp(modules[i].name, name))
			return &modules[i];
	}
	return NULL;
}

const struct param *module_param(const struct module *module, const char *name)
{
	const struct param *param;

	for (param = module->params; param->name; param++) {
		if (!strcmp(param->name, name))
			return param;
	}
	return NULL;
}

static int read_enabled(const struct tree *tree, const struct module *module,
			char text[8])
{
	char path[64];

	snprintf(path, sizeof(path), "sys/module/%s/parameters/enabled",
		 module->file);
	return tree_read(tree->root, path, text, 8);
}

bool module_exists(const struct tree *tree, const struct module *module)
{
	char text[8];

	return read_enabled(tree, module, text) != -ENOENT;
}

bool module_runs(const struct tree *tree, const struct module *module)
{
	char text[8];

	return !read_enabled(tree, module, text) && text[0] == 'Y';
}

const struct module *module_running(const struct tree *tree)
{
	size_t i;

	for (i = 0; i < NR_MODULES; i++) {
		if (module_runs(tree, &modules[i]))
			return &modules[i];
	}
	return NULL;
}

static bool parse_yes(const char *text, u64 *val)
{
	bool on = false, known = parse_switch(text, &on);

	*val = on;
	return known;
}

#define ADDR_UNIT	0	/* as a scale */

static const struct {
	bool (*parse)(const char *text, u64 *val);
	u64 scale;		/* of what was parsed, in one of the kernel's */
	const char *wanted;
} kinds[NR_PARAM_KINDS] = {
	[PARAM_SWITCH]	= { parse_yes, 1, "yes or no" },
	[PARAM_TIME_US]	= { parse_time_us, 1, "a time such as 5ms, 10s or 2m" },
	[PARAM_TIME_MS]	= { parse_time_us, USEC_PER_MSEC,
			    "a time such as 10ms or 1s, in whole ms" },
	[PARAM_BYTES]	= { parse_size, ADDR_UNIT,
			    "a size such as 64K or 2M, in whole addr_units" },
	[PARAM_ADDRESS]	= { parse_u64, ADDR_UNIT,
			    "an address such as 0x100000, in whole addr_units" },
	[PARAM_UNIT]	= { parse_size, 1, "a size such as 1 or 4K" },
	[PARAM_COUNT]	= { parse_u64, 1, "a number" },
	[PARAM_PERMIL]	= { parse_percent_bp, 10,
			    "a share such as 50% or 0.5%, in steps of 0.1%" },
	[PARAM_BP]	= { parse_percent_bp, 1,
			    "a share such as 50% or 0.05%, in steps of 0.01%" },
};

const char *param_wanted(enum param_kind kind)
{
	return kinds[kind].wanted;
}

int param_parse(const struct param *param, const char *text, u64 addr_unit,
		u64 *val)
{
	u64 scale = kinds[param->kind].scale;

	if (param->is_output)
		return fail(STATUS_USAGE, "%s is what the module says, it cannot be set",
			    param->name);
	if (scale == ADDR_UNIT)
		scale = max_u64(addr_unit, 1);
	if (!kinds[param->kind].parse(text, val) || *val % scale)
		return fail(STATUS_USAGE, "%s: '%s' is not %s", param->name,
			    text, kinds[param->kind].wanted);
	*val /= scale;
	return 0;
}

unsigned int parse_percentiles(const char *text, long long *val,
			       unsigned int max)
{
	unsigned int nr = 0;
	char *end;

	while (nr < max) {
		errno = 0;
		val[nr] = strtoll(text, &end, 10);
		if (end == text || errno)
			break;
		nr++;
		if (*end != ',')
			break;
		text = end + 1;
	}
	return nr;
}

static void print_percentiles(FILE *out, const char *text)
{
	static const unsigned int shown[] = { 0, 25, 50, 75, 90, 99, 100 };
	long long val[NR_PERCENTILES];
	char buf[UNIT_LEN];
	size_t i;

	if (parse_percentiles(text, val, NR_PERCENTILES) != NR_PERCENTILES) {
		print_harmless(out, text);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(shown); i++) {
		long long ms = val[shown[i]];
		u64 size = ms < 0 ? 0ULL - ms : (u64)ms;

		/* negative: accessed all the time for so long */
		size = min_u64(size, U64_MAX / USEC_PER_MSEC) * USEC_PER_MSEC;
		fprintf(out, "%s%u%%: %s%s", i ? ", " : "", shown[i],
			ms < 0 ? "-" : "", unit_time(buf, size));
	}
}

void param_print(FILE *out, const struct param *param, const char *text,
		 u64 addr_unit)
{
	char buf[UNIT_LEN];
	u64 val;

	if (param->kind == PARAM_IDLE_MS) {
		print_percentiles(out, text);
		return;
	}
	if (param->kind == PARAM_SWITCH || !parse_u64(text, &val)) {
		print_harmless(out, !strcmp(text, "Y") ? "yes" :
				    !strcmp(text, "N") ? "no" : text);
		return;
	}
	switch (param->kind) {
	case PARAM_TIME_MS:
		val = val > U64_MAX / USEC_PER_MSEC ? U64_MAX :
			val * USEC_PER_MSEC;
		/* fall through */
	case PARAM_TIME_US:
		fputs(unit_time(buf, val), out);
		break;
	case PARAM_BYTES:
	case PARAM_ADDRESS:
		if (__builtin_mul_overflow(val, max_u64(addr_unit, 1), &val))
			val = U64_MAX;
		if (param->kind == PARAM_ADDRESS)
			fprintf(out, "%#llx", val);
		else
			fputs(unit_size(buf, val), out);
		break;
	case PARAM_UNIT:
		fputs(unit_size(buf, val), out);
		break;
	case PARAM_BANDWIDTH:
		fprintf(out, "%s/s", unit_size(buf, val));
		break;
	case PARAM_PERMIL:
		fputs(unit_percent(buf, val / 1000.), out);
		break;
	case PARAM_BP:
		fputs(unit_percent(buf, val / 10000.), out);
		break;
	default:
		fprintf(out, "%llu", val);
	}
}
