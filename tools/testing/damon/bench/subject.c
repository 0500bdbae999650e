// SPDX-License-Identifier: GPL-2.0
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "subject.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#endif
#define HUGE_BYTES	(2UL << 20)
#define NSEC_PER_MSEC	1000000ULL

static bool get(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static void set(bool *flag)
{
	__atomic_store_n(flag, true, __ATOMIC_RELEASE);
}

static unsigned long long start_ns(const struct subject *of)
{
	return __atomic_load_n(&of->start_ns, __ATOMIC_RELAXED);
}

struct noting_touch {
	struct touch touch;
	struct subject *of;
};

static void note(struct touch *touch, const struct touched *touched)
{
	struct subject *of = ((struct noting_touch *)touch)->of;

	if (of->nr_touched == SUBJECT_MAX_TOUCHED)
		of->failed = true;
	else
		of->touched[of->nr_touched++] = *touched;
}

static bool fill(char *mapping, unsigned long bytes, enum subject_fill how)
{
	if (how == FILL_ALL)
		touch_all(mapping, bytes);
	return how != FILL_ZERO_PAGE ||
	       !madvise(mapping, bytes, MADV_POPULATE_READ);
}

static void subject_main(struct subject *of, const struct drawing *d,
			 char *mapping, enum subject_fill how)
{
	struct noting_touch run = {
		.touch = {
			.zones = d->zones,
			.nr_zones = d->nr,
			.mapping = mapping,
			.note = note,
			.stop = &of->stop,
		},
		.of = of,
	};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	of->failed = !fill(mapping, d->bytes, how);
	set(&of->ready);
	while (!start_ns(of) && !get(&of->stop))
		touch_sleep_until(touch_now_ns() + NSEC_PER_MSEC);
	if (!touch_run(&run.touch, start_ns(of), d->run_ms))
		of->failed = true;
	of->nr_late = run.touch.nr_late;
	_exit(0);
}

int subjects_start(struct subjects *s, unsigned int nr, pattern *draw,
		   unsigned long bytes, bool huge, enum subject_fill how,
		   unsigned int run_ms, unsigned int seed)
{
	struct drawing d = {
		.bytes = bytes,
		.align = huge ? HUGE_BYTES : TOUCH_PAGE,
		.run_ms = run_ms,
	};
	unsigned int i;

	*s = (struct subjects){ .bytes = bytes };
	s->mapping = touch_map(bytes, huge);
	s->of = mmap(NULL, nr * sizeof(*s->of), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!s->mapping || s->of == MAP_FAILED)
		return -1;
	for (i = 0; i < nr; i++) {
		d.nr = 0;
		d.seed = seed * (SUBJECTS_MAX + 1) + i;
		draw(&d);
		s->pids[i] = fork();
		if (s->pids[i] < 0)
			break;
		if (!s->pids[i])
			subject_main(&s->of[i], &d, s->mapping, how);
		s->nr++;
	}
	for (i = 0; i < s->nr; i++) {
		/* one that has died is found again by subjects_stop() */
		while (!get(&s->of[i].ready) &&
		       !waitpid(s->pids[i], NULL, WNOHANG))
			touch_sleep_until(touch_now_ns() + NSEC_PER_MSEC);
	}
	if (s->nr == nr)
		return 0;
	subjects_stop(s);
	subjects_free(s);
	return -1;
}

void subjects_go(struct subjects *s)
{
	unsigned int i;

	for (i = 0; i < s->nr; i++)
		__atomic_store_n(&s->of[i].start_ns, touch_now_ns(),
				 __ATOMIC_RELAXED);
}

int subjects_stop(struct subjects *s)
{
	int status, bad = 0;
	unsigned int i;

	for (i = 0; i < s->nr; i++)
		set(&s->of[i].stop);
	for (i = 0; i < s->nr; i++) {
		if (waitpid(s->pids[i], &status, 0) != s->pids[i] || status ||
		    s->of[i].failed)
			bad = -1;
	}
	return bad;
}

void subjects_free(struct subjects *s)
{
	munmap(s->mapping, s->bytes);
	munmap(s->of, s->nr * sizeof(*s->of));
}
