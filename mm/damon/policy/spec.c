// SPDX-License-Identifier: GPL-2.0
/*
 * Defaults, validation, copy and free of a &struct damon_spec.
 *
 * A spec is staged by a user, one value at a time, in any order.  So it may
 * be nonsense in between, and nothing is refused before it is used: the rules
 * that hold between values are here, in damon_spec_validate(), and whoever
 * builds a context from a spec asks it first.
 *
 * The regions of a context begin and end at multiples of a smallest size, a
 * power of two: a page, in the units that the operation set counts in.  With
 * pages of 4096 bytes and an address unit of 512 bytes that is 8; with a unit
 * of 3 bytes it would be 1365, which is refused; with any unit from a page on
 * it is 1.  Ranges are rounded outwards to it, so one that is empty for the
 * user, [5000, 5000), covers a page.
 *
 * Whether a process or an operation set exists is not asked here: the answer
 * may change at any time, and belongs to whoever gets a reference to it.
 */

#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include <asm/page.h>

#include "spec.h"

#define DAMON_SAMPLE_US		5000UL
#define DAMON_AGGR_US		100000UL
#define DAMON_UPDATE_US		60000000UL
#define DAMON_NR_REGIONS_MIN	10UL
#define DAMON_NR_REGIONS_MAX	1000UL

/* One whole CPU. */
#define DAMON_CPU_PERMILLE_MAX	1000

/**
 * damon_spec_init() - Set the defaults.
 * @spec:	the spec; what was in it is overwritten
 */
void damon_spec_init(struct damon_spec *spec)
{
	*spec = (struct damon_spec){
		.ops_id = DAMON_OPS_VADDR,
		.addr_unit = 1,
		.attrs = {
			.sample_interval = DAMON_SAMPLE_US,
			.aggr_interval = DAMON_AGGR_US,
			.ops_update_interval = DAMON_UPDATE_US,
			.min_nr_regions = DAMON_NR_REGIONS_MIN,
			.max_nr_regions = DAMON_NR_REGIONS_MAX,
			.scout = true,
		},
	};
}
EXPORT_SYMBOL_NS_GPL(damon_spec_init, DAMON);

/**
 * damon_spec_free() - Free what a spec owns.
 * @spec:	the spec; it has no probes, targets and schemes afterwards and may
 *		be used on, or freed again
 */
void damon_spec_free(struct damon_spec *spec)
{
	for (unsigned int i = 0; i < spec->nr_probes; i++)
		damos_filters_spec_free(&spec->probes[i].filters);
	for (unsigned int i = 0; i < spec->nr_targets; i++)
		kvfree(spec->targets[i].ranges);
	for (unsigned int i = 0; i < spec->nr_schemes; i++)
		damos_spec_free(&spec->schemes[i]);
	kvfree(spec->probes);
	kvfree(spec->targets);
	kvfree(spec->schemes);
	spec->probes = NULL;
	spec->nr_probes = 0;
	spec->targets = NULL;
	spec->nr_targets = 0;
	spec->schemes = NULL;
	spec->nr_schemes = 0;
}
EXPORT_SYMBOL_NS_GPL(damon_spec_free, DAMON);

/* The counts of @dst say what it owns already, so that it can be freed. */
static int probes_copy(struct damon_spec *dst, const struct damon_spec *src)
{
	int err = damon_vec_copy(&dst->probes, src->probes, src->nr_probes,
				 sizeof(*dst->probes));

	while (!err && dst->nr_probes < src->nr_probes) {
		unsigned int i = dst->nr_probes++;

		err = damos_filters_spec_copy(&dst->probes[i].filters,
					      &src->probes[i].filters);
	}
	return err;
}

static int targets_copy(struct damon_spec *dst, const struct damon_spec *src)
{
	int err = damon_vec_copy(&dst->targets, src->targets, src->nr_targets,
				 sizeof(*dst->targets));

	while (!err && dst->nr_targets < src->nr_targets) {
		unsigned int i = dst->nr_targets++;

		err = damon_vec_copy(&dst->targets[i].ranges,
				     src->targets[i].ranges,
				     src->targets[i].nr_ranges,
				     sizeof(*dst->targets[i].ranges));
	}
	return err;
}

static int schemes_copy(struct damon_spec *dst, const struct damon_spec *src)
{
	int err = 0;

	if (!src->nr_schemes)
		return 0;
	dst->schemes = kvmalloc_array(src->nr_schemes, sizeof(*dst->schemes),
				      GFP_KERNEL);
	if (!dst->schemes)
		return -ENOMEM;
	while (!err && dst->nr_schemes < src->nr_schemes) {
		unsigned int i = dst->nr_schemes++;

		err = damos_spec_copy(&dst->schemes[i], &src->schemes[i]);
	}
	return err;
}

/**
 * damon_spec_copy() - Make a copy that shares nothing with its source.
 * @dst:	overwritten, not freed; unchanged on failure
 * @src:	the source
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int damon_spec_copy(struct damon_spec *dst, const struct damon_spec *src)
{
	struct damon_spec copy = *src;
	int err;

	copy.probes = NULL;
	copy.nr_probes = 0;
	copy.targets = NULL;
	copy.nr_targets = 0;
	copy.schemes = NULL;
	copy.nr_schemes = 0;

	err = probes_copy(&copy, src);
	err = err ?: targets_copy(&copy, src);
	err = err ?: schemes_copy(&copy, src);
	if (err)
		damon_spec_free(&copy);
	else
		*dst = copy;
	return err;
}
EXPORT_SYMBOL_NS_GPL(damon_spec_copy, DAMON);

/**
 * damon_ops_has_pid() - Are the targets of an operation set processes?
 * @id:	identifier of the operation set
 *
 * Return: true if they are.
 */
bool damon_ops_has_pid(enum damon_ops_id id)
{
	return id == DAMON_OPS_VADDR || id == DAMON_OPS_FVADDR;
}

/**
 * damon_spec_min_region_sz() - The smallest size of a region.
 * @spec:	the spec
 *
 * Return: the size in core address units.  If @spec is valid, it is a power of
 * two.
 */
unsigned long damon_spec_min_region_sz(const struct damon_spec *spec)
{
	if (spec->ops_id != DAMON_OPS_PADDR)
		return PAGE_SIZE;
	if (!spec->addr_unit)
		return 0;
	return max(PAGE_SIZE / spec->addr_unit, 1UL);
}

/**
 * damon_attrs_max_nr_accesses() - Samples in an aggregation interval.
 * @attrs:	the attributes
 *
 * Return: the number, at least 1.
 */
unsigned int damon_attrs_max_nr_accesses(const struct damon_attrs *attrs)
{
	if (!attrs->sample_interval)
		return 1;
	return clamp(attrs->aggr_interval / attrs->sample_interval,
		     1UL, (unsigned long)UINT_MAX);
}

/**
 * damon_attrs_equal() - Do two sets of attributes ask for the same results?
 * @a:	the one
 * @b:	the other
 *
 * Return: true if no value differs, except for those that only say how much may
 * be done to get the results: @cpu_permille and @scout.
 */
bool damon_attrs_equal(const struct damon_attrs *a,
		       const struct damon_attrs *b)
{
	/* All members up to there are of one type, so there is no padding. */
	return !memcmp(a, b, offsetof(struct damon_attrs, cpu_permille));
}

/**
 * damon_attrs_validate() - Check monitoring attributes.
 * @attrs:	the attributes
 *
 * Intervals of 0 are valid.
 *
 * Return: 0 or -EINVAL.
 */
int damon_attrs_validate(const struct damon_attrs *attrs)
{
	const struct damon_intervals_goal *goal = &attrs->intervals_goal;

	if (goal->aggrs && (goal->min_sample_us > goal->max_sample_us ||
			    attrs->sample_interval < goal->min_sample_us ||
			    attrs->sample_interval > goal->max_sample_us))
		return -EINVAL;
	if (attrs->min_nr_regions < DAMON_MIN_NR_REGIONS ||
	    attrs->min_nr_regions > attrs->max_nr_regions)
		return -EINVAL;
	if (attrs->sample_interval > attrs->aggr_interval)
		return -EINVAL;
	if (attrs->cpu_permille > DAMON_CPU_PERMILLE_MAX)
		return -EINVAL;
	return 0;
}

/**
 * damon_ranges_validate() - Check the ranges of a target.
 * @ranges:	the ranges
 * @nr:		number of @ranges
 * @min_sz:	smallest size of a region, a power of two
 *
 * Ranges must be in address order, must not overlap, and must not do so after
 * they were rounded outwards to @min_sz, where none may be empty either.
 *
 * Return: 0 or -EINVAL.
 */
int damon_ranges_validate(const struct damon_addr_range *ranges,
			  unsigned int nr, unsigned long min_sz)
{
	unsigned long prev_end = 0;

	for (unsigned int i = 0; i < nr; i++) {
		unsigned long start = ALIGN_DOWN(ranges[i].start, min_sz);
		/* 0 if it wraps around, and so never above the start. */
		unsigned long end = ALIGN(ranges[i].end, min_sz);

		if (ranges[i].start > ranges[i].end)
			return -EINVAL;
		if (start >= end || start < prev_end)
			return -EINVAL;
		prev_end = end;
	}
	return 0;
}

/**
 * damon_spec_validate() - Check a spec.
 * @spec:	the spec
 *
 * Return: 0 or -EINVAL.
 */
int damon_spec_validate(const struct damon_spec *spec)
{
	unsigned long min_sz = damon_spec_min_region_sz(spec);
	int err;

	if ((unsigned int)spec->ops_id >= NR_DAMON_OPS)
		return -EINVAL;
	err = damon_attrs_validate(&spec->attrs);
	if (err)
		return err;
	if (spec->ops_id == DAMON_OPS_PADDR && spec->nr_targets > 1)
		return -EINVAL;
	if (!is_power_of_2(min_sz))
		return -EINVAL;
	if (spec->nr_probes > DAMON_MAX_PROBES)
		return -EINVAL;
	for (unsigned int i = 0; i < spec->nr_targets; i++) {
		err = damon_ranges_validate(spec->targets[i].ranges,
					    spec->targets[i].nr_ranges, min_sz);
		if (err)
			return err;
	}
	for (unsigned int i = 0; i < spec->nr_schemes; i++) {
		err = damos_spec_validate(&spec->schemes[i]);
		if (err)
			return err;
	}
	return 0;
}
EXPORT_SYMBOL_NS_GPL(damon_spec_validate, DAMON);
