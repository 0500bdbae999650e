// SPDX-License-Identifier: GPL-2.0
/*
 * damon - see how memory is accessed
 */
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "generate.h"
#include "options.h"
#include "version.h"

const struct command *const commands[] = {
	&cmd_top,
	&cmd_record,
	&cmd_report,
	&cmd_diff,
	&cmd_convert,
	&cmd_query,
	&cmd_start,
	&cmd_status,
	&cmd_tune,
	&cmd_stop,
	&cmd_module,
	&cmd_export,
};

const unsigned int nr_commands = ARRAY_SIZE(commands);

static void print_help(void)
{
	unsigned int i;

	puts("Usage: damon COMMAND [OPTION...]\n"
	     "See how memory is accessed, with the kernel's DAMON.\n");
	for (i = 0; i < nr_commands; i++)
		printf("  %-10s%s\n", commands[i]->name, commands[i]->help);
	puts("\nFrom a question to a picture:\n"
	     "  damon record -d 30s -p PID\n"
	     "  damon report\n"
	     "  damon report --html page.html\n\n"
	     "damon help COMMAND tells more; damon --version tells the version.");
	print_exit_statuses();
}

/* Messages begin with its name from here on. */
static const struct command *find_command(const char *name)
{
	static char prefix[32];
	unsigned int i;

	for (i = 0; i < nr_commands; i++) {
		if (strcmp(name, commands[i]->name))
			continue;
		snprintf(prefix, sizeof(prefix), "damon %s", name);
		fail_prefix = prefix;
		return commands[i];
	}
	fail(STATUS_USAGE, "no command '%s'; see damon --help", name);
	return NULL;
}

/* What is no command; the last two are for those who install the tool. */
static bool run_word(char **argv, int *status)
{
	const struct command *cmd;

	*status = STATUS_DONE;
	if (!strcmp(argv[1], "help") && argv[2]) {
		cmd = find_command(argv[2]);
		if (cmd)
			command_help(cmd);
		else
			*status = STATUS_USAGE;
	} else if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
		   !strcmp(argv[1], "help")) {
		print_help();
	} else if (!strcmp(argv[1], "--version")) {
		puts("damon " DAMON_TOOL_VERSION);
	} else if (!strcmp(argv[1], "--man")) {
		print_manual();
	} else if (!strcmp(argv[1], "--completion") && argv[2]) {
		if (!print_completion(argv[2]))
			*status = fail(STATUS_USAGE,
				       "--completion bash, zsh or fish");
	} else {
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	const struct command *cmd;
	int status;

	if (argc < 2) {
		print_help();
		return STATUS_USAGE;
	}
	if (!run_word(argv, &status)) {
		cmd = find_command(argv[1]);
		status = cmd ? command_run(cmd, argv + 1) : STATUS_USAGE;
	}
	if ((fflush(stdout) || ferror(stdout)) && !status)
		status = fail(STATUS_FAILED, "cannot write: %m");
	return status;
}
