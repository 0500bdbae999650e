/* SPDX-License-Identifier: GPL-2.0 */
/* A small vocabulary for tests of the sysfs interface of DAMON. */
#ifndef SELFTESTS_DAMON_UTIL_H
#define SELFTESTS_DAMON_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "kselftest.h"

#define DAMON_ADMIN	"/sys/kernel/mm/damon/admin/"

/* Paths are relative to DAMON_ADMIN. */
#define NR_KDAMONDS	"kdamonds/nr_kdamonds"
#define K0		"kdamonds/0/"
#define C0		K0 "contexts/0/"
#define ATTRS0		C0 "monitoring_attrs/"
#define INTERVALS0	ATTRS0 "intervals/"
#define GOAL0		INTERVALS0 "intervals_goal/"
#define TARGETS0	C0 "targets/"
#define T0		TARGETS0 "0/"

/* Longest content of a file that the tests care about, with the NUL. */
#define DAMON_TEXT_MAX	256

/*
 * Functions that return int return 0 (or what they say) on success, and a
 * negative error number on failure.
 */

/* Why the tests cannot run here, or NULL. */
const char *damon_why_not(void);

/* Stop everything and remove all kdamonds. */
int damon_cleanup(void);

int damon_write_raw(const char *path, const void *buf, size_t len);
int __printf(2, 3) damon_write(const char *path, const char *fmt, ...);
/* @buf gets the whole content, newline included.  Returns the length. */
int damon_read(const char *path, char buf[DAMON_TEXT_MAX]);
/* A negative number is what the file says; -ENODATA if it says none. */
long damon_read_long(const char *path);
bool damon_exists(const char *path);

/* Fresh kdamonds with one context each. */
int damon_new(int nr_kdamonds);
/* One target of context 0 of a kdamond, in place of all that were there. */
int damon_set_target(int kdamond, pid_t pid);
int damon_set_intervals(long sample_us, long aggr_us, long update_us);
/* Initial regions of target 0 of kdamond 0. */
int damon_set_region(unsigned long start, unsigned long end);

int damon_state(int kdamond, const char *command);
bool damon_is_on(int kdamond);
pid_t damon_pid(int kdamond);

/* Number of threads named kdamond.*, and the names of those with a pid. */
int damon_nr_threads(void);
int damon_thread_name(pid_t pid, char name[32]);

/* Wait until @done says so, at most a minute. */
bool wait_until(bool (*done)(void *arg), void *arg);
bool wait_off(int kdamond);
long now_us(void);

/*
 * A process with some memory, part of which it touches all the time.
 */
struct workload {
	pid_t pid;
	unsigned long start;	/* of the memory */
	unsigned long len;
	unsigned long hot;	/* offset and length of what is touched */
	unsigned long hot_len;
	const char *cgroup;	/* that the memory is charged to, or NULL */
	int node;		/* number of the memory's node plus one, or 0 */
	struct workload_hot *now;
};

enum workload_pages {
	WORKLOAD_BASE_PAGES,
	WORKLOAD_THP,
	WORKLOAD_SPARSE,	/* base pages, one in each 2 MiB */
	WORKLOAD_HUGETLB,
};

/* Set the lengths, then start; -EOPNOTSUPP if there are no such pages. */
int workload_start(struct workload *w, enum workload_pages pages);
/* Touch another part, from now on. */
void workload_move(struct workload *w, unsigned long hot,
		   unsigned long hot_len);
void workload_stop(struct workload *w);

/* A process that sleeps; a process that is dead, reaped or not. */
pid_t sleeper_start(void);
pid_t zombie_make(void);
void process_end(pid_t pid);

#endif /* SELFTESTS_DAMON_UTIL_H */
