/* SPDX-License-Identifier: GPL-2.0 */
/* For tests: samples of the memory map of the test's own thread. */
#ifndef _MM_DAMON_TESTS_VADDR_FIXTURE_H
#define _MM_DAMON_TESTS_VADDR_FIXTURE_H

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/mm.h>

#include "../ctx.h"
#include "../policy/region.h"
#include "../vaddr.h"
#include "user_pages.h"

#define VADDR_MAX_REGIONS	256

/* Hits of a test, one character a sample: "x" for a hit, "." for none. */
#define VADDR_HIT		'x'

static inline int vaddr_init(struct kunit *test)
{
	const struct damon_attrs attrs = {
		.sample_interval = 5000,
		.aggr_interval = 100000,
		.min_nr_regions = 10,
		.max_nr_regions = 1000,
	};
	struct damon_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	if (!ctx || damon_regions_init(&ctx->regions, 1, VADDR_MAX_REGIONS))
		return -ENOMEM;
	ctx->attrs = attrs;
	ctx->ops = damon_ops_get(DAMON_OPS_VADDR);
	damon_access_init(&ctx->access, &attrs, PAGE_SIZE, 1);
	test->priv = ctx;
	kunit_activate_static_stub(test, damon_target_get_mm, user_mem_mm);
	return 0;
}

static inline void vaddr_exit(struct kunit *test)
{
	struct damon_ctx *ctx = test->priv;

	if (ctx)
		damon_regions_free(&ctx->regions);
}

/* Start over with regions of one page each, their first samples prepared. */
static inline void vaddr_prepare(struct kunit *test, const unsigned long *addrs,
				 unsigned int nr)
{
	struct damon_ctx *ctx = test->priv;
	struct damon_regions *rs = &ctx->regions;
	struct damon_target *t = &rs->targets[0];
	struct damon_addr_range *ranges;
	unsigned int i;

	ranges = kunit_kcalloc(test, nr, sizeof(*ranges), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ranges);
	for (i = 0; i < nr; i++) {
		ranges[i].start = addrs[i];
		ranges[i].end = addrs[i] + PAGE_SIZE;
	}
	rs->nr = 0;
	t->nr_regions = 0;
	KUNIT_ASSERT_EQ(test, 0,
			damon_target_set_ranges(rs, t, ranges, nr, PAGE_SIZE,
						&ctx->access.rnd));
	kunit_kfree(test, ranges);
	KUNIT_ASSERT_EQ(test, t->nr_regions, nr);
	/* A hit where none is expected would have to be confirmed first. */
	for (i = 0; i < nr; i++)
		rs->cur[i].rate = DAMON_RATE_ONE;

	ctx->ops->sample(ctx, DAMON_SAMPLE_PREPARE);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_TRUE(test,
				  rs->cur[i].flags & DAMON_REGION_PREPARED);
	user_flush();
}

static inline void vaddr_expect(struct kunit *test, const char *hits)
{
	struct damon_ctx *ctx = test->priv;
	unsigned int i;

	ctx->ops->sample(ctx, DAMON_SAMPLE_CHECK);
	for (i = 0; hits[i]; i++) {
		struct damon_region *r = &ctx->regions.cur[i];
		bool hit = hits[i] == VADDR_HIT;

		KUNIT_EXPECT_FALSE(test, r->flags & DAMON_REGION_PREPARED);
		KUNIT_EXPECT_EQ_MSG(test, r->checks, 1, "sample %u", i);
		KUNIT_EXPECT_EQ_MSG(test, r->hits, hit, "sample %u", i);
	}
	KUNIT_EXPECT_EQ(test, ctx->regions.nr, i);
}

#endif /* _MM_DAMON_TESTS_VADDR_FIXTURE_H */
