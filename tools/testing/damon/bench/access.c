// SPDX-License-Identifier: GPL-2.0
/* How well, and for how much, a kdamond sees what programs do. */
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "subject.h"
#include "watch.h"

#define GIB		(1024 * MIB)
#define SEEDS		3
#define RUN_MS		10000
#define SPARE_MS	1000	/* that programs go on for */
#define MAX_LATE	0.02

struct access {
	pattern *draw;
	unsigned long bytes;
	unsigned int nr;	/* processes; 0 is one */
	unsigned int seeds;	/* 0 is SEEDS */
	bool huge;
	enum subject_fill fill;
};

/* What one seed gave. */
struct run {
	struct verdict verdict;
	double late;		/* rounds of the programs, of all */
};

static int begin(const struct bench_case *c, struct subjects *s,
		 unsigned int seed)
{
	const struct access *a = c->of;

	if (subjects_start(s, a->nr ?: 1, a->draw, a->bytes, a->huge, a->fill,
			   RUN_MS + SPARE_MS, seed))
		return broken(c, "cannot start the programs");
	return 0;
}

static int end(const struct bench_case *c, struct subjects *s, double *late)
{
	int err = subjects_stop(s);
	unsigned int i;

	*late = 0;
	for (i = 0; i < s->nr; i++)
		*late += (double)s->of[i].nr_late / RUN_MS / s->nr;
	return err ? broken(c, "a program failed") : 0;
}

/* Watch them. */
static int run_watched(const struct bench_case *c, unsigned int seed,
		       struct run *run)
{
	struct watch *watch = NULL;
	struct subjects s;
	u64 from_ns, to_ns;
	int err;

	if (begin(c, &s, seed))
		return -1;
	subjects_go(&s);
	from_ns = now_ns();
	err = stage_processes(s.pids, s.nr) ?: damon_state(0, "on");
	if (!err)
		watch = watch_start(damon_pid(0));
	sleep_ms(RUN_MS);
	to_ns = now_ns();
	err = err ?: damon_state(0, "off");
	if (err)
		broken(c, "the kdamond: %s", strerror(-err));
	err |= end(c, &s, &run->late);
	if (watch && !watch_finish(watch, &s, from_ns, to_ns, SAMPLE_US,
				   AGGR_US, &run->verdict))
		watch = NULL;
	if (!watch)
		err = broken(c, "cannot follow the trace");
	else if (run->verdict.nr_lost)
		err = broken(c, "lost events");
	subjects_free(&s);
	return err;
}

/* CPU time of the kdamond for each sampling interval, in ns. */
struct costs {
	double whole;		/* from the start on */
	double settled;		/* in the second half */
};

/* The same, with nobody watching, as that costs something too. */
static int run_alone(const struct bench_case *c, unsigned int seed,
		     struct costs *costs)
{
	const double nr_ticks = RUN_MS / (SAMPLE_US / 1000.0);
	struct subjects s;
	pid_t kdamond = 0;
	u64 half_ns, ns;
	double late;
	int err;

	if (begin(c, &s, seed))
		return -1;
	subjects_go(&s);
	err = stage_processes(s.pids, s.nr) ?: damon_state(0, "on");
	if (!err)
		kdamond = damon_pid(0);
	sleep_ms(RUN_MS / 2);
	half_ns = cpu_ns(kdamond);
	sleep_ms(RUN_MS / 2);
	ns = cpu_ns(kdamond);
	*costs = (struct costs){ ns / nr_ticks,
				 (ns - half_ns) / (nr_ticks / 2) };
	err = err ?: damon_state(0, "off");
	if (err)
		broken(c, "the kdamond: %s", strerror(-err));
	err |= end(c, &s, &late);
	subjects_free(&s);
	if (!err && (!half_ns || half_ns >= ns))
		err = broken(c, "cannot tell the CPU time of the kdamond");
	return err;
}

static void report_runs(const struct bench_case *c, const struct run *runs,
			size_t nr, const struct costs *costs)
{
	const struct {
		const char *name, *unit;
		size_t offset;
	} figures[] = {
		{ "F1 of the hot set", "", offsetof(struct run, verdict.f1) },
		{ "error of the access rate", "",
		  offsetof(struct run, verdict.error) },
		{ "time until found", "ms",
		  offsetof(struct run, verdict.found_ms) },
		{ "regions", "", offsetof(struct run, verdict.regions) },
	};
	double values[SEEDS];
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(figures); i++) {
		for (k = 0; k < nr; k++)
			values[k] = *(const double *)((const char *)&runs[k] +
						      figures[i].offset);
		report(c, figures[i].name, figures[i].unit,
		       median(values, nr));
	}
	report(c, "kdamond CPU per tick", "ns", costs->whole);
	report(c, "kdamond CPU per tick, settled", "ns", costs->settled);
	report(c, "kdamond CPU per tick and region", "ns",
	       costs->whole / runs[0].verdict.regions);
	for (k = 0; k < nr; k++)
		values[k] = runs[k].late;
	if (median(values, nr) > MAX_LATE)
		report(c, "rounds of the program too late", "",
		       values[nr / 2]);
}

static int run_pattern(const struct bench_case *c)
{
	const struct access *a = c->of;
	size_t seed, nr = a->seeds ?: SEEDS;
	struct run runs[SEEDS];
	struct costs costs;

	for (seed = 0; seed < nr; seed++) {
		if (run_watched(c, seed, &runs[seed]))
			return -1;
	}
	if (run_alone(c, 0, &costs))
		return -1;
	report_runs(c, runs, nr, &costs);
	return 0;
}

#define PATTERN(_name, _what, _draw, _bytes, ...)			\
	{ .name = _name, .what = _what, .run = run_pattern,		\
	  .of = &(const struct access){ .draw = _draw,		\
		.bytes = _bytes, ##__VA_ARGS__ } }

const struct bench_case access_cases[] = {
	PATTERN("zones", "three zones that stay, 512 MiB",
		draw_zones, 512 * MIB),
	PATTERN("spots48", "48 spots of 256 KiB, 512 MiB",
		draw_spots48, 512 * MIB),
	PATTERN("spots8", "8 spots of 128 KiB, 512 MiB",
		draw_spots8, 512 * MIB),
	PATTERN("moving", "three zones that move every 3 s, 512 MiB",
		draw_moving, 512 * MIB),
	PATTERN("window", "a tenth that moves by 2 % every 200 ms, 512 MiB",
		draw_window, 512 * MIB),
	PATTERN("zipf", "128 chunks of popularity 1/rank, 256 MiB",
		draw_zipf, 256 * MIB),
	PATTERN("gradient", "access rates from 0 to 1 in 16 steps, 256 MiB",
		draw_gradient, 256 * MIB),
	PATTERN("onoff", "a fifth, two seconds on and two off, 256 MiB",
		draw_on_off, 256 * MIB),
	PATTERN("sparse", "every fourth page of a fifth, 256 MiB",
		draw_sparse, 256 * MIB),
	PATTERN("hot", "all of 128 MiB", draw_hot, 128 * MIB, .seeds = 1),
	PATTERN("cold", "nothing of 256 MiB", draw_cold, 256 * MIB,
		.seeds = 1),
	PATTERN("thp-zones", "zones in huge pages, 512 MiB",
		draw_zones, 512 * MIB, .huge = true),
	PATTERN("thp-moving", "moving zones in huge pages, 512 MiB",
		draw_moving, 512 * MIB, .huge = true),
	PATTERN("thp-window", "a moving window in huge pages, 512 MiB",
		draw_window, 512 * MIB, .huge = true),
	PATTERN("eight-zones", "zones of eight processes, 64 MiB each",
		draw_zones, 64 * MIB, .nr = 8, .seeds = 1),
	PATTERN("eight-spots8", "spots of eight processes, 64 MiB each",
		draw_spots8, 64 * MIB, .nr = 8, .seeds = 1),
	PATTERN("16g-spots48", "48 spots of 256 KiB in 16 GiB",
		draw_spots48, 16 * GIB, .fill = FILL_NONE),
	PATTERN("16g-spots8", "8 spots of 128 KiB in 16 GiB",
		draw_spots8, 16 * GIB, .fill = FILL_NONE),
	PATTERN("1t-spots48", "48 spots of 256 KiB in 1 TiB",
		draw_spots48, 1024 * GIB, .fill = FILL_NONE),
	PATTERN("160g-needle", "200 MiB in 160 GiB", draw_needle, 160 * GIB,
		.fill = FILL_NONE, .seeds = 1),
	PATTERN("16g-zero", "48 spots of 256 KiB in 16 GiB of the zero page",
		draw_spots48, 16 * GIB, .fill = FILL_ZERO_PAGE, .seeds = 1),
	{ }
};
