// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "node.h"
#include "units.h"

#define MAX_DEPTH	32
/* A file of sysfs is a page at most, and pages are not larger. */
#define MAX_VALUE	65536

struct node *node_find(const struct node *dir, const char *path)
{
	const struct node *node = dir;

	while (node && *path) {
		size_t len = strcspn(path, "/");

		for (node = node->first; node; node = node->next) {
			if (!strncmp(node->name, path, len) && !node->name[len])
				break;
		}
		path += len;
		path += *path == '/';
	}
	return (struct node *)node;
}

const char *node_text(const struct node *dir, const char *path)
{
	const struct node *node = node_find(dir, path);

	return node ? node->value : NULL;
}

bool node_u64(const struct node *dir, const char *path, u64 *val)
{
	const char *text = node_text(dir, path);

	return text && parse_u64(text, val);
}

struct node *node_add(struct node *dir, const char *name, const char *value)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	node->name = strdup(name);
	node->value = value ? strdup(value) : NULL;
	if (!node->name || (value && !node->value)) {
		node_free(node);
		return NULL;
	}
	if (!dir)
		return node;
	node->parent = dir;
	if (dir->last)
		dir->last->next = node;
	else
		dir->first = node;
	dir->last = node;
	return node;
}

void node_free(struct node *node)
{
	struct node *child;

	if (!node)
		return;
	while ((child = node->first)) {
		node->first = child->next;
		node_free(child);
	}
	free(node->name);
	free(node->value);
	free(node);
}

static bool is_number(const char *name)
{
	return name[strspn(name, "0123456789")] == '\0';
}

/* Numbers by size, everything else by name. */
static int compare_entries(const struct dirent **a, const struct dirent **b)
{
	size_t len[2] = { strlen((*a)->d_name), strlen((*b)->d_name) };

	if (len[0] != len[1] && is_number((*a)->d_name) &&
	    is_number((*b)->d_name))
		return len[0] < len[1] ? -1 : 1;
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int no_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/* What vanishes while it is read was not there. */
static bool is_gone(int error)
{
	return error == -ENOENT || error == -ENODEV;
}

static int read_dir(int parent, const char *name, struct node *dir,
		    char *value, int depth);

static int read_entry(int fd, const char *name, struct node *dir, char *value,
		      int depth)
{
	struct node *node;
	struct stat stat;
	int error;

	if (fstatat(fd, name, &stat, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (S_ISDIR(stat.st_mode)) {
		node = node_add(dir, name, NULL);
		return node ? read_dir(fd, name, node, value, depth + 1) :
			      -ENOMEM;
	}
	if (!S_ISREG(stat.st_mode) || !(stat.st_mode & 0444))
		return 0;
	error = tree_read(fd, name, value, MAX_VALUE);
	if (error)
		return error;
	/* paths of cgroups are stored with the newline of echo */
	for (char *end = value + strlen(value); end > value && end[-1] == '\n';)
		*--end = '\0';
	return node_add(dir, name, value) ? 0 : -ENOMEM;
}

/* All or, with an error, some of it; what there is belongs to dir. */
static int read_dir(int parent, const char *name, struct node *dir,
		    char *value, int depth)
{
	struct dirent **entries;
	int fd, nr, i, error = 0;

	if (depth > MAX_DEPTH)
		return -ELOOP;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	nr = scandirat(fd, ".", &entries, no_dots, compare_entries);
	if (nr < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	for (i = 0; i < nr; i++) {
		if (!error)
			error = read_entry(fd, entries[i]->d_name, dir, value,
					   depth);
		if (is_gone(error))
			error = 0;
		free(entries[i]);
	}
	free(entries);
	close(fd);
	return error;
}

int node_read(const struct tree *tree, const char *path, struct node **root)
{
	char *value = malloc(MAX_VALUE);
	int error = -ENOMEM;

	*root = node_add(NULL, "", NULL);
	if (*root && value)
		error = read_dir(tree->root, path, *root, value, 0);
	free(value);
	if (!error)
		return 0;
	node_free(*root);
	*root = NULL;
	return tree_fail(error, "read", path);
}

static bool is_integer(const char *text)
{
	size_t len;

	text += *text == '-';
	len = strlen(text);
	/* JSON has no leading zeros */
	return len && is_number(text) && (text[0] != '0' || len == 1);
}

static void json_value(FILE *out, const char *value)
{
	const char *line = value;

	if (is_integer(value)) {
		fputs(value, out);
	} else if (!strcmp(value, "Y") || !strcmp(value, "N")) {
		fputs(*value == 'Y' ? "true" : "false", out);
	} else if (!strchr(value, '\n')) {
		json_string(out, value);
	} else {
		fputc('[', out);
		while (line) {
			size_t len = strcspn(line, "\n");
			char *text = strndup(line, len);

			json_string(out, text ? text : "");
			free(text);
			line = line[len] ? line + len + 1 : NULL;
			fputs(line ? ", " : "]", out);
		}
	}
}

static void json_dir(FILE *out, const struct node *dir, int depth)
{
	const struct node *node;

	fputc('{', out);
	for (node = dir->first; node; node = node->next) {
		fprintf(out, "%s\n%*s", node == dir->first ? "" : ",",
			2 * depth + 2, "");
		json_string(out, node->name);
		fputs(": ", out);
		if (node->value)
			json_value(out, node->value);
		else
			json_dir(out, node, depth + 1);
	}
	if (dir->first)
		fprintf(out, "\n%*s", 2 * depth, "");
	fputc('}', out);
}

void node_json(FILE *out, const struct node *dir)
{
	json_dir(out, dir, 0);
	fputc('\n', out);
}
