// SPDX-License-Identifier: GPL-2.0
/* Of which processes or cgroups there will be a row. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "process.h"
#include "query.h"

#define CGROUPS		"sys/fs/cgroup"
#define MAX_DEPTH	32
#define MAX_PATH	4096

static int add_row(struct query *q, pid_t pid, const char *name, u64 resident)
{
	char *copy = strdup(name);

	if (!copy)
		return fail(STATUS_FAILED, "out of memory");
	q->row[q->nr_rows++] = (struct query_row){
		.pid = pid,
		.name = copy,
		.resident = resident,
	};
	return 0;
}

static int add_process(struct query *q, const struct tree *tree, pid_t pid)
{
	char command[256];

	tree_process_command(tree, pid, command, sizeof(command));
	return add_row(q, pid, command, process_rss(tree, pid));
}

static void say_left_out(unsigned int nr, const char *what)
{
	if (nr)
		warn("showing the %d largest, %u more %s left out",
		     QUERY_MAX_ROWS, nr, what);
}

static int find_processes(struct query *q, const struct tree *tree,
			  const struct number_list *pids)
{
	struct process_list list = {};
	unsigned int i;
	int status = 0;

	if (pids->nr > QUERY_MAX_ROWS)
		return fail(STATUS_USAGE, "more than %d processes",
			    QUERY_MAX_ROWS);
	for (i = 0; !status && i < pids->nr; i++) {
		if (tree_process_alive(tree, pids->val[i]))
			status = add_process(q, tree, pids->val[i]);
		else
			status = fail(STATUS_NO_PROCESS,
				      "there is no process %llu", pids->val[i]);
	}
	if (pids->nr)
		return status;
	status = process_find(tree, &list);
	for (i = 0; !status && i < list.nr && i < QUERY_MAX_ROWS; i++)
		status = add_process(q, tree, list.process[i].pid);
	if (!status)
		say_left_out(list.nr - q->nr_rows, "processes are");
	process_list_free(&list);
	return status;
}

/* Keeps the largest; the smallest is at the end. */
static int keep_cgroup(struct query *q, const char *path, u64 bytes,
		       unsigned int *left_out)
{
	unsigned int i = q->nr_rows;
	struct query_row row;
	int status;

	if (i == QUERY_MAX_ROWS) {
		(*left_out)++;
		if (q->row[i - 1].resident >= bytes)
			return 0;
		free(q->row[i - 1].name);
		q->nr_rows--;
		i--;
	}
	status = add_row(q, 0, path, bytes);
	if (status)
		return status;
	row = q->row[i];
	for (; i && q->row[i - 1].resident < bytes; i--)
		q->row[i] = q->row[i - 1];
	q->row[i] = row;
	return 0;
}

/* What is charged to a cgroup itself, its children left out if that is known. */
static u64 cgroup_bytes(int dir)
{
	u64 bytes;

	return tree_read_u64(dir, "memory.current", &bytes) ? 0 : bytes;
}

static int walk_cgroups(struct query *q, int parent, const char *name,
			char *path, unsigned int depth, unsigned int *left_out)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
			O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	size_t len = strlen(path);
	struct dirent *entry;
	int status = 0;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return 0;	/* it has vanished */
	}
	if (cgroup_bytes(fd))
		status = keep_cgroup(q, path, cgroup_bytes(fd), left_out);
	while (!status && depth < MAX_DEPTH && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
		    len + strlen(entry->d_name) + 2 > MAX_PATH)
			continue;
		snprintf(path + len, MAX_PATH - len, "%s%s",
			 path[len - 1] == '/' ? "" : "/", entry->d_name);
		status = walk_cgroups(q, fd, entry->d_name, path, depth + 1,
				      left_out);
		path[len] = '\0';
	}
	closedir(dir);
	return status;
}

static int find_cgroups(struct query *q, const struct tree *tree,
			const struct text_list *cgroups)
{
	char path[MAX_PATH] = "/";
	unsigned int i, left_out = 0;
	int status = 0;

	if (cgroups->nr > QUERY_MAX_ROWS)
		return fail(STATUS_USAGE, "more than %d cgroups",
			    QUERY_MAX_ROWS);
	for (i = 0; !status && i < cgroups->nr; i++) {
		snprintf(path, sizeof(path), CGROUPS "/%s", cgroups->text[i]);
		if (cgroups->text[i][0] != '/')
			status = fail(STATUS_USAGE,
				      "--cgroup: '%s' does not begin with /, where cgroups are mounted",
				      cgroups->text[i]);
		else if (faccessat(tree->root, path, F_OK, 0))
			status = fail(STATUS_FAILED, "there is no cgroup %s",
				      cgroups->text[i]);
		else
			status = add_row(q, 0, cgroups->text[i], 0);
	}
	if (cgroups->nr)
		return status;
	status = walk_cgroups(q, tree->root, CGROUPS, path, 0, &left_out);
	if (!status && !q->nr_rows)
		status = fail(STATUS_FAILED,
			      "no cgroup below /" CGROUPS " has memory (memory.current)");
	if (!status)
		say_left_out(left_out, "cgroups are");
	return status;
}

int query_find_rows(struct query *q, const struct tree *tree,
		    const struct number_list *pids,
		    const struct text_list *cgroups)
{
	switch (q->by) {
	case BY_PROCESS:
		return find_processes(q, tree, pids);
	case BY_CGROUP:
		return find_cgroups(q, tree, cgroups);
	default:
		return add_row(q, 0, "memory", 0);
	}
}

void query_free(struct query *q)
{
	while (q->nr_rows)
		free(q->row[--q->nr_rows].name);
}
