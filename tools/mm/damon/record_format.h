/* SPDX-License-Identifier: GPL-2.0 */
/* What writer and reader of records must agree on; record.h describes it. */
#ifndef DAMON_TOOL_RECORD_FORMAT_H
#define DAMON_TOOL_RECORD_FORMAT_H

#include "record.h"

#define RECORD_MAGIC		"DAMONREC"
#define RECORD_VERSION		1
#define RECORD_ORDER_MARK	0x1234
#define RECORD_PREAMBLE_LEN	12

#define FRAME_HEADER		'H'
#define FRAME_SNAPSHOT		'S'
#define FRAME_INTERVALS		'I'
#define FRAME_LOST		'L'
#define FRAME_TARGET		'T'
#define FRAME_TRAILER		'E'

#define FRAME_MAX_LEN		(64U << 20)
#define VARINT_MAX_LEN		10
#define SUM_LEN			4
#define REGION_MIN_LEN		4

/* A line of the header, the trailer or a target. */
struct meta_key {
	const char *name;
	size_t offset;		/* in struct record_meta or record_target */
	bool is_text;		/* RECORD_TEXT_LEN bytes, else u64 */
	char frame;
};

#define NR_META_KEYS	22

extern const struct meta_key meta_keys[NR_META_KEYS];

/* The checksum behind a frame. */
void frame_sum(u8 sum[SUM_LEN], u8 type, const u8 *payload, size_t len);

#endif
