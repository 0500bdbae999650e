// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the virtual address operation sets, on the real memory map of the
 * test's own thread.
 */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/page_idle.h>
#include <linux/pid.h>
#include <linux/swap.h>
#include <linux/uaccess.h>

#include "vaddr_fixture.h"

#define TEST_BASE	USER_BASE

static struct mm_struct *no_mm(const struct damon_target *t)
{
	return NULL;
}

static void vaddr_test_touched(struct kunit *test)
{
	const unsigned long addrs[] = {
		TEST_BASE, TEST_BASE + 3 * PAGE_SIZE, TEST_BASE + 4 * PAGE_SIZE,
	};

	user_map(test, NULL, TEST_BASE, 8 * PAGE_SIZE);
	user_populate(test, TEST_BASE, 8 * PAGE_SIZE);

	/* Old accesses do not count, new ones do. */
	vaddr_prepare(test, addrs, 3);
	vaddr_expect(test, "...");

	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "accesses by kernel threads are not seen");
	vaddr_prepare(test, addrs, 3);
	user_touch(test, addrs[1]);
	vaddr_expect(test, ".x.");
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

	user_map(test, NULL, TEST_BASE, 4 * PAGE_SIZE);
	if (get_user(zero, (int __user *)addrs[2]))
		kunit_skip(test, "no user access by kernel threads here");
	KUNIT_ASSERT_EQ(test, zero, 0);

	vaddr_prepare(test, addrs, 6);
	KUNIT_EXPECT_EQ(test, get_user(zero, (int __user *)addrs[2]), 0);
	user_touch(test, addrs[3]);
	vaddr_expect(test, "...x..");
}

static void vaddr_test_no_mm(struct kunit *test)
{
	const unsigned long addrs[] = { TEST_BASE, TEST_BASE + PAGE_SIZE };

	user_map(test, NULL, TEST_BASE, 2 * PAGE_SIZE);
	user_populate(test, TEST_BASE, 2 * PAGE_SIZE);
	kunit_deactivate_static_stub(test, damon_target_get_mm);
	kunit_activate_static_stub(test, damon_target_get_mm, no_mm);

	vaddr_prepare(test, addrs, 2);
	user_touch(test, addrs[0]);
	vaddr_expect(test, "..");
}

/* Whatever else in the kernel sees an access may say so by the idle flag. */
static void vaddr_test_idle_flag(struct kunit *test)
{
	const unsigned long addrs[] = { TEST_BASE, TEST_BASE + PAGE_SIZE };
	struct page *page;

	user_map(test, NULL, TEST_BASE, 2 * PAGE_SIZE);
	user_populate(test, TEST_BASE, 2 * PAGE_SIZE);

	vaddr_prepare(test, addrs, 2);
	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(addrs[1], 1, 0, &page));
	folio_mark_accessed(page_folio(page));
	put_page(page);
	vaddr_expect(test, ".x");
}

/* Reclaim still has to see the accesses that a preparation hid. */
static void vaddr_test_young_flag(struct kunit *test)
{
	const unsigned long addrs[] = { TEST_BASE };
	struct page *page;

	user_map(test, NULL, TEST_BASE, PAGE_SIZE);
	user_populate(test, TEST_BASE, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(addrs[0], 1, 0, &page));
	folio_test_clear_young(page_folio(page));

	user_flush();
	user_touch(test, addrs[0]);
	vaddr_prepare(test, addrs, 1);
	KUNIT_EXPECT_TRUE(test, folio_test_clear_young(page_folio(page)));

	vaddr_prepare(test, addrs, 1);
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
	user_map(test, NULL, start, 2 * PMD_SIZE);
	if (do_madvise(current->mm, start, 2 * PMD_SIZE, MADV_HUGEPAGE))
		kunit_skip(test, "no transparent huge pages");
	user_populate(test, start, 2 * PMD_SIZE);

	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(start, 1, 0, &page));
	huge = folio_size(page_folio(page)) == PMD_SIZE;
	put_page(page);
	if (!huge)
		kunit_skip(test, "got no transparent huge page");

	vaddr_prepare(test, addrs, 4);
	user_touch(test, start + PMD_SIZE / 4);
	ctx->ops->sample(ctx, DAMON_SAMPLE_CHECK | DAMON_SAMPLE_PREPARE);
	KUNIT_EXPECT_EQ(test, r[0].hits, 1);
	KUNIT_EXPECT_EQ(test, r[1].hits, 1);
	KUNIT_EXPECT_EQ(test, r[2].hits, 1);
	KUNIT_EXPECT_LE(test, r[3].hits, 1);
	KUNIT_EXPECT_TRUE(test, r[2].flags & DAMON_REGION_PREPARED);
	user_flush();

	vaddr_prepare(test, addrs, 4);
	vaddr_expect(test, "....");
}

static void vaddr_test_protocol(struct kunit *test)
{
	const unsigned long addrs[] = { TEST_BASE };
	struct damon_ctx *ctx = test->priv;
	struct damon_region *r = ctx->regions.cur;
	u32 phase;

	kunit_deactivate_static_stub(test, damon_target_get_mm);
	kunit_activate_static_stub(test, damon_target_get_mm, no_mm);
	vaddr_prepare(test, addrs, 1);
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
	user_map(test, NULL, a, 2 * p);
	ctx->ops->init(ctx);
	KUNIT_EXPECT_EQ(test, ctx->regions.nr, 0);
	user_map(test, NULL, a + 50 * p, 10 * p);
	ctx->ops->init(ctx);
	KUNIT_EXPECT_EQ(test, ctx->regions.nr, 0);

	user_map(test, NULL, a + 2 * p, p);
	user_map(test, NULL, a + 61 * p, 9 * p);
	user_map(test, NULL, a + 90 * p, 5 * p);
	ctx->ops->init(ctx);
	expect_ranges(test, first);

	/* Only an update follows the mappings afterwards. */
	user_map(test, NULL, a + 200 * p, p);
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
		user_map(test, NULL, a + i * p, p);
	user_map(test, NULL, a + 300 * p, p);
	user_map(test, NULL, a + 500 * p, p);
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
