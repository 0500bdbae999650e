// SPDX-License-Identifier: GPL-2.0
/* The monitor: mm/damon/policy, driven as the kdamond drives it. */

#include "sim.h"

#include "../../../../mm/damon/policy/access.h"
#include "../../../../mm/damon/policy/region.h"
#include "../../../../mm/damon/policy/scout.h"
#include "../../../../mm/damon/policy/spec.h"

/* Where the simulated memory begins for the policy code. */
#define BASE			BIT(40)

/* What the kdamond lets a scout look at in an aggregation. */
#define SCOUT_ENTRIES		65536

/* When a sample was prepared, by the region that it is in. */
struct prepared {
	unsigned long start;
	long tick;
};

struct monitor_ours {
	struct world *w;
	struct damon_regions rs;
	struct damon_access ac;
	struct prepared *prepared;
	struct prepared *prepared_before;
	bool scout;
};

static void prepare(struct monitor_ours *m)
{
	unsigned int k = 0;

	/* There is no budget here, so samples are taken one after another. */
	m->ac.open = damon_access_prepares(&m->ac);
	if (!m->ac.open)
		abort();
	swap(m->prepared, m->prepared_before);
	for (unsigned int i = 0; i < m->rs.nr; i++) {
		struct damon_region *r = &m->rs.cur[i];
		struct prepared *p = &m->prepared[i];

		p->start = r->ar.start;
		if (r->flags & DAMON_REGION_PREPARED) {
			while (m->prepared_before[k].start != r->ar.start)
				k++;
			p->tick = m->prepared_before[k].tick;
			continue;
		}
		damon_access_advance(r);
		r->flags |= DAMON_REGION_PREPARED;
		p->tick = m->w->tick;
	}
}

static void *ours_start(struct world *w, unsigned long min_nr,
			unsigned long max_nr, bool scout)
{
	struct monitor_ours *m = calloc(1, sizeof(*m));
	struct damon_addr_range range = { BASE, BASE + w->sz };
	struct damon_spec spec;

	damon_spec_init(&spec);
	spec.attrs.min_nr_regions = min_nr;
	spec.attrs.max_nr_regions = max_nr;
	if (!m || damon_regions_init(&m->rs, 1, max_nr + 10))
		abort();
	m->w = w;
	m->scout = scout;
	m->prepared = calloc(m->rs.cap, sizeof(*m->prepared));
	m->prepared_before = calloc(m->rs.cap, sizeof(*m->prepared_before));
	if (!m->prepared || !m->prepared_before)
		abort();
	damon_access_init(&m->ac, &spec.attrs, PAGE_SIZE, mix(w->seed));
	if (m->ac.max_nr_accesses != TICKS_PER_AGGR)
		abort();
	if (damon_target_set_ranges(&m->rs, m->rs.targets, &range, 1, PAGE_SIZE,
				    &m->ac.rnd))
		abort();
	damon_access_fit(&m->ac, &m->rs);
	prepare(m);
	return m;
}

static void check(struct monitor_ours *m)
{
	for (unsigned int i = 0; i < m->rs.nr; i++) {
		struct damon_region *r = &m->rs.cur[i];
		u64 addr = damon_access_addr(&m->ac, r) - BASE;

		if (!(r->flags & DAMON_REGION_PREPARED) ||
		    !damon_access_due(&m->ac, r, i))
			continue;
		r->flags &= ~DAMON_REGION_PREPARED;
		damon_access_record(&m->ac, r,
				    world_sample(m->w, addr,
						 m->prepared[i].tick));
	}
}

static void ours_tick(void *data)
{
	struct monitor_ours *m = data;

	m->ac.tick++;
	if (damon_access_checks(&m->ac))
		check(m);
	if (m->ac.tick < m->ac.max_nr_accesses)
		prepare(m);
}

static bool look(void *data, const struct damon_target *t,
		 const struct damon_addr_range *ar, struct damon_scout_map *map)
{
	struct monitor_ours *m = data;

	return world_look(m->w, ar->start - BASE, ar->end - BASE, map, BASE);
}

static void ours_aggregate(void *data, struct report *rep)
{
	struct monitor_ours *m = data;
	const struct damon_scout scout = { .look = look, .data = m };

	m->w->look_left = SCOUT_ENTRIES;
	damon_access_aggregate(&m->ac, &m->rs, m->scout ? &scout : NULL);
	for (unsigned int i = 0; i < m->rs.nr; i++) {
		const struct damon_region *r = &m->rs.cur[i];

		report_add(rep, r->ar.start - BASE, r->ar.end - BASE,
			   (double)r->nr_accesses / m->ac.max_nr_accesses,
			   r->age);
	}
	damon_access_reset(&m->ac, &m->rs);
	if (!damon_regions_check(&m->rs, &m->ac))
		abort();
	prepare(m);
}

static void ours_stop(void *data)
{
	struct monitor_ours *m = data;

	free(m->prepared);
	free(m->prepared_before);
	damon_regions_free(&m->rs);
	free(m);
}

const struct monitor ours = {
	.name = "ours",
	.start = ours_start,
	.tick = ours_tick,
	.aggregate = ours_aggregate,
	.stop = ours_stop,
};
