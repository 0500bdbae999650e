// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/pace.c: when there is something to check or to prepare. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/mm.h>

#include "../policy/access.h"
#include "../policy/region.h"

#define NR		4U
#define MIN_SZ		16UL
#define SAMPLES		20

struct pace_fixture {
	struct damon_regions rs;
	struct damon_access ac;
	struct damon_attrs attrs;
};

static int pace_init(struct kunit *test)
{
	struct pace_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct damon_addr_range range = { 0, NR * MIN_SZ };
	int err;

	if (!f)
		return -ENOMEM;
	test->priv = f;
	f->attrs = (struct damon_attrs){
		.sample_interval = 5000,
		.aggr_interval = 5000 * SAMPLES,
		.min_nr_regions = NR,
		.max_nr_regions = NR,
	};
	damon_access_init(&f->ac, &f->attrs, MIN_SZ, 1);
	err = damon_regions_init(&f->rs, 1, NR);
	if (!err)
		err = damon_target_set_ranges(&f->rs, f->rs.targets, &range, 1,
					      MIN_SZ, &f->ac.rnd);
	if (!err)
		damon_access_fit(&f->ac, &f->rs);
	return err;
}

static void pace_exit(struct kunit *test)
{
	struct pace_fixture *f = test->priv;

	if (f)
		damon_regions_free(&f->rs);
}

/* All regions are like this, and then some time passes. */
static void set_all(struct pace_fixture *f, unsigned int nr_accesses,
		    unsigned int age)
{
	for (unsigned int i = 0; i < f->rs.nr; i++) {
		struct damon_region *r = &f->rs.cur[i];

		r->flags = 0;
		r->probe = 0;
		r->nr_accesses = nr_accesses;
		r->rate = nr_accesses * DAMON_RATE_ONE / SAMPLES;
		r->age = age;
	}
	damon_access_reset(&f->ac, &f->rs);
	f->ac.nr_aggrs = 0;
}

static const struct pace_case {
	const char *desc;
	unsigned int nr_accesses, age;
	enum damon_pace pace;
} pace_cases[] = {
	{ "young", 0, 9, DAMON_PACE_FULL },
	{ "cold", 0, 10, DAMON_PACE_SLOW },
	{ "cold for long", 0, 39, DAMON_PACE_SLOW },
	{ "cold for very long", 0, 40, DAMON_PACE_IDLE },
	{ "hot", SAMPLES, 10, DAMON_PACE_SLOW },
	{ "hot for very long", SAMPLES, 41, DAMON_PACE_SLOW },
	{ "hot, to be looked at again", SAMPLES, 40, DAMON_PACE_FULL },
	{ "warm for very long", SAMPLES / 2, 41, DAMON_PACE_FULL },
};

KUNIT_ARRAY_PARAM_DESC(pace, pace_cases, desc);

/* What the slowest allow for, of which there is one less at a time. */
static void paces(struct kunit *test)
{
	const struct pace_case *c = test->param_value;
	struct pace_fixture *f = test->priv;

	set_all(f, c->nr_accesses, c->age);
	KUNIT_EXPECT_EQ(test, f->ac.pace, c->pace);
	KUNIT_EXPECT_EQ(test, f->ac.awake, c->pace == DAMON_PACE_FULL);
	f->ac.full_rate = true;
	damon_access_reset(&f->ac, &f->rs);
	KUNIT_EXPECT_EQ(test, f->ac.pace, DAMON_PACE_FULL);
	f->ac.full_rate = false;

	set_all(f, c->nr_accesses, c->age);
	f->rs.cur[NR - 1].flags &= ~DAMON_REGION_SLOW;
	damon_access_set_pace(&f->ac, &f->rs);
	KUNIT_EXPECT_EQ(test, f->ac.pace, DAMON_PACE_FULL);
	KUNIT_EXPECT_TRUE(test, f->ac.awake);
}

/* Nothing to monitor: nothing to do. */
static void no_regions(struct kunit *test)
{
	struct pace_fixture *f = test->priv;
	const struct damon_regions none = {};

	damon_access_set_pace(&f->ac, &none);
	KUNIT_EXPECT_EQ(test, f->ac.pace, DAMON_PACE_IDLE);
	KUNIT_EXPECT_EQ(test, damon_access_sleep_ticks(&f->ac), SAMPLES);
}

/* One region of many is not slow: the others take turns, which change. */
static void slow_regions_take_turns(struct kunit *test)
{
	struct pace_fixture *f = test->priv;
	struct damon_region r = f->rs.cur[0];

	f->ac.pace = DAMON_PACE_FULL;
	for (u32 stride = 1; stride <= 5; stride += 2) {
		unsigned int turns[4] = {};

		f->ac.stride = stride;
		r.flags = 0;
		KUNIT_EXPECT_TRUE(test, damon_access_due(&f->ac, &r, 1));
		r.flags |= DAMON_REGION_SLOW;
		for (f->ac.tick = 0; f->ac.tick < 16 * stride;
		     f->ac.tick += stride)
			for (unsigned int i = 0; i < 4; i++)
				turns[i] += damon_access_due(&f->ac, &r, i);
		for (unsigned int i = 0; i < 4; i++)
			KUNIT_EXPECT_EQ(test, turns[i], 4U);
	}
	f->ac.tick = 0;
	f->ac.nr_aggrs = 0;
	KUNIT_EXPECT_TRUE(test, damon_access_due(&f->ac, &r, 0));
	f->ac.nr_aggrs++;
	KUNIT_EXPECT_FALSE(test, damon_access_due(&f->ac, &r, 0));
}

#define P	1	/* prepared */
#define C	2	/* checked */
#define PC	(P | C)

/* What happens at ticks 0 to 20 of an aggregation; ticks of 0 are slept. */
static const struct ticks_case {
	const char *desc;
	unsigned int nr_accesses, age;
	u32 stride;
	u8 what[SAMPLES + 1];
	u32 nr_aggrs;
} ticks_cases[] = {
	{ "full rate", 10, 0, 1,
	  { P, PC, PC, PC, PC, PC, PC, PC, PC, PC, PC,
	    PC, PC, PC, PC, PC, PC, PC, PC, PC, PC } },
	{ "full rate, every other", 10, 0, 2,
	  { 0, P, C, P, C, P, C, P, C, P, C, P, C, P, C, P, C, P, C, P, C } },
	{ "full rate, one in eight", 10, 0, 8,
	  { 0, 0, 0, 0, 0, 0, 0, P, C, 0, 0, 0, 0, 0, 0, P, C, 0, 0, 0, 0 } },
	{ "full rate, one in all", 10, 0, 20,
	  { [19] = P, [20] = C } },
	{ "slow", 0, 10, 1,
	  { P, [4] = PC, [8] = PC, [12] = PC, [16] = PC, [20] = PC } },
	{ "slow, one in three", 0, 10, 3, { P, [12] = PC } },
	{ "slow, one in eight", 0, 10, 8, { P, [16] = PC } },
	{ "slow, one in all", 0, 10, 20, { P, [20] = PC } },
	{ "slow, another aggregation", 0, 10, 1,
	  { P, [3] = PC, [7] = PC, [11] = PC, [15] = PC, [19] = PC }, 1 },
	{ "slow, one in three, another aggregation", 0, 10, 3,
	  { P, [6] = PC, [18] = PC }, 6 },
	{ "idle", 0, 40, 1, { P, [20] = PC } },
	{ "idle, another aggregation", 0, 40, 1, { P, [20] = PC }, 3 },
	{ "idle, one in eight", 0, 40, 8, { P, [20] = PC } },
};

KUNIT_ARRAY_PARAM_DESC(ticks, ticks_cases, desc);

static u8 to_do(const struct damon_access *ac)
{
	return (damon_access_checks(ac) ? C : 0) |
		(damon_access_prepares(ac) ? P : 0);
}

static void ticks(struct kunit *test)
{
	const struct ticks_case *c = test->param_value;
	struct pace_fixture *f = test->priv;
	struct damon_access *ac = &f->ac;
	u32 next = 0;
	u8 what;

	ac->stride = c->stride;
	set_all(f, c->nr_accesses, c->age);
	ac->nr_aggrs = c->nr_aggrs;
	for (; ac->tick <= SAMPLES; ac->tick++) {
		if (ac->tick != next) {
			KUNIT_EXPECT_EQ(test, c->what[ac->tick], 0);
			continue;
		}
		/* At first there is nothing to be checked. */
		what = ac->tick ? to_do(ac) : to_do(ac) & P;
		KUNIT_EXPECT_EQ(test, what, c->what[ac->tick]);
		for (unsigned int i = 0; i < NR && what & C; i++)
			KUNIT_EXPECT_TRUE(test,
					  damon_access_due(ac, &f->rs.cur[i],
							   i));
		ac->open = what & P;
		next = ac->tick + damon_access_sleep_ticks(ac);
	}
}

/* What is suspected is checked one interval after it was prepared. */
static void surprises(struct kunit *test)
{
	struct pace_fixture *f = test->priv;
	struct damon_access *ac = &f->ac;
	struct damon_region *r = f->rs.cur;

	for (u32 stride = 1; stride <= 5; stride += 4) {
		ac->stride = stride;
		set_all(f, 0, 10);
		ac->tick = 4 * stride;
		KUNIT_EXPECT_EQ(test, to_do(ac), PC);
		damon_access_record(ac, r, false);
		KUNIT_EXPECT_FALSE(test, ac->awake);
		damon_access_record(ac, r, true);
		KUNIT_EXPECT_TRUE(test, ac->awake);
		ac->open = true;
		KUNIT_EXPECT_EQ(test, damon_access_sleep_ticks(ac), 1U);
		ac->tick++;
		KUNIT_EXPECT_EQ(test, to_do(ac), stride == 1 ? PC : C);
		KUNIT_EXPECT_TRUE(test, damon_access_due(ac, r, 0));
		KUNIT_EXPECT_FALSE(test, damon_access_due(ac, r + 1, 1));
		ac->open = stride == 1;
		KUNIT_EXPECT_EQ(test, damon_access_sleep_ticks(ac),
				stride == 1 ? 1U : 3U);
		set_all(f, SAMPLES, 10);
		damon_access_record(ac, r, true);
		KUNIT_EXPECT_FALSE(test, ac->awake);
		damon_access_record(ac, r, false);
		KUNIT_EXPECT_TRUE(test, ac->awake);
	}
}

/* However many samples there are, each region is checked now and then. */
static void few_samples(struct kunit *test)
{
	struct pace_fixture *f = test->priv;
	struct damon_access *ac = &f->ac;

	for (unsigned int samples = 1; samples <= 9; samples++) {
		f->attrs.aggr_interval = f->attrs.sample_interval * samples;
		damon_access_set_attrs(ac, &f->attrs, MIN_SZ);
		for (u32 stride = 1; stride <= samples; stride++) {
			unsigned int nr = 0;

			ac->stride = stride;
			set_all(f, 0, 10);
			while (ac->tick < samples) {
				u32 left = damon_access_sleep_ticks(ac);

				KUNIT_ASSERT_GE(test, left, 1U);
				ac->tick += left;
				KUNIT_EXPECT_TRUE(test, to_do(ac) == PC);
				nr += ac->tick <= samples;
			}
			KUNIT_EXPECT_GE(test, nr, 1U);
			KUNIT_EXPECT_LE(test, nr, samples / min(4U, samples));
		}
	}
	/* A stride never spans more than an aggregation. */
	f->attrs.aggr_interval = 2 * f->attrs.sample_interval;
	damon_access_set_attrs(ac, &f->attrs, MIN_SZ);
	KUNIT_EXPECT_EQ(test, ac->stride, 2U);
}

static struct kunit_case pace_test_cases[] = {
	KUNIT_CASE_PARAM(paces, pace_gen_params),
	KUNIT_CASE(no_regions),
	KUNIT_CASE(slow_regions_take_turns),
	KUNIT_CASE_PARAM(ticks, ticks_gen_params),
	KUNIT_CASE(surprises),
	KUNIT_CASE(few_samples),
	{}
};

static struct kunit_suite pace_suite = {
	.name = "damon_pace",
	.init = pace_init,
	.exit = pace_exit,
	.test_cases = pace_test_cases,
};

kunit_test_suite(pace_suite);
