// SPDX-License-Identifier: GPL-2.0
/*
 * The well-known scheme, to compare with: one page of each region is sampled
 * at random in each tick.  At the end of an aggregation neighbours are merged
 * if their counts differ by no more than a tenth of the largest one, then each
 * region is split at a random point, into two, or three if there are few.
 */

#include "sim.h"

/* Counts that differ by this part of the largest one are alike. */
#define TOLERANCE		10

struct part {
	u64 start;
	u64 end;
	u64 addr;
	unsigned int count;
	unsigned int last;
	unsigned int age;
};

struct monitor_classic {
	struct world *w;
	struct part *parts;
	struct part *spare;
	unsigned int nr;
	unsigned int min_nr;
	unsigned int max_nr;
};

static u64 below(struct world *w, u64 n)
{
	return n * world_unit(w);
}

static void prepare(struct monitor_classic *m)
{
	for (unsigned int i = 0; i < m->nr; i++) {
		struct part *p = &m->parts[i];

		p->addr = p->start + below(m->w, p->end - p->start);
	}
}

static void *classic_start(struct world *w, unsigned long min_nr,
			   unsigned long max_nr, bool scout)
{
	struct monitor_classic *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	*m = (struct monitor_classic){
		.w = w,
		.parts = calloc(max_nr, sizeof(*m->parts)),
		.spare = calloc(max_nr, sizeof(*m->spare)),
		.nr = min_nr,
		.min_nr = min_nr,
		.max_nr = max_nr,
	};
	if (!m->parts || !m->spare)
		abort();
	for (unsigned int i = 0; i < m->nr; i++) {
		m->parts[i].start = w->sz / m->nr * i & PAGE_MASK;
		m->parts[i].end = i + 1 < m->nr ?
			w->sz / m->nr * (i + 1) & PAGE_MASK : w->sz;
	}
	prepare(m);
	return m;
}

static void classic_tick(void *data)
{
	struct monitor_classic *m = data;

	for (unsigned int i = 0; i < m->nr; i++)
		m->parts[i].count += world_sample(m->w, m->parts[i].addr,
						  m->w->tick - 1);
	prepare(m);
}

static unsigned int mean(unsigned int a, u64 weight_a, unsigned int b,
			 u64 weight_b)
{
	return ((double)a * weight_a + (double)b * weight_b) /
		(weight_a + weight_b);
}

static void merge(struct monitor_classic *m)
{
	u64 limit = m->w->sz / m->min_nr;
	unsigned int most = 0, tolerance;
	struct part *l = m->parts;

	for (unsigned int i = 0; i < m->nr; i++)
		most = max(most, m->parts[i].count);
	tolerance = most / TOLERANCE;

	for (unsigned int i = 0; i < m->nr; i++) {
		struct part *r = &m->parts[i];
		u64 l_sz, r_sz = r->end - r->start;

		if (abs_diff(r->count, r->last) > tolerance)
			r->age = 0;
		else
			r->age++;
		if (!i)
			continue;
		l_sz = l->end - l->start;
		if (abs_diff(l->count, r->count) > tolerance ||
		    l_sz + r_sz > limit) {
			*++l = *r;
			continue;
		}
		l->count = mean(l->count, l_sz, r->count, r_sz);
		l->age = mean(l->age, l_sz, r->age, r_sz);
		l->end = r->end;
	}
	m->nr = l - m->parts + 1;
}

/* Cut the first part of @p off to @out, if it is large enough. */
static unsigned int split_off(struct monitor_classic *m, struct part *p,
			      struct part *out)
{
	u64 pages = (p->end - p->start) / PAGE_SIZE;

	if (pages < 2)
		return 0;
	*out = *p;
	out->end = p->start + PAGE_SIZE * (1 + below(m->w, pages - 1));
	p->start = out->end;
	return 1;
}

static void split(struct monitor_classic *m)
{
	unsigned int pieces = m->nr < m->max_nr / 3 ? 3 : 2, nr = 0;

	if (m->nr > m->max_nr / 2)
		return;
	for (unsigned int i = 0; i < m->nr; i++) {
		for (unsigned int k = 1; k < pieces; k++)
			nr += split_off(m, &m->parts[i], &m->spare[nr]);
		m->spare[nr++] = m->parts[i];
	}
	swap(m->parts, m->spare);
	m->nr = nr;
}

static void classic_aggregate(void *data, struct report *rep)
{
	struct monitor_classic *m = data;

	merge(m);
	for (unsigned int i = 0; i < m->nr; i++) {
		struct part *p = &m->parts[i];

		report_add(rep, p->start, p->end,
			   (double)p->count / TICKS_PER_AGGR, p->age);
		p->last = p->count;
		p->count = 0;
	}
	split(m);
	prepare(m);
}

static void classic_stop(void *data)
{
	struct monitor_classic *m = data;

	free(m->parts);
	free(m->spare);
	free(m);
}

const struct monitor classic = {
	.name = "classic",
	.start = classic_start,
	.tick = classic_tick,
	.aggregate = classic_aggregate,
	.stop = classic_stop,
};
