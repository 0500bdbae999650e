/* SPDX-License-Identifier: GPL-2.0 */
/* How near what was recorded is to the truth. */
#ifndef DAMON_GUEST_COMPARE_H
#define DAMON_GUEST_COMPARE_H

#include "truth.h"

#define HOT_RATE	0.5

/* All areas are bytes times nanoseconds. */
struct score {
	double all;
	double error;		/* times the distance of the rates */
	double hot;		/* in truth */
	double recorded;	/* as hot */
	double both;
	u64 nr_snapshots;
	u64 nr_regions;
	u32 max_regions;
};

/*
 * The truth's own areas: what no snapshot says anything about counts as never
 * accessed.  False if there is no memory.
 */
bool score_truth(struct score *score, const struct truth *truth, u64 from_ns,
		 u64 to_ns);
/* What a snapshot changes about it, between the same times. */
bool score_snapshot(struct score *score, const struct truth *truth,
		    const struct snapshot *seen, u64 from_ns, u64 to_ns);
/* 1 if there was nothing hot, in truth and in what was recorded. */
double score_f1(const struct score *score);
/* Mean distance of the access rates. */
double score_error(const struct score *score);

#endif
