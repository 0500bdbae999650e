// SPDX-License-Identifier: GPL-2.0
/*
 * Starting and ending of kdamonds, and what they refuse to start with.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <unistd.h>

#include "damon_util.h"
#include "kselftest_harness.h"

#define NR_AT_ONCE	8

FIXTURE(life) {
	pid_t sleeper;
};

FIXTURE_SETUP(life)
{
	const char *why = damon_why_not();

	if (why)
		SKIP(return, "%s", why);
	self->sleeper = sleeper_start();
	ASSERT_GT(self->sleeper, 0);
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_target(0, self->sleeper));
}

FIXTURE_TEARDOWN(life)
{
	process_end(self->sleeper);
	EXPECT_EQ(0, damon_cleanup());
	EXPECT_EQ(0, damon_nr_threads());
}

static void expect_runs(struct __test_metadata *_metadata)
{
	char name[32];

	EXPECT_TRUE(damon_is_on(0));
	EXPECT_GT(damon_pid(0), 0);
	EXPECT_EQ(0, damon_thread_name(damon_pid(0), name));
	EXPECT_EQ(0, strncmp(name, "kdamond.", strlen("kdamond.")));
}

static void expect_off(struct __test_metadata *_metadata)
{
	EXPECT_FALSE(damon_is_on(0));
	EXPECT_EQ(-1, damon_pid(0));
}

TEST_F(life, on_off)
{
	expect_off(_metadata);
	EXPECT_EQ(0, damon_state(0, "on"));
	expect_runs(_metadata);
	EXPECT_EQ(1, damon_nr_threads());
	EXPECT_EQ(-EBUSY, damon_state(0, "on"));
	expect_runs(_metadata);
	EXPECT_EQ(0, damon_state(0, "off\n"));
	expect_off(_metadata);
	EXPECT_EQ(0, damon_nr_threads());

	/* And again. */
	EXPECT_EQ(0, damon_state(0, "on\n"));
	expect_runs(_metadata);
}

static const char * const worker_commands[] = {
	"commit", "update_tuned_intervals",
};

TEST_F(life, commands_need_a_kdamond)
{
	int i;

	EXPECT_EQ(-EINVAL, damon_state(0, "off"));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(-EINVAL, damon_state(0, worker_commands[i]));

	ASSERT_EQ(0, damon_state(0, "on"));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, damon_state(0, worker_commands[i]));

	ASSERT_EQ(0, damon_state(0, "off"));
	EXPECT_EQ(-EPERM, damon_state(0, "off"));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(-ECANCELED, damon_state(0, worker_commands[i]));
	EXPECT_EQ(0, damon_state(0, "on"));
}

/* A start that failed is as good as none. */
TEST_F(life, failed_start_forgets)
{
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, damon_state(0, "off"));
	ASSERT_EQ(0, damon_write(T0 "pid_target", "%d", INT_MAX));
	ASSERT_EQ(-EINVAL, damon_state(0, "on"));
	EXPECT_EQ(-EINVAL, damon_state(0, "off"));
	EXPECT_EQ(-EINVAL, damon_state(0, "commit"));
}

TEST_F(life, commands_need_a_context)
{
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, damon_write(K0 "contexts/nr_contexts", "0"));
	EXPECT_EQ(-EINVAL, damon_state(0, "on"));
	EXPECT_EQ(-EINVAL, damon_state(0, "commit"));
	EXPECT_EQ(-EINVAL, damon_state(0, "update_tuned_intervals"));
	EXPECT_TRUE(damon_is_on(0));
	EXPECT_EQ(0, damon_state(0, "off"));
	EXPECT_EQ(-EINVAL, damon_state(0, "on"));
}

/* Input that is refused as a whole: files to write, each "path value". */
struct refused {
	const char *name;
	const char *writes[7];
};

#define REGION_0(start, end) \
	T0 "regions/0/start " #start, T0 "regions/0/end " #end
#define REGION_1(start, end) \
	T0 "regions/1/start " #start, T0 "regions/1/end " #end

static const struct refused refused[] = {
	{ "tuning, min above max",
	  { GOAL0 "aggrs 1", GOAL0 "min_sample_us 6000",
	    GOAL0 "max_sample_us 5000" } },
	{ "tuning, sampling interval too short",
	  { GOAL0 "aggrs 1", GOAL0 "min_sample_us 5001",
	    GOAL0 "max_sample_us 9000" } },
	{ "tuning, sampling interval too long",
	  { GOAL0 "aggrs 1", GOAL0 "min_sample_us 10",
	    GOAL0 "max_sample_us 4999" } },
	{ "too few regions", { ATTRS0 "nr_regions/min 2" } },
	{ "min above max",
	  { ATTRS0 "nr_regions/min 100", ATTRS0 "nr_regions/max 99" } },
	{ "sampling slower than aggregation",
	  { INTERVALS0 "sample_us 5000", INTERVALS0 "aggr_us 4999" } },
	{ "no such process", { T0 "pid_target 2147483647" } },
	{ "no process at all", { T0 "pid_target 0" } },
	{ "no process number", { T0 "pid_target -1" } },
	{ "end before start",
	  { T0 "regions/nr_regions 1", REGION_0(8192, 4096) } },
	{ "end far before start",
	  { T0 "regions/nr_regions 1", REGION_0(0xfffffffffffff000, 4096) } },
	{ "empty", { T0 "regions/nr_regions 1", REGION_0(0, 0) } },
	{ "empty, somewhere",
	  { T0 "regions/nr_regions 1", REGION_0(0x200000, 0x200000) } },
	{ "end above the last page",
	  { T0 "regions/nr_regions 1", REGION_0(0, 0xffffffffffffffff) } },
	{ "not in order",
	  { T0 "regions/nr_regions 2", REGION_0(0x400000, 0x500000),
	    REGION_1(0x200000, 0x300000) } },
	{ "overlap",
	  { T0 "regions/nr_regions 2", REGION_0(0x200000, 0x400000),
	    REGION_1(0x300000, 0x500000) } },
	{ "overlap by rounding",
	  { T0 "regions/nr_regions 2", REGION_0(0x200000, 0x400001),
	    REGION_1(0x400002, 0x500000) } },
	{ "second one empty",
	  { T0 "regions/nr_regions 2", REGION_0(0x200000, 0x400000),
	    REGION_1(0, 0) } },
};

static void stage(struct __test_metadata *_metadata, const struct refused *r)
{
	const char * const *w;
	char path[128], value[64];
	int words;

	for (w = r->writes; *w; w++) {
		words = sscanf(*w, "%127s %63s", path, value);
		ASSERT_EQ(2, words);
		ASSERT_EQ(0, damon_write(path, "%s", value))
			TH_LOG("%s: %s", r->name, *w);
	}
}

TEST_F(life, refused_at_start)
{
	const struct refused *r;

	for (r = refused; r < refused + ARRAY_SIZE(refused); r++) {
		ASSERT_EQ(0, damon_new(1));
		ASSERT_EQ(0, damon_set_target(0, self->sleeper));
		stage(_metadata, r);
		EXPECT_EQ(-EINVAL, damon_state(0, "on"))
			TH_LOG("%s", r->name);
		expect_off(_metadata);
	}

	/* The last of these trees, once it is put right. */
	ASSERT_EQ(0, damon_write(T0 "regions/nr_regions", "0"));
	EXPECT_EQ(0, damon_state(0, "on"));
}

TEST_F(life, refused_at_commit)
{
	const struct refused *r;
	pid_t pid;

	ASSERT_EQ(0, damon_state(0, "on"));
	pid = damon_pid(0);
	for (r = refused; r < refused + ARRAY_SIZE(refused); r++) {
		ASSERT_EQ(0, damon_write(K0 "contexts/nr_contexts", "1"));
		ASSERT_EQ(0, damon_set_target(0, self->sleeper));
		stage(_metadata, r);
		EXPECT_EQ(-EINVAL, damon_state(0, "commit"))
			TH_LOG("%s", r->name);
		EXPECT_TRUE(damon_is_on(0));
		EXPECT_EQ(pid, damon_pid(0));

		/* The running intervals are what they were. */
		EXPECT_EQ(0, damon_state(0, "update_tuned_intervals"));
		EXPECT_EQ(5000, damon_read_long(INTERVALS0 "sample_us"));
		EXPECT_EQ(100000, damon_read_long(INTERVALS0 "aggr_us"));
	}
	ASSERT_EQ(0, damon_write(T0 "regions/nr_regions", "0"));
	EXPECT_EQ(0, damon_state(0, "commit"));
}

TEST_F(life, unregistered_operations)
{
	char text[DAMON_TEXT_MAX];

	ASSERT_GT(damon_read(C0 "avail_operations", text), 0);
	if (strstr(text, "paddr"))
		SKIP(return, "all operation sets are there");
	ASSERT_EQ(0, damon_write(C0 "operations", "paddr"));
	EXPECT_EQ(-EINVAL, damon_state(0, "on"));
	ASSERT_EQ(0, damon_write(C0 "operations", "vaddr"));
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, damon_write(C0 "operations", "paddr"));
	EXPECT_EQ(-EINVAL, damon_state(0, "commit"));
	EXPECT_TRUE(damon_is_on(0));
}

/* Odd, but fine. */
static const struct refused accepted[] = {
	{ "no sampling interval", { INTERVALS0 "sample_us 0" } },
	{ "no intervals at all",
	  { INTERVALS0 "sample_us 0", INTERVALS0 "aggr_us 0",
	    INTERVALS0 "update_us 0" } },
	{ "very long intervals",
	  { INTERVALS0 "sample_us 18446744073709551615",
	    INTERVALS0 "aggr_us 18446744073709551615",
	    INTERVALS0 "update_us 18446744073709551615" } },
	{ "very long after very short",
	  { INTERVALS0 "sample_us 1",
	    INTERVALS0 "aggr_us 18446744073709551615" } },
	{ "no tuning, so its limits do not matter",
	  { GOAL0 "min_sample_us 6000", GOAL0 "max_sample_us 5" } },
	{ "tuning to something absurd",
	  { GOAL0 "aggrs 18446744073709551615", GOAL0 "access_bp 0",
	    GOAL0 "max_sample_us 18446744073709551615" } },
	{ "the least regions",
	  { ATTRS0 "nr_regions/min 3", ATTRS0 "nr_regions/max 3" } },
	{ "as many regions as there may be",
	  { ATTRS0 "nr_regions/max 18446744073709551615" } },
	{ "unit that does not matter", { C0 "addr_unit 3" } },
	{ "less than a page",
	  { T0 "regions/nr_regions 1", REGION_0(5000, 5000) } },
	{ "neighbours",
	  { T0 "regions/nr_regions 2", REGION_0(0x200000, 0x300000),
	    REGION_1(0x300000, 0x400000) } },
	{ "another operation set", { C0 "operations fvaddr" } },
	{ "paused from the beginning", { C0 "pause Y" } },
};

TEST_F(life, accepted)
{
	const struct refused *r;

	for (r = accepted; r < accepted + ARRAY_SIZE(accepted); r++) {
		ASSERT_EQ(0, damon_new(1));
		ASSERT_EQ(0, damon_set_target(0, self->sleeper));
		stage(_metadata, r);
		EXPECT_EQ(0, damon_state(0, "on")) TH_LOG("%s", r->name);
		EXPECT_TRUE(damon_is_on(0)) TH_LOG("%s", r->name);
		EXPECT_EQ(0, damon_state(0, "commit")) TH_LOG("%s", r->name);
		EXPECT_EQ(0, damon_state(0, "off")) TH_LOG("%s", r->name);

		/* And by commit. */
		ASSERT_EQ(0, damon_new(1));
		ASSERT_EQ(0, damon_set_target(0, self->sleeper));
		ASSERT_EQ(0, damon_state(0, "on"));
		stage(_metadata, r);
		EXPECT_EQ(0, damon_state(0, "commit")) TH_LOG("%s", r->name);
		EXPECT_TRUE(damon_is_on(0)) TH_LOG("%s", r->name);
		EXPECT_EQ(0, damon_state(0, "off")) TH_LOG("%s", r->name);
	}
}

TEST_F(life, ends_without_targets)
{
	ASSERT_EQ(0, damon_write(TARGETS0 "nr_targets", "0"));
	EXPECT_EQ(0, damon_state(0, "on"));
	EXPECT_TRUE(wait_off(0));
	expect_off(_metadata);
	EXPECT_EQ(-EPERM, damon_state(0, "off"));
	EXPECT_EQ(-ECANCELED, damon_state(0, "commit"));
}

TEST_F(life, ends_with_its_target)
{
	ASSERT_EQ(0, damon_state(0, "on"));
	expect_runs(_metadata);
	process_end(self->sleeper);
	EXPECT_TRUE(wait_off(0));
	expect_off(_metadata);
	EXPECT_EQ(-EINVAL, damon_state(0, "on"));

	self->sleeper = sleeper_start();
	ASSERT_EQ(0, damon_set_target(0, self->sleeper));
	EXPECT_EQ(0, damon_state(0, "on"));
}

TEST_F(life, ends_with_its_target_paused)
{
	ASSERT_EQ(0, damon_write(C0 "pause", "Y"));
	ASSERT_EQ(0, damon_state(0, "on"));
	process_end(self->sleeper);
	self->sleeper = 0;
	EXPECT_TRUE(wait_off(0));
}

TEST_F(life, ends_with_its_last_target)
{
	pid_t other = sleeper_start();

	ASSERT_EQ(0, damon_write(TARGETS0 "nr_targets", "2"));
	ASSERT_EQ(0, damon_write(T0 "pid_target", "%d", self->sleeper));
	ASSERT_EQ(0, damon_write(TARGETS0 "1/pid_target", "%d", other));
	ASSERT_EQ(0, damon_state(0, "on"));

	process_end(self->sleeper);
	self->sleeper = 0;
	usleep(50000);
	expect_runs(_metadata);
	process_end(other);
	EXPECT_TRUE(wait_off(0));
}

TEST_F(life, zombies_count)
{
	pid_t zombie = zombie_make();

	ASSERT_EQ(0, damon_set_target(0, zombie));
	EXPECT_EQ(0, damon_state(0, "on"));
	usleep(50000);
	expect_runs(_metadata);
	EXPECT_EQ(0, damon_state(0, "commit"));
	process_end(zombie);
	EXPECT_TRUE(wait_off(0));
	EXPECT_EQ(-EINVAL, damon_state(0, "on"));
}

TEST_F(life, kernel_threads_have_no_memory)
{
	/* kthreadd */
	ASSERT_EQ(0, damon_set_target(0, 2));
	EXPECT_EQ(0, damon_state(0, "on"));
	usleep(50000);
	expect_runs(_metadata);
}

/* The tree may be changed while kdamonds run, but none may go. */
TEST_F(life, running_kdamonds_stay)
{
	ASSERT_EQ(0, damon_new(2));
	ASSERT_EQ(0, damon_set_target(0, self->sleeper));
	ASSERT_EQ(0, damon_state(0, "on"));
	EXPECT_EQ(-EBUSY, damon_write(NR_KDAMONDS, "0"));
	EXPECT_EQ(-EBUSY, damon_write(NR_KDAMONDS, "2"));
	EXPECT_EQ(-EBUSY, damon_write(NR_KDAMONDS, "3"));
	EXPECT_EQ(-EINVAL, damon_write(NR_KDAMONDS, "-1"));
	EXPECT_EQ(2, damon_read_long(NR_KDAMONDS));

	EXPECT_EQ(0, damon_write(TARGETS0 "nr_targets", "0"));
	EXPECT_EQ(0, damon_write(K0 "contexts/nr_contexts", "0"));
	EXPECT_EQ(0, damon_write(K0 "contexts/nr_contexts", "1"));
	usleep(20000);
	expect_runs(_metadata);
	EXPECT_EQ(0, damon_state(0, "off"));
	EXPECT_EQ(0, damon_write(NR_KDAMONDS, "0"));
}

static void *start_one(void *arg)
{
	return (void *)(long)damon_state((long)arg, "on");
}

/* Started together, and still each with a name of its own. */
TEST_F(life, several_at_once)
{
	char names[NR_AT_ONCE][32];
	pthread_t threads[NR_AT_ONCE];
	void *err;
	long i, j;

	ASSERT_EQ(0, damon_new(NR_AT_ONCE));
	for (i = 0; i < NR_AT_ONCE; i++)
		ASSERT_EQ(0, damon_set_target(i, self->sleeper));
	for (i = 0; i < NR_AT_ONCE; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, start_one,
					    (void *)i));
	for (i = 0; i < NR_AT_ONCE; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &err));
		EXPECT_EQ(0, (long)err);
	}
	EXPECT_EQ(NR_AT_ONCE, damon_nr_threads());

	/* One ends, and a new one starts: still no name twice. */
	EXPECT_EQ(0, damon_state(0, "off"));
	EXPECT_EQ(NR_AT_ONCE - 1, damon_nr_threads());
	EXPECT_EQ(0, damon_state(0, "on"));

	for (i = 0; i < NR_AT_ONCE; i++) {
		EXPECT_EQ(0, damon_thread_name(damon_pid(i), names[i]));
		for (j = 0; j < i; j++) {
			EXPECT_NE(damon_pid(i), damon_pid(j));
			EXPECT_STRNE(names[i], names[j]);
		}
	}
}

static void *commit_forever(void *stop)
{
	while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED))
		damon_state(0, "commit");
	return NULL;
}

/* Nobody is told EBUSY because somebody else waits for a kdamond. */
TEST_F(life, no_contention)
{
	char text[DAMON_TEXT_MAX];
	bool stop = false;
	pthread_t thread;
	int i;

	ASSERT_EQ(0, damon_new(2));
	ASSERT_EQ(0, damon_set_target(0, self->sleeper));
	ASSERT_EQ(0, damon_set_target(1, self->sleeper));
	ASSERT_EQ(0, damon_set_intervals(1000000, 10000000, 60000000));
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, pthread_create(&thread, NULL, commit_forever, &stop));
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(0, damon_state(1, "on"));
		EXPECT_TRUE(damon_is_on(1));
		EXPECT_TRUE(damon_is_on(0));
		EXPECT_GT(damon_pid(1), 0);
		EXPECT_GT(damon_pid(0), 0);
		EXPECT_EQ(1, damon_read_long(TARGETS0 "nr_targets"));
		EXPECT_EQ(0, damon_write(T0 "regions/nr_regions", "0"));
		EXPECT_GT(damon_read(T0 "pid_target", text), 0);
		EXPECT_EQ(0, damon_state(1, "commit"));
		EXPECT_EQ(0, damon_state(1, "off"));
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

TEST_HARNESS_MAIN
