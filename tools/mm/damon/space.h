/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which addresses a picture shows.
 *
 * An address space is nearly empty, and most of what a process reserved it
 * never uses.  A space is the sorted list of the parts worth showing; what lies
 * between two parts is left out.
 */
#ifndef DAMON_TOOL_SPACE_H
#define DAMON_TOOL_SPACE_H

#include "select.h"

#define SPACE_MAX_PARTS	8

struct space {
	unsigned int nr_parts;
	struct {
		u64 start;
		u64 end;
	} part[SPACE_MAX_PARTS];
	u64 from_ns;		/* of the snapshots that were looked at */
	u64 to_ns;
	u64 nr_snapshots;
};

/*
 * Looks through src for what to show.  True if there is anything, false if
 * not or if memory ran out (errno is ENOMEM then, 0 otherwise).
 */
bool space_find(struct space *space, struct snapshot_source *src,
		const struct space_options *options);
u64 space_size(const struct space *space);

#endif
