/* SPDX-License-Identifier: GPL-2.0 */
/* One spec of what several owners ask for. */
#ifndef _MM_DAMON_MODULES_MERGE_H
#define _MM_DAMON_MODULES_MERGE_H

#include "shared.h"

/**
 * struct damon_share - What an owner has asked for.
 * @wish:	how to monitor, with a range
 * @schemes:	what to do, for the attributes of @wish; they have no core filters
 * @nr_schemes:	number of @schemes, also while not @enabled
 * @awake:	monitor even while no scheme is active
 * @enabled:	it counts
 * @begun:	it did count before
 */
struct damon_share {
	struct damon_wish wish;
	struct damos_spec schemes[DAMON_OWNER_SCHEMES];
	unsigned int nr_schemes;
	bool awake;
	bool enabled;
	bool begun;
};

unsigned int damon_share_slots(const struct damon_share *share);
int damon_wish_merge(struct damon_wish *all, const struct damon_wish *wish);
void damos_pattern_convert(struct damos_access_pattern *p,
			   const struct damon_attrs *from,
			   const struct damon_attrs *to);
int damon_wish_spec(struct damon_spec *spec, const struct damon_wish *wish);
int damon_shares_merge(struct damon_spec *spec,
		       const struct damon_share *shares, unsigned int nr);

#endif /* _MM_DAMON_MODULES_MERGE_H */
