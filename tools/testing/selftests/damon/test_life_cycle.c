// SPDX-License-Identifier: GPL-2.0
/*
 * Starting and ending of kdamonds, and what they refuse to start with.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <unistd.h>

#include "damon_scheme.h"
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

/* What the kdamond has to do something for. */
static const char * const worker_commands[] = {
	"commit", "commit_schemes_quota_goals", "update_schemes_stats",
	"update_schemes_tried_bytes", "update_schemes_tried_regions",
	"update_schemes_effective_quotas", "update_tuned_intervals",
};

static void expect_commands(struct __test_metadata *_metadata, int err)
{
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(worker_commands); i++) {
		const char *command = worker_commands[i];

		EXPECT_EQ(err, damon_state(0, command)) TH_LOG("%s", command);
	}
	EXPECT_EQ(0, damon_state(0, "clear_schemes_tried_regions"));
}

TEST_F(life, commands_need_a_kdamond)
{
	ASSERT_EQ(0, damos_new(1, "stat"));
	EXPECT_EQ(-EINVAL, damon_state(0, "off"));
	expect_commands(_metadata, -EINVAL);

	ASSERT_EQ(0, damon_state(0, "on"));
	expect_commands(_metadata, 0);

	ASSERT_EQ(0, damon_state(0, "off"));
	EXPECT_EQ(-EPERM, damon_state(0, "off"));
	expect_commands(_metadata, -ECANCELED);
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
	int i;

	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, damon_write(K0 "contexts/nr_contexts", "0"));
	EXPECT_EQ(-EINVAL, damon_state(0, "on"));
	for (i = 0; i < (int)ARRAY_SIZE(worker_commands); i++)
		EXPECT_EQ(-EINVAL, damon_state(0, worker_commands[i]));
	EXPECT_EQ(-EINVAL, damon_state(0, "clear_schemes_tried_regions"));
	EXPECT_TRUE(damon_is_on(0));
	EXPECT_EQ(0, damon_state(0, "off"));
	EXPECT_EQ(-EINVAL, damon_state(0, "on"));
}

/* Input that is refused as a whole: files to write, each "path value". */
struct refused {
	const char *name;
	const char *writes[9];
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
	{ "address filter ends before it starts",
	  { SCHEMES0 "nr_schemes 1", S0 "core_filters/nr_filters 1",
	    S0 "core_filters/0/type addr",
	    S0 "core_filters/0/addr_start 8192",
	    S0 "core_filters/0/addr_end 4096" } },
	{ "huge page filter for no size",
	  { SCHEMES0 "nr_schemes 1", S0 "ops_filters/nr_filters 1",
	    S0 "ops_filters/0/type hugepage_size",
	    S0 "ops_filters/0/min 2", S0 "ops_filters/0/max 1" } },
	{ "filter without a cgroup",
	  { SCHEMES0 "nr_schemes 1", S0 "filters/nr_filters 1",
	    S0 "filters/0/type memcg" } },
	{ "filter for a cgroup that is not there",
	  { SCHEMES0 "nr_schemes 1", S0 "ops_filters/nr_filters 1",
	    S0 "ops_filters/0/type memcg",
	    S0 "ops_filters/0/memcg_path /damon/is/not/there" } },
	{ "goal without a cgroup",
	  { SCHEMES0 "nr_schemes 1", GOALS0 "nr_goals 1",
	    GOALS0 "0/target_metric node_memcg_used_bp",
	    GOALS0 "0/target_value 1" } },
	{ "goal for a cgroup that is not there",
	  { SCHEMES0 "nr_schemes 1", GOALS0 "nr_goals 1",
	    GOALS0 "0/target_metric node_memcg_free_bp",
	    GOALS0 "0/target_value 1",
	    GOALS0 "0/path /damon/is/not/there" } },
	{ "probe without a cgroup",
	  { PROBES0 "nr_probes 1", PROBE_FILTERS0 "nr_filters 1",
	    PROBE_FILTERS0 "0/type memcg" } },
	{ "probe for a cgroup that is not there",
	  { PROBES0 "nr_probes 1", PROBE_FILTERS0 "nr_filters 1",
	    PROBE_FILTERS0 "0/type memcg",
	    PROBE_FILTERS0 "0/path /damon/is/not/there" } },
	{ "physical memory more than once",
	  { C0 "operations paddr", TARGETS0 "nr_targets 2" } },
	{ "unit that makes no whole pages",
	  { C0 "operations paddr", C0 "addr_unit 3" } },
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
	{ "schemes that fit nothing",
	  { SCHEMES0 "nr_schemes 2", S0 "access_pattern/sz/min 2",
	    S0 "access_pattern/sz/max 1", S1 "access_pattern/age/min 2" } },
	{ "actions for nodes that are not there",
	  { SCHEMES0 "nr_schemes 1", S0 "action migrate_hot",
	    S0 "access_pattern/sz/max 18446744073709551615",
	    S0 "access_pattern/age/max 18446744073709551615",
	    S0 "access_pattern/nr_accesses/max 18446744073709551615",
	    S0 "target_nid 12345" } },
	{ "nodes by no weight at all",
	  { SCHEMES0 "nr_schemes 1", S0 "action migrate_cold",
	    S0 "access_pattern/sz/max 18446744073709551615",
	    S0 "access_pattern/age/max 18446744073709551615",
	    S0 "access_pattern/nr_accesses/max 18446744073709551615",
	    S0 "dests/nr_dests 2" } },
	{ "goals that are none",
	  { SCHEMES0 "nr_schemes 1", GOALS0 "nr_goals 2",
	    GOALS0 "0/target_metric node_mem_free_bp", GOALS0 "0/nid -9",
	    GOALS0 "0/target_value 18446744073709551615" } },
	{ "watermarks upside down",
	  { SCHEMES0 "nr_schemes 1", S0 "watermarks/metric free_mem_rate",
	    S0 "watermarks/low 900", S0 "watermarks/mid 500",
	    S0 "watermarks/high 100", S0 "watermarks/interval_us 1" } },
	{ "filters of the default type",
	  { SCHEMES0 "nr_schemes 1", S0 "core_filters/nr_filters 1",
	    S0 "ops_filters/nr_filters 1", S0 "filters/nr_filters 1" } },
	{ "quotas out of this world",
	  { SCHEMES0 "nr_schemes 1", QUOTAS0 "ms 18446744073709551615",
	    QUOTAS0 "bytes 18446744073709551615",
	    QUOTAS0 "reset_interval_ms 18446744073709551615",
	    QUOTAS0 "fail_charge_num 4294967295",
	    QUOTAS0 "fail_charge_denom 1",
	    S0 "apply_interval_us 18446744073709551615" } },
	{ "an interval of almost nothing",
	  { SCHEMES0 "nr_schemes 1", S0 "apply_interval_us 1" } },
	{ "probes that ask nothing", { PROBES0 "nr_probes 4" } },
	{ "another operation set", { C0 "operations fvaddr" } },
	{ "paused from the beginning", { C0 "pause Y" } },
	{ "nowhere to look", { C0 "operations paddr" } },
	{ "no physical memory",
	  { C0 "operations paddr", TARGETS0 "nr_targets 0" } },
	{ "large units", { C0 "operations paddr", C0 "addr_unit 8192" } },
};

/* Whether it only makes sense if there is paddr. */
static bool needs_paddr(const struct refused *r)
{
	return strstr(r->writes[0], "paddr");
}

TEST_F(life, accepted)
{
	const struct refused *r;

	for (r = accepted; r < accepted + ARRAY_SIZE(accepted); r++) {
		ASSERT_EQ(0, damon_new(1));
		if (needs_paddr(r) && paddr_why_not())
			continue;
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

/* Without anything that could be tried there is nothing to wait for. */
TEST_F(life, nothing_to_try)
{
	/* No scheme, */
	ASSERT_EQ(0, damon_state(0, "on"));
	EXPECT_EQ(-ECANCELED, damon_state(0, "update_schemes_tried_regions"));
	EXPECT_EQ(-ECANCELED, damon_state(0, "update_schemes_tried_bytes"));
	EXPECT_EQ(0, damon_state(0, "update_schemes_stats"));
	EXPECT_EQ(0, damon_state(0, "update_schemes_effective_quotas"));

	/* none that is active, */
	ASSERT_EQ(0, damos_new(1, "stat"));
	ASSERT_EQ(0, damon_write(S0 "watermarks/metric", "free_mem_rate"));
	ASSERT_EQ(0, damon_write(S0 "watermarks/low", "1001"));
	ASSERT_EQ(0, damon_write(S0 "watermarks/high", "1001"));
	ASSERT_EQ(0, damon_write(S0 "watermarks/interval_us", "100000"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	EXPECT_EQ(-ECANCELED, damon_state(0, "update_schemes_tried_regions"));
	EXPECT_EQ(0, damon_state(0, "update_schemes_stats"));
	EXPECT_EQ(0, damon_state(0, "commit_schemes_quota_goals"));

	/* or a break. */
	ASSERT_EQ(0, damon_write(S0 "watermarks/metric", "none"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	EXPECT_EQ(0, damon_state(0, "update_schemes_tried_regions"));
	ASSERT_EQ(0, damon_write(C0 "pause", "Y"));
	ASSERT_EQ(0, damon_state(0, "commit"));
	EXPECT_EQ(-ECANCELED, damon_state(0, "update_schemes_tried_regions"));
	EXPECT_EQ(0, damon_state(0, "update_schemes_stats"));
	EXPECT_EQ(0, damon_state(0, "update_schemes_effective_quotas"));
}

/* The directories and what runs need not be alike. */
TEST_F(life, other_number_of_schemes)
{
	ASSERT_EQ(0, damos_new(2, "stat"));
	ASSERT_EQ(0, damon_state(0, "on"));
	expect_commands(_metadata, 0);
	ASSERT_EQ(0, damos_new(1, "stat"));
	expect_commands(_metadata, 0);
	ASSERT_EQ(0, damos_new(0, "stat"));
	EXPECT_EQ(0, damon_state(0, "update_schemes_stats"));
	EXPECT_EQ(0, damon_state(0, "update_schemes_tried_regions"));
	EXPECT_EQ(0, damon_state(0, "update_schemes_effective_quotas"));
	EXPECT_EQ(0, damon_state(0, "commit_schemes_quota_goals"));
	ASSERT_EQ(0, damos_new(3, "stat"));
	EXPECT_EQ(0, damon_state(0, "update_schemes_stats"));
	EXPECT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
	EXPECT_EQ(0, damon_state(0, "commit_schemes_quota_goals"));
	EXPECT_TRUE(damon_is_on(0));
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
