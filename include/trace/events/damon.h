/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM damon

#if !defined(_TRACE_DAMON_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_DAMON_H

#include <linux/damon.h>
#include <linux/tracepoint.h>

/* Once per region and aggregation, when the counts are complete. */
TRACE_EVENT(damon_aggregated,

	TP_PROTO(unsigned long target_idx, const struct damon_target *target,
		 const struct damon_region *region),

	TP_ARGS(target_idx, target, region),

	TP_STRUCT__entry(
		__field(unsigned long, target_id) __field(unsigned int, nr_regions)
		__field(unsigned long, start) __field(unsigned long, end)
		__field(unsigned int, nr_accesses) __field(unsigned int, age)
	),

	TP_fast_assign(
		__entry->age = region->age;
		__entry->nr_accesses = region->nr_accesses;
		__entry->start = region->ar.start;
		__entry->end = region->ar.end;
		__entry->nr_regions = target->nr_regions;
		__entry->target_id = target_idx;
	),

	TP_printk("target_id=%lu nr_regions=%u %lu-%lu: %u %u",
		  __entry->target_id, __entry->nr_regions, __entry->start,
		  __entry->end, __entry->nr_accesses, __entry->age)
);

/* Auto-tuning found that the sampling interval should change. */
TRACE_EVENT(damon_monitor_intervals_tune,

	TP_PROTO(unsigned long new_us),

	TP_ARGS(new_us),

	TP_STRUCT__entry(
		__field(unsigned long,	sample_us)
	),

	TP_fast_assign(
		__entry->sample_us = new_us;
	),

	TP_printk("sample_us=%lu", __entry->sample_us)
);

#endif /* _TRACE_DAMON_H */

#include <trace/define_trace.h>
