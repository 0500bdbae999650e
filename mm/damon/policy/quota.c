// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Quotas
 *
 * Problem: a scheme must not cost more time, or touch more memory, than it is
 * worth.
 *
 * Time is cut into windows.  In each one a scheme may be charged up to the
 * effective quota, the least of what is set: a size; a time, converted by the
 * speed so far; and what the goals call for, see goal.c.  It is charged the
 * size of each region that it is tried on, of which a part may be let off if
 * it failed.  Once the quota is full, the next window goes on behind where this
 * one ended.
 *
 * For example: 10 ms per window, and so far 4000 MiB were charged for 2 s of
 * CPU time.  That is 2 MiB per millisecond, so the quota is 20 MiB, or less if the
 * user set a smaller size.  Nothing is known of a new scheme's speed, and 1024
 * pages per millisecond are assumed.
 *
 * Limits: a window is checked for its end when the scheme is due, so it is no
 * shorter than its apply interval.  The speed is that of the scheme's whole
 * life, so it follows a change slowly.
 */

#include <linux/align.h>
#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include <asm/page.h>

#include "damos.h"
#include "ratio.h"
#include "spec.h"

/* The speed that is assumed at first, pages per millisecond. */
#define PAGES_PER_MS	1024UL

/**
 * damos_quota_is_set() - Has a scheme a quota?
 * @s:		the scheme
 *
 * It also has while a window goes on that began with one.
 *
 * Return: true if so.
 */
bool damos_quota_is_set(const struct damos *s)
{
	const struct damos_quota_spec *spec = &s->spec->quota;

	return s->quota.esz || spec->sz || spec->ms || s->quota.goals.nr;
}

/**
 * damos_quota_room() - How much is left of the quota.
 * @s:		the scheme
 * @min_sz:	smallest size of a region, a power of two
 *
 * Return: size that may still be charged, core units, a multiple of @min_sz;
 * ULONG_MAX if no quota is set.
 */
unsigned long damos_quota_room(const struct damos *s, unsigned long min_sz)
{
	const struct damos_quota *q = &s->quota;
	unsigned long room;

	if (!damos_quota_is_set(s))
		return ULONG_MAX;
	room = min(damon_sub(q->esz, q->charged),
		   damon_sub(q->aim, q->applied));
	return ALIGN_DOWN(room, min_sz);
}

/**
 * damos_quota_is_full() - Is nothing left of the quota?
 * @s:		the scheme
 * @min_sz:	smallest size of a region, a power of two
 *
 * Return: true if so, false if no quota is set.
 */
bool damos_quota_is_full(const struct damos *s, unsigned long min_sz)
{
	return !damos_quota_room(s, min_sz);
}

/**
 * damos_quota_roll() - Begin a new window, if it is time.
 * @s:		the scheme, about to be applied
 * @now_ns:	time of any clock, nanoseconds
 * @min_sz:	smallest size of a region, a power of two
 *
 * Return: true if a new window began.  Then the goals are to be measured, and
 * damos_quota_tune() is to be called before anything else.
 */
bool damos_quota_roll(struct damos *s, u64 now_ns, unsigned long min_sz)
{
	u64 length_ns = damon_mul_div(s->spec->quota.reset_interval,
				      NSEC_PER_MSEC, 1);
	struct damos_quota *q = &s->quota;

	if (!damos_quota_is_set(s)) {
		q->begun = false;
		return false;
	}
	if (q->begun) {
		if (now_ns >= q->window_ns && now_ns - q->window_ns < length_ns)
			return false;
		if (damos_quota_is_full(s, min_sz))
			s->stat.qt_exceeds++;
	}
	q->window_ns = now_ns;
	q->total_charged = damon_add(q->total_charged, q->charged);
	return true;
}

/* What can be done in the time that is allowed, core units. */
static u64 time_size(const struct damos *s, unsigned long min_sz,
		     unsigned long addr_unit)
{
	u64 per_ms = div64_u64(PAGES_PER_MS * PAGE_SIZE, addr_unit);
	const struct damos_quota *q = &s->quota;

	if (q->total_ns)
		per_ms = damon_mul_div(q->total_charged, NSEC_PER_MSEC,
				       q->total_ns);
	return max_t(u64, damon_mul_div(per_ms, s->spec->quota.ms, 1), min_sz);
}

/**
 * damos_quota_tune() - Set the effective quota of a new window.
 * @s:		the scheme, with the current values of its goals
 * @min_sz:	smallest size of a region, a power of two
 * @addr_unit:	bytes per core unit
 *
 * Return: true if it changed, or is the first.
 */
bool damos_quota_tune(struct damos *s, unsigned long min_sz,
		      unsigned long addr_unit)
{
	const struct damos_quota_spec *spec = &s->spec->quota;
	struct damos_quota *q = &s->quota;
	bool first = !q->begun;
	unsigned long old = q->esz;
	u64 sz = spec->sz ? spec->sz : U64_MAX;

	q->aim = ULONG_MAX;
	if (q->goals.nr)
		sz = min(sz, damos_goals_tune(s, addr_unit));
	else if (!spec->ms)
		sz = spec->sz;
	if (spec->ms)
		sz = min(sz, time_size(s, min_sz, addr_unit));

	q->esz = min_t(u64, sz, ULONG_MAX);
	q->charged = 0;
	q->applied = 0;
	q->begun = true;
	return first || q->esz != old;
}

/**
 * damos_quota_extend() - Go on in a window in which too much failed.
 * @s:		the scheme, about to be applied, in the middle of a window
 * @min_sz:	smallest size of a region, a power of two
 * @addr_unit:	bytes per core unit
 *
 * If the quota is full, but not all that the goals aim at was applied, then
 * the quota is doubled, within the limits that hold for that of a new window.
 *
 * Return: true if it changed.
 */
bool damos_quota_extend(struct damos *s, unsigned long min_sz,
			unsigned long addr_unit)
{
	const struct damos_quota_spec *spec = &s->spec->quota;
	struct damos_quota *q = &s->quota;
	u64 sz = damon_add(q->esz, q->esz);

	if (q->aim == ULONG_MAX || damon_sub(q->aim, q->applied) < min_sz ||
	    damon_sub(q->esz, q->charged) >= min_sz)
		return false;
	sz = min(sz, damon_mul_div(q->aim, DAMOS_BOOST_MAX, 1));
	if (spec->sz)
		sz = min(sz, spec->sz);
	if (spec->ms)
		sz = min(sz, time_size(s, min_sz, addr_unit));
	if (q->eligible)
		sz = min(sz, q->eligible);
	if (sz <= q->esz)
		return false;
	q->esz = min_t(u64, sz, ULONG_MAX);
	return true;
}

/**
 * damos_quota_charge() - Count what was done.
 * @s:		the scheme
 * @sz:		size of the region that it was tried on, core units
 * @applied:	size that it was applied to, core units
 * @ns:		CPU time that it took, nanoseconds
 *
 * Does nothing if no quota is set.
 */
void damos_quota_charge(struct damos *s, unsigned long sz,
			unsigned long applied, u64 ns)
{
	const struct damos_quota_spec *spec = &s->spec->quota;
	struct damos_quota *q = &s->quota;
	u64 charge = sz;

	if (!damos_quota_is_set(s))
		return;
	if (spec->fail_charge_denom && applied <= sz)
		charge = damon_add(applied,
				   damon_mul_div(sz - applied,
						 spec->fail_charge_num,
						 spec->fail_charge_denom));
	q->charged = min_t(u64, damon_add(q->charged, charge), ULONG_MAX);
	q->applied = min_t(u64, damon_add(q->applied, applied), ULONG_MAX);
	q->total_ns = damon_add(q->total_ns, ns);
}

/**
 * damos_quota_adopt() - Keep the state of a quota for a changed scheme.
 * @q:		quota of the new scheme, only its goals are set
 * @old:	quota of the scheme that it replaces
 *
 * The window goes on, with the same effective quota.
 */
void damos_quota_adopt(struct damos_quota *q, const struct damos_quota *old)
{
	struct damos_goals goals = q->goals;

	*q = *old;
	q->goals = goals;
	damos_goals_adopt(&q->goals, &old->goals);
}
