// SPDX-License-Identifier: GPL-2.0
#include "record_format.h"

#define FNV_BASIS	2166136261U
#define FNV_PRIME	16777619U

#define TEXT_KEY(_frame, _name) \
	{ #_name, offsetof(struct record_meta, _name), true, _frame }
#define NUMBER_KEY(_frame, _name) \
	{ #_name, offsetof(struct record_meta, _name), false, _frame }
#define TARGET_KEY(_name, _is_text) \
	{ #_name, offsetof(struct record_target, _name), _is_text, FRAME_TARGET }

const struct meta_key meta_keys[NR_META_KEYS] = {
	TEXT_KEY(FRAME_HEADER, tool),
	TEXT_KEY(FRAME_HEADER, kernel),
	TEXT_KEY(FRAME_HEADER, ops),
	NUMBER_KEY(FRAME_HEADER, pid),
	TEXT_KEY(FRAME_HEADER, command),
	NUMBER_KEY(FRAME_HEADER, start_mono_ns),
	NUMBER_KEY(FRAME_HEADER, start_unix_s),
	NUMBER_KEY(FRAME_HEADER, sample_us),
	NUMBER_KEY(FRAME_HEADER, aggr_us),
	NUMBER_KEY(FRAME_HEADER, update_us),
	NUMBER_KEY(FRAME_HEADER, min_regions),
	NUMBER_KEY(FRAME_HEADER, max_regions),
	NUMBER_KEY(FRAME_HEADER, kdamond_pid),
	TARGET_KEY(target, false),
	TARGET_KEY(pid, false),
	TARGET_KEY(command, true),
	NUMBER_KEY(FRAME_TRAILER, end_mono_ns),
	TEXT_KEY(FRAME_TRAILER, end_reason),
	NUMBER_KEY(FRAME_TRAILER, nr_snapshots),
	NUMBER_KEY(FRAME_TRAILER, nr_lost_events),
	NUMBER_KEY(FRAME_TRAILER, nr_dropped_snapshots),
	NUMBER_KEY(FRAME_TRAILER, kdamond_cpu_ns),
};

void frame_sum(u8 sum[SUM_LEN], u8 type, const u8 *payload, size_t len)
{
	u32 hash = (FNV_BASIS ^ type) * FNV_PRIME;
	int i;

	while (len--)
		hash = (hash ^ *payload++) * FNV_PRIME;
	for (i = 0; i < SUM_LEN; i++)
		sum[i] = hash >> (8 * i);
}
