// SPDX-License-Identifier: GPL-2.0
#include "select.h"

static u64 add_us(u64 ns, u64 us)
{
	if (us > U64_MAX / NSEC_PER_USEC ||
	    us * NSEC_PER_USEC > U64_MAX - ns)
		return U64_MAX;
	return ns + us * NSEC_PER_USEC;
}

static void begin(struct selection *sel, u64 first_ns)
{
	const struct space_options *options = sel->options;

	sel->begun = true;
	sel->first_ns = first_ns;
	sel->from_ns = add_us(first_ns, options->from_us);
	sel->until_ns = options->until_us ?
		add_us(first_ns, options->until_us) : U64_MAX;
}

static void cut_regions(struct snapshot *snap,
			const struct space_options *options)
{
	u32 i, kept = 0;

	for (i = 0; i < snap->nr_regions; i++) {
		struct region r = snap->regions[i];

		r.start = max_u64(r.start, options->start);
		r.end = min_u64(r.end, options->end);
		if (r.start < r.end)
			snap->regions[kept++] = r;
	}
	snap->nr_regions = kept;
}

static bool selection_next(struct snapshot_source *src, struct snapshot *snap)
{
	struct selection *sel = (struct selection *)src;

	while (sel->from->next(sel->from, snap)) {
		if (snap->target != sel->options->target)
			continue;
		if (!sel->begun)
			begin(sel, snap->from_ns);
		if (snap->to_ns <= sel->from_ns ||
		    snap->from_ns >= sel->until_ns)
			continue;
		if (sel->options->end)
			cut_regions(snap, sel->options);
		return true;
	}
	return false;
}

static void selection_rewind(struct snapshot_source *src)
{
	struct selection *sel = (struct selection *)src;

	sel->begun = false;
	sel->from->rewind(sel->from);
}

void selection_init(struct selection *sel, struct snapshot_source *from,
		    const struct space_options *options)
{
	*sel = (struct selection){
		.source = { selection_next, selection_rewind },
		.from = from,
		.options = options,
	};
}

u64 selection_ns(const struct selection *sel, const struct snapshot *snap)
{
	u64 from_ns = max_u64(snap->from_ns, sel->from_ns);
	u64 to_ns = min_u64(snap->to_ns, sel->until_ns);

	return from_ns < to_ns ? to_ns - from_ns : 0;
}
