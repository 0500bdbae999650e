// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "damon_scheme.h"

int damos_write(int scheme, const char *file, const char *fmt, ...)
{
	char path[512], text[DAMON_TEXT_MAX];
	va_list args;
	int len;

	snprintf(path, sizeof(path), SCHEMES0 "%d/%s", scheme, file);
	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return damon_write_raw(path, text, len);
}

long damos_read_long(int scheme, const char *file)
{
	char path[160];

	snprintf(path, sizeof(path), SCHEMES0 "%d/%s", scheme, file);
	return damon_read_long(path);
}

int damos_new(int nr, const char *action)
{
	int i, err = damon_write(SCHEMES0 "nr_schemes", "%d", nr);

	for (i = 0; i < nr && !err; i++) {
		err = damos_write(i, "action", "%s", action) ?:
		      damos_write(i, "access_pattern/sz/max", "%lu",
				  ULONG_MAX) ?:
		      damos_write(i, "access_pattern/nr_accesses/max", "%u",
				  UINT_MAX) ?:
		      damos_write(i, "access_pattern/age/max", "%u", UINT_MAX);
	}
	return err;
}

int damos_only_cold(int scheme, unsigned int min_age)
{
	return damos_write(scheme, "access_pattern/nr_accesses/max", "0") ?:
	       damos_write(scheme, "access_pattern/age/min", "%u", min_age);
}

int damos_only_hot(int scheme, unsigned int min_accesses)
{
	return damos_write(scheme, "access_pattern/nr_accesses/min", "%u",
			   min_accesses);
}

static int __printf(4, 5) filter_write(int scheme, const char *dir, int idx,
				       const char *fmt, ...)
{
	char file[DAMON_TEXT_MAX + 32], words[DAMON_TEXT_MAX], *value;
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	value = strchr(words, ' ');
	*value++ = '\0';
	snprintf(file, sizeof(file), "%s/%d/%s", dir, idx, words);
	return damos_write(scheme, file, "%s", value);
}

static int set_filter(int scheme, const char *dir, int i,
		      const struct damos_test_filter *f)
{
	int err;

	err = filter_write(scheme, dir, i, "type %s", f->type) ?:
	      filter_write(scheme, dir, i, "matching %d", f->matching) ?:
	      filter_write(scheme, dir, i, "allow %d", f->allow);
	if (!err && f->memcg_path)
		err = filter_write(scheme, dir, i, "memcg_path %s",
				   f->memcg_path);
	if (!err && !strcmp(f->type, "addr"))
		err = filter_write(scheme, dir, i, "addr_start %lu",
				   f->start) ?:
		      filter_write(scheme, dir, i, "addr_end %lu", f->end);
	if (!err && !strcmp(f->type, "hugepage_size"))
		err = filter_write(scheme, dir, i, "min %lu", f->start) ?:
		      filter_write(scheme, dir, i, "max %lu", f->end);
	if (!err && !strcmp(f->type, "target"))
		err = filter_write(scheme, dir, i, "damon_target_idx %d",
				   f->target);
	return err;
}

int damos_set_filters(int scheme, const char *dir,
		      const struct damos_test_filter *filters)
{
	char file[64];
	int i, nr = 0, err;

	while (filters[nr].type)
		nr++;
	snprintf(file, sizeof(file), "%s/nr_filters", dir);
	err = damos_write(scheme, file, "%d", nr);
	for (i = 0; i < nr && !err; i++)
		err = set_filter(scheme, dir, i, &filters[i]);
	return err;
}

int damos_read_stats(int scheme, struct damos_stats *st)
{
	st->nr_tried = damos_read_long(scheme, "stats/nr_tried");
	st->sz_tried = damos_read_long(scheme, "stats/sz_tried");
	st->nr_applied = damos_read_long(scheme, "stats/nr_applied");
	st->sz_applied = damos_read_long(scheme, "stats/sz_applied");
	st->sz_ops_filter_passed =
		damos_read_long(scheme, "stats/sz_ops_filter_passed");
	st->qt_exceeds = damos_read_long(scheme, "stats/qt_exceeds");
	st->nr_snapshots = damos_read_long(scheme, "stats/nr_snapshots");
	return st->nr_tried < 0 ? st->nr_tried : 0;
}

int damos_fetch_stats(int scheme, struct damos_stats *st)
{
	return damon_state(0, "update_schemes_stats") ?:
	       damos_read_stats(scheme, st);
}

static unsigned long tried_number(int scheme, int nr, const char *file)
{
	char path[128], text[DAMON_TEXT_MAX];

	snprintf(path, sizeof(path), SCHEMES0 "%d/tried_regions/%d/%s", scheme,
		 nr, file);
	return damon_read(path, text) < 0 ? ULONG_MAX : strtoul(text, NULL, 10);
}

int damos_read_tried(int scheme, struct damos_tried *t)
{
	char path[128];

	*t = (struct damos_tried){};
	for (;; t->nr++) {
		unsigned long start, accesses, last = t->end;

		snprintf(path, sizeof(path), SCHEMES0 "%d/tried_regions/%d",
			 scheme, t->nr);
		if (!damon_exists(path))
			break;
		start = tried_number(scheme, t->nr, "start");
		t->end = tried_number(scheme, t->nr, "end");
		if (!t->nr)
			t->start = start;
		else if (start < last)
			t->disorder++;
		t->bytes += t->end - start;
		t->passed += tried_number(scheme, t->nr, "sz_filter_passed");
		accesses = tried_number(scheme, t->nr, "nr_accesses");
		if (accesses > t->max_accesses)
			t->max_accesses = accesses;
	}
	t->total_bytes = damos_read_long(scheme, "tried_regions/total_bytes");
	return t->total_bytes < 0 ? t->total_bytes : 0;
}

int damos_fetch_tried(int scheme, struct damos_tried *t)
{
	return damon_state(0, "update_schemes_tried_regions") ?:
	       damos_read_tried(scheme, t);
}

int damon_new_full(void)
{
	return damon_new(1) ?:
	       damon_write(TARGETS0 "nr_targets", "1") ?:
	       damon_write(T0 "regions/nr_regions", "1") ?:
	       damon_write(PROBES0 "nr_probes", "1") ?:
	       damon_write(PROBE_FILTERS0 "nr_filters", "1") ?:
	       damon_write(SCHEMES0 "nr_schemes", "1") ?:
	       damon_write(GOALS0 "nr_goals", "1") ?:
	       damon_write(S0 "core_filters/nr_filters", "1") ?:
	       damon_write(S0 "ops_filters/nr_filters", "1") ?:
	       damon_write(S0 "filters/nr_filters", "1") ?:
	       damon_write(S0 "dests/nr_dests", "1");
}

const char *paddr_why_not(void)
{
	char text[DAMON_TEXT_MAX];

	return damon_read(C0 "avail_operations", text) > 0 &&
	       strstr(text, "paddr") ? NULL : "no operation set paddr";
}

int damos_monitor_phys(unsigned long start, unsigned long end)
{
	return damon_write(C0 "operations", "paddr") ?:
	       damon_write(TARGETS0 "nr_targets", "1") ?:
	       damon_set_region(start, end);
}

int damos_monitor(const struct workload *w)
{
	return damon_write(C0 "operations", "fvaddr") ?:
	       damon_set_target(0, w->pid) ?:
	       damon_set_region(w->start, w->start + w->len);
}
