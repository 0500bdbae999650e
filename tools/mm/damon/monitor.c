// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "fail.h"
#include "monitor.h"

#define ADMIN		"/sys/kernel/mm/damon/admin/"
#define NR_KDAMONDS	"kdamonds/nr_kdamonds"
#define KDAMOND		"kdamonds/0/"
#define CONTEXT		KDAMOND "contexts/0/"
#define ATTRS		CONTEXT "monitoring_attrs/"
#define TARGET		CONTEXT "targets/0/"

const char *const monitor_ops_names[] = {
	[OPS_VADDR] = "vaddr",
	[OPS_FVADDR] = "fvaddr",
	NULL
};

struct knob {
	const char *path;
	size_t offset;
};

#define KNOB(_path, _member) \
	{ ATTRS _path, offsetof(struct monitor_attrs, _member) }

static const struct knob knobs[] = {
	KNOB("intervals/sample_us", sample_us),
	KNOB("intervals/aggr_us", aggr_us),
	KNOB("intervals/update_us", update_us),
	KNOB("nr_regions/min", min_regions),
	KNOB("nr_regions/max", max_regions),
};

/* Older kernels lack these. */
static const struct knob goal_knobs[] = {
	KNOB("intervals/intervals_goal/access_bp", goal_access_bp),
	KNOB("intervals/intervals_goal/aggrs", goal_aggrs),
	KNOB("intervals/intervals_goal/min_sample_us", goal_min_sample_us),
	KNOB("intervals/intervals_goal/max_sample_us", goal_max_sample_us),
};

int monitor_check_attrs(const struct monitor_attrs *attrs)
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
			    "--range needs --ops fvaddr (vaddr follows the mappings)");
	if (attrs->goal_aggrs &&
	    (attrs->goal_min_sample_us > attrs->sample_us ||
	     attrs->goal_max_sample_us < attrs->sample_us))
		return fail(STATUS_USAGE,
			    "--sample is not between --goal-min and --goal-max");
	return 0;
}

static int write_knobs(const struct tree *tree, const struct knob *knob,
		       size_t nr, const struct monitor_attrs *attrs)
{
	for (; nr--; knob++) {
		const void *member = (const char *)attrs + knob->offset;
		int error = tree_write(tree->admin, knob->path, "%llu",
				       *(const u64 *)member);

		if (error)
			return tree_fail(error, "write", knob->path);
	}
	return 0;
}

static int write_number(const struct tree *tree, const char *path, u64 val)
{
	int error = tree_write(tree->admin, path, "%llu", val);

	return error ? tree_fail(error, "write", path) : 0;
}

static int write_ranges(const struct tree *tree,
			const struct range_list *ranges)
{
	char path[128];
	unsigned int i;
	int status;

	status = write_number(tree, TARGET "regions/nr_regions", ranges->nr);
	for (i = 0; !status && i < ranges->nr; i++) {
		snprintf(path, sizeof(path), TARGET "regions/%u/start", i);
		status = write_number(tree, path, ranges->range[i].start);
		if (status)
			break;
		snprintf(path, sizeof(path), TARGET "regions/%u/end", i);
		status = write_number(tree, path, ranges->range[i].end);
	}
	return status;
}

/* The operation set must be one of the kernel's. */
static int check_ops(const struct tree *tree, unsigned int ops)
{
	char names[256], *name, *rest = names;
	int error;

	error = tree_read(tree->admin, CONTEXT "avail_operations", names,
			  sizeof(names));
	if (error)
		return tree_fail(error, "read", "avail_operations");
	while ((name = strsep(&rest, "\n"))) {
		if (!strcmp(name, monitor_ops_names[ops]))
			return 0;
	}
	return fail(STATUS_NO_DAMON,
		    "this kernel's DAMON has no '%s' (CONFIG_DAMON_VADDR is not set)",
		    monitor_ops_names[ops]);
}

/*
 * Two recorders that start at the same time must not both find the kdamonds
 * free, so they lock the file that says so.
 */
static int take_kdamonds(struct monitor *m)
{
	u64 nr;
	int error;

	m->lock = openat(m->tree->admin, NR_KDAMONDS, O_RDWR | O_CLOEXEC);
	if (m->lock < 0)
		return tree_fail(-errno, "use", NR_KDAMONDS);
	if (flock(m->lock, LOCK_EX | LOCK_NB))
		return fail(STATUS_BUSY,
			    "another damon is using the kdamonds");
	error = tree_read_u64(m->tree->admin, NR_KDAMONDS, &nr);
	if (error)
		return tree_fail(error, "read", NR_KDAMONDS);
	if (nr) {
		char state[16] = "";

		tree_read(m->tree->admin, KDAMOND "state", state,
			  sizeof(state));
		return fail(STATUS_BUSY,
			    "another user has set up %llu kdamond%s (the first is %s); if it was left behind:\n"
			    "  echo off > " ADMIN KDAMOND "state\n"
			    "  echo 0 > " ADMIN NR_KDAMONDS,
			    nr, nr == 1 ? "" : "s",
			    strcmp(state, "on") ? "off" : "running");
	}
	error = tree_write(m->tree->admin, NR_KDAMONDS, "1");
	if (error == -EBUSY)
		return fail(STATUS_BUSY,
			    "another user is starting a kdamond just now");
	if (error)
		return tree_fail(error, "write", NR_KDAMONDS);
	m->staged = true;
	return 0;
}

int monitor_stage(struct monitor *m, const struct tree *tree,
		  const struct monitor_attrs *attrs, pid_t pid)
{
	const char *ops = monitor_ops_names[attrs->ops];
	int status, error;

	*m = (struct monitor){ .tree = tree, .lock = -1 };
	status = take_kdamonds(m);
	if (status)
		return status;
	status = write_number(tree, KDAMOND "contexts/nr_contexts", 1);
	if (status)
		return status;
	status = check_ops(tree, attrs->ops);
	if (status)
		return status;
	error = tree_write(tree->admin, CONTEXT "operations", "%s", ops);
	if (error)
		return tree_fail(error, "write", CONTEXT "operations");
	status = write_knobs(tree, knobs, ARRAY_SIZE(knobs), attrs);
	if (!status && attrs->goal_aggrs)
		status = write_knobs(tree, goal_knobs, ARRAY_SIZE(goal_knobs),
				     attrs);
	if (!status)
		status = write_number(tree, CONTEXT "targets/nr_targets", 1);
	if (!status)
		status = write_number(tree, TARGET "pid_target", pid);
	if (!status && attrs->ranges.nr)
		status = write_ranges(tree, &attrs->ranges);
	return status;
}

/* Names the module that keeps everybody else from starting, if one does. */
static const char *running_module(const struct tree *tree)
{
	static const char *const modules[] = {
		"damon_reclaim", "damon_lru_sort", "damon_stat",
	};
	char path[64], enabled[8];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modules); i++) {
		snprintf(path, sizeof(path), "sys/module/%s/parameters/enabled",
			 modules[i]);
		if (!tree_read(tree->root, path, enabled, sizeof(enabled)) &&
		    enabled[0] == 'Y')
			return modules[i];
	}
	return NULL;
}

int monitor_start(struct monitor *m, const struct monitor_attrs *attrs,
		  pid_t pid)
{
	const char *module;
	u64 kdamond;
	int error;

	error = tree_write(m->tree->admin, KDAMOND "state", "on");
	if (error == -EBUSY) {
		module = running_module(m->tree);
		if (module)
			return fail(STATUS_BUSY,
				    "%s is running; echo N > /sys/module/%s/parameters/enabled stops it",
				    module, module);
		return fail(STATUS_BUSY, "DAMON is in use by somebody else");
	}
	if (error && !tree_process_alive(m->tree, pid))
		return fail(STATUS_NO_PROCESS, "process %d is gone", pid);
	errno = -error;
	if (error == -EINVAL)
		return fail(STATUS_FAILED,
			    "the kernel refused this set-up (%s, %llu to %llu regions)",
			    monitor_ops_names[attrs->ops], attrs->min_regions,
			    attrs->max_regions);
	if (error)
		return tree_fail(error, "start", "the kdamond");
	m->running = true;
	/* "-1", which is no u64, when it ended already */
	if (tree_read_u64(m->tree->admin, KDAMOND "pid", &kdamond))
		return fail(STATUS_NO_PROCESS, "process %d is gone", pid);
	m->kdamond = kdamond;
	return 0;
}

bool monitor_runs(const struct monitor *m)
{
	char state[16];

	/* if in doubt, yes: it will be asked again */
	return m->running &&
		(tree_read(m->tree->admin, KDAMOND "state", state,
			   sizeof(state)) || strcmp(state, "off"));
}

void monitor_stop(struct monitor *m)
{
	int error;

	if (!m->running)
		return;
	m->running = false;
	error = tree_write(m->tree->admin, KDAMOND "state", "off");
	/* EPERM: it has ended by itself */
	if (error && error != -EPERM)
		tree_fail(error, "stop", "the kdamond");
}

void monitor_unstage(struct monitor *m)
{
	int error;

	monitor_stop(m);
	if (m->staged) {
		m->staged = false;
		error = tree_write(m->tree->admin, NR_KDAMONDS, "0");
		if (error)
			tree_fail(error, "write", NR_KDAMONDS);
	}
	if (m->lock >= 0)
		close(m->lock);
	m->lock = -1;
}
