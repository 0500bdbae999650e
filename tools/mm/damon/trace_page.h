/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages of the kernel's ring buffer, as trace_pipe_raw gives them: a time, the
 * length of what follows, and events.  Where things are in them is not known
 * but read from the files that the kernel describes them with.
 */
#ifndef DAMON_TOOL_TRACE_PAGE_H
#define DAMON_TOOL_TRACE_PAGE_H

#include "types.h"

#define TRACE_MAX_FIELDS	8
#define TRACE_MAX_PAGE		(1U << 20)

struct trace_field {
	u32 offset;
	u32 size;
};

/* Of events/header_page */
struct trace_layout {
	struct trace_field commit;
	u32 data;		/* offset of the first event */
	u32 page_len;
};

/* Of events/damon/EVENT/format */
struct trace_event {
	const char *name;
	const char *const *fields;	/* names, up to NULL */
	u64 id;
	u32 len;			/* of all of it that is wanted */
	struct trace_field type;	/* holds the id */
	struct trace_field at[TRACE_MAX_FIELDS];
};

struct trace_page {
	u8 *bytes;
	size_t next, end;	/* what was not looked at */
	/* the present event, if there is one */
	const u8 *event;
	size_t event_len;
	u64 time_ns;		/* of it, or of the last one */
	/*
	 * Events were lost before this page, 0: an unknown number; until whoever
	 * takes note of it clears it.
	 */
	bool lost;
	u64 nr_lost;
};

/* False if the text does not say all that is needed, or nonsense. */
bool trace_layout_parse(struct trace_layout *layout, const char *text);
bool trace_event_parse(struct trace_event *event, const char *text);

/* page->bytes has a page of len bytes; makes its first event the present one. */
void trace_page_begin(struct trace_page *page,
		      const struct trace_layout *layout, size_t len);
/* Goes on to the next event; false, and page->event is NULL, at the end. */
bool trace_page_next(struct trace_page *page);
/* True if it is such an event, and whole. */
bool trace_page_is(const struct trace_page *page,
		   const struct trace_event *event);

/* A number in the present event; what is out of it is 0. */
u64 trace_value(const u8 *bytes, size_t len, struct trace_field field);

#endif
