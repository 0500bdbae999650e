/* SPDX-License-Identifier: GPL-2.0 */
/* The part of KUnit that the policy tests use, for user space. */
#ifndef _DAMON_SHIM_KUNIT_H
#define _DAMON_SHIM_KUNIT_H

#include <stdio.h>
#include <shim.h>

#define KUNIT_PARAM_DESC_SIZE	128

struct kunit {
	const void *param_value;
	void *priv;
	void *mem;
	unsigned long nr_failures;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
};

struct kunit_suite {
	const char *name;
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
	struct kunit_suite *next;
};

void shim_suite_add(struct kunit_suite *suite);
bool shim_expect(struct kunit *test, bool ok, const char *file, int line,
		 const char *what, long long left, long long right);
void shim_stop(void);
void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t gfp);

/* Copy the string that the member at @offset points to. */
static inline void shim_desc(char *desc, const void *p, size_t offset)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s",
		 *(const char *const *)((const char *)p + offset));
}

#define KUNIT_CASE(fn)			{ .run_case = fn, .name = #fn }
#define KUNIT_CASE_PARAM(fn, gen)	\
	{ .run_case = fn, .name = #fn, .generate_params = gen }

#define KUNIT_ARRAY_PARAM_DESC(id, array, member)			\
	static const void *id##_gen_params(const void *prev, char *desc) \
	{								\
		__auto_type all = &(array);				\
		typeof(&(*all)[0]) p = prev;				\
									\
		p = p ? p + 1 : *all;					\
		if (p == *all + ARRAY_SIZE(*all))			\
			return NULL;					\
		shim_desc(desc, p, offsetof(typeof(*p), member));	\
		return p;						\
	}

#define kunit_test_suite(suite)						\
	static void __attribute__((constructor)) shim_add_##suite(void)	\
	{								\
		shim_suite_add(&(suite));					\
	}								\
	extern int shim_no_semicolon_##suite

#define shim_compare(test, a, op, b) ({					\
	__auto_type _l = (a);						\
	__auto_type _r = (b);						\
	shim_expect(test, _l op _r, __FILE__, __LINE__,			\
		    #a " " #op " " #b, (long long)_l, (long long)_r);	\
})
#define shim_assert(ok) do {						\
	if (!(ok))							\
		shim_stop();						\
} while (0)

#define KUNIT_EXPECT_STREQ(t, a, b) do {				\
	const char *_sl = (a), *_sr = (b);				\
									\
	if (!shim_compare(t, strcmp(_sl, _sr), ==, 0))			\
		printf("# \"%s\", not \"%s\"\n", _sl, _sr);		\
} while (0)
#define KUNIT_EXPECT_EQ(t, a, b)	shim_compare(t, a, ==, b)
#define KUNIT_EXPECT_NE(t, a, b)	shim_compare(t, a, !=, b)
#define KUNIT_EXPECT_LE(t, a, b)	shim_compare(t, a, <=, b)
#define KUNIT_EXPECT_LT(t, a, b)	shim_compare(t, a, <, b)
#define KUNIT_EXPECT_GE(t, a, b)	shim_compare(t, a, >=, b)
#define KUNIT_EXPECT_GT(t, a, b)	shim_compare(t, a, >, b)
#define KUNIT_EXPECT_TRUE(t, a)						\
	shim_expect(t, a, __FILE__, __LINE__, #a, 0, 1)
#define KUNIT_EXPECT_FALSE(t, a)					\
	shim_expect(t, !(a), __FILE__, __LINE__, "!" #a, 1, 0)
#define KUNIT_EXPECT_NULL(t, p)						\
	KUNIT_EXPECT_TRUE(t, (p) == NULL)
#define KUNIT_ASSERT_EQ(t, a, b)	shim_assert(KUNIT_EXPECT_EQ(t, a, b))
#define KUNIT_ASSERT_LE(t, a, b)	shim_assert(KUNIT_EXPECT_LE(t, a, b))
#define KUNIT_ASSERT_LT(t, a, b)	shim_assert(KUNIT_EXPECT_LT(t, a, b))
#define KUNIT_ASSERT_GE(t, a, b)	shim_assert(KUNIT_EXPECT_GE(t, a, b))
#define KUNIT_ASSERT_TRUE(t, a)		shim_assert(KUNIT_EXPECT_TRUE(t, a))
#define KUNIT_ASSERT_NOT_NULL(t, p)					\
	shim_assert(KUNIT_EXPECT_TRUE(t, (p) != NULL))

#endif /* _DAMON_SHIM_KUNIT_H */
