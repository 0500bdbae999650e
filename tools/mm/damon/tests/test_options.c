// SPDX-License-Identifier: GPL-2.0
/* The option tables. */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "options.h"
#include "tap.h"
#include "units.h"

struct config {
	bool flag, quiet;
	const char *text;
	u64 number, time_us, bytes;
	unsigned int choice;
	struct range_list ranges;
	struct text_list texts;
	struct number_list numbers, times, sizes;
};

static const char *const choices[] = { "one", "two", NULL };

static const struct option_row rows[] = {
	DEFINE_OPTION("flag", FLAG, struct config, flag, "", .letter = 'f'),
	DEFINE_OPTION("text", TEXT, struct config, text, "", .letter = 't',
		      .value = "TEXT"),
	DEFINE_OPTION("number", NUMBER, struct config, number, "",
		      .value = "N", .min = 3, .max = 9),
	DEFINE_OPTION("time", TIME, struct config, time_us, "",
		      .value = "TIME"),
	DEFINE_OPTION("size", SIZE, struct config, bytes, "", .value = "SIZE"),
	DEFINE_OPTION("choice", CHOICE, struct config, choice, "",
		      .value = "one|two", .choices = choices),
	DEFINE_OPTION("range", RANGES, struct config, ranges, "",
		      .value = "RANGE"),
	DEFINE_OPTION("quiet", FLAG, struct config, quiet, "", .letter = 'q'),
	DEFINE_OPTION("word", TEXTS, struct config, texts, "",
		      .letter = 'w', .value = "WORD"),
	DEFINE_OPTION("pid", NUMBERS, struct config, numbers, "",
		      .letter = 'p', .value = "PID", .min = 1, .max = 99),
	DEFINE_OPTION("times", TIMES, struct config, times, "",
		      .value = "TIME,..."),
	DEFINE_OPTION("sizes", SIZES, struct config, sizes, "",
		      .value = "SIZE,..."),
	END_OF_OPTIONS
};

static const struct config defaults = { .number = 5 };
static struct config got;
static char words[64];

static int run(const void *config, char **args)
{
	memcpy(&got, config, sizeof(got));
	words[0] = '\0';
	for (; *args; args++) {
		strcat(words, *args);
		strcat(words, "|");
	}
	return 0;
}

static const struct command cmd = {
	.name = "test", .synopsis = "", .help = "test", .examples = "",
	.options = rows, .defaults = &defaults, .config_size = sizeof(defaults),
	.max_args = 2, .takes_command = true, .run = run,
};

static const struct command cmd_of_words = {
	.name = "test", .synopsis = "", .help = "test", .examples = "",
	.options = rows, .defaults = &defaults, .config_size = sizeof(defaults),
	.max_args = 2, .words = choices, .run = run,
};

/* "-p 1,1,1" with nr of them */
static const char *list_of(int nr)
{
	static char line[512];

	strcpy(line, "-p 1");
	while (--nr)
		strcat(line, ",1");
	return line;
}

static int parse(const char *line)
{
	char *argv[16] = { "test" }, copy[512], *word, *rest = copy;
	int nr = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, " "))) {
		if (*word)
			argv[nr++] = word;
	}
	argv[nr] = NULL;
	return command_run(&cmd, argv);
}

static const char *const bad[] = {
	"--nonsense", "-z", "--text", "-t", "--flag=1", "--number 2",
	"--number 10", "--number x", "--number -5", "--time 5", "--time",
	"--size 1X", "--choice three", "--choice=", "--range 5-1",
	"--range 1-5 --range 4-9", "a b c", "--number=99999999999999999999",
	"--num 5", "--", "-fx", "---flag", "-fqt", "-fqz",
	"--pid", "--pid=", "-p 1,", "-p ,1", "-p 0", "-p 5,100", "-p 1,,2",
	"-p 1,x", "--times 5", "--times 5s,", "--times 5s;6s", "--sizes 4K,x",
	"--pid 000000000000000000000000000000000000000000000000001",
	"-w",
};

int main(void)
{
	double share;
	bool on;
	size_t i;
	u64 bp;

	fail_quiet = true;
	ok(!parse("") && got.number == 5 && !got.flag && !got.text, "defaults");
	ok(!parse("-f -tabc a --number=7 b") && got.flag && got.number == 7 &&
	   !strcmp(got.text, "abc") && !strcmp(words, "a|b|"),
	   "options and words mixed");
	ok(!parse("--time 1.5ms --size 2M --choice two --text=") &&
	   got.time_us == 1500 && got.bytes == 2 << 20 && got.choice == 1 &&
	   !*got.text, "values with units");
	ok(!parse("--range 0x10-0x20 --range 0x20-0x30") &&
	   got.ranges.nr == 2 && got.ranges.range[1].end == 0x30, "ranges");
	ok(!parse("-f -- --number 1 -z x") &&
	   !strcmp(words, "--number|1|-z|x|"), "words of a command");
	ok(!parse("-- ") && !words[0], "no command after --");
	ok(!parse("-") && !strcmp(words, "-|"), "- is a word");
	ok(!parse("-fqtabc") && got.flag && got.quiet &&
	   !strcmp(got.text, "abc"), "flags that share a dash");
	ok(!parse("-qf") && got.flag && got.quiet && !got.text, "two of them");
	ok(!parse("-w a --word b,c") && got.texts.nr == 2 &&
	   !strcmp(got.texts.text[1], "b,c"), "list of texts");
	ok(!parse("-p 1,2 -p99") && got.numbers.nr == 3 &&
	   got.numbers.val[0] == 1 && got.numbers.val[2] == 99,
	   "list of numbers");
	ok(!parse("--times 10s,1.5ms --sizes 4K,2M,1") && got.times.nr == 2 &&
	   got.times.val[1] == 1500 && got.sizes.nr == 3 &&
	   got.sizes.val[1] == 2 << 20, "lists with units");
	ok(!parse(list_of(MAX_LIST)) && got.numbers.nr == MAX_LIST &&
	   parse(list_of(MAX_LIST + 1)), "as many as there is room for");
	ok(command_run(&cmd_of_words, (char *[]){ "test", "two", NULL }) == 0 &&
	   command_run(&cmd_of_words, (char *[]){ "test", NULL }) == 0 &&
	   command_run(&cmd_of_words, (char *[]){ "test", "three", NULL }),
	   "the first word is one of a list");
	ok(parse_percent_bp("12.5%", &bp) && bp == 1250 &&
	   parse_percent_bp("0%", &bp) && !bp && !parse_percent_bp("5", &bp) &&
	   !parse_percent_bp("-1%", &bp) && !parse_percent_bp("%", &bp) &&
	   !parse_percent_bp("1%%", &bp) && !parse_percent_bp("1.%", &bp),
	   "shares in 1/10000");
	ok(parse_percent("50%", &share) && share == .5 &&
	   !parse_percent("0.5", &share) && !parse_percent("1e3%", &share),
	   "shares of 1");
	ok(parse_switch("yes", &on) && on && parse_switch("N", &on) && !on &&
	   parse_switch("off", &on) && !on && !parse_switch("2", &on) &&
	   !parse_switch("", &on), "switches");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (!strcmp(bad[i], "--"))
			continue;
		ok(parse(bad[i]) == STATUS_USAGE, "refused: %s", bad[i]);
	}
	return tap_done();
}
