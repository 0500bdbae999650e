// SPDX-License-Identifier: GPL-2.0
#include "setup_schema.h"

#define END		{ .name = NULL }
#define SHOWN(_name)	{ .name = _name, .kind = SETUP_SHOWN }
#define FILE_ROW(_name, _kind, _initial, ...) \
	{ .name = _name, .kind = SETUP_##_kind, .initial = _initial, \
	  ##__VA_ARGS__ }
#define WORD_ROW(_name, _words, _initial, ...) \
	FILE_ROW(_name, WORD, _initial, .words = _words, ##__VA_ARGS__)
#define DIR_ROW(_name, _rows, ...) \
	{ .name = _name, .kind = SETUP_DIR, .rows = _rows, ##__VA_ARGS__ }
#define LIST_ROW(_name, _count, _rows, ...) \
	{ .name = _name, .kind = SETUP_LIST, .rows = _rows, .count = _count, \
	  ##__VA_ARGS__ }

/* The kernel's unsigned long, and what it makes of more in an unsigned int. */
#define NO_SIZE_LIMIT	(sizeof(long) == 8 ? "18446744073709551615" : \
					     "4294967295")
#define NO_LIMIT	"4294967295"
#define MAX_INT		2147483647

/* Monitoring */

static const struct setup_row goal_of_intervals[] = {
	FILE_ROW("access_bp", BP, "0"),
	FILE_ROW("aggrs", NUMBER, "0"),
	FILE_ROW("min_sample_us", US, "0"),
	FILE_ROW("max_sample_us", US, "0"),
	END
};

static const struct setup_row intervals[] = {
	FILE_ROW("sample_us", US, "5000", .shown = true),
	FILE_ROW("aggr_us", US, "100000", .shown = true),
	FILE_ROW("update_us", US, "60000000", .shown = true),
	DIR_ROW("intervals_goal", goal_of_intervals),
	END
};

static const struct setup_row nr_regions[] = {
	FILE_ROW("min", NUMBER, "10", .min = 3, .shown = true),
	FILE_ROW("max", NUMBER, "1000", .shown = true),
	END
};

static const char *const probe_filter_words[] = { "anon", "memcg", NULL };

static const struct setup_row probe_filter[] = {
	WORD_ROW("type", probe_filter_words, "anon", .shown = true),
	FILE_ROW("matching", SWITCH, "N"),
	FILE_ROW("allow", SWITCH, "N"),
	FILE_ROW("path", PATH, ""),
	END
};

static const struct setup_row probe[] = {
	LIST_ROW("filters", "nr_filters", probe_filter),
	END
};

static const struct setup_row budget[] = {
	FILE_ROW("cpu_permille", PERMILLE, "0", .max = 1000),
	SHOWN("cpu_used_ppm"),
	SHOWN("sampled_permille"),
	SHOWN("nr_regions_limit"),
	END
};

static const struct setup_row monitoring_attrs[] = {
	DIR_ROW("intervals", intervals),
	DIR_ROW("nr_regions", nr_regions, .range = true),
	FILE_ROW("scout", SWITCH, "Y"),
	DIR_ROW("budget", budget),
	LIST_ROW("probes", "nr_probes", probe, .max = 4),
	END
};

/* Targets */

static const struct setup_row region[] = {
	FILE_ROW("start", ADDRESS, "0", .shown = true),
	FILE_ROW("end", ADDRESS, "0", .shown = true),
	END
};

static const struct setup_row target[] = {
	FILE_ROW("pid_target", INTEGER, "0", .max = MAX_INT),
	FILE_ROW("obsolete_target", SWITCH, "N"),
	LIST_ROW("regions", "nr_regions", region, .range = true),
	END
};

/* Schemes */

static const char *const action_words[] = {
	"willneed", "cold", "pageout", "hugepage", "nohugepage", "collapse",
	"lru_prio", "lru_deprio", "migrate_hot", "migrate_cold", "stat", NULL
};

/* The kernel's own limits let nothing pass; no limit is what is meant. */
static const struct setup_row pattern_sz[] = {
	FILE_ROW("min", SIZE, "0", .assumed = "0"),
	FILE_ROW("max", SIZE, "0", .assumed = NO_SIZE_LIMIT),
	END
};

static const struct setup_row pattern_nr_accesses[] = {
	FILE_ROW("min", ACCESSES, "0", .assumed = "0"),
	FILE_ROW("max", ACCESSES, "0", .assumed = NO_LIMIT),
	END
};

static const struct setup_row pattern_age[] = {
	FILE_ROW("min", AGE, "0", .assumed = "0"),
	FILE_ROW("max", AGE, "0", .assumed = NO_LIMIT),
	END
};

static const struct setup_row access_pattern[] = {
	DIR_ROW("sz", pattern_sz, .range = true),
	DIR_ROW("nr_accesses", pattern_nr_accesses, .range = true),
	DIR_ROW("age", pattern_age, .range = true),
	END
};

static const struct setup_row weights[] = {
	FILE_ROW("sz_permil", PERMILLE, "0", .max = U32_MAX),
	FILE_ROW("nr_accesses_permil", PERMILLE, "0", .max = U32_MAX),
	FILE_ROW("age_permil", PERMILLE, "0", .max = U32_MAX),
	END
};

static const char *const metric_words[] = {
	"user_input", "some_mem_psi_us", "node_mem_used_bp", "node_mem_free_bp",
	"node_memcg_used_bp", "node_memcg_free_bp", "active_mem_bp",
	"inactive_mem_bp", "node_eligible_mem_bp", NULL
};

static const struct setup_row goal[] = {
	WORD_ROW("target_metric", metric_words, "user_input", .shown = true),
	FILE_ROW("target_value", GOAL, "0", .shown = true),
	FILE_ROW("current_value", GOAL, "0"),
	FILE_ROW("nid", INTEGER, "0", .max = MAX_INT),
	FILE_ROW("path", PATH, ""),
	END
};

static const char *const tuner_words[] = { "consist", "temporal", NULL };

static const struct setup_row quotas[] = {
	FILE_ROW("ms", MS, "0"),
	FILE_ROW("bytes", SIZE, "0"),
	FILE_ROW("reset_interval_ms", MS, "0"),
	SHOWN("effective_bytes"),
	DIR_ROW("weights", weights),
	WORD_ROW("goal_tuner", tuner_words, "consist"),
	LIST_ROW("goals", "nr_goals", goal),
	FILE_ROW("fail_charge_num", NUMBER, "0", .max = U32_MAX),
	FILE_ROW("fail_charge_denom", NUMBER, "0", .max = U32_MAX),
	END
};

static const char *const watermark_words[] = { "none", "free_mem_rate", NULL };

static const struct setup_row watermarks[] = {
	WORD_ROW("metric", watermark_words, "none"),
	FILE_ROW("interval_us", US, "0"),
	FILE_ROW("high", PERMILLE, "0"),
	FILE_ROW("mid", PERMILLE, "0"),
	FILE_ROW("low", PERMILLE, "0"),
	END
};

static const char *const core_filter_words[] = { "addr", "target", NULL };

static const char *const ops_filter_words[] = {
	"anon", "active", "memcg", "young", "hugepage_size", "unmapped", NULL
};

static const char *const filter_words[] = {
	"anon", "active", "memcg", "young", "hugepage_size", "unmapped",
	"addr", "target", NULL
};

#define FILTER_ROWS(_words) {						\
	WORD_ROW("type", _words, "anon", .shown = true),		\
	FILE_ROW("matching", SWITCH, "N", .shown = true),		\
	FILE_ROW("allow", SWITCH, "N", .shown = true),			\
	FILE_ROW("memcg_path", PATH, ""),				\
	FILE_ROW("addr_start", ADDRESS, "0"),				\
	FILE_ROW("addr_end", ADDRESS, "0"),				\
	FILE_ROW("min", SIZE, "0"),					\
	FILE_ROW("max", SIZE, "0"),					\
	FILE_ROW("damon_target_idx", INTEGER, "0", .max = MAX_INT),	\
	END								\
}

static const struct setup_row core_filter[] = FILTER_ROWS(core_filter_words);
static const struct setup_row ops_filter[] = FILTER_ROWS(ops_filter_words);
static const struct setup_row filter[] = FILTER_ROWS(filter_words);

static const struct setup_row dest[] = {
	FILE_ROW("id", NUMBER, "0", .max = U32_MAX, .shown = true),
	FILE_ROW("weight", NUMBER, "0", .max = U32_MAX, .shown = true),
	END
};

static const struct setup_row stats[] = {
	SHOWN("nr_tried"),
	SHOWN("sz_tried"),
	SHOWN("nr_applied"),
	SHOWN("sz_applied"),
	SHOWN("sz_ops_filter_passed"),
	SHOWN("qt_exceeds"),
	SHOWN("nr_snapshots"),
	FILE_ROW("max_nr_snapshots", NUMBER, "0"),
	END
};

static const struct setup_row scheme[] = {
	WORD_ROW("action", action_words, "stat", .shown = true),
	FILE_ROW("target_nid", INTEGER, "-1", .max = MAX_INT),
	FILE_ROW("apply_interval_us", US, "0"),
	DIR_ROW("access_pattern", access_pattern),
	DIR_ROW("quotas", quotas),
	DIR_ROW("watermarks", watermarks),
	LIST_ROW("core_filters", "nr_filters", core_filter),
	LIST_ROW("ops_filters", "nr_filters", ops_filter),
	LIST_ROW("filters", "nr_filters", filter),
	LIST_ROW("dests", "nr_dests", dest),
	DIR_ROW("stats", stats),
	SHOWN("tried_regions"),
	END
};

/* The whole */

static const char *const ops_words[] = { "vaddr", "fvaddr", "paddr", NULL };

static const struct setup_row context[] = {
	SHOWN("avail_operations"),
	WORD_ROW("operations", ops_words, "vaddr", .shown = true),
	FILE_ROW("addr_unit", NUMBER, "1", .min = 1),
	FILE_ROW("pause", SWITCH, "N"),
	DIR_ROW("monitoring_attrs", monitoring_attrs),
	LIST_ROW("targets", "nr_targets", target),
	LIST_ROW("schemes", "nr_schemes", scheme),
	END
};

static const struct setup_row kdamond[] = {
	{ .name = "state", .kind = SETUP_SHOWN,
	  .hint = "; damon start, tune and stop write it" },
	{ .name = "pid", .kind = SETUP_SHOWN,
	  .hint = "; did you mean targets { pid_target PID }?" },
	FILE_ROW("refresh_ms", MS, "0", .max = U32_MAX),
	LIST_ROW("contexts", "nr_contexts", context, .max = 1, .given = true),
	END
};

static const struct setup_row kdamonds[] = {
	LIST_ROW("kdamonds", "nr_kdamonds", kdamond, .given = true),
	END
};

const struct setup_row setup_root = {
	.name = "", .kind = SETUP_DIR, .rows = kdamonds,
};
