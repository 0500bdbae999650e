// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"
#include "tree.h"
#include "units.h"

#define ADMIN_PATH	"sys/kernel/mm/damon/admin"
#define DIR_FLAGS	(O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* A reader may collide with somebody else's command for a moment. */
#define BUSY_RETRIES	50
#define BUSY_WAIT_NS	(10 * NSEC_PER_MSEC)

int tree_open_root(struct tree *tree, const char *root)
{
	tree->is_real = !strcmp(root, "/");
	tree->admin = -1;
	tree->tracing = -1;
	tree->root = open(root, DIR_FLAGS);
	if (tree->root < 0)
		return fail(STATUS_FAILED, "cannot open %s: %m", root);
	return 0;
}

int tree_open(struct tree *tree, const char *root)
{
	int status = tree_open_root(tree, root);

	if (status)
		return status;
	tree->admin = openat(tree->root, ADMIN_PATH, DIR_FLAGS);
	if (tree->admin >= 0)
		return 0;
	if (errno == EACCES || errno == EPERM)
		return fail(STATUS_NOT_PERMITTED,
			    "not permitted to use DAMON; be root");
	if (faccessat(tree->root, "sys/kernel", F_OK, 0))
		return fail(STATUS_NO_DAMON, "sysfs is not mounted on /sys");
	return fail(STATUS_NO_DAMON,
		    "this kernel has no DAMON (CONFIG_DAMON_SYSFS is not set)");
}

#define FSCONFIG_CREATE	6	/* FSCONFIG_CMD_CREATE of linux/mount.h */

static int mount_tracefs(void)
{
	int context, mount = -1;

	context = syscall(SYS_fsopen, "tracefs", 0);
	if (context < 0)
		return -1;
	if (!syscall(SYS_fsconfig, context, FSCONFIG_CREATE, NULL, NULL, 0))
		mount = syscall(SYS_fsmount, context, 0, 0);
	close(context);
	if (mount >= 0)
		fcntl(mount, F_SETFD, FD_CLOEXEC);
	return mount;
}

int tree_open_tracing(struct tree *tree)
{
	static const char *const places[] = {
		"sys/kernel/tracing", "sys/kernel/debug/tracing",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		tree->tracing = openat(tree->root, places[i], DIR_FLAGS);
		/* the mount point is there, and empty, without the mount */
		if (tree->tracing >= 0 &&
		    !faccessat(tree->tracing, "instances", F_OK, 0))
			return 0;
		if (tree->tracing >= 0)
			close(tree->tracing);
		else if (errno == EACCES || errno == EPERM)
			return fail(STATUS_NOT_PERMITTED,
				    "not permitted to use tracefs; be root");
	}
	errno = ENOENT;
	tree->tracing = tree->is_real ? mount_tracefs() : -1;
	if (tree->tracing >= 0)
		return 0;
	if (errno == ENODEV)
		return fail(STATUS_NO_DAMON,
			    "this kernel has no tracefs (CONFIG_TRACING is not set)");
	return fail(STATUS_FAILED,
		    "tracefs is not mounted and mounting it failed: %m");
}

void tree_close(struct tree *tree)
{
	if (tree->tracing >= 0)
		close(tree->tracing);
	if (tree->admin >= 0)
		close(tree->admin);
	if (tree->root >= 0)
		close(tree->root);
}

int tree_write(int dir, const char *path, const char *fmt, ...)
{
	char text[4352];	/* the longest are paths of cgroups */
	int fd, len, error = 0;
	va_list ap;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= sizeof(text))
		return -E2BIG;
	fd = openat(dir, path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != len)
		error = -errno;
	close(fd);
	return error;
}

static int read_once(int dir, const char *path, char *buf, size_t len)
{
	int fd, error = 0;
	size_t have = 0;

	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (have < len - 1) {
		ssize_t got = read(fd, buf + have, len - 1 - have);

		if (got < 0)
			error = -errno;
		if (got <= 0)
			break;
		have += got;
	}
	close(fd);
	if (have && buf[have - 1] == '\n')
		have--;
	buf[have] = '\0';
	return error;
}

int tree_read(int dir, const char *path, char *buf, size_t len)
{
	const struct timespec wait = { .tv_nsec = BUSY_WAIT_NS };
	int retries = BUSY_RETRIES;
	int error;

	while (true) {
		error = read_once(dir, path, buf, len);
		if (error != -EBUSY || !retries--)
			return error;
		nanosleep(&wait, NULL);
	}
}

int tree_read_u64(int dir, const char *path, u64 *val)
{
	char text[UNIT_LEN];
	int error;

	error = tree_read(dir, path, text, sizeof(text));
	if (error)
		return error;
	return parse_u64(text, val) ? 0 : -EINVAL;
}

int tree_fail(int error, const char *doing, const char *path)
{
	errno = -error;
	if (error == -EACCES || error == -EPERM)
		return fail(STATUS_NOT_PERMITTED, "not permitted to %s %s; be root",
			    doing, path);
	return fail(STATUS_FAILED, "cannot %s %s: %m", doing, path);
}

bool tree_process_alive(const struct tree *tree, pid_t pid)
{
	char path[64], stat[512], *state;

	snprintf(path, sizeof(path), "proc/%d/stat", pid);
	if (tree_read(tree->root, path, stat, sizeof(stat)))
		return false;
	/* PID (NAME) STATE ..., and the name may hold any character */
	state = strrchr(stat, ')');
	return !state || !state[1] || (state[2] != 'Z' && state[2] != 'X');
}

void tree_process_command(const struct tree *tree, pid_t pid, char *buf,
			  size_t len)
{
	char path[64];
	size_t i, end = 0;

	memset(buf, 0, len);
	snprintf(path, sizeof(path), "proc/%d/cmdline", pid);
	if (!tree_read(tree->root, path, buf, len)) {
		/* arguments are separated by NUL bytes */
		for (i = 0; i < len - 1; i++) {
			if (buf[i])
				end = i + 1;
			else
				buf[i] = ' ';
		}
		buf[end] = '\0';
	}
	if (end)
		return;
	snprintf(path, sizeof(path), "proc/%d/comm", pid);
	if (tree_read(tree->root, path, buf, len))
		buf[0] = '\0';
}

u64 tree_process_cpu_ns(const struct tree *tree, pid_t pid)
{
	char path[64], text[128];
	u64 ns;

	snprintf(path, sizeof(path), "proc/%d/schedstat", pid);
	if (tree_read(tree->root, path, text, sizeof(text)))
		return 0;
	text[strcspn(text, " ")] = '\0';
	return parse_u64(text, &ns) ? ns : 0;
}
