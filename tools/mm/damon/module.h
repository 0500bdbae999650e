/* SPDX-License-Identifier: GPL-2.0 */
/* The special-purpose modules of DAMON and what their parameters mean. */
#ifndef DAMON_TOOL_MODULE_H
#define DAMON_TOOL_MODULE_H

#include "node.h"
#include "units.h"

enum param_kind {
	PARAM_SWITCH,		/* Y or N */
	PARAM_TIME_US,
	PARAM_TIME_MS,
	PARAM_BYTES,		/* in units of addr_unit, as ADDRESS */
	PARAM_ADDRESS,
	PARAM_UNIT,		/* bytes, addr_unit itself */
	PARAM_COUNT,
	PARAM_PERMIL,
	PARAM_BP,		/* 1/10000 */
	PARAM_BANDWIDTH,	/* bytes a second */
	PARAM_IDLE_MS,		/* percentiles, separated by commas */
	NR_PARAM_KINDS,
};

struct param {
	const char *name;	/* of the file */
	const char *help;
	enum param_kind kind;
	bool is_output;
};

struct module {
	const char *name;	/* for people: "reclaim" */
	const char *file;	/* below sys/module */
	const char *config;	/* the kernel's option */
	const struct param *params;	/* without enabled and the like */
};

#define NR_MODULES	3
#define MAX_PARAMS	32

extern const struct module modules[NR_MODULES];
/* The names, for the first word of a command; NULL at the end. */
extern const char *const module_names[NR_MODULES + 1];

const struct module *module_by_name(const char *name);
const struct param *module_param(const struct module *module, const char *name);

bool module_exists(const struct tree *tree, const struct module *module);
bool module_runs(const struct tree *tree, const struct module *module);
/* The one that runs and so keeps all others from starting, or NULL. */
const struct module *module_running(const struct tree *tree);

/* What a person may write: "a size such as 64K or 2M". */
const char *param_wanted(enum param_kind kind);
/*
 * A person's text as the kernel's number; says what is wrong.  Returns an exit
 * status.
 */
int param_parse(const struct param *param, const char *text, u64 addr_unit,
		u64 *val);
/* The kernel's text for people. */
void param_print(FILE *out, const struct param *param, const char *text,
		 u64 addr_unit);

/* Of the kernel's list of numbers, which may be cut or wrong, up to max. */
#define NR_PERCENTILES	101

unsigned int parse_percentiles(const char *text, long long *val,
			       unsigned int max);

#endif
