// SPDX-License-Identifier: GPL-2.0
/*
 * pty - runs a command on a terminal and plays the person before it
 *
 * Usage: pty COMMAND [ARG...] < SCRIPT
 *
 * Lines of the script:
 *	wait TEXT	until TEXT is on the screen
 *	gone TEXT	until it is not
 *	send TEXT	keys; \e escape, \n return, \t tab, \s space
 *	size COLUMNS LINES
 *	signal NUMBER
 *	pause MS
 *	stopped		until the command has been stopped
 *	screen FILE	what is on the screen, as text
 *	html FILE	the same with its colours, as a page
 *	exit STATUS	until the command ends, with STATUS
 * After that the terminal has to be as it was at the beginning.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#include "types.h"

#define MAX_COLUMNS	250
#define MAX_LINES	100
#define PATIENCE_MS	10000

struct cell {
	char text[8];		/* one character */
	int fg, bg;		/* of 256 colours, or -1 */
	bool bold, reverse;
};

static struct cell cells[MAX_LINES][MAX_COLUMNS];
static int columns = 80, lines = 24, row, column;
static bool other_screen, no_cursor;
static struct cell pen = { .fg = -1, .bg = -1 };
static int terminal;		/* our side */
static pid_t child;
static bool ended;
static int status;

static void die(const char *what)
{
	fprintf(stderr, "pty: %s: %s\n", what, strerror(errno));
	if (child > 0 && !ended)
		kill(child, SIGKILL);
	exit(99);
}

static void put(const char *text, size_t len)
{
	struct cell *cell = &cells[row][column];

	if (row < lines && column < columns) {
		*cell = pen;
		memcpy(cell->text, text, len);
		cell->text[len] = '\0';
		column++;
	}
}

static void erase(int from_row, int from_column)
{
	int r, c;

	for (r = from_row; r < MAX_LINES; r++) {
		for (c = r == from_row ? from_column : 0; c < MAX_COLUMNS; c++)
			cells[r][c] = (struct cell){ .text = " ", .fg = -1,
						     .bg = -1 };
	}
}

static void colours(char *text)
{
	int value[16] = {}, nr = 0, i;
	char *word;

	while (nr < 16 && (word = strsep(&text, ";")))
		value[nr++] = atoi(word);
	for (i = 0; i < nr; i++) {
		if (!value[i])
			pen = (struct cell){ .fg = -1, .bg = -1 };
		else if (value[i] == 1)
			pen.bold = true;
		else if (value[i] == 7)
			pen.reverse = true;
		else if (value[i] == 38 && i + 2 < nr)
			pen.fg = value[i + 2];
		else if (value[i] == 48 && i + 2 < nr)
			pen.bg = value[i + 2];
		if (value[i] == 38 || value[i] == 48)
			i += 2;
	}
}

/* ESC [ text last */
static void control(char *text, char last)
{
	int c;

	if (last == 'H') {
		row = 0;
		column = 0;
	} else if (last == 'J') {
		erase(!strcmp(text, "2") ? 0 : row,
		      !strcmp(text, "2") ? 0 : column);
	} else if (last == 'K') {
		for (c = column; c < MAX_COLUMNS; c++)
			cells[row][c] = (struct cell){ .text = " ", .fg = -1,
						       .bg = -1 };
	} else if (last == 'm') {
		colours(text);
	} else if (!strcmp(text, "?1049")) {
		other_screen = last == 'h';
		if (other_screen)
			erase(0, 0);
	} else if (!strcmp(text, "?25")) {
		no_cursor = last == 'l';
	} else {
		errno = EINVAL;
		die(text);
	}
}

/* Bytes as they come; state is kept from call to call. */
static void show(const char *bytes, size_t len)
{
	static char text[64];
	static size_t have;
	static enum { PLAIN, ESCAPE, SEQUENCE } state;
	size_t i;

	for (i = 0; i < len; i++) {
		char c = bytes[i];

		if (state == ESCAPE) {
			state = c == '[' ? SEQUENCE : PLAIN;
			have = 0;
		} else if (state == SEQUENCE) {
			if (c >= '@') {
				text[have] = '\0';
				control(text, c);
				state = PLAIN;
				have = 0;
			} else if (have < sizeof(text) - 1) {
				text[have++] = c;
			}
		} else if (c == '\033') {
			state = ESCAPE;
		} else if (c == '\r') {
			column = 0;
		} else if (c == '\n') {
			if (row < lines - 1)
				row++;
		} else if ((c & 0xc0) == 0xc0) {
			have = 0;
			text[have++] = c;
		} else if ((c & 0xc0) == 0x80) {
			int want = (text[0] & 0xf0) == 0xe0 ? 3 :
				   (text[0] & 0xf8) == 0xf0 ? 4 : 2;

			if (have < 4)
				text[have++] = c;
			if ((int)have == want)
				put(text, have);
		} else {
			put(&c, 1);
		}
	}
}

static bool look(int wait_ms)
{
	struct pollfd in = { .fd = terminal, .events = POLLIN };
	char bytes[4096];
	ssize_t len;

	if (poll(&in, 1, wait_ms) <= 0)
		return false;
	len = read(terminal, bytes, sizeof(bytes));
	if (len <= 0)
		return false;
	show(bytes, len);
	return true;
}

static bool on_screen(const char *wanted)
{
	char line[MAX_COLUMNS * 8];
	int r, c;

	for (r = 0; r < lines; r++) {
		line[0] = '\0';
		for (c = 0; c < columns; c++)
			strcat(line, cells[r][c].text);
		if (strstr(line, wanted))
			return true;
	}
	return false;
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void dump(const char *path)
{
	FILE *out = fopen(path, "w");
	int r, c;

	if (!out)
		die(path);
	for (r = 0; r < lines; r++) {
		for (c = 0; c < columns; c++)
			fputs(cells[r][c].text, out);
		fputc('\n', out);
	}
	fclose(out);
}

static unsigned int rgb_of(int colour)
{
	static const unsigned int levels[] = { 0, 95, 135, 175, 215, 255 };

	if (colour >= 232)
		return (8 + (colour - 232) * 10) * 0x10101;
	colour -= 16;
	if (colour < 0)
		colour = 0;
	return levels[colour / 36] << 16 | levels[colour / 6 % 6] << 8 |
		levels[colour % 6];
}

static void dump_html(const char *path)
{
	FILE *out = fopen(path, "w");
	int r, c;

	if (!out)
		die(path);
	fputs("<!doctype html><meta charset=utf-8>\n"
	      "<body style='margin:0;background:#101014'>\n"
	      "<pre style='margin:12px;color:#d0d0d0;"
	      "font:14px/17px \"DejaVu Sans Mono\",monospace'>\n", out);
	for (r = 0; r < lines; r++) {
		for (c = 0; c < columns; c++) {
			const struct cell *cell = &cells[r][c];
			unsigned int fg = cell->fg < 0 ? 0xd0d0d0 :
							 rgb_of(cell->fg);
			unsigned int bg = cell->bg < 0 ? 0x101014 :
							 rgb_of(cell->bg);

			fprintf(out, "<span style='color:#%06x;background:#%06x%s'>%s</span>",
				cell->reverse ? bg : fg,
				cell->reverse ? fg : bg,
				cell->bold ? ";font-weight:bold" : "",
				cell->text[0] == '<' ? "&lt;" :
				cell->text[0] == '&' ? "&amp;" : cell->text);
		}
		fputc('\n', out);
	}
	fclose(out);
}

static void keys(const char *text)
{
	for (; *text; text++) {
		char c = *text;

		if (c == '\\' && text[1]) {
			c = *++text;
			c = c == 'e' ? '\033' : c == 'n' ? '\n' :
			    c == 't' ? '\t' : c == 's' ? ' ' : c;
		}
		if (write(terminal, &c, 1) != 1)
			die("send");
	}
}

static void resize(const char *text)
{
	struct winsize size = {};

	if (sscanf(text, "%d %d", &columns, &lines) != 2 ||
	    columns > MAX_COLUMNS || lines > MAX_LINES)
		die("size");
	size.ws_col = columns;
	size.ws_row = lines;
	erase(0, 0);
	if (ioctl(terminal, TIOCSWINSZ, &size))
		die("size");
}

static bool has_ended(const char *wanted)
{
	if (!ended && waitpid(child, &status, WNOHANG) == child)
		ended = true;
	if (!ended)
		return false;
	while (look(0))
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == atoi(wanted))
		return true;
	fprintf(stderr, "pty: wait status %#x\n", status);
	errno = 0;
	die("exit");
	return false;
}

static bool is_stopped(void)
{
	int now;

	return waitpid(child, &now, WNOHANG | WUNTRACED) == child &&
		WIFSTOPPED(now);
}

/* True as soon as the line has nothing more to wait for. */
static bool step(const char *word, const char *rest)
{
	if (!strcmp(word, "wait"))
		return on_screen(rest);
	if (!strcmp(word, "gone"))
		return !on_screen(rest);
	if (!strcmp(word, "exit"))
		return has_ended(rest);
	if (!strcmp(word, "stopped"))
		return is_stopped();
	if (!strcmp(word, "send"))
		keys(rest);
	else if (!strcmp(word, "size"))
		resize(rest);
	else if (!strcmp(word, "signal"))
		kill(child, atoi(rest));
	else if (!strcmp(word, "screen"))
		dump(rest);
	else if (!strcmp(word, "html"))
		dump_html(rest);
	else
		die(word);
	return true;
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_col = columns, .ws_row = lines };
	struct termios before, after;
	char line[512];
	int slave;

	if (argc < 2 || openpty(&terminal, &slave, NULL, NULL, &size) ||
	    tcgetattr(slave, &before))
		die("openpty");
	erase(0, 0);
	child = fork();
	if (!child) {
		login_tty(dup(slave));
		close(slave);
		close(terminal);
		execv(argv[1], argv + 1);
		_exit(98);
	}
	while (fgets(line, sizeof(line), stdin)) {
		long deadline = now_ms() + PATIENCE_MS, until;
		char *rest = line;
		char *word;

		line[strcspn(line, "\n")] = '\0';
		word = strsep(&rest, " ");
		if (!*word)
			continue;
		if (!strcmp(word, "pause")) {
			until = now_ms() + atoi(rest);
			while (now_ms() < until)
				look(10);
			continue;
		}
		while (!step(word, rest ? rest : "")) {
			look(20);
			if (now_ms() > deadline) {
				fprintf(stderr, "pty: in vain: %s %s\n", word,
					rest ? rest : "");
				dump("/dev/stderr");
				errno = ETIMEDOUT;
				die(word);
			}
		}
	}
	if (!ended) {
		errno = 0;
		die("it did not end");
	}
	if (tcgetattr(slave, &after) || after.c_lflag != before.c_lflag ||
	    after.c_cc[VMIN] != before.c_cc[VMIN] || other_screen || no_cursor) {
		errno = 0;
		die("the terminal is not as it was");
	}
	return 0;
}
