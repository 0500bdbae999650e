// SPDX-License-Identifier: GPL-2.0
/*
 * Results of a running kdamond: tuned values, statistics, tried regions.
 *
 * What the kdamond tells goes to memory that was allocated before, and only
 * then, with the kdamond on its way again, into the tree.  What was staged may
 * have changed by then: results are for the scheme directory of the same
 * index, and those for which there is none are dropped.
 *
 * Region directories cost much more than the regions, above all for whoever
 * reads them for the first time.  So those that are there are kept and show
 * the new regions; only as many as there are too many or too few come or go.
 */

#include <linux/cleanup.h>
#include <linux/damon.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "admin.h"
#include "dir.h"
#include "tables.h"

/* Do not reserve memory for more regions than that before they are seen. */
#define TRIED_LOG_ROOM	65536U

/* At least so many region directories have room in a vector. */
#define TRIED_CAP_MIN	16U

struct values {
	struct damon_attrs attrs;
	struct damos_report *schemes;
	unsigned int nr_schemes;
};

static int values_fetch(struct damon_ctx *ctx, void *data)
{
	struct values *v = data;

	v->attrs = *damon_ctx_attrs(ctx);
	v->nr_schemes = min(v->nr_schemes, damon_ctx_nr_schemes(ctx));
	for (unsigned int i = 0; i < v->nr_schemes; i++)
		damon_ctx_report_scheme(ctx, i, &v->schemes[i]);
	return 0;
}

static void values_store(const struct values *v, struct damon_admin_context *c,
			 unsigned int what)
{
	unsigned int nr = min(v->nr_schemes, c->nr_schemes);

	if (what & DAMON_REPORT_INTERVALS) {
		c->spec.attrs.sample_interval = v->attrs.sample_interval;
		c->spec.attrs.aggr_interval = v->attrs.aggr_interval;
	}
	for (unsigned int i = 0; i < nr; i++) {
		struct damos_report *report = &c->schemes[i].report;

		if (what & DAMON_REPORT_STATS)
			report->stat = v->schemes[i].stat;
		if (what & DAMON_REPORT_QUOTAS)
			report->effective_sz = v->schemes[i].effective_sz;
	}
}

static int staged_schemes(struct damon_admin_kdamond *k, unsigned int *nr)
{
	const struct damon_admin_context *c;

	guard(mutex)(&k->lock);
	c = damon_admin_context(k);
	if (!c)
		return -EINVAL;
	*nr = c->nr_schemes;
	return 0;
}

/**
 * damon_admin_report() - Fetch values from a running kdamond.
 * @k:		the kdamond directory
 * @what:	DAMON_REPORT_*
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if no context is staged; -ENOMEM; errors of damon_call().
 */
int damon_admin_report(struct damon_admin_kdamond *k, unsigned int what)
{
	struct damos_report *schemes __free(kvfree) = NULL;
	struct damon_admin_context *c;
	struct values v;
	int err;

	err = staged_schemes(k, &v.nr_schemes);
	if (err)
		return err;
	schemes = kvcalloc(v.nr_schemes, sizeof(*schemes), GFP_KERNEL);
	if (!schemes)
		return -ENOMEM;
	v.schemes = schemes;
	err = damon_call(k->kdamond, values_fetch, &v);
	if (err)
		return err;

	guard(mutex)(&k->lock);
	c = damon_admin_context(k);
	if (c)
		values_store(&v, c, what);
	return 0;
}

/* How much of a log is about one scheme. */
struct tried_sum {
	unsigned int nr;
	unsigned int first;
	unsigned long sz;
};

/* What schemes were tried on. */
struct tried_log {
	struct tried_sum *sums;
	unsigned int nr_schemes;
	unsigned int nr_probes;
	struct damos_tried *vec;
	unsigned int room;
	unsigned int nr;	/* may be more than @room */
};

/* With each attempt anew: what an attempt before it saw does not count. */
static void tried_log_reset(struct tried_log *log)
{
	memset(log->sums, 0, array_size(log->nr_schemes, sizeof(*log->sums)));
	log->nr_probes = 0;
	log->nr = 0;
}

static void tried_log_add(struct damon_ctx *ctx,
			  const struct damos_tried *tried, void *data)
{
	struct tried_log *log = data;
	struct tried_sum *sum;

	if (tried->scheme >= log->nr_schemes)
		return;
	sum = &log->sums[tried->scheme];
	sum->nr++;
	sum->sz += tried->ar.end - tried->ar.start;
	log->nr_probes = damon_ctx_nr_probes(ctx);
	if (log->nr < log->room)
		log->vec[log->nr] = *tried;
	log->nr++;
}

/* Room for twice as many as there are now, as regions get split meanwhile. */
static int tried_log_guess_room(struct damon_ctx *ctx, void *data)
{
	unsigned int nr = min(damon_ctx_regions(ctx)->nr, UINT_MAX / 2);
	struct tried_log *log = data;

	log->room = min(size_mul(2 * nr, log->nr_schemes),
			max(2 * nr, TRIED_LOG_ROOM));
	return 0;
}

static int tried_log_reserve(struct tried_log *log, unsigned int room)
{
	kvfree(log->vec);
	log->room = 0;
	log->vec = kvmalloc_array(room, sizeof(*log->vec),
				  GFP_KERNEL | __GFP_NOWARN);
	if (!log->vec)
		return -ENOMEM;
	log->room = room;
	return 0;
}

/* Order by scheme, and else leave the order as it is. */
static int tried_log_sort(struct tried_log *log)
{
	struct damos_tried *sorted;
	unsigned int first = 0;

	if (!log->nr)
		return 0;
	sorted = kvmalloc_array(log->nr, sizeof(*sorted),
				GFP_KERNEL | __GFP_NOWARN);
	if (!sorted)
		return -ENOMEM;
	for (unsigned int i = 0; i < log->nr_schemes; i++) {
		log->sums[i].first = first;
		first += log->sums[i].nr;
	}
	for (unsigned int i = 0; i < log->nr; i++)
		sorted[log->sums[log->vec[i].scheme].first++] = log->vec[i];
	for (unsigned int i = 0; i < log->nr_schemes; i++)
		log->sums[i].first -= log->sums[i].nr;
	kvfree(log->vec);
	log->vec = sorted;
	log->room = log->nr;
	return 0;
}

static int tried_log_walk(struct damon_kdamond *kd, struct tried_log *log)
{
	tried_log_reset(log);
	return damos_walk(kd, tried_log_add, log);
}

static int tried_log_fill(struct damon_kdamond *kd, struct tried_log *log)
{
	unsigned int room;
	int err;

	err = damon_call(kd, tried_log_guess_room, log);
	if (err)
		return err;
	room = log->room;
	do {
		err = tried_log_reserve(log, room);
		if (!err)
			err = tried_log_walk(kd, log);
		if (err)
			return err;
		room = log->nr + log->nr / 2;
	} while (log->nr > log->room);
	return tried_log_sort(log);
}

static void tried_shrink(struct damon_dir *dir, struct damon_admin_tried *t,
			 unsigned int nr)
{
	while (t->nr > nr) {
		damon_leaf_destroy(dir, --t->nr);
		cond_resched();
	}
	if (nr)
		return;
	kvfree(t->vec);
	t->vec = NULL;
	t->cap = 0;
}

/* Show @nr of @vec.  On failure there are none. */
static int tried_show(struct damon_dir *dir, struct damon_admin_tried *t,
		      const struct damos_tried *vec, unsigned int nr,
		      const struct damon_dir_type *type)
{
	int err = 0;

	/* Those that are there can neither move nor get other files. */
	tried_shrink(dir, t, nr > t->cap || type != t->type ? 0 : nr);
	if (!nr)
		return 0;
	if (!t->vec) {
		t->cap = max(roundup_pow_of_two(nr), TRIED_CAP_MIN);
		t->vec = kvmalloc_array(t->cap, sizeof(*t->vec),
					GFP_KERNEL | __GFP_NOWARN);
		t->type = type;
		if (!t->vec)
			err = -ENOMEM;
	}
	for (unsigned int i = 0; !err && i < nr; i++) {
		damon_leaf_set(&t->vec[i], &vec[i], sizeof(*vec));
		if (i < t->nr)
			continue;
		err = damon_leaf_build(dir, i, type, &t->vec[i]);
		if (!err)
			t->nr++;
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	if (err)
		tried_shrink(dir, t, 0);
	return err;
}

static int scheme_show_tried(struct damon_admin_kdamond *k,
			     struct damon_dir *dir, unsigned int index,
			     const struct tried_log *log)
{
	struct damon_admin_scheme *s = dir->data;
	struct damon_dir *tried = damon_dir_find(dir, "tried_regions");
	const struct damos_tried *vec = NULL;
	unsigned int nr = 0;
	unsigned long sz = 0;

	if (index < log->nr_schemes) {
		sz = log->sums[index].sz;
		if (log->vec) {
			nr = log->sums[index].nr;
			vec = log->vec + log->sums[index].first;
		}
	}
	scoped_guard(mutex, &k->lock)
		s->tried_sz = sz;
	return tried_show(tried, &s->tried, vec, nr,
			  &damon_tried_dir_types[log->nr_probes]);
}

/* Replaces all that is shown by what is in @log. */
static int report_show_tried(struct damon_dir *dir, const struct tried_log *log)
{
	struct damon_dir *contexts = damon_dir_find(dir, "contexts");
	struct damon_dir *context, *schemes, *scheme;
	unsigned int i = 0;
	int err = 0;

	/* Whoever removes directories holds the lock of their parent. */
	guard(mutex)(&contexts->lock);
	context = damon_dir_find(contexts, "0");
	if (!context)
		return 0;
	schemes = damon_dir_find(context, "schemes");
	guard(mutex)(&schemes->lock);
	list_for_each_entry(scheme, &schemes->subdirs, node) {
		int ret = scheme_show_tried(dir->data, scheme, i++, log);

		err = err ?: ret;
	}
	return err;
}

/**
 * damon_admin_clear_tried() - Forget what the schemes were tried on.
 * @dir:	the kdamond directory
 *
 * Context: may sleep.
 * Return: 0.
 */
int damon_admin_clear_tried(struct damon_dir *dir)
{
	const struct tried_log empty = {};

	return report_show_tried(dir, &empty);
}

static int report_tried(struct damon_dir *dir, bool regions)
{
	struct damon_admin_kdamond *k = dir->data;
	struct tried_log log = {};
	int err;

	if (mutex_lock_interruptible(&k->walking))
		return -ERESTARTSYS;
	err = staged_schemes(k, &log.nr_schemes);
	if (err)
		goto unlock;
	log.sums = kvcalloc(log.nr_schemes, sizeof(*log.sums), GFP_KERNEL);
	if (!log.sums)
		err = -ENOMEM;
	else if (regions)
		err = tried_log_fill(k->kdamond, &log);
	else
		err = tried_log_walk(k->kdamond, &log);
	if (!err)
		err = report_show_tried(dir, &log);
	if (err)
		damon_admin_clear_tried(dir);
	kvfree(log.sums);
	kvfree(log.vec);
unlock:
	mutex_unlock(&k->walking);
	return err;
}

/**
 * damon_admin_report_tried_regions() - Make directories of tried regions.
 * @dir:	the kdamond directory
 *
 * Waits until each scheme was tried on all regions.  What was shown before
 * stays until then, and on failure goes.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if no context is staged; -ENOMEM; errors of damos_walk();
 * -ERESTARTSYS or -EINTR on signals.
 */
int damon_admin_report_tried_regions(struct damon_dir *dir)
{
	return report_tried(dir, true);
}

/**
 * damon_admin_report_tried_bytes() - Fetch how much schemes were tried on.
 * @dir:	the kdamond directory
 *
 * Like damon_admin_report_tried_regions(), but there are no directories
 * afterwards.
 *
 * Context: may sleep.
 * Return: as damon_admin_report_tried_regions().
 */
int damon_admin_report_tried_bytes(struct damon_dir *dir)
{
	return report_tried(dir, false);
}
