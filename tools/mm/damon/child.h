/* SPDX-License-Identifier: GPL-2.0 */
/* A command that is monitored from its first instruction on. */
#ifndef DAMON_TOOL_CHILD_H
#define DAMON_TOOL_CHILD_H

#include <signal.h>
#include <sys/types.h>

#include "types.h"

struct child {
	pid_t pid;		/* 0: there is none */
	bool released;
	bool ended;
};

/*
 * Starts it, up to right before its first instruction.  unblock: the signals
 * that it shall not have blocked.  Returns an exit status, having said what is
 * wrong.
 */
int child_start(struct child *child, char **command, const sigset_t *unblock);
void child_release(struct child *child);
bool child_has_ended(struct child *child);
/* It does not outlive us, and did nothing if it was not released. */
void child_end(struct child *child);

#endif
