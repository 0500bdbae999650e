// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "trace_page.h"
#include "units.h"

/* In the length of what a page holds: events were lost, and how many follows. */
#define COMMIT_LOST	(1U << 31)
#define COMMIT_STORED	(1U << 30)

/* Types of events above the longest one whose type is its length */
enum {
	TYPE_LONG = 0,		/* the length follows */
	TYPE_MAX_LEN = 28,	/* in words */
	TYPE_PADDING,
	TYPE_TIME_EXTEND,
	TYPE_TIME_STAMP,
};

#define WORD		4
#define DELTA_BITS	27
/* a stamp has no room for the upper bits */
#define STAMP_MASK	(31ULL << 59)

/* The bit fields are the kernel's own, which makes the byte order right. */
struct event_head {
	u32 type:5, delta:27;
};

/* "offset:8;" of the line that declares name */
static bool find_field(const char *text, const char *name,
		       struct trace_field *field)
{
	size_t len = strlen(name);
	const char *p = text;

	while ((p = strstr(p, name))) {
		const char *at = p + len;

		if (p == text || p[-1] != ' ' || *at != ';') {
			p = at;
			continue;
		}
		at += strspn(at, ";\t ");
		if (strncmp(at, "offset:", 7))
			return false;
		field->offset = strtoul(at + 7, (char **)&at, 10);
		at += strspn(at, ";\t ");
		if (strncmp(at, "size:", 5))
			return false;
		field->size = strtoul(at + 5, NULL, 10);
		return field->offset < TRACE_MAX_PAGE &&
			field->size < TRACE_MAX_PAGE;
	}
	return false;
}

static bool is_number(struct trace_field field)
{
	return field.size == 1 || field.size == 2 || field.size == 4 ||
		field.size == 8;
}

bool trace_layout_parse(struct trace_layout *layout, const char *text)
{
	struct trace_field data;

	if (!find_field(text, "commit", &layout->commit) ||
	    !find_field(text, "data", &data))
		return false;
	layout->data = data.offset;
	layout->page_len = data.offset + data.size;
	/* the time is the first thing */
	return (layout->commit.size == 4 || layout->commit.size == 8) &&
		layout->commit.offset >= sizeof(u64) &&
		layout->commit.offset + layout->commit.size <= layout->data &&
		layout->page_len > layout->data;
}

bool trace_event_parse(struct trace_event *event, const char *text)
{
	const char *id = strstr(text, "\nID: ");
	unsigned int i;

	if (!id || !find_field(text, "common_type", &event->type) ||
	    !is_number(event->type))
		return false;
	event->id = strtoul(id + 5, NULL, 10);
	event->len = 0;
	for (i = 0; event->fields[i]; i++) {
		struct trace_field *at = &event->at[i];

		if (!find_field(text, event->fields[i], at) || !is_number(*at))
			return false;
		event->len = max_u64(event->len, at->offset + at->size);
	}
	return true;
}

u64 trace_value(const u8 *bytes, size_t len, struct trace_field field)
{
	unsigned short two;
	u64 eight;
	u32 four;

	if (field.offset > len || field.size > len - field.offset)
		return 0;
	bytes += field.offset;
	switch (field.size) {
	case 1:
		return *bytes;
	case 2:
		memcpy(&two, bytes, sizeof(two));
		return two;
	case 4:
		memcpy(&four, bytes, sizeof(four));
		return four;
	case 8:
		memcpy(&eight, bytes, sizeof(eight));
		return eight;
	default:
		return 0;
	}
}

void trace_page_begin(struct trace_page *page,
		      const struct trace_layout *layout, size_t len)
{
	const struct trace_field time = { .size = sizeof(u64) };
	struct trace_field count;
	u64 commit = trace_value(page->bytes, len, layout->commit);
	u64 size = (u32)commit & ~(COMMIT_LOST | COMMIT_STORED);

	page->time_ns = trace_value(page->bytes, len, time);
	page->next = layout->data;
	page->end = min_u64(len, layout->data + size);
	if (commit & COMMIT_LOST)
		page->lost = true;
	if (commit & COMMIT_STORED) {
		count.offset = page->end;
		count.size = layout->commit.size;
		page->nr_lost += trace_value(page->bytes, len, count);
	}
	trace_page_next(page);
}

/* Moves page->next behind one event; false if the page has no whole one. */
static bool take_event(struct trace_page *page)
{
	const u8 *bytes = page->bytes + page->next;
	size_t left = page->end - page->next, len;
	struct event_head head;
	u32 word = 0;
	u64 stamp;

	page->event = NULL;
	if (page->next >= page->end || left < sizeof(head))
		return false;
	memcpy(&head, bytes, sizeof(head));
	bytes += sizeof(head);
	left -= sizeof(head);
	if (left >= WORD)
		memcpy(&word, bytes, WORD);
	switch (head.type) {
	case TYPE_LONG:
		/* it counts itself */
		if (word < WORD)
			return false;
		len = word;
		break;
	case TYPE_PADDING:
		/* the rest of the page, or an event that was taken back */
		if (!head.delta)
			return false;
		len = word;
		break;
	case TYPE_TIME_EXTEND:
	case TYPE_TIME_STAMP:
		len = WORD;
		break;
	default:
		len = head.type * WORD;
		break;
	}
	if (len > left)
		return false;
	page->next += sizeof(head) + ((len + WORD - 1) & ~(size_t)(WORD - 1));

	stamp = ((u64)word << DELTA_BITS) + head.delta;
	switch (head.type) {
	case TYPE_TIME_STAMP:
		page->time_ns = (page->time_ns & STAMP_MASK) |
				(stamp & ~STAMP_MASK);
		return true;
	case TYPE_TIME_EXTEND:
		page->time_ns += stamp;
		return true;
	}
	page->time_ns += head.delta;
	if (head.type == TYPE_PADDING)
		return true;
	page->event = head.type == TYPE_LONG ? bytes + WORD : bytes;
	page->event_len = head.type == TYPE_LONG ? len - WORD : len;
	return true;
}

bool trace_page_next(struct trace_page *page)
{
	do {
		if (!take_event(page))
			return false;
	} while (!page->event);
	return true;
}

bool trace_page_is(const struct trace_page *page,
		   const struct trace_event *event)
{
	return page->event_len >= event->len &&
		trace_value(page->event, page->event_len, event->type) ==
		event->id;
}
