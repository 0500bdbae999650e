// SPDX-License-Identifier: GPL-2.0
/* One snapshot as a table. */
#include <stdio.h>

#include "report.h"

#define BAR_CELLS	20

struct found {
	struct snapshot snap;
	u64 number;		/* of this snapshot, from 1 */
};

/* The last one, or the last one that began before the asked time. */
static void find_snapshot(struct found *found, struct report *report)
{
	struct selection *sel = &report->selection;
	u64 at_us = report->config.at_us, nr = 0;
	struct snapshot snap = {}, spare;

	sel->source.rewind(&sel->source);
	while (sel->source.next(&sel->source, &snap)) {
		if (nr++ && at_us &&
		    (snap.from_ns - sel->first_ns) / NSEC_PER_USEC >= at_us)
			break;
		found->number = nr;
		spare = found->snap;
		found->snap = snap;
		snap = spare;
	}
	snapshot_free(&snap);
}

struct totals {
	u64 size;
	u64 accessed;	/* bytes in regions that were accessed at all */
	double hot;	/* bytes times rate */
};

static struct totals sum_up(const struct snapshot *snap)
{
	struct totals totals = {};
	u32 i;

	for (i = 0; i < snap->nr_regions; i++) {
		const struct region *r = &snap->regions[i];
		u64 size = r->end - r->start;

		totals.size += size;
		if (r->nr_accesses)
			totals.accessed += size;
		totals.hot += size * snapshot_rate(snap, r);
	}
	return totals;
}

static void put_bar(double rate, bool color)
{
	int filled = rate * BAR_CELLS + .5, i;
	struct pen pen = PEN_OFF;

	if (rate > 0 && !filled)
		filled = 1;
	if (color && filled)
		pen_set(stdout, &pen, (struct pen){ -1, heat_level(rate, 1) });
	for (i = 0; i < filled; i++)
		putchar(color ? ' ' : '#');
	pen_set(stdout, &pen, PEN_OFF);
}

static void put_table(const struct report *report, const struct found *found)
{
	const struct snapshot *snap = &found->snap;
	char a[UNIT_LEN], b[UNIT_LEN], c[UNIT_LEN], title[CAPTION_LEN];
	u64 since_ns = snap->to_ns - report->selection.first_ns;
	struct totals totals = sum_up(snap);
	u32 i;

	snprintf(title, sizeof(title), "snapshot %llu of %llu, %s after the start",
		 found->number, report->space.nr_snapshots,
		 unit_time(a, since_ns / NSEC_PER_USEC));
	text_titles(stdout, report->title, title, &report->style);
	printf("%16s %16s %7s %7s %9s\n", "start", "end", "size", "access",
	       "since");
	for (i = 0; i < snap->nr_regions; i++) {
		const struct region *r = &snap->regions[i];
		double rate = snapshot_rate(snap, r);

		printf("%16llx %16llx %7s %7s %9s", r->start, r->end,
		       unit_size(a, r->end - r->start), unit_percent(b, rate),
		       unit_time(c, snapshot_age_ns(snap, r) / NSEC_PER_USEC));
		if (rate > 0)
			fputs("  ", stdout);
		put_bar(rate, report->style.color);
		putchar('\n');
	}
	printf("\n%u regions, %s; %s of them accessed, %s weighted by access\n",
	       snap->nr_regions, unit_size(a, totals.size),
	       unit_size(b, totals.accessed), unit_size(c, totals.hot));
	puts("access: share of the samples that found it accessed\n"
	     "since: how long it has had this rate");
}

static void put_json(const struct report *report, const struct found *found)
{
	const struct snapshot *snap = &found->snap;
	struct totals totals = sum_up(snap);
	u32 i;

	report_json_head(report);
	printf("  \"snapshot\": %llu,\n  \"snapshot_from_ns\": %llu,\n",
	       found->number, snap->from_ns);
	printf("  \"snapshot_to_ns\": %llu,\n  \"max_accesses\": %u,\n",
	       snap->to_ns, snap->max_accesses);
	printf("  \"total_bytes\": %llu,\n  \"accessed_bytes\": %llu,\n",
	       totals.size, totals.accessed);
	printf("  \"weighted_bytes\": %.0f,\n", totals.hot);
	fputs("  \"regions\": [\n", stdout);
	for (i = 0; i < snap->nr_regions; i++) {
		const struct region *r = &snap->regions[i];

		printf("    {\"start\": %llu, \"end\": %llu, \"nr_accesses\": %u, ",
		       r->start, r->end, r->nr_accesses);
		printf("\"rate\": %.4g, \"age_us\": %llu}%s\n",
		       snapshot_rate(snap, r), snapshot_age_ns(snap, r) / NSEC_PER_USEC,
		       i + 1 < snap->nr_regions ? "," : "");
	}
	fputs("  ]\n}\n", stdout);
}

int report_regions(struct report *report)
{
	struct found found = {};

	find_snapshot(&found, report);
	if (report->config.json)
		put_json(report, &found);
	else
		put_table(report, &found);
	snapshot_free(&found.snap);
	return 0;
}
