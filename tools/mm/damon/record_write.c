// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "record_format.h"

static size_t put_varint(u8 *p, u64 val)
{
	size_t len = 0;

	while (val >= 0x80) {
		p[len++] = val | 0x80;
		val >>= 7;
	}
	p[len++] = val;
	return len;
}

static bool writer_reserve(struct record_writer *w, size_t capacity)
{
	u8 *frame;

	if (capacity <= w->capacity)
		return true;
	frame = realloc(w->frame, capacity);
	if (!frame)
		return false;
	w->frame = frame;
	w->capacity = capacity;
	return true;
}

static bool writer_flush(struct record_writer *w, const u8 *bytes, size_t len)
{
	w->nr_bytes += len;
	return fwrite(bytes, 1, len, w->file) == len;
}

/* The payload is in w->frame.  Frames reach the file whole, one by one. */
static bool put_frame(struct record_writer *w, u8 type)
{
	u8 head[1 + VARINT_MAX_LEN], sum[SUM_LEN];

	head[0] = type;
	frame_sum(sum, type, w->frame, w->len);
	return writer_flush(w, head, 1 + put_varint(head + 1, w->len)) &&
		writer_flush(w, w->frame, w->len) &&
		writer_flush(w, sum, sizeof(sum)) && !fflush(w->file);
}

static size_t put_escaped(u8 *p, const char *text)
{
	u8 *start = p;

	for (; *text; text++) {
		unsigned char c = *text;

		if (c < ' ' || c == '%' || c >= 0x7f)
			p += sprintf((char *)p, "%%%02X", c);
		else
			*p++ = c;
	}
	return p - start;
}

/* meta is what the keys of this type are offsets in. */
static bool put_meta(struct record_writer *w, u8 type, const void *meta)
{
	const struct meta_key *key;

	/* each character may become three */
	if (!writer_reserve(w, NR_META_KEYS * 4 * RECORD_TEXT_LEN))
		return false;
	w->len = 0;
	for (key = meta_keys; key < meta_keys + NR_META_KEYS; key++) {
		const void *member = (const char *)meta + key->offset;

		if (key->frame != type)
			continue;
		w->len += sprintf((char *)w->frame + w->len, "%s=", key->name);
		if (key->is_text)
			w->len += put_escaped(w->frame + w->len, member);
		else
			w->len += sprintf((char *)w->frame + w->len, "%llu",
					  *(const u64 *)member);
		w->frame[w->len++] = '\n';
	}
	return put_frame(w, type);
}

bool record_begin(struct record_writer *w, FILE *file,
		  const struct record_meta *meta)
{
	static const u8 preamble[RECORD_PREAMBLE_LEN] = {
		'D', 'A', 'M', 'O', 'N', 'R', 'E', 'C', RECORD_VERSION, 0,
		RECORD_ORDER_MARK & 0xff, RECORD_ORDER_MARK >> 8,
	};

	*w = (struct record_writer){ .file = file };
	return writer_flush(w, preamble, sizeof(preamble)) &&
		put_meta(w, FRAME_HEADER, meta);
}

static bool put_numbers(struct record_writer *w, u8 type, const u64 *val,
			size_t nr)
{
	size_t i;

	if (!writer_reserve(w, nr * VARINT_MAX_LEN))
		return false;
	w->len = 0;
	for (i = 0; i < nr; i++)
		w->len += put_varint(w->frame + w->len, val[i]);
	return put_frame(w, type);
}

bool record_put_intervals(struct record_writer *w, u64 time_ns, u64 sample_us,
			  u64 aggr_us)
{
	const u64 val[] = { time_ns, sample_us, aggr_us };

	return put_numbers(w, FRAME_INTERVALS, val, ARRAY_SIZE(val));
}

bool record_put_lost(struct record_writer *w, u64 time_ns, u64 nr_events)
{
	const u64 val[] = { time_ns, nr_events };

	return put_numbers(w, FRAME_LOST, val, ARRAY_SIZE(val));
}

bool record_put_target(struct record_writer *w, const struct record_target *t)
{
	return put_meta(w, FRAME_TARGET, t);
}

static unsigned int common_shift(const struct snapshot *snap)
{
	u64 bits = 0;
	u32 i;

	for (i = 0; i < snap->nr_regions; i++)
		bits |= snap->regions[i].start | snap->regions[i].end;
	return bits ? __builtin_ctzll(bits) : 0;
}

bool record_put_snapshot(struct record_writer *w, const struct snapshot *snap)
{
	unsigned int shift = common_shift(snap);
	u64 end = 0;
	u8 *p;
	u32 i;

	if (!writer_reserve(w, (4 + 4 * (size_t)snap->nr_regions) *
			    VARINT_MAX_LEN))
		return false;
	p = w->frame;
	p += put_varint(p, snap->to_ns);
	p += put_varint(p, snap->target);
	p += put_varint(p, shift);
	p += put_varint(p, snap->nr_regions);
	for (i = 0; i < snap->nr_regions; i++) {
		const struct region *r = &snap->regions[i];

		p += put_varint(p, (r->start - end) >> shift);
		p += put_varint(p, (r->end - r->start) >> shift);
		p += put_varint(p, r->nr_accesses);
		p += put_varint(p, r->age);
		end = r->end;
	}
	w->len = p - w->frame;
	w->nr_snapshots++;
	w->nr_regions += snap->nr_regions;
	return put_frame(w, FRAME_SNAPSHOT);
}

bool record_end(struct record_writer *w, const struct record_meta *meta)
{
	return put_meta(w, FRAME_TRAILER, meta);
}

void record_writer_free(struct record_writer *w)
{
	free(w->frame);
	*w = (struct record_writer){};
}
