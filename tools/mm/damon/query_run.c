// SPDX-License-Identifier: GPL-2.0
/*
 * Asks the kernel: schemes that do nothing but count, one for each row and age.
 *
 * A kdamond of our own makes one pass over the regions, when it has run long
 * enough to know.  Where one runs already and sees what is asked for, the
 * schemes are committed to it for a single pass and taken away again.  The
 * interval between passes is what makes it a single one.
 *
 * Filters let all present memory pass, so that what is counted is memory and
 * not addresses.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "admin.h"
#include "fail.h"
#include "query.h"
#include "setup.h"
#include "setup_options.h"
#include "units.h"

#define ADMIN_PATH	"sys/kernel/mm/damon/admin"
#define ALL_AGES	1	/* the first scheme of a row looks at all */
/* Regions need some aggregation intervals to take shape, and then get old. */
#define LATE_AGGRS	10
#define POLL_US		(100 * USEC_PER_MSEC)
#define PATIENCE_US	(10 * USEC_PER_SEC)
/* From pass to pass; the second must not come before the first is read. */
#define MIN_PASS_US	(2 * USEC_PER_SEC)
#define PASS_AGGRS	5
#define AGGRS_PER_AGE	100	/* in the shortest */
#define SAMPLES		20	/* in an aggregation interval */
#define MIN_AGGR_US	(100 * USEC_PER_MSEC)
#define MAX_AGGR_US	(5 * USEC_PER_SEC)
#define MIN_REGIONS	100
#define MAX_REGIONS	1000
#define ROW_REGIONS	20	/* more for each row, least */
#define MAX_ROW_REGIONS	200

struct asking {
	struct query *q;
	const struct tree *tree;
	u64 kdamond;		/* its number */
	u64 aggr_us;
	u64 addr_unit;
	unsigned int first;	/* scheme of ours */
	u64 target[QUERY_MAX_ROWS];
	struct node *root;
	sigset_t stops;
	bool no_memory;
};

/* Ends early, and returns true, when somebody wants us to stop. */
static bool interrupted(const struct asking *a, u64 us)
{
	struct timespec wait = {
		.tv_sec = us / USEC_PER_SEC,
		.tv_nsec = us % USEC_PER_SEC * NSEC_PER_USEC,
	};

	return sigtimedwait(&a->stops, NULL, &wait) > 0;
}

/* Adds a file to a set-up, and the directories that it is in. */
static void __printf(3, 4) put(struct asking *a, const char *value,
			       const char *fmt, ...)
{
	struct node *dir = a->root, *next;
	char path[256], *name, *rest = path;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	while (dir && (name = strsep(&rest, "/"))) {
		next = node_find(dir, name);
		dir = next ? next : node_add(dir, name, rest ? NULL : value);
	}
	if (!dir)
		a->no_memory = true;
}

static void put_filter(struct asking *a, const char *scheme, unsigned int nr,
		       const char *type, bool matching)
{
	put(a, type, "%s/ops_filters/%u/type", scheme, nr);
	put(a, matching ? "Y" : "N", "%s/ops_filters/%u/matching", scheme, nr);
	put(a, "Y", "%s/ops_filters/%u/allow", scheme, nr);
}

static void put_scheme(struct asking *a, unsigned int row, unsigned int age,
		       u64 apply_us)
{
	const struct query *q = a->q;
	unsigned int nr = a->first + row * (q->nr_ages + ALL_AGES) + age;
	char scheme[128], number[UNIT_LEN];
	u64 min_age = 0;

	snprintf(scheme, sizeof(scheme),
		 "kdamonds/%llu/contexts/0/schemes/%u", a->kdamond, nr);
	put(a, "stat", "%s/action", scheme);
	put(a, "18446744073709551615", "%s/access_pattern/sz/max", scheme);
	put(a, age ? "0" : "4294967295", "%s/access_pattern/nr_accesses/max",
	    scheme);
	if (age)
		min_age = (min_u64(q->age_us[age - 1], q->observed_us) +
			   a->aggr_us - 1) / a->aggr_us;
	snprintf(number, sizeof(number), "%llu", min_u64(min_age, U32_MAX));
	put(a, number, "%s/access_pattern/age/min", scheme);
	put(a, "4294967295", "%s/access_pattern/age/max", scheme);
	snprintf(number, sizeof(number), "%llu", apply_us);
	put(a, number, "%s/apply_interval_us", scheme);
	if (q->by == BY_PROCESS) {
		put(a, "target", "%s/core_filters/0/type", scheme);
		put(a, "N", "%s/core_filters/0/matching", scheme);
		put(a, "N", "%s/core_filters/0/allow", scheme);
		snprintf(number, sizeof(number), "%llu", a->target[row]);
		put(a, number, "%s/core_filters/0/damon_target_idx", scheme);
	}
	if (q->by == BY_CGROUP) {
		put_filter(a, scheme, 0, "memcg", true);
		put(a, q->row[row].name, "%s/ops_filters/0/memcg_path", scheme);
	} else {
		put_filter(a, scheme, 0, "anon", true);
		put_filter(a, scheme, 1, "anon", false);
	}
}

static int put_schemes(struct asking *a, u64 apply_us)
{
	unsigned int row, age;

	for (row = 0; row < a->q->nr_rows; row++) {
		for (age = 0; age < a->q->nr_ages + ALL_AGES; age++)
			put_scheme(a, row, age, apply_us);
	}
	return a->no_memory ? fail(STATUS_FAILED, "out of memory") : 0;
}

/* Of all our schemes, whether they made their pass; what they counted. */
static int read_schemes(struct asking *a, bool *done)
{
	unsigned int row, age, nr = a->first;
	struct query *q = a->q;
	char path[256];
	u64 passes, bytes;
	int error;

	error = admin_command(a->tree, a->kdamond, "update_schemes_stats");
	if (error)
		return admin_runs(a->tree, a->kdamond) ?
			tree_fail(error, "read", "the statistics") :
			fail(STATUS_NO_PROCESS, "the processes have ended");
	*done = true;
	for (row = 0; row < q->nr_rows; row++) {
		for (age = 0; age < q->nr_ages + ALL_AGES; age++, nr++) {
			int len = snprintf(path, sizeof(path),
					   "kdamonds/%llu/contexts/0/schemes/%u/stats/",
					   a->kdamond, nr);

			strcpy(path + len, "nr_snapshots");
			error = tree_read_u64(a->tree->admin, path, &passes);
			if (error == -ENOENT)
				return fail(STATUS_NO_DAMON,
					    "this kernel's DAMON does not count passes of schemes (nr_snapshots)");
			strcpy(path + len, "sz_ops_filter_passed");
			if (!error)
				error = tree_read_u64(a->tree->admin, path,
						      &bytes);
			if (error)
				return tree_fail(error, "read", path);
			if (!passes)
				*done = false;
			if (__builtin_mul_overflow(bytes, a->addr_unit, &bytes))
				bytes = U64_MAX;
			if (age)
				q->row[row].idle[age - 1] = bytes;
			else
				q->row[row].all = bytes;
		}
	}
	return 0;
}

/* A pass may take its time: it is done when nothing comes to it any more. */
static int collect(struct asking *a, u64 patience_us)
{
	u64 end_us = clock_ns(CLOCK_MONOTONIC) / NSEC_PER_USEC + patience_us;
	struct query_row before[QUERY_MAX_ROWS];
	bool done = false, was_done;
	int status;

	while (true) {
		was_done = done;
		memcpy(before, a->q->row, sizeof(before));
		status = read_schemes(a, &done);
		if (status || (was_done &&
			       !memcmp(before, a->q->row, sizeof(before))))
			return status;
		if (clock_ns(CLOCK_MONOTONIC) / NSEC_PER_USEC > end_us)
			return fail(STATUS_FAILED,
				    "the kernel made no pass over its regions in time");
		if (interrupted(a, done ? max_u64(POLL_US, a->aggr_us) :
					  POLL_US))
			return fail(STATUS_FAILED,
				    "interrupted before anything was known");
	}
}

static int wait_for(struct asking *a, u64 us, const char *why)
{
	char text[UNIT_LEN];

	if (us >= USEC_PER_SEC)
		fprintf(stderr, "%s: %s for %s\n", fail_prefix, why,
			unit_time(text, us));
	if (interrupted(a, us))
		return fail(STATUS_FAILED, "interrupted before anything was known");
	return 0;
}

/* A kdamond of our own */

static u64 oldest(const struct query *q)
{
	return q->age_us[q->nr_ages - 1];
}

static void choose_intervals(struct asking *a)
{
	struct query *q = a->q;

	if (!q->aggr_us && q->sample_us)
		q->aggr_us = q->sample_us * SAMPLES;
	if (!q->aggr_us)
		q->aggr_us = clamp_u64(min_u64(q->age_us[0], q->wait_us ?
					       q->wait_us : U64_MAX) /
				       AGGRS_PER_AGE, MIN_AGGR_US, MAX_AGGR_US);
	if (!q->sample_us)
		q->sample_us = max_u64(q->aggr_us / SAMPLES, 1);
	a->aggr_us = q->aggr_us;
}

static int ask_own(struct asking *a)
{
	struct setup_config config = setup_defaults;
	struct query *q = a->q;
	u64 pass_us, begin_us;
	unsigned int i;
	int status;

	choose_intervals(a);
	pass_us = oldest(q) + LATE_AGGRS * a->aggr_us;
	if (q->wait_us)
		pass_us = min_u64(pass_us, q->wait_us);
	if (pass_us < LATE_AGGRS * a->aggr_us)
		return fail(STATUS_USAGE,
			    "that is too short to see anything; wait for some aggregation intervals");
	q->observed_us = pass_us - min_u64(pass_us, LATE_AGGRS * a->aggr_us);
	config.ops = q->by == BY_PROCESS ? 0 : 2;
	config.sample_us = q->sample_us;
	config.aggr_us = a->aggr_us;
	config.min_regions = MIN_REGIONS + q->nr_rows * ROW_REGIONS;
	config.max_regions = MAX_REGIONS + q->nr_rows * MAX_ROW_REGIONS;
	for (i = 0; q->by == BY_PROCESS && i < q->nr_rows; i++) {
		a->target[i] = i;
		config.pids.val[config.pids.nr++] = q->row[i].pid;
	}
	a->root = setup_new();
	if (!a->root)
		return STATUS_FAILED;
	status = put_schemes(a, pass_us);
	if (!status)
		status = setup_apply(a->root, &config, a->tree, false);
	if (!status)
		status = setup_start(a->tree, a->root);
	if (status)
		return status;
	begin_us = clock_ns(CLOCK_MONOTONIC) / NSEC_PER_USEC;
	status = wait_for(a, pass_us - min_u64(pass_us, a->aggr_us),
			  "watching");
	if (!status)
		status = collect(a, clock_ns(CLOCK_MONOTONIC) / NSEC_PER_USEC -
				 begin_us + PATIENCE_US);
	i = setup_stop(a->tree);
	return status ? status : (int)i;
}

/* One that runs */

/* When a process began, before now; 0 if that is not known. */
static u64 process_age_us(const struct tree *tree, pid_t pid)
{
	char path[64], text[1024], *at;
	u64 ticks, up;
	int i;

	snprintf(path, sizeof(path), "proc/%d/stat", pid);
	if (tree_read(tree->root, path, text, sizeof(text)))
		return 0;
	/* the state after the name is the third word, the start the 22nd */
	at = strrchr(text, ')');
	for (i = 0; at && i < 20; i++)
		at = strchr(at + 1, ' ');
	if (!at)
		return 0;
	ticks = strtoull(at, NULL, 10);
	if (tree_read(tree->root, "proc/uptime", text, sizeof(text)))
		return 0;
	up = strtoull(text, NULL, 10);
	ticks /= sysconf(_SC_CLK_TCK);
	return up > ticks ? (up - ticks) * USEC_PER_SEC : 0;
}

/* All rows must be among its targets. */
static bool has_rows(struct asking *a, const struct node *context)
{
	const struct node *targets = node_find(context, "targets");
	const struct query *q = a->q;
	const struct node *target;
	unsigned int row;
	u64 pid, nr;

	if (q->by != BY_PROCESS)
		return targets && targets->first;
	for (row = 0; row < q->nr_rows; row++) {
		target = targets ? targets->first : NULL;
		for (nr = 0; target; target = target->next, nr++) {
			if (node_u64(target, "pid_target", &pid) &&
			    pid == (u64)q->row[row].pid)
				break;
		}
		if (!target)
			return false;
		a->target[row] = nr;
	}
	return true;
}

/* The first that runs and sees what is asked for. */
static const struct node *find_context(struct asking *a)
{
	const struct node *kdamonds = node_find(a->root, "kdamonds"), *kdamond;
	const char *wanted = a->q->by == BY_PROCESS ? "vaddr" : "paddr";

	for (kdamond = kdamonds ? kdamonds->first : NULL; kdamond;
	     kdamond = kdamond->next) {
		const struct node *context = node_find(kdamond, "contexts/0");
		const char *ops = node_text(context, "operations");

		a->kdamond = strtoull(kdamond->name, NULL, 10);
		if (context && ops && !strcmp(ops, wanted) &&
		    admin_runs(a->tree, a->kdamond) && has_rows(a, context))
			return context;
	}
	return NULL;
}

static int age_of_kdamond(struct asking *a, u64 *us)
{
	char path[64];
	u64 pid;

	snprintf(path, sizeof(path), "kdamonds/%llu/pid", a->kdamond);
	if (tree_read_u64(a->tree->admin, path, &pid) || pid > U32_MAX / 2)
		return fail(STATUS_FAILED, "the kdamond has ended");
	*us = process_age_us(a->tree, pid);
	return 0;
}

static int ask_running(struct asking *a, const struct node *before)
{
	const struct node *context, *node;
	struct query *q = a->q;
	u64 known_us = 0, missing_us = 0, pass_us;
	int status, undo;

	status = setup_running(a->tree, &a->root);
	if (status)
		return status;
	context = find_context(a);
	if (!context)
		return fail(STATUS_BUSY,
			    "what is set up already does not see that; damon status shows it, damon stop removes it");
	if (q->sample_us || q->aggr_us)
		return fail(STATUS_BUSY,
			    "kdamond %llu runs already, with intervals of its own",
			    a->kdamond);
	if (!node_u64(context, "monitoring_attrs/intervals/aggr_us",
		      &a->aggr_us) || !a->aggr_us)
		return fail(STATUS_FAILED, "kdamond %llu has no intervals",
			    a->kdamond);
	if (q->by != BY_PROCESS && (!node_u64(context, "addr_unit",
					      &a->addr_unit) || !a->addr_unit))
		a->addr_unit = 1;
	node = node_find(context, "schemes");
	for (node = node ? node->first : NULL; node; node = node->next)
		a->first++;
	status = age_of_kdamond(a, &known_us);
	if (status)
		return status;
	warn("asking kdamond %llu, which runs already", a->kdamond);
	if (known_us < oldest(q) + LATE_AGGRS * a->aggr_us)
		missing_us = oldest(q) + LATE_AGGRS * a->aggr_us - known_us;
	if (q->wait_us)
		missing_us = min_u64(missing_us, q->wait_us);
	if (missing_us)
		status = wait_for(a, missing_us, "it is too young, watching");
	q->observed_us = known_us + missing_us;
	q->observed_us -= min_u64(q->observed_us, LATE_AGGRS * a->aggr_us);
	pass_us = max_u64(PASS_AGGRS * a->aggr_us, MIN_PASS_US);
	if (!status)
		status = put_schemes(a, pass_us);
	if (!status)
		status = setup_change(a->tree, a->root);
	if (status)
		return status;
	status = collect(a, 2 * PASS_AGGRS * a->aggr_us + PATIENCE_US);
	undo = setup_change(a->tree, before);
	if (undo)
		warn("schemes are left in kdamond %llu, at the end of its list",
		     a->kdamond);
	return status ? status : undo;
}

/* What a commit writes must be what is tuned now, not what it began with. */
static void update_intervals(const struct tree *tree, u64 nr)
{
	while (nr--) {
		if (admin_runs(tree, nr))
			admin_command(tree, nr, "update_tuned_intervals");
	}
}

int query_run(struct query *q, const struct tree *tree)
{
	static const int stops[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct asking a = { .q = q, .tree = tree, .addr_unit = 1 };
	struct node *before = NULL;
	int lock, status;
	size_t i;
	u64 nr;

	sigemptyset(&a.stops);
	for (i = 0; i < ARRAY_SIZE(stops); i++)
		sigaddset(&a.stops, stops[i]);
	sigprocmask(SIG_BLOCK, &a.stops, NULL);
	status = admin_lock(tree, &lock);
	if (status)
		return status;
	status = admin_nr(tree, &nr);
	if (!status && nr) {
		update_intervals(tree, nr);
		status = setup_running(tree, &before);
		if (!status)
			status = ask_running(&a, before);
	} else if (!status) {
		status = ask_own(&a);
	}
	node_free(before);
	node_free(a.root);
	close(lock);
	return status;
}
