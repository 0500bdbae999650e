// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/budget.c, by contexts of which the cost is made up. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/prandom.h>
#include <linux/time64.h>

#include "../policy/budget.h"

#define SAMPLES		20U
#define AGGR_NS		(100ULL * NSEC_PER_MSEC)
#define NR_REGIONS	200U
#define MIN_NR		10U

/* What it costs. */
struct payer {
	struct damon_budget budget;
	u64 aggr_ns;		/* an aggregation, whatever was sampled */
	u64 region_ns;		/* ... and for each region */
	u64 wakeup_ns;		/* a wake-up */
	u64 sample_ns;		/* a sample of a region */
	unsigned int noise;	/* percent, up or down */
	unsigned int permille;
	unsigned int nr_changes;
	u64 spent_ns;
	u32 rnd;
};

static unsigned int payer_nr(const struct payer *p)
{
	return min(NR_REGIONS, p->budget.nr_limit ?: NR_REGIONS);
}

static u64 payer_ns(const struct payer *p, u32 stride, unsigned int nr)
{
	/* Apart from each other, preparations and checks are two wake-ups. */
	return p->aggr_ns + p->region_ns * nr + SAMPLES / stride *
		(p->wakeup_ns * (stride > 1 ? 2 : 1) + p->sample_ns * nr);
}

static void aggregate(struct payer *p)
{
	struct damon_budget before = p->budget, *b = &p->budget;
	struct damon_budget_span span = {
		.wall_ns = AGGR_NS,
		.permille = p->permille,
		.samples = SAMPLES,
		.nr_regions = payer_nr(p),
		.min_nr = MIN_NR,
		.max_nr = 1000,
	};

	p->rnd = next_pseudo_random32(p->rnd);
	span.cpu_ns = payer_ns(p, b->stride, span.nr_regions) *
		(100 - p->noise + (p->rnd >> 8) % (2 * p->noise + 1));
	span.cpu_ns = div_u64(span.cpu_ns, 100);
	damon_budget_update(b, &span);
	p->spent_ns += span.cpu_ns;
	p->nr_changes += b->stride != before.stride ||
		b->nr_limit != before.nr_limit;
}

/* Part of a CPU that is used, 1/1000000. */
static unsigned int run(struct payer *p, unsigned int nr_aggrs)
{
	p->spent_ns = 0;
	p->nr_changes = 0;
	for (unsigned int i = 0; i < nr_aggrs; i++)
		aggregate(p);
	return div64_u64(p->spent_ns * 1000000, nr_aggrs * AGGR_NS);
}

static struct payer new_payer(u64 scale, u32 seed)
{
	struct payer p = {
		.aggr_ns = 20000 * scale,
		.region_ns = 200 * scale,
		.wakeup_ns = 8000 * scale,
		.sample_ns = 250 * scale,
		.rnd = seed,
	};

	damon_budget_init(&p.budget);
	return p;
}

static void off(struct kunit *test)
{
	struct payer p = new_payer(10, 1);
	struct damon_budget_span span = {
		.cpu_ns = 1, .samples = SAMPLES, .permille = 1,
	};

	KUNIT_EXPECT_EQ(test, run(&p, 50), 122000U);
	KUNIT_EXPECT_EQ(test, p.nr_changes, 0U);
	KUNIT_EXPECT_EQ(test, p.budget.cost, 122000000ULL);

	/* Nothing is known about no time. */
	damon_budget_init(&p.budget);
	for (unsigned int i = 0; i < 10; i++)
		damon_budget_update(&p.budget, &span);
	KUNIT_EXPECT_EQ(test, p.budget.cost, 0ULL);
	KUNIT_EXPECT_EQ(test, p.budget.stride, 1U);

	/* No more than one CPU, whatever clocks say. */
	span.wall_ns = 1;
	span.cpu_ns = U64_MAX;
	span.permille = 1000;
	for (unsigned int i = 0; i < 10; i++)
		damon_budget_update(&p.budget, &span);
	KUNIT_EXPECT_EQ(test, p.budget.cost, (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, p.budget.stride, 1U);
}

/* A single expensive aggregation at the begin, and one later. */
static void one_is_none(struct kunit *test)
{
	struct payer p = new_payer(1, 1);

	p.permille = 13;
	p.sample_ns *= 10;
	run(&p, 1);
	p.sample_ns /= 10;
	run(&p, 60);
	p.aggr_ns *= 10;
	run(&p, 1);
	p.aggr_ns /= 10;
	KUNIT_EXPECT_LE(test, run(&p, 20), 13000U);
	KUNIT_EXPECT_EQ(test, p.nr_changes, 0U);
	KUNIT_EXPECT_EQ(test, p.budget.stride, 1U);
}

static const struct converge_case {
	const char *desc;
	u64 scale;
	unsigned int permille, noise;
} converge_cases[] = {
	{ "plenty", 1, 20, 10 },
	{ "just enough", 1, 13, 5 },
	{ "a bit too little", 1, 11, 10 },
	{ "half", 1, 6, 10 },
	{ "half, noisy", 1, 6, 25 },
	{ "a quarter", 1, 3, 10 },
	{ "few samples", 1, 1, 10 },
	{ "few regions", 10, 5, 10 },
	{ "few regions, noisy", 10, 5, 25 },
	{ "much of a large cost", 40, 300, 10 },
	{ "a part of a huge cost", 80, 100, 10 },
};

KUNIT_ARRAY_PARAM_DESC(converge, converge_cases, desc);

static void expect_settled(struct kunit *test, struct payer *p)
{
	unsigned int limit = 1000 * p->permille;
	unsigned int least = div64_u64(payer_ns(p, SAMPLES, MIN_NR) * 1000000,
				       AGGR_NS);
	unsigned int used;

	run(p, 20);
	used = run(p, 200);
	/* It holds, or all is done that can be. */
	KUNIT_EXPECT_LE(test, used, max(limit, least) * 26 / 25);
	/* And it is used, unless one more sample would be too much. */
	if (p->budget.nr_limit)
		KUNIT_EXPECT_GE(test, used, limit / 2);
	/* Changes are rare, no more than one in two seconds. */
	KUNIT_EXPECT_LE(test, p->nr_changes, 10U);
	KUNIT_EXPECT_GE(test, p->budget.nr_limit ?: MIN_NR, MIN_NR);
	KUNIT_EXPECT_LE(test, p->budget.stride, SAMPLES);
}

static void converges(struct kunit *test)
{
	const struct converge_case *c = test->param_value;

	for (u32 seed = 1; seed <= 20; seed++) {
		struct payer p = new_payer(c->scale, seed);

		p.permille = c->permille;
		p.noise = c->noise;
		expect_settled(test, &p);

		/* Everything costs four times as much, and then as before. */
		p.aggr_ns *= 4;
		p.sample_ns *= 4;
		p.wakeup_ns *= 4;
		p.region_ns *= 4;
		expect_settled(test, &p);
		p.aggr_ns /= 4;
		p.sample_ns /= 4;
		p.wakeup_ns /= 4;
		p.region_ns /= 4;
		run(&p, 60);
		expect_settled(test, &p);
	}
}

/* Every eighth aggregation is four times as expensive: the mean counts. */
static void regular_peaks(struct kunit *test)
{
	struct payer p = new_payer(1, 1);
	unsigned int changes = 0;
	u64 spent = 0;

	p.permille = 12;
	for (unsigned int i = 0; i < 240; i++) {
		p.sample_ns = i % 8 ? 60 : 250;
		run(&p, 1);
		spent += p.spent_ns;
		changes += p.nr_changes;
	}
	KUNIT_EXPECT_LE(test, spent, 240 * AGGR_NS / 1000 * 12);
	KUNIT_EXPECT_EQ(test, changes, 0U);
	KUNIT_EXPECT_EQ(test, p.budget.stride, 1U);
}

/* What can't be done is not done, and is reported. */
static void impossible(struct kunit *test)
{
	struct payer p = new_payer(100, 1);

	p.permille = 1;
	run(&p, 30);
	KUNIT_EXPECT_EQ(test, SAMPLES / p.budget.stride, 1U);
	KUNIT_EXPECT_EQ(test, p.budget.nr_limit, MIN_NR);
	KUNIT_EXPECT_GT(test, run(&p, 20), 30000U);
	KUNIT_EXPECT_EQ(test, p.nr_changes, 0U);
	KUNIT_EXPECT_GT(test, p.budget.cost, 30000000ULL);

	/* Both levers come back when the budget is raised, or goes. */
	p.permille = 1000;
	run(&p, 120);
	KUNIT_EXPECT_LE(test, p.budget.stride, 3U);
	KUNIT_EXPECT_EQ(test, p.budget.nr_limit, 0U);
	p.permille = 1;
	run(&p, 30);
	p.permille = 0;
	run(&p, 1);
	KUNIT_EXPECT_EQ(test, p.budget.stride, 1U);
	KUNIT_EXPECT_EQ(test, p.budget.nr_limit, 0U);
}

/* With fewer samples per aggregation there can't be the same stride. */
static void fewer_samples(struct kunit *test)
{
	struct damon_budget b = { .stride = 20 };
	const struct damon_budget_span span = { .samples = 5 };

	damon_budget_update(&b, &span);
	KUNIT_EXPECT_EQ(test, b.stride, 5U);
}

static struct kunit_case budget_cases[] = {
	KUNIT_CASE(off),
	KUNIT_CASE(one_is_none),
	KUNIT_CASE_PARAM(converges, converge_gen_params),
	KUNIT_CASE(regular_peaks),
	KUNIT_CASE(impossible),
	KUNIT_CASE(fewer_samples),
	{}
};

static struct kunit_suite budget_suite = {
	.name = "damon_budget",
	.test_cases = budget_cases,
};

kunit_test_suite(budget_suite);
