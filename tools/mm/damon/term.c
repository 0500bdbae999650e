// SPDX-License-Identifier: GPL-2.0
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "term.h"
#include "types.h"

/* Another screen, no cursor; and back. */
static const char enter_screen[] = "\033[?1049h\033[?25l\033[H\033[2J";
static const char leave_screen[] = "\033[0m\033[?25h\033[?1049l";

static struct termios saved;
static volatile sig_atomic_t is_saved, on_screen;

static void put(const char *text, size_t len)
{
	while (len) {
		ssize_t done = write(STDOUT_FILENO, text, len);

		if (done <= 0)
			return;
		text += done;
		len -= done;
	}
}

void term_leave(void)
{
	if (on_screen) {
		on_screen = 0;
		put(leave_screen, sizeof(leave_screen) - 1);
	}
	if (is_saved) {
		is_saved = 0;
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	}
}

static void crash(int sig)
{
	term_leave();
	/* the default action is in place again */
	raise(sig);
}

/* The terminal shall not stay as it is when we end by a defect. */
static void watch(void)
{
	static const int signals[] = {
		SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
	};
	struct sigaction action = {
		.sa_handler = crash, .sa_flags = SA_RESETHAND | SA_NODEFER,
	};
	static bool watching;
	size_t i;

	if (watching)
		return;
	watching = true;
	atexit(term_leave);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
}

void term_enter(void)
{
	struct termios raw;

	watch();
	if (!is_saved && !tcgetattr(STDIN_FILENO, &saved)) {
		raw = saved;
		/* keys that make signals go on doing so */
		raw.c_lflag &= ~(ICANON | ECHO);
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		is_saved = 1;
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	if (!on_screen) {
		on_screen = 1;
		put(enter_screen, sizeof(enter_screen) - 1);
	}
}

/* Length of a line's part that fills at most so many columns. */
static size_t clip(const char *line, unsigned int columns)
{
	const char *p = line;

	while (*p && *p != '\n') {
		if (*p == '\033') {
			while (*p && *p != 'm' && *p != '\n')
				p++;
			p += *p == 'm';
			continue;
		}
		/* bytes that continue a character take no column */
		if (((unsigned char)*p & 0xc0) != 0x80 && !columns--)
			break;
		p++;
	}
	return p - line;
}

void term_draw(const char *text, unsigned int columns, unsigned int lines)
{
	char *screen = NULL;
	size_t size;
	FILE *out = open_memstream(&screen, &size);

	if (!out)
		return;
	fputs("\033[H", out);
	while (*text && lines--) {
		size_t len = clip(text, columns);

		fwrite(text, 1, len, out);
		fputs("\033[0m\033[K", out);
		text += len;
		text += strcspn(text, "\n");
		if (*text)
			text++;
		if (*text && lines)
			fputs("\r\n", out);
	}
	fputs("\033[J", out);
	if (!fclose(out))
		put(screen, size);
	free(screen);
}

static int next_byte(int wait_ms)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char c;

	if (poll(&in, 1, wait_ms) != 1 || read(STDIN_FILENO, &c, 1) != 1)
		return KEY_NONE;
	return c;
}

/* What follows ESC [ or ESC O */
static int sequence(void)
{
	static const struct {
		const char *text;
		int key;
	} keys[] = {
		{ "A", KEY_UP }, { "B", KEY_DOWN }, { "H", KEY_HOME },
		{ "F", KEY_END }, { "5~", KEY_PAGE_UP }, { "6~", KEY_PAGE_DOWN },
		{ "1~", KEY_HOME }, { "4~", KEY_END },
	};
	char text[8] = "";
	size_t len = 0, i;
	int c;

	do {
		c = next_byte(20);
		if (c == KEY_NONE)
			break;
		text[len++] = c;
	} while (len < sizeof(text) - 1 && (c < '@' || c > '~'));
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(text, keys[i].text))
			return keys[i].key;
	}
	return KEY_OTHER;
}

int term_key(void)
{
	int c = next_byte(0);

	if (c != '\033')
		return c;
	c = next_byte(20);
	if (c == '[' || c == 'O')
		return sequence();
	return KEY_OTHER;
}
