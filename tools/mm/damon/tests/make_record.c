// SPDX-License-Identifier: GPL-2.0
/*
 * A record of what stdin says, on stdout.  Lines, with decimal numbers:
 *   H SAMPLE_US AGGR_US PID COMMAND...	header, the first line
 *   T TARGET PID COMMAND...
 *   S TO_NS TARGET			snapshot, followed by its regions
 *   R START END ACCESSES AGE
 *   I TIME_NS SAMPLE_US AGGR_US
 *   L TIME_NS EVENTS
 *   E END_NS REASON...			trailer, the last line
 * A backslash and three octal digits are a byte of a command.
 */
#include <stdlib.h>
#include <string.h>

#include "record.h"

static struct record_writer writer;

static struct record_meta meta = {
	.tool = "damon test", .kernel = "6.12.0", .ops = "vaddr",
	.start_mono_ns = 1000, .start_unix_s = 1700000000,
	.update_us = 1000000, .min_regions = 10, .max_regions = 1000,
	.kdamond_pid = 77, .kdamond_cpu_ns = 5000000,
};

static struct snapshot snap;
static bool begun;

static void die(const char *why)
{
	fprintf(stderr, "make_record: %s\n", why);
	exit(99);
}

static void want(int found, int wanted)
{
	if (found != wanted)
		die("not enough numbers in a line");
}

static void take_text(char *text, const char *from)
{
	size_t len = 0;

	for (; *from && *from != '\n' && len < RECORD_TEXT_LEN - 1; from++) {
		if (*from == '\\' && strlen(from) > 3) {
			text[len++] = strtol((char []){ from[1], from[2],
					     from[3], 0 }, NULL, 8);
			from += 3;
		} else {
			text[len++] = *from;
		}
	}
	text[len] = '\0';
}

static void end_snapshot(void)
{
	if (begun && !record_put_snapshot(&writer, &snap))
		die("cannot write");
	begun = false;
	snap.nr_regions = 0;
}

static void take_line(const char *line)
{
	struct record_target target = {};
	struct region r;
	u64 a, b, c;
	int at = 0, nr;

	if (line[0] != 'R')
		end_snapshot();
	switch (line[0]) {
	case 'H':
		want(sscanf(line, "H %llu %llu %llu %n", &meta.sample_us,
			    &meta.aggr_us, &meta.pid, &at), 3);
		take_text(meta.command, line + at);
		record_begin(&writer, stdout, &meta);
		break;
	case 'T':
		want(sscanf(line, "T %llu %llu %n", &target.target,
			    &target.pid, &at), 2);
		take_text(target.command, line + at);
		record_put_target(&writer, &target);
		break;
	case 'S':
		begun = true;
		nr = sscanf(line, "S %llu %llu", &snap.to_ns, &snap.target);
		want(nr, 2);
		break;
	case 'R':
		want(sscanf(line, "R %llu %llu %u %u", &r.start, &r.end,
			    &r.nr_accesses, &r.age), 4);
		if (!snapshot_reserve(&snap, snap.nr_regions + 1))
			die("out of memory");
		snap.regions[snap.nr_regions++] = r;
		break;
	case 'I':
		want(sscanf(line, "I %llu %llu %llu", &a, &b, &c), 3);
		record_put_intervals(&writer, a, b, c);
		break;
	case 'L':
		want(sscanf(line, "L %llu %llu", &a, &b), 2);
		record_put_lost(&writer, a, b);
		break;
	case 'E':
		want(sscanf(line, "E %llu %n", &meta.end_mono_ns, &at), 1);
		take_text(meta.end_reason, line + at);
		meta.nr_snapshots = writer.nr_snapshots;
		record_end(&writer, &meta);
		break;
	default:
		die(line);
	}
}

int main(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin))
		take_line(line);
	end_snapshot();
	record_writer_free(&writer);
	snapshot_free(&snap);
	return 0;
}
