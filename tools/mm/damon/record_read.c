// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "record_format.h"
#include "units.h"

struct cursor {
	const u8 *p;
	const u8 *end;
};

static bool get_varint(struct cursor *c, u64 *val)
{
	unsigned int shift;

	*val = 0;
	for (shift = 0; shift < 64 && c->p < c->end; shift += 7) {
		u64 bits = *c->p & 0x7f;

		if (bits << shift >> shift != bits)
			return false;
		*val |= bits << shift;
		if (!(*c->p++ & 0x80))
			return true;
	}
	return false;
}

static bool get_varint_u32(struct cursor *c, u32 *val)
{
	u64 wide;

	if (!get_varint(c, &wide) || wide > U32_MAX)
		return false;
	*val = wide;
	return true;
}

static int hex_digit(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Values longer than the member are cut; a NUL cannot come in. */
static bool get_escaped(char *text, const u8 *p, const u8 *end)
{
	size_t len = 0;

	for (; p < end; p++) {
		int c = *p;

		if (c == '%') {
			if (end - p < 3 || hex_digit(p[1]) < 0 ||
			    hex_digit(p[2]) < 0)
				return false;
			c = hex_digit(p[1]) << 4 | hex_digit(p[2]);
			p += 2;
		}
		if (!c)
			return false;
		if (len < RECORD_TEXT_LEN - 1)
			text[len++] = c;
	}
	text[len] = '\0';
	return true;
}

static bool get_number(u64 *val, const u8 *p, const u8 *end)
{
	char text[UNIT_LEN];

	if ((size_t)(end - p) >= sizeof(text))
		return false;
	memcpy(text, p, end - p);
	text[end - p] = '\0';
	return parse_u64(text, val);
}

/* meta is what the keys of this type are offsets in. */
static bool get_meta(struct cursor *c, char type, void *meta)
{
	while (c->p < c->end) {
		const u8 *line = c->p, *value, *end;
		const struct meta_key *key;
		size_t i;

		end = memchr(line, '\n', c->end - line);
		if (!end)
			return false;
		value = memchr(line, '=', end - line);
		if (!value)
			return false;
		for (i = 0; i < NR_META_KEYS; i++) {
			void *member;

			key = &meta_keys[i];
			member = (char *)meta + key->offset;
			if (key->frame != type ||
			    strlen(key->name) != (size_t)(value - line) ||
			    memcmp(key->name, line, value - line))
				continue;
			if (key->is_text) {
				if (!get_escaped(member, value + 1, end))
					return false;
			} else if (!get_number(member, value + 1, end)) {
				return false;
			}
		}
		c->p = end + 1;
	}
	return true;
}

/* Grows with what the file really holds, not with what it claims. */
static bool read_payload(struct record_reader *r, size_t len)
{
	size_t have = 0;

	while (have < len) {
		size_t want = len - have > 65536 ? 65536 : len - have;

		if (r->capacity < have + want) {
			size_t capacity = 2 * (have + want);
			u8 *frame = realloc(r->frame, capacity);

			if (!frame) {
				r->damage = "it needs too much memory";
				return false;
			}
			r->frame = frame;
			r->capacity = capacity;
		}
		if (fread(r->frame + have, 1, want, r->file) != want)
			return false;
		have += want;
	}
	return true;
}

static bool read_frame(struct record_reader *r, int *type, struct cursor *c)
{
	u8 sum[SUM_LEN], expected[SUM_LEN];
	u64 len = 0;
	unsigned int shift;
	int byte;

	*type = getc(r->file);
	if (*type == EOF)
		goto cut_off;
	for (shift = 0; shift < 28; shift += 7) {
		byte = getc(r->file);
		if (byte == EOF)
			goto cut_off;
		len |= (u64)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			break;
	}
	if (shift >= 28 || len > FRAME_MAX_LEN) {
		r->damage = "it is damaged";
		return false;
	}
	if (!read_payload(r, len) ||
	    fread(sum, 1, sizeof(sum), r->file) != sizeof(sum))
		goto cut_off;
	frame_sum(expected, *type, r->frame, len);
	if (memcmp(sum, expected, sizeof(sum))) {
		r->damage = "it is damaged";
		return false;
	}
	c->p = r->frame;
	c->end = r->frame + len;
	return true;

cut_off:
	if (!r->damage)
		r->damage = ferror(r->file) ? "it cannot be read further" :
					      "it was cut off";
	return false;
}

static u32 reader_max_accesses(const struct record_reader *r)
{
	return clamp_u64(r->aggr_us / max_u64(r->sample_us, 1), 1, U32_MAX);
}

/* Where the target is or belongs in the sorted array. */
static unsigned int target_place(const struct record_reader *r, u64 target)
{
	unsigned int lo = 0, hi = r->nr_targets;

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;

		if (r->targets[mid].target < target)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct record_target *record_find_target(const struct record_reader *r,
					 u64 target)
{
	unsigned int i = target_place(r, target);

	return i < r->nr_targets && r->targets[i].target == target ?
		&r->targets[i] : NULL;
}

/* NULL if there are too many already, or no memory. */
static struct record_target *note_target(struct record_reader *r, u64 target)
{
	struct record_target *t = record_find_target(r, target);
	unsigned int i = target_place(r, target);

	if (t || r->nr_targets == RECORD_MAX_TARGETS)
		return t;
	/* grows by doubling: full whenever the number is a power of two */
	if (!(r->nr_targets & (r->nr_targets - 1))) {
		t = realloc(r->targets, sizeof(*t) *
			    (r->nr_targets ? 2 * r->nr_targets : 1));
		if (!t)
			return NULL;
		r->targets = t;
	}
	t = &r->targets[i];
	memmove(t + 1, t, (r->nr_targets++ - i) * sizeof(*t));
	*t = (struct record_target){ .target = target };
	return t;
}

static bool get_target(struct record_reader *r, struct cursor *c)
{
	struct record_target found = { .target = U64_MAX }, *t;

	if (!get_meta(c, FRAME_TARGET, &found))
		return false;
	t = note_target(r, found.target);
	if (t) {
		t->pid = found.pid;
		memcpy(t->command, found.command, sizeof(t->command));
	}
	return true;
}

/* The end of the target's previous snapshot, which is where this one begins. */
static u64 interval_start(struct record_reader *r, u64 target, u64 to_ns)
{
	struct record_target *t = note_target(r, target);
	u64 aggr_ns = min_u64(r->aggr_us, U64_MAX / NSEC_PER_USEC / 2) *
		      NSEC_PER_USEC;
	u64 from_ns = to_ns - min_u64(aggr_ns, to_ns);

	if (!t)
		return from_ns;
	/* after a hole, only the last interval is known */
	if (t->nr_snapshots && to_ns - t->to_ns <= 2 * aggr_ns)
		from_ns = t->to_ns;
	t->nr_snapshots++;
	t->to_ns = to_ns;
	return from_ns;
}

static bool get_region(struct cursor *c, struct region *region, u64 prev_end,
		       unsigned int shift)
{
	u64 gap, size;

	if (!get_varint(c, &gap) || !get_varint(c, &size) ||
	    !get_varint_u32(c, &region->nr_accesses) ||
	    !get_varint_u32(c, &region->age))
		return false;
	if (!size || gap << shift >> shift != gap ||
	    size << shift >> shift != size)
		return false;
	return !__builtin_add_overflow(prev_end, gap << shift,
				       &region->start) &&
		!__builtin_add_overflow(region->start, size << shift,
					&region->end);
}

static bool get_snapshot(struct record_reader *r, struct cursor *c,
			 struct snapshot *snap)
{
	u64 shift, nr, end = 0;
	u32 i;

	if (!get_varint(c, &snap->to_ns) || !get_varint(c, &snap->target) ||
	    !get_varint(c, &shift) || !get_varint(c, &nr))
		return false;
	if (snap->to_ns < r->time_ns || shift > 63 ||
	    nr > (u64)(c->end - c->p) / REGION_MIN_LEN)
		return false;
	if (!snapshot_reserve(snap, nr)) {
		r->damage = "it needs too much memory";
		return false;
	}
	for (i = 0; i < nr; i++) {
		if (!get_region(c, &snap->regions[i], end, shift))
			return false;
		end = snap->regions[i].end;
	}
	if (c->p != c->end)
		return false;
	snap->nr_regions = nr;
	snap->aggr_ns = min_u64(r->aggr_us, U64_MAX / NSEC_PER_USEC) *
			NSEC_PER_USEC;
	snap->max_accesses = reader_max_accesses(r);
	snap->from_ns = interval_start(r, snap->target, snap->to_ns);
	r->time_ns = snap->to_ns;
	return true;
}

bool record_next(struct record_reader *r, struct snapshot *snap)
{
	while (!r->ended && !r->damage) {
		u64 time_ns, nr;
		bool good = true;
		struct cursor c;
		int type;

		if (!read_frame(r, &type, &c))
			return false;
		switch (type) {
		case FRAME_SNAPSHOT:
			if (get_snapshot(r, &c, snap))
				return true;
			good = false;
			break;
		case FRAME_INTERVALS:
			good = get_varint(&c, &time_ns) &&
				get_varint(&c, &r->sample_us) &&
				get_varint(&c, &r->aggr_us);
			break;
		case FRAME_LOST:
			good = get_varint(&c, &time_ns) && get_varint(&c, &nr);
			r->nr_lost_events += good ? nr : 0;
			break;
		case FRAME_TARGET:
			good = get_target(r, &c);
			break;
		case FRAME_TRAILER:
			good = get_meta(&c, type, &r->meta);
			r->ended = good;
			break;
		}
		if (!good && !r->damage)
			r->damage = "it is damaged";
	}
	return false;
}

void record_rewind(struct record_reader *r)
{
	unsigned int i;

	clearerr(r->file);
	r->damage = fseek(r->file, r->first_frame, SEEK_SET) ?
		"it cannot be read twice" : NULL;
	r->sample_us = r->meta.sample_us;
	r->aggr_us = r->meta.aggr_us;
	for (i = 0; i < r->nr_targets; i++) {
		r->targets[i].nr_snapshots = 0;
		r->targets[i].to_ns = 0;
	}
	r->time_ns = 0;
	r->nr_lost_events = 0;
	r->ended = false;
}

static bool source_next(struct snapshot_source *src, struct snapshot *snap)
{
	return record_next((struct record_reader *)src, snap);
}

static void source_rewind(struct snapshot_source *src)
{
	record_rewind((struct record_reader *)src);
}

int record_open_file(struct record_reader *r, FILE *file, const char *name)
{
	u8 preamble[RECORD_PREAMBLE_LEN];
	struct cursor c;
	int type, status;

	*r = (struct record_reader){
		.source = { source_next, source_rewind },
		.file = file,
	};
	if (fread(preamble, 1, sizeof(preamble), file) != sizeof(preamble) ||
	    memcmp(preamble, RECORD_MAGIC, strlen(RECORD_MAGIC))) {
		if (ferror(file))
			status = fail(STATUS_BAD_FILE, "cannot read %s: %m",
				      name);
		else
			status = fail(STATUS_BAD_FILE,
				      "%s is no record of damon", name);
		goto close;
	}
	if ((preamble[10] | preamble[11] << 8) != RECORD_ORDER_MARK) {
		status = fail(STATUS_BAD_FILE, "%s has another byte order",
			      name);
		goto close;
	}
	if ((preamble[8] | preamble[9] << 8) != RECORD_VERSION) {
		status = fail(STATUS_BAD_FILE,
			      "%s has format version %d, only %d is known",
			      name, preamble[8] | preamble[9] << 8,
			      RECORD_VERSION);
		goto close;
	}
	if (!read_frame(r, &type, &c) || type != FRAME_HEADER ||
	    !get_meta(&c, type, &r->meta) ||
	    r->meta.sample_us > r->meta.aggr_us || !r->meta.aggr_us) {
		status = fail(STATUS_BAD_FILE, "%s has no good header%s%s",
			      name, r->damage ? ": " : "",
			      r->damage ? r->damage : "");
		goto close;
	}
	r->first_frame = ftell(file);
	if (r->first_frame < 0) {
		status = fail(STATUS_BAD_FILE, "%s cannot be read twice", name);
		goto close;
	}
	record_rewind(r);
	return 0;

close:
	record_close(r);
	return status;
}

/* Records are read more than once, which a pipe cannot. */
static FILE *copy_of_stdin(void)
{
	FILE *file = tmpfile();
	char bytes[4096];
	size_t len;

	if (!file)
		return NULL;
	while ((len = fread(bytes, 1, sizeof(bytes), stdin))) {
		if (fwrite(bytes, 1, len, file) != len)
			break;
	}
	if (!len && !ferror(stdin) && !fflush(file)) {
		rewind(file);
		return file;
	}
	fclose(file);
	return NULL;
}

int record_open(struct record_reader *r, const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *file = is_stdin ? copy_of_stdin() : fopen(path, "re");

	if (!file)
		return fail(STATUS_BAD_FILE, "cannot open %s: %m", path);
	return record_open_file(r, file, path);
}

void record_close(struct record_reader *r)
{
	fclose(r->file);
	free(r->frame);
	free(r->targets);
	*r = (struct record_reader){};
}

void record_warn(const struct record_reader *r, const char *name)
{
	if (r->damage)
		warn("%s ends early: %s; showing what is whole", name,
		     r->damage);
	if (r->nr_lost_events)
		warn("%s lacks %llu events that the kernel's buffer lost", name,
		     r->nr_lost_events);
}
