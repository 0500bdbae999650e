// SPDX-License-Identifier: GPL-2.0
#include "draw.h"

static void put_row(FILE *out, const struct heatmap *map, unsigned int part,
		    unsigned int row)
{
	unsigned int column;

	fprintf(out, "{\"start\": %llu, \"end\": %llu, \"rates\": [",
		heat_address(map, part, row), heat_address(map, part, row + 1));
	for (column = 0; column < map->nr_columns; column++) {
		double rate = heat_rate(map, row, column);

		fputs(column ? ", " : "", out);
		if (rate < 0)
			fputs("null", out);
		else
			fprintf(out, "%.4g", rate);
	}
	fputs("]}", out);
}

void draw_json(FILE *out, const struct picture *picture)
{
	const struct heatmap *map = picture->panel[0].map;
	unsigned int row, column;

	fputs("  \"times_ns\": [", out);
	for (column = 0; column <= map->nr_columns; column++)
		fprintf(out, "%s%llu", column ? ", " : "",
			heat_time_ns(map, column));
	fputs("],\n  \"rows\": [\n", out);
	for (row = 0; row < map->nr_rows; row++) {
		fputs("    ", out);
		put_row(out, map, heat_part(map, row), row);
		fputs(row + 1 < map->nr_rows ? ",\n" : "\n", out);
	}
	fputs("  ]\n", out);
}
