// SPDX-License-Identifier: GPL-2.0
/* Runs all KUnit suites that were linked in, and says so in TAP. */

#include <setjmp.h>
#include <kunit/test.h>

static struct kunit_suite *suites;

/* Where to go on when a test gives up. */
static jmp_buf given_up;

void shim_suite_add(struct kunit_suite *suite)
{
	struct kunit_suite **p = &suites;

	while (*p)
		p = &(*p)->next;
	*p = suite;
}

bool shim_expect(struct kunit *test, bool ok, const char *file, int line,
		 const char *what, long long left, long long right)
{
	if (ok)
		return true;
	/* Of a loop that fails, the first times tell enough. */
	if (test->nr_failures++ < 10)
		printf("# %s:%d: %s (%lld, %lld)\n", file, line, what, left,
		       right);
	return false;
}

void shim_stop(void)
{
	longjmp(given_up, 1);
}

void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t gfp)
{
	(void)gfp;
	if (test->mem)
		abort();
	test->mem = calloc(1, size);
	return test->mem;
}

static bool case_run(const struct kunit_suite *suite,
		     const struct kunit_case *c, const void *param)
{
	struct kunit test = { .param_value = param };
	long nr_allocs = shim_nr_allocs;

	if (!setjmp(given_up)) {
		if (suite->init)
			KUNIT_ASSERT_EQ(&test, suite->init(&test), 0);
		c->run_case(&test);
	}
	if (suite->exit)
		suite->exit(&test);
	free(test.mem);
	KUNIT_EXPECT_EQ(&test, shim_nr_allocs, nr_allocs);
	return !test.nr_failures;
}

static unsigned int nr_passed, nr_failed;

static void case_report(const struct kunit_suite *suite,
			const struct kunit_case *c, const void *param,
			const char *desc)
{
	bool ok = case_run(suite, c, param);

	if (ok)
		nr_passed++;
	else
		nr_failed++;
	printf("%sok %u %s.%s%s%s\n", ok ? "" : "not ", nr_passed + nr_failed,
	       suite->name, c->name, *desc ? " # " : "", desc);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n");
	for (const struct kunit_suite *suite = suites; suite;
	     suite = suite->next) {
		for (const struct kunit_case *c = suite->test_cases;
		     c->run_case; c++) {
			char desc[KUNIT_PARAM_DESC_SIZE] = "";
			const void *param = NULL;

			if (!c->generate_params) {
				case_report(suite, c, NULL, desc);
				continue;
			}
			while ((param = c->generate_params(param, desc)))
				case_report(suite, c, param, desc);
		}
	}
	printf("1..%u\n", nr_passed + nr_failed);
	printf("%u passed, %u failed\n", nr_passed, nr_failed);
	return nr_failed || !nr_passed;
}
