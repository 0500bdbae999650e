// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "damon_mem.h"
#include "tenant.h"
#include "touch.h"

#define NSEC_PER_MSEC	1000000ULL
#define CGROUPS		"/sys/fs/cgroup/"
#define TIMES_WORN	8
#define ALL_NODES	3
#define MPOL_INTERLEAVE	3
#define NOISE_BYTES	512	/* of a page; the rest of it is zeroes */
#define LINE_BYTES	512	/* one word of so many is worked on */

#define GET(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define SET(x, to)	__atomic_store_n(&(x), to, __ATOMIC_RELAXED)

/* Some noise, as that makes some work for compression. */
static void fill(char *memory, size_t bytes)
{
	uint64_t seed = 88172645463325252ULL, *word;
	size_t at, i;

	for (at = 0; at < bytes; at += PAGE) {
		word = (uint64_t *)(memory + at);
		for (i = 0; i < NOISE_BYTES / sizeof(*word); i++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			word[i] = seed;
		}
	}
}

static void use(char *memory, size_t bytes)
{
	size_t at;

	for (at = 0; at < bytes; at += LINE_BYTES) {
		uint64_t *word = (uint64_t *)(memory + at);

		SET(*word, *word + 1);
	}
}

static u64 own_major_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_majflt;
}

static void work(const struct tenant *t)
{
	u64 then = now_ns(), faults = own_major_faults();

	use(t->memory, t->hot_bytes);
	SET(t->counts->work_faults, t->counts->work_faults +
	    own_major_faults() - faults);
	SET(t->counts->work_ns, t->counts->work_ns + now_ns() - then);
	SET(t->counts->nr_works, t->counts->nr_works + 1);
}

static void run(const struct tenant *t)
{
	char *scratch = memory_map(TOUCH_SCRATCH_BYTES);
	u64 due = now_ns(), work_due = due;
	u64 stream_due = due + t->stream_from_ms * NSEC_PER_MSEC;
	size_t at = 0;

	while (scratch) {
		touch_sleep_until(due);
		touch_flush(scratch);
		if (due >= work_due) {
			work(t);
			work_due += t->work_ms * NSEC_PER_MSEC;
		}
		if (t->stream_bytes && due >= stream_due) {
			use(t->memory + t->hot_bytes + at, t->stream_bytes);
			stream_due += t->stream_ms * NSEC_PER_MSEC;
			at += t->stream_bytes;
			if (at + t->stream_bytes > t->cold_bytes)
				at = 0;
		}
		/* what came too late is not made up for */
		due += TENANT_ROUND_MS * NSEC_PER_MSEC;
		if (due < now_ns())
			due = now_ns();
		if (work_due < due)
			work_due = due;
	}
}

/* Put it on the active list, as the second such access does. */
static bool activate(char *memory, size_t bytes)
{
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0;
	size_t at;
	char byte;

	for (at = 0; good && at < bytes; at += PAGE) {
		off_t place = (unsigned long)memory + at;

		good = pread(fd, &byte, 1, place) == 1 &&
		       pread(fd, &byte, 1, place) == 1;
	}
	close(fd);
	return good;
}

/*
 * To wait for what was swapped out counts as pressure if it was on the active
 * list before.  So it has to be there, and has to be swapped out a few times.
 */
static bool wear(const struct tenant *t)
{
	char *cold = t->memory + t->hot_bytes;
	char path[128];
	int i;

	snprintf(path, sizeof(path), CGROUPS "%s/memory.reclaim", t->cgroup);
	/* the hot part shall not be scattered over all of the memory */
	if (mlock(t->memory, t->hot_bytes) || !activate(cold, t->cold_bytes))
		return false;
	for (i = 0; i < TIMES_WORN; i++) {
		/* reclaim goes by what was read last */
		if (cg_stat(t->cgroup, "active_anon") <= 0 ||
		    file_write(path, "%zu", t->cold_bytes / 4))
			return false;
		use(cold, t->cold_bytes);
	}
	return !munlock(t->memory, t->hot_bytes) &&
	       activate(t->memory, t->hot_bytes);
}

static void tenant_main(const struct tenant *t)
{
	unsigned long nodes = ALL_NODES;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* or one node would be full, and have its pages reclaimed, before */
	if ((!t->worn && syscall(SYS_set_mempolicy, MPOL_INTERLEAVE, &nodes,
				 sizeof(nodes) * 8)) ||
	    (t->cgroup && cg_enter(t->cgroup, getpid())))
		_exit(1);
	fill(t->memory, t->filled_bytes ?: t->hot_bytes + t->cold_bytes);
	if (t->worn && !wear(t))
		_exit(1);
	SET(t->counts->ready, true);
	run(t);
}

static void forget(struct tenant *t)
{
	munmap(t->memory, t->hot_bytes + t->cold_bytes);
	munmap(t->counts, sizeof(*t->counts));
}

int tenant_start(struct tenant *t)
{
	t->memory = memory_map(t->hot_bytes + t->cold_bytes);
	t->counts = mmap(NULL, sizeof(*t->counts), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!t->memory || t->counts == MAP_FAILED)
		return -1;
	t->pid = fork();
	if (!t->pid)
		tenant_main(t);
	while (t->pid > 0 && !GET(t->counts->ready)) {
		if (waitpid(t->pid, NULL, WNOHANG))
			t->pid = -1;
		sleep_ms(1);
	}
	if (t->pid > 0)
		return 0;
	forget(t);
	return -1;
}

int tenant_stop(struct tenant *t)
{
	int status = 0;
	bool good = !waitpid(t->pid, &status, WNOHANG);

	if (good)
		good = !kill(t->pid, SIGKILL) &&
		       waitpid(t->pid, &status, 0) == t->pid;

	forget(t);
	return good ? 0 : -1;
}

struct tenant_counts tenant_counts(const struct tenant *t)
{
	return (struct tenant_counts){
		.nr_works = GET(t->counts->nr_works),
		.work_ns = GET(t->counts->work_ns),
		.work_faults = GET(t->counts->work_faults),
	};
}

double tenant_work_us(const struct tenant *t,
		      const struct tenant_counts *since)
{
	struct tenant_counts now = tenant_counts(t);

	return (double)(now.work_ns - since->work_ns) /
	       (now.nr_works - since->nr_works) / NSEC_PER_USEC;
}

long tenant_cold_swapped(const struct tenant *t)
{
	struct mem_pages pages;
	int err = mem_count(t->pid, (unsigned long)t->memory + t->hot_bytes,
			    t->cold_bytes, &pages);

	return err ?: pages.swapped;
}
