// SPDX-License-Identifier: GPL-2.0
/* What a record costs, and who its targets are. */
#include <stdlib.h>
#include <string.h>

#include "caption.h"
#include "fail.h"
#include "record.h"
#include "tap.h"
#include "wss.h"

#define PAGE		4096ULL
#define ADDRESS_BITS	47
#define MAX_REGIONS	1000
#define SNAPSHOT_BYTES	35	/* besides the regions, as record.h says */

static u64 seed = 88172645463325252ULL;

static u64 below(u64 limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % limit;
}

static int compare(const void *a, const void *b)
{
	u64 first = *(const u64 *)a, second = *(const u64 *)b;

	return first < second ? -1 : first > second;
}

/* Regions between random pages; not one byte could be saved by luck. */
static void make_regions(struct snapshot *snap, u32 nr, u32 accesses, u32 age)
{
	static u64 page[2 * MAX_REGIONS];
	u32 i;

	for (i = 0; i < 2 * nr; i++)
		page[i] = below(1ULL << (ADDRESS_BITS - 12));
	qsort(page, 2 * nr, sizeof(page[0]), compare);
	snap->nr_regions = 0;
	for (i = 0; i < nr; i++) {
		struct region *r = &snap->regions[snap->nr_regions];

		if (page[2 * i] == page[2 * i + 1])
			continue;
		*r = (struct region){ page[2 * i] * PAGE,
				      page[2 * i + 1] * PAGE, accesses, age };
		snap->nr_regions++;
	}
}

/* The largest distances and sizes that fit, all in one snapshot. */
static void make_giants(struct snapshot *snap, u32 accesses, u32 age)
{
	u64 step = PAGE << 28, at = step + PAGE;

	for (snap->nr_regions = 0; at + step <= 1ULL << ADDRESS_BITS; at += 2 * step)
		snap->regions[snap->nr_regions++] = (struct region){
			at, at + step, accesses, age };
}

static struct record_writer writer;

static void begin(FILE **file, char **bytes, size_t *len)
{
	struct record_meta meta = { .sample_us = 5000, .aggr_us = 100000,
				    .pid = 7, .command = "header" };

	*file = open_memstream(bytes, len);
	record_begin(&writer, *file, &meta);
}

static u64 cost(struct snapshot *snap)
{
	u64 before = writer.nr_bytes;

	snap->to_ns += 100 * NSEC_PER_MSEC;
	record_put_snapshot(&writer, snap);
	return writer.nr_bytes - before;
}

static void test_cost(void)
{
	static const u32 accesses[] = { 0, 20, 127 };
	struct snapshot snap = { .to_ns = U64_MAX / 2, .target = RECORD_MAX_TARGETS };
	u64 nr_over = 0, bytes, all = 0, nr = 0;
	size_t len, i;
	char *memory;
	FILE *file;
	u32 n;

	begin(&file, &memory, &len);
	snapshot_reserve(&snap, MAX_REGIONS);
	for (n = 1; n <= MAX_REGIONS; n += 1 + n / 8) {
		for (i = 0; i < ARRAY_SIZE(accesses); i++) {
			make_regions(&snap, n, accesses[i], U32_MAX);
			bytes = cost(&snap);
			nr_over += bytes > 16ULL * snap.nr_regions + SNAPSHOT_BYTES;
		}
	}
	ok(!nr_over, "no region above 16 bytes at random pages, of 1 to %d regions",
	   MAX_REGIONS);

	nr_over = 0;
	for (n = 128; n <= MAX_REGIONS; n += 1 + n / 8) {
		make_regions(&snap, n, 16383, U32_MAX);
		nr_over += cost(&snap) > 16ULL * snap.nr_regions;
	}
	ok(!nr_over, "nor with 16383 samples from 128 regions on, all included");

	make_giants(&snap, 20, U32_MAX);
	bytes = cost(&snap);
	ok(bytes <= 16ULL * snap.nr_regions + SNAPSHOT_BYTES &&
	   bytes > 16ULL * snap.nr_regions,
	   "%u regions of the largest distances: %llu bytes", snap.nr_regions,
	   bytes);

	for (n = 0; n < 20; n++) {
		make_regions(&snap, MAX_REGIONS, 20, U32_MAX - n);
		all += cost(&snap);
		nr += snap.nr_regions;
	}
	ok(all <= 16 * nr, "%d random regions with very large ages: %.2f bytes each, all included",
	   MAX_REGIONS, (double)all / nr);
	record_writer_free(&writer);
	fclose(file);
	free(memory);
	snapshot_free(&snap);
}

static FILE *memory_file(const void *bytes, size_t len)
{
	FILE *file = tmpfile();

	if (!file || fwrite(bytes, 1, len, file) != len)
		exit(99);
	rewind(file);
	return file;
}

static void test_targets(void)
{
	static struct region regions[] = { { 0x1000, 0x3000, 5, 1 } };
	static const u64 order[] = { 5, 0, 3, 5, 0, 3, 9 };
	struct snapshot snap = { .regions = regions, .nr_regions = 1 };
	struct record_target target = { .target = 3, .pid = 33,
					.command = "three\n</script>\xff" };
	struct record_target late = { .target = 9, .pid = 99,
				      .command = "nine" };
	struct snapshot read = {};
	struct record_reader r;
	char title[CAPTION_LEN];
	char *memory;
	size_t len, i;
	bool good = true;
	FILE *file;
	int pass;

	begin(&file, &memory, &len);
	record_put_target(&writer, &target);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		snap.target = order[i];
		snap.to_ns = (i + 10) * 100 * NSEC_PER_MSEC;
		record_put_snapshot(&writer, &snap);
	}
	record_put_target(&writer, &late);
	record_writer_free(&writer);
	fclose(file);

	good = !record_open_file(&r, memory_file(memory, len), "test");
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; record_next(&r, &read); i++)
			good &= read.target == order[i] &&
				read.to_ns - read.from_ns ==
				100 * NSEC_PER_MSEC;
		good &= i == ARRAY_SIZE(order);
		good &= r.nr_targets == 4 && r.targets[0].target == 0 &&
			r.targets[1].target == 3 && r.targets[2].target == 5 &&
			r.targets[3].target == 9 &&
			r.targets[2].nr_snapshots == 2;
		ok(good, "pass %d finds the targets, by index", pass);
		if (!pass)
			record_rewind(&r);
	}
	caption_target_title(title, &r, 3);
	ok(!strcmp(title, "three\n</script>\xff (pid 33), target 3 of 4"),
	   "a target's own name");
	caption_target_title(title, &r, 9);
	ok(!strcmp(title, "nine (pid 99), target 9 of 4"), "one that came late");
	caption_target_title(title, &r, 5);
	ok(!strcmp(title, "header (pid 7), target 5 of 4"),
	   "no name but the header's");
	ok(!record_find_target(&r, 4), "one that is not there");
	record_close(&r);
	snapshot_free(&read);
	free(memory);
}

static void test_many_targets(void)
{
	static struct region regions[] = { { 0x1000, 0x3000, 5, 1 } };
	struct snapshot snap = { .regions = regions, .nr_regions = 1 };
	struct snapshot read = {};
	struct record_reader r;
	bool sorted = true;
	unsigned int nr = 0, i;
	char *memory;
	size_t len;
	FILE *file;

	begin(&file, &memory, &len);
	for (i = 0; i < 3 * RECORD_MAX_TARGETS; i++) {
		snap.target = below(U64_MAX);
		snap.to_ns += NSEC_PER_MSEC;
		record_put_snapshot(&writer, &snap);
	}
	record_writer_free(&writer);
	fclose(file);
	sorted = !record_open_file(&r, memory_file(memory, len), "test");
	while (record_next(&r, &read))
		nr++;
	for (i = 1; i < r.nr_targets; i++)
		sorted &= r.targets[i - 1].target < r.targets[i].target;
	ok(nr == 3 * RECORD_MAX_TARGETS && sorted &&
	   r.nr_targets == RECORD_MAX_TARGETS,
	   "more targets than can be told apart");
	record_close(&r);
	snapshot_free(&read);
	free(memory);
}

static void test_wss(void)
{
	struct wss_entry entry[] = {
		{ 0, 100, 10 }, { 100, 200, 30 }, { 300, 400, 20 },
	};
	u64 sorted[] = { 10, 20, 30 };
	struct wss wss = { .nr = 3, .entry = entry, .sorted = sorted };
	double column[4];

	ok(wss_percentile(&wss, 0) == 10 && wss_percentile(&wss, 33) == 10 &&
	   wss_percentile(&wss, 34) == 20 && wss_percentile(&wss, 50) == 20 &&
	   wss_percentile(&wss, 100) == 30, "percentiles are nearest ranks");
	wss_curve(&wss, 0, 400, column, 4);
	ok(column[0] == 10 && column[1] == 30 && column[2] < 0 &&
	   column[3] == 20, "a curve with a hole");
	wss_curve(&wss, 50, 450, column, 2);
	ok(column[0] == (50 * 10 + 100 * 30) / 150. && column[1] == 20,
	   "columns that begin between snapshots are weighted means");
}

int main(void)
{
	test_cost();
	test_targets();
	test_many_targets();
	test_wss();
	return tap_done();
}
