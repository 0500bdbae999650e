// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_trace.h"
#include "damon_util.h"

#define TRACEFS		"/sys/kernel/tracing"
#define INSTANCE	TRACEFS "/instances/damon_selftest"

const char *damon_trace_why_not(void)
{
	if (access(TRACEFS "/instances", F_OK) &&
	    mount("tracefs", TRACEFS, "tracefs", 0, NULL))
		return "no tracefs";
	if (access(TRACEFS "/events/damon", F_OK))
		return "no tracepoints of DAMON";
	return NULL;
}

int damon_trace_open(struct damon_trace *tr, const char *events)
{
	char names[DAMON_TRACE_LINE], path[DAMON_TRACE_LINE], *name, *next;
	int err;

	tr->pos = 0;
	tr->len = 0;
	tr->bad = 0;
	rmdir(INSTANCE);
	if (mkdir(INSTANCE, 0700))
		return -errno;
	snprintf(names, sizeof(names), "%s", events);
	for (name = strtok_r(names, " ", &next); name;
	     name = strtok_r(NULL, " ", &next)) {
		snprintf(path, sizeof(path), INSTANCE "/events/damon/%s/enable",
			 name);
		err = file_write(path, "1");
		if (err)
			return err;
	}
	tr->fd = open(INSTANCE "/trace_pipe",
		      O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return tr->fd < 0 ? -errno : 0;
}

void damon_trace_close(struct damon_trace *tr)
{
	close(tr->fd);
	file_write(INSTANCE "/events/enable", "0");
	rmdir(INSTANCE);
}

void damon_trace_drain(struct damon_trace *tr)
{
	while (read(tr->fd, tr->buf, sizeof(tr->buf)) > 0)
		;
	tr->pos = 0;
	tr->len = 0;
}

/* Take the first line out of the buffer; false if there is no whole one. */
static bool take_line(struct damon_trace *tr, char line[DAMON_TRACE_LINE])
{
	char *from = tr->buf + tr->pos;
	char *end = memchr(from, '\n', tr->len - tr->pos);

	if (!end)
		return false;
	snprintf(line, DAMON_TRACE_LINE, "%.*s", (int)(end - from), from);
	tr->pos = end + 1 - tr->buf;
	return true;
}

/* Waits for data by steps: trace_pipe wakes pollers in its own good time. */
static bool fill(struct damon_trace *tr, long deadline_us)
{
	tr->len -= tr->pos;
	memmove(tr->buf, tr->buf + tr->pos, tr->len);
	tr->pos = 0;
	for (;;) {
		ssize_t len = read(tr->fd, tr->buf + tr->len,
				   sizeof(tr->buf) - tr->len);

		if (len > 0) {
			tr->len += len;
			return true;
		}
		if (now_us() > deadline_us)
			return false;
		usleep(5000);
	}
}

bool damon_trace_next(struct damon_trace *tr, const char *event, int wait_ms,
		      char text[DAMON_TRACE_LINE])
{
	long deadline = now_us() + wait_ms * 1000L;
	char line[DAMON_TRACE_LINE], mark[64], *at;

	snprintf(mark, sizeof(mark), ": %s: ", event);
	do {
		while (take_line(tr, line)) {
			at = strstr(line, mark);
			if (!at)
				continue;
			snprintf(text, DAMON_TRACE_LINE, "%s",
				 at + strlen(mark));
			return true;
		}
	} while (fill(tr, deadline));
	return false;
}

struct aggregated {
	unsigned long target_id;
	unsigned int nr_regions;
	struct damon_trace_region r;
};

/* Whatever sscanf() lets pass has to look the same when printed again. */
static bool parse_aggregated(const char *text, struct aggregated *ev)
{
	const char *fmt = "target_id=%lu nr_regions=%u %lu-%lu: %u %u";
	char again[DAMON_TRACE_LINE];

	if (sscanf(text, fmt, &ev->target_id, &ev->nr_regions, &ev->r.start,
		   &ev->r.end, &ev->r.nr_accesses, &ev->r.age) != 6)
		return false;
	snprintf(again, sizeof(again), fmt, ev->target_id, ev->nr_regions,
		 ev->r.start, ev->r.end, ev->r.nr_accesses, ev->r.age);
	return !strcmp(text, again);
}

bool damon_trace_snapshot(struct damon_trace *tr, int wait_ms,
			  struct damon_snapshot *s)
{
	char text[DAMON_TRACE_LINE];
	struct aggregated ev;

	s->nr = 0;
	while (damon_trace_next(tr, "damon_aggregated", wait_ms, text)) {
		if (!parse_aggregated(text, &ev)) {
			tr->bad++;
			continue;
		}
		/* What was begun in the middle is no snapshot. */
		if (s->nr && (ev.target_id != s->target_id ||
			      ev.r.start < s->r[s->nr - 1].end))
			s->nr = 0;
		s->target_id = ev.target_id;
		s->r[s->nr++] = ev.r;
		if (s->nr == ev.nr_regions)
			return true;
		if (s->nr == DAMON_SNAPSHOT_MAX)
			s->nr = 0;
	}
	return false;
}

double damon_snapshot_heat(const struct damon_snapshot *s, unsigned long start,
			   unsigned long end)
{
	double sum = 0, size = 0;
	unsigned int i;

	for (i = 0; i < s->nr; i++) {
		const struct damon_trace_region *r = &s->r[i];
		unsigned long from = r->start > start ? r->start : start;
		unsigned long to = r->end < end ? r->end : end;

		if (from >= to)
			continue;
		sum += (double)(to - from) * r->nr_accesses;
		size += to - from;
	}
	return size ? sum / size : -1;
}

unsigned int damon_snapshot_age(const struct damon_snapshot *s)
{
	unsigned int i, age = 0;

	for (i = 0; i < s->nr; i++)
		if (s->r[i].age > age)
			age = s->r[i].age;
	return age;
}
