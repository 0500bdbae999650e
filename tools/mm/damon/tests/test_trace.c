// SPDX-License-Identifier: GPL-2.0
/* Pages of the trace buffer: what goes in comes out, in order, or is missed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"
#include "raw.h"
#include "tap.h"
#include "trace.h"

#define MAX_SNAPSHOTS	64
#define KIB4		4096ULL

struct collector {
	struct trace_sink sink;
	int nr_snapshots, nr_regions, nr_lost, nr_tuned;
	u64 lost_events, sample_us;
	struct region last;
	u64 to_ns[MAX_SNAPSHOTS];
};

static bool collect_snapshot(struct trace_sink *sink,
			     const struct snapshot *snap)
{
	struct collector *c = (struct collector *)sink;

	if (c->nr_snapshots == MAX_SNAPSHOTS)
		return false;
	c->to_ns[c->nr_snapshots++] = snap->to_ns;
	c->nr_regions += snap->nr_regions;
	c->last = snap->regions[snap->nr_regions - 1];
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

static struct trace_layout layout;

static void assembly_begin(struct trace_assembly *a)
{
	trace_assembly_init(a);
	if (!trace_event_parse(&a->aggregated, raw_aggregated) ||
	    !trace_event_parse(&a->tuned, raw_tuned))
		exit(99);
}

static bool assemble(struct trace_assembly *a, struct raw_page *raw,
		     struct collector *c)
{
	struct trace_page page = { .bytes = raw->bytes };

	trace_page_begin(&page, &layout, RAW_PAGE);
	for (; page.event; trace_page_next(&page)) {
		if (!trace_assemble(a, &page, &c->sink))
			return false;
	}
	return true;
}

static void test_formats(void)
{
	struct trace_assembly a;
	char text[sizeof(raw_aggregated)];
	size_t len, good = 0;

	ok(trace_layout_parse(&layout, raw_header_page) &&
	   layout.commit.offset == 8 && layout.commit.size == 8 &&
	   layout.data == RAW_DATA && layout.page_len == RAW_PAGE,
	   "the layout of pages");
	assembly_begin(&a);
	ok(a.aggregated.id == RAW_AGGREGATED && a.tuned.id == RAW_TUNED &&
	   a.aggregated.at[2].offset == 24 && a.aggregated.at[2].size == 8,
	   "the layout of events");
	for (len = 0; len < sizeof(text); len++) {
		memcpy(text, raw_aggregated, len);
		text[len] = '\0';
		good += trace_event_parse(&a.aggregated, text);
		text[len > 90 ? 90 : 0] = 'x';
		trace_event_parse(&a.aggregated, text);
	}
	ok(good > 0 && good < sizeof(text) / 2,
	   "a layout that is cut off is not good");
	ok(!trace_layout_parse(&layout, "field: char data;\toffset:16;\tsize:4080;") &&
	   !trace_layout_parse(&layout, "field: x commit;\toffset:8;\tsize:3;\n"
			       "field: char data;\toffset:16;\tsize:4080;\n") &&
	   !trace_layout_parse(&layout, "field: x commit;\toffset:8;\tsize:8;\n"
			       "field: char data;\toffset:16;\tsize:99999999;\n"),
	   "nonsense is no layout");
	if (!trace_layout_parse(&layout, raw_header_page))
		exit(99);
}

/* An event in a few words; nr_regions 0 ends the list. */
struct step {
	u64 time_ns, target, start, end;
	u32 nr_regions, nr_accesses, age;
	u64 lost;		/* before it, on a new page */
};

static const struct {
	const char *name;
	struct step steps[8];
	int nr_snapshots;
	u64 dropped, lost;
} cases[] = {
	{ "one snapshot", {
		{ 500, 0, 4096, 8192, 2, 0, 12, 0 },
		{ 600, 0, 8192, 20480, 2, 20, 3, 0 } }, 1, 0, 0 },
	{ "long pauses", {
		{ 5, 0, 4096, 8192, 1, 0, 12, 0 },
		{ 5 * NSEC_PER_SEC, 0, 4096, 8192, 1, 0, 12, 0 },
		{ 50000 * NSEC_PER_SEC, 0, 4096, 8192, 1, 0, 12, 0 } }, 3, 0, 0 },
	{ "a lost first part", {
		{ 5, 0, 8192, 12288, 3, 0, 0, 0 },
		{ 5, 0, 12288, 16384, 3, 0, 0, 0 },
		{ 6, 0, 4096, 8192, 3, 0, 0, 0 },
		{ 6, 0, 8192, 12288, 3, 0, 0, 0 },
		{ 6, 0, 12288, 16384, 3, 0, 0, 0 } }, 1, 1, 0 },
	{ "a lost middle, said by the kernel", {
		{ 5, 0, 4096, 8192, 2, 0, 0, 0 },
		{ 6, 0, 8192, 12288, 2, 0, 0, 17 },
		{ 7, 0, 4096, 8192, 2, 0, 0, 0 },
		{ 7, 0, 8192, 12288, 2, 0, 0, 0 } }, 1, 2, 17 },
	{ "an unknown number of lost events", {
		{ 7, 0, 8192, 12288, 1, 0, 0, RAW_LOST } }, 1, 0, 1 },
	{ "several targets", {
		{ 5, 0, 4096, 8192, 2, 0, 0, 0 },
		{ 5, 0, 8192, 12288, 2, 0, 0, 0 },
		{ 5, 1, 4096, 8192, 1, 0, 0, 0 },
		{ 5, 7, 4096, 8192, 1, 0, 0, 0 } }, 3, 0, 0 },
	{ "another target in between", {
		{ 5, 0, 4096, 8192, 2, 0, 0, 0 },
		{ 5, 1, 4096, 8192, 1, 0, 0, 0 } }, 1, 1, 0 },
	{ "an empty region", { { 5, 0, 4096, 4096, 1, 0, 0, 0 } }, 0, 0, 0 },
	{ "largest numbers", {
		{ 5, U64_MAX, 0, U64_MAX, 1, U32_MAX, U32_MAX, 0 } }, 1, 0, 0 },
};

static void test_cases(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct step *step = cases[i].steps;
		struct collector c = COLLECTOR;
		struct trace_assembly a;
		struct raw_page page;
		bool good = true;
		u64 last_ns = 0;

		assembly_begin(&a);
		raw_begin(&page, step->time_ns, step->lost);
		for (; step->nr_regions; step++) {
			if (step->lost && step != cases[i].steps) {
				good &= assemble(&a, &page, &c);
				raw_begin(&page, step->time_ns, step->lost);
			}
			raw_region(&page, step->time_ns, step->target,
				   step->nr_regions, step->start, step->end,
				   step->nr_accesses, step->age);
			last_ns = step->time_ns;
		}
		good &= assemble(&a, &page, &c);
		ok(good && c.nr_snapshots == cases[i].nr_snapshots &&
		   a.nr_dropped_snapshots == cases[i].dropped &&
		   a.nr_lost_events == cases[i].lost && a.time_ns == last_ns &&
		   (!c.nr_snapshots || (c.last.end == step[-1].end &&
					c.last.age == step[-1].age)),
		   "a trace with %s", cases[i].name);
		trace_assembly_free(&a);
	}
}

static void test_other_events(void)
{
	static const u8 other[64] = { 1, 2, 3 };
	static const unsigned short cut_off[2] = { RAW_AGGREGATED };
	static const u8 huge[400];
	struct collector c = COLLECTOR;
	struct trace_assembly a;
	struct raw_page page;
	u32 padding = 29 | 9 << 5;

	assembly_begin(&a);
	raw_begin(&page, 1000, 0);
	raw_add(&page, 1000, other, sizeof(other));
	raw_add(&page, 1000, cut_off, sizeof(cut_off));
	raw_add(&page, 1001, huge, sizeof(huge));
	/* an event that the kernel took back */
	raw_add(&page, 1010, other, 8);
	memcpy(page.bytes + RAW_DATA + page.len - 12, &padding, 4);
	padding = 4;
	memcpy(page.bytes + RAW_DATA + page.len - 8, &padding, 4);
	page.len -= 4;
	raw_tune(&page, 1020, 12345);
	raw_region(&page, 1030, 0, 1, 4096, 8192, 1, 2);
	ok(assemble(&a, &page, &c) && c.nr_tuned == 1 && c.sample_us == 12345 &&
	   c.nr_snapshots == 1 && c.to_ns[0] == 1030,
	   "events of others are skipped");
	trace_assembly_free(&a);

	assembly_begin(&a);
	a.addr_unit = 4096;
	raw_begin(&page, 1000, 0);
	raw_region(&page, 1030, 0, 1, 1, 3, 1, 2);
	raw_region(&page, 1040, 0, 1, 1, U64_MAX, 1, 2);
	ok(assemble(&a, &page, &c) && c.nr_snapshots == 2 &&
	   c.last.start == 4096 && c.last.end == 3 * KIB4,
	   "addresses in units of pages");
	trace_assembly_free(&a);
}

static void feed(int pipe, struct raw_page *page)
{
	if (write(pipe, page->bytes, RAW_PAGE) != RAW_PAGE)
		exit(99);
}

/* A kdamond that goes from CPU to CPU with each region, even in a snapshot. */
static void test_cpus(void)
{
	enum { NR_PIPES = 3, NR = 60 };
	struct collector c = COLLECTOR;
	struct trace_cpu cpus[NR_PIPES] = {};
	struct trace trace = {
		.layout = layout, .nr_cpus = NR_PIPES, .cpus = cpus,
	};
	struct raw_page page[NR_PIPES];
	int ends[NR_PIPES][2], i;
	struct timespec now;
	bool in_order = true;
	u64 now_ns;

	assembly_begin(&trace.assembly);
	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ns = now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
	for (i = 0; i < NR_PIPES; i++) {
		if (pipe2(ends[i], O_NONBLOCK))
			exit(99);
		cpus[i].pipe = ends[i][0];
		raw_begin(&page[i], now_ns - NR, 0);
	}
	ok(!trace_read(&trace, &c.sink) && !c.nr_snapshots, "CPUs without events");
	for (i = 0; i < NR; i++) {
		/* some of them in the same page, some not */
		int cpu = i * i % NR_PIPES;

		raw_region(&page[cpu], now_ns - NR + i, 0, 2,
			   KIB4 * (1 + i % 2), KIB4 * (2 + i % 2), i, 0);
		if (i % 7)
			continue;
		feed(ends[cpu][1], &page[cpu]);
		raw_begin(&page[cpu], now_ns - NR + i, 0);
	}
	for (i = 0; i < NR_PIPES; i++)
		feed(ends[i][1], &page[i]);
	ok(!trace_read(&trace, &c.sink) && c.nr_snapshots == NR / 2 &&
	   c.nr_regions == NR && !trace.assembly.nr_dropped_snapshots,
	   "a kdamond that changes its CPU");
	for (i = 1; i < c.nr_snapshots; i++)
		in_order &= c.to_ns[i] > c.to_ns[i - 1];
	ok(in_order, "... its snapshots are in order");

	/* what is younger than the look at empty CPUs has to wait */
	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ns = now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
	raw_begin(&page[1], now_ns, 0);
	raw_region(&page[1], now_ns + 50 * NSEC_PER_MSEC, 0, 2, 8192, 12288, 0, 0);
	feed(ends[1][1], &page[1]);
	i = trace_read(&trace, &c.sink);
	ok(!i && c.nr_regions == NR, "an event of the future waits");
	raw_begin(&page[2], now_ns, 0);
	raw_region(&page[2], now_ns + 1, 0, 2, 4096, 8192, 0, 0);
	feed(ends[2][1], &page[2]);
	nanosleep(&(struct timespec){ .tv_nsec = 60 * NSEC_PER_MSEC }, NULL);
	ok(!trace_read(&trace, &c.sink) && c.nr_regions == NR + 2 &&
	   !trace.assembly.nr_dropped_snapshots, "... for an older one");

	for (i = 0; i < NR_PIPES; i++) {
		close(ends[i][0]);
		close(ends[i][1]);
		free(cpus[i].page.bytes);
	}
	free(trace.spare);
	trace_assembly_free(&trace.assembly);
}

int main(void)
{
	test_formats();
	test_cases();
	test_other_events();
	test_cpus();
	return tap_done();
}
