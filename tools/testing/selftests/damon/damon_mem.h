/* SPDX-License-Identifier: GPL-2.0 */
/* Where memory is: page tables, nodes, cgroups, swap. */
#ifndef SELFTESTS_DAMON_MEM_H
#define SELFTESTS_DAMON_MEM_H

#include <sys/types.h>

#include "kselftest.h"

#define KB		1024UL
#define MB		(1024 * KB)

/*
 * Functions that return int or long return 0 (or what they say) on success,
 * and a negative error number on failure.
 */

/* Files outside DAMON's own directory. */
int __printf(2, 3) file_write(const char *path, const char *fmt, ...);
/* The first number behind @key, which begins a line; "" for the first line. */
long file_number(const char *path, const char *key);

/* What the page tables of a process say about a range, in pages. */
struct mem_pages {
	long present;
	long swapped;
};

int mem_count(pid_t pid, unsigned long start, unsigned long len,
	      struct mem_pages *pages);
/* Page frame numbers; 0 for what is not present. */
int mem_pfns(pid_t pid, unsigned long start, long nr, unsigned long *pfns);
/* The longest part of a range that is contiguous in physical memory. */
struct mem_run {
	unsigned long start;	/* virtual address */
	unsigned long phys;	/* physical address */
	unsigned long len;
};

int mem_longest_run(pid_t pid, unsigned long start, unsigned long len,
		    struct mem_run *run);
/* Present pages of a range that are on a node. */
long mem_on_node(pid_t pid, unsigned long start, unsigned long len, int node);
/* A line of /proc/PID/smaps, for the mapping that has the address. */
long smaps_kb(pid_t pid, unsigned long addr, const char *key);

long major_faults(pid_t pid);
long nr_sleeps(pid_t pid);
long cpu_time_us(pid_t pid);

/* Physical memory: all of it, and the part of a node. */
int ram_range(unsigned long *start, unsigned long *end);
int node_range(int node, unsigned long *start, unsigned long *end);
long node_kb(int node, const char *key);
/* Where this process gets its memory from. */
int node_prefer(int node);
const char *nodes_why_not(void);

/* Memory cgroups, named by their path below the root. */
const char *cg_why_not(void);
int cg_make(const char *name);
int cg_enter(const char *name, pid_t pid);
void cg_remove(const char *name);
long cg_stat(const char *name, const char *key);

/* How much free memory CPUs may keep for themselves, as a fraction of it. */
#define PCP_FRACTION	"/proc/sys/vm/percpu_pagelist_high_fraction"

/* Makes swap space on zram unless there is some. */
const char *swap_why_not(void);

#endif /* SELFTESTS_DAMON_MEM_H */
