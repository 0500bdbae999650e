// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "fail.h"

const char *const exit_status_words[NR_STATUS] = {
	[STATUS_DONE]		= "done",
	[STATUS_USAGE]		= "wrong usage",
	[STATUS_FAILED]		= "failed",
	[STATUS_NO_DAMON]	= "kernel lacks DAMON",
	[STATUS_NOT_PERMITTED]	= "not permitted",
	[STATUS_BUSY]		= "kdamonds in use",
	[STATUS_NO_PROCESS]	= "no such process",
	[STATUS_BAD_FILE]	= "bad file",
};

const char *fail_prefix = "damon";
bool fail_quiet;
void (*before_message)(void);

static void say(const char *fmt, va_list ap)
{
	int error = errno;	/* for %m */

	if (fail_quiet)
		return;
	if (before_message)
		before_message();
	fflush(stdout);
	fprintf(stderr, "%s: ", fail_prefix);
	errno = error;
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

int fail(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return status;
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}
