// SPDX-License-Identifier: GPL-2.0
#include <unistd.h>

#include "admin.h"
#include "fail.h"
#include "setup_options.h"

static const struct option_row start_options[] = {
	SETUP_OPTIONS,
	SETUP_OPTION("replace", FLAG, replace,
		     "instead of what is set up already, running or not"),
	END_OF_OPTIONS
};

static int start(const struct tree *tree, const struct node *root, bool replace)
{
	int lock, status;

	status = admin_lock(tree, &lock);
	if (status)
		return status;
	status = replace ? setup_replace(tree, root) : setup_start(tree, root);
	close(lock);
	return status;
}

static int run_start(const void *arg, char **args)
{
	const struct setup_config *config = arg;
	struct node *root = setup_new();
	struct tree tree;
	int status;

	if (!root)
		return STATUS_FAILED;
	/* what is wrong is said even if there is no DAMON here */
	status = tree_open_root(&tree, config->root);
	if (!status && args[0])
		status = setup_load(root, args[0]);
	if (!status)
		status = setup_apply(root, config, &tree, args[0]);
	tree_close(&tree);
	if (!status && config->dry_run) {
		setup_show_plan(NULL, root, "on", config->json);
	} else if (!status) {
		status = tree_open(&tree, config->root);
		if (!status)
			status = start(&tree, root, config->replace);
		tree_close(&tree);
	}
	node_free(root);
	return status;
}

const struct command cmd_start = {
	.name = "start",
	.synopsis = "[OPTION...] [FILE]",
	.help = "set up monitoring and schemes, and start them",
	.examples =
		"  damon start -p 4711 --scheme 'action pageout age 2m.. nr_accesses 0'\n"
		"  damon start --set 'schemes { action stat }' --ops paddr -n\n"
		"  damon start idle.setup -p 4711      (words of sysfs; see man damon)\n",
	.manual = SETUP_FILE_MANUAL,
	.options = start_options,
	.defaults = &setup_defaults,
	.config_size = sizeof(setup_defaults),
	.max_args = 1,
	.run = run_start,
};
