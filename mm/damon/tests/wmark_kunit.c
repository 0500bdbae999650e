// SPDX-License-Identifier: GPL-2.0
/* Tests of policy/wmark.c. */

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/limits.h>

#include "../policy/damos.h"

#define INTERVAL	5000000UL

#define FREE		DAMOS_WMARK_FREE_MEM_RATE

static const struct wmark_case {
	const char *desc;
	enum damos_wmark_metric metric;
	unsigned long high, mid, low, interval;
	unsigned long value;
	bool active;
	bool active_after;
	unsigned long wait;
} wmark_cases[] = {
	{ "none leaves on", DAMOS_WMARK_NONE, 0, 0, 0, INTERVAL, 999, true,
	  true, 0 },
	{ "none leaves off", DAMOS_WMARK_NONE, 500, 400, 50, INTERVAL, 100,
	  false, false, 0 },

	{ "above high", FREE, 500, 400, 50, INTERVAL, 501, true, false,
	  INTERVAL },
	{ "above high, off", FREE, 500, 400, 50, INTERVAL, 501, false, false,
	  INTERVAL },
	{ "high", FREE, 500, 400, 50, INTERVAL, 500, true, true, 0 },
	{ "high, off", FREE, 500, 400, 50, INTERVAL, 500, false, false,
	  INTERVAL },
	{ "mid", FREE, 500, 400, 50, INTERVAL, 400, true, true, 0 },
	{ "mid, off", FREE, 500, 400, 50, INTERVAL, 400, false, false,
	  INTERVAL },
	{ "below mid", FREE, 500, 400, 50, INTERVAL, 399, true, true, 0 },
	{ "below mid, off", FREE, 500, 400, 50, INTERVAL, 399, false, true,
	  0 },
	{ "low", FREE, 500, 400, 50, INTERVAL, 50, true, true, 0 },
	{ "low, off", FREE, 500, 400, 50, INTERVAL, 50, false, true, 0 },
	{ "below low", FREE, 500, 400, 50, INTERVAL, 49, true, false,
	  INTERVAL },
	{ "below low, off", FREE, 500, 400, 50, INTERVAL, 49, false, false,
	  INTERVAL },

	{ "no interval, on", FREE, 500, 400, 50, 0, 300, false, true, 0 },
	{ "no interval, off", FREE, 500, 400, 50, 0, 501, true, false, 0 },

	{ "all 0", FREE, 0, 0, 0, INTERVAL, 0, true, true, 0 },
	{ "all 0, off", FREE, 0, 0, 0, INTERVAL, 0, false, false, INTERVAL },
	{ "all 0, above", FREE, 0, 0, 0, INTERVAL, 1, true, false, INTERVAL },
	{ "always", FREE, ULONG_MAX, ULONG_MAX, 0, INTERVAL, 1000, false, true,
	  0 },
	{ "low above high", FREE, 300, 400, 500, INTERVAL, 400, true, false,
	  INTERVAL },
	{ "mid above high", FREE, 300, 400, 50, INTERVAL, 300, false, true,
	  0 },
	{ "mid above high, above", FREE, 300, 400, 50, INTERVAL, 350, true,
	  false, INTERVAL },
	{ "mid below low", FREE, 500, 40, 50, INTERVAL, 60, false, false,
	  INTERVAL },
	{ "mid below low, on", FREE, 500, 40, 50, INTERVAL, 60, true, true, 0 },
};

KUNIT_ARRAY_PARAM_DESC(wmark, wmark_cases, desc);

static void wmark_update(struct kunit *test)
{
	const struct wmark_case *c = test->param_value;
	struct damos_spec spec = {
		.wmarks = {
			.metric = c->metric,
			.interval = c->interval,
			.high = c->high,
			.mid = c->mid,
			.low = c->low,
		},
	};
	struct damos s = { .spec = &spec, .active = c->active };

	KUNIT_EXPECT_EQ(test, damos_wmark_update(&s, c->value), c->wait);
	KUNIT_EXPECT_EQ(test, s.active, c->active_after);
}

/* Free memory falls and rises again: off, on, still on, off. */
static void wmark_hysteresis(struct kunit *test)
{
	struct damos_spec spec = {
		.wmarks = {
			.metric = FREE,
			.interval = INTERVAL,
			.low = 50,
			.mid = 400,
			.high = 500,
		},
	};
	struct damos s = { .spec = &spec, .active = true };
	unsigned int switched = 0;

	for (unsigned int i = 0; i <= 2 * 1000; i++) {
		unsigned long value = i <= 1000 ? 1000 - i : i - 1000;
		bool was = s.active;

		damos_wmark_update(&s, value);
		switched += s.active != was;
		if (i <= 1000)
			KUNIT_EXPECT_EQ(test, s.active,
					value < 400 && value >= 50);
		else
			KUNIT_EXPECT_EQ(test, s.active,
					value >= 50 && value <= 500);
	}
	/* Off at once; then on and off on each of the two ways. */
	KUNIT_EXPECT_EQ(test, switched, 5U);
}

static struct kunit_case wmark_suite_cases[] = {
	KUNIT_CASE_PARAM(wmark_update, wmark_gen_params),
	KUNIT_CASE(wmark_hysteresis),
	{}
};

static struct kunit_suite wmark_suite = {
	.name = "damon_wmark",
	.test_cases = wmark_suite_cases,
};

kunit_test_suite(wmark_suite);
