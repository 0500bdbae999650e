/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DAMON_TOOL_TYPES_H
#define DAMON_TOOL_TYPES_H

#include <stdbool.h>
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define FORMAT(kind, f, a)	format(kind, f, a)
#define __printf(f, a)	__attribute__((FORMAT(printf, f, a)))

#define U64_MAX		(~0ULL)
#define U32_MAX		(~0U)

#define NSEC_PER_USEC	1000ULL
#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_SEC	1000000000ULL
#define USEC_PER_MSEC	1000ULL
#define USEC_PER_SEC	1000000ULL

static inline u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

static inline u64 max_u64(u64 a, u64 b)
{
	return a > b ? a : b;
}

static inline u64 clamp_u64(u64 v, u64 lo, u64 hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

#endif
