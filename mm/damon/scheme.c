// SPDX-License-Identifier: GPL-2.0
/*
 * Building, adopting and destroying of running schemes and probes.
 *
 * Names of cgroups become references here, in the context of whoever asks; so
 * a name that is wrong is his error, and the kdamond never looks one up.
 */

#include <linux/damon.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "metrics.h"
#include "policy/damos.h"
#include "scheme.h"

static int filters_resolve(struct damos_filters *filters)
{
	for (unsigned int i = 0; i < filters->nr; i++) {
		struct damos_filter *f = &filters->vec[i];
		struct mem_cgroup *memcg;

		if (f->spec->type != DAMOS_FILTER_TYPE_MEMCG)
			continue;
		memcg = damon_memcg_get(f->spec->memcg_path);
		if (IS_ERR(memcg))
			return PTR_ERR(memcg);
		f->memcg = memcg;
	}
	return 0;
}

static void filters_unresolve(struct damos_filters *filters)
{
	for (unsigned int i = 0; i < filters->nr; i++)
		damon_memcg_put(filters->vec[i].memcg);
}

/**
 * damon_probe_build() - Build the filters of a probe.
 * @probe:	overwritten; refers to @spec
 * @spec:	what the user asks for
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if there is no such cgroup, or a filter is of a type that
 * probes cannot have; -ENOMEM.  On failure @probe owns nothing.
 */
int damon_probe_build(struct damos_filters *probe,
		      const struct damon_probe_spec *spec)
{
	const struct damos_filters_spec *filters = &spec->filters;
	int err;

	*probe = (struct damos_filters){};
	for (unsigned int i = 0; i < filters->nr; i++) {
		if (filters->vec[i].type != DAMOS_FILTER_TYPE_ANON &&
		    filters->vec[i].type != DAMOS_FILTER_TYPE_MEMCG)
			return -EINVAL;
	}
	if (filters->nr) {
		probe->vec = kvcalloc(filters->nr, sizeof(*probe->vec),
				      GFP_KERNEL);
		if (!probe->vec)
			return -ENOMEM;
	}
	for (; probe->nr < filters->nr; probe->nr++)
		probe->vec[probe->nr].spec = &filters->vec[probe->nr];
	probe->allow = damos_filters_default(probe);
	err = filters_resolve(probe);
	if (err)
		damon_probe_destroy(probe);
	return err;
}

/**
 * damon_probe_destroy() - Free what a probe owns.
 * @probe:	the probe; may be freed again
 */
void damon_probe_destroy(struct damos_filters *probe)
{
	filters_unresolve(probe);
	kvfree(probe->vec);
	*probe = (struct damos_filters){};
}

static bool metric_has_memcg(enum damos_quota_goal_metric metric)
{
	return metric == DAMOS_QUOTA_NODE_MEMCG_USED_BP ||
	       metric == DAMOS_QUOTA_NODE_MEMCG_FREE_BP;
}

/**
 * damos_goals_build() - Build the running goals of a quota.
 * @goals:	overwritten; shares nothing with @spec
 * @spec:	what the user asks for; goals of 0 are left out
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if there is no such cgroup; -ENOMEM.  On failure @goals
 * owns nothing.
 */
int damos_goals_build(struct damos_goals *goals,
		      const struct damos_quota_spec *spec)
{
	*goals = (struct damos_goals){};
	if (!spec->nr_goals)
		return 0;
	goals->vec = kvcalloc(spec->nr_goals, sizeof(*goals->vec), GFP_KERNEL);
	if (!goals->vec)
		return -ENOMEM;

	for (unsigned int i = 0; i < spec->nr_goals; i++) {
		const struct damos_goal_spec *g = &spec->goals[i];
		struct mem_cgroup *memcg = NULL;

		if (metric_has_memcg(g->metric)) {
			memcg = damon_memcg_get(g->memcg_path);
			if (IS_ERR(memcg)) {
				damos_goals_destroy(goals);
				return PTR_ERR(memcg);
			}
		}
		if (!g->target_value) {
			damon_memcg_put(memcg);
			continue;
		}
		goals->vec[goals->nr++] = (struct damos_goal){
			.metric = g->metric,
			.target = g->target_value,
			.current_value = g->current_value,
			.nid = g->nid,
			.memcg = memcg,
		};
	}
	return 0;
}

/**
 * damos_goals_destroy() - Free what running goals own.
 * @goals:	the goals; may be freed again
 */
void damos_goals_destroy(struct damos_goals *goals)
{
	for (unsigned int i = 0; i < goals->nr; i++)
		damon_memcg_put(goals->vec[i].memcg);
	kvfree(goals->vec);
	*goals = (struct damos_goals){};
}

/**
 * damos_build() - Build a running scheme.
 * @s:		overwritten; refers to @spec
 * @spec:	what the user asks for, valid
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if there is no such cgroup; -ENOMEM.  On failure @s owns
 * nothing.
 */
int damos_build(struct damos *s, const struct damos_spec *spec)
{
	int err;

	*s = (struct damos){ .spec = spec, .active = true };
	err = damos_filters_build(s);
	err = err ?: filters_resolve(&s->ops_filters);
	err = err ?: damos_goals_build(&s->quota.goals, &spec->quota);
	if (err)
		damos_destroy(s);
	return err;
}

/**
 * damos_destroy() - Free what a running scheme owns.
 * @s:		the scheme; may be freed again
 */
void damos_destroy(struct damos *s)
{
	filters_unresolve(&s->ops_filters);
	damos_filters_destroy(s);
	damos_goals_destroy(&s->quota.goals);
}

/**
 * damos_adopt() - Take over the state of another running scheme.
 * @s:		a scheme that was built but never run
 * @old:	the one that it replaces
 * @same_places: targets and addresses mean what they meant for @old; if not,
 *		a pass that has begun is over
 *
 * The scheme is active, whatever @old was.
 */
void damos_adopt(struct damos *s, const struct damos *old, bool same_places)
{
	s->stat = old->stat;
	s->next_apply = old->next_apply;
	damos_quota_adopt(&s->quota, &old->quota);
	s->walked = old->walked;
	s->untold = old->untold;
	if (same_places) {
		s->in_pass = old->in_pass;
		s->at = old->at;
		s->walked_to = old->walked_to;
		s->walking = old->walking;
	} else {
		s->quota.resume = false;
		s->walked |= old->walking;
	}
}
