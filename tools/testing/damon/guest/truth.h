/* SPDX-License-Identifier: GPL-2.0 */
/* What was really touched, as a perfect monitor would tell it. */
#ifndef DAMON_GUEST_TRUTH_H
#define DAMON_GUEST_TRUTH_H

#include "snapshot.h"
#include "touch.h"

struct truth {
	struct snapshot_source source;
	u64 start, end;			/* of the mapping */
	u64 from_ns, until_ns;
	u64 nr_late;
	size_t nr;
	size_t capacity;
	struct touched *touched;	/* by address, once it is ready */
	u64 sample_us;			/* of the record to compare with */
	u64 now_ns;			/* how far the source was read */
};

void truth_init(struct truth *truth);
void truth_free(struct truth *truth);
/* False if there is no memory. */
bool truth_add(struct truth *truth, const struct touched *touched);
/* When all is added, and before the functions below. */
void truth_ready(struct truth *truth);
/* Instead of all that, from a file.  An exit status, having said what is wrong. */
int truth_load(struct truth *truth, const char *path);
/*
 * The regions of the mapping at time_ns, as a perfect monitor would see them
 * with samples of truth->sample_us: valid from snap->from_ns to snap->to_ns.
 */
bool truth_at(const struct truth *truth, u64 time_ns, struct snapshot *snap);

#endif
