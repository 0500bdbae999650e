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

/* The same, with what the probes found; only if there are probes. */
TRACE_EVENT(damon_region_aggregated,

	TP_PROTO(unsigned long target_idx, const struct damon_target *target,
		 const struct damon_region *region, unsigned int nr_probes),

	TP_ARGS(target_idx, target, region, nr_probes),

	TP_STRUCT__entry(
		__field(unsigned long, target_id)
		__field(unsigned long, start) __field(unsigned long, end)
		__field(unsigned int, nr_regions)
		__field(unsigned int, nr_accesses) __field(unsigned int, age)
		__dynamic_array(unsigned char, probe_hits, nr_probes)
	),

	TP_fast_assign(
		memcpy(__get_dynamic_array(probe_hits), region->probe_hits,
		       nr_probes);
		__entry->age = region->age;
		__entry->nr_accesses = region->nr_accesses;
		__entry->nr_regions = target->nr_regions;
		__entry->start = region->ar.start;
		__entry->end = region->ar.end;
		__entry->target_id = target_idx;
	),

	TP_printk("target_id=%lu nr_regions=%u %lu-%lu: %u %u probe_hits=%s",
		  __entry->target_id, __entry->nr_regions, __entry->start,
		  __entry->end, __entry->nr_accesses, __entry->age,
		  __print_hex(__get_dynamic_array(probe_hits),
			      __get_dynamic_array_len(probe_hits)))
);

/* A scheme is about to be applied to a region; there is only one context. */
TRACE_EVENT(damos_before_apply,

	TP_PROTO(const struct damos_tried *tried, unsigned int nr_regions),

	TP_ARGS(tried, nr_regions),

	TP_STRUCT__entry(
		__field(unsigned int, context_idx)
		__field(unsigned int, scheme_idx)
		__field(unsigned long, target_idx)
		__field(unsigned long, start) __field(unsigned long, end)
		__field(unsigned int, nr_accesses) __field(unsigned int, age)
		__field(unsigned int, nr_regions)
	),

	TP_fast_assign(
		__entry->nr_regions = nr_regions;
		__entry->age = tried->age;
		__entry->nr_accesses = tried->nr_accesses;
		__entry->start = tried->ar.start;
		__entry->end = tried->ar.end;
		__entry->target_idx = tried->target;
		__entry->scheme_idx = tried->scheme;
		__entry->context_idx = 0;
	),

	TP_printk("ctx_idx=%u scheme_idx=%u target_idx=%lu nr_regions=%u %lu-%lu: %u %u",
		  __entry->context_idx, __entry->scheme_idx,
		  __entry->target_idx, __entry->nr_regions, __entry->start,
		  __entry->end, __entry->nr_accesses, __entry->age)
);

/* The effective quota of a scheme is another one from now on. */
TRACE_EVENT(damos_esz,

	TP_PROTO(unsigned int scheme, unsigned long effective_sz),

	TP_ARGS(scheme, effective_sz),

	TP_STRUCT__entry(
		__field(unsigned int, context_idx)
		__field(unsigned int, scheme_idx)
		__field(unsigned long, esz)
	),

	TP_fast_assign(
		__entry->esz = effective_sz;
		__entry->scheme_idx = scheme;
		__entry->context_idx = 0;
	),

	TP_printk("ctx_idx=%u scheme_idx=%u esz=%lu", __entry->context_idx,
		  __entry->scheme_idx, __entry->esz)
);

/* A scheme has been through all regions; totals since it was created. */
TRACE_EVENT(damos_stat_after_apply_interval,

	TP_PROTO(unsigned int scheme, const struct damos_stat *stat),

	TP_ARGS(scheme, stat),

	TP_STRUCT__entry(
		__field(unsigned int, context_idx)
		__field(unsigned int, scheme_idx)
		__field(unsigned long, nr_tried)
		__field(unsigned long, sz_tried)
		__field(unsigned long, nr_applied)
		__field(unsigned long, sz_applied)
		__field(unsigned long, sz_ops_filter_passed)
		__field(unsigned long, qt_exceeds)
		__field(unsigned long, nr_snapshots)
	),

	TP_fast_assign(
		__entry->nr_snapshots = stat->nr_snapshots;
		__entry->qt_exceeds = stat->qt_exceeds;
		__entry->sz_ops_filter_passed = stat->sz_ops_filter_passed;
		__entry->sz_applied = stat->sz_applied;
		__entry->nr_applied = stat->nr_applied;
		__entry->sz_tried = stat->sz_tried;
		__entry->nr_tried = stat->nr_tried;
		__entry->scheme_idx = scheme;
		__entry->context_idx = 0;
	),

	TP_printk("ctx_idx=%u scheme_idx=%u nr_tried=%lu sz_tried=%lu nr_applied=%lu sz_applied=%lu sz_ops_filter_passed=%lu qt_exceeds=%lu nr_snapshots=%lu",
		  __entry->context_idx, __entry->scheme_idx, __entry->nr_tried,
		  __entry->sz_tried, __entry->nr_applied, __entry->sz_applied,
		  __entry->sz_ops_filter_passed, __entry->qt_exceeds,
		  __entry->nr_snapshots)
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
