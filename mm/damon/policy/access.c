// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Access estimation
 *
 * Problem: to tell how often each part of a large address space is accessed,
 * for the price of looking at some dozen pages per sampling interval.
 *
 * A region is a range that is believed to be accessed evenly, so one page of
 * it stands for all, and any page will do.  Where that belief is wrong the
 * region has to be cut, and where neighbours turn out alike they are merged.
 * To cut blindly and to see what comes of it would find small spots only by
 * luck, and would throw away at each try what was known.  Here regions are
 * left alone instead, so that evidence gathers, and are cut where it points.
 *
 * Samples.  At each sampling interval one page of each region is checked.  Its
 * position, @phase, moves on by the golden ratio of the size of the region
 * each time, which spreads any number of successive samples evenly, and visits
 * every page sooner or later.  And since the position is a function of the
 * index of the sample, the string of the last 128 outcomes, @hist, is a
 * picture of the region, which costs 16 bytes.  See cut.c for what is read
 * from it.
 *
 * Re-checks.  A hit in a region that is nearly never accessed is either chance
 * or a hot page that the next hundred samples may miss.  So the sample stays
 * where it is for two more intervals.  If the page was accessed in both, the
 * region may be cut around it (ZOOM) on evidence that is too weak otherwise.
 * The hit is recorded, as one sample, when that is over.  If the next sample,
 * elsewhere, hits as well, it was not the page but the moment: all of the region
 * is accessed just now.  Then there is nothing to cut out, and the re-checks are
 * recorded as samples, too, or a short burst would count for less than it is.
 *
 * How often regions are sampled, see pace.c.  Where nothing has changed for long
 * it is less, and a sample is open for longer.  So it says hit too often if the
 * page is accessed now and then.  Hence:
 *
 *  - A hit in a cold region is not taken at its word.  It ends the slowness
 *    and starts the re-check, and what that says is what is recorded, as a
 *    sample of the usual length.  A page that is accessed all the time passes,
 *    one accessed one time in ten nearly never does.
 *  - A miss in a hot region is recorded, and ends the slowness.
 *
 * Estimates.  @rate is the probability that a sample hits, and stays valid
 * when the intervals change; nr_accesses, what is reported, is that many of
 * the samples of an aggregation.  The share of hits in one aggregation, obs,
 * differs from the truth by chance.  As long as it is within reach of the
 * rate, which is a tenth and 2.8 standard deviations taken together::
 *
 *	(obs - rate)^2 <= (1/10)^2 + 8 * rate * (1 - rate) / samples
 *
 * the access has not changed: the region gets older and obs goes into the mean
 * of up to 8 aggregations.
 * If it is more than half way out, it seems to drift, and less is averaged.
 * Otherwise the rate is obs, the age is 0, and older samples are forgotten.
 * For example with 20 samples: at a rate of 1/4, anything from 0 to 10 hits
 * is the same rate; at a rate of 0 only up to 2 hits are.
 * The age also restarts whenever nr_accesses becomes zero or non-zero.
 *
 * Limits: what changes faster than an aggregation is seen as its mean.  A spot
 * so small that samples miss it for many aggregations is found late; more
 * regions (a higher lower limit) help.  The position has 32 bits: pages of a
 * region of more than 16 TiB are not all visited.
 */

#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "access.h"
#include "region.h"
#include "scout.h"
#include "spec.h"

/* Samples that @hist has room for. */
#define NR_HIST_MAX		128

/* Successive hits that confirm a surprising one. */
#define NR_PROBES		2

/* A hit is surprising where the rate is up to this. */
#define RATE_NEARLY_COLD	(DAMON_RATE_ONE / 8)

/* Squared number of standard deviations that may be due to chance. */
#define CHANCE_DEVIATIONS2	8

/* Aggregations that a rate is averaged over. */
#define WEIGHT_MAX		8

/**
 * damon_access_init() - Set up the access estimation.
 * @ac:		overwritten
 * @attrs:	valid monitoring attributes
 * @min_sz:	smallest size of a region, a power of two
 * @seed:	what the pseudo random numbers start from
 *
 * Regions are to be fitted, see damon_access_fit(), before the first sample.
 */
void damon_access_init(struct damon_access *ac, const struct damon_attrs *attrs,
		       unsigned long min_sz, u32 seed)
{
	*ac = (struct damon_access){
		.rnd = seed,
		.stride = 1,
	};
	damon_access_set_attrs(ac, attrs, min_sz);
}

/**
 * damon_access_set_attrs() - Change the monitoring attributes.
 * @ac:		the state
 * @attrs:	valid monitoring attributes
 * @min_sz:	smallest size of a region, a power of two
 *
 * See damon_access_rescale() for what that means for results, and
 * damon_access_fit() for the regions.
 */
void damon_access_set_attrs(struct damon_access *ac,
			    const struct damon_attrs *attrs,
			    unsigned long min_sz)
{
	const unsigned long max = UINT_MAX;

	ac->max_nr_accesses = damon_attrs_max_nr_accesses(attrs);
	ac->min_nr_regions = min(attrs->min_nr_regions, max);
	ac->max_nr_regions = min(attrs->max_nr_regions, max);
	ac->min_sz = min_sz;
	ac->limit = max(ac->limit, min_sz);
	ac->stride = min(ac->stride, ac->max_nr_accesses);
}

static bool hit_is_surprise(const struct damon_region *r)
{
	if (r->flags & DAMON_REGION_ZOOM)
		return false;
	if (r->flags & DAMON_REGION_SLOW)
		return !r->nr_accesses;
	return r->rate <= RATE_NEARLY_COLD;
}

/**
 * damon_access_record() - Take the outcome of a sample.
 * @ac:		the state
 * @r:		the region
 * @hit:	was the page at damon_access_addr() accessed?
 */
void damon_access_record(struct damon_access *ac, struct damon_region *r,
			 bool hit)
{
	unsigned int samples = 1;

	if (r->probe) {
		if (hit && --r->probe)
			return;
		if (hit)
			r->flags |= DAMON_REGION_ZOOM;
		else
			hit = !(r->flags & DAMON_REGION_SUSPECT);
		r->flags &= ~DAMON_REGION_SUSPECT;
		r->probe = 0;
	} else if (hit && hit_is_surprise(r)) {
		r->probe = NR_PROBES;
		if (r->flags & DAMON_REGION_SLOW) {
			r->flags ^= DAMON_REGION_SLOW | DAMON_REGION_SUSPECT;
			ac->awake = true;
		}
		return;
	} else if (!hit && r->nr_accesses && r->flags & DAMON_REGION_SLOW) {
		r->flags &= ~DAMON_REGION_SLOW;
		ac->awake = true;
	}

	/* Hits one after another at other places: a moment, not a place. */
	if (hit && r->flags & DAMON_REGION_ZOOM && r->nr_hist &&
	    r->hist[0] & 1) {
		r->flags &= ~DAMON_REGION_ZOOM;
		samples += NR_PROBES;
	}
	r->hist[1] = r->hist[1] << 1 | r->hist[0] >> 63;
	r->hist[0] = r->hist[0] << 1 | hit;
	r->nr_hist = min(r->nr_hist + 1, NR_HIST_MAX);
	if (r->checks > U16_MAX - samples) {
		r->checks /= 2;
		r->hits /= 2;
	}
	r->checks += samples;
	r->hits += hit ? samples : 0;
	r->flags |= DAMON_REGION_MOVE;
}

/**
 * damon_access_nr_accesses() - Convert a rate to accesses per aggregation.
 * @ac:		the state
 * @rate:	probability in 1/DAMON_RATE_ONE
 *
 * Return: the number, rounded to the nearest.
 */
unsigned int damon_access_nr_accesses(const struct damon_access *ac, u32 rate)
{
	return ((u64)rate * ac->max_nr_accesses + DAMON_RATE_ONE / 2) >>
		DAMON_RATE_SHIFT;
}

/* What two numbers of accesses have in common with one of them being 0. */
static bool one_is_zero(unsigned int a, unsigned int b)
{
	return !a != !b;
}

/* Take what was observed for the rate; was that a change of it? */
static bool rate_update(struct damon_region *r, u32 observed)
{
	u32 old = r->rate;
	s64 diff = (s64)observed - old;
	u64 diff2 = diff * diff;
	u64 chance2 = div_u64((u64)CHANCE_DEVIATIONS2 * old *
			      (DAMON_RATE_ONE - old), r->checks);
	u64 limit2 = (u64)DAMON_RATE_TOLERANCE * DAMON_RATE_TOLERANCE +
		chance2;

	if (diff2 > limit2) {
		r->rate = observed;
		r->weight = 1;
		r->nr_hist = min_t(unsigned int, r->nr_hist, r->checks);
		return true;
	}
	if (4 * diff2 > limit2)
		r->weight = max(r->weight / 2, 1);
	r->weight = min(r->weight + 1, WEIGHT_MAX);
	r->rate += (s32)diff / r->weight;
	return false;
}

static void region_estimate(const struct damon_access *ac,
			    struct damon_region *r)
{
	bool fresh = r->flags & DAMON_REGION_FRESH;
	unsigned int was;
	bool changed;
	u32 observed;

	if (!r->checks) {
		if (!fresh && r->age < UINT_MAX)
			r->age++;
		return;
	}

	/* Merging rounds the reported number otherwise than the rate. */
	was = damon_access_nr_accesses(ac, r->rate);
	observed = ((u32)r->hits << DAMON_RATE_SHIFT) / r->checks;
	if (fresh) {
		r->flags &= ~DAMON_REGION_FRESH;
		r->rate = observed;
		r->weight = 1;
		changed = true;
	} else {
		changed = rate_update(r, observed);
	}
	r->nr_accesses = damon_access_nr_accesses(ac, r->rate);
	if (changed || one_is_zero(r->nr_accesses, was))
		r->age = 0;
	else if (r->age < UINT_MAX)
		r->age++;
	r->hits = 0;
	r->checks = 0;
}

/* Estimate each region, and cut what calls for it. */
static void regions_estimate(struct damon_access *ac, struct damon_regions *rs)
{
	unsigned int max_nr = damon_access_max_nr(ac, rs);
	unsigned int zoom_nr = damon_access_zoom_nr(ac, rs);
	struct damon_region *out = rs->spare;
	unsigned int nr = rs->nr;
	struct damon_target *t;

	damon_for_each_target(t, rs) {
		struct damon_region *first = out, *r;

		damon_for_each_region(r, t, rs) {
			unsigned int nr_pieces = 0;
			u32 old_rate = r->rate;

			region_estimate(ac, r);
			if (max_nr >= 2 && nr <= max_nr - 2)
				nr_pieces = damon_region_cut(ac, r, old_rate,
							     nr < zoom_nr, out);
			if (nr_pieces)
				nr += nr_pieces - 1;
			else
				out[nr_pieces++] = *r;
			out += nr_pieces;
		}
		t->first = first - rs->spare;
		t->nr_regions = out - first;
	}
	rs->nr = out - rs->spare;
	swap(rs->cur, rs->spare);
}

/**
 * damon_access_aggregate() - Turn the samples of an aggregation into results.
 * @ac:		the state
 * @rs:		the regions
 * @scout:	who can tell what was touched, NULL if nobody can
 *
 * Estimates rates and ages, cuts regions and merges them.  Afterwards the
 * regions are what is to be reported, until damon_access_reset().
 */
void damon_access_aggregate(struct damon_access *ac, struct damon_regions *rs,
			    const struct damon_scout *scout)
{
	regions_estimate(ac, rs);
	if (scout)
		damon_access_scout(ac, rs, scout, damon_access_zoom_nr(ac, rs));
	damon_access_merge(ac, rs);
}

/**
 * damon_access_reset() - Begin the next aggregation.
 * @ac:		the state
 * @rs:		the regions
 */
void damon_access_reset(struct damon_access *ac, struct damon_regions *rs)
{
	for (unsigned int i = 0; i < rs->nr; i++) {
		struct damon_region *r = &rs->cur[i];

		if (r->hold)
			r->hold--;
		r->flags &= ~DAMON_REGION_ZOOM;
		damon_access_set_slow(ac, r);
		memset(r->probe_hits, 0, sizeof(r->probe_hits));
	}
	ac->tick = 0;
	ac->nr_aggrs++;
	damon_access_fit(ac, rs);
}

/**
 * damon_access_moving_bp() - Pseudo moving sum of the accesses to a region.
 * @ac:		the state
 * @r:		the region
 *
 * While an aggregation goes on, for each sample taken one that was reported
 * last is dropped, as if they had been evenly distributed over the time.
 *
 * Return: accesses per aggregation interval, in 1/DAMON_BP, saturating.
 */
unsigned int damon_access_moving_bp(const struct damon_access *ac,
				    const struct damon_region *r)
{
	u32 ticks = min(ac->tick, ac->max_nr_accesses);
	u64 bp = (u64)DAMON_BP * r->nr_accesses;
	u64 seen;

	if (!r->checks)
		return min_t(u64, bp, UINT_MAX);

	/* Not each tick need have been a sample, so scale to it. */
	seen = div_u64((u64)DAMON_BP * r->hits * ticks, r->checks);
	if (ticks == ac->max_nr_accesses)
		bp = seen;
	else
		bp = bp - ticks * div_u64(bp, ac->max_nr_accesses) + seen;
	return min_t(u64, bp, UINT_MAX);
}

static bool region_check(const struct damon_region *r,
			 const struct damon_access *ac, unsigned long floor)
{
	return r->ar.start >= floor && r->ar.start < r->ar.end &&
		!((r->ar.start | r->ar.end) & (ac->min_sz - 1)) &&
		r->nr_hist <= NR_HIST_MAX && r->hits <= r->checks &&
		r->probe <= NR_PROBES && r->rate <= DAMON_RATE_ONE;
}

/**
 * damon_regions_check() - Are regions what all code relies on?
 * @rs:		the regions
 * @ac:		the state that belongs to them
 *
 * Sorted, not empty, aligned, within their room, the targets' slices next to
 * one another, and all numbers within their ranges.
 *
 * Return: true if so.
 */
bool damon_regions_check(const struct damon_regions *rs,
			 const struct damon_access *ac)
{
	const struct damon_target *t;
	const struct damon_region *r;
	unsigned int nr = 0;

	if (rs->nr > rs->cap)
		return false;
	damon_for_each_target(t, rs) {
		unsigned long floor = 0;

		if (t->first != nr || t->nr_regions > rs->nr - nr)
			return false;
		nr += t->nr_regions;
		damon_for_each_region(r, t, rs) {
			if (!region_check(r, ac, floor))
				return false;
			floor = r->ar.end;
		}
	}
	return nr == rs->nr;
}
