// SPDX-License-Identifier: GPL-2.0
/*
 * Modules with parameters on the kernel command line, which says what is to be
 * expected.  Runs before anything else has changed a parameter.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/klog.h>

#include "damon_mem.h"
#include "damon_module.h"
#include "damon_scheme.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define LINE		2048
#define LOG_MAX		MB
#define LOG_READ_ALL	3	/* see syslog(2) */
#define MIN_NR_REGIONS	3

static const char * const names[NR_MODULES] = {
	"damon_reclaim", "damon_lru_sort", "damon_stat",
};

/*
 * What the command line says last about a parameter: a value, "" if it is
 * just named, or NULL.
 */
static const char *boot_value(int module, const char *name)
{
	static char line[LINE];
	const char *value = NULL;
	char *word, *at, full[128];
	size_t len;
	FILE *f = fopen("/proc/cmdline", "r");

	if (!f || !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	len = snprintf(full, sizeof(full), "%s.%s", names[module], name);
	for (word = strtok_r(line, "\n ", &at); word;
	     word = strtok_r(NULL, "\n ", &at)) {
		if (strncmp(word, full, len))
			continue;
		if (word[len] == '=')
			value = word + len + 1;
		else if (!word[len])
			value = word + len;
	}
	return value;
}

static bool boot_number(int module, const char *name, unsigned long *num)
{
	const char *value = boot_value(module, name);
	char *end;

	if (!value || !*value)
		return false;
	*num = strtoul(value, &end, 0);
	return !*end;
}

static bool is_yes(const char *value)
{
	return value && (!*value || strchr("yYtT1", *value) ||
			 !strcasecmp(value, "on"));
}

static bool is_asked_for(int module)
{
	return is_yes(boot_value(module, "enabled"));
}

static unsigned long unit(int module)
{
	unsigned long num = 1;

	boot_number(module, "addr_unit", &num);
	return num;
}

/* Those that are to run, by bit: the first one says in which units. */
static unsigned int expected(void)
{
	unsigned int which = 0;
	unsigned long min;
	int i, first = -1;

	for (i = 0; i < NR_MODULES; i++) {
		if (!is_asked_for(i) ||
		    (boot_number(i, "min_nr_regions", &min) &&
		     min < MIN_NR_REGIONS))
			continue;
		if (first < 0)
			first = i;
		if (unit(i) == unit(first))
			which |= 1 << i;
	}
	return which;
}

static const char *why_not(void)
{
	const struct param *p;
	int i;

	if (modules_why_not())
		return modules_why_not();
	for (i = 0; i < NR_MODULES; i++) {
		for_each_param(p) {
			if (!strncmp(p->path, modules[i], strlen(modules[i])) &&
			    boot_value(i, p->path + strlen(modules[i])))
				return NULL;
		}
	}
	return "no parameters on the kernel command line";
}

FIXTURE(boot) {
	int unused;
};

FIXTURE_SETUP(boot)
{
	if (why_not())
		SKIP(return, "%s", why_not());
}

FIXTURE_TEARDOWN(boot)
{
}

/* Those that were given, as far as they are words for the parameter. */
static void expect_input(struct __test_metadata *_metadata, int module,
			 const struct param *p)
{
	const char *name = p->path + strlen(modules[module]);
	const char *value = boot_value(module, name);
	char want[32], text[DAMON_TEXT_MAX];
	unsigned long num;

	snprintf(want, sizeof(want), "%s\n", p->content);
	if (p->kind == BOOL && value)
		snprintf(want, sizeof(want), "%c\n", is_yes(value) ? 'Y' : 'N');
	if (p->kind == ULONG && boot_number(module, name, &num))
		snprintf(want, sizeof(want), "%lu\n", num);
	/* Without a value, the range is what was found. */
	if (!value && strstr(name, "monitor_region_") &&
	    expected() & 1 << module)
		return;
	EXPECT_LT(0, damon_read(p->path, text));
	EXPECT_STREQ(want, text) TH_LOG("%s", p->path);
}

TEST_F(boot, values)
{
	const struct param *p;
	int i;

	for (i = 0; i < NR_MODULES; i++) {
		for_each_param(p) {
			if (strncmp(p->path, modules[i], strlen(modules[i])))
				continue;
			if (p->kind == ULONG || p->kind == BOOL ||
			    p->kind == COMMIT)
				expect_input(_metadata, i, p);
		}
	}
}

TEST_F(boot, enabled)
{
	unsigned int which = expected();
	char name[32];
	pid_t pid = 0;
	int i;

	for (i = 0; i < NR_MODULES; i++) {
		bool on = which & 1 << i;

		TH_LOG("%s: %s", names[i], on ? "on" : "off");
		EXPECT_EQ(on, module_is_enabled(modules[i]));
		if (!on) {
			EXPECT_EQ(-1, module_pid(modules[i]));
			continue;
		}
		/* Whatever was given for that. */
		EXPECT_LT(0, module_pid(modules[i]));
		EXPECT_EQ(0, damon_thread_name(module_pid(modules[i]), name));
		EXPECT_EQ(0, strncmp(name, "kdamond.", strlen("kdamond.")));
		if (pid)
			EXPECT_EQ(pid, module_pid(modules[i]));
		pid = module_pid(modules[i]);
	}
	EXPECT_EQ(!!which, damon_nr_threads());
}

TEST_F(boot, complaints)
{
	char *log = calloc(1, LOG_MAX), text[64];
	int i;

	ASSERT_NE(NULL, log);
	ASSERT_LT(0, klogctl(LOG_READ_ALL, log, LOG_MAX - 1));
	for (i = 0; i < NR_MODULES; i++) {
		bool failed = is_asked_for(i) && !(expected() & 1 << i);

		snprintf(text, sizeof(text), "damon: %s is not enabled: ",
			 names[i]);
		EXPECT_EQ(failed, !!strstr(log, text)) TH_LOG("%s", text);
	}
	free(log);
}

/* There is something to commit to, whatever was asked for too early. */
TEST_F(boot, commit)
{
	int i;

	for (i = 0; i < NR_SCHEMERS; i++)
		EXPECT_EQ(expected() & 1 << i ? 0 : -EINVAL,
			  module_commit(modules[i])) TH_LOG("%s", names[i]);
}

/* Who only looks is in nobody's way, also from boot on. */
TEST_F(boot, sysfs)
{
	bool acts = expected() & ((1 << NR_SCHEMERS) - 1);
	unsigned long start, end;

	ASSERT_EQ(0, damon_new(1));
	ASSERT_EQ(NULL, paddr_why_not());
	ASSERT_EQ(0, ram_range(&start, &end));
	ASSERT_EQ(0, damos_monitor_phys(start, end));
	EXPECT_EQ(acts ? -EBUSY : 0, damon_state(0, "on"));
	EXPECT_EQ(!acts, damon_is_on(0));
	EXPECT_EQ(!!expected() + !acts, damon_nr_threads());
	EXPECT_EQ(0, damon_cleanup());
	EXPECT_EQ(!!expected(), damon_nr_threads());
}

/* What failed at boot is not a failure for ever, and what runs can stop. */
TEST_F(boot, off_and_on)
{
	int i;

	EXPECT_EQ(0, modules_reset());
	EXPECT_EQ(0, damon_nr_threads());
	for (i = 0; i < NR_MODULES; i++) {
		EXPECT_FALSE(module_is_enabled(modules[i]));
		EXPECT_EQ(0, module_enable(modules[i], true));
		EXPECT_TRUE(module_is_enabled(modules[i]));
	}
	EXPECT_EQ(1, damon_nr_threads());
	EXPECT_EQ(0, modules_reset());
	EXPECT_EQ(0, damon_nr_threads());
}

TEST_HARNESS_MAIN
