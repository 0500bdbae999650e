// SPDX-License-Identifier: GPL-2.0
/*
 * Defaults, validation, copy and free of a &struct damos_spec.
 *
 * As with the rest of a spec, what a user stages may be nonsense in between
 * and is judged when a context is built from it.  Whether a cgroup exists is
 * for whoever gets a reference to it.
 */

#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "spec.h"

/* No node: nothing is migrated anywhere. */
#define DAMOS_NO_NODE		(-1)

/**
 * damos_spec_init() - Set the defaults.
 * @spec:	the scheme; what was in it is overwritten
 *
 * The pattern is all zeros and so fits no region.
 */
void damos_spec_init(struct damos_spec *spec)
{
	*spec = (struct damos_spec){
		.action = DAMOS_STAT,
		.target_nid = DAMOS_NO_NODE,
	};
}
EXPORT_SYMBOL_NS_GPL(damos_spec_init, DAMON);

/**
 * damos_spec_switch_off() - Give a scheme watermarks that keep it inactive.
 * @spec:	the scheme
 *
 * Nor does it keep monitoring going on.
 */
void damos_spec_switch_off(struct damos_spec *spec)
{
	/* Whatever the metric is, it is below the low one. */
	spec->wmarks = (struct damos_watermarks){
		.metric = DAMOS_WMARK_FREE_MEM_RATE,
		.interval = ULONG_MAX,
		.low = ULONG_MAX,
	};
}

/**
 * damos_filters_spec_free() - Free a list of filters.
 * @filters:	the list; empty afterwards, and may be freed again
 */
void damos_filters_spec_free(struct damos_filters_spec *filters)
{
	for (unsigned int i = 0; i < filters->nr; i++)
		kfree(filters->vec[i].memcg_path);
	kvfree(filters->vec);
	*filters = (struct damos_filters_spec){};
}

/* Most schemes own nothing, and there may be many schemes. */
static bool spec_owns_lists(const struct damos_spec *spec)
{
	return spec->core_filters.vec || spec->ops_filters.vec ||
	       spec->filters.vec || spec->quota.goals || spec->dests;
}

/**
 * damos_spec_free() - Free what a scheme owns.
 * @spec:	the scheme; may be used on, or freed again
 */
void damos_spec_free(struct damos_spec *spec)
{
	struct damos_quota_spec *quota = &spec->quota;

	if (!spec_owns_lists(spec))
		return;
	damos_filters_spec_free(&spec->core_filters);
	damos_filters_spec_free(&spec->ops_filters);
	damos_filters_spec_free(&spec->filters);
	for (unsigned int i = 0; i < quota->nr_goals; i++)
		kfree(quota->goals[i].memcg_path);
	kvfree(quota->goals);
	quota->goals = NULL;
	quota->nr_goals = 0;
	kvfree(spec->dests);
	spec->dests = NULL;
	spec->nr_dests = 0;
}
EXPORT_SYMBOL_NS_GPL(damos_spec_free, DAMON);

/**
 * damon_vec_copy() - Copy a vector.
 * @dst:	where to store the pointer to the copy, kvmalloc()ed; NULL for an
 *		empty vector and on failure
 * @src:	the vector
 * @nr:		number of elements
 * @size:	size of an element
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int damon_vec_copy(void *dst, const void *src, unsigned int nr, size_t size)
{
	void *copy = nr ? kvcalloc(nr, size, GFP_KERNEL) : NULL;

	if (copy)
		memcpy(copy, src, nr * size);
	*(void **)dst = copy;
	return nr && !copy ? -ENOMEM : 0;
}

static int path_copy(char **path, const char *src)
{
	*path = kstrdup(src, GFP_KERNEL);
	return src && !*path ? -ENOMEM : 0;
}

/**
 * damos_filters_spec_copy() - Make a copy that shares nothing with its source.
 * @dst:	overwritten, not freed; owns nothing on failure
 * @src:	the source
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int damos_filters_spec_copy(struct damos_filters_spec *dst,
			    const struct damos_filters_spec *src)
{
	int err = damon_vec_copy(&dst->vec, src->vec, src->nr,
				 sizeof(*dst->vec));

	/* The count says what is owned already, so that it can be freed. */
	dst->nr = 0;
	while (!err && dst->nr < src->nr) {
		unsigned int i = dst->nr++;

		err = path_copy(&dst->vec[i].memcg_path,
				src->vec[i].memcg_path);
	}
	if (err)
		damos_filters_spec_free(dst);
	return err;
}

static int goals_copy(struct damos_quota_spec *dst,
		      const struct damos_quota_spec *src)
{
	int err = damon_vec_copy(&dst->goals, src->goals, src->nr_goals,
				 sizeof(*dst->goals));

	while (!err && dst->nr_goals < src->nr_goals) {
		unsigned int i = dst->nr_goals++;

		err = path_copy(&dst->goals[i].memcg_path,
				src->goals[i].memcg_path);
	}
	return err;
}

/**
 * damos_spec_copy() - Make a copy that shares nothing with its source.
 * @dst:	overwritten, not freed; owns nothing on failure
 * @src:	the source
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int damos_spec_copy(struct damos_spec *dst, const struct damos_spec *src)
{
	int err;

	*dst = *src;
	if (!spec_owns_lists(src))
		return 0;
	dst->core_filters = (struct damos_filters_spec){};
	dst->ops_filters = (struct damos_filters_spec){};
	dst->filters = (struct damos_filters_spec){};
	dst->quota.goals = NULL;
	dst->quota.nr_goals = 0;

	err = damon_vec_copy(&dst->dests, src->dests, src->nr_dests,
			     sizeof(*dst->dests));
	err = err ?: damos_filters_spec_copy(&dst->core_filters,
					     &src->core_filters);
	err = err ?: damos_filters_spec_copy(&dst->ops_filters,
					     &src->ops_filters);
	err = err ?: damos_filters_spec_copy(&dst->filters, &src->filters);
	err = err ?: goals_copy(&dst->quota, &src->quota);
	if (err)
		damos_spec_free(dst);
	return err;
}
EXPORT_SYMBOL_NS_GPL(damos_spec_copy, DAMON);

static int filters_validate(const struct damos_filters_spec *filters)
{
	for (unsigned int i = 0; i < filters->nr; i++) {
		const struct damos_filter_spec *f = &filters->vec[i];

		if (f->type == DAMOS_FILTER_TYPE_ADDR &&
		    f->addr_range.end < f->addr_range.start)
			return -EINVAL;
		if (f->type == DAMOS_FILTER_TYPE_HUGEPAGE_SIZE &&
		    f->sz_range.max < f->sz_range.min)
			return -EINVAL;
	}
	return 0;
}

/**
 * damos_spec_validate() - Check a scheme.
 * @spec:	the scheme
 *
 * Return: 0 or -EINVAL.
 */
int damos_spec_validate(const struct damos_spec *spec)
{
	return filters_validate(&spec->core_filters) ?:
	       filters_validate(&spec->ops_filters) ?:
	       filters_validate(&spec->filters);
}

/**
 * damon_spec_validate_goals() - Check that all goals can be measured.
 * @spec:	the spec
 *
 * A start takes goals that cannot be: they are never met, nor missed.
 *
 * Return: 0; -EINVAL if a goal is about eligible memory, which only the
 * physical address operation set can find.
 */
int damon_spec_validate_goals(const struct damon_spec *spec)
{
	for (unsigned int i = 0; i < spec->nr_schemes; i++) {
		const struct damos_quota_spec *q = &spec->schemes[i].quota;

		for (unsigned int j = 0; j < q->nr_goals; j++) {
			if (q->goals[j].metric ==
			    DAMOS_QUOTA_NODE_ELIGIBLE_MEM_BP &&
			    spec->ops_id != DAMON_OPS_PADDR)
				return -EINVAL;
		}
	}
	return 0;
}
