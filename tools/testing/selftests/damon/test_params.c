// SPDX-License-Identifier: GPL-2.0
/*
 * The parameters of DAMON_RECLAIM, DAMON_LRU_SORT and DAMON_STAT, one by one.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "damon_mem.h"
#include "damon_module.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define LIMIT_S		120

static void expect_content(struct __test_metadata *_metadata,
			   const struct param *p, const char *content)
{
	char text[DAMON_TEXT_MAX];
	int len = damon_read(p->path, text);

	EXPECT_LT(0, len) TH_LOG("%s", p->path);
	if (len <= 0)
		return;
	text[len - 1] = text[len - 1] == '\n' ? '\0' : '?';
	EXPECT_STREQ(content, text) TH_LOG("%s", p->path);
}

/*
 * What holds only as long as nobody has enabled anything, so it is first.
 */
TEST(as_booted)
{
	const struct param *p;

	if (modules_why_not())
		SKIP(return, "%s", modules_why_not());
	EXPECT_EQ(0, modules_disable());
	for_each_param(p) {
		if (p->content)
			expect_content(_metadata, p, p->content);
	}
	if (module_commit(RECLAIM) == -ECANCELED)
		SKIP(return, "modules have been enabled since boot");
	EXPECT_EQ(-EINVAL, module_commit(RECLAIM));
	EXPECT_EQ(-EINVAL, module_commit(LRU_SORT));
	for_each_param(p) {
		if (p->kind == NUMBER && !p->content &&
		    strncmp(p->path, STAT, strlen(STAT)))
			expect_content(_metadata, p, "0");
	}
}

FIXTURE(params) {
	int unused;
};

FIXTURE_SETUP(params)
{
	if (modules_why_not())
		SKIP(return, "%s", modules_why_not());
	ASSERT_EQ(0, modules_reset());
	ASSERT_EQ(0, damon_nr_threads());
}

FIXTURE_TEARDOWN(params)
{
	EXPECT_EQ(0, modules_reset());
	EXPECT_EQ(0, damon_nr_threads());
}

static bool is_listed(const char *dir, const char *name)
{
	const struct param *p;
	size_t len = strlen(dir);

	for_each_param(p) {
		if (!strncmp(p->path, dir, len) && !strcmp(p->path + len, name))
			return true;
	}
	return false;
}

TEST_F(params, all_files_are_listed)
{
	const struct param *p;
	struct dirent *entry;
	char path[256];
	DIR *dir;
	int i, nr = 0;

	for (i = 0; i < NR_MODULES; i++) {
		snprintf(path, sizeof(path), DAMON_ADMIN "%s", modules[i]);
		dir = opendir(path);
		ASSERT_NE(NULL, dir);
		while ((entry = readdir(dir))) {
			if (entry->d_name[0] == '.')
				continue;
			EXPECT_TRUE(is_listed(modules[i], entry->d_name))
				TH_LOG("%s%s", modules[i], entry->d_name);
			nr++;
		}
		closedir(dir);
	}
	for_each_param(p)
		nr--;
	EXPECT_EQ(0, nr);
}

TEST_F(params, modes)
{
	const struct param *p;
	char path[256];
	struct stat st;

	for_each_param(p) {
		snprintf(path, sizeof(path), DAMON_ADMIN "%s", p->path);
		ASSERT_EQ(0, stat(path, &st)) TH_LOG("%s", p->path);
		EXPECT_EQ(param_is_input(p) ? 0600 : 0400, st.st_mode & 0777)
			TH_LOG("%s", p->path);
		if (!param_is_input(p))
			EXPECT_EQ(-EACCES, damon_write(p->path, "1"))
				TH_LOG("%s", p->path);
	}
}

/* What may be written to a parameter, and what it says then, or an errno. */
struct input {
	const char *text;
	const char *content;
	int err;
};

static const struct input numbers[] = {
	{ "12", "12" }, { "12\n", "12" }, { "+12", "12" }, { "0x12", "18" },
	{ "012", "10" }, { "18446744073709551615", "18446744073709551615" },
	{ "18446744073709551616", NULL, -ERANGE },
	{ "-1", NULL, -EINVAL }, { " 1", NULL, -EINVAL },
	{ "1 ", NULL, -EINVAL }, { "\n", NULL, -EINVAL },
	{ "1x", NULL, -EINVAL }, { "x", NULL, -EINVAL },
};

static const struct input bools[] = {
	{ "Y", "Y" }, { "N", "N" }, { "y\n", "Y" }, { "n\n", "N" },
	{ "1", "Y" }, { "0", "N" }, { "True", "Y" }, { "False", "N" },
	{ "t", "Y" }, { "f", "N" }, { "on", "Y" }, { "off", "N" },
	{ "ON", "Y" }, { "oFf", "N" },
	{ "2", NULL, -EINVAL }, { "x", NULL, -EINVAL },
	{ "o", NULL, -EINVAL }, { "\n", NULL, -EINVAL },
	{ "-1", NULL, -EINVAL },
};

static void expect_inputs(struct __test_metadata *_metadata,
			  const struct param *p, const struct input *inputs,
			  int nr)
{
	const struct input *in;
	const char *content = p->content;

	for (in = inputs; in < inputs + nr; in++) {
		EXPECT_EQ(in->err, damon_write(p->path, "%s", in->text))
			TH_LOG("%s: %s", p->path, in->text);
		/* What is refused changes nothing. */
		content = in->err ? content : in->content;
		/* Not a state, but something to do. */
		expect_content(_metadata, p, p->kind == COMMIT ? "N" : content);
	}
}

TEST_F(params, inputs)
{
	const struct param *p;

	for_each_param(p) {
		switch (p->kind) {
		case ULONG:
			expect_inputs(_metadata, p, numbers,
				      ARRAY_SIZE(numbers));
			EXPECT_EQ(p->not_zero ? -EINVAL : 0,
				  damon_write(p->path, "0"));
			break;
		case BOOL:
		case ENABLED:
			expect_inputs(_metadata, p, bools, ARRAY_SIZE(bools));
			break;
		case COMMIT:
			EXPECT_EQ(0, damon_write(p->path, "off"));
			EXPECT_EQ(-EINVAL, damon_write(p->path, "x"));
			break;
		default:
			break;
		}
		/* Before the next one, which may be about to start. */
		if (param_is_input(p))
			EXPECT_EQ(0, damon_write(p->path, "%s", p->content));
	}
}

TEST_F(params, commit_inputs_words)
{
	const struct param *p;

	for_each_param(p) {
		if (p->kind != COMMIT)
			continue;
		ASSERT_EQ(0, modules_reset());
		ASSERT_EQ(0, module_enable(RECLAIM, true));
		ASSERT_EQ(0, module_enable(LRU_SORT, true));
		expect_inputs(_metadata, p, bools, ARRAY_SIZE(bools));
	}
}

/* Parameters that are refused as a whole: names and values. */
static const struct refused {
	const char *name;
	unsigned int modules;	/* by bit, of modules[] */
	const char *writes[5];
} refused[] = {
	{ "too few regions", 3, { "min_nr_regions", "2" } },
	{ "min above max", 3,
	  { "min_nr_regions", "100", "max_nr_regions", "99" } },
	{ "sampling slower than aggregation", 3,
	  { "sample_interval", "5000", "aggr_interval", "4999" } },
	{ "no aggregation interval", 1, { "aggr_interval", "0" } },
	{ "no intervals at all", 1,
	  { "sample_interval", "0", "aggr_interval", "0" } },
	{ "no sampling interval", 2, { "sample_interval", "0" } },
	{ "more than all active", 2, { "active_mem_bp", "10001" } },
	{ "end before start", 3,
	  { "monitor_region_end", "4096", "monitor_region_start", "8192" } },
	{ "no end", 3,
	  { "monitor_region_end", "0", "monitor_region_start", "4096" } },
	{ "empty", 3,
	  { "monitor_region_end", "2097152",
	    "monitor_region_start", "2097152" } },
	{ "pages are no power of two units", 3, { "addr_unit", "3" } },
};

static void expect_refused(struct __test_metadata *_metadata, const char *dir,
			   const struct refused *r)
{
	pid_t pid;

	ASSERT_EQ(0, modules_reset());
	EXPECT_EQ(0, params_write(dir, r->writes));
	EXPECT_EQ(-EINVAL, module_enable(dir, true)) TH_LOG("%s", r->name);
	EXPECT_FALSE(module_is_enabled(dir));
	EXPECT_EQ(0, damon_nr_threads());

	/* It goes on as it was, and the parameters stay as written. */
	ASSERT_EQ(0, modules_reset());
	ASSERT_EQ(0, module_enable(dir, true)) TH_LOG("%s", r->name);
	pid = module_pid(dir);
	EXPECT_EQ(0, params_write(dir, r->writes));
	EXPECT_EQ(-EINVAL, module_commit(dir)) TH_LOG("%s", r->name);
	EXPECT_TRUE(module_is_enabled(dir));
	EXPECT_EQ(pid, module_pid(dir));
	EXPECT_EQ(-EINVAL, module_commit(dir)) TH_LOG("%s", r->name);

	EXPECT_EQ(0, module_enable(dir, false));
	EXPECT_EQ(-EINVAL, module_enable(dir, true)) TH_LOG("%s", r->name);
}

TEST_F_TIMEOUT(params, refused, LIMIT_S)
{
	int i, j;

	for (i = 0; i < (int)ARRAY_SIZE(refused); i++) {
		for (j = 0; j < NR_SCHEMERS; j++) {
			if (refused[i].modules & 1 << j)
				expect_refused(_metadata, modules[j],
					       &refused[i]);
		}
	}
}

TEST_F(params, accepted)
{
	/* One value each that is not the default, and all at once. */
	static const char * const reclaim[] = {
		"min_age", "1000000", "quota_ms", "0", "quota_sz", "0",
		"quota_reset_interval_ms", "0",
		"quota_mem_pressure_us", "1000",
		"quota_autotune_feedback", "5000", "skip_anon", "Y",
		"autotune_monitoring_intervals", "Y", "sample_interval", "1000",
		"wmarks_interval", "1000", "wmarks_high", "1000",
		"wmarks_mid", "900", "wmarks_low", "0", NULL,
	};
	static const char * const lru_sort[] = {
		"active_mem_bp", "10000", "filter_young_pages", "Y",
		"hot_thres_access_freq", "1001", "cold_min_age", "0",
		"quota_ms", "1", "quota_reset_interval_ms", "1",
		"autotune_monitoring_intervals", "Y", "aggr_interval", "5000",
		"min_nr_regions", "3", "max_nr_regions", "3",
		"wmarks_high", "0", "wmarks_mid", "500", NULL,
	};

	ASSERT_EQ(0, module_enable(RECLAIM, true));
	ASSERT_EQ(0, module_enable(LRU_SORT, true));
	EXPECT_EQ(0, params_write(RECLAIM, reclaim));
	EXPECT_EQ(0, params_write(LRU_SORT, lru_sort));
	EXPECT_EQ(0, module_commit(RECLAIM));
	EXPECT_EQ(0, module_commit(LRU_SORT));
	EXPECT_EQ(0, module_commit(RECLAIM));
	EXPECT_TRUE(module_is_enabled(RECLAIM));
	EXPECT_TRUE(module_is_enabled(LRU_SORT));
	EXPECT_EQ(0, modules_disable());
	EXPECT_EQ(0, module_enable(LRU_SORT, true));
	EXPECT_EQ(0, module_enable(RECLAIM, true));
}

/* All of System RAM, unless something else is said. */
TEST_F(params, range)
{
	unsigned long start, end;
	char text[32];
	int i;

	ASSERT_EQ(0, ram_range(&start, &end));
	for (i = 0; i < NR_SCHEMERS; i++) {
		const char *dir = modules[i];

		ASSERT_EQ(0, modules_reset());
		ASSERT_EQ(0, module_enable(dir, true));
		EXPECT_EQ(start, param_number(dir, "monitor_region_start"));
		EXPECT_EQ(end, param_number(dir, "monitor_region_end"));
		EXPECT_EQ(0, module_enable(dir, false));
		EXPECT_EQ(end, param_number(dir, "monitor_region_end"));

		/* From there on it is something that is said. */
		EXPECT_EQ(0, param_write(dir, "addr_unit", "4096"));
		EXPECT_EQ(0, param_write(dir, "monitor_region_start", "0"));
		EXPECT_EQ(0, param_write(dir, "monitor_region_end", "0"));
		ASSERT_EQ(0, module_enable(dir, true));
		EXPECT_EQ(start / 4096,
			  param_number(dir, "monitor_region_start"));
		EXPECT_EQ(end / 4096, param_number(dir, "monitor_region_end"));
		EXPECT_EQ(0, module_enable(dir, false));

		/* Half of it. */
		EXPECT_EQ(0, param_write(dir, "addr_unit", "1"));
		snprintf(text, sizeof(text), "%lu", start);
		EXPECT_EQ(0, param_write(dir, "monitor_region_start", text));
		snprintf(text, sizeof(text), "%lu", end / 2);
		EXPECT_EQ(0, param_write(dir, "monitor_region_end", text));
		ASSERT_EQ(0, module_enable(dir, true));
		EXPECT_EQ(end / 2, param_number(dir, "monitor_region_end"));
		EXPECT_EQ(0, module_enable(dir, false));
	}
}

TEST_HARNESS_MAIN
