/* SPDX-License-Identifier: GPL-2.0 */
/* Which processes there are, how large they are, and where memory is. */
#ifndef DAMON_TOOL_PROCESS_H
#define DAMON_TOOL_PROCESS_H

#include <sys/types.h>

#include "options.h"
#include "tree.h"

struct process {
	pid_t pid;
	u64 rss;		/* bytes */
};

struct process_list {
	unsigned int nr, capacity;
	struct process *process;
};

/* Fail with errno ENOMEM only. */
bool process_add(struct process_list *list, pid_t pid, u64 rss);
void process_list_free(struct process_list *list);

/* Resident memory; 0 also if there is no such process. */
u64 process_rss(const struct tree *tree, pid_t pid);
/*
 * All that have memory of their own, the largest first, but not ourselves.
 * Returns an exit status, having said what is wrong.
 */
int process_find(const struct tree *tree, struct process_list *list);
/*
 * Those in a cgroup and in the ones below it, in no order.  The path is the
 * cgroup's own ("/system.slice"), or begins with where cgroups are mounted.
 */
int process_find_cgroup(const struct tree *tree, const char *path,
			struct process_list *list);
/* System RAM, of /proc/iomem. */
int process_find_ram(const struct tree *tree, struct range_list *ranges);

#endif
