// SPDX-License-Identifier: GPL-2.0
/*
 * Commands do not wait for the next sample.
 */
#include <stdlib.h>
#include <unistd.h>

#include "damon_scheme.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define SAMPLE_US	10000000L
#define LIMIT_US	50000L
#define ROUNDS		7

FIXTURE(latency) {
	pid_t sleeper;
};

FIXTURE_SETUP(latency)
{
	const char *why = damon_why_not();

	if (why)
		SKIP(return, "%s", why);
	self->sleeper = sleeper_start();
	ASSERT_GT(self->sleeper, 0);
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_target(0, self->sleeper));
	ASSERT_EQ(0, damos_new(1, "stat"));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, 10 * SAMPLE_US,
					 100 * SAMPLE_US));
}

FIXTURE_TEARDOWN(latency)
{
	process_end(self->sleeper);
	EXPECT_EQ(0, damon_cleanup());
}

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

/* The median, for the machine may have other things to do now and then. */
static void expect_soon(struct __test_metadata *_metadata, const char *command,
			long us[ROUNDS])
{
	qsort(us, ROUNDS, sizeof(*us), compare);
	TH_LOG("%s: %ld us, at most %ld us", command, us[ROUNDS / 2],
	       us[ROUNDS - 1]);
	EXPECT_LT(us[ROUNDS / 2], LIMIT_US);
}

static const char * const commands[] = {
	"on", "update_tuned_intervals", "update_schemes_stats", "commit",
	"update_schemes_effective_quotas", "commit_schemes_quota_goals", "off",
};

#define NR_COMMANDS	((int)ARRAY_SIZE(commands))

static void expect_commands_soon(struct __test_metadata *_metadata)
{
	long us[NR_COMMANDS][ROUNDS];
	int i, j;

	for (i = 0; i < ROUNDS; i++) {
		for (j = 0; j < NR_COMMANDS; j++) {
			long start = now_us();

			EXPECT_EQ(0, damon_state(0, commands[j]));
			us[j][i] = now_us() - start;
		}
	}
	for (j = 0; j < NR_COMMANDS; j++)
		expect_soon(_metadata, commands[j], us[j]);
}

TEST_F(latency, commands)
{
	expect_commands_soon(_metadata);
}

TEST_F(latency, commands_when_paused)
{
	ASSERT_EQ(0, damon_write(C0 "pause", "Y"));
	expect_commands_soon(_metadata);
}

TEST_HARNESS_MAIN
