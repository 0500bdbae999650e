// SPDX-License-Identifier: GPL-2.0
/* Tests of vaddr_scout.c, on the real page tables of the test's own thread. */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/page_idle.h>
#include <linux/sizes.h>

#include "../ctx.h"
#include "../policy/scout.h"
#include "../vaddr.h"
#include "user_pages.h"

#define BASE		(4UL * SZ_1G)
#define BLOCK		((unsigned long)SZ_2M)
#define NR_BLOCKS	16

static int scout_init(struct kunit *test)
{
	struct damon_ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);

	if (!ctx)
		return -ENOMEM;
	test->priv = ctx;
	if (!arch_has_hw_nonleaf_pmd_young())
		kunit_skip(test, "no Accessed bits in upper levels here");
	kunit_activate_static_stub(test, damon_target_get_mm, user_mem_mm);
	return 0;
}

/* Base pages, one of each block, so that there are page tables. */
static void map_blocks(struct kunit *test, unsigned long start, unsigned int nr)
{
	user_map(test, NULL, start, nr * BLOCK);
	if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		do_madvise(current->mm, start, nr * BLOCK, MADV_NOHUGEPAGE);
	for (unsigned int i = 0; i < nr; i++)
		user_touch(test, start + i * BLOCK);
}

static u64 block_bits(const struct damon_scout_map *map, unsigned long end)
{
	unsigned long first = (map->end - map->start) / BLOCK;
	unsigned long last = (end - map->start) / BLOCK - 1;

	return first > 63 ? 0 : GENMASK_ULL(min(last, 63UL), first);
}

/* A look at a range; tells which of its first 64 blocks were touched, as bits. */
static u64 look(struct kunit *test, unsigned long start, unsigned long end)
{
	const struct damon_addr_range ar = { .start = start, .end = end };
	struct damon_scout_map map = {
		.start = start,
		.end = start,
		.min_sz = PAGE_SIZE,
		.min_gap = BLOCK,
	}, at = { .start = start, .end = start };
	struct damon_ctx *ctx = test->priv;
	struct damon_target t = {};
	bool touched;
	u64 bits = 0;

	ctx->scout_left = 1000;
	KUNIT_ASSERT_TRUE(test, damon_vaddr_scout(ctx, &t, &ar, &map));
	user_flush();

	KUNIT_ASSERT_LE(test, map.nr, DAMON_SCOUT_PIECES);
	touched = !map.gap_first;
	for (unsigned int i = 0; i < map.nr; i++) {
		if (touched)
			bits |= block_bits(&at, map.ends[i]);
		at.end = map.ends[i];
		touched = !touched;
	}
	if (map.end > at.end)
		bits |= block_bits(&at, map.end);
	return bits;
}

static u64 look_all(struct kunit *test)
{
	return look(test, BASE, BASE + NR_BLOCKS * BLOCK);
}

static void scout_test_touched(struct kunit *test)
{
	map_blocks(test, BASE, NR_BLOCKS);
	KUNIT_EXPECT_EQ(test, look_all(test), 0xffff);
	KUNIT_EXPECT_EQ(test, look_all(test), 0);
	user_touch(test, BASE + 3 * BLOCK + BLOCK / 2);
	user_touch(test, BASE + 9 * BLOCK);
	user_touch(test, BASE + 10 * BLOCK - PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, look_all(test), BIT(3) | BIT(9));
	KUNIT_EXPECT_EQ(test, look_all(test), 0);
	user_touch(test, BASE);
	user_touch(test, BASE + NR_BLOCKS * BLOCK - PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, look_all(test), BIT(0) | BIT(15));
}

/* What is cut off at the ends is not told, and not cleared. */
static void scout_test_ends(struct kunit *test)
{
	map_blocks(test, BASE, NR_BLOCKS);
	look_all(test);
	user_touch(test, BASE);
	user_touch(test, BASE + 3 * BLOCK);
	user_touch(test, BASE + 4 * BLOCK);
	/* Bit 2 begins with the last page of block 2. */
	KUNIT_EXPECT_EQ(test, look(test, BASE + PAGE_SIZE,
				   BASE + 5 * BLOCK - PAGE_SIZE), BIT(2));
	KUNIT_EXPECT_EQ(test, look_all(test), BIT(0) | BIT(4));
	user_touch(test, BASE);
	KUNIT_EXPECT_EQ(test, look(test, BASE + PAGE_SIZE,
				   BASE + 2 * BLOCK - PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, look_all(test), BIT(0));
}

/* Where nothing is mapped, and where no page table is, nothing was touched. */
static void scout_test_holes(struct kunit *test)
{
	user_map(test, NULL, BASE + BLOCK, 2 * BLOCK);
	user_map(test, NULL, BASE + 6 * BLOCK, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, look_all(test), 0);
	user_touch(test, BASE + 2 * BLOCK);
	user_touch(test, BASE + 7 * BLOCK);
	look_all(test);
	user_touch(test, BASE + 7 * BLOCK);
	KUNIT_EXPECT_EQ(test, look_all(test), BIT(7));
}

/* Mappings that share an entry share what it says. */
static void scout_test_shared_entry(struct kunit *test)
{
	user_map(test, NULL, BASE, BLOCK / 2);
	user_map(test, NULL, BASE + BLOCK / 2 + PAGE_SIZE, BLOCK);
	if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		do_madvise(current->mm, BASE, BLOCK / 2, MADV_NOHUGEPAGE);
	user_touch(test, BASE);
	user_touch(test, BASE + BLOCK - PAGE_SIZE);
	look_all(test);
	user_touch(test, BASE + BLOCK - PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, look_all(test), BIT(0));
}

/* The level above spares looks; and of a large range it is all. */
static void scout_test_upper_level(struct kunit *test)
{
	struct damon_ctx *ctx = test->priv;
	const unsigned long gib = SZ_1G;
	unsigned long at;
	u64 bits;

	if (!IS_ENABLED(CONFIG_X86_64) ||
	    !IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		kunit_skip(test, "upper levels do not tell");
	at = kunit_vm_mmap(test, NULL, BASE, 6 * gib, PROT_READ | PROT_WRITE,
			   MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED |
			   MAP_NORESERVE, 0);
	if (at != BASE ||
	    do_madvise(current->mm, BASE, 6 * gib, MADV_NOHUGEPAGE))
		kunit_skip(test, "no large mappings here");
	for (unsigned int i = 0; i < 5; i++) {
		for (unsigned int j = 0; j < 8; j++)
			user_touch(test, BASE + i * gib + j * BLOCK);
	}
	look(test, BASE, BASE + 4 * gib);
	look(test, BASE + 4 * gib, BASE + 6 * gib);

	user_touch(test, BASE + gib + 3 * BLOCK);
	bits = look(test, BASE + gib, BASE + 2 * gib);
	KUNIT_EXPECT_EQ(test, bits, BIT(3));
	KUNIT_EXPECT_GE(test, 1000 - ctx->scout_left, 8);
	KUNIT_EXPECT_EQ(test, look(test, BASE + gib, BASE + 2 * gib), 0);
	KUNIT_EXPECT_LT(test, 1000 - ctx->scout_left, 8);

	/* Whoever looks at a part must not wipe what others have to see. */
	user_touch(test, BASE + 5 * BLOCK);
	KUNIT_EXPECT_EQ(test, look(test, BASE, BASE + 4 * BLOCK), 0);
	KUNIT_EXPECT_EQ(test, look(test, BASE, BASE + gib), BIT(5));

	/* 1 GiB is 512 blocks, so only ends can be told in bits. */
	user_touch(test, BASE);
	bits = look(test, BASE, BASE + 6 * gib);
	KUNIT_EXPECT_EQ(test, bits, ~0ULL);
	KUNIT_EXPECT_LT(test, 1000 - ctx->scout_left, 16);
	KUNIT_EXPECT_EQ(test, look(test, BASE, BASE + 6 * gib), 0);
	/* The lower level was left alone: the next look sees where it was. */
	user_touch(test, BASE + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, look(test, BASE, BASE + gib), BIT(0));
}

/* A huge page tells by its own bit, and the folio keeps what it said. */
static void scout_test_huge(struct kunit *test)
{
	struct folio *folio;

	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		kunit_skip(test, "no transparent huge pages");
	user_map(test, NULL, BASE, 4 * BLOCK);
	if (do_madvise(current->mm, BASE, 4 * BLOCK, MADV_HUGEPAGE))
		kunit_skip(test, "no transparent huge pages");
	user_touch(test, BASE);
	user_touch(test, BASE + 2 * BLOCK);
	lru_add_drain_all();
	folio = user_folio(test, BASE);
	if (folio_size(folio) != BLOCK)
		kunit_skip(test, "got no transparent huge page");

	look_all(test);
	KUNIT_EXPECT_EQ(test, look_all(test), 0);
	user_touch(test, BASE + BLOCK / 2);
	folio_test_clear_young(folio);
	folio_set_idle(folio);
	KUNIT_EXPECT_EQ(test, look_all(test), BIT(0));
	KUNIT_EXPECT_TRUE(test, folio_test_young(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_idle(folio));
	KUNIT_EXPECT_EQ(test, look_all(test), 0);
}

static void scout_test_no_effort_left(struct kunit *test)
{
	const struct damon_addr_range ar = { .start = BASE,
					     .end = BASE + BLOCK };
	struct damon_ctx *ctx = test->priv;
	struct damon_scout_map map = { .min_sz = PAGE_SIZE };
	struct damon_target t = {};

	map_blocks(test, BASE, 2);
	ctx->scout_left = 1;
	KUNIT_EXPECT_TRUE(test, damon_vaddr_scout(ctx, &t, &ar, &map));
	KUNIT_EXPECT_EQ(test, ctx->scout_left, 0);
	KUNIT_EXPECT_FALSE(test, damon_vaddr_scout(ctx, &t, &ar, &map));
}

static struct kunit_case scout_cases[] = {
	KUNIT_CASE(scout_test_touched),
	KUNIT_CASE(scout_test_ends),
	KUNIT_CASE(scout_test_holes),
	KUNIT_CASE(scout_test_shared_entry),
	KUNIT_CASE(scout_test_upper_level),
	KUNIT_CASE(scout_test_huge),
	KUNIT_CASE(scout_test_no_effort_left),
	{}
};

static struct kunit_suite scout_suite = {
	.name = "damon_vaddr_scout",
	.init = scout_init,
	.test_cases = scout_cases,
};

kunit_test_suite(scout_suite);
