// SPDX-License-Identifier: GPL-2.0
/* damon export: what runs and what it sees, for monitoring systems. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "export.h"
#include "fail.h"
#include "options.h"
#include "version.h"

#define ADMIN_PATH	"sys/kernel/mm/damon/admin"

struct export_config {
	bool openmetrics;
	bool prometheus;
	bool json;
	bool no_regions;
	u64 wait_us;
	const char *output;
	const char *root;
};

static const struct export_config export_defaults = {
	.wait_us = 3 * USEC_PER_SEC,
	.root = "/",
};

static const struct option_row export_options[] = {
	DEFINE_OPTION("openmetrics", FLAG, struct export_config, openmetrics,
		      "write OpenMetrics (the default on stdout)"),
	DEFINE_OPTION("prometheus", FLAG, struct export_config, prometheus,
		      "write Prometheus text (the default with -o)"),
	DEFINE_OPTION("json", FLAG, struct export_config, json,
		      "write JSON"),
	DEFINE_OPTION("output", TEXT, struct export_config, output,
		      "write FILE, whole or not at all", .letter = 'o',
		      .value = "FILE"),
	DEFINE_OPTION("wait", TIME, struct export_config, wait_us,
		      "wait so long for the regions of a kdamond (3s)",
		      .letter = 'w', .value = "TIME", .min = 1),
	DEFINE_OPTION("no-regions", FLAG, struct export_config, no_regions,
		      "do not wait: no working sets of kdamonds"),
	DEFINE_OPTION("root", TEXT, struct export_config, root,
		      "find sys and proc below DIR", .value = "DIR"),
	END_OF_OPTIONS
};

static int collect(struct metrics *m, const struct export_config *config)
{
	struct utsname system = {};
	struct tree tree;
	int status;

	status = tree_open_root(&tree, config->root);
	if (status)
		return status;
	uname(&system);
	metrics_push(m, "version", "%s", DAMON_TOOL_VERSION);
	metrics_push(m, "kernel", "%s", system.release);
	metrics_add(m, EXPORT_BUILD, 1);
	metrics_pop(m, 2);
	status = export_modules(m, &tree);
	/* modules do not need sysfs to monitor */
	if (!status && (m->nr == 1 ||
			!faccessat(tree.root, ADMIN_PATH, F_OK, 0))) {
		tree_close(&tree);
		status = tree_open(&tree, config->root);
		if (!status)
			status = export_kdamonds(m, &tree, config->no_regions ?
						 0 : config->wait_us);
	}
	tree_close(&tree);
	if (!status && m->no_memory)
		status = fail(STATUS_FAILED, "out of memory");
	return status;
}

static void write_metrics(FILE *out, const struct metrics *m,
			  const struct export_config *config)
{
	if (config->json)
		metrics_write_json(out, m);
	else if (config->prometheus || (config->output && !config->openmetrics))
		metrics_write_prometheus(out, m);
	else
		metrics_write_openmetrics(out, m);
}

/*
 * A collector may look at any moment, and must not see a half.  Its name has
 * the ending of the temporary file not among those that it looks for.
 */
static int write_file(const char *path, const struct metrics *m,
		      const struct export_config *config)
{
	mode_t mask = umask(0);
	char *temporary;
	int fd, error;
	FILE *out;

	umask(mask);
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return fail(STATUS_FAILED, "out of memory");
	fd = mkostemp(temporary, O_CLOEXEC);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	error = out ? 0 : errno;
	if (out) {
		write_metrics(out, m, config);
		if (fchmod(fd, 0666 & ~mask) || fflush(out) || fsync(fd))
			error = errno;
		if (fclose(out) && !error)
			error = errno;
		if (!error && rename(temporary, path))
			error = errno;
		if (error)
			unlink(temporary);
	}
	free(temporary);
	errno = error;
	return error ? fail(STATUS_FAILED, "cannot write %s: %m", path) : 0;
}

static int run_export(const void *defaults, char **args)
{
	const struct export_config *config = defaults;
	struct metrics m = {
		.families = export_families,
		.nr_families = NR_EXPORT_FAMILIES,
	};
	sigset_t signals;
	int status;

	(void)args;
	if (config->openmetrics + config->prometheus + config->json > 1)
		return fail(STATUS_USAGE,
			    "only one of --openmetrics, --prometheus and --json");
	/* neither the trace instance nor a temporary file is to stay */
	sigfillset(&signals);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	status = collect(&m, config);
	if (!status && config->output && strcmp(config->output, "-"))
		status = write_file(config->output, &m, config);
	else if (!status)
		write_metrics(stdout, &m, config);
	metrics_free(&m);
	return status;
}

const struct command cmd_export = {
	.name = "export",
	.synopsis = "[OPTION...]",
	.help = "write metrics for Prometheus and others",
	.examples =
		"  damon export\n"
		"  damon export -o /var/lib/prometheus/node-exporter/damon.prom\n"
		"  damon export --no-regions --json\n",
	.manual =
		"Tells of all running kdamonds and modules: working set, "
		"memory by idle time, access bandwidth, statistics and quotas "
		"of schemes, CPU time of kdamonds, tuned intervals.\n\n"
		"Memory by idle time is a histogram of which each byte is an "
		"observation, so that histogram_quantile() tells how long what "
		"part of memory has been idle. What the stat module tells are "
		"shares; they are of all memory of the machine.\n\n"
		"Node exporter's textfile collector reads Prometheus text; a "
		"server that scrapes what is written to stdout reads either.",
	.options = export_options,
	.defaults = &export_defaults,
	.config_size = sizeof(export_defaults),
	.run = run_export,
};
