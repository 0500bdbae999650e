/* SPDX-License-Identifier: GPL-2.0 */
/* Words for the modules that monitor physical memory by themselves. */
#ifndef SELFTESTS_DAMON_MODULE_H
#define SELFTESTS_DAMON_MODULE_H

#include <stdbool.h>
#include <sys/types.h>

/* Where their parameters are, as paths for damon_read() and damon_write(). */
#define MODULES		"../../../../module/"
#define RECLAIM		MODULES "damon_reclaim/parameters/"
#define LRU_SORT	MODULES "damon_lru_sort/parameters/"
#define STAT		MODULES "damon_stat/parameters/"

#define NR_MODULES	3
/* The first ones have schemes, and parameters for them. */
#define NR_SCHEMERS	2

extern const char * const modules[NR_MODULES];

enum param_kind {
	ULONG,
	BOOL,
	ENABLED,
	COMMIT,
	NUMBER,		/* this and what follows are outputs */
	PERCENTILES,
};

struct param {
	const char *path;
	enum param_kind kind;
	const char *content;	/* by default; NULL if that depends */
	bool not_zero;
};

/* All that there are, up to one without a path. */
extern const struct param params[];

#define for_each_param(p) \
	for ((p) = params; (p)->path; (p)++)

/*
 * Functions that return int or long return 0 (or what they say) on success,
 * and a negative error number on failure.
 */

bool param_is_input(const struct param *p);
int param_write(const char *module, const char *name, const char *value);
/* Pairs of a name and a value, up to NULL. */
int params_write(const char *module, const char * const *writes);
long param_number(const char *module, const char *name);

int module_enable(const char *module, bool enable);
bool module_is_enabled(const char *module);
int module_commit(const char *module);
pid_t module_pid(const char *module);

/* Why the tests cannot run here, or NULL. */
const char *modules_why_not(void);
/* Disable all. */
int modules_disable(void);
/* The same, and set all parameters to their defaults. */
int modules_reset(void);

#endif /* SELFTESTS_DAMON_MODULE_H */
