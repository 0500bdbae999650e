/* SPDX-License-Identifier: GPL-2.0 */
/* Defaults, validation, copy and free of a &struct damon_spec. */
#ifndef _MM_DAMON_POLICY_SPEC_H
#define _MM_DAMON_POLICY_SPEC_H

#include <linux/damon.h>

/* The lowest lower limit of the number of regions that makes sense. */
#define DAMON_MIN_NR_REGIONS	3UL

/* Denominator of the shares and rates that are given in 1/10000. */
#define DAMON_BP		10000UL

bool damon_ops_has_pid(enum damon_ops_id id);
unsigned long damon_spec_min_region_sz(const struct damon_spec *spec);
unsigned int damon_attrs_max_nr_accesses(const struct damon_attrs *attrs);
int damon_attrs_validate(const struct damon_attrs *attrs);
bool damon_attrs_equal(const struct damon_attrs *a,
		       const struct damon_attrs *b);
int damon_ranges_validate(const struct damon_addr_range *ranges,
			  unsigned int nr, unsigned long min_sz);

/* damos_spec.c */
int damon_vec_copy(void *dst, const void *src, unsigned int nr, size_t size);
int damos_filters_spec_copy(struct damos_filters_spec *dst,
			    const struct damos_filters_spec *src);
int damos_spec_validate(const struct damos_spec *spec);
int damon_spec_validate_goals(const struct damon_spec *spec);

#endif /* _MM_DAMON_POLICY_SPEC_H */
