/* SPDX-License-Identifier: GPL-2.0 */
/* How much memory has been idle for how long: the question, and its answer. */
#ifndef DAMON_TOOL_QUERY_H
#define DAMON_TOOL_QUERY_H

#include "options.h"
#include "tree.h"

enum query_by {
	BY_TOTAL,
	BY_PROCESS,
	BY_CGROUP,
};

#define QUERY_MAX_AGES	16
#define QUERY_MAX_ROWS	32

struct query_row {
	pid_t pid;		/* of a process */
	char *name;		/* its command, or path of a cgroup */
	u64 resident;		/* as /proc or the cgroup has it, for the order */
	u64 all;		/* bytes that were looked at */
	u64 idle[QUERY_MAX_AGES];
};

struct query {
	enum query_by by;
	unsigned int nr_ages;
	u64 age_us[QUERY_MAX_AGES];	/* ascending */
	u64 wait_us;		/* not longer than so; 0: as long as it takes */
	u64 sample_us;		/* 0: what fits the ages */
	u64 aggr_us;
	unsigned int nr_rows;
	struct query_row row[QUERY_MAX_ROWS];
	u64 observed_us;	/* ages above are known only to be at most that */
};

/* These return an exit status, having said what is wrong. */

/* Those asked for, or else the largest. */
int query_find_rows(struct query *q, const struct tree *tree,
		    const struct number_list *pids,
		    const struct text_list *cgroups);
/* Fills in what is known of the rows.  Waits. */
int query_run(struct query *q, const struct tree *tree);
void query_free(struct query *q);

#endif
