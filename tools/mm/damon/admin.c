// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "admin.h"
#include "fail.h"
#include "units.h"

/* A command of somebody else may take as long as a pass of a scheme. */
#define BUSY_RETRIES	300
#define BUSY_RETRIES_ON	20
#define BUSY_WAIT_NS	(10 * NSEC_PER_MSEC)

int admin_lock(const struct tree *tree, int *lock)
{
	*lock = openat(tree->admin, NR_KDAMONDS, O_RDWR | O_CLOEXEC);
	if (*lock < 0)
		return tree_fail(-errno, "use", NR_KDAMONDS);
	if (!flock(*lock, LOCK_EX | LOCK_NB))
		return 0;
	close(*lock);
	*lock = -1;
	return fail(STATUS_BUSY, "another damon is using the kdamonds");
}

int admin_nr(const struct tree *tree, u64 *nr)
{
	int error = tree_read_u64(tree->admin, NR_KDAMONDS, nr);

	return error ? tree_fail(error, "read", NR_KDAMONDS) : 0;
}

int admin_command(const struct tree *tree, u64 kdamond, const char *command)
{
	const struct timespec wait = { .tv_nsec = BUSY_WAIT_NS };
	/* "on" may be busy for as long as others run */
	int retries = strcmp(command, "on") ? BUSY_RETRIES : BUSY_RETRIES_ON;
	char path[UNIT_LEN + 16];
	int error;

	snprintf(path, sizeof(path), "kdamonds/%llu/state", kdamond);
	while (true) {
		error = tree_write(tree->admin, path, "%s", command);
		if (error != -EBUSY || !retries--)
			return error;
		nanosleep(&wait, NULL);
	}
}

bool admin_runs(const struct tree *tree, u64 kdamond)
{
	char path[UNIT_LEN + 16], state[16];

	snprintf(path, sizeof(path), "kdamonds/%llu/state", kdamond);
	return !tree_read(tree->admin, path, state, sizeof(state)) &&
		strcmp(state, "off");
}

void admin_fetch(const struct tree *tree)
{
	char path[128];
	u64 nr, i, aggrs;

	if (tree_read_u64(tree->admin, NR_KDAMONDS, &nr))
		return;
	for (i = 0; i < nr; i++) {
		if (!admin_runs(tree, i))
			continue;
		/* those that fail because it ended leave older values */
		admin_command(tree, i, "update_schemes_stats");
		admin_command(tree, i, "update_schemes_effective_quotas");
		snprintf(path, sizeof(path),
			 "kdamonds/%llu/contexts/0/monitoring_attrs/intervals/intervals_goal/aggrs",
			 i);
		if (!tree_read_u64(tree->admin, path, &aggrs) && aggrs)
			admin_command(tree, i, "update_tuned_intervals");
	}
}

const char *admin_module(const struct tree *tree)
{
	static const char *const modules[] = {
		"damon_reclaim", "damon_lru_sort", "damon_stat",
	};
	char path[64], enabled[8];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modules); i++) {
		snprintf(path, sizeof(path), "sys/module/%s/parameters/enabled",
			 modules[i]);
		if (!tree_read(tree->root, path, enabled, sizeof(enabled)) &&
		    enabled[0] == 'Y')
			return modules[i];
	}
	return NULL;
}
