// SPDX-License-Identifier: GPL-2.0
/*
 * Damaged records, the same ones in each run, through everything that shows
 * records.  The sanitizers find what is wrong; here it only counts that all
 * comes to an end.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "convert.h"
#include "diff.h"
#include "fail.h"
#include "fuzz.h"
#include "record.h"
#include "report.h"
#include "tap.h"

#define DEFAULT_RUNS	1500
#define MAX_LEN		16384

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
	struct record_target target = { .target = below(4), .pid = 9,
					.command = "</script> \033[31m" };
	struct record_meta meta = {
		.sample_us = 5000, .aggr_us = 100000, .command = "fuzz me",
		.start_unix_s = next_random() >> below(64),
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
		if (!below(6))
			record_put_target(&w, &target);
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

static FILE *damaged_file(void)
{
	static u8 bytes[MAX_LEN];
	size_t len = damage(bytes, make_record(bytes));
	FILE *file = tmpfile();

	if (below(8))
		repair_sums(bytes, len);
	if (!file || fwrite(bytes, 1, len, file) != len)
		exit(99);
	rewind(file);
	return file;
}

/* What every view relies on. */
static void check_snapshots(struct record_reader *reader)
{
	struct snapshot snap = {};
	u64 to_ns = 0, end;
	u32 i;

	record_rewind(reader);
	while (record_next(reader, &snap)) {
		if (snap.to_ns < to_ns || snap.from_ns > snap.to_ns ||
		    !snap.max_accesses)
			abort();
		to_ns = snap.to_ns;
		for (i = 0, end = 0; i < snap.nr_regions; i++) {
			if (snap.regions[i].start < end ||
			    snap.regions[i].end <= snap.regions[i].start)
				abort();
			end = snap.regions[i].end;
		}
	}
	snapshot_free(&snap);
}

static u64 some_time_us(void)
{
	return below(3) ? 0 : below(4) ? below(2000000) : next_random();
}

static bool open_report(struct report *report)
{
	struct report_config *config = &report->config;

	*report = (struct report){
		.path = "fuzz",
		.style = { below(2), below(2) },
		.config = {
			.rows = 2 * (1 + below(12)),
			.columns = 1 + below(30),
			.access_percent = below(2) ? 0 : below(101),
			.at_us = some_time_us(),
			.html = "-",
			.space.target = below(4) ? TARGET_NOT_GIVEN : below(3),
			.space.everything = below(2),
			.space.from_us = some_time_us(),
			.space.until_us = some_time_us(),
		},
	};
	if (!below(4)) {
		config->space.start = next_random() >> below(64);
		config->space.end = config->space.start +
				    (next_random() >> below(64));
		if (config->space.end <= config->space.start)
			config->space.end = 0;
	}
	return !record_open_file(&report->reader, damaged_file(), "fuzz");
}

static int use_heatmap(struct report *report)
{
	report->config.svg = below(3) ? NULL : "-";
	return report_heatmap(report);
}

static int (*const views[])(struct report *report) = {
	use_heatmap, report_wss, report_histogram, report_regions,
};

/* All that the tool shows of a record. */
static unsigned int use_record(void)
{
	static struct report report;
	struct report_config *config = &report.config;
	size_t i;

	if (!open_report(&report))
		return 0;
	check_snapshots(&report.reader);
	for (i = FORMAT_JSONL; i <= FORMAT_PERF; i++) {
		record_rewind(&report.reader);
		convert_record(stdout, &report.reader, "fuzz", i);
	}
	report_html(&report);
	config->json = below(2);
	record_rewind(&report.reader);
	for (i = 0; i < ARRAY_SIZE(views) &&
	     !report_prepare(&report, report_choose_target(&report)); i++)
		views[i](&report);
	record_warn(&report.reader, "fuzz");
	record_close(&report.reader);
	return 1;
}

static void use_two_records(void)
{
	static struct diff diff;
	struct report *a = &diff.report[SIDE_A], *b = &diff.report[SIDE_B];

	diff = (struct diff){};
	if (!open_report(a))
		return;
	if (open_report(b)) {
		if (!report_prepare(a, report_choose_target(a)) &&
		    !report_prepare(b, report_choose_target(b)) &&
		    diff_fill(&diff)) {
			diff_put_json(&diff);
			diff_put_text(&diff);
			if (diff_is_comparable(&diff))
				diff_put_picture(&diff, "-");
		}
		diff_free(&diff);
		record_close(&b->reader);
	}
	record_close(&a->reader);
}

int main(void)
{
	int tap = dup(STDOUT_FILENO);
	unsigned long runs, opened = 0;

	/* the views and the messages are not wanted, sanitizers' reports are */
	if (tap < 0 || !freopen("/dev/null", "w", stdout))
		return 99;
	fail_quiet = true;
	for (runs = 0; fuzz_go_on(runs, DEFAULT_RUNS); runs++) {
		opened += use_record();
		if (!(runs % 4))
			use_two_records();
	}
	fflush(stdout);
	dup2(tap, STDOUT_FILENO);
	ok(opened > runs / 4 && opened < runs,
	   "%lu damaged records, of which %lu had a good header", runs, opened);
	return tap_done();
}
