// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Cutting by evidence
 *
 * Problem: a region is accessed in some places only.  Which, and is that so,
 * or were the hits among its samples just distributed like that by chance?
 *
 * The bit string of the last samples tells where each of them was: the latest
 * is at a known position, each one before a fixed step back.  They are sorted
 * into 64 cells of the region.  With n samples of which S were hits, a cell
 * with c samples and x hits has x - S*c/n hits more than its share.  Summed up
 * over the cells from left to right that is a walk which returns to 0.  Between
 * its lowest and its highest point, V apart, is the stretch that stands out
 * most, the hottest cluster or the coldest gap.
 *
 * Without any contrast the scaled range V^2 / (S*(n-S)/n) exceeds 4 in about
 * one of a hundred cases (this is Kuiper's test), so above it the region is
 * cut around the stretch, and the pieces get the rates that their samples say.
 *
 * That never happens to a spot which is hit just once in 128 samples: one hit
 * has a V^2 of (n-1)/n.  If a re-check has confirmed that the page is hot, 3/4
 * is enough, as long as regions are to be spared.  The pieces keep the rate,
 * since one sample says little about it, and are not merged for a while.
 *
 * For example: 128 samples, 32 of them hits, all of them in the cells from 16
 * to 31.  V = 32 - 32 * 32/128 = 24, S*(n-S)/n = 24, 24 * 24 / 24 = 24 > 4.
 * The region is cut into [0, 1/4), [1/4, 1/2) and [1/2, 1) of its size, with
 * the rates 0, 1 and 0.
 *
 * Limits: boundaries are found to 1/64 of the size at best, so a fine pattern
 * is resolved by repeated cuts.  One stretch at a time is found.  Bursts of
 * access to the whole region do not look like a contrast, as successive
 * samples are far apart; with the 3/4 for single hits they seldom zoom either.
 */

#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/damon.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "access.h"
#include "region.h"

#define CELL_BITS		6
#define NR_CELLS		((int)BIT(CELL_BITS))

/* Quarters of the scaled range, squared, that call for a cut; and for a zoom. */
#define CUT_QUARTERS		16
#define ZOOM_QUARTERS		3

/* Aggregations for which pieces of a weakly founded cut are not merged. */
#define ZOOM_HOLD		4

/* The low part of a cell counts its samples, the high part the hits. */
#define CELL_SAMPLE		1
#define CELL_HIT		BIT(8)

/* Where the samples of a region were. */
struct cut_picture {
	int nr;
	int hits;
	u16 cells[NR_CELLS];
};

/* The stretch of cells behind @before up to @last, and its excess times n. */
struct cut_stretch {
	int before;
	int last;
	int excess;
};

static int cell_nr(u16 cell)
{
	return cell & (CELL_HIT - 1);
}

static int cell_hits(u16 cell)
{
	return cell / CELL_HIT;
}

static int hist_hits(const struct damon_region *r)
{
	if (!r->nr_hist)
		return 0;
	if (r->nr_hist <= 64)
		return hweight64(r->hist[0] & GENMASK_ULL(r->nr_hist - 1, 0));
	return hweight64(r->hist[0]) +
		hweight64(r->hist[1] & GENMASK_ULL(r->nr_hist - 65, 0));
}

static void picture_draw(struct cut_picture *pic, const struct damon_region *r)
{
	u64 bits = r->hist[0];
	u32 phase = r->phase;

	/* The current position is the last sample's, or the next one's. */
	if (!(r->flags & DAMON_REGION_MOVE))
		phase -= DAMON_PHASE_STEP;
	for (int i = 0; i < pic->nr; i++) {
		if (i == 64)
			bits = r->hist[1];
		pic->cells[phase >> (32 - CELL_BITS)] += bits & 1 ?
			CELL_SAMPLE + CELL_HIT : CELL_SAMPLE;
		bits >>= 1;
		phase -= DAMON_PHASE_STEP;
	}
}

/* What is between the lowest and the highest point of the walk. */
static struct cut_stretch picture_contrast(const struct cut_picture *pic)
{
	int sum = 0, low = 0, high = 0, low_cell = -1, high_cell = -1;

	for (int i = 0; i < NR_CELLS; i++) {
		sum += pic->nr * cell_hits(pic->cells[i]) -
			pic->hits * cell_nr(pic->cells[i]);
		if (sum < low) {
			low = sum;
			low_cell = i;
		}
		if (sum > high) {
			high = sum;
			high_cell = i;
		}
	}
	return (struct cut_stretch){
		.before = min(low_cell, high_cell),
		.last = max(low_cell, high_cell),
		.excess = high - low,
	};
}

/*
 * Where to cut behind a cell: half way to the next one that was sampled.  There
 * is one, as behind the last one the walk is at 0, which is not its extreme.
 */
static unsigned long cut_addr(const struct damon_access *ac,
			      const struct damon_region *r,
			      const struct cut_picture *pic, int cell)
{
	unsigned long offset;
	int next = cell + 1;

	if (cell < 0)
		return r->ar.start;
	while (!pic->cells[next])
		next++;
	/* Halves of cells; to the nearest multiple of the smallest size. */
	offset = mul_u64_u32_shr(damon_sz_region(r), cell + 1 + next,
				 CELL_BITS + 1);
	return r->ar.start + ALIGN_DOWN(offset + ac->min_sz / 2, ac->min_sz);
}

static u32 picture_rate(const struct cut_picture *pic, int first, int end)
{
	u32 nr = 0, hits = 0;

	for (int i = first; i < end; i++) {
		nr += cell_nr(pic->cells[i]);
		hits += cell_hits(pic->cells[i]);
	}
	return hits * DAMON_RATE_ONE / nr;
}

static void piece_set_rate(struct damon_region *piece, u32 rate,
			   const struct damon_access *ac, u32 old_rate)
{
	unsigned int was = damon_access_nr_accesses(ac, old_rate);

	piece->rate = rate;
	piece->nr_accesses = damon_access_nr_accesses(ac, rate);
	piece->weight = 1;
	if (abs_diff(rate, old_rate) > DAMON_RATE_TOLERANCE ||
	    !piece->nr_accesses != !was)
		piece->age = 0;
}

/**
 * damon_region_cut() - Cut a region where its samples show a contrast.
 * @ac:		the state; draws random numbers
 * @r:		the region, with the estimate of this aggregation
 * @old_rate:	its rate before that
 * @may_zoom:	a cut around a single page that is hot is welcome
 * @pieces:	filled; room for three
 *
 * Return: the number of pieces, 0 if the region is not to be cut.
 */
unsigned int damon_region_cut(struct damon_access *ac,
			      const struct damon_region *r, u32 old_rate,
			      bool may_zoom, struct damon_region pieces[3])
{
	struct cut_picture pic = { .nr = r->nr_hist, .hits = hist_hits(r) };
	int cells[4], nr = 0, variance, excess2;
	struct cut_stretch stretch;
	unsigned long addrs[4];
	bool significant;

	if (!pic.hits || pic.hits == pic.nr)
		return 0;
	picture_draw(&pic, r);
	stretch = picture_contrast(&pic);

	/* Both are times n squared, so up to 2^26. */
	excess2 = 4 * stretch.excess * stretch.excess;
	variance = pic.nr * pic.hits * (pic.nr - pic.hits);
	significant = excess2 >= CUT_QUARTERS * variance;
	if (!significant && !(may_zoom && (r->flags & DAMON_REGION_ZOOM) &&
			      excess2 >= ZOOM_QUARTERS * variance))
		return 0;

	cells[0] = 0;
	cells[1] = stretch.before + 1;
	cells[2] = stretch.last + 1;
	cells[3] = NR_CELLS;
	addrs[0] = r->ar.start;
	addrs[1] = cut_addr(ac, r, &pic, stretch.before);
	addrs[2] = cut_addr(ac, r, &pic, stretch.last);
	addrs[3] = r->ar.end;

	for (int i = 0; i < 3; i++) {
		struct damon_region *piece = &pieces[nr];

		if (addrs[i] >= addrs[i + 1])
			continue;
		if (addrs[i] == r->ar.start && addrs[i + 1] == r->ar.end)
			return 0;
		damon_region_piece(piece, r, addrs[i], addrs[i + 1],
				   &ac->rnd);
		if (significant)
			piece_set_rate(piece,
				       picture_rate(&pic, cells[i],
						    cells[i + 1]),
				       ac, old_rate);
		else
			piece->hold = ZOOM_HOLD;
		nr++;
	}
	return nr;
}
