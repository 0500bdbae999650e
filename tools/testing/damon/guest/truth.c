// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "truth.h"

#define TRUTH_SCALE	1000	/* nr_accesses of memory touched all the time */

bool truth_add(struct truth *truth, const struct touched *touched)
{
	if (truth->nr == truth->capacity) {
		size_t capacity = truth->capacity ? 2 * truth->capacity : 64;
		void *array = realloc(truth->touched,
				      capacity * sizeof(*touched));

		if (!array)
			return false;
		truth->touched = array;
		truth->capacity = capacity;
	}
	truth->touched[truth->nr++] = *touched;
	truth->from_ns = min_u64(truth->from_ns, touched->from_ns);
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct touched *ta = a, *tb = b;

	if (ta->start != tb->start)
		return ta->start < tb->start ? -1 : 1;
	return ta->from_ns < tb->from_ns ? -1 : ta->from_ns > tb->from_ns;
}

static u64 touched_rate(const struct truth *truth, const struct touched *t)
{
	return min_u64(TRUTH_SCALE, truth->sample_us * TRUTH_SCALE /
				    t->period_us) / t->every;
}

static bool add_region(struct snapshot *snap, u64 start, u64 end, u64 rate)
{
	if (start >= end)
		return true;
	if (!snapshot_reserve(snap, snap->nr_regions + 1))
		return false;
	snap->regions[snap->nr_regions++] = (struct region){
		.start = start,
		.end = end,
		.nr_accesses = rate,
	};
	return true;
}

bool truth_at(const struct truth *truth, u64 time_ns, struct snapshot *snap)
{
	u64 cold = truth->start;	/* what was not touched begins here */
	size_t i;

	snap->nr_regions = 0;
	snap->target = 0;
	snap->max_accesses = TRUTH_SCALE;
	snap->from_ns = time_ns;
	snap->to_ns = truth->until_ns;
	for (i = 0; i < truth->nr; i++) {
		const struct touched *t = &truth->touched[i];

		/* valid until anything begins or ends */
		if (t->from_ns > time_ns) {
			snap->to_ns = min_u64(snap->to_ns, t->from_ns);
			continue;
		}
		if (t->until_ns <= time_ns)
			continue;
		snap->to_ns = min_u64(snap->to_ns, t->until_ns);
		if (!add_region(snap, cold, t->start, 0) ||
		    !add_region(snap, max_u64(cold, t->start), t->end,
				touched_rate(truth, t)))
			return false;
		cold = max_u64(cold, t->end);
	}
	return add_region(snap, cold, truth->end, 0);
}

static bool source_next(struct snapshot_source *src, struct snapshot *snap)
{
	struct truth *truth = (struct truth *)src;

	if (truth->now_ns >= truth->until_ns ||
	    !truth_at(truth, truth->now_ns, snap))
		return false;
	truth->now_ns = snap->to_ns;
	return true;
}

static void source_rewind(struct snapshot_source *src)
{
	struct truth *truth = (struct truth *)src;

	truth->now_ns = truth->from_ns;
}

void truth_init(struct truth *truth)
{
	*truth = (struct truth){
		.source = { source_next, source_rewind },
		.from_ns = U64_MAX,
	};
}

void truth_free(struct truth *truth)
{
	free(truth->touched);
}

void truth_ready(struct truth *truth)
{
	if (truth->nr)
		qsort(truth->touched, truth->nr, sizeof(*truth->touched),
		      by_address);
}

int truth_load(struct truth *truth, const char *path)
{
	FILE *file = fopen(path, "re");
	bool whole = false;
	char line[256];

	truth_init(truth);
	if (!file)
		return fail(STATUS_BAD_FILE, "cannot open %s: %m", path);
	while (fgets(line, sizeof(line), file)) {
		struct touched t = { .every = 1 };

		if (sscanf(line, "mapping %llx %llx", &truth->start,
			   &truth->end) == 2)
			continue;
		whole |= sscanf(line, "end %llu %llu", &truth->until_ns,
				&truth->nr_late) == 2;
		if (sscanf(line, "touched %llu %llu %llx %llx %llu", &t.from_ns,
			   &t.until_ns, &t.start, &t.end, &t.period_us) != 5)
			continue;
		if (!t.period_us || t.start >= t.end ||
		    t.start < truth->start || t.end > truth->end ||
		    !truth_add(truth, &t)) {
			fclose(file);
			return fail(STATUS_BAD_FILE, "%s: bad line: %s", path,
				    line);
		}
	}
	fclose(file);
	if (!whole || !truth->nr)
		return fail(STATUS_BAD_FILE, "%s is not complete", path);
	truth_ready(truth);
	return 0;
}
