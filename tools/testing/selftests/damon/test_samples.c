// SPDX-License-Identifier: GPL-2.0
/*
 * The samples: what they show works.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "damon_mem.h"
#include "damon_module.h"
#include "damon_util.h"
#include "kselftest_harness.h"

#define LIMIT_S		240
#define FEW_US		60000000L

#define PARAMETERS	"/parameters/"
#define SAMPLE(name)	MODULES "damon_sample_" name PARAMETERS
#define WSSE		SAMPLE("wsse")
#define PRCL		SAMPLE("prcl")
#define MTIER		SAMPLE("mtier")

#define CGROUP		"damon_samples"

/* The last working set size in the kernel's log since it was opened. */
static long log_wss(int kmsg)
{
	char line[1024], *wss;
	long last = -ENODATA;
	ssize_t len;

	for (;;) {
		len = read(kmsg, line, sizeof(line) - 1);
		if (len < 0 && errno == EPIPE)	/* some were overwritten */
			continue;
		if (len <= 0)
			return last;
		line[len] = '\0';
		wss = strstr(line, "wss: ");
		if (wss && strstr(line, "damon_sample_"))
			sscanf(wss, "wss: %ld", &last);
	}
}

static int log_open(void)
{
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
	return kmsg;
}

/* "damon_sample_wsse" and so on */
static void sample_name(const char *sample, char name[32])
{
	const char *from = strstr(sample, "damon_sample_");

	snprintf(name, 32, "%.*s", (int)(strlen(from) - strlen(PARAMETERS)),
		 from);
}

/* As a module, with parameters.  Returns 0 or -errno. */
static int sample_load(const char *sample, const char *args)
{
	char name[32], path[512];
	struct utsname kernel;
	int fd, err;

	sample_name(sample, name);
	uname(&kernel);
	snprintf(path, sizeof(path), "/lib/modules/%s/kernel/samples/damon/%s.ko",
		 kernel.release, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, args, 0) ? -errno : 0;
	close(fd);
	return err;
}

static int sample_unload(const char *sample)
{
	char name[32];

	sample_name(sample, name);
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

static bool sample_is_module(const char *sample)
{
	char path[256];

	snprintf(path, sizeof(path), "%.*s/initstate",
		 (int)(strlen(sample) - strlen(PARAMETERS)), sample);
	return damon_exists(path);
}

static const char *sample_why_not(const char *sample)
{
	int err;

	if (damon_exists(sample))
		return NULL;
	err = sample_load(sample, "");
	if (!err)
		return NULL;
	return err == -ENOENT ? "the sample is neither built in nor installed" :
				"the sample cannot be loaded";
}

FIXTURE(samples) {
	struct workload w;
	int kmsg;
};

FIXTURE_SETUP(samples)
{
	if (damon_why_not())
		SKIP(return, "%s", damon_why_not());
	if (damon_exists(STAT))
		ASSERT_EQ(0, module_enable(STAT, false));
	self->kmsg = log_open();
	self->w.cgroup = CGROUP;
	self->w.node = 1;	/* node 0 */
	self->w.len = 32 * MB;
	self->w.hot = 16 * MB;
	self->w.hot_len = 8 * MB;
}

static void sample_disable(const char *sample)
{
	if (damon_exists(sample))
		module_enable(sample, false);
}

FIXTURE_TEARDOWN(samples)
{
	static const char * const samples[] = { WSSE, PRCL, MTIER };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		sample_disable(samples[i]);
		if (sample_is_module(samples[i]))
			EXPECT_EQ(0, sample_unload(samples[i]));
	}
	workload_stop(&self->w);
	cg_remove(CGROUP);
	if (self->kmsg >= 0)
		close(self->kmsg);
	EXPECT_EQ(0, damon_nr_threads());
}

static int start_workload(struct workload *w, const char *sample)
{
	char pid[16];

	if (!cg_why_not())
		cg_make(CGROUP);
	else
		w->cgroup = NULL;
	if (nodes_why_not())
		w->node = 0;
	if (workload_start(w, WORKLOAD_BASE_PAGES))
		return -ECHILD;
	snprintf(pid, sizeof(pid), "%d", w->pid);
	return param_write(sample, "target_pid", pid) ?:
	       module_enable(sample, true);
}

TEST_F_TIMEOUT(samples, wsse, LIMIT_S)
{
	long end = now_us() + FEW_US, wss = -ENODATA, got;

	if (sample_why_not(WSSE))
		SKIP(return, "%s", sample_why_not(WSSE));
	ASSERT_LE(0, self->kmsg);
	EXPECT_EQ(0, param_write(WSSE, "target_pid", "2147483647"));
	EXPECT_EQ(-EINVAL, module_enable(WSSE, true));
	EXPECT_FALSE(module_is_enabled(WSSE));

	ASSERT_EQ(0, start_workload(&self->w, WSSE));
	EXPECT_TRUE(module_is_enabled(WSSE));
	EXPECT_EQ(1, damon_nr_threads());

	/* The hot part, and not much more: stack, code, and pages to flush. */
	do {
		usleep(500000);
		got = log_wss(self->kmsg);
		wss = got < 0 ? wss : got;
	} while ((got < 0 || got < (long)(7 * MB) || got > (long)(10 * MB)) &&
		 now_us() < end);
	TH_LOG("%ld KiB in use, of %lu", wss / 1024, self->w.hot_len / KB);
	EXPECT_LE((long)(7 * MB), wss);
	EXPECT_GE((long)(10 * MB), wss);

	/* Off and on. */
	EXPECT_EQ(0, module_enable(WSSE, false));
	EXPECT_EQ(0, damon_nr_threads());
	EXPECT_EQ(0, module_enable(WSSE, true));

	/* What is stored is what it says, whether the process is there or not. */
	workload_stop(&self->w);
	end = now_us() + FEW_US;
	while (damon_nr_threads() && now_us() < end)
		usleep(100000);
	EXPECT_EQ(0, damon_nr_threads());
	EXPECT_TRUE(module_is_enabled(WSSE));
	EXPECT_EQ(0, module_enable(WSSE, false));
	EXPECT_EQ(-EINVAL, module_enable(WSSE, true));
	EXPECT_FALSE(module_is_enabled(WSSE));
}

/* As a module: on from the load on, and off by unloading. */
TEST_F_TIMEOUT(samples, load, LIMIT_S)
{
	static const char * const samples[] = { WSSE, PRCL, MTIER };
	struct workload *w = &self->w;
	char args[64];
	size_t i, nr = 0;

	w->node = 0;
	w->cgroup = NULL;
	ASSERT_EQ(0, workload_start(w, WORKLOAD_BASE_PAGES));
	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		if (sample_why_not(samples[i]) || !sample_is_module(samples[i]))
			continue;
		nr++;
		ASSERT_EQ(0, sample_unload(samples[i]));
		EXPECT_FALSE(damon_exists(samples[i]));

		/* Parameters in the order of their dependence, or against it. */
		snprintf(args, sizeof(args), i % 2 ? "target_pid=%d enabled=Y" :
			 "enabled=Y target_pid=%d", w->pid);
		ASSERT_EQ(0, sample_load(samples[i], args));
		EXPECT_TRUE(module_is_enabled(samples[i]));
		EXPECT_EQ(1, damon_nr_threads());
		ASSERT_EQ(0, sample_unload(samples[i]));
		EXPECT_EQ(0, damon_nr_threads());

		/* It does not load if it cannot do what it is told. */
		EXPECT_EQ(-EINVAL, sample_load(samples[i],
					       "enabled=Y target_pid=2147483647"));
		EXPECT_FALSE(damon_exists(samples[i]));
		EXPECT_EQ(0, damon_nr_threads());
	}
	if (!nr)
		SKIP(return, "no sample is built as a module");
}

TEST_F_TIMEOUT(samples, prcl, LIMIT_S)
{
	long end = now_us() + FEW_US, nr_cold;
	struct mem_pages all, hot;

	if (sample_why_not(PRCL))
		SKIP(return, "%s", sample_why_not(PRCL));
	if (swap_why_not())
		SKIP(return, "%s", swap_why_not());
	ASSERT_LE(0, self->kmsg);
	ASSERT_EQ(0, start_workload(&self->w, PRCL));
	nr_cold = (self->w.len - self->w.hot_len) / getpagesize();
	do {
		usleep(500000);
		ASSERT_EQ(0, mem_count(self->w.pid, self->w.start, self->w.len,
				       &all));
	} while (all.swapped < nr_cold * 95 / 100 && now_us() < end);
	ASSERT_EQ(0, mem_count(self->w.pid, self->w.start + self->w.hot,
			       self->w.hot_len, &hot));
	TH_LOG("%ld of %ld cold pages are out, and %ld hot ones",
	       all.swapped - hot.swapped, nr_cold, hot.swapped);
	EXPECT_LE(nr_cold * 95 / 100, all.swapped - hot.swapped);
	EXPECT_GE(nr_cold / 100, hot.swapped);
	EXPECT_LT(0, log_wss(self->kmsg));
}

TEST_F_TIMEOUT(samples, mtier, LIMIT_S)
{
	char text[DAMON_TEXT_MAX];

	if (sample_why_not(MTIER))
		SKIP(return, "%s", sample_why_not(MTIER));
	EXPECT_EQ(9970, param_number(MTIER, "node0_mem_used_bp"));
	EXPECT_EQ(50, param_number(MTIER, "node0_mem_free_bp"));
	EXPECT_LT(0, damon_read(MTIER "detect_node_addresses", text));
	EXPECT_STREQ("N\n", text);

	/* No addresses, and no goals. */
	EXPECT_EQ(-ENOMEM, module_enable(MTIER, true));
	EXPECT_FALSE(module_is_enabled(MTIER));
	EXPECT_EQ(0, param_write(MTIER, "detect_node_addresses", "Y"));
	EXPECT_EQ(0, param_write(MTIER, "node0_mem_used_bp", "0"));
	EXPECT_EQ(-ENOMEM, module_enable(MTIER, true));
	EXPECT_EQ(0, param_write(MTIER, "node0_mem_used_bp", "9970"));

	if (nodes_why_not()) {
		EXPECT_EQ(-ENOMEM, module_enable(MTIER, true));
	} else {
		EXPECT_EQ(0, module_enable(MTIER, true));
		EXPECT_EQ(2, damon_nr_threads());
		EXPECT_EQ(0, module_enable(MTIER, false));
	}
	EXPECT_EQ(0, damon_nr_threads());
	EXPECT_EQ(0, param_write(MTIER, "detect_node_addresses", "N"));
}

/* Hot memory is on node 0 in the end, wherever it was in the beginning. */
TEST_F_TIMEOUT(samples, mtier_promotes, LIMIT_S)
{
	long end, nr = self->w.hot_len / getpagesize(), on = 0;

	if (sample_why_not(MTIER))
		SKIP(return, "%s", sample_why_not(MTIER));
	if (nodes_why_not())
		SKIP(return, "%s", nodes_why_not());
	self->w.cgroup = NULL;
	self->w.node = 2;	/* node 1 */
	ASSERT_EQ(0, workload_start(&self->w, WORKLOAD_BASE_PAGES));
	ASSERT_EQ(0, param_write(MTIER, "detect_node_addresses", "Y"));
	ASSERT_EQ(0, module_enable(MTIER, true));
	end = now_us() + 2 * FEW_US;
	do {
		usleep(500000);
		on = mem_on_node(self->w.pid, self->w.start + self->w.hot,
				 self->w.hot_len, 0);
	} while (on < nr * 90 / 100 && now_us() < end);
	TH_LOG("%ld of %ld hot pages on node 0", on, nr);
	EXPECT_LE(nr * 90 / 100, on);
	EXPECT_EQ(0, module_enable(MTIER, false));
	EXPECT_EQ(0, param_write(MTIER, "detect_node_addresses", "N"));
}

TEST_HARNESS_MAIN
