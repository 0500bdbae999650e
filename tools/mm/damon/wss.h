/* SPDX-License-Identifier: GPL-2.0 */
/* Working sets: how many bytes were accessed, snapshot by snapshot. */
#ifndef DAMON_TOOL_WSS_H
#define DAMON_TOOL_WSS_H

#include "select.h"

#define WSS_NOT_MONITORED	(-1.0)

struct wss {
	u64 nr, capacity;
	struct wss_entry {
		u64 from_ns;
		u64 to_ns;
		u64 bytes;
	} *entry;		/* by time */
	u64 *sorted;		/* the bytes, by size */
	double mean;		/* over time */
};

/*
 * Counts regions accessed in at least this share of the samples, or at all if
 * it is 0.  False if there is no memory.
 */
bool wss_collect(struct wss *wss, struct selection *sel, double min_rate);
void wss_free(struct wss *wss);
/* So many per cent of the snapshots have no more; wss must not be empty. */
u64 wss_percentile(const struct wss *wss, unsigned int percent);
/*
 * The mean over each of nr equal pieces of a time, WSS_NOT_MONITORED where
 * there is no snapshot.
 */
void wss_curve(const struct wss *wss, u64 from_ns, u64 to_ns, double *column,
	       unsigned int nr);

#endif
