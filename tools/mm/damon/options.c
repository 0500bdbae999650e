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
	bool more = false;

	printf("Usage: %s %s\n%c%s.\n\n", fail_prefix, cmd->synopsis,
	       toupper(cmd->help[0]), cmd->help + 1);
	for (row = cmd->options; row->name; row++) {
		int column;

		if (row->manual_only) {
			more = true;
			continue;
		}
		column = row->letter ? printf("  -%c, ", row->letter) :
				       printf("      ");
		column += printf("--%s", row->name);
		if (row->value)
			column += printf(" %s", row->value);
		printf("%*s%s\n", column < HELP_COLUMN ?
		       HELP_COLUMN - column : 1, "", row->help);
	}
	if (more)
		puts("  (man damon has more options)");
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
		[OPT_NUMBERS] = { parse_u64, "number" },
		[OPT_TIMES] = { parse_time_us, "time (such as 5ms, 10s or 2m)" },
		[OPT_SIZES] = { parse_size, "size (such as 64K or 2M)" },
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

static int add_text(const struct option_row *row, struct text_list *list,
		    const char *value)
{
	if (list->nr == MAX_LIST)
		return fail(STATUS_USAGE, "--%s: given more than %d times",
			    row->name, MAX_LIST);
	list->text[list->nr++] = value;
	return 0;
}

static int add_numbers(const struct option_row *row, struct number_list *list,
		       const char *value)
{
	char one[UNIT_LEN];
	int status;

	while (true) {
		size_t len = strcspn(value, ",");

		if (len >= sizeof(one))
			return fail(STATUS_USAGE, "--%s: '%s' is too long",
				    row->name, value);
		if (list->nr == MAX_LIST)
			return fail(STATUS_USAGE, "--%s: more than %d of them",
				    row->name, MAX_LIST);
		memcpy(one, value, len);
		one[len] = '\0';
		status = set_number(row, &list->val[list->nr], one);
		if (status)
			return status;
		list->nr++;
		if (!value[len])
			return 0;
		value += len + 1;
	}
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
	case OPT_TEXTS:
		return add_text(row, member, value);
	case OPT_NUMBERS:
	case OPT_TIMES:
	case OPT_SIZES:
		return add_numbers(row, member, value);
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
	int status;

	if (word[1] == '-') {
		const char *name = word + 2;
		size_t len = strcspn(name, "=");

		row = find_long(cmd, name, len);
		if (name[len])
			value = name + len + 1;
	} else {
		/* several flags may share a dash */
		for (word++; word[1]; word++) {
			row = find_short(cmd, word[0]);
			if (!row || row->type != OPT_FLAG)
				break;
			status = set_option(row, config, NULL);
			if (status)
				return status;
		}
		row = find_short(cmd, word[0]);
		if (word[1])
			value = word + 1;
	}
	if (!row)
		return fail(STATUS_USAGE,
			    "no option '%s'; see %s --help", **argv,
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

static int check_word(const struct command *cmd, const char *word)
{
	unsigned int index;

	if (find_choice(cmd->words, word, &index))
		return 0;
	return fail(STATUS_USAGE, "'%s' is not expected here; see %s --help",
		    word, fail_prefix);
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
	if (!status && cmd->words && !cmd->other_words && nr_args)
		status = check_word(cmd, args[0]);
	if (!status)
		status = cmd->run(config, args);
out:
	free(config);
	return status;
}
