/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exit status and messages.  A function that fails says why, once, where it
 * knows most, and returns one of these; its callers only clean up and pass
 * the status on.
 */
#ifndef DAMON_TOOL_FAIL_H
#define DAMON_TOOL_FAIL_H

#include "types.h"

enum exit_status {
	STATUS_DONE,
	STATUS_USAGE,
	STATUS_FAILED,
	STATUS_NO_DAMON,
	STATUS_NOT_PERMITTED,
	STATUS_BUSY,
	STATUS_NO_PROCESS,
	STATUS_BAD_FILE,
	NR_STATUS,
};

/* one line on each, for --help */
extern const char *const exit_status_words[NR_STATUS];

/* the words before each message, for example "damon record" */
extern const char *fail_prefix;
/* no messages at all, for tests that provoke many */
extern bool fail_quiet;
/* called before each message, to make it visible, or NULL */
extern void (*before_message)(void);

int fail(int status, const char *fmt, ...) __printf(2, 3);
void warn(const char *fmt, ...) __printf(1, 2);

#endif
