/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DAMON: Data Access MONitor.  What other kernel code may use.
 *
 * Data goes one way: a caller fills a plain &struct damon_spec, starts a
 * kdamond with it, and from then on only that kdamond touches the running
 * context that was built from the spec.  Everybody else posts requests
 * (damon_call(), damon_commit()), which the kdamond runs between two samples.
 */
#ifndef _LINUX_DAMON_H
#define _LINUX_DAMON_H

#include <linux/types.h>

struct damon_ctx;
struct damon_kdamond;
struct pid;

/* How many probes a context can have. */
#define DAMON_MAX_PROBES	4

/* The highest priority of a region for a scheme; the lowest one is 0. */
#define DAMOS_MAX_SCORE		99

/**
 * enum damon_ops_id - Identifier of an operation set.
 * @DAMON_OPS_VADDR:	virtual address spaces of processes, mappings followed
 * @DAMON_OPS_FVADDR:	fixed ranges of virtual address spaces of processes
 * @DAMON_OPS_PADDR:	the physical address space
 * @NR_DAMON_OPS:	number of identifiers
 */
enum damon_ops_id {
	DAMON_OPS_VADDR = 0,
	DAMON_OPS_FVADDR = 1,
	DAMON_OPS_PADDR = 2,
	NR_DAMON_OPS
};

/**
 * struct damon_addr_range - A range of core addresses, [@start, @end).
 * @start:	first address
 * @end:	first address behind the range
 */
struct damon_addr_range {
	unsigned long start;
	unsigned long end;
};

/**
 * struct damon_size_range - Values from @min to @max, both included.
 * @min:	smallest value
 * @max:	largest value; if it is below @min, there are none
 */
struct damon_size_range {
	unsigned long min;
	unsigned long max;
};

/**
 * struct damon_intervals_goal - What the auto-tuning of the intervals aims at.
 * @access_bp:		observed share of all possible access events, 1/10000
 * @aggrs:		aggregations between two tunings; 0 turns tuning off
 * @min_sample_us:	lower limit of the sampling interval, microseconds
 * @max_sample_us:	upper limit of the sampling interval, microseconds
 */
struct damon_intervals_goal {
	unsigned long access_bp;
	unsigned long aggrs;
	unsigned long min_sample_us;
	unsigned long max_sample_us;
};

/**
 * struct damon_attrs - Attributes of the monitoring.
 * @sample_interval:	sampling interval, microseconds
 * @aggr_interval:	aggregation interval, microseconds, >= @sample_interval
 * @ops_update_interval: interval of operation set updates, microseconds
 * @intervals_goal:	auto-tuning of @sample_interval and @aggr_interval
 * @min_nr_regions:	lower limit of the number of regions, >= 3
 * @max_nr_regions:	upper limit of the number of regions
 * @cpu_permille:	CPU time for monitoring, 1/1000 of one CPU, up to 1000; 0
 *			for any.  See &struct damon_budget_report
 * @scout:		look for what was touched in cold regions, if possible
 */
struct damon_attrs {
	unsigned long sample_interval;
	unsigned long aggr_interval;
	unsigned long ops_update_interval;
	struct damon_intervals_goal intervals_goal;
	unsigned long min_nr_regions;
	unsigned long max_nr_regions;
	unsigned int cpu_permille;
	bool scout;
};

/**
 * struct damon_target_spec - One monitoring target, as a user asks for it.
 * @pid:	process number; used by the virtual address operation sets only
 * @obsolete:	on commit, remove the running target of the same index
 * @ranges:	initial monitoring ranges in address order; kvmalloc()ed
 * @nr_ranges:	number of @ranges
 */
struct damon_target_spec {
	int pid;
	bool obsolete;
	struct damon_addr_range *ranges;
	unsigned int nr_ranges;
};

/**
 * enum damos_action - What a scheme does with the memory that it is about.
 * @DAMOS_WILLNEED:	madvise(MADV_WILLNEED)
 * @DAMOS_COLD:		madvise(MADV_COLD)
 * @DAMOS_PAGEOUT:	reclaim it
 * @DAMOS_HUGEPAGE:	madvise(MADV_HUGEPAGE)
 * @DAMOS_NOHUGEPAGE:	madvise(MADV_NOHUGEPAGE)
 * @DAMOS_COLLAPSE:	madvise(MADV_COLLAPSE)
 * @DAMOS_LRU_PRIO:	move it to the active list
 * @DAMOS_LRU_DEPRIO:	move it to the inactive list
 * @DAMOS_MIGRATE_HOT:	move it to another node, the hottest first
 * @DAMOS_MIGRATE_COLD:	move it to another node, the coldest first
 * @DAMOS_STAT:		nothing but statistics
 * @NR_DAMOS_ACTIONS:	number of actions
 *
 * Not every operation set has every action.  One that it has not is tried and
 * never applied.
 */
enum damos_action {
	DAMOS_WILLNEED = 0,
	DAMOS_COLD = 1,
	DAMOS_PAGEOUT = 2,
	DAMOS_HUGEPAGE = 3,
	DAMOS_NOHUGEPAGE = 4,
	DAMOS_COLLAPSE = 5,
	DAMOS_LRU_PRIO = 6,
	DAMOS_LRU_DEPRIO = 7,
	DAMOS_MIGRATE_HOT = 8,
	DAMOS_MIGRATE_COLD = 9,
	DAMOS_STAT = 10,
	NR_DAMOS_ACTIONS
};

/**
 * struct damos_access_pattern - Which regions a scheme is about.
 * @sz:		size, core address units
 * @nr_accesses: accesses per aggregation interval; the low 32 bits count
 * @age:	age in aggregation intervals; the low 32 bits count
 */
struct damos_access_pattern {
	struct damon_size_range sz;
	struct damon_size_range nr_accesses;
	struct damon_size_range age;
};

/**
 * enum damos_filter_type - What kind of memory a filter is about.
 * @DAMOS_FILTER_TYPE_ANON:	anonymous memory
 * @DAMOS_FILTER_TYPE_ACTIVE:	memory on an active LRU list
 * @DAMOS_FILTER_TYPE_MEMCG:	memory charged to a memory cgroup
 * @DAMOS_FILTER_TYPE_YOUNG:	memory that was accessed since the last look
 * @DAMOS_FILTER_TYPE_HUGEPAGE_SIZE: memory in folios of certain sizes
 * @DAMOS_FILTER_TYPE_UNMAPPED:	memory that no page table maps
 * @DAMOS_FILTER_TYPE_ADDR:	a range of addresses
 * @DAMOS_FILTER_TYPE_TARGET:	a monitoring target
 * @NR_DAMOS_FILTER_TYPES:	number of types
 *
 * The last two are told by address alone ("core filters", asked first); the
 * others are asked of each folio by the operation set ("ops filters").
 */
enum damos_filter_type {
	DAMOS_FILTER_TYPE_ANON,
	DAMOS_FILTER_TYPE_ACTIVE,
	DAMOS_FILTER_TYPE_MEMCG,
	DAMOS_FILTER_TYPE_YOUNG,
	DAMOS_FILTER_TYPE_HUGEPAGE_SIZE,
	DAMOS_FILTER_TYPE_UNMAPPED,
	DAMOS_FILTER_TYPE_ADDR,
	DAMOS_FILTER_TYPE_TARGET,
	NR_DAMOS_FILTER_TYPES
};

/**
 * struct damos_filter_spec - A filter of a scheme or of a probe.
 * @type:	which kind of memory
 * @matching:	it is about memory that is (or else: is not) of @type
 * @allow:	such memory passes (or else: is rejected)
 * @memcg_path:	memory cgroup, from the root of the hierarchy, with or without
 *		a newline at the end; kmalloc()ed, NULL if not set
 * @addr_range:	for DAMOS_FILTER_TYPE_ADDR, core addresses
 * @sz_range:	for DAMOS_FILTER_TYPE_HUGEPAGE_SIZE, bytes
 * @target_idx:	for DAMOS_FILTER_TYPE_TARGET
 */
struct damos_filter_spec {
	enum damos_filter_type type;
	bool matching;
	bool allow;
	char *memcg_path;
	struct damon_addr_range addr_range;
	struct damon_size_range sz_range;
	int target_idx;
};

/**
 * struct damos_filters_spec - A list of filters; the first that matches counts.
 * @vec:	the filters; kvmalloc()ed
 * @nr:		number of @vec
 */
struct damos_filters_spec {
	struct damos_filter_spec *vec;
	unsigned int nr;
};

/**
 * enum damos_quota_goal_metric - What a quota goal is about.
 * @DAMOS_QUOTA_USER_INPUT:	what the user says
 * @DAMOS_QUOTA_SOME_MEM_PSI_US: memory pressure stall time, microseconds
 * @DAMOS_QUOTA_NODE_MEM_USED_BP: used memory of a node, 1/10000 of it
 * @DAMOS_QUOTA_NODE_MEM_FREE_BP: free memory of a node, 1/10000 of it
 * @DAMOS_QUOTA_NODE_MEMCG_USED_BP: part of a node that a cgroup uses, 1/10000
 * @DAMOS_QUOTA_NODE_MEMCG_FREE_BP: part of a node that it does not, 1/10000
 * @DAMOS_QUOTA_ACTIVE_MEM_BP:	active part of the LRU lists, 1/10000
 * @DAMOS_QUOTA_INACTIVE_MEM_BP: inactive part of the LRU lists, 1/10000
 * @DAMOS_QUOTA_NODE_ELIGIBLE_MEM_BP: part of the memory that fits the pattern
 *				of the scheme which is on a node, 1/10000
 * @NR_DAMOS_QUOTA_GOAL_METRICS: number of metrics
 */
enum damos_quota_goal_metric {
	DAMOS_QUOTA_USER_INPUT,
	DAMOS_QUOTA_SOME_MEM_PSI_US,
	DAMOS_QUOTA_NODE_MEM_USED_BP,
	DAMOS_QUOTA_NODE_MEM_FREE_BP,
	DAMOS_QUOTA_NODE_MEMCG_USED_BP,
	DAMOS_QUOTA_NODE_MEMCG_FREE_BP,
	DAMOS_QUOTA_ACTIVE_MEM_BP,
	DAMOS_QUOTA_INACTIVE_MEM_BP,
	DAMOS_QUOTA_NODE_ELIGIBLE_MEM_BP,
	NR_DAMOS_QUOTA_GOAL_METRICS
};

/**
 * enum damos_quota_goal_tuner - How a quota is tuned for its goals.
 * @DAMOS_QUOTA_GOAL_TUNER_CONSIST: keep going at the pace that meets them
 * @DAMOS_QUOTA_GOAL_TUNER_TEMPORAL: all out until they are met, then nothing
 * @NR_DAMOS_QUOTA_GOAL_TUNERS: number of tuners
 */
enum damos_quota_goal_tuner {
	DAMOS_QUOTA_GOAL_TUNER_CONSIST,
	DAMOS_QUOTA_GOAL_TUNER_TEMPORAL,
	NR_DAMOS_QUOTA_GOAL_TUNERS
};

/**
 * struct damos_goal_spec - What a quota is to be tuned for.
 * @metric:		what is looked at
 * @target_value:	what it should be; a goal of 0 is ignored
 * @current_value:	what it is, for DAMOS_QUOTA_USER_INPUT
 * @nid:		node, for the metrics of a node
 * @memcg_path:		memory cgroup, see &damos_filter_spec.memcg_path
 */
struct damos_goal_spec {
	enum damos_quota_goal_metric metric;
	unsigned long target_value;
	unsigned long current_value;
	int nid;
	char *memcg_path;
};

/**
 * struct damos_quota_spec - How much a scheme may do.
 * @ms:		time for applying per window, milliseconds; 0 for any
 * @sz:		size to apply to per window, core units; 0 for any
 * @reset_interval: length of a window, milliseconds
 * @goal_tuner:	how @goals determine the size
 * @fail_charge_num: part of the size that failed to be charged, numerator
 * @fail_charge_denom: its denominator; if 0, all of it is charged
 * @weight_sz:	weight of the size in the priority of a region; not used
 * @weight_nr_accesses: weight of the access frequency
 * @weight_age:	weight of the age
 * @goals:	the goals; kvmalloc()ed
 * @nr_goals:	number of @goals
 */
struct damos_quota_spec {
	unsigned long ms;
	unsigned long sz;
	unsigned long reset_interval;
	enum damos_quota_goal_tuner goal_tuner;
	unsigned int fail_charge_num;
	unsigned int fail_charge_denom;
	unsigned int weight_sz;
	unsigned int weight_nr_accesses;
	unsigned int weight_age;
	struct damos_goal_spec *goals;
	unsigned int nr_goals;
};

/**
 * enum damos_wmark_metric - What watermarks are about.
 * @DAMOS_WMARK_NONE:		nothing, the scheme is always active
 * @DAMOS_WMARK_FREE_MEM_RATE:	free memory of the system, 1/1000 of it
 * @NR_DAMOS_WMARK_METRICS:	number of metrics
 */
enum damos_wmark_metric {
	DAMOS_WMARK_NONE,
	DAMOS_WMARK_FREE_MEM_RATE,
	NR_DAMOS_WMARK_METRICS
};

/**
 * struct damos_watermarks - When a scheme is active.
 * @metric:	what is looked at
 * @interval:	how often, while nothing else is to do, microseconds
 * @low:	below this the scheme is inactive
 * @mid:	an inactive scheme becomes active below this
 * @high:	above this the scheme is inactive
 */
struct damos_watermarks {
	enum damos_wmark_metric metric;
	unsigned long interval;
	unsigned long low;
	unsigned long mid;
	unsigned long high;
};

/**
 * struct damos_dest - A node to migrate to.
 * @nid:	the node
 * @weight:	its share is @weight divided by the sum of all weights
 */
struct damos_dest {
	unsigned int nid;
	unsigned int weight;
};

/**
 * struct damos_spec - An operation scheme, as a user asks for it.
 * @action:	what to do
 * @target_nid:	node to migrate to
 * @apply_interval_us: how often, microseconds; 0 for each aggregation
 * @pattern:	with which regions
 * @quota:	how much of it
 * @wmarks:	when
 * @core_filters: except for what; the lists are taken in this order, and
 *		then each filter goes by its type
 * @ops_filters: see @core_filters
 * @filters:	see @core_filters
 * @dests:	nodes to migrate to instead of @target_nid; kvmalloc()ed
 * @nr_dests:	number of @dests
 * @max_nr_snapshots: stop after so many passes over a target; 0 for never
 */
struct damos_spec {
	enum damos_action action;
	int target_nid;
	unsigned long apply_interval_us;
	struct damos_access_pattern pattern;
	struct damos_quota_spec quota;
	struct damos_watermarks wmarks;
	struct damos_filters_spec core_filters;
	struct damos_filters_spec ops_filters;
	struct damos_filters_spec filters;
	struct damos_dest *dests;
	unsigned int nr_dests;
	unsigned long max_nr_snapshots;
};

/**
 * struct damon_probe_spec - What to tell about the memory that is sampled.
 * @filters:	memory that passes is a hit.  Only the types
 *		DAMOS_FILTER_TYPE_ANON and DAMOS_FILTER_TYPE_MEMCG
 */
struct damon_probe_spec {
	struct damos_filters_spec filters;
};

/**
 * struct damon_spec - Everything a user may set, staged.
 * @ops_id:	operation set to use
 * @addr_unit:	bytes per core address unit; only the physical address
 *		operation set uses it
 * @pause:	keep the results but do not sample
 * @attrs:	monitoring attributes
 * @probes:	what else to tell about samples; kvmalloc()ed
 * @nr_probes:	number of @probes, up to DAMON_MAX_PROBES
 * @targets:	monitoring targets; kvmalloc()ed
 * @nr_targets:	number of @targets
 * @schemes:	operation schemes; kvmalloc()ed
 * @nr_schemes:	number of @schemes
 *
 * Plain data: no lists, no locks, and no pointers but the vectors and strings,
 * which the spec owns.  See damon_spec_init(), damon_spec_copy() and damon_spec_free().
 */
struct damon_spec {
	enum damon_ops_id ops_id;
	unsigned long addr_unit;
	bool pause;
	struct damon_attrs attrs;
	struct damon_probe_spec *probes;
	unsigned int nr_probes;
	struct damon_target_spec *targets;
	unsigned int nr_targets;
	struct damos_spec *schemes;
	unsigned int nr_schemes;
};

void damos_spec_init(struct damos_spec *spec);
void damos_spec_switch_off(struct damos_spec *spec);
int damos_spec_copy(struct damos_spec *dst, const struct damos_spec *src);
void damos_spec_free(struct damos_spec *spec);
void damos_filters_spec_free(struct damos_filters_spec *filters);
void damon_spec_init(struct damon_spec *spec);
int damon_spec_copy(struct damon_spec *dst, const struct damon_spec *src);
void damon_spec_free(struct damon_spec *spec);
int damon_spec_validate(const struct damon_spec *spec);

/**
 * struct damon_region - A part of a target, with similar access inside.
 * @ar:		the range
 * @hist:	outcomes of the last samples, the latest in bit 0 of the first word
 * @phase:	position of the sample within @ar, in 1/2^32 of its size
 * @rate:	estimated probability of access per sample, 1/65536
 * @nr_accesses: estimated accesses per aggregation interval, as reported
 * @age:	aggregations for which the access rate stayed similar
 * @hits:	positive samples since the last aggregation
 * @checks:	samples since the last aggregation
 * @nr_hist:	valid bits of @hist
 * @weight:	aggregations that @rate averages
 * @probe:	re-checks left that confirm a surprising access
 * @hold:	aggregations for which the region is not merged
 * @flags:	state bits, private to mm/damon
 * @probe_hits:	samples since the last aggregation that a probe was positive on
 *
 * One cache line.  Readers outside mm/damon may use @ar, @nr_accesses, @age
 * and @probe_hits only.
 */
struct damon_region {
	struct damon_addr_range ar;
	u64 hist[2];
	u32 phase;
	u32 rate;
	unsigned int nr_accesses;
	unsigned int age;
	u16 hits;
	u16 checks;
	u8 nr_hist;
	u8 weight;
	u8 probe;
	u8 hold;
	u8 flags;
	u8 probe_hits[DAMON_MAX_PROBES];
};

/**
 * struct damon_target - A running monitoring target.
 * @pid:	the process, a counted reference; NULL for physical addresses
 * @first:	index of the first region in &damon_regions.cur
 * @nr_regions:	number of regions
 */
struct damon_target {
	struct pid *pid;
	unsigned int first;
	unsigned int nr_regions;
};

/**
 * struct damon_regions - All targets of a context and all their regions.
 * @cur:	regions of all targets, in target and then address order
 * @spare:	room for the next generation of @cur
 * @nr:		regions in @cur
 * @cap:	room in @cur, and in @spare
 * @targets:	the targets
 * @nr_targets:	number of @targets
 */
struct damon_regions {
	struct damon_region *cur;
	struct damon_region *spare;
	unsigned int nr;
	unsigned int cap;
	struct damon_target *targets;
	unsigned int nr_targets;
};

/**
 * damon_for_each_target - Iterate over the targets of a context.
 * @t:	&struct damon_target cursor
 * @rs:	&struct damon_regions of the context
 */
#define damon_for_each_target(t, rs) \
	for ((t) = (rs)->targets; (t) < (rs)->targets + (rs)->nr_targets; (t)++)

/**
 * damon_for_each_region - Iterate over the regions of a target.
 * @r:	&struct damon_region cursor
 * @t:	&struct damon_target
 * @rs:	&struct damon_regions that @t belongs to
 */
#define damon_for_each_region(r, t, rs)				\
	for ((r) = (rs)->cur + (t)->first;			\
	     (r) < (rs)->cur + (t)->first + (t)->nr_regions; (r)++)

/**
 * damon_sz_region() - Size of a region, in core address units.
 * @r:	the region
 *
 * Return: the size, never 0.
 */
static inline unsigned long damon_sz_region(const struct damon_region *r)
{
	return r->ar.end - r->ar.start;
}

/**
 * typedef damon_call_fn - A function to be run by a kdamond.
 * @ctx:	the running context, owned by the kdamond that calls
 * @data:	as given to damon_call()
 *
 * Return: 0 or a negative error number, handed to the caller of damon_call().
 */
typedef int (*damon_call_fn)(struct damon_ctx *ctx, void *data);

/**
 * struct damos_stat - What became of a scheme since it was created.
 * @nr_snapshots:	complete passes, one for each target
 * @nr_tried:		regions that it was tried on
 * @nr_applied:		regions that it was applied to, in part at least
 * @sz_tried:		size of what it was tried on
 * @sz_ops_filter_passed: size that passed the filters of the operation set
 * @sz_applied:		size that it was applied to
 * @qt_exceeds:		windows in which the quota was used up
 *
 * Sizes are in core address units.
 */
struct damos_stat {
	unsigned long nr_snapshots;
	unsigned long nr_tried;
	unsigned long nr_applied;
	unsigned long sz_tried;
	unsigned long sz_ops_filter_passed;
	unsigned long sz_applied;
	unsigned long qt_exceeds;
};

/**
 * struct damos_report - How a scheme is doing.
 * @stat:		the statistics
 * @effective_sz:	size that it may apply to in the current window, core
 *			units
 */
struct damos_report {
	struct damos_stat stat;
	unsigned long effective_sz;
};

/**
 * struct damos_tried - A region that a scheme was tried on.
 * @scheme:	index of the scheme
 * @target:	index of the target
 * @ar:		the range that was tried
 * @nr_accesses: accesses per aggregation interval at that moment
 * @age:	age before the action
 * @probe_hits:	hits of the probes
 * @sz_filter_passed: size that passed the filters of the operation set, core
 *		units
 */
struct damos_tried {
	unsigned int scheme;
	unsigned int target;
	struct damon_addr_range ar;
	unsigned int nr_accesses;
	unsigned int age;
	u8 probe_hits[DAMON_MAX_PROBES];
	unsigned long sz_filter_passed;
};

/**
 * struct damon_budget_report - What monitoring costs, and what is done about it.
 * @cpu_ppm:		CPU time that monitoring takes, schemes not included,
 *			1/1000000 of one CPU; a mean of the last aggregations
 * @sampled_permille:	samples that are taken, of those that the intervals
 *			allow for, 1/1000; stable regions need still fewer
 * @nr_regions_limit:	upper limit of the number of regions
 *
 * &damon_attrs.cpu_permille, if it is set, is the limit of @cpu_ppm.  To stay
 * below, @sampled_permille is lowered first, down to one sample in an
 * aggregation, and then @nr_regions_limit, down to
 * &damon_attrs.min_nr_regions.  If @cpu_ppm is too high even so, more can not
 * be done.
 */
struct damon_budget_report {
	unsigned int cpu_ppm;
	unsigned int sampled_permille;
	unsigned int nr_regions_limit;
};

/**
 * typedef damos_walk_fn - A function to be run for what schemes are tried on.
 * @ctx:	the running context, owned by the kdamond that calls
 * @tried:	what was tried, just now
 * @data:	as given to damos_walk()
 */
typedef void (*damos_walk_fn)(struct damon_ctx *ctx,
			      const struct damos_tried *tried, void *data);

bool damon_initialized(void);
bool damon_is_registered_ops(enum damon_ops_id id);

struct damon_kdamond *damon_kdamond_create(void);
void damon_kdamond_destroy(struct damon_kdamond *kd);
int damon_start(struct damon_kdamond **kds, const struct damon_spec **specs,
		unsigned int nr, bool exclusive);
int damon_set_exclusive(struct damon_kdamond *kd, bool exclusive);
int damon_stop(struct damon_kdamond **kds, unsigned int nr);
int damon_commit(struct damon_kdamond *kd, const struct damon_spec *spec);
int damon_commit_quota_goals(struct damon_kdamond *kd,
			     const struct damon_spec *spec);
int damon_switch_off_schemes(struct damon_kdamond *kd, unsigned int first,
			     unsigned int nr);
int damon_call(struct damon_kdamond *kd, damon_call_fn fn, void *data);
int damos_walk(struct damon_kdamond *kd, damos_walk_fn fn, void *data);
bool damon_is_running(struct damon_kdamond *kd);
int damon_kdamond_pid(struct damon_kdamond *kd);
void damon_report_budget(const struct damon_kdamond *kd,
			 struct damon_budget_report *report);
int damon_report_scheme(struct damon_kdamond *kd, unsigned int idx,
			struct damos_report *report);
unsigned int damon_nr_running_ctxs(void);

const struct damon_attrs *damon_ctx_attrs(const struct damon_ctx *ctx);
const struct damon_regions *damon_ctx_regions(const struct damon_ctx *ctx);
unsigned int damon_ctx_nr_schemes(const struct damon_ctx *ctx);
unsigned int damon_ctx_nr_probes(const struct damon_ctx *ctx);
void damon_ctx_report_scheme(const struct damon_ctx *ctx, unsigned int idx,
			     struct damos_report *report);

#endif /* _LINUX_DAMON_H */
