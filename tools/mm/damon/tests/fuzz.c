// SPDX-License-Identifier: GPL-2.0
/*
 * Damaged records and trace text, the same ones in each run.  The sanitizers
 * find what is wrong; here it only counts that everything comes to an end.
 * FUZZ_RUNS=N makes it longer.
 */
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "fail.h"
#include "record.h"
#include "tap.h"
#include "trace.h"
#include "units.h"

#define DEFAULT_RUNS	4000
#define MAX_LEN		16384

static u64 seed = 88172645463325252ULL;

static u64 next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static u64 below(u64 limit)
{
	return next_random() % limit;
}

static bool swallow_snapshot(struct trace_sink *sink,
			     const struct snapshot *snap)
{
	u64 end = 0;
	u32 i;

	(void)sink;
	for (i = 0; i < snap->nr_regions; i++) {
		if (snap->regions[i].start < end ||
		    snap->regions[i].end <= snap->regions[i].start)
			abort();
		end = snap->regions[i].end;
	}
	return true;
}

static bool swallow_tuned(struct trace_sink *sink, u64 time_ns, u64 sample_us)
{
	(void)sink;
	(void)time_ns;
	(void)sample_us;
	return true;
}

static bool swallow_lost(struct trace_sink *sink, u64 time_ns, u64 nr_events)
{
	return swallow_tuned(sink, time_ns, nr_events);
}

static struct trace_sink swallow = {
	swallow_snapshot, swallow_tuned, swallow_lost,
};

/* Some bytes changed, some moved, some gone. */
static size_t damage(u8 *bytes, size_t len)
{
	unsigned int nr = 1 + below(6);

	while (nr-- && len > 2) {
		size_t at = below(len), size = 1 + below(len - at);

		switch (below(6)) {
		case 0:
			bytes[at] = next_random();
			break;
		case 1:
			bytes[at] ^= 1 << below(8);
			break;
		case 2:
			bytes[at] = below(2) ? 0xff : 0;
			break;
		case 3:
			len = at + 1;
			break;
		case 4:
			size = size > 64 ? 64 : size;
			memmove(bytes + at, bytes + at + size, len - at - size);
			len -= size;
			break;
		case 5:
			size = size > 64 ? 64 : size;
			if (len + size > MAX_LEN)
				break;
			memmove(bytes + at + size, bytes + at, len - at);
			len += size;
			break;
		}
	}
	return len;
}

static u32 fnv(u8 type, const u8 *payload, size_t len)
{
	u32 sum = (2166136261U ^ type) * 16777619U;

	while (len--)
		sum = (sum ^ *payload++) * 16777619U;
	return sum;
}

/* Gives frames good sums again, so that their insides are looked at. */
static void repair_sums(u8 *bytes, size_t len)
{
	size_t at = 12;

	while (at < len) {
		size_t payload = 0, head = at + 1;
		unsigned int shift = 0;
		u32 sum;
		int i;

		do {
			if (head >= len || shift > 21)
				return;
			payload |= (size_t)(bytes[head] & 0x7f) << shift;
			shift += 7;
		} while (bytes[head++] & 0x80);
		if (payload > len || head + payload + 4 > len)
			return;
		sum = fnv(bytes[at], bytes + head, payload);
		for (i = 0; i < 4; i++)
			bytes[head + payload + i] = sum >> (8 * i);
		at = head + payload + 4;
	}
}

static size_t make_record(u8 *bytes)
{
	struct record_meta meta = {
		.sample_us = 5000, .aggr_us = 100000, .command = "fuzz me",
	};
	FILE *file = fmemopen(bytes, MAX_LEN, "w");
	struct region regions[8];
	struct snapshot snap = { .regions = regions };
	struct record_writer w;
	size_t len;
	u64 at;
	int i;

	record_begin(&w, file, &meta);
	for (i = 0; i < 12; i++) {
		snap.to_ns += below(2) ? 100 * NSEC_PER_MSEC : below(1ULL << 40);
		snap.target = below(3) / 2;
		snap.nr_regions = below(9);
		at = below(1 << 20);
		for (u32 r = 0; r < snap.nr_regions; r++) {
			regions[r].start = at << 12;
			at += 1 + below(1ULL << below(40));
			regions[r].end = at << 12;
			regions[r].nr_accesses = below(21);
			regions[r].age = below(100);
			at += below(3) ? 0 : below(1ULL << below(40));
		}
		record_put_snapshot(&w, &snap);
		if (!below(4))
			record_put_lost(&w, snap.to_ns, 3);
		if (!below(4))
			record_put_intervals(&w, snap.to_ns, 1000, 20000);
	}
	record_end(&w, &meta);
	len = w.nr_bytes;
	record_writer_free(&w);
	fclose(file);
	return len;
}

/* All that the tool does with a record. */
static unsigned int use_record(FILE *file, FILE *out)
{
	const struct space_options options = { .everything = below(2) };
	const struct text_style style = { below(2), below(2) };
	struct record_reader reader;
	struct space space;
	struct heatmap map;
	struct picture picture = {
		.title = reader.meta.command, .subtitle = reader.meta.kernel,
		.nr_panels = 1, .panel = { { .map = &map } },
	};

	if (record_open_file(&reader, file, "fuzz"))
		return 0;
	if (space_find(&space, &reader.source, &options) &&
	    heat_init(&map, &space, 2 * (1 + below(20)), text_style_rows(&style),
		      1 + below(40))) {
		heat_fill(&map, &reader.source, 0);
		picture.scale = picture_scale(&picture);
		draw_text(out, &picture, &style);
		draw_svg(out, &picture);
		draw_json(out, &picture);
		json_string(out, reader.meta.command);
		heat_free(&map);
	}
	record_warn(&reader, "fuzz");
	record_close(&reader);
	return 1;
}

static size_t make_trace(char *text)
{
	size_t len = 0;
	u64 at = 4096;
	int i, r, nr;

	for (i = 0; i < 10; i++) {
		nr = 1 + below(6);
		for (r = 0; r < nr; r++) {
			u64 end = at + 4096 * (1 + below(1000));

			len += sprintf(text + len,
				       " kdamond.0-9 [000] ..... %d.%06d: damon_aggregated: target_id=%d nr_regions=%d %llu-%llu: %d %d\n",
				       i, r, 0, nr, at, end, (int)below(20),
				       (int)below(9));
			at = end;
		}
		at = 4096;
		if (!below(3))
			len += sprintf(text + len, "CPU:%d [LOST %d EVENTS]\n",
				       i, r);
	}
	return len;
}

int main(void)
{
	const char *wanted = getenv("FUZZ_RUNS");
	unsigned long runs = wanted ? strtoul(wanted, NULL, 0) : DEFAULT_RUNS;
	FILE *out = fopen("/dev/null", "w");
	static u8 bytes[MAX_LEN], trace[MAX_LEN];
	unsigned long i, opened = 0;

	/* the messages about damage are not wanted, sanitizers' reports are */
	if (!out)
		return 99;
	fail_quiet = true;
	for (i = 0; i < runs; i++) {
		size_t len = damage(bytes, make_record(bytes));
		FILE *file;

		if (below(8))
			repair_sums(bytes, len);
		file = tmpfile();
		if (!file || fwrite(bytes, 1, len, file) != len)
			return 99;
		rewind(file);
		opened += use_record(file, out);
	}
	ok(opened > runs / 4 && opened < runs,
	   "%lu damaged records, of which %lu had a good header", runs, opened);
	for (i = 0; i < runs; i++) {
		struct trace_parser parser = {};
		size_t len = damage(trace, make_trace((char *)trace));

		trace_parse(&parser, (char *)trace, len, &swallow);
		trace_parser_free(&parser);
	}
	ok(true, "%lu damaged traces", runs);
	fclose(out);
	return tap_done();
}
