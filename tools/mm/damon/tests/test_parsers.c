// SPDX-License-Identifier: GPL-2.0
/* Trace text and record files: what goes in comes out, and nothing breaks. */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "record.h"
#include "tap.h"
#include "trace.h"
#include "units.h"

struct collector {
	struct trace_sink sink;
	int nr_snapshots, nr_regions, nr_lost, nr_tuned;
	u64 lost_events, sample_us;
	struct region last;
	u64 to_ns;
};

static bool collect_snapshot(struct trace_sink *sink,
			     const struct snapshot *snap)
{
	struct collector *c = (struct collector *)sink;

	c->nr_snapshots++;
	c->nr_regions += snap->nr_regions;
	c->last = snap->regions[snap->nr_regions - 1];
	c->to_ns = snap->to_ns;
	return true;
}

static bool collect_tuned(struct trace_sink *sink, u64 time_ns, u64 sample_us)
{
	struct collector *c = (struct collector *)sink;

	(void)time_ns;
	c->nr_tuned++;
	c->sample_us = sample_us;
	return true;
}

static bool collect_lost(struct trace_sink *sink, u64 time_ns, u64 nr_events)
{
	struct collector *c = (struct collector *)sink;

	(void)time_ns;
	c->nr_lost++;
	c->lost_events += nr_events;
	return true;
}

#define COLLECTOR \
	{ .sink = { collect_snapshot, collect_tuned, collect_lost } }

#define HEAD	"       kdamond.0-77      [001] .....   "
#define EVENT	": damon_aggregated: target_id="

static const char two_snapshots[] =
	HEAD "12.000001" EVENT "0 nr_regions=2 4096-8192: 0 12\n"
	HEAD "12.000002" EVENT "0 nr_regions=2 8192-20480: 20 3\n"
	"some other line\n"
	HEAD "12.100001" EVENT "0 nr_regions=1 4096-8192: 1 2\n";

static void test_trace_pieces(void)
{
	size_t len = strlen(two_snapshots), piece;

	for (piece = 1; piece < len; piece += 13) {
		struct collector c = COLLECTOR;
		struct trace_parser parser = {};
		size_t at;
		bool good = true;

		for (at = 0; at < len; at += piece)
			good &= trace_parse(&parser, two_snapshots + at,
					    len - at < piece ? len - at : piece,
					    &c.sink);
		ok(good && c.nr_snapshots == 2 && c.nr_regions == 3 &&
		   c.last.nr_accesses == 1 && c.last.age == 2 &&
		   c.to_ns == 12100001000ULL && !parser.nr_dropped_snapshots,
		   "trace in pieces of %zu bytes", piece);
		trace_parser_free(&parser);
	}
}

static const struct {
	const char *name;
	const char *text;
	int nr_snapshots;
	u64 dropped, lost;
} trace_cases[] = {
	{ "a lost first part",
	  HEAD "1.5" EVENT "0 nr_regions=3 8192-12288: 0 0\n"
	  HEAD "1.5" EVENT "0 nr_regions=3 12288-16384: 0 0\n"
	  HEAD "1.6" EVENT "0 nr_regions=3 4096-8192: 0 0\n"
	  HEAD "1.6" EVENT "0 nr_regions=3 8192-12288: 0 0\n"
	  HEAD "1.6" EVENT "0 nr_regions=3 12288-16384: 0 0\n", 1, 1, 0 },
	{ "a lost middle, said by the kernel",
	  HEAD "1.5" EVENT "0 nr_regions=2 4096-8192: 0 0\n"
	  "CPU:3 [LOST 17 EVENTS]\n"
	  HEAD "1.6" EVENT "0 nr_regions=2 8192-12288: 0 0\n"
	  HEAD "1.7" EVENT "0 nr_regions=2 4096-8192: 0 0\n"
	  HEAD "1.7" EVENT "0 nr_regions=2 8192-12288: 0 0\n", 1, 2, 17 },
	{ "an unknown number of lost events",
	  "CPU:0 [LOST EVENTS]\n"
	  HEAD "1.7" EVENT "0 nr_regions=1 8192-12288: 0 0\n", 1, 0, 1 },
	{ "another target in between",
	  HEAD "1.5" EVENT "0 nr_regions=2 4096-8192: 0 0\n"
	  HEAD "1.5" EVENT "1 nr_regions=1 4096-8192: 0 0\n", 1, 1, 0 },
	{ "numbers beyond 64 bits",
	  HEAD "1.5" EVENT "0 nr_regions=1 4096-99999999999999999999: 0 0\n",
	  0, 0, 0 },
	{ "numbers beyond 32 bits",
	  HEAD "1.5" EVENT "0 nr_regions=1 4096-8192: 4294967296 0\n", 0, 0, 0 },
	{ "an empty region",
	  HEAD "1.5" EVENT "0 nr_regions=1 4096-4096: 0 0\n", 0, 0, 0 },
	{ "no regions",
	  HEAD "1.5" EVENT "0 nr_regions=0 4096-8192: 0 0\n", 0, 0, 0 },
	{ "a line without a time",
	  "x" EVENT "0 nr_regions=1 4096-8192: 0 0\n", 0, 0, 0 },
	{ "a cut-off line",
	  HEAD "1.5" EVENT "0 nr_regions=1 4096-8192: 0", 0, 0, 0 },
	{ "largest addresses",
	  HEAD "1.5" EVENT
	  "18446744073709551615 nr_regions=1 0-18446744073709551615: 4294967295 4294967295\n",
	  1, 0, 0 },
};

static void test_trace_cases(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(trace_cases); i++) {
		struct collector c = COLLECTOR;
		struct trace_parser parser = {};

		ok(trace_parse(&parser, trace_cases[i].text,
			       strlen(trace_cases[i].text), &c.sink) &&
		   c.nr_snapshots == trace_cases[i].nr_snapshots &&
		   parser.nr_dropped_snapshots == trace_cases[i].dropped &&
		   parser.nr_lost_events == trace_cases[i].lost,
		   "trace with %s", trace_cases[i].name);
		trace_parser_free(&parser);
	}
}

static void test_trace_other(void)
{
	static const char tuned[] =
		HEAD "3.25: damon_monitor_intervals_tune: sample_us=12345\n";
	struct collector c = COLLECTOR;
	struct trace_parser parser = {};
	char text[2 * TRACE_LINE_LEN];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	ok(trace_parse(&parser, text, sizeof(text), &c.sink) &&
	   trace_parse(&parser, tuned, strlen(tuned), &c.sink) &&
	   c.nr_tuned == 1 && c.sample_us == 12345,
	   "a line after one that is too long");
	trace_parser_free(&parser);
}

/* A record in memory that is good for reading. */
static FILE *memory_file(const void *bytes, size_t len)
{
	FILE *file = tmpfile();

	if (!file || (len && fwrite(bytes, 1, len, file) != len)) {
		perror("tmpfile");
		exit(99);
	}
	rewind(file);
	return file;
}

static struct region sample_regions[] = {
	{ 0x1000, 0x3000, 0, 7 },
	{ 0x3000, 0x4000, 20, 0 },
	{ 0x7f0000000000, 0x7f0012345000, 3, 123456 },
	{ 0x7ffffffff000, 0xfffffffffffff000, U32_MAX, U32_MAX },
};

#define NR_FRAMES	5

/* NR_FRAMES snapshots; offsets[i] is where frame i ends. */
static size_t make_record(char **bytes, size_t offsets[NR_FRAMES])
{
	struct record_meta meta = {
		.pid = 4242, .sample_us = 5000, .aggr_us = 100000,
		.command = "a\tb %=\n\xc3\xa4 c",
		.start_mono_ns = U64_MAX,
	};
	struct snapshot snap = { .regions = sample_regions };
	struct record_writer w;
	size_t len;
	FILE *file = open_memstream(bytes, &len);
	int i;

	record_begin(&w, file, &meta);
	for (i = 0; i < NR_FRAMES; i++) {
		snap.to_ns = (u64)(i + 1) * 100 * NSEC_PER_MSEC;
		snap.nr_regions = i % 5;
		record_put_snapshot(&w, &snap);
		offsets[i] = w.nr_bytes;
		if (i == 2) {
			record_put_lost(&w, snap.to_ns, 9);
			record_put_intervals(&w, snap.to_ns, 10000, 200000);
		}
	}
	snprintf(meta.end_reason, sizeof(meta.end_reason), "test");
	meta.nr_snapshots = 5;
	record_end(&w, &meta);
	record_writer_free(&w);
	fclose(file);
	return len;
}

static void test_record_round_trip(void)
{
	size_t offsets[NR_FRAMES], len;
	struct record_reader r;
	struct snapshot snap = {};
	int pass, nr = 0;
	bool same = true;
	char *bytes;

	len = make_record(&bytes, offsets);
	ok(!record_open_file(&r, memory_file(bytes, len), "test"),
	   "a written record opens");
	for (pass = 0; pass < 2; pass++) {
		for (nr = 0; record_next(&r, &snap); nr++) {
			same &= snap.nr_regions == (u32)nr % 5 &&
				snap.to_ns == (nr + 1) * 100 * NSEC_PER_MSEC &&
				(!snap.nr_regions ||
				 !memcmp(snap.regions, sample_regions,
					 snap.nr_regions *
					 sizeof(sample_regions[0])));
			same &= snap.max_accesses == 20 &&
				snap.to_ns - snap.from_ns ==
				100 * NSEC_PER_MSEC;
		}
		ok(nr == NR_FRAMES && same && r.ended && !r.damage &&
		   r.nr_lost_events == 9, "pass %d reads what was written",
		   pass);
		record_rewind(&r);
	}
	ok(!strcmp(r.meta.command, "a\tb %=\n\xc3\xa4 c") &&
	   r.meta.start_mono_ns == U64_MAX &&
	   !strcmp(r.meta.end_reason, "test"), "header and trailer come back");
	record_close(&r);
	snapshot_free(&snap);
	free(bytes);
}

static void test_record_cut_off(void)
{
	size_t offsets[NR_FRAMES], len, cut;
	int wrong = 0, unopened = 0;
	char *bytes;

	len = make_record(&bytes, offsets);
	/* the messages of files without a header are not wanted */
	fail_quiet = true;
	for (cut = 0; cut < len; cut++) {
		struct record_reader r;
		struct snapshot snap = {};
		int nr = 0, whole = 0;

		if (record_open_file(&r, memory_file(bytes, cut), "test")) {
			unopened++;
			wrong += cut >= offsets[0];
			continue;
		}
		while (record_next(&r, &snap))
			nr++;
		while (whole < NR_FRAMES && offsets[whole] <= cut)
			whole++;
		wrong += nr != whole || r.ended || !r.damage;
		record_close(&r);
		snapshot_free(&snap);
	}
	ok(!wrong && unopened, "cut off at %zu places, read up to there", len);

	wrong = 0;
	for (cut = offsets[1]; cut < offsets[2]; cut++) {
		struct record_reader r;
		struct snapshot snap = {};
		int nr = 0;

		bytes[cut] ^= 4;
		wrong += record_open_file(&r, memory_file(bytes, len), "test");
		while (record_next(&r, &snap))
			nr++;
		/* a changed type is a frame nobody knows, but for its sum */
		wrong += nr != 2 || !r.damage;
		bytes[cut] ^= 4;
		record_close(&r);
		snapshot_free(&snap);
	}
	ok(!wrong, "a changed byte in a frame is found, wherever it is");
	free(bytes);
}

static void test_units(void)
{
	u64 val, end;
	char buf[UNIT_LEN];

	ok(parse_time_us("1.5s", &val) && val == 1500000, "1.5s");
	ok(parse_time_us("250us", &val) && val == 250, "250us");
	ok(!parse_time_us("5", &val) && !parse_time_us("-5s", &val) &&
	   !parse_time_us("5 s", &val) && !parse_time_us("", &val) &&
	   !parse_time_us("99999999999999999999s", &val) &&
	   !parse_time_us("9999999999999999h", &val) &&
	   !parse_time_us("1.s", &val) && !parse_time_us("s", &val),
	   "bad times");
	ok(parse_size("1.5K", &val) && val == 1536, "1.5K");
	ok(parse_u64("0x1f", &val) && val == 31 && !parse_u64("1f", &val) &&
	   !parse_u64("+1", &val), "numbers");
	ok(parse_range("0x1000-0x2000", &val, &end) && val == 4096 &&
	   end == 8192 && !parse_range("2-1", &val, &end) &&
	   !parse_range("1", &val, &end) && !parse_range("-", &val, &end) &&
	   !parse_range("000000000000000000000000000000001-2", &val, &end),
	   "ranges");
	ok(!strcmp(unit_size(buf, 0), "0B") &&
	   !strcmp(unit_size(buf, 1536), "1.5K") &&
	   !strcmp(unit_size(buf, 1023), "1023B") &&
	   !strcmp(unit_size(buf, U64_MAX), "16E"), "sizes");
	ok(!strcmp(unit_time(buf, 100), "100 us") &&
	   !strcmp(unit_time(buf, 1200000), "1.2 s") &&
	   !strcmp(unit_time(buf, 3600000000ULL), "60 min"), "times");
}

int main(void)
{
	test_trace_pieces();
	test_trace_cases();
	test_trace_other();
	test_record_round_trip();
	test_record_cut_off();
	test_units();
	return tap_done();
}
