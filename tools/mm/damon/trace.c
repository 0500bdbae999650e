// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"
#include "trace.h"
#include "units.h"

#define AGGREGATED	"damon_aggregated"
#define TUNED		"damon_monitor_intervals_tune"
#define EVENTS		"events/damon/"

#define FORMAT_LEN	4096
#define MAX_CPUS	65536
/* of all CPUs together */
#define MAX_BUFFERS	(128ULL << 20)
#define MIN_BUFFER	(64ULL << 10)

/* The kernel frees a pipe a moment after it was closed. */
#define RMDIR_RETRIES	200
#define RMDIR_WAIT_NS	(10 * NSEC_PER_MSEC)

/* Assembly */

enum { TARGET, NR_REGIONS, START, END, NR_ACCESSES, AGE };

static const char *const aggregated_fields[] = {
	[TARGET] = "target_id",
	[NR_REGIONS] = "nr_regions",
	[START] = "start",
	[END] = "end",
	[NR_ACCESSES] = "nr_accesses",
	[AGE] = "age",
	NULL
};

static const char *const tuned_fields[] = { "sample_us", NULL };

void trace_assembly_init(struct trace_assembly *a)
{
	*a = (struct trace_assembly){
		.aggregated = { AGGREGATED, .fields = aggregated_fields },
		.tuned = { TUNED, .fields = tuned_fields },
		.addr_unit = 1,
	};
}

void trace_assembly_free(struct trace_assembly *a)
{
	snapshot_free(&a->snap);
}

static void drop_partial(struct trace_assembly *a)
{
	if (a->nr_expected)
		a->nr_dropped_snapshots++;
	a->nr_expected = 0;
	a->snap.nr_regions = 0;
}

static u64 value_of(const struct trace_page *page,
		    const struct trace_event *event, unsigned int field)
{
	return trace_value(page->event, page->event_len, event->at[field]);
}

static bool continues(const struct snapshot *snap, u64 target, u64 start)
{
	return snap->target == target &&
		snap->regions[snap->nr_regions - 1].end <= start;
}

static bool take_region(struct trace_assembly *a, const struct trace_page *page,
			struct trace_sink *sink)
{
	const struct trace_event *event = &a->aggregated;
	struct snapshot *snap = &a->snap;
	u64 target = value_of(page, event, TARGET);
	u64 nr = value_of(page, event, NR_REGIONS);
	u64 start, end;

	if (__builtin_mul_overflow(value_of(page, event, START), a->addr_unit,
				   &start) ||
	    __builtin_mul_overflow(value_of(page, event, END), a->addr_unit,
				   &end) ||
	    start >= end || !nr || nr > U32_MAX)
		return true;
	if (a->nr_expected && (a->nr_expected != nr ||
			       !continues(snap, target, start)))
		drop_partial(a);
	if (!a->nr_expected) {
		a->nr_expected = nr;
		snap->target = target;
		snap->to_ns = a->time_ns;
	}
	/* one by one: the number is only a claim until they are there */
	if (!snapshot_reserve(snap, snap->nr_regions + 1))
		return false;
	snap->regions[snap->nr_regions++] = (struct region){
		.start = start,
		.end = end,
		.nr_accesses = value_of(page, event, NR_ACCESSES),
		.age = value_of(page, event, AGE),
	};
	if (snap->nr_regions < nr)
		return true;
	a->nr_expected = 0;
	if (!sink->snapshot(sink, snap))
		return false;
	snap->nr_regions = 0;
	return true;
}

bool trace_assemble(struct trace_assembly *a, struct trace_page *page,
		    struct trace_sink *sink)
{
	/* the time of a record never goes back */
	a->time_ns = max_u64(a->time_ns, page->time_ns);
	if (page->lost) {
		u64 nr_lost = page->nr_lost;

		page->lost = false;
		page->nr_lost = 0;
		drop_partial(a);
		a->nr_lost_events += max_u64(nr_lost, 1);
		if (!sink->lost(sink, a->time_ns, nr_lost))
			return false;
	}
	if (trace_page_is(page, &a->aggregated))
		return take_region(a, page, sink);
	if (a->tuned.id && trace_page_is(page, &a->tuned))
		return sink->tuned(sink, a->time_ns,
				   value_of(page, &a->tuned, 0));
	return true;
}

/* The instance */

static int instance_write(struct trace *trace, const char *path,
			  const char *text)
{
	int error = tree_write(trace->dir, path, "%s", text);

	return error ? tree_fail(error, "write the trace file", path) : 0;
}

static int read_format(struct trace *trace, struct trace_event *event)
{
	char path[128], text[FORMAT_LEN];
	int error;

	snprintf(path, sizeof(path), EVENTS "%s/format", event->name);
	error = tree_read(trace->dir, path, text, sizeof(text));
	if (error)
		return tree_fail(error, "read", path);
	if (!trace_event_parse(event, text))
		return fail(STATUS_NO_DAMON,
			    "this kernel's event damon:%s is unknown to us",
			    event->name);
	return 0;
}

static int read_formats(struct trace *trace)
{
	char text[FORMAT_LEN];
	int status, error;

	error = tree_read(trace->dir, "events/header_page", text, sizeof(text));
	if (error)
		return tree_fail(error, "read", "events/header_page");
	if (!trace_layout_parse(&trace->layout, text))
		return fail(STATUS_FAILED,
			    "this kernel's trace buffer is unknown to us");
	status = read_format(trace, &trace->assembly.aggregated);
	if (!status && !faccessat(trace->dir, EVENTS TUNED, F_OK, 0))
		status = read_format(trace, &trace->assembly.tuned);
	return status;
}

static int open_cpu(struct trace *trace, const char *name)
{
	struct trace_cpu *cpu;
	char path[64];

	/* doubles at each power of two */
	if (!(trace->nr_cpus & (trace->nr_cpus - 1))) {
		cpu = reallocarray(trace->cpus, max_u64(2 * trace->nr_cpus, 1),
				   sizeof(*cpu));
		if (!cpu)
			return fail(STATUS_FAILED, "out of memory");
		trace->cpus = cpu;
	}
	snprintf(path, sizeof(path), "per_cpu/%.32s/trace_pipe_raw", name);
	cpu = &trace->cpus[trace->nr_cpus];
	*cpu = (struct trace_cpu){ .pipe = openat(trace->dir, path, O_RDONLY |
						  O_NONBLOCK | O_CLOEXEC) };
	if (cpu->pipe < 0)
		return tree_fail(-errno, "open", path);
	trace->nr_cpus++;
	return 0;
}

static int open_cpus(struct trace *trace)
{
	struct rlimit files;
	struct dirent *entry;
	int fd, status = 0;
	DIR *dir;

	/* a file for each of them may be more than is usual */
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	fd = openat(trace->dir, "per_cpu", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return tree_fail(-errno, "open", "per_cpu");
	}
	while (!status && (entry = readdir(dir))) {
		if (!strncmp(entry->d_name, "cpu", 3) &&
		    trace->nr_cpus < MAX_CPUS)
			status = open_cpu(trace, entry->d_name);
	}
	closedir(dir);
	if (!status && !trace->nr_cpus)
		status = fail(STATUS_FAILED, "the trace instance has no CPUs");
	return status;
}

int trace_open(struct trace *trace, const struct tree *tree, u64 buffer_bytes)
{
	char kib[32];
	int status;

	*trace = (struct trace){ .tree = tree, .dir = -1 };
	trace_assembly_init(&trace->assembly);
	if (faccessat(tree->tracing, EVENTS AGGREGATED, F_OK, 0))
		return fail(STATUS_NO_DAMON,
			    "this kernel has no event damon:" AGGREGATED);
	snprintf(trace->name, sizeof(trace->name), "instances/damon-%d",
		 getpid());
	/* what a process of the same number left behind is used again */
	if (mkdirat(tree->tracing, trace->name, 0700) && errno != EEXIST)
		return tree_fail(-errno, "make the trace instance",
				 trace->name);
	trace->made = true;
	trace->dir = openat(tree->tracing, trace->name,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (trace->dir < 0)
		return tree_fail(-errno, "open the trace instance",
				 trace->name);
	status = read_formats(trace);
	if (!status)
		status = open_cpus(trace);
	if (!status)
		status = instance_write(trace, "trace_clock", "mono");
	if (status)
		return status;
	snprintf(kib, sizeof(kib), "%llu",
		 min_u64(buffer_bytes, max_u64(MAX_BUFFERS / trace->nr_cpus,
					       MIN_BUFFER)) >> 10);
	return instance_write(trace, "buffer_size_kb", kib);
}

static int enable_event(struct trace *trace, const char *event, pid_t kdamond)
{
	char path[128], filter[64];
	int status;

	snprintf(path, sizeof(path), EVENTS "%s/filter", event);
	snprintf(filter, sizeof(filter), "common_pid == %d", kdamond);
	status = instance_write(trace, path, filter);
	if (status)
		return status;
	snprintf(path, sizeof(path), EVENTS "%s/enable", event);
	return instance_write(trace, path, "1");
}

int trace_enable(struct trace *trace, pid_t kdamond, bool tuning)
{
	int status = enable_event(trace, AGGREGATED, kdamond);

	if (!status && tuning && trace->assembly.tuned.id)
		status = enable_event(trace, TUNED, kdamond);
	return status;
}

/* Reading */

/*
 * The next page with an event, if there is one.  Most CPUs never see the
 * kdamond and need no page of their own.
 */
static int load(struct trace *trace, struct trace_cpu *cpu)
{
	struct trace_page *page = &cpu->page;
	ssize_t len;

	if (!page->bytes) {
		page->bytes = trace->spare;
		trace->spare = NULL;
	}
	if (!page->bytes)
		page->bytes = malloc(trace->layout.page_len);
	if (!page->bytes)
		return fail(STATUS_FAILED, "out of memory");
	do {
		len = read(cpu->pipe, page->bytes, trace->layout.page_len);
		if (len > 0)
			trace_page_begin(page, &trace->layout, len);
	} while ((len > 0 && !page->event) || (len < 0 && errno == EINTR));
	if (len < 0 && errno != EAGAIN)
		return tree_fail(-errno, "read", "trace_pipe_raw");
	if (!page->event && !trace->spare) {
		trace->spare = page->bytes;
		page->bytes = NULL;
	}
	return 0;
}

/* The CPU with the oldest event, and the time up to which it is the oldest. */
static struct trace_cpu *oldest(struct trace *trace, u64 *until_ns)
{
	struct trace_cpu *cpu, *first = NULL;

	for (cpu = trace->cpus; cpu < trace->cpus + trace->nr_cpus; cpu++) {
		if (!cpu->page.event || cpu->page.time_ns > *until_ns)
			continue;
		if (first && first->page.time_ns <= cpu->page.time_ns) {
			*until_ns = cpu->page.time_ns;
			continue;
		}
		if (first)
			*until_ns = first->page.time_ns;
		first = cpu;
	}
	return first;
}

/*
 * The kdamond moves from CPU to CPU.  Whatever it writes to another one after
 * we found this one empty is younger than the moment when we began to look, so
 * what is older can be put in order.
 */
int trace_read(struct trace *trace, struct trace_sink *sink)
{
	u64 horizon_ns = trace->nr_cpus > 1 ? clock_ns(CLOCK_MONOTONIC) : U64_MAX;
	struct trace_cpu *cpu;
	int status = 0;

	for (cpu = trace->cpus; cpu < trace->cpus + trace->nr_cpus; cpu++) {
		if (!cpu->page.event)
			status = load(trace, cpu);
		if (status)
			return status;
	}
	while (true) {
		u64 until_ns = horizon_ns;

		cpu = oldest(trace, &until_ns);
		if (!cpu)
			return 0;
		do {
			if (!trace_assemble(&trace->assembly, &cpu->page, sink))
				return fail(STATUS_FAILED,
					    "recording failed: %m");
			if (!trace_page_next(&cpu->page))
				status = load(trace, cpu);
			if (status)
				return status;
		} while (cpu->page.event && cpu->page.time_ns <= until_ns);
	}
}

void trace_close(struct trace *trace)
{
	const struct timespec wait = { .tv_nsec = RMDIR_WAIT_NS };
	int retries = RMDIR_RETRIES;
	unsigned int i;

	if (trace->dir >= 0) {
		tree_write(trace->dir, "tracing_on", "0");
		tree_write(trace->dir, "events/enable", "0");
		close(trace->dir);
	}
	for (i = 0; i < trace->nr_cpus; i++) {
		close(trace->cpus[i].pipe);
		free(trace->cpus[i].page.bytes);
	}
	free(trace->cpus);
	free(trace->spare);
	while (trace->made && unlinkat(trace->tree->tracing, trace->name,
				       AT_REMOVEDIR)) {
		if ((errno != EBUSY && errno != ENOTEMPTY) || !retries--) {
			warn("cannot remove the trace instance %s: %m",
			     trace->name);
			break;
		}
		nanosleep(&wait, NULL);
	}
	trace_assembly_free(&trace->assembly);
}
