// SPDX-License-Identifier: GPL-2.0
/*
 * Changing the parameters of a running kdamond: what changes, what stays.
 */
#include <errno.h>
#include <unistd.h>

#include "damon_trace.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define PART		(256 * 1024UL)
#define WAIT_MS		20000
#define MAX_SNAPSHOTS	1000

#define SAMPLE_US	1000L
#define AGGR_US		10000L

FIXTURE(commit) {
	struct workload idle;
	struct damon_trace tr;
	struct damon_snapshot s;
};

static unsigned long idle_end(const struct workload *w)
{
	return w->start + w->len;
}

FIXTURE_SETUP(commit)
{
	const char *why = damon_why_not() ?: damon_trace_why_not();

	if (why)
		SKIP(return, "%s", why);
	self->idle.len = 16 * PART;
	ASSERT_EQ(0, workload_start(&self->idle, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damon_trace_open(&self->tr, "damon_aggregated"));
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_write(C0 "operations", "fvaddr"));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, AGGR_US, 60000000));
	ASSERT_EQ(0, damon_set_target(0, self->idle.pid));
	ASSERT_EQ(0, damon_set_region(self->idle.start,
				      idle_end(&self->idle)));
}

FIXTURE_TEARDOWN(commit)
{
	EXPECT_EQ(0, damon_cleanup());
	EXPECT_EQ(0, self->tr.bad);
	damon_trace_close(&self->tr);
	workload_stop(&self->idle);
}

/* Nobody touches the memory, so that all ages grow. */
static unsigned int wait_for_age(struct __test_metadata *_metadata,
				 struct damon_trace *tr,
				 struct damon_snapshot *s, unsigned int age)
{
	int i;

	for (i = 0; i < MAX_SNAPSHOTS; i++) {
		ASSERT_TRUE(damon_trace_snapshot(tr, WAIT_MS,
						 s));
		if (damon_snapshot_age(s) >= age)
			return damon_snapshot_age(s);
	}
	ASSERT_TRUE(false) TH_LOG("no region gets to age %u", age);
	return 0;
}

/* A snapshot that was begun after now. */
static void next_snapshot(struct __test_metadata *_metadata,
			  struct damon_trace *tr, struct damon_snapshot *s)
{
	damon_trace_drain(tr);
	ASSERT_TRUE(damon_trace_snapshot(tr, WAIT_MS, s));
}

TEST_F(commit, only_a_commit_changes_what_runs)
{
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, damon_set_intervals(7000, 70000, 60000000));
	EXPECT_EQ(7000, damon_read_long(INTERVALS0 "sample_us"));
	EXPECT_EQ(0, damon_state(0, "update_tuned_intervals"));
	EXPECT_EQ(SAMPLE_US, damon_read_long(INTERVALS0 "sample_us"));
	EXPECT_EQ(AGGR_US, damon_read_long(INTERVALS0 "aggr_us"));

	ASSERT_EQ(0, damon_set_intervals(7000, 70000, 50000000));
	ASSERT_EQ(0, damon_state(0, "commit"));
	ASSERT_EQ(0, damon_set_intervals(1, 2, 3));
	EXPECT_EQ(0, damon_state(0, "update_tuned_intervals"));
	EXPECT_EQ(7000, damon_read_long(INTERVALS0 "sample_us"));
	EXPECT_EQ(70000, damon_read_long(INTERVALS0 "aggr_us"));
	EXPECT_EQ(3, damon_read_long(INTERVALS0 "update_us"));
}

TEST_F(commit, no_change_keeps_the_results)
{
	unsigned int age;
	int i;

	ASSERT_EQ(0, damon_state(0, "on"));
	age = wait_for_age(_metadata, &self->tr, &self->s, 10);
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, damon_state(0, "commit"));
		next_snapshot(_metadata, &self->tr, &self->s);
		EXPECT_GE(damon_snapshot_age(&self->s), age);
		age = damon_snapshot_age(&self->s);
	}
}

/* Ages are counted in aggregation intervals. */
TEST_F(commit, ages_follow_the_aggregation_interval)
{
	ASSERT_EQ(0, damon_state(0, "on"));
	wait_for_age(_metadata, &self->tr, &self->s, 40);
	ASSERT_EQ(0, damon_set_intervals(10 * SAMPLE_US, 10 * AGGR_US,
					 60000000));
	ASSERT_EQ(0, damon_state(0, "commit"));
	next_snapshot(_metadata, &self->tr, &self->s);
	EXPECT_GE(damon_snapshot_age(&self->s), 4);
	EXPECT_LT(damon_snapshot_age(&self->s), 40);
}

TEST_F(commit, pause_and_resume)
{
	unsigned int age;

	ASSERT_EQ(0, damon_state(0, "on"));
	age = wait_for_age(_metadata, &self->tr, &self->s, 10);
	ASSERT_EQ(0, damon_write(C0 "pause", "Y"));
	next_snapshot(_metadata, &self->tr, &self->s);

	ASSERT_EQ(0, damon_state(0, "commit"));
	damon_trace_drain(&self->tr);
	EXPECT_FALSE(damon_trace_snapshot(&self->tr, 20 * AGGR_US / 1000,
					  &self->s));
	EXPECT_TRUE(damon_is_on(0));
	EXPECT_EQ(0, damon_state(0, "commit"));
	EXPECT_EQ(0, damon_state(0, "update_tuned_intervals"));

	ASSERT_EQ(0, damon_write(C0 "pause", "N"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	next_snapshot(_metadata, &self->tr, &self->s);
	EXPECT_GE(damon_snapshot_age(&self->s), age);
}

TEST_F(commit, ranges)
{
	unsigned long start = self->idle.start, end = idle_end(&self->idle);
	unsigned int i;

	ASSERT_EQ(0, damon_state(0, "on"));
	wait_for_age(_metadata, &self->tr, &self->s, 20);
	EXPECT_EQ(start, self->s.r[0].start);
	EXPECT_EQ(end, self->s.r[self->s.nr - 1].end);

	/* Less memory: what is left keeps its age. */
	ASSERT_EQ(0, damon_set_region(start + 4 * PART, end - 4 * PART));
	ASSERT_EQ(0, damon_state(0, "commit"));
	next_snapshot(_metadata, &self->tr, &self->s);
	EXPECT_EQ(start + 4 * PART, self->s.r[0].start);
	EXPECT_EQ(end - 4 * PART, self->s.r[self->s.nr - 1].end);
	for (i = 0; i < self->s.nr; i++) {
		EXPECT_GE(self->s.r[i].age, 20);
		if (i)
			EXPECT_EQ(self->s.r[i - 1].end, self->s.r[i].start);
	}

	/* No ranges: no change. */
	ASSERT_EQ(0, damon_write(T0 "regions/nr_regions", "0"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	next_snapshot(_metadata, &self->tr, &self->s);
	EXPECT_EQ(start + 4 * PART, self->s.r[0].start);
	EXPECT_EQ(end - 4 * PART, self->s.r[self->s.nr - 1].end);
	EXPECT_GE(self->s.r[0].age, 20);

	/* Other memory: what was not there begins anew. */
	ASSERT_EQ(0, damon_set_region(start, start + 2 * PART));
	ASSERT_EQ(0, damon_state(0, "commit"));
	next_snapshot(_metadata, &self->tr, &self->s);
	EXPECT_EQ(start, self->s.r[0].start);
	EXPECT_EQ(start + 2 * PART, self->s.r[self->s.nr - 1].end);
}

static void set_targets(struct __test_metadata *_metadata,
			const struct workload *w, int nr)
{
	int i;

	ASSERT_EQ(0, damon_write(TARGETS0 "nr_targets", "%d", nr));
	for (i = 0; i < nr; i++) {
		char path[128];

		snprintf(path, sizeof(path), TARGETS0 "%d/pid_target", i);
		ASSERT_EQ(0, damon_write(path, "%d", w->pid));
	}
}

static void set_ranges(struct __test_metadata *_metadata, int target,
		       unsigned long start, unsigned long end)
{
	char path[128];

	snprintf(path, sizeof(path), TARGETS0 "%d/regions/nr_regions", target);
	ASSERT_EQ(0, damon_write(path, "1"));
	snprintf(path, sizeof(path), TARGETS0 "%d/regions/0/start", target);
	ASSERT_EQ(0, damon_write(path, "%lu", start));
	snprintf(path, sizeof(path), TARGETS0 "%d/regions/0/end", target);
	ASSERT_EQ(0, damon_write(path, "%lu", end));
}

/* The first address of each target in a round of snapshots. */
static void expect_targets(struct __test_metadata *_metadata,
			   struct damon_trace *tr, struct damon_snapshot *s,
			   int nr, const unsigned long *starts)
{
	unsigned long ids = 0;
	int i;

	damon_trace_drain(tr);
	for (i = 0; i < 4 * nr; i++) {
		ASSERT_TRUE(damon_trace_snapshot(tr, WAIT_MS,
						 s));
		ASSERT_LT(s->target_id, nr);
		EXPECT_EQ(starts[s->target_id], s->r[0].start);
		ids |= 1UL << s->target_id;
	}
	EXPECT_EQ((1UL << nr) - 1, ids);
}

TEST_F(commit, targets)
{
	unsigned long a = self->idle.start;
	const unsigned long starts[] = { a, a + 4 * PART, a + 8 * PART };
	int i;

	ASSERT_EQ(0, damon_set_region(a, a + PART));
	ASSERT_EQ(0, damon_state(0, "on"));
	expect_targets(_metadata, &self->tr, &self->s, 1, starts);

	/* New ones are added, ... */
	set_targets(_metadata, &self->idle, 3);
	for (i = 1; i < 3; i++)
		set_ranges(_metadata, i, starts[i], starts[i] + PART);
	ASSERT_EQ(0, damon_state(0, "commit"));
	expect_targets(_metadata, &self->tr, &self->s, 3, starts);

	/* ... obsolete ones removed, so that the others move down, ... */
	set_targets(_metadata, &self->idle, 3);
	ASSERT_EQ(0, damon_write(TARGETS0 "1/obsolete_target", "Y"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	expect_targets(_metadata, &self->tr, &self->s, 2,
		       (const unsigned long []){ starts[0], starts[2] });

	/* ... and those that are no longer there, too. */
	set_targets(_metadata, &self->idle, 1);
	ASSERT_EQ(0, damon_state(0, "commit"));
	expect_targets(_metadata, &self->tr, &self->s, 1, starts);

	/* The last one. */
	set_targets(_metadata, &self->idle, 0);
	ASSERT_EQ(0, damon_state(0, "commit"));
	EXPECT_TRUE(wait_off(0));
}

TEST_F(commit, removed_targets_leave_the_others_alone)
{
	unsigned long a = self->idle.start;

	set_targets(_metadata, &self->idle, 2);
	set_ranges(_metadata, 0, a, a + PART);
	set_ranges(_metadata, 1, a + 4 * PART, a + 8 * PART);
	ASSERT_EQ(0, damon_state(0, "on"));
	wait_for_age(_metadata, &self->tr, &self->s, 20);

	set_targets(_metadata, &self->idle, 2);
	ASSERT_EQ(0, damon_write(T0 "obsolete_target", "Y"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	next_snapshot(_metadata, &self->tr, &self->s);
	EXPECT_EQ(0, self->s.target_id);
	EXPECT_EQ(a + 4 * PART, self->s.r[0].start);
	EXPECT_GE(damon_snapshot_age(&self->s), 20);
}

TEST_F(commit, obsolete_targets_that_are_not)
{
	pid_t zombie;

	ASSERT_EQ(0, damon_state(0, "on"));

	/* Nothing runs with this index. */
	set_targets(_metadata, &self->idle, 2);
	ASSERT_EQ(0, damon_write(TARGETS0 "1/obsolete_target", "Y"));
	EXPECT_EQ(-EINVAL, damon_state(0, "commit"));
	next_snapshot(_metadata, &self->tr, &self->s);
	EXPECT_EQ(0, self->s.target_id);

	/* It still has to be a process. */
	zombie = zombie_make();
	set_targets(_metadata, &self->idle, 2);
	ASSERT_EQ(0, damon_write(TARGETS0 "1/pid_target", "%d", zombie));
	ASSERT_EQ(0, damon_state(0, "commit"));
	process_end(zombie);
	ASSERT_EQ(0, damon_write(TARGETS0 "1/obsolete_target", "Y"));
	EXPECT_EQ(-EINVAL, damon_state(0, "commit"));

	/* A target may be obsolete from the start, and nothing comes of it. */
	ASSERT_EQ(0, damon_state(0, "off"));
	ASSERT_EQ(0, damon_set_target(0, self->idle.pid));
	ASSERT_EQ(0, damon_set_region(self->idle.start,
				      idle_end(&self->idle)));
	ASSERT_EQ(0, damon_write(T0 "obsolete_target", "Y"));
	ASSERT_EQ(0, damon_state(0, "on"));
	next_snapshot(_metadata, &self->tr, &self->s);
	ASSERT_EQ(0, damon_write(T0 "obsolete_target", "N"));
	EXPECT_EQ(0, damon_state(0, "commit"));
	next_snapshot(_metadata, &self->tr, &self->s);
}

/* A target that gets another process keeps its place. */
TEST_F(commit, other_process)
{
	struct workload other = { .len = 4 * PART };

	ASSERT_EQ(0, workload_start(&other, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, damon_write(T0 "pid_target", "%d", other.pid));
	ASSERT_EQ(0, damon_state(0, "commit"));
	workload_stop(&self->idle);
	next_snapshot(_metadata, &self->tr, &self->s);
	EXPECT_TRUE(damon_is_on(0));
	workload_stop(&other);
	EXPECT_TRUE(wait_off(0));
}

TEST_F(commit, number_of_regions)
{
	int i;

	ASSERT_EQ(0, damon_write(ATTRS0 "nr_regions/min", "100"));
	ASSERT_EQ(0, damon_state(0, "on"));
	next_snapshot(_metadata, &self->tr, &self->s);
	EXPECT_GE(self->s.nr, 100);
	EXPECT_LE(self->s.nr, 1000);

	ASSERT_EQ(0, damon_write(ATTRS0 "nr_regions/min", "3"));
	ASSERT_EQ(0, damon_write(ATTRS0 "nr_regions/max", "20"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	for (i = 0; i < 3; i++)
		next_snapshot(_metadata, &self->tr, &self->s);
	EXPECT_GE(self->s.nr, 3);
	EXPECT_LE(self->s.nr, 20);
}

TEST_HARNESS_MAIN
