// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin.h"
#include "fail.h"
#include "monitor.h"
#include "process.h"
#include "setup.h"
#include "units.h"

#define GOAL_AGGRS	3	/* snapshots from tuning to tuning */
#define PATH_LEN	128
/* Processes may end while we set up others. */
#define START_RETRIES	5

const char *const monitor_ops_names[] = {
	[OPS_VADDR] = "vaddr",
	[OPS_FVADDR] = "fvaddr",
	[OPS_PADDR] = "paddr",
	NULL
};

/* The only target of paddr is none. */
static const pid_t no_process;

/* Where an attribute is, below contexts/0/monitoring_attrs. */
static const struct knob {
	const char *path;
	size_t offset;
	bool optional;		/* left alone if 0 */
} knobs[] = {
#define KNOB(_path, _member, ...) \
	{ .path = _path, .offset = offsetof(struct monitor_attrs, _member), \
	  ##__VA_ARGS__ }
	KNOB("intervals/sample_us", sample_us),
	KNOB("intervals/aggr_us", aggr_us),
	KNOB("intervals/update_us", update_us),
	KNOB("intervals/intervals_goal/access_bp", goal_access_bp,
	     .optional = true),
	KNOB("intervals/intervals_goal/aggrs", goal_aggrs,
	     .optional = true),
	KNOB("intervals/intervals_goal/min_sample_us", goal_min_sample_us,
	     .optional = true),
	KNOB("intervals/intervals_goal/max_sample_us", goal_max_sample_us,
	     .optional = true),
	KNOB("nr_regions/min", min_regions),
	KNOB("nr_regions/max", max_regions),
	KNOB("budget/cpu_permille", budget_permille, .optional = true),
};

static u64 *knob_value(const struct knob *knob, struct monitor_attrs *attrs)
{
	return (u64 *)((char *)attrs + knob->offset);
}

static int check_goal(struct monitor_attrs *attrs)
{
	if (!attrs->goal_access_bp) {
		if (attrs->goal_min_sample_us || attrs->goal_max_sample_us)
			return fail(STATUS_USAGE,
				    "--goal-min and --goal-max need --goal");
		return 0;
	}
	attrs->goal_aggrs = GOAL_AGGRS;
	if (!attrs->goal_min_sample_us)
		attrs->goal_min_sample_us = min_u64(attrs->sample_us,
						    5 * USEC_PER_MSEC);
	if (!attrs->goal_max_sample_us)
		attrs->goal_max_sample_us = max_u64(attrs->sample_us,
						    10 * USEC_PER_SEC);
	if (attrs->goal_min_sample_us > attrs->sample_us ||
	    attrs->goal_max_sample_us < attrs->sample_us)
		return fail(STATUS_USAGE,
			    "--sample is not between --goal-min and --goal-max");
	return 0;
}

int monitor_check_attrs(struct monitor_attrs *attrs)
{
	if (attrs->sample_us > attrs->aggr_us)
		return fail(STATUS_USAGE,
			    "--sample is longer than --aggregate");
	if (attrs->min_regions > attrs->max_regions)
		return fail(STATUS_USAGE,
			    "--min-regions is more than --max-regions");
	if (attrs->ops == OPS_FVADDR && !attrs->ranges.nr)
		return fail(STATUS_USAGE, "--ops fvaddr needs --range");
	if (attrs->ops == OPS_VADDR && attrs->ranges.nr)
		return fail(STATUS_USAGE,
			    "--range needs --ops fvaddr or paddr (vaddr follows the mappings)");
	return check_goal(attrs);
}

void monitor_init(struct monitor *m, const struct tree *tree)
{
	*m = (struct monitor){ .tree = tree, .addr_unit = 1, .lock = -1 };
}

static bool copy_pids(struct monitor *m, const pid_t *pids, unsigned int nr)
{
	pid_t *copy = reallocarray(m->pids, nr + 1, sizeof(*copy));

	if (!copy)
		return false;
	memcpy(copy, pids, nr * sizeof(*copy));
	m->pids = copy;
	m->nr_targets = nr;
	return true;
}

/* Set-ups */

/* The file at a path and its directories.  False if there is no memory. */
static bool __printf(3, 4)
put(struct node *dir, const char *path, const char *fmt, ...)
{
	char name[PATH_LEN], value[UNIT_LEN];
	struct node *next;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	while (dir) {
		size_t len = strcspn(path, "/");

		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		if (!path[len])
			return node_add(dir, name, value);
		next = node_find(dir, name);
		dir = next ? next : node_add(dir, name, NULL);
		path += len + 1;
	}
	return false;
}

static bool put_ranges(struct node *context, unsigned int target,
		       const struct range_list *ranges)
{
	char path[PATH_LEN];
	unsigned int i;

	for (i = 0; i < ranges->nr; i++) {
		snprintf(path, sizeof(path), "targets/%u/regions/%u/start",
			 target, i);
		if (!put(context, path, "%llu", ranges->range[i].start))
			return false;
		snprintf(path, sizeof(path), "targets/%u/regions/%u/end",
			 target, i);
		if (!put(context, path, "%llu", ranges->range[i].end))
			return false;
	}
	return true;
}

/* pid 0: none; below 0: the target is to go */
static bool put_target(struct node *context, unsigned int target, pid_t pid,
		       const struct range_list *ranges)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "targets/%u/pid_target", target);
	/* the kernel wants a process even then, and ours is there */
	if (!put(context, path, "%d", pid < 0 ? getpid() : pid))
		return false;
	snprintf(path, sizeof(path), "targets/%u/obsolete_target", target);
	if (pid < 0 && !put(context, path, "Y"))
		return false;
	return put_ranges(context, target, ranges);
}

static struct node *make_setup(struct monitor_attrs *attrs, const pid_t *pids,
			       unsigned int nr)
{
	struct node *root = setup_new(), *context;
	char path[PATH_LEN];
	bool good;
	size_t i;

	good = root && put(root, "kdamonds/0/contexts/0/operations", "%s",
			   monitor_ops_names[attrs->ops]);
	context = good ? node_find(root, "kdamonds/0/contexts/0") : NULL;
	for (i = 0; good && i < ARRAY_SIZE(knobs); i++) {
		u64 val = *knob_value(&knobs[i], attrs);

		snprintf(path, sizeof(path), "monitoring_attrs/%s",
			 knobs[i].path);
		if (val || !knobs[i].optional)
			good = put(context, path, "%llu", val);
	}
	for (i = 0; good && i < nr; i++)
		good = put_target(context, i, pids[i], &attrs->ranges);
	if (good)
		return root;
	node_free(root);
	fail(STATUS_FAILED, "out of memory");
	return NULL;
}

/* Starting */

static unsigned int drop_dead(const struct tree *tree, pid_t *pids,
			      unsigned int nr)
{
	unsigned int i, left = 0;

	for (i = 0; i < nr; i++) {
		if (tree_process_alive(tree, pids[i]))
			pids[left++] = pids[i];
	}
	return left;
}

static int start_setup(struct monitor *m)
{
	struct node *root = make_setup(&m->attrs, m->pids, m->nr_targets);
	int status = root ? setup_check(root) : STATUS_FAILED;

	if (!status)
		status = setup_start(m->tree, root);
	node_free(root);
	return status;
}

static void end_setup(struct monitor *m)
{
	if (m->ours)
		setup_stop(m->tree);
	m->ours = false;
	m->running = false;
}

static int read_kdamond(struct monitor *m)
{
	char path[PATH_LEN];
	u64 pid;

	snprintf(path, sizeof(path), "kdamonds/%llu/pid", m->index);
	/* "-1", which is no u64, when it ended already */
	if (tree_read_u64(m->tree->admin, path, &pid) || pid > 1 << 30)
		return STATUS_FAILED;
	m->kdamond = pid;
	m->cpu_ns = tree_process_cpu_ns(m->tree, m->kdamond);
	return 0;
}

/* One try; the others' messages would be about processes that have ended. */
static int try_start(struct monitor *m, bool quiet)
{
	bool was_quiet = fail_quiet;
	unsigned int left;
	int status;

	if (m->attrs.ops != OPS_PADDR) {
		left = drop_dead(m->tree, m->pids, m->nr_targets);
		if (!left)
			return fail(STATUS_NO_PROCESS, "process %d is gone",
				    m->pids[0]);
		m->nr_targets = left;
	}
	fail_quiet |= quiet;
	status = start_setup(m);
	fail_quiet = was_quiet;
	if (status)
		return status;
	m->ours = true;
	m->running = true;
	if (!read_kdamond(m))
		return 0;
	if (!quiet)
		fail(STATUS_NO_PROCESS, "the kdamond ended at once");
	end_setup(m);
	return STATUS_NO_PROCESS;
}

int monitor_start(struct monitor *m, const struct monitor_attrs *attrs,
		  const pid_t *pids, unsigned int nr)
{
	int status, tries = START_RETRIES;

	m->attrs = *attrs;
	if (attrs->ops == OPS_PADDR) {
		pids = &no_process;
		nr = 1;
	}
	if (!copy_pids(m, pids, nr))
		return fail(STATUS_FAILED, "out of memory");
	if (attrs->ops == OPS_PADDR && !attrs->ranges.nr) {
		status = process_find_ram(m->tree, &m->attrs.ranges);
		if (status)
			return status;
	}
	status = admin_lock(m->tree, &m->lock);
	if (status)
		return status;
	do {
		status = try_start(m, nr > 1 && tries);
	} while (status && m->nr_targets && nr > 1 && tries--);
	return status;
}

/* Attaching */

static bool read_file(const struct monitor *m, const char *path, char *text,
		      size_t len)
{
	char full[PATH_LEN + 64];

	snprintf(full, sizeof(full), "kdamonds/%llu/contexts/0/%s", m->index,
		 path);
	return !tree_read(m->tree->admin, full, text, len);
}

static bool read_number(const struct monitor *m, const char *path, u64 *val)
{
	char text[UNIT_LEN];

	return read_file(m, path, text, sizeof(text)) && parse_u64(text, val);
}

static int read_attrs(struct monitor *m)
{
	char text[32], path[PATH_LEN];
	size_t i;

	if (!read_file(m, "operations", text, sizeof(text)))
		return fail(STATUS_FAILED, "kdamond %llu has no context",
			    m->index);
	while (m->attrs.ops < NR_OPS && strcmp(monitor_ops_names[m->attrs.ops],
					       text))
		m->attrs.ops++;
	if (m->attrs.ops == NR_OPS)
		return fail(STATUS_FAILED, "operations '%s' are unknown", text);
	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		snprintf(path, sizeof(path), "monitoring_attrs/%s",
			 knobs[i].path);
		/* older kernels lack some */
		read_number(m, path, knob_value(&knobs[i], &m->attrs));
	}
	if (!m->attrs.sample_us)
		m->attrs.sample_us = 1;
	m->attrs.aggr_us = max_u64(m->attrs.aggr_us, m->attrs.sample_us);
	if (!read_number(m, "addr_unit", &m->addr_unit) || !m->addr_unit ||
	    m->attrs.ops != OPS_PADDR)
		m->addr_unit = 1;
	return 0;
}

static int read_targets(struct monitor *m)
{
	char path[PATH_LEN];
	u64 nr, pid;
	u64 i;

	if (!read_number(m, "targets/nr_targets", &nr))
		return fail(STATUS_FAILED, "kdamond %llu has no targets",
			    m->index);
	nr = min_u64(nr, MONITOR_MAX_TARGETS);
	m->pids = calloc(nr + 1, sizeof(*m->pids));
	if (!m->pids)
		return fail(STATUS_FAILED, "out of memory");
	m->nr_targets = nr;
	for (i = 0; i < nr && m->attrs.ops != OPS_PADDR; i++) {
		snprintf(path, sizeof(path), "targets/%llu/pid_target", i);
		if (read_number(m, path, &pid) && pid <= 1 << 30)
			m->pids[i] = pid;
	}
	return 0;
}

int monitor_attach(struct monitor *m, u64 index)
{
	int status;
	u64 nr;

	m->index = index;
	status = admin_nr(m->tree, &nr);
	if (status)
		return status;
	if (index >= nr)
		return fail(STATUS_USAGE, "there is no kdamond %llu; %llu are set up",
			    index, nr);
	if (!admin_runs(m->tree, index) || read_kdamond(m))
		return fail(STATUS_FAILED, "kdamond %llu does not run", index);
	status = read_attrs(m);
	if (!status)
		status = read_targets(m);
	m->running = !status;
	return status;
}

bool monitor_find_running(const struct tree *tree, u64 *index)
{
	u64 nr;

	if (tree_read_u64(tree->admin, NR_KDAMONDS, &nr))
		return false;
	for (*index = 0; *index < nr; ++*index) {
		if (admin_runs(tree, *index))
			return true;
	}
	return false;
}

/* Other processes */

/* The number of the first namespace for processes, PROC_PID_INIT_INO. */
#define FIRST_NAMESPACE	"pid:[4026531836]"

bool monitor_can_retarget(const struct monitor *m)
{
	char text[64];
	ssize_t len;

	if (!m->ours || m->attrs.ops != OPS_VADDR)
		return false;
	/* a kdamond looks for new targets in the first one */
	len = readlinkat(m->tree->root, "proc/self/ns/pid", text,
			 sizeof(text) - 1);
	if (len > 0) {
		text[len] = '\0';
		if (strcmp(text, FIRST_NAMESPACE))
			return false;
	}
	return read_file(m, "targets/0/obsolete_target", text, sizeof(text));
}

static bool is_among(pid_t pid, const pid_t *pids, unsigned int nr)
{
	while (nr--) {
		if (*pids++ == pid)
			return true;
	}
	return false;
}

static int change_to(struct monitor *m, const pid_t *pids, unsigned int nr)
{
	struct node *root = make_setup(&m->attrs, pids, nr);
	int status = root ? setup_check(root) : STATUS_FAILED;

	if (!status)
		status = setup_change(m->tree, root);
	node_free(root);
	return status;
}

/*
 * One commit has the old targets in their places, those that go marked so, and
 * new ones behind.  In the kernel those behind move up then; the second one
 * says the same in the files.
 */
int monitor_retarget(struct monitor *m, const pid_t *pids, unsigned int nr)
{
	pid_t *both = calloc(m->nr_targets + nr, sizeof(*both));
	pid_t *after = calloc(m->nr_targets + nr, sizeof(*after));
	unsigned int i, nr_both = 0, nr_after = 0;
	int status;

	if (!both || !after) {
		free(both);
		free(after);
		return fail(STATUS_FAILED, "out of memory");
	}
	for (i = 0; i < m->nr_targets; i++) {
		bool stays = is_among(m->pids[i], pids, nr);

		both[nr_both++] = stays ? m->pids[i] : -1;
		if (stays)
			after[nr_after++] = m->pids[i];
	}
	for (i = 0; i < nr; i++) {
		if (is_among(pids[i], m->pids, m->nr_targets))
			continue;
		both[nr_both++] = pids[i];
		after[nr_after++] = pids[i];
	}
	status = change_to(m, both, nr_both);
	if (!status)
		status = change_to(m, after, nr_after);
	if (!status && !copy_pids(m, after, nr_after))
		status = fail(STATUS_FAILED, "out of memory");
	free(both);
	free(after);
	return status;
}

/* Looking and stopping */

bool monitor_runs(struct monitor *m)
{
	u64 cpu_ns;

	if (!m->running)
		return false;
	/*
	 * Its thread tells without the lock that commands of others need; only
	 * if there is none, or it says nothing, the state has to be read.
	 */
	cpu_ns = tree_process_cpu_ns(m->tree, m->kdamond);
	if (cpu_ns && cpu_ns >= m->cpu_ns) {
		m->cpu_ns = cpu_ns;
		return true;
	}
	return admin_runs(m->tree, m->index);
}

void monitor_stop(struct monitor *m)
{
	end_setup(m);
	if (m->lock >= 0)
		close(m->lock);
	m->lock = -1;
}

void monitor_free(struct monitor *m)
{
	monitor_stop(m);
	free(m->pids);
	m->pids = NULL;
	m->nr_targets = 0;
}
