// SPDX-License-Identifier: GPL-2.0
/*
 * score - how near a record came to the truth
 *
 * Draws both beside each other and says in figures how they compare.  All of
 * them are over the workload's mapping, from the moment the recording began to
 * the workload's end; what the record says nothing about counts as never
 * accessed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "caption.h"
#include "compare.h"
#include "draw.h"
#include "fail.h"
#include "options.h"
#include "record.h"
#include "units.h"

#define TEXT_LINES	16
#define SVG_ROWS	128
#define SVG_COLUMNS	160
#define GOOD_F1		0.95

struct score_config {
	unsigned int color;
	const char *svg;
	u64 columns;
};

static const struct score_config score_defaults;

static const struct option_row score_options[] = {
	DEFINE_OPTION("svg", TEXT, struct score_config, svg,
		      "also write the picture to FILE", .value = "FILE"),
	DEFINE_OPTION("color", CHOICE, struct score_config, color,
		      "auto, always or never; NO_COLOR counts for auto",
		      .value = "WHEN", .choices = color_when_names),
	DEFINE_OPTION("columns", NUMBER, struct score_config, columns,
		      "width of the text", .value = "N", .min = 50,
		      .max = HEAT_MAX_COLUMNS),
	END_OF_OPTIONS
};

static bool make_score(struct score *score, struct record_reader *reader,
		       const struct truth *truth, u64 from_ns, u64 to_ns)
{
	bool good = score_truth(score, truth, from_ns, to_ns);
	struct snapshot seen = {};

	record_rewind(reader);
	while (good && record_next(reader, &seen))
		good = score_snapshot(score, truth, &seen,
				      max_u64(seen.from_ns, from_ns),
				      min_u64(seen.to_ns, to_ns));
	snapshot_free(&seen);
	return good;
}

/* Both heat maps, filled, as one picture. */
static bool make_picture(struct picture *picture, struct heatmap *maps,
			 const struct space *space, struct record_reader *reader,
			 struct truth *truth, unsigned int rows,
			 unsigned int row_unit, unsigned int columns)
{
	if (!heat_init(&maps[0], space, rows, row_unit, columns) ||
	    !heat_init(&maps[1], space, rows, row_unit, columns))
		return false;
	heat_fill(&maps[0], &reader->source, 0);
	heat_fill(&maps[1], &truth->source, 0);
	picture->nr_panels = 2;
	picture->panel[0] = (struct panel){ "recorded", &maps[0] };
	picture->panel[1] = (struct panel){ "truth", &maps[1] };
	picture->scale = picture_scale(picture);
	return true;
}

static int draw(const struct score_config *config, const struct space *space,
		struct record_reader *reader, struct truth *truth)
{
	struct text_style style = text_style_choose(config->color, stdout);
	char title[CAPTION_LEN], subtitle[CAPTION_LEN];
	struct picture picture = { .title = title, .subtitle = subtitle };
	unsigned int columns, lines;
	struct heatmap maps[2] = {};
	FILE *svg = NULL;
	bool good;

	text_size(stdout, &columns, &lines);
	if (config->columns)
		columns = config->columns;
	caption_title(title, &reader->meta);
	caption_subtitle(subtitle, &reader->meta, space);
	good = make_picture(&picture, maps, space, reader, truth,
			    TEXT_LINES * text_style_rows(&style),
			    text_style_rows(&style),
			    text_cells(space, columns, 2));
	if (good)
		draw_text(stdout, &picture, &style);
	heat_free(&maps[0]);
	heat_free(&maps[1]);
	if (!good)
		return fail(STATUS_FAILED, "out of memory");
	if (!config->svg)
		return 0;

	good = make_picture(&picture, maps, space, reader, truth, SVG_ROWS, 1,
			    SVG_COLUMNS);
	if (good)
		svg = fopen(config->svg, "we");
	if (svg)
		draw_svg(svg, &picture);
	heat_free(&maps[0]);
	heat_free(&maps[1]);
	if (!svg || fclose(svg))
		return fail(STATUS_FAILED, "cannot write %s: %m", config->svg);
	return 0;
}

static int report(const struct score *score, const struct record_meta *meta,
		  u64 from_ns, u64 to_ns)
{
	double seconds = (double)(to_ns - from_ns) / NSEC_PER_SEC;
	double recorded_s = (double)(meta->end_mono_ns - meta->start_mono_ns) /
			    NSEC_PER_SEC;
	double cpu_s = (double)meta->kdamond_cpu_ns / NSEC_PER_SEC;
	bool good = score_f1(score) >= GOOD_F1;

	printf("\nerror      %.4f mean distance from the true access rate (0 to 1), over %.1f s\n",
	       score_error(score), seconds);
	printf("hot set    F1 %.3f; hot is what half of the samples or more found accessed\n",
	       score_f1(score));
	printf("regions    %.1f on the average, %u at most\n",
	       score->nr_snapshots ? (double)score->nr_regions /
	       score->nr_snapshots : 0, score->max_regions);
	if (meta->kdamond_cpu_ns && recorded_s > 0)
		printf("kdamond    %.3f s of CPU time in %.1f s, %.2f%% of a CPU\n",
		       cpu_s, recorded_s, 100 * cpu_s / recorded_s);
	else
		printf("kdamond    CPU time unknown\n");
	printf("%s: F1 is %s %.2f\n",
	       good ? "The picture is right" : "The picture is WRONG",
	       good ? "at least" : "below", GOOD_F1);
	return good ? STATUS_DONE : STATUS_FAILED;
}

static int run_score(const void *config, char **args)
{
	struct score score = {};
	struct record_reader reader;
	struct truth truth;
	struct space space;
	int status;

	if (!args[0] || !args[1])
		return fail(STATUS_USAGE, "give a record and the truth");
	status = record_open(&reader, args[0]);
	if (status)
		return status;
	status = truth_load(&truth, args[1]);
	if (status)
		goto out;
	truth.sample_us = reader.meta.sample_us;
	space = (struct space){
		.nr_parts = 1,
		.part = { { truth.start, truth.end } },
		.from_ns = max_u64(reader.meta.start_mono_ns, truth.from_ns),
		.to_ns = truth.until_ns,
	};
	/* the trailer is known after a pass, and says when the record ended */
	if (!make_score(&score, &reader, &truth, space.from_ns, space.to_ns)) {
		status = fail(STATUS_FAILED, "out of memory");
		goto out;
	}
	record_warn(&reader, args[0]);
	if (!score.nr_snapshots || !score.all) {
		status = fail(STATUS_BAD_FILE,
			      "record and truth have no time in common");
		goto out;
	}
	if (truth.nr_late)
		warn("%llu passes of the workload came too late: the truth is not quite true",
		     truth.nr_late);
	space.nr_snapshots = score.nr_snapshots;
	status = draw(config, &space, &reader, &truth);
	if (!status)
		status = report(&score, &reader.meta, space.from_ns,
				space.to_ns);
out:
	truth_free(&truth);
	record_close(&reader);
	return status;
}

static const struct command cmd_score = {
	.name = "score",
	.synopsis = "[OPTION...] RECORD TRUTH",
	.help = "compare a record with what really happened",
	.examples = "  score damon.rec truth\n",
	.options = score_options,
	.defaults = &score_defaults,
	.config_size = sizeof(score_defaults),
	.max_args = 2,
	.run = run_score,
};

int main(int argc, char **argv)
{
	(void)argc;
	fail_prefix = "score";
	return command_run(&cmd_score, argv);
}
