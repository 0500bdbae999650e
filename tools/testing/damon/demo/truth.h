/* SPDX-License-Identifier: GPL-2.0 */
/* What the workload says that it did. */
#ifndef DEMO_TRUTH_H
#define DEMO_TRUTH_H

#include "snapshot.h"

struct touched {
	u64 from_ns, until_ns;
	u64 start, end;
	u64 period_us;
};

struct truth {
	struct snapshot_source source;
	u64 start, end;			/* the workload's mapping */
	u64 from_ns, until_ns;
	u64 nr_late;
	size_t nr;
	size_t capacity;
	struct touched *touched;	/* by address */
	u64 sample_us;			/* of the record to compare with */
	u64 now_ns;			/* how far the source was read */
};

/* An exit status, having said what is wrong. */
int truth_load(struct truth *truth, const char *path);
void truth_free(struct truth *truth);
/*
 * The regions of the mapping at time_ns, as a perfect monitor would see them
 * with samples of truth->sample_us: valid from snap->from_ns to snap->to_ns.
 */
bool truth_at(const struct truth *truth, u64 time_ns, struct snapshot *snap);

#endif
