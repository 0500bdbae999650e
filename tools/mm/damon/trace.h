/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's events: a tracefs instance of our own, so that nobody else's
 * tracing is disturbed, and the assembly of its events into snapshots.
 */
#ifndef DAMON_TOOL_TRACE_H
#define DAMON_TOOL_TRACE_H

#include <sys/types.h>

#include "snapshot.h"
#include "trace_page.h"
#include "tree.h"

/* Where snapshots are delivered.  False stops the reading. */
struct trace_sink {
	bool (*snapshot)(struct trace_sink *sink, const struct snapshot *snap);
	bool (*tuned)(struct trace_sink *sink, u64 time_ns, u64 sample_us);
	/* nr_events 0: an unknown number */
	bool (*lost)(struct trace_sink *sink, u64 time_ns, u64 nr_events);
};

/* Makes snapshots of events, which come in the order of their times. */
struct trace_assembly {
	struct trace_event aggregated;
	struct trace_event tuned;	/* id 0: this kernel does not have it */
	u64 addr_unit;		/* bytes in a unit of addresses */
	struct snapshot snap;	/* in the making; times and counts only */
	u32 nr_expected;	/* regions it will have, 0: none begun */
	u64 time_ns;		/* of the newest event */
	u64 nr_lost_events;
	u64 nr_dropped_snapshots;
};

/*
 * The present event of a page.  Events that are not ours are skipped;
 * snapshots of which a part is missing are dropped and counted.  False if the
 * sink said so or memory ran out.
 */
bool trace_assemble(struct trace_assembly *a, struct trace_page *page,
		    struct trace_sink *sink);
void trace_assembly_init(struct trace_assembly *a);
void trace_assembly_free(struct trace_assembly *a);

struct trace_cpu {
	int pipe;
	struct trace_page page;
};

struct trace {
	const struct tree *tree;
	char name[64];		/* instances/damon-PID */
	int dir;
	bool made;
	struct trace_layout layout;
	unsigned int nr_cpus;
	struct trace_cpu *cpus;
	u8 *spare;		/* page */
	struct trace_assembly assembly;
};

/* These return an exit status, having said what is wrong. */

/* buffer_bytes for each CPU, less if there are very many */
int trace_open(struct trace *trace, const struct tree *tree, u64 buffer_bytes);
/* Only the events of this kdamond.  May be called again for another one. */
int trace_enable(struct trace *trace, pid_t kdamond, bool tuning);
/* Delivers, by time, what has come until now; never waits. */
int trace_read(struct trace *trace, struct trace_sink *sink);
void trace_close(struct trace *trace);

#endif
