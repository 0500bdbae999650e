/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The record file, version 1
 * ==========================
 *
 *   bytes 0-7    "DAMONREC"
 *   bytes 8-9    version, u16
 *   bytes 10-11  byte order mark, u16 0x1234
 *   then         frames
 *
 * Fixed-size numbers are little endian.  A varint is seven bits a byte, least
 * significant group first, top bit set on all bytes but the last.
 *
 *   frame:  type (one byte, a letter), length of the payload (varint),
 *           payload, FNV-1a of type and payload (u32)
 *
 *   'H'  header, the first frame: lines of "key=value".  Keys carry their unit
 *        in the name; unknown keys are skipped.  In values, control bytes,
 *        '%' and bytes from 0x7f on are written as %XX.
 *   'S'  one snapshot of one target; its end is never before that of the last:
 *           varints: end of the interval (CLOCK_MONOTONIC, ns), target,
 *                    address shift, number of regions
 *           each region, varints: (start - previous end) >> shift,
 *                    (end - start) >> shift, nr_accesses, age
 *   'I'  the intervals were tuned; varints: time (ns), sample_us, aggr_us,
 *        valid for the snapshots after it
 *   'L'  events were lost; varints: time (ns), events (0: unknown number)
 *   'T'  who a target is: lines like the header's, of target (its index), pid
 *        and command.  May come any time, the newest one counts.  Targets
 *        without one are the header's pid and command.
 *   'E'  trailer, the last frame: lines like the header's
 *
 * Types that a reader does not know are skipped.  A file that was cut off, or
 * whose rest is damaged, is good up to its last whole frame.
 *
 * A region costs 4 bytes at least and 5 to 7 mostly.  At page granularity in 47
 * bits of addresses, distance and size take 5 bytes at most each, the age 5
 * and the counter 1 (up to 127 samples an aggregation): never more than 16.
 * With more samples the counter takes 2; but only 128 distances and sizes of a
 * snapshot can be long enough for their fifth byte, so that from 128 regions
 * on it still holds.  A snapshot costs 35 bytes at most besides, 19 mostly.
 */
#ifndef DAMON_TOOL_RECORD_H
#define DAMON_TOOL_RECORD_H

#include <stdio.h>

#include "snapshot.h"

#define RECORD_TEXT_LEN		256
#define RECORD_DEFAULT_FILE	"damon.rec"
#define RECORD_MAX_TARGETS	1024	/* that a reader tells apart */

/* Header and trailer; record.c has the table of their lines. */
struct record_meta {
	/* header */
	char tool[RECORD_TEXT_LEN];
	char kernel[RECORD_TEXT_LEN];	/* uname -r */
	char ops[RECORD_TEXT_LEN];
	u64 pid;
	char command[RECORD_TEXT_LEN];
	u64 start_mono_ns;
	u64 start_unix_s;
	u64 sample_us;
	u64 aggr_us;
	u64 update_us;
	u64 min_regions;
	u64 max_regions;
	u64 kdamond_pid;
	/* trailer */
	u64 end_mono_ns;
	char end_reason[RECORD_TEXT_LEN];
	u64 nr_snapshots;
	u64 nr_lost_events;
	u64 nr_dropped_snapshots;
	u64 kdamond_cpu_ns;
};

struct record_target {
	u64 target;		/* index, as in snapshots */
	u64 pid;		/* 0: none, or the header's */
	char command[RECORD_TEXT_LEN];
	/* of the reader's present pass */
	u64 nr_snapshots;
	u64 to_ns;		/* end of the newest snapshot */
};

struct record_writer {
	FILE *file;
	u8 *frame;		/* being built */
	size_t len, capacity;
	u64 nr_snapshots, nr_regions, nr_bytes;
};

/* These return false, with errno set, when the file cannot take it. */
bool record_begin(struct record_writer *w, FILE *file,
		  const struct record_meta *meta);
bool record_put_snapshot(struct record_writer *w, const struct snapshot *snap);
bool record_put_intervals(struct record_writer *w, u64 time_ns, u64 sample_us,
			  u64 aggr_us);
bool record_put_lost(struct record_writer *w, u64 time_ns, u64 nr_events);
/* Only for records of several targets; those of one need the header only. */
bool record_put_target(struct record_writer *w, const struct record_target *t);
bool record_end(struct record_writer *w, const struct record_meta *meta);
void record_writer_free(struct record_writer *w);

struct record_reader {
	struct snapshot_source source;
	FILE *file;
	struct record_meta meta;
	long first_frame;	/* file offset behind the header */
	u8 *frame;
	size_t capacity;
	/* all that passes came across so far, by index */
	struct record_target *targets;
	unsigned int nr_targets;
	/* state of one pass over the file */
	u64 sample_us, aggr_us;
	u64 time_ns;
	u64 nr_lost_events;
	bool ended;		/* saw the trailer */
	const char *damage;	/* why the pass ended early, or NULL */
};

/* Reads the header.  Returns an exit status, having said what is wrong. */
int record_open(struct record_reader *r, const char *path);
/* Same for a stream that can be rewound; takes it over. */
int record_open_file(struct record_reader *r, FILE *file, const char *name);
/* Next snapshot of any target; false at the end. */
bool record_next(struct record_reader *r, struct snapshot *snap);
void record_rewind(struct record_reader *r);
/* One of the targets that were come across, or NULL. */
struct record_target *record_find_target(const struct record_reader *r,
					 u64 target);
void record_close(struct record_reader *r);
/* Warns, if the last pass found the file cut off or damaged. */
void record_warn(const struct record_reader *r, const char *name);

#endif
