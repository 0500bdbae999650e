/* SPDX-License-Identifier: GPL-2.0 */
/* What is different between two records. */
#ifndef DAMON_TOOL_DIFF_H
#define DAMON_TOOL_DIFF_H

#include "histogram.h"
#include "report.h"
#include "wss.h"

#define DIFF_ROWS	256	/* that addresses are compared in */
#define MIN_COMMON	.5	/* of the addresses, to be comparable */
#define MIN_CHANGE	.1	/* of the rate */
#define MAX_MIX		.2	/* difference of rates within a change */

enum side { SIDE_A, SIDE_B, NR_SIDES };

/* Addresses that all became hotter, or colder, about as much. */
struct change {
	u64 start;
	u64 end;
	double rate[NR_SIDES];
};

struct diff {
	struct report report[NR_SIDES];
	struct wss wss[NR_SIDES];
	struct histogram histogram[NR_SIDES];
	double common;		/* share of addresses that both have */
	struct space space;	/* of both, if common is enough */
	unsigned int nr_changes;
	struct change change[DIFF_ROWS];	/* by address */
};

/* The reports are prepared.  False if there is no memory. */
bool diff_fill(struct diff *diff);
void diff_free(struct diff *diff);
bool diff_is_comparable(const struct diff *diff);
/* Heat maps of both over the same addresses; to be freed also on failure. */
bool diff_heatmaps(struct diff *diff, struct heatmap map[NR_SIDES],
		   struct space space[NR_SIDES], unsigned int nr_rows,
		   unsigned int row_unit, unsigned int nr_columns);

/* On stdout; these return an exit status. */
int diff_put_text(struct diff *diff);
void diff_put_json(const struct diff *diff);
/* Both heat maps, as text or into a file; only of what is comparable. */
int diff_put_picture(struct diff *diff, const char *svg);

#endif
