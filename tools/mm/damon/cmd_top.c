// SPDX-License-Identifier: GPL-2.0
/*
 * damon top: what is accessed now, again and again.
 *
 * Signals stay blocked and come out of a file, like keys and time, so that
 * one place waits for all of them.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"
#include "monitor.h"
#include "options.h"
#include "process.h"
#include "term.h"
#include "top.h"
#include "trace.h"
#include "units.h"

#define NO_KDAMOND	U64_MAX
#define READ_PERIOD_NS	(200 * NSEC_PER_MSEC)
#define NOTE_NS		(5 * NSEC_PER_SEC)
/* How often to look for processes that have become large. */
#define CHOOSE_NS	(5 * NSEC_PER_SEC)
#define MIN_PERIOD_US	(100 * USEC_PER_MSEC)
#define MAX_PERIOD_US	(60 * USEC_PER_SEC)
#define MAX_SHOWN	256
#define BUFFER_BYTES	(2ULL << 20)
#define PLAIN_LINES	10000

struct top_config {
	struct number_list pids;
	u64 kdamond;
	u64 nr_processes;
	u64 count;
	u64 period_us;
	unsigned int view, sort, color;
	bool json;
	struct monitor_attrs attrs;
	const char *root;
};

static const struct top_config top_defaults = {
	.kdamond = NO_KDAMOND,
	.nr_processes = 16,
	.view = NR_TOP_VIEWS,	/* the one that fits */
	.period_us = USEC_PER_SEC,
	.attrs = MONITOR_DEFAULTS,
	.root = "/",
};

static const struct option_row top_options[] = {
	DEFINE_OPTION("pid", NUMBERS, struct top_config, pids,
		      "these processes, of one alone its regions",
		      .letter = 'p', .value = "PID", .min = 1,
		      .max = 1 << 30),
	DEFINE_OPTION("processes", NUMBER, struct top_config, nr_processes,
		      "else the N largest (16)",
		      .letter = 'N', .value = "N", .min = 1, .max = MAX_SHOWN),
	DEFINE_OPTION("kdamond", NUMBER, struct top_config, kdamond,
		      "what a kdamond that runs already sees",
		      .letter = 'k', .value = "N", .max = 1 << 20),
	DEFINE_OPTION("delay", TIME, struct top_config, period_us,
		      "time between two refreshes (1s)",
		      .letter = 'd', .value = "TIME", .min = MIN_PERIOD_US,
		      .max = 3600 * USEC_PER_SEC),
	DEFINE_OPTION("count", NUMBER, struct top_config, count,
		      "stop after so many", .letter = 'n', .value = "N",
		      .min = 1),
	DEFINE_OPTION("sort", CHOICE, struct top_config, sort,
		      "heat, working-set, rss, pid or age",
		      .value = "KEY", .choices = top_sort_names),
	DEFINE_OPTION("view", CHOICE, struct top_config, view,
		      "processes, regions or map", .value = "VIEW",
		      .choices = top_view_names),
	DEFINE_OPTION("json", FLAG, struct top_config, json,
		      "an object a refresh, regions with --view regions",
		      .letter = 'j'),
	DEFINE_OPTION("color", CHOICE, struct top_config, color,
		      "auto, always or never", .value = "WHEN",
		      .choices = color_when_names, .manual_only = true),
	MONITOR_OPTIONS(struct top_config, attrs),
	DEFINE_OPTION("root", TEXT, struct top_config, root,
		      "find sys and proc below DIR", .value = "DIR",
		      .manual_only = true),
	END_OF_OPTIONS
};

struct live {
	struct trace_sink sink;
	const struct top_config *config;
	struct monitor_attrs attrs;
	struct tree tree;
	struct monitor monitor;
	struct trace trace;
	struct top top;
	struct text_style style;
	bool live;		/* on a terminal, with keys if stdin is one */
	bool keys;
	bool automatic;		/* we choose the processes */
	bool stopped;		/* somebody wants us to end */
	int signals;		/* signalfd */
	u64 nr_shown;
	u64 next_ns, choose_ns, note_ns;
	/* at the last refresh */
	u64 then_ns, kdamond_ns, own_ns;
};

static struct live *to_live(struct trace_sink *sink)
{
	return (struct live *)sink;
}

static bool sink_snapshot(struct trace_sink *sink, const struct snapshot *snap)
{
	return top_snapshot(&to_live(sink)->top, snap);
}

static bool sink_tuned(struct trace_sink *sink, u64 time_ns, u64 sample_us)
{
	struct top *top = &to_live(sink)->top;
	u64 nr_samples = max_u64(top->aggr_us / top->sample_us, 1);

	(void)time_ns;
	if (!sample_us || sample_us > U64_MAX / nr_samples)
		return true;
	top->sample_us = sample_us;
	top->aggr_us = sample_us * nr_samples;
	return true;
}

static bool sink_lost(struct trace_sink *sink, u64 time_ns, u64 nr_events)
{
	(void)time_ns;
	to_live(sink)->top.nr_lost_events += max_u64(nr_events, 1);
	return true;
}

static void note(struct live *s, const char *text)
{
	snprintf(s->top.note, sizeof(s->top.note), "%s", text);
	s->note_ns = clock_ns(CLOCK_MONOTONIC);
}

/* Whom to look at */

static bool is_shown(const struct live *s, pid_t pid)
{
	unsigned int i;

	for (i = 0; i < s->top.nr_targets; i++) {
		if (s->top.targets[i].pid == pid)
			return !s->top.targets[i].ended;
	}
	return false;
}

/*
 * The largest, but those that we look at already only go when they are far from
 * it, so that two of the same size do not take turns.
 */
static int choose(struct live *s, pid_t pids[MAX_SHOWN], unsigned int *nr)
{
	unsigned int wanted = s->config->nr_processes, i;
	struct process_list list = {};
	int status;

	*nr = 0;
	status = process_find(&s->tree, &list);
	for (i = 0; i < list.nr && i < 2 * wanted && *nr < wanted; i++) {
		if (is_shown(s, list.process[i].pid))
			pids[(*nr)++] = list.process[i].pid;
	}
	for (i = 0; i < list.nr && *nr < wanted; i++) {
		if (!is_shown(s, list.process[i].pid))
			pids[(*nr)++] = list.process[i].pid;
	}
	process_list_free(&list);
	return status;
}

static int take_targets(struct live *s)
{
	const struct monitor *m = &s->monitor;

	if (!top_set_targets(&s->top, &s->tree, m->pids, m->nr_targets))
		return fail(STATUS_FAILED, "out of memory");
	s->top.kdamond = m->kdamond;
	s->kdamond_ns = m->cpu_ns;
	s->trace.assembly.addr_unit = m->addr_unit;
	return 0;
}

static int start_with(struct live *s, const pid_t *pids, unsigned int nr)
{
	int status = monitor_start(&s->monitor, &s->attrs, pids, nr);

	if (!status)
		status = trace_enable(&s->trace, s->monitor.kdamond, true);
	return status ? status : take_targets(s);
}

static bool same_processes(const struct live *s, const pid_t *pids,
			   unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!is_shown(s, pids[i]))
			return false;
	}
	return nr == s->top.nr_targets;
}

/* Events of before are taken first; those of meanwhile are of nobody known. */
static int change_targets(struct live *s, const pid_t *pids, unsigned int nr)
{
	int status = trace_read(&s->trace, &s->sink);

	if (status)
		return status;
	fail_quiet = true;
	if (monitor_runs(&s->monitor) && monitor_can_retarget(&s->monitor)) {
		status = monitor_retarget(&s->monitor, pids, nr);
		s->top.ignore_ns = clock_ns(CLOCK_MONOTONIC);
		if (!status)
			status = take_targets(s);
	} else {
		monitor_stop(&s->monitor);
		s->top.ignore_ns = clock_ns(CLOCK_MONOTONIC);
		status = start_with(s, pids, nr);
	}
	fail_quiet = false;
	/* processes come and go; the next time may be better */
	if (status)
		note(s, "the list of processes could not be changed just now");
	return 0;
}

static int choose_again(struct live *s)
{
	pid_t pids[MAX_SHOWN];
	unsigned int nr;
	int status;

	s->choose_ns = clock_ns(CLOCK_MONOTONIC);
	status = choose(s, pids, &nr);
	if (status || !nr || same_processes(s, pids, nr))
		return status;
	return change_targets(s, pids, nr);
}

static int start(struct live *s)
{
	const struct top_config *config = s->config;
	pid_t pids[MAX_SHOWN];	/* which is more than MAX_LIST */
	unsigned int nr = config->pids.nr, i;
	u64 index = config->kdamond;
	int status;

	if (index != NO_KDAMOND ||
	    (!nr && s->attrs.ops == OPS_VADDR &&
	     monitor_find_running(&s->tree, &index))) {
		status = monitor_attach(&s->monitor, index);
		if (status)
			return status;
		s->attrs = s->monitor.attrs;
		status = trace_enable(&s->trace, s->monitor.kdamond, true);
		return status ? status : take_targets(s);
	}
	for (i = 0; i < nr; i++) {
		pids[i] = config->pids.val[i];
		if (!tree_process_alive(&s->tree, pids[i]))
			return fail(STATUS_NO_PROCESS,
				    "there is no process %d", pids[i]);
	}
	s->automatic = !nr && s->attrs.ops == OPS_VADDR;
	if (s->automatic) {
		s->choose_ns = clock_ns(CLOCK_MONOTONIC);
		status = choose(s, pids, &nr);
		if (status)
			return status;
	}
	if (!nr && s->attrs.ops != OPS_PADDR)
		return fail(s->automatic ? STATUS_NO_PROCESS : STATUS_USAGE,
			    s->automatic ? "there is no process with memory" :
					   "--ops fvaddr needs --pid");
	return start_with(s, pids, nr);
}

/* Showing */

static void measure_costs(struct live *s)
{
	u64 now_ns = clock_ns(CLOCK_MONOTONIC);
	u64 own_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	double elapsed = now_ns - s->then_ns;

	if (s->then_ns && elapsed > 0) {
		s->top.own_cpu = (own_ns - s->own_ns) / elapsed;
		s->top.kdamond_cpu = s->monitor.cpu_ns < s->kdamond_ns ? 0 :
			(s->monitor.cpu_ns - s->kdamond_ns) / elapsed;
	}
	s->then_ns = now_ns;
	s->own_ns = own_ns;
	s->kdamond_ns = s->monitor.cpu_ns;
}

static int show(struct live *s)
{
	unsigned int columns, lines;
	char *text = NULL;
	size_t len;
	FILE *out;

	text_size(stdout, &columns, &lines);
	if (!s->live) {
		if (s->nr_shown++ && !s->config->json)
			putchar('\n');
		if (s->config->json)
			top_json(stdout, &s->top);
		else
			top_show(stdout, &s->top, &s->style, columns,
				 PLAIN_LINES);
		/* whoever read it has seen enough */
		if ((fflush(stdout) || ferror(stdout)) && errno == EPIPE) {
			s->stopped = true;
			clearerr(stdout);
		} else if (ferror(stdout)) {
			return fail(STATUS_FAILED, "cannot write: %m");
		}
		return 0;
	}
	s->nr_shown++;
	out = open_memstream(&text, &len);
	if (!out)
		return fail(STATUS_FAILED, "out of memory");
	top_show(out, &s->top, &s->style, columns, lines);
	if (!fclose(out)) {
		term_enter();
		term_draw(text, columns, lines);
	}
	free(text);
	return 0;
}

static int refresh(struct live *s)
{
	u64 now_ns = clock_ns(CLOCK_MONOTONIC);
	bool runs = monitor_runs(&s->monitor), all_ended;
	int status = 0;

	s->next_ns = max_u64(s->next_ns + s->top.period_us * NSEC_PER_USEC,
			     now_ns);
	if (s->top.note[0] && now_ns - s->note_ns > NOTE_NS)
		s->top.note[0] = '\0';
	if (s->top.paused)
		return show(s);
	measure_costs(s);
	if (!top_refresh(&s->top, &s->tree))
		return fail(STATUS_FAILED, "out of memory");
	if (s->automatic && (!runs || now_ns - s->choose_ns > CHOOSE_NS)) {
		status = choose_again(s);
		top_order(&s->top);
		runs = monitor_runs(&s->monitor);
	}
	if (!status)
		status = show(s);
	/* a kdamond notices later that all of its processes have ended */
	all_ended = s->monitor.ours && !s->automatic && !s->top.nr_rows;
	if (status || (runs && !all_ended))
		return status;
	s->stopped = true;
	if (all_ended)
		return fail(0, "%s ended", s->config->pids.nr == 1 ?
			    "the process has" : "all processes have");
	return fail(s->monitor.ours ? STATUS_BUSY : 0, "the kdamond was stopped");
}

/* Keys and signals */

static void press(struct live *s, int key)
{
	u64 period_us = s->top.period_us;
	char text[UNIT_LEN], line[64];

	top_press(&s->top, key);
	s->stopped |= s->top.quit;
	if (s->top.period_us == period_us)
		return;
	s->top.period_us = clamp_u64(s->top.period_us, MIN_PERIOD_US,
				     MAX_PERIOD_US);
	s->next_ns = clock_ns(CLOCK_MONOTONIC) +
		     s->top.period_us * NSEC_PER_USEC;
	snprintf(line, sizeof(line), "refreshing every %s",
		 unit_time(text, s->top.period_us));
	note(s, line);
}

static void take_signal(struct live *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) != sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGTSTP:
		term_leave();
		raise(SIGSTOP);
		/* here again when somebody sends SIGCONT */
		break;
	case SIGCONT:
	case SIGWINCH:
		/* drawing anew is all that it takes, and entering if need be */
		if (s->live)
			term_leave();
		break;
	default:
		s->stopped = true;
		break;
	}
}

/* Waits until the next refresh, but not for long; true if there is news. */
static bool wait_for_news(struct live *s)
{
	struct pollfd files[] = {
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = s->keys ? STDIN_FILENO : -1, .events = POLLIN },
	};
	u64 now_ns = clock_ns(CLOCK_MONOTONIC);
	u64 left_ns = s->next_ns > now_ns ? s->next_ns - now_ns : 0;
	int key;

	/* rounded up, or the last millisecond would be spent in a circle */
	left_ns = min_u64(left_ns, READ_PERIOD_NS) + NSEC_PER_MSEC - 1;
	if (poll(files, ARRAY_SIZE(files), left_ns / NSEC_PER_MSEC) <= 0)
		return false;
	if (files[0].revents)
		take_signal(s);
	if (files[1].revents & POLLIN) {
		while ((key = term_key()) != KEY_NONE)
			press(s, key);
	} else if (files[1].revents) {
		/* the terminal is gone */
		s->keys = false;
		s->stopped = true;
	}
	return true;
}

static int follow(struct live *s)
{
	int status = 0;

	s->next_ns = clock_ns(CLOCK_MONOTONIC);
	if (s->live)
		status = show(s);
	s->nr_shown = 0;
	s->next_ns += s->top.period_us * NSEC_PER_USEC;
	measure_costs(s);
	while (!status && !s->stopped) {
		bool news = wait_for_news(s);

		status = trace_read(&s->trace, &s->sink);
		if (status || s->stopped)
			break;
		if (clock_ns(CLOCK_MONOTONIC) >= s->next_ns) {
			status = refresh(s);
			if (s->config->count &&
			    s->nr_shown >= s->config->count)
				break;
		} else if (news && s->live) {
			status = show(s);
			s->nr_shown--;
		}
	}
	return status;
}

static int set_up(struct live *s)
{
	int status;

	status = tree_open(&s->tree, s->config->root);
	if (!status)
		status = tree_open_tracing(&s->tree);
	monitor_init(&s->monitor, &s->tree);
	if (!status)
		status = trace_open(&s->trace, &s->tree, BUFFER_BYTES);
	if (!status)
		status = start(s);
	s->top.sample_us = max_u64(s->attrs.sample_us, 1);
	s->top.aggr_us = max_u64(s->attrs.aggr_us, 1);
	return status;
}

static int catch_signals(struct live *s)
{
	static const int signals[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH,
	};
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals < 0 ? fail(STATUS_FAILED, "cannot wait for signals: %m") :
				0;
}

static int run_top(const void *config, char **args)
{
	struct live s = {
		.sink = { sink_snapshot, sink_tuned, sink_lost },
		.config = config,
		.tree = { .root = -1, .admin = -1, .tracing = -1 },
		.monitor = { .lock = -1 },
		.trace = { .dir = -1 },
	};
	int status, ways;

	(void)args;
	s.attrs = s.config->attrs;
	ways = !!s.config->pids.nr + (s.config->kdamond != NO_KDAMOND) +
	       (s.attrs.ops == OPS_PADDR);
	if (ways > 1)
		return fail(STATUS_USAGE,
			    "give either --pid, --kdamond or --ops paddr");
	status = monitor_check_attrs(&s.attrs);
	if (status)
		return status;
	s.top.sort = s.config->sort;
	s.top.period_us = s.config->period_us;
	s.top.view = s.config->view;
	if (s.top.view == NR_TOP_VIEWS)
		s.top.view = s.config->pids.nr == 1 ||
			     s.attrs.ops == OPS_PADDR ? TOP_REGIONS :
							TOP_PROCESSES;
	s.style = text_style_choose(s.config->color, stdout);
	s.live = isatty(STDOUT_FILENO) && !s.config->json;
	s.keys = s.live && isatty(STDIN_FILENO);

	status = catch_signals(&s);
	if (!status)
		status = set_up(&s);
	/* messages must not be lost with the other screen */
	before_message = s.live ? term_leave : NULL;
	if (!status)
		status = follow(&s);
	term_leave();
	before_message = NULL;
	monitor_free(&s.monitor);
	trace_close(&s.trace);
	tree_close(&s.tree);
	top_free(&s.top);
	if (s.signals >= 0)
		close(s.signals);
	return status;
}

const struct command cmd_top = {
	.name = "top",
	.synopsis = "[OPTION...]",
	.help = "watch live which memory is accessed; ? shows the keys",
	.examples = "  damon top -p 4711        damon top -n 1 --json\n",
	.manual =
		"Without --pid, a kdamond that runs already is looked at, or else the largest processes are monitored.  Which these are is looked at every 5 seconds.  Processes that stay keep their results then, unless the kernel is too old for that or damon runs in a PID namespace of its own.",
	.options = top_options,
	.defaults = &top_defaults,
	.config_size = sizeof(top_defaults),
	.run = run_top,
};
