// SPDX-License-Identifier: GPL-2.0
/*
 * damon module: shows and sets the special-purpose modules.
 *
 * All is checked before anything is written; what the kernel refuses all the
 * same is taken back as a whole.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "fail.h"
#include "module.h"
#include "options.h"

#define MAX_BP		10000
#define LEAST_REGIONS	3
#define TEXT_LEN	32	/* of a number that the kernel reads */

struct module_config {
	bool json;
	const char *root;
};

static const struct module_config module_defaults = { .root = "/" };

static const struct option_row module_options[] = {
	DEFINE_OPTION("json", FLAG, struct module_config, json,
		      "print JSON, with the numbers in the kernel's units"),
	DEFINE_OPTION("root", TEXT, struct module_config, root,
		      "find sys below DIR", .value = "DIR"),
	END_OF_OPTIONS
};

struct change {
	const struct param *param;
	char old[TEXT_LEN];
	u64 val;
};

struct editor {
	const struct tree *tree;
	const struct module *module;
	struct node *now;	/* what the kernel's files say */
	struct change change[MAX_PARAMS];
	unsigned int nr_changes;
	const char *shown[MAX_PARAMS];	/* only these, if any */
	unsigned int nr_shown;
	enum { LEAVE, TURN_OFF, TURN_ON } power;
	bool runs;
};

static char *file_path(char path[128], const struct module *module,
		       const char *name)
{
	snprintf(path, 128, "sys/module/%s/parameters/%s", module->file, name);
	return path;
}

static int open_module(struct editor *ed)
{
	const char *enabled;
	char path[128];
	int status;

	if (!module_exists(ed->tree, ed->module))
		return fail(STATUS_NO_DAMON,
			    "this kernel has no %s (%s is not set)",
			    ed->module->file, ed->module->config);
	snprintf(path, sizeof(path), "sys/module/%s/parameters",
		 ed->module->file);
	status = node_read(ed->tree, path, &ed->now);
	if (status)
		return status;
	enabled = node_text(ed->now, "enabled");
	ed->runs = enabled && !strcmp(enabled, "Y");
	return 0;
}

/* What a parameter will be. */
static bool value_of(const struct editor *ed, const char *name, u64 *val)
{
	unsigned int i;

	for (i = 0; i < ed->nr_changes; i++) {
		if (strcmp(ed->change[i].param->name, name))
			continue;
		*val = ed->change[i].val;
		return true;
	}
	return node_u64(ed->now, name, val);
}

static u64 addr_unit(const struct editor *ed)
{
	u64 unit;

	return value_of(ed, "addr_unit", &unit) && unit ? unit : 1;
}

static int check_pair(const struct editor *ed, const char *less,
		      const char *more)
{
	u64 low, high;

	if (value_of(ed, less, &low) && value_of(ed, more, &high) && low > high)
		return fail(STATUS_USAGE, "%s would be more than %s", less,
			    more);
	return 0;
}

static int check_range(const struct editor *ed, const char *name, u64 min,
		       u64 max)
{
	u64 val;

	if (value_of(ed, name, &val) && (val < min || val > max))
		return fail(STATUS_USAGE, "%s would be too %s", name,
			    val < min ? "small" : "large");
	return 0;
}

/* What the kernel would refuse, and watermarks between which nothing is. */
static int check_changes(const struct editor *ed)
{
	static const char *const pairs[][2] = {
		{ "sample_interval", "aggr_interval" },
		{ "min_nr_regions", "max_nr_regions" },
		{ "monitor_region_start", "monitor_region_end" },
		{ "wmarks_low", "wmarks_mid" },
		{ "wmarks_mid", "wmarks_high" },
	};
	static const struct {
		const char *name;
		u64 min, max;
	} ranges[] = {
		{ "sample_interval", 1, U64_MAX },
		{ "aggr_interval", 1, U64_MAX },
		{ "min_nr_regions", LEAST_REGIONS, U64_MAX },
		{ "active_mem_bp", 0, MAX_BP },
		{ "wmarks_high", 0, 1000 },
		{ "hot_thres_access_freq", 0, 1000 },
		{ "addr_unit", 1, U64_MAX },
	};
	int status = 0;
	size_t i;

	for (i = 0; !status && i < ARRAY_SIZE(ranges); i++)
		status = check_range(ed, ranges[i].name, ranges[i].min,
				     ranges[i].max);
	for (i = 0; !status && i < ARRAY_SIZE(pairs); i++)
		status = check_pair(ed, pairs[i][0], pairs[i][1]);
	return status;
}

static int find_param(const struct editor *ed, const char *name,
		      const struct param **param)
{
	*param = module_param(ed->module, name);
	if (!*param)
		return fail(STATUS_USAGE,
			    "no parameter '%s'; damon module %s lists all",
			    name, ed->module->name);
	if (!node_text(ed->now, name))
		return fail(STATUS_NO_DAMON, "this kernel's %s has no %s",
			    ed->module->file, name);
	return 0;
}

static int take_change(struct editor *ed, const char *word, size_t name_len)
{
	struct change *change = &ed->change[ed->nr_changes];
	char name[64];
	unsigned int i;
	u64 val;
	int status;

	if (name_len >= sizeof(name))
		return fail(STATUS_USAGE, "'%s' is too long", word);
	memcpy(name, word, name_len);
	name[name_len] = '\0';
	if (!strcmp(name, "enabled"))
		return fail(STATUS_USAGE, "say on or off instead");
	if (!strcmp(name, "commit_inputs"))
		return fail(STATUS_USAGE,
			    "all changes are committed, without being asked to");
	status = find_param(ed, name, &change->param);
	if (status)
		return status;
	for (i = 0; i < ed->nr_changes; i++) {
		if (ed->change[i].param == change->param)
			return fail(STATUS_USAGE, "%s is given twice", name);
	}
	status = param_parse(change->param, word + name_len + 1, addr_unit(ed),
			     &val);
	if (status)
		return status;
	change->val = val;
	snprintf(change->old, sizeof(change->old), "%s",
		 node_text(ed->now, name));
	ed->nr_changes++;
	return 0;
}

static int take_word(struct editor *ed, const char *word)
{
	const struct param *param;
	int status;

	if (!strcmp(word, "on") || !strcmp(word, "off")) {
		if (ed->power != LEAVE)
			return fail(STATUS_USAGE, "on or off, and once");
		ed->power = word[1] == 'n' ? TURN_ON : TURN_OFF;
		return 0;
	}
	if (word[strcspn(word, "=")])
		return take_change(ed, word, strcspn(word, "="));
	status = find_param(ed, word, &param);
	if (status)
		return status;
	ed->shown[ed->nr_shown++] = word;
	return 0;
}

/* addr_unit first: others are counted in it, wherever they are said. */
static int take_words(struct editor *ed, char **words)
{
	static const char unit[] = "addr_unit=";
	int status = 0, pass;
	char **word;

	for (pass = 0; pass < 2; pass++) {
		for (word = words; !status && *word; word++) {
			bool is_unit = !strncmp(*word, unit, strlen(unit));

			if (is_unit == !pass)
				status = take_word(ed, *word);
		}
	}
	if (!status && ed->nr_shown && (ed->nr_changes || ed->power != LEAVE))
		status = fail(STATUS_USAGE,
			      "either show parameters or set them (PARAM=VALUE)");
	if (!status && ed->nr_changes)
		status = check_changes(ed);
	return status;
}

static int write_file(const struct editor *ed, const char *name,
		      const char *text)
{
	char path[128];

	return tree_write(ed->tree->root, file_path(path, ed->module, name),
			  "%s", text);
}

static void restore(const struct editor *ed, unsigned int nr)
{
	while (nr--) {
		const struct change *change = &ed->change[nr];
		int error = write_file(ed, change->param->name, change->old);

		if (error)
			tree_fail(error, "restore", change->param->name);
	}
}

static int write_changes(const struct editor *ed)
{
	char text[TEXT_LEN];
	unsigned int i;
	int error;

	for (i = 0; i < ed->nr_changes; i++) {
		const struct change *change = &ed->change[i];

		if (change->param->kind == PARAM_SWITCH)
			snprintf(text, sizeof(text), "%c",
				 change->val ? 'Y' : 'N');
		else
			snprintf(text, sizeof(text), "%llu", change->val);
		error = write_file(ed, change->param->name, text);
		if (!error)
			continue;
		restore(ed, i);
		return tree_fail(error, "write", change->param->name);
	}
	return 0;
}

static int refused(const struct editor *ed, int error, const char *what)
{
	const char *kept = ed->nr_changes ? "; nothing is changed" : "";
	const struct module *other = module_running(ed->tree);

	if (error == -EBUSY && other && other != ed->module)
		return fail(STATUS_BUSY,
			    "%s is running; damon module %s off stops it%s",
			    other->file, other->name, kept);
	if (error == -EBUSY)
		return fail(STATUS_BUSY,
			    "another kdamond monitors physical memory; damon status shows it%s",
			    kept);
	if (error == -EINVAL)
		return fail(STATUS_FAILED,
			    "the kernel refuses these values of %s%s",
			    ed->module->file, kept);
	errno = -error;
	if (error == -EACCES || error == -EPERM)
		return fail(STATUS_NOT_PERMITTED, "not permitted to %s %s; be root",
			    what, ed->module->file);
	return fail(STATUS_FAILED, "cannot %s %s: %m%s", what, ed->module->file,
		    kept);
}

static int apply(struct editor *ed)
{
	int status, error = 0;
	const char *what;

	status = write_changes(ed);
	if (status)
		return status;
	if (ed->power == TURN_OFF) {
		what = "stop";
		error = write_file(ed, "enabled", "N");
	} else if (ed->runs) {
		what = "commit to";
		if (ed->nr_changes)
			error = write_file(ed, "commit_inputs", "Y");
	} else if (ed->power == TURN_ON) {
		what = "start";
		error = write_file(ed, "enabled", "Y");
		if (!error && !module_runs(ed->tree, ed->module))
			error = -ECANCELED;
	}
	if (!error)
		return 0;
	restore(ed, ed->nr_changes);
	return refused(ed, error, what);
}

/* Interrupted in the middle, it would be neither old nor new. */
static int apply_as_a_whole(struct editor *ed)
{
	sigset_t all, old;
	int status;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	status = apply(ed);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return status;
}

static bool is_shown(const struct editor *ed, const char *name)
{
	unsigned int i;

	for (i = 0; i < ed->nr_shown; i++) {
		if (!strcmp(ed->shown[i], name))
			return true;
	}
	return !ed->nr_shown;
}

/* What is said in the heading. */
static bool is_state(const char *name)
{
	return !strcmp(name, "enabled") || !strcmp(name, "commit_inputs") ||
		!strcmp(name, "kdamond_pid");
}

static void print_table(const struct editor *ed)
{
	const char *pid = node_text(ed->now, "kdamond_pid");
	const struct param *param;
	const struct node *node;

	if (!ed->nr_shown) {
		printf("%s: %s", ed->module->file, ed->runs ? "on" : "off");
		if (ed->runs && pid) {
			fputs(", kdamond ", stdout);
			print_harmless(stdout, pid);
		}
		putchar('\n');
	}
	for (param = ed->module->params; param->name; param++) {
		const char *text = node_text(ed->now, param->name);
		char *buf = NULL;
		size_t len;
		FILE *cell;

		if (!text || !is_shown(ed, param->name))
			continue;
		cell = open_memstream(&buf, &len);
		if (!cell)
			continue;
		param_print(cell, param, text, addr_unit(ed));
		fclose(cell);
		if (param->kind == PARAM_IDLE_MS)
			printf("  %s (%s)\n    %s\n", param->name, param->help,
			       buf);
		else
			printf("  %-33s %8s  %s\n", param->name, buf,
			       param->help);
		free(buf);
	}
	/* of newer kernels */
	for (node = ed->now->first; node; node = node->next) {
		if (!node->value || is_state(node->name) || ed->nr_shown ||
		    module_param(ed->module, node->name))
			continue;
		fputs("  ", stdout);
		print_harmless(stdout, node->name);
		putchar(' ');
		print_harmless(stdout, node->value);
		putchar('\n');
	}
}

static void print_json_value(const char *text, enum param_kind kind)
{
	long long percentile[NR_PERCENTILES];
	unsigned int nr, i;
	u64 val;

	if (kind == PARAM_SWITCH && (!strcmp(text, "Y") || !strcmp(text, "N"))) {
		fputs(*text == 'Y' ? "true" : "false", stdout);
	} else if (kind == PARAM_IDLE_MS) {
		nr = parse_percentiles(text, percentile, NR_PERCENTILES);
		for (i = 0; i < nr; i++)
			printf("%s%lld", i ? ", " : "[", percentile[i]);
		fputs(nr ? "]" : "[]", stdout);
	} else if (parse_u64(text, &val)) {
		printf("%llu", val);
	} else {
		json_string(stdout, text);
	}
}

static void print_json(const struct editor *ed)
{
	const struct param *param;
	const struct node *node;
	const char *comma = "";
	u64 pid;

	printf("{\"module\": \"%s\", \"enabled\": %s, \"kdamond_pid\": ",
	       ed->module->name, ed->runs ? "true" : "false");
	if (node_u64(ed->now, "kdamond_pid", &pid))
		printf("%llu", pid);
	else
		fputs("null", stdout);
	fputs(", \"parameters\": {", stdout);
	for (node = ed->now->first; node; node = node->next) {
		if (!node->value || is_state(node->name) ||
		    !is_shown(ed, node->name))
			continue;
		param = module_param(ed->module, node->name);
		printf("%s\n    ", comma);
		json_string(stdout, node->name);
		fputs(": ", stdout);
		print_json_value(node->value,
				 param ? param->kind : PARAM_COUNT);
		comma = ",";
	}
	fputs("\n  }}", stdout);
}

static int run_one(struct editor *ed, const struct module_config *config,
		   char **words)
{
	int status;

	status = open_module(ed);
	if (!status)
		status = take_words(ed, words);
	if (!status && (ed->nr_changes || ed->power != LEAVE)) {
		status = apply_as_a_whole(ed);
		if (status || !config->json)
			return status;
		node_free(ed->now);
		ed->now = NULL;
		status = open_module(ed);
	}
	if (status)
		return status;
	if (config->json)
		print_json(ed);
	else
		print_table(ed);
	return 0;
}

/* All that this kernel has. */
static int run_all(const struct tree *tree, const struct module_config *config)
{
	char *nothing[1] = { NULL };
	int status = 0, nr = 0;
	size_t i;

	for (i = 0; !status && i < NR_MODULES; i++) {
		struct editor ed = { .tree = tree, .module = &modules[i] };

		if (!module_exists(tree, &modules[i]))
			continue;
		if (config->json)
			fputs(nr ? ",\n  " : "[", stdout);
		else if (nr)
			putchar('\n');
		nr++;
		status = run_one(&ed, config, nothing);
		node_free(ed.now);
	}
	if (!nr)
		return fail(STATUS_NO_DAMON,
			    "this kernel has none of DAMON's modules (CONFIG_DAMON_RECLAIM and others are not set)");
	if (config->json)
		fputs("]\n", stdout);
	return status;
}

static int run_module(const void *defaults, char **args)
{
	const struct module_config *config = defaults;
	struct tree tree;
	int status;

	status = tree_open_root(&tree, config->root);
	if (status)
		return status;
	if (args[0]) {
		struct editor ed = {
			.tree = &tree,
			.module = module_by_name(args[0]),
		};

		status = run_one(&ed, config, args + 1);
		if (!status && ed.now && config->json)
			putchar('\n');
		node_free(ed.now);
	} else {
		status = run_all(&tree, config);
	}
	tree_close(&tree);
	return status;
}

const struct command cmd_module = {
	.name = "module",
	.synopsis = "[reclaim|lru_sort|stat [PARAM[=VALUE]...] [on|off]]",
	.help = "show and set the special-purpose modules",
	.examples =
		"  damon module\n"
		"  damon module reclaim\n"
		"  damon module reclaim min_age=2m quota_sz=128M wmarks_high=50% on\n"
		"  damon module lru_sort cold_min_age=30s\n"
		"  damon module stat estimated_memory_bandwidth\n"
		"  damon module stat off\n",
	.manual =
		"Without a module, all modules of the kernel are shown; with "
		"one, all its parameters, or those that are named.\n\n"
		"Values have units: times as 10ms, 5s or 2m, sizes as 64K or "
		"2M, shares as 50%. All values are checked before the first is "
		"written. A running module gets them at once (commit_inputs). "
		"If the kernel refuses them, all old values are restored.\n\n"
		"on and off come last, whatever the order of the words. A "
		"module does not start while somebody else monitors physical "
		"memory; on some kernels only one module at a time can run, and "
		"only while nothing else does.",
	.words = module_names,
	.options = module_options,
	.defaults = &module_defaults,
	.config_size = sizeof(module_defaults),
	.max_args = 1 + MAX_PARAMS,
	.run = run_module,
};
