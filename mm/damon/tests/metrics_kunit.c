// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the metrics, against what the system they run on says of itself.
 */

#include <kunit/test.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/memcontrol.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmstat.h>

#include "../ctx.h"
#include "../folio.h"
#include "../metrics.h"
#include "../policy/spec.h"
#include "user_mem.h"

/* What others allocate and free in the meantime. */
#define TEST_NOISE_PAGES	1024

/* Memory that is certainly in use. */
#define TEST_BASE		0x10000000UL
#define TEST_PAGES		8192

struct test_state {
	struct damon_ctx ctx;
	struct damos_spec spec;
	struct damos scheme;
	struct damos_goal goal;
	struct damon_region regions[3];
};

static const enum damos_quota_goal_metric node_metrics[] = {
	DAMOS_QUOTA_NODE_MEM_USED_BP, DAMOS_QUOTA_NODE_MEM_FREE_BP,
	DAMOS_QUOTA_NODE_MEMCG_USED_BP, DAMOS_QUOTA_NODE_MEMCG_FREE_BP,
	DAMOS_QUOTA_NODE_ELIGIBLE_MEM_BP,
};

static bool is_free(enum damos_quota_goal_metric metric)
{
	return metric == DAMOS_QUOTA_NODE_MEM_FREE_BP ||
	       metric == DAMOS_QUOTA_NODE_MEMCG_FREE_BP;
}

static int metrics_init(struct kunit *test)
{
	struct test_state *st = kunit_kzalloc(test, sizeof(*st), GFP_KERNEL);

	if (!st)
		return -ENOMEM;
	st->ctx.spec.ops_id = DAMON_OPS_PADDR;
	st->ctx.spec.addr_unit = 1;
	st->ctx.regions.cur = st->regions;
	/* All regions but those that were accessed. */
	st->spec.pattern.sz.max = ULONG_MAX;
	st->spec.pattern.age.max = UINT_MAX;
	st->scheme.spec = &st->spec;
	test->priv = st;
	return 0;
}

static void use_memory(struct kunit *test)
{
	user_map(test, NULL, TEST_BASE, TEST_PAGES * PAGE_SIZE);
	if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		do_madvise(current->mm, TEST_BASE, TEST_PAGES * PAGE_SIZE,
			   MADV_NOHUGEPAGE);
	user_populate(test, TEST_BASE, TEST_PAGES * PAGE_SIZE);
}

static struct damos_goal *measure(struct kunit *test,
				  enum damos_quota_goal_metric metric, int nid)
{
	struct test_state *st = test->priv;

	st->goal.metric = metric;
	st->goal.nid = nid;
	/* Values that no measurement gives. */
	st->goal.current_value = DAMON_BP + 1;
	st->goal.total = U64_MAX;
	damon_goal_measure(&st->goal, &st->ctx, &st->scheme);
	return &st->goal;
}

static void metrics_test_memcg_paths(struct kunit *test)
{
	static const char * const bad[] = {
		"", "\n", "\n\n", " /", "/ ", "//", "/\n\n", "x", "./",
		"/.", "/..", "/no such cgroup", "/no such cgroup/\n",
		/* A file of the root directory, but no directory. */
		"/cgroup.procs",
	};
	struct mem_cgroup *memcg;
	char *path;
	int i;

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(damon_memcg_get(NULL)), -EINVAL);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		memcg = damon_memcg_get(bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(memcg), -EINVAL,
				    "\"%s\"", bad[i]);
	}

	path = kunit_kzalloc(test, PATH_MAX + 2, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, path);
	for (i = PATH_MAX - 2; i <= PATH_MAX + 1; i++) {
		memset(path, 'x', i);
		path[0] = '/';
		memcg = damon_memcg_get(path);
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(memcg), -EINVAL,
				    "%d bytes", i);
	}
	damon_memcg_put(NULL);
}

static void metrics_test_memcg_root(struct kunit *test)
{
	static const char * const root[] = { "/", "/\n" };
	struct mem_cgroup *memcg;
	int i;

	for (i = 0; i < ARRAY_SIZE(root); i++) {
		memcg = damon_memcg_get(root[i]);
		if (!IS_ENABLED(CONFIG_MEMCG) || mem_cgroup_disabled()) {
			KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(memcg), -EINVAL);
			continue;
		}
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, memcg);
		KUNIT_EXPECT_TRUE(test, mem_cgroup_is_root(memcg));
		damon_memcg_put(memcg);
	}
}

static void metrics_test_user_input(struct kunit *test)
{
	struct damos_goal *goal = measure(test, DAMOS_QUOTA_USER_INPUT, 0);

	KUNIT_EXPECT_EQ(test, goal->current_value, DAMON_BP + 1);
	KUNIT_EXPECT_EQ(test, goal->total, 0);
}

/* What happened before the first measurement does not count. */
static void metrics_test_psi(struct kunit *test)
{
	struct test_state *st = test->priv;
	struct damos_goal *goal;

	goal = measure(test, DAMOS_QUOTA_SOME_MEM_PSI_US, 0);
	KUNIT_EXPECT_EQ(test, goal->current_value, 0);
	KUNIT_EXPECT_EQ(test, goal->total, 0);
	KUNIT_EXPECT_TRUE(test, goal->psi_known);

	/* Since a moment ago: no more than all the time there was. */
	goal = measure(test, DAMOS_QUOTA_SOME_MEM_PSI_US, 0);
	KUNIT_EXPECT_LE(test, goal->current_value, 10 * USEC_PER_SEC);

	if (!IS_ENABLED(CONFIG_PSI))
		KUNIT_EXPECT_EQ(test, goal->psi_us, 0);
	/* The difference it is. */
	if (st->goal.psi_us >= 5) {
		u64 before = st->goal.psi_us -= 5;

		goal = measure(test, DAMOS_QUOTA_SOME_MEM_PSI_US, 0);
		KUNIT_EXPECT_EQ(test, goal->current_value,
				goal->psi_us - before);
		KUNIT_EXPECT_GE(test, goal->current_value, 5);
	}
}

static void metrics_test_bad_nodes(struct kunit *test)
{
	const int bad[] = { -1, INT_MIN, MAX_NUMNODES, INT_MAX,
			    MAX_NUMNODES - 1 };
	int i, j;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (bad[i] == MAX_NUMNODES - 1 &&
		    node_state(bad[i], N_MEMORY))
			continue;
		for (j = 0; j < ARRAY_SIZE(node_metrics); j++) {
			struct damos_goal *goal = measure(test,
							  node_metrics[j],
							  bad[i]);
			bool all = IS_ENABLED(CONFIG_NUMA) &&
				   is_free(node_metrics[j]);

			KUNIT_EXPECT_EQ(test, goal->current_value,
					all ? DAMON_BP : 0);
			KUNIT_EXPECT_EQ(test, goal->total, 0);
		}
	}
}

static void metrics_test_no_numa(struct kunit *test)
{
	int i;

	if (IS_ENABLED(CONFIG_NUMA))
		kunit_skip(test, "there is NUMA");
	for (i = 0; i < ARRAY_SIZE(node_metrics); i++) {
		struct damos_goal *goal = measure(test, node_metrics[i], 0);

		KUNIT_EXPECT_EQ(test, goal->current_value, 0);
		KUNIT_EXPECT_EQ(test, goal->total, 0);
	}
}

static unsigned long bp_of(u64 part, u64 whole)
{
	return div64_u64(part * DAMON_BP, whole);
}

#ifdef CONFIG_NUMA
static void expect_near(struct kunit *test, unsigned long bp, u64 part,
			u64 whole)
{
	unsigned long low = part > TEST_NOISE_PAGES ? part - TEST_NOISE_PAGES :
						      0;

	KUNIT_EXPECT_GE(test, bp, bp_of(low, whole));
	KUNIT_EXPECT_LE(test, bp, bp_of(min_t(u64, part + TEST_NOISE_PAGES,
					      whole), whole));
}

static void metrics_test_node_mem(struct kunit *test)
{
	int nid;

	for_each_node_state(nid, N_MEMORY) {
		unsigned long total = node_present_pages(nid);
		struct damos_goal *goal;
		unsigned long free;
		struct sysinfo info;

		si_meminfo_node(&info, nid);
		KUNIT_ASSERT_LE(test, info.totalram, total);
		total = info.totalram;
		free = info.freeram;

		goal = measure(test, DAMOS_QUOTA_NODE_MEM_FREE_BP, nid);
		KUNIT_EXPECT_EQ(test, goal->total, (u64)total << PAGE_SHIFT);
		expect_near(test, goal->current_value, free, total);
		goal = measure(test, DAMOS_QUOTA_NODE_MEM_USED_BP, nid);
		KUNIT_EXPECT_EQ(test, goal->total, (u64)total << PAGE_SHIFT);
		expect_near(test, goal->current_value, total - free, total);
	}
}

static unsigned long node_lru_pages(int nid)
{
	enum lru_list lru;
	unsigned long nr = 0;

	for_each_evictable_lru(lru)
		nr += node_page_state(NODE_DATA(nid), NR_LRU_BASE + lru);
	return nr;
}

/* The root cgroup has all there is. */
static void metrics_test_node_memcg(struct kunit *test)
{
	struct mem_cgroup *memcg = damon_memcg_get("/");
	struct test_state *st = test->priv;
	int nid;

	if (IS_ERR(memcg))
		kunit_skip(test, "no memory cgroups");
	st->goal.memcg = memcg;
	for_each_node_state(nid, N_MEMORY) {
		unsigned long used = node_lru_pages(nid);
		struct damos_goal *goal;
		unsigned long total;
		struct sysinfo info;

		si_meminfo_node(&info, nid);
		total = info.totalram;
		goal = measure(test, DAMOS_QUOTA_NODE_MEMCG_USED_BP, nid);
		KUNIT_EXPECT_EQ(test, goal->total, (u64)total << PAGE_SHIFT);
		expect_near(test, goal->current_value, used, total);
		goal = measure(test, DAMOS_QUOTA_NODE_MEMCG_FREE_BP, nid);
		KUNIT_EXPECT_EQ(test, goal->total, (u64)total << PAGE_SHIFT);
		expect_near(test, goal->current_value, total - used, total);
	}
	st->goal.memcg = NULL;
	damon_memcg_put(memcg);

	/* One that has vanished. */
	nid = first_node(node_states[N_MEMORY]);
	KUNIT_EXPECT_EQ(test, 0, measure(test, DAMOS_QUOTA_NODE_MEMCG_USED_BP,
					 nid)->current_value);
	KUNIT_EXPECT_EQ(test, DAMON_BP,
			measure(test, DAMOS_QUOTA_NODE_MEMCG_FREE_BP,
				nid)->current_value);
	KUNIT_EXPECT_EQ(test, 0, st->goal.total);
}

/* Count for real: pages in folios of each node, in [start, end). */
static void count_pages(unsigned long start, unsigned long end, u64 *nr)
{
	struct damon_folio_walk w;
	struct folio *folio;

	damon_folio_walk_begin(&w, start, end, false);
	while (w.pfn < end) {
		w.left = 1024;
		while ((folio = damon_folio_walk_next(&w)))
			nr[folio_nid(folio)] += min(w.pfn, end) -
				max(w.pfn - w.nr_pages, start);
	}
}

/* Memory that is in use, a quarter of it on another node if there is one. */
static void use_nodes(struct kunit *test)
{
	const unsigned long end = TEST_BASE + TEST_PAGES / 4 * PAGE_SIZE;
	int nid = first_node(node_states[N_MEMORY]);
	unsigned long addr;
	LIST_HEAD(folios);

	use_memory(test);
	for (addr = TEST_BASE; addr < end; addr += PAGE_SIZE) {
		struct folio *folio = user_folio_get(addr);

		KUNIT_ASSERT_NOT_NULL(test, folio);
		nid = next_node_in(folio_nid(folio), node_states[N_MEMORY]);
		isolate_folio_to_list(folio, &folios);
		folio_put(folio);
	}
	damon_folios_migrate(&folios, nid);
	lru_add_drain_all();
}

/* Regions of page frames, and how many pages in use they really have. */
static void set_regions(struct kunit *test, const struct damon_addr_range *ar,
			u64 *nr)
{
	struct test_state *st = test->priv;
	struct damon_region *r = st->regions;
	int i;

	memset(r, 0, sizeof(st->regions));
	memset(nr, 0, nr_node_ids * sizeof(*nr));
	for (i = 0; i < 3; i++) {
		r[i].ar = ar[i];
		/* The one in the middle does not fit. */
		r[i].nr_accesses = i == 1;
		if (i != 1)
			count_pages(ar[i].start, ar[i].end, nr);
	}
	st->ctx.regions.nr = 3;
	st->ctx.spec.addr_unit = PAGE_SIZE;
}

/* Limits are in 1/DAMON_BP of all that fits. */
static void expect_eligible(struct kunit *test, const u64 *nr,
			    unsigned long total_bp, unsigned long share_bp)
{
	u64 all = 0;
	int nid;

	for_each_node_state(nid, N_MEMORY)
		all += nr[nid];
	KUNIT_ASSERT_GE(test, all, TEST_NOISE_PAGES);

	for_each_node_state(nid, N_MEMORY) {
		unsigned long want = bp_of(nr[nid], all);
		struct damos_goal *goal;
		u64 total;

		goal = measure(test, DAMOS_QUOTA_NODE_ELIGIBLE_MEM_BP, nid);
		total = goal->total >> PAGE_SHIFT;
		kunit_info(test, "node %d: %lu for %lu, of %llu for %llu\n",
			   nid, goal->current_value, want, total, all);
		KUNIT_EXPECT_LE(test, abs_diff(goal->current_value, want),
				share_bp);
		KUNIT_EXPECT_LE(test, abs_diff(total, all),
				div_u64(all * total_bp, DAMON_BP));
	}
}

static unsigned long pfn_at(struct kunit *test, unsigned long addr)
{
	struct folio *folio = user_folio_get(addr);
	unsigned long pfn;

	KUNIT_ASSERT_NOT_NULL(test, folio);
	pfn = folio_pfn(folio);
	folio_put(folio);
	return pfn;
}

/* So little that all of it is counted. */
static void metrics_test_eligible_exact(struct kunit *test)
{
	const unsigned long around = 3000;
	u64 *nr = kunit_kcalloc(test, nr_node_ids, sizeof(*nr), GFP_KERNEL);
	unsigned long low, high;

	KUNIT_ASSERT_NOT_NULL(test, nr);
	use_nodes(test);
	low = pfn_at(test, TEST_BASE);
	high = pfn_at(test, TEST_BASE + (TEST_PAGES - 1) * PAGE_SIZE);
	if (low > high)
		swap(low, high);
	if (high - low < 3 * around || low < around)
		kunit_skip(test, "memory is too close");
	set_regions(test, (struct damon_addr_range[]){
		    { low - around, low + around },
		    { low + around, high - around },
		    { high - around, high + around } }, nr);
	/* But others go on allocating. */
	expect_eligible(test, nr, 100, 100);
}

/* A sample, of whatever there is. */
static void metrics_test_eligible_sample(struct kunit *test)
{
	u64 *nr = kunit_kcalloc(test, nr_node_ids, sizeof(*nr), GFP_KERNEL);
	struct test_state *st = test->priv;
	unsigned long pfn, last = 0;
	u64 all = 0;
	int nid;

	KUNIT_ASSERT_NOT_NULL(test, nr);
	use_nodes(test);
	for_each_online_node(nid)
		last = max(last, node_end_pfn(nid));
	pfn = last / 2;
	set_regions(test, (struct damon_addr_range[]){
		    { 0, pfn }, { pfn, pfn + 1 }, { pfn + 1, last } }, nr);
	expect_eligible(test, nr, 800, 400);

	/* Addresses that are beyond all memory, and all numbers. */
	st->regions[2].ar.end = ULONG_MAX;
	expect_eligible(test, nr, 800, 400);
	for_each_node_state(nid, N_MEMORY)
		all += measure(test, DAMOS_QUOTA_NODE_ELIGIBLE_MEM_BP,
			       nid)->current_value;
	KUNIT_EXPECT_GE(test, all, DAMON_BP - nr_node_ids);
	KUNIT_EXPECT_LE(test, all, DAMON_BP);

	/* Nothing fits. */
	st->spec.pattern.age.min = 1;
	nid = first_node(node_states[N_MEMORY]);
	KUNIT_EXPECT_EQ(test, 0, measure(test, DAMOS_QUOTA_NODE_ELIGIBLE_MEM_BP,
					 nid)->current_value);
	KUNIT_EXPECT_EQ(test, 0, st->goal.total);

	/* Virtual addresses are not on any node. */
	st->spec.pattern.age.min = 0;
	st->ctx.spec.ops_id = DAMON_OPS_VADDR;
	KUNIT_EXPECT_EQ(test, 0, measure(test, DAMOS_QUOTA_NODE_ELIGIBLE_MEM_BP,
					 nid)->current_value);
	KUNIT_EXPECT_EQ(test, 0, st->goal.total);
}
#endif /* CONFIG_NUMA */

static void metrics_test_lru(struct kunit *test)
{
	struct test_state *st = test->priv;
	unsigned long active, inactive, nr[2] = {};
	enum lru_list lru;
	u64 total;

	use_memory(test);
	for_each_evictable_lru(lru)
		nr[is_active_lru(lru)] +=
			global_node_page_state(NR_LRU_BASE + lru);
	active = measure(test, DAMOS_QUOTA_ACTIVE_MEM_BP, -1)->current_value;
	inactive = measure(test, DAMOS_QUOTA_INACTIVE_MEM_BP,
			   -1)->current_value;
	total = st->goal.total >> PAGE_SHIFT;

	KUNIT_EXPECT_LE(test, abs_diff(total, (u64)(nr[0] + nr[1])),
			TEST_NOISE_PAGES);
	KUNIT_ASSERT_GE(test, nr[0] + nr[1], TEST_PAGES);
	KUNIT_EXPECT_LE(test, abs_diff(active, bp_of(nr[1], nr[0] + nr[1])),
			500);
	KUNIT_EXPECT_LE(test, abs_diff(inactive, bp_of(nr[0], nr[0] + nr[1])),
			500);
}

static void metrics_test_wmark(struct kunit *test)
{
	unsigned long noise = TEST_NOISE_PAGES * 1000 / totalram_pages() + 1;
	unsigned long want = bp_of(global_zone_page_state(NR_FREE_PAGES),
				   totalram_pages()) / 10;

	KUNIT_EXPECT_EQ(test, damon_wmark_measure(DAMOS_WMARK_NONE), 0);
	KUNIT_EXPECT_LE(test,
			abs_diff(damon_wmark_measure(DAMOS_WMARK_FREE_MEM_RATE),
				 want), noise);
	KUNIT_EXPECT_GT(test, want, 0);
}

static struct kunit_case metrics_cases[] = {
	KUNIT_CASE(metrics_test_memcg_paths),
	KUNIT_CASE(metrics_test_memcg_root),
	KUNIT_CASE(metrics_test_user_input),
	KUNIT_CASE(metrics_test_psi),
	KUNIT_CASE(metrics_test_bad_nodes),
	KUNIT_CASE(metrics_test_no_numa),
#ifdef CONFIG_NUMA
	KUNIT_CASE(metrics_test_node_mem),
	KUNIT_CASE(metrics_test_node_memcg),
	KUNIT_CASE(metrics_test_eligible_exact),
	KUNIT_CASE(metrics_test_eligible_sample),
#endif
	KUNIT_CASE(metrics_test_lru),
	KUNIT_CASE(metrics_test_wmark),
	{}
};

static struct kunit_suite metrics_suite = {
	.name = "damon_metrics",
	.init = metrics_init,
	.test_cases = metrics_cases,
};

kunit_test_suite(metrics_suite);
