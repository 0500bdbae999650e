// SPDX-License-Identifier: GPL-2.0
/* What programs notice of being watched. */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "touch.h"

#define MEMORY_BYTES	(256 * MIB)
#define SETTLE_MS	500
#define MEASURE_MS	1000
#define THREADS		4
#define MAP_BYTES	(64 * PAGE)

/* Shared with the program; all accesses are atomic. */
struct counts {
	bool ready;
	u64 done[THREADS];	/* by each thread */
};

#define GET(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define SET(x, to)	__atomic_store_n(&(x), to, __ATOMIC_RELAXED)

static struct counts *counts;

/* Some work on memory that is in use, over and over. */
static void work(char *memory)
{
	unsigned long at = 0, i;

	for (;;) {
		for (i = 0; i < 1024; i++) {
			at = (at * 5 + 12345) % (MEMORY_BYTES / 4 / PAGE);
			memory[at * PAGE]++;
		}
		SET(counts->done[0], counts->done[0] + 1);
	}
}

static void *map_unmap(void *arg)
{
	size_t me = (size_t)arg;

	for (;;) {
		char *memory = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			_exit(1);
		touch_all(memory, MAP_BYTES);
		munmap(memory, MAP_BYTES);
		SET(counts->done[me], counts->done[me] + 1);
	}
	return NULL;
}

static void map_threads(char *memory)
{
	pthread_t thread;
	size_t i;

	(void)memory;
	for (i = 1; i < THREADS; i++) {
		if (pthread_create(&thread, NULL, map_unmap, (void *)i))
			_exit(1);
	}
	map_unmap(NULL);
}

static pid_t begin(void (*run)(char *memory))
{
	char *memory = memory_map(MEMORY_BYTES);
	pid_t pid;

	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!memory || counts == MAP_FAILED)
		return -1;
	pid = fork();
	if (!pid) {
		touch_all(memory, MEMORY_BYTES);
		SET(counts->ready, true);
		run(memory);
	}
	munmap(memory, MEMORY_BYTES);
	while (pid > 0 && !GET(counts->ready) && !waitpid(pid, NULL, WNOHANG))
		sleep_ms(1);
	return pid;
}

/* How much is done in a second. */
static double pace(void)
{
	u64 then = now_ns(), nr = 0, ns;
	size_t i;

	for (i = 0; i < THREADS; i++)
		nr -= GET(counts->done[i]);
	sleep_ms(MEASURE_MS);
	for (i = 0; i < THREADS; i++)
		nr += GET(counts->done[i]);
	ns = now_ns() - then;
	return (double)nr * NSEC_PER_SEC / ns;
}

static int process_on(pid_t pid)
{
	return stage_processes(&pid, 1) ?: damon_state(0, "on");
}

static int process_off(void)
{
	return damon_state(0, "off");
}

struct effect {
	void (*run)(char *memory);
	int (*on)(pid_t pid);
	int (*off)(void);
};

static int run_effect(const struct bench_case *c)
{
	const struct effect *effect = c->of;
	double before, watched;
	pid_t pid = begin(effect->run);
	int err, status;

	if (pid < 0)
		return broken(c, "cannot start the program");
	sleep_ms(100);
	before = pace();
	err = effect->on(pid);
	sleep_ms(SETTLE_MS);
	watched = pace();
	err = err ?: effect->off();
	if (kill(pid, SIGKILL) || waitpid(pid, &status, 0) != pid || err ||
	    WIFEXITED(status) || !before)
		return broken(c, "the program or the kdamond has ended early");
	munmap(counts, sizeof(*counts));
	report(c, "slower when watched", "%",
	       100 * (1 - watched / before));
	return 0;
}

const struct bench_case effect_cases[] = {
	{ .name = "work", .run = run_effect,
	  .of = &(const struct effect){ work, process_on, process_off },
	  .what = "a program that works on a quarter of its 256 MiB" },
	{ .name = "work-stat", .run = run_effect,
	  .of = &(const struct effect){ work, stat_on, stat_off },
	  .what = "the same beside DAMON_STAT, or paddr" },
	{ .name = "mmap", .run = run_effect,
	  .of = &(const struct effect){ map_threads, process_on, process_off }, .guest = "smp",
	  .what = "four threads that map, touch and unmap 256 KiB each" },
	{ }
};
