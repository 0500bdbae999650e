// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin.h"
#include "fail.h"
#include "setup.h"
#include "setup_schema.h"
#include "units.h"

#define ADMIN_PATH	"sys/kernel/mm/damon/admin"
#define MAX_FILE_SIZE	(1024 * 1024)

struct node *setup_new(void)
{
	struct node *root = node_add(NULL, "", NULL);

	if (!root)
		fail(STATUS_FAILED, "out of memory");
	return root;
}

/* Up to a byte more than is allowed. */
static int read_all(int fd, char *text, size_t *len)
{
	ssize_t got;

	*len = 0;
	do {
		got = read(fd, text + *len, MAX_FILE_SIZE + 1 - *len);
		if (got < 0)
			return -errno;
		*len += got;
	} while (got && *len <= MAX_FILE_SIZE);
	return 0;
}

int setup_load(struct node *root, const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	char *text = malloc(MAX_FILE_SIZE + 1);
	size_t len;
	int status;

	if (is_stdin)
		path = "stdin";
	if (!text)
		status = fail(STATUS_FAILED, "out of memory");
	else if (fd < 0 || read_all(fd, text, &len))
		status = fail(STATUS_FAILED, "cannot read %s: %m", path);
	else if (len > MAX_FILE_SIZE)
		status = fail(STATUS_BAD_FILE, "%s is larger than 1M", path);
	else
		status = setup_parse(root, text, len, path);
	if (fd >= 0 && !is_stdin)
		close(fd);
	free(text);
	return status;
}

/* What is below a directory as the kernel shows it, without what is shown only. */
static bool copy_rows(struct node *out, const struct node *in,
		      const struct setup_row *rows);

static bool copy_list(struct node *out, const struct node *in,
		      const struct setup_row *row)
{
	const struct node *child;
	u64 nr, i = 0;

	if (!node_u64(in, row->count, &nr))
		return true;
	for (child = in->first; child && i < nr; child = child->next) {
		char name[UNIT_LEN];
		struct node *copy;

		snprintf(name, sizeof(name), "%llu", i);
		if (child->value || strcmp(child->name, name))
			continue;
		copy = node_add(out, name, NULL);
		if (!copy || !copy_rows(copy, child, row->rows))
			return false;
		i++;
	}
	return true;
}

static bool copy_rows(struct node *out, const struct node *in,
		      const struct setup_row *rows)
{
	const struct setup_row *row;

	for (row = rows; row->name; row++) {
		const struct node *node = node_find(in, row->name);
		struct node *copy;

		if (!node || row->kind == SETUP_SHOWN ||
		    setup_is_dir(row) != !node->value)
			continue;
		copy = node_add(out, row->name, node->value);
		if (!copy)
			return false;
		if (row->kind == SETUP_LIST ? !copy_list(copy, node, row) :
		    row->kind == SETUP_DIR ? !copy_rows(copy, node, row->rows) :
					     false)
			return false;
	}
	return true;
}

int setup_running(const struct tree *tree, struct node **root)
{
	struct node *files;
	int status;

	*root = NULL;
	status = node_read(tree, ADMIN_PATH, &files);
	if (status)
		return status;
	*root = setup_new();
	if (!*root || !copy_rows(*root, files, setup_root.rows)) {
		node_free(*root);
		*root = NULL;
		status = fail(STATUS_FAILED, "out of memory");
	}
	node_free(files);
	return status;
}

/* A write that fails says why. */
struct stage {
	const struct tree *tree;
	int status;
};

static int stage_file(void *arg, const char *path, const char *value)
{
	struct stage *stage = arg;
	int error;

	/* a write of nothing would not reach the file */
	error = tree_write(stage->tree->admin, path, "%s", *value ? value : "\n");
	if (error == -ENOENT)
		stage->status = fail(STATUS_NO_DAMON,
				     "this kernel's DAMON has no %s", path);
	else if (error == -EBUSY)
		stage->status = fail(STATUS_BUSY,
				     "another user is using the kdamonds just now");
	else if (error == -EINVAL || error == -ERANGE)
		stage->status = fail(STATUS_FAILED,
				     "the kernel refuses '%s' for %s", value,
				     path);
	else if (error)
		stage->status = tree_fail(error, "write", path);
	return error;
}

static int stage(const struct tree *tree, const struct node *from,
		 const struct node *to)
{
	struct stage stage = { tree, 0 };

	setup_plan(from, to, stage_file, &stage);
	return stage.status;
}

static const struct node *first_of(const struct node *dir, const char *list)
{
	const struct node *node = node_find(dir, list);

	return node ? node->first : NULL;
}

/* Which process of a checked root is not there, or 0. */
static u64 missing_process(const struct tree *tree, const struct node *root)
{
	const struct node *kdamond, *target;

	for (kdamond = first_of(root, "kdamonds"); kdamond;
	     kdamond = kdamond->next) {
		const struct node *context = node_find(kdamond, "contexts/0");
		const char *ops = node_text(context, "operations");

		if (ops && !strcmp(ops, "paddr"))
			continue;
		for (target = first_of(context, "targets"); target;
		     target = target->next) {
			u64 pid;

			if (node_u64(target, "pid_target", &pid) &&
			    !tree_process_alive(tree, pid))
				return pid;
		}
	}
	return 0;
}

static int check_processes(const struct tree *tree, const struct node *root)
{
	u64 pid = missing_process(tree, root);

	return pid ? fail(STATUS_NO_PROCESS, "there is no process %llu", pid) : 0;
}

/* The operation sets must be among the kernel's; to ask it, they are staged. */
static int check_operations(const struct tree *tree, const struct node *root)
{
	const struct node *kdamond;

	for (kdamond = first_of(root, "kdamonds"); kdamond;
	     kdamond = kdamond->next) {
		const char *ops = node_text(kdamond, "contexts/0/operations");
		char path[64], names[256], *name, *rest = names;
		bool found = false;

		snprintf(path, sizeof(path),
			 "kdamonds/%s/contexts/0/avail_operations",
			 kdamond->name);
		if (tree_read(tree->admin, path, names, sizeof(names)))
			continue;
		if (!ops)
			ops = "vaddr";
		while ((name = strsep(&rest, "\n")))
			found |= !strcmp(name, ops);
		if (!found)
			return fail(STATUS_NO_DAMON,
				    "this kernel's DAMON has no '%s'", ops);
	}
	return 0;
}

static bool has_path(const struct node *node)
{
	const struct node *child;

	if (node->value)
		return (!strcmp(node->name, "path") ||
			!strcmp(node->name, "memcg_path")) && *node->value;
	for (child = node->first; child; child = child->next) {
		if (has_path(child))
			return true;
	}
	return false;
}

/* What "on" and "commit" have in common. */
static int command_fail(const struct tree *tree, const struct node *root,
			const struct node *kdamond, int error)
{
	const char *module = error == -EBUSY ? admin_module(tree) : NULL;
	char name[64];

	if (module)
		return fail(STATUS_BUSY,
			    "%s is running; echo N > /sys/module/%s/parameters/enabled stops it",
			    module, module);
	if (error == -EBUSY)
		return fail(STATUS_BUSY, "DAMON is in use by somebody else");
	if (missing_process(tree, root))
		return check_processes(tree, root);
	if ((error == -EINVAL || error == -ENOMEM) && has_path(root))
		return fail(STATUS_FAILED,
			    "the kernel refuses this set-up of kdamond %s; are there cgroups of its paths?",
			    kdamond->name);
	if (error == -EINVAL)
		return fail(STATUS_FAILED,
			    "the kernel refuses this set-up of kdamond %s",
			    kdamond->name);
	snprintf(name, sizeof(name), "kdamond %s", kdamond->name);
	return tree_fail(error, "start or change", name);
}

static u64 list_length(const struct node *root)
{
	const struct node *kdamond = first_of(root, "kdamonds");
	u64 nr = 0;

	for (; kdamond; kdamond = kdamond->next)
		nr++;
	return nr;
}

/* Nothing is left half done. */
static void hold_signals(sigset_t *before)
{
	sigset_t stops;

	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGHUP);
	sigaddset(&stops, SIGQUIT);
	sigprocmask(SIG_BLOCK, &stops, before);
}

static u64 number_of(const struct node *kdamond)
{
	return strtoull(kdamond->name, NULL, 10);
}

/* All of them, or those that ran, says were_on. */
static int switch_on(const struct tree *tree, const struct node *root,
		     const bool *were_on)
{
	const struct node *kdamond;
	u64 nr;
	int error;

	for (kdamond = first_of(root, "kdamonds"); kdamond;
	     kdamond = kdamond->next) {
		nr = number_of(kdamond);
		if (were_on && !were_on[nr])
			continue;
		error = admin_command(tree, nr, "on");
		if (error)
			return command_fail(tree, root, kdamond, error);
		if (!admin_runs(tree, nr) && missing_process(tree, root))
			return check_processes(tree, root);
		if (!admin_runs(tree, nr))
			return fail(STATUS_FAILED, "kdamond %llu ended at once",
				    nr);
	}
	return 0;
}

static int switch_off(const struct tree *tree)
{
	u64 nr, i;
	int error, status;

	status = admin_nr(tree, &nr);
	if (status)
		return status;
	for (i = 0; i < nr; i++) {
		if (!admin_runs(tree, i))
			continue;
		error = admin_command(tree, i, "off");
		/* EPERM: it has ended by itself */
		if (error && error != -EPERM)
			return tree_fail(error, "stop", "the kdamond");
	}
	return 0;
}

int setup_stop(const struct tree *tree)
{
	int error, status = switch_off(tree);

	if (status)
		return status;
	error = tree_write(tree->admin, NR_KDAMONDS, "0");
	if (error == -EBUSY)
		return fail(STATUS_BUSY,
			    "another user is using the kdamonds just now");
	return error ? tree_fail(error, "write", NR_KDAMONDS) : 0;
}

/* Which kdamonds run; NULL if there is no memory. */
static bool *find_running(const struct tree *tree, u64 nr)
{
	bool *run = calloc(nr + 1, sizeof(*run));
	u64 i;

	for (i = 0; run && i < nr; i++)
		run[i] = admin_runs(tree, i);
	return run;
}

static int start(const struct tree *tree, const struct node *root, u64 nr_before)
{
	bool *were_on = find_running(tree, nr_before);
	struct node *before;
	sigset_t signals;
	int status, failed;

	hold_signals(&signals);
	status = setup_running(tree, &before);
	if (!status && !were_on)
		status = fail(STATUS_FAILED, "out of memory");
	if (!status && nr_before)
		status = switch_off(tree);
	if (status)
		goto out;
	status = stage(tree, NULL, root);
	if (!status)
		status = check_operations(tree, root);
	if (!status)
		status = switch_on(tree, root, NULL);
	if (!status)
		goto out;
	failed = switch_off(tree);
	failed |= stage(tree, NULL, before);
	failed |= switch_on(tree, before, were_on);
	if (failed)
		warn("what was set up before could not be restored");
out:
	sigprocmask(SIG_SETMASK, &signals, NULL);
	node_free(before);
	free(were_on);
	return status;
}

int setup_replace(const struct tree *tree, const struct node *root)
{
	int status;
	u64 nr;

	status = admin_nr(tree, &nr);
	if (!status)
		status = check_processes(tree, root);
	return status ? status : start(tree, root, nr);
}

int setup_start(const struct tree *tree, const struct node *root)
{
	int status;
	u64 nr;

	status = admin_nr(tree, &nr);
	if (status)
		return status;
	if (nr)
		return fail(STATUS_BUSY,
			    "%llu kdamond%s set up already (the first is %s); see damon status, damon stop",
			    nr, nr == 1 ? " is" : "s are",
			    admin_runs(tree, 0) ? "running" : "off");
	status = check_processes(tree, root);
	return status ? status : start(tree, root, 0);
}

/* Those before the one numbered end; *nr says how many were come to. */
static int commit(const struct tree *tree, const struct node *root, u64 end,
		  u64 *nr)
{
	const struct node *kdamond = first_of(root, "kdamonds");
	int error;

	for (*nr = 0; kdamond && *nr < end; kdamond = kdamond->next) {
		if (admin_runs(tree, (*nr)++)) {
			error = admin_command(tree, *nr - 1, "commit");
			if (error)
				return command_fail(tree, root, kdamond, error);
		}
	}
	return 0;
}

static int change(const struct tree *tree, const struct node *before,
		  const struct node *root)
{
	struct node *now;
	u64 nr = 0;
	int status;

	status = stage(tree, before, root);
	if (!status)
		status = check_operations(tree, root);
	if (!status)
		status = commit(tree, root, U64_MAX, &nr);
	if (!status)
		return 0;
	/* a commit is all or nothing, so that of the last one needs no undoing */
	if (setup_running(tree, &now) || stage(tree, now, before) ||
	    commit(tree, before, nr ? nr - 1 : 0, &nr))
		warn("what was set up before could not be restored");
	node_free(now);
	return status;
}

int setup_change(const struct tree *tree, const struct node *root)
{
	struct node *before;
	sigset_t signals;
	int status;

	status = setup_running(tree, &before);
	if (!status && list_length(before) != list_length(root))
		status = fail(STATUS_BUSY,
			      "the number of kdamonds can only be changed by damon start --replace");
	if (!status)
		status = check_processes(tree, root);
	if (!status) {
		hold_signals(&signals);
		status = change(tree, before, root);
		sigprocmask(SIG_SETMASK, &signals, NULL);
	}
	node_free(before);
	return status;
}
