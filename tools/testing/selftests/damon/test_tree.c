// SPDX-License-Identifier: GPL-2.0
/*
 * Every file of the sysfs interface: mode, default, formats, errors.
 */
#include <errno.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "damon_scheme.h"
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
	COUNT,
	PATH,
	STATE,
	TEXT,
	OPERATIONS,	/* this and what follows are keywords */
	ACTION,
	METRIC,
	TUNER,
	WMARK,
	CORE_FILTER,
	OPS_FILTER,
	ANY_FILTER,
	PROBE_FILTER,
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

#define FILTER(dir, kind) \
	{ dir "nr_filters", 0600, COUNT, "1" }, \
	{ dir "0/type", 0600, kind, "anon" }, \
	{ dir "0/matching", 0600, BOOL, "N" }, \
	{ dir "0/allow", 0600, BOOL, "N" }

#define SCHEME_FILTER(dir, kind) \
	FILTER(dir, kind), \
	{ dir "0/memcg_path", 0600, PATH, "" }, \
	{ dir "0/addr_start", 0600, ULONG, "0" }, \
	{ dir "0/addr_end", 0600, ULONG, "0" }, \
	{ dir "0/min", 0600, ULONG, "0" }, \
	{ dir "0/max", 0600, ULONG, "0" }, \
	{ dir "0/damon_target_idx", 0600, INT, "0" }

/* With one of everything. */
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
	{ ATTRS0 "scout", 0600, BOOL, "Y" },
	{ ATTRS0 "budget/cpu_permille", 0600, UINT, "0" },
	{ ATTRS0 "budget/cpu_used_ppm", 0400, TEXT, "0" },
	{ ATTRS0 "budget/sampled_permille", 0400, TEXT, "0" },
	{ ATTRS0 "budget/nr_regions_limit", 0400, TEXT, "0" },
	{ TARGETS0 "nr_targets", 0600, COUNT, "1" },
	{ T0 "pid_target", 0600, INT, "0", .only_einval = true },
	{ T0 "obsolete_target", 0600, BOOL, "N" },
	{ T0 "regions/nr_regions", 0600, COUNT, "1" },
	{ T0 "regions/0/start", 0600, ULONG, "0" },
	{ T0 "regions/0/end", 0600, ULONG, "0" },
	{ PROBES0 "nr_probes", 0600, COUNT, "1" },
	FILTER(PROBE_FILTERS0, PROBE_FILTER),
	{ PROBE_FILTERS0 "0/path", 0600, PATH, "" },
	{ SCHEMES0 "nr_schemes", 0600, COUNT, "1" },
	{ S0 "action", 0600, ACTION, "stat" },
	{ S0 "target_nid", 0600, INT, "-1" },
	{ S0 "apply_interval_us", 0600, ULONG, "0" },
	{ S0 "access_pattern/sz/min", 0600, ULONG, "0" },
	{ S0 "access_pattern/sz/max", 0600, ULONG, "0" },
	{ S0 "access_pattern/nr_accesses/min", 0600, ULONG, "0" },
	{ S0 "access_pattern/nr_accesses/max", 0600, ULONG, "0" },
	{ S0 "access_pattern/age/min", 0600, ULONG, "0" },
	{ S0 "access_pattern/age/max", 0600, ULONG, "0" },
	{ QUOTAS0 "ms", 0600, ULONG, "0", .only_einval = true },
	{ QUOTAS0 "bytes", 0600, ULONG, "0", .only_einval = true },
	{ QUOTAS0 "reset_interval_ms", 0600, ULONG, "0", .only_einval = true },
	{ QUOTAS0 "effective_bytes", 0400, TEXT, "0" },
	{ QUOTAS0 "goal_tuner", 0600, TUNER, "consist" },
	{ QUOTAS0 "fail_charge_num", 0600, UINT, "0", .only_einval = true },
	{ QUOTAS0 "fail_charge_denom", 0600, UINT, "0", .only_einval = true },
	{ QUOTAS0 "weights/sz_permil", 0600, UINT, "0" },
	{ QUOTAS0 "weights/nr_accesses_permil", 0600, UINT, "0" },
	{ QUOTAS0 "weights/age_permil", 0600, UINT, "0" },
	{ GOALS0 "nr_goals", 0600, COUNT, "1" },
	{ GOALS0 "0/target_metric", 0600, METRIC, "user_input" },
	{ GOALS0 "0/target_value", 0600, ULONG, "0" },
	{ GOALS0 "0/current_value", 0600, ULONG, "0" },
	{ GOALS0 "0/nid", 0600, INT, "0" },
	{ GOALS0 "0/path", 0600, PATH, "" },
	{ S0 "watermarks/metric", 0600, WMARK, "none" },
	{ S0 "watermarks/interval_us", 0600, ULONG, "0" },
	{ S0 "watermarks/high", 0600, ULONG, "0" },
	{ S0 "watermarks/mid", 0600, ULONG, "0" },
	{ S0 "watermarks/low", 0600, ULONG, "0" },
	SCHEME_FILTER(S0 "core_filters/", CORE_FILTER),
	SCHEME_FILTER(S0 "ops_filters/", OPS_FILTER),
	SCHEME_FILTER(S0 "filters/", ANY_FILTER),
	{ S0 "dests/nr_dests", 0600, COUNT, "1" },
	{ S0 "dests/0/id", 0600, UINT, "0" },
	{ S0 "dests/0/weight", 0600, UINT, "0" },
	{ S0 "stats/nr_tried", 0400, TEXT, "0" },
	{ S0 "stats/sz_tried", 0400, TEXT, "0" },
	{ S0 "stats/nr_applied", 0400, TEXT, "0" },
	{ S0 "stats/sz_applied", 0400, TEXT, "0" },
	{ S0 "stats/sz_ops_filter_passed", 0400, TEXT, "0" },
	{ S0 "stats/qt_exceeds", 0400, TEXT, "0" },
	{ S0 "stats/nr_snapshots", 0400, TEXT, "0" },
	{ S0 "stats/max_nr_snapshots", 0600, ULONG, "0" },
	{ S0 "tried_regions/total_bytes", 0400, TEXT, "0" },
};

/* Keywords; the first is what a new file has. */
static const char * const words[NR_KINDS][16] = {
	[OPERATIONS] = { "vaddr", "fvaddr", "paddr" },
	[ACTION] = { "stat", "willneed", "cold", "pageout", "hugepage",
		     "nohugepage", "collapse", "lru_prio", "lru_deprio",
		     "migrate_hot", "migrate_cold" },
	[METRIC] = { "user_input", "some_mem_psi_us", "node_mem_used_bp",
		     "node_mem_free_bp", "node_memcg_used_bp",
		     "node_memcg_free_bp", "active_mem_bp",
		     "inactive_mem_bp", "node_eligible_mem_bp" },
	[TUNER] = { "consist", "temporal" },
	[WMARK] = { "none", "free_mem_rate" },
	/* A new one shows "anon", which it does not take. */
	[CORE_FILTER] = { "addr", "target" },
	[OPS_FILTER] = { "anon", "active", "memcg", "young", "hugepage_size",
			 "unmapped" },
	[ANY_FILTER] = { "anon", "active", "memcg", "young", "hugepage_size",
			 "unmapped", "addr", "target" },
	[PROBE_FILTER] = { "anon", "memcg" },
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

/* All that is written is kept, newlines and all. */
static const struct good good_paths[] = {
	{ "/a", "/a" }, { "/a/b\n", "/a/b\n" }, { "\n", "\n" },
	{ "no path", "no path" }, { "/\xff%s\t", "/\xff%s\t" }, {}
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
	[PATH] = { { good_paths, good_none },
		   { bad_none, bad_none, bad_none } },
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
	ASSERT_EQ(0, damon_new_full());
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

static void takes(struct __test_metadata *_metadata, const struct file *f,
		  const char *input, const char *shown)
{
	char want[DAMON_TEXT_MAX], text[DAMON_TEXT_MAX];

	EXPECT_EQ(0, damon_write(f->path, "%s", input))
		TH_LOG("%s: %s", f->path, input);
	damon_read(f->path, text);
	snprintf(want, sizeof(want), "%s\n", shown);
	EXPECT_STREQ(want, text) TH_LOG("%s: %s", f->path, input);
}

static void takes_all(struct __test_metadata *_metadata, const struct file *f)
{
	const char * const *w;
	const struct good *g;
	char line[32];
	int i;

	for (i = 0; i < 2 && f->kind < OPERATIONS; i++) {
		for (g = inputs[f->kind].good[i]; g->text; g++) {
			if (!f->not_zero || strcmp(g->text, "0"))
				takes(_metadata, f, g->text, g->shown);
		}
	}
	for (w = words[f->kind]; *w; w++) {
		takes(_metadata, f, *w, *w);
		snprintf(line, sizeof(line), "%s\n", *w);
		takes(_metadata, f, line, *w);
	}
}

TEST_F(tree, good_input)
{
	const struct file *f;

	for (f = files; f < files + ARRAY_SIZE(files); f++) {
		if (f->kind != TEXT)
			takes_all(_metadata, f);
	}
}

/* As long as a path may be. */
TEST_F(tree, long_paths)
{
	char path[PATH_MAX - 1], text[DAMON_TEXT_MAX];
	const struct file *f;

	memset(path, 'x', sizeof(path));
	for (f = files; f < files + ARRAY_SIZE(files); f++) {
		if (f->kind != PATH)
			continue;
		EXPECT_EQ(0, damon_write_raw(f->path, path, sizeof(path)))
			TH_LOG("%s", f->path);
		EXPECT_EQ(DAMON_TEXT_MAX - 1, damon_read(f->path, text));
		EXPECT_EQ(0, memcmp(path, text, DAMON_TEXT_MAX - 1));
		EXPECT_EQ(0, damon_write(f->path, "/"));
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

/* Words of other files, and what is nearly a word of this one. */
static void refuses_words(struct __test_metadata *_metadata,
			  const struct file *f)
{
	static const char * const around[][2] = {
		{ " ", "" }, { "", " " }, { "", "\n\n" }, { "", "s" },
		{ "", "," }, { "\n", "" },
	};
	const char * const *w, * const *own;
	char text[64];
	int i, kind;

	for (i = 0; i < (int)ARRAY_SIZE(around); i++) {
		snprintf(text, sizeof(text), "%s%s%s", around[i][0],
			 words[f->kind][0], around[i][1]);
		refuses(_metadata, f, text, strlen(text), -EINVAL);
	}
	refuses(_metadata, f, words[f->kind][0], 2, -EINVAL);
	snprintf(text, sizeof(text), "%s", words[f->kind][0]);
	text[0] -= 'a' - 'A';
	refuses(_metadata, f, text, strlen(text), -EINVAL);

	for (kind = OPERATIONS; kind < NR_KINDS; kind++) {
		for (w = words[kind]; *w; w++) {
			for (own = words[f->kind]; *own; own++) {
				if (!strcmp(*own, *w))
					break;
			}
			if (!*own)
				refuses(_metadata, f, *w, strlen(*w), -EINVAL);
		}
	}
	refuses(_metadata, f, "\n", 1, -EINVAL);
	refuses(_metadata, f, "0", 1, -EINVAL);
}

static void refuses_all(struct __test_metadata *_metadata,
			const struct file *f)
{
	static char huge[HUGE_LEN];
	bool number = f->kind == ULONG || f->kind == UINT || f->kind == INT ||
		      f->kind == COUNT;
	const struct bad *b;
	int i;

	/* To write nothing does nothing. */
	refuses(_metadata, f, "", 0, 0);
	if (f->kind == PATH)
		return;

	for (i = 0; i < 3 && f->kind < OPERATIONS; i++) {
		for (b = inputs[f->kind].bad[i]; b->text; b++)
			refuses(_metadata, f, b->text, strlen(b->text),
				b->err);
	}
	if (words[f->kind][0])
		refuses_words(_metadata, f);
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
}

TEST_F_TIMEOUT(tree, bad_input_changes_nothing, 120)
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

TEST_HARNESS_MAIN
