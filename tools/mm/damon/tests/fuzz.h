/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What fuzzers share: numbers that are the same in each run, and how long to go
 * on.  FUZZ_RUNS=N or FUZZ_S=SECONDS makes it longer.
 */
#ifndef DAMON_TOOL_FUZZ_H
#define DAMON_TOOL_FUZZ_H

#include <stdlib.h>
#include <time.h>

#include "types.h"

static u64 fuzz_seed = 88172645463325252ULL;

static inline u64 next_random(void)
{
	fuzz_seed ^= fuzz_seed << 13;
	fuzz_seed ^= fuzz_seed >> 7;
	fuzz_seed ^= fuzz_seed << 17;
	return fuzz_seed;
}

static inline u64 below(u64 limit)
{
	return next_random() % limit;
}

static inline bool fuzz_go_on(u64 run, u64 default_runs)
{
	const char *runs = getenv("FUZZ_RUNS"), *seconds = getenv("FUZZ_S");
	static time_t begun;

	if (!begun)
		begun = time(NULL);
	if (seconds)
		return time(NULL) - begun < strtol(seconds, NULL, 0);
	return run < (runs ? strtoull(runs, NULL, 0) : default_runs);
}

#endif
