// SPDX-License-Identifier: GPL-2.0
/*
 * Filters of schemes: exactly what they let pass, and in which order they are
 * asked.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_scheme.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define SAMPLE_US	5000L
#define AGGR_US		100000L
#define LIMIT_S		120

#define CGROUP		"damon_filters"
#define OTHER_CGROUP	"damon_filters_other"

FIXTURE(filters) {
	struct workload w;
};

FIXTURE_SETUP(filters)
{
	const char *why = damon_why_not();

	if (why)
		SKIP(return, "%s", why);
	self->w.len = 8 * MB;
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, AGGR_US, 60000000));
}

FIXTURE_TEARDOWN(filters)
{
	EXPECT_EQ(0, damon_cleanup());
	workload_stop(&self->w);
	cg_remove(CGROUP);
	cg_remove(OTHER_CGROUP);
}

/* The second pass: the first one may find what went on before. */
static void second_pass(struct __test_metadata *_metadata, int scheme,
			struct damos_tried *t)
{
	ASSERT_EQ(0, damon_state(0, "update_schemes_tried_bytes"));
	ASSERT_EQ(0, damos_fetch_tried(scheme, t));
	EXPECT_EQ(t->bytes, (unsigned long)t->total_bytes);
}

/* Core filters: each byte is either tried or not. */

TEST_F(filters, addresses)
{
	const struct workload *w = &self->w;
	struct damos_stats in, out;
	struct damos_tried t;
	unsigned long a, b;

	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	a = w->start + 3 * getpagesize();
	b = w->start + 5 * MB - 7 * getpagesize();
	ASSERT_EQ(0, damos_monitor(w));
	ASSERT_EQ(0, damos_new(2, "stat"));
	/* Less than a page does not count. */
	ASSERT_EQ(0, damos_set_filters(0, "core_filters",
				       FILTERS({ "addr", true, true, .start = a, .end = b })));
	ASSERT_EQ(0, damos_write(0, "core_filters/0/addr_start", "%lu", a + 5));
	ASSERT_EQ(0, damos_write(0, "core_filters/0/addr_end", "%lu", b + 5));
	ASSERT_EQ(0, damos_set_filters(1, "core_filters",
				       FILTERS({ "addr", true, false, .start = a, .end = b })));
	ASSERT_EQ(0, damon_state(0, "on"));

	second_pass(_metadata, 0, &t);
	EXPECT_EQ(b - a, t.bytes);
	EXPECT_EQ(a, t.start);
	EXPECT_EQ(b, t.end);
	ASSERT_EQ(0, damos_read_tried(1, &t));
	EXPECT_EQ(w->len - (b - a), t.bytes);
	EXPECT_EQ(w->start, t.start);
	EXPECT_EQ(w->start + w->len, t.end);

	/* And all passes so far add up, to the byte. */
	ASSERT_EQ(0, damos_fetch_stats(0, &in));
	ASSERT_EQ(0, damos_read_stats(1, &out));
	EXPECT_EQ(in.nr_snapshots, out.nr_snapshots);
	EXPECT_EQ(in.nr_snapshots * (b - a), (unsigned long)in.sz_tried);
	EXPECT_EQ(out.nr_snapshots * (w->len - (b - a)),
		  (unsigned long)out.sz_tried);
	TH_LOG("%ld + %ld bytes in %ld passes over %lu", in.sz_tried,
	       out.sz_tried, in.nr_snapshots, w->len);
}

/* So does what a quota is charged for. */
TEST_F(filters, quota_of_what_passes)
{
	const struct workload *w = &self->w;
	struct damos_stats st;
	struct damos_tried t;
	unsigned long a;

	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	a = w->start;
	ASSERT_EQ(0, damos_monitor(w));
	ASSERT_EQ(0, damos_new(1, "stat"));
	ASSERT_EQ(0, damos_set_filters(0, "core_filters",
				       FILTERS({ "addr", true, true, .start = a, .end = a + MB })));
	ASSERT_EQ(0, damos_write(0, "quotas/bytes", "%lu", 4 * MB));
	ASSERT_EQ(0, damos_write(0, "quotas/reset_interval_ms", "100"));
	ASSERT_EQ(0, damon_state(0, "on"));
	second_pass(_metadata, 0, &t);
	EXPECT_EQ(MB, t.bytes);
	usleep(5 * AGGR_US);
	ASSERT_EQ(0, damos_fetch_stats(0, &st));
	EXPECT_EQ(st.nr_snapshots * MB, (unsigned long)st.sz_tried);
	EXPECT_EQ(0, st.qt_exceeds);
}

TEST_F(filters, targets)
{
	const struct workload *w = &self->w;
	struct damos_tried t;

	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damon_write(C0 "operations", "fvaddr"));
	ASSERT_EQ(0, damon_write(TARGETS0 "nr_targets", "2"));
	ASSERT_EQ(0, damon_write(T0 "pid_target", "%d", w->pid));
	ASSERT_EQ(0, damon_set_region(w->start, w->start + MB));
	ASSERT_EQ(0, damon_write(TARGETS0 "1/pid_target", "%d", w->pid));
	ASSERT_EQ(0, damon_write(TARGETS0 "1/regions/nr_regions", "1"));
	ASSERT_EQ(0, damon_write(TARGETS0 "1/regions/0/start", "%lu",
				 w->start + 2 * MB));
	ASSERT_EQ(0, damon_write(TARGETS0 "1/regions/0/end", "%lu",
				 w->start + 5 * MB));
	ASSERT_EQ(0, damos_new(2, "stat"));
	ASSERT_EQ(0, damos_set_filters(0, "filters",
				       FILTERS({ "target", true, true, .target = 1 })));
	ASSERT_EQ(0, damos_set_filters(1, "filters",
				       FILTERS({ "target", false, false, .target = 0 })));
	ASSERT_EQ(0, damon_state(0, "on"));
	second_pass(_metadata, 0, &t);
	EXPECT_EQ(3 * MB, t.bytes);
	EXPECT_EQ(w->start + 2 * MB, t.start);
	ASSERT_EQ(0, damos_read_tried(1, &t));
	EXPECT_EQ(MB, t.bytes);
	EXPECT_EQ(w->start, t.start);
}

/* Filters that are asked of each page. */

struct case_of_filters {
	const char *name;
	struct damos_test_filter core[3];
	struct damos_test_filter ops[3];
	struct damos_test_filter any[3];
	unsigned int tried;	/* parts of the memory, in 1/8 */
	unsigned int passed;
	long slack;		/* bytes more or less that may pass */
};

/* A page that was looked at just now, as a sample, is not young. */
#define SLACK_YOUNG	(4 * 4096)

static void expect_filtered(struct __test_metadata *_metadata,
			    const struct workload *w,
			    const struct case_of_filters *c)
{
	struct damos_tried t;

	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_set_intervals(SAMPLE_US, AGGR_US, 60000000));
	ASSERT_EQ(0, damos_monitor(w));
	ASSERT_EQ(0, damos_new(1, "stat"));
	ASSERT_EQ(0, damos_set_filters(0, "core_filters", c->core));
	ASSERT_EQ(0, damos_set_filters(0, "ops_filters", c->ops));
	ASSERT_EQ(0, damos_set_filters(0, "filters", c->any));
	ASSERT_EQ(0, damon_state(0, "on")) TH_LOG("%s", c->name);
	second_pass(_metadata, 0, &t);
	EXPECT_EQ(c->tried * w->len / 8, t.bytes) TH_LOG("%s", c->name);
	EXPECT_LE(labs((long)(c->passed * w->len / 8 - t.passed)), c->slack)
		TH_LOG("%s: %lu of %lu passed", c->name, t.passed, t.bytes);
	ASSERT_EQ(0, damon_state(0, "off"));
}

/* The first quarter; to be set before use. */
static unsigned long quarter[2];

#define QUARTER(allow)	{ "addr", true, allow, .start = quarter[0], \
			  .end = quarter[1] }

TEST_F_TIMEOUT(filters, order_and_defaults, LIMIT_S)
{
	struct workload *w = &self->w;

	ASSERT_EQ(0, workload_start(w, WORKLOAD_BASE_PAGES));
	quarter[0] = w->start;
	quarter[1] = w->start + w->len / 4;
	const struct case_of_filters cases[] = {
		{ "no filter, nobody asks", .tried = 8, .passed = 0 },
		{ "allow what is there",
		  .ops = { { "anon", true, true } }, .tried = 8, .passed = 8 },
		{ "reject what is there",
		  .ops = { { "anon", true, false } }, .tried = 8, .passed = 0 },
		{ "allow what is not there: reject the rest",
		  .ops = { { "anon", false, true } }, .tried = 8, .passed = 0 },
		{ "reject what is not there: allow the rest",
		  .ops = { { "anon", false, false } }, .tried = 8, .passed = 8 },
		{ "the first one counts",
		  .ops = { { "anon", true, true }, { "anon", true, false } },
		  .tried = 8, .passed = 8 },
		{ "also between directories",
		  .ops = { { "anon", true, false } },
		  .any = { { "anon", true, true } }, .tried = 8, .passed = 0 },
		{ "the last one makes the default",
		  .ops = { { "anon", false, false }, { "anon", false, true } },
		  .tried = 8, .passed = 0 },
		{ "core filters allow without asking further",
		  .core = { QUARTER(true) }, .ops = { { "anon", true, false } },
		  .tried = 8, .passed = 2 },
		{ "core filters reject without asking further",
		  .core = { QUARTER(false) }, .ops = { { "anon", true, true } },
		  .tried = 6, .passed = 6 },
		{ "in any directory",
		  .any = { { "anon", true, true }, QUARTER(false) },
		  .tried = 6, .passed = 6 },
		{ "alone, allowing",
		  .core = { QUARTER(true) }, .tried = 2, .passed = 0 },
		{ "alone, rejecting",
		  .core = { QUARTER(false) }, .tried = 6, .passed = 0 },
		{ "a core filter of the default type is for pages",
		  .core = { { "target", true, true, .target = 9 } },
		  .ops = { { "anon", true, true } }, .tried = 8, .passed = 8 },
	};
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(cases); i++)
		expect_filtered(_metadata, w, &cases[i]);
}

TEST_F(filters, page_sizes)
{
	static const struct case_of_filters small[] = {
		{ "base pages", .ops = { { "hugepage_size", true, true,
			.start = 4096, .end = 4096 } },
		  .tried = 8, .passed = 8 },
		{ "huge pages", .ops = { { "hugepage_size", true, true,
			.start = 2 * MB, .end = 2 * MB } },
		  .tried = 8, .passed = 0 },
		{ "any size", .ops = { { "hugepage_size", true, false,
			.start = 0, .end = ~0UL } },
		  .tried = 8, .passed = 0 },
	};
	int i;

	if (getpagesize() != 4096)
		SKIP(return, "other page sizes");
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	for (i = 0; i < (int)ARRAY_SIZE(small); i++)
		expect_filtered(_metadata, &self->w, &small[i]);
}

TEST_F(filters, huge_pages)
{
	static const struct case_of_filters huge[] = {
		{ "base pages", .ops = { { "hugepage_size", true, true,
			.start = 4096, .end = 4096 } },
		  .tried = 8, .passed = 0 },
		{ "huge pages", .ops = { { "hugepage_size", true, true,
			.start = 2 * MB, .end = 2 * MB } },
		  .tried = 8, .passed = 8 },
	};
	int i;

	if (getpagesize() != 4096 || workload_start(&self->w, WORKLOAD_THP) ||
	    smaps_kb(self->w.pid, self->w.start, "AnonHugePages:") * KB <
	    self->w.len)
		SKIP(return, "no transparent huge pages");
	for (i = 0; i < (int)ARRAY_SIZE(huge); i++)
		expect_filtered(_metadata, &self->w, &huge[i]);
}

TEST_F(filters, memory_cgroups)
{
	static const struct case_of_filters cases[] = {
		{ "in it", .ops = { { "memcg", true, true, "/" CGROUP } },
		  .tried = 8, .passed = 8 },
		{ "not in it", .ops = { { "memcg", false, true, "/" CGROUP } },
		  .tried = 8, .passed = 0 },
		{ "as echo writes it",
		  .any = { { "memcg", true, true, "/" CGROUP "\n" } },
		  .tried = 8, .passed = 8 },
		{ "in another one",
		  .ops = { { "memcg", true, true, "/" OTHER_CGROUP } },
		  .tried = 8, .passed = 0 },
		{ "in none",
		  .ops = { { "memcg", true, true, "/" } },
		  .tried = 8, .passed = 0 },
	};
	const char *why = cg_why_not();
	int i;

	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, cg_make(CGROUP));
	ASSERT_EQ(0, cg_make(OTHER_CGROUP));
	self->w.cgroup = CGROUP;
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	for (i = 0; i < (int)ARRAY_SIZE(cases); i++)
		expect_filtered(_metadata, &self->w, &cases[i]);
}

/* A cgroup that is gone is none that any page is in. */
TEST_F(filters, removed_cgroup)
{
	const char *why = cg_why_not();
	struct damos_tried t;

	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, cg_make(CGROUP));
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, damos_monitor(&self->w));
	ASSERT_EQ(0, damos_new(1, "stat"));
	ASSERT_EQ(0, damos_set_filters(0, "filters",
				       FILTERS({ "memcg", true, true, "/" CGROUP })));
	ASSERT_EQ(0, damon_state(0, "on"));
	cg_remove(CGROUP);
	ASSERT_EQ(0, damos_fetch_tried(0, &t));
	EXPECT_EQ(0, t.passed);
	EXPECT_EQ(-EINVAL, damon_state(0, "commit"));
	EXPECT_TRUE(damon_is_on(0));
}

/* A quarter is touched all the time. */
TEST_F(filters, young_pages)
{
	static const struct case_of_filters cases[] = {
		{ "young", .ops = { { "young", true, true } },
		  .tried = 8, .passed = 2, SLACK_YOUNG },
		{ "old", .ops = { { "young", true, false } },
		  .tried = 8, .passed = 6, SLACK_YOUNG },
		{ "not young", .ops = { { "young", false, true } },
		  .tried = 8, .passed = 6, SLACK_YOUNG },
	};
	int i;

	self->w.hot = self->w.len / 2;
	self->w.hot_len = self->w.len / 4;
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	for (i = 0; i < (int)ARRAY_SIZE(cases); i++)
		expect_filtered(_metadata, &self->w, &cases[i]);
}

/* Files are not anonymous, and this operation set only sees what is mapped. */
TEST_F(filters, shared_memory)
{
	static const struct case_of_filters cases[] = {
		{ "anonymous", .ops = { { "anon", true, true } },
		  .tried = 8, .passed = 0 },
		{ "not anonymous", .ops = { { "anon", false, true } },
		  .tried = 8, .passed = 8 },
		{ "unmapped", .ops = { { "unmapped", true, true } },
		  .tried = 8, .passed = 0 },
		{ "mapped", .ops = { { "unmapped", true, false } },
		  .tried = 8, .passed = 8 },
	};
	struct workload own = { .pid = getpid(), .len = 2 * MB };
	char *mem;
	int i;

	mem = mmap(NULL, own.len, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, mem);
	madvise(mem, own.len, MADV_NOHUGEPAGE);
	memset(mem, 1, own.len);
	own.start = (unsigned long)mem;
	for (i = 0; i < (int)ARRAY_SIZE(cases); i++)
		expect_filtered(_metadata, &own, &cases[i]);
	munmap(mem, own.len);
}

TEST_HARNESS_MAIN
