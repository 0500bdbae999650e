// SPDX-License-Identifier: GPL-2.0
/* How well a monitor did: what it said, compared with the truth. */

#include "sim.h"

/* Hot is what half of the samples or more find accessed. */
#define HOT			.5

/* F1 from which on a report is good. */
#define GOOD			.95

static double f1(double both, double false_hot, double missed)
{
	double sum = 2 * both + false_hot + missed;

	return sum > 0 ? 2 * both / sum : __builtin_nan("");
}

void report_add(struct report *rep, u64 start, u64 end, double rate,
		unsigned int age)
{
	if (rep->nr == rep->cap) {
		rep->cap = 2 * rep->cap + 64;
		rep->v = realloc(rep->v, rep->cap * sizeof(*rep->v));
		if (!rep->v)
			abort();
	}
	rep->v[rep->nr++] = (struct said){ start, end, rate, age };
}

/* Add a stretch in which neither changes. */
static void add_stretch(struct score *sum, double size, double truth,
			double said)
{
	sum->error += size * (truth > said ? truth - said : said - truth);
	if (truth >= HOT && said >= HOT)
		sum->both[0] += size;
	else if (truth >= HOT)
		sum->missed[0] += size;
	else if (said >= HOT)
		sum->false_hot[0] += size;
}

/**
 * score_add() - Score a report.
 * @s:		what the run came to so far
 * @rep:	the report, of all of the memory
 * @truth:	what was accessed
 * @sz:		size of the memory
 * @second_half: the run is half over
 */
void score_add(struct score *s, const struct report *rep,
	       const struct scene *truth, u64 sz, bool second_half)
{
	struct score now = {};
	double good;
	u64 pos = 0;
	int k = 0;

	for (unsigned int i = 0; i < rep->nr; i++) {
		const struct said *r = &rep->v[i];

		if (r->start != pos || r->end <= pos)
			abort();
		while (pos < r->end) {
			const struct span *sp = &truth->spans[k];
			u64 end = r->end;
			double rate = 0;

			if (k < truth->nr && pos >= sp->end) {
				k++;
				continue;
			}
			if (k < truth->nr) {
				rate = pos >= sp->start ? sp->rate : 0;
				end = min(end, rate > 0 ? sp->end : sp->start);
			}
			add_stretch(&now, end - pos, rate, r->rate);
			pos = end;
		}
		s->nr_reset += !r->age;
	}
	if (pos != sz)
		abort();
	s->error += now.error / sz;
	for (int half = 0; half <= second_half; half++) {
		s->both[half] += now.both[0];
		s->false_hot[half] += now.false_hot[0];
		s->missed[half] += now.missed[0];
	}
	s->nr_aggrs++;
	good = f1(now.both[0], now.false_hot[0], now.missed[0]);
	if (good < GOOD)
		s->good_from = s->nr_aggrs;
	s->nr_regions += rep->nr;
	s->max_regions = max(s->max_regions, rep->nr);
}

/**
 * score_f1() - How well was told what is hot?
 * @s:		the sums
 * @half:	0 for all of the run, 1 for its second half
 *
 * Return: F1, the harmonic mean of the share of hot bytes that was found and
 * the share of what was found that is hot; NAN if nothing is hot.
 */
double score_f1(const struct score *s, int half)
{
	if (s->both[half] + s->missed[half] <= 0)
		return __builtin_nan("");
	return f1(s->both[half], s->false_hot[half], s->missed[half]);
}

static void run(const struct setup *setup, struct world *w, struct score *s,
		struct picture *pic, int panel)
{
	const struct monitor *mon = setup->monitor;
	struct scene *truth = malloc(sizeof(*truth));
	struct report rep = {};
	void *m;

	if (!truth)
		abort();
	world_init(w);
	m = mon->start(w, setup->min_nr, setup->max_nr, setup->scout);
	for (long aggr = 0; aggr < setup->nr_aggrs; aggr++) {
		for (int i = 0; i < TICKS_PER_AGGR; i++) {
			world_tick(w);
			mon->tick(m);
		}
		rep.nr = 0;
		mon->aggregate(m, &rep);
		world_truth(w, w->tick - TICKS_PER_AGGR, truth);
		score_add(s, &rep, truth, w->sz, aggr >= setup->nr_aggrs / 2);
		if (pic) {
			picture_add_scene(pic, 0, aggr, truth);
			picture_add_report(pic, panel, aggr, &rep);
		}
	}
	mon->stop(m);
	free(rep.v);
	free(truth);
}

/**
 * simulate() - Run a monitor on a pattern.
 * @setup:	which, how large, how long, how many times
 * @pic:	drawn into if not NULL, the truth as the first panel
 * @panel:	number of the panel for what the monitor says
 *
 * Return: means over the seeds; for the most regions, the most of all.
 */
struct result simulate(const struct setup *setup, struct picture *pic,
		       int panel)
{
	struct world *w = malloc(sizeof(*w));
	struct result sum = {};
	double n = setup->nr_seeds, ticks = setup->nr_aggrs * TICKS_PER_AGGR;

	if (!w)
		abort();
	for (int i = 0; i < setup->nr_seeds; i++) {
		struct score s = {};

		memset(w, 0, sizeof(*w));
		w->pattern = setup->pattern;
		w->sz = setup->sz;
		w->seed = setup->first_seed + i;
		w->thp = setup->thp;
		w->miss = setup->miss;
		run(setup, w, &s, i ? NULL : pic, panel);
		sum.f1 += score_f1(&s, 0) / n;
		sum.f1_half += score_f1(&s, 1) / n;
		sum.error += s.error / s.nr_aggrs / n;
		/* The last report of all may be good by chance. */
		sum.settled_s += s.good_from + 1 < s.nr_aggrs ?
			s.good_from * MS_PER_TICK * TICKS_PER_AGGR / 1000. / n :
			__builtin_nan("");
		sum.regions += (double)s.nr_regions / s.nr_aggrs / n;
		if (s.max_regions > sum.max_regions)
			sum.max_regions = s.max_regions;
		sum.checks += w->nr_checks / ticks / n;
		sum.looks += w->nr_looked / ticks / n;
		sum.resets += (double)s.nr_reset / s.nr_regions / n;
	}
	free(w);
	return sum;
}
