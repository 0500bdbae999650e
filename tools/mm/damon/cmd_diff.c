// SPDX-License-Identifier: GPL-2.0
/* damon diff: what is different between two records. */
#include <string.h>

#include "diff.h"
#include "fail.h"

static const struct report_config diff_defaults = {
	.space.target = TARGET_NOT_GIVEN,
};

static const struct option_row diff_options[] = {
	DEFINE_OPTION("svg", TEXT, struct report_config, svg,
		      "also write both heat maps as a picture to FILE",
		      .value = "FILE"),
	DEFINE_OPTION("json", FLAG, struct report_config, json,
		      "write the numbers as JSON"),
	DEFINE_OPTION("access", NUMBER, struct report_config, access_percent,
		      "working set: accessed in that many % of the samples",
		      .value = "N", .max = 100),
	DEFINE_OPTION("from", TIME, struct report_config, space.from_us,
		      "leave out what was before, in both",
		      .value = "TIME"),
	DEFINE_OPTION("until", TIME, struct report_config, space.until_us,
		      "leave out what came after", .value = "TIME", .min = 1),
	REPORT_OPTIONS,
	END_OF_OPTIONS
};

static int compare(struct diff *diff)
{
	const char *svg = diff->report[0].config.svg;
	enum side side;
	int status;

	for (side = 0; side < NR_SIDES; side++) {
		struct report *report = &diff->report[side];

		status = report_prepare(report, report_choose_target(report));
		if (status)
			return status;
		record_warn(&report->reader, report->path);
	}
	if (!diff_fill(diff))
		return fail(STATUS_FAILED, "out of memory");
	if (diff->report[0].config.json)
		diff_put_json(diff);
	else
		status = diff_put_text(diff);
	if (!status && svg && diff_is_comparable(diff))
		status = diff_put_picture(diff, svg);
	else if (!status && svg)
		warn("no picture: the addresses are not comparable");
	return status;
}

static int run_diff(const void *defaults, char **args)
{
	static struct diff diff;
	struct report *a = &diff.report[SIDE_A], *b = &diff.report[SIDE_B];
	int status;

	if (!args[0] || !args[1])
		return fail(STATUS_USAGE, "give two records");
	memcpy(&a->config, defaults, sizeof(a->config));
	b->config = a->config;
	a->path = args[0];
	b->path = args[1];
	a->style = text_style_choose(a->config.color, stdout);
	if (a->config.svg && a->config.json && !strcmp(a->config.svg, "-"))
		return fail(STATUS_USAGE, "--svg - and --json both on stdout");
	if (a->config.space.until_us &&
	    a->config.space.until_us <= a->config.space.from_us)
		return fail(STATUS_USAGE, "--until is not after --from");
	status = record_open(&a->reader, a->path);
	if (status)
		return status;
	status = record_open(&b->reader, b->path);
	if (!status) {
		status = compare(&diff);
		diff_free(&diff);
		record_close(&b->reader);
	}
	record_close(&a->reader);
	return status;
}

const struct command cmd_diff = {
	.name = "diff",
	.synopsis = "[OPTION...] FILE FILE",
	.help = "compare two records",
	.examples =
		"  damon diff before.rec after.rec\n"
		"  damon diff --access 50 --from 10s before.rec after.rec\n",
	.manual =
		"Sizes are compared in any case. Addresses are compared if at least half of\n"
		"them are in both records, such as two of one process: then there is a list\n"
		"of where it became hotter or colder, by a tenth of the samples or more, and\n"
		"both heat maps beside each other.\n",
	.options = diff_options,
	.defaults = &diff_defaults,
	.config_size = sizeof(diff_defaults),
	.max_args = 2,
	.run = run_diff,
};
