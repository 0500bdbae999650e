/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What there is below admin of DAMON's sysfs directory: a row a file, or
 * directory.  Everything else about set-ups follows from these tables.
 */
#ifndef DAMON_TOOL_SETUP_SCHEMA_H
#define DAMON_TOOL_SETUP_SCHEMA_H

#include "types.h"

enum setup_kind {
	SETUP_DIR,
	SETUP_LIST,		/* directory of numbered ones, with a count */
	SETUP_SHOWN,		/* file that is only read */
	SETUP_SWITCH,		/* Y or N */
	SETUP_NUMBER,
	SETUP_INTEGER,		/* may be negative */
	SETUP_US,		/* time in microseconds */
	SETUP_MS,
	SETUP_SIZE,
	SETUP_ADDRESS,
	SETUP_PERMILLE,
	SETUP_BP,		/* 1/10000 */
	SETUP_ACCESSES,		/* of the samples in an aggregation interval */
	SETUP_AGE,		/* aggregation intervals */
	SETUP_GOAL,		/* its unit depends on target_metric */
	SETUP_WORD,		/* one of .words */
	SETUP_PATH,
	NR_SETUP_KINDS,
};

struct setup_row {
	const char *name;
	enum setup_kind kind;
	/* in a directory, or in each of a list; ends with a row without name */
	const struct setup_row *rows;
	const char *count;	/* of a list: the file that holds the number */
	const char *const *words;
	const char *initial;	/* what the kernel's file holds at first */
	const char *assumed;	/* what is written if nothing is given */
	const char *hint;	/* of what is only read: what may have been meant */
	u64 min, max;		/* of numbers, and lengths of lists; max 0: any */
	bool range;		/* the first two rows can be given as A..B */
	bool given;		/* of a list: the first need not be named */
	bool shown;		/* in a printed set-up even if as it was at first */
};

/* Holds "kdamonds". */
extern const struct setup_row setup_root;

static inline bool setup_is_dir(const struct setup_row *row)
{
	return row->kind == SETUP_DIR || row->kind == SETUP_LIST;
}

/* The row of that name, or NULL. */
const struct setup_row *setup_row_find(const struct setup_row *rows,
				       const char *name, size_t len);

#define SETUP_MAX_STEPS	8

/* How to get from a directory to one of its rows, the last step. */
struct setup_way {
	unsigned int nr;
	const struct setup_row *step[SETUP_MAX_STEPS];
};

/*
 * Rows of that name in a directory, or else further down where there is no
 * choice of numbers: returns how many, and the first max of the ways to them.
 */
unsigned int setup_find_ways(const struct setup_row *rows, const char *name,
			     size_t len, struct setup_way *ways,
			     unsigned int max);
/* "access_pattern/sz/min" */
void setup_way_text(const struct setup_way *way, char *text, size_t len);
/*
 * For a name that is not known there: what may have been meant, as the end of
 * a sentence.
 */
void setup_guess(const struct setup_row *rows, const char *name, size_t name_len,
		 char *text, size_t len);

#endif
