// SPDX-License-Identifier: GPL-2.0
/* What damon top knows. */
#include <stdlib.h>
#include <string.h>

#include "process.h"
#include "top.h"

const char *const top_sort_names[] = {
	[TOP_BY_HEAT] = "heat",
	[TOP_BY_WORKING_SET] = "working-set",
	[TOP_BY_RSS] = "rss",
	[TOP_BY_PID] = "pid",
	[TOP_BY_AGE] = "age",
	NULL
};

const char *const top_view_names[] = {
	[TOP_PROCESSES] = "processes",
	[TOP_REGIONS] = "regions",
	[TOP_MAP] = "map",
	NULL
};

static void free_target(struct top_target *t)
{
	snapshot_free(&t->snap);
}

static struct top_target *find_target(const struct top *top, pid_t pid)
{
	unsigned int i;

	for (i = 0; i < top->nr_targets; i++) {
		if (top->targets[i].pid == pid)
			return &top->targets[i];
	}
	return NULL;
}

/* Those that were there already keep what is known of them. */
bool top_set_targets(struct top *top, const struct tree *tree,
		     const pid_t *pids, unsigned int nr)
{
	struct top_target *targets = calloc(nr + 1, sizeof(*targets));
	unsigned int *rows = calloc(nr + 1, sizeof(*rows));
	unsigned int i;

	if (!targets || !rows) {
		free(targets);
		free(rows);
		return false;
	}
	for (i = 0; i < nr; i++) {
		struct top_target *old = find_target(top, pids[i]);

		if (old) {
			targets[i] = *old;
			*old = (struct top_target){ .pid = -1 };
		}
		targets[i].pid = pids[i];
		if (pids[i])
			tree_process_command(tree, pids[i], targets[i].command,
					     sizeof(targets[i].command));
		else
			snprintf(targets[i].command,
				 sizeof(targets[i].command), "physical memory");
	}
	for (i = 0; i < top->nr_targets; i++)
		free_target(&top->targets[i]);
	free(top->targets);
	free(top->rows);
	top->targets = targets;
	top->nr_targets = nr;
	top->rows = rows;
	top->nr_rows = 0;
	return true;
}

static bool copy_snapshot(struct snapshot *to, const struct snapshot *from)
{
	if (!snapshot_reserve(to, from->nr_regions))
		return false;
	memcpy(to->regions, from->regions,
	       from->nr_regions * sizeof(*from->regions));
	to->from_ns = from->from_ns;
	to->to_ns = from->to_ns;
	to->target = from->target;
	to->aggr_ns = from->aggr_ns;
	to->max_accesses = from->max_accesses;
	to->nr_regions = from->nr_regions;
	return true;
}

static void add_regions(struct top_sums *sums, const struct snapshot *snap)
{
	u32 i;

	for (i = 0; i < snap->nr_regions; i++) {
		const struct region *r = &snap->regions[i];
		double size = r->end - r->start;
		double rate = snapshot_rate(snap, r);

		sums->size += size;
		sums->heat += size * rate;
		sums->working_set += rate ? size : 0;
		sums->age += size * snapshot_age_ns(snap, r) / NSEC_PER_SEC;
		sums->level[heat_level(rate, 1)] += size;
	}
}

bool top_snapshot(struct top *top, const struct snapshot *snap)
{
	struct top_target *t;

	if (top->paused || snap->to_ns < top->ignore_ns ||
	    snap->target >= top->nr_targets)
		return true;
	t = &top->targets[snap->target];
	if (!copy_snapshot(&t->snap, snap))
		return false;
	t->snap.aggr_ns = top->aggr_us * NSEC_PER_USEC;
	t->snap.from_ns = snap->to_ns - min_u64(snap->to_ns, t->snap.aggr_ns);
	t->snap.max_accesses = clamp_u64(top->aggr_us / top->sample_us, 1,
					 U32_MAX);
	add_regions(&t->sums, &t->snap);
	t->nr_sums++;
	return true;
}

static void take_mean(struct top_target *t)
{
	double *now = (double *)&t->now, *sums = (double *)&t->sums;
	size_t i;

	/* without a new snapshot the last ones still hold */
	if (!t->nr_sums)
		return;
	for (i = 0; i < sizeof(t->now) / sizeof(double); i++)
		now[i] = sums[i] / t->nr_sums;
	t->sums = (struct top_sums){};
	t->nr_sums = 0;
}

static bool keep_history(struct top *top)
{
	struct top_target *t = top_selected(top);
	struct snapshot oldest, *newest;

	if (!t || !t->snap.nr_regions)
		return true;
	if (!top->history) {
		top->history = calloc(TOP_HISTORY, sizeof(*top->history));
		if (!top->history)
			return false;
	}
	if (top->nr_history &&
	    top->history[top->nr_history - 1].to_ns >= t->snap.to_ns)
		return true;
	if (top->nr_history == TOP_HISTORY) {
		oldest = top->history[0];
		memmove(top->history, top->history + 1,
			(TOP_HISTORY - 1) * sizeof(*top->history));
		top->history[--top->nr_history] = oldest;
	}
	newest = &top->history[top->nr_history];
	if (!copy_snapshot(newest, &t->snap))
		return false;
	newest->target = 0;
	/* it stands for the time since the one before */
	if (top->nr_history)
		newest->from_ns = newest[-1].to_ns;
	top->nr_history++;
	return true;
}

static double sort_value(const struct top_target *t, unsigned int sort)
{
	switch (sort) {
	case TOP_BY_HEAT:
		return t->now.heat;
	case TOP_BY_WORKING_SET:
		return t->now.working_set;
	case TOP_BY_RSS:
		return t->rss;
	case TOP_BY_AGE:
		return t->now.size ? t->now.age / t->now.size : 0;
	default:
		return -(double)t->pid;
	}
}

static const struct top *sorted;

static int compare_targets(const void *a, const void *b)
{
	const struct top_target *t = &sorted->targets[*(const unsigned int *)a];
	const struct top_target *u = &sorted->targets[*(const unsigned int *)b];
	double x = sort_value(t, sorted->sort), y = sort_value(u, sorted->sort);

	if (x != y)
		return x < y ? 1 : -1;
	return t->pid - u->pid;
}

void top_order(struct top *top)
{
	unsigned int i;

	top->nr_rows = 0;
	for (i = 0; i < top->nr_targets; i++) {
		if (!top->targets[i].ended)
			top->rows[top->nr_rows++] = i;
	}
	sorted = top;
	if (top->nr_rows)
		qsort(top->rows, top->nr_rows, sizeof(*top->rows),
		      compare_targets);
}

bool top_refresh(struct top *top, const struct tree *tree)
{
	unsigned int i;

	for (i = 0; i < top->nr_targets; i++) {
		struct top_target *t = &top->targets[i];

		take_mean(t);
		if (!t->pid)
			continue;
		t->rss = process_rss(tree, t->pid);
		t->ended = !t->rss && !tree_process_alive(tree, t->pid);
	}
	top_order(top);
	return keep_history(top);
}

/* Somebody is selected as long as there is anybody. */
struct top_target *top_selected(const struct top *top)
{
	struct top_target *t = find_target(top, top->selected);

	if (t && !t->ended)
		return t;
	return top->nr_rows ? &top->targets[top->rows[0]] : NULL;
}

void top_select(struct top *top, int distance)
{
	const struct top_target *t = top_selected(top);
	int row = 0;

	if (!t)
		return;
	while (row < (int)top->nr_rows && &top->targets[top->rows[row]] != t)
		row++;
	row += distance;
	if (row >= (int)top->nr_rows)
		row = top->nr_rows - 1;
	if (row < 0)
		row = 0;
	if (top->targets[top->rows[row]].pid == top->selected)
		return;
	top->selected = top->targets[top->rows[row]].pid;
	top->nr_history = 0;
	top->scroll = 0;
}

void top_free(struct top *top)
{
	unsigned int i;

	for (i = 0; i < top->nr_targets; i++)
		free_target(&top->targets[i]);
	for (i = 0; top->history && i < TOP_HISTORY; i++)
		snapshot_free(&top->history[i]);
	free(top->history);
	free(top->targets);
	free(top->rows);
	*top = (struct top){};
}
