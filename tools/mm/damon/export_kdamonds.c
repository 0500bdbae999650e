// SPDX-License-Identifier: GPL-2.0
/* What the kdamonds of sysfs do and see, as metrics. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admin.h"
#include "export.h"
#include "fail.h"
#include "node.h"
#include "trace.h"
#include "units.h"

#define BUFFER_BYTES	(1ULL << 20)
#define PER_MILLI	0.001
#define PER_MICRO	0.000001
#define PER_NANO	0.000000001
#define POLL_NS		(20 * NSEC_PER_MSEC)

/* The kernel's number files of a directory, and what they mean. */
struct meaning {
	const char *path;
	enum export_family family;
	double unit;		/* in base units; 0: bytes of addr_unit */
};

static const struct meaning context_files[] = {
	{ "monitoring_attrs/intervals/sample_us", EXPORT_SAMPLE, PER_MICRO },
	{ "monitoring_attrs/intervals/aggr_us", EXPORT_AGGR, PER_MICRO },
	{ "monitoring_attrs/intervals/update_us", EXPORT_UPDATE, PER_MICRO },
	{ }
};

static const struct meaning scheme_files[] = {
	{ "stats/nr_tried", EXPORT_TRIED_REGIONS, 1 },
	{ "stats/sz_tried", EXPORT_TRIED, 0 },
	{ "stats/nr_applied", EXPORT_APPLIED_REGIONS, 1 },
	{ "stats/sz_applied", EXPORT_APPLIED, 0 },
	{ "stats/sz_ops_filter_passed", EXPORT_PASSED, 0 },
	{ "stats/qt_exceeds", EXPORT_EXCEEDED, 1 },
	{ "stats/nr_snapshots", EXPORT_SNAPSHOTS, 1 },
	{ "quotas/bytes", EXPORT_QUOTA, 0 },
	{ "quotas/ms", EXPORT_QUOTA_TIME, PER_MILLI },
	{ "quotas/reset_interval_ms", EXPORT_QUOTA_RESET, PER_MILLI },
	{ "quotas/effective_bytes", EXPORT_QUOTA_EFFECTIVE, 0 },
	{ }
};

static void add_files(struct metrics *m, const struct node *dir,
		      const struct meaning *file, u64 addr_unit)
{
	u64 val;

	for (; file->path; file++) {
		if (node_u64(dir, file->path, &val))
			metrics_add(m, file->family, val *
				    (file->unit ? file->unit : addr_unit));
	}
}

static u64 addr_unit_of(const struct node *context)
{
	const char *operations = node_text(context, "operations");
	u64 unit;

	if (!operations || strcmp(operations, "paddr") ||
	    !node_u64(context, "addr_unit", &unit))
		return 1;
	return unit;
}

/* Without its count file: numbered directories only. */
static const struct node *first_of(const struct node *dir, const char *path)
{
	const struct node *list = node_find(dir, path);
	const struct node *node = list ? list->first : NULL;

	while (node && node->value)
		node = node->next;
	return node;
}

static const struct node *next_of(const struct node *node)
{
	do {
		node = node->next;
	} while (node && node->value);
	return node;
}

static void add_context(struct metrics *m, const struct node *context)
{
	u64 addr_unit = addr_unit_of(context);
	const struct node *node;
	const char *text;

	add_files(m, context, context_files, 1);
	text = node_text(context, "operations");
	for (node = first_of(context, "targets");
	     node && text && strcmp(text, "paddr"); node = next_of(node)) {
		metrics_push(m, "target", "%s", node->name);
		metrics_push(m, "pid", "%s", node_text(node, "pid_target") ?: "");
		metrics_add(m, EXPORT_TARGET, 1);
		metrics_pop(m, 2);
	}
	for (node = first_of(context, "schemes"); node; node = next_of(node)) {
		metrics_push(m, "scheme", "%s", node->name);
		metrics_push(m, "action", "%s", node_text(node, "action") ?: "");
		add_files(m, node, scheme_files, addr_unit);
		metrics_pop(m, 2);
	}
}

/* Regions, from the kernel's events */

struct viewer {
	struct trace_sink sink;
	struct metrics *m;
	double aggr_s;
	u64 samples;		/* in an aggregation interval */
	u64 addr_unit;
	u64 nr_targets;
	u64 nr_seen;
	u64 first_target;
	bool again;		/* what comes now is of the next interval */
};

static bool see_snapshot(struct trace_sink *sink, const struct snapshot *snap)
{
	struct viewer *v = (struct viewer *)sink;
	double accessed = 0, total = 0, accesses = 0;
	struct idle_histogram idle = {};
	u32 i;

	if (v->nr_seen && snap->target == v->first_target)
		v->again = true;
	if (v->again || v->nr_seen == v->nr_targets)
		return true;
	if (!v->nr_seen++)
		v->first_target = snap->target;
	for (i = 0; i < snap->nr_regions; i++) {
		const struct region *r = &snap->regions[i];
		double bytes = r->end - r->start;

		total += bytes;
		if (r->nr_accesses)
			accessed += bytes;
		accesses += bytes * r->nr_accesses;
		idle_histogram_add(&idle, r->nr_accesses ? 0 :
				   (r->age + 1.) * v->aggr_s, bytes);
	}
	metrics_push(v->m, "target", "%llu", snap->target);
	metrics_add(v->m, EXPORT_WORKING_SET, accessed);
	metrics_add(v->m, EXPORT_MONITORED, total);
	metrics_add(v->m, EXPORT_REGIONS, snap->nr_regions);
	metrics_add_histogram(v->m, EXPORT_IDLE, &idle);
	if (v->aggr_s > 0)
		metrics_add(v->m, EXPORT_BANDWIDTH, accesses / v->aggr_s);
	metrics_pop(v->m, 1);
	return true;
}

static bool ignore_tuned(struct trace_sink *sink, u64 time_ns, u64 sample_us)
{
	(void)sink, (void)time_ns, (void)sample_us;
	return true;
}

static bool ignore_lost(struct trace_sink *sink, u64 time_ns, u64 nr_events)
{
	(void)sink, (void)time_ns, (void)nr_events;
	return true;
}

static int watch(struct viewer *v, const struct tree *tree, pid_t kdamond,
		 u64 wait_us)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };
	u64 begin_us = clock_ns(CLOCK_MONOTONIC) / NSEC_PER_USEC;
	struct trace trace;
	int status;

	status = trace_open(&trace, tree, BUFFER_BYTES);
	if (!status)
		status = trace_enable(&trace, kdamond, false);
	trace.assembly.addr_unit = v->addr_unit;
	while (!status && !v->again && v->nr_seen < v->nr_targets &&
	       clock_ns(CLOCK_MONOTONIC) / NSEC_PER_USEC - begin_us < wait_us) {
		nanosleep(&pause, NULL);
		status = trace_read(&trace, &v->sink);
	}
	trace_close(&trace);
	return status;
}

static int add_view(struct metrics *m, const struct tree *tree,
		    const struct node *context, pid_t kdamond, u64 wait_us)
{
	struct viewer v = {
		.sink = { see_snapshot, ignore_tuned, ignore_lost },
		.m = m,
		.addr_unit = addr_unit_of(context),
	};
	const struct node *target;
	char aggr[UNIT_LEN];
	u64 aggr_us = 0;
	int status;

	for (target = first_of(context, "targets"); target;
	     target = next_of(target))
		v.nr_targets++;
	node_u64(context, "monitoring_attrs/intervals/aggr_us", &aggr_us);
	v.aggr_s = aggr_us * PER_MICRO;
	status = watch(&v, tree, kdamond, wait_us);
	if (!status && !v.nr_seen && v.nr_targets)
		warn("kdamond %d showed no regions in time; its aggregation interval is %s",
		     kdamond, unit_time(aggr, aggr_us));
	return status;
}

/* A kdamond that ends just now has nothing new to say. */
static void refresh(const struct tree *tree, u64 kdamond)
{
	static const char *const commands[] = {
		"update_schemes_stats", "update_schemes_effective_quotas",
		"update_tuned_intervals",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		int error = admin_command(tree, kdamond, commands[i]);

		/* older kernels do not know all of them */
		if (error && error != -EINVAL && error != -ECANCELED) {
			tree_fail(error, "update", "statistics");
			return;
		}
	}
}

static int add_kdamond(struct metrics *m, const struct tree *tree, u64 number,
		       u64 wait_us)
{
	bool runs = admin_runs(tree, number);
	const struct node *context;
	struct node *kdamond;
	char path[128];
	int status;
	u64 pid;

	if (runs)
		refresh(tree, number);
	snprintf(path, sizeof(path),
		 "sys/kernel/mm/damon/admin/kdamonds/%llu", number);
	status = node_read(tree, path, &kdamond);
	if (status)
		return status;
	if (!node_u64(kdamond, "pid", &pid) || pid > U32_MAX / 2)
		pid = 0;
	metrics_push(m, "kdamond", "%llu", number);
	metrics_add(m, EXPORT_RUNNING, runs);
	if (runs && pid)
		metrics_add(m, EXPORT_CPU, tree_process_cpu_ns(tree, pid) *
			    PER_NANO);
	for (context = first_of(kdamond, "contexts"); context && runs;
	     context = next_of(context)) {
		metrics_push(m, "context", "%s", context->name);
		add_context(m, context);
		if (wait_us && pid)
			status = add_view(m, tree, context, pid, wait_us);
		metrics_pop(m, 1);
		if (status)
			break;
	}
	metrics_pop(m, 1);
	node_free(kdamond);
	return status;
}

int export_kdamonds(struct metrics *m, struct tree *tree, u64 wait_us)
{
	int status;
	u64 i, nr;

	status = admin_nr(tree, &nr);
	if (!status && nr && wait_us && tree_open_tracing(tree)) {
		warn("so there are no working sets and idle times");
		wait_us = 0;
	}
	for (i = 0; !status && i < nr; i++)
		status = add_kdamond(m, tree, i, wait_us);
	return status;
}
