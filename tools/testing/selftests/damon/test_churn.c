// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once, again and again: nothing gets stuck, nothing is left
 * over, and the interface works as before.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "damon_util.h"
#include "kselftest_harness.h"

#define CYCLES		1000
#define WRITERS		4
#define WRITES		10000
#define READ_ONE_OF	8
#define NR_KDAMOND_DIRS	3
#define LIMIT_S		300

FIXTURE(churn) {
	pid_t sleeper;
};

FIXTURE_SETUP(churn)
{
	const char *why = damon_why_not();

	if (why)
		SKIP(return, "%s", why);
	self->sleeper = sleeper_start();
	ASSERT_GT(self->sleeper, 0);
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_target(0, self->sleeper));
}

FIXTURE_TEARDOWN(churn)
{
	EXPECT_EQ(0, damon_cleanup());
	EXPECT_EQ(0, damon_nr_threads());

	/* All is as in the beginning. */
	EXPECT_EQ(0, damon_new(1));
	EXPECT_EQ(0, damon_set_target(0, self->sleeper));
	EXPECT_EQ(5000, damon_read_long(INTERVALS0 "sample_us"));
	EXPECT_EQ(0, damon_state(0, "on"));
	EXPECT_TRUE(damon_is_on(0));
	EXPECT_EQ(0, damon_state(0, "off"));
	process_end(self->sleeper);
	EXPECT_EQ(0, damon_cleanup());
}

TEST_F_TIMEOUT(churn, start_and_stop, LIMIT_S)
{
	int i;

	for (i = 0; i < CYCLES; i++) {
		ASSERT_EQ(0, damon_state(0, "on"));
		ASSERT_EQ(0, damon_state(0, "off"));
	}
}

/* Kdamonds end because their targets do, while they are told to stop. */
TEST_F_TIMEOUT(churn, targets_exit, LIMIT_S)
{
	pid_t pid;
	int i, err;

	ASSERT_EQ(0, damon_set_intervals(100, 1000, 2000));
	for (i = 0; i < CYCLES / 10; i++) {
		pid = sleeper_start();
		ASSERT_GT(pid, 0);
		ASSERT_EQ(0, damon_write(T0 "pid_target", "%d", pid));
		ASSERT_EQ(0, damon_state(0, "on"));
		if (i % 3)
			process_end(pid);
		err = damon_state(0, i % 2 ? "commit" : "off");
		EXPECT_TRUE(!err || err == -EPERM || err == -ECANCELED ||
			    err == -EINVAL)
			TH_LOG("%d", err);
		if (!(i % 3))
			process_end(pid);
		ASSERT_TRUE(wait_off(0));
	}
}

/* Files that a writer chooses from, and some of what it writes there. */
static const struct {
	const char *path;
	const char *values[4];
} knobs[] = {
	{ "state", { "on", "off", "commit", "update_tuned_intervals" } },
	{ "state", { "on", "commit", "offf", "update_tuned_intervals" } },
	{ "refresh_ms", { "0", "1", "10", "x" } },
	{ "contexts/nr_contexts", { "1", "2", "x", "" } },
	{ "contexts/0/operations", { "vaddr", "fvaddr", "vaddr", "paddr" } },
	{ "contexts/0/pause", { "Y", "N", "N", "?" } },
	{ "contexts/0/addr_unit", { "1", "0", "4096", "3" } },
	{ "contexts/0/monitoring_attrs/intervals/sample_us",
	  { "1000", "5000", "20000", "-1" } },
	{ "contexts/0/monitoring_attrs/intervals/aggr_us",
	  { "20000", "50000", "100000", "99" } },
	{ "contexts/0/monitoring_attrs/intervals/update_us",
	  { "20000", "100000", "60000000", "" } },
	{ "contexts/0/monitoring_attrs/intervals/intervals_goal/aggrs",
	  { "0", "1", "2", "-1" } },
	{ "contexts/0/monitoring_attrs/intervals/intervals_goal/access_bp",
	  { "0", "1", "400", "10000" } },
	{ "contexts/0/monitoring_attrs/intervals/intervals_goal/max_sample_us",
	  { "5000", "10000", "20000", "0" } },
	{ "contexts/0/monitoring_attrs/nr_regions/min",
	  { "3", "10", "20", "50" } },
	{ "contexts/0/monitoring_attrs/nr_regions/max",
	  { "10", "100", "1000", "100000" } },
	{ "contexts/0/targets/nr_targets", { "1", "2", "0", "3" } },
	{ "contexts/0/targets/0/obsolete_target", { "N", "Y", "N", "2" } },
	{ "contexts/0/targets/0/regions/nr_regions", { "0", "1", "2", "-3" } },
	{ "contexts/0/targets/0/regions/0/start", { "0", "4096", "77", "" } },
	{ "contexts/0/targets/0/regions/0/end",
	  { "40960000", "4096", "18446744073709551615", "0" } },
	{ "contexts/0/targets/1/regions/nr_regions", { "0", "0", "1", "x" } },
};

#define NR_KNOBS	((int)ARRAY_SIZE(knobs))

/* All errors that the interface may answer with to such input. */
static bool expected(int err)
{
	return !err || err == -EINVAL || err == -EBUSY || err == -EPERM ||
	       err == -ECANCELED || err == -ENOENT || err == -ENODEV;
}

/* A dense cloud of short-lived processes, to be looked at. */
static pid_t random_process(unsigned int *seed, pid_t *child)
{
	if (rand_r(seed) % 4 == 0) {
		process_end(*child);
		*child = sleeper_start();
	}
	return *child ?: getpid();
}

/* What all writers together got done. */
struct tally {
	int accepted;
	int running;
	int unexpected;
};

/* Random input is seldom fit to be run. */
static int revive(int kdamond, pid_t sleeper)
{
	char path[64];

	if (damon_is_on(kdamond))
		return damon_state(kdamond, "update_tuned_intervals");
	snprintf(path, sizeof(path), "kdamonds/%d/contexts/nr_contexts",
		 kdamond);
	return damon_write(path, "1") ?: damon_set_target(kdamond, sleeper) ?:
	       damon_state(kdamond, "on");
}

static void random_write(unsigned int *seed, pid_t sleeper, pid_t *child,
			 struct tally *tally)
{
	int kdamond = rand_r(seed) % NR_KDAMOND_DIRS;
	int knob = rand_r(seed) % (NR_KNOBS + 3);
	char path[160], text[DAMON_TEXT_MAX];
	int err;

	if (knob == NR_KNOBS) {
		snprintf(path, sizeof(path), "kdamonds/%d/state", kdamond);
		err = revive(kdamond, sleeper);
	} else if (knob < NR_KNOBS) {
		snprintf(path, sizeof(path), "kdamonds/%d/%s", kdamond,
			 knobs[knob].path);
		err = damon_write(path, "%s",
				  knobs[knob].values[rand_r(seed) % 4]);
	} else {
		snprintf(path, sizeof(path),
			 "kdamonds/%d/contexts/0/targets/%d/pid_target",
			 kdamond, rand_r(seed) % 2);
		err = damon_write(path, "%d", random_process(seed, child));
	}
	if (!err)
		__atomic_fetch_add(&tally->accepted, 1, __ATOMIC_RELAXED);
	if (!expected(err)) {
		ksft_print_msg("%s: %d\n", path, err);
		__atomic_fetch_add(&tally->unexpected, 1, __ATOMIC_RELAXED);
	}
	if (rand_r(seed) % READ_ONE_OF)
		return;

	/* Reading never fails, but where there is nothing (any more). */
	if (damon_is_on(kdamond))
		__atomic_fetch_add(&tally->running, 1, __ATOMIC_RELAXED);
	err = damon_read(path, text);
	if (err < 0 && err != -ENOENT && err != -ENODEV) {
		ksft_print_msg("reading %s: %d\n", path, err);
		__atomic_fetch_add(&tally->unexpected, 1, __ATOMIC_RELAXED);
	}
}

static void writer(unsigned int seed, pid_t sleeper, struct tally *tally)
{
	pid_t child = 0;
	int i;

	for (i = 0; i < WRITES / WRITERS; i++)
		random_write(&seed, sleeper, &child, tally);
	process_end(child);
	_exit(0);
}

TEST_F_TIMEOUT(churn, writers, LIMIT_S)
{
	pid_t pids[WRITERS];
	struct tally *tally;
	int i, status;

	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, tally);
	ASSERT_EQ(0, damon_new(NR_KDAMOND_DIRS));
	for (i = 0; i < NR_KDAMOND_DIRS; i++) {
		ASSERT_EQ(0, damon_set_target(i, self->sleeper));
		ASSERT_EQ(0, damon_state(i, "on"));
	}
	for (i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		ASSERT_GE(pids[i], 0);
		if (!pids[i])
			writer(i + 1, self->sleeper, tally);
	}
	for (i = 0; i < WRITERS; i++) {
		ASSERT_EQ(pids[i], waitpid(pids[i], &status, 0));
		EXPECT_TRUE(WIFEXITED(status));
		EXPECT_EQ(0, WEXITSTATUS(status));
	}
	TH_LOG("%d writes accepted, kdamond running at %d of %d",
	       tally->accepted, tally->running, WRITES / READ_ONE_OF);
	EXPECT_EQ(0, tally->unexpected);
	EXPECT_GT(tally->accepted, WRITES / 4);
	EXPECT_GT(tally->running, WRITES / READ_ONE_OF / 4);
}

/* Whoever is killed in the middle of a command leaves nothing behind. */
TEST_F_TIMEOUT(churn, writers_are_killed, LIMIT_S)
{
	int i, status;
	pid_t pid;

	ASSERT_EQ(0, damon_set_intervals(1000000, 10000000, 60000000));
	for (i = 0; i < CYCLES / 10; i++) {
		pid = fork();
		ASSERT_GE(pid, 0);
		if (!pid) {
			for (;;) {
				damon_state(0, "on");
				damon_state(0, "commit");
				damon_write(TARGETS0 "nr_targets", "2");
				damon_write(T0 "pid_target", "%d",
					    self->sleeper);
				damon_state(0, "update_tuned_intervals");
				damon_state(0, "off");
			}
		}
		usleep(100 * (i % 50));
		kill(pid, SIGKILL);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
	}
}

TEST_HARNESS_MAIN
