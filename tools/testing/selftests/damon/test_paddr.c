// SPDX-License-Identifier: GPL-2.0
/*
 * Physical memory: accesses to pages of all kinds are seen, what is in them
 * stays what it is, and memory may come and go.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_scheme.h"
#include "damon_trace.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define LIMIT_S		120
#define WAIT_MS		20000
#define FEW_US		20000000L

#define SAMPLE_US	5000L
#define AGGR_US		100000L

#define LEN		(4 * MB)
#define HUGE		(2 * MB)
/* As much as can be read each millisecond. */
#define READ_LEN	(256 * KB)
#define KSM		"/sys/kernel/mm/ksm/"
#define NR_HUGEPAGES	"/proc/sys/vm/nr_hugepages"
#define CGROUP		"damon_paddr"

enum kind {
	BASE,
	THP,
	MERGED,
	SHARED,
	MAPPED_FILE,
	HUGETLB,
	NR_KINDS,
};

static const char * const kind_names[NR_KINDS] = {
	"anonymous", "huge", "merged", "shared", "file", "hugetlb",
};

FIXTURE(paddr) {
	unsigned long start;
	unsigned long end;
};

FIXTURE_SETUP(paddr)
{
	const char *why = damon_why_not();

	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, damon_new(1));
	if (paddr_why_not())
		SKIP(return, "%s", paddr_why_not());
	ASSERT_EQ(0, ram_range(&self->start, &self->end));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, AGGR_US, 60000000));
}

FIXTURE_TEARDOWN(paddr)
{
	EXPECT_EQ(0, damon_cleanup());
	file_write(KSM "run", "2");
	file_write(NR_HUGEPAGES, "0");
}

static unsigned char pattern(enum kind kind, unsigned long at)
{
	/* Merged pages are all alike. */
	return kind == MERGED ? 7 : kind + at / getpagesize() % 251;
}

/* On a file system with a disk behind it, if there is one. */
#define DISK		"/mnt/damon_paddr"
#define NO_DISK		"/tmp/damon_paddr"

static char *map_file(void)
{
	int fd = open(access("/mnt/lost+found", F_OK) ? NO_DISK : DISK,
		      O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *mem;

	if (fd < 0 || ftruncate(fd, LEN))
		return NULL;
	mem = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return mem;
}

/* Memory of some kind, filled; NULL if there is no such memory. */
static char *map_kind(enum kind kind)
{
	int flags = kind == SHARED ? MAP_SHARED | MAP_ANONYMOUS :
				     MAP_PRIVATE | MAP_ANONYMOUS;
	unsigned long i;
	char *mem;

	if (kind == HUGETLB) {
		file_write(NR_HUGEPAGES, "%lu", LEN / HUGE);
		flags |= MAP_HUGETLB;
	}
	mem = kind == MAPPED_FILE ? map_file() :
	      mmap(NULL, LEN + HUGE, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (mem == MAP_FAILED && kind == HUGETLB)
		mem = mmap(NULL, LEN, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (!mem || mem == MAP_FAILED)
		return NULL;
	if (kind == THP)
		mem += -(unsigned long)mem & (HUGE - 1);
	if (kind != HUGETLB)
		madvise(mem, LEN, kind == THP ? MADV_HUGEPAGE :
						MADV_NOHUGEPAGE);
	for (i = 0; i < LEN; i++)
		mem[i] = pattern(kind, i);
	if (kind == THP && !smaps_kb(getpid(), (unsigned long)mem,
				     "AnonHugePages:"))
		return NULL;
	if (kind == MERGED) {
		long end = now_us() + FEW_US;

		file_write(KSM "pages_to_scan", "10000");
		file_write(KSM "sleep_millisecs", "10");
		if (madvise(mem, LEN, MADV_MERGEABLE) ||
		    file_write(KSM "run", "1"))
			return NULL;
		while (file_number(KSM "pages_sharing", "") <
		       (long)(LEN / getpagesize() / 2) && now_us() < end)
			usleep(20000);
	}
	return mem;
}

static void expect_intact(struct __test_metadata *_metadata, enum kind kind,
			  const char *mem)
{
	unsigned long i;

	for (i = 0; i < LEN; i += 64)
		ASSERT_EQ(pattern(kind, i), (unsigned char)mem[i])
			TH_LOG("%s memory at %lu", kind_names[kind], i);
}

/* Reads it, as long as it may; the TLB is as full as on a busy machine. */
static pid_t reader_start(const char *mem, unsigned long len, bool *go)
{
	size_t scratch_len = 48 * getpagesize();
	unsigned long i;
	char *scratch;
	pid_t pid;

	pid = fork();
	if (pid)
		return pid;
	scratch = mmap(NULL, scratch_len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (scratch == MAP_FAILED)
		_exit(1);
	memset(scratch, 1, scratch_len);
	for (;; usleep(1000)) {
		if (!__atomic_load_n(go, __ATOMIC_RELAXED))
			continue;
		for (i = 0; i < len; i += getpagesize())
			(void)__atomic_load_n(mem + i, __ATOMIC_RELAXED);
		mprotect(scratch, scratch_len, PROT_READ);
		mprotect(scratch, scratch_len, PROT_READ | PROT_WRITE);
	}
}

/* What the scheme finds at most in some aggregations. */
static unsigned long hottest(struct __test_metadata *_metadata)
{
	struct damos_tried t;
	unsigned long most = 0;
	int i;

	for (i = 0; i < 8; i++) {
		EXPECT_EQ(0, damos_fetch_tried(0, &t));
		/* What was before may be in the first ones. */
		if (i > 4 && t.max_accesses > most)
			most = t.max_accesses;
	}
	return most;
}

static void look_at(struct __test_metadata *_metadata, enum kind kind,
		    bool *go, bool visible)
{
	unsigned long idle, busy, after;
	struct mem_run run;
	pid_t reader;
	char *mem;

	mem = map_kind(kind);
	if (!mem) {
		TH_LOG("no %s memory here", kind_names[kind]);
		return;
	}
	/* What lies side by side need not be merged; one page is. */
	ASSERT_EQ(0, mem_longest_run(getpid(), (unsigned long)mem,
				     kind == MERGED ? getpagesize() : LEN,
				     &run));
	if (run.len > READ_LEN)
		run.len = READ_LEN;
	*go = false;
	reader = reader_start((char *)run.start, run.len, go);
	ASSERT_GT(reader, 0);
	ASSERT_EQ(0, damos_monitor_phys(run.phys, run.phys + run.len));
	ASSERT_EQ(0, damos_new(1, "stat"));
	ASSERT_EQ(0, damon_state(0, "on"));
	idle = hottest(_metadata);
	__atomic_store_n(go, true, __ATOMIC_RELAXED);
	busy = hottest(_metadata);
	__atomic_store_n(go, false, __ATOMIC_RELAXED);
	after = hottest(_metadata);
	ASSERT_EQ(0, damon_state(0, "off"));
	process_end(reader);
	TH_LOG("%s, %lu kB: %lu of 20 when idle, %lu when read, %lu after",
	       kind_names[kind], run.len / KB, idle, busy, after);
	EXPECT_LE(idle, 2);
	EXPECT_LE(after, 2);
	EXPECT_TRUE(visible ? busy >= 15 : !busy);
	expect_intact(_metadata, kind, mem);
	munmap(mem, LEN);
	if (kind == HUGETLB)
		file_write(NR_HUGEPAGES, "0");
}

TEST_F_TIMEOUT(paddr, accesses_to_all_kinds, 2 * LIMIT_S)
{
	bool *go = mmap(NULL, 1, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int kind;

	ASSERT_NE(MAP_FAILED, go);
	/* Huge pages of hugetlbfs are on no LRU list and left alone. */
	for (kind = 0; kind < NR_KINDS; kind++)
		look_at(_metadata, kind, go, kind != HUGETLB);
}

/* Whatever is done to the memory of the system, what is in it stays. */
TEST_F_TIMEOUT(paddr, actions_on_all_kinds, 2 * LIMIT_S)
{
	static const char * const actions[] = {
		"pageout", "lru_prio", "lru_deprio", "migrate_cold",
		"migrate_hot", "stat", "willneed", "collapse",
	};
	char *mem[NR_KINDS];
	struct damos_stats st;
	int i, kind;

	if (swap_why_not() || cg_why_not())
		SKIP(return, "%s", swap_why_not() ?: cg_why_not());
	ASSERT_EQ(0, cg_make(CGROUP));
	ASSERT_EQ(0, cg_enter(CGROUP, getpid()));
	for (kind = 0; kind < NR_KINDS; kind++)
		mem[kind] = map_kind(kind);
	for (i = 0; i < (int)ARRAY_SIZE(actions); i++) {
		ASSERT_EQ(0, damos_new(1, actions[i]));
		ASSERT_EQ(0, damos_set_filters(0, "ops_filters",
					       FILTERS({ "memcg", false, false, "/" CGROUP })));
		ASSERT_EQ(0, damos_write(0, "target_nid", "%d", i % 2));
		ASSERT_EQ(0, damos_monitor_phys(self->start, self->end));
		ASSERT_EQ(0, damon_state(0, "on"));
		ASSERT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
		ASSERT_EQ(0, damos_fetch_stats(0, &st));
		ASSERT_EQ(0, damon_state(0, "off"));
		TH_LOG("%s: %ld MB tried, %ld kB passed, %ld kB applied",
		       actions[i], st.sz_tried / (long)MB,
		       st.sz_ops_filter_passed / (long)KB,
		       st.sz_applied / (long)KB);
		if (!strcmp(actions[i], "stat") ||
		    !strcmp(actions[i], "willneed") ||
		    !strcmp(actions[i], "collapse"))
			EXPECT_EQ(0, st.sz_applied);
		for (kind = 0; kind < NR_KINDS; kind++) {
			if (mem[kind])
				expect_intact(_metadata, kind, mem[kind]);
		}
	}
	ASSERT_EQ(0, cg_enter("", getpid()));
	for (kind = 0; kind < NR_KINDS; kind++) {
		if (mem[kind])
			munmap(mem[kind], LEN);
	}
	cg_remove(CGROUP);
}

/* Pages that nobody maps: a file that was written and is not mapped. */
TEST_F(paddr, unmapped_pages)
{
	const struct damos_test_filter unmapped[] = {
		{ "memcg", false, false, "/" CGROUP },
		{ "unmapped", true, true }, {}
	};
	struct damos_tried t;
	char page[4096] = {};
	int fd, i, status;
	pid_t pid;

	if (cg_why_not())
		SKIP(return, "%s", cg_why_not());
	ASSERT_EQ(0, cg_make(CGROUP));
	fd = open("/tmp/damon_unmapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_GE(fd, 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (cg_enter(CGROUP, getpid()))
			_exit(1);
		for (i = 0; i < 512; i++) {
			if (write(fd, page, sizeof(page)) != sizeof(page))
				_exit(1);
		}
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);

	ASSERT_EQ(0, damos_new(1, "stat"));
	ASSERT_EQ(0, damos_set_filters(0, "ops_filters", unmapped));
	ASSERT_EQ(0, damos_monitor_phys(self->start, self->end));
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, damos_fetch_tried(0, &t));
	TH_LOG("%lu kB of %lu kB unmapped", t.passed / KB,
	       512 * sizeof(page) / KB);
	/* The process itself had none but this; some may be on their way. */
	EXPECT_GE(t.passed, 450 * sizeof(page));
	EXPECT_LE(t.passed, 512 * sizeof(page));
	ASSERT_EQ(0, damon_state(0, "off"));
	close(fd);
	unlink("/tmp/damon_unmapped");
	cg_remove(CGROUP);
}

/* Probes */

static void set_probe(struct __test_metadata *_metadata, int probe,
		      bool matching, bool allow)
{
	char path[128];

	snprintf(path, sizeof(path), PROBES0 "%d/filters/nr_filters", probe);
	ASSERT_EQ(0, damon_write(path, "1"));
	snprintf(path, sizeof(path), PROBES0 "%d/filters/0/matching", probe);
	ASSERT_EQ(0, damon_write(path, "%d", matching));
	snprintf(path, sizeof(path), PROBES0 "%d/filters/0/allow", probe);
	ASSERT_EQ(0, damon_write(path, "%d", allow));
}

TEST_F_TIMEOUT(paddr, probes, LIMIT_S)
{
	char text[DAMON_TRACE_LINE], *hits_text;
	unsigned int hits[4], sum[4] = {};
	static struct damon_trace tr;
	struct mem_run run;
	int i, p, words;
	char *mem;

	if (damon_trace_why_not())
		SKIP(return, "%s", damon_trace_why_not());
	mem = map_kind(BASE);
	ASSERT_NE(NULL, mem);
	/* The kernel adds new pages to LRU lists by the batch: add them now. */
	ASSERT_EQ(0, madvise(mem, getpagesize(), MADV_COLD));
	ASSERT_EQ(0, mem_longest_run(getpid(), (unsigned long)mem, LEN, &run));
	ASSERT_EQ(0, damos_monitor_phys(run.phys, run.phys + run.len));
	ASSERT_EQ(0, damos_new(1, "stat"));
	/* It is anonymous; it is not; it is anything but that; and one without filter. */
	ASSERT_EQ(0, damon_write(PROBES0 "nr_probes", "4"));
	set_probe(_metadata, 0, true, true);
	set_probe(_metadata, 1, false, true);
	set_probe(_metadata, 2, false, false);
	ASSERT_EQ(0, damon_trace_open(&tr, "damon_region_aggregated"));
	ASSERT_EQ(0, damon_state(0, "on"));
	for (i = 0; i < 30; i++) {
		ASSERT_TRUE(damon_trace_next(&tr, "damon_region_aggregated",
					     WAIT_MS, text));
		hits_text = strstr(text, "probe_hits=");
		ASSERT_NE(NULL, hits_text);
		words = sscanf(hits_text, "probe_hits=%x %x %x %x", &hits[0],
			       &hits[1], &hits[2], &hits[3]);
		ASSERT_EQ(4, words);
		for (p = 0; p < 4; p++) {
			EXPECT_LE(hits[p], AGGR_US / SAMPLE_US);
			sum[p] += hits[p];
		}
	}
	damon_trace_close(&tr);
	TH_LOG("hits: %u %u %u %u", sum[0], sum[1], sum[2], sum[3]);
	EXPECT_GT(sum[0], 0);
	EXPECT_EQ(0, sum[1]);
	EXPECT_EQ(sum[0], sum[2]);
	EXPECT_EQ(sum[0], sum[3]);

	ASSERT_EQ(0, damon_state(0, "update_schemes_tried_regions"));
	EXPECT_GE(damon_read_long(S0 "tried_regions/0/probes/0/hits"), 0);
	EXPECT_EQ(0, damon_read_long(S0 "tried_regions/0/probes/1/hits"));
	EXPECT_FALSE(damon_exists(S0 "tried_regions/0/probes/4"));
	EXPECT_EQ(-EACCES, damon_write(S0 "tried_regions/0/probes/0/hits",
				       "1"));
	munmap(mem, LEN);
}

/* Units: the same memory, numbers that are smaller. */
TEST_F_TIMEOUT(paddr, address_units, LIMIT_S)
{
	static const unsigned long units[] = { 1, 8, 4096, 16384 };
	struct damos_tried t;
	struct mem_run run;
	unsigned long start;
	char *mem;
	int i;

	/* The range is a multiple of all units, and folios are not cut. */
	mem = map_kind(THP);
	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, mem_longest_run(getpid(), (unsigned long)mem, LEN, &run));
	if (run.phys % HUGE || run.len < HUGE)
		SKIP(return, "no huge page");
	run.len = HUGE;
	for (i = 0; i < (int)ARRAY_SIZE(units); i++) {
		ASSERT_EQ(0, damon_write(C0 "addr_unit", "%lu", units[i]));
		start = run.phys / units[i];
		ASSERT_EQ(0, damos_monitor_phys(start,
						start + run.len / units[i]));
		ASSERT_EQ(0, damos_new(1, "stat"));
		ASSERT_EQ(0, damos_set_filters(0, "ops_filters",
					       FILTERS({ "anon", true, true })));
		ASSERT_EQ(0, damon_state(0, "on"));
		ASSERT_EQ(0, damos_fetch_tried(0, &t));
		EXPECT_EQ(run.len / units[i], t.bytes)
			TH_LOG("unit %lu", units[i]);
		EXPECT_EQ(run.len / units[i], t.passed)
			TH_LOG("unit %lu", units[i]);
		ASSERT_EQ(0, damon_state(0, "off"));
	}
	munmap(mem, LEN);
}

/* A block of memory goes while all of it is looked at, and comes again. */

#define BLOCKS		"/sys/devices/system/memory/"

static int block_set(const char *block, const char *state)
{
	char path[300];

	snprintf(path, sizeof(path), BLOCKS "%s/state", block);
	return file_write(path, "%s", state);
}

/* One that can go. */
static int take_a_block(char name[64])
{
	struct dirent *entry;
	DIR *dir = opendir(BLOCKS);
	int err = -ENOENT;

	if (!dir)
		return -errno;
	while (err && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "memory", strlen("memory")))
			continue;
		err = block_set(entry->d_name, "offline");
		if (!err)
			snprintf(name, 64, "%.63s", entry->d_name);
	}
	closedir(dir);
	return err;
}

TEST_F_TIMEOUT(paddr, hot_unplug, 2 * LIMIT_S)
{
	struct damos_tried before, t;
	char block[64];
	int i;

	ASSERT_EQ(0, damos_monitor_phys(self->start, self->end));
	ASSERT_EQ(0, damon_write(ATTRS0 "nr_regions/min", "100"));
	ASSERT_EQ(0, damos_new(2, "stat"));
	ASSERT_EQ(0, damos_set_filters(0, "ops_filters",
				       FILTERS({ "anon", true, false })));
	ASSERT_EQ(0, damos_write(1, "action", "lru_prio"));
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, damos_fetch_tried(0, &before));
	if (take_a_block(block))
		SKIP(return, "no block of memory can be taken offline");
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, damos_fetch_tried(0, &t));
		EXPECT_EQ(before.bytes, t.bytes);
		ASSERT_EQ(0, block_set(block, "online"));
		ASSERT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
		if (i < 2 && block_set(block, "offline"))
			break;
	}
	TH_LOG("%s went %d times", block, i);
	EXPECT_TRUE(damon_is_on(0));
}

TEST_HARNESS_MAIN
