/* SPDX-License-Identifier: GPL-2.0 */
/* Values of set-ups, as people write them and as the kernel takes them. */
#ifndef DAMON_TOOL_SETUP_VALUE_H
#define DAMON_TOOL_SETUP_VALUE_H

#include "setup_schema.h"
#include "units.h"

/* What the units of some values depend on. */
struct setup_units {
	u64 sample_us;
	u64 aggr_us;
	bool tuned;		/* the intervals do not stay as they are */
	const char *metric;	/* target_metric of a goal */
};

/* "a time, such as 5ms" */
void setup_value_wanted(const struct setup_row *row, char *text, size_t len);

/*
 * Turns text into what the kernel takes, which is the text itself if value is
 * empty after that.  If it is wrong, false, and in why what would be right.
 */
bool setup_value_parse(const struct setup_row *row, const char *text,
		       const struct setup_units *units, char value[UNIT_LEN],
		       char *why, size_t len);
/* The other way: exact, with units. */
void setup_value_print(FILE *out, const struct setup_row *row,
		       const char *value);

#endif
