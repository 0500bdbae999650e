/* SPDX-License-Identifier: GPL-2.0 */
/* What one target looked like during one aggregation interval. */
#ifndef DAMON_TOOL_SNAPSHOT_H
#define DAMON_TOOL_SNAPSHOT_H

#include "types.h"

struct region {
	u64 start;		/* bytes */
	u64 end;		/* exclusive */
	u32 nr_accesses;
	u32 age;		/* aggregation intervals */
};

struct snapshot {
	u64 from_ns;		/* CLOCK_MONOTONIC; the counts cover from..to */
	u64 to_ns;
	u64 target;
	u64 aggr_ns;		/* unit of the ages; 0: to_ns - from_ns */
	u32 max_accesses;	/* nr_accesses of memory seen at every sample */
	u32 nr_regions;
	u32 capacity;
	struct region *regions;	/* by address, not overlapping */
};

/* A sequence that can be read several times. */
struct snapshot_source {
	/* false at the end */
	bool (*next)(struct snapshot_source *src, struct snapshot *snap);
	void (*rewind)(struct snapshot_source *src);
};

/* Makes room for nr regions in all; false if there is no memory. */
bool snapshot_reserve(struct snapshot *snap, u32 nr);
void snapshot_free(struct snapshot *snap);
/* How long a region has had its rate. */
u64 snapshot_age_ns(const struct snapshot *snap, const struct region *r);
/* 0..1 */
double snapshot_rate(const struct snapshot *snap, const struct region *r);

#endif
