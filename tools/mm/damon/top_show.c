// SPDX-License-Identifier: GPL-2.0
/* How damon top shows what it knows. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "heat.h"
#include "space.h"
#include "top.h"
#include "units.h"

#define BAR_WIDTH	20
#define NARROW_BAR	12
#define LEGEND_CELLS	12
#define WIDE		100	/* columns */
#define MAX_MAP_LINES	32
#define HEAD_LINES	4
#define MAP_FRAME_LINES	8	/* title, axis and legend of the map */

static const char help_text[] =
	"damon top: which memory is being accessed, and how often\n"
	"\n"
	"  space     stop and go on            q         quit\n"
	"  v, Tab    next view                 1 2 3     processes, regions, map\n"
	"  Up, Down  select, scroll            Enter     regions of the process\n"
	"  s         sort by the next of       h w r p a heat, working set, size,\n"
	"                                                pid or address, age\n"
	"  + -       refresh more, less often  ?         this help\n"
	"\n"
	"HEAT        bytes times the share of checks that found an access\n"
	"WORK SET    bytes of regions that were accessed at all\n"
	"AGE         for how long it has been accessed like that, mean of bytes\n"
	"the bar     work set against the largest one, hottest part first\n"
	"\n"
	"Sizes are of address ranges, which may hold memory that is not resident.\n"
	"Press any key.\n";

static void start(FILE *out, const struct text_style *style, const char *codes)
{
	if (style->color)
		fprintf(out, "\033[%sm", codes);
}

static void stop(FILE *out, const struct text_style *style)
{
	if (style->color)
		fputs("\033[0m", out);
}

/* A line that stands out from one edge to the other. */
static void __printf(4, 5) title(FILE *out, const struct text_style *style,
				 unsigned int columns, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	start(out, style, "7");
	fprintf(out, "%-*.*s", style->color ? (int)columns : 0, (int)columns,
		text);
	stop(out, style);
	fputc('\n', out);
}

/* One cell of a bar */
static void put_cell(FILE *out, const struct text_style *style, struct pen *pen,
		     unsigned int level)
{
	static const char ramp[] = ".-=+*#";

	if (style->color) {
		pen_set(out, pen, (struct pen){ -1, level });
		fputc(' ', out);
	} else {
		fputc(ramp[level * (sizeof(ramp) - 2) / (NR_LEVELS - 1)], out);
	}
}

static void pad(FILE *out, struct pen *pen, int width)
{
	pen_set(out, pen, PEN_OFF);
	fprintf(out, "%*s", width, "");
}

static int bar_width(unsigned int columns)
{
	return columns < WIDE ? NARROW_BAR : BAR_WIDTH;
}

/* Cells of a working set, the hottest first. */
static void put_bar(FILE *out, const struct text_style *style,
		    const struct top_sums *sums, double full, int width)
{
	struct pen pen = PEN_OFF;
	int cells = 0, i, level = NR_LEVELS - 1;
	double so_far = sums->level[level];

	if (sums->working_set > 0 && full > 0)
		cells = sums->working_set / full * width + .5;
	if (sums->working_set > 0 && !cells)
		cells = 1;
	if (cells > width)
		cells = width;
	for (i = 0; i < cells; i++) {
		while (level > 1 &&
		       (i + .5) / cells * sums->working_set > so_far)
			so_far += sums->level[--level];
		put_cell(out, style, &pen, level);
	}
	pad(out, &pen, width - cells);
}

static void put_size(FILE *out, double bytes)
{
	char text[UNIT_LEN];

	fprintf(out, "%9s ", unit_size(text, bytes));
}

static void put_age(FILE *out, double seconds)
{
	char text[UNIT_LEN];

	fprintf(out, "%8s ", unit_time(text, seconds * USEC_PER_SEC));
}

static struct top_sums total_of(const struct top *top, double *rss,
				double *largest)
{
	struct top_sums total = {};
	unsigned int i;

	*rss = *largest = 0;
	for (i = 0; i < top->nr_rows; i++) {
		const struct top_target *t = &top->targets[top->rows[i]];

		total.working_set += t->now.working_set;
		total.heat += t->now.heat;
		*rss += t->rss;
		if (t->now.working_set > *largest)
			*largest = t->now.working_set;
	}
	return total;
}

static unsigned int total_regions(const struct top *top)
{
	unsigned int i, nr = 0;

	for (i = 0; i < top->nr_rows; i++)
		nr += top->targets[top->rows[i]].snap.nr_regions;
	return nr;
}

/* The map has one of its own. */
static void show_legend(FILE *out, const struct top *top,
			const struct text_style *style)
{
	struct pen pen = PEN_OFF;
	int i;

	fputs("? help   q quit   v view   s sort", out);
	if (top->view != TOP_MAP) {
		fputs("   checks with an access  0% ", out);
		for (i = 0; i < LEGEND_CELLS; i++)
			put_cell(out, style, &pen, 1 + i * (NR_LEVELS - 1) /
						   LEGEND_CELLS);
		pad(out, &pen, 0);
		fputs(" 100%", out);
	}
	fputc('\n', out);
}

static void show_head(FILE *out, const struct top *top,
		      const struct text_style *style, unsigned int columns)
{
	char size[3][UNIT_LEN], time[2][UNIT_LEN], cpu[2][UNIT_LEN];
	double rss, largest;
	struct top_sums total = total_of(top, &rss, &largest);

	start(out, style, "1");
	fputs("damon top", out);
	stop(out, style);
	if (top->nr_rows == 1 && !top->targets[top->rows[0]].pid)
		fputs("  physical memory", out);
	else
		fprintf(out, "  %u process%s", top->nr_rows,
			top->nr_rows == 1 ? "" : "es");
	fprintf(out, ", %u regions, checked every %s for %s", total_regions(top),
		unit_time(time[0], top->sample_us),
		unit_time(time[1], top->aggr_us));
	if (top->paused) {
		fputs("  ", out);
		start(out, style, "7");
		fputs(" PAUSED ", out);
		stop(out, style);
	}
	fputc('\n', out);
	fprintf(out, "working set %s, heat %s",
		unit_size(size[0], total.working_set),
		unit_size(size[1], total.heat));
	if (rss)
		fprintf(out, ", resident %s", unit_size(size[2], rss));
	fprintf(out, "; cost: kdamond %s of a CPU, this %s\n",
		unit_percent(cpu[0], top->kdamond_cpu),
		unit_percent(cpu[1], top->own_cpu));
	if (top->note[0])
		fprintf(out, "%.*s\n", (int)columns, top->note);
	else if (top->nr_lost_events)
		fprintf(out, "%llu events were lost\n", top->nr_lost_events);
	else if (style->color)
		show_legend(out, top, style);
	else
		fputc('\n', out);
}

/* Up to columns of what may hold anything. */
static void put_text(FILE *out, const char *text, int columns)
{
	char line[TOP_COMMAND_LEN];

	if (columns <= 0)
		return;
	snprintf(line, sizeof(line), "%.*s", columns, text);
	print_harmless(out, line);
}

static void put_process(FILE *out, const struct top *top,
			const struct top_target *t,
			const struct text_style *style, unsigned int columns,
			double largest)
{
	bool marked = style->color && t == top_selected(top);
	int width = bar_width(columns);

	start(out, style, marked ? "1" : "0");
	fprintf(out, "%c%7d ", marked ? '>' : ' ', t->pid);
	put_size(out, t->rss);
	put_size(out, t->now.working_set);
	put_size(out, t->now.heat);
	put_bar(out, style, &t->now, largest, width);
	fputc(' ', out);
	start(out, style, marked ? "1" : "0");
	put_age(out, t->now.size ? t->now.age / t->now.size : 0);
	put_text(out, t->command, columns - width - 49);
	stop(out, style);
	fputc('\n', out);
}

static const char *column_name(const struct top *top, unsigned int sort,
			       const char *name, char buf[16])
{
	snprintf(buf, 16, "%s%s", top->sort == sort ? "*" : "", name);
	return buf;
}

static void show_processes(FILE *out, struct top *top,
			   const struct text_style *style, unsigned int columns,
			   unsigned int lines)
{
	char pid[16], rss[16], set[16], heat[16], age[16];
	unsigned int i, first = 0, selected = 0;
	double all_rss, largest;

	total_of(top, &all_rss, &largest);
	title(out, style, columns, " %7s %9s %9s %9s %-*s %8s %s",
	      column_name(top, TOP_BY_PID, "PID", pid),
	      column_name(top, TOP_BY_RSS, "RSS", rss),
	      column_name(top, TOP_BY_WORKING_SET, "WORK SET", set),
	      column_name(top, TOP_BY_HEAT, "HEAT", heat), bar_width(columns),
	      "", column_name(top, TOP_BY_AGE, "AGE", age), "COMMAND");
	for (i = 0; i < top->nr_rows; i++) {
		if (&top->targets[top->rows[i]] == top_selected(top))
			selected = i;
	}
	if (selected >= lines)
		first = selected - lines + 1;
	for (i = first; i < top->nr_rows && i - first < lines; i++)
		put_process(out, top, &top->targets[top->rows[i]], style,
			    columns, largest);
	if (!top->nr_rows)
		fputs("no process yet\n", out);
}

/* Regions */

static const struct snapshot *sorted_snap;
static unsigned int sorted_by;

static int compare_regions(const void *a, const void *b)
{
	const struct region *r = &sorted_snap->regions[*(const u32 *)a];
	const struct region *q = &sorted_snap->regions[*(const u32 *)b];
	u64 x = 0, y = 0;

	switch (sorted_by) {
	case TOP_BY_HEAT:
		x = r->nr_accesses;
		y = q->nr_accesses;
		break;
	case TOP_BY_AGE:
		x = r->age;
		y = q->age;
		break;
	case TOP_BY_WORKING_SET:
	case TOP_BY_RSS:
		x = r->end - r->start;
		y = q->end - q->start;
		break;
	}
	if (x != y)
		return x < y ? 1 : -1;
	return r->start < q->start ? -1 : r->start > q->start;
}

static u32 *order_regions(const struct snapshot *snap, unsigned int sort)
{
	u32 *order = calloc(snap->nr_regions + 1, sizeof(*order));
	u32 i;

	for (i = 0; order && i < snap->nr_regions; i++)
		order[i] = i;
	sorted_snap = snap;
	sorted_by = sort;
	if (order && snap->nr_regions)
		qsort(order, snap->nr_regions, sizeof(*order), compare_regions);
	return order;
}

static void put_region(FILE *out, const struct snapshot *snap,
		       const struct region *r, const struct text_style *style)
{
	double rate = snapshot_rate(snap, r);
	int cells = rate * BAR_WIDTH + .5, i;
	struct pen pen = PEN_OFF;
	char share[UNIT_LEN];

	fprintf(out, " %012llx-%012llx ", r->start, r->end);
	put_size(out, r->end - r->start);
	fprintf(out, "%6s ", unit_percent(share, rate));
	if (rate && !cells)
		cells = 1;
	for (i = 0; i < cells; i++)
		put_cell(out, style, &pen, heat_level(rate, 1));
	pad(out, &pen, BAR_WIDTH - cells);
	fputc(' ', out);
	put_age(out, (double)snapshot_age_ns(snap, r) / NSEC_PER_SEC);
	fputc('\n', out);
}

static void show_regions(FILE *out, struct top *top,
			 const struct text_style *style, unsigned int columns,
			 unsigned int lines)
{
	const struct top_target *t = top_selected(top);
	char address[16], size[16], heat[16], age[16];
	u32 *order, i;

	title(out, style, columns, " %-25s %9s %6s %-*s %8s",
	      column_name(top, TOP_BY_PID, "ADDRESS", address),
	      column_name(top, top->sort == TOP_BY_WORKING_SET ?
			  TOP_BY_WORKING_SET : TOP_BY_RSS, "SIZE", size),
	      column_name(top, TOP_BY_HEAT, "RATE", heat), BAR_WIDTH, "",
	      column_name(top, TOP_BY_AGE, "AGE", age));
	order = t ? order_regions(&t->snap, top->sort) : NULL;
	if (!order)
		return;
	if (top->scroll + lines > t->snap.nr_regions)
		top->scroll = t->snap.nr_regions > lines ?
			      t->snap.nr_regions - lines : 0;
	for (i = top->scroll; i < t->snap.nr_regions &&
	     i - top->scroll < lines; i++)
		put_region(out, &t->snap, &t->snap.regions[order[i]], style);
	if (!t->snap.nr_regions)
		fputs(" no snapshot yet\n", out);
	free(order);
}

/* The map: the history as a source of snapshots */

struct history_source {
	struct snapshot_source source;
	const struct top *top;
	unsigned int next;
};

static bool history_next(struct snapshot_source *src, struct snapshot *snap)
{
	struct history_source *history = (struct history_source *)src;
	const struct snapshot *from;

	if (history->next >= history->top->nr_history)
		return false;
	from = &history->top->history[history->next++];
	if (!snapshot_reserve(snap, from->nr_regions))
		return false;
	memcpy(snap->regions, from->regions,
	       from->nr_regions * sizeof(*from->regions));
	snap->from_ns = from->from_ns;
	snap->to_ns = from->to_ns;
	snap->target = from->target;
	snap->aggr_ns = from->aggr_ns;
	snap->max_accesses = from->max_accesses;
	snap->nr_regions = from->nr_regions;
	return true;
}

static void history_rewind(struct snapshot_source *src)
{
	((struct history_source *)src)->next = 0;
}

static void show_map(FILE *out, const struct top *top,
		     const struct text_style *style, unsigned int columns,
		     unsigned int lines)
{
	const struct top_target *t = top_selected(top);
	struct history_source history = {
		.source = { history_next, history_rewind }, .top = top,
	};
	struct space_options options = {};
	unsigned int rows = clamp_u64(lines, MAP_FRAME_LINES + 4,
				      MAP_FRAME_LINES + MAX_MAP_LINES) -
			    MAP_FRAME_LINES;
	struct heatmap map;
	struct space space;
	struct picture picture = {
		.title = t ? t->command : "",
		.subtitle = "", .nr_panels = 1, .panel = { { .map = &map } },
	};

	if (!t || !space_find(&space, &history.source, &options)) {
		fputs("nothing was accessed yet\n", out);
		return;
	}
	history_rewind(&history.source);
	rows *= text_style_rows(style);
	if (!heat_init(&map, &space, rows, text_style_rows(style),
		       text_cells(&space, columns, 1)))
		return;
	heat_fill(&map, &history.source, 0);
	picture.scale = picture_scale(&picture);
	draw_text(out, &picture, style);
	heat_free(&map);
}

void top_show(FILE *out, struct top *top, const struct text_style *style,
	      unsigned int columns, unsigned int lines)
{
	const struct top_target *t = top_selected(top);
	unsigned int left;

	if (top->help) {
		fputs(help_text, out);
		return;
	}
	show_head(out, top, style, columns);
	left = lines > HEAD_LINES ? lines - HEAD_LINES : 1;
	if (top->view == TOP_PROCESSES) {
		show_processes(out, top, style, columns, left);
		return;
	}
	if (top->view == TOP_MAP) {
		show_map(out, top, style, columns, left + 1);
		return;
	}
	if (t && t->pid) {
		start(out, style, "1");
		fprintf(out, "%d ", t->pid);
		put_text(out, t->command, columns - 12);
		stop(out, style);
		fputc('\n', out);
	}
	show_regions(out, top, style, columns, left > 1 ? left - 1 : 1);
}

/* JSON */

static void json_regions(FILE *out, const struct snapshot *snap)
{
	u32 i;

	fputs(", \"regions\": [", out);
	for (i = 0; i < snap->nr_regions; i++) {
		const struct region *r = &snap->regions[i];

		fprintf(out,
			"%s{ \"start\": %llu, \"end\": %llu, \"rate\": %.4g, \"age_us\": %llu }",
			i ? ", " : "", r->start, r->end, snapshot_rate(snap, r),
			snapshot_age_ns(snap, r) / NSEC_PER_USEC);
	}
	fputc(']', out);
}

void top_json(FILE *out, struct top *top)
{
	unsigned int i;

	fprintf(out,
		"{ \"kdamond\": { \"pid\": %d, \"cpu_share\": %.4g }, \"own_cpu_share\": %.4g, \"sample_us\": %llu, \"aggr_us\": %llu, \"lost_events\": %llu, \"targets\": [",
		top->kdamond, top->kdamond_cpu, top->own_cpu, top->sample_us,
		top->aggr_us, top->nr_lost_events);
	for (i = 0; i < top->nr_rows; i++) {
		const struct top_target *t = &top->targets[top->rows[i]];
		double age = t->now.size ? t->now.age / t->now.size : 0;

		fprintf(out, "%s{ \"pid\": %d, \"command\": ", i ? ", " : "",
			t->pid);
		json_string(out, t->command);
		fprintf(out,
			", \"rss\": %llu, \"working_set\": %.0f, \"heat\": %.0f, \"size\": %.0f, \"age_us\": %.0f, \"nr_regions\": %u",
			t->rss, t->now.working_set, t->now.heat, t->now.size,
			age * USEC_PER_SEC, t->snap.nr_regions);
		if (top->view != TOP_PROCESSES)
			json_regions(out, &t->snap);
		fputs(" }", out);
	}
	fputs("] }\n", out);
}
