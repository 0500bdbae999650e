// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "diff.h"

/* Both records one after the other, as one target, to find their addresses. */
struct both {
	struct snapshot_source source;
	struct selection *sel[NR_SIDES];
	enum side side;
};

static bool both_next(struct snapshot_source *src, struct snapshot *snap)
{
	struct both *both = (struct both *)src;

	while (both->side < NR_SIDES) {
		struct snapshot_source *from = &both->sel[both->side]->source;

		if (from->next(from, snap)) {
			snap->target = 0;
			return true;
		}
		both->side++;
	}
	return false;
}

static void both_rewind(struct snapshot_source *src)
{
	struct both *both = (struct both *)src;
	enum side side;

	for (side = 0; side < NR_SIDES; side++)
		both->sel[side]->source.rewind(&both->sel[side]->source);
	both->side = SIDE_A;
}

static bool find_space(struct diff *diff)
{
	const struct space_options options = {
		.everything = diff->report[SIDE_A].config.space.everything,
	};
	struct both both = {
		.source = { both_next, both_rewind },
		.sel = { &diff->report[SIDE_A].selection,
			 &diff->report[SIDE_B].selection },
	};

	/* its times mean nothing, and are not used */
	return space_find(&diff->space, &both.source, &options) || !errno;
}

bool diff_heatmaps(struct diff *diff, struct heatmap map[NR_SIDES],
		   struct space space[NR_SIDES], unsigned int nr_rows,
		   unsigned int row_unit, unsigned int nr_columns)
{
	enum side side;

	map[SIDE_A] = (struct heatmap){};
	map[SIDE_B] = (struct heatmap){};
	for (side = 0; side < NR_SIDES; side++) {
		struct report *report = &diff->report[side];

		space[side] = diff->space;
		space[side].from_ns = report->space.from_ns;
		space[side].to_ns = report->space.to_ns;
		if (!heat_init(&map[side], &space[side], nr_rows, row_unit,
			       nr_columns))
			return false;
		heat_fill(&map[side], &report->reader.source,
			  report->config.space.target);
	}
	return true;
}

static bool is_near(double a, double b)
{
	return a - b < MAX_MIX && b - a < MAX_MIX;
}

/* Extends the newest change by a row, or begins one. */
static void note_row(struct diff *diff, const struct heatmap map[NR_SIDES],
		     unsigned int row, bool *going_on)
{
	unsigned int part = heat_part(&map[0], row);
	u64 start = heat_address(&map[0], part, row);
	u64 end = heat_address(&map[0], part, row + 1);
	double a = heat_rate(&map[SIDE_A], row, 0);
	double b = heat_rate(&map[SIDE_B], row, 0);
	struct change *change = &diff->change[diff->nr_changes - 1];
	double by = b - a, old, new;

	if (a < 0 || b < 0 || (by < MIN_CHANGE && by > -MIN_CHANGE)) {
		*going_on = false;
		return;
	}
	if (!*going_on || change->end != start ||
	    !is_near(change->rate[SIDE_A], a) ||
	    !is_near(change->rate[SIDE_B], b) ||
	    by * (change->rate[SIDE_B] - change->rate[SIDE_A]) < 0) {
		diff->change[diff->nr_changes++] = (struct change){
			.start = start, .end = end, .rate = { a, b },
		};
		*going_on = true;
		return;
	}
	old = change->end - change->start;
	new = end - start;
	change->rate[SIDE_A] = (change->rate[SIDE_A] * old + a * new) / (old + new);
	change->rate[SIDE_B] = (change->rate[SIDE_B] * old + b * new) / (old + new);
	change->end = end;
}

static bool compare_addresses(struct diff *diff)
{
	struct heatmap map[NR_SIDES];
	struct space space[NR_SIDES];
	double shared = 0, all = 0;
	bool good, going_on = false;
	unsigned int row;

	if (!find_space(diff))
		return false;
	good = diff_heatmaps(diff, map, space, DIFF_ROWS, 1, 1);
	for (row = 0; good && row < map[0].nr_rows; row++) {
		double a = map[SIDE_A].weight[row] /
			   (space[SIDE_A].to_ns - space[SIDE_A].from_ns);
		double b = map[SIDE_B].weight[row] /
			   (space[SIDE_B].to_ns - space[SIDE_B].from_ns);

		shared += a < b ? a : b;
		all += a < b ? b : a;
	}
	diff->common = all > 0 ? shared / all : 0;
	for (row = 0; good && diff_is_comparable(diff) && row < map[0].nr_rows;
	     row++)
		note_row(diff, map, row, &going_on);
	heat_free(&map[SIDE_A]);
	heat_free(&map[SIDE_B]);
	return good;
}

bool diff_is_comparable(const struct diff *diff)
{
	return diff->common >= MIN_COMMON;
}

bool diff_fill(struct diff *diff)
{
	enum side side;

	for (side = 0; side < NR_SIDES; side++) {
		struct report *report = &diff->report[side];

		if (!wss_collect(&diff->wss[side], &report->selection,
				 report->config.access_percent / 100.))
			return false;
		histogram_collect(&diff->histogram[side], &report->selection);
	}
	return compare_addresses(diff);
}

void diff_free(struct diff *diff)
{
	wss_free(&diff->wss[SIDE_A]);
	wss_free(&diff->wss[SIDE_B]);
}
