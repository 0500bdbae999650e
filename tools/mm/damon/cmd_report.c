// SPDX-License-Identifier: GPL-2.0
/* damon report: what a record says. */
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "report.h"

static const struct report_config report_defaults = {
	.space.target = TARGET_NOT_GIVEN,
};

static const struct option_row report_options[] = {
	DEFINE_OPTION("html", TEXT, struct report_config, html,
		      "write a page with everything to FILE ('-' is stdout)",
		      .value = "FILE"),
	DEFINE_OPTION("svg", TEXT, struct report_config, svg,
		      "write the heat map as a picture to FILE",
		      .value = "FILE"),
	DEFINE_OPTION("json", FLAG, struct report_config, json,
		      "write the numbers as JSON"),
	DEFINE_OPTION("rows", NUMBER, struct report_config, rows,
		      "height of heat map and curve, in cells", .letter = 'r',
		      .value = "N", .min = 1, .max = HEAT_MAX_ROWS),
	DEFINE_OPTION("columns", NUMBER, struct report_config, columns,
		      "width of heat map and curve, in cells", .letter = 'c',
		      .value = "N", .min = 1, .max = HEAT_MAX_COLUMNS),
	DEFINE_OPTION("access", NUMBER, struct report_config, access_percent,
		      "wss: memory accessed in that many % of the samples",
		      .value = "N", .max = 100),
	DEFINE_OPTION("at", TIME, struct report_config, at_us,
		      "regions: so long after the start, not the last ones",
		      .value = "TIME", .min = 1),
	DEFINE_OPTION("from", TIME, struct report_config, space.from_us,
		      "leave out what was before (2s: the first two seconds)",
		      .value = "TIME"),
	DEFINE_OPTION("until", TIME, struct report_config, space.until_us,
		      "leave out what came after", .value = "TIME", .min = 1),
	DEFINE_OPTION("address", RANGES, struct report_config, range,
		      "only these addresses", .value = "START-END"),
	REPORT_OPTIONS,
	END_OF_OPTIONS
};

static const char *const view_names[] = {
	"heatmap", "wss", "histogram", "regions", NULL
};

static int (*const views[])(struct report *report) = {
	report_heatmap, report_wss, report_histogram, report_regions,
};

static int check_config(struct report_config *config, size_t view)
{
	bool all = config->html;

	if (!!config->svg + !!config->html + config->json > 1)
		return fail(STATUS_USAGE, "one of --html, --svg and --json");
	if (config->svg && views[view] != report_heatmap)
		return fail(STATUS_USAGE, "--svg is for the heat map only");
	if (config->access_percent && !all && views[view] != report_wss)
		return fail(STATUS_USAGE, "--access is for wss only");
	if (config->at_us && (all || views[view] != report_regions))
		return fail(STATUS_USAGE, "--at is for regions only");
	if (config->range.nr > 1)
		return fail(STATUS_USAGE, "only one --address");
	if (config->space.until_us &&
	    config->space.until_us <= config->space.from_us)
		return fail(STATUS_USAGE, "--until is not after --from");
	if (config->range.nr) {
		config->space.start = config->range.range[0].start;
		config->space.end = config->range.range[0].end;
	}
	return 0;
}

static int show(struct report *report, size_t view)
{
	int status;

	if (report->config.html)
		return report_html(report);
	status = report_prepare(report, report_choose_target(report));
	if (status)
		return status;
	record_warn(&report->reader, report->path);
	return views[view](report);
}

static int run_report(const void *defaults, char **args)
{
	static struct report report;
	size_t view = 0;
	int status;

	memcpy(&report.config, defaults, sizeof(report.config));
	while (args[0] && view_names[view] && strcmp(args[0], view_names[view]))
		view++;
	if (!args[0] || !view_names[view])
		view = 0;
	else
		args++;
	report.path = args[0] ? args[0] : RECORD_DEFAULT_FILE;
	if (args[0] && args[1])
		return fail(STATUS_USAGE, "'%s' is no view; see %s --help",
			    args[0], fail_prefix);
	status = check_config(&report.config, view);
	if (!status)
		status = record_open(&report.reader, report.path);
	if (status)
		return status;
	report.style = text_style_choose(report.config.color, stdout);
	status = show(&report, view);
	record_close(&report.reader);
	return status;
}

const struct command cmd_report = {
	.name = "report",
	.synopsis = "[heatmap|wss|histogram|regions] [OPTION...] [FILE]",
	.help = "show which memory was accessed when, and how often",
	.examples =
		"  damon report --html page.html\n"
		"  damon report --from 10s --until 12s damon.rec\n"
		"  damon report wss --access 50\n",
	.manual =
		"The heat map has time from left to right and addresses from top to\n"
		"bottom; large parts that were never accessed are left out.\n\n"
		"The working set, wss, is the memory that was accessed at all in a\n"
		"snapshot, or in so many percent of its samples: how large it was in the\n"
		"least, the median and the other snapshots, and over time.\n\n"
		"The histogram is a table of bytes, in the mean over the time, by how\n"
		"often memory was accessed and for how long it has been so. The regions\n"
		"are those of one snapshot, the last one or that of --at.\n\n"
		"The page of --html holds all of this but the regions, for each target, in\n"
		"one file that fetches nothing. FILE may be '-' for standard input.\n",
	.options = report_options,
	.defaults = &report_defaults,
	.config_size = sizeof(report_defaults),
	.max_args = 2,
	.words = view_names,
	.other_words = true,
	.run = run_report,
};
