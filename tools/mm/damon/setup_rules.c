// SPDX-License-Identifier: GPL-2.0
/*
 * What has to fit together in a set-up.  This is as strict as the kernel, and
 * also refuses what the kernel takes but what could do nothing.
 */
#include <string.h>
#include <unistd.h>

#include "setup_check.h"
#include "setup_schema.h"
#include "units.h"

/* A directory, and the rows for what is in it. */
struct scope {
	const struct node *dir;
	const struct setup_row *rows;
	const struct scope *parent;
};

/* What is or will be in the file at path. */
static const char *text_at(const struct scope *s, const char *path)
{
	const char *text = node_text(s->dir, path);
	const struct setup_row *rows = s->rows, *row = NULL;

	while (!text && *path) {
		size_t len = strcspn(path, "/");

		row = setup_row_find(rows, path, len);
		if (!row)
			return "";
		rows = row->rows;
		path += len + !!path[len];
	}
	return text ? text : row && row->initial ? row->initial : "";
}

static u64 number_at(const struct scope *s, const char *path)
{
	u64 number;

	/* negative ones are like 0 to all rules */
	return parse_u64(text_at(s, path), &number) ? number : 0;
}

static bool is(const struct scope *s, const char *path, const char *text)
{
	return !strcmp(text_at(s, path), text);
}

/* What there is of a path. */
static const struct node *spot(const struct scope *s, const char *path)
{
	const struct node *node = s->dir;

	while (*path) {
		char name[64];
		size_t len = strcspn(path, "/");
		const struct node *next;

		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		next = node_find(node, name);
		if (!next)
			break;
		node = next;
		path += len + !!path[len];
	}
	return node;
}

static bool has_pids(const struct scope *context)
{
	return !is(context, "operations", "paddr");
}

/* Units of a region's limits: at least a page, of addr_unit bytes each. */
static u64 min_region(const struct scope *context)
{
	u64 page = sysconf(_SC_PAGESIZE);

	return has_pids(context) ? page :
		max_u64(page / number_at(context, "addr_unit"), 1);
}

static void check_limits(struct setup_check *c, const struct scope *s,
			 const char *dir)
{
	char min[64], max[64];

	snprintf(min, sizeof(min), "%s/min", dir);
	snprintf(max, sizeof(max), "%s/max", dir);
	if (number_at(s, min) > number_at(s, max))
		setup_object(c, spot(s, min),
			     "%s must not be more than max, which is %s", min,
			     text_at(s, max));
}

static void check_attrs(struct setup_check *c, const struct scope *s)
{
#define INTERVALS "monitoring_attrs/intervals/"
#define GOAL	INTERVALS "intervals_goal/"
#define REGIONS	"monitoring_attrs/nr_regions/"
	u64 sample = number_at(s, INTERVALS "sample_us");
	u64 least = number_at(s, GOAL "min_sample_us");
	u64 most = number_at(s, GOAL "max_sample_us");
	u64 unit = min_region(s);

	if (sample > number_at(s, INTERVALS "aggr_us"))
		setup_complain(c, spot(s, INTERVALS "sample_us"),
			       "sample_us (%llu) must not be more than aggr_us (%llu)",
			       sample, number_at(s, INTERVALS "aggr_us"));
	if (number_at(s, GOAL "aggrs") && least > most)
		setup_complain(c, spot(s, GOAL "min_sample_us"),
			       "min_sample_us (%llu) must not be more than max_sample_us (%llu)",
			       least, most);
	else if (number_at(s, GOAL "aggrs") && (sample < least || sample > most))
		setup_complain(c, spot(s, INTERVALS "sample_us"),
			       "sample_us (%llu) has to be from min_sample_us to max_sample_us (%llu to %llu)",
			       sample, least, most);
	if (number_at(s, REGIONS "min") > number_at(s, REGIONS "max"))
		setup_complain(c, spot(s, REGIONS "min"),
			       "nr_regions/min must not be more than max, which is %s",
			       text_at(s, REGIONS "max"));
	if (unit & (unit - 1))
		setup_complain(c, spot(s, "addr_unit"),
			       "addr_unit has to be a power of two, or a page at least");
}

static void check_context(struct setup_check *c, const struct scope *s)
{
	const struct node *targets = node_find(s->dir, "targets");
	bool has_target = targets && targets->first;

	check_attrs(c, s);
	if (has_pids(s) && !has_target)
		setup_object(c, spot(s, "targets"),
			     "%s needs processes: targets { pid_target PID }",
			     text_at(s, "operations"));
	else if (!has_pids(s) && !has_target)
		setup_object(c, spot(s, "targets"),
			     "paddr needs addresses: targets { regions START..END }");
	else if (!has_pids(s) && targets->first->next)
		setup_complain(c, targets->first->next,
			       "paddr has one of targets only; that can have many regions");
}

static void check_region(struct setup_check *c, const struct scope *s,
			 const struct node *region, u64 unit, u64 *last_end)
{
	u64 start = 0, end = 0, mask = unit - 1;

	node_u64(region, "start", &start);
	node_u64(region, "end", &end);
	if (start > end || end > ~mask) {
		setup_complain(c, region, "a region has to end behind its start%s",
			       end > ~mask ? ", and before the last page" : "");
		return;
	}
	if (start == end)
		setup_object(c, region, "a region has to end behind its start");
	if ((start & ~mask) < *last_end)
		setup_complain(c, region,
			       "regions must be in order and not overlap, rounded to %llu%s",
			       unit, has_pids(s) ? " bytes" : "");
	*last_end = (end + mask) & ~mask;
}

static void check_target(struct setup_check *c, const struct scope *s)
{
	const struct scope *context = s->parent;
	const struct node *regions = node_find(s->dir, "regions");
	const struct node *region = regions ? regions->first : NULL;
	u64 pid = number_at(s, "pid_target"), unit = min_region(context);
	u64 last_end = 0;

	if (has_pids(context) && !pid)
		setup_complain(c, spot(s, "pid_target"),
			       "%s needs pid_target, the number of a process",
			       text_at(context, "operations"));
	if (!has_pids(context) && pid)
		setup_object(c, spot(s, "pid_target"),
			     "paddr has no processes; leave pid_target out");
	if (!is(context, "operations", "vaddr") && !region)
		setup_object(c, s->dir, "%s needs regions START..END",
			     text_at(context, "operations"));
	/* reported already */
	if (unit & (unit - 1))
		return;
	for (; region; region = region->next)
		check_region(c, context, region, unit, &last_end);
}

static void check_watermarks(struct setup_check *c, const struct scope *s)
{
	u64 high = number_at(s, "watermarks/high");
	u64 mid = number_at(s, "watermarks/mid");
	u64 low = number_at(s, "watermarks/low");

	if (is(s, "watermarks/metric", "none"))
		return;
	if (low > mid || mid > high || high > 1000)
		setup_object(c, spot(s, "watermarks"),
			     "watermarks have to be low <= mid <= high <= 1000, not %llu, %llu, %llu",
			     low, mid, high);
	if (!number_at(s, "watermarks/interval_us"))
		setup_object(c, spot(s, "watermarks/interval_us"),
			     "watermarks need interval_us: how often to look, such as 5s");
}

/* Which operation sets have which actions; the others do nothing. */
static bool has_action(const struct scope *context, const char *action)
{
	static const char *const for_pids_only[] = {
		"willneed", "cold", "hugepage", "nohugepage", "collapse",
	};
	size_t i;

	if (!strncmp(action, "lru_", 4))
		return !has_pids(context);
	for (i = 0; i < ARRAY_SIZE(for_pids_only); i++) {
		if (!strcmp(action, for_pids_only[i]))
			return has_pids(context);
	}
	return true;
}

static void check_scheme(struct setup_check *c, const struct scope *s)
{
	const struct node *dests = node_find(s->dir, "dests");
	const char *action = text_at(s, "action");

	check_limits(c, s, "access_pattern/sz");
	check_limits(c, s, "access_pattern/nr_accesses");
	check_limits(c, s, "access_pattern/age");
	check_watermarks(c, s);
	/* a kernel may have it one day */
	if (!has_action(s->parent, action))
		setup_remark(c, spot(s, "action"), "note: %s does nothing with %s",
			     action, text_at(s->parent, "operations"));
	if (!strncmp(action, "migrate_", 8) && text_at(s, "target_nid")[0] == '-' &&
	    !(dests && dests->first))
		setup_object(c, spot(s, "action"),
			     "%s needs target_nid, the number of a node",
			     action);
	if (number_at(s, "quotas/fail_charge_num") &&
	    !number_at(s, "quotas/fail_charge_denom"))
		setup_object(c, spot(s, "quotas/fail_charge_num"),
			     "fail_charge_num needs fail_charge_denom");
}

static void check_goal(struct setup_check *c, const struct scope *s)
{
	const struct scope *context = s->parent->parent;
	const char *metric = text_at(s, "target_metric");

	if (!number_at(s, "target_value"))
		setup_object(c, spot(s, "target_value"),
			     "a goal needs target_value, and more than 0");
	if (!strncmp(metric, "node_memcg_", 11) && !*text_at(s, "path"))
		setup_complain(c, spot(s, "target_metric"),
			       "%s needs path, that of a memory cgroup", metric);
	if (!strcmp(metric, "node_eligible_mem_bp") && has_pids(context))
		setup_object(c, spot(s, "target_metric"),
			     "%s needs operations paddr", metric);
}

static void check_probe_filter(struct setup_check *c, const struct scope *s)
{
	if (is(s, "type", "memcg") && !*text_at(s, "path"))
		setup_complain(c, s->dir,
			       "memcg needs path, that of a memory cgroup");
}

static void check_filter(struct setup_check *c, const struct scope *s)
{
	const struct setup_row *type = setup_row_find(s->rows, "type", 4);
	const struct scope *context = s->parent->parent;
	const struct node *targets = node_find(context->dir, "targets");
	u64 start = number_at(s, "addr_start"), end = number_at(s, "addr_end");
	char index[UNIT_LEN];

	/* in core_filters, that of a new filter is not one of its own */
	if (!node_find(s->dir, "type") && strcmp(type->words[0], type->initial))
		setup_object(c, s->dir, "this filter needs type %s or %s",
			     type->words[0], type->words[1]);
	if (is(s, "type", "memcg") && !*text_at(s, "memcg_path"))
		setup_complain(c, s->dir,
			       "memcg needs memcg_path, that of a memory cgroup");
	if (is(s, "type", "addr") && start > end)
		setup_complain(c, s->dir, "addr_end has to be behind addr_start");
	if (is(s, "type", "addr") && start == end)
		setup_object(c, s->dir,
			     "addr needs addr_start and, behind it, addr_end");
	if (is(s, "type", "hugepage_size") &&
	    number_at(s, "min") > number_at(s, "max"))
		setup_complain(c, s->dir,
			       "hugepage_size needs min and, at least that, max");
	if (!is(s, "type", "target"))
		return;
	snprintf(index, sizeof(index), "%llu", number_at(s, "damon_target_idx"));
	if (!node_find(targets, index))
		setup_object(c, spot(s, "damon_target_idx"),
			     "there is no targets/%s", index);
}

static void check_kdamond(struct setup_check *c, const struct scope *s)
{
	const struct node *contexts = node_find(s->dir, "contexts");

	if (!contexts || !contexts->first)
		setup_object(c, s->dir, "a kdamond needs contexts { }");
}

/* For each in a list of that name, below a list of the other name. */
static const struct {
	const char *list;
	const char *parent;
	void (*check)(struct setup_check *c, const struct scope *s);
} rules[] = {
	{ "kdamonds", "", check_kdamond },
	{ "contexts", "kdamonds", check_context },
	{ "targets", "contexts", check_target },
	{ "schemes", "contexts", check_scheme },
	{ "goals", "schemes", check_goal },
	{ "core_filters", "schemes", check_filter },
	{ "ops_filters", "schemes", check_filter },
	{ "filters", "schemes", check_filter },
	{ "filters", "probes", check_probe_filter },
};

static void check_list(struct setup_check *c, const struct scope *scope,
		       const char *list)
{
	const char *parent = "";
	size_t i;

	if (scope->parent)
		parent = scope->parent->dir->parent->name;
	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		if (!strcmp(rules[i].list, list) &&
		    !strcmp(rules[i].parent, parent))
			rules[i].check(c, scope);
	}
}

/* The scopes are those in lists; plain directories are parts of them. */
static void check_dir(struct setup_check *c, const struct node *dir,
		      const struct setup_row *rows, const struct scope *scope)
{
	const struct setup_row *row;
	const struct node *node, *child;

	for (row = rows; row->name; row++) {
		node = node_find(dir, row->name);
		if (!node)
			continue;
		if (row->kind == SETUP_DIR)
			check_dir(c, node, row->rows, scope);
		if (row->kind != SETUP_LIST)
			continue;
		for (child = node->first; child; child = child->next) {
			const struct scope inside = { child, row->rows, scope };

			check_list(c, &inside, row->name);
			check_dir(c, child, row->rows, &inside);
		}
	}
}

void setup_check_rules(struct setup_check *c, const struct node *root)
{
	const struct node *kdamonds = node_find(root, "kdamonds");

	if (!kdamonds || !kdamonds->first)
		setup_complain(c, root, "there is nothing to set up");
	else
		check_dir(c, root, setup_root.rows, NULL);
}
