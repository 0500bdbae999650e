// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "snapshot.h"

bool snapshot_reserve(struct snapshot *snap, u32 nr)
{
	size_t capacity = snap->capacity ? snap->capacity : 64;
	struct region *regions;

	if (nr <= snap->capacity)
		return true;
	while (capacity < nr)
		capacity *= 2;
	if (capacity > U32_MAX || capacity > SIZE_MAX / sizeof(*regions)) {
		errno = ENOMEM;
		return false;
	}
	regions = realloc(snap->regions, capacity * sizeof(*regions));
	if (!regions)
		return false;
	snap->regions = regions;
	snap->capacity = capacity;
	return true;
}

void snapshot_free(struct snapshot *snap)
{
	free(snap->regions);
	*snap = (struct snapshot){};
}

u64 snapshot_age_ns(const struct snapshot *snap, const struct region *r)
{
	u64 unit = snap->aggr_ns ? snap->aggr_ns : snap->to_ns - snap->from_ns;

	return r->age * min_u64(unit, U64_MAX / U32_MAX);
}

double snapshot_rate(const struct snapshot *snap, const struct region *r)
{
	if (r->nr_accesses >= snap->max_accesses)
		return 1;
	return (double)r->nr_accesses / snap->max_accesses;
}
