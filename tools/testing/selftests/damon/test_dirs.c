// SPDX-License-Identifier: GPL-2.0
/*
 * The numbered directories of the sysfs interface, and how many there are.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "damon_scheme.h"
#include "damon_util.h"
#include "kselftest_harness.h"

FIXTURE(dirs) {
	int unused;
};

FIXTURE_SETUP(dirs)
{
	const char *why = damon_why_not();

	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, damon_new_full());
}

FIXTURE_TEARDOWN_PARENT(dirs)
{
	EXPECT_EQ(0, damon_cleanup());
}

static const struct nr_file {
	const char *dir;
	const char *name;
	const char *child_file;	/* some file of a child, "0" by default */
	long max;
} nr_files[] = {
	{ "kdamonds/", "nr_kdamonds", "refresh_ms", LONG_MAX },
	{ K0 "contexts/", "nr_contexts", "targets/nr_targets", 1 },
	{ TARGETS0, "nr_targets", "pid_target", LONG_MAX },
	{ T0 "regions/", "nr_regions", "start", LONG_MAX },
	{ PROBES0, "nr_probes", "filters/nr_filters", 4 },
	{ PROBE_FILTERS0, "nr_filters", NULL, LONG_MAX },
	{ SCHEMES0, "nr_schemes", "apply_interval_us", LONG_MAX },
	{ GOALS0, "nr_goals", "target_value", LONG_MAX },
	{ S0 "core_filters/", "nr_filters", "addr_start", LONG_MAX },
	{ S0 "ops_filters/", "nr_filters", "min", LONG_MAX },
	{ S0 "filters/", "nr_filters", "damon_target_idx", LONG_MAX },
	{ S0 "dests/", "nr_dests", "weight", LONG_MAX },
};

static bool has_child(const struct nr_file *nf, int i)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%d", nf->dir, i);
	return damon_exists(path);
}

static void expect_children(struct __test_metadata *_metadata,
			    const struct nr_file *nf, int nr)
{
	char path[256];
	int i;

	snprintf(path, sizeof(path), "%s%s", nf->dir, nf->name);
	EXPECT_EQ(nr, damon_read_long(path)) TH_LOG("%s", path);
	for (i = 0; i < 6; i++)
		EXPECT_EQ(i < nr, has_child(nf, i)) TH_LOG("%s: %d", path, i);
}

TEST_F(dirs, numbered_directories)
{
	const struct nr_file *nf;
	char path[256], child[256];
	int nr;

	for (nf = nr_files; nf < nr_files + ARRAY_SIZE(nr_files); nf++) {
		nr = nf->max < 5 ? nf->max : 5;
		snprintf(path, sizeof(path), "%s%s", nf->dir, nf->name);
		ASSERT_EQ(0, damon_new_full());
		EXPECT_EQ(0, damon_write(path, "%d", nr));
		expect_children(_metadata, nf, nr);

		/* A refused number leaves the children as they are. */
		EXPECT_EQ(-EINVAL, damon_write(path, "-1"));
		EXPECT_EQ(-ERANGE, damon_write(path, "2147483648"));
		if (nf->max < LONG_MAX)
			EXPECT_EQ(-EINVAL,
				  damon_write(path, "%ld", nf->max + 1));
		expect_children(_metadata, nf, nr);

		/* The same number again makes new ones. */
		if (nf->child_file) {
			snprintf(child, sizeof(child), "%s0/%s", nf->dir,
				 nf->child_file);
			EXPECT_EQ(0, damon_write(child, "3"));
			EXPECT_EQ(3, damon_read_long(child));
			EXPECT_EQ(0, damon_write(path, "%d", nr));
			EXPECT_EQ(0, damon_read_long(child));
		}

		EXPECT_EQ(0, damon_write(path, "1"));
		expect_children(_metadata, nf, 1);
		EXPECT_EQ(0, damon_write(path, "0"));
		expect_children(_metadata, nf, 0);
	}
}

TEST_F(dirs, new_directories_have_defaults)
{
	EXPECT_EQ(0, damon_write(INTERVALS0 "sample_us", "1"));
	EXPECT_EQ(0, damon_write(C0 "pause", "Y"));
	EXPECT_EQ(0, damon_write(K0 "contexts/nr_contexts", "1"));
	EXPECT_EQ(5000, damon_read_long(INTERVALS0 "sample_us"));
	EXPECT_EQ(0, damon_read_long(TARGETS0 "nr_targets"));
	EXPECT_FALSE(damon_exists(T0));
	EXPECT_EQ(0, damon_read_long(SCHEMES0 "nr_schemes"));
	EXPECT_FALSE(damon_exists(S0));

	ASSERT_EQ(0, damos_new(1, "pageout"));
	EXPECT_EQ(0, damon_read_long(GOALS0 "nr_goals"));
	ASSERT_EQ(0, damon_write(S0 "filters/nr_filters", "1"));
	ASSERT_EQ(0, damon_write(S0 "filters/0/memcg_path", "/a"));
	EXPECT_EQ(0, damon_write(SCHEMES0 "nr_schemes", "1"));
	EXPECT_EQ(0, damon_read_long(S0 "filters/nr_filters"));
	EXPECT_EQ(0, damon_read_long(S0 "access_pattern/sz/max"));
}

/* More than there is memory for. */
TEST_F(dirs, far_too_many)
{
	static const char * const paths[] = {
		GOALS0 "nr_goals", S0 "core_filters/nr_filters",
		S0 "ops_filters/nr_filters", S0 "filters/nr_filters",
		S0 "dests/nr_dests", SCHEMES0 "nr_schemes",
		PROBE_FILTERS0 "nr_filters", T0 "regions/nr_regions",
		TARGETS0 "nr_targets", NR_KDAMONDS,
	};
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(paths); i++) {
		EXPECT_EQ(-ENOMEM, damon_write(paths[i], "2147483647"))
			TH_LOG("%s", paths[i]);
		EXPECT_EQ(0, damon_read_long(paths[i]));
	}
	EXPECT_EQ(0, damon_new(1));
}

/* A file that was opened before its directory went. */
TEST_F(dirs, stale_files)
{
	char buf[8];
	int fd;

	fd = open(DAMON_ADMIN T0 "pid_target", O_RDWR);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, damon_write(TARGETS0 "nr_targets", "1"));
	EXPECT_EQ(-1, write(fd, "1", 1));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-1, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(ENODEV, errno);
	close(fd);
}

TEST_HARNESS_MAIN
