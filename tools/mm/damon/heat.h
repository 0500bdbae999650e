/* SPDX-License-Identifier: GPL-2.0 */
/* A heat map: how often each piece of a space was accessed, time by time. */
#ifndef DAMON_TOOL_HEAT_H
#define DAMON_TOOL_HEAT_H

#include "space.h"

#define HEAT_MAX_ROWS		4096
#define HEAT_MAX_COLUMNS	4096
#define HEAT_NOT_MONITORED	(-1.0)

struct heatmap {
	const struct space *space;
	unsigned int nr_rows;		/* low addresses first */
	unsigned int nr_columns;
	/* the parts of the space have rows of their own */
	unsigned int first_row[SPACE_MAX_PARTS + 1];
	double *heat;			/* bytes times ns times rate */
	double *weight;			/* bytes times ns */
};

/*
 * Every part gets rows by its size, in multiples of row_unit and at least one
 * of them.  False if there is no memory.
 */
bool heat_init(struct heatmap *map, const struct space *space,
	       unsigned int nr_rows, unsigned int row_unit,
	       unsigned int nr_columns);
void heat_free(struct heatmap *map);
void heat_fill(struct heatmap *map, struct snapshot_source *src, u64 target);

/*
 * The rate of a cell, 0..1: the mean over its bytes and its time, of what was
 * monitored of them.  HEAT_NOT_MONITORED if nothing was.
 */
double heat_rate(const struct heatmap *map, unsigned int row,
		 unsigned int column);
double heat_max(const struct heatmap *map);
unsigned int heat_part(const struct heatmap *map, unsigned int row);
/* Where a row begins; also valid for the end of a part's last row. */
u64 heat_address(const struct heatmap *map, unsigned int part,
		 unsigned int row);
u64 heat_time_ns(const struct heatmap *map, unsigned int column);

#endif
