// SPDX-License-Identifier: GPL-2.0
/*
 * Damaged pages of the trace buffer, and damaged descriptions of them, the
 * same ones in each run.  The sanitizers find what is wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "raw.h"
#include "tap.h"
#include "trace.h"

#define DEFAULT_RUNS	4000

static unsigned long nr_seen;

static bool swallow_snapshot(struct trace_sink *sink,
			     const struct snapshot *snap)
{
	u64 end = 0;
	u32 i;

	(void)sink;
	nr_seen++;
	for (i = 0; i < snap->nr_regions; i++) {
		if (snap->regions[i].start < end ||
		    snap->regions[i].end <= snap->regions[i].start)
			abort();
		end = snap->regions[i].end;
	}
	return true;
}

static bool swallow_number(struct trace_sink *sink, u64 time_ns, u64 number)
{
	(void)sink;
	(void)time_ns;
	(void)number;
	return true;
}

static struct trace_sink swallow = {
	swallow_snapshot, swallow_number, swallow_number,
};

static void make_page(struct raw_page *page)
{
	u64 at, time_ns = below(1ULL << 40);
	int r, nr;

	raw_begin(page, time_ns, below(4) ? 0 : below(100));
	while (true) {
		nr = 1 + below(6);
		at = 4096;
		for (r = 0; r < nr; r++) {
			u64 end = at + 4096 * (1 + below(1000));

			time_ns += below(64) ? below(1000) : below(1ULL << 34);
			if (!raw_region(page, time_ns, below(2), nr, at, end,
					below(20), below(100)))
				return;
			at = end;
		}
		if (!below(20) && !raw_tune(page, time_ns, below(100000)))
			return;
	}
}

static void damage(u8 *bytes, size_t len)
{
	int i, nr = below(4);

	for (i = 0; i < nr; i++) {
		size_t at = below(2) ? below(len) : below(64);

		if (below(2))
			bytes[at] ^= 1 << below(8);
		else
			bytes[at] = below(256);
	}
}

/* Descriptions are damaged now and then, too. */
static void describe(struct trace_layout *layout, struct trace_assembly *a)
{
	char text[sizeof(raw_aggregated)];

	trace_assembly_init(a);
	memcpy(text, raw_header_page, sizeof(raw_header_page));
	if (!below(8))
		damage((u8 *)text, sizeof(raw_header_page) - 1);
	if (!trace_layout_parse(layout, text) || layout->page_len > RAW_PAGE)
		trace_layout_parse(layout, raw_header_page);
	memcpy(text, raw_aggregated, sizeof(raw_aggregated));
	if (!below(8))
		damage((u8 *)text, sizeof(raw_aggregated) - 1);
	if (!trace_event_parse(&a->aggregated, text))
		trace_event_parse(&a->aggregated, raw_aggregated);
	trace_event_parse(&a->tuned, raw_tuned);
}

int main(void)
{
	u64 i;

	for (i = 0; fuzz_go_on(i, DEFAULT_RUNS); i++) {
		struct trace_layout layout;
		struct trace_assembly a;
		struct trace_page page = {};
		struct raw_page raw;
		size_t len;

		describe(&layout, &a);
		make_page(&raw);
		damage(raw.bytes, RAW_PAGE);
		/* of its own size, so that reading behind it is found */
		len = below(4) ? RAW_PAGE : below(RAW_PAGE);
		page.bytes = malloc(len);
		if (!page.bytes && len)
			return 99;
		memcpy(page.bytes, raw.bytes, len);
		trace_page_begin(&page, &layout, len);
		for (; page.event; trace_page_next(&page)) {
			if (!trace_assemble(&a, &page, &swallow))
				return 99;
		}
		free(page.bytes);
		trace_assembly_free(&a);
	}
	ok(nr_seen > i, "%lu snapshots of %llu damaged pages", nr_seen, i);
	return tap_done();
}
