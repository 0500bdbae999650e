/* SPDX-License-Identifier: GPL-2.0 */
/* Proportions of numbers of any size. */
#ifndef _MM_DAMON_POLICY_RATIO_H
#define _MM_DAMON_POLICY_RATIO_H

#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/types.h>

/**
 * damon_mul_div() - A part of a number, without overflow.
 * @a:		the number
 * @b:		numerator of the part
 * @c:		denominator of the part
 *
 * Return: @a * @b / @c, rounded down; the largest number if it does not fit,
 * or @c is 0.
 */
static inline u64 damon_mul_div(u64 a, u64 b, u64 c)
{
	if (mul_u64_u64_shr(a, b, 64) >= c)
		return U64_MAX;
	return mul_u64_u64_div_u64(a, b, c);
}

/**
 * damon_add() - Add without overflow.
 * @a:		a number
 * @b:		another one
 *
 * Return: the sum; the largest number if it does not fit.
 */
static inline u64 damon_add(u64 a, u64 b)
{
	u64 sum;

	return check_add_overflow(a, b, &sum) ? U64_MAX : sum;
}

/**
 * damon_sub() - Subtract without going below 0.
 * @a:		a number
 * @b:		what to take away
 *
 * Return: the difference, 0 if @b is larger than @a.
 */
static inline u64 damon_sub(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

#endif /* _MM_DAMON_POLICY_RATIO_H */
