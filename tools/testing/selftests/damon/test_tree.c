// SPDX-License-Identifier: GPL-2.0
/*
 * Every file of the sysfs interface: mode, default, formats, errors.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "damon_util.h"
#include "kselftest_harness.h"

/* More than any file takes at once. */
#define HUGE_LEN	(3 * 4096)

#define NOBODY		65534

enum kind {
	ULONG,
	UINT,
	INT,
	BOOL,
	OPERATIONS,
	COUNT,
	STATE,
	TEXT,
	NR_KINDS,
};

struct file {
	const char *path;
	mode_t mode;
	enum kind kind;
	const char *content;	/* by default; NULL if that depends */
	bool only_einval;	/* ... even to numbers that are too large */
	bool not_zero;
};

/* With one kdamond, context, target and region. */
static const struct file files[] = {
	{ NR_KDAMONDS, 0600, COUNT, "1" },
	{ K0 "state", 0600, STATE, "off" },
	{ K0 "pid", 0400, TEXT, "-1" },
	{ K0 "refresh_ms", 0600, UINT, "0" },
	{ K0 "contexts/nr_contexts", 0600, COUNT, "1" },
	{ C0 "avail_operations", 0400, TEXT },
	{ C0 "operations", 0600, OPERATIONS, "vaddr" },
	{ C0 "addr_unit", 0600, ULONG, "1", .not_zero = true },
	{ C0 "pause", 0600, BOOL, "N" },
	{ INTERVALS0 "sample_us", 0600, ULONG, "5000" },
	{ INTERVALS0 "aggr_us", 0600, ULONG, "100000" },
	{ INTERVALS0 "update_us", 0600, ULONG, "60000000" },
	{ GOAL0 "access_bp", 0600, ULONG, "0" },
	{ GOAL0 "aggrs", 0600, ULONG, "0" },
	{ GOAL0 "min_sample_us", 0600, ULONG, "0" },
	{ GOAL0 "max_sample_us", 0600, ULONG, "0" },
	{ ATTRS0 "nr_regions/min", 0600, ULONG, "10" },
	{ ATTRS0 "nr_regions/max", 0600, ULONG, "1000" },
	{ TARGETS0 "nr_targets", 0600, COUNT, "1" },
	{ T0 "pid_target", 0600, INT, "0", .only_einval = true },
	{ T0 "obsolete_target", 0600, BOOL, "N" },
	{ T0 "regions/nr_regions", 0600, COUNT, "1" },
	{ T0 "regions/0/start", 0600, ULONG, "0" },
	{ T0 "regions/0/end", 0600, ULONG, "0" },
};

/* What a kind of file accepts, and how it reads then. */
struct good {
	const char *text;
	const char *shown;
};

static const struct good good_numbers[] = {
	{ "1", "1" }, { "12\n", "12" }, { "010", "8" }, { "0x1F", "31" },
	{ "+7", "7" }, { "2147483647", "2147483647" }, {}
};

static const struct good good_ulongs[] = {
#if ULONG_MAX > UINT_MAX
	{ "18446744073709551615", "18446744073709551615" },
	{ "0xffffffffffffffff\n", "18446744073709551615" },
#endif
	{ "4294967295", "4294967295" }, {}
};

static const struct good good_uints[] = {
	{ "4294967295", "4294967295" }, { "0", "0" }, {}
};

static const struct good good_ints[] = {
	{ "-1", "-1" }, { "-2147483648", "-2147483648" }, { "-010", "-8" },
	{ "0", "0" }, {}
};

static const struct good good_bools[] = {
	{ "Y", "Y" }, { "n\n", "N" }, { "y", "Y" }, { "N", "N" },
	{ "True", "Y" }, { "False", "N" }, { "t", "Y" }, { "f", "N" },
	{ "E", "Y" }, { "D", "N" }, { "e", "Y" }, { "d", "N" },
	{ "1", "Y" }, { "0", "N" }, { "on", "Y" }, { "off", "N" },
	{ "ON", "Y" }, { "oF", "N" }, { "yes", "Y" }, { "no\n", "N" }, {}
};

static const struct good good_operations[] = {
	{ "fvaddr", "fvaddr" }, { "paddr\n", "paddr" }, { "vaddr", "vaddr" },
	{}
};

static const struct good good_none[] = { {} };

/* What a kind of file refuses. */
struct bad {
	const char *text;
	int err;
};

static const struct bad bad_numbers[] = {
	{ "\n", -EINVAL }, { "x", -EINVAL }, { " 1", -EINVAL },
	{ "1 ", -EINVAL }, { "1x", -EINVAL }, { "0x", -EINVAL },
	{ "++1", -EINVAL }, { "1\n\n", -EINVAL }, { "1.5", -EINVAL },
	{ "08", -EINVAL }, { "-", -EINVAL }, { "1,2", -EINVAL },
	{ "99999999999999999999999999", -ERANGE },
	{ "0x10000000000000000", -ERANGE }, {}
};

static const struct bad bad_unsigneds[] = {
	{ "-1", -EINVAL }, { "-0", -EINVAL }, {}
};

static const struct bad bad_uints[] = {
	{ "4294967296", -ERANGE }, {}
};

static const struct bad bad_ints[] = {
	{ "2147483648", -ERANGE }, { "-2147483649", -ERANGE }, {}
};

static const struct bad bad_counts[] = {
	{ "-1", -EINVAL }, {}
};

static const struct bad bad_bools[] = {
	{ "\n", -EINVAL }, { "2", -EINVAL }, { "x", -EINVAL },
	{ " Y", -EINVAL }, { "o", -EINVAL }, { "-1", -EINVAL }, {}
};

static const struct bad bad_keywords[] = {
	{ "\n", -EINVAL }, { "x", -EINVAL }, { " vaddr", -EINVAL },
	{ "vaddr ", -EINVAL }, { "vaddr\n\n", -EINVAL }, { "vadd", -EINVAL },
	{ "vaddrs", -EINVAL }, { "Vaddr", -EINVAL }, { "0", -EINVAL }, {}
};

static const struct bad bad_states[] = {
	{ "\n", -EINVAL }, { "x", -EINVAL }, { "ON", -EINVAL },
	{ "on ", -EINVAL }, { " off", -EINVAL }, { "of", -EINVAL },
	{ "offs", -EINVAL }, { "commit\n\n", -EINVAL }, { "1", -EINVAL }, {}
};

static const struct bad bad_none[] = { {} };

struct inputs {
	const struct good *good[2];
	const struct bad *bad[3];
};

static const struct inputs inputs[NR_KINDS] = {
	[ULONG] = { { good_numbers, good_ulongs },
		    { bad_numbers, bad_unsigneds, bad_none } },
	[UINT] = { { good_numbers, good_uints },
		   { bad_numbers, bad_unsigneds, bad_uints } },
	[INT] = { { good_numbers, good_ints },
		  { bad_numbers, bad_ints, bad_none } },
	[BOOL] = { { good_bools, good_none },
		   { bad_bools, bad_none, bad_none } },
	[OPERATIONS] = { { good_operations, good_none },
			 { bad_keywords, bad_none, bad_none } },
	[COUNT] = { { good_none, good_none },
		    { bad_numbers, bad_ints, bad_counts } },
	[STATE] = { { good_none, good_none },
		    { bad_states, bad_none, bad_none } },
};

FIXTURE(tree) {
	int unused;
};

FIXTURE_SETUP(tree)
{
	const char *why = damon_why_not();

	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(0, damon_write(TARGETS0 "nr_targets", "1"));
	ASSERT_EQ(0, damon_write(T0 "regions/nr_regions", "1"));
}

FIXTURE_TEARDOWN_PARENT(tree)
{
	EXPECT_EQ(0, damon_cleanup());
}

static int nr_strangers;

static int look_for_strangers(const char *path, const struct stat *st,
			      int type, struct FTW *ftw)
{
	const struct file *f;

	if (type == FTW_D) {
		if ((st->st_mode & 07777) == 0755)
			return 0;
	} else {
		for (f = files; f < files + ARRAY_SIZE(files); f++) {
			if (!strcmp(f->path, path + strlen(DAMON_ADMIN)))
				return 0;
		}
	}
	ksft_print_msg("not in the table, or a directory of mode %o: %s\n",
		       st->st_mode & 07777, path);
	nr_strangers++;
	return 0;
}

TEST_F(tree, files_are_those_of_the_table)
{
	const struct file *f;
	struct stat st;
	char path[256];

	for (f = files; f < files + ARRAY_SIZE(files); f++) {
		snprintf(path, sizeof(path), DAMON_ADMIN "%s", f->path);
		ASSERT_EQ(0, stat(path, &st)) TH_LOG("%s", path);
		EXPECT_EQ(f->mode, st.st_mode & 07777) TH_LOG("%s", path);
		EXPECT_TRUE(S_ISREG(st.st_mode));
		EXPECT_EQ(0, st.st_uid);
	}
	ASSERT_EQ(0, nftw(DAMON_ADMIN, look_for_strangers, 8, FTW_PHYS));
	EXPECT_EQ(0, nr_strangers);
}

TEST_F(tree, defaults)
{
	char want[DAMON_TEXT_MAX], text[DAMON_TEXT_MAX];
	const struct file *f;

	for (f = files; f < files + ARRAY_SIZE(files); f++) {
		ASSERT_GT(damon_read(f->path, text), 0) TH_LOG("%s", f->path);
		if (!f->content)
			continue;
		snprintf(want, sizeof(want), "%s\n", f->content);
		EXPECT_STREQ(want, text) TH_LOG("%s", f->path);
	}
}

TEST_F(tree, avail_operations)
{
	char text[DAMON_TEXT_MAX];

	ASSERT_GT(damon_read(C0 "avail_operations", text), 0);
	if (strcmp(text, "vaddr\nfvaddr\n"))
		EXPECT_STREQ("vaddr\nfvaddr\npaddr\n", text);
}

TEST_F(tree, good_input)
{
	char want[DAMON_TEXT_MAX], text[DAMON_TEXT_MAX];
	const struct file *f;
	const struct good *g;
	int i;

	for (f = files; f < files + ARRAY_SIZE(files); f++) {
		if (f->kind == TEXT)
			continue;
		for (i = 0; i < 2; i++) {
			for (g = inputs[f->kind].good[i]; g->text; g++) {
				if (f->not_zero && !strcmp(g->text, "0"))
					continue;
				EXPECT_EQ(0, damon_write(f->path, "%s",
							 g->text))
					TH_LOG("%s: %s", f->path, g->text);
				damon_read(f->path, text);
				snprintf(want, sizeof(want), "%s\n", g->shown);
				EXPECT_STREQ(want, text)
					TH_LOG("%s: %s", f->path, g->text);
			}
		}
	}
}

static void refuses(struct __test_metadata *_metadata, const struct file *f,
		    const char *input, size_t len, int err)
{
	char before[DAMON_TEXT_MAX], after[DAMON_TEXT_MAX];

	if (f->only_einval && err == -ERANGE)
		err = -EINVAL;
	damon_read(f->path, before);
	EXPECT_EQ(err, damon_write_raw(f->path, input, len))
		TH_LOG("%s: %.20s", f->path, input);
	damon_read(f->path, after);
	EXPECT_STREQ(before, after) TH_LOG("%s: %.20s", f->path, input);
}

static void refuses_all(struct __test_metadata *_metadata,
			const struct file *f)
{
	static char huge[HUGE_LEN];
	bool number = f->kind == ULONG || f->kind == UINT || f->kind == INT ||
		      f->kind == COUNT;
	const struct bad *b;
	int i;

	for (i = 0; i < 3; i++) {
		for (b = inputs[f->kind].bad[i]; b->text; b++)
			refuses(_metadata, f, b->text, strlen(b->text),
				b->err);
	}
	if (f->not_zero)
		refuses(_metadata, f, "0", 1, -EINVAL);

	memset(huge, 'x', sizeof(huge));
	refuses(_metadata, f, huge, sizeof(huge), -EINVAL);
	memset(huge, '9', sizeof(huge));
	refuses(_metadata, f, huge, sizeof(huge), number ? -ERANGE : -EINVAL);
	memset(huge, '\n', sizeof(huge));
	refuses(_metadata, f, huge, sizeof(huge), -EINVAL);
	/* What would be fine, were it not for the rest. */
	memset(huge, ' ', sizeof(huge));
	memcpy(huge, "vaddr", number ? 0 : strlen("vaddr"));
	refuses(_metadata, f, huge, sizeof(huge), -EINVAL);

	/* To write nothing does nothing. */
	refuses(_metadata, f, "", 0, 0);
}

TEST_F(tree, bad_input_changes_nothing)
{
	const struct file *f;

	for (f = files; f < files + ARRAY_SIZE(files); f++) {
		if (f->kind != TEXT)
			refuses_all(_metadata, f);
	}
}

TEST_F(tree, read_only_files)
{
	const struct file *f;

	for (f = files; f < files + ARRAY_SIZE(files); f++) {
		if (!(f->mode & 0200))
			EXPECT_EQ(-EACCES, damon_write(f->path, "1"))
				TH_LOG("%s", f->path);
	}
}

TEST_F(tree, nothing_for_other_users)
{
	char text[DAMON_TEXT_MAX];
	const struct file *f;
	int bad = 0, status;
	pid_t pid;

	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
			_exit(255);
		for (f = files; f < files + ARRAY_SIZE(files); f++) {
			if (damon_read(f->path, text) != -EACCES ||
			    damon_write(f->path, "1") != -EACCES) {
				TH_LOG("%s", f->path);
				bad++;
			}
		}
		_exit(bad);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
}

/* The files that say how many numbered directories there are. */

static const struct nr_file {
	const char *dir;
	const char *name;
	const char *child_file;	/* some file of a child, "0" by default */
	long max;
} nr_files[] = {
	{ "kdamonds/", "nr_kdamonds", "refresh_ms", LONG_MAX },
	{ TARGETS0, "nr_targets", "pid_target", LONG_MAX },
	{ T0 "regions/", "nr_regions", "start", LONG_MAX },
	{ K0 "contexts/", "nr_contexts", NULL, 1 },
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
	for (i = 0; i < 4; i++)
		EXPECT_EQ(i < nr, has_child(nf, i)) TH_LOG("%s: %d", path, i);
}

TEST_F(tree, numbered_directories)
{
	const struct nr_file *nf;
	char path[256], child[256];
	int nr;

	for (nf = nr_files; nf < nr_files + 4; nf++) {
		nr = nf->max < 3 ? nf->max : 3;
		snprintf(path, sizeof(path), "%s%s", nf->dir, nf->name);
		ASSERT_EQ(0, damon_new(1));
		if (!strncmp(nf->dir, TARGETS0, strlen(TARGETS0)))
			ASSERT_EQ(0, damon_write(TARGETS0 "nr_targets", "1"));

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
			EXPECT_EQ(0, damon_write(child, "42"));
			EXPECT_EQ(42, damon_read_long(child));
			EXPECT_EQ(0, damon_write(path, "%d", nr));
			EXPECT_EQ(0, damon_read_long(child));
		}

		EXPECT_EQ(0, damon_write(path, "1"));
		expect_children(_metadata, nf, 1);
		EXPECT_EQ(0, damon_write(path, "0"));
		expect_children(_metadata, nf, 0);
	}
}

TEST_F(tree, new_directories_have_defaults)
{
	EXPECT_EQ(0, damon_write(INTERVALS0 "sample_us", "1"));
	EXPECT_EQ(0, damon_write(C0 "pause", "Y"));
	EXPECT_EQ(0, damon_write(K0 "contexts/nr_contexts", "1"));
	EXPECT_EQ(5000, damon_read_long(INTERVALS0 "sample_us"));
	EXPECT_EQ(0, damon_read_long(TARGETS0 "nr_targets"));
	EXPECT_FALSE(damon_exists(T0));
}

/* More than there is memory for. */
TEST_F(tree, far_too_many)
{
	EXPECT_EQ(-ENOMEM, damon_write(T0 "regions/nr_regions", "2147483647"));
	EXPECT_EQ(0, damon_read_long(T0 "regions/nr_regions"));
	EXPECT_EQ(-ENOMEM, damon_write(TARGETS0 "nr_targets", "2147483647"));
	EXPECT_EQ(0, damon_read_long(TARGETS0 "nr_targets"));
	EXPECT_EQ(-ENOMEM, damon_write(NR_KDAMONDS, "2147483647"));
	EXPECT_EQ(0, damon_read_long(NR_KDAMONDS));
	EXPECT_EQ(0, damon_new(1));
}

/* A file that was opened before its directory went. */
TEST_F(tree, stale_files)
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
