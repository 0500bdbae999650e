// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "damon_fault.h"
#include "damon_mem.h"

#define DEBUGFS		"/sys/kernel/debug/"

static const char * const injectors[] = { "failslab", "fail_page_alloc" };

static int injector_write(const char *injector, const char *name, long value)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "%s/%s", injector, name);
	return file_write(path, "%ld", value);
}

bool faults_set(int percent)
{
	static const struct {
		const char *name;
		int value;
	} settings[] = {
		{ "task-filter", 1 }, { "interval", 1 }, { "times", -1 },
		{ "verbose", 0 }, { "ignore-gfp-wait", 0 }, { "space", 0 },
	};
	int i, j;

	for (i = 0; i < (int)ARRAY_SIZE(injectors); i++) {
		for (j = 0; j < (int)ARRAY_SIZE(settings); j++) {
			if (injector_write(injectors[i], settings[j].name,
					   settings[j].value))
				return false;
		}
		/* Only one of them has this. */
		injector_write(injectors[i], "min-order", 0);
		if (injector_write(injectors[i], "probability", percent))
			return false;
	}
	return true;
}

void faults_spare(long bytes)
{
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(injectors); i++)
		injector_write(injectors[i], "space", bytes);
}

/* Not closed, as to open it again may be what fails. */
static int own_file(int *fd, const char *path)
{
	if (*fd < 0)
		*fd = open(path, O_RDWR | O_CLOEXEC);
	return *fd;
}

void faults_arm(bool on)
{
	static int fd = -1;

	if (pwrite(own_file(&fd, "/proc/self/make-it-fail"), on ? "1" : "0", 1,
		   0) != 1)
		return;
}

void faults_arm_pid(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/make-it-fail", pid);
	file_write(path, "1");
}

static int nth_file(void)
{
	static int fd = -1;

	return own_file(&fd, "/proc/thread-self/fail-nth");
}

void fault_arm(int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);

	if (pwrite(nth_file(), text, len, 0) != len)
		return;
}

bool fault_pending(void)
{
	char text[16] = "";

	return pread(nth_file(), text, sizeof(text) - 1, 0) > 0 && atoi(text);
}
