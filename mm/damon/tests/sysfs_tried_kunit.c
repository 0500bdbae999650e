// SPDX-License-Identifier: GPL-2.0
/*
 * Results of running kdamonds in sysfs: statistics, quotas, tried regions.
 *
 * The kdamond is a real one, on an operation set that looks at nothing and
 * applies schemes to every second page.
 */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/completion.h>
#include <linux/damon.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "../ctx.h"
#include "../ops.h"
#include "sysfs_fixture.h"

#define NR_PAGES	1024UL
#define SZ		(NR_PAGES * PAGE_SIZE)
#define POLL_MS		20
#define NR_POLLS	500
#define NR_ROUNDS	6

/* Each probe tells a number of its own. */
static void fake_sample(struct damon_ctx *ctx, unsigned int what)
{
	for (unsigned int i = 0; i < ctx->regions.nr; i++) {
		for (unsigned int p = 0; p < DAMON_MAX_PROBES; p++)
			ctx->regions.cur[i].probe_hits[p] = 7 + p;
	}
}

static void fake_apply(struct damon_ctx *ctx, struct damos_job *job)
{
	job->applied = (job->ar.end - job->ar.start) / 2;
	job->passed = job->ar.end - job->ar.start;
}

static bool fake_target_valid(const struct damon_target *t)
{
	return true;
}

static const struct damon_operations fake_ops = {
	.id = DAMON_OPS_PADDR,
	.sample = fake_sample,
	.apply = fake_apply,
	.target_valid = fake_target_valid,
};

static const struct damon_operations *fake_ops_get(enum damon_ops_id id)
{
	return id == DAMON_OPS_PADDR ? &fake_ops : NULL;
}

static void write_number(struct kunit *test, const char *path,
			 unsigned long val)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", val);
	sysfs_expect_write(test, path, text, 0);
}

/* Let the scheme be about all regions. */
static void match_all(struct kunit *test, unsigned int scheme)
{
	static const char *const files[] = { "sz", "nr_accesses", "age" };
	char path[128];

	for (int i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), SCHEMES "%u/access_pattern/%s/max",
			 scheme, files[i]);
		write_number(test, path, ULONG_MAX);
	}
}

static int tried_test_init(struct kunit *test)
{
	int err = sysfs_test_init(test);

	if (err)
		return err;
	kunit_activate_static_stub(test, damon_ops_get, fake_ops_get);
	sysfs_expect_write(test, "admin/kdamonds/nr_kdamonds", "1", 0);
	sysfs_expect_write(test, CONTEXTS "nr_contexts", "1", 0);
	sysfs_expect_write(test, CONTEXT "operations", "paddr", 0);
	write_number(test, CONTEXT "monitoring_attrs/intervals/sample_us",
		     1000);
	write_number(test, CONTEXT "monitoring_attrs/intervals/aggr_us",
		     10000);
	sysfs_expect_write(test, TARGETS "nr_targets", "1", 0);
	sysfs_expect_write(test, TARGETS "0/regions/nr_regions", "1", 0);
	write_number(test, TARGETS "0/regions/0/end", SZ);
	sysfs_expect_write(test, SCHEMES "nr_schemes", "2", 0);
	match_all(test, 0);
	return 0;
}

static void tried_test_exit(struct kunit *test)
{
	struct sysfs_test *t = test->priv;

	if (t && t->root && t->admin.nr_kdamonds)
		sysfs_write(test, STATE, "off");
	sysfs_test_exit(test);
}

static unsigned int count_tried(struct kunit *test, unsigned int scheme)
{
	unsigned int nr;
	char path[128];

	for (nr = 0; ; nr++) {
		snprintf(path, sizeof(path),
			 SCHEMES "%u/tried_regions/%u/start", scheme, nr);
		if (!sysfs_read(test, path))
			return nr;
	}
}

static unsigned long read_tried(struct kunit *test, unsigned int scheme,
				unsigned int i, const char *file)
{
	char path[128];

	snprintf(path, sizeof(path), SCHEMES "%u/tried_regions/%u/%s", scheme,
		 i, file);
	return sysfs_read_ulong(test, path);
}

/* They are in order, and cover all there is without overlap. */
static void expect_all_tried(struct kunit *test, unsigned int scheme)
{
	unsigned int nr = count_tried(test, scheme);
	unsigned long at = 0;
	char path[128];

	/* The lower limit of the number of regions is 10. */
	KUNIT_EXPECT_GE(test, nr, 10);
	for (unsigned int i = 0; i < nr; i++) {
		unsigned long start = read_tried(test, scheme, i, "start");
		unsigned long end = read_tried(test, scheme, i, "end");

		KUNIT_EXPECT_EQ(test, start, at);
		KUNIT_EXPECT_LT(test, start, end);
		KUNIT_EXPECT_EQ(test, read_tried(test, scheme, i,
						 "sz_filter_passed"),
				end - start);
		KUNIT_EXPECT_EQ(test, read_tried(test, scheme, i,
						 "nr_accesses"), 0);
		read_tried(test, scheme, i, "age");
		at = end;
	}
	KUNIT_EXPECT_EQ(test, at, SZ);
	snprintf(path, sizeof(path), SCHEMES "%u/tried_regions/total_bytes",
		 scheme);
	KUNIT_EXPECT_EQ(test, sysfs_read_ulong(test, path), SZ);
}

static void expect_none_tried(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, count_tried(test, 0), 0);
	sysfs_expect_read(test, SCHEME "tried_regions/total_bytes", "0");
}

static void test_tried_life_cycle(struct kunit *test)
{
	struct sysfs_test *t = test->priv;
	struct damon_admin_scheme *s;

	expect_none_tried(test);
	sysfs_expect_write(test, STATE, "on", 0);
	for (int round = 0; round < 3; round++) {
		sysfs_expect_write(test, STATE, "update_schemes_tried_regions",
				   0);
		expect_all_tried(test, 0);
		/* The second scheme matches nothing. */
		KUNIT_EXPECT_EQ(test, count_tried(test, 1), 0);
		sysfs_expect_read(test,
				  SCHEMES "1/tried_regions/total_bytes", "0");
	}

	sysfs_expect_write(test, STATE, "clear_schemes_tried_regions", 0);
	expect_none_tried(test);
	s = t->admin.kdamonds->contexts->schemes;
	KUNIT_EXPECT_NULL(test, s->tried.vec);
	sysfs_expect_write(test, STATE, "clear_schemes_tried_regions", 0);

	sysfs_expect_write(test, STATE, "update_schemes_tried_bytes", 0);
	sysfs_expect_read(test, SCHEMES "1/tried_regions/total_bytes", "0");
	KUNIT_EXPECT_EQ(test, count_tried(test, 0), 0);
	KUNIT_EXPECT_EQ(test,
			sysfs_read_ulong(test, SCHEME
					 "tried_regions/total_bytes"), SZ);

	/* Directories go when only the size is asked for, and stay when off. */
	sysfs_expect_write(test, STATE, "update_schemes_tried_regions", 0);
	sysfs_expect_write(test, STATE, "update_schemes_tried_bytes", 0);
	KUNIT_EXPECT_EQ(test, count_tried(test, 0), 0);
	sysfs_expect_write(test, STATE, "update_schemes_tried_regions", 0);
	sysfs_expect_write(test, STATE, "off", 0);
	expect_all_tried(test, 0);

	/* An update that fails leaves none. */
	sysfs_expect_write(test, STATE, "update_schemes_tried_regions",
			   -ECANCELED);
	expect_none_tried(test);
	sysfs_expect_write(test, STATE, "clear_schemes_tried_regions", 0);
}

/* More and fewer regions than before, with the same directories or others. */
static void test_tried_resize(struct kunit *test)
{
	static const unsigned long sizes[] = { 8, 200, 30, 5, 1000, 10 };
	static const char max[] = SCHEME "access_pattern/sz/max";

	write_number(test, CONTEXT "monitoring_attrs/nr_regions/min", 1000);
	write_number(test, CONTEXT "monitoring_attrs/nr_regions/max", 2000);
	sysfs_expect_write(test, STATE, "on", 0);
	for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
		unsigned long total = 0, end = 0;
		unsigned int nr;

		/* Pages are the smallest regions; there are about as many. */
		write_number(test, TARGETS "0/regions/0/end",
			     sizes[i] * PAGE_SIZE);
		sysfs_expect_write(test, STATE, "commit", 0);
		sysfs_expect_write(test, STATE, "update_schemes_tried_regions",
				   0);
		nr = count_tried(test, 0);
		KUNIT_EXPECT_GE(test, nr, 1);
		KUNIT_EXPECT_LE(test, nr, sizes[i]);
		for (unsigned int j = 0; j < nr; j++) {
			KUNIT_EXPECT_EQ(test, read_tried(test, 0, j, "start"),
					end);
			end = read_tried(test, 0, j, "end");
			total += read_tried(test, 0, j, "sz_filter_passed");
		}
		KUNIT_EXPECT_EQ(test, end, sizes[i] * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, total, end);
	}

	/* A pattern that matches nothing is not an error. */
	write_number(test, max, 0);
	sysfs_expect_write(test, STATE, "commit", 0);
	sysfs_expect_write(test, STATE, "update_schemes_tried_regions", 0);
	expect_none_tried(test);
}

static void test_tried_probes(struct kunit *test)
{
	static const char first[] = SCHEME "tried_regions/0/probes/0/hits";
	static const char third[] = SCHEME "tried_regions/0/probes/2/hits";
	static const char fourth[] = SCHEME "tried_regions/0/probes/3/hits";

	sysfs_expect_write(test, STATE, "on", 0);
	sysfs_expect_write(test, STATE, "update_schemes_tried_regions", 0);
	sysfs_expect_missing(test, first);

	/* What runs counts, not what is staged. */
	sysfs_expect_write(test, PROBES "nr_probes", "3", 0);
	sysfs_expect_write(test, STATE, "update_schemes_tried_regions", 0);
	sysfs_expect_missing(test, first);
	sysfs_expect_write(test, STATE, "commit", 0);
	sysfs_expect_write(test, STATE, "update_schemes_tried_regions", 0);
	sysfs_expect_read(test, first, "7");
	sysfs_expect_read(test, third, "9");
	sysfs_expect_missing(test, fourth);
	expect_all_tried(test, 0);

	sysfs_expect_write(test, PROBES "nr_probes", "0", 0);
	sysfs_expect_write(test, STATE, "commit", 0);
	sysfs_expect_write(test, STATE, "update_schemes_tried_regions", 0);
	sysfs_expect_missing(test, first);
	expect_all_tried(test, 0);
}

/* Staged directories and running schemes may differ in number. */
static void test_tried_pairs(struct kunit *test)
{
	static const char *const updates[] = {
		"update_schemes_stats", "update_schemes_effective_quotas",
		"update_schemes_tried_bytes", "update_schemes_tried_regions",
	};
	static const char *const numbers[] = { "0", "1", "2", "5" };

	sysfs_expect_write(test, STATE, "on", 0);
	for (int i = 0; i < ARRAY_SIZE(numbers); i++) {
		sysfs_expect_write(test, SCHEMES "nr_schemes", numbers[i], 0);
		for (int j = 0; j < ARRAY_SIZE(updates); j++)
			sysfs_expect_write(test, STATE, updates[j], 0);
	}
	expect_all_tried(test, 0);
	sysfs_expect_read(test, SCHEMES "4/stats/nr_tried", "0");
	KUNIT_EXPECT_EQ(test, count_tried(test, 4), 0);

	/* Without schemes that run there is nothing to wait for. */
	sysfs_expect_write(test, SCHEMES "nr_schemes", "0", 0);
	sysfs_expect_write(test, STATE, "commit", 0);
	sysfs_expect_write(test, SCHEMES "nr_schemes", "1", 0);
	for (int j = 0; j < ARRAY_SIZE(updates); j++)
		sysfs_expect_write(test, STATE, updates[j],
				   strstr(updates[j], "tried") ? -ECANCELED : 0);

	sysfs_expect_write(test, CONTEXTS "nr_contexts", "0", 0);
	for (int j = 0; j < ARRAY_SIZE(updates); j++)
		sysfs_expect_write(test, STATE, updates[j], -EINVAL);
}

/* What is told about several schemes at once is told apart. */
static void test_tried_two(struct kunit *test)
{
	match_all(test, 1);
	sysfs_expect_write(test, SCHEMES "1/apply_interval_us", "25000", 0);
	sysfs_expect_write(test, STATE, "on", 0);
	for (int i = 0; i < 3; i++) {
		sysfs_expect_write(test, STATE, "update_schemes_tried_regions",
				   0);
		expect_all_tried(test, 0);
		expect_all_tried(test, 1);
	}
}

static void test_tried_paused(struct kunit *test)
{
	sysfs_expect_write(test, STATE, "on", 0);
	sysfs_expect_write(test, STATE, "update_schemes_tried_regions", 0);
	sysfs_expect_write(test, CONTEXT "pause", "Y", 0);
	sysfs_expect_write(test, STATE, "commit", 0);
	sysfs_expect_write(test, STATE, "update_schemes_tried_regions",
			   -ECANCELED);
	expect_none_tried(test);
	sysfs_expect_write(test, STATE, "update_schemes_stats", 0);
	sysfs_expect_write(test, STATE, "commit_schemes_quota_goals", 0);
}

static void test_stats(struct kunit *test)
{
	unsigned long nr, sz;

	sysfs_expect_write(test, SCHEME "quotas/bytes", "8192", 0);
	sysfs_expect_write(test, SCHEME "quotas/reset_interval_ms", "3600000",
			   0);
	sysfs_expect_write(test, STATE, "on", 0);
	sysfs_expect_write(test, STATE, "update_schemes_tried_bytes", 0);
	sysfs_expect_read(test, SCHEME "stats/nr_tried", "0");
	sysfs_expect_read(test, SCHEME "quotas/effective_bytes", "0");

	sysfs_expect_write(test, STATE, "update_schemes_stats", 0);
	nr = sysfs_read_ulong(test, SCHEME "stats/nr_tried");
	sz = sysfs_read_ulong(test, SCHEME "stats/sz_tried");
	KUNIT_EXPECT_GE(test, nr, 1);
	KUNIT_EXPECT_EQ(test, sz, 8192);
	KUNIT_EXPECT_EQ(test, sysfs_read_ulong(test, SCHEME
					       "stats/sz_applied"), sz / 2);
	KUNIT_EXPECT_EQ(test,
			sysfs_read_ulong(test, SCHEME
					 "stats/sz_ops_filter_passed"), sz);
	sysfs_expect_read(test, SCHEMES "1/stats/nr_tried", "0");
	sysfs_expect_read(test, SCHEME "quotas/effective_bytes", "0");
	sysfs_expect_write(test, STATE, "update_schemes_effective_quotas", 0);
	sysfs_expect_read(test, SCHEME "quotas/effective_bytes", "8192");

	/* The last values stay. */
	sysfs_expect_write(test, STATE, "off", 0);
	sysfs_expect_read(test, SCHEME "quotas/effective_bytes", "8192");
	sysfs_expect_read(test, SCHEME "stats/sz_tried", "8192");
	sysfs_expect_write(test, STATE, "update_schemes_stats", -ECANCELED);
	sysfs_expect_write(test, STATE, "on", 0);
	sysfs_expect_read(test, SCHEME "stats/sz_tried", "8192");
}

static void test_refresh(struct kunit *test)
{
	sysfs_expect_write(test, SCHEME "quotas/bytes", "8192", 0);
	sysfs_expect_write(test, SCHEME "quotas/reset_interval_ms", "3600000",
			   0);
	sysfs_expect_write(test, STATE, "on", 0);
	sysfs_expect_write(test, CONTEXT
			   "monitoring_attrs/intervals/sample_us", "1", 0);
	sysfs_expect_write(test, "admin/kdamonds/0/refresh_ms", "1", 0);
	for (int i = 0; i < NR_POLLS; i++) {
		if (sysfs_read_ulong(test, SCHEME "stats/nr_tried"))
			break;
		msleep(POLL_MS);
	}
	KUNIT_EXPECT_GE(test, sysfs_read_ulong(test, SCHEME "stats/nr_tried"),
			1);
	sysfs_expect_read(test, SCHEME "quotas/effective_bytes", "8192");
	sysfs_expect_read(test, CONTEXT
			  "monitoring_attrs/intervals/sample_us", "1000");
	expect_none_tried(test);
}

static void test_commit_goals(struct kunit *test)
{
	sysfs_expect_write(test, STATE, "on", 0);
	sysfs_expect_write(test, SCHEME "quotas/goals/nr_goals", "1", 0);
	sysfs_expect_write(test, SCHEME "quotas/goals/0/target_value", "1", 0);
	sysfs_expect_write(test, STATE, "commit_schemes_quota_goals", 0);
	sysfs_expect_write(test, SCHEME "quotas/goals/0/target_metric",
			   "node_memcg_used_bp", 0);
	sysfs_expect_write(test, SCHEME "quotas/goals/0/path",
			   "/is not there", 0);
	sysfs_expect_write(test, STATE, "commit_schemes_quota_goals", -EINVAL);
	sysfs_expect_write(test, STATE, "commit", -EINVAL);
	sysfs_expect_write(test, STATE, "off", 0);
	sysfs_expect_write(test, STATE, "commit_schemes_quota_goals",
			   -ECANCELED);
	sysfs_expect_write(test, STATE, "on", -EINVAL);
	sysfs_expect_write(test, STATE, "commit_schemes_quota_goals", -EINVAL);
}

struct asker {
	struct damon_dir *dir;
	struct completion done;
	int err;
};

static int asker_fn(void *data)
{
	struct asker *a = data;

	for (int i = 0; i < NR_ROUNDS && !a->err; i++) {
		a->err = damon_admin_state_store(a->dir,
						 "update_schemes_tried_regions");
		if (!a->err)
			a->err = damon_admin_state_store(a->dir,
							 "update_schemes_stats");
	}
	kthread_complete_and_exit(&a->done, 0);
}

/*
 * Several who wait for the same kdamond, and scheme directories that come and
 * go meanwhile: all are served, and none is sent away.
 */
static void test_tried_crowd(struct kunit *test)
{
	struct asker askers[3] = {};

	sysfs_expect_write(test, STATE, "on", 0);
	for (int i = 0; i < ARRAY_SIZE(askers); i++) {
		struct asker *a = &askers[i];

		a->dir = sysfs_test_dir(test, "admin/kdamonds/0/");
		init_completion(&a->done);
		if (IS_ERR(kthread_run(asker_fn, a, "damon-asker"))) {
			a->err = -ENOMEM;
			complete(&a->done);
		}
	}
	for (int i = 0; i < NR_ROUNDS; i++) {
		write_number(test, SCHEMES "nr_schemes", i % 4);
		sysfs_expect_write(test, STATE, "update_schemes_tried_regions",
				   0);
		if (i % 2)
			sysfs_expect_write(test, STATE,
					   "clear_schemes_tried_regions", 0);
	}
	for (int i = 0; i < ARRAY_SIZE(askers); i++) {
		wait_for_completion(&askers[i].done);
		KUNIT_EXPECT_EQ(test, askers[i].err, 0);
	}
	sysfs_expect_write(test, SCHEMES "nr_schemes", "1", 0);
	sysfs_expect_write(test, STATE, "update_schemes_tried_regions", 0);
	expect_all_tried(test, 0);
}

static struct kunit_case sysfs_tried_test_cases[] = {
	KUNIT_CASE(test_tried_life_cycle),
	KUNIT_CASE(test_tried_resize),
	KUNIT_CASE(test_tried_probes),
	KUNIT_CASE(test_tried_pairs),
	KUNIT_CASE(test_tried_two),
	KUNIT_CASE(test_tried_paused),
	KUNIT_CASE(test_tried_crowd),
	KUNIT_CASE(test_stats),
	KUNIT_CASE(test_refresh),
	KUNIT_CASE(test_commit_goals),
	{}
};

static struct kunit_suite sysfs_tried_test_suite = {
	.name = "damon_sysfs_tried",
	.init = tried_test_init,
	.exit = tried_test_exit,
	.test_cases = sysfs_tried_test_cases,
};

kunit_test_suite(sysfs_tried_test_suite);
