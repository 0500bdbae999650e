/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Running schemes: what to apply to which region, how much, when.
 *
 * Pure code: time, metrics and the applying itself are handed in.
 */
#ifndef _MM_DAMON_POLICY_DAMOS_H
#define _MM_DAMON_POLICY_DAMOS_H

#include <linux/damon.h>

struct damon_access;
struct mem_cgroup;

/**
 * struct damos_filter - A running filter.
 * @spec:	the filter; owned by the context's spec
 * @memcg:	for DAMOS_FILTER_TYPE_MEMCG, a counted reference
 */
struct damos_filter {
	const struct damos_filter_spec *spec;
	struct mem_cgroup *memcg;
};

/**
 * struct damos_filters - A list of running filters.
 * @vec:	the filters
 * @nr:		number of @vec
 * @allow:	what happens to memory that no filter matches
 */
struct damos_filters {
	struct damos_filter *vec;
	unsigned int nr;
	bool allow;
};

/**
 * struct damos_goal_model - What is known about the bytes behind a goal.
 * @known:	the metric is about bytes, and was measured
 * @bytes:	what it stood for at the last measurement
 * @loss:	bytes that it lost to others in the last window
 * @drift:	bytes that it is expected to lose to others per window
 * @waste_bp:	part of what is applied that has no effect on it, 1/DAMON_BP
 *
 * See goal.c.
 */
struct damos_goal_model {
	bool known;
	u64 bytes;
	u64 loss;
	u64 drift;
	unsigned int waste_bp;
};

/**
 * struct damos_goal - A running quota goal.
 * @metric:	what is looked at
 * @target:	what it should be, not 0
 * @current_value: what it was at the last measurement
 * @total:	bytes that a value of DAMON_BP stands for, if the metric is a
 *		part of some memory; else 0
 * @nid:	node, for the metrics of a node
 * @memcg:	for the metrics of a cgroup, a counted reference
 * @psi_us:	total stall time at the last measurement
 * @psi_known:	@psi_us is valid
 * @model:	what was learnt from the measurements
 */
struct damos_goal {
	enum damos_quota_goal_metric metric;
	unsigned long target;
	unsigned long current_value;
	u64 total;
	int nid;
	struct mem_cgroup *memcg;
	u64 psi_us;
	bool psi_known;
	struct damos_goal_model model;
};

/**
 * struct damos_goals - The running goals of a quota.
 * @vec:	the goals
 * @nr:		number of @vec
 */
struct damos_goals {
	struct damos_goal *vec;
	unsigned int nr;
};

/**
 * struct damos_cursor - A place in the regions of a context.
 * @target:	index of the target
 * @addr:	core address; what is before it has been visited
 */
struct damos_cursor {
	unsigned int target;
	unsigned long addr;
};

/* So many times the size that is aimed at may be charged. */
#define DAMOS_BOOST_MAX	64

/**
 * struct damos_quota - State of the quota of a running scheme.
 * @goals:	the goals
 * @esz:	effective size quota of this window, core units
 * @aim:	a window also ends when so much was applied, core units
 * @charged:	size charged in this window, core units
 * @applied:	size applied to in this window, core units
 * @total_charged: size charged in finished windows, core units
 * @total_ns:	CPU time of applying with a quota, nanoseconds
 * @window_ns:	when this window began
 * @begun:	there was a window
 * @resume:	the quota was full, and @resume_at is where to go on
 * @resume_at:	see @resume
 * @min_score:	regions of a lower priority are left out
 * @eligible:	size of the regions that fit the scheme when last counted, core
 *		units; 0 if not known
 * @feedback:	what the goals make of the quota, 1/DAMON_BP core unit
 */
struct damos_quota {
	struct damos_goals goals;
	unsigned long esz;
	unsigned long aim;
	unsigned long charged;
	unsigned long applied;
	u64 total_charged;
	u64 total_ns;
	u64 window_ns;
	bool begun;
	bool resume;
	struct damos_cursor resume_at;
	unsigned int min_score;
	u64 eligible;
	u64 feedback;
};

/**
 * enum damos_score_kind - What makes the priority of a region.
 * @DAMOS_SCORE_NONE:	nothing, all regions have the highest one
 * @DAMOS_SCORE_HOT:	the hotter the higher
 * @DAMOS_SCORE_COLD:	the colder the higher
 */
enum damos_score_kind {
	DAMOS_SCORE_NONE,
	DAMOS_SCORE_HOT,
	DAMOS_SCORE_COLD,
};

/**
 * struct damos - A running scheme.
 * @spec:	what the user asked for; owned by the context's spec
 * @core_filters: filters that are told by address
 * @ops_filters: filters that are asked of folios
 * @quota:	state of the quota
 * @stat:	statistics
 * @active:	not switched off by the watermarks
 * @next_apply:	when it is due next, in passed sampling intervals
 * @in_pass:	a pass over the regions has begun and not ended
 * @at:		how far that pass is
 * @walked_to:	for the operation set: the end of the last folio that was
 *		handled, which may be beyond the region that it was found in,
 *		in a unit of its own; 0 at the start of a pass and of each
 *		target
 * @walking:	this pass is reported to whoever walks
 * @walked:	it was, and is complete
 * @untold:	the end of the pass was not traced yet
 */
struct damos {
	const struct damos_spec *spec;
	struct damos_filters core_filters;
	struct damos_filters ops_filters;
	struct damos_quota quota;
	struct damos_stat stat;
	bool active;
	u64 next_apply;
	bool in_pass;
	struct damos_cursor at;
	unsigned long walked_to;
	bool walking;
	bool walked;
	bool untold;
};

/* filter.c */
bool damos_filter_for_core(enum damos_filter_type type);
int damos_filters_build(struct damos *s);
void damos_filters_destroy(struct damos *s);
bool damos_filters_default(const struct damos_filters *filters);
bool damos_core_verdict(const struct damos *s, unsigned int target_idx,
			unsigned long min_sz, struct damon_addr_range *ar,
			bool *allowed_by_filter);

/* score.c */
bool damos_pattern_fits(const struct damos_access_pattern *p, unsigned long sz,
			unsigned int nr_accesses, unsigned int age);
unsigned int damos_score(enum damos_score_kind kind,
			 const struct damos_quota_spec *q, unsigned int rate_bp,
			 unsigned int age, const struct damon_attrs *attrs);

/**
 * struct damos_histogram - Sizes of regions by their priority.
 * @sz:	size for each priority, core units
 */
struct damos_histogram {
	u64 sz[DAMOS_MAX_SCORE + 1];
};

void damos_histogram_add(struct damos_histogram *h, unsigned int score,
			 unsigned long sz);
unsigned int damos_histogram_min_score(const struct damos_histogram *h,
				       unsigned long budget);

/* goal.c */
u64 damos_goals_tune(struct damos *s, unsigned long addr_unit);
void damos_goals_adopt(struct damos_goals *goals,
		       const struct damos_goals *old);

/* quota.c */
bool damos_quota_is_set(const struct damos *s);
bool damos_quota_is_full(const struct damos *s, unsigned long min_sz);
bool damos_quota_roll(struct damos *s, u64 now_ns, unsigned long min_sz);
bool damos_quota_tune(struct damos *s, unsigned long min_sz,
		      unsigned long addr_unit);
bool damos_quota_extend(struct damos *s, unsigned long min_sz,
			unsigned long addr_unit);
unsigned long damos_quota_room(const struct damos *s, unsigned long min_sz);
void damos_quota_charge(struct damos *s, unsigned long sz,
			unsigned long applied, u64 ns);
void damos_quota_adopt(struct damos_quota *q, const struct damos_quota *old);

/* wmark.c */
unsigned long damos_wmark_update(struct damos *s, unsigned long metric);

/**
 * struct damos_result - What came of applying a scheme to a region.
 * @end:	where it stopped, because its time was up: a multiple of the smallest
 *		region size behind the start; else the region's end, as it is set
 * @applied:	size that it was applied to, core units
 * @passed:	size that passed the filters of the operation set, core units
 * @ns:		CPU time that it took, nanoseconds
 */
struct damos_result {
	unsigned long end;
	unsigned long applied;
	unsigned long passed;
	u64 ns;
};

/**
 * struct damos_pass - A slice of one pass of all schemes over all regions.
 * @rs:		the regions
 * @access:	state of the access estimation
 * @attrs:	the attributes in force
 * @schemes:	the schemes
 * @nr_schemes:	number of @schemes
 * @score_kinds: what makes a priority, for each action; NULL if nothing does
 * @target_valid: optional; false for targets to skip
 * @apply:	applies a scheme to a region; @by_core is true if a core filter
 *		allowed it, so that those of the operation set are not asked
 * @expired:	whether the time of this slice is up
 * @data:	handed to the functions
 */
struct damos_pass {
	struct damon_regions *rs;
	struct damon_access *access;
	const struct damon_attrs *attrs;
	struct damos *schemes;
	unsigned int nr_schemes;
	const u8 *score_kinds;
	bool (*target_valid)(const struct damon_target *t);
	void (*apply)(void *data, const struct damon_target *t,
		      const struct damon_region *r, struct damos *s,
		      bool by_core, struct damos_result *res);
	bool (*expired)(void *data);
	void *data;
};

/* apply.c */
void damos_pass_begin(struct damos_pass *p, struct damos *s);
void damos_pass_prioritise(struct damos_pass *p, struct damos *s);
bool damos_pass_run(struct damos_pass *p);

#endif /* _MM_DAMON_POLICY_DAMOS_H */
