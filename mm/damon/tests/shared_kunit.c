// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of modules/shared.c: the owners that there are, with wishes that need
 * no System RAM, on an operation set that looks at nothing.
 */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "../ctx.h"
#include "../modules/shared.h"
#include "../ops.h"

enum { RECLAIM, LRU_SORT, STAT, NR_OWNERS };

static struct damon_owner *const owners[NR_OWNERS] = {
	&damon_reclaim_owner, &damon_lru_sort_owner, &damon_stat_owner,
};

/* Where their schemes have to be, and what they are. */
static const struct {
	u8 owner;
	enum damos_action action;
} slots[] = {
	{ RECLAIM, DAMOS_PAGEOUT },
	{ LRU_SORT, DAMOS_LRU_PRIO },
	{ LRU_SORT, DAMOS_LRU_DEPRIO },
	{ STAT, DAMOS_STAT },
};

#define AGGR_US		100000UL

/* What the owners are made to do, and what they were told. */
static struct {
	unsigned long aggr_us;
	int nr_settled;
	struct damon_owner saved[NR_OWNERS];
} fake;

static void fake_sample(struct damon_ctx *ctx, unsigned int what)
{
}

static const struct damon_operations fake_ops = {
	.id = DAMON_OPS_PADDR,
	.sample = fake_sample,
};

static const struct damon_operations *fake_ops_get(enum damon_ops_id id)
{
	return &fake_ops;
}

static int fake_wish(struct damon_wish *wish)
{
	wish->attrs.aggr_interval = fake.aggr_us;
	wish->range = (struct damon_addr_range){ 0, 1024 * PAGE_SIZE };
	return 0;
}

static int fake_wish_fails(struct damon_wish *wish)
{
	return -EDOM;
}

static int fake_wish_is_invalid(struct damon_wish *wish)
{
	fake_wish(wish);
	wish->attrs.min_nr_regions = 2;
	return 0;
}

static int fake_wish_is_elsewhere(struct damon_wish *wish)
{
	fake_wish(wish);
	wish->addr_unit = PAGE_SIZE;
	return 0;
}

static int fake_schemes_fail(struct damos_spec *schemes,
			     const struct damon_attrs *attrs)
{
	return -ENFILE;
}

static void fake_settled(const struct damon_wish *wish)
{
	fake.nr_settled++;
}

static int fake_start_fails(struct damon_kdamond **kds,
			    const struct damon_spec **specs, unsigned int nr,
			    bool exclusive)
{
	return -EAGAIN;
}

static int fake_commit_fails(struct damon_kdamond *kd,
			     const struct damon_spec *spec)
{
	return -ENOMEM;
}

static int shared_test_init(struct kunit *test)
{
	if (damon_nr_running_ctxs())
		kunit_skip(test, "kdamonds run already");
	test->priv = &fake;
	memset(&fake, 0, sizeof(fake));
	fake.aggr_us = AGGR_US;
	kunit_activate_static_stub(test, damon_ops_get, fake_ops_get);
	for (int i = 0; i < NR_OWNERS; i++) {
		fake.saved[i] = *owners[i];
		owners[i]->wish = fake_wish;
		owners[i]->settled = fake_settled;
	}
	return 0;
}

static void shared_test_exit(struct kunit *test)
{
	if (!test->priv)
		return;
	for (int i = 0; i < NR_OWNERS; i++) {
		damon_owner_enable(owners[i], false);
		*owners[i] = fake.saved[i];
	}
}

/* What the kdamond works on, as it is. */
struct running {
	const struct damon_ctx *ctx;
	unsigned long aggr_us;
	bool on[ARRAY_SIZE(slots)];
	enum damos_action actions[ARRAY_SIZE(slots)];
};

static int running_look(struct damon_ctx *ctx, void *data)
{
	struct running *running = data;

	if (damon_ctx_nr_schemes(ctx) != ARRAY_SIZE(slots))
		return -ERANGE;
	running->ctx = ctx;
	running->aggr_us = damon_ctx_attrs(ctx)->aggr_interval;
	for (int i = 0; i < ARRAY_SIZE(slots); i++) {
		const struct damos_spec *spec = ctx->schemes[i].spec;

		running->actions[i] = spec->action;
		running->on[i] = spec->wmarks.metric == DAMOS_WMARK_NONE ||
				 spec->wmarks.low < ULONG_MAX;
	}
	return 0;
}

/* Those of @enabled are, by bit, and their schemes are in their places. */
static struct running expect_enabled(struct kunit *test, unsigned int enabled)
{
	struct running now = {};

	for (int i = 0; i < NR_OWNERS; i++) {
		bool on = enabled & 1 << i;

		KUNIT_EXPECT_EQ(test, damon_owner_is_enabled(owners[i]), on);
		KUNIT_EXPECT_EQ(test, damon_owner_pid(owners[i]) > 0, on);
		if (on)
			KUNIT_EXPECT_EQ(test, damon_owner_call(owners[i],
							       running_look,
							       &now), 0);
	}
	KUNIT_EXPECT_EQ(test, damon_nr_running_ctxs(), enabled ? 1U : 0U);
	for (int i = 0; enabled && i < ARRAY_SIZE(slots); i++) {
		bool on = enabled & 1 << slots[i].owner;

		KUNIT_EXPECT_EQ_MSG(test, now.on[i], on, "slot %d", i);
		if (on)
			KUNIT_EXPECT_EQ_MSG(test, now.actions[i],
					    slots[i].action, "slot %d", i);
	}
	return now;
}

/* From each set to each other. */
static void test_slots(struct kunit *test)
{
	static const u8 order[] = { 2, 1, 0, 2, 1, 0, 1, 0, 2, 1, 2, 0 };
	unsigned int enabled = 0;

	for (int i = 0; i < ARRAY_SIZE(order); i++) {
		enabled ^= 1 << order[i];
		KUNIT_EXPECT_EQ(test,
				damon_owner_enable(owners[order[i]],
						   enabled & 1 << order[i]),
				0);
		expect_enabled(test, enabled);
	}
	KUNIT_EXPECT_EQ(test, fake.nr_settled, (int)ARRAY_SIZE(order) / 2);
}

/* Ways in which LRU_SORT may fail, and what it says then. */
static const struct failure {
	const char *desc;
	int (*wish)(struct damon_wish *wish);
	int (*schemes)(struct damos_spec *schemes,
		       const struct damon_attrs *attrs);
	bool commit;
	int err;
} failures[] = {
	{ "wish", .wish = fake_wish_fails, .err = -EDOM },
	{ "invalid", .wish = fake_wish_is_invalid, .err = -EINVAL },
	{ "unit", .wish = fake_wish_is_elsewhere, .err = -EBUSY },
	{ "schemes", .schemes = fake_schemes_fail, .err = -ENFILE },
	{ "commit", .commit = true, .err = -ENOMEM },
};

KUNIT_ARRAY_PARAM_DESC(failures, failures, desc);

static void failure_set(struct kunit *test, const struct failure *f)
{
	if (f->wish)
		damon_lru_sort_owner.wish = f->wish;
	if (f->schemes)
		damon_lru_sort_owner.schemes = f->schemes;
	if (f->commit)
		kunit_activate_static_stub(test, damon_commit,
					   fake_commit_fails);
}

static void failure_clear(struct kunit *test, const struct failure *f)
{
	damon_lru_sort_owner.wish = fake_wish;
	damon_lru_sort_owner.schemes = fake.saved[LRU_SORT].schemes;
	if (f->commit)
		kunit_deactivate_static_stub(test, damon_commit);
}

/* All is as it was, not just like it was. */
static void expect_same(struct kunit *test, unsigned int enabled,
			const struct running *was, int nr_settled)
{
	struct running now = expect_enabled(test, enabled);

	KUNIT_EXPECT_PTR_EQ(test, now.ctx, was->ctx);
	KUNIT_EXPECT_EQ(test, now.aggr_us, was->aggr_us);
	KUNIT_EXPECT_EQ(test, fake.nr_settled, nr_settled);
}

static void test_failures(struct kunit *test)
{
	const struct failure *f = test->param_value;
	struct running was;

	/* To take part. */
	KUNIT_ASSERT_EQ(test, damon_owner_enable(owners[RECLAIM], true), 0);
	was = expect_enabled(test, BIT(RECLAIM));
	failure_set(test, f);
	fake.aggr_us = AGGR_US / 2;
	KUNIT_EXPECT_EQ(test, damon_owner_enable(owners[LRU_SORT], true),
			f->err);
	expect_same(test, BIT(RECLAIM), &was, 1);
	failure_clear(test, f);
	fake.aggr_us = AGGR_US;
	KUNIT_EXPECT_EQ(test, damon_owner_enable(owners[LRU_SORT], true), 0);

	/* To change something. */
	was = expect_enabled(test, BIT(RECLAIM) | BIT(LRU_SORT));
	failure_set(test, f);
	fake.aggr_us = AGGR_US / 2;
	for (int i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, damon_owner_commit(owners[LRU_SORT]),
				f->err);
		expect_same(test, BIT(RECLAIM) | BIT(LRU_SORT), &was, 2);
	}
	failure_clear(test, f);
	KUNIT_EXPECT_EQ(test, damon_owner_commit(owners[LRU_SORT]), 0);
	was = expect_enabled(test, BIT(RECLAIM) | BIT(LRU_SORT));
	KUNIT_EXPECT_EQ(test, was.aggr_us, AGGR_US / 2);
}

static void test_start_fails(struct kunit *test)
{
	kunit_activate_static_stub(test, damon_start, fake_start_fails);
	KUNIT_EXPECT_EQ(test, damon_owner_enable(owners[STAT], true), -EAGAIN);
	expect_enabled(test, 0);
	KUNIT_EXPECT_EQ(test, fake.nr_settled, 0);
	kunit_deactivate_static_stub(test, damon_start);
	/* What failed is not there when another one begins. */
	KUNIT_EXPECT_EQ(test, damon_owner_enable(owners[RECLAIM], true), 0);
	expect_enabled(test, BIT(RECLAIM));
}

/* Whatever can not be had, who leaves is gone, and the others go on. */
static void test_leave_needs_nothing(struct kunit *test)
{
	const unsigned int all = BIT(RECLAIM) | BIT(LRU_SORT) | BIT(STAT);
	struct running now;

	for (int i = 0; i < NR_OWNERS; i++) {
		unsigned int rest = all & ~BIT(i);

		fake.aggr_us = AGGR_US;
		for (int j = 0; j < NR_OWNERS; j++) {
			if (i != j)
				KUNIT_ASSERT_EQ(test,
						damon_owner_enable(owners[j],
								   true), 0);
		}
		fake.aggr_us = AGGR_US / 2;
		KUNIT_ASSERT_EQ(test, damon_owner_enable(owners[i], true), 0);

		kunit_activate_static_stub(test, damon_commit,
					   fake_commit_fails);
		KUNIT_EXPECT_EQ(test, damon_owner_enable(owners[i], false), 0);
		now = expect_enabled(test, rest);
		/* Nobody needs these any more, but it takes memory. */
		KUNIT_EXPECT_EQ(test, now.aggr_us, AGGR_US / 2);
		KUNIT_EXPECT_EQ(test, damon_owner_commit(owners[i]),
				-ECANCELED);
		KUNIT_EXPECT_EQ(test, damon_owner_enable(owners[i], true),
				-ENOMEM);
		expect_enabled(test, rest);
		kunit_deactivate_static_stub(test, damon_commit);

		/* And it is not for ever. */
		fake.aggr_us = AGGR_US;
		KUNIT_EXPECT_EQ(test, damon_owner_enable(owners[i], true), 0);
		now = expect_enabled(test, all);
		KUNIT_EXPECT_EQ(test, now.aggr_us, AGGR_US);
		for (int j = 0; j < NR_OWNERS; j++)
			KUNIT_EXPECT_EQ(test, damon_owner_enable(owners[j],
								 false), 0);
		expect_enabled(test, 0);
	}
}

static struct kunit_case shared_test_cases[] = {
	KUNIT_CASE(test_slots),
	KUNIT_CASE_PARAM(test_failures, failures_gen_params),
	KUNIT_CASE(test_start_fails),
	KUNIT_CASE(test_leave_needs_nothing),
	{}
};

static struct kunit_suite shared_test_suite = {
	.name = "damon_shared",
	.init = shared_test_init,
	.exit = shared_test_exit,
	.test_cases = shared_test_cases,
};

kunit_test_suite(shared_test_suite);
