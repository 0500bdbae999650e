// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "setup_options.h"
#include "units.h"

#define ADMIN_PATH	"/sys/kernel/mm/damon/admin/"
#define IOMEM_SIZE	65536

const char *const setup_ops_names[] = { "vaddr", "fvaddr", "paddr", NULL };

const struct setup_config setup_defaults = {
	.ops = ARRAY_SIZE(setup_ops_names),	/* none */
	.root = "/",
};

/* Options become text, which is read like that of a file. */
static void write_options(FILE *out, const struct setup_config *config)
{
	const struct {
		const char *name;
		u64 value;
	} numbers[] = {
		{ "sample_us", config->sample_us },
		{ "aggr_us", config->aggr_us },
		{ "update_us", config->update_us },
		{ "monitoring_attrs/nr_regions/min", config->min_regions },
		{ "monitoring_attrs/nr_regions/max", config->max_regions },
	};
	unsigned int nr_targets = config->pids.nr, i, j;

	if (config->ops < ARRAY_SIZE(setup_ops_names))
		fprintf(out, "operations %s\n", setup_ops_names[config->ops]);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (numbers[i].value)
			fprintf(out, "%s %llu\n", numbers[i].name,
				numbers[i].value);
	}
	if (!nr_targets && config->ranges.nr)
		nr_targets = 1;
	for (i = 0; i < nr_targets; i++) {
		fputs("targets {\n", out);
		if (i < config->pids.nr)
			fprintf(out, "pid_target %llu\n", config->pids.val[i]);
		for (j = 0; j < config->ranges.nr; j++)
			fprintf(out, "regions 0x%llx..0x%llx\n",
				config->ranges.range[j].start,
				config->ranges.range[j].end);
		fputs("}\n", out);
	}
}

/* Nobody has seen the text. */
static void forget_positions(struct node *dir, const char *source)
{
	struct node *node;

	for (node = dir->first; node; node = node->next) {
		if (node->source == source)
			node->line = 0;
		forget_positions(node, source);
	}
}

static int parse_options(struct node *root, const struct setup_config *config)
{
	static const char source[] = "options";
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int status;

	if (!out)
		return fail(STATUS_FAILED, "out of memory");
	write_options(out, config);
	if (fclose(out))
		status = fail(STATUS_FAILED, "out of memory");
	else
		status = setup_parse(root, text, len, source);
	forget_positions(root, source);
	free(text);
	return status;
}

/* The text of an option inside of a block of that name, if there is one. */
static int parse_texts(struct node *root, const struct text_list *texts,
		       const char *option, const char *block)
{
	unsigned int i;
	int status = 0;

	for (i = 0; !status && i < texts->nr; i++)
		status = setup_parse_in(root, block, texts->text[i],
					strlen(texts->text[i]), option);
	return status;
}

/* "100000-bfffffff : System RAM", and what is part of it below, indented */
static bool add_ram(struct node *target, char *iomem, u64 unit)
{
	struct node *regions = node_add(target, "regions", NULL), *region;
	char *line, *rest = iomem, name[UNIT_LEN], number[UNIT_LEN];
	unsigned long long start, end;
	unsigned int nr = 0;
	char *dash;

	while (regions && (line = strsep(&rest, "\n"))) {
		if (*line == ' ' || !strstr(line, " : System RAM"))
			continue;
		start = strtoull(line, &dash, 16);
		end = *dash == '-' ? strtoull(dash + 1, NULL, 16) : 0;
		if (end <= start)
			continue;
		snprintf(name, sizeof(name), "%u", nr++);
		region = node_add(regions, name, NULL);
		snprintf(number, sizeof(number), "%llu", start / unit);
		if (!region || !node_add(region, "start", number))
			return false;
		snprintf(number, sizeof(number), "%llu", (end + 1) / unit);
		if (!node_add(region, "end", number))
			return false;
	}
	return regions;
}

/* paddr without a word on where is about all memory. */
static int fill_in_ram(struct node *root, const struct tree *tree)
{
	struct node *context = node_find(root, "kdamonds/0/contexts/0");
	const char *ops = node_text(context, "operations");
	struct node *targets, *target;
	char *iomem;
	u64 unit = 1;
	bool good;

	if (!ops || strcmp(ops, "paddr") || node_find(context, "targets"))
		return 0;
	if (node_text(context, "addr_unit") &&
	    (!node_u64(context, "addr_unit", &unit) || !unit))
		return 0;
	iomem = calloc(1, IOMEM_SIZE);
	if (!iomem)
		return fail(STATUS_FAILED, "out of memory");
	if (tree_read(tree->root, "proc/iomem", iomem, IOMEM_SIZE)) {
		/* the check will say what is missing */
		free(iomem);
		return 0;
	}
	targets = node_add(context, "targets", NULL);
	target = targets ? node_add(targets, "0", NULL) : NULL;
	good = target && add_ram(target, iomem, unit);
	free(iomem);
	return good ? 0 : fail(STATUS_FAILED, "out of memory");
}

int setup_apply(struct node *root, const struct setup_config *config,
		const struct tree *tree, bool has_file)
{
	int status;

	status = parse_options(root, config);
	if (!status)
		status = parse_texts(root, &config->schemes, "--scheme",
				     "schemes");
	if (!status)
		status = parse_texts(root, &config->set, "--set", NULL);
	if (!status)
		status = fill_in_ram(root, tree);
	if (!status)
		status = setup_check(root);
	return status == STATUS_BAD_FILE && !has_file ? STATUS_USAGE : status;
}

struct plan_output {
	bool as_json;
	bool has_lines;
};

/* For a shell: what has others than harmless characters goes in quotes. */
static void print_word(const char *text)
{
	const char *p = text;

	while (isalnum((unsigned char)*p) || (*p && strchr("_-./:,", *p)))
		p++;
	if (*text && !*p) {
		fputs(text, stdout);
		return;
	}
	shell_string(stdout, text);
}

static int show_write(void *arg, const char *path, const char *value)
{
	struct plan_output *plan = arg;

	if (!plan->as_json) {
		fputs("echo ", stdout);
		print_word(value);
		printf(" > " ADMIN_PATH "%s\n", path);
		return 0;
	}
	fputs(plan->has_lines ? ",\n{\"path\": " : "[\n{\"path\": ", stdout);
	json_string(stdout, path);
	fputs(", \"value\": ", stdout);
	json_string(stdout, value);
	putchar('}');
	plan->has_lines = true;
	return 0;
}

int setup_show_plan(const struct node *from, const struct node *to,
		    const char *command, bool as_json)
{
	struct plan_output plan = { .as_json = as_json };
	const struct node *kdamonds = node_find(to, "kdamonds"), *kdamond;
	char path[64];

	setup_plan(from, to, show_write, &plan);
	for (kdamond = kdamonds ? kdamonds->first : NULL; kdamond;
	     kdamond = kdamond->next) {
		snprintf(path, sizeof(path), "kdamonds/%s/state",
			 kdamond->name);
		show_write(&plan, path, command);
	}
	if (as_json)
		puts(plan.has_lines ? "\n]" : "[]");
	return 0;
}
