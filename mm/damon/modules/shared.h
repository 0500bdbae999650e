/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One monitor of physical memory, shared by all modules that are enabled.
 *
 * To look at a page means to clear its Accessed bits, so two monitors of the
 * same memory would be in each other's way, and cost twice as much.  Each
 * module is an owner: it says how memory shall be monitored and which schemes
 * it wants, and this makes one spec of what all enabled owners say, starts one
 * kdamond with it, and commits changes to it.
 *
 * Lock order: kernel_param_lock(), that all parameter handlers run under, then
 * the lock of the plumbing, then those of kdamonds.
 */
#ifndef _MM_DAMON_MODULES_SHARED_H
#define _MM_DAMON_MODULES_SHARED_H

#include <linux/damon.h>

/* Schemes that an owner may have. */
#define DAMON_OWNER_SCHEMES	2

/**
 * struct damon_wish - How an owner wants memory to be monitored.
 * @attrs:	intervals, their tuning, numbers of regions
 * @addr_unit:	bytes per core unit
 * @range:	what to monitor, core units; both 0 for all of System RAM, the
 *		span of which is filled in then
 *
 * Owners that run at the same time have to agree about @addr_unit, or the later
 * one gets -EBUSY.  Of intervals the shortest ones hold, of numbers of regions
 * the largest; intervals are tuned if all want that.  What any owner wants to
 * be monitored is, but the schemes of each keep to its own @range.
 */
struct damon_wish {
	struct damon_attrs attrs;
	unsigned long addr_unit;
	struct damon_addr_range range;
};

/**
 * struct damon_owner - A user of the shared monitor.
 * @name:	of the module
 * @wish:	sets from parameters what differs from the defaults, that is those
 *		of damon_spec_init(), a unit of a byte and all of System RAM;
 *		returns 0 or an errno, and need not check what holds for all
 *		monitoring
 * @schemes:	optional; sets up @nr_schemes schemes, which have defaults and
 *		own nothing yet, for the attributes of the wish.  If others want
 *		shorter intervals, patterns are converted.  What it allocates in
 *		them is freed by the plumbing, also if it returns an errno
 * @settled:	optional; told the wish after it has come into force, with the
 *		range that was found
 * @nr_schemes:	up to DAMON_OWNER_SCHEMES
 * @awake:	wants monitoring even while no scheme is active
 * @at_boot:	is to be enabled by damon_owner_init()
 *
 * All functions run with the lock of the plumbing held and may sleep.
 *
 * An owner with schemes wants physical memory for itself.  One without only
 * looks: it does not start beside others, but they may start beside it.
 */
struct damon_owner {
	const char *name;
	int (*wish)(struct damon_wish *wish);
	int (*schemes)(struct damos_spec *schemes,
		       const struct damon_attrs *attrs);
	void (*settled)(const struct damon_wish *wish);
	unsigned int nr_schemes;
	bool awake;
	bool at_boot;
};

/* All there are, if configured; see shared.c for their order. */
extern struct damon_owner damon_reclaim_owner;
extern struct damon_owner damon_lru_sort_owner;
extern struct damon_owner damon_stat_owner;

int damon_owner_enable(struct damon_owner *owner, bool enable);
int damon_owner_init(struct damon_owner *owner);
int damon_owner_commit(struct damon_owner *owner);
bool damon_owner_is_enabled(const struct damon_owner *owner);
int damon_owner_pid(const struct damon_owner *owner);
int damon_owner_stat(const struct damon_owner *owner, unsigned int scheme,
		     struct damos_stat *stat);
int damon_owner_call(const struct damon_owner *owner, damon_call_fn fn,
		     void *data);

#endif /* _MM_DAMON_MODULES_SHARED_H */
