// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "options.h"
#include "units.h"

#define HELP_COLUMN	26
#define HELP_WIDTH	79

void print_exit_statuses(void)
{
	int column = printf("Exit status:");
	int i;

	for (i = 0; i < NR_STATUS; i++) {
		int len = strlen(exit_status_words[i]) + 4;

		if (column + len > HELP_WIDTH)
			column = printf("\n ") - 1;
		column += printf(" %d %s%s", i, exit_status_words[i],
				 i == NR_STATUS - 1 ? "" : ",");
	}
	putchar('\n');
}

void command_help(const struct command *cmd)
{
	const struct option_row *row;

	printf("Usage: %s %s\n%c%s.\n\n", fail_prefix, cmd->synopsis,
	       toupper(cmd->help[0]), cmd->help + 1);
	for (row = cmd->options; row->name; row++) {
		int column = row->letter ? printf("  -%c, ", row->letter) :
					   printf("      ");

		column += printf("--%s", row->name);
		if (row->value)
			column += printf(" %s", row->value);
		printf("%*s%s\n", column < HELP_COLUMN ?
		       HELP_COLUMN - column : 1, "", row->help);
	}
	printf("Examples:\n%s", cmd->examples);
	print_exit_statuses();
}

static const struct option_row *find_long(const struct command *cmd,
					  const char *name, size_t len)
{
	const struct option_row *row;

	for (row = cmd->options; row->name; row++) {
		if (strlen(row->name) == len && !memcmp(row->name, name, len))
			return row;
	}
	return NULL;
}

static const struct option_row *find_short(const struct command *cmd,
					   char letter)
{
	const struct option_row *row;

	for (row = cmd->options; row->name; row++) {
		if (row->letter && row->letter == letter)
			return row;
	}
	return NULL;
}

static bool find_choice(const char *const *choices, const char *value,
			unsigned int *index)
{
	for (*index = 0; choices[*index]; (*index)++) {
		if (!strcmp(choices[*index], value))
			return true;
	}
	return false;
}

static int set_ranges(const struct option_row *row, struct range_list *list,
		      const char *value)
{
	u64 start, end;

	if (!parse_range(value, &start, &end))
		return fail(STATUS_USAGE,
			    "--%s: '%s' is no range (0xSTART-0xEND)",
			    row->name, value);
	if (list->nr == MAX_RANGES)
		return fail(STATUS_USAGE, "--%s: more than %d ranges",
			    row->name, MAX_RANGES);
	if (list->nr && list->range[list->nr - 1].end > start)
		return fail(STATUS_USAGE,
			    "--%s: ranges overlap or are not in order",
			    row->name);
	list->range[list->nr].start = start;
	list->range[list->nr].end = end;
	list->nr++;
	return 0;
}

static int set_number(const struct option_row *row, u64 *member,
		      const char *value)
{
	static const struct {
		bool (*parse)(const char *text, u64 *val);
		const char *kind;
	} kinds[NR_OPTION_TYPES] = {
		[OPT_NUMBER] = { parse_u64, "number" },
		[OPT_TIME] = { parse_time_us, "time (such as 5ms, 10s or 2m)" },
		[OPT_SIZE] = { parse_size, "size (such as 64K or 2M)" },
	};
	u64 number;

	if (!kinds[row->type].parse(value, &number))
		return fail(STATUS_USAGE, "--%s: '%s' is no %s", row->name,
			    value, kinds[row->type].kind);
	if (number < row->min || (row->max && number > row->max))
		return fail(STATUS_USAGE, "--%s: '%s' is too %s", row->name,
			    value, number < row->min ? "small" : "large");
	*member = number;
	return 0;
}

static int set_option(const struct option_row *row, void *config,
		      const char *value)
{
	void *member = (char *)config + (size_t)row->at.any;

	switch (row->type) {
	case OPT_FLAG:
		*(bool *)member = true;
		return 0;
	case OPT_TEXT:
		*(const char **)member = value;
		return 0;
	case OPT_CHOICE:
		if (find_choice(row->choices, value, member))
			return 0;
		return fail(STATUS_USAGE, "--%s: '%s' is not known; it says %s",
			    row->name, value, row->help);
	case OPT_RANGES:
		return set_ranges(row, member, value);
	default:
		return set_number(row, member, value);
	}
}

/*
 * Takes one option, with its value, from the words at *argv.  Leaves *argv at
 * the last word used.
 */
static int parse_option(const struct command *cmd, char ***argv, void *config)
{
	const char *word = **argv, *value = NULL;
	const struct option_row *row;

	if (word[1] == '-') {
		const char *name = word + 2;
		size_t len = strcspn(name, "=");

		row = find_long(cmd, name, len);
		if (name[len])
			value = name + len + 1;
	} else {
		row = find_short(cmd, word[1]);
		if (word[2])
			value = word + 2;
	}
	if (!row)
		return fail(STATUS_USAGE,
			    "no option '%s'; see %s --help", word,
			    fail_prefix);
	if (row->type == OPT_FLAG) {
		if (value)
			return fail(STATUS_USAGE, "--%s takes no value",
				    row->name);
	} else if (!value) {
		value = *++*argv;
		if (!value)
			return fail(STATUS_USAGE, "--%s needs a value: %s",
				    row->name, row->value);
	}
	return set_option(row, config, value);
}

int command_run(const struct command *cmd, char **argv)
{
	unsigned int nr_args = 0;
	char **args = argv;
	void *config;
	int status = 0;

	config = malloc(cmd->config_size);
	if (!config)
		return fail(STATUS_FAILED, "out of memory");
	memcpy(config, cmd->defaults, cmd->config_size);

	/* words that are no options are moved to the front of argv */
	while (*++argv) {
		const char *word = *argv;

		if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
			command_help(cmd);
			goto out;
		}
		if (!strcmp(word, "--")) {
			for (argv++; *argv; nr_args++)
				args[nr_args] = *argv++;
			if (!cmd->takes_command && nr_args > cmd->max_args)
				status = fail(STATUS_USAGE, "too many words");
			break;
		}
		if (word[0] == '-' && word[1]) {
			status = parse_option(cmd, &argv, config);
		} else if (nr_args == cmd->max_args) {
			status = fail(STATUS_USAGE,
				      "'%s' is not expected here; see %s --help",
				      word, fail_prefix);
		} else {
			args[nr_args++] = *argv;
		}
		if (status)
			goto out;
	}
	args[nr_args] = NULL;
	if (!status)
		status = cmd->run(config, args);
out:
	free(config);
	return status;
}
