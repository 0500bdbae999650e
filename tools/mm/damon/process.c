// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "process.h"
#include "units.h"

#define CGROUPS		"sys/fs/cgroup/"
#define CGROUP_DEPTH	32
#define DIR_FLAGS	(O_RDONLY | O_DIRECTORY | O_CLOEXEC)

bool process_add(struct process_list *list, pid_t pid, u64 rss)
{
	if (list->nr == list->capacity) {
		unsigned int capacity = list->nr ? 2 * list->nr : 64;
		struct process *process = reallocarray(list->process, capacity,
						       sizeof(*process));

		if (!process)
			return false;
		list->process = process;
		list->capacity = capacity;
	}
	list->process[list->nr++] = (struct process){ pid, rss };
	return true;
}

void process_list_free(struct process_list *list)
{
	free(list->process);
	*list = (struct process_list){};
}

static bool to_pid(const char *text, pid_t *pid)
{
	u64 number;

	if (!parse_u64(text, &number) || !number || number > 1 << 30)
		return false;
	*pid = number;
	return true;
}

u64 process_rss(const struct tree *tree, pid_t pid)
{
	char path[64], text[128], *pages;
	u64 nr;

	snprintf(path, sizeof(path), "proc/%d/statm", pid);
	if (tree_read(tree->root, path, text, sizeof(text)))
		return 0;
	pages = strchr(text, ' ');
	if (!pages++)
		return 0;
	pages[strcspn(pages, " ")] = '\0';
	if (!parse_u64(pages, &nr) || nr > U64_MAX >> 20)
		return 0;
	return nr * sysconf(_SC_PAGESIZE);
}

static int by_size(const void *a, const void *b)
{
	const struct process *p = a, *q = b;

	if (p->rss != q->rss)
		return p->rss < q->rss ? 1 : -1;
	return p->pid - q->pid;
}

int process_find(const struct tree *tree, struct process_list *list)
{
	int fd = openat(tree->root, "proc", DIR_FLAGS);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool good = true;
	pid_t pid;
	u64 rss;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return tree_fail(-errno, "open", "proc");
	}
	while (good && (entry = readdir(dir))) {
		if (!to_pid(entry->d_name, &pid) || pid == getpid())
			continue;
		rss = process_rss(tree, pid);
		/* threads of the kernel have none */
		if (rss)
			good = process_add(list, pid, rss);
	}
	closedir(dir);
	if (!good)
		return fail(STATUS_FAILED, "out of memory");
	if (list->nr)
		qsort(list->process, list->nr, sizeof(*list->process), by_size);
	return 0;
}

/* What vanishes while we look was not there.  0 or -errno. */
static int add_cgroup(const struct tree *tree, int parent, const char *name,
		      struct process_list *list, int depth)
{
	struct dirent *entry;
	int fd, procs, error = 0;
	char line[UNIT_LEN];
	FILE *file;
	DIR *dir;
	pid_t pid;

	if (depth > CGROUP_DEPTH)
		return -ELOOP;
	fd = openat(parent, name, DIR_FLAGS);
	if (fd < 0)
		return -errno;
	procs = openat(fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	file = procs < 0 ? NULL : fdopen(procs, "r");
	if (!file) {
		error = -errno;
		close(fd);
		return error;
	}
	while (!error && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (to_pid(line, &pid) && process_rss(tree, pid) &&
		    !process_add(list, pid, 0))
			error = -ENOMEM;
	}
	fclose(file);
	dir = fdopendir(fd);
	while (!error && dir && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		error = add_cgroup(tree, fd, entry->d_name, list, depth + 1);
		if (error == -ENOENT || error == -ENODEV)
			error = 0;
	}
	if (dir)
		closedir(dir);
	else
		close(fd);
	return error;
}

int process_find_cgroup(const struct tree *tree, const char *path,
			struct process_list *list)
{
	char full[4096];
	int error;

	path += strspn(path, "/");
	/* the file is the kernel's, so only directories of cgroups have it */
	if (snprintf(full, sizeof(full), "%s%s", strncmp(path, CGROUPS,
							 strlen(CGROUPS)) ?
		     CGROUPS : "", path) >= (int)sizeof(full))
		return fail(STATUS_USAGE, "the cgroup's path is too long");
	error = add_cgroup(tree, tree->root, full, list, 0);
	if (error == -ENOENT)
		return fail(STATUS_NO_PROCESS, "there is no cgroup %s", path);
	if (error)
		return tree_fail(error, "read the cgroup", path);
	if (!list->nr)
		return fail(STATUS_NO_PROCESS, "no process in cgroup %s", path);
	return 0;
}

/* "START-END : System RAM" at the beginning of the line */
static bool parse_ram(const char *line, u64 *start, u64 *end)
{
	char *p;

	errno = 0;
	*start = strtoull(line, &p, 16);
	if (p == line || *p != '-')
		return false;
	*end = strtoull(p + 1, &p, 16);
	return !errno && !strcmp(p, " : System RAM\n") && *start < *end;
}

int process_find_ram(const struct tree *tree, struct range_list *ranges)
{
	int fd = openat(tree->root, "proc/iomem", O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char line[256];
	int status = 0;
	u64 start, end;

	if (!file)
		return tree_fail(-errno, "read", "proc/iomem");
	ranges->nr = 0;
	while (!status && fgets(line, sizeof(line), file)) {
		if (line[0] == ' ' || !parse_ram(line, &start, &end))
			continue;
		/* a range's end is exclusive, the line's is not */
		if (ranges->nr && ranges->range[ranges->nr - 1].end > start)
			continue;
		if (ranges->nr == MAX_RANGES) {
			status = fail(STATUS_USAGE,
				      "RAM has more than %d parts; choose with --range",
				      MAX_RANGES);
			break;
		}
		ranges->range[ranges->nr].start = start;
		ranges->range[ranges->nr++].end = end + 1;
	}
	fclose(file);
	if (!status && !ranges->nr)
		status = fail(STATUS_FAILED,
			      "proc/iomem shows no System RAM; give --range");
	return status;
}
