/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Command line options as tables.
 *
 * An option is one row that binds a name to a member of the command's config
 * struct; the row says all there is to know, so that parsing, --help and later
 * the manual page come from the same place.  A member of the wrong type does
 * not compile.
 */
#ifndef DAMON_TOOL_OPTIONS_H
#define DAMON_TOOL_OPTIONS_H

#include "types.h"

#define MAX_RANGES	32
#define MAX_LIST	64

struct text_list {
	unsigned int nr;
	const char *text[MAX_LIST];
};

struct number_list {
	unsigned int nr;
	u64 val[MAX_LIST];
};

struct range_list {
	unsigned int nr;
	struct {
		u64 start;
		u64 end;
	} range[MAX_RANGES];
};

enum option_type {
	OPT_FLAG,	/* bool, takes no value */
	OPT_TEXT,	/* const char * */
	OPT_NUMBER,	/* u64 */
	OPT_TIME,	/* u64, microseconds; the value needs a unit */
	OPT_SIZE,	/* u64, bytes */
	OPT_CHOICE,	/* unsigned int, index of .choices */
	OPT_RANGES,	/* struct range_list, may be given several times */
	OPT_TEXTS,	/* struct text_list, may be given several times */
	/* struct number_list, separated by commas, may be given several times */
	OPT_NUMBERS,
	OPT_TIMES,
	OPT_SIZES,
	NR_OPTION_TYPES,
};

/* Where in the config an option's member is, as a pointer into one at 0. */
union option_member {
	bool *OPT_FLAG;
	const char **OPT_TEXT;
	u64 *OPT_NUMBER;
	u64 *OPT_TIME;
	u64 *OPT_SIZE;
	unsigned int *OPT_CHOICE;
	struct range_list *OPT_RANGES;
	struct text_list *OPT_TEXTS;
	struct number_list *OPT_NUMBERS;
	struct number_list *OPT_TIMES;
	struct number_list *OPT_SIZES;
	void *any;
};

struct option_row {
	const char *name;	/* long name without the dashes */
	const char *help;
	/* name of the value in --help; FILE, DIR and PID are completed as such */
	const char *value;
	const char *const *choices;
	union option_member at;
	enum option_type type;
	char letter;		/* short name or 0 */
	bool manual_only;	/* too rare for the one screen of --help */
	u64 min, max;		/* accepted numbers, max 0: any */
};

#define MEMBER_AT(st, member)	(&(*(__typeof__(st) *)0).member)

#define DEFINE_OPTION(_name, _type, _struct, _member, _help, ...)	\
	{								\
		.name = _name, .type = OPT_##_type, .help = _help,	\
		.at.OPT_##_type = MEMBER_AT(_struct, _member),	\
		__VA_ARGS__						\
	}
#define END_OF_OPTIONS	{ .name = NULL }

struct command {
	const char *name;
	/* what follows the name in the usage line; FILE and PID are completed */
	const char *synopsis;
	const char *help;	/* one line */
	const char *examples;	/* whole lines */
	/* more for the manual page: paragraphs separated by empty lines, or NULL */
	const char *manual;
	/* if not NULL, the first word, where there is one, is one of these */
	const char *const *words;
	bool other_words;	/* or something else, such as a file */
	const struct option_row *options;
	const void *defaults;	/* initial config */
	size_t config_size;
	unsigned int max_args;	/* words besides the options */
	bool takes_command;	/* everything after "--" belongs to it */
	int (*run)(const void *config, char **args);
};

extern const struct command cmd_top, cmd_record, cmd_report, cmd_diff,
	cmd_convert, cmd_query, cmd_start, cmd_status, cmd_tune, cmd_stop,
	cmd_module, cmd_export;

/* In the order of the help. */
extern const struct command *const commands[];
extern const unsigned int nr_commands;

/* Parses argv (argv[0] is the command's name), runs the command. */
int command_run(const struct command *cmd, char **argv);
void command_help(const struct command *cmd);
void print_exit_statuses(void);

#endif
