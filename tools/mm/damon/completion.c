// SPDX-License-Identifier: GPL-2.0
/* Completion for shells, from the tables that --help is from. */
#include <stdio.h>
#include <string.h>

#include "generate.h"
#include "module.h"
#include "options.h"
#include "units.h"

enum value_kind {
	VALUE_NONE,		/* the option is a flag */
	VALUE_CHOICE,
	VALUE_FILE,
	VALUE_DIR,
	VALUE_PID,
	VALUE_OTHER,
	NR_VALUE_KINDS,
};

static bool names(const char *text, const char *what)
{
	return text && strstr(text, what);
}

/* By the names that help and manual show. */
static enum value_kind kind_of(const char *text)
{
	return names(text, "FILE") ? VALUE_FILE :
		names(text, "DIR") ? VALUE_DIR :
		names(text, "PID") ? VALUE_PID : VALUE_OTHER;
}

static enum value_kind value_kind(const struct option_row *row)
{
	return row->type == OPT_FLAG ? VALUE_NONE :
		row->choices ? VALUE_CHOICE : kind_of(row->value);
}

static enum value_kind word_kind(const struct command *cmd)
{
	enum value_kind kind = kind_of(cmd->synopsis);

	/* that is its --pid */
	return kind == VALUE_PID && cmd->takes_command ? VALUE_OTHER : kind;
}

static void put_list(const char *const *words)
{
	const char *const *word;

	for (word = words; *word; word++)
		printf("%s%s", word == words ? "" : " ", *word);
}

/* The words after the first, for the one command that has such. */
static void put_params(const struct module *module)
{
	const struct param *param;

	for (param = module->params; param->name; param++)
		printf("%s%s ", param->name, param->is_output ? "" : "=");
	fputs("on off", stdout);
}

/* bash */

static const char bash_begin[] =
	"# bash completion for damon, made by damon --completion bash\n\n"
	"_damon_words() { COMPREPLY=($(compgen -W \"$1\" -- \"$cur\")); }\n"
	"_damon_any() { mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\"); }\n"
	"_damon_files() { compopt -o filenames 2> /dev/null; _damon_any \"${1:--f}\"; }\n"
	"_damon_pids()\n{\n"
	"\tlocal pids=(/proc/[0-9]*)\n\n"
	"\t_damon_words \"${pids[*]##*/}\"\n}\n"
	"# PARAM= is followed by a value, not by a blank\n"
	"_damon_params()\n{\n"
	"\t_damon_words \"$1\"\n"
	"\t[[ ${COMPREPLY-} != *= ]] || compopt -o nospace 2> /dev/null\n}\n";

static const char bash_end[] =
	"_damon()\n{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal command=${COMP_WORDS[1]} first='' nr=0 dashes='' words=() i\n\n"
	"\tCOMPREPLY=()\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\t_damon_words \"$_damon_commands help --help --version\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	"\t\tcase ${COMP_WORDS[i]} in\n"
	"\t\t--)\n\t\t\tdashes=1 nr=0 ;;\n"
	"\t\t-*)\n"
	"\t\t\tif [[ ! $dashes ]] && _damon_value \"$command,${COMP_WORDS[i]}\"; then\n"
	"\t\t\t\t[[ ${COMP_WORDS[i + 1]} != = ]] || ((i++))\n"
	"\t\t\t\t((i++))\n"
	"\t\t\tfi ;;\n"
	"\t\t*)\n\t\t\t((nr++)) || first=${COMP_WORDS[i]} ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tCOMPREPLY=()\n"
	"\t# --option=value is three words\n"
	"\tif [[ $cur = = || $prev = = ]]; then\n"
	"\t\t[[ $cur != = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]} || cur=''\n"
	"\t\t_damon_value \"$command,$prev\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\t[[ ! $dashes ]] && _damon_value \"$command,$prev\" && return\n"
	"\t_damon_word\n"
	"}\n"
	"complete -F _damon damon\n";

static const char *const bash_kinds[NR_VALUE_KINDS] = {
	[VALUE_FILE] = "_damon_files",
	[VALUE_DIR] = "_damon_files -d",
	[VALUE_PID] = "_damon_pids",
	[VALUE_OTHER] = ":",
};

static void bash_values(const struct command *cmd)
{
	const struct option_row *row;

	for (row = cmd->options; row->name; row++) {
		enum value_kind kind = value_kind(row);

		if (kind == VALUE_NONE)
			continue;
		printf("\t%s,--%s", cmd->name, row->name);
		if (row->letter)
			printf(" | %s,-%c", cmd->name, row->letter);
		fputs(")\n\t\t", stdout);
		if (kind == VALUE_CHOICE) {
			fputs("_damon_words '", stdout);
			put_list(row->choices);
			fputs("'", stdout);
		} else {
			fputs(bash_kinds[kind], stdout);
		}
		fputs(" ;;\n", stdout);
	}
}

static void bash_words(const struct command *cmd)
{
	const struct option_row *row;
	size_t i;

	printf("\t%s)\n", cmd->name);
	if (cmd->takes_command)
		fputs("\t\tif [[ $dashes ]]; then\n"
		      "\t\t\t((nr)) && _damon_files || _damon_any -c\n"
		      "\t\t\treturn\n\t\tfi\n", stdout);
	printf("\t\tif [[ $cur = -* && ! $dashes ]]; then\n"
	       "\t\t\t_damon_words '");
	for (row = cmd->options; row->name; row++)
		printf("--%s ", row->name);
	fputs("--help'\n\t\t\treturn\n\t\tfi\n", stdout);
	if (cmd->words) {
		fputs("\t\tif ((!nr)); then\n\t\t\t_damon_words '", stdout);
		put_list(cmd->words);
		fputs(cmd->other_words ? "'\n\t\t\twords=(\"${COMPREPLY[@]}\")\n\t\tfi\n" :
		      "'\n\t\t\treturn\n\t\tfi\n", stdout);
	}
	if (cmd->words == module_names) {
		fputs("\t\tcase $first in\n", stdout);
		for (i = 0; i < NR_MODULES; i++) {
			printf("\t\t%s)\n\t\t\t_damon_params '",
			       modules[i].name);
			put_params(&modules[i]);
			fputs("' ;;\n", stdout);
		}
		fputs("\t\tesac\n", stdout);
	}
	printf("\t\t%s", bash_kinds[word_kind(cmd)]);
	fputs(cmd->other_words ? "\n\t\tCOMPREPLY+=(\"${words[@]}\") ;;\n" :
	      " ;;\n", stdout);
}

static void for_commands(void (*put)(const struct command *cmd))
{
	unsigned int i;

	for (i = 0; i < nr_commands; i++)
		put(commands[i]);
}

static void put_name(const struct command *cmd)
{
	printf("%s ", cmd->name);
}

static void print_bash(void)
{
	fputs(bash_begin, stdout);
	fputs("_damon_commands='", stdout);
	for_commands(put_name);
	fputs("'\n# true if the option takes a value\n"
	      "_damon_value()\n{\n\tcase $1 in\n", stdout);
	for_commands(bash_values);
	fputs("\t*)\n\t\treturn 1 ;;\n\tesac\n\treturn 0\n}\n"
	      "_damon_word()\n{\n\tcase $command in\n\thelp)\n"
	      "\t\t_damon_words \"$_damon_commands\" ;;\n", stdout);
	for_commands(bash_words);
	fputs("\tesac\n}\n", stdout);
	fputs(bash_end, stdout);
}

/* zsh */

static void zsh_name(const struct command *cmd)
{
	char text[256];

	snprintf(text, sizeof(text), "%s:%s", cmd->name, cmd->help);
	fputs("\t\t", stdout);
	shell_string(stdout, text);
	putchar('\n');
}

/* In the specifications of _arguments, brackets and colons end things. */
static void zsh_text(const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			putchar('\\');
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
}

static void zsh_option(const struct option_row *row)
{
	static const char *const actions[NR_VALUE_KINDS] = {
		[VALUE_FILE] = "_files",
		[VALUE_DIR] = "_files -/",
		[VALUE_PID] = "_pids",
		[VALUE_OTHER] = " ",
	};
	enum value_kind kind = value_kind(row);
	bool several = row->type == OPT_RANGES || row->type >= OPT_TEXTS;
	const char *value = kind == VALUE_NONE ? "" : "=";

	fputs("\t\t\t'", stdout);
	if (several)
		putchar('*');
	else if (row->letter)
		printf("(-%c --%s)", row->letter, row->name);
	if (row->letter)
		printf("'{-%c%s,--%s%s}'", row->letter, *value ? "+" : "",
		       row->name, value);
	else
		printf("--%s%s", row->name, value);
	putchar('[');
	zsh_text(row->help);
	putchar(']');
	if (kind != VALUE_NONE) {
		putchar(':');
		zsh_text(row->value);
		putchar(':');
	}
	if (kind == VALUE_CHOICE) {
		putchar('(');
		put_list(row->choices);
		putchar(')');
	} else if (kind != VALUE_NONE) {
		fputs(actions[kind], stdout);
	}
	fputs("' \\\n", stdout);
}

static void zsh_command(const struct command *cmd)
{
	const struct option_row *row;
	size_t i;

	printf("\t%s)\n", cmd->name);
	fputs("\t\t_arguments -s \\\n", stdout);
	for (row = cmd->options; row->name; row++)
		zsh_option(row);
	fputs("\t\t\t'(-h --help)'{-h,--help}'[show help]'", stdout);
	if (cmd->words) {
		fputs(cmd->other_words ? " \\\n\t\t\t'1:word:_alternative \"w:word:(" :
		      " \\\n\t\t\t'1:word:(", stdout);
		put_list(cmd->words);
		fputs(cmd->other_words ? ")\" \"f:file:_files\"'" : ")'",
		      stdout);
	}
	if (cmd->words == module_names) {
		fputs(" \\\n\t\t\t'*:parameter:->params'\n"
		      "\t\tcase $line[1] in\n", stdout);
		for (i = 0; i < NR_MODULES; i++) {
			printf("\t\t%s)\n\t\t\tcompadd -S '' -- ",
			       modules[i].name);
			put_params(&modules[i]);
			fputs(" ;;\n", stdout);
		}
		fputs("\t\tesac", stdout);
	} else if (cmd->takes_command) {
		fputs(" \\\n\t\t\t'*::command:_normal'", stdout);
	} else if (word_kind(cmd) == VALUE_FILE) {
		fputs(" \\\n\t\t\t'*:file:_files'", stdout);
	} else if (word_kind(cmd) == VALUE_PID) {
		fputs(" \\\n\t\t\t'*:process:_pids'", stdout);
	}
	fputs(" ;;\n", stdout);
}

static void print_zsh(void)
{
	fputs("#compdef damon\n"
	      "# made by damon --completion zsh\n\n"
	      "_damon()\n{\n\tlocal -a commands line state\n"
	      "\tlocal command=$words[2]\n\n\tcommands=(\n", stdout);
	for_commands(zsh_name);
	fputs("\t\t'help:show help'\n\t)\n"
	      "\tif ((CURRENT == 2)); then\n"
	      "\t\t_describe command commands\n\t\treturn\n\tfi\n"
	      "\tshift words\n\t((CURRENT--))\n"
	      "\tcase $command in\n"
	      "\thelp)\n\t\t_describe command commands ;;\n", stdout);
	for_commands(zsh_command);
	fputs("\tesac\n}\n\n_damon \"$@\"\n", stdout);
}

/* fish */

static void fish_begin(const struct command *cmd)
{
	printf("complete -c damon -n '__fish_seen_subcommand_from %s'",
	       cmd->name);
}

static void fish_command(const struct command *cmd)
{
	static const char *const actions[NR_VALUE_KINDS] = {
		[VALUE_NONE] = "",
		[VALUE_FILE] = " -r -F",
		[VALUE_DIR] = " -x -a '(__fish_complete_directories)'",
		[VALUE_PID] = " -x -a '(__fish_complete_pids)'",
		[VALUE_OTHER] = " -x",
	};
	const struct option_row *row;
	size_t i;

	printf("complete -c damon -n __fish_use_subcommand -a %s -d ",
	       cmd->name);
	shell_string(stdout, cmd->help);
	putchar('\n');
	for (row = cmd->options; row->name; row++) {
		enum value_kind kind = value_kind(row);

		fish_begin(cmd);
		printf(" -l %s", row->name);
		if (row->letter)
			printf(" -s %c", row->letter);
		if (kind == VALUE_CHOICE) {
			fputs(" -x -a '", stdout);
			put_list(row->choices);
			fputs("'", stdout);
		} else {
			fputs(actions[kind], stdout);
		}
		fputs(" -d ", stdout);
		shell_string(stdout, row->help);
		putchar('\n');
	}
	if (cmd->words) {
		fish_begin(cmd);
		fputs(" -a '", stdout);
		put_list(cmd->words);
		fputs("'\n", stdout);
	}
	for (i = 0; cmd->words == module_names && i < NR_MODULES; i++) {
		printf("complete -c damon -n '__fish_seen_subcommand_from module; "
		       "and __fish_seen_subcommand_from %s' -a '",
		       modules[i].name);
		put_params(&modules[i]);
		fputs("'\n", stdout);
	}
	if (word_kind(cmd) == VALUE_FILE || cmd->takes_command) {
		fish_begin(cmd);
		fputs(" -F\n", stdout);
	} else if (word_kind(cmd) == VALUE_PID) {
		fish_begin(cmd);
		fputs(" -a '(__fish_complete_pids)'\n", stdout);
	}
}

static void print_fish(void)
{
	fputs("# fish completion for damon, made by damon --completion fish\n\n"
	      "complete -c damon -f\n"
	      "complete -c damon -n __fish_use_subcommand -a help -d 'show help'\n",
	      stdout);
	for_commands(fish_command);
}

bool print_completion(const char *shell)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} shells[] = {
		{ "bash", print_bash },
		{ "zsh", print_zsh },
		{ "fish", print_fish },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shells); i++) {
		if (strcmp(shells[i].name, shell))
			continue;
		shells[i].print();
		return true;
	}
	return false;
}
