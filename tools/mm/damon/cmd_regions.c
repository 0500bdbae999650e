// SPDX-License-Identifier: GPL-2.0
/* damon regions: one snapshot as a table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caption.h"
#include "draw.h"
#include "fail.h"
#include "options.h"
#include "record.h"
#include "units.h"

#define BAR_CELLS	20

struct regions_config {
	bool json;
	unsigned int color;
	u64 at_us;
	u64 target;
};

static const struct regions_config regions_defaults;

static const struct option_row regions_options[] = {
	DEFINE_OPTION("json", FLAG, struct regions_config, json,
		      "write JSON instead"),
	DEFINE_OPTION("at", TIME, struct regions_config, at_us,
		      "the snapshot that long after the start (default: last)",
		      .value = "TIME", .min = 1),
	DEFINE_OPTION("color", CHOICE, struct regions_config, color,
		      "auto, always or never; NO_COLOR counts for auto",
		      .value = "WHEN",
		      .choices = color_when_names),
	DEFINE_OPTION("target", NUMBER, struct regions_config, target,
		      "of several targets, the one with this index (0)",
		      .value = "N"),
	END_OF_OPTIONS
};

struct found {
	struct snapshot snap;
	u64 first_ns;		/* where the first snapshot begins */
	u64 number;		/* of this snapshot, from 1 */
	u64 nr_snapshots;
	u64 aggr_us;		/* while it was made */
};

static void find_snapshot(struct found *found, struct record_reader *reader,
			  const struct regions_config *config)
{
	struct snapshot snap = {}, spare;

	while (record_next(reader, &snap)) {
		if (snap.target != config->target)
			continue;
		if (!found->nr_snapshots++)
			found->first_ns = snap.from_ns;
		if (found->number && config->at_us &&
		    (snap.from_ns - found->first_ns) / NSEC_PER_USEC >=
		    config->at_us)
			continue;
		found->number = found->nr_snapshots;
		found->aggr_us = reader->aggr_us;
		spare = found->snap;
		found->snap = snap;
		snap = spare;
	}
	snapshot_free(&snap);
}

static u64 age_us(const struct found *found, const struct region *r)
{
	return r->age * min_u64(found->aggr_us, U64_MAX / U32_MAX);
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

static void put_table(const struct found *found,
		      const struct record_meta *meta, bool color)
{
	const struct snapshot *snap = &found->snap;
	char a[UNIT_LEN], b[UNIT_LEN], c[UNIT_LEN], title[CAPTION_LEN];
	struct totals totals = sum_up(snap);
	u32 i;

	caption_title(title, meta);
	fputs(color ? "\033[1m" : "", stdout);
	print_harmless(stdout, title);
	fputs(color ? "\033[0m\n" : "\n", stdout);
	printf("snapshot %llu of %llu, %s after the start\n\n", found->number,
	       found->nr_snapshots,
	       unit_time(a, (snap->to_ns - found->first_ns) / NSEC_PER_USEC));
	printf("%16s %16s %7s %7s %9s\n", "start", "end", "size", "access",
	       "since");
	for (i = 0; i < snap->nr_regions; i++) {
		const struct region *r = &snap->regions[i];
		double rate = snapshot_rate(snap, r);

		printf("%16llx %16llx %7s %7s %9s", r->start, r->end,
		       unit_size(a, r->end - r->start), unit_percent(b, rate),
		       unit_time(c, age_us(found, r)));
		if (rate > 0)
			fputs("  ", stdout);
		put_bar(rate, color);
		putchar('\n');
	}
	printf("\n%u regions, %s; %s of them accessed, %s weighted by access\n",
	       snap->nr_regions, unit_size(a, totals.size),
	       unit_size(b, totals.accessed), unit_size(c, totals.hot));
	puts("access: share of the samples that found it accessed\n"
	     "since: how long it has had this rate");
}

static void put_json(const struct found *found, const struct record_meta *meta)
{
	const struct snapshot *snap = &found->snap;
	struct totals totals = sum_up(snap);
	u32 i;

	fputs("{\n  \"command\": ", stdout);
	json_string(stdout, meta->command);
	printf(",\n  \"pid\": %llu,\n  \"snapshot\": %llu,\n  \"nr_snapshots\": %llu,\n",
	       meta->pid, found->number, found->nr_snapshots);
	printf("  \"from_ns\": %llu,\n  \"to_ns\": %llu,\n  \"max_accesses\": %u,\n",
	       snap->from_ns, snap->to_ns, snap->max_accesses);
	printf("  \"total_bytes\": %llu,\n  \"accessed_bytes\": %llu,\n",
	       totals.size, totals.accessed);
	printf("  \"weighted_bytes\": %.0f,\n", totals.hot);
	fputs("  \"regions\": [\n", stdout);
	for (i = 0; i < snap->nr_regions; i++) {
		const struct region *r = &snap->regions[i];

		printf("    {\"start\": %llu, \"end\": %llu, \"nr_accesses\": %u, ",
		       r->start, r->end, r->nr_accesses);
		printf("\"rate\": %.4g, \"age_us\": %llu}%s\n",
		       snapshot_rate(snap, r), age_us(found, r),
		       i + 1 < snap->nr_regions ? "," : "");
	}
	fputs("  ]\n}\n", stdout);
}

static int run_regions(const void *defaults, char **args)
{
	const struct regions_config *config = defaults;
	const char *path = args[0] ? args[0] : RECORD_DEFAULT_FILE;
	struct record_reader reader;
	struct found found = {};
	int status;

	status = record_open(&reader, path);
	if (status)
		return status;
	find_snapshot(&found, &reader, config);
	record_warn(&reader, path);
	if (!found.number)
		status = fail(STATUS_BAD_FILE,
			      "%s has no snapshot of what was asked for", path);
	else if (config->json)
		put_json(&found, &reader.meta);
	else
		put_table(&found, &reader.meta,
			  text_style_choose(config->color, stdout).color);
	snapshot_free(&found.snap);
	record_close(&reader);
	return status;
}

const struct command cmd_regions = {
	.name = "regions",
	.synopsis = "[OPTION...] [FILE]",
	.help = "list the regions of the last snapshot",
	.examples =
		"  damon regions\n"
		"  damon regions --at 10s --json damon.rec\n",
	.options = regions_options,
	.defaults = &regions_defaults,
	.config_size = sizeof(regions_defaults),
	.max_args = 1,
	.run = run_regions,
};
