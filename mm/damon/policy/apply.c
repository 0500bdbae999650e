// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Applying schemes
 *
 * Problem: several schemes are due, each is about some of the regions, or
 * parts of them: filters of addresses have edges, quotas run out, time does.
 * What a scheme was applied to is of another age afterwards than the rest.
 * And a large scheme on physical memory takes seconds, for which nothing else
 * may have to wait.
 *
 * One pass serves all schemes: regions in address order, and for each region
 * the schemes in their order.  It streams from @cur to @spare and swaps them
 * at the end.  Where a scheme is about the first part of a region only, the
 * region is cut there; the rest is put on a stack, and is what is visited
 * next, by all schemes.  The stack grows from the far end of @spare.  A cut is
 * made only if there is room for one more region together with all that are
 * still to come, so nothing is allocated and nothing fails.  Without room a
 * scheme leaves such a region alone, this time.
 *
 * Once all pieces of a region are done, neighbours of the same age are joined.
 * If that makes it whole again, nothing has happened to it: schemes that only
 * count, and filters that reject, do not disturb the monitoring.
 *
 * A pass may take several slices of time, between which regions may change in
 * any way.  So each scheme has a cursor, an address, and everything before it
 * is done.  A slice goes through all regions, but what is before the cursor of
 * a scheme is not visited by it.
 *
 * For example: one region [0, 100) of age 9, scheme A with a filter that
 * rejects [0, 40), scheme B with 30 units of quota, both page out.  A cuts at
 * 40 and leaves [0, 40) alone; B cuts that at 30, takes [0, 30), and is full.
 * The stack is [30, 40) and [40, 100).  A was past 40 already, so nothing
 * happens to [30, 40); A takes [40, 100).  The result is [0, 30) of age 0, [30,
 * 40) of age 9 and [40, 100) of age 0.
 *
 * Limits: the size that the pattern of a scheme asks for is that of what is
 * left of the region, so the end of a region that was cut may be too small.
 */

#include <linux/align.h>
#include <linux/damon.h>
#include <linux/minmax.h>

#include "access.h"
#include "damos.h"
#include "ratio.h"
#include "region.h"
#include "spec.h"

/* A slice, going on. */
struct sweep {
	struct damos_pass *p;
	unsigned int target;
	/* What is visited now, behind all that is done, in the spare array. */
	struct damon_region *piece;
	/* The rests of its region, up to the end of the spare array. */
	struct damon_region *rests;
	/* Regions behind this one, of all targets. */
	unsigned int nr_left;
	bool last_of_target;
	bool expired;
};

/* Visit what is from @addr on later; false if there is no room for it. */
static bool piece_cut(struct sweep *sw, unsigned long addr)
{
	struct damon_region *r = sw->piece;

	if (addr == r->ar.end)
		return true;
	if ((size_t)(sw->rests - r) < sw->nr_left + 2UL)
		return false;
	sw->rests--;
	*sw->rests = *r;
	sw->rests->ar.start = addr;
	r->ar.end = addr;
	return true;
}

/* Is nothing left to be visited of the target? */
static bool piece_is_last(const struct sweep *sw)
{
	const struct damon_regions *rs = sw->p->rs;

	return sw->last_of_target && sw->rests == rs->spare + rs->cap;
}

static enum damos_score_kind score_kind(const struct damos_pass *p,
					const struct damos *s)
{
	if (!p->score_kinds || !damos_quota_is_set(s))
		return DAMOS_SCORE_NONE;
	return p->score_kinds[s->spec->action];
}

static unsigned int scheme_score(const struct damos_pass *p,
				 const struct damos *s,
				 const struct damon_region *r)
{
	return damos_score(score_kind(p, s), &s->spec->quota,
			   damon_access_moving_bp(p->access, r), r->age,
			   p->attrs);
}

static bool scheme_fits(const struct damos_pass *p, const struct damos *s,
			const struct damon_region *r)
{
	unsigned int nr = damon_access_moving_bp(p->access, r) / DAMON_BP;

	return damos_pattern_fits(&s->spec->pattern, damon_sz_region(r), nr,
				  r->age);
}

static bool scheme_wants(const struct damos_pass *p, const struct damos *s,
			 const struct damon_region *r)
{
	if (!scheme_fits(p, s, r))
		return false;
	return score_kind(p, s) == DAMOS_SCORE_NONE ||
		scheme_score(p, s, r) >= s->quota.min_score;
}

/*
 * Is the piece before the place where the quota ran out?  If that place is
 * inside, the piece is cut there.
 */
static bool scheme_resumes_later(struct sweep *sw, struct damos *s)
{
	struct damos_quota *q = &s->quota;
	unsigned long at = ALIGN(q->resume_at.addr, sw->p->access->min_sz);
	const struct damon_region *r = sw->piece;
	bool later;

	if (!q->resume)
		return false;
	if (q->resume_at.target != sw->target)
		return true;
	later = r->ar.start < at;
	if (later && at < r->ar.end)
		piece_cut(sw, at);
	if (piece_is_last(sw))
		q->resume = false;
	return later;
}

static void scheme_account(struct damos *s, unsigned long sz,
			   const struct damos_result *res)
{
	s->stat.nr_tried++;
	s->stat.sz_tried += sz;
	s->stat.nr_applied += !!res->applied;
	s->stat.sz_applied += res->applied;
	s->stat.sz_ops_filter_passed += res->passed;
}

/* Returns where it stopped. */
static unsigned long scheme_apply(struct sweep *sw, struct damos *s,
				  const struct damon_region *r, bool by_core)
{
	struct damos_pass *p = sw->p;
	struct damos_result res = { .end = r->ar.end };
	unsigned long sz;

	p->apply(p->data, &p->rs->targets[sw->target], r, s, by_core, &res);
	sw->expired = p->expired(p->data);

	sz = res.end - r->ar.start;
	damos_quota_charge(s, sz, res.applied, res.ns);
	if (damos_quota_is_full(s, p->access->min_sz)) {
		s->quota.resume = true;
		s->quota.resume_at.target = sw->target;
		s->quota.resume_at.addr = res.end;
	}
	scheme_account(s, sz, &res);
	return res.end;
}

/* Apply to the piece; if time is up before its end, cut it there. */
static void scheme_apply_all(struct sweep *sw, struct damos *s, bool by_core)
{
	struct damon_region todo = *sw->piece;

	do {
		todo.ar.start = scheme_apply(sw, s, &todo, by_core);
		/* Without room to remember the rest, there is no stopping. */
	} while (!piece_cut(sw, todo.ar.start) &&
		 !damos_quota_is_full(s, sw->p->access->min_sz));
}

/* Apply to what passes and may be; false if the piece was left alone. */
static bool scheme_try(struct sweep *sw, struct damos *s)
{
	unsigned long min_sz = sw->p->access->min_sz;
	struct damon_region *r = sw->piece;
	struct damon_addr_range ar = r->ar;
	unsigned long room;
	bool by_core;

	if (sw->p->apply) {
		bool pass = damos_core_verdict(s, sw->target, min_sz, &ar,
					       &by_core);

		if (!piece_cut(sw, ar.end))
			return false;
		if (!pass)
			return true;
		/* That is not 0, as the quota is not full. */
		room = damos_quota_room(s, min_sz);
		if (room < damon_sz_region(r) &&
		    !piece_cut(sw, r->ar.start + room))
			return false;
		scheme_apply_all(sw, s, by_core);
	} else {
		scheme_account(s, damon_sz_region(r), &(struct damos_result){});
	}
	if (s->spec->action != DAMOS_STAT)
		r->age = 0;
	return true;
}

/* What a scheme does, and counts, at a piece that it has not visited yet. */
static void scheme_visit(struct sweep *sw, struct damos *s)
{
	unsigned long max_nr = s->spec->max_nr_snapshots;

	if (damos_quota_is_full(s, sw->p->access->min_sz))
		return;
	if (scheme_resumes_later(sw, s))
		return;
	if (max_nr && s->stat.nr_snapshots >= max_nr)
		return;
	if (scheme_wants(sw->p, s, sw->piece) && !scheme_try(sw, s))
		return;
	if (piece_is_last(sw))
		s->stat.nr_snapshots++;
}

/* Let a scheme visit the piece, unless it has. */
static void scheme_proceed(struct sweep *sw, struct damos *s)
{
	unsigned long done_to = ALIGN(s->at.addr, sw->p->access->min_sz);
	struct damon_region *r = sw->piece;

	if (!s->in_pass || s->at.target > sw->target || done_to >= r->ar.end)
		return;
	if (done_to > r->ar.start)
		piece_cut(sw, done_to);
	else
		scheme_visit(sw, s);
	s->at.addr = r->ar.end;
}

/* Add the piece to what is done, or to the one before, from @first on. */
static void piece_finish(struct sweep *sw, const struct damon_region *first)
{
	struct damon_region *r = sw->piece;

	if (r > first && r[-1].age == r->age)
		r[-1].ar.end = r->ar.end;
	else
		sw->piece++;
}

static void region_visit(struct sweep *sw, const struct damon_region *r)
{
	const struct damon_region *no_rests = sw->rests;
	struct damon_region *first = sw->piece;
	struct damos_pass *p = sw->p;

	*sw->piece = *r;
	for (;;) {
		for (unsigned int i = 0; i < p->nr_schemes && !sw->expired; i++)
			scheme_proceed(sw, &p->schemes[i]);
		piece_finish(sw, first);
		if (sw->rests == no_rests)
			break;
		*sw->piece = *sw->rests++;
	}
	/* All have the history of the region as it was, which they are not. */
	if (sw->piece - first > 1)
		for (; first < sw->piece; first++)
			damon_region_forget(first, &p->access->rnd);
}

/* Nothing of the target is left behind @end, go on with the next one. */
static void scheme_leave_target(struct sweep *sw, struct damos *s,
				bool visited, unsigned long end)
{
	struct damos_quota *q = &s->quota;

	if (!s->in_pass || s->at.target != sw->target)
		return;
	if (!visited && q->resume_at.target == sw->target)
		q->resume = false;
	if (visited && s->at.addr < end)
		return;
	s->at = (struct damos_cursor){ .target = sw->target + 1 };
	s->walked_to = 0;
}

static void target_visit(struct sweep *sw, struct damon_target *t)
{
	struct damos_pass *p = sw->p;
	struct damon_region *first = sw->piece, *r;
	bool visit = t->nr_regions && (!p->target_valid || p->target_valid(t));
	unsigned int i = 0;

	damon_for_each_region(r, t, p->rs) {
		sw->nr_left--;
		sw->last_of_target = ++i == t->nr_regions;
		if (visit)
			region_visit(sw, r);
		else
			*sw->piece++ = *r;
	}
	for (i = 0; i < p->nr_schemes; i++)
		scheme_leave_target(sw, &p->schemes[i], visit,
				    visit ? sw->piece[-1].ar.end : 0);
	t->first = first - p->rs->spare;
	t->nr_regions = sw->piece - first;
}

static bool pass_goes_on(const struct damos_pass *p)
{
	for (unsigned int i = 0; i < p->nr_schemes; i++)
		if (p->schemes[i].in_pass)
			return true;
	return false;
}

static void pass_end(struct damos *s)
{
	s->in_pass = false;
	s->walked_to = 0;
	if (s->walking)
		s->walked = true;
	s->walking = false;
}

/**
 * damos_pass_run() - Go on with the passes of schemes, for a slice of time.
 * @p:		what to do it with
 *
 * Schemes whose pass ends are marked so.  While &damos_pass.apply runs, the
 * regions are in the middle of a change and must not be used but for the one
 * that is handed in.
 *
 * Return: true if no pass is going on any more, false if time was up.
 */
bool damos_pass_run(struct damos_pass *p)
{
	struct damon_regions *rs = p->rs;
	struct sweep sw = {
		.p = p,
		.piece = rs->spare,
		.rests = rs->spare + rs->cap,
		.nr_left = rs->nr,
	};

	if (!pass_goes_on(p))
		return true;
	for (; sw.target < rs->nr_targets; sw.target++)
		target_visit(&sw, &rs->targets[sw.target]);
	rs->nr = sw.piece - rs->spare;
	swap(rs->cur, rs->spare);

	for (unsigned int i = 0; i < p->nr_schemes; i++) {
		struct damos *s = &p->schemes[i];

		if (s->in_pass && s->at.target >= rs->nr_targets)
			pass_end(s);
	}
	return !pass_goes_on(p);
}

/**
 * damos_pass_begin() - Begin a pass of a scheme over all regions.
 * @p:		what it will be done with
 * @s:		the scheme; not in a pass
 */
void damos_pass_begin(struct damos_pass *p, struct damos *s)
{
	s->in_pass = true;
	s->at = (struct damos_cursor){};
	s->walked_to = 0;
	if (s->quota.resume_at.target >= p->rs->nr_targets)
		s->quota.resume = false;
}

/* Size of those parts of a region that a scheme is about. */
static unsigned long scheme_eligible(const struct damos_pass *p,
				     const struct damos *s,
				     unsigned int target_idx,
				     const struct damon_region *r)
{
	struct damon_region rest = *r;
	unsigned long sz = 0;

	while (rest.ar.start < r->ar.end && scheme_fits(p, s, &rest)) {
		struct damon_addr_range ar = rest.ar;
		bool by_core;

		if (damos_core_verdict(s, target_idx, p->access->min_sz, &ar,
				       &by_core))
			sz += ar.end - ar.start;
		rest.ar.start = ar.end;
	}
	return sz;
}

/**
 * damos_pass_prioritise() - See what a scheme is about, and what comes first.
 * @p:		what the pass will be done with
 * @s:		the scheme
 *
 * To be called when a pass begins and the effective quota is known.  Sets
 * &damos_quota.eligible, if there are priorities or goals, and
 * &damos_quota.min_score, so that the quota is spent on the regions with the
 * highest priorities.
 */
void damos_pass_prioritise(struct damos_pass *p, struct damos *s)
{
	bool scored = score_kind(p, s) != DAMOS_SCORE_NONE;
	struct damon_regions *rs = p->rs;
	struct damos_histogram h = {};
	const struct damon_target *t;
	const struct damon_region *r;

	s->quota.min_score = 0;
	s->quota.eligible = 0;
	if (!scored && !s->quota.goals.nr)
		return;
	damon_for_each_target(t, rs) {
		if (p->target_valid && !p->target_valid(t))
			continue;
		damon_for_each_region(r, t, rs) {
			unsigned long sz = scheme_eligible(p, s,
							   t - rs->targets, r);

			if (!sz)
				continue;
			s->quota.eligible = damon_add(s->quota.eligible, sz);
			damos_histogram_add(&h, scheme_score(p, s, r), sz);
		}
	}
	if (scored)
		s->quota.min_score = damos_histogram_min_score(&h,
							       s->quota.esz);
}
