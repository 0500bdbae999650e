// SPDX-License-Identifier: GPL-2.0
/* damon query: how much memory has not been touched for how long, and whose. */
#include <stdio.h>
#include <string.h>

#include "draw.h"
#include "fail.h"
#include "options.h"
#include "query.h"
#include "units.h"

#define MAX_AGE_US	(30 * 24 * 3600 * USEC_PER_SEC)
#define DEFAULT_AGE_US	(120 * USEC_PER_SEC)
#define BAR_CELLS	40
#define MAX_COMMAND	40

struct query_config {
	struct number_list idle;
	unsigned int by;
	struct number_list pids;
	struct text_list cgroups;
	u64 wait_us;
	u64 sample_us;
	u64 aggr_us;
	bool json;
	const char *root;
};

#define BY_ANY	3	/* not said */

static const char *const by_names[] = {
	[BY_TOTAL] = "total",
	[BY_PROCESS] = "process",
	[BY_CGROUP] = "cgroup",
	NULL
};

static const struct query_config query_defaults = { .by = BY_ANY, .root = "/" };

static const struct option_row query_options[] = {
	DEFINE_OPTION("idle", TIMES, struct query_config, idle,
		      "memory not touched for so long (2m)",
		      .letter = 'i', .value = "TIME,...", .min = 1,
		      .max = MAX_AGE_US),
	DEFINE_OPTION("curve", TIMES, struct query_config, idle,
		      "the same; several make a curve", .letter = 'c',
		      .value = "TIME,...", .min = 1, .max = MAX_AGE_US),
	DEFINE_OPTION("by", CHOICE, struct query_config, by,
		      "in total, or of each process or cgroup",
		      .letter = 'b', .value = "total|process|cgroup",
		      .choices = by_names),
	DEFINE_OPTION("pid", NUMBERS, struct query_config, pids,
		      "these processes, not the 32 largest", .letter = 'p',
		      .value = "PID,...", .min = 1, .max = 1 << 30),
	DEFINE_OPTION("cgroup", TEXTS, struct query_config, cgroups,
		      "this cgroup, may be repeated", .letter = 'g',
		      .value = "/PATH"),
	DEFINE_OPTION("wait", TIME, struct query_config, wait_us,
		      "watch not longer than so; answers may be \"at most\"",
		      .letter = 'w', .value = "TIME", .min = 1,
		      .max = MAX_AGE_US),
	DEFINE_OPTION("sample", TIME, struct query_config, sample_us,
		      "time between two checks of a region", .letter = 's',
		      .value = "TIME", .min = 1, .max = MAX_AGE_US),
	DEFINE_OPTION("aggregate", TIME, struct query_config, aggr_us,
		      "steps in which ages are known (1% of the shortest)",
		      .letter = 'a', .value = "TIME", .min = 1,
		      .max = MAX_AGE_US),
	DEFINE_OPTION("json", FLAG, struct query_config, json, "print JSON"),
	DEFINE_OPTION("root", TEXT, struct query_config, root,
		      "find sys and proc below DIR", .value = "DIR",
		      .manual_only = true),
	END_OF_OPTIONS
};

static bool at_most(const struct query *q, unsigned int age)
{
	return q->age_us[age] > q->observed_us;
}

static double share_of(const struct query_row *row, u64 bytes)
{
	return row->all ? (double)bytes / row->all : 0;
}

/* A line for each age. */
static void print_curve(const struct query *q)
{
	const struct query_row *row = &q->row[0];
	char time[UNIT_LEN], size[UNIT_LEN], share[UNIT_LEN];
	unsigned int i, cells;

	printf("%12s  %8s\n", "idle for", "memory");
	printf("%12s  %8s\n", "any time", unit_size(size, row->all));
	for (i = 0; i < q->nr_ages; i++) {
		double part = share_of(row, row->idle[i]);

		printf("%12s %c%8s %5s ", unit_time(time, q->age_us[i]),
		       at_most(q, i) ? '<' : ' ',
		       unit_size(size, row->idle[i]),
		       unit_percent(share, part));
		for (cells = part * BAR_CELLS + .5; cells; cells--)
			putchar('#');
		putchar('\n');
	}
}

/* A line for each process or cgroup. */
static void print_table(const struct query *q)
{
	char time[UNIT_LEN], size[UNIT_LEN], share[UNIT_LEN];
	unsigned int i, age;

	if (q->by == BY_PROCESS)
		printf("%8s ", "pid");
	printf("%8s", "memory");
	for (age = 0; age < q->nr_ages; age++) {
		char title[UNIT_LEN + 8];

		snprintf(title, sizeof(title), "idle %s",
			 unit_time(time, q->age_us[age]));
		printf("  %14s", title);
	}
	printf("  %s\n", q->by == BY_PROCESS ? "command" : "cgroup");
	for (i = 0; i < q->nr_rows; i++) {
		const struct query_row *row = &q->row[i];

		if (q->by == BY_PROCESS)
			printf("%8d ", row->pid);
		printf("%8s", unit_size(size, row->all));
		for (age = 0; age < q->nr_ages; age++)
			printf("  %c%7s %5s", at_most(q, age) ? '<' : ' ',
			       unit_size(size, row->idle[age]),
			       unit_percent(share,
					    share_of(row, row->idle[age])));
		fputs("  ", stdout);
		print_harmless(stdout, row->name);
		putchar('\n');
	}
}

static void print_json(const struct query *q)
{
	unsigned int i, age;

	printf("{\n  \"by\": \"%s\",\n  \"observed_us\": %llu,\n  \"rows\": [",
	       by_names[q->by], q->observed_us);
	for (i = 0; i < q->nr_rows; i++) {
		const struct query_row *row = &q->row[i];

		printf("%s\n    {", i ? "," : "");
		if (q->by == BY_PROCESS)
			printf("\"pid\": %d, ", row->pid);
		printf("\"%s\": ", q->by == BY_PROCESS ? "command" :
		       q->by == BY_CGROUP ? "cgroup" : "name");
		json_string(stdout, row->name);
		printf(", \"bytes\": %llu, \"idle\": [", row->all);
		for (age = 0; age < q->nr_ages; age++)
			printf("%s\n      {\"age_us\": %llu, \"bytes\": %llu, \"at_most\": %s}",
			       age ? "," : "", q->age_us[age], row->idle[age],
			       at_most(q, age) ? "true" : "false");
		fputs("]}", stdout);
	}
	fputs("\n  ]\n}\n", stdout);
}

/* Ascending, each once. */
static int take_ages(struct query *q, const struct number_list *ages)
{
	unsigned int i, at;

	if (!ages->nr)
		q->age_us[q->nr_ages++] = DEFAULT_AGE_US;
	for (i = 0; i < ages->nr; i++) {
		for (at = 0; at < q->nr_ages; at++) {
			if (q->age_us[at] >= ages->val[i])
				break;
		}
		if (at < q->nr_ages && q->age_us[at] == ages->val[i])
			continue;
		if (q->nr_ages == QUERY_MAX_AGES)
			return fail(STATUS_USAGE, "more than %d times",
				    QUERY_MAX_AGES);
		memmove(&q->age_us[at + 1], &q->age_us[at],
			(q->nr_ages - at) * sizeof(q->age_us[0]));
		q->age_us[at] = ages->val[i];
		q->nr_ages++;
	}
	return 0;
}

static int take_options(struct query *q, const struct query_config *config)
{
	q->by = config->by != BY_ANY ? config->by :
		config->pids.nr ? BY_PROCESS :
		config->cgroups.nr ? BY_CGROUP : BY_TOTAL;
	if ((config->pids.nr && q->by != BY_PROCESS) ||
	    (config->cgroups.nr && q->by != BY_CGROUP))
		return fail(STATUS_USAGE,
			    "--pid is for --by process, --cgroup for --by cgroup");
	if (config->aggr_us && config->sample_us > config->aggr_us)
		return fail(STATUS_USAGE, "--sample is longer than --aggregate");
	q->wait_us = config->wait_us;
	q->sample_us = config->sample_us;
	q->aggr_us = config->aggr_us;
	return take_ages(q, &config->idle);
}

static void print_answer(const struct query *q, bool as_json)
{
	char text[UNIT_LEN];

	if (as_json)
		print_json(q);
	else if (q->by == BY_TOTAL)
		print_curve(q);
	else
		print_table(q);
	if (at_most(q, q->nr_ages - 1))
		warn("watched for %s: longer idle times are only known to be at most so much (<)",
		     unit_time(text, q->observed_us));
}

static int run_query(const void *defaults, char **args)
{
	const struct query_config *config = defaults;
	struct tree tree = {};
	struct query q = {};
	int status;

	(void)args;
	status = take_options(&q, config);
	if (status)
		return status;
	status = tree_open(&tree, config->root);
	if (!status)
		status = query_find_rows(&q, &tree, &config->pids,
					 &config->cgroups);
	if (!status)
		status = query_run(&q, &tree);
	if (!status)
		print_answer(&q, config->json);
	query_free(&q);
	tree_close(&tree);
	return status;
}

const struct command cmd_query = {
	.name = "query",
	.synopsis = "[OPTION...]",
	.help = "tell how much memory has not been touched for how long",
	.examples =
		"  damon query --idle 2m\n"
		"  damon query --idle 2m --by process\n"
		"  damon query --curve 10s,30s,1m,2m,5m -g /system.slice/db.service\n"
		"  damon query --idle 1h -p 4711 --wait 5m\n",
	.manual =
		"Memory is what is present: of a process its pages, of a "
		"cgroup what is charged to itself and not to those below it, "
		"in total all that is on the kernel's lists of memory that "
		"can be reclaimed.\n\n"
		"If nothing is set up, a kdamond is started and watches for as "
		"long as the longest time asked for; after less (--wait) the "
		"answer is what has not been touched since it began, which is "
		"as much or more. If a kdamond runs that sees what is asked "
		"for, it is asked: schemes that only count are added for one "
		"pass and removed again.\n\n"
		"DAMON samples regions: one counts as touched when the page of "
		"it that is looked at was. So what is touched rarely may count "
		"as idle, and idle pages between touched ones count as touched; "
		"in physical memory, where pages of all owners are mixed, more "
		"than in that of a process.",
	.options = query_options,
	.defaults = &query_defaults,
	.config_size = sizeof(query_defaults),
	.run = run_query,
};
