/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that touches the kernel's files: sysfs, tracefs and proc,
 * all below a root directory that is "/" but for tests.
 */
#ifndef DAMON_TOOL_TREE_H
#define DAMON_TOOL_TREE_H

#include <sys/types.h>

#include "types.h"

struct tree {
	bool is_real;	/* root is "/" */
	int root;	/* directories, open for the *at() functions */
	int admin;	/* sys/kernel/mm/damon/admin */
	int tracing;	/* of tracefs, or -1 */
};

/* Opens root alone, for what needs no kdamonds. */
int tree_open_root(struct tree *tree, const char *root);
/* Opens root and admin.  Returns an exit status, having said what is wrong. */
int tree_open(struct tree *tree, const char *root);
/*
 * Opens tracefs where it usually is.  If nobody mounted it, makes a mount of
 * our own that has no place in the file system and ends with us.
 */
int tree_open_tracing(struct tree *tree);
void tree_close(struct tree *tree);

/* Whole files; paths are relative to dir.  These return 0 or -errno. */
int tree_write(int dir, const char *path, const char *fmt, ...) __printf(3, 4);
/* The last newline is dropped. */
int tree_read(int dir, const char *path, char *buf, size_t len);
int tree_read_u64(int dir, const char *path, u64 *val);

/* An exit status for -errno of the functions above, said as a message. */
int tree_fail(int error, const char *doing, const char *path);

/* True as long as there is a process that did not exit. */
bool tree_process_alive(const struct tree *tree, pid_t pid);
/* Command line, or name if there is none; "" if there is no process. */
void tree_process_command(const struct tree *tree, pid_t pid, char *buf,
			  size_t len);
/* CPU time, or 0 if it is not known. */
u64 tree_process_cpu_ns(const struct tree *tree, pid_t pid);

#endif
