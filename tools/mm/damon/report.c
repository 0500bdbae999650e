// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "fail.h"
#include "report.h"
#include "units.h"

void report_json_head(const struct report *report)
{
	const struct record_meta *meta = &report->reader.meta;
	const struct space *space = &report->space;
	u64 target = report->config.space.target;
	struct record_target who = caption_target(&report->reader, target);

	fputs("{\n  \"command\": ", stdout);
	json_string(stdout, who.command);
	printf(",\n  \"pid\": %llu,\n  \"target\": %llu,\n", who.pid, target);
	printf("  \"start_mono_ns\": %llu,\n  \"start_unix_s\": %llu,\n",
	       meta->start_mono_ns, meta->start_unix_s);
	printf("  \"sample_us\": %llu,\n  \"aggr_us\": %llu,\n",
	       meta->sample_us, meta->aggr_us);
	printf("  \"from_ns\": %llu,\n  \"to_ns\": %llu,\n  \"nr_snapshots\": %llu,\n",
	       space->from_ns, space->to_ns, space->nr_snapshots);
}

FILE *report_create(const char *path)
{
	FILE *out = strcmp(path, "-") ? fopen(path, "we") : stdout;

	if (!out)
		fail(STATUS_FAILED, "cannot write %s: %m", path);
	return out;
}

int report_finish(FILE *out, const char *path)
{
	bool bad;

	/* whoever wrote to stdout last looks after its errors */
	if (out == stdout)
		return 0;
	bad = ferror(out);
	if (fclose(out) || bad)
		return fail(STATUS_FAILED, "cannot write %s: %m", path);
	return 0;
}

int report_prepare(struct report *report, u64 target)
{
	struct record_reader *reader = &report->reader;
	struct space_options *options = &report->config.space;

	options->target = target;
	if (!space_find(&report->space, &reader->source, options)) {
		if (errno)
			return fail(STATUS_FAILED, "%m");
		record_warn(reader, report->path);
		return fail(STATUS_BAD_FILE,
			    "%s has no snapshot of what was asked for",
			    report->path);
	}
	selection_init(&report->selection, &reader->source, options);
	caption_target_title(report->title, reader, target);
	caption_subtitle(report->subtitle, &reader->meta, &report->space);
	return 0;
}

u64 report_choose_target(struct report *report)
{
	struct snapshot snap = {};
	u64 target = report->config.space.target;

	if (target == TARGET_NOT_GIVEN)
		target = record_next(&report->reader, &snap) ? snap.target : 0;
	snapshot_free(&snap);
	return target;
}
