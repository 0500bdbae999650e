/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the policy code uses of the kernel, in user space.
 *
 * Each <linux/...> header of this directory is just this file.  Nothing of the
 * policy code itself, and none of its types, is repeated here.
 */
#ifndef _DAMON_SHIM_H
#define _DAMON_SHIM_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
#define u128		unsigned __int128

/* Beyond POSIX, what one page is must not depend on the machine. */
#undef PAGE_SIZE
#define PAGE_SIZE	4096UL
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define BITS_PER_LONG	64

#define U16_MAX		UINT16_MAX
#define U32_MAX		UINT32_MAX
#define U64_MAX		((u64)~0ULL)

/* Nobody loads modules here. */
#define EXPORT_SYMBOL_NS_GPL(...)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* -Wsign-compare sees to it that both have the same sign, as in the kernel. */
#define min(a, b) ({							\
	__auto_type _a = (a);						\
	__auto_type _b = (b);						\
	_a < _b ? _a : _b;						\
})
#define max(a, b) ({							\
	__auto_type _a = (a);						\
	__auto_type _b = (b);						\
	_a > _b ? _a : _b;						\
})
#define min3(a, b, c)	min(min(a, b), c)
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define abs_diff(a, b) ({						\
	__auto_type _a = (a);						\
	__auto_type _b = (b);						\
	_a > _b ? _a - _b : _b - _a;					\
})
#define swap(a, b)		shim_swap(&(a), &(b), sizeof(a))

#define ALIGN(x, a) ({							\
	__auto_type _mask = (a) - 1;					\
	((x) + _mask) & ~_mask;						\
})
#define ALIGN_DOWN(x, a)	((x) & ~((a) - 1))
#define BIT(nr)			(1UL << (nr))
#define BIT_ULL(nr)		(1ULL << (nr))
#define GENMASK_ULL(h, l)	((~0ULL >> (63 - (h))) & (~0ULL << (l)))

static inline void shim_swap(void *a, void *b, size_t size)
{
	char tmp[64];

	if (size > sizeof(tmp))
		abort();
	memcpy(tmp, a, size);
	memcpy(a, b, size);
	memcpy(b, tmp, size);
}

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

static inline unsigned int hweight64(u64 w)
{
	return __builtin_popcountll(w);
}

static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)
#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)

static inline size_t size_add(size_t a, size_t b)
{
	return __builtin_add_overflow(a, b, &a) ? SIZE_MAX : a;
}

static inline u64 div_u64(u64 a, u32 b)
{
	return a / b;
}

static inline u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

static inline u64 mul_u64_u32_shr(u64 a, u32 b, unsigned int shift)
{
	return (u128)a * b >> shift;
}

static inline u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift)
{
	return (u128)a * b >> shift;
}

static inline u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 c)
{
	u128 q = (u128)a * b / c;

	/* The kernel's version traps or is undefined then. */
	if (q > U64_MAX)
		abort();
	return q;
}

static inline void sort(void *base, size_t nr, size_t size,
			int (*cmp)(const void *, const void *), void *swap)
{
	if (nr)
		qsort(base, nr, size, cmp);
}

static inline u32 next_pseudo_random32(u32 seed)
{
	return seed * 1664525 + 1013904223;
}

#define SZ_256K		0x00040000
#define SZ_1M		0x00100000
#define SZ_2M		0x00200000
#define SZ_512M		0x20000000
#define SZ_1G		0x40000000

#define NSEC_PER_MSEC	1000000L
#define NSEC_PER_SEC	1000000000L
#define USEC_PER_MSEC	1000L
#define USEC_PER_SEC	1000000L

/* The allocation that fails, counted down from here; none if 0. */
extern unsigned long shim_fail_nth;
/* Allocations that were not freed yet. */
extern long shim_nr_allocs;

#define gfp_t		unsigned int
#define GFP_KERNEL	0U

void *kvcalloc(size_t n, size_t size, gfp_t flags);
void *kvmalloc_array(size_t n, size_t size, gfp_t flags);
char *kstrdup(const char *s, gfp_t flags);
void kvfree(const void *p);

static inline void kfree(const void *p)
{
	kvfree(p);
}

#endif /* _DAMON_SHIM_H */
