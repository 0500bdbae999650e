/* SPDX-License-Identifier: GPL-2.0 */
/* Schemes and regions of few words, for tests of policy/apply.c. */
#ifndef _MM_DAMON_TESTS_APPLY_FIXTURE_H
#define _MM_DAMON_TESTS_APPLY_FIXTURE_H

#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "../policy/access.h"
#include "../policy/damos.h"
#include "../policy/region.h"

#define NR_TARGETS	3
#define NR_SCHEMES	2
#define NR_REGIONS	4
#define NR_FILTERS	2
#define CAP		32
#define TEXT_LEN	256

/* A filter that rejects a range of addresses. */
#define REJECT(from, to) {						\
	.type = DAMOS_FILTER_TYPE_ADDR, .matching = true,		\
	.addr_range = { from, to },					\
}

/* A few words for a scheme: what it does, its quota, its filters. */
struct scheme_words {
	enum damos_action action;
	unsigned long quota;
	unsigned int min_age;
	unsigned long min_size;
	unsigned long max_nr_snapshots;
	unsigned int nr_filters;
	struct damos_filter_spec filters[NR_FILTERS];
};

/* Regions of a target, one behind the other, up to the first that is empty. */
struct target_words {
	bool invalid;
	unsigned long start;
	struct {
		unsigned long end;
		unsigned int age;
	} regions[NR_REGIONS];
};

/*
 * @text is what was applied, as "A0:10-20/5": scheme A to [10, 20) of target
 * 0, which is of age 5; with a star if a filter of addresses let it pass.
 * Slices are separated by a bar.
 */
struct apply_fixture {
	struct damon_regions rs;
	struct damon_access ac;
	struct damon_attrs attrs;
	struct damos_spec specs[NR_SCHEMES];
	struct damos schemes[NR_SCHEMES];
	struct damos_pass pass;
	/* How many times a slice, and how much at a time; 0 for any. */
	unsigned int per_slice;
	unsigned int in_slice;
	unsigned long step;
	/* The part that succeeds is one of so many; 0 for nothing. */
	unsigned long part;
	char text[TEXT_LEN];
	size_t len;
};

static inline void fake_apply(void *data, const struct damon_target *t,
			      const struct damon_region *r, struct damos *s,
			      bool by_core, struct damos_result *res)
{
	struct apply_fixture *f = data;

	if (f->step)
		res->end = min(res->end, r->ar.start + f->step);
	if (f->part)
		res->applied = (res->end - r->ar.start) / f->part;
	res->passed = res->applied + 1;
	res->ns = 10;
	s->walked_to = res->end;
	f->in_slice++;
	f->len += snprintf(f->text + f->len, TEXT_LEN - f->len,
			   "%s%c%u:%lu-%lu/%u%s", f->len ? " " : "",
			   (int)('A' + (s - f->schemes)),
			   (unsigned int)(t - f->rs.targets), r->ar.start,
			   res->end, r->age, by_core ? "*" : "");
	f->len = min_t(size_t, f->len, TEXT_LEN - 1);
}

static inline bool fake_expired(void *data)
{
	struct apply_fixture *f = data;

	return f->per_slice && f->in_slice >= f->per_slice;
}

static inline bool fake_target_valid(const struct damon_target *t)
{
	return !t->pid;
}

static inline int apply_init(struct kunit *test)
{
	struct apply_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	test->priv = f;
	f->attrs = (struct damon_attrs){
		.sample_interval = 5000,
		.aggr_interval = 100000,
		.min_nr_regions = 10,
		.max_nr_regions = 1000,
	};
	damon_access_init(&f->ac, &f->attrs, 1, 1);
	f->pass = (struct damos_pass){
		.rs = &f->rs,
		.access = &f->ac,
		.attrs = &f->attrs,
		.schemes = f->schemes,
		.target_valid = fake_target_valid,
		.apply = fake_apply,
		.expired = fake_expired,
		.data = f,
	};
	for (unsigned int i = 0; i < NR_SCHEMES; i++) {
		damos_spec_init(&f->specs[i]);
		f->specs[i].pattern = (struct damos_access_pattern){
			.sz.max = ULONG_MAX,
			.nr_accesses.max = UINT_MAX,
			.age.max = UINT_MAX,
		};
		f->schemes[i].spec = &f->specs[i];
	}
	return damon_regions_init(&f->rs, NR_TARGETS, CAP);
}

static inline void apply_exit(struct kunit *test)
{
	struct apply_fixture *f = test->priv;

	if (!f)
		return;
	for (unsigned int i = 0; i < NR_SCHEMES; i++)
		damos_filters_destroy(&f->schemes[i]);
	damon_regions_free(&f->rs);
}

static inline void put_targets(struct kunit *test,
			       const struct target_words *words)
{
	struct apply_fixture *f = test->priv;

	for (unsigned int i = 0; i < NR_TARGETS; i++) {
		struct damon_target *t = &f->rs.targets[i];
		unsigned long start = words[i].start;
		struct damon_addr_range ranges[NR_REGIONS];
		unsigned int nr = 0;

		for (; nr < NR_REGIONS && words[i].regions[nr].end; nr++) {
			ranges[nr].start = start;
			ranges[nr].end = words[i].regions[nr].end;
			start = ranges[nr].end;
		}
		KUNIT_ASSERT_EQ(test,
				damon_target_set_ranges(&f->rs, t, ranges, nr,
							f->ac.min_sz,
							&f->ac.rnd), 0);
		while (nr--)
			f->rs.cur[t->first + nr].age = words[i].regions[nr].age;
		t->pid = words[i].invalid ? (void *)f : NULL;
	}
}

static inline struct damos *put_scheme(struct kunit *test,
				       const struct scheme_words *words)
{
	struct apply_fixture *f = test->priv;
	struct damos *s = &f->schemes[f->pass.nr_schemes];
	struct damos_spec *spec = &f->specs[f->pass.nr_schemes++];

	spec->action = words->action;
	spec->pattern.age.min = words->min_age;
	spec->pattern.sz.min = words->min_size;
	spec->max_nr_snapshots = words->max_nr_snapshots;
	spec->filters.vec = (void *)words->filters;
	spec->filters.nr = words->nr_filters;
	spec->quota.sz = words->quota;
	s->quota.esz = words->quota;
	s->quota.aim = ULONG_MAX;
	KUNIT_ASSERT_EQ(test, damos_filters_build(s), 0);
	return s;
}

static inline void expect_text(struct kunit *test, const char *text,
			       const char *want)
{
	KUNIT_EXPECT_STREQ(test, text, want);
}

/* Run all slices of a pass of all schemes; returns their number. */
static inline unsigned int run_pass(struct kunit *test)
{
	struct apply_fixture *f = test->priv;
	unsigned int nr = 1;

	f->len = 0;
	f->text[0] = 0;
	f->in_slice = 0;
	for (unsigned int i = 0; i < f->pass.nr_schemes; i++)
		damos_pass_begin(&f->pass, &f->schemes[i]);
	while (!damos_pass_run(&f->pass) && nr < 50) {
		KUNIT_EXPECT_EQ(test, f->in_slice, f->per_slice);
		KUNIT_EXPECT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
		f->len += snprintf(f->text + f->len, TEXT_LEN - f->len, " |");
		f->in_slice = 0;
		nr++;
	}
	for (unsigned int i = 0; i < f->pass.nr_schemes; i++) {
		KUNIT_EXPECT_FALSE(test, f->schemes[i].in_pass);
		KUNIT_EXPECT_EQ(test, f->schemes[i].walked_to, 0UL);
	}
	KUNIT_EXPECT_TRUE(test, damon_regions_check(&f->rs, &f->ac));
	return nr;
}

static inline void expect_regions(struct kunit *test, const char *want)
{
	struct apply_fixture *f = test->priv;
	struct damon_target *t;
	struct damon_region *r;
	char text[TEXT_LEN] = "";
	size_t len = 0;

	damon_for_each_target(t, &f->rs)
		damon_for_each_region(r, t, &f->rs)
			len += snprintf(text + len, TEXT_LEN - len,
					"%s%u:%lu-%lu/%u", len ? " " : "",
					(unsigned int)(t - f->rs.targets),
					r->ar.start, r->ar.end, r->age);
	expect_text(test, text, want);
}

#endif /* _MM_DAMON_TESTS_APPLY_FIXTURE_H */
