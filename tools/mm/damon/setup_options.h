/* SPDX-License-Identifier: GPL-2.0 */
/* What "damon start" and "damon tune" can be told, besides in a file. */
#ifndef DAMON_TOOL_SETUP_OPTIONS_H
#define DAMON_TOOL_SETUP_OPTIONS_H

#include "options.h"
#include "setup.h"

struct setup_config {
	unsigned int ops;
	struct number_list pids;
	struct range_list ranges;
	u64 sample_us;
	u64 aggr_us;
	u64 update_us;
	u64 min_regions;
	u64 max_regions;
	struct text_list schemes;
	struct text_list set;
	bool replace;
	bool dry_run;
	bool json;
	const char *root;
};

extern const char *const setup_ops_names[];
extern const struct setup_config setup_defaults;

#define SETUP_OPTION(_name, _type, _member, _help, ...) \
	DEFINE_OPTION(_name, _type, struct setup_config, _member, _help, \
		      ##__VA_ARGS__)

#define SETUP_OPTIONS							\
	SETUP_OPTION("pid", NUMBERS, pids,				\
		     "also monitor this process, may be repeated",	\
		     .letter = 'p', .value = "PID", .min = 1,		\
		     .max = 1 << 30),					\
	SETUP_OPTION("ops", CHOICE, ops,				\
		     "mappings, a --range of them, or RAM (vaddr)", \
		     .value = "vaddr|fvaddr|paddr",			\
		     .choices = setup_ops_names),			\
	SETUP_OPTION("range", RANGES, ranges,				\
		     "addresses for fvaddr and paddr, may be repeated",	\
		     .value = "START-END"),				\
	SETUP_OPTION("sample", TIME, sample_us,				\
		     "time between two checks of a region (5ms)",	\
		     .letter = 's', .value = "TIME", .min = 1),		\
	SETUP_OPTION("aggregate", TIME, aggr_us,			\
		     "time over which accesses are counted (100ms)",	\
		     .letter = 'a', .value = "TIME", .min = 1),		\
	SETUP_OPTION("update", TIME, update_us,				\
		     "time between two looks for new mappings (1m)",	\
		     .letter = 'u', .value = "TIME", .min = 1,		\
		     .manual_only = true),				\
	SETUP_OPTION("min-regions", NUMBER, min_regions,		\
		     "least number of regions (10)",			\
		     .value = "N", .min = 3),				\
	SETUP_OPTION("max-regions", NUMBER, max_regions,		\
		     "largest number of regions (1000)",		\
		     .value = "N", .min = 3),				\
	SETUP_OPTION("scheme", TEXTS, schemes,				\
		     "one more scheme, as in a file, may be repeated",	\
		     .value = "TEXT"),					\
	SETUP_OPTION("set", TEXTS, set,					\
		     "anything else, as in a file, may be repeated",	\
		     .value = "TEXT"),					\
	SETUP_OPTION("dry-run", FLAG, dry_run,				\
		     "print what would be written, and write nothing",	\
		     .letter = 'n'),					\
	SETUP_OPTION("json", FLAG, json, "... as JSON",			\
		     .manual_only = true),				\
	SETUP_OPTION("root", TEXT, root, "find sys and proc below DIR",	\
		     .value = "DIR", .manual_only = true)

/* What set-up files look like, for the manual page. */
#define SETUP_FILE_MANUAL						\
	"A set-up file has the words of DAMON's sysfs directory.  A file is " \
	"followed by its value on the same line, a directory by { and what " \
	"is in it and }.  Times, sizes and shares can have units, such as "	\
	"5ms, 2M and 20%; plain numbers are in the unit of the file.  "	\
	"\"#\" begins a comment, and what has blanks in it goes in quotes.\n\n" \
	"Where no numbers have to be chosen, directories in between may be " \
	"left out; so the kdamond and its context need no word, and "	\
	"\"age\" in a scheme is access_pattern/age.  Of numbered "		\
	"directories, such as schemes, each { } is one more, and "		\
	"\"schemes/0\" means the one with that number.  Where there are a " \
	"min and a max, or a start and an end, both fit in one value: "	\
	"A..B, A.. or ..B.  Limits of a pattern that are not given are "	\
	"open.\n\n"							\
	"The age of memory can be given as a time, and the accesses as a "	\
	"share of the samples; they are turned into what the kernel counts " \
	"in with the intervals of that set-up."

/*
 * Adds the options to a root, and checks it.  Wrong options are wrong usage,
 * but what is wrong in a file is said so.
 */
int setup_apply(struct node *root, const struct setup_config *config,
		const struct tree *tree, bool has_file);
/* What would be written, and commanded to the kdamonds after that. */
int setup_show_plan(const struct node *from, const struct node *to,
		    const char *command, bool as_json);

#endif
