/* SPDX-License-Identifier: GPL-2.0 */
/* Running schemes and probes: what they hold references to. */
#ifndef _MM_DAMON_SCHEME_H
#define _MM_DAMON_SCHEME_H

#include <linux/damon.h>

struct damos;
struct damos_filters;
struct damos_goals;

int damos_build(struct damos *s, const struct damos_spec *spec);
void damos_destroy(struct damos *s);
void damos_adopt(struct damos *s, const struct damos *old, bool same_places);

int damos_goals_build(struct damos_goals *goals,
		      const struct damos_quota_spec *spec);
void damos_goals_destroy(struct damos_goals *goals);

int damon_probe_build(struct damos_filters *probe,
		      const struct damon_probe_spec *spec);
void damon_probe_destroy(struct damos_filters *probe);

#endif /* _MM_DAMON_SCHEME_H */
