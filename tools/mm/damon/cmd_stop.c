// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <unistd.h>

#include "admin.h"
#include "fail.h"
#include "options.h"
#include "setup.h"
#include "units.h"

#define MAX_WORDS	64

struct stop_config {
	const char *root;
};

static const struct stop_config stop_defaults = { .root = "/" };

static const struct option_row stop_options[] = {
	DEFINE_OPTION("root", TEXT, struct stop_config, root,
		      "find sys and proc below DIR", .value = "DIR"),
	END_OF_OPTIONS
};

static int stop_one(const struct tree *tree, u64 kdamond)
{
	int error = admin_command(tree, kdamond, "off");

	/* EPERM: it has ended by itself; EINVAL: it was never started */
	if (error && error != -EPERM && error != -EINVAL)
		return tree_fail(error, "stop", "the kdamond");
	return 0;
}

static int stop(const struct tree *tree, char **args)
{
	u64 number[MAX_WORDS], nr, i, nr_running = 0;
	int status;

	status = admin_nr(tree, &nr);
	if (status)
		return status;
	for (i = 0; args[i]; i++) {
		if (!parse_u64(args[i], &number[i]) || number[i] >= nr)
			return fail(STATUS_USAGE,
				    "'%s' is none of the %llu kdamond%s (they count from 0)",
				    args[i], nr, nr == 1 ? "" : "s");
	}
	for (i = 0; !status && args[i]; i++)
		status = stop_one(tree, number[i]);
	if (status)
		return status;
	for (i = 0; i < nr && args[0]; i++)
		nr_running += admin_runs(tree, i);
	return nr_running ? 0 : setup_stop(tree);
}

static int run_stop(const void *arg, char **args)
{
	const struct stop_config *config = arg;
	struct tree tree;
	int lock, status;

	status = tree_open(&tree, config->root);
	if (!status)
		status = admin_lock(&tree, &lock);
	if (!status) {
		status = stop(&tree, args);
		close(lock);
	}
	tree_close(&tree);
	return status;
}

const struct command cmd_stop = {
	.name = "stop",
	.synopsis = "[OPTION...] [NUMBER...]",
	.help = "stop kdamonds, and remove what is set up when none runs",
	.examples =
		"  damon stop          (all)\n"
		"  damon stop 1        (the second)\n",
	.options = stop_options,
	.defaults = &stop_defaults,
	.config_size = sizeof(stop_defaults),
	.max_args = MAX_WORDS,
	.run = run_stop,
};
