// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"
#include "trace.h"

#define AGGREGATED	"damon_aggregated"
#define TUNED		"damon_monitor_intervals_tune"
#define EVENTS		"events/damon/"

#define READ_LEN	65536
#define READS_AT_ONCE	64

/* The kernel frees a trace_pipe a moment after it was closed. */
#define RMDIR_RETRIES	200
#define RMDIR_WAIT_NS	(10 * NSEC_PER_MSEC)

/* Parsing: p must go on with word and a number; returns what follows. */
static const char *get_number(const char *p, const char *word, u64 *val)
{
	size_t len = strlen(word);

	if (!p || strncmp(p, word, len) || !isdigit((unsigned char)p[len]))
		return NULL;
	*val = 0;
	for (p += len; isdigit((unsigned char)*p); p++) {
		if (__builtin_mul_overflow(*val, 10, val) ||
		    __builtin_add_overflow(*val, (u64)(*p - '0'), val))
			return NULL;
	}
	return p;
}

/* "SECONDS.FRACTION", which ends right before end */
static bool get_time(const char *line, const char *end, u64 *ns)
{
	u64 seconds, scale = NSEC_PER_SEC;
	const char *p = end;

	while (p > line && (isdigit((unsigned char)p[-1]) || p[-1] == '.'))
		p--;
	p = get_number(p, "", &seconds);
	if (!p || *p++ != '.' || seconds > U64_MAX / NSEC_PER_SEC - 1)
		return false;
	*ns = seconds * NSEC_PER_SEC;
	for (; p < end && isdigit((unsigned char)*p) && scale > 1; p++) {
		scale /= 10;
		*ns += (*p - '0') * scale;
	}
	return p == end;
}

/* What follows ": EVENT: " in a line, or NULL if it is another event. */
static const char *find_event(struct trace_parser *parser, const char *event)
{
	const char *p = strstr(parser->line, event);
	size_t len = strlen(event);
	u64 ns;

	if (!p || p - parser->line < 2 || p[-2] != ':' || p[-1] != ' ' ||
	    p[len] != ':' || p[len + 1] != ' ' ||
	    !get_time(parser->line, p - 2, &ns))
		return NULL;
	/* the time of a record never goes back */
	parser->time_ns = max_u64(ns, parser->time_ns);
	return p + len + 2;
}

static void drop_partial(struct trace_parser *parser)
{
	if (parser->nr_expected)
		parser->nr_dropped_snapshots++;
	parser->nr_expected = 0;
	parser->snap.nr_regions = 0;
}

static bool continues(const struct snapshot *snap, u64 target, u64 start)
{
	return snap->target == target &&
		snap->regions[snap->nr_regions - 1].end <= start;
}

static bool parse_region(struct trace_parser *parser, const char *p,
			 struct trace_sink *sink)
{
	struct snapshot *snap = &parser->snap;
	u64 target, nr, start, end, nr_accesses, age;

	p = get_number(p, "target_id=", &target);
	p = get_number(p, " nr_regions=", &nr);
	p = get_number(p, " ", &start);
	p = get_number(p, "-", &end);
	p = get_number(p, ": ", &nr_accesses);
	p = get_number(p, " ", &age);
	if (!p || start >= end || !nr || nr > U32_MAX ||
	    nr_accesses > U32_MAX || age > U32_MAX)
		return true;

	if (parser->nr_expected && (parser->nr_expected != nr ||
				    !continues(snap, target, start)))
		drop_partial(parser);
	if (!parser->nr_expected) {
		parser->nr_expected = nr;
		snap->target = target;
		snap->to_ns = parser->time_ns;
	}
	/* one by one: the number is only a claim until they are there */
	if (!snapshot_reserve(snap, snap->nr_regions + 1))
		return false;
	snap->regions[snap->nr_regions++] = (struct region){
		.start = start,
		.end = end,
		.nr_accesses = nr_accesses,
		.age = age,
	};
	if (snap->nr_regions < nr)
		return true;
	parser->nr_expected = 0;
	if (!sink->snapshot(sink, snap))
		return false;
	snap->nr_regions = 0;
	return true;
}

/* "CPU:1 [LOST 23 EVENTS]", or without the number if the kernel has none */
static bool parse_lost(struct trace_parser *parser, const char *p,
		       struct trace_sink *sink)
{
	u64 nr = 0;

	if (!get_number(p, "LOST ", &nr))
		nr = 0;
	drop_partial(parser);
	parser->nr_lost_events += nr ? nr : 1;
	return sink->lost(sink, parser->time_ns, nr);
}

static bool parse_line(struct trace_parser *parser, struct trace_sink *sink)
{
	const char *p;
	u64 sample_us;

	p = find_event(parser, AGGREGATED);
	if (p)
		return parse_region(parser, p, sink);
	p = find_event(parser, TUNED);
	if (p)
		return !get_number(p, "sample_us=", &sample_us) ||
			sink->tuned(sink, parser->time_ns, sample_us);
	if (!strncmp(parser->line, "CPU:", 4)) {
		p = strstr(parser->line, "[LOST ");
		if (p)
			return parse_lost(parser, p + 1, sink);
	}
	return true;
}

bool trace_parse(struct trace_parser *parser, const char *text, size_t len,
		 struct trace_sink *sink)
{
	for (; len--; text++) {
		if (*text != '\n') {
			if (parser->len < sizeof(parser->line) - 1)
				parser->line[parser->len++] = *text;
			else
				parser->too_long = true;
			continue;
		}
		parser->line[parser->len] = '\0';
		parser->len = 0;
		if (parser->too_long)
			parser->too_long = false;
		else if (!parse_line(parser, sink))
			return false;
	}
	return true;
}

void trace_parser_free(struct trace_parser *parser)
{
	snapshot_free(&parser->snap);
}

/* The instance */

static int instance_write(struct trace *trace, const char *path,
			  const char *text)
{
	int error = tree_write(trace->dir, path, "%s", text);

	return error ? tree_fail(error, "write the trace file", path) : 0;
}

int trace_open(struct trace *trace, const struct tree *tree, u64 buffer_bytes)
{
	char kib[32];
	int status;

	*trace = (struct trace){ .tree = tree, .dir = -1, .pipe = -1 };
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
	snprintf(kib, sizeof(kib), "%llu", buffer_bytes >> 10);
	status = instance_write(trace, "trace_clock", "mono");
	if (!status)
		status = instance_write(trace, "buffer_size_kb", kib);
	if (status)
		return status;
	trace->pipe = openat(trace->dir, "trace_pipe",
			     O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (trace->pipe < 0)
		return tree_fail(-errno, "open", "trace_pipe");
	return 0;
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

	if (!status && tuning)
		status = enable_event(trace, TUNED, kdamond);
	return status;
}

int trace_read(struct trace *trace, struct trace_sink *sink, bool *more)
{
	static char text[READ_LEN];
	int reads;

	*more = false;
	for (reads = 0; reads < READS_AT_ONCE; reads++) {
		ssize_t len = read(trace->pipe, text, sizeof(text));

		if (!len || (len < 0 && errno == EAGAIN))
			return 0;
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return tree_fail(-errno, "read", "trace_pipe");
		if (!trace_parse(&trace->parser, text, len, sink))
			return fail(STATUS_FAILED, "recording failed: %m");
	}
	*more = true;
	return 0;
}

void trace_close(struct trace *trace)
{
	const struct timespec wait = { .tv_nsec = RMDIR_WAIT_NS };
	int retries = RMDIR_RETRIES;

	if (trace->dir >= 0) {
		tree_write(trace->dir, "tracing_on", "0");
		tree_write(trace->dir, "events/enable", "0");
		close(trace->dir);
	}
	if (trace->pipe >= 0)
		close(trace->pipe);
	while (trace->made && unlinkat(trace->tree->tracing, trace->name,
				       AT_REMOVEDIR)) {
		if ((errno != EBUSY && errno != ENOTEMPTY) || !retries--) {
			warn("cannot remove the trace instance %s: %m",
			     trace->name);
			break;
		}
		nanosleep(&wait, NULL);
	}
	trace_parser_free(&trace->parser);
}
