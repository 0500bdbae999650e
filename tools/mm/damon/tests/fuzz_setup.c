// SPDX-License-Identifier: GPL-2.0
/*
 * Damaged set-up files, the same ones in each run.  The sanitizers find what
 * is wrong; of those that are still good it is checked that printing loses
 * nothing and that changing from the one before works.
 */
#include "fail.h"
#include "fuzz.h"
#include "setup_model.h"
#include "tap.h"

#define DEFAULT_RUNS	3000
#define MAX_TEXT	16384
#define MAX_INSERT	64

static const char *const files[] = {
	"small.setup", "idle.setup", "paths.setup", "all.setup",
};

static struct {
	char text[MAX_TEXT];
	size_t len;
} seeds[ARRAY_SIZE(files)];

/* Words and values that make more of it good than bytes would. */
static const char *const words[] = {
	"{", "}", "\n", "\"", "\\", "#", "..", "/", " ", "\t", "\r", "0", "1",
	"-1", "4294967296", "18446744073709551615", "18446744073709551616",
	"5ms", "2M", "50%", "1000000000", "kdamonds", "contexts", "operations",
	"vaddr", "fvaddr", "paddr", "targets", "targets { pid_target 7 }",
	"regions 0x1000..0x5000", "schemes { }", "schemes/0/", "schemes/1 {",
	"filters { type addr addr_end 9 }", "probes { }", "nr_schemes 2",
	"goals { target_value 9 }", "min 3", "max 9", "nr_accesses 5%..",
	"age 2m..", "aggrs 3", "addr_unit 4096", "memcg_path \"/x y\"", "pid",
	"sample_us 0", "aggr_us 0", "dests { }", "metric free_mem_rate",
	"{ { { { { { { {", "} } } } } } } }", "a/b/c/d/e/f/g/h/i/j/k/l",
};

static size_t insert(char *text, size_t len, size_t at, const char *what,
		     size_t size)
{
	if (len + size > MAX_TEXT)
		return len;
	memmove(text + at + size, text + at, len - at);
	memcpy(text + at, what, size);
	return len + size;
}

static size_t cut(char *text, size_t len, size_t at, size_t size)
{
	size = size > len - at ? len - at : size;
	memmove(text + at, text + at + size, len - at - size);
	return len - size;
}

/* A place between words, so that words stay whole */
static size_t gap(const char *text, size_t len)
{
	size_t at = below(len + 1);

	while (at < len && text[at] != ' ' && text[at] != '\n')
		at++;
	return at;
}

static size_t damage(char *text, size_t len)
{
	unsigned int nr = 1 + below(4);
	char line[MAX_INSERT];
	const char *word;
	size_t at, size;

	while (nr-- && len) {
		at = below(len);
		size = 1 + below(MAX_INSERT - 1);
		switch (below(8)) {
		case 0:
			text[at] = next_random();
			break;
		case 1:
			text[at] ^= 1 << below(8);
			break;
		case 2:
			len = cut(text, len, at, size);
			break;
		case 3:
			if (!below(8))
				len = at;
			break;
		case 4:
			/* a word less */
			at = gap(text, len);
			len = cut(text, len, at, 1 + strcspn(text + at + (at < len), "\n "));
			break;
		case 5:
			/* a piece of it twice */
			size = size > len - at ? len - at : size;
			memcpy(line, text + at, size);
			len = insert(text, len, gap(text, len), line, size);
			break;
		default:
			word = words[below(ARRAY_SIZE(words))];
			at = gap(text, len);
			len = insert(text, len, at, " ", 1);
			len = insert(text, len, at, word, strlen(word));
			break;
		}
		text[len] = '\0';
	}
	return len;
}

/* Of its own size, so that reading behind it is found */
static struct node *read_text(const char *text, size_t len)
{
	char *copy = malloc(len);
	struct node *root = setup_new();
	bool good;

	if (len && !copy)
		exit(99);
	if (len)
		memcpy(copy, text, len);
	good = !setup_parse(root, copy, len, "fuzz") && !setup_check(root);
	free(copy);
	if (good)
		return root;
	node_free(root);
	return NULL;
}

static bool read_seeds(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		if (!model_read_file(files[i], seeds[i].text, MAX_TEXT,
				     &seeds[i].len))
			return false;
	}
	return true;
}

int main(void)
{
	u64 i, nr_good = 0, nr_bad = 0;
	static char text[MAX_TEXT + 1];
	struct node *last = NULL, *root;

	fail_quiet = true;
	if (!read_seeds())
		return 99;
	for (i = 0; fuzz_go_on(i, DEFAULT_RUNS); i++) {
		size_t from = below(ARRAY_SIZE(files)), len = seeds[from].len;

		memcpy(text, seeds[from].text, len);
		len = damage(text, len);
		root = read_text(text, len);
		if (!root)
			continue;
		nr_good++;
		if (!model_print_fits(root) ||
		    (last && !model_change_fits(last, root))) {
			fwrite(text, 1, len, stderr);
			nr_bad++;
		}
		node_free(last);
		last = root;
	}
	node_free(last);
	ok(!nr_bad, "what is still good is printed and changed to");
	ok(nr_good > i / 20 && nr_good < i, "%llu of %llu files are still good",
	   nr_good, i);
	return tap_done();
}
