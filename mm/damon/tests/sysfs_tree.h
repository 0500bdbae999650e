/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All files below /sys/kernel/mm/damon, if there is one of everything: path,
 * mode, kind of content, and the content at first ("-" if that varies).
 *
 * A unit test compares the tables with this list, and the check of the ABI
 * document compares the document with it.  So a file can't come, change or go
 * in one place only.
 */
#ifndef _MM_DAMON_TESTS_SYSFS_TREE_H
#define _MM_DAMON_TESTS_SYSFS_TREE_H

#define K "admin/kdamonds/0/"
#define C K "contexts/0/"
#define T C "targets/0/"
#define R T "regions/0/"

static const char *const damon_sysfs_tree[] = {
	"admin/kdamonds/nr_kdamonds 0600 int 1",
	K "state 0600 keyword off",
	K "pid 0400 int -1",
	K "refresh_ms 0600 uint 0",
	K "contexts/nr_contexts 0600 int 1",
	C "avail_operations 0400 text -",
	C "operations 0600 keyword vaddr",
	C "addr_unit 0600 ulong 1",
	C "pause 0600 bool N",
	C "monitoring_attrs/intervals/sample_us 0600 ulong 5000",
	C "monitoring_attrs/intervals/aggr_us 0600 ulong 100000",
	C "monitoring_attrs/intervals/update_us 0600 ulong 60000000",
	C "monitoring_attrs/intervals/intervals_goal/access_bp 0600 ulong 0",
	C "monitoring_attrs/intervals/intervals_goal/aggrs 0600 ulong 0",
	C "monitoring_attrs/intervals/intervals_goal/min_sample_us 0600 ulong 0",
	C "monitoring_attrs/intervals/intervals_goal/max_sample_us 0600 ulong 0",
	C "monitoring_attrs/nr_regions/min 0600 ulong 10",
	C "monitoring_attrs/nr_regions/max 0600 ulong 1000",
	C "targets/nr_targets 0600 int 1",
	T "pid_target 0600 int 0",
	T "obsolete_target 0600 bool N",
	T "regions/nr_regions 0600 int 1",
	R "start 0600 ulong 0",
	R "end 0600 ulong 0",
};

#undef K
#undef C
#undef T
#undef R

#endif /* _MM_DAMON_TESTS_SYSFS_TREE_H */
