// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of operation sets.
 *
 * Sets register once, at boot, and stay for ever; so readers need no lock and
 * may keep the pointers that they get.
 */

#include <kunit/static_stub.h>
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/export.h>

#include "ops.h"

static const struct damon_operations *damon_ops_table[NR_DAMON_OPS];

/**
 * damon_ops_register() - Offer an operation set.
 * @ops:	the set; must stay valid for ever
 *
 * Context: any.
 * Return: 0, or -EINVAL if the identifier is out of range or taken.
 */
int damon_ops_register(const struct damon_operations *ops)
{
	if (ops->id >= NR_DAMON_OPS)
		return -EINVAL;
	if (cmpxchg(&damon_ops_table[ops->id], NULL, ops))
		return -EINVAL;
	return 0;
}

/**
 * damon_ops_get() - Look up an operation set.
 * @id:		identifier, may be out of range
 *
 * Context: any.
 * Return: the set, or NULL if there is none of that identifier.
 */
const struct damon_operations *damon_ops_get(enum damon_ops_id id)
{
	KUNIT_STATIC_STUB_REDIRECT(damon_ops_get, id);
	if ((unsigned int)id >= NR_DAMON_OPS)
		return NULL;
	return READ_ONCE(damon_ops_table[id]);
}

/**
 * damon_is_registered_ops() - Whether an operation set can be used.
 * @id:		identifier, may be out of range
 *
 * Context: any.
 * Return: true if the set is registered.
 */
bool damon_is_registered_ops(enum damon_ops_id id)
{
	return damon_ops_get(id);
}
EXPORT_SYMBOL_NS_GPL(damon_is_registered_ops, DAMON);
