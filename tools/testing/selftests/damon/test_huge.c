// SPDX-License-Identifier: GPL-2.0
/*
 * The actions that are advice about virtual memory: huge pages, and more.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_scheme.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define SAMPLE_US	5000L
#define AGGR_US		50000L
#define HUGE		(2 * MB)

#define THP		"/sys/kernel/mm/transparent_hugepage/"

/* This process looks after its own memory. */
FIXTURE(huge) {
	struct workload own;
	char *mem;
};

FIXTURE_SETUP(huge)
{
	const char *why = damon_why_not();
	char *mem;

	if (why)
		SKIP(return, "%s", why);
	if (access(THP "enabled", F_OK) || getpagesize() != 4096)
		SKIP(return, "no transparent huge pages");
	ASSERT_EQ(0, file_write(THP "enabled", "madvise"));
	self->own.pid = getpid();
	self->own.len = 8 * HUGE;
	mem = mmap(NULL, self->own.len + HUGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, mem);
	self->mem = mem + (-(unsigned long)mem & (HUGE - 1));
	self->own.start = (unsigned long)self->mem;
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, AGGR_US, 60000000));
	/* In whole huge pages, as their users would have it. */
	ASSERT_EQ(0, damon_write(ATTRS0 "nr_regions/min", "3"));
	ASSERT_EQ(0, damon_write(ATTRS0 "nr_regions/max", "3"));
	ASSERT_EQ(0, damos_monitor(&self->own));
}

FIXTURE_TEARDOWN(huge)
{
	EXPECT_EQ(0, damon_cleanup());
	file_write(THP "enabled", "madvise");
}

static void apply(struct __test_metadata *_metadata, const char *action,
		  struct damos_stats *st)
{
	ASSERT_EQ(0, damos_new(1, action));
	/* Once, however late the statistics are fetched. */
	ASSERT_EQ(0, damon_write(S0 "stats/max_nr_snapshots", "1"));
	ASSERT_EQ(0, damon_state(0, "on"));
	ASSERT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
	ASSERT_EQ(0, damos_fetch_stats(0, st));
	ASSERT_EQ(0, damon_state(0, "off"));
}

static long huge_kb(const struct workload *w)
{
	return smaps_kb(w->pid, w->start, "AnonHugePages:");
}

TEST_F(huge, collapse)
{
	struct damos_stats st;
	long before;

	memset(self->mem, 1, self->own.len);
	before = huge_kb(&self->own);
	EXPECT_EQ(0, before);
	apply(_metadata, "collapse", &st);
	TH_LOG("%ld kB huge before, %ld kB of %lu kB after; %ld kB applied",
	       before, huge_kb(&self->own), self->own.len / KB,
	       st.sz_applied / (long)KB);
	/* Regions need not begin where huge pages do. */
	EXPECT_GE(huge_kb(&self->own), (long)(self->own.len / 2 / KB));
	EXPECT_GT(st.sz_applied, 0);
}

TEST_F(huge, hugepage_and_nohugepage)
{
	struct damos_stats st;
	long small, huge;

	memset(self->mem, 1, self->own.len / 2);
	small = huge_kb(&self->own);
	apply(_metadata, "hugepage", &st);
	EXPECT_EQ(self->own.len, (unsigned long)st.sz_applied);
	memset(self->mem + self->own.len / 2, 1, self->own.len / 2);
	huge = huge_kb(&self->own);
	TH_LOG("%ld kB huge, hugepage: %ld kB", small, huge);
	EXPECT_EQ(0, small);
	EXPECT_GE((unsigned long)huge, self->own.len / 2 / KB);

	/* And no longer, whatever the system says. */
	madvise(self->mem, self->own.len, MADV_DONTNEED);
	ASSERT_EQ(0, file_write(THP "enabled", "always"));
	apply(_metadata, "nohugepage", &st);
	EXPECT_EQ(self->own.len, (unsigned long)st.sz_applied);
	memset(self->mem, 1, self->own.len);
	TH_LOG("nohugepage: %ld kB", huge_kb(&self->own));
	EXPECT_EQ(0, huge_kb(&self->own));
}

TEST_F(huge, pageout_and_willneed)
{
	const char *why = swap_why_not();
	struct mem_pages out, in;
	struct damos_stats st;
	unsigned long i;

	if (why)
		SKIP(return, "%s", why);
	madvise(self->mem, self->own.len, MADV_NOHUGEPAGE);
	for (i = 0; i < self->own.len; i += sizeof(i))
		*(unsigned long *)(self->mem + i) = i;
	apply(_metadata, "pageout", &st);
	EXPECT_EQ(0, mem_count(getpid(), self->own.start, self->own.len, &out));
	apply(_metadata, "willneed", &st);
	EXPECT_EQ(self->own.len, (unsigned long)st.sz_applied);
	/* Now in memory, though not in the page tables before it is used. */
	EXPECT_EQ(0, mem_count(getpid(), self->own.start, self->own.len, &in));
	TH_LOG("pageout: %ld of %lu pages in swap space, willneed: %ld",
	       out.swapped, self->own.len / getpagesize(), in.swapped);
	EXPECT_GE(out.swapped, (long)self->own.len / getpagesize() * 95 / 100);
	for (i = 0; i < self->own.len; i += sizeof(i))
		ASSERT_EQ(i, *(unsigned long *)(self->mem + i));
}

/* A range with a hole is no success; those beside it are. */
TEST_F(huge, holes)
{
	struct damos_stats st;

	madvise(self->mem, self->own.len, MADV_NOHUGEPAGE);
	memset(self->mem, 1, self->own.len);
	munmap(self->mem + self->own.len / 2, HUGE);
	ASSERT_EQ(0, damon_write(ATTRS0 "nr_regions/max", "100"));
	apply(_metadata, "cold", &st);
	EXPECT_EQ(self->own.len, (unsigned long)st.sz_tried);
	EXPECT_LT((unsigned long)st.sz_applied, self->own.len);
	EXPECT_GT(st.sz_applied, 0);
}

TEST_HARNESS_MAIN
