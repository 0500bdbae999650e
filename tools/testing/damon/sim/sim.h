/* SPDX-License-Identifier: GPL-2.0 */
/* A simulated memory, who monitors it, and how well. */
#ifndef _DAMON_SIM_H
#define _DAMON_SIM_H

#include <stdio.h>

#include <shim.h>

/* The attributes that are the default: 20 ticks of 5 ms are an aggregation. */
#define MS_PER_TICK		5
#define TICKS_PER_AGGR		20

#define BLOCK_SHIFT		21	/* what one entry of the level above maps */
#define TABLE_SHIFT		30	/* and one of the level above that */

#define MAX_SPANS		8192

/* Accessed in each tick, each page for itself, with a probability of @rate. */
struct span {
	u64 start;
	u64 end;
	double rate;
};

/* What is accessed, in address order; nothing in between is. */
struct scene {
	struct span spans[MAX_SPANS];
	int nr;
};

/* The scene is the same for @step_ms at a time, for ever if that is 0. */
struct pattern {
	const char *name;
	void (*draw)(struct scene *sc, u64 sz, long ms, u32 seed);
	long step_ms;
};

extern const struct pattern patterns[];
extern const int nr_patterns;

const struct pattern *pattern_find(const char *name);
u64 mix(u64 x);

/* Sorted, neither overlapping nor adjacent; unit is what its user says. */
struct extent {
	u64 start;
	u64 end;
};

struct extents {
	struct extent v[3 * MAX_SPANS];
	int nr;
};

void extents_push(struct extents *ex, u64 start, u64 end);
void extents_add(struct extents *ex, const struct extent *more, int nr);
void extents_clear(struct extents *ex, u64 start, u64 end);
u64 extents_overlap(const struct extents *ex, u64 start, u64 end);

/*
 * A memory at one moment.  Bits that are set by access and cleared by looks
 * are kept as extents, so what is not accessed costs nothing.
 */
struct world {
	const struct pattern *pattern;
	u64 sz;
	u32 seed;
	bool thp;		/* all is mapped by huge pages */
	double miss;		/* share of blocks that a look does not see */

	long tick;
	long ms_ahead;		/* of the pattern at tick 0 */
	struct scene now;
	struct scene before;
	long changed;		/* first tick of @now */
	u64 rng;

	struct extents blocks;	/* touched since they were looked at */
	struct extents tables;
	bool settled;		/* all that @now touches is marked already */
	unsigned int look_left;	/* entries, in this aggregation */

	u64 nr_checks;
	u64 nr_looked;
};

void world_init(struct world *w);
void world_tick(struct world *w);
bool world_sample(struct world *w, u64 addr, long since);
void world_truth(const struct world *w, long from, struct scene *truth);
double world_unit(struct world *w);

struct damon_scout_map;
bool world_look(struct world *w, u64 start, u64 end,
		struct damon_scout_map *map, u64 base);

double scene_rate(const struct scene *sc, u64 addr);
void scene_add(struct scene *sc, u64 start, u64 end, double rate);

/* What a monitor says at the end of an aggregation, covering all of it. */
struct said {
	u64 start;
	u64 end;
	double rate;
	unsigned int age;
};

struct report {
	struct said *v;
	unsigned int nr;
	unsigned int cap;
};

void report_add(struct report *rep, u64 start, u64 end, double rate,
		unsigned int age);

/* Who monitors: start() sees the world at tick 0, tick() once after each. */
struct monitor {
	const char *name;
	void *(*start)(struct world *w, unsigned long min_nr,
		       unsigned long max_nr, bool scout);
	void (*tick)(void *data);
	void (*aggregate)(void *data, struct report *rep);
	void (*stop)(void *data);
};

extern const struct monitor ours;
extern const struct monitor classic;

/* Sums over the aggregations of a run; sizes are in bytes. */
struct score {
	long nr_aggrs;
	double error;
	double both[2];		/* hot and found: in all, and in the 2nd half */
	double false_hot[2];
	double missed[2];
	u64 nr_regions;
	unsigned int max_regions;
	u64 nr_reset;
	long good_from;		/* F1 is good from this aggregation on */
};

void score_add(struct score *s, const struct report *rep,
	       const struct scene *truth, u64 sz, bool second_half);
double score_f1(const struct score *s, int half);

/* A line of the table. */
struct result {
	double f1;		/* NAN if nothing is hot */
	double f1_half;
	double error;
	double settled_s;	/* NAN if it never is */
	double regions;
	double max_regions;
	double checks;		/* per tick */
	double looks;		/* per tick */
	double resets;		/* share of ages that are 0 */
};

struct setup {
	const struct pattern *pattern;
	const struct monitor *monitor;
	u64 sz;
	long nr_aggrs;
	int nr_seeds;
	u32 first_seed;
	unsigned long min_nr;
	unsigned long max_nr;
	bool scout;
	bool thp;
	double miss;
};

struct picture;
struct result simulate(const struct setup *setup, struct picture *pic,
		       int panel);

#define MAX_PANELS		3

struct picture *picture_create(u64 sz, long nr_aggrs);
void picture_add_scene(struct picture *pic, int panel, long aggr,
		       const struct scene *sc);
void picture_add_report(struct picture *pic, int panel, long aggr,
			const struct report *rep);
bool picture_write(struct picture *pic, const char *path, const char *title,
		   const char *const *names);
void picture_destroy(struct picture *pic);

int check_run(void);

#endif /* _DAMON_SIM_H */
