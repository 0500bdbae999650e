/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's events: a tracefs instance of our own, so that nobody else's
 * tracing is disturbed, and the assembly of its lines into snapshots.
 */
#ifndef DAMON_TOOL_TRACE_H
#define DAMON_TOOL_TRACE_H

#include <sys/types.h>

#include "snapshot.h"
#include "tree.h"

#define TRACE_LINE_LEN	256

/* Where the parser delivers.  False stops the parsing. */
struct trace_sink {
	bool (*snapshot)(struct trace_sink *sink, const struct snapshot *snap);
	bool (*tuned)(struct trace_sink *sink, u64 time_ns, u64 sample_us);
	/* nr_events 0: an unknown number */
	bool (*lost)(struct trace_sink *sink, u64 time_ns, u64 nr_events);
};

struct trace_parser {
	struct snapshot snap;	/* being assembled; times and counts only */
	u32 nr_expected;	/* regions it will have, 0: none begun */
	u64 time_ns;		/* of the newest event */
	u64 nr_lost_events;
	u64 nr_dropped_snapshots;
	bool too_long;		/* the present line does not fit */
	size_t len;
	char line[TRACE_LINE_LEN];
};

/*
 * Text in pieces of any size.  Lines that are no events of ours are skipped;
 * snapshots of which a part is missing are dropped and counted.  False if
 * the sink said so or memory ran out.
 */
bool trace_parse(struct trace_parser *parser, const char *text, size_t len,
		 struct trace_sink *sink);
void trace_parser_free(struct trace_parser *parser);

struct trace {
	const struct tree *tree;
	char name[64];		/* instances/damon-PID */
	int dir;
	int pipe;
	bool made;
	struct trace_parser parser;
};

/* These return an exit status, having said what is wrong. */
int trace_open(struct trace *trace, const struct tree *tree, u64 buffer_bytes);
/* Only the events of this kdamond. */
int trace_enable(struct trace *trace, pid_t kdamond, bool tuning);
/*
 * Delivers what has come since; never waits.  Sets more if it stopped before the
 * end, which may move as fast as we read.
 */
int trace_read(struct trace *trace, struct trace_sink *sink, bool *more);
void trace_close(struct trace *trace);

#endif
