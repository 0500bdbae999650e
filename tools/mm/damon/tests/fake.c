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

#include "types.h"

#define ADMIN		"sys/kernel/mm/damon/admin"
#define KDAMONDS	ADMIN "/kdamonds"
#define KDAMOND		KDAMONDS "/0"
#define CONTEXT		KDAMOND "/contexts/0"
#define ATTRS		CONTEXT "/monitoring_attrs"
#define TARGET		CONTEXT "/targets/0"
#define TRACING		"sys/kernel/tracing"
#define TARGET_PID	4242
#define KDAMOND_PID	77

static const char *root;
static const char *trace_file;
static const char *operations = "vaddr\nfvaddr\npaddr";
static const char *nr_kdamonds = "0";
static const char *state = "off";
static const char *module;
static bool no_damon, no_tracefs, no_event, no_target, full_state;
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

static void make_admin(void)
{
	static const char *const knobs[] = {
		"intervals/sample_us", "intervals/aggr_us",
		"intervals/update_us", "intervals/intervals_goal/access_bp",
		"intervals/intervals_goal/aggrs",
		"intervals/intervals_goal/min_sample_us",
		"intervals/intervals_goal/max_sample_us", "nr_regions/min",
		"nr_regions/max",
	};
	size_t i;

	put(nr_kdamonds, KDAMONDS "/nr_kdamonds");
	put(state, KDAMOND "/state");
	put("-1", KDAMOND "/pid");
	put("0", KDAMOND "/contexts/nr_contexts");
	put(operations, CONTEXT "/avail_operations");
	put("vaddr", CONTEXT "/operations");
	for (i = 0; i < ARRAY_SIZE(knobs); i++)
		put("0", ATTRS "/%s", knobs[i]);
	put("0", CONTEXT "/targets/nr_targets");
	put("0", TARGET "/pid_target");
	put("0", TARGET "/regions/nr_regions");
	for (i = 0; i < 2; i++) {
		put("0", TARGET "/regions/%zu/start", i);
		put("0", TARGET "/regions/%zu/end", i);
	}
	if (full_state) {
		char path[512];

		snprintf(path, sizeof(path), "%s/" KDAMOND "/state", root);
		if (unlink(path) || symlink("/dev/full", path))
			die(path);
	}
}

static void make_tracing(int pid)
{
	char path[512];

	put("", TRACING "/instances/.keep");
	if (!no_event)
		put("0", TRACING "/events/damon/damon_aggregated/enable");
	put("local", TRACING "/instances/damon-%d/trace_clock", pid);
	put("1408", TRACING "/instances/damon-%d/buffer_size_kb", pid);
	put("1", TRACING "/instances/damon-%d/tracing_on", pid);
	put("0", TRACING "/instances/damon-%d/events/enable", pid);
	put("none",
	    TRACING "/instances/damon-%d/events/damon/damon_aggregated/filter",
	    pid);
	put("0",
	    TRACING "/instances/damon-%d/events/damon/damon_aggregated/enable",
	    pid);
	put("none",
	    TRACING "/instances/damon-%d/events/damon/damon_monitor_intervals_tune/filter",
	    pid);
	put("0",
	    TRACING "/instances/damon-%d/events/damon/damon_monitor_intervals_tune/enable",
	    pid);
	snprintf(path, sizeof(path), "%s/" TRACING "/instances/damon-%d/trace_pipe",
		 root, pid);
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

/* As much of the trace as the pipe takes. */
static bool feed(int pipe, FILE *trace)
{
	char line[1024];

	if (!trace)
		return true;
	while (true) {
		long where = ftell(trace);

		if (!fgets(line, sizeof(line), trace))
			return true;
		if (write(pipe, line, strlen(line)) < 0) {
			fseek(trace, where, SEEK_SET);
			return false;
		}
	}
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
	snprintf(path, sizeof(path), "%s/" TRACING "/instances/damon-%d/trace_pipe",
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
		}
		if (seen.on && stop_ms >= 0 && seen.fed &&
		    now_ms() - seen.since_ms > stop_ms)
			put("off", KDAMOND "/state");
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
		{ 'x', .number = &exit_ms },
		{ 'k', .number = &stop_ms },
		{ 'D', .flag = &no_damon },
		{ 'T', .flag = &no_tracefs },
		{ 'E', .flag = &no_event },
		{ 'P', .flag = &no_target },
		{ 'F', .flag = &full_state },
	};
	size_t i;
	int c;

	while ((c = getopt(argc, argv, "+t:o:n:s:m:x:k:DTEPF")) != -1) {
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
	if (!no_target) {
		put("4242 (server) S 1 1", "proc/%d/stat", TARGET_PID);
		put("server", "proc/%d/comm", TARGET_PID);
	}
	put("98765432 1 2", "proc/%d/schedstat", KDAMOND_PID);
	/* the real pid appears when the kdamond runs; nobody reads it before */
	if (!no_damon)
		put("77", KDAMOND "/pid");
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
