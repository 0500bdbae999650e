// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "compare.h"
#include "trace.h"
#include "watch.h"

#define BUFFER_BYTES	(64ULL << 20)

#define GOOD_F1		0.9
#define GOOD_IN_A_ROW	3

/* What is known of one target. */
struct watched {
	struct truth truth;
	u64 last_ns;		/* end of its last snapshot */
	u64 good_since_ns;
	unsigned int nr_good;	/* in a row; it stays at what is enough */
};

struct watch {
	struct trace_sink sink;
	struct tree tree;
	struct trace trace;
	struct score score;
	u64 from_ns, to_ns;
	u32 max_accesses;
	u64 nr_lost;
	unsigned int nr_targets;
	struct watched of[SUBJECTS_MAX];
};

/* How good was this alone? */
static bool note_good(struct watched *of, const struct snapshot *snap,
		      u64 from_ns, u64 to_ns)
{
	struct score score = {};

	if (of->nr_good == GOOD_IN_A_ROW)
		return true;
	if (!score_truth(&score, &of->truth, from_ns, to_ns) ||
	    !score_snapshot(&score, &of->truth, snap, from_ns, to_ns))
		return false;
	if (score_f1(&score) < GOOD_F1)
		of->nr_good = 0;
	else if (!of->nr_good++)
		of->good_since_ns = to_ns;
	return true;
}

static bool sink_snapshot(struct trace_sink *sink, const struct snapshot *snap)
{
	struct watch *w = (struct watch *)sink;
	struct snapshot seen = *snap;
	struct watched *of;
	u64 from_ns, to_ns;

	if (snap->target >= w->nr_targets)
		return true;
	of = &w->of[snap->target];
	from_ns = of->last_ns;
	to_ns = min_u64(snap->to_ns, w->to_ns);
	of->last_ns = snap->to_ns;
	if (from_ns >= to_ns)
		return true;
	seen.max_accesses = w->max_accesses;
	return note_good(of, &seen, from_ns, to_ns) &&
	       score_snapshot(&w->score, &of->truth, &seen, from_ns, to_ns);
}

static bool sink_tuned(struct trace_sink *sink, u64 time_ns, u64 sample_us)
{
	(void)sink; (void)time_ns; (void)sample_us;
	return true;
}

static bool sink_lost(struct trace_sink *sink, u64 time_ns, u64 nr_events)
{
	struct watch *w = (struct watch *)sink;

	(void)time_ns;
	w->nr_lost += nr_events ?: 1;
	return true;
}

static void destroy(struct watch *w)
{
	unsigned int i;

	trace_close(&w->trace);
	tree_close(&w->tree);
	for (i = 0; i < w->nr_targets; i++)
		truth_free(&w->of[i].truth);
	free(w);
}

struct watch *watch_start(pid_t kdamond)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->sink = (struct trace_sink){ sink_snapshot, sink_tuned, sink_lost };
	if (tree_open(&w->tree, "/") || tree_open_tracing(&w->tree)) {
		free(w);
		return NULL;
	}
	if (!trace_open(&w->trace, &w->tree, BUFFER_BYTES) &&
	    !trace_enable(&w->trace, kdamond, false))
		return w;
	destroy(w);
	return NULL;
}

static bool take_truth(struct watch *w, const struct subjects *subjects,
		       unsigned int sample_us)
{
	unsigned int i;
	size_t k;

	for (i = 0; i < subjects->nr; i++) {
		const struct subject *subject = &subjects->of[i];
		struct truth *truth = &w->of[i].truth;

		truth_init(truth);
		truth->start = (unsigned long)subjects->mapping;
		truth->end = truth->start + subjects->bytes;
		truth->until_ns = w->to_ns;
		truth->sample_us = sample_us;
		w->of[i].last_ns = w->from_ns;
		w->nr_targets++;
		for (k = 0; k < subject->nr_touched; k++) {
			if (!truth_add(truth, &subject->touched[k]))
				return false;
		}
		truth_ready(truth);
		if (!score_truth(&w->score, truth, w->from_ns, w->to_ns))
			return false;
	}
	return true;
}

bool watch_finish(struct watch *w, const struct subjects *subjects,
		  unsigned long long from_ns, unsigned long long to_ns,
		  unsigned int sample_us, unsigned int aggr_us,
		  struct verdict *verdict)
{
	unsigned int i;
	bool good;

	w->from_ns = from_ns;
	w->to_ns = to_ns;
	w->max_accesses = aggr_us / sample_us;
	good = take_truth(w, subjects, sample_us) &&
	       !trace_read(&w->trace, &w->sink);
	if (!w->score.nr_snapshots)
		good = false;
	*verdict = (struct verdict){
		.error = score_error(&w->score),
		.f1 = score_f1(&w->score),
		.nr_lost = w->nr_lost,
		.found = true,
	};
	if (good)
		verdict->regions = (double)w->score.nr_regions *
				   w->nr_targets / w->score.nr_snapshots;
	for (i = 0; i < w->nr_targets; i++) {
		struct watched *of = &w->of[i];
		u64 found_ns = to_ns;

		if (of->nr_good == GOOD_IN_A_ROW)
			found_ns = of->good_since_ns;
		else
			verdict->found = false;
		verdict->found_ms += (double)(found_ns - from_ns) /
				     NSEC_PER_MSEC / w->nr_targets;
	}
	destroy(w);
	return good;
}
