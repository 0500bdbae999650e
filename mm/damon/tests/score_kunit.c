// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/score.c. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../policy/damos.h"
#include "../policy/spec.h"

/* 20 samples per aggregation, 10 aggregations per second. */
#define SAMPLE_US	5000UL
#define AGGR_US		100000UL
#define W		20U

static const struct fits_case {
	const char *desc;
	struct damos_access_pattern p;
	unsigned long sz;
	unsigned int nr_accesses, age;
	bool fits;
} fits_cases[] = {
	{ "inside", { { 1, 9 }, { 1, 9 }, { 1, 9 } }, 5, 5, 5, true },
	{ "lower limits", { { 1, 9 }, { 2, 9 }, { 3, 9 } }, 1, 2, 3, true },
	{ "upper limits", { { 1, 7 }, { 1, 8 }, { 1, 9 } }, 7, 8, 9, true },
	{ "too small", { { 4, 9 }, { 1, 9 }, { 1, 9 } }, 3, 5, 5, false },
	{ "too large", { { 4, 9 }, { 1, 9 }, { 1, 9 } }, 10, 5, 5, false },
	{ "too cold", { { 1, 9 }, { 4, 9 }, { 1, 9 } }, 5, 3, 5, false },
	{ "too hot", { { 1, 9 }, { 4, 9 }, { 1, 9 } }, 5, 10, 5, false },
	{ "too young", { { 1, 9 }, { 1, 9 }, { 4, 9 } }, 5, 5, 3, false },
	{ "too old", { { 1, 9 }, { 1, 9 }, { 4, 9 } }, 5, 5, 10, false },
	{ "one value", { { 5, 5 }, { 5, 5 }, { 5, 5 } }, 5, 5, 5, true },
	{ "no size", { { 6, 5 }, { 5, 5 }, { 5, 5 } }, 5, 5, 5, false },
	{ "no number", { { 5, 5 }, { 6, 5 }, { 5, 5 } }, 5, 5, 5, false },
	{ "default", { }, 4096, 0, 0, false },
	{ "everything", { { 0, ULONG_MAX }, { 0, ULONG_MAX }, { 0, ULONG_MAX } },
	  ULONG_MAX, UINT_MAX, UINT_MAX, true },
#if BITS_PER_LONG == 64
	{ "minimum is cut", { { 1, 9 }, { 1UL << 32, 9 }, { 1UL << 32, 9 } },
	  5, 0, 0, true },
	{ "maximum is cut", { { 1, 9 }, { 0, 1UL << 32 }, { 0, 9 } },
	  5, 1, 0, false },
	{ "size is not", { { 1, 1UL << 32 }, { 0, 9 }, { 0, 9 } },
	  5, 1, 0, true },
#endif
};

KUNIT_ARRAY_PARAM_DESC(fits, fits_cases, desc);

static void pattern_fits(struct kunit *test)
{
	const struct fits_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, damos_pattern_fits(&c->p, c->sz, c->nr_accesses,
						 c->age), c->fits);
}

static const struct score_case {
	const char *desc;
	unsigned int w_freq, w_age;
	unsigned int rate_bp, age;
	unsigned long sample_us, aggr_us;
	unsigned int hot;
} score_cases[] = {
	{ "half for 5 s", 1, 1, 10 * DAMON_BP, 50, SAMPLE_US, AGGR_US, 51 },
	{ "never for 5 s", 1, 1, 0, 50, SAMPLE_US, AGGR_US, 21 },
	{ "less than once", 1, 1, DAMON_BP - 1, 50, SAMPLE_US, AGGR_US, 21 },
	{ "no weights", 0, 0, 20 * DAMON_BP, 50, SAMPLE_US, AGGR_US, 0 },
	{ "always", 1, 0, 20 * DAMON_BP, 50, SAMPLE_US, AGGR_US, 99 },
	{ "a quarter", 1, 0, 5 * DAMON_BP, 50, SAMPLE_US, AGGR_US, 24 },
	{ "fraction dropped", 1, 0, 6 * DAMON_BP - 1, 50, SAMPLE_US, AGGR_US,
	  24 },
	{ "never", 1, 0, 0, 50, SAMPLE_US, AGGR_US, 0 },
	{ "just now", 0, 1, 20 * DAMON_BP, 9, SAMPLE_US, AGGR_US, 49 },
	{ "not yet", 0, 1, 0, 9, SAMPLE_US, AGGR_US, 49 },
	{ "for 1 s", 0, 1, 20 * DAMON_BP, 10, SAMPLE_US, AGGR_US, 50 },
	{ "not for 1 s", 0, 1, 0, 10, SAMPLE_US, AGGR_US, 47 },
	{ "for 3.9 s", 0, 1, DAMON_BP, 39, SAMPLE_US, AGGR_US, 52 },
	{ "for 4 s", 0, 1, DAMON_BP, 40, SAMPLE_US, AGGR_US, 53 },
	{ "1:3", 1, 3, 20 * DAMON_BP, 9, SAMPLE_US, AGGR_US, 61 },
	{ "3:1", 3, 1, 20 * DAMON_BP, 9, SAMPLE_US, AGGR_US, 86 },
	{ "huge weights", UINT_MAX, UINT_MAX, 10 * DAMON_BP, 50, SAMPLE_US,
	  AGGR_US, 51 },
	{ "more than possible", 1, 0, UINT_MAX, 0, 1, 1, 99 },
	{ "huge and more than possible", UINT_MAX, 0, UINT_MAX, 0, 1, 1, 99 },
	{ "no sampling interval", 1, 0, DAMON_BP, 0, 0, AGGR_US, 99 },
	{ "forever", 0, 1, DAMON_BP, UINT_MAX, ULONG_MAX, ULONG_MAX, 99 },
	{ "never ever", 0, 1, 0, UINT_MAX, SAMPLE_US, ULONG_MAX, 0 },
};

KUNIT_ARRAY_PARAM_DESC(score, score_cases, desc);

static void score(struct kunit *test)
{
	const struct score_case *c = test->param_value;
	struct damon_attrs attrs = {
		.sample_interval = c->sample_us,
		.aggr_interval = c->aggr_us,
	};
	struct damos_quota_spec q = {
		.weight_sz = 7,
		.weight_nr_accesses = c->w_freq,
		.weight_age = c->w_age,
	};

	KUNIT_EXPECT_EQ(test, damos_score(DAMOS_SCORE_HOT, &q, c->rate_bp,
					  c->age, &attrs), c->hot);
	KUNIT_EXPECT_EQ(test, damos_score(DAMOS_SCORE_COLD, &q, c->rate_bp,
					  c->age, &attrs), 99 - c->hot);
	KUNIT_EXPECT_EQ(test, damos_score(DAMOS_SCORE_NONE, &q, c->rate_bp,
					  c->age, &attrs), 99U);
}

/* More accesses are never colder; age makes hotter, or else colder. */
static void score_monotonic(struct kunit *test)
{
	const struct damon_attrs attrs = {
		.sample_interval = SAMPLE_US,
		.aggr_interval = AGGR_US,
	};
	const struct damos_quota_spec q = {
		.weight_nr_accesses = 3,
		.weight_age = 5,
	};

	for (unsigned int n = 0; n <= W; n++) {
		unsigned int last = 0;

		for (unsigned int bits = 0; bits < 32; bits++) {
			unsigned int age = 1U << bits;
			unsigned int hot = damos_score(DAMOS_SCORE_HOT, &q,
						       n * DAMON_BP, age,
						       &attrs);

			KUNIT_EXPECT_LE(test, hot, (unsigned int)DAMOS_MAX_SCORE);
			if (bits && n)
				KUNIT_EXPECT_GE(test, hot, last);
			else if (bits)
				KUNIT_EXPECT_LE(test, hot, last);
			last = hot;
			if (n < W)
				KUNIT_EXPECT_LE(test, hot,
						damos_score(DAMOS_SCORE_HOT, &q,
							    (n + 1) * DAMON_BP,
							    age, &attrs));
		}
	}
}

static const struct histogram_case {
	const char *desc;
	struct { unsigned int score; unsigned long sz; } regions[4];
	unsigned long budget;
	unsigned int min_score;
} histogram_cases[] = {
	{ "nothing", { }, 100, 0 },
	{ "nothing for nothing", { }, 0, 0 },
	{ "no budget", { { 70, 10 }, { 50, 10 } }, 0, 70 },
	{ "the first is enough", { { 70, 10 }, { 50, 10 } }, 9, 70 },
	{ "and exactly", { { 70, 10 }, { 50, 10 } }, 10, 70 },
	{ "two needed", { { 70, 10 }, { 50, 10 } }, 11, 50 },
	{ "exactly two", { { 70, 10 }, { 50, 10 } }, 20, 50 },
	{ "not enough", { { 70, 10 }, { 50, 10 } }, 21, 0 },
	{ "several of one", { { 70, 5 }, { 70, 6 }, { 50, 10 } }, 11, 70 },
	{ "in any order", { { 1, 5 }, { 70, 5 }, { 2, 5 }, { 99, 5 } }, 15, 2 },
	{ "the highest", { { 99, 5 } }, 5, 99 },
	{ "the lowest", { { 0, 5 } }, 5, 0 },
	{ "huge", { { 90, ULONG_MAX }, { 90, ULONG_MAX }, { 90, 1 } },
	  ULONG_MAX, 90 },
	{ "hardly enough", { { 90, ULONG_MAX - 1 }, { 1, 1 } }, ULONG_MAX, 1 },
};

KUNIT_ARRAY_PARAM_DESC(histogram, histogram_cases, desc);

static void histogram(struct kunit *test)
{
	const struct histogram_case *c = test->param_value;
	struct damos_histogram *h;

	h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, h);
	for (unsigned int i = 0; i < 4; i++)
		damos_histogram_add(h, c->regions[i].score, c->regions[i].sz);
	KUNIT_EXPECT_EQ(test, damos_histogram_min_score(h, c->budget),
			c->min_score);
}

/* What is at least of the score is enough, and what is above it is not. */
static void histogram_is_tight(struct kunit *test)
{
	struct damos_histogram *h;
	u32 rnd = 1;

	h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, h);
	for (unsigned int round = 0; round < 200; round++) {
		unsigned long budget, above = 0, all = 0;
		unsigned int min_score;

		memset(h, 0, sizeof(*h));
		for (unsigned int i = 0; i < round % 30; i++) {
			rnd = next_pseudo_random32(rnd);
			damos_histogram_add(h, (rnd >> 8) % 100,
					    (rnd >> 16) % 1000 + 1);
		}
		rnd = next_pseudo_random32(rnd);
		budget = (rnd >> 8) % 10000 + 1;
		min_score = damos_histogram_min_score(h, budget);
		for (unsigned int i = 0; i <= DAMOS_MAX_SCORE; i++) {
			all += h->sz[i];
			if (i > min_score)
				above += h->sz[i];
		}
		KUNIT_EXPECT_LT(test, above, budget);
		if (all < budget)
			KUNIT_EXPECT_EQ(test, min_score, 0U);
		else
			KUNIT_EXPECT_GE(test, above + (unsigned long)
					h->sz[min_score], budget);
	}
}

static struct kunit_case score_suite_cases[] = {
	KUNIT_CASE_PARAM(pattern_fits, fits_gen_params),
	KUNIT_CASE_PARAM(score, score_gen_params),
	KUNIT_CASE(score_monotonic),
	KUNIT_CASE_PARAM(histogram, histogram_gen_params),
	KUNIT_CASE(histogram_is_tight),
	{}
};

static struct kunit_suite score_suite = {
	.name = "damon_score",
	.test_cases = score_suite_cases,
};

kunit_test_suite(score_suite);
