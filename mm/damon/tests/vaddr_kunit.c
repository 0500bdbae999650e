// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the virtual address operation sets, on the real memory map of the
 * test's own thread.
 */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/page_idle.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/uaccess.h>
#include <asm/tlbflush.h>

#include "../ctx.h"
#include "../policy/region.h"
#include "../vaddr.h"

#define TEST_BASE	0x10000000UL
#define TEST_MAX_REGIONS 16

/* A kernel thread has no memory map that get_task_mm() would give away. */
static struct mm_struct *current_mm(const struct damon_target *t)
{
	if (current->mm)
		mmget(current->mm);
	return current->mm;
}

static struct mm_struct *no_mm(const struct damon_target *t)
{
	return NULL;
}

static void map_at(struct kunit *test, unsigned long addr, unsigned long len)
{
	unsigned long at;

	at = kunit_vm_mmap(test, NULL, addr, len, PROT_READ | PROT_WRITE,
			   MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED, 0);
	if (IS_ERR_VALUE(at) || !at)
		kunit_skip(test, "no user memory for kernel threads here");
	KUNIT_ASSERT_EQ(test, at, addr);
}

static void touch(struct kunit *test, unsigned long addr)
{
	if (put_user(1, (int __user *)addr))
		kunit_skip(test, "no user access by kernel threads here");
}

/* Fault pages in, so that their folios are on an LRU list. */
static void populate(struct kunit *test, unsigned long addr, unsigned long len)
{
	unsigned long end = addr + len;

	for (; addr < end; addr += PAGE_SIZE)
		touch(test, addr);
	lru_add_drain_all();
}

static void flush(void)
{
	if (current->mm)
		flush_tlb_mm(current->mm);
}

static int vaddr_init(struct kunit *test)
{
	const struct damon_attrs attrs = {
		.sample_interval = 5000,
		.aggr_interval = 100000,
		.min_nr_regions = 10,
		.max_nr_regions = 1000,
	};
	struct damon_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	if (!ctx || damon_regions_init(&ctx->regions, 1, TEST_MAX_REGIONS))
		return -ENOMEM;
	ctx->attrs = attrs;
	ctx->ops = damon_ops_get(DAMON_OPS_VADDR);
	damon_access_init(&ctx->access, &attrs, PAGE_SIZE, 1);
	test->priv = ctx;
	kunit_activate_static_stub(test, damon_target_get_mm, current_mm);
	return 0;
}

static void vaddr_exit(struct kunit *test)
{
	struct damon_ctx *ctx = test->priv;

	if (ctx)
		damon_regions_free(&ctx->regions);
}

/* Start over with regions of one page each, their first samples prepared. */
static void prepare(struct kunit *test, const unsigned long *addrs,
		    unsigned int nr)
{
	struct damon_ctx *ctx = test->priv;
	struct damon_regions *rs = &ctx->regions;
	struct damon_target *t = &rs->targets[0];
	struct damon_addr_range ranges[TEST_MAX_REGIONS];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		ranges[i].start = addrs[i];
		ranges[i].end = addrs[i] + PAGE_SIZE;
	}
	rs->nr = 0;
	t->nr_regions = 0;
	KUNIT_ASSERT_EQ(test, 0,
			damon_target_set_ranges(rs, t, ranges, nr, PAGE_SIZE,
						&ctx->access.rnd));
	KUNIT_ASSERT_EQ(test, t->nr_regions, nr);
	/* A hit where none is expected would have to be confirmed first. */
	for (i = 0; i < nr; i++)
		rs->cur[i].rate = DAMON_RATE_ONE;

	ctx->ops->sample(ctx, DAMON_SAMPLE_PREPARE);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_TRUE(test,
				  rs->cur[i].flags & DAMON_REGION_PREPARED);
	flush();
}

static void expect_hits(struct kunit *test, const bool *hits, unsigned int nr)
{
	struct damon_ctx *ctx = test->priv;
	unsigned int i;

	ctx->ops->sample(ctx, DAMON_SAMPLE_CHECK);
	for (i = 0; i < nr; i++) {
		struct damon_region *r = &ctx->regions.cur[i];

		KUNIT_EXPECT_FALSE(test, r->flags & DAMON_REGION_PREPARED);
		KUNIT_EXPECT_EQ_MSG(test, r->checks, 1, "page %u", i);
		KUNIT_EXPECT_EQ_MSG(test, r->hits, hits[i], "page %u", i);
	}
}

static void vaddr_test_touched(struct kunit *test)
{
	const unsigned long addrs[] = {
		TEST_BASE, TEST_BASE + 3 * PAGE_SIZE, TEST_BASE + 4 * PAGE_SIZE,
	};

	map_at(test, TEST_BASE, 8 * PAGE_SIZE);
	populate(test, TEST_BASE, 8 * PAGE_SIZE);

	/* Old accesses do not count, new ones do. */
	prepare(test, addrs, 3);
	expect_hits(test, (bool[]){ false, false, false }, 3);

	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "accesses by kernel threads are not seen");
	prepare(test, addrs, 3);
	touch(test, addrs[1]);
	expect_hits(test, (bool[]){ false, true, false }, 3);
}

static void vaddr_test_not_mapped(struct kunit *test)
{
	const unsigned long addrs[] = {
		TEST_BASE - PAGE_SIZE,		/* nothing */
		TEST_BASE,			/* not faulted in */
		TEST_BASE + PAGE_SIZE,		/* the zero page */
		TEST_BASE + 2 * PAGE_SIZE,	/* a page that appears */
		TEST_BASE + 64 * PAGE_SIZE,	/* nothing again */
		TEST_BASE + 65 * PAGE_SIZE,
	};
	int zero = -1;

	map_at(test, TEST_BASE, 4 * PAGE_SIZE);
	if (get_user(zero, (int __user *)addrs[2]))
		kunit_skip(test, "no user access by kernel threads here");
	KUNIT_ASSERT_EQ(test, zero, 0);

	prepare(test, addrs, 6);
	KUNIT_EXPECT_EQ(test, get_user(zero, (int __user *)addrs[2]), 0);
	touch(test, addrs[3]);
	expect_hits(test, (bool[]){ false, false, false, true, false, false },
		    6);
}

static void vaddr_test_no_mm(struct kunit *test)
{
	const unsigned long addrs[] = { TEST_BASE, TEST_BASE + PAGE_SIZE };

	map_at(test, TEST_BASE, 2 * PAGE_SIZE);
	populate(test, TEST_BASE, 2 * PAGE_SIZE);
	kunit_deactivate_static_stub(test, damon_target_get_mm);
	kunit_activate_static_stub(test, damon_target_get_mm, no_mm);

	prepare(test, addrs, 2);
	touch(test, addrs[0]);
	expect_hits(test, (bool[]){ false, false }, 2);
}

/* Whatever else in the kernel sees an access may say so by the idle flag. */
static void vaddr_test_idle_flag(struct kunit *test)
{
	const unsigned long addrs[] = { TEST_BASE, TEST_BASE + PAGE_SIZE };
	struct page *page;

	map_at(test, TEST_BASE, 2 * PAGE_SIZE);
	populate(test, TEST_BASE, 2 * PAGE_SIZE);

	prepare(test, addrs, 2);
	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(addrs[1], 1, 0, &page));
	folio_mark_accessed(page_folio(page));
	put_page(page);
	expect_hits(test, (bool[]){ false, true }, 2);
}

/* Reclaim still has to see the accesses that a preparation hid. */
static void vaddr_test_young_flag(struct kunit *test)
{
	const unsigned long addrs[] = { TEST_BASE };
	struct page *page;

	map_at(test, TEST_BASE, PAGE_SIZE);
	populate(test, TEST_BASE, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(addrs[0], 1, 0, &page));
	folio_test_clear_young(page_folio(page));

	flush();
	touch(test, addrs[0]);
	prepare(test, addrs, 1);
	KUNIT_EXPECT_TRUE(test, folio_test_clear_young(page_folio(page)));

	prepare(test, addrs, 1);
	KUNIT_EXPECT_FALSE(test, folio_test_young(page_folio(page)));
	KUNIT_EXPECT_TRUE(test, folio_test_idle(page_folio(page)));
	put_page(page);
}

/* In one pass, too, a preparation must not hide what a check has to see. */
static void vaddr_test_huge(struct kunit *test)
{
	const unsigned long start = ALIGN(TEST_BASE, PMD_SIZE);
	const unsigned long addrs[] = {
		start, start + PAGE_SIZE, start + PMD_SIZE / 2,
		start + PMD_SIZE,
	};
	struct damon_ctx *ctx = test->priv;
	struct damon_region *r = ctx->regions.cur;
	struct page *page;
	bool huge;

	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		kunit_skip(test, "no transparent huge pages");
	map_at(test, start, 2 * PMD_SIZE);
	if (do_madvise(current->mm, start, 2 * PMD_SIZE, MADV_HUGEPAGE))
		kunit_skip(test, "no transparent huge pages");
	populate(test, start, 2 * PMD_SIZE);

	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(start, 1, 0, &page));
	huge = folio_size(page_folio(page)) == PMD_SIZE;
	put_page(page);
	if (!huge)
		kunit_skip(test, "got no transparent huge page");

	prepare(test, addrs, 4);
	touch(test, start + PMD_SIZE / 4);
	ctx->ops->sample(ctx, DAMON_SAMPLE_CHECK | DAMON_SAMPLE_PREPARE);
	KUNIT_EXPECT_EQ(test, r[0].hits, 1);
	KUNIT_EXPECT_EQ(test, r[1].hits, 1);
	KUNIT_EXPECT_EQ(test, r[2].hits, 1);
	KUNIT_EXPECT_LE(test, r[3].hits, 1);
	KUNIT_EXPECT_TRUE(test, r[2].flags & DAMON_REGION_PREPARED);
	flush();

	prepare(test, addrs, 4);
	expect_hits(test, (bool[]){ false, false, false, false }, 4);
}

static void vaddr_test_protocol(struct kunit *test)
{
	const unsigned long addrs[] = { TEST_BASE };
	struct damon_ctx *ctx = test->priv;
	struct damon_region *r = ctx->regions.cur;
	u32 phase;

	kunit_deactivate_static_stub(test, damon_target_get_mm);
	kunit_activate_static_stub(test, damon_target_get_mm, no_mm);
	prepare(test, addrs, 1);
	phase = r->phase;

	/* What is prepared stays so. */
	ctx->ops->sample(ctx, DAMON_SAMPLE_PREPARE);
	KUNIT_EXPECT_EQ(test, r->phase, phase);

	/* Each sample is checked once. */
	ctx->ops->sample(ctx, DAMON_SAMPLE_CHECK);
	ctx->ops->sample(ctx, DAMON_SAMPLE_CHECK);
	KUNIT_EXPECT_EQ(test, r->checks, 1);
	KUNIT_EXPECT_EQ(test, r->phase, phase);

	ctx->ops->sample(ctx, DAMON_SAMPLE_CHECK | DAMON_SAMPLE_PREPARE);
	KUNIT_EXPECT_EQ(test, r->checks, 1);
	KUNIT_EXPECT_NE(test, r->phase, phase);
	ctx->ops->sample(ctx, DAMON_SAMPLE_CHECK | DAMON_SAMPLE_PREPARE);
	KUNIT_EXPECT_EQ(test, r->checks, 2);
	KUNIT_EXPECT_TRUE(test, r->flags & DAMON_REGION_PREPARED);
}

/* The regions, of which there may be many, cover three ranges. */
static void expect_ranges(struct kunit *test,
			  const struct damon_addr_range want[3])
{
	struct damon_ctx *ctx = test->priv;
	const struct damon_region *r = ctx->regions.cur;
	const struct damon_region *end = r + ctx->regions.nr;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_LT(test, r - ctx->regions.cur, ctx->regions.nr);
		KUNIT_EXPECT_EQ_MSG(test, r->ar.start, want[i].start, "%u", i);
		while (r + 1 < end && r[1].ar.start == r->ar.end)
			r++;
		KUNIT_EXPECT_EQ_MSG(test, r->ar.end, want[i].end, "%u", i);
		r++;
	}
	KUNIT_EXPECT_PTR_EQ(test, r, end);
}

static void vaddr_test_three_regions(struct kunit *test)
{
	const unsigned long a = TEST_BASE, p = PAGE_SIZE;
	const struct damon_addr_range first[] = {
		{ a, a + 3 * p }, { a + 50 * p, a + 70 * p },
		{ a + 90 * p, a + 95 * p },
	};
	const struct damon_addr_range second[] = {
		{ a, a + 3 * p }, { a + 50 * p, a + 95 * p },
		{ a + 200 * p, a + 201 * p },
	};
	struct damon_ctx *ctx = test->priv;

	/* Fewer than two gaps: nothing to begin with. */
	map_at(test, a, 2 * p);
	ctx->ops->init(ctx);
	KUNIT_EXPECT_EQ(test, ctx->regions.nr, 0);
	map_at(test, a + 50 * p, 10 * p);
	ctx->ops->init(ctx);
	KUNIT_EXPECT_EQ(test, ctx->regions.nr, 0);

	map_at(test, a + 2 * p, p);
	map_at(test, a + 61 * p, 9 * p);
	map_at(test, a + 90 * p, 5 * p);
	ctx->ops->init(ctx);
	expect_ranges(test, first);

	/* Only an update follows the mappings afterwards. */
	map_at(test, a + 200 * p, p);
	ctx->ops->init(ctx);
	expect_ranges(test, first);
	ctx->ops->update(ctx);
	expect_ranges(test, second);

	/* No memory map (any more): no change. */
	kunit_deactivate_static_stub(test, damon_target_get_mm);
	kunit_activate_static_stub(test, damon_target_get_mm, no_mm);
	ctx->ops->update(ctx);
	expect_ranges(test, second);
}

/* More mappings than are looked at under one hold of the lock. */
static void vaddr_test_many_mappings(struct kunit *test)
{
	const unsigned long a = TEST_BASE, p = PAGE_SIZE;
	const struct damon_addr_range want[] = {
		{ a, a + 201 * p }, { a + 300 * p, a + 301 * p },
		{ a + 500 * p, a + 501 * p },
	};
	struct damon_ctx *ctx = test->priv;
	int i;

	for (i = 0; i <= 200; i += 2)
		map_at(test, a + i * p, p);
	map_at(test, a + 300 * p, p);
	map_at(test, a + 500 * p, p);
	ctx->ops->init(ctx);
	expect_ranges(test, want);
}

static void vaddr_test_fvaddr_is_fixed(struct kunit *test)
{
	const struct damon_operations *ops = damon_ops_get(DAMON_OPS_FVADDR);
	struct damon_ctx *ctx = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, ops);
	KUNIT_EXPECT_NULL(test, ops->init);
	KUNIT_EXPECT_NULL(test, ops->update);
	KUNIT_EXPECT_PTR_EQ(test, ops->sample, ctx->ops->sample);
	KUNIT_EXPECT_PTR_EQ(test, ops->target_valid, ctx->ops->target_valid);
}

static int sleeper(void *arg)
{
	set_current_state(TASK_IDLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_IDLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static void vaddr_test_target_valid(struct kunit *test)
{
	struct damon_ctx *ctx = test->priv;
	struct task_struct *task = kthread_run(sleeper, NULL, "damon-test");
	struct damon_target t = {};

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	t.pid = get_pid(task_pid(task));
	KUNIT_EXPECT_TRUE(test, ctx->ops->target_valid(&t));

	get_task_struct(task);
	kthread_stop(task);
	/* The pid goes when the dead task is reaped, a moment later. */
	while (READ_ONCE(task->exit_state) != EXIT_DEAD)
		schedule_timeout_idle(1);
	put_task_struct(task);
	synchronize_rcu();
	KUNIT_EXPECT_FALSE(test, ctx->ops->target_valid(&t));
	put_pid(t.pid);
}

static struct kunit_case vaddr_cases[] = {
	KUNIT_CASE(vaddr_test_touched),
	KUNIT_CASE(vaddr_test_not_mapped),
	KUNIT_CASE(vaddr_test_no_mm),
	KUNIT_CASE(vaddr_test_idle_flag),
	KUNIT_CASE(vaddr_test_young_flag),
	KUNIT_CASE(vaddr_test_huge),
	KUNIT_CASE(vaddr_test_protocol),
	KUNIT_CASE(vaddr_test_three_regions),
	KUNIT_CASE(vaddr_test_many_mappings),
	KUNIT_CASE(vaddr_test_fvaddr_is_fixed),
	KUNIT_CASE(vaddr_test_target_valid),
	{}
};

static struct kunit_suite vaddr_suite = {
	.name = "damon_vaddr",
	.init = vaddr_init,
	.exit = vaddr_exit,
	.test_cases = vaddr_cases,
};

kunit_test_suite(vaddr_suite);
