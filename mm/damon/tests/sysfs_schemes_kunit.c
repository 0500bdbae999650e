// SPDX-License-Identifier: GPL-2.0
/* What can be staged about schemes and probes. */

#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/damon.h>
#include <linux/string.h>

#include "sysfs_fixture.h"

/* Each gets a value of its own, so that none can stand in for another. */
static const char *const bind_cases[][2] = {
	{ "action", "lru_prio" },
	{ "target_nid", "-11" },
	{ "apply_interval_us", "12" },
	{ "access_pattern/sz/min", "13" },
	{ "access_pattern/sz/max", "14" },
	{ "access_pattern/nr_accesses/min", "15" },
	{ "access_pattern/nr_accesses/max", "16" },
	{ "access_pattern/age/min", "17" },
	{ "access_pattern/age/max", "18" },
	{ "quotas/ms", "19" },
	{ "quotas/bytes", "20" },
	{ "quotas/reset_interval_ms", "21" },
	{ "quotas/goal_tuner", "temporal" },
	{ "quotas/fail_charge_num", "22" },
	{ "quotas/fail_charge_denom", "23" },
	{ "quotas/weights/sz_permil", "24" },
	{ "quotas/weights/nr_accesses_permil", "25" },
	{ "quotas/weights/age_permil", "26" },
	{ "quotas/goals/0/target_metric", "active_mem_bp" },
	{ "quotas/goals/0/target_value", "27" },
	{ "quotas/goals/0/current_value", "28" },
	{ "quotas/goals/0/nid", "-29" },
	{ "quotas/goals/0/path", "/30" },
	{ "watermarks/metric", "free_mem_rate" },
	{ "watermarks/interval_us", "31" },
	{ "watermarks/high", "32" },
	{ "watermarks/mid", "33" },
	{ "watermarks/low", "34" },
	{ "core_filters/0/type", "target" },
	{ "core_filters/0/matching", "Y" },
	{ "core_filters/0/memcg_path", "/35" },
	{ "core_filters/0/addr_start", "36" },
	{ "core_filters/0/addr_end", "37" },
	{ "core_filters/0/min", "38" },
	{ "core_filters/0/max", "39" },
	{ "core_filters/0/damon_target_idx", "-40" },
	{ "ops_filters/0/type", "unmapped" },
	{ "ops_filters/0/allow", "Y" },
	{ "ops_filters/0/memcg_path", "/41" },
	{ "ops_filters/0/addr_start", "42" },
	{ "ops_filters/0/damon_target_idx", "43" },
	{ "filters/0/type", "young" },
	{ "filters/0/matching", "Y" },
	{ "filters/0/allow", "Y" },
	{ "filters/0/memcg_path", "/44" },
	{ "filters/0/addr_end", "45" },
	{ "filters/0/max", "46" },
	{ "dests/0/id", "47" },
	{ "dests/0/weight", "48" },
	{ "stats/max_nr_snapshots", "49" },
};

static void expect_bound(struct kunit *test, const struct damos_spec *s)
{
	const struct damos_quota_spec *q = &s->quota;
	const struct damos_filter_spec *f;

	KUNIT_EXPECT_EQ(test, s->action, DAMOS_LRU_PRIO);
	KUNIT_EXPECT_EQ(test, s->target_nid, -11);
	KUNIT_EXPECT_EQ(test, s->apply_interval_us, 12);
	KUNIT_EXPECT_EQ(test, s->pattern.sz.min, 13);
	KUNIT_EXPECT_EQ(test, s->pattern.sz.max, 14);
	KUNIT_EXPECT_EQ(test, s->pattern.nr_accesses.min, 15);
	KUNIT_EXPECT_EQ(test, s->pattern.nr_accesses.max, 16);
	KUNIT_EXPECT_EQ(test, s->pattern.age.min, 17);
	KUNIT_EXPECT_EQ(test, s->pattern.age.max, 18);

	KUNIT_EXPECT_EQ(test, q->ms, 19);
	KUNIT_EXPECT_EQ(test, q->sz, 20);
	KUNIT_EXPECT_EQ(test, q->reset_interval, 21);
	KUNIT_EXPECT_EQ(test, q->goal_tuner, DAMOS_QUOTA_GOAL_TUNER_TEMPORAL);
	KUNIT_EXPECT_EQ(test, q->fail_charge_num, 22);
	KUNIT_EXPECT_EQ(test, q->fail_charge_denom, 23);
	KUNIT_EXPECT_EQ(test, q->weight_sz, 24);
	KUNIT_EXPECT_EQ(test, q->weight_nr_accesses, 25);
	KUNIT_EXPECT_EQ(test, q->weight_age, 26);
	KUNIT_ASSERT_EQ(test, q->nr_goals, 1);
	KUNIT_EXPECT_EQ(test, q->goals[0].metric, DAMOS_QUOTA_ACTIVE_MEM_BP);
	KUNIT_EXPECT_EQ(test, q->goals[0].target_value, 27);
	KUNIT_EXPECT_EQ(test, q->goals[0].current_value, 28);
	KUNIT_EXPECT_EQ(test, q->goals[0].nid, -29);
	KUNIT_EXPECT_STREQ(test, q->goals[0].memcg_path, "/30");

	KUNIT_EXPECT_EQ(test, s->wmarks.metric, DAMOS_WMARK_FREE_MEM_RATE);
	KUNIT_EXPECT_EQ(test, s->wmarks.interval, 31);
	KUNIT_EXPECT_EQ(test, s->wmarks.high, 32);
	KUNIT_EXPECT_EQ(test, s->wmarks.mid, 33);
	KUNIT_EXPECT_EQ(test, s->wmarks.low, 34);

	KUNIT_ASSERT_EQ(test, s->core_filters.nr, 1);
	f = s->core_filters.vec;
	KUNIT_EXPECT_EQ(test, f->type, DAMOS_FILTER_TYPE_TARGET);
	KUNIT_EXPECT_TRUE(test, f->matching);
	KUNIT_EXPECT_FALSE(test, f->allow);
	KUNIT_EXPECT_STREQ(test, f->memcg_path, "/35");
	KUNIT_EXPECT_EQ(test, f->addr_range.start, 36);
	KUNIT_EXPECT_EQ(test, f->addr_range.end, 37);
	KUNIT_EXPECT_EQ(test, f->sz_range.min, 38);
	KUNIT_EXPECT_EQ(test, f->sz_range.max, 39);
	KUNIT_EXPECT_EQ(test, f->target_idx, -40);

	KUNIT_ASSERT_EQ(test, s->ops_filters.nr, 1);
	f = s->ops_filters.vec;
	KUNIT_EXPECT_EQ(test, f->type, DAMOS_FILTER_TYPE_UNMAPPED);
	KUNIT_EXPECT_FALSE(test, f->matching);
	KUNIT_EXPECT_TRUE(test, f->allow);
	KUNIT_EXPECT_STREQ(test, f->memcg_path, "/41");
	KUNIT_EXPECT_EQ(test, f->addr_range.start, 42);
	KUNIT_EXPECT_EQ(test, f->target_idx, 43);

	KUNIT_ASSERT_EQ(test, s->filters.nr, 1);
	f = s->filters.vec;
	KUNIT_EXPECT_EQ(test, f->type, DAMOS_FILTER_TYPE_YOUNG);
	KUNIT_EXPECT_TRUE(test, f->matching);
	KUNIT_EXPECT_TRUE(test, f->allow);
	KUNIT_EXPECT_STREQ(test, f->memcg_path, "/44");
	KUNIT_EXPECT_EQ(test, f->addr_range.end, 45);
	KUNIT_EXPECT_EQ(test, f->sz_range.max, 46);

	KUNIT_ASSERT_EQ(test, s->nr_dests, 1);
	KUNIT_EXPECT_EQ(test, s->dests[0].nid, 47);
	KUNIT_EXPECT_EQ(test, s->dests[0].weight, 48);
	KUNIT_EXPECT_EQ(test, s->max_nr_snapshots, 49);
}

static void write_scheme(struct kunit *test, const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), SCHEME "%s", file);
	sysfs_expect_write(test, path, text, 0);
}

static void test_scheme_bind(struct kunit *test)
{
	struct sysfs_test *t = test->priv;
	struct damon_admin_kdamond *k;
	struct damon_spec copy;
	char path[128];

	sysfs_make_one_of_each(test);
	k = t->admin.kdamonds;
	for (int i = 0; i < ARRAY_SIZE(bind_cases); i++)
		write_scheme(test, bind_cases[i][0], bind_cases[i][1]);
	for (int i = 0; i < ARRAY_SIZE(bind_cases); i++) {
		snprintf(path, sizeof(path), SCHEME "%s", bind_cases[i][0]);
		sysfs_expect_read(test, path, bind_cases[i][1]);
	}
	expect_bound(test, &k->contexts->schemes[0].spec);

	/* Commands work on a copy, whatever becomes of the files. */
	KUNIT_ASSERT_EQ(test, damon_admin_copy_spec(k, &copy), 0);
	sysfs_expect_write(test, SCHEMES "nr_schemes", "2", 0);
	KUNIT_EXPECT_EQ(test, copy.nr_schemes, 1);
	expect_bound(test, &copy.schemes[0]);
	damon_spec_free(&copy);
	KUNIT_ASSERT_EQ(test, damon_admin_copy_spec(k, &copy), 0);
	KUNIT_EXPECT_EQ(test, copy.nr_schemes, 2);
	KUNIT_EXPECT_EQ(test, copy.schemes[1].action, DAMOS_STAT);
	KUNIT_EXPECT_EQ(test, copy.schemes[1].target_nid, -1);
	KUNIT_EXPECT_EQ(test, copy.schemes[1].filters.nr, 0);
	damon_spec_free(&copy);

	sysfs_expect_write(test, CONTEXTS "nr_contexts", "0", 0);
	KUNIT_EXPECT_EQ(test, damon_admin_copy_spec(k, &copy), -EINVAL);
}

/* A file, the words that it takes and some that it does not. */
struct words_case {
	const char *file;
	const char *good[12];
	const char *bad[9];
};

static const struct words_case words_cases[] = {
	{ SCHEME "action",
	  { "willneed", "cold", "pageout", "hugepage", "nohugepage",
	    "collapse", "lru_prio", "lru_deprio", "migrate_hot",
	    "migrate_cold", "stat" },
	  { "page-out", "STAT", "stats", "willnee", "0", "" } },
	{ SCHEME "quotas/goal_tuner",
	  { "consist", "temporal" }, { "none", "consistent" } },
	{ SCHEME "quotas/goals/0/target_metric",
	  { "user_input", "some_mem_psi_us", "node_mem_used_bp",
	    "node_mem_free_bp", "node_memcg_used_bp", "node_memcg_free_bp",
	    "active_mem_bp", "inactive_mem_bp", "node_eligible_mem_bp" },
	  { "none", "user_inpu", "mem_used_bp", "1" } },
	{ SCHEME "watermarks/metric",
	  { "none", "free_mem_rate" }, { "free_mem", "0" } },
	{ SCHEME "core_filters/0/type",
	  { "addr", "target" },
	  { "anon", "active", "memcg", "young", "hugepage_size", "unmapped",
	    "foo" } },
	{ SCHEME "ops_filters/0/type",
	  { "anon", "active", "memcg", "young", "hugepage_size", "unmapped" },
	  { "addr", "target", "foo" } },
	{ SCHEME "filters/0/type",
	  { "anon", "active", "memcg", "young", "hugepage_size", "unmapped",
	    "addr", "target" },
	  { "foo", "Anon" } },
	{ PROBES "0/filters/0/type",
	  { "anon", "memcg" },
	  { "active", "young", "hugepage_size", "unmapped", "addr", "target",
	    "foo" } },
};

static void expect_words(struct kunit *test, const char *file,
			 const char *const *words, int ret)
{
	char before[32];
	const char *first;

	for (; *words; words++) {
		first = sysfs_read(test, file);
		KUNIT_ASSERT_NOT_NULL_MSG(test, first, "%s", file);
		strscpy(before, first);
		sysfs_expect_write(test, file, *words, ret);
		sysfs_expect_read(test, file, ret ? before : *words);
	}
}

static void test_scheme_words(struct kunit *test)
{
	sysfs_make_one_of_each(test);
	for (int i = 0; i < ARRAY_SIZE(words_cases); i++) {
		const struct words_case *c = &words_cases[i];

		expect_words(test, c->file, c->bad, -EINVAL);
		expect_words(test, c->file, c->good, 0);
		expect_words(test, c->file, c->bad, -EINVAL);
	}
}

#define TOO_BIG	"99999999999999999999"

/* What is too big: most files tell so, some only that it is wrong. */
struct range_case {
	const char *file;
	const char *text;
	int ret;
};

static const struct range_case range_cases[] = {
	{ "target_nid", "-2147483648", 0 },
	{ "target_nid", "2147483648", -ERANGE },
	{ "apply_interval_us", TOO_BIG, -ERANGE },
	{ "access_pattern/nr_accesses/max", "0xffffffff", 0 },
	{ "access_pattern/age/max", TOO_BIG, -ERANGE },
	{ "quotas/ms", TOO_BIG, -EINVAL },
	{ "quotas/ms", "-1", -EINVAL },
	{ "quotas/bytes", TOO_BIG, -EINVAL },
	{ "quotas/reset_interval_ms", TOO_BIG, -EINVAL },
	{ "quotas/fail_charge_num", "4294967295", 0 },
	{ "quotas/fail_charge_num", "4294967296", -EINVAL },
	{ "quotas/fail_charge_denom", "4294967296", -EINVAL },
	{ "quotas/weights/sz_permil", "4294967296", -ERANGE },
	{ "quotas/weights/age_permil", "1001", 0 },
	{ "quotas/goals/0/target_value", TOO_BIG, -ERANGE },
	{ "quotas/goals/0/nid", "2147483648", -ERANGE },
	{ "watermarks/low", TOO_BIG, -ERANGE },
	{ "core_filters/0/damon_target_idx", "-2147483649", -ERANGE },
	{ "ops_filters/0/matching", "2", -EINVAL },
	{ "filters/0/allow", "", -EINVAL },
	{ "filters/0/min", TOO_BIG, -ERANGE },
	{ "dests/0/id", "-1", -EINVAL },
	{ "dests/0/weight", "4294967296", -ERANGE },
	{ "stats/max_nr_snapshots", TOO_BIG, -ERANGE },
	{ "nr_schemes", "1", -ENOENT },
};

static void test_scheme_ranges(struct kunit *test)
{
	char path[128];

	sysfs_make_one_of_each(test);
	for (int i = 0; i < ARRAY_SIZE(range_cases); i++) {
		snprintf(path, sizeof(path), SCHEME "%s", range_cases[i].file);
		sysfs_expect_write(test, path, range_cases[i].text,
				   range_cases[i].ret);
	}
}

/* Numbered directories with strings in them: new ones have none. */
static void test_scheme_nr(struct kunit *test)
{
	static const char *const paths[][2] = {
		{ SCHEME "core_filters/", "memcg_path" },
		{ SCHEME "ops_filters/", "memcg_path" },
		{ SCHEME "filters/", "memcg_path" },
		{ SCHEME "quotas/goals/", "path" },
		{ PROBES "0/filters/", "path" },
	};
	char nr[96], file[96];

	sysfs_make_one_of_each(test);
	for (int i = 0; i < ARRAY_SIZE(paths); i++) {
		const char *dir = paths[i][0];

		snprintf(nr, sizeof(nr), "%s%s", dir,
			 strstr(dir, "goals") ? "nr_goals" : "nr_filters");
		snprintf(file, sizeof(file), "%s2/%s", dir, paths[i][1]);
		sysfs_expect_write(test, nr, "3", 0);
		sysfs_expect_read(test, file, "");
		sysfs_expect_write(test, file, "/a\n", 0);
		sysfs_expect_read(test, file, "/a\n");
		sysfs_expect_write(test, file, "/b", 0);
		sysfs_expect_read(test, file, "/b");
		sysfs_expect_write(test, nr, "3", 0);
		sysfs_expect_read(test, file, "");
		/* Left to whoever removes what they are in. */
		sysfs_expect_write(test, file, "/c", 0);
	}
}

static void test_probes(struct kunit *test)
{
	struct sysfs_test *t = test->priv;
	struct damon_spec copy;

	sysfs_make_one_of_each(test);
	sysfs_expect_write(test, PROBES "nr_probes", "5", -EINVAL);
	sysfs_expect_write(test, PROBES "nr_probes", "-1", -EINVAL);
	sysfs_expect_read(test, PROBES "nr_probes", "1");
	sysfs_expect_write(test, PROBES "nr_probes", "4", 0);
	sysfs_expect_read(test, PROBES "3/filters/nr_filters", "0");
	sysfs_expect_write(test, PROBES "3/filters/nr_filters", "2", 0);
	sysfs_expect_write(test, PROBES "3/filters/1/type", "memcg", 0);
	sysfs_expect_write(test, PROBES "3/filters/1/matching", "Y", 0);
	sysfs_expect_write(test, PROBES "3/filters/1/path", "/p", 0);
	sysfs_expect_missing(test, PROBES "3/filters/1/memcg_path");

	KUNIT_ASSERT_EQ(test, damon_admin_copy_spec(t->admin.kdamonds, &copy),
			0);
	sysfs_expect_write(test, PROBES "nr_probes", "0", 0);
	KUNIT_ASSERT_EQ(test, copy.nr_probes, 4);
	KUNIT_EXPECT_EQ(test, copy.probes[0].filters.nr, 0);
	KUNIT_ASSERT_EQ(test, copy.probes[3].filters.nr, 2);
	KUNIT_EXPECT_EQ(test, copy.probes[3].filters.vec[1].type,
			DAMOS_FILTER_TYPE_MEMCG);
	KUNIT_EXPECT_TRUE(test, copy.probes[3].filters.vec[1].matching);
	KUNIT_EXPECT_STREQ(test, copy.probes[3].filters.vec[1].memcg_path,
			   "/p");
	damon_spec_free(&copy);
}

static struct kunit_case sysfs_schemes_test_cases[] = {
	KUNIT_CASE(test_scheme_bind),
	KUNIT_CASE(test_scheme_words),
	KUNIT_CASE(test_scheme_ranges),
	KUNIT_CASE(test_scheme_nr),
	KUNIT_CASE(test_probes),
	{}
};

static struct kunit_suite sysfs_schemes_test_suite = {
	.name = "damon_sysfs_schemes",
	.init = sysfs_test_init,
	.exit = sysfs_test_exit,
	.test_cases = sysfs_schemes_test_cases,
};

kunit_test_suite(sysfs_schemes_test_suite);
