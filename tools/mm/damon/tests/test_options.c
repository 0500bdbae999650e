// SPDX-License-Identifier: GPL-2.0
/* The option tables. */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "options.h"
#include "tap.h"

struct config {
	bool flag;
	const char *text;
	u64 number, time_us, bytes;
	unsigned int choice;
	struct range_list ranges;
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

static int parse(const char *line)
{
	char *argv[16] = { "test" }, copy[256], *word, *rest = copy;
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
	"--num 5", "--", "-fx", "---flag",
};

int main(void)
{
	size_t i;

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
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (!strcmp(bad[i], "--"))
			continue;
		ok(parse(bad[i]) == STATUS_USAGE, "refused: %s", bad[i]);
	}
	return tap_done();
}
