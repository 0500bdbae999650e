// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "damon_util.h"
#include "damon_mem.h"

#define LINE		512
#define BATCH		512

#define PAGEMAP_PRESENT	0x8000000000000000ULL
#define PAGEMAP_SWAP	0x4000000000000000ULL
#define PAGEMAP_PFN	((1ULL << 55) - 1)

#define NODES		"/sys/devices/system/node/node"
#define CGROUPS		"/sys/fs/cgroup/"
#define ZRAM		"/sys/block/zram0/"
#define ZRAM_DEV	"/dev/zram0"
#define SWAP_SIZE	(512 * MB)

#define MPOL_DEFAULT	0
#define MPOL_PREFERRED	1

int file_write(const char *path, const char *fmt, ...)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	va_list args;
	int err = 0;

	if (fd < 0)
		return -errno;
	va_start(args, fmt);
	if (vdprintf(fd, fmt, args) < 0)
		err = -errno;
	va_end(args);
	close(fd);
	return err;
}

long file_number(const char *path, const char *key)
{
	FILE *f = fopen(path, "r");
	char line[LINE], *at;
	long num = -ENODATA;

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, strlen(key)))
			continue;
		at = strpbrk(line + strlen(key), "-0123456789");
		if (at)
			num = strtol(at, NULL, 10);
		break;
	}
	fclose(f);
	return num;
}

/* Page tables */

static int pagemap_open(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int pagemap_read(int fd, unsigned long addr, long nr, uint64_t *entries)
{
	size_t len = nr * sizeof(*entries);
	off_t at = addr / getpagesize() * sizeof(*entries);

	return pread(fd, entries, len, at) == (ssize_t)len ? 0 : -EIO;
}

int mem_count(pid_t pid, unsigned long start, unsigned long len,
	      struct mem_pages *pages)
{
	long i, n, nr = len / getpagesize();
	uint64_t entries[BATCH];
	int fd = pagemap_open(pid), err = 0;

	*pages = (struct mem_pages){};
	if (fd < 0)
		return fd;
	for (; nr && !err; nr -= n, start += n * getpagesize()) {
		n = nr < BATCH ? nr : BATCH;
		err = pagemap_read(fd, start, n, entries);
		for (i = 0; i < n && !err; i++) {
			pages->present += !!(entries[i] & PAGEMAP_PRESENT);
			pages->swapped += !!(entries[i] & PAGEMAP_SWAP);
		}
	}
	close(fd);
	return err;
}

int mem_pfns(pid_t pid, unsigned long start, long nr, unsigned long *pfns)
{
	uint64_t entries[BATCH];
	int fd = pagemap_open(pid), err = 0;
	long i, n, at;

	if (fd < 0)
		return fd;
	for (at = 0; at < nr && !err; at += n) {
		n = nr - at < BATCH ? nr - at : BATCH;
		err = pagemap_read(fd, start + at * getpagesize(), n, entries);
		for (i = 0; i < n && !err; i++)
			pfns[at + i] = entries[i] & PAGEMAP_PRESENT ?
				       entries[i] & PAGEMAP_PFN : 0;
	}
	close(fd);
	return err;
}

int mem_longest_run(pid_t pid, unsigned long start, unsigned long len,
		    struct mem_run *run)
{
	long page = getpagesize(), nr = len / page, i, from;
	unsigned long *pfns = calloc(nr, sizeof(*pfns));
	int err = pfns ? mem_pfns(pid, start, nr, pfns) : -ENOMEM;

	*run = (struct mem_run){};
	for (i = 0; i < nr && !err; i++) {
		if (!pfns[i])
			continue;
		from = i;
		while (i + 1 < nr && pfns[i + 1] == pfns[i] + 1)
			i++;
		if ((unsigned long)((i + 1 - from) * page) <= run->len)
			continue;
		run->start = start + from * page;
		run->phys = pfns[from] * page;
		run->len = (i + 1 - from) * page;
	}
	free(pfns);
	return err ?: run->len ? 0 : -ENOENT;
}

long mem_on_node(pid_t pid, unsigned long start, unsigned long len, int node)
{
	long i, n, nr = len / getpagesize(), found = 0;
	int status[BATCH];
	void *pages[BATCH];

	for (; nr; nr -= n) {
		n = nr < BATCH ? nr : BATCH;
		for (i = 0; i < n; i++, start += getpagesize())
			pages[i] = (void *)start;
		if (syscall(SYS_move_pages, pid, n, pages, NULL, status, 0))
			return -errno;
		for (i = 0; i < n; i++)
			found += status[i] == node;
	}
	return found;
}

long smaps_kb(pid_t pid, unsigned long addr, const char *key)
{
	unsigned long start, end;
	char path[64], line[LINE];
	bool inside = false;
	long kb = -ENOENT;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	f = fopen(path, "r");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start <= addr && addr < end;
		else if (inside && !strncmp(line, key, strlen(key)))
			kb = atol(line + strlen(key));
	}
	fclose(f);
	return kb;
}

/* Processes */

static long status_number(pid_t pid, const char *file, const char *key)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return file_number(path, key);
}

long nr_sleeps(pid_t pid)
{
	return status_number(pid, "status", "voluntary_ctxt_switches:");
}

/* The first number of schedstat is the time on a CPU, in nanoseconds. */
long cpu_time_us(pid_t pid)
{
	long ns = status_number(pid, "schedstat", "");

	return ns < 0 ? ns : ns / 1000;
}

long major_faults(pid_t pid)
{
	char path[64], line[LINE] = "", *at;
	long faults = -ENODATA;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return -errno;
	/* Names may have anything in them, but are followed by the last ')'. */
	if (fgets(line, sizeof(line), f)) {
		at = strrchr(line, ')');
		if (!at || sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %ld",
				  &faults) != 1)
			faults = -ENODATA;
	}
	fclose(f);
	return faults;
}

/* Nodes and physical memory */

int ram_range(unsigned long *start, unsigned long *end)
{
	FILE *f = fopen("/proc/iomem", "r");
	unsigned long from, to;
	char line[LINE];

	if (!f)
		return -errno;
	*start = 0;
	*end = 0;
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == ' ' || !strstr(line, ": System RAM") ||
		    sscanf(line, "%lx-%lx", &from, &to) != 2)
			continue;
		if (!*end)
			*start = from;
		*end = to + 1;
	}
	fclose(f);
	return *end ? 0 : -EPERM;
}

int node_range(int node, unsigned long *start, unsigned long *end)
{
	unsigned long size, ram_start, ram_end;
	unsigned int block;
	char path[64];
	struct dirent *entry;
	FILE *f;
	DIR *dir;
	int err = ram_range(&ram_start, &ram_end);

	if (err)
		return err;
	f = fopen("/sys/devices/system/memory/block_size_bytes", "r");
	if (!f || fscanf(f, "%lx", &size) != 1)
		err = -ENODATA;
	if (f)
		fclose(f);
	snprintf(path, sizeof(path), NODES "%d", node);
	dir = err ? NULL : opendir(path);
	if (!dir)
		return err ?: -errno;
	*start = ULONG_MAX;
	*end = 0;
	while ((entry = readdir(dir))) {
		if (sscanf(entry->d_name, "memory%u", &block) != 1)
			continue;
		if (block * size < *start)
			*start = block * size;
		if ((block + 1) * size > *end)
			*end = (block + 1) * size;
	}
	closedir(dir);
	if (*start < ram_start)
		*start = ram_start;
	if (*end > ram_end)
		*end = ram_end;
	return *end > *start ? 0 : -ENOENT;
}

long node_kb(int node, const char *key)
{
	char path[64], full[64];

	snprintf(path, sizeof(path), NODES "%d/meminfo", node);
	snprintf(full, sizeof(full), "Node %d %s", node, key);
	return file_number(path, full);
}

int node_prefer(int node)
{
	unsigned long mask = node < 0 ? 0 : 1UL << node;

	return syscall(SYS_set_mempolicy, node < 0 ? MPOL_DEFAULT :
		       MPOL_PREFERRED, node < 0 ? NULL : &mask,
		       node < 0 ? 0 : sizeof(mask) * CHAR_BIT) ? -errno : 0;
}

const char *nodes_why_not(void)
{
	return node_kb(1, "MemTotal:") > 0 ? NULL : "fewer than two nodes";
}

/* cgroups */

const char *cg_why_not(void)
{
	if (cg_make("damon_probe"))
		return "no cgroup v2";
	if (cg_stat("damon_probe", "anon") < 0) {
		cg_remove("damon_probe");
		return "no memory cgroups";
	}
	cg_remove("damon_probe");
	return NULL;
}

int cg_make(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), CGROUPS "%s", name);
	rmdir(path);
	return mkdir(path, 0755) ? -errno : 0;
}

int cg_enter(const char *name, pid_t pid)
{
	char path[128];

	snprintf(path, sizeof(path), CGROUPS "%s/cgroup.procs", name);
	return file_write(path, "%d", pid);
}

void cg_remove(const char *name)
{
	char path[128];
	int i;

	snprintf(path, sizeof(path), CGROUPS "%s", name);
	/* Those who died leave it in their own good time. */
	for (i = 0; rmdir(path) && errno == EBUSY && i < 100; i++)
		usleep(10000);
}

long cg_stat(const char *name, const char *key)
{
	char path[128], full[64];

	snprintf(path, sizeof(path), CGROUPS "%s/memory.stat", name);
	snprintf(full, sizeof(full), "%s ", key);
	return file_number(path, full);
}

/* Swap */

/* What mkswap does. */
static int swap_format(const char *dev, unsigned long size)
{
	char page[4096] = {};
	uint32_t *info = (uint32_t *)(page + 1024);
	int fd = open(dev, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	info[0] = 1;
	info[1] = size / sizeof(page) - 1;
	memcpy(page + sizeof(page) - 10, "SWAPSPACE2", 10);
	if (write(fd, page, sizeof(page)) != sizeof(page))
		err = -EIO;
	close(fd);
	return err;
}

const char *swap_why_not(void)
{
	if (file_number("/proc/meminfo", "SwapTotal:") > 0)
		return NULL;
	if (getpagesize() != 4096 || access(ZRAM_DEV, F_OK))
		return "no swap space";
	if (file_write(ZRAM "disksize", "%lu", SWAP_SIZE) ||
	    swap_format(ZRAM_DEV, SWAP_SIZE) || swapon(ZRAM_DEV, 0))
		return "no swap space, and none can be made on zram";
	return NULL;
}
