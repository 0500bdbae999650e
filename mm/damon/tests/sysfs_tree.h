/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All files below /sys/kernel/mm/damon, if there is one of everything: path,
 * mode, kind of content, and the content at first ("-" if that varies; nothing
 * if there is none).
 *
 * A unit test compares the tables with this list, and the check of the ABI
 * document compares the document with it.  So a file can't come, change or go
 * in one place only.
 */
#ifndef _MM_DAMON_TESTS_SYSFS_TREE_H
#define _MM_DAMON_TESTS_SYSFS_TREE_H

#define K "admin/kdamonds/0/"
#define C K "contexts/0/"
#define T C "targets/0/"
#define R T "regions/0/"
#define P C "monitoring_attrs/probes/0/"
#define S C "schemes/0/"
#define QUOTAS S "quotas/"
#define TRIED S "tried_regions/0/"

static const char *const damon_sysfs_tree[] = {
	"admin/kdamonds/nr_kdamonds 0600 int 1",
	K "state 0600 keyword off",
	K "pid 0400 int -1",
	K "refresh_ms 0600 uint 0",
	K "contexts/nr_contexts 0600 int 1",
	C "avail_operations 0400 text -",
	C "operations 0600 keyword vaddr",
	C "addr_unit 0600 ulong 1",
	C "pause 0600 bool N",
	C "monitoring_attrs/scout 0600 bool Y",
	C "monitoring_attrs/intervals/sample_us 0600 ulong 5000",
	C "monitoring_attrs/intervals/aggr_us 0600 ulong 100000",
	C "monitoring_attrs/intervals/update_us 0600 ulong 60000000",
	C "monitoring_attrs/intervals/intervals_goal/access_bp 0600 ulong 0",
	C "monitoring_attrs/intervals/intervals_goal/aggrs 0600 ulong 0",
	C "monitoring_attrs/intervals/intervals_goal/min_sample_us 0600 ulong 0",
	C "monitoring_attrs/intervals/intervals_goal/max_sample_us 0600 ulong 0",
	C "monitoring_attrs/nr_regions/min 0600 ulong 10",
	C "monitoring_attrs/nr_regions/max 0600 ulong 1000",
	C "monitoring_attrs/probes/nr_probes 0600 int 1",
	P "filters/nr_filters 0600 int 1",
	P "filters/0/type 0600 keyword anon",
	P "filters/0/matching 0600 bool N",
	P "filters/0/allow 0600 bool N",
	P "filters/0/path 0600 path",
	C "monitoring_attrs/budget/cpu_permille 0600 uint 0",
	C "monitoring_attrs/budget/cpu_used_ppm 0400 uint 0",
	C "monitoring_attrs/budget/sampled_permille 0400 uint 0",
	C "monitoring_attrs/budget/nr_regions_limit 0400 uint 0",
	C "targets/nr_targets 0600 int 1",
	T "pid_target 0600 int 0",
	T "obsolete_target 0600 bool N",
	T "regions/nr_regions 0600 int 1",
	R "start 0600 ulong 0",
	R "end 0600 ulong 0",
	C "schemes/nr_schemes 0600 int 1",
	S "action 0600 keyword stat",
	S "target_nid 0600 int -1",
	S "apply_interval_us 0600 ulong 0",
	S "access_pattern/sz/min 0600 ulong 0",
	S "access_pattern/sz/max 0600 ulong 0",
	S "access_pattern/nr_accesses/min 0600 ulong 0",
	S "access_pattern/nr_accesses/max 0600 ulong 0",
	S "access_pattern/age/min 0600 ulong 0",
	S "access_pattern/age/max 0600 ulong 0",
	QUOTAS "ms 0600 ulong 0",
	QUOTAS "bytes 0600 ulong 0",
	QUOTAS "reset_interval_ms 0600 ulong 0",
	QUOTAS "effective_bytes 0400 ulong 0",
	QUOTAS "goal_tuner 0600 keyword consist",
	QUOTAS "fail_charge_num 0600 uint 0",
	QUOTAS "fail_charge_denom 0600 uint 0",
	QUOTAS "weights/sz_permil 0600 uint 0",
	QUOTAS "weights/nr_accesses_permil 0600 uint 0",
	QUOTAS "weights/age_permil 0600 uint 0",
	QUOTAS "goals/nr_goals 0600 int 1",
	QUOTAS "goals/0/target_metric 0600 keyword user_input",
	QUOTAS "goals/0/target_value 0600 ulong 0",
	QUOTAS "goals/0/current_value 0600 ulong 0",
	QUOTAS "goals/0/nid 0600 int 0",
	QUOTAS "goals/0/path 0600 path",
	S "watermarks/metric 0600 keyword none",
	S "watermarks/interval_us 0600 ulong 0",
	S "watermarks/high 0600 ulong 0",
	S "watermarks/mid 0600 ulong 0",
	S "watermarks/low 0600 ulong 0",
	S "core_filters/nr_filters 0600 int 1",
	S "core_filters/0/type 0600 keyword anon",
	S "core_filters/0/matching 0600 bool N",
	S "core_filters/0/allow 0600 bool N",
	S "core_filters/0/memcg_path 0600 path",
	S "core_filters/0/addr_start 0600 ulong 0",
	S "core_filters/0/addr_end 0600 ulong 0",
	S "core_filters/0/min 0600 ulong 0",
	S "core_filters/0/max 0600 ulong 0",
	S "core_filters/0/damon_target_idx 0600 int 0",
	S "ops_filters/nr_filters 0600 int 1",
	S "ops_filters/0/type 0600 keyword anon",
	S "ops_filters/0/matching 0600 bool N",
	S "ops_filters/0/allow 0600 bool N",
	S "ops_filters/0/memcg_path 0600 path",
	S "ops_filters/0/addr_start 0600 ulong 0",
	S "ops_filters/0/addr_end 0600 ulong 0",
	S "ops_filters/0/min 0600 ulong 0",
	S "ops_filters/0/max 0600 ulong 0",
	S "ops_filters/0/damon_target_idx 0600 int 0",
	S "filters/nr_filters 0600 int 1",
	S "filters/0/type 0600 keyword anon",
	S "filters/0/matching 0600 bool N",
	S "filters/0/allow 0600 bool N",
	S "filters/0/memcg_path 0600 path",
	S "filters/0/addr_start 0600 ulong 0",
	S "filters/0/addr_end 0600 ulong 0",
	S "filters/0/min 0600 ulong 0",
	S "filters/0/max 0600 ulong 0",
	S "filters/0/damon_target_idx 0600 int 0",
	S "dests/nr_dests 0600 int 1",
	S "dests/0/id 0600 uint 0",
	S "dests/0/weight 0600 uint 0",
	S "stats/nr_tried 0400 ulong 0",
	S "stats/sz_tried 0400 ulong 0",
	S "stats/nr_applied 0400 ulong 0",
	S "stats/sz_applied 0400 ulong 0",
	S "stats/sz_ops_filter_passed 0400 ulong 0",
	S "stats/qt_exceeds 0400 ulong 0",
	S "stats/nr_snapshots 0400 ulong 0",
	S "stats/max_nr_snapshots 0600 ulong 0",
	S "tried_regions/total_bytes 0400 ulong 0",
	TRIED "start 0400 ulong 0",
	TRIED "end 0400 ulong 0",
	TRIED "nr_accesses 0400 uint 0",
	TRIED "age 0400 uint 0",
	TRIED "sz_filter_passed 0400 ulong 0",
	TRIED "probes/0/hits 0400 u8 0",
};

#undef K
#undef C
#undef T
#undef R
#undef P
#undef S
#undef QUOTAS
#undef TRIED

#endif /* _MM_DAMON_TESTS_SYSFS_TREE_H */
