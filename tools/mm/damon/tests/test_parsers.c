// SPDX-License-Identifier: GPL-2.0
/* Record files: what goes in comes out, and nothing breaks. */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "record.h"
#include "tap.h"
#include "units.h"

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
	test_record_round_trip();
	test_record_cut_off();
	test_units();
	return tap_done();
}
