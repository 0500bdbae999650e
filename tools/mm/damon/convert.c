// SPDX-License-Identifier: GPL-2.0
#include "caption.h"
#include "convert.h"
#include "fail.h"
#include "units.h"

const char *const convert_format_names[] = {
	[FORMAT_JSONL] = "jsonl",
	[FORMAT_TRACE] = "trace",
	[FORMAT_PERF] = "perf",
	NULL
};

struct conversion {
	FILE *out;
	enum convert_format to;
	struct record_reader *reader;
	/* as of the previous snapshot */
	u64 sample_us;
	u64 nr_lost_events;
	u64 time_ns;
	u64 nr_empty;		/* snapshots that an event cannot tell of */
};

/* One object a line. */
static void put_json(struct conversion *conv, const struct snapshot *snap)
{
	const struct record_reader *reader = conv->reader;
	struct record_target who = caption_target(reader, snap->target);
	FILE *out = conv->out;
	u32 i;

	fprintf(out, "{\"from_ns\": %llu, \"to_ns\": %llu, \"target\": %llu, ",
		snap->from_ns, snap->to_ns, snap->target);
	fprintf(out, "\"pid\": %llu, \"command\": ", who.pid);
	json_string(out, who.command);
	fprintf(out, ", \"sample_us\": %llu, \"aggr_us\": %llu, ",
		reader->sample_us, reader->aggr_us);
	fprintf(out, "\"max_accesses\": %u, \"lost_events\": %llu, \"regions\": [",
		snap->max_accesses,
		reader->nr_lost_events - conv->nr_lost_events);
	for (i = 0; i < snap->nr_regions; i++) {
		const struct region *r = &snap->regions[i];

		fprintf(out, "%s{\"start\": %llu, \"end\": %llu, \"nr_accesses\": %u, \"age\": %u}",
			i ? ", " : "", r->start, r->end, r->nr_accesses,
			r->age);
	}
	fputs("]}\n", out);
}

/* What comes before the words of an event: who, where and when. */
static void put_event(struct conversion *conv, u64 time_ns, const char *event)
{
	u64 pid = conv->reader->meta.kdamond_pid;
	FILE *out = conv->out;

	if (conv->to == FORMAT_TRACE)
		fprintf(out, "%16s-%-7llu [000] ..... ", "kdamond.0", pid);
	else
		fprintf(out, "%16s %7llu [000] ", "kdamond.0", pid);
	fprintf(out, "%5llu.%06llu: %s%s: ", time_ns / NSEC_PER_SEC,
		time_ns % NSEC_PER_SEC / NSEC_PER_USEC,
		conv->to == FORMAT_PERF ? "damon:" : "", event);
}

static void put_trace(struct conversion *conv, const struct snapshot *snap)
{
	const struct record_reader *reader = conv->reader;
	FILE *out = conv->out;
	u32 i;

	if (reader->nr_lost_events != conv->nr_lost_events &&
	    conv->to == FORMAT_TRACE)
		fprintf(out, "CPU:0 [LOST %llu EVENTS]\n",
			reader->nr_lost_events - conv->nr_lost_events);
	if (reader->sample_us != conv->sample_us) {
		put_event(conv, conv->time_ns, "damon_monitor_intervals_tune");
		fprintf(out, "sample_us=%llu\n", reader->sample_us);
	}
	conv->nr_empty += !snap->nr_regions;
	for (i = 0; i < snap->nr_regions; i++) {
		const struct region *r = &snap->regions[i];

		put_event(conv, snap->to_ns, "damon_aggregated");
		fprintf(out, "target_id=%llu nr_regions=%u %llu-%llu: %u %u\n",
			snap->target, snap->nr_regions, r->start, r->end,
			r->nr_accesses, r->age);
	}
}

void convert_record(FILE *out, struct record_reader *reader, const char *name,
		    enum convert_format to)
{
	struct conversion conv = {
		.out = out,
		.to = to,
		.reader = reader,
		.sample_us = reader->meta.sample_us,
		.time_ns = reader->meta.start_mono_ns,
	};
	struct snapshot snap = {};

	/* nobody waits for the end of a pipe that broke */
	while (!ferror(out) && record_next(reader, &snap)) {
		if (to == FORMAT_JSONL)
			put_json(&conv, &snap);
		else
			put_trace(&conv, &snap);
		conv.sample_us = reader->sample_us;
		conv.nr_lost_events = reader->nr_lost_events;
		conv.time_ns = snap.to_ns;
	}
	snapshot_free(&snap);
	record_warn(reader, name);
	if (conv.nr_empty)
		warn("%llu snapshots without regions left out", conv.nr_empty);
}
