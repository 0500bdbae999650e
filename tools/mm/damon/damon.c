// SPDX-License-Identifier: GPL-2.0
/*
 * damon - see how memory is accessed
 */
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "options.h"
#include "version.h"

static const struct command *const commands[] = {
	&cmd_record,
	&cmd_heatmap,
	&cmd_regions,
};

static void print_help(void)
{
	size_t i;

	puts("Usage: damon COMMAND [OPTION...]\n"
	     "See how memory is accessed, with the kernel's DAMON.\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-10s%s\n", commands[i]->name, commands[i]->help);
	puts("\nFrom a question to a picture:\n"
	     "  damon record -d 30s -p PID\n"
	     "  damon heatmap\n"
	     "  damon regions\n\n"
	     "damon COMMAND --help tells more; damon --version tells the version.");
	print_exit_statuses();
}

int main(int argc, char **argv)
{
	static char prefix[32];
	size_t i;

	if (argc < 2) {
		print_help();
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help")) {
		print_help();
		return STATUS_DONE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("damon " DAMON_TOOL_VERSION);
		return STATUS_DONE;
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		int status;

		if (strcmp(argv[1], commands[i]->name))
			continue;
		snprintf(prefix, sizeof(prefix), "damon %s", argv[1]);
		fail_prefix = prefix;
		status = command_run(commands[i], argv + 1);
		if ((fflush(stdout) || ferror(stdout)) && !status)
			status = fail(STATUS_FAILED, "cannot write: %m");
		return status;
	}
	return fail(STATUS_USAGE, "no command '%s'; see damon --help", argv[1]);
}
