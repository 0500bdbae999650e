// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the policy code on simulated access patterns and scores what it says.
 *
 * One line a pattern and size: F1 of what is hot, over the whole run and over
 * its second half; the mean absolute error of the access rate; the time from
 * which on F1 stays at 0.95 or more; regions, mean and most; checks and page
 * table entries that a scout looked at, per tick; the share of ages that are 0.
 */

#include <getopt.h>

#include "sim.h"

static const char usage[] =
	"usage: sim [OPTION]...\n"
	"  --size SIZE[,SIZE]...     of the memory, like 512M, 16G or 1T; default 512M\n"
	"  --pattern NAME[,NAME]...  default: all\n"
	"  --seeds N                 runs to take the mean of, default 5\n"
	"  --seed N                  the first one, default 0\n"
	"  --seconds N               simulated, default 12\n"
	"  --regions MIN,MAX         limits of their number, default 10,1000\n"
	"  --no-scout                without it\n"
	"  --miss P                  share of touched blocks that a scout does not see\n"
	"  --thp                     all is mapped by huge pages\n"
	"  --classic                 also the well-known scheme\n"
	"  --csv                     with commas\n"
	"  --picture FILE            heat maps of the first pattern, size and seed\n"
	"  --check                   test it, against fixed limits\n";

enum {
	OPT_SIZE, OPT_PATTERN, OPT_SEEDS, OPT_SEED, OPT_SECONDS, OPT_REGIONS,
	OPT_NO_SCOUT, OPT_MISS, OPT_THP, OPT_CLASSIC, OPT_CSV, OPT_PICTURE,
	OPT_CHECK,
};

static const struct option options[] = {
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "pattern", required_argument, NULL, OPT_PATTERN },
	{ "seeds", required_argument, NULL, OPT_SEEDS },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "seconds", required_argument, NULL, OPT_SECONDS },
	{ "regions", required_argument, NULL, OPT_REGIONS },
	{ "no-scout", no_argument, NULL, OPT_NO_SCOUT },
	{ "miss", required_argument, NULL, OPT_MISS },
	{ "thp", no_argument, NULL, OPT_THP },
	{ "classic", no_argument, NULL, OPT_CLASSIC },
	{ "csv", no_argument, NULL, OPT_CSV },
	{ "picture", required_argument, NULL, OPT_PICTURE },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ }
};

#define MAX_WANTED	32

/* What the command line asks for; nothing in a list stands for the default. */
static struct wanted {
	struct setup setup;
	u64 sizes[MAX_WANTED];
	int nr_sizes;
	const struct pattern *patterns[MAX_WANTED];
	int nr_patterns;
	bool classic;
	bool csv;
	const char *picture;
	struct picture *pic;
} wanted = {
	.setup = {
		.nr_aggrs = 120,
		.nr_seeds = 5,
		.min_nr = 10,
		.max_nr = 1000,
		.scout = true,
	},
};

static void fail(const char *what, const char *arg)
{
	fprintf(stderr, "sim: %s: %s\n%s", what, arg, usage);
	exit(2);
}

static u64 parse_size(const char *arg)
{
	static const char units[] = "KMGT";
	char *end;
	u64 sz = strtoull(arg, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;

	if (unit) {
		sz <<= 10 * (unit - units + 1);
		end++;
	}
	/* At least so much that patterns have room. */
	if (*end || sz < (64UL << 20) || sz > (64UL << 40) || sz % PAGE_SIZE)
		fail("not a size from 64M to 64T", arg);
	return sz;
}

static long parse_number(const char *arg, long min, long max)
{
	char *end;
	long n = strtol(arg, &end, 10);

	if (end == arg || *end || n < min || n > max)
		fail("not a number in its range", arg);
	return n;
}

static void parse_regions(char *arg)
{
	char *max = strchr(arg, ',');

	if (!max)
		fail("not MIN,MAX", arg);
	*max++ = 0;
	wanted.setup.min_nr = parse_number(arg, 3, 100000);
	wanted.setup.max_nr = parse_number(max, wanted.setup.min_nr, 100000);
}

static void add_size(const char *arg)
{
	if (wanted.nr_sizes == MAX_WANTED)
		fail("too many sizes", arg);
	wanted.sizes[wanted.nr_sizes++] = parse_size(arg);
}

static void add_pattern(const char *arg)
{
	const struct pattern *p = pattern_find(arg);

	if (!p || wanted.nr_patterns == MAX_WANTED)
		fail("no such pattern", arg);
	wanted.patterns[wanted.nr_patterns++] = p;
}

static void read_list(char *arg, void (*add)(const char *word))
{
	for (char *word = strtok(arg, ","); word; word = strtok(NULL, ","))
		add(word);
}

static void parse(int opt, char *arg)
{
	struct setup *s = &wanted.setup;

	switch (opt) {
	case OPT_SIZE:
		read_list(arg, add_size);
		break;
	case OPT_PATTERN:
		read_list(arg, add_pattern);
		break;
	case OPT_SEEDS:
		s->nr_seeds = parse_number(arg, 1, 1000);
		break;
	case OPT_SEED:
		s->first_seed = parse_number(arg, 0, 1000000);
		break;
	case OPT_SECONDS:
		s->nr_aggrs = parse_number(arg, 1, 3600) *
			1000 / (TICKS_PER_AGGR * MS_PER_TICK);
		break;
	case OPT_REGIONS:
		parse_regions(arg);
		break;
	case OPT_NO_SCOUT:
		s->scout = false;
		break;
	case OPT_MISS:
		s->miss = atof(arg);
		if (s->miss < 0 || s->miss > 1)
			fail("not from 0 to 1", arg);
		break;
	case OPT_THP:
		s->thp = true;
		break;
	case OPT_CLASSIC:
		wanted.classic = true;
		break;
	case OPT_CSV:
		wanted.csv = true;
		break;
	case OPT_PICTURE:
		wanted.picture = arg;
		break;
	case OPT_CHECK:
		exit(check_run());
	default:
		fputs(usage, stderr);
		exit(2);
	}
}

static const char *size_name(u64 sz)
{
	static char name[32];
	int unit = 0;

	for (sz >>= 20; sz >= 1024 && sz % 1024 == 0; sz >>= 10)
		unit++;
	snprintf(name, sizeof(name), "%lu%c", (unsigned long)sz, "MGT"[unit]);
	return name;
}

static void print_head(void)
{
	if (wanted.csv) {
		fputs("pattern,size,monitor,f1,f1_half,error,settled_s,", stdout);
		puts("regions,max_regions,checks,looks,resets");
	} else {
		printf("%-13s %5s %-8s %5s %5s %6s %8s %7s %4s %7s %7s %6s\n",
		       "pattern", "size", "monitor", "F1", "half", "error",
		       "settled", "regions", "max", "checks", "looks",
		       "resets");
	}
}

static void print(const struct setup *s, const struct result *r)
{
	printf(wanted.csv ?
	       "%s,%s,%s,%.4f,%.4f,%.5f,%.2f,%.1f,%.0f,%.2f,%.2f,%.4f\n" :
	       "%-13s %5s %-8s %5.3f %5.3f %6.4f %8.1f %7.1f %4.0f %7.1f %7.1f %6.3f\n",
	       s->pattern->name, size_name(s->sz), s->monitor->name, r->f1,
	       r->f1_half, r->error, r->settled_s, r->regions, r->max_regions,
	       r->checks, r->looks, r->resets);
	fflush(stdout);
}

static void run(struct setup *s)
{
	static const struct monitor *const monitors[] = { &ours, &classic };

	for (int i = 0; i <= wanted.classic; i++) {
		struct result r;

		s->monitor = monitors[i];
		r = simulate(s, wanted.pic, i + 1);
		print(s, &r);
	}
}

static void write_picture(const struct setup *s)
{
	static const char *const names[] = { "truth", "DAMON", "classic" };
	char title[64];

	snprintf(title, sizeof(title), "%s, %s", s->pattern->name,
		 size_name(s->sz));
	if (!picture_write(wanted.pic, wanted.picture, title, names)) {
		perror(wanted.picture);
		exit(1);
	}
	picture_destroy(wanted.pic);
	wanted.pic = NULL;
}

int main(int argc, char **argv)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1)
		parse(opt, optarg);
	if (optind < argc)
		fail("what is that", argv[optind]);
	if (!wanted.nr_sizes)
		wanted.sizes[wanted.nr_sizes++] = 512UL << 20;
	for (int i = 0; !wanted.nr_patterns || i < wanted.nr_patterns; i++) {
		if (!wanted.nr_patterns && i == nr_patterns)
			break;
		wanted.setup.pattern = wanted.nr_patterns ?
			wanted.patterns[i] : &patterns[i];
		for (int k = 0; k < wanted.nr_sizes; k++) {
			struct setup s = wanted.setup;

			s.sz = wanted.sizes[k];
			if (!i && !k)
				print_head();
			if (!i && !k && wanted.picture)
				wanted.pic = picture_create(s.sz, s.nr_aggrs);
			run(&s);
			if (wanted.pic)
				write_picture(&s);
		}
	}
	return 0;
}
