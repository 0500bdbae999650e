// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_util.h"

#define WAIT_LIMIT_US	(60 * 1000000L)
#define WAIT_STEP_US	2000

/* More pages than kernels flush one by one from the TLB. */
#define FLUSH_PAGES	48
#define TOUCH_US	1000
#define IDLE_US		20000

const char *damon_why_not(void)
{
	char text[DAMON_TEXT_MAX];
	int i, nr;

	if (geteuid())
		return "not root";
	if (!damon_exists(NR_KDAMONDS))
		return "no DAMON sysfs interface in this kernel";
	nr = damon_read_long(NR_KDAMONDS);
	for (i = 0; i < nr; i++) {
		if (damon_is_on(i))
			return "DAMON is in use";
	}
	if (nr && damon_write(NR_KDAMONDS, "0"))
		return "DAMON is in use";
	return damon_read(NR_KDAMONDS, text) < 0 ? "unreadable sysfs" : NULL;
}

int damon_cleanup(void)
{
	int i, nr = damon_read_long(NR_KDAMONDS);

	for (i = 0; i < nr; i++) {
		if (damon_is_on(i))
			damon_state(i, "off");
	}
	return damon_write(NR_KDAMONDS, "0");
}

static int damon_open(const char *path, int flags)
{
	char full[512];
	int fd;

	snprintf(full, sizeof(full), DAMON_ADMIN "%s", path);
	fd = open(full, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

bool damon_exists(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), DAMON_ADMIN "%s", path);
	return !access(full, F_OK);
}

int damon_write_raw(const char *path, const void *buf, size_t len)
{
	int fd = damon_open(path, O_WRONLY);
	int err = 0;

	if (fd < 0)
		return fd;
	if (write(fd, buf, len) < 0)
		err = -errno;
	close(fd);
	return err;
}

int damon_write(const char *path, const char *fmt, ...)
{
	char text[DAMON_TEXT_MAX];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return damon_write_raw(path, text, len);
}

int damon_read(const char *path, char buf[DAMON_TEXT_MAX])
{
	int fd = damon_open(path, O_RDONLY);
	int len;

	if (fd < 0)
		return fd;
	len = read(fd, buf, DAMON_TEXT_MAX - 1);
	if (len < 0)
		len = -errno;
	else
		buf[len] = '\0';
	close(fd);
	return len;
}

long damon_read_long(const char *path)
{
	char text[DAMON_TEXT_MAX], *end;
	int len = damon_read(path, text);
	long num;

	if (len < 0)
		return len;
	num = strtol(text, &end, 10);
	return end != text && !strcmp(end, "\n") ? num : -ENODATA;
}

int damon_new(int nr_kdamonds)
{
	char path[64];
	int i, err;

	err = damon_write(NR_KDAMONDS, "%d", nr_kdamonds);
	for (i = 0; !err && i < nr_kdamonds; i++) {
		snprintf(path, sizeof(path), "kdamonds/%d/contexts/nr_contexts",
			 i);
		err = damon_write(path, "1");
	}
	return err;
}

int damon_set_target(int kdamond, pid_t pid)
{
	char path[96];
	int err;

	snprintf(path, sizeof(path),
		 "kdamonds/%d/contexts/0/targets/nr_targets", kdamond);
	err = damon_write(path, "1");
	if (err)
		return err;
	snprintf(path, sizeof(path),
		 "kdamonds/%d/contexts/0/targets/0/pid_target", kdamond);
	return damon_write(path, "%d", pid);
}

int damon_set_intervals(long sample_us, long aggr_us, long update_us)
{
	return damon_write(INTERVALS0 "sample_us", "%ld", sample_us) ?:
	       damon_write(INTERVALS0 "aggr_us", "%ld", aggr_us) ?:
	       damon_write(INTERVALS0 "update_us", "%ld", update_us);
}

int damon_set_region(unsigned long start, unsigned long end)
{
	return damon_write(T0 "regions/nr_regions", "1") ?:
	       damon_write(T0 "regions/0/start", "%lu", start) ?:
	       damon_write(T0 "regions/0/end", "%lu", end);
}

int damon_state(int kdamond, const char *command)
{
	char path[64];

	snprintf(path, sizeof(path), "kdamonds/%d/state", kdamond);
	return damon_write(path, "%s", command);
}

bool damon_is_on(int kdamond)
{
	char path[64], text[DAMON_TEXT_MAX];

	snprintf(path, sizeof(path), "kdamonds/%d/state", kdamond);
	return damon_read(path, text) > 0 && !strcmp(text, "on\n");
}

pid_t damon_pid(int kdamond)
{
	char path[64];

	snprintf(path, sizeof(path), "kdamonds/%d/pid", kdamond);
	return damon_read_long(path);
}

int damon_thread_name(pid_t pid, char name[32])
{
	char path[64];
	FILE *f;
	int err;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "r");
	if (!f)
		return -errno;
	err = fgets(name, 32, f) ? 0 : -ESRCH;
	fclose(f);
	return err;
}

int damon_nr_threads(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char name[32];
	int nr = 0;

	if (!proc)
		return -errno;
	while ((entry = readdir(proc))) {
		if (!damon_thread_name(atoi(entry->d_name), name) &&
		    !strncmp(name, "kdamond.", strlen("kdamond.")))
			nr++;
	}
	closedir(proc);
	return nr;
}

long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000L + ts.tv_nsec / 1000;
}

bool wait_until(bool (*done)(void *arg), void *arg)
{
	long end = now_us() + WAIT_LIMIT_US;

	while (!done(arg)) {
		if (now_us() > end)
			return false;
		usleep(WAIT_STEP_US);
	}
	return true;
}

static bool is_off(void *kdamond)
{
	return !damon_is_on(*(int *)kdamond);
}

bool wait_off(int kdamond)
{
	return wait_until(is_off, &kdamond);
}

/* Processes to look at */

static pid_t child_fork(void)
{
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

pid_t sleeper_start(void)
{
	pid_t pid = child_fork();

	if (!pid) {
		for (;;)
			pause();
	}
	return pid;
}

pid_t zombie_make(void)
{
	pid_t pid = child_fork();
	siginfo_t info;

	if (!pid)
		_exit(0);
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	return pid;
}

void process_end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Writing only: what is read first gets the zero page, and that is not huge. */
static void populate(char *mem, size_t len, size_t step)
{
	size_t at;

	for (at = 0; at < len; at += step)
		__atomic_store_n(mem + at, 1, __ATOMIC_RELAXED);
}

static void touch(char *mem, size_t len, size_t step)
{
	size_t at;

	for (at = 0; at < len; at += step)
		__atomic_fetch_add(mem + at, 1, __ATOMIC_RELAXED);
}

/* Shared with the process that touches it. */
struct workload_hot {
	unsigned long start;
	unsigned long len;
};

/*
 * The kernel never flushes the TLB to see accesses sooner.  A busy system does
 * so all the time, an emulated idle one hardly ever.
 */
/* What a page table maps, and a huge page is. */
#define BLOCK	(2UL << 20)

static void workload_run(const struct workload *w, enum workload_pages pages,
			 int ready)
{
	size_t page = getpagesize(), len = FLUSH_PAGES * page;
	const struct workload_hot *now = w->now;
	char *mem = (char *)w->start;
	char *scratch = mmap(NULL, len, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (scratch == MAP_FAILED)
		_exit(1);
	if (w->cgroup && cg_enter(w->cgroup, getpid()))
		_exit(1);
	if (w->node && node_prefer(w->node - 1))
		_exit(1);
	populate(mem, w->len, pages == WORKLOAD_SPARSE ? BLOCK : page);
	populate(scratch, len, page);
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (;;) {
		size_t hot = __atomic_load_n(&now->start, __ATOMIC_RELAXED);
		size_t hot_len = __atomic_load_n(&now->len, __ATOMIC_RELAXED);

		if (!hot_len) {
			usleep(IDLE_US);
			continue;
		}
		touch(mem + hot, hot_len, page);
		/* Only what is present is flushed, and it may be paged out. */
		touch(scratch, len, page);
		mprotect(scratch, len, PROT_READ);
		mprotect(scratch, len, PROT_READ | PROT_WRITE);
		usleep(TOUCH_US);
	}
}

static void *workload_map(struct workload *w, enum workload_pages pages)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *mem;

	if (pages == WORKLOAD_HUGETLB)
		return mmap(NULL, w->len, PROT_READ | PROT_WRITE,
			    flags | MAP_HUGETLB, -1, 0);

	/* Huge pages need aligned memory. */
	if (pages == WORKLOAD_SPARSE)
		flags |= MAP_NORESERVE;
	mem = mmap(NULL, w->len + BLOCK, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (mem == MAP_FAILED)
		return mem;
	mem += -(unsigned long)mem % BLOCK;
	if (madvise(mem, w->len, pages == WORKLOAD_THP ? MADV_HUGEPAGE :
							 MADV_NOHUGEPAGE) &&
	    pages == WORKLOAD_THP)
		return MAP_FAILED;
	return mem;
}

int workload_start(struct workload *w, enum workload_pages pages)
{
	void *mem = workload_map(w, pages);
	char byte;
	int ready[2];

	if (mem == MAP_FAILED)
		return -EOPNOTSUPP;
	w->start = (unsigned long)mem;
	w->now = mmap(NULL, sizeof(*w->now), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w->now == MAP_FAILED)
		return -errno;
	workload_move(w, w->hot, w->hot_len);
	if (pipe(ready))
		return -errno;
	w->pid = child_fork();
	if (!w->pid) {
		close(ready[0]);
		workload_run(w, pages, ready[1]);
	}
	close(ready[1]);
	if (w->pid < 0 || read(ready[0], &byte, 1) != 1)
		return -ECHILD;
	close(ready[0]);
	return 0;
}

void workload_move(struct workload *w, unsigned long hot,
		   unsigned long hot_len)
{
	w->hot = hot;
	w->hot_len = hot_len;
	__atomic_store_n(&w->now->len, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&w->now->start, hot, __ATOMIC_RELAXED);
	__atomic_store_n(&w->now->len, hot_len, __ATOMIC_RELAXED);
}

void workload_stop(struct workload *w)
{
	process_end(w->pid);
	w->pid = 0;
}
