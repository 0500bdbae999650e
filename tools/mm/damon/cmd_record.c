// SPDX-License-Identifier: GPL-2.0
/*
 * damon record: runs one kdamond for a process and writes what it sees.
 *
 * Signals stay blocked all the time and are fetched where we wait, so that
 * no step of setting up or cleaning up is ever cut short by one.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"
#include "monitor.h"
#include "options.h"
#include "record.h"
#include "trace.h"
#include "units.h"
#include "version.h"

/* How often the trace buffer is emptied; it must hold far more than that. */
#define READ_PERIOD_US		(100 * USEC_PER_MSEC)
#define BUFFER_SECONDS		2
#define EVENT_LEN		64	/* bytes in the trace buffer */
#define MIN_BUFFER_BYTES	(256ULL << 10)
#define MAX_BUFFER_BYTES	(16ULL << 20)
#define GOAL_AGGRS		3	/* snapshots from tuning to tuning */
#define PROGRESS_PERIOD_NS	(500 * NSEC_PER_MSEC)

struct record_config {
	u64 pid;
	const char *output;
	u64 duration_us;
	struct monitor_attrs attrs;
	u64 buffer_bytes;
	bool quiet;
	const char *root;
};

static const struct record_config record_defaults = {
	.output = RECORD_DEFAULT_FILE,
	.attrs = {
		.sample_us = 5 * USEC_PER_MSEC,
		.aggr_us = 100 * USEC_PER_MSEC,
		.update_us = USEC_PER_SEC,
		.min_regions = 10,
		.max_regions = 1000,
	},
	.root = "/",
};

static const struct option_row record_options[] = {
	DEFINE_OPTION("pid", NUMBER, struct record_config, pid,
		      "process to monitor",
		      .letter = 'p', .value = "PID", .min = 1,
		      .max = 1 << 30),
	DEFINE_OPTION("output", TEXT, struct record_config, output,
		      "record file, '-' is stdout (default: damon.rec)",
		      .letter = 'o', .value = "FILE"),
	DEFINE_OPTION("duration", TIME, struct record_config, duration_us,
		      "stop after so long, for example 30s",
		      .letter = 'd', .value = "TIME", .min = 1),
	DEFINE_OPTION("sample", TIME, struct record_config, attrs.sample_us,
		      "time between two checks of a region (5ms)",
		      .letter = 's', .value = "TIME", .min = 1),
	DEFINE_OPTION("aggregate", TIME, struct record_config, attrs.aggr_us,
		      "time summed up in a snapshot (100ms)",
		      .letter = 'a', .value = "TIME", .min = 1),
	DEFINE_OPTION("update", TIME, struct record_config, attrs.update_us,
		      "time between two looks for new mappings (1s)",
		      .letter = 'u', .value = "TIME", .min = 1),
	DEFINE_OPTION("min-regions", NUMBER, struct record_config,
		      attrs.min_regions, "least number of regions (10)",
		      .value = "N", .min = 3),
	DEFINE_OPTION("max-regions", NUMBER, struct record_config,
		      attrs.max_regions, "largest number of regions (1000)",
		      .value = "N", .min = 3),
	DEFINE_OPTION("ops", CHOICE, struct record_config, attrs.ops,
		      "all mappings, or the addresses of --range",
		      .value = "vaddr|fvaddr", .choices = monitor_ops_names),
	DEFINE_OPTION("range", RANGES, struct record_config, attrs.ranges,
		      "addresses for fvaddr, may be repeated",
		      .value = "START-END"),
	DEFINE_OPTION("goal", NUMBER, struct record_config,
		      attrs.goal_access_bp,
		      "tune the intervals to see so many accesses (1/10000)",
		      .value = "BP", .min = 1, .max = 10000),
	DEFINE_OPTION("goal-min", TIME, struct record_config,
		      attrs.goal_min_sample_us, "... sampling not faster than this (5ms)",
		      .value = "TIME", .min = 1),
	DEFINE_OPTION("goal-max", TIME, struct record_config,
		      attrs.goal_max_sample_us, "... and not slower than this (10s)",
		      .value = "TIME", .min = 1),
	DEFINE_OPTION("buffer", SIZE, struct record_config, buffer_bytes,
		      "trace buffer of each CPU (two seconds' worth)",
		      .value = "SIZE", .min = 4096, .max = 1ULL << 32),
	DEFINE_OPTION("quiet", FLAG, struct record_config, quiet,
		      "no progress, no summary", .letter = 'q'),
	DEFINE_OPTION("root", TEXT, struct record_config, root,
		      "find sys and proc below DIR", .value = "DIR"),
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
	FILE *file;
	sigset_t signals;
	pid_t pid;
	pid_t child;		/* the same, if we started it */
	bool behind;		/* there is more to read already */
	bool child_released;
	bool child_ended;
	u32 nr_regions;		/* of the newest snapshot */
	u64 progress_ns;	/* when it was printed last, 0: never */
};

static u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static struct recorder *to_recorder(struct trace_sink *sink)
{
	return (struct recorder *)sink;
}

static bool sink_snapshot(struct trace_sink *sink, const struct snapshot *snap)
{
	struct recorder *rec = to_recorder(sink);

	rec->nr_regions = snap->nr_regions;
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

/*
 * The command stops right after its exec, which is when it has its own
 * mappings and did not run any of its code yet.
 */
static int start_command(struct recorder *rec, char **command)
{
	int state;

	rec->child = fork();
	if (rec->child < 0)
		return fail(STATUS_FAILED, "cannot fork: %m");
	if (!rec->child) {
		signal(SIGPIPE, SIG_DFL);
		sigprocmask(SIG_UNBLOCK, &rec->signals, NULL);
		if (!ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			execvp(command[0], command);
		fail(STATUS_NO_PROCESS, "cannot run %s: %m", command[0]);
		_exit(STATUS_NO_PROCESS);
	}
	rec->pid = rec->child;
	while (waitpid(rec->child, &state, 0) < 0) {
		if (errno != EINTR)
			return fail(STATUS_FAILED, "cannot wait: %m");
	}
	if (WIFSTOPPED(state))
		return 0;
	rec->child_ended = true;
	/* it has said why */
	return STATUS_NO_PROCESS;
}

static void release_command(struct recorder *rec)
{
	if (rec->child <= 0 || rec->child_released)
		return;
	ptrace(PTRACE_DETACH, rec->child, NULL, NULL);
	rec->child_released = true;
}

/* A command of ours does not outlive the recording. */
static void end_command(struct recorder *rec)
{
	if (rec->child <= 0 || rec->child_ended)
		return;
	/* it must not do anything if it did not start */
	kill(rec->child, rec->child_released ? SIGTERM : SIGKILL);
	waitpid(rec->child, NULL, 0);
	rec->child_ended = true;
}

static bool target_ended(struct recorder *rec)
{
	if (rec->child > 0) {
		if (waitpid(rec->child, NULL, WNOHANG) == rec->child)
			rec->child_ended = true;
		return rec->child_ended;
	}
	return !tree_process_alive(&rec->tree, rec->pid);
}

static u64 buffer_bytes(const struct record_config *config)
{
	const struct monitor_attrs *attrs = &config->attrs;
	u64 per_second = USEC_PER_SEC / attrs->aggr_us + 1;

	if (config->buffer_bytes)
		return config->buffer_bytes;
	return clamp_u64(min_u64(attrs->max_regions, 1 << 20) * EVENT_LEN *
			 per_second * BUFFER_SECONDS,
			 MIN_BUFFER_BYTES, MAX_BUFFER_BYTES);
}

static void fill_header(struct recorder *rec)
{
	struct record_meta *meta = &rec->meta;
	struct utsname system;

	snprintf(meta->tool, sizeof(meta->tool), "damon %s",
		 DAMON_TOOL_VERSION);
	if (!uname(&system))
		snprintf(meta->kernel, sizeof(meta->kernel), "%s",
			 system.release);
	snprintf(meta->ops, sizeof(meta->ops), "%s",
		 monitor_ops_names[rec->attrs.ops]);
	meta->pid = rec->pid;
	tree_process_command(&rec->tree, rec->pid, meta->command,
			     sizeof(meta->command));
	meta->sample_us = rec->attrs.sample_us;
	meta->aggr_us = rec->attrs.aggr_us;
	meta->update_us = rec->attrs.update_us;
	meta->min_regions = rec->attrs.min_regions;
	meta->max_regions = rec->attrs.max_regions;
	meta->kdamond_pid = rec->monitor.kdamond;
	meta->start_unix_s = time(NULL);
	meta->start_mono_ns = now_ns();
}

static int open_output(struct recorder *rec)
{
	const char *path = rec->config->output;

	if (strcmp(path, "-")) {
		rec->file = fopen(path, "we");
		if (!rec->file)
			return fail(STATUS_FAILED, "cannot write %s: %m", path);
		return 0;
	}
	if (isatty(STDOUT_FILENO))
		return fail(STATUS_USAGE, "a record does not fit a terminal");
	rec->file = stdout;
	return 0;
}

static int set_up(struct recorder *rec, char **command)
{
	int status;

	status = tree_open(&rec->tree, rec->config->root);
	if (!status)
		status = tree_open_tracing(&rec->tree);
	if (!status && command[0])
		status = start_command(rec, command);
	else if (!status && !tree_process_alive(&rec->tree, rec->pid))
		status = fail(STATUS_NO_PROCESS, "there is no process %d",
			      rec->pid);
	if (!status)
		status = monitor_stage(&rec->monitor, &rec->tree, &rec->attrs,
				       rec->pid);
	if (!status)
		status = trace_open(&rec->trace, &rec->tree,
				    buffer_bytes(rec->config));
	if (!status)
		status = monitor_start(&rec->monitor, &rec->attrs, rec->pid);
	if (!status)
		status = trace_enable(&rec->trace, rec->monitor.kdamond,
				      rec->attrs.goal_aggrs);
	if (!status)
		status = open_output(rec);
	if (status)
		return status;
	fill_header(rec);
	if (!record_begin(&rec->writer, rec->file, &rec->meta))
		return fail(STATUS_FAILED, "cannot write %s: %m",
			    rec->config->output);
	release_command(rec);
	return 0;
}

/* Up to now, or to the end if there was one. */
static double elapsed_s(const struct recorder *rec)
{
	u64 end_ns = rec->meta.end_mono_ns ? rec->meta.end_mono_ns : now_ns();

	return (double)(end_ns - rec->meta.start_mono_ns) / NSEC_PER_SEC;
}

static void show_progress(struct recorder *rec)
{
	char share[UNIT_LEN], size[UNIT_LEN];
	double elapsed = elapsed_s(rec);

	if (rec->config->quiet || !isatty(STDERR_FILENO) ||
	    now_ns() - rec->progress_ns < PROGRESS_PERIOD_NS)
		return;
	rec->progress_ns = now_ns();
	unit_percent(share, rec->meta.kdamond_cpu_ns / elapsed / NSEC_PER_SEC);
	fprintf(stderr,
		"\r%.1f s, %llu snapshots, %u regions, %s, kdamond uses %s of a CPU\033[K",
		elapsed, rec->writer.nr_snapshots, rec->nr_regions,
		unit_size(size, rec->writer.nr_bytes), share);
	fflush(stderr);
}

static void show_summary(struct recorder *rec)
{
	const struct record_meta *meta = &rec->meta;
	char share[UNIT_LEN], size[UNIT_LEN];
	double elapsed = elapsed_s(rec);

	if (rec->progress_ns)
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
	if (meta->nr_lost_events || meta->nr_dropped_snapshots)
		warn("%llu events lost, %llu snapshots dropped; try a larger --buffer",
		     meta->nr_lost_events, meta->nr_dropped_snapshots);
	if (!meta->nr_snapshots)
		warn("not one snapshot; run longer than --aggregate");
}

/* Returns why the recording ends, or NULL after a period. */
static const char *wait_period(struct recorder *rec)
{
	u64 wait_ns = clamp_u64(rec->attrs.aggr_us, 10 * USEC_PER_MSEC,
				READ_PERIOD_US) * NSEC_PER_USEC;
	u64 passed_ns = now_ns() - rec->meta.start_mono_ns;
	struct timespec wait;
	u64 duration_ns;
	int sig;

	if (rec->config->duration_us) {
		duration_ns = rec->config->duration_us * NSEC_PER_USEC;
		if (passed_ns >= duration_ns)
			return "time is up";
		wait_ns = min_u64(wait_ns, duration_ns - passed_ns);
	}
	if (rec->behind)
		wait_ns = 0;
	wait.tv_sec = wait_ns / NSEC_PER_SEC;
	wait.tv_nsec = wait_ns % NSEC_PER_SEC;
	sig = sigtimedwait(&rec->signals, NULL, &wait);
	if (sig > 0 && sig != SIGCHLD)
		return "interrupted";
	if (target_ended(rec))
		return "process ended";
	if (!monitor_runs(&rec->monitor))
		return target_ended(rec) ? "process ended" :
					   "kdamond stopped";
	return NULL;
}

static void read_kdamond_cpu(struct recorder *rec)
{
	u64 cpu_ns = tree_process_cpu_ns(&rec->tree, rec->monitor.kdamond);

	/* it is gone as soon as the target is */
	if (cpu_ns)
		rec->meta.kdamond_cpu_ns = cpu_ns;
}

static int follow(struct recorder *rec)
{
	const char *reason;
	int status;

	do {
		reason = wait_period(rec);
		read_kdamond_cpu(rec);
		status = trace_read(&rec->trace, &rec->sink, &rec->behind);
		show_progress(rec);
	} while (!reason && !status);

	/* what came between the last look and the stop */
	rec->meta.end_mono_ns = now_ns();
	monitor_stop(&rec->monitor);
	do {
		if (!status)
			status = trace_read(&rec->trace, &rec->sink,
					    &rec->behind);
	} while (!status && rec->behind);
	snprintf(rec->meta.end_reason, sizeof(rec->meta.end_reason), "%s",
		 reason ? reason : "failed");
	rec->meta.nr_snapshots = rec->writer.nr_snapshots;
	rec->meta.nr_lost_events = rec->trace.parser.nr_lost_events;
	rec->meta.nr_dropped_snapshots =
		rec->trace.parser.nr_dropped_snapshots;
	if (!status && !record_end(&rec->writer, &rec->meta))
		status = fail(STATUS_FAILED, "cannot write %s: %m",
			      rec->config->output);
	show_summary(rec);
	if (!status && reason && !strcmp(reason, "kdamond stopped"))
		status = fail(STATUS_BUSY,
			      "somebody else stopped the kdamond; the record ends there");
	return status;
}

static void tear_down(struct recorder *rec)
{
	monitor_unstage(&rec->monitor);
	trace_close(&rec->trace);
	tree_close(&rec->tree);
	end_command(rec);
	if (rec->file && rec->file != stdout)
		fclose(rec->file);
	record_writer_free(&rec->writer);
}

static void fill_goal(struct monitor_attrs *attrs)
{
	if (!attrs->goal_access_bp)
		return;
	attrs->goal_aggrs = GOAL_AGGRS;
	if (!attrs->goal_min_sample_us)
		attrs->goal_min_sample_us = min_u64(attrs->sample_us,
						    5 * USEC_PER_MSEC);
	if (!attrs->goal_max_sample_us)
		attrs->goal_max_sample_us = max_u64(attrs->sample_us,
						    10 * USEC_PER_SEC);
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
		.trace = { .dir = -1, .pipe = -1 },
	};
	int status;
	size_t i;

	rec.attrs = rec.config->attrs;
	rec.pid = rec.config->pid;
	fill_goal(&rec.attrs);
	if (!rec.pid == !command[0])
		return fail(STATUS_USAGE,
			    "give either --pid or, after --, a command");
	if (!rec.attrs.goal_access_bp && (rec.attrs.goal_min_sample_us ||
					  rec.attrs.goal_max_sample_us))
		return fail(STATUS_USAGE,
			    "--goal-min and --goal-max need --goal");
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
	.synopsis = "[OPTION...] -p PID | -- COMMAND [ARG...]",
	.help = "record how often a process accesses which memory",
	.examples =
		"  damon record -d 30s -p 4711\n"
		"  damon record -o sort.rec -- sort big.txt\n",
	.options = record_options,
	.defaults = &record_defaults,
	.config_size = sizeof(record_defaults),
	.takes_command = true,
	.run = run_record,
};
