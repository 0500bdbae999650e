/* SPDX-License-Identifier: GPL-2.0 */
/* Makes what trace_pipe_raw and the files about it hold, as a 64-bit kernel. */
#ifndef DAMON_TOOL_RAW_H
#define DAMON_TOOL_RAW_H

#include <string.h>

#include "types.h"

#define RAW_PAGE	4096
#define RAW_DATA	16
#define RAW_AGGREGATED	346
#define RAW_TUNED	347
#define RAW_LOST	(1ULL << 31)
#define RAW_STORED	(1ULL << 30)

static const char raw_header_page[] =
	"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
	"\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
	"\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
	"\tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;\n";

#define RAW_COMMON							\
	"format:\n"							\
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n" \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n" \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static const char raw_aggregated[] =
	"name: damon_aggregated\nID: 346\n" RAW_COMMON
	"\tfield:unsigned long target_id;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned int nr_regions;\toffset:16;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned long start;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long end;\toffset:32;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned int nr_accesses;\toffset:40;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned int age;\toffset:44;\tsize:4;\tsigned:0;\n\n"
	"print fmt: \"target_id=%lu nr_regions=%u %lu-%lu: %u %u\","
	" REC->target_id, REC->nr_regions, REC->start, REC->end, REC->nr_accesses, REC->age\n";

static const char raw_tuned[] =
	"name: damon_monitor_intervals_tune\nID: 347\n" RAW_COMMON
	"\tfield:unsigned long sample_us;\toffset:8;\tsize:8;\tsigned:0;\n\n"
	"print fmt: \"sample_us=%lu\", REC->sample_us\n";

struct raw_page {
	u8 bytes[RAW_PAGE];
	size_t len;		/* of the data */
	u64 time_ns;		/* of the last event */
};

/* lost: 0, or events lost before, or RAW_LOST for an unknown number */
static inline void raw_begin(struct raw_page *page, u64 time_ns, u64 lost)
{
	u64 commit = lost ? RAW_LOST | (lost < RAW_LOST ? RAW_STORED : 0) : 0;

	memset(page->bytes, 0, RAW_PAGE);
	memcpy(page->bytes, &time_ns, 8);
	memcpy(page->bytes + 8, &commit, 8);
	if (commit & RAW_STORED)
		memcpy(page->bytes + RAW_DATA, &lost, 8);
	page->len = 0;
	page->time_ns = time_ns;
}

/* False if there is no room. */
static inline bool raw_add(struct raw_page *page, u64 time_ns, const void *data,
			   size_t len)
{
	struct { u32 type:5, delta:27; u32 more; } head = {};
	u64 delta = time_ns - page->time_ns, commit, lost = 0;
	u8 *at;

	/* with an extension of the time, and the number of lost events behind */
	if (RAW_DATA + page->len + 8 + 8 + len + 8 > RAW_PAGE)
		return false;
	memcpy(&commit, page->bytes + 8, 8);
	at = page->bytes + RAW_DATA + page->len;
	if (commit & RAW_STORED)
		memcpy(&lost, at, 8);
	if (delta >> 27) {
		head.type = 30;
		head.delta = delta;
		head.more = delta >> 27;
		memcpy(at, &head, 8);
		at += 8;
		delta = 0;
	}
	head.type = len / 4 <= 28 ? len / 4 : 0;
	head.delta = delta;
	head.more = len + 4;
	memcpy(at, &head, head.type ? 4 : 8);
	at += head.type ? 4 : 8;
	memcpy(at, data, len);
	at += len;
	page->time_ns = time_ns;
	page->len = at - page->bytes - RAW_DATA;
	commit = (commit & (RAW_LOST | RAW_STORED)) | page->len;
	memcpy(page->bytes + 8, &commit, 8);
	if (commit & RAW_STORED)
		memcpy(at, &lost, 8);
	return true;
}

static inline bool raw_region(struct raw_page *page, u64 time_ns, u64 target,
			      u32 nr_regions, u64 start, u64 end,
			      u32 nr_accesses, u32 age)
{
	struct {
		unsigned short type;
		u8 flags, preempt;
		u32 pid;
		u64 target;
		u32 nr_regions, hole;
		u64 start, end;
		u32 nr_accesses, age;
	} event = {
		RAW_AGGREGATED, 0, 0, 77, target, nr_regions, 0, start, end,
		nr_accesses, age,
	};

	return raw_add(page, time_ns, &event, sizeof(event));
}

static inline bool raw_tune(struct raw_page *page, u64 time_ns, u64 sample_us)
{
	struct {
		unsigned short type;
		u8 flags, preempt;
		u32 pid;
		u64 sample_us;
	} event = { RAW_TUNED, 0, 0, 77, sample_us };

	return raw_add(page, time_ns, &event, sizeof(event));
}

#endif
