// SPDX-License-Identifier: GPL-2.0
/* What the commands that are written to state cost, and how long they take. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define NR_REGIONS	1000
#define REGION_BYTES	(64 * PAGE)
#define NR_SCHEMES	100
#define ROUNDS		9
#define IDLE_US		1000000000
#define INTERVAL_MS	100

/* What went by since some moment. */
struct spent {
	double time, own, kdamond;	/* microseconds */
};

struct clocks {
	u64 time, own, kdamond;
};

static struct clocks clocks_now(pid_t kdamond)
{
	return (struct clocks){ now_ns(), own_cpu_ns(), cpu_ns(kdamond) };
}

static struct spent spent_since(const struct clocks *then, pid_t kdamond)
{
	struct clocks now = clocks_now(kdamond);

	return (struct spent){
		(double)(now.time - then->time) / NSEC_PER_USEC,
		(double)(now.own - then->own) / NSEC_PER_USEC,
		(double)(now.kdamond - then->kdamond) / NSEC_PER_USEC,
	};
}

static void report_spent(const struct bench_case *c, const char *of,
			 struct spent *spent)
{
	double time[ROUNDS], own[ROUNDS], all[ROUNDS];
	char figure[64];
	size_t i;

	for (i = 0; i < ROUNDS; i++) {
		time[i] = spent[i].time;
		own[i] = spent[i].own;
		all[i] = spent[i].own + spent[i].kdamond;
	}
	snprintf(figure, sizeof(figure), "%sCPU with kdamond", of);
	report(c, figure, "us", median(all, ROUNDS));
	snprintf(figure, sizeof(figure), "%sCPU of the writer", of);
	report(c, figure, "us", median(own, ROUNDS));
	snprintf(figure, sizeof(figure), "%stime until done", of);
	report(c, figure, "us", median(time, ROUNDS));
}

/* What the kdamond takes for itself in a microsecond, with nothing asked. */
static double kdamond_load(pid_t kdamond)
{
	struct clocks then = clocks_now(kdamond);
	struct spent spent;

	sleep_ms(20 * INTERVAL_MS);
	spent = spent_since(&then, kdamond);
	return spent.kdamond / spent.time;
}

/* Read all files in and below a directory, return their number. */
static unsigned int read_all(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	unsigned int nr = 0;
	char text[64];

	while (dir && (entry = readdir(dir))) {
		int file;

		if (entry->d_name[0] == '.')
			continue;
		if (entry->d_type == DT_DIR) {
			nr += read_all(fd, entry->d_name);
			continue;
		}
		file = openat(fd, entry->d_name, O_RDONLY);
		nr += file >= 0 && read(file, text, sizeof(text)) > 0;
		close(file);
	}
	if (dir)
		closedir(dir);
	return nr;
}

static unsigned int count_regions(void)
{
	DIR *dir = opendir(DAMON_ADMIN S0 "tried_regions");
	struct dirent *entry;
	unsigned int nr = 0;

	while (dir && (entry = readdir(dir)))
		nr += entry->d_type == DT_DIR && entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return nr;
}

static int run_snapshot(const struct bench_case *c)
{
	char *memory = memory_map(2 * NR_REGIONS * REGION_BYTES);
	struct spent ordered[ROUNDS], all[ROUNDS];
	struct range ranges[NR_REGIONS];
	unsigned int nr_files = 0;
	size_t i, nr_found;
	pid_t kdamond;
	double load;
	int err;

	if (!memory)
		return broken(c, "no memory");
	/* with holes in between they are never made one */
	for (i = 0; i < NR_REGIONS; i++) {
		ranges[i].start = (unsigned long)memory + 2 * i * REGION_BYTES;
		ranges[i].end = ranges[i].start + REGION_BYTES;
	}
	err = stage_target("fvaddr", ranges, NR_REGIONS, INTERVAL_MS,
			   NR_REGIONS) ?:
	      stage_schemes(1) ?: stage_any(S0, "stat") ?:
	      damon_state(0, "on");
	if (err)
		return broken(c, "cannot start: %s", strerror(-err));
	kdamond = damon_pid(0);
	sleep_ms(5 * INTERVAL_MS);
	load = kdamond_load(kdamond);
	for (i = 0; i < ROUNDS; i++) {
		struct clocks then;

		if (!c->again)
			damon_state(0, "clear_schemes_tried_regions");
		then = clocks_now(kdamond);
		if (damon_state(0, "update_schemes_tried_regions"))
			return broken(c, "no snapshot");
		ordered[i] = spent_since(&then, kdamond);
		nr_files = read_all(AT_FDCWD, DAMON_ADMIN S0 "tried_regions");
		all[i] = spent_since(&then, kdamond);
		ordered[i].kdamond -= load * ordered[i].time;
		all[i].kdamond -= load * all[i].time;
	}
	nr_found = count_regions();
	if (damon_state(0, "off"))
		return broken(c, "the kdamond has ended early");
	munmap(memory, 2 * NR_REGIONS * REGION_BYTES);
	if (nr_found < NR_REGIONS || nr_files < 4 * nr_found)
		return broken(c, "%zu regions, %u files", nr_found, nr_files);
	report_spent(c, "", all);
	report_spent(c, "command alone: ", ordered);
	report(c, "files read", "", nr_files);
	return 0;
}

/* All but the last are hardly ever applied, so that it is commit that costs. */
static int stage_idle_schemes(void)
{
	char path[96];
	int i, err = stage_schemes(NR_SCHEMES);

	for (i = 0; !err && i < NR_SCHEMES - 1; i++) {
		snprintf(path, sizeof(path),
			 C0 "schemes/%d/apply_interval_us", i);
		err = damon_write(path, "%d", IDLE_US);
	}
	return err;
}

static int run_commit(const struct bench_case *c)
{
	/* One region, so that next to nothing else is to be done. */
	char *memory = memory_map(PAGE);
	struct range range = { (unsigned long)memory,
			       (unsigned long)memory + PAGE };
	char last[64];
	struct spent spent[ROUNDS];
	pid_t kdamond;
	double load;
	size_t i;
	int err;

	if (!memory)
		return broken(c, "no memory");
	err = stage_target("fvaddr", &range, 1, INTERVAL_MS, 100) ?:
	      stage_idle_schemes() ?: damon_state(0, "on");
	if (err)
		return broken(c, "cannot start: %s", strerror(-err));
	kdamond = damon_pid(0);
	sleep_ms(5 * INTERVAL_MS);
	load = kdamond_load(kdamond);
	for (i = 0; i < ROUNDS; i++) {
		struct clocks then = clocks_now(kdamond);

		if (damon_state(0, "commit"))
			return broken(c, "cannot commit");
		spent[i] = spent_since(&then, kdamond);
		spent[i].kdamond -= load * spent[i].time;
	}

	/* the last one shall fit something from now on */
	snprintf(last, sizeof(last), C0 "schemes/%d/", NR_SCHEMES - 1);
	err = stage_any(last, "stat") ?: damon_state(0, "commit");
	sleep_ms(5 * INTERVAL_MS);
	err = err ?: damon_state(0, "update_schemes_stats") ?:
	      damon_state(0, "off");
	strcat(last, "stats/nr_tried");
	munmap(memory, PAGE);
	if (err || damon_read_long(last) <= 0)
		return broken(c, "what was committed is not done");
	report_spent(c, "", spent);
	return 0;
}

const struct bench_case command_cases[] = {
	{ .name = "snapshot", .run = run_snapshot,
	  .what = "take and read 1,000 tried regions, none there before" },
	{ .name = "snapshots", .run = run_snapshot,
	  .what = "the same again and again, as many there before",
	  .again = true },
	{ .name = "commit", .run = run_commit,
	  .what = "commit 100 schemes" },
	{ }
};
