/* SPDX-License-Identifier: GPL-2.0 */
/* damon top: what it knows, and how it shows that. */
#ifndef DAMON_TOOL_TOP_H
#define DAMON_TOOL_TOP_H

#include <stdio.h>

#include "draw.h"
#include "monitor.h"
#include "snapshot.h"

#define TOP_COMMAND_LEN	256
#define TOP_HISTORY	160	/* snapshots of the map, one a refresh */

enum top_sort {
	TOP_BY_HEAT,
	TOP_BY_WORKING_SET,
	TOP_BY_RSS,
	TOP_BY_PID,
	TOP_BY_AGE,
	NR_TOP_SORTS,
};

enum top_view {
	TOP_PROCESSES,
	TOP_REGIONS,
	TOP_MAP,
	NR_TOP_VIEWS,
};

extern const char *const top_sort_names[];
extern const char *const top_view_names[];

/* Sums over the regions of one snapshot, in bytes. */
struct top_sums {
	double size;
	double working_set;	/* accessed at all */
	double heat;		/* times the share of samples with an access */
	double age;		/* times seconds */
	double level[NR_LEVELS];	/* by heat_level() */
};

struct top_target {
	pid_t pid;		/* 0: physical memory */
	char command[TOP_COMMAND_LEN];
	u64 rss;
	bool ended;
	struct snapshot snap;	/* the newest */
	struct top_sums sums;	/* of the snapshots since the last refresh, ... */
	unsigned int nr_sums;
	struct top_sums now;	/* ... and their mean, as it is shown */
};

struct top {
	/* by their index in the kernel */
	struct top_target *targets;
	unsigned int nr_targets;
	u64 sample_us, aggr_us;
	u64 ignore_ns;		/* snapshots before that may be of others */
	/* what is shown, as indices of targets, in order */
	unsigned int *rows;
	unsigned int nr_rows;
	unsigned int view, sort;
	bool paused, help, quit;
	pid_t selected;		/* process */
	unsigned int scroll;	/* first row of the regions */
	/* of the selected one, for the map */
	struct snapshot *history;
	unsigned int nr_history;
	/* costs, as shares of a CPU */
	double kdamond_cpu, own_cpu;
	pid_t kdamond;
	u64 period_us;
	u64 nr_lost_events;
	char note[80];		/* for a while */
};

/* All return false if there is no memory. */
bool top_set_targets(struct top *top, const struct tree *tree,
		     const pid_t *pids, unsigned int nr);
bool top_snapshot(struct top *top, const struct snapshot *snap);
/* The means since the last time, and the rows in order. */
bool top_refresh(struct top *top, const struct tree *tree);
void top_order(struct top *top);
void top_free(struct top *top);
struct top_target *top_selected(const struct top *top);
/* Selects the row so many further. */
void top_select(struct top *top, int distance);

/* A key of term_key(); may set quit, and change the period without limits. */
void top_press(struct top *top, int key);

void top_show(FILE *out, struct top *top, const struct text_style *style,
	      unsigned int columns, unsigned int lines);
void top_json(FILE *out, struct top *top);

#endif
