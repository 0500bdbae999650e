// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that there is, at random, for a while: schemes of all actions,
 * processes and cgroups that come and go, memory pressure, and allocations
 * that fail.  Nothing gets stuck, and nothing is left.
 *
 * DAMON_STRESS_S is for how many seconds.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "damon_fault.h"
#include "damon_mem.h"
#include "damon_scheme.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define SHORT_S		20
#define LIMIT_S		7200
/* Longer than anything that anybody is made to wait for. */
#define STUCK_US	60000000L

#define WRITERS		3
#define NR_KDAMOND_DIRS	3
#define READ_ONE_OF	8
#define NR_PROCESSES	3
#define NR_CGROUPS	3
#define NR_VALUES	6

struct knob {
	const char *path;
	const char *values[NR_VALUES];
};

/* Below contexts/0/ of a kdamond. */
static const struct knob context_knobs[] = {
	{ "operations", { "vaddr", "fvaddr", "paddr", "paddr" } },
	{ "pause", { "Y", "N", "N", "N" } },
	{ "addr_unit", { "1", "1", "1", "4096", "8", "3" } },
	{ "monitoring_attrs/intervals/sample_us",
	  { "1000", "5000", "20000" } },
	{ "monitoring_attrs/intervals/aggr_us",
	  { "20000", "50000", "100000" } },
	{ "monitoring_attrs/intervals/update_us",
	  { "20000", "100000", "1000000" } },
	{ "monitoring_attrs/intervals/intervals_goal/aggrs", { "0", "0", "2" } },
	{ "monitoring_attrs/intervals/intervals_goal/access_bp", { "400" } },
	{ "monitoring_attrs/intervals/intervals_goal/max_sample_us",
	  { "20000" } },
	{ "monitoring_attrs/nr_regions/min", { "3", "10", "100" } },
	{ "monitoring_attrs/nr_regions/max", { "100", "1000", "20000" } },
	{ "monitoring_attrs/probes/nr_probes", { "0", "1", "2", "4" } },
	{ "monitoring_attrs/probes/0/filters/nr_filters", { "0", "1", "2" } },
	{ "monitoring_attrs/probes/0/filters/0/type", { "anon", "memcg" } },
	{ "monitoring_attrs/probes/0/filters/0/path",
	  { "/damon_stress_0", "/damon_stress_1" } },
	{ "targets/nr_targets", { "1", "1", "1", "2", "0" } },
	{ "targets/0/obsolete_target", { "N", "N", "N", "Y" } },
	{ "targets/0/regions/nr_regions", { "0", "1", "1", "2" } },
	{ "targets/0/regions/0/end", { "0x20000000", "0x40000000", "4096" } },
	{ "schemes/nr_schemes", { "1", "2", "2", "3", "0" } },
};

/* Below schemes/S/ of a context. */
static const struct knob scheme_knobs[] = {
	{ "action", { "stat", "willneed", "cold", "pageout", "hugepage",
		      "nohugepage" } },
	{ "action", { "collapse", "lru_prio", "lru_deprio", "migrate_hot",
		      "migrate_cold", "pageout" } },
	{ "target_nid", { "0", "1", "1", "-1", "9" } },
	{ "apply_interval_us", { "0", "1000", "20000", "1000000" } },
	{ "access_pattern/sz/max", { "18446744073709551615" } },
	{ "access_pattern/nr_accesses/max", { "0", "100", "4294967295" } },
	{ "access_pattern/age/max", { "2", "4294967295", "4294967295" } },
	{ "quotas/ms", { "0", "1", "10" } },
	{ "quotas/bytes", { "0", "0", "1048576", "16777216" } },
	{ "quotas/reset_interval_ms", { "0", "100", "1000" } },
	{ "quotas/goal_tuner", { "consist", "temporal" } },
	{ "quotas/fail_charge_num", { "0", "1", "3" } },
	{ "quotas/fail_charge_denom", { "0", "2" } },
	{ "quotas/weights/nr_accesses_permil", { "0", "500", "1000" } },
	{ "quotas/weights/age_permil", { "0", "500", "1000" } },
	{ "quotas/goals/nr_goals", { "0", "0", "1", "2" } },
	{ "quotas/goals/0/target_metric",
	  { "user_input", "some_mem_psi_us", "node_mem_used_bp",
	    "node_mem_free_bp", "node_memcg_used_bp", "active_mem_bp" } },
	{ "quotas/goals/0/target_metric",
	  { "node_memcg_free_bp", "inactive_mem_bp", "node_eligible_mem_bp" } },
	{ "quotas/goals/0/target_value", { "0", "5000", "9000", "10000" } },
	{ "quotas/goals/0/current_value", { "0", "5000", "20000" } },
	{ "quotas/goals/0/nid", { "0", "1", "-1", "5" } },
	{ "quotas/goals/0/path",
	  { "/damon_stress_0", "/damon_stress_1", "/damon_stress_2\n" } },
	{ "watermarks/metric", { "none", "none", "free_mem_rate" } },
	{ "watermarks/interval_us", { "0", "10000", "100000" } },
	{ "watermarks/high", { "1000", "700" } },
	{ "watermarks/mid", { "900", "600" } },
	{ "watermarks/low", { "0", "500" } },
	{ "core_filters/nr_filters", { "0", "0", "1", "2" } },
	{ "core_filters/0/type", { "addr", "target" } },
	{ "core_filters/0/addr_start", { "0", "0x100000", "0x10001000" } },
	{ "core_filters/0/addr_end", { "0x10000000", "0x30000000", "1" } },
	{ "core_filters/0/allow", { "Y", "N" } },
	{ "ops_filters/nr_filters", { "0", "0", "1", "2" } },
	{ "ops_filters/0/type",
	  { "anon", "active", "memcg", "young", "hugepage_size", "unmapped" } },
	{ "ops_filters/0/matching", { "Y", "N" } },
	{ "ops_filters/0/allow", { "Y", "N" } },
	{ "ops_filters/0/memcg_path",
	  { "/damon_stress_0", "/damon_stress_1\n", "/damon_stress_2" } },
	{ "ops_filters/0/max", { "4096", "2097152" } },
	{ "filters/nr_filters", { "0", "0", "0", "1", "3" } },
	{ "filters/0/type", { "memcg", "addr", "young", "target" } },
	{ "filters/0/memcg_path", { "/damon_stress_0", "/" } },
	{ "dests/nr_dests", { "0", "0", "1", "2" } },
	{ "dests/0/weight", { "1", "3", "0" } },
	{ "dests/0/id", { "0", "1", "7" } },
	{ "stats/max_nr_snapshots", { "0", "0", "0", "5" } },
};

static const struct knob states = {
	"state", { "on", "off", "commit", "update_schemes_stats",
		   "update_schemes_tried_regions",
		   "update_schemes_tried_bytes" }
};

static const struct knob other_states = {
	"state", { "commit", "clear_schemes_tried_regions",
		   "update_schemes_effective_quotas", "update_tuned_intervals",
		   "commit_schemes_quota_goals", "on" }
};

static const struct knob kdamond_knobs[] = {
	{ "refresh_ms", { "0", "0", "10", "100" } },
	{ "contexts/nr_contexts", { "1" } },
};

/* What all processes of the test share. */
struct stress {
	long end_us;
	bool stop;
	bool faults;
	pid_t pids[NR_PROCESSES];
	int accepted;
	int running;
	int started;
	int refused_memory;
	int unexpected;
	int processes;
	int cgroups;
	long since[WRITERS];	/* when what it does now was begun, or 0 */
	long worst[WRITERS];
	char doing[WRITERS][64];
	char slowest[WRITERS][64];
};

static bool over(const struct stress *s)
{
	return __atomic_load_n(&s->stop, __ATOMIC_RELAXED) ||
	       now_us() > s->end_us;
}

static void count(int *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* All errors that the interface may answer with to such input. */
static bool expected(const struct stress *s, int err)
{
	return !err || err == -EINVAL || err == -EBUSY || err == -EPERM ||
	       err == -ECANCELED || err == -ENOENT || err == -ENODEV ||
	       err == -ENOMEM || (s->faults && err == -ENFILE);
}

static const char *knob_value(const struct knob *k, unsigned int *seed)
{
	int nr = 0;

	while (nr < NR_VALUES && k->values[nr])
		nr++;
	return k->values[rand_r(seed) % nr];
}

/* Allocation faults: one allocation of a hundred. */
#define FAULT_PERCENT	1

static void arm(const struct stress *s, bool on)
{
	if (s->faults)
		faults_arm(on);
}

/* Kdamonds, too. */
static void arm_kdamond(const struct stress *s, int kdamond)
{
	pid_t pid = damon_pid(kdamond);

	if (s->faults && pid > 0)
		faults_arm_pid(pid);
}

/* Writers */

static int timed_write(struct stress *s, int writer, const char *path,
		       const char *value)
{
	long took;
	int err;

	snprintf(s->doing[writer], sizeof(s->doing[writer]), "%s", value);
	__atomic_store_n(&s->since[writer], now_us(), __ATOMIC_RELAXED);
	arm(s, true);
	err = damon_write(path, "%s", value);
	arm(s, false);
	took = now_us() - s->since[writer];
	__atomic_store_n(&s->since[writer], 0, __ATOMIC_RELAXED);
	if (took > s->worst[writer]) {
		s->worst[writer] = took;
		memcpy(s->slowest[writer], s->doing[writer],
		       sizeof(s->slowest[writer]));
	}
	return err;
}

static void write_knob(struct stress *s, int writer, unsigned int *seed,
		       const char *dir, const struct knob *k)
{
	const char *value = knob_value(k, seed);
	char path[256], text[DAMON_TEXT_MAX];
	int err;

	snprintf(path, sizeof(path), "%s%s", dir, k->path);
	err = timed_write(s, writer, path, value);
	if (!err)
		count(&s->accepted);
	if (err == -ENOMEM)
		count(&s->refused_memory);
	if (!err && !strcmp(value, "on"))
		count(&s->started);
	if (!expected(s, err)) {
		ksft_print_msg("%s: %s: %d\n", path, value, err);
		count(&s->unexpected);
	}
	if (rand_r(seed) % READ_ONE_OF)
		return;
	err = damon_read(path, text);
	if (err < 0 && !expected(s, err)) {
		ksft_print_msg("reading %s: %d\n", path, err);
		count(&s->unexpected);
	}
}

/* Random input is seldom fit to be run: begin with what is. */
static void revive(struct stress *s, int writer, unsigned int *seed, int kd)
{
	static const char *const actions[] = {
		"stat", "willneed", "cold", "pageout", "hugepage",
		"nohugepage", "collapse", "lru_prio", "lru_deprio",
		"migrate_hot", "migrate_cold",
	};
	char dir[64], path[128];
	int i;

	snprintf(dir, sizeof(dir), "kdamonds/%d/contexts", kd);
	snprintf(path, sizeof(path), "%s/nr_contexts", dir);
	damon_write(path, "1");
	if (rand_r(seed) % 2) {
		snprintf(path, sizeof(path), "%s/0/operations", dir);
		damon_write(path, "paddr");
	}
	damon_set_target(kd, s->pids[rand_r(seed) % NR_PROCESSES]);
	snprintf(path, sizeof(path), "%s/0/targets/0/regions/nr_regions", dir);
	damon_write(path, "1");
	snprintf(path, sizeof(path), "%s/0/targets/0/regions/0/end", dir);
	damon_write(path, "0x30000000");
	snprintf(path, sizeof(path), "%s/0/schemes/nr_schemes", dir);
	damon_write(path, "2");
	for (i = 0; i < 2; i++) {
		static const char * const wide[] = {
			"sz", "nr_accesses", "age",
		};
		int j;

		snprintf(path, sizeof(path), "%s/0/schemes/%d/action", dir, i);
		damon_write(path, "%s", actions[rand_r(seed) % 11]);
		snprintf(path, sizeof(path), "%s/0/schemes/%d/target_nid", dir,
			 i);
		damon_write(path, "%d", rand_r(seed) % 2);
		for (j = 0; j < 3; j++) {
			snprintf(path, sizeof(path),
				 "%s/0/schemes/%d/access_pattern/%s/max", dir,
				 i, wide[j]);
			damon_write(path, "4294967295");
		}
	}
	snprintf(path, sizeof(path), "kdamonds/%d/state", kd);
	if (!timed_write(s, writer, path, damon_is_on(kd) ? "commit" : "on"))
		count(&s->started);
	arm_kdamond(s, kd);
}

#define PICK(knobs, seed)	(&(knobs)[rand_r(seed) % ARRAY_SIZE(knobs)])

static void write_something(struct stress *s, int writer, unsigned int *seed)
{
	int kd = rand_r(seed) % NR_KDAMOND_DIRS;
	char dir[64];

	snprintf(dir, sizeof(dir), "kdamonds/%d/", kd);
	switch (rand_r(seed) % 16) {
	case 0:
		revive(s, writer, seed, kd);
		break;
	case 1 ... 3:
		write_knob(s, writer, seed, dir,
			   rand_r(seed) % 2 ? &states : &other_states);
		break;
	case 4:
		if (rand_r(seed) % 4 == 0)
			write_knob(s, writer, seed, dir,
				   PICK(kdamond_knobs, seed));
		if (damon_is_on(kd))
			count(&s->running);
		break;
	case 5 ... 7:
		strcat(dir, "contexts/0/");
		write_knob(s, writer, seed, dir, PICK(context_knobs, seed));
		break;
	default:
		sprintf(dir + strlen(dir), "contexts/0/schemes/%d/",
			rand_r(seed) % 2);
		write_knob(s, writer, seed, dir, PICK(scheme_knobs, seed));
	}
}

static void writer_run(struct stress *s, int writer)
{
	unsigned int seed = writer + 1;

	while (!over(s)) {
		write_something(s, writer, &seed);
		/* Let what was started run a little, now and then. */
		if (rand_r(&seed) % 16 == 0)
			usleep(rand_r(&seed) % 50000);
	}
	_exit(0);
}

/* Processes and cgroups */

static void cg_name(char name[32], int i)
{
	snprintf(name, 32, "damon_stress_%d", i);
}

static void come_and_go(struct stress *s)
{
	struct workload w[NR_PROCESSES] = {};
	unsigned int seed = 4711;
	char name[32];
	int i, cg;

	while (!over(s)) {
		i = rand_r(&seed) % NR_PROCESSES;
		cg = rand_r(&seed) % NR_CGROUPS;
		cg_name(name, cg);
		if (w[i].pid)
			workload_stop(&w[i]);
		if (w[i].start)
			munmap((void *)w[i].start, w[i].len);
		/* Those that are empty go, the others can not. */
		if (!cg_make(name))
			count(&s->cgroups);
		w[i] = (struct workload){
			.len = (1 + rand_r(&seed) % 8) * MB,
			.hot_len = MB / 2,
			.node = rand_r(&seed) % 3,
			.cgroup = name,
		};
		if (!workload_start(&w[i], rand_r(&seed) % 2))
			count(&s->processes);
		s->pids[i] = w[i].pid;
		usleep(100000 + rand_r(&seed) % 400000);
	}
	for (i = 0; i < NR_PROCESSES; i++)
		workload_stop(&w[i]);
	_exit(0);
}

/* Takes more than it may have, so that reclaim has to run all the time. */
static void press(struct stress *s)
{
	size_t len = 24 * MB, i;
	char *mem;

	file_write("/sys/fs/cgroup/damon_stress_press/memory.high", "%lu",
		   16 * MB);
	if (cg_enter("damon_stress_press", getpid()))
		_exit(1);
	mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		_exit(1);
	while (!over(s)) {
		for (i = 0; i < len && !over(s); i += getpagesize()) {
			mem[i]++;
			if (i % MB == 0)
				usleep(10000);
		}
	}
	_exit(0);
}

FIXTURE(stress) {
	struct stress *s;
};

FIXTURE_SETUP(stress)
{
	const char *why = damon_why_not() ?: cg_why_not() ?: swap_why_not();

	if (why)
		SKIP(return, "%s", why);
	self->s = mmap(NULL, sizeof(*self->s), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->s);
	ASSERT_EQ(0, cg_make("damon_stress_press"));
	ASSERT_EQ(0, damon_new(NR_KDAMOND_DIRS));
}

FIXTURE_TEARDOWN(stress)
{
	char name[32];
	int i;

	faults_set(0);
	EXPECT_EQ(0, damon_cleanup());
	EXPECT_EQ(0, damon_nr_threads());
	for (i = 0; i < NR_CGROUPS; i++) {
		cg_name(name, i);
		cg_remove(name);
	}
	cg_remove("damon_stress_press");

	/* All is as in the beginning. */
	EXPECT_EQ(0, damon_new_full());
	EXPECT_EQ(5000, damon_read_long(INTERVALS0 "sample_us"));
	EXPECT_EQ(0, damon_set_target(0, getpid()));
	EXPECT_EQ(0, damos_new(1, "stat"));
	EXPECT_EQ(0, damon_write(PROBES0 "nr_probes", "0"));
	EXPECT_EQ(0, damon_state(0, "on"));
	EXPECT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
	EXPECT_EQ(0, damon_state(0, "off"));
	EXPECT_EQ(0, damon_cleanup());
}

/* Until the time is up; false if somebody gets stuck. */
static bool watch(struct stress *s)
{
	int i;

	while (!over(s)) {
		sleep(1);
		for (i = 0; i < WRITERS; i++) {
			long since = __atomic_load_n(&s->since[i],
						     __ATOMIC_RELAXED);

			if (since && now_us() - since > STUCK_US) {
				ksft_print_msg("stuck: %s\n", s->doing[i]);
				return false;
			}
		}
	}
	return true;
}

TEST_F_TIMEOUT(stress, everything, LIMIT_S)
{
	const char *seconds = getenv("DAMON_STRESS_S");
	pid_t pids[WRITERS + 2];
	struct stress *s = self->s;
	int i, status;
	long worst = 0;

	s->end_us = now_us() + (seconds && *seconds ? atol(seconds) : SHORT_S) * 1000000L;
	s->faults = faults_set(FAULT_PERCENT);
	for (i = 0; i < WRITERS + 2; i++) {
		pids[i] = fork();
		ASSERT_GE(pids[i], 0);
		if (pids[i])
			continue;
		if (i == WRITERS)
			come_and_go(s);
		if (i == WRITERS + 1)
			press(s);
		writer_run(s, i);
	}
	EXPECT_TRUE(watch(s));
	__atomic_store_n(&s->stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < WRITERS + 2; i++) {
		ASSERT_EQ(pids[i], waitpid(pids[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	for (i = 0; i < WRITERS; i++) {
		TH_LOG("slowest: %ld ms for %s", s->worst[i] / 1000,
		       s->slowest[i]);
		worst = s->worst[i] > worst ? s->worst[i] : worst;
	}
	TH_LOG("%d writes accepted, %d refused for memory, %d starts, seen running %d times",
	       s->accepted, s->refused_memory, s->started, s->running);
	TH_LOG("%d processes, %d cgroups, faults %s", s->processes, s->cgroups,
	       s->faults ? "on" : "not available");
	EXPECT_EQ(0, s->unexpected);
	EXPECT_GT(s->accepted, 20);
	EXPECT_GT(s->started, 0);
	EXPECT_GT(s->running, 0);
	EXPECT_GT(s->processes, 0);
	EXPECT_LT(worst, STUCK_US);
}

TEST_HARNESS_MAIN
