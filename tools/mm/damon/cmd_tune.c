// SPDX-License-Identifier: GPL-2.0
#include <unistd.h>

#include "admin.h"
#include "fail.h"
#include "setup_options.h"

static const struct option_row tune_options[] = {
	SETUP_OPTIONS,
	END_OF_OPTIONS
};

static bool any_runs(const struct tree *tree, const struct node *root)
{
	const struct node *kdamonds = node_find(root, "kdamonds");
	const struct node *kdamond = kdamonds ? kdamonds->first : NULL;
	u64 nr;

	for (nr = 0; kdamond; nr++, kdamond = kdamond->next) {
		if (admin_runs(tree, nr))
			return true;
	}
	return false;
}

static int tune(const struct tree *tree, const struct setup_config *config,
		const char *file)
{
	struct node *before = NULL, *root = NULL;
	int status;

	/* intervals that the kernel tuned stay, but for a file's */
	if (!config->dry_run)
		admin_fetch(tree);
	status = setup_running(tree, &before);
	if (!status && !any_runs(tree, before))
		status = fail(STATUS_FAILED,
			      "no kdamond runs that could be changed; see damon start");
	if (!status && file) {
		root = setup_new();
		status = root ? setup_load(root, file) : STATUS_FAILED;
	} else if (!status) {
		status = setup_running(tree, &root);
	}
	if (!status)
		status = setup_apply(root, config, tree, file);
	if (!status && config->dry_run)
		setup_show_plan(before, root, "commit", config->json);
	else if (!status)
		status = setup_change(tree, root);
	node_free(before);
	node_free(root);
	return status;
}

static int run_tune(const void *arg, char **args)
{
	const struct setup_config *config = arg;
	struct tree tree;
	int lock, status;

	status = tree_open(&tree, config->root);
	if (!status)
		status = admin_lock(&tree, &lock);
	if (!status) {
		status = tune(&tree, config, args[0]);
		close(lock);
	}
	tree_close(&tree);
	return status;
}

const struct command cmd_tune = {
	.name = "tune",
	.synopsis = "[OPTION...] [FILE]",
	.help = "change what runs, with a whole set-up or in parts",
	.examples =
		"  damon tune --set 'schemes/0/bytes 1G'      (of the first scheme)\n"
		"  damon tune -a 200ms --scheme 'action stat age 2m..'\n"
		"  damon tune idle.setup                      (and nothing else)\n",
	.manual =
		"Without FILE, options change parts of what is set up.  With it, "
		"what FILE does not say becomes as it is at first.",
	.options = tune_options,
	.defaults = &setup_defaults,
	.config_size = sizeof(setup_defaults),
	.max_args = 1,
	.run = run_tune,
};
