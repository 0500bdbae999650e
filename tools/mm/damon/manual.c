// SPDX-License-Identifier: GPL-2.0
/* The manual page, from the tables that --help is from. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "generate.h"
#include "module.h"
#include "options.h"
#include "version.h"

/*
 * Text as roff that comes out as it is: what begins a line must not be taken
 * for a request, and what people copy must keep its dashes and quotes.
 */
static void put_text(const char *text, bool is_code)
{
	static const struct {
		char c;
		const char *roff;
	} escapes[] = {
		{ '\\', "\\e" }, { '~', "\\(ti" }, { '^', "\\(ha" },
		{ '`', "\\(ga" }, { '\'', "\\(aq" }, { '"', "\\(dq" },
	};
	char before = ' ';
	size_t i;

	for (; *text; before = *text++) {
		if (*text == '-' && (is_code || before == ' ' ||
				     before == '-' || before == '\n')) {
			fputs("\\-", stdout);
			continue;
		}
		if (*text == '.' && (before == '\n' || before == ' '))
			fputs("\\&", stdout);
		for (i = 0; i < ARRAY_SIZE(escapes); i++) {
			if (escapes[i].c == *text)
				break;
		}
		if (i < ARRAY_SIZE(escapes))
			fputs(escapes[i].roff, stdout);
		else
			putchar(*text);
	}
}

static void put_prose(const char *text)
{
	while (true) {
		const char *end = strstr(text, "\n\n");
		char paragraph[2048];

		snprintf(paragraph, sizeof(paragraph), "%.*s",
			 end ? (int)(end - text) : (int)strlen(text), text);
		put_text(paragraph, false);
		putchar('\n');
		if (!end)
			return;
		fputs(".PP\n", stdout);
		text = end + 2;
	}
}

static void put_sentence(const char *text)
{
	char first[2] = { toupper((unsigned char)text[0]), 0 };

	put_text(first, false);
	put_text(text + 1, false);
	fputs(".\n", stdout);
}

static void put_code(const char *lines)
{
	fputs(".PP\n.EX\n", stdout);
	put_text(lines, true);
	fputs(".EE\n", stdout);
}

static void put_options(const struct option_row *row)
{
	for (; row->name; row++) {
		fputs(".TP\n", stdout);
		if (row->letter)
			printf("\\fB\\-%c\\fR, ", row->letter);
		fputs("\\fB\\-\\-", stdout);
		put_text(row->name, true);
		fputs("\\fR", stdout);
		if (row->value) {
			fputs(" \\fI", stdout);
			put_text(row->value, true);
			fputs("\\fR", stdout);
		}
		putchar('\n');
		put_sentence(row->help);
	}
}

static void put_command(const struct command *cmd)
{
	printf(".SS damon %s ", cmd->name);
	put_text(cmd->synopsis, true);
	putchar('\n');
	put_sentence(cmd->help);
	if (cmd->manual) {
		fputs(".PP\n", stdout);
		put_prose(cmd->manual);
	}
	put_options(cmd->options);
	put_code(cmd->examples);
}

static void put_modules(void)
{
	const struct param *param;
	size_t i;

	for (i = 0; i < NR_MODULES; i++) {
		printf(".SS %s\n", modules[i].name);
		for (param = modules[i].params; param->name; param++) {
			printf(".TP\n.B %s\n", param->name);
			put_sentence(param->help);
			if (!param->is_output)
				printf("Takes %s.\n",
				       param_wanted(param->kind));
		}
	}
}

static void put_exit_statuses(void)
{
	int i;

	for (i = 0; i < NR_STATUS; i++) {
		printf(".TP\n.B %d\n", i);
		put_sentence(exit_status_words[i]);
	}
}

void print_manual(void)
{
	unsigned int i;

	puts(".\\\" SPDX-License-Identifier: GPL-2.0\n"
	     ".\\\" Made by damon --man\n"
	     ".TH DAMON 1 " DAMON_TOOL_DATE " \"damon " DAMON_TOOL_VERSION
	     "\" \"User Commands\"\n"
	     ".SH NAME\n"
	     "damon \\- see how memory is accessed\n"
	     ".SH SYNOPSIS\n"
	     ".B damon\n"
	     ".I COMMAND\n"
	     "[\\fIOPTION\\fR...] [\\fIWORD\\fR...]\n"
	     ".PP\n"
	     ".B damon help\n"
	     "[\\fICOMMAND\\fR]\n"
	     ".SH DESCRIPTION\n"
	     "Has the kernel's DAMON monitor which memory of processes, or of "
	     "the machine,\nis accessed how often and since when; shows and "
	     "records what it sees; and sets\nup what the kernel itself shall "
	     "do about it.\n"
	     ".PP\n"
	     "Results are written to standard output, everything else to "
	     "standard error.\nTimes have units: 5us, 10ms, 1.5s, 2m, 1h.  "
	     "Sizes may have: 4096, 64K, 2M, 1G,\n1T; they are powers of 1024.  "
	     "Options and words may be mixed; what follows\n"
	     "\\fB\\-\\-\\fR is no option.\n"
	     ".SH COMMANDS");
	for (i = 0; i < nr_commands; i++)
		put_command(commands[i]);
	puts(".SH PARAMETERS OF MODULES");
	put_modules();
	puts(".SH EXIT STATUS");
	put_exit_statuses();
	puts(".SH ENVIRONMENT\n"
	     ".TP\n.B NO_COLOR\nIf it is set and not empty, terminals get no "
	     "colours unless an option asks for\nthem.\n"
	     ".TP\n.B COLUMNS\nWidth of a terminal that does not tell it.\n"
	     ".TP\n.B TERM\nNo colours if it is \\(lqdumb\\(rq or not set.\n"
	     ".SH FILES\n"
	     ".TP\n.I damon.rec\nThe record that is written and read where no "
	     "other is named.\n"
	     ".TP\n.I /sys/kernel/mm/damon/admin\nThe kernel's files for "
	     "kdamonds.\n"
	     ".TP\n.I /sys/module/damon_*/parameters\nThe kernel's files for "
	     "modules.\n"
	     ".SH SEE ALSO\n"
	     ".BR proc (5),\n.BR cgroups (7),\n"
	     "Documentation/admin\\-guide/mm/damon/ of the kernel's source.");
}
