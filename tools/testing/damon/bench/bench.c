// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: bench GUEST [PATTERN]...
 *
 * Runs the cases whose names match (* and ?), or all; of these, the ones that
 * are for that guest: see run.sh.
 *
 * Prints lines, with tabs in between:
 *   case CASE like what	before what it measured
 *   case figure unit value	what it measured
 *   case FAIL - why		if the kernel did not do its work
 */
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

static const struct bench_case * const tables[] = {
	access_cases,
	cost_cases,
	effect_cases,
	scheme_cases,
	command_cases,
	module_cases,
	idle_cases,
};

#define FIRST_GUEST	"large"

void report(const struct bench_case *c, const char *figure, const char *unit,
	    double value)
{
	printf("%s\t%s\t%s\t%.6g\n", c->name, figure, unit, value);
}

int broken(const struct bench_case *c, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("%s\tFAIL\t-\t", c->name);
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
	return -1;
}

static u64 clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

u64 now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

u64 own_cpu_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

void sleep_ms(unsigned int ms)
{
	const struct timespec ts = {
		.tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000L,
	};

	nanosleep(&ts, NULL);
}

u64 cpu_ns(pid_t pid)
{
	char path[64];
	FILE *file;
	u64 ns;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%llu", &ns) != 1)
		ns = 0;
	fclose(file);
	return ns;
}

static int by_value(const void *a, const void *b)
{
	double da = *(const double *)a, db = *(const double *)b;

	return da < db ? -1 : da > db;
}

double median(double *values, size_t nr)
{
	qsort(values, nr, sizeof(*values), by_value);
	return values[nr / 2];
}

static bool wanted(const struct bench_case *c, int argc, char **argv)
{
	int i;

	if (strcmp(c->guest ?: FIRST_GUEST, argv[1]))
		return false;
	for (i = 2; i < argc; i++) {
		if (!fnmatch(argv[i], c->name, 0))
			return true;
	}
	return argc == 2;
}

int main(int argc, char **argv)
{
	const char *why_not = damon_why_not();
	const struct bench_case *c;
	int failed = 0;
	size_t i;

	if (argc < 2)
		why_not = "which guest is this?";
	if (why_not) {
		fprintf(stderr, "bench: %s\n", why_not);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < ARRAY_LEN(tables); i++) {
		for (c = tables[i]; c->name; c++) {
			if (!wanted(c, argc, argv))
				continue;
			printf("%s\tCASE\t%s\t%s\n", c->name,
			       c->like ?: c->name, c->what);
			failed |= c->run(c);
			damon_cleanup();
		}
	}
	return failed ? 1 : 0;
}
