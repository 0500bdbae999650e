/* SPDX-License-Identifier: GPL-2.0 */
/* Records as text for other programs. */
#ifndef DAMON_TOOL_CONVERT_H
#define DAMON_TOOL_CONVERT_H

#include "record.h"

enum convert_format {
	FORMAT_JSONL,	/* an object for each snapshot */
	FORMAT_TRACE,	/* a line for each region, as trace_pipe prints it */
	FORMAT_PERF,	/* as perf script does */
};

extern const char *const convert_format_names[];

/* All that is left in the record. */
void convert_record(FILE *out, struct record_reader *reader, const char *name,
		    enum convert_format to);

#endif
