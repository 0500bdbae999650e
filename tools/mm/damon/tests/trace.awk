# SPDX-License-Identifier: GPL-2.0
#
# Trace text as the kernel would print it: heap, 128 MiB of mappings and stack;
# a hot zone of 16 MiB that jumps half way, a warm one that stays.
#
# awk -v snapshots=N [-v lost=SNAPSHOT] [-v targets=N] -f trace.awk
# Further targets have one region each.

function region(start, end, accesses, age)
{
	printf "       kdamond.0-77      [001] .....  %.6f: damon_aggregated: " \
	       "target_id=%d nr_regions=%d %.0f-%.0f: %d %d\n",
	       time, target, nr_regions, start, end, accesses, age
}

BEGIN {
	mib = 1048576
	heap = 94000000000000 - 94000000000000 % 4096
	area = 140000000000000 - 140000000000000 % mib
	stack = 140737000000000 - 140737000000000 % 4096
	nr_regions = 7
	for (i = 0; i < snapshots; i++) {
		time = 1000 + i / 10
		hot = area + (i < snapshots / 2 ? 16 : 80) * mib
		if (i == lost && lost)
			print "CPU:1 [LOST 21 EVENTS]"
		region(heap, heap + 135168, i % 10 == 0, i % 10)
		region(area, hot, 0, i)
		region(hot, hot + 16 * mib, 20, i % (snapshots / 2))
		region(hot + 16 * mib, area + 112 * mib, 0, i)
		region(area + 112 * mib, area + 120 * mib, 5 + i % 3, i)
		region(area + 120 * mib, area + 128 * mib, 0, i)
		region(stack, stack + 135168, 2, 3)
		for (target = 1; target < targets; target++) {
			nr_regions = 1
			region(area, area + target * mib, 4, i)
		}
		target = 0
		nr_regions = 7
	}
}
