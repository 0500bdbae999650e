// SPDX-License-Identifier: GPL-2.0
/*
 * fake - runs the tool against files that behave like a kernel with DAMON
 *
 * Usage: fake [OPTION...] DIR TOOL [ARG...]
 *
 * Makes DIR/sys and DIR/proc and becomes the tool, while a child plays the
 * kernel until the tool is gone: it starts and ends the "kdamond", and puts
 * trace text into the pipe.  What the tool did, in order, is in DIR/log.
 *
 * Writing a number to an nr_ file makes no directories here, so that all are
 * there from the beginning.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "raw.h"
#include "setup_schema.h"
#include "types.h"

#define ADMIN		"sys/kernel/mm/damon/admin"
#define KDAMONDS	ADMIN "/kdamonds"
#define KDAMOND		KDAMONDS "/0"
#define TRACING		"sys/kernel/tracing"
#define INSTANCE	TRACING "/instances/damon-%d"
#define TARGET_PID	4242
#define KDAMOND_PID	77

static const char *root;
static const char *trace_file;
static const char *operations = "vaddr\nfvaddr\npaddr";
static const char *nr_kdamonds = "0";
static const char *state = "off";
static const char *module;
static const char *spoilt, *missing;	/* files below kdamonds/ */
static long nr_children = 1;		/* in each list */
static bool no_damon, no_tracefs, no_event, no_target, full_state;
/* proc is the real one */
static bool real_processes;
/* a second process, whose name tries to take over the terminal */
static bool company;
static long exit_ms = -1, stop_ms = -1;

static void die(const char *what)
{
	perror(what);
	exit(99);
}

static char *path_of(const char *fmt, va_list ap)
{
	static char path[512];
	int len = snprintf(path, sizeof(path), "%s/", root);

	vsnprintf(path + len, sizeof(path) - len, fmt, ap);
	return path;
}

static void make_parents(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			die(path);
		*slash = '/';
	}
}

static void __printf(2, 3)
put(const char *text, const char *fmt, ...)
{
	va_list ap;
	char *path;
	FILE *file;

	va_start(ap, fmt);
	path = path_of(fmt, ap);
	va_end(ap);
	make_parents(path);
	file = fopen(path, "w");
	if (!file)
		die(path);
	fprintf(file, "%s\n", text);
	fclose(file);
}

static void __printf(2, 3)
get(char text[64], const char *fmt, ...)
{
	va_list ap;
	FILE *file;

	va_start(ap, fmt);
	file = fopen(path_of(fmt, ap), "r");
	va_end(ap);
	text[0] = '\0';
	if (!file)
		return;
	if (fgets(text, 64, file))
		text[strcspn(text, "\n")] = '\0';
	fclose(file);
}

static void note(const char *what)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/log", root);
	file = fopen(path, "a");
	if (!file)
		die(path);
	fprintf(file, "%s\n", what);
	fclose(file);
}

static void make_rows(const char *dir, const struct setup_row *rows);

static void make_children(const char *dir, const struct setup_row *row)
{
	long nr = nr_children, i;
	char path[256];

	put("0", "%s/%s", dir, row->count);
	/* the tests of a recorder have two */
	if (row->range && nr < 2)
		nr = 2;
	for (i = 0; i < nr && (!row->max || i < (long)row->max); i++) {
		if (snprintf(path, sizeof(path), "%s/%ld", dir, i) >=
		    (int)sizeof(path))
			die(dir);
		make_rows(path, row->rows);
	}
}

/* What a kernel has, with its defaults; children of which none counts. */
static void make_rows(const char *dir, const struct setup_row *rows)
{
	const struct setup_row *row;
	char path[256];

	for (row = rows; row->name; row++) {
		snprintf(path, sizeof(path), "%s/%s", dir, row->name);
		if (row->kind == SETUP_DIR)
			make_rows(path, row->rows);
		else if (row->kind == SETUP_LIST)
			make_children(path, row);
		else if (!strcmp(row->name, "tried_regions"))
			put("0", "%s/total_bytes", path);
		else if (!strcmp(row->name, "state"))
			put(state, "%s", path);
		else if (!strcmp(row->name, "pid"))
			put("-1", "%s", path);
		else if (!strcmp(row->name, "avail_operations"))
			put(operations, "%s", path);
		else
			put(row->initial ? row->initial : "0", "%s", path);
	}
}

/* Neither to be read nor to be written */
static void spoil(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/" KDAMONDS "/%s", root, name);
	if (unlink(path) || mkdir(path, 0755))
		die(path);
}

static void make_admin(void)
{
	char path[512];

	make_rows(ADMIN, setup_root.rows);
	put(nr_kdamonds, KDAMONDS "/nr_kdamonds");
	if (spoilt)
		spoil(spoilt);
	if (missing) {
		snprintf(path, sizeof(path), "%s/" KDAMONDS "/%s", root,
			 missing);
		if (unlink(path))
			die(path);
	}
	if (full_state) {
		snprintf(path, sizeof(path), "%s/" KDAMOND "/state", root);
		if (unlink(path) || symlink("/dev/full", path))
			die(path);
	}
}

static void make_tracing(int pid)
{
	static const char *const events[] = {
		"damon_aggregated", "damon_monitor_intervals_tune",
	};
	char instance[64], path[512];
	size_t i;

	snprintf(instance, sizeof(instance), TRACING "/instances/damon-%d", pid);
	put("", TRACING "/instances/.keep");
	if (!no_event)
		put("0", TRACING "/events/damon/damon_aggregated/enable");
	put("local", "%s/trace_clock", instance);
	put("1408", "%s/buffer_size_kb", instance);
	put("1", "%s/tracing_on", instance);
	put("0", "%s/events/enable", instance);
	put(raw_header_page, "%s/events/header_page", instance);
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		put("none", "%s/events/damon/%s/filter", instance, events[i]);
		put("0", "%s/events/damon/%s/enable", instance, events[i]);
		put(i ? raw_tuned : raw_aggregated, "%s/events/damon/%s/format",
		    instance, events[i]);
	}
	put("", "%s/per_cpu/.keep", instance);
	put("", "%s/per_cpu/cpu0/.keep", instance);
	snprintf(path, sizeof(path), "%s/%s/per_cpu/cpu0/trace_pipe_raw",
		 root, instance);
	if (mkfifo(path, 0600) && errno != EEXIST)
		die(path);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void remove_instance(int pid)
{
	char command[600];

	snprintf(command, sizeof(command),
		 "find '%s/" TRACING "/instances/damon-%d' -mindepth 1 -delete",
		 root, pid);
	if (system(command))
		note("instance was not removed");
}

/*
 * One page of the trace, which is text in the file; its end is where the file
 * is afterwards.  False at the end of the file.
 */
static bool make_page(struct raw_page *page, FILE *trace)
{
	u64 target, start, end, lost = 0;
	unsigned int nr, accesses, age;
	char line[1024], *event;
	double seconds;
	long where;

	raw_begin(page, 0, 0);
	while (where = ftell(trace), fgets(line, sizeof(line), trace)) {
		if (sscanf(line, "CPU:%*d [LOST %llu", &lost) == 1) {
			if (!page->len) {
				raw_begin(page, 0, lost);
				continue;
			}
			fseek(trace, where, SEEK_SET);
			return true;
		}
		event = strchr(line, ']');
		if (!event || sscanf(event, "] ..... %lf:", &seconds) != 1)
			continue;
		event = strstr(event, "target_id=");
		if (!event || sscanf(event, "target_id=%llu nr_regions=%u %llu-%llu: %u %u",
				     &target, &nr, &start, &end, &accesses,
				     &age) != 6)
			continue;
		if (!page->len)
			raw_begin(page, seconds * NSEC_PER_SEC + .5, lost);
		if (!raw_region(page, seconds * NSEC_PER_SEC + .5, target, nr,
				start, end, accesses, age)) {
			fseek(trace, where, SEEK_SET);
			return true;
		}
	}
	return page->len;
}

/* As much of the trace as the pipe takes; true when that was all. */
static bool feed(int pipe, FILE *trace)
{
	struct raw_page page;
	long where;

	if (!trace)
		return true;
	while (where = ftell(trace), make_page(&page, trace)) {
		if (write(pipe, page.bytes, RAW_PAGE) < 0) {
			fseek(trace, where, SEEK_SET);
			return false;
		}
	}
	return true;
}

struct seen {
	char nr[64], state[64], enable[64], tracing_on[64];
	long since_ms;		/* when the kdamond started */
	bool on, ended, fed, removed;
};

static void look_at_nr(struct seen *seen, const char *now)
{
	char text[80];

	if (!now[0] || !strcmp(now, seen->nr))
		return;
	snprintf(text, sizeof(text), "nr_kdamonds %s", now);
	note(text);
	snprintf(seen->nr, sizeof(seen->nr), "%s", now);
}

static void look_at_state(struct seen *seen)
{
	char now[64], nr[64];

	get(nr, KDAMONDS "/nr_kdamonds");
	get(now, KDAMOND "/state");
	/* of two changes since the last look, this is the likely order */
	if (strcmp(nr, "0"))
		look_at_nr(seen, nr);
	if (full_state)
		return;
	if (!strcmp(now, "on") && !seen->on && !seen->ended) {
		note("on");
		seen->on = true;
		seen->since_ms = now_ms();
	} else if (!strcmp(now, "off") && seen->on) {
		note("off");
		seen->on = false;
		seen->ended = true;
	}
	look_at_nr(seen, nr);
}

static void play_kernel(int tool)
{
	FILE *trace = trace_file ? fopen(trace_file, "r") : NULL;
	struct timespec pause = { .tv_nsec = 1000000 };
	struct seen seen = { .fed = !trace };
	char path[512], now[64];
	int pipe;

	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	snprintf(seen.nr, sizeof(seen.nr), "%s", nr_kdamonds);
	snprintf(path, sizeof(path), "%s/" INSTANCE "/per_cpu/cpu0/trace_pipe_raw",
		 root, tool);
	pipe = open(path, O_RDWR | O_NONBLOCK);
	while (getppid() == tool) {
		look_at_state(&seen);
		get(now, TRACING "/instances/damon-%d/events/damon/damon_aggregated/enable",
		    tool);
		if (seen.on && !strcmp(now, "1") && !seen.fed)
			seen.fed = feed(pipe, trace);
		if (seen.on && exit_ms >= 0 && seen.fed &&
		    now_ms() - seen.since_ms > exit_ms) {
			snprintf(path, sizeof(path), "%s/proc/%d/stat", root,
				 TARGET_PID);
			unlink(path);
			snprintf(path, sizeof(path), "%s/proc/%d/statm", root,
				 TARGET_PID);
			unlink(path);
		}
		if (seen.on && stop_ms >= 0 && seen.fed &&
		    now_ms() - seen.since_ms > stop_ms) {
			put("off", KDAMOND "/state");
			snprintf(path, sizeof(path), "%s/proc/%d/schedstat",
				 root, KDAMOND_PID);
			unlink(path);
		}
		get(now, TRACING "/instances/damon-%d/tracing_on", tool);
		if (!strcmp(now, "0") && !seen.removed) {
			remove_instance(tool);
			seen.removed = true;
		}
		nanosleep(&pause, NULL);
	}
	look_at_state(&seen);
	exit(0);
}

static void parse_options(int argc, char **argv)
{
	const struct {
		char letter;
		const char **text;
		long *number;
		bool *flag;
	} options[] = {
		{ 't', .text = &trace_file },
		{ 'o', .text = &operations },
		{ 'n', .text = &nr_kdamonds },
		{ 's', .text = &state },
		{ 'm', .text = &module },
		{ 'f', .text = &spoilt },
		{ 'r', .text = &missing },
		{ 'c', .number = &nr_children },
		{ 'x', .number = &exit_ms },
		{ 'k', .number = &stop_ms },
		{ 'D', .flag = &no_damon },
		{ 'T', .flag = &no_tracefs },
		{ 'E', .flag = &no_event },
		{ 'P', .flag = &no_target },
		{ 'F', .flag = &full_state },
		{ 'R', .flag = &real_processes },
		{ 'C', .flag = &company },
	};
	size_t i;
	int c;

	while ((c = getopt(argc, argv, "+t:o:n:s:m:f:r:c:x:k:DTEPFRC")) != -1) {
		for (i = 0; i < ARRAY_SIZE(options); i++) {
			if (options[i].letter != c)
				continue;
			if (options[i].text)
				*options[i].text = optarg;
			else if (options[i].number)
				*options[i].number = atol(optarg);
			else
				*options[i].flag = true;
		}
		if (c == '?')
			exit(99);
	}
}

int main(int argc, char **argv)
{
	int tool = getpid();

	parse_options(argc, argv);
	if (argc - optind < 2)
		return 99;
	root = argv[optind];
	put("", "sys/kernel/.keep");
	if (!no_damon)
		make_admin();
	if (!no_tracefs)
		make_tracing(tool);
	if (module)
		put("Y", "sys/module/%s/parameters/enabled", module);
	if (real_processes) {
		char path[512];

		snprintf(path, sizeof(path), "%s/proc", root);
		if (symlink("/proc", path))
			die(path);
	} else {
		put("98765432 1 2", "proc/%d/schedstat", KDAMOND_PID);
	}
	if (!no_target && !real_processes) {
		put("4242 (server) S 1 1", "proc/%d/stat", TARGET_PID);
		put("server", "proc/%d/comm", TARGET_PID);
		put("30000 5000 300 1 0 400 0", "proc/%d/statm", TARGET_PID);
	}
	/* the real pid appears when the kdamond runs; nobody reads it before */
	if (!no_damon)
		put("77", KDAMOND "/pid");
	if (company) {
		put("4243 (evil) S 1 1", "proc/%d/stat", TARGET_PID + 1);
		put("\033[2Jevil\033]0;x\007<b>", "proc/%d/comm", TARGET_PID + 1);
		put("9000 1000 300 1 0 400 0", "proc/%d/statm", TARGET_PID + 1);
	}
	switch (fork()) {
	case -1:
		die("fork");
		break;
	case 0:
		play_kernel(tool);
		break;
	}
	execv(argv[optind + 1], argv + optind + 1);
	die(argv[optind + 1]);
}
