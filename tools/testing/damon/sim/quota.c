// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the quota of a scheme that reclaims on a simulated node, and checks how
 * soon, how exactly and how steadily its goal, some free memory, is met.
 *
 * The node is a row of blocks.  Each is visited in turn as far as the quota
 * has room, and is charged whole, the free part of it too, as in physical
 * address space.  One line a scene, all but the first in percent:
 *
 *	windows	that it took to come within 5 % of the goal, the most if the
 *		goal is changed
 *	over	by which the goal was exceeded at most, of the goal
 *	error	mean distance from the goal in the second half, of the goal
 *	charged, applied	in the whole run, of the node
 *
 * Fails if one of the first three is above its limit.  Values are those at the
 * ends of windows.
 *
 *	quota		all scenes
 *	quota NAME	one scene, window by window
 */

#include <stdio.h>
#include <shim.h>

#include "../../../../mm/damon/policy/damos.h"
#include "../../../../mm/damon/policy/ratio.h"
#include "../../../../mm/damon/policy/spec.h"

#define NR_BLOCKS	2000
#define NR_APPLIES	10
#define NR_WINDOWS	60
#define WINDOW_MS	1000UL
#define NS_PER_PAGE	250
#define NEAR_PERCENT	5
#define NEVER		1000

/* Limits, unless a scene has its own. */
#define WINDOWS_MAX	3
#define OVER_MAX	5.
#define ERROR_MAX	.5
#define NO_LIMIT	1e9

/* How many scenes are made up, and their limits. */
#define NR_RANDOM	200
#define RANDOM_WINDOWS_MAX 5

/* Of a block: what can be reclaimed, and what fits but cannot. */
struct block {
	u64 cold;
	u64 stuck;
	bool fits;
	bool rejected;
};

/* What others do. */
enum others {
	IDLE,
	STEADY,		/* take so much in each window */
	BURSTY,		/* take it at once, in each tenth window */
	NOISY,		/* give and take it, in turn */
	STOPPING,	/* take it until half of the run is over */
	RAMPING,	/* take more and more, so much in the last window */
	NR_OTHERS
};

/* Sizes are in percent of the node; see sim_init() for those that are 0. */
struct scene {
	const char *name;
	u64 total;			/* bytes */
	unsigned long unit;		/* bytes per core unit */
	unsigned int target;
	unsigned int later[2];		/* target of the later thirds */
	unsigned int free;		/* at first */
	unsigned int fits;		/* part of the blocks that fit */
	unsigned int stuck;		/* part of each block never applied */
	unsigned int rejected;		/* part of the blocks, the first ones */
	unsigned int shown;		/* part of what is applied, freed */
	enum others others;
	double take;			/* see enum others */
	unsigned int fail_num, fail_denom;
	unsigned long sz;		/* quota */
	unsigned long ms;		/* quota, milliseconds */
	bool not_counted;		/* what is eligible is not known */
	bool blind;			/* the goal is not known in bytes */
	unsigned int other_goal;	/* of free memory, too; none if 0 */
	bool met_goal;			/* another goal, which is met */

	unsigned int windows_max;
	double over_max;
	double error_max;
};

static const struct scene scenes[] = {
	{ "from nothing", .target = 50 },
	{ "from 30 %", .target = 50, .free = 30 },
	{ "from 49 %", .target = 50, .free = 49 },
	{ "already met", .target = 50, .free = 60, .over_max = 20.1,
	  .error_max = 20.1 },
	{ "steady 0.1 %", .target = 50, .others = STEADY, .take = .1 },
	{ "steady 1 %", .target = 50, .others = STEADY, .take = 1 },
	{ "steady 5 %", .target = 50, .others = STEADY, .take = 5,
	  .windows_max = 4 },
	{ "steady 1 %, ends", .target = 50, .others = STOPPING, .take = 1,
	  .error_max = 2.5 },
	{ "rising to 4 %", .target = 50, .others = RAMPING, .take = 4,
	  .error_max = 1 },
	{ "bursts of 5 %", .target = 50, .others = BURSTY, .take = 5,
	  .error_max = 1.1 },
	{ "bursts of 20 %", .target = 50, .others = BURSTY, .take = 20,
	  .error_max = 4.5 },
	{ "noise of 1 %", .target = 50, .others = NOISY, .take = 1,
	  .error_max = 1.1 },
	{ "60 % fit", .target = 50, .fits = 60 },
	{ "60 %, not counted", .target = 50, .fits = 60, .not_counted = true },
	{ "30 % fit", .target = 50, .fits = 30, .windows_max = NEVER,
	  .error_max = 42 },
	{ "half is rejected", .target = 25, .stuck = 50 },
	{ "exactly half is", .target = 50, .stuck = 50 },
	{ "the first half is", .target = 40, .rejected = 50 },
	{ "the first 80 % are", .target = 15, .rejected = 80 },
	{ "failure 1/10", .target = 25, .stuck = 50, .fail_num = 1,
	  .fail_denom = 10 },
	{ "failure free", .target = 25, .stuck = 50, .fail_denom = 1 },
	{ "failure double", .target = 25, .stuck = 50, .fail_num = 2,
	  .fail_denom = 1 },
	{ "60 % shows", .target = 40, .shown = 60, .error_max = 1 },
	{ "60 %, steady 0.3 %", .target = 40, .shown = 60, .others = STEADY,
	  .take = .3 },
	{ "30 % shows", .target = 20, .shown = 30, .windows_max = 4,
	  .error_max = 1.5 },
	{ "30, then 50 %", .target = 30, .later = { 30, 50 } },
	{ "20, 60, 70 %", .target = 20, .later = { 60, 70 } },
	{ "50, then 20 %", .target = 50, .later = { 20, 20 }, .over_max = 150.1,
	  .error_max = 150.1 },
	{ "30 or 50 %", .target = 30, .other_goal = 50 },
	{ "another is met", .target = 50, .met_goal = true, .windows_max = NEVER,
	  .error_max = 100 },
	{ "size of 5 %", .target = 50, .sz = 5, .windows_max = 10 },
	{ "time of 1 s", .target = 50, .ms = 1000, .windows_max = 4 },
	{ "units of 4 KiB", .target = 50, .unit = 4096, .others = STEADY,
	  .take = 1 },
	{ "512 MiB", .target = 50, .total = 512 << 20, .others = STEADY,
	  .take = 1 },
	{ "16 TiB", .target = 50, .total = 16ULL << 40, .others = STEADY,
	  .take = 1 },
	/* To compare with "steady 1 %": doubling from one byte. */
	{ "not in bytes", .target = 50, .blind = true, .others = STEADY,
	  .take = 1, .windows_max = NEVER, .over_max = NO_LIMIT,
	  .error_max = NO_LIMIT },
};

struct sim {
	const struct scene *scene;
	u64 total;
	u64 block_sz;
	u64 free;
	struct block blocks[NR_BLOCKS];
	unsigned int at;
	u64 at_offset;
	struct damos_spec spec;
	struct damos_goal goals[2];
	struct damos s;
	unsigned long unit;
	unsigned long min_sz;
	unsigned int windows;
	double over;
	double error;
	u64 charged;
	u64 applied;
	u32 rnd;
};

static u32 sim_random(struct sim *sim)
{
	sim->rnd = next_pseudo_random32(sim->rnd);
	return sim->rnd >> 8;
}

static u64 percent(u64 of, double part)
{
	return of * part / 100;
}

static void sim_init(struct sim *sim, const struct scene *scene, u32 seed)
{
	u64 total = scene->total ? scene->total : 100000000000ULL;

	memset(sim, 0, sizeof(*sim));
	sim->scene = scene;
	sim->rnd = seed;
	sim->unit = scene->unit ? scene->unit : 1;
	sim->min_sz = max(PAGE_SIZE / sim->unit, 1UL);
	sim->block_sz = ALIGN_DOWN(total / NR_BLOCKS, PAGE_SIZE);
	sim->total = sim->block_sz * NR_BLOCKS;
	for (unsigned int i = 0; i < NR_BLOCKS; i++) {
		struct block *b = &sim->blocks[i];
		u64 used = percent(sim->block_sz, 100 - scene->free);

		b->stuck = percent(used, scene->stuck);
		b->cold = used - b->stuck;
		b->fits = !scene->fits || sim_random(sim) % 100 < scene->fits;
		b->rejected = i < scene->rejected * NR_BLOCKS / 100;
		sim->free += sim->block_sz - used;
	}
	sim->spec.quota.reset_interval = WINDOW_MS;
	sim->spec.quota.fail_charge_num = scene->fail_num;
	sim->spec.quota.fail_charge_denom = scene->fail_denom;
	sim->spec.quota.sz = percent(sim->total, scene->sz) / sim->unit;
	sim->spec.quota.ms = scene->ms;
	sim->goals[0].metric = DAMOS_QUOTA_NODE_MEM_FREE_BP;
	sim->goals[0].total = scene->blind ? 0 : sim->total;
	sim->goals[1] = sim->goals[0];
	sim->goals[1].target = scene->other_goal * 100;
	if (scene->met_goal)
		sim->goals[1] = (struct damos_goal){
			.metric = DAMOS_QUOTA_USER_INPUT,
			.target = 100,
			.current_value = 150,
		};
	sim->s.spec = &sim->spec;
	sim->s.active = true;
	sim->s.quota.goals.vec = sim->goals;
	sim->s.quota.goals.nr = 1 + (scene->other_goal || scene->met_goal);
}

/* Others take memory, or give it back if @sz is negative. */
static void sim_take(struct sim *sim, double sz)
{
	while (sz >= 1) {
		struct block *b = &sim->blocks[sim_random(sim) % NR_BLOCKS];
		u64 part = min(sim->block_sz - b->cold - b->stuck, (u64)sz);

		if (!sim->free)
			return;
		part = min(part, max(sim->block_sz / 8, 1UL));
		b->cold += part;
		sim->free -= part;
		sz -= part;
	}
	while (sz <= -1) {
		struct block *b = &sim->blocks[sim_random(sim) % NR_BLOCKS];
		u64 part = min(b->cold, (u64)-sz);

		if (sim->free == sim->total)
			return;
		b->cold -= part;
		sim->free += part;
		sz += part;
	}
}

static void sim_others(struct sim *sim, unsigned int window, unsigned int i)
{
	double sz = sim->total * sim->scene->take / 100;

	switch (sim->scene->others) {
	case IDLE:
		return;
	case STEADY:
		sim_take(sim, sz / NR_APPLIES);
		return;
	case BURSTY:
		if (window % 10 == 9 && i == NR_APPLIES / 2)
			sim_take(sim, sz);
		return;
	case NOISY:
		sim_take(sim, sz / NR_APPLIES * (window % 2 ? 1 : -1));
		return;
	case STOPPING:
		if (window < NR_WINDOWS / 2)
			sim_take(sim, sz / NR_APPLIES);
		return;
	case RAMPING:
		sim_take(sim, sz / NR_APPLIES * window / NR_WINDOWS);
		return;
	case NR_OTHERS:
		abort();
	}
}

/* Visit the rest of a block, as far as the quota goes; what is stuck stays. */
static void sim_visit(struct sim *sim, struct block *b)
{
	unsigned long room = damos_quota_room(&sim->s, sim->min_sz);
	unsigned long rest = (sim->block_sz - sim->at_offset) / sim->unit;
	unsigned long sz = min(rest, room);
	u64 bytes = sz * sim->unit, applied, kept;

	applied = b->rejected ? 0 : damon_mul_div(b->cold, sz, rest);
	applied = ALIGN_DOWN(applied, sim->unit);
	kept = sim->scene->shown ? percent(applied, 100 - sim->scene->shown) : 0;
	b->cold -= applied;
	b->stuck += kept;
	sim->free += applied - kept;
	sim->applied += applied;
	sim->charged += bytes;
	damos_quota_charge(&sim->s, sz, applied / sim->unit,
			   bytes / PAGE_SIZE * NS_PER_PAGE);
	sim->at_offset += bytes;
	if (sz == rest) {
		sim->at = (sim->at + 1) % NR_BLOCKS;
		sim->at_offset = 0;
	}
}

static u64 sim_eligible(const struct sim *sim)
{
	u64 sum = 0;

	for (unsigned int i = 0; i < NR_BLOCKS; i++)
		sum += sim->blocks[i].fits * sim->block_sz;
	return sim->scene->not_counted ? 0 : sum / sim->unit;
}

static void sim_apply(struct sim *sim, u64 now_ns)
{
	u64 free_bp = damon_mul_div(sim->free, DAMON_BP, sim->total);

	if (damos_quota_roll(&sim->s, now_ns, sim->min_sz)) {
		for (unsigned int i = 0; i < 2; i++) {
			if (sim->goals[i].metric != DAMOS_QUOTA_USER_INPUT)
				sim->goals[i].current_value = free_bp;
		}
		sim->s.quota.eligible = sim_eligible(sim);
		damos_quota_tune(&sim->s, sim->min_sz, sim->unit);
	} else {
		damos_quota_extend(&sim->s, sim->min_sz, sim->unit);
	}
	for (unsigned int i = 0; i < NR_BLOCKS; i++) {
		struct block *b = &sim->blocks[sim->at];

		if (!b->fits) {
			sim->at = (sim->at + 1) % NR_BLOCKS;
			continue;
		}
		while (b == &sim->blocks[sim->at] &&
		       !damos_quota_is_full(&sim->s, sim->min_sz))
			sim_visit(sim, b);
	}
}

static void sim_trace(const struct sim *sim, unsigned int window)
{
	const struct damos_quota *q = &sim->s.quota;
	double percent = 100. / sim->total;

	printf("%3u: free %6.2f quota %6.2f aim %6.2f drift %5.2f waste %2u\n",
	       window, sim->free * percent, q->esz * sim->unit * percent,
	       q->aim * sim->unit * percent,
	       q->goals.vec[0].model.drift * percent,
	       q->goals.vec[0].model.waste_bp / 100);
}

static unsigned int sim_target(const struct sim *sim, unsigned int window)
{
	unsigned int third = window * 3 / NR_WINDOWS;

	if (!third || !sim->scene->later[third - 1])
		return sim->scene->target;
	return sim->scene->later[third - 1];
}

static void sim_run(struct sim *sim, bool trace)
{
	unsigned int target = 0, since = 0;
	bool reached = true;

	for (unsigned int w = 0; w < NR_WINDOWS; w++) {
		unsigned int now = sim_target(sim, w);
		double off;

		if (now != target) {
			target = now;
			since = w;
			if (!reached)
				sim->windows = NEVER;
			reached = false;
		}
		sim->goals[0].target = target * 100;
		for (unsigned int i = 0; i < NR_APPLIES; i++) {
			sim_apply(sim, (w * NR_APPLIES + i) *
				  (WINDOW_MS / NR_APPLIES) * NSEC_PER_MSEC);
			sim_others(sim, w, i);
		}
		if (trace)
			sim_trace(sim, w);
		off = 100 * (100. * sim->free / sim->total / target - 1);
		sim->over = max(sim->over, off);
		if (w >= NR_WINDOWS / 2)
			sim->error += (off < 0 ? -off : off) * 2 / NR_WINDOWS;
		if (!reached && off >= -NEAR_PERCENT) {
			reached = true;
			sim->windows = max(sim->windows, w + 1 - since);
		}
	}
	if (!reached)
		sim->windows = NEVER;
}

static struct sim sim;

static bool scene_run(const struct scene *scene, bool trace)
{
	unsigned int windows_max = scene->windows_max ?: WINDOWS_MAX;
	double over_max = scene->over_max ?: OVER_MAX;
	double error_max = scene->error_max ?: ERROR_MAX;
	bool ok;

	sim_init(&sim, scene, 1);
	sim_run(&sim, trace);
	ok = sim.windows <= windows_max && sim.over < over_max &&
		sim.error < error_max;
	printf("%-20s ", scene->name);
	if (sim.windows < NEVER)
		printf("%7u", sim.windows);
	else
		printf("%7s", "never");
	printf(" %7.2f %7.2f %7.0f %7.0f%s\n", sim.over, sim.error,
	       100. * sim.charged / sim.total, 100. * sim.applied / sim.total,
	       ok ? "" : "  FAILED");
	return ok;
}

static unsigned int between(u32 *rnd, unsigned int min, unsigned int max)
{
	*rnd = next_pseudo_random32(*rnd);
	return min + (*rnd >> 8) % (max - min + 1);
}

/* Make up a scene the goal of which can be met. */
static void scene_invent(struct scene *scene, u32 rnd)
{
	static const enum others others[] = { IDLE, STEADY, BURSTY, RAMPING };
	unsigned int target, possible;

	do {
		target = between(&rnd, 20, 60);
		*scene = (struct scene){ .target = target, .fits = 95 };
		scene->free = between(&rnd, 0, 1) * between(&rnd, 0, target);
		scene->shown = min(between(&rnd, 30, 170), 100U);
		scene->stuck = between(&rnd, 0, 1) * between(&rnd, 0, 30);
		scene->others = others[between(&rnd, 0, 3)];
		scene->take = between(&rnd, 0, 1000) / 300.;
		if (scene->shown < 100)
			scene->take /= 10;
		possible = 60 * (100 - scene->stuck) * scene->shown / 10000;
	} while (target > possible);
}

static bool random_run(void)
{
	double over = 0, error = 0;
	unsigned int windows = 0;
	bool ok;

	for (unsigned int i = 0; i < NR_RANDOM; i++) {
		struct scene scene;

		scene_invent(&scene, i * 2654435761U);
		sim_init(&sim, &scene, i);
		sim_run(&sim, false);
		windows = max(windows, sim.windows);
		over = max(over, sim.over);
		error += sim.error / NR_RANDOM;
	}
	ok = windows <= RANDOM_WINDOWS_MAX && over < OVER_MAX;
	printf("%-20s %7u %7.2f %7.2f%s\n", "made up, the worst", windows,
	       over, error, ok ? "" : "  FAILED");
	return ok;
}

int main(int argc, char **argv)
{
	bool ok = true;

	printf("%-20s windows    over   error charged applied\n", "scene");
	for (unsigned int i = 0; i < ARRAY_SIZE(scenes); i++) {
		bool trace = argc == 2 && !strcmp(argv[1], scenes[i].name);

		if (argc == 1 || trace)
			ok &= scene_run(&scenes[i], trace);
	}
	if (argc == 1)
		ok &= random_run();
	return !ok;
}
