// SPDX-License-Identifier: GPL-2.0
/*
 * Values of the system that schemes go by.
 *
 * Most goals are about a share: a part of some memory.  For those the size of
 * the whole is handed out along with the share, so that the quota can tell how
 * many bytes are missing.
 */

#include <linux/cgroup.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/kernfs.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/psi.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmstat.h>
#include <kunit/static_stub.h>

#include "ctx.h"
#include "folio.h"
#include "metrics.h"
#include "policy/spec.h"

/* What watermarks count in. */
#define DAMON_PERMIL		1000UL

/*
 * Memory that fits a scheme is counted in blocks of so many pages, and if
 * there are more than so many blocks, in that many that are evenly spaced.
 */
#define DAMON_ELIGIBLE_PAGES	4U
#define DAMON_ELIGIBLE_BLOCKS	4096U

/* Memory cgroups */

/* The way that cgroup_path() writes it, and no other. */
static bool damon_memcg_path_valid(const char *path)
{
	size_t len = strlen(path);

	return path[0] == '/' && !strstr(path, "//") &&
	       (len == 1 || path[len - 1] != '/');
}

#ifdef CONFIG_MEMCG
/* The root of whatever hierarchy the memory controller is on now. */
static struct cgroup *damon_memcg_root_get(void)
{
	struct cgroup *cgrp;

	guard(rcu)();
	cgrp = READ_ONCE(root_mem_cgroup->css.cgroup);
	return cgroup_tryget(cgrp) ? cgrp : NULL;
}

/* The memory cgroup of just that directory, not of the nearest one above. */
static struct mem_cgroup *damon_memcg_of(struct kernfs_node *kn)
{
	struct cgroup_subsys_state *css;
	struct cgroup *cgrp;

	if (kernfs_type(kn) != KERNFS_DIR)
		return NULL;

	guard(rcu)();
	cgrp = rcu_dereference(*(void __rcu __force **)&kn->priv);
	if (!cgrp)
		return NULL;
	css = rcu_dereference(cgrp->subsys[memory_cgrp_id]);
	if (!css || !css_tryget_online(css))
		return NULL;
	return mem_cgroup_from_css(css);
}

static struct mem_cgroup *damon_memcg_find(const char *path)
{
	struct cgroup *root = damon_memcg_root_get();
	struct mem_cgroup *memcg = NULL;
	struct kernfs_node *kn;

	if (!root)
		return NULL;
	kn = kernfs_walk_and_get(root->kn, path);
	if (kn) {
		memcg = damon_memcg_of(kn);
		kernfs_put(kn);
	}
	cgroup_put(root);
	return memcg;
}
#else
static struct mem_cgroup *damon_memcg_find(const char *path)
{
	return NULL;
}
#endif /* CONFIG_MEMCG */

/**
 * damon_memcg_get() - Look up a memory cgroup.
 * @path:	its path from the root of the hierarchy that the memory
 *		controller is on, as cgroup_path() writes it, with or without a
 *		newline at the end; may be NULL
 *
 * The path does not depend on the cgroup namespace of the caller.
 *
 * Context: Process context; may sleep.
 * Return: the cgroup, to be released by damon_memcg_put(); ERR_PTR(-EINVAL) if
 * @path names no online memory cgroup, ERR_PTR(-ENOMEM) if out of memory.
 */
struct mem_cgroup *damon_memcg_get(const char *path)
{
	KUNIT_STATIC_STUB_REDIRECT(damon_memcg_get, path);

	struct mem_cgroup *memcg;
	size_t len;

	if (!path || mem_cgroup_disabled())
		return ERR_PTR(-EINVAL);
	/* Nothing longer has a name. */
	len = strnlen(path, PATH_MAX + 1);
	if (len && path[len - 1] == '\n')
		len--;
	if (len >= PATH_MAX)
		return ERR_PTR(-EINVAL);

	char *name __free(kfree) = kmemdup_nul(path, len, GFP_KERNEL);

	if (!name)
		return ERR_PTR(-ENOMEM);
	if (!damon_memcg_path_valid(name))
		return ERR_PTR(-EINVAL);
	memcg = damon_memcg_find(name);
	return memcg ?: ERR_PTR(-EINVAL);
}

/**
 * damon_memcg_put() - Release a memory cgroup.
 * @memcg:	from damon_memcg_get(), may be NULL
 *
 * Context: any.
 */
void damon_memcg_put(struct mem_cgroup *memcg)
{
	KUNIT_STATIC_STUB_REDIRECT(damon_memcg_put, memcg);
	mem_cgroup_put(memcg);
}

/* Goals */

/**
 * struct damon_share - A part of some memory.
 * @part:	the part, pages
 * @whole:	all of it, pages; 0 if there is no such memory
 */
struct damon_share {
	u64 part;
	u64 whole;
};

#ifdef CONFIG_NUMA
static void damon_node_free(int nid, struct damon_share *share)
{
	struct sysinfo info = {};

	si_meminfo_node(&info, nid);
	share->whole = info.totalram;
	share->part = min(info.freeram, info.totalram);
}

/* Only the pages on the LRU lists are counted per cgroup and node. */
static void damon_node_memcg_used(int nid, struct mem_cgroup *memcg,
				  struct damon_share *share)
{
	struct lruvec *lruvec;
	enum lru_list lru;

	if (!memcg || !mem_cgroup_online(memcg))
		return;

	damon_node_free(nid, share);
	share->part = 0;
	mem_cgroup_flush_stats(memcg);
	lruvec = mem_cgroup_lruvec(memcg, NODE_DATA(nid));
	for_each_evictable_lru(lru)
		share->part += lruvec_page_state(lruvec, NR_LRU_BASE + lru);
	share->part = min(share->part, share->whole);
}

/*
 * Eligible memory
 *
 * Which node a page is on, and whether it is in use at all, is known for each
 * page only, and there may be millions.  So a sample stands for all: up to
 * DAMON_ELIGIBLE_BLOCKS blocks, one in each of as many equal parts of the
 * regions that fit, taken one behind the other.
 *
 * Up to 64 MiB (of 4 KiB pages) all of it is counted and the result is exact.
 * Beyond that, where memory in use lies together, each of its borders makes an
 * error of at most one part, 0.02 % of the regions.  Where it is mixed at random
 * with memory that is free or on another node, the standard error of a share p
 * is sqrt(p * (1 - p) / n), n being the blocks that are in use: at most 0.8 % if
 * all are, 2.5 % if a tenth is.
 */

static u64 damon_last_pfn(void)
{
	u64 last = 0;
	int nid;

	for_each_online_node(nid)
		last = max_t(u64, last, node_end_pfn(nid));
	return last;
}

/* The page frame at a core address, as far as there are any. */
static u64 damon_addr_pfn(unsigned long addr, unsigned long unit, u64 last)
{
	u64 bytes;

	if (check_mul_overflow((u64)addr, (u64)unit, &bytes))
		return last;
	return min(bytes >> PAGE_SHIFT, last);
}

static void damon_count_block(u64 start, u64 end, int nid,
			      struct damon_share *share)
{
	struct damon_folio_walk w;
	struct folio *folio;

	damon_folio_walk_begin(&w, start, end, false);
	w.left = DAMON_ELIGIBLE_PAGES;
	while ((folio = damon_folio_walk_next(&w))) {
		/* Large ones may reach over both ends. */
		u64 nr = min_t(u64, w.pfn, end) -
			 max_t(u64, w.pfn - w.nr_pages, start);

		share->whole += nr;
		if (folio_nid(folio) == nid)
			share->part += nr;
	}
}

static void damon_node_eligible(int nid, const struct damon_ctx *ctx,
				const struct damos *s,
				struct damon_share *share)
{
	const struct damos_access_pattern *pattern = &s->spec->pattern;
	const struct damon_regions *rs = &ctx->regions;
	unsigned long unit = ctx->spec.addr_unit;
	const struct damon_region *r, *end = rs->cur + rs->nr;
	u64 last = damon_last_pfn();
	/* Length of a part of which one block is counted, place in it. */
	u64 stride, phase = 0;
	u64 pages = 0;

	if (ctx->spec.ops_id != DAMON_OPS_PADDR)
		return;

	for (r = rs->cur; r < end; r++) {
		if (damos_pattern_fits(pattern, damon_sz_region(r),
				       r->nr_accesses, r->age))
			pages += damon_addr_pfn(r->ar.end, unit, last) -
				 damon_addr_pfn(r->ar.start, unit, last);
	}
	stride = max_t(u64, DAMON_ELIGIBLE_PAGES,
		       DIV_ROUND_UP_ULL(pages, DAMON_ELIGIBLE_BLOCKS));

	for (r = rs->cur; r < end; r++) {
		u64 pfn = damon_addr_pfn(r->ar.start, unit, last);
		u64 pfn_end = damon_addr_pfn(r->ar.end, unit, last);

		if (!damos_pattern_fits(pattern, damon_sz_region(r),
					r->nr_accesses, r->age))
			continue;
		while (pfn < pfn_end) {
			bool count = phase < DAMON_ELIGIBLE_PAGES;
			u64 until = count ? DAMON_ELIGIBLE_PAGES : stride;
			u64 nr = min(pfn_end - pfn, until - phase);

			if (count)
				damon_count_block(pfn, pfn + nr, nid, share);
			pfn += nr;
			phase += nr;
			if (phase == stride)
				phase = 0;
		}
		cond_resched();
	}

	share->part = div_u64(share->part * stride, DAMON_ELIGIBLE_PAGES);
	share->whole = div_u64(share->whole * stride, DAMON_ELIGIBLE_PAGES);
}

static void damon_node_share(const struct damos_goal *goal,
			     const struct damon_ctx *ctx, const struct damos *s,
			     struct damon_share *share)
{
	if (!damon_migrate_nid_valid(goal->nid))
		return;

	switch (goal->metric) {
	case DAMOS_QUOTA_NODE_MEM_USED_BP:
		damon_node_free(goal->nid, share);
		share->part = share->whole - share->part;
		break;
	case DAMOS_QUOTA_NODE_MEM_FREE_BP:
		damon_node_free(goal->nid, share);
		break;
	case DAMOS_QUOTA_NODE_MEMCG_USED_BP:
		damon_node_memcg_used(goal->nid, goal->memcg, share);
		break;
	case DAMOS_QUOTA_NODE_MEMCG_FREE_BP:
		damon_node_memcg_used(goal->nid, goal->memcg, share);
		share->part = share->whole - share->part;
		break;
	case DAMOS_QUOTA_NODE_ELIGIBLE_MEM_BP:
		damon_node_eligible(goal->nid, ctx, s, share);
		break;
	default:
		break;
	}
}
#else
static void damon_node_share(const struct damos_goal *goal,
			     const struct damon_ctx *ctx, const struct damos *s,
			     struct damon_share *share)
{
}
#endif /* CONFIG_NUMA */

static void damon_lru_share(bool active, struct damon_share *share)
{
	enum lru_list lru;

	for_each_evictable_lru(lru) {
		unsigned long nr = global_node_page_state(NR_LRU_BASE + lru);

		share->whole += nr;
		if (is_active_lru(lru) == active)
			share->part += nr;
	}
}

/* Tasks of the whole system that waited for memory, since boot. */
static u64 damon_psi_some_mem_us(void)
{
#ifdef CONFIG_PSI
	if (!static_branch_likely(&psi_disabled))
		return div_u64(READ_ONCE(psi_system.total[PSI_AVGS][PSI_MEM_SOME]),
			       NSEC_PER_USEC);
#endif
	return 0;
}

static void damon_goal_measure_psi(struct damos_goal *goal)
{
	u64 now = damon_psi_some_mem_us();

	goal->current_value = goal->psi_known ? now - goal->psi_us : 0;
	goal->psi_us = now;
	goal->psi_known = true;
}

/* What a share is if there is no whole: of nothing, nothing is used. */
static unsigned long damon_share_of_nothing(enum damos_quota_goal_metric metric)
{
	bool is_free = metric == DAMOS_QUOTA_NODE_MEM_FREE_BP ||
		       metric == DAMOS_QUOTA_NODE_MEMCG_FREE_BP;

	return IS_ENABLED(CONFIG_NUMA) && is_free ? DAMON_BP : 0;
}

/**
 * damon_goal_measure() - Measure what a goal is about.
 * @goal:	the goal; gets the value and, for the metrics that are a share
 *		of some memory, the size of that memory
 * @ctx:	the context that @s belongs to
 * @s:		the scheme of the goal
 *
 * DAMOS_QUOTA_SOME_MEM_PSI_US is the stall time since the last measurement,
 * and 0 at the first.  The system sums it up every two seconds.
 * DAMOS_QUOTA_NODE_ELIGIBLE_MEM_BP is estimated if there is a lot of memory,
 * see above.  All take some milliseconds at most.
 *
 * Context: the kdamond that owns @ctx; may sleep.
 */
void damon_goal_measure(struct damos_goal *goal, const struct damon_ctx *ctx,
			const struct damos *s)
{
	KUNIT_STATIC_STUB_REDIRECT(damon_goal_measure, goal, ctx, s);

	struct damon_share share = {};

	goal->total = 0;
	switch (goal->metric) {
	case DAMOS_QUOTA_USER_INPUT:
		return;
	case DAMOS_QUOTA_SOME_MEM_PSI_US:
		damon_goal_measure_psi(goal);
		return;
	case DAMOS_QUOTA_ACTIVE_MEM_BP:
	case DAMOS_QUOTA_INACTIVE_MEM_BP:
		damon_lru_share(goal->metric == DAMOS_QUOTA_ACTIVE_MEM_BP,
				&share);
		break;
	default:
		damon_node_share(goal, ctx, s, &share);
		break;
	}

	goal->total = share.whole << PAGE_SHIFT;
	goal->current_value = share.whole ?
		div64_u64(share.part * DAMON_BP, share.whole) :
		damon_share_of_nothing(goal->metric);
}

/* Watermarks */

/**
 * damon_wmark_measure() - Measure what watermarks are about.
 * @metric:	the metric
 *
 * Context: any.
 * Return: the value in units of the metric, 0 for DAMOS_WMARK_NONE.
 */
unsigned long damon_wmark_measure(enum damos_wmark_metric metric)
{
	KUNIT_STATIC_STUB_REDIRECT(damon_wmark_measure, metric);

	if (metric != DAMOS_WMARK_FREE_MEM_RATE)
		return 0;
	return div64_ul((u64)global_zone_page_state(NR_FREE_PAGES) *
			DAMON_PERMIL, totalram_pages());
}
