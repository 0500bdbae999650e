// SPDX-License-Identifier: GPL-2.0
/* Which files have to be written to get from one set-up to another. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "setup.h"
#include "setup_schema.h"

struct plan {
	setup_write_fn write;
	void *arg;
	size_t len;
	char path[256];
};

/* Returns the length to go back to, having gone on to name. */
static size_t push(struct plan *plan, const char *name)
{
	size_t len = plan->len;

	plan->len += snprintf(plan->path + len, sizeof(plan->path) - len,
			      "%s%s", len ? "/" : "", name);
	/* the tables have no paths of that length */
	if (plan->len >= sizeof(plan->path))
		plan->len = sizeof(plan->path) - 1;
	return len;
}

static void pop(struct plan *plan, size_t len)
{
	plan->len = len;
	plan->path[len] = '\0';
}

static int write_file(struct plan *plan, const char *name, const char *value)
{
	size_t len = push(plan, name);
	int error = plan->write(plan->arg, plan->path, value);

	pop(plan, len);
	return error;
}

static unsigned int list_length(const struct node *list)
{
	unsigned int nr = 0;
	const struct node *node;

	for (node = list ? list->first : NULL; node; node = node->next)
		nr++;
	return nr;
}

static int plan_file(struct plan *plan, const struct node *from,
		     const struct node *to, const struct setup_row *row,
		     bool fresh)
{
	const char *new = node_text(to, row->name);
	const char *old = fresh ? NULL : node_text(from, row->name);

	if (fresh && (!new || (!row->shown && !strcmp(new, row->initial))))
		return 0;
	if (!new)
		new = row->initial;
	/* this kernel may lack the file, or it may be new */
	if (!old && !fresh)
		old = row->initial;
	if (old && !strcmp(old, new))
		return 0;
	return write_file(plan, row->name, new);
}

static int plan_rows(struct plan *plan, const struct node *from,
		     const struct node *to, const struct setup_row *rows,
		     bool fresh);

/* Writing the number makes all of them new. */
static int plan_list(struct plan *plan, const struct node *from,
		     const struct node *to, const struct setup_row *row,
		     bool fresh)
{
	unsigned int nr = list_length(to);
	const struct node *old = NULL, *new;
	int error = 0;

	if (fresh ? nr || !plan->len : nr != list_length(from)) {
		char number[16];
		size_t len = push(plan, row->name);

		snprintf(number, sizeof(number), "%u", nr);
		error = write_file(plan, row->count, number);
		pop(plan, len);
		fresh = true;
	}
	if (!nr || error)
		return error;
	if (!fresh)
		old = from->first;
	for (new = to->first; new && !error; new = new->next) {
		size_t len = push(plan, row->name);

		push(plan, new->name);
		error = plan_rows(plan, old, new, row->rows, fresh);
		pop(plan, len);
		old = old ? old->next : NULL;
	}
	return error;
}

static int plan_rows(struct plan *plan, const struct node *from,
		     const struct node *to, const struct setup_row *rows,
		     bool fresh)
{
	const struct setup_row *row;
	int error = 0;

	for (row = rows; row->name && !error; row++) {
		const struct node *old = node_find(from, row->name);
		const struct node *new = node_find(to, row->name);
		size_t len;

		switch (row->kind) {
		case SETUP_SHOWN:
			break;
		case SETUP_LIST:
			error = plan_list(plan, old, new, row, fresh);
			break;
		case SETUP_DIR:
			len = push(plan, row->name);
			error = plan_rows(plan, old, new, row->rows, fresh);
			pop(plan, len);
			break;
		default:
			error = plan_file(plan, from, to, row, fresh);
			break;
		}
	}
	return error;
}

int setup_plan(const struct node *from, const struct node *to,
	       setup_write_fn write, void *arg)
{
	struct plan plan = { .write = write, .arg = arg };

	return plan_rows(&plan, from, to, setup_root.rows, !from);
}
