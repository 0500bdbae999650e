// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "wss.h"

static u64 working_set(const struct snapshot *snap, double min_rate)
{
	u64 bytes = 0;
	u32 i;

	for (i = 0; i < snap->nr_regions; i++) {
		const struct region *r = &snap->regions[i];

		if (r->nr_accesses && snapshot_rate(snap, r) >= min_rate)
			bytes += r->end - r->start;
	}
	return bytes;
}

static bool append(struct wss *wss, const struct wss_entry *entry)
{
	if (wss->nr == wss->capacity) {
		u64 capacity = wss->capacity ? 2 * wss->capacity : 256;
		struct wss_entry *bigger = realloc(wss->entry, capacity *
						   sizeof(*bigger));

		if (!bigger)
			return false;
		wss->entry = bigger;
		wss->capacity = capacity;
	}
	wss->entry[wss->nr++] = *entry;
	return true;
}

static int compare_bytes(const void *a, const void *b)
{
	u64 first = *(const u64 *)a, second = *(const u64 *)b;

	return first < second ? -1 : first > second;
}

static bool sum_up(struct wss *wss)
{
	double bytes = 0, ns = 0;
	u64 i;

	wss->sorted = malloc((wss->nr + 1) * sizeof(*wss->sorted));
	if (!wss->sorted)
		return false;
	for (i = 0; i < wss->nr; i++) {
		const struct wss_entry *entry = &wss->entry[i];
		double weight = entry->to_ns - entry->from_ns;

		wss->sorted[i] = entry->bytes;
		bytes += entry->bytes * weight;
		ns += weight;
	}
	qsort(wss->sorted, wss->nr, sizeof(*wss->sorted), compare_bytes);
	wss->mean = ns ? bytes / ns : 0;
	return true;
}

bool wss_collect(struct wss *wss, struct selection *sel, double min_rate)
{
	struct snapshot snap = {};
	bool good = true;

	*wss = (struct wss){};
	sel->source.rewind(&sel->source);
	while (good && sel->source.next(&sel->source, &snap)) {
		const struct wss_entry entry = {
			.from_ns = max_u64(snap.from_ns, sel->from_ns),
			.to_ns = min_u64(snap.to_ns, sel->until_ns),
			.bytes = working_set(&snap, min_rate),
		};

		good = append(wss, &entry);
	}
	snapshot_free(&snap);
	return good && sum_up(wss);
}

void wss_free(struct wss *wss)
{
	free(wss->entry);
	free(wss->sorted);
	*wss = (struct wss){};
}

/* The nearest rank. */
u64 wss_percentile(const struct wss *wss, unsigned int percent)
{
	u64 rank = (wss->nr * percent + 99) / 100;

	return wss->sorted[rank ? rank - 1 : 0];
}

void wss_curve(const struct wss *wss, u64 from_ns, u64 to_ns, double *column,
	       unsigned int nr)
{
	double width = (double)(to_ns - from_ns) / nr;
	unsigned int i;
	u64 first = 0;

	for (i = 0; i < nr; i++) {
		double from = width * i, to = width * (i + 1);
		double bytes = 0, ns = 0;
		u64 e;

		for (e = first; e < wss->nr; e++) {
			const struct wss_entry *entry = &wss->entry[e];
			double begin = (double)entry->from_ns - from_ns;
			double end = (double)entry->to_ns - from_ns;

			if (begin >= to)
				break;
			if (end <= from) {
				first = e + 1;
				continue;
			}
			begin = begin < from ? from : begin;
			end = end > to ? to : end;
			bytes += entry->bytes * (end - begin);
			ns += end - begin;
		}
		column[i] = ns > 0 ? bytes / ns : WSS_NOT_MONITORED;
	}
}
