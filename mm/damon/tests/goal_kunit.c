// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/goal.c, by way of policy/quota.c. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "../policy/damos.h"
#include "../policy/spec.h"

#define MIN_SZ		4096UL
#define NR_GOALS	3
#define MS		1000000ULL

#define CONSIST		DAMOS_QUOTA_GOAL_TUNER_CONSIST
#define TEMPORAL	DAMOS_QUOTA_GOAL_TUNER_TEMPORAL

/* One scheme with room for some goals; none at first. */
struct fixture {
	struct damos_spec spec;
	struct damos_goal goals[NR_GOALS];
	struct damos s;
};

static int goal_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	f->s.spec = &f->spec;
	f->s.quota.goals.vec = f->goals;
	test->priv = f;
	return 0;
}

static void goal_put(struct fixture *f, unsigned long target,
		     unsigned long current_value, u64 total)
{
	f->goals[f->s.quota.goals.nr++] = (struct damos_goal){
		.metric = total ? DAMOS_QUOTA_NODE_MEM_FREE_BP :
				  DAMOS_QUOTA_USER_INPUT,
		.target = target,
		.current_value = current_value,
		.total = total,
	};
}

/* Goals that are not known to be about bytes. */
static const struct follow_case {
	const char *desc;
	enum damos_quota_goal_tuner tuner;
	unsigned long sz;
	u64 feedback;
	unsigned long target, values[4];
	u64 esz[4];
} follow_cases[] = {
	{ "doubles", CONSIST, 0, 0, 100, { 0, 0, 0, 0 }, { 2, 4, 8, 16 } },
	{ "halves", CONSIST, 0, 1000 * DAMON_BP, 100, { 150, 150, 150, 150 },
	  { 500, 250, 125, 62 } },
	{ "grows", CONSIST, 0, 1000 * DAMON_BP, 100, { 50, 50, 50, 50 },
	  { 1500, 2250, 3375, 5062 } },
	{ "keeps", CONSIST, 0, 1000 * DAMON_BP, 100, { 100, 99, 101, 100 },
	  { 1000, 1010, 999, 999 } },
	{ "falls", CONSIST, 0, 1000 * DAMON_BP, 100, { 199, 199, 200, 0 },
	  { 10, 1, 1, 2 } },
	{ "falls at once", CONSIST, 0, 1000 * DAMON_BP, 1,
	  { ULONG_MAX, 1, 0, 2 }, { 1, 1, 2, 1 } },
	{ "is limited", CONSIST, 3, 0, 100, { 0, 0, 0, 200 }, { 2, 3, 3, 1 } },
	{ "stops growing", CONSIST, 0, U64_MAX - 1, 100, { 0, 0, 100, 100 },
	  { U64_MAX / DAMON_BP, U64_MAX / DAMON_BP, U64_MAX / DAMON_BP,
	    U64_MAX / DAMON_BP } },
	{ "all out", TEMPORAL, 0, 0, 100, { 0, 99, 100, 50 },
	  { 1844674407370955, 1844674407370955, 0, 1844674407370955 } },
	{ "all of the size", TEMPORAL, 77, 0, 100, { 0, 99, 1000, 50 },
	  { 77, 77, 0, 77 } },
};

KUNIT_ARRAY_PARAM_DESC(follow, follow_cases, desc);

static void goal_follow(struct kunit *test)
{
	const struct follow_case *c = test->param_value;
	struct fixture *f = test->priv;

	f->spec.quota.sz = c->sz;
	f->spec.quota.goal_tuner = c->tuner;
	f->s.quota.feedback = c->feedback;
	goal_put(f, c->target, 0, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(c->values); i++) {
		f->goals[0].current_value = c->values[i];
		damos_quota_tune(&f->s, MIN_SZ, 1);
		KUNIT_EXPECT_EQ(test, f->s.quota.esz,
				min_t(u64, c->esz[i], ULONG_MAX));
		KUNIT_EXPECT_EQ(test, f->s.quota.aim, ULONG_MAX);
	}
}

/* The first window of goals for a part of 1,000,000,000 bytes. */
static const struct aim_case {
	const char *desc;
	struct { unsigned long target, value; u64 total; } goals[NR_GOALS];
	unsigned long sz, ms, unit;
	u64 eligible;
	unsigned long charged, applied;		/* before */
	unsigned long esz, aim;
} aim_cases[] = {
	{ "missing", { { 5000, 0, 1000000000 } }, 0, 0, 1, 0, 0, 0,
	  500000000, 500000000 },
	{ "in units", { { 5000, 2000, 1000000000 } }, 0, 0, 1000, 0, 0, 0,
	  300000, 300000 },
	{ "a little", { { 5000, 4999, 1000000000 } }, 0, 0, 1, 0, 0, 0,
	  100000, 100000 },
	{ "met", { { 5000, 5000, 1000000000 } }, 0, 0, 1, 0, 0, 0, 1, 0 },
	{ "exceeded", { { 5000, 9000, 1000000000 } }, 0, 0, 1, 0, 0, 0, 1, 0 },
	{ "with a size", { { 5000, 0, 1000000000 } }, 1000, 0, 1, 0, 0, 0,
	  1000, 500000000 },
	{ "with a time", { { 5000, 0, 1000000000 } }, 0, 1, PAGE_SIZE, 0, 0, 0,
	  1024, 500000000 / PAGE_SIZE },
	{ "eligible", { { 5000, 0, 1000000000 } }, 0, 0, 1, 123456, 0, 0,
	  123456, 500000000 },
	{ "all eligible", { { 5000, 0, 1000000000 } }, 0, 0, 1, 600000000, 0,
	  0, 500000000, 500000000 },
	{ "a third fails", { { 5000, 4000, 1000000000 } }, 0, 0, 1, 0, 300, 200,
	  150000000, 100000000 },
	{ "and few eligible", { { 5000, 4000, 1000000000 } }, 0, 0, 1,
	  120000000, 300, 200, 120000000, 100000000 },
	{ "most fails", { { 5000, 4000, 1000000000 } }, 0, 0, 1, 0, 900, 100,
	  900000000, 100000000 },
	{ "nearly all fails", { { 5000, 4000, 1000000000 } }, 0, 0, 1, 0, 900,
	  10, 6400000000, 100000000 },
	{ "all fails", { { 5000, 4000, 1000000000 } }, 0, 0, 1, 0, 900, 0,
	  6400000000, 100000000 },
	{ "more applied", { { 5000, 4000, 1000000000 } }, 0, 0, 1, 0, 100, 200,
	  100000000, 100000000 },

	{ "highest score", { { 5000, 1000, 1000000000 },
			     { 5000, 4500, 1000000000 },
			     { 5000, 3000, 1000000000 } }, 0, 0, 1, 0, 0, 0,
	  50000000, 50000000 },
	{ "nearest, too", { { 5000, 2500, 1000000000 },
			    { 5000, 0, 20000000 } }, 0, 0, 1, 0, 0, 0,
	  10000000, 10000000 },
	{ "the same score", { { 5000, 0, 1000000000 },
			      { 3000, 0, 1000000000 } }, 0, 0, 1, 0, 0, 0,
	  300000000, 300000000 },
	{ "not in bytes leads", { { 5000, 0, 1000000000 },
				  { 100, 1, 0 } }, 0, 0, 1, 0, 0, 0,
	  1, ULONG_MAX },
	{ "not in bytes follows", { { 5000, 2500, 1000000000 },
				    { 100, 49, 0 } }, 0, 0, 1, 0, 0, 0,
	  250000000, 250000000 },
	{ "not in bytes as well", { { 5000, 2500, 1000000000 },
				    { 100, 50, 0 } }, 0, 0, 1, 0, 0, 0,
	  1, ULONG_MAX },
	{ "not in bytes is met", { { 5000, 2500, 1000000000 },
				   { 100, 100, 0 } }, 0, 0, 1, 0, 0, 0,
	  1, ULONG_MAX },
};

KUNIT_ARRAY_PARAM_DESC(aim, aim_cases, desc);

static void goal_aim(struct kunit *test)
{
	const struct aim_case *c = test->param_value;
	struct fixture *f = test->priv;

	f->spec.quota.sz = c->sz;
	f->spec.quota.ms = c->ms;
	f->s.quota.eligible = c->eligible;
	f->s.quota.charged = c->charged;
	f->s.quota.applied = c->applied;
	for (unsigned int i = 0; i < NR_GOALS && c->goals[i].target; i++)
		goal_put(f, c->goals[i].target, c->goals[i].value,
			 c->goals[i].total);
	KUNIT_EXPECT_TRUE(test, damos_quota_tune(&f->s, max(MIN_SZ / c->unit,
							    1UL), c->unit));
	KUNIT_EXPECT_EQ(test, f->s.quota.esz, c->esz);
	KUNIT_EXPECT_EQ(test, f->s.quota.aim, c->aim);
}

/* Of 1,000,000,000 bytes 50 % are wanted: what is learnt in each window. */
static const struct learn_case {
	const char *desc;
	struct {
		unsigned long applied;		/* since the last one */
		unsigned long value;
		unsigned int waste_bp;
		unsigned long drift;
		unsigned long aim;
	} windows[5];
} learn_cases[] = {
	/* Others take 10,000,000 in each window. */
	{ "drift", {
		{ 0, 0, 0, 0, 500000000 },
		{ 500000000, 4900, 100, 0, 10101010 },
		{ 10101010, 4901, 100, 2500000, 12525252 },
		{ 12525252, 4926, 100, 6199999, 13737372 },
		{ 13737372, 4963, 100, 8049998, 11868684 },
	} },
	/* Two fifths have no effect.  20 %, then 30 % is believed. */
	{ "waste", {
		{ 0, 0, 0, 0, 500000000 },
		{ 500000000, 3000, 2000, 0, 250000000 },
		{ 250000000, 4500, 3000, 0, 71428571 },
		{ 71428571, 4928, 3000, 3599999, 15428570 },
		{ 15428570, 5021, 2832, 2679598, 808590 },
	} },
	{ "no more than three quarters", {
		{ 0, 0, 0, 0, 500000000 },
		{ 500000000, 0, 3750, 0, 800000000 },
		{ 800000000, 0, 5625, 0, 1142857142 },
		{ 1000000000, 0, 6562, 0, 1454333915 },
		{ 1000000000, 0, 7031, 0, 1684068710 },
	} },
	{ "little tells little", {
		{ 0, 0, 0, 0, 500000000 },
		{ 6250000, 0, 375, 0, 519480519 },
		{ 0, 0, 375, 0, 519480519 },
	} },
	/* 50,000,000 are taken at once, then none. */
	{ "burst", {
		{ 0, 5000, 0, 0, 0 },
		{ 0, 4500, 0, 0, 50000000 },
		{ 50000000, 5000, 0, 0, 0 },
		{ 0, 5000, 0, 0, 0 },
	} },
	{ "drift ends", {
		{ 0, 5000, 0, 0, 0 },
		{ 0, 4990, 0, 0, 1000000 },
		{ 0, 4980, 0, 500000, 2500000 },
		{ 2500000, 5005, 0, 250000, 0 },
		{ 0, 5005, 0, 125000, 0 },
	} },
	/* Half has no effect at first, later all of it has. */
	{ "waste ends", {
		{ 0, 0, 0, 0, 500000000 },
		{ 500000000, 2500, 2500, 0, 333333333 },
		{ 333333333, 5000, 2500, 0, 0 },
		{ 0, 4500, 2500, 0, 66666666 },
		{ 66666666, 5166, 1255, 0, 0 },
	} },
};

KUNIT_ARRAY_PARAM_DESC(learn, learn_cases, desc);

static void goal_learn(struct kunit *test)
{
	const struct learn_case *c = test->param_value;
	struct fixture *f = test->priv;

	goal_put(f, 5000, 0, 1000000000);
	for (unsigned int i = 0; i < ARRAY_SIZE(c->windows); i++) {
		if (i && !c->windows[i].value && !c->windows[i].aim)
			break;
		f->s.quota.charged = c->windows[i].applied;
		f->s.quota.applied = c->windows[i].applied;
		f->goals[0].current_value = c->windows[i].value;
		damos_quota_tune(&f->s, MIN_SZ, 1);
		KUNIT_EXPECT_EQ(test, f->goals[0].model.waste_bp,
				c->windows[i].waste_bp);
		KUNIT_EXPECT_EQ(test, f->goals[0].model.drift,
				(u64)c->windows[i].drift);
		KUNIT_EXPECT_EQ(test, f->s.quota.aim, c->windows[i].aim);
	}
}

/* What a metric is about vanishes, and comes back. */
static void goal_vanishes(struct kunit *test)
{
	struct fixture *f = test->priv;

	goal_put(f, 5000, 3000, 1000000);
	damos_quota_tune(&f->s, MIN_SZ, 1);
	KUNIT_EXPECT_EQ(test, f->s.quota.esz, 200000UL);
	f->goals[0].model.waste_bp = 5000;

	/* On from there, without bytes. */
	f->goals[0].current_value = 0;
	f->goals[0].total = 0;
	damos_quota_tune(&f->s, MIN_SZ, 1);
	KUNIT_EXPECT_EQ(test, f->s.quota.esz, 400000UL);
	KUNIT_EXPECT_EQ(test, f->s.quota.aim, ULONG_MAX);

	f->goals[0].current_value = 4000;
	f->goals[0].total = 1000000;
	damos_quota_tune(&f->s, MIN_SZ, 1);
	KUNIT_EXPECT_EQ(test, f->s.quota.esz, 100000UL);
	KUNIT_EXPECT_EQ(test, f->goals[0].model.waste_bp, 0U);
}

/* State is kept for a goal that looks at the same thing. */
static const struct adopt_case {
	const char *desc;
	enum damos_quota_goal_metric metric;
	int nid;
	bool memcg;
	unsigned int nr, nr_old;
	bool kept;
} adopt_cases[] = {
	{ "the same", DAMOS_QUOTA_NODE_MEMCG_FREE_BP, 1, true, 1, 1, true },
	{ "of several", DAMOS_QUOTA_NODE_MEMCG_FREE_BP, 1, true, 3, 3, true },
	{ "added ones", DAMOS_QUOTA_NODE_MEMCG_FREE_BP, 1, true, 3, 1, true },
	{ "removed ones", DAMOS_QUOTA_NODE_MEMCG_FREE_BP, 1, true, 1, 3, true },
	{ "all new", DAMOS_QUOTA_NODE_MEMCG_FREE_BP, 1, true, 1, 0, false },
	{ "another metric", DAMOS_QUOTA_NODE_MEMCG_USED_BP, 1, true, 1, 1,
	  false },
	{ "another node", DAMOS_QUOTA_NODE_MEMCG_FREE_BP, 2, true, 1, 1,
	  false },
	{ "another cgroup", DAMOS_QUOTA_NODE_MEMCG_FREE_BP, 1, false, 1, 1,
	  false },
};

KUNIT_ARRAY_PARAM_DESC(adopt, adopt_cases, desc);

static void goal_adopt(struct kunit *test)
{
	const struct adopt_case *c = test->param_value;
	struct fixture *f = test->priv;
	struct damos_goal old[NR_GOALS] = {
		{
			.metric = DAMOS_QUOTA_NODE_MEMCG_FREE_BP,
			.target = 1000,
			.nid = 1,
			.memcg = (void *)test,
			.psi_us = 7,
			.psi_known = true,
			.model = { true, 1, 2, 3, 4 },
		},
	};
	const struct damos_goals old_goals = { old, c->nr_old };

	f->goals[0].metric = c->metric;
	f->goals[0].target = 2000;
	f->goals[0].nid = c->nid;
	f->goals[0].memcg = c->memcg ? (void *)test : NULL;
	f->s.quota.goals.nr = c->nr;
	damos_goals_adopt(&f->s.quota.goals, &old_goals);
	KUNIT_EXPECT_EQ(test, f->goals[0].target, 2000UL);
	KUNIT_EXPECT_EQ(test, f->goals[0].psi_known, c->kept);
	KUNIT_EXPECT_EQ(test, f->goals[0].psi_us, c->kept ? 7ULL : 0ULL);
	KUNIT_EXPECT_EQ(test, f->goals[0].model.known, c->kept);
	KUNIT_EXPECT_EQ(test, f->goals[0].model.waste_bp, c->kept ? 4U : 0U);
	KUNIT_EXPECT_FALSE(test, f->goals[1].psi_known);
}

/* The less there is, the more is asked for, and never less than before. */
static void goal_monotonic(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long last = ULONG_MAX;

	for (unsigned long value = 0; value <= DAMON_BP; value += 10) {
		f->s.quota.goals.nr = 0;
		goal_put(f, 5000, value, 1000000000);
		damos_quota_tune(&f->s, MIN_SZ, 1);
		if (value < 5000)
			KUNIT_EXPECT_LT(test, f->s.quota.esz, last);
		else
			KUNIT_EXPECT_EQ(test, f->s.quota.esz, 1UL);
		last = f->s.quota.esz;
	}
}

/*
 * From nothing to half of 1,000,000,000 bytes, while a third of what is charged
 * fails, in regions of a million, and others take 1 % per window.
 */
static void goal_is_met(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long free = 0;

	goal_put(f, 5000, 0, 1000000000);
	f->spec.quota.reset_interval = 1000;
	for (unsigned int i = 0; i < 30; i++) {
		KUNIT_EXPECT_TRUE(test, damos_quota_roll(&f->s, i * 1000 * MS,
							 MIN_SZ));
		f->goals[0].current_value = free / 100000;
		damos_quota_tune(&f->s, MIN_SZ, 1);
		while (!damos_quota_is_full(&f->s, MIN_SZ)) {
			unsigned long sz = min(damos_quota_room(&f->s, MIN_SZ),
					       1000000UL);

			damos_quota_charge(&f->s, sz, sz - sz / 3, 1);
			free += sz - sz / 3;
		}
		free -= 10000000;
		KUNIT_EXPECT_LE(test, free, 505000000UL);
		if (i >= 2)
			KUNIT_EXPECT_GE(test, free, 475000000UL);
		if (i >= 10)
			KUNIT_EXPECT_GE(test, free, 498000000UL);
	}
}

/* A window of which the size was charged; 100 pages were aimed at. */
static const struct extend_case {
	const char *desc;
	unsigned long esz, charged, applied, sz, ms, eligible, new_esz;
} extend_cases[] = {
	{ "failed", 100, 100, 10, 0, 0, 0, 200 },
	{ "failed, nearly full", 1000, 999, 10, 0, 0, 0, 0 },
	{ "failed all the time", 4000, 4000, 10, 0, 0, 0, 6400 },
	{ "failed for good", 6400, 6400, 10, 0, 0, 0, 0 },
	{ "not all is eligible", 100, 100, 10, 0, 0, 150, 150 },
	{ "no more is eligible", 100, 100, 10, 0, 0, 100, 0 },
	{ "size limit", 100, 100, 10, 130, 0, 0, 130 },
	{ "size limit reached", 100, 100, 10, 100, 0, 0, 0 },
	{ "time limit", 600, 600, 10, 0, 1, 0, 1024 },
	{ "done", 100, 100, 100, 0, 0, 0, 0 },
	{ "goes on", 100, 50, 10, 0, 0, 0, 0 },
};

KUNIT_ARRAY_PARAM_DESC(extend, extend_cases, desc);

static void goal_extend(struct kunit *test)
{
	const struct extend_case *c = test->param_value;
	struct fixture *f = test->priv;
	struct damos_quota *q = &f->s.quota;

	q->begun = true;
	q->aim = 100 * MIN_SZ;
	q->esz = c->esz * MIN_SZ;
	q->charged = c->charged * MIN_SZ;
	q->applied = c->applied * MIN_SZ;
	q->eligible = c->eligible * MIN_SZ;
	f->spec.quota.sz = c->sz * MIN_SZ;
	f->spec.quota.ms = c->ms;
	KUNIT_EXPECT_EQ(test, damos_quota_extend(&f->s, MIN_SZ, 1),
			c->new_esz != 0);
	KUNIT_EXPECT_EQ(test, q->esz, (c->new_esz ?: c->esz) * MIN_SZ);

	/* Without an aim there is nothing to go on for. */
	q->aim = ULONG_MAX;
	KUNIT_EXPECT_FALSE(test, damos_quota_extend(&f->s, MIN_SZ, 1));
}

static struct kunit_case goal_suite_cases[] = {
	KUNIT_CASE_PARAM(goal_follow, follow_gen_params),
	KUNIT_CASE_PARAM(goal_extend, extend_gen_params),
	KUNIT_CASE_PARAM(goal_aim, aim_gen_params),
	KUNIT_CASE_PARAM(goal_learn, learn_gen_params),
	KUNIT_CASE(goal_vanishes),
	KUNIT_CASE_PARAM(goal_adopt, adopt_gen_params),
	KUNIT_CASE(goal_monotonic),
	KUNIT_CASE(goal_is_met),
	{}
};

static struct kunit_suite goal_suite = {
	.name = "damon_goal",
	.init = goal_init,
	.test_cases = goal_suite_cases,
};

kunit_test_suite(goal_suite);
