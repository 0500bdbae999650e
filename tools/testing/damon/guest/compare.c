// SPDX-License-Identifier: GPL-2.0
#include "compare.h"

double score_f1(const struct score *score)
{
	double sum = score->hot + score->recorded;

	return sum ? 2 * score->both / sum : 1;
}

double score_error(const struct score *score)
{
	return score->all ? score->error / score->all : 1;
}

static double clipped(u64 start, u64 end, const struct truth *truth)
{
	start = max_u64(start, truth->start);
	end = min_u64(end, truth->end);
	return start < end ? end - start : 0;
}

/* One stretch of time in which neither the record nor the truth changes. */
static void compare(struct score *score, const struct truth *truth,
		    const struct snapshot *real, const struct snapshot *seen,
		    double ns)
{
	u32 i = 0, s = 0;

	while (i < real->nr_regions && s < seen->nr_regions) {
		const struct region *r = &real->regions[i];
		const struct region *m = &seen->regions[s];
		double true_rate = snapshot_rate(real, r);
		double rate = snapshot_rate(seen, m);
		double area = ns * clipped(max_u64(r->start, m->start),
					   min_u64(r->end, m->end), truth);
		double distance = rate < true_rate ? true_rate - rate :
						     rate - true_rate;

		/* without this record the distance would be all of true_rate */
		score->error += area * (distance - true_rate);
		if (rate >= HOT_RATE) {
			score->recorded += area;
			if (true_rate >= HOT_RATE)
				score->both += area;
		}
		if (r->end < m->end)
			i++;
		else
			s++;
	}
}

static void add_truth(struct score *score, const struct truth *truth,
		      const struct snapshot *real, double ns)
{
	u32 i;

	score->all += ns * (truth->end - truth->start);
	for (i = 0; i < real->nr_regions; i++) {
		const struct region *r = &real->regions[i];
		double area = ns * (r->end - r->start);
		double rate = snapshot_rate(real, r);

		score->error += area * rate;
		if (rate >= HOT_RATE)
			score->hot += area;
	}
}

bool score_truth(struct score *score, const struct truth *truth, u64 from_ns,
		 u64 to_ns)
{
	struct snapshot real = {};
	bool good = true;

	for (; from_ns < to_ns; from_ns = real.to_ns) {
		good = truth_at(truth, from_ns, &real);
		if (!good)
			break;
		add_truth(score, truth, &real,
			  min_u64(real.to_ns, to_ns) - from_ns);
	}
	snapshot_free(&real);
	return good;
}

bool score_snapshot(struct score *score, const struct truth *truth,
		    const struct snapshot *seen, u64 from_ns, u64 to_ns)
{
	struct snapshot real = {};
	bool good = true;

	for (; from_ns < to_ns; from_ns = real.to_ns) {
		good = truth_at(truth, from_ns, &real);
		if (!good)
			break;
		compare(score, truth, &real, seen,
			min_u64(real.to_ns, to_ns) - from_ns);
	}
	snapshot_free(&real);
	score->nr_snapshots++;
	score->nr_regions += seen->nr_regions;
	if (seen->nr_regions > score->max_regions)
		score->max_regions = seen->nr_regions;
	return good;
}
