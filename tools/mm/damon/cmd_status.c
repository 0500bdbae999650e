// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "admin.h"
#include "draw.h"
#include "fail.h"
#include "options.h"
#include "setup.h"
#include "units.h"

#define ADMIN_PATH	"sys/kernel/mm/damon/admin"
#define MAX_COMMAND	60
#define MAX_RANGES_SHOWN 4

struct status_config {
	bool json;
	bool config;
	const char *root;
};

static const struct status_config status_defaults = { .root = "/" };

static const struct option_row status_options[] = {
	DEFINE_OPTION("config", FLAG, struct status_config, config,
		      "print what is set up as a file for damon start",
		      .letter = 'c'),
	DEFINE_OPTION("json", FLAG, struct status_config, json,
		      "print all of DAMON's sysfs files as JSON"),
	DEFINE_OPTION("root", TEXT, struct status_config, root,
		      "find sys and proc below DIR", .value = "DIR"),
	END_OF_OPTIONS
};

static u64 number(const struct node *dir, const char *path)
{
	u64 val;

	return node_u64(dir, path, &val) ? val : 0;
}

static const char *text(const struct node *dir, const char *path)
{
	const char *val = node_text(dir, path);

	return val ? val : "?";
}

static char *time_at(char buf[UNIT_LEN], const struct node *dir,
		     const char *path, u64 us)
{
	u64 val = number(dir, path);

	return unit_time(buf, val > U64_MAX / us ? U64_MAX : val * us);
}

static char *size_at(char buf[UNIT_LEN], const struct node *dir,
		     const char *path)
{
	return unit_size(buf, number(dir, path));
}

/* The numbered directories that count says there are. */
static const struct node *first_of(const struct node *dir, const char *list,
				   const char *count, u64 *nr)
{
	const struct node *parent = node_find(dir, list);

	*nr = number(parent, count);
	return *nr ? node_find(parent, "0") : NULL;
}

static void show_attrs(const struct node *context)
{
	const struct node *attrs = node_find(context, "monitoring_attrs");
	char buf[3][UNIT_LEN];
	u64 budget = number(attrs, "budget/cpu_permille");

	printf("  %s: sampling %s, aggregation %s, update %s%s%s\n",
	       text(context, "operations"),
	       time_at(buf[0], attrs, "intervals/sample_us", 1),
	       time_at(buf[1], attrs, "intervals/aggr_us", 1),
	       time_at(buf[2], attrs, "intervals/update_us", 1),
	       number(attrs, "intervals/intervals_goal/aggrs") ? ", tuned" : "",
	       strcmp(text(context, "pause"), "Y") ? "" : "; paused");
	printf("  %s to %s regions", text(attrs, "nr_regions/min"),
	       text(attrs, "nr_regions/max"));
	if (budget)
		printf("; for %s of a CPU takes %s of the samples, %s regions at most",
		       unit_percent(buf[0], budget / 1000.),
		       unit_percent(buf[1], number(attrs, "budget/sampled_permille") / 1000.),
		       text(attrs, "budget/nr_regions_limit"));
	putchar('\n');
}

static void show_ranges(const struct node *target)
{
	const struct node *region;
	char size[UNIT_LEN];
	u64 nr, i, bytes = 0;

	region = first_of(target, "regions", "nr_regions", &nr);
	if (!nr)
		return;
	for (i = 0; region && i < nr; i++, region = region->next) {
		u64 start = number(region, "start"), end = number(region, "end");

		bytes += end > start ? end - start : 0;
		if (i < MAX_RANGES_SHOWN)
			printf("%s 0x%llx-0x%llx", i ? "," : "", start, end);
	}
	printf("%s (%s)", nr > MAX_RANGES_SHOWN ? ", ..." : "",
	       unit_size(size, bytes));
}

static void show_target(const struct tree *tree, const struct node *context,
			const struct node *target)
{
	u64 pid = number(target, "pid_target");
	char command[MAX_COMMAND];

	printf("  target %s:", target->name);
	if (pid && strcmp(text(context, "operations"), "paddr")) {
		tree_process_command(tree, pid, command, sizeof(command));
		printf(" process %llu (", pid);
		print_harmless(stdout, command[0] ? command : "gone");
		putchar(')');
	}
	show_ranges(target);
	putchar('\n');
}

enum limit_unit {
	LIMIT_NUMBER,
	LIMIT_SIZE,
	LIMIT_TIME,
};

static void limit_text(char text[UNIT_LEN], u64 val, enum limit_unit unit,
		       u64 aggr_us)
{
	if (unit == LIMIT_SIZE)
		unit_size(text, val);
	else if (unit == LIMIT_TIME)
		unit_time(text, val > U64_MAX / aggr_us ? U64_MAX :
							  val * aggr_us);
	else
		snprintf(text, UNIT_LEN, "%llu", val);
}

/* "0..0", or "20.." if more than the kernel can count is not excluded */
static void show_limits(const struct node *scheme, const char *name,
			enum limit_unit unit, u64 aggr_us)
{
	u64 from, to, open = unit == LIMIT_SIZE ? U64_MAX : U32_MAX;
	char path[64], min[UNIT_LEN], max[UNIT_LEN];

	snprintf(path, sizeof(path), "access_pattern/%s/min", name);
	from = number(scheme, path);
	snprintf(path, sizeof(path), "access_pattern/%s/max", name);
	to = number(scheme, path);
	if (!from && to >= open)
		return;
	limit_text(min, from, unit, aggr_us);
	limit_text(max, to, unit, aggr_us);
	printf(", %s %s..%s", name, min, to >= open ? "" : max);
}

static void show_quota(const struct node *scheme)
{
	const struct node *quotas = node_find(scheme, "quotas");
	u64 ms = number(quotas, "ms"), bytes = number(quotas, "bytes");
	u64 nr_goals = number(quotas, "goals/nr_goals");
	char buf[3][UNIT_LEN];

	if (!ms && !bytes && !nr_goals)
		return;
	printf("    quota");
	if (ms)
		printf(" %s of CPU time", time_at(buf[0], quotas, "ms",
						  USEC_PER_MSEC));
	if (bytes)
		printf("%s %s", ms ? "," : "", unit_size(buf[1], bytes));
	if (nr_goals)
		printf("%s %llu goal%s", ms || bytes ? "," : "", nr_goals,
		       nr_goals == 1 ? "" : "s");
	printf(", each %s; now %s, used up %s times\n",
	       time_at(buf[0], quotas, "reset_interval_ms", USEC_PER_MSEC),
	       size_at(buf[2], quotas, "effective_bytes"),
	       text(scheme, "stats/qt_exceeds"));
}

static void show_scheme(const struct node *context, const struct node *scheme)
{
	const struct node *intervals =
		node_find(context, "monitoring_attrs/intervals");
	u64 aggr_us = number(intervals, "aggr_us");
	bool tuned = number(intervals, "intervals_goal/aggrs");
	const struct node *stats = node_find(scheme, "stats");
	char buf[2][UNIT_LEN];
	u64 nr_filters;

	printf("  scheme %s: %s", scheme->name, text(scheme, "action"));
	show_limits(scheme, "sz", LIMIT_SIZE, 0);
	show_limits(scheme, "nr_accesses", LIMIT_NUMBER, 0);
	/* it is in aggregation intervals, whatever they are at the time */
	show_limits(scheme, "age", tuned || !aggr_us ? LIMIT_NUMBER : LIMIT_TIME,
		    aggr_us);
	nr_filters = number(scheme, "core_filters/nr_filters") +
		number(scheme, "ops_filters/nr_filters") +
		number(scheme, "filters/nr_filters");
	if (nr_filters)
		printf(", %llu filter%s", nr_filters,
		       nr_filters == 1 ? "" : "s");
	printf("\n    tried on %s regions (%s), applied to %s (%s)\n",
	       text(stats, "nr_tried"), size_at(buf[0], stats, "sz_tried"),
	       text(stats, "nr_applied"), size_at(buf[1], stats, "sz_applied"));
	show_quota(scheme);
	if (strcmp(text(scheme, "watermarks/metric"), "none"))
		printf("    while %s is from %s to %s, begins below %s (1/1000)\n",
		       text(scheme, "watermarks/metric"),
		       text(scheme, "watermarks/low"),
		       text(scheme, "watermarks/high"),
		       text(scheme, "watermarks/mid"));
}

static void show_kdamond(const struct tree *tree, const struct node *kdamond)
{
	const struct node *context, *node;
	char buf[UNIT_LEN];
	u64 pid, ppm, nr, i;

	if (strcmp(text(kdamond, "state"), "off")) {
		pid = number(kdamond, "pid");
		printf("kdamond %s: on, pid %llu", kdamond->name, pid);
		if (node_u64(kdamond,
			     "contexts/0/monitoring_attrs/budget/cpu_used_ppm",
			     &ppm))
			printf(", monitoring takes %s of a CPU",
			       unit_percent(buf, ppm / 1e6));
		printf(", used %s of CPU time\n",
		       unit_time(buf, tree_process_cpu_ns(tree, pid) /
				 NSEC_PER_USEC));
	} else {
		printf("kdamond %s: off\n", kdamond->name);
	}
	context = first_of(kdamond, "contexts", "nr_contexts", &nr);
	if (!context)
		return;
	show_attrs(context);
	node = first_of(context, "targets", "nr_targets", &nr);
	for (i = 0; node && i < nr; i++, node = node->next)
		show_target(tree, context, node);
	node = first_of(context, "schemes", "nr_schemes", &nr);
	for (i = 0; node && i < nr; i++, node = node->next)
		show_scheme(context, node);
}

static void show_all(const struct tree *tree, const struct node *root)
{
	const char *module = admin_module(tree);
	const struct node *kdamond;
	u64 nr, i;

	kdamond = first_of(root, "kdamonds", "nr_kdamonds", &nr);
	if (module)
		printf("%s is running (damon module tells more)\n", module);
	if (!nr)
		puts("no kdamonds are set up");
	for (i = 0; kdamond && i < nr; i++, kdamond = kdamond->next)
		show_kdamond(tree, kdamond);
}

static int print_status(const struct tree *tree,
			const struct status_config *config)
{
	struct node *root;
	int status;

	admin_fetch(tree);
	if (config->config) {
		status = setup_running(tree, &root);
		if (!status)
			setup_print(stdout, root);
		node_free(root);
		return status;
	}
	status = node_read(tree, ADMIN_PATH, &root);
	if (status)
		return status;
	if (config->json)
		node_json(stdout, root);
	else
		show_all(tree, root);
	node_free(root);
	return 0;
}

static int run_status(const void *arg, char **args)
{
	const struct status_config *config = arg;
	struct tree tree;
	int status;

	(void)args;
	if (config->json && config->config)
		return fail(STATUS_USAGE, "give either --json or --config");
	status = tree_open(&tree, config->root);
	if (!status)
		status = print_status(&tree, config);
	tree_close(&tree);
	return status;
}

const struct command cmd_status = {
	.name = "status",
	.synopsis = "[OPTION...]",
	.help = "show what kdamonds are set up, and what they did",
	.examples =
		"  damon status\n"
		"  damon status --config > idle.setup\n"
		"  damon status --json | jq '.kdamonds.\"0\".contexts.\"0\".schemes'\n",
	.options = status_options,
	.defaults = &status_defaults,
	.config_size = sizeof(status_defaults),
	.run = run_status,
};
