// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/quota.c. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/prandom.h>
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

static int quota_init(struct kunit *test)
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

static void quota_is_set(struct kunit *test)
{
	struct fixture *f = test->priv;

	KUNIT_EXPECT_FALSE(test, damos_quota_is_set(&f->s));
	f->spec.quota.reset_interval = 1000;
	KUNIT_EXPECT_FALSE(test, damos_quota_is_set(&f->s));
	f->spec.quota.sz = 1;
	KUNIT_EXPECT_TRUE(test, damos_quota_is_set(&f->s));
	f->spec.quota.sz = 0;
	f->spec.quota.ms = 1;
	KUNIT_EXPECT_TRUE(test, damos_quota_is_set(&f->s));
	f->spec.quota.ms = 0;
	goal_put(f, 1, 0, 0);
	KUNIT_EXPECT_TRUE(test, damos_quota_is_set(&f->s));
	f->s.quota.goals.nr = 0;
	f->s.quota.esz = 1;
	KUNIT_EXPECT_TRUE(test, damos_quota_is_set(&f->s));
}

static const struct room_case {
	const char *desc;
	unsigned long sz, esz, charged, aim, applied, min_sz, room;
} room_cases[] = {
	{ "no quota", 0, 0, 99, 0, 99, MIN_SZ, ULONG_MAX },
	{ "all", 1, 8192, 0, ULONG_MAX, 0, MIN_SZ, 8192 },
	{ "rounded down", 1, 8191, 0, ULONG_MAX, 0, MIN_SZ, 4096 },
	{ "the rest", 1, 8192, 4096, ULONG_MAX, 4096, MIN_SZ, 4096 },
	{ "too little", 1, 8192, 4097, ULONG_MAX, 4097, MIN_SZ, 0 },
	{ "in small steps", 1, 8192, 4097, ULONG_MAX, 4097, 1, 4095 },
	{ "nothing", 1, 8192, 8192, ULONG_MAX, 0, MIN_SZ, 0 },
	{ "overcharged", 1, 8192, 9000, ULONG_MAX, 0, 1, 0 },
	{ "not tuned yet", 1, 0, 0, 0, 0, MIN_SZ, 0 },
	{ "never enough", 1, 4095, 0, ULONG_MAX, 0, MIN_SZ, 0 },
	{ "aim is near", 1, 1 << 20, 8192, 12288, 8192, MIN_SZ, 4096 },
	{ "aim is met", 1, 1 << 20, 16384, 12288, 12288, MIN_SZ, 0 },
	{ "and exceeded", 1, 1 << 20, 16384, 12288, 12289, MIN_SZ, 0 },
	{ "largest", 1, ULONG_MAX, 0, ULONG_MAX, 0, 1, ULONG_MAX },
};

KUNIT_ARRAY_PARAM_DESC(room, room_cases, desc);

static void quota_room(struct kunit *test)
{
	const struct room_case *c = test->param_value;
	struct fixture *f = test->priv;

	f->spec.quota.sz = c->sz;
	f->s.quota.esz = c->esz;
	f->s.quota.charged = c->charged;
	f->s.quota.aim = c->aim;
	f->s.quota.applied = c->applied;
	KUNIT_EXPECT_EQ(test, damos_quota_room(&f->s, c->min_sz), c->room);
	KUNIT_EXPECT_EQ(test, damos_quota_is_full(&f->s, c->min_sz), !c->room);
}

static const struct charge_case {
	const char *desc;
	unsigned int num, denom;
	unsigned long sz, applied, charge;
} charge_cases[] = {
	{ "all applied", 0, 0, 100, 100, 100 },
	{ "all charged", 0, 0, 100, 30, 100 },
	{ "more applied", 0, 0, 100, 130, 100 },
	{ "no ratio", 5, 0, 100, 30, 100 },
	{ "failure is free", 0, 1, 100, 30, 30 },
	{ "nothing applied", 0, 1, 100, 0, 0 },
	{ "a tenth", 1, 10, 100, 30, 37 },
	{ "rounded down", 1, 3, 100, 30, 53 },
	{ "above 1", 2, 1, 100, 30, 170 },
	{ "of all", 1, 10, 100, 100, 100 },
	{ "of more", 1, 10, 100, 130, 100 },
	{ "huge", UINT_MAX, UINT_MAX, ULONG_MAX, 0, ULONG_MAX },
	{ "too huge", UINT_MAX, 1, ULONG_MAX, 1, ULONG_MAX },
};

KUNIT_ARRAY_PARAM_DESC(charge, charge_cases, desc);

static void quota_charge(struct kunit *test)
{
	const struct charge_case *c = test->param_value;
	struct fixture *f = test->priv;
	struct damos_quota *q = &f->s.quota;

	f->spec.quota.sz = 1;
	f->spec.quota.fail_charge_num = c->num;
	f->spec.quota.fail_charge_denom = c->denom;
	damos_quota_charge(&f->s, c->sz, c->applied, 7);
	KUNIT_EXPECT_EQ(test, q->charged, c->charge);
	KUNIT_EXPECT_EQ(test, q->applied, c->applied);
	KUNIT_EXPECT_EQ(test, q->total_ns, 7ULL);

	q->charged = 5;
	q->applied = 6;
	damos_quota_charge(&f->s, c->sz, c->applied, U64_MAX);
	KUNIT_EXPECT_EQ(test, q->charged, c->charge > ULONG_MAX - 5 ?
			ULONG_MAX : c->charge + 5);
	KUNIT_EXPECT_EQ(test, q->applied, c->applied + 6);
	KUNIT_EXPECT_EQ(test, q->total_ns, U64_MAX);
}

/* One after the other on one scheme, which has a quota of 8192. */
static const struct roll_case {
	u64 now_ns;
	unsigned long reset_ms;
	unsigned long charged;		/* after the window has begun */
	bool rolls;
	unsigned long qt_exceeds;
	u64 total_charged;
} roll_cases[] = {
	{ 50 * MS, 10, 8192, true, 0, 0 },	/* the first */
	{ 50 * MS, 10, 8192, false, 0, 0 },
	{ 60 * MS - 1, 10, 8192, false, 0, 0 },
	{ 60 * MS, 10, 4096, true, 1, 8192 },	/* was full */
	{ 65 * MS, 10, 4096, false, 1, 8192 },
	{ 99 * MS, 10, 4097, true, 1, 12288 },	/* was not, and is late */
	{ 109 * MS - 1, 10, 4097, false, 1, 12288 },
	{ 109 * MS, 10, 0, true, 2, 16385 },	/* less than a page was left */
	{ 108 * MS, 10, 0, true, 2, 16385 },	/* time goes back */
	{ 108 * MS, 0, 0, true, 2, 16385 },	/* no interval, always */
	{ 108 * MS, 1, 0, false, 2, 16385 },
	{ U64_MAX, ULONG_MAX, 0, BITS_PER_LONG == 32, 2, 16385 },
	{ U64_MAX, 0, 0, true, 2, 16385 },
};

static void quota_roll(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->spec.quota.sz = 8192;
	for (unsigned int i = 0; i < ARRAY_SIZE(roll_cases); i++) {
		const struct roll_case *c = &roll_cases[i];

		f->spec.quota.reset_interval = c->reset_ms;
		KUNIT_EXPECT_EQ(test, damos_quota_roll(&f->s, c->now_ns,
						       MIN_SZ), c->rolls);
		KUNIT_EXPECT_EQ(test, f->s.stat.qt_exceeds, c->qt_exceeds);
		KUNIT_EXPECT_EQ(test, f->s.quota.total_charged,
				c->total_charged);
		if (!c->rolls)
			continue;
		KUNIT_EXPECT_EQ(test, f->s.quota.window_ns, c->now_ns);
		KUNIT_EXPECT_EQ(test, damos_quota_tune(&f->s, MIN_SZ, 1), !i);
		KUNIT_EXPECT_EQ(test, f->s.quota.charged, 0UL);
		KUNIT_EXPECT_EQ(test, f->s.quota.applied, 0UL);
		damos_quota_charge(&f->s, c->charged, c->charged, 1);
	}
}

/* A quota that was taken away holds to the end of the window. */
static void quota_removed(struct kunit *test)
{
	struct fixture *f = test->priv;

	damos_quota_charge(&f->s, 4096, 4096, 1 * MS);
	KUNIT_EXPECT_EQ(test, f->s.quota.charged, 0UL);
	KUNIT_EXPECT_EQ(test, f->s.quota.applied, 0UL);
	KUNIT_EXPECT_EQ(test, f->s.quota.total_ns, 0ULL);
	KUNIT_EXPECT_FALSE(test, damos_quota_roll(&f->s, 1 * MS, MIN_SZ));

	f->spec.quota.reset_interval = 10;
	f->spec.quota.sz = 8192;
	KUNIT_EXPECT_TRUE(test, damos_quota_roll(&f->s, 2 * MS, MIN_SZ));
	KUNIT_EXPECT_TRUE(test, damos_quota_tune(&f->s, MIN_SZ, 1));

	f->spec.quota.sz = 0;
	KUNIT_EXPECT_FALSE(test, damos_quota_roll(&f->s, 11 * MS, MIN_SZ));
	KUNIT_EXPECT_EQ(test, damos_quota_room(&f->s, MIN_SZ), 8192UL);
	KUNIT_EXPECT_TRUE(test, damos_quota_roll(&f->s, 12 * MS, MIN_SZ));
	KUNIT_EXPECT_TRUE(test, damos_quota_tune(&f->s, MIN_SZ, 1));
	KUNIT_EXPECT_EQ(test, damos_quota_room(&f->s, MIN_SZ), ULONG_MAX);
	KUNIT_EXPECT_FALSE(test, damos_quota_roll(&f->s, 13 * MS, MIN_SZ));

	/* And a new one does not wait for it. */
	f->spec.quota.sz = 4096;
	KUNIT_EXPECT_TRUE(test, damos_quota_roll(&f->s, 14 * MS, MIN_SZ));
	KUNIT_EXPECT_TRUE(test, damos_quota_tune(&f->s, MIN_SZ, 1));
	KUNIT_EXPECT_EQ(test, damos_quota_room(&f->s, MIN_SZ), 4096UL);
}

static const struct size_case {
	const char *desc;
	unsigned long sz, ms, unit;
	u64 total_charged, total_ns;
	unsigned long esz;
} size_cases[] = {
	{ "size", 12345, 0, 1, 0, 0, 12345 },
	{ "size in units", 12345, 0, 4096, 0, 0, 12345 },
	{ "largest size", ULONG_MAX, 0, 1, 0, 0, ULONG_MAX },
	{ "time, nothing known", 0, 2, 1, 0, 0, 2 * 1024 * PAGE_SIZE },
	{ "time in units", 0, 2, PAGE_SIZE, 0, 0, 2 * 1024 },
	/* 10,000 per millisecond */
	{ "time", 0, 3, 1, 50000, 5 * MS, 30000 },
	{ "time, then size", 20000, 3, 1, 50000, 5 * MS, 20000 },
	{ "size, then time", 40000, 3, 1, 50000, 5 * MS, 30000 },
	{ "time for nothing", 0, 3, 1, 0, 5 * MS, MIN_SZ },
	{ "hardly any time", 0, 1, 1, 500, 5 * MS, MIN_SZ },
	{ "much time", 0, ULONG_MAX, 1, U64_MAX, 1, ULONG_MAX },
	{ "slow", 0, 1, 1, 1, U64_MAX, MIN_SZ },
};

KUNIT_ARRAY_PARAM_DESC(size, size_cases, desc);

static void quota_size(struct kunit *test)
{
	const struct size_case *c = test->param_value;
	unsigned long min_sz = max(MIN_SZ / c->unit, 1UL);
	struct fixture *f = test->priv;

	f->spec.quota.sz = c->sz;
	f->spec.quota.ms = c->ms;
	f->s.quota.total_charged = c->total_charged;
	f->s.quota.total_ns = c->total_ns;
	KUNIT_EXPECT_TRUE(test, damos_quota_tune(&f->s, min_sz, c->unit));
	KUNIT_EXPECT_EQ(test, f->s.quota.esz, c->esz);
	KUNIT_EXPECT_EQ(test, f->s.quota.aim, ULONG_MAX);
	KUNIT_EXPECT_FALSE(test, damos_quota_tune(&f->s, min_sz, c->unit));
	f->s.quota.esz++;
	KUNIT_EXPECT_TRUE(test, damos_quota_tune(&f->s, min_sz, c->unit));
}

static void quota_adopt(struct kunit *test)
{
	static struct damos_goal old_goals[NR_GOALS];
	static struct damos_quota old;
	struct fixture *f = test->priv;
	struct damos_quota *q = &f->s.quota;

	goal_put(f, 5000, 0, 1000000);
	goal_put(f, 6000, 0, 1000000);
	goal_put(f, 7000, 0, 1000000);
	f->goals[1].nid = 1;
	for (unsigned int i = 0; i < NR_GOALS; i++) {
		old_goals[i] = f->goals[i];
		old_goals[i].target = 1;
		old_goals[i].psi_us = 100 + i;
		old_goals[i].psi_known = true;
		old_goals[i].model.known = true;
		old_goals[i].model.drift = 200 + i;
	}
	old = (struct damos_quota){
		.goals = { old_goals, NR_GOALS },
		.esz = 1, .aim = 2, .charged = 3, .applied = 4,
		.total_charged = 5, .total_ns = 6, .window_ns = 7,
		.begun = true, .resume = true, .resume_at = { 8, 9 },
		.min_score = 10, .eligible = 11, .feedback = 12,
	};

	/* The second one now looks elsewhere. */
	f->goals[1].nid = 2;
	damos_quota_adopt(q, &old);
	KUNIT_EXPECT_TRUE(test, q->goals.vec == f->goals);
	KUNIT_EXPECT_EQ(test, q->goals.nr, (unsigned int)NR_GOALS);
	KUNIT_EXPECT_EQ(test, q->esz, 1UL);
	KUNIT_EXPECT_EQ(test, q->aim, 2UL);
	KUNIT_EXPECT_EQ(test, q->charged, 3UL);
	KUNIT_EXPECT_EQ(test, q->applied, 4UL);
	KUNIT_EXPECT_EQ(test, q->total_charged, 5ULL);
	KUNIT_EXPECT_EQ(test, q->total_ns, 6ULL);
	KUNIT_EXPECT_EQ(test, q->window_ns, 7ULL);
	KUNIT_EXPECT_TRUE(test, q->begun);
	KUNIT_EXPECT_TRUE(test, q->resume);
	KUNIT_EXPECT_EQ(test, q->resume_at.target, 8U);
	KUNIT_EXPECT_EQ(test, q->resume_at.addr, 9UL);
	KUNIT_EXPECT_EQ(test, q->min_score, 10U);
	KUNIT_EXPECT_EQ(test, q->eligible, 11ULL);
	KUNIT_EXPECT_EQ(test, q->feedback, 12ULL);
	KUNIT_EXPECT_EQ(test, f->goals[0].target, 5000UL);
	KUNIT_EXPECT_EQ(test, f->goals[0].psi_us, 100ULL);
	KUNIT_EXPECT_TRUE(test, f->goals[0].psi_known);
	KUNIT_EXPECT_EQ(test, f->goals[0].model.drift, 200ULL);
	KUNIT_EXPECT_FALSE(test, f->goals[1].psi_known);
	KUNIT_EXPECT_FALSE(test, f->goals[1].model.known);
	KUNIT_EXPECT_EQ(test, f->goals[2].model.drift, 202ULL);
}

/* Any number of bits, all lengths alike. */
static u64 any(u32 *rnd)
{
	u64 value;

	*rnd = next_pseudo_random32(*rnd);
	value = (u64)*rnd << 32;
	*rnd = next_pseudo_random32(*rnd);
	value |= *rnd;
	*rnd = next_pseudo_random32(*rnd);
	return (*rnd >> 8) % 8 ? value >> (*rnd >> 16) % 64 : U64_MAX;
}

static void any_goals(struct fixture *f, u32 *rnd)
{
	f->s.quota.goals.nr = 0;
	for (unsigned int nr = any(rnd) % (NR_GOALS + 1); nr; nr--)
		goal_put(f, max_t(unsigned long, any(rnd), 1), any(rnd),
			 any(rnd) % 3 ? any(rnd) : 0);
}

/* Whatever happens, limits are kept, and nothing overflows. */
static void quota_any(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct damos_quota *q = &f->s.quota;
	u32 rnd = 1;

	for (unsigned int i = 0; i < 20000; i++) {
		unsigned long min_sz = 1UL << any(&rnd) % 20, room;

		if (!(i % 10)) {
			f->spec.quota.sz = any(&rnd) % 2 ? any(&rnd) : 0;
			f->spec.quota.ms = any(&rnd) % 2 ? any(&rnd) : 0;
			f->spec.quota.reset_interval = any(&rnd);
			f->spec.quota.goal_tuner = any(&rnd) % 4 ? CONSIST :
						   TEMPORAL;
			f->spec.quota.fail_charge_num = any(&rnd);
			f->spec.quota.fail_charge_denom = any(&rnd);
			any_goals(f, &rnd);
		}
		for (unsigned int k = 0; k < q->goals.nr; k++)
			f->goals[k].current_value = any(&rnd);
		q->eligible = any(&rnd) % 2 ? any(&rnd) : 0;
		damos_quota_charge(&f->s, any(&rnd), any(&rnd),
				   any(&rnd) >> 16);
		if (damos_quota_roll(&f->s, any(&rnd), min_sz))
			damos_quota_tune(&f->s, min_sz,
					 max_t(unsigned long, any(&rnd), 1));

		room = damos_quota_room(&f->s, min_sz);
		if (!damos_quota_is_set(&f->s)) {
			KUNIT_EXPECT_EQ(test, room, ULONG_MAX);
			continue;
		}
		KUNIT_EXPECT_EQ(test, room % min_sz, 0UL);
		KUNIT_EXPECT_LE(test, room, q->esz);
		KUNIT_EXPECT_LE(test, room, q->aim);
		if (f->spec.quota.sz && !q->charged)
			KUNIT_EXPECT_LE(test, q->esz, f->spec.quota.sz);
		for (unsigned int k = 0; k < q->goals.nr; k++)
			KUNIT_EXPECT_LE(test, f->goals[k].model.waste_bp,
					7500U);
	}
}

static struct kunit_case quota_suite_cases[] = {
	KUNIT_CASE(quota_is_set),
	KUNIT_CASE_PARAM(quota_room, room_gen_params),
	KUNIT_CASE_PARAM(quota_charge, charge_gen_params),
	KUNIT_CASE(quota_roll),
	KUNIT_CASE(quota_removed),
	KUNIT_CASE_PARAM(quota_size, size_gen_params),
	KUNIT_CASE(quota_adopt),
	KUNIT_CASE(quota_any),
	{}
};

static struct kunit_suite quota_suite = {
	.name = "damon_quota",
	.init = quota_init,
	.test_cases = quota_suite_cases,
};

kunit_test_suite(quota_suite);
