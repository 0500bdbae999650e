/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of the physical address operation set begin with. */
#ifndef _MM_DAMON_TESTS_PADDR_FIXTURE_H
#define _MM_DAMON_TESTS_PADDR_FIXTURE_H

#include <kunit/test.h>

#include "../ctx.h"
#include "../policy/region.h"
#include "user_pages.h"

#define PADDR_MAX_REGIONS 16

/* A context with one scheme, and what that is applied to. */
struct paddr_test {
	struct damon_ctx ctx;
	struct damos_spec spec;
	struct damos scheme;
	struct damos_filter filter;
	struct damos_filter_spec filter_spec;
	struct damos_job job;
};

static inline int paddr_init(struct kunit *test)
{
	const struct damon_attrs attrs = {
		.sample_interval = 5000,
		.aggr_interval = 100000,
		.min_nr_regions = 10,
		.max_nr_regions = 1000,
	};
	struct paddr_test *pt = kunit_kzalloc(test, sizeof(*pt), GFP_KERNEL);

	if (!pt || damon_regions_init(&pt->ctx.regions, 1, PADDR_MAX_REGIONS))
		return -ENOMEM;
	pt->ctx.attrs = attrs;
	pt->ctx.spec.addr_unit = 1;
	pt->ctx.ops = damon_ops_get(DAMON_OPS_PADDR);
	damon_access_init(&pt->ctx.access, &attrs, PAGE_SIZE, 1);
	pt->scheme.spec = &pt->spec;
	pt->filter.spec = &pt->filter_spec;
	pt->scheme.ops_filters.vec = &pt->filter;
	pt->scheme.ops_filters.allow = true;
	test->priv = pt;
	return 0;
}

static inline void paddr_exit(struct kunit *test)
{
	struct paddr_test *pt = test->priv;

	if (pt)
		damon_regions_free(&pt->ctx.regions);
}

static inline void set_unit(struct paddr_test *pt, unsigned long unit)
{
	pt->ctx.spec.addr_unit = unit;
	pt->ctx.access.min_sz = max(PAGE_SIZE / unit, 1UL);
}

static inline unsigned long core_addr(struct paddr_test *pt, unsigned long pfn)
{
	return PFN_PHYS(pfn) / pt->ctx.spec.addr_unit;
}

#endif /* _MM_DAMON_TESTS_PADDR_FIXTURE_H */
