// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Filters of schemes
 *
 * Problem: a scheme finds its memory by how it is accessed, and there is more
 * to know about memory: whose it is, of what kind, where.  And one region may
 * have memory of all kinds.
 *
 * A filter is about memory that is, or is not, of some type, and lets it pass
 * or rejects it.  Of a list of filters the first that matches decides.  What
 * none matches is treated the opposite way of the last filter: after "reject
 * this" everything else passes, after "let this pass" nothing else does.
 *
 * There are two lists.  What the address tells (address range, target) is
 * asked of a region, before anything is done to it; all else is asked of each
 * folio by the operation set.  Which list a filter is on depends on its type
 * alone.  What passes the first list because one of its filters says so is not
 * asked for the second.  What passes because no filter matched is; hence, if
 * there is a second list, no match in the first one means pass.
 *
 * An address range may begin or end within a region.  Then the answer is given
 * for the first part only, which is handed back, and the rest is to be asked
 * for afterwards.  For example, with the filters "reject [64, 128)" and "let
 * target 0 pass", [0, 256) of target 0 is asked for three times: [0, 64)
 * passes, [64, 128) is rejected, and [128, 256) passes.
 *
 * Limits: ranges are rounded down to multiples of the smallest region size, at
 * both ends.  So the last part of a page that is not wholly in the range is
 * out of it, and its first part is in.
 */

#include <linux/align.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "damos.h"

/**
 * damos_filter_for_core() - Does the address tell what a filter asks?
 * @type:	type of the filter
 *
 * Return: true if so, false if the operation set is to be asked.
 */
bool damos_filter_for_core(enum damos_filter_type type)
{
	return type == DAMOS_FILTER_TYPE_ADDR ||
		type == DAMOS_FILTER_TYPE_TARGET;
}

/**
 * damos_filters_default() - What becomes of memory that no filter matches?
 * @filters:	the list
 *
 * That is when the list stands alone; see damos_filters_build() for the ones
 * of a scheme.
 *
 * Return: true if it passes.
 */
bool damos_filters_default(const struct damos_filters *filters)
{
	return !filters->nr || !filters->vec[filters->nr - 1].spec->allow;
}

static bool filter_is_valid(const struct damos_filter_spec *spec)
{
	if ((unsigned int)spec->type >= NR_DAMOS_FILTER_TYPES)
		return false;
	if (spec->type == DAMOS_FILTER_TYPE_ADDR)
		return spec->addr_range.start <= spec->addr_range.end;
	if (spec->type == DAMOS_FILTER_TYPE_HUGEPAGE_SIZE)
		return spec->sz_range.min <= spec->sz_range.max;
	return true;
}

static int filters_alloc(struct damos_filters *filters, unsigned int nr)
{
	*filters = (struct damos_filters){};
	if (!nr)
		return 0;
	filters->vec = kvcalloc(nr, sizeof(*filters->vec), GFP_KERNEL);
	return filters->vec ? 0 : -ENOMEM;
}

/**
 * damos_filters_build() - Sort the filters of a scheme by who can answer them.
 * @s:		the scheme; its spec must be set and stay until
 *		damos_filters_destroy()
 *
 * The cgroups of the filters are left to be looked up.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if a filter has no type that exists, or a range that ends
 * before it begins; -ENOMEM.  On failure @s has no filters.
 */
int damos_filters_build(struct damos *s)
{
	const struct damos_filters_spec *lists[] = {
		&s->spec->core_filters,
		&s->spec->ops_filters,
		&s->spec->filters,
	};
	unsigned int nr_core = 0, nr_ops = 0;

	s->core_filters = (struct damos_filters){};
	s->ops_filters = (struct damos_filters){};
	if (!lists[0]->nr && !lists[1]->nr && !lists[2]->nr) {
		s->core_filters.allow = true;
		s->ops_filters.allow = true;
		return 0;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++) {
		for (unsigned int j = 0; j < lists[i]->nr; j++) {
			if (!filter_is_valid(&lists[i]->vec[j]))
				return -EINVAL;
			if (damos_filter_for_core(lists[i]->vec[j].type))
				nr_core++;
			else
				nr_ops++;
		}
	}
	if (filters_alloc(&s->core_filters, nr_core) ||
	    filters_alloc(&s->ops_filters, nr_ops)) {
		damos_filters_destroy(s);
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++) {
		for (unsigned int j = 0; j < lists[i]->nr; j++) {
			const struct damos_filter_spec *spec =
				&lists[i]->vec[j];
			struct damos_filters *to = &s->ops_filters;

			if (damos_filter_for_core(spec->type))
				to = &s->core_filters;
			to->vec[to->nr++].spec = spec;
		}
	}
	s->ops_filters.allow = damos_filters_default(&s->ops_filters);
	s->core_filters.allow = nr_ops ||
		damos_filters_default(&s->core_filters);
	return 0;
}

/**
 * damos_filters_destroy() - Free what damos_filters_build() made.
 * @s:		the scheme; it has no filters afterwards.  References to the
 *		cgroups of its filters must have been put
 */
void damos_filters_destroy(struct damos *s)
{
	kvfree(s->core_filters.vec);
	kvfree(s->ops_filters.vec);
	s->core_filters = (struct damos_filters){};
	s->ops_filters = (struct damos_filters){};
}

/* Is @ar inside the range?  If that differs from part to part, cut it. */
static bool addr_is_inside(const struct damon_addr_range *range,
			   unsigned long min_sz, struct damon_addr_range *ar)
{
	unsigned long start = ALIGN_DOWN(range->start, min_sz);
	unsigned long end = ALIGN_DOWN(range->end, min_sz);

	if (start == end || ar->end <= start || ar->start >= end)
		return false;
	if (ar->start < start) {
		ar->end = start;
		return false;
	}
	ar->end = min(ar->end, end);
	return true;
}

static bool filter_matches(const struct damos_filter_spec *spec,
			   unsigned int target_idx, unsigned long min_sz,
			   struct damon_addr_range *ar)
{
	bool has_type;

	if (spec->type == DAMOS_FILTER_TYPE_TARGET)
		has_type = spec->target_idx == (int)target_idx;
	else
		has_type = addr_is_inside(&spec->addr_range, min_sz, ar);
	return has_type == spec->matching;
}

/**
 * damos_core_verdict() - Does a range pass the filters that know addresses?
 * @s:		the scheme
 * @target_idx:	index of the target
 * @min_sz:	smallest size of a region, a power of two
 * @ar:		the range, ends are multiples of @min_sz; if not all of it is
 *		treated alike, the end is lowered to that of the first part
 * @allowed_by_filter: set to whether a filter lets it pass, so that those of
 *		the operation set are not to be asked
 *
 * Return: true if what is left of @ar passes.
 */
bool damos_core_verdict(const struct damos *s, unsigned int target_idx,
			unsigned long min_sz, struct damon_addr_range *ar,
			bool *allowed_by_filter)
{
	const struct damos_filters *filters = &s->core_filters;

	for (unsigned int i = 0; i < filters->nr; i++) {
		const struct damos_filter_spec *spec = filters->vec[i].spec;

		/* A part of what did not match before does not either. */
		if (filter_matches(spec, target_idx, min_sz, ar)) {
			*allowed_by_filter = spec->allow;
			return spec->allow;
		}
	}
	*allowed_by_filter = false;
	return filters->allow;
}
