/* SPDX-License-Identifier: GPL-2.0 */
/* Who has the kdamonds. */
#ifndef DAMON_TOOL_ADMIN_H
#define DAMON_TOOL_ADMIN_H

#include "tree.h"

#define NR_KDAMONDS	"kdamonds/nr_kdamonds"	/* below tree->admin */

/*
 * Only one damon at a time sets up kdamonds, from looking whether they are free
 * to giving them back: it locks the file that says so.  *lock is for close(),
 * and -1 if this fails.  Returns an exit status, having said what is wrong.
 */
int admin_lock(const struct tree *tree, int *lock);
/* Number of kdamonds that are set up. */
int admin_nr(const struct tree *tree, u64 *nr);
/*
 * Writes a command, such as "on", to the state file of a kdamond.  Waits if
 * another command is under way.  0 or -errno.
 */
int admin_command(const struct tree *tree, u64 kdamond, const char *command);
/* False if it is off, or not there. */
bool admin_runs(const struct tree *tree, u64 kdamond);
/*
 * Has the kernel write what came of the schemes of all kdamonds that run, and
 * intervals that it tuned, to their files.
 */
void admin_fetch(const struct tree *tree);
/* Names the module that keeps everybody else from starting, or NULL. */
const char *admin_module(const struct tree *tree);

#endif
