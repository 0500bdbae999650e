// SPDX-License-Identifier: GPL-2.0
/* Sets of numbers, as sorted lists of what is in them. */

#include "sim.h"

/* Make @ex the union with @more. */
void extents_add(struct extents *ex, const struct extent *more, int nr)
{
	struct extents *was = malloc(sizeof(*was));
	struct extent *last = NULL;
	int i = 0, k = 0;

	if (!was)
		abort();
	was->nr = ex->nr;
	memcpy(was->v, ex->v, ex->nr * sizeof(*ex->v));
	ex->nr = 0;
	while (i < was->nr || k < nr) {
		const struct extent *next;

		if (k == nr || (i < was->nr && was->v[i].start < more[k].start))
			next = &was->v[i++];
		else
			next = &more[k++];
		if (last && next->start <= last->end) {
			last->end = max(last->end, next->end);
			continue;
		}
		if (ex->nr == ARRAY_SIZE(ex->v))
			abort();
		last = &ex->v[ex->nr++];
		*last = *next;
	}
	free(was);
}

void extents_push(struct extents *ex, u64 start, u64 end)
{
	if (start >= end)
		return;
	if (ex->nr == ARRAY_SIZE(ex->v))
		abort();
	ex->v[ex->nr++] = (struct extent){ start, end };
}

/* Take [start, end) out of it. */
void extents_clear(struct extents *ex, u64 start, u64 end)
{
	struct extents *was = malloc(sizeof(*was));

	if (!was)
		abort();
	was->nr = ex->nr;
	memcpy(was->v, ex->v, ex->nr * sizeof(*ex->v));
	ex->nr = 0;
	end = max(start, end);
	for (int i = 0; i < was->nr; i++) {
		const struct extent *e = &was->v[i];

		extents_push(ex, e->start, min(e->end, start));
		extents_push(ex, max(e->start, end), e->end);
	}
	free(was);
}

u64 extents_overlap(const struct extents *ex, u64 start, u64 end)
{
	u64 sum = 0;

	for (int i = 0; i < ex->nr && ex->v[i].start < end; i++)
		if (ex->v[i].end > start)
			sum += min(ex->v[i].end, end) -
				max(ex->v[i].start, start);
	return sum;
}
