// SPDX-License-Identifier: GPL-2.0
/* What users have staged below a kdamond directory. */

#include <linux/cleanup.h>
#include <linux/damon.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "admin.h"

/**
 * damon_admin_scheme_init() - Set up what is behind a scheme directory.
 * @elem:	a zeroed &struct damon_admin_scheme
 *
 * Return: 0.
 */
int damon_admin_scheme_init(void *elem)
{
	struct damon_admin_scheme *s = elem;

	damos_spec_init(&s->spec);
	return 0;
}

/**
 * damon_admin_scheme_fini() - Free what is behind a scheme directory.
 * @elem:	the &struct damon_admin_scheme; its directory is gone
 */
void damon_admin_scheme_fini(void *elem)
{
	struct damon_admin_scheme *s = elem;

	damos_spec_free(&s->spec);
	kvfree(s->tried.vec);
}

/**
 * damon_admin_context_init() - Set up what is behind a context directory.
 * @elem:	a zeroed &struct damon_admin_context
 *
 * Return: 0.
 */
int damon_admin_context_init(void *elem)
{
	struct damon_admin_context *c = elem;

	damon_spec_init(&c->spec);
	return 0;
}

/**
 * damon_admin_context_fini() - Free what is behind a context directory.
 * @elem:	the &struct damon_admin_context; its directory is gone
 */
void damon_admin_context_fini(void *elem)
{
	struct damon_admin_context *c = elem;

	damon_spec_free(&c->spec);
	while (c->nr_schemes)
		damon_admin_scheme_fini(&c->schemes[--c->nr_schemes]);
	kvfree(c->schemes);
}

/**
 * damon_admin_context() - The staged context that commands are about.
 * @k:		the kdamond directory
 *
 * Context: with the @lock of @k held, which guards what is returned.
 * Return: the context, or NULL if there is none.
 */
struct damon_admin_context *
damon_admin_context(const struct damon_admin_kdamond *k)
{
	lockdep_assert_held(&k->lock);
	return k->nr_contexts == 1 ? k->contexts : NULL;
}

/**
 * damon_admin_copy_spec() - Copy what is staged.
 * @k:		the kdamond directory
 * @copy:	where to; overwritten, for damon_spec_free() on success
 *
 * Context: may sleep; takes the @lock of @k.
 * Return: 0; -EINVAL if no context is staged; -ENOMEM.
 */
int damon_admin_copy_spec(struct damon_admin_kdamond *k,
			  struct damon_spec *copy)
{
	const struct damon_admin_context *c;
	int err;

	guard(mutex)(&k->lock);
	c = damon_admin_context(k);
	if (!c)
		return -EINVAL;

	/* Each scheme is staged with its directory, and not in this spec. */
	err = damon_spec_copy(copy, &c->spec);
	if (err || !c->nr_schemes)
		return err;
	copy->schemes = kvmalloc_array(c->nr_schemes, sizeof(*copy->schemes),
				       GFP_KERNEL);
	if (!copy->schemes)
		err = -ENOMEM;
	while (!err && copy->nr_schemes < c->nr_schemes) {
		unsigned int i = copy->nr_schemes++;

		err = damos_spec_copy(&copy->schemes[i], &c->schemes[i].spec);
	}
	if (err)
		damon_spec_free(copy);
	return err;
}
