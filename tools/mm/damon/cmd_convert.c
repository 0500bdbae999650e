// SPDX-License-Identifier: GPL-2.0
/* damon convert: a record as text for other programs. */
#include "convert.h"
#include "fail.h"
#include "options.h"
#include "report.h"

struct convert_config {
	unsigned int to;
	const char *output;
};

static const struct convert_config convert_defaults = { .output = "-" };

static const struct option_row convert_options[] = {
	DEFINE_OPTION("to", CHOICE, struct convert_config, to,
		      "JSON lines, or text as trace_pipe or perf has it",
		      .letter = 't', .value = "jsonl|trace|perf",
		      .choices = convert_format_names),
	DEFINE_OPTION("output", TEXT, struct convert_config, output,
		      "write to FILE (default: '-', which is stdout)",
		      .letter = 'o', .value = "FILE"),
	END_OF_OPTIONS
};

static int run_convert(const void *defaults, char **args)
{
	const struct convert_config *config = defaults;
	const char *path = args[0] ? args[0] : RECORD_DEFAULT_FILE;
	struct record_reader reader;
	int status;
	FILE *out;

	status = record_open(&reader, path);
	if (status)
		return status;
	out = report_create(config->output);
	if (out) {
		convert_record(out, &reader, path, config->to);
		status = report_finish(out, config->output);
	} else {
		status = STATUS_FAILED;
	}
	record_close(&reader);
	return status;
}

const struct command cmd_convert = {
	.name = "convert",
	.synopsis = "[OPTION...] [FILE]",
	.help = "turn a record into text for other programs",
	.examples =
		"  damon convert | jq .regions[0]\n"
		"  damon convert --to trace -o trace.txt damon.rec\n",
	.manual =
		"With --to jsonl there is one JSON object a line for each snapshot of\n"
		"each target. With --to trace and --to perf there is one line for each\n"
		"region, as /sys/kernel/tracing/trace_pipe and perf-script(1) print the\n"
		"event damon_aggregated, for scripts that read these.\n",
	.options = convert_options,
	.defaults = &convert_defaults,
	.config_size = sizeof(convert_defaults),
	.max_args = 1,
	.run = run_convert,
};
