// SPDX-License-Identifier: GPL-2.0
/*
 * Modules are switched on and off when it does not suit: while others do, while
 * allocations fail, while signals come, while memory is short.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "damon_fault.h"
#include "damon_mem.h"
#include "damon_module.h"
#include "damon_scheme.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define LIMIT_S		180

/* Not on another's account: nobody is made to wait for that long. */
#define STUCK_US	30000000L

FIXTURE(modules) {
	int unused;
};

FIXTURE_SETUP(modules)
{
	if (modules_why_not())
		SKIP(return, "%s", modules_why_not());
	ASSERT_EQ(0, modules_reset());
	ASSERT_EQ(0, damon_nr_threads());
}

FIXTURE_TEARDOWN(modules)
{
	faults_set(0);
	EXPECT_EQ(0, damon_cleanup());
	EXPECT_EQ(0, modules_reset());
	EXPECT_EQ(0, damon_nr_threads());
}

/* By bit, of modules[]; with one kdamond for all. */
static unsigned int modules_enabled(void)
{
	unsigned int enabled = 0;
	pid_t pid = 0, its;
	int i;

	for (i = 0; i < NR_MODULES; i++) {
		if (!module_is_enabled(modules[i]))
			continue;
		enabled |= 1 << i;
		its = module_pid(modules[i]);
		if (its <= 0 || (pid && its != pid))
			return -1;
		pid = its;
	}
	return damon_nr_threads() == !!enabled ? enabled : -1U;
}

static int modules_enable(unsigned int which)
{
	int i, err = 0;

	for (i = 0; !err && i < NR_MODULES; i++)
		err = module_enable(modules[i], which & 1 << i);
	return err;
}

/* Allocations fail */

/* Opened before, as that takes memory, too. */
static int param_open(const char *module, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), DAMON_ADMIN "%s%s", module, name);
	return open(path, O_WRONLY | O_CLOEXEC);
}

static int letter_write(int fd, char letter)
{
	return pwrite(fd, &letter, 1, 0) == 1 ? 0 : -errno;
}

/* sysfs copies the letter and a NUL, so that no more than that may succeed. */
#define LETTER_BYTES	9

static int write_without_memory(int fd, char letter)
{
	int err;

	faults_spare(LETTER_BYTES);
	faults_arm(true);
	err = letter_write(fd, letter);
	faults_arm(false);
	return err;
}

TEST_F_TIMEOUT(modules, off_without_memory, LIMIT_S)
{
	const unsigned int all = (1 << NR_MODULES) - 1;
	unsigned int order, rest;
	int i, fd;

	if (!faults_set(100))
		SKIP(return, "no fault injection");
	for (i = 0; i < NR_MODULES; i++) {
		fd = param_open(modules[i], "enabled");
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, modules_enable(all));
		ASSERT_EQ(all, modules_enabled());
		rest = all & ~(1 << i);

		/* What takes memory is refused, or this would test nothing. */
		if (i < NR_SCHEMERS) {
			int commit = param_open(modules[i], "commit_inputs");

			EXPECT_EQ(-ENOMEM, write_without_memory(commit, 'Y'));
			close(commit);
		}
		EXPECT_EQ(all, modules_enabled());

		EXPECT_EQ(0, write_without_memory(fd, 'N'))
			TH_LOG("%s", modules[i]);
		EXPECT_EQ(rest, modules_enabled());
		EXPECT_EQ(-ENOMEM, write_without_memory(fd, 'Y'))
			TH_LOG("%s", modules[i]);
		EXPECT_EQ(rest, modules_enabled());
		EXPECT_EQ(0, letter_write(fd, 'Y'));
		EXPECT_EQ(all, modules_enabled());
		close(fd);
	}

	/* Down to none, whoever is the last one. */
	for (order = 0; order < NR_MODULES; order++) {
		ASSERT_EQ(0, modules_enable(all));
		rest = all;
		for (i = 0; i < NR_MODULES; i++) {
			int nr = (order + i) % NR_MODULES;

			fd = param_open(modules[nr], "enabled");
			EXPECT_EQ(0, write_without_memory(fd, 'N'));
			close(fd);
			rest &= ~(1 << nr);
			EXPECT_EQ(rest, modules_enabled());
		}
	}
}

/* Who is off does nothing at all, whichever way that came about. */
TEST_F_TIMEOUT(modules, off_is_off, LIMIT_S)
{
	static const char * const greedy[] = {
		"min_age", "0", "quota_sz", "1048576", "quota_ms", "0",
		"quota_reset_interval_ms", "10", "skip_anon", "Y",
		"sample_interval", "1000", "aggr_interval", "10000",
		"wmarks_high", "1000", "wmarks_mid", "1000",
		"wmarks_low", "0", NULL,
	};
	long tried;
	int fd;

	if (!faults_set(100))
		SKIP(return, "no fault injection");
	ASSERT_EQ(0, params_write(RECLAIM, greedy));
	ASSERT_EQ(0, module_enable(RECLAIM, true));
	ASSERT_EQ(0, module_enable(STAT, true));
	usleep(300000);
	EXPECT_LT(0, param_number(RECLAIM, "nr_reclaim_tried_regions"));

	/* The count is final when the write returns. */
	fd = param_open(RECLAIM, "enabled");
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, write_without_memory(fd, 'N'));
	tried = param_number(RECLAIM, "nr_reclaim_tried_regions");
	usleep(300000);
	EXPECT_EQ(tried, param_number(RECLAIM, "nr_reclaim_tried_regions"));

	/* And goes on where it was. */
	EXPECT_EQ(0, letter_write(fd, 'Y'));
	usleep(300000);
	EXPECT_LT(tried, param_number(RECLAIM, "nr_reclaim_tried_regions"));
	EXPECT_EQ(0, letter_write(fd, 'N'));
	tried = param_number(RECLAIM, "nr_reclaim_tried_regions");
	usleep(300000);
	EXPECT_EQ(tried, param_number(RECLAIM, "nr_reclaim_tried_regions"));

	/* Also if nobody is left. */
	EXPECT_EQ(0, module_enable(STAT, false));
	EXPECT_EQ(0, letter_write(fd, 'Y'));
	usleep(300000);
	EXPECT_LT(tried, param_number(RECLAIM, "nr_reclaim_tried_regions"));
	tried = param_number(RECLAIM, "nr_reclaim_tried_regions");
	EXPECT_EQ(0, letter_write(fd, 'N'));
	EXPECT_LE(tried, param_number(RECLAIM, "nr_reclaim_tried_regions"));
	close(fd);
}

/* More than any write needs. */
#define NR_ALLOCATIONS	2000

/*
 * Has each allocation of a write fail, one after the other.  Each time it works,
 * or nothing has happened.  Returns the number of allocations.
 */
static int fail_each(struct __test_metadata *_metadata, const char *name,
		     char letter, unsigned int before, unsigned int after)
{
	int fd = param_open(RECLAIM, name);
	int nth, nr_refused = 0;
	bool pending = false;

	for (nth = 1; nth < NR_ALLOCATIONS && !pending; nth++) {
		int err;

		EXPECT_EQ(0, modules_enable(before));
		fault_arm(nth);
		err = letter_write(fd, letter);
		pending = fault_pending();
		fault_arm(0);
		EXPECT_EQ(err ? before : after, modules_enabled())
			TH_LOG("%s: %c: allocation %d", name, letter, nth);
		if (err)
			EXPECT_EQ(-ENOMEM, err);
		/* The first one is not ours, but that of sysfs. */
		if (letter == 'N' && nth > 1)
			EXPECT_EQ(0, err);
		nr_refused += !!err;
	}
	close(fd);
	EXPECT_TRUE(pending);
	TH_LOG("%s %c with %u enabled: %d allocations, %d needed", name, letter,
	       before, nth - 2, nr_refused);
	return nr_refused;
}

TEST_F_TIMEOUT(modules, each_allocation_fails, LIMIT_S)
{
	if (!faults_set(0))
		SKIP(return, "no fault injection");
	EXPECT_LT(1, fail_each(_metadata, "enabled", 'Y', 0, 1));
	EXPECT_LT(1, fail_each(_metadata, "enabled", 'Y', 6, 7));
	EXPECT_LT(1, fail_each(_metadata, "commit_inputs", 'Y', 5, 5));
	EXPECT_EQ(1, fail_each(_metadata, "enabled", 'N', 7, 6));
	EXPECT_EQ(1, fail_each(_metadata, "enabled", 'N', 1, 0));
}

/* Signals come */

#define SIGNAL_US	300
#define NR_INTERRUPTED	20

static void ignore(int sig)
{
}

static void signals(bool on)
{
	struct itimerval every = {
		.it_interval.tv_usec = on ? SIGNAL_US : 0,
		.it_value.tv_usec = on ? SIGNAL_US : 0,
	};

	setitimer(ITIMER_REAL, &every, NULL);
}

TEST_F_TIMEOUT(modules, signals, LIMIT_S)
{
	struct sigaction action = { .sa_handler = ignore };
	long end = now_us() + STUCK_US;
	int err, nr_interrupted = 0, nr = 0;
	int fd = param_open(RECLAIM, "enabled");

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, module_enable(LRU_SORT, true));
	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	for (; nr_interrupted < NR_INTERRUPTED && now_us() < end; nr++) {
		signals(true);
		/* This may, and nothing has happened then. */
		err = letter_write(fd, 'Y');
		signals(false);
		EXPECT_TRUE(!err || err == -EINTR) TH_LOG("%d", err);
		nr_interrupted += err == -EINTR;
		EXPECT_EQ(err ? 2 : 3, modules_enabled());
		EXPECT_EQ(0, module_enable(RECLAIM, true));

		signals(true);
		err = letter_write(fd, 'N');
		signals(false);
		EXPECT_EQ(0, err);
		EXPECT_EQ(2, modules_enabled());
	}
	TH_LOG("%d of %d were interrupted while they were switched on",
	       nr_interrupted, nr);
	EXPECT_LT(0, nr_interrupted);
	close(fd);
}

#define NR_KILLED	30

static void toggle_for_ever(unsigned int seed)
{
	for (;;) {
		const char *dir = modules[rand_r(&seed) % NR_MODULES];

		module_enable(dir, rand_r(&seed) % 2);
		param_write(dir, "commit_inputs", "Y");
	}
}

TEST_F_TIMEOUT(modules, killed, LIMIT_S)
{
	unsigned int seed = 1;
	int i;

	for (i = 0; i < NR_KILLED; i++) {
		pid_t pid = fork();

		ASSERT_LE(0, pid);
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			toggle_for_ever(i);
		}
		usleep(10000 + rand_r(&seed) % 30000);
		process_end(pid);
		/* Whoever is on by now, they are whole. */
		EXPECT_NE(-1U, modules_enabled());
	}
	EXPECT_EQ(0, modules_enable(7));
	EXPECT_EQ(7, modules_enabled());
	EXPECT_EQ(0, modules_enable(0));
	EXPECT_EQ(0, modules_enabled());
}

/* All at once */

#define NR_AT_ONCE	6
#define RACE_US		6000000

static struct {
	long end_us;
	bool with_sysfs;
	int nr_sysfs;
	int nr_switched;
	int nr_busy;
	long worst_us;
} race;

static bool is_wrong(int err)
{
	if (err != -EBUSY)
		return err;
	__atomic_fetch_add(&race.nr_busy, 1, __ATOMIC_RELAXED);
	return !race.with_sysfs;
}

/* Until the time is up and both sides have had it, whoever was slow. */
static bool race_is_on(void)
{
	long late_us = now_us() - race.end_us;

	return late_us < 0 || (race.with_sysfs && late_us < STUCK_US &&
			       !(race.nr_sysfs && race.nr_busy));
}

/* Results that are right, whoever else writes at the same time. */
static void *meddle(void *arg)
{
	long nr = (long)arg, wrong = 0;
	const char *dir = modules[nr % NR_MODULES];
	int i, err;

	for (i = 0; race_is_on(); i++) {
		long began_us = now_us(), took_us;

		err = module_enable(dir, (i + nr) % 2);
		wrong += is_wrong(err);
		__atomic_fetch_add(&race.nr_switched, !err, __ATOMIC_RELAXED);
		if (dir != modules[NR_MODULES - 1]) {
			err = module_commit(dir);
			wrong += err != -ECANCELED && err != -EINVAL &&
				 is_wrong(err);
		}
		took_us = now_us() - began_us;
		if (took_us > race.worst_us)
			race.worst_us = took_us;
	}
	return (void *)wrong;
}

static void meddle_all(struct __test_metadata *_metadata, long us)
{
	pthread_t threads[NR_AT_ONCE];
	void *wrong;
	long i;

	race.end_us = now_us() + us;
	for (i = 0; i < NR_AT_ONCE; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, meddle,
					    (void *)i));
	for (i = 0; i < NR_AT_ONCE; i++) {
		pthread_join(threads[i], &wrong);
		EXPECT_EQ(NULL, wrong);
	}
	TH_LOG("%d writes, %d busy; the slowest two took %ld ms",
	       race.nr_switched, race.nr_busy, race.worst_us / 1000);
	EXPECT_LT(NR_AT_ONCE, race.nr_switched);
	EXPECT_GT(STUCK_US, race.worst_us);
}

TEST_F_TIMEOUT(modules, at_once, LIMIT_S)
{
	meddle_all(_metadata, RACE_US);
	EXPECT_EQ(0, modules_enable(0));
	EXPECT_EQ(0, modules_enabled());
	EXPECT_EQ(0, modules_enable(7));
	EXPECT_EQ(7, modules_enabled());
}

/* Either they or the sysfs interface have physical memory. */
static void *meddle_sysfs(void *arg)
{
	long wrong = 0;

	while (race_is_on()) {
		int err = damon_state(0, "on");

		if (!err) {
			err = damon_state(0, "commit") ?:
			      damon_state(0, "off");
			__atomic_fetch_add(&race.nr_sysfs, 1, __ATOMIC_RELAXED);
		}
		wrong += is_wrong(err);
	}
	return (void *)wrong;
}

TEST_F_TIMEOUT(modules, at_once_with_sysfs, LIMIT_S)
{
	unsigned long start, end;
	pthread_t thread;
	void *wrong;

	ASSERT_EQ(0, damon_new(1));
	if (paddr_why_not())
		SKIP(return, "%s", paddr_why_not());
	ASSERT_EQ(0, ram_range(&start, &end));
	ASSERT_EQ(0, damos_monitor_phys(start, end));
	race.with_sysfs = true;
	race.end_us = now_us() + RACE_US;
	ASSERT_EQ(0, pthread_create(&thread, NULL, meddle_sysfs, NULL));
	meddle_all(_metadata, RACE_US);
	pthread_join(thread, &wrong);
	EXPECT_EQ(NULL, wrong);
	TH_LOG("sysfs had it %d times", race.nr_sysfs);
	EXPECT_LT(0, race.nr_sysfs);
	EXPECT_LT(0, race.nr_busy);
	EXPECT_EQ(0, modules_enable(0));
	EXPECT_EQ(0, damon_nr_threads());
	EXPECT_EQ(0, modules_enable(7));
	EXPECT_EQ(7, modules_enabled());
}

/* Memory is short */

#define PRESSURE_US	8000000
#define HUGE_BYTES	(2 * MB)

/* Wants all memory that there is and some more, and touches it for ever. */
static void hog_run(int *ready)
{
	size_t len = file_number("/proc/meminfo", "MemAvailable:") * KB +
		     64 * MB;
	size_t at;
	char *mem;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	file_write("/proc/self/oom_score_adj", "1000");
	mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mem == MAP_FAILED)
		_exit(1);
	/* As fast as can be, then page by page. */
	madvise(mem, len, MADV_HUGEPAGE);
	for (at = 0; at < len; at += HUGE_BYTES)
		mem[at] = 1;
	__atomic_store_n(ready, 1, __ATOMIC_RELEASE);
	for (;; at += getpagesize())
		mem[at % len]++;
}

static bool is_ready(void *ready)
{
	return __atomic_load_n((int *)ready, __ATOMIC_ACQUIRE);
}

TEST_F_TIMEOUT(modules, memory_is_short, LIMIT_S)
{
	static const char * const eager[] = {
		"min_age", "0", "quota_ms", "0", "quota_sz", "16777216",
		"quota_reset_interval_ms", "100", "sample_interval", "1000",
		"aggr_interval", "10000", "wmarks_high", "1000",
		"wmarks_mid", "1000", "wmarks_low", "0", NULL,
	};
	long swapped, reclaimed;
	int status;
	pid_t hog;
	int *ready;

	if (swap_why_not())
		SKIP(return, "%s", swap_why_not());
	ready = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, ready);
	ASSERT_EQ(0, params_write(RECLAIM, eager));
	hog = fork();
	ASSERT_LE(0, hog);
	if (!hog)
		hog_run(ready);
	EXPECT_TRUE(wait_until(is_ready, ready));

	swapped = file_number("/proc/vmstat", "pswpout ");
	reclaimed = param_number(RECLAIM, "bytes_reclaimed_regions");
	meddle_all(_metadata, PRESSURE_US);
	swapped = file_number("/proc/vmstat", "pswpout ") - swapped;
	reclaimed = param_number(RECLAIM, "bytes_reclaimed_regions") - reclaimed;
	TH_LOG("%ld MiB swapped out, %ld MiB by DAMON_RECLAIM, %ld MiB left",
	       swapped * getpagesize() / (long)MB, reclaimed / (long)MB,
	       file_number("/proc/meminfo", "MemFree:") / 1024);
	EXPECT_LT(0, swapped);
	EXPECT_LT(0, reclaimed);

	/* It was there to the end. */
	EXPECT_EQ(0, waitpid(hog, &status, WNOHANG));
	EXPECT_EQ(0, modules_enable(7));
	EXPECT_EQ(7, modules_enabled());
	EXPECT_EQ(0, modules_enable(0));
	EXPECT_EQ(0, modules_enabled());
	process_end(hog);
}

TEST_HARNESS_MAIN
