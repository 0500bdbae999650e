// SPDX-License-Identifier: GPL-2.0
/*
 * damon record: runs a kdamond, or looks at one, and writes what it sees.
 *
 * Signals stay blocked all the time and are fetched where we wait, so that
 * no step of setting up or cleaning up is ever cut short by one.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "fail.h"
#include "monitor.h"
#include "options.h"
#include "process.h"
#include "record.h"
#include "trace.h"
#include "units.h"
#include "version.h"

/* How often the trace buffer is emptied; it must hold far more than that. */
#define READ_PERIOD_US		(200 * USEC_PER_MSEC)
#define MIN_PERIOD_US		(10 * USEC_PER_MSEC)
#define BUFFER_SECONDS		2
#define EVENT_LEN		64	/* bytes in the trace buffer */
#define MIN_BUFFER_BYTES	(256ULL << 10)
#define MAX_BUFFER_BYTES	(16ULL << 20)
/* How often to look whether everybody still lives, and to show progress. */
#define LOOK_PERIOD_NS		(500 * NSEC_PER_MSEC)
#define OUTPUT_BUFFER		(64 << 10)

struct record_config {
	struct number_list pids;
	const char *cgroup;
	u64 kdamond;
	const char *output;
	u64 duration_us;
	struct monitor_attrs attrs;
	u64 buffer_bytes;
	bool quiet, verbose;
	const char *root;
};

#define NO_KDAMOND	U64_MAX

static const struct record_config record_defaults = {
	.kdamond = NO_KDAMOND,
	.output = RECORD_DEFAULT_FILE,
	.attrs = MONITOR_DEFAULTS,
	.root = "/",
};

static const struct option_row record_options[] = {
	DEFINE_OPTION("pid", NUMBERS, struct record_config, pids,
		      "processes to monitor, may be repeated",
		      .letter = 'p', .value = "PID", .min = 1,
		      .max = 1 << 30),
	DEFINE_OPTION("cgroup", TEXT, struct record_config, cgroup,
		      "all that are in the cgroup now",
		      .letter = 'g', .value = "DIR"),
	DEFINE_OPTION("kdamond", NUMBER, struct record_config, kdamond,
		      "what a kdamond that runs already sees",
		      .letter = 'k', .value = "N", .max = 1 << 20),
	DEFINE_OPTION("output", TEXT, struct record_config, output,
		      "record file, '-' is stdout (default: damon.rec)",
		      .letter = 'o', .value = "FILE"),
	DEFINE_OPTION("duration", TIME, struct record_config, duration_us,
		      "stop after so long, for example 30s",
		      .letter = 'd', .value = "TIME", .min = 1),
	MONITOR_OPTIONS(struct record_config, attrs),
	DEFINE_OPTION("goal", NUMBER, struct record_config,
		      attrs.goal_access_bp,
		      "tune the intervals to see so many accesses (1/10000)",
		      .value = "BP", .min = 1, .max = 10000,
		      .manual_only = true),
	DEFINE_OPTION("goal-min", TIME, struct record_config,
		      attrs.goal_min_sample_us,
		      "... sampling not faster than this (5ms)",
		      .value = "TIME", .min = 1, .manual_only = true),
	DEFINE_OPTION("goal-max", TIME, struct record_config,
		      attrs.goal_max_sample_us,
		      "... and not slower than this (10s)",
		      .value = "TIME", .min = 1, .manual_only = true),
	DEFINE_OPTION("buffer", SIZE, struct record_config, buffer_bytes,
		      "trace buffer of each CPU (two seconds' worth)",
		      .value = "SIZE", .min = 4096, .max = 1ULL << 32,
		      .manual_only = true),
	DEFINE_OPTION("quiet", FLAG, struct record_config, quiet,
		      "no progress, no summary", .letter = 'q',
		      .manual_only = true),
	DEFINE_OPTION("verbose", FLAG, struct record_config, verbose,
		      "also what the recording itself cost", .letter = 'v'),
	DEFINE_OPTION("root", TEXT, struct record_config, root,
		      "find sys and proc below DIR", .value = "DIR",
		      .manual_only = true),
	END_OF_OPTIONS
};

struct recorder {
	struct trace_sink sink;
	const struct record_config *config;
	struct monitor_attrs attrs;
	struct tree tree;
	struct monitor monitor;
	struct trace trace;
	struct record_writer writer;
	struct record_meta meta;
	struct process_list processes;
	struct child child;
	FILE *file;
	sigset_t signals;
	unsigned int nr_alive;	/* targets before this one have ended */
	u64 nr_regions;		/* of all snapshots */
	u64 cpu_before_ns;	/* of a kdamond that ran already */
	u64 look_ns;		/* the last look whether everybody lives */
	bool progress;		/* there is a line of it */
};

static struct recorder *to_recorder(struct trace_sink *sink)
{
	return (struct recorder *)sink;
}

static bool sink_snapshot(struct trace_sink *sink, const struct snapshot *snap)
{
	struct recorder *rec = to_recorder(sink);

	rec->nr_regions += snap->nr_regions;
	return record_put_snapshot(&rec->writer, snap);
}

static bool sink_tuned(struct trace_sink *sink, u64 time_ns, u64 sample_us)
{
	struct recorder *rec = to_recorder(sink);
	u64 nr_samples = rec->attrs.aggr_us / rec->attrs.sample_us;

	/* tuning keeps the number of samples in an aggregation */
	if (sample_us > U64_MAX / nr_samples)
		return true;
	return record_put_intervals(&rec->writer, time_ns, sample_us,
				    sample_us * nr_samples);
}

static bool sink_lost(struct trace_sink *sink, u64 time_ns, u64 nr_events)
{
	return record_put_lost(&to_recorder(sink)->writer, time_ns, nr_events);
}

static u64 buffer_bytes(const struct recorder *rec)
{
	const struct monitor_attrs *attrs = &rec->attrs;
	u64 per_second = USEC_PER_SEC / max_u64(attrs->aggr_us, 1) + 1;

	if (rec->config->buffer_bytes)
		return rec->config->buffer_bytes;
	return clamp_u64(min_u64(attrs->max_regions, 1 << 20) * EVENT_LEN *
			 per_second * BUFFER_SECONDS,
			 MIN_BUFFER_BYTES, MAX_BUFFER_BYTES);
}

/* Header: one target is in it; several have frames of their own. */

static void fill_command(struct recorder *rec, pid_t pid,
			 char command[RECORD_TEXT_LEN])
{
	if (rec->attrs.ops == OPS_PADDR)
		snprintf(command, RECORD_TEXT_LEN, "physical memory");
	else
		tree_process_command(&rec->tree, pid, command, RECORD_TEXT_LEN);
}

static void fill_header(struct recorder *rec)
{
	const struct monitor *m = &rec->monitor;
	struct record_meta *meta = &rec->meta;
	struct utsname system;

	snprintf(meta->tool, sizeof(meta->tool), "damon %s",
		 DAMON_TOOL_VERSION);
	if (!uname(&system))
		snprintf(meta->kernel, sizeof(meta->kernel), "%s",
			 system.release);
	snprintf(meta->ops, sizeof(meta->ops), "%s",
		 monitor_ops_names[rec->attrs.ops]);
	if (m->nr_targets == 1) {
		meta->pid = m->pids[0];
		fill_command(rec, m->pids[0], meta->command);
	} else {
		snprintf(meta->command, sizeof(meta->command), "%u processes",
			 m->nr_targets);
	}
	meta->sample_us = rec->attrs.sample_us;
	meta->aggr_us = rec->attrs.aggr_us;
	meta->update_us = rec->attrs.update_us;
	meta->min_regions = rec->attrs.min_regions;
	meta->max_regions = rec->attrs.max_regions;
	meta->kdamond_pid = m->kdamond;
	meta->start_unix_s = time(NULL);
	meta->start_mono_ns = clock_ns(CLOCK_MONOTONIC);
}

static bool put_targets(struct recorder *rec)
{
	const struct monitor *m = &rec->monitor;
	unsigned int i;

	if (m->nr_targets == 1)
		return true;
	for (i = 0; i < m->nr_targets; i++) {
		struct record_target target = { .target = i,
						.pid = m->pids[i] };

		fill_command(rec, m->pids[i], target.command);
		if (!record_put_target(&rec->writer, &target))
			return false;
	}
	return true;
}

static int open_output(struct recorder *rec)
{
	const char *path = rec->config->output;

	if (strcmp(path, "-")) {
		rec->file = fopen(path, "we");
		if (!rec->file)
			return fail(STATUS_FAILED, "cannot write %s: %m", path);
		/* a snapshot is one write */
		setvbuf(rec->file, NULL, _IOFBF, OUTPUT_BUFFER);
		return 0;
	}
	if (isatty(STDOUT_FILENO))
		return fail(STATUS_USAGE, "a record does not fit a terminal");
	rec->file = stdout;
	return 0;
}

/* Whom to monitor */
static int find_processes(struct recorder *rec, char **command)
{
	const struct record_config *config = rec->config;
	unsigned int i;
	int status = 0;

	if (command[0]) {
		status = child_start(&rec->child, command, &rec->signals);
		if (!status && !process_add(&rec->processes, rec->child.pid, 0))
			status = fail(STATUS_FAILED, "out of memory");
		return status;
	}
	if (config->cgroup)
		return process_find_cgroup(&rec->tree, config->cgroup,
					   &rec->processes);
	for (i = 0; !status && i < config->pids.nr; i++) {
		pid_t pid = config->pids.val[i];

		if (!tree_process_alive(&rec->tree, pid))
			status = fail(STATUS_NO_PROCESS,
				      "there is no process %d", pid);
		else if (!process_add(&rec->processes, pid, 0))
			status = fail(STATUS_FAILED, "out of memory");
	}
	return status;
}

static int start_monitor(struct recorder *rec)
{
	struct process_list *list = &rec->processes;
	unsigned int i;
	pid_t *pids;
	int status;

	if (list->nr > MONITOR_MAX_TARGETS)
		return fail(STATUS_USAGE, "%u processes; at most %d can be monitored",
			    list->nr, MONITOR_MAX_TARGETS);
	pids = calloc(list->nr + 1, sizeof(*pids));
	if (!pids)
		return fail(STATUS_FAILED, "out of memory");
	for (i = 0; i < list->nr; i++)
		pids[i] = list->process[i].pid;
	status = monitor_start(&rec->monitor, &rec->attrs, pids, list->nr);
	free(pids);
	return status;
}

static int set_up(struct recorder *rec, char **command)
{
	bool attach = rec->config->kdamond != NO_KDAMOND;
	int status;

	status = tree_open(&rec->tree, rec->config->root);
	if (!status)
		status = tree_open_tracing(&rec->tree);
	monitor_init(&rec->monitor, &rec->tree);
	if (!status && attach)
		status = monitor_attach(&rec->monitor, rec->config->kdamond);
	if (!status && attach)
		rec->attrs = rec->monitor.attrs;
	if (!status && !attach)
		status = find_processes(rec, command);
	if (!status && !attach)
		status = start_monitor(rec);
	if (!status)
		status = trace_open(&rec->trace, &rec->tree, buffer_bytes(rec));
	rec->trace.assembly.addr_unit = rec->monitor.addr_unit;
	if (!status)
		status = trace_enable(&rec->trace, rec->monitor.kdamond, true);
	if (!status)
		status = open_output(rec);
	if (status)
		return status;
	fill_header(rec);
	if (!record_begin(&rec->writer, rec->file, &rec->meta) ||
	    !put_targets(rec))
		return fail(STATUS_FAILED, "cannot write %s: %m",
			    rec->config->output);
	child_release(&rec->child);
	return 0;
}

/* Up to now, or to the end if there was one. */
static double elapsed_s(const struct recorder *rec)
{
	u64 end_ns = rec->meta.end_mono_ns ? rec->meta.end_mono_ns : clock_ns(CLOCK_MONOTONIC);

	return (double)(end_ns - rec->meta.start_mono_ns) / NSEC_PER_SEC;
}

static u64 mean_regions(const struct recorder *rec)
{
	u64 nr = rec->writer.nr_snapshots;

	return nr ? rec->nr_regions / nr : 0;
}

static void show_progress(struct recorder *rec)
{
	char share[UNIT_LEN], size[UNIT_LEN];
	double elapsed = elapsed_s(rec);

	if (rec->config->quiet || !isatty(STDERR_FILENO))
		return;
	rec->progress = true;
	unit_percent(share, rec->monitor.cpu_ns / elapsed / NSEC_PER_SEC);
	fprintf(stderr,
		"\r%.1f s, %llu snapshots of %llu regions, %s, kdamond uses %s of a CPU\033[K",
		elapsed, rec->writer.nr_snapshots, mean_regions(rec),
		unit_size(size, rec->writer.nr_bytes), share);
	fflush(stderr);
}

static void show_own_cost(const struct recorder *rec)
{
	double elapsed = elapsed_s(rec), cpu_s;
	char share[UNIT_LEN], rss[UNIT_LEN], buffers[UNIT_LEN];
	struct rusage use;

	if (getrusage(RUSAGE_SELF, &use))
		return;
	cpu_s = use.ru_utime.tv_sec + use.ru_stime.tv_sec +
		(double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) /
		USEC_PER_SEC;
	fprintf(stderr,
		"%s: recording used %.3f s of CPU (%s) for %llu regions, %s resident, %s of trace buffers\n",
		rec->config->output, cpu_s, unit_percent(share, cpu_s / elapsed),
		rec->nr_regions, unit_size(rss, use.ru_maxrss * 1024ULL),
		unit_size(buffers, buffer_bytes(rec) * rec->trace.nr_cpus));
}

static void show_summary(struct recorder *rec)
{
	const struct record_meta *meta = &rec->meta;
	char share[UNIT_LEN], size[UNIT_LEN];
	double elapsed = elapsed_s(rec);

	if (rec->progress)
		fputs("\r\033[K", stderr);
	if (!rec->config->quiet) {
		fprintf(stderr, "%s: %s after %.1f s; %llu snapshots, %s",
			rec->config->output, meta->end_reason, elapsed,
			meta->nr_snapshots,
			unit_size(size, rec->writer.nr_bytes));
		if (meta->kdamond_cpu_ns)
			fprintf(stderr, "; kdamond used %s of a CPU",
				unit_percent(share, meta->kdamond_cpu_ns /
					     elapsed / NSEC_PER_SEC));
		fputc('\n', stderr);
	}
	if (rec->config->verbose)
		show_own_cost(rec);
	if (meta->nr_lost_events || meta->nr_dropped_snapshots)
		warn("%llu events lost, %llu snapshots dropped; try a larger --buffer",
		     meta->nr_lost_events, meta->nr_dropped_snapshots);
	if (!meta->nr_snapshots)
		warn("not one snapshot; run longer than --aggregate");
}

/* The last of them */
static bool targets_ended(struct recorder *rec)
{
	const struct monitor *m = &rec->monitor;

	if (rec->child.pid)
		return child_has_ended(&rec->child);
	/* of somebody else's kdamond they are not our business */
	if (rec->attrs.ops == OPS_PADDR || !m->ours)
		return false;
	while (rec->nr_alive < m->nr_targets &&
	       !tree_process_alive(&rec->tree, m->pids[rec->nr_alive]))
		rec->nr_alive++;
	return rec->nr_alive == m->nr_targets;
}

static const char *end_of_targets(const struct recorder *rec)
{
	return rec->monitor.nr_targets == 1 ? "process ended" :
					      "processes ended";
}

/* Returns why the recording ends, or NULL after a period. */
static const char *wait_period(struct recorder *rec)
{
	u64 wait_ns = clamp_u64(rec->attrs.aggr_us, MIN_PERIOD_US,
				READ_PERIOD_US) * NSEC_PER_USEC;
	u64 now = clock_ns(CLOCK_MONOTONIC), passed_ns = now - rec->meta.start_mono_ns;
	struct timespec wait;
	u64 duration_ns;
	int sig;

	if (rec->config->duration_us) {
		duration_ns = rec->config->duration_us * NSEC_PER_USEC;
		if (passed_ns >= duration_ns)
			return "time is up";
		wait_ns = min_u64(wait_ns, duration_ns - passed_ns);
	}
	wait.tv_sec = wait_ns / NSEC_PER_SEC;
	wait.tv_nsec = wait_ns % NSEC_PER_SEC;
	sig = sigtimedwait(&rec->signals, NULL, &wait);
	if (sig > 0 && sig != SIGCHLD)
		return "interrupted";
	if (sig != SIGCHLD && now - rec->look_ns < LOOK_PERIOD_NS)
		return NULL;
	rec->look_ns = now;
	show_progress(rec);
	if (targets_ended(rec))
		return end_of_targets(rec);
	if (!monitor_runs(&rec->monitor))
		return targets_ended(rec) ? end_of_targets(rec) :
					    "kdamond stopped";
	return NULL;
}

static int finish(struct recorder *rec, const char *reason, int status)
{
	struct record_meta *meta = &rec->meta;
	bool attached = !rec->monitor.ours;

	meta->end_mono_ns = clock_ns(CLOCK_MONOTONIC);
	monitor_runs(&rec->monitor);	/* for the CPU time */
	monitor_stop(&rec->monitor);
	/* what came between the last look and the stop */
	if (!status)
		status = trace_read(&rec->trace, &rec->sink);
	snprintf(meta->end_reason, sizeof(meta->end_reason), "%s",
		 reason ? reason : "failed");
	meta->nr_snapshots = rec->writer.nr_snapshots;
	meta->nr_lost_events = rec->trace.assembly.nr_lost_events;
	meta->nr_dropped_snapshots = rec->trace.assembly.nr_dropped_snapshots;
	meta->kdamond_cpu_ns = rec->monitor.cpu_ns - rec->cpu_before_ns;
	if (!status && !record_end(&rec->writer, meta))
		status = fail(STATUS_FAILED, "cannot write %s: %m",
			      rec->config->output);
	show_summary(rec);
	if (!status && !attached && !strcmp(meta->end_reason, "kdamond stopped"))
		status = fail(STATUS_BUSY,
			      "somebody else stopped the kdamond; the record ends there");
	return status;
}

static int follow(struct recorder *rec)
{
	const char *reason;
	int status;

	rec->cpu_before_ns = rec->monitor.ours ? 0 : rec->monitor.cpu_ns;
	do {
		reason = wait_period(rec);
		status = trace_read(&rec->trace, &rec->sink);
	} while (!reason && !status);
	return finish(rec, reason, status);
}

static void tear_down(struct recorder *rec)
{
	monitor_free(&rec->monitor);
	trace_close(&rec->trace);
	tree_close(&rec->tree);
	child_end(&rec->child);
	process_list_free(&rec->processes);
	if (rec->file && rec->file != stdout)
		fclose(rec->file);
	record_writer_free(&rec->writer);
}

static int check_config(const struct record_config *config, char **command)
{
	int ways = !!config->pids.nr + !!config->cgroup + !!command[0] +
		   (config->kdamond != NO_KDAMOND) +
		   (config->attrs.ops == OPS_PADDR);

	if (ways == 1)
		return 0;
	return fail(STATUS_USAGE,
		    "give either --pid, --cgroup, --kdamond, --ops paddr or, after --, a command");
}

static int run_record(const void *config, char **command)
{
	static const int stops[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD,
	};
	struct recorder rec = {
		.sink = { sink_snapshot, sink_tuned, sink_lost },
		.config = config,
		.tree = { .root = -1, .admin = -1, .tracing = -1 },
		.monitor = { .lock = -1 },
		.trace = { .dir = -1 },
	};
	int status;
	size_t i;

	rec.attrs = rec.config->attrs;
	status = check_config(rec.config, command);
	if (!status)
		status = monitor_check_attrs(&rec.attrs);
	if (status)
		return status;

	sigemptyset(&rec.signals);
	for (i = 0; i < ARRAY_SIZE(stops); i++)
		sigaddset(&rec.signals, stops[i]);
	sigprocmask(SIG_BLOCK, &rec.signals, NULL);
	signal(SIGPIPE, SIG_IGN);

	status = set_up(&rec, command);
	if (!status)
		status = follow(&rec);
	tear_down(&rec);
	return status;
}

const struct command cmd_record = {
	.name = "record",
	.synopsis = "[OPTION...] -p PID | -g DIR | -k N | -- COMMAND [ARG...]",
	.help = "record how often processes access which memory",
	.examples =
		"  damon record -d 30s -p 4711,4712\n"
		"  damon record -o sort.rec -- sort big.txt\n"
		"  damon record --ops paddr -d 1m\n",
	.options = record_options,
	.defaults = &record_defaults,
	.config_size = sizeof(record_defaults),
	.takes_command = true,
	.run = run_record,
};
