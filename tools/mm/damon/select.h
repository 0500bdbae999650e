/* SPDX-License-Identifier: GPL-2.0 */
/* The snapshots that were asked for: of one target, some addresses, some time. */
#ifndef DAMON_TOOL_SELECT_H
#define DAMON_TOOL_SELECT_H

#include "snapshot.h"

struct space_options {
	u64 target;
	u64 start, end;		/* only these addresses; end 0: all */
	u64 from_us, until_us;	/* after the first snapshot began; until 0: all */
	bool everything;	/* also large parts that were never accessed */
};

struct selection {
	struct snapshot_source source;
	struct snapshot_source *from;
	const struct space_options *options;
	bool begun;		/* saw a snapshot of the target */
	u64 first_ns;		/* where its first one begins */
	u64 from_ns, until_ns;	/* what was asked for, once begun */
};

/*
 * A source of what options select of from, both of which it keeps using.
 * Regions are cut to the addresses; snapshots are not cut to the times, but
 * each of them has a part of its interval there.
 */
void selection_init(struct selection *sel, struct snapshot_source *from,
		    const struct space_options *options);
/* The nanoseconds of a snapshot that are within the times. */
u64 selection_ns(const struct selection *sel, const struct snapshot *snap);

#endif
