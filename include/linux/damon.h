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
 */
struct damon_attrs {
	unsigned long sample_interval;
	unsigned long aggr_interval;
	unsigned long ops_update_interval;
	struct damon_intervals_goal intervals_goal;
	unsigned long min_nr_regions;
	unsigned long max_nr_regions;
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
 * struct damon_spec - Everything a user may set, staged.
 * @ops_id:	operation set to use
 * @addr_unit:	bytes per core address unit; only the physical address
 *		operation set uses it
 * @pause:	keep the results but do not sample
 * @attrs:	monitoring attributes
 * @targets:	monitoring targets; kvmalloc()ed
 * @nr_targets:	number of @targets
 *
 * Plain data: no lists, no locks, and no pointers but the vectors, which the
 * spec owns.  See damon_spec_init(), damon_spec_copy() and damon_spec_free().
 */
struct damon_spec {
	enum damon_ops_id ops_id;
	unsigned long addr_unit;
	bool pause;
	struct damon_attrs attrs;
	struct damon_target_spec *targets;
	unsigned int nr_targets;
};

void damon_spec_init(struct damon_spec *spec);
int damon_spec_copy(struct damon_spec *dst, const struct damon_spec *src);
void damon_spec_free(struct damon_spec *spec);

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
 *
 * One cache line.  Readers outside mm/damon may use @ar, @nr_accesses and
 * @age only.
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

bool damon_initialized(void);
bool damon_is_registered_ops(enum damon_ops_id id);

struct damon_kdamond *damon_kdamond_create(void);
void damon_kdamond_destroy(struct damon_kdamond *kd);
int damon_start(struct damon_kdamond **kds, const struct damon_spec **specs,
		unsigned int nr, bool exclusive);
int damon_stop(struct damon_kdamond **kds, unsigned int nr);
int damon_commit(struct damon_kdamond *kd, const struct damon_spec *spec);
int damon_call(struct damon_kdamond *kd, damon_call_fn fn, void *data);
bool damon_is_running(struct damon_kdamond *kd);
int damon_kdamond_pid(struct damon_kdamond *kd);
unsigned int damon_nr_running_ctxs(void);

const struct damon_attrs *damon_ctx_attrs(const struct damon_ctx *ctx);
const struct damon_regions *damon_ctx_regions(const struct damon_ctx *ctx);

#endif /* _LINUX_DAMON_H */
