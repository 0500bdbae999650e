// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "fail.h"
#include "setup_text.h"

#define MAX_ERRORS	10

void complain(struct setup_text *p, const struct position *where,
	      const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (p->hopeless)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fail(STATUS_BAD_FILE, "%s:%u:%u: %s", p->source, where->line,
	     where->column, text);
	if (++p->nr_errors == MAX_ERRORS) {
		fail(STATUS_BAD_FILE, "%s: that many errors are enough",
		     p->source);
		p->hopeless = true;
	}
}

void setup_give_up(struct setup_text *p)
{
	p->hopeless = true;
	p->at = p->end;
}

static struct position position(const struct setup_text *p)
{
	return (struct position){ p->line, p->at - p->line_start + 1 };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool ends_word(char c)
{
	return is_blank(c) || c == '\n' || c == '{' || c == '}';
}

/* Takes a character into the token. */
static enum token put_char(struct setup_text *p, char c)
{
	struct position where = position(p);

	if (iscntrl((unsigned char)c)) {
		complain(p, &where, "a control character (0x%02x)",
			 (unsigned char)c);
		setup_give_up(p);
		return TOKEN_BAD;
	}
	if (p->len == MAX_TOKEN) {
		complain(p, &p->where, "this word is too long (%d is allowed)",
			 MAX_TOKEN);
		setup_give_up(p);
		return TOKEN_BAD;
	}
	p->text[p->len++] = c;
	p->text[p->len] = '\0';
	return TOKEN_WORD;
}

static enum token read_quoted(struct setup_text *p)
{
	for (p->at++; p->at < p->end && *p->at != '\n'; p->at++) {
		if (*p->at == '"') {
			p->at++;
			return TOKEN_WORD;
		}
		/* \" and \\ */
		if (*p->at == '\\' && p->at + 1 < p->end)
			p->at++;
		if (put_char(p, *p->at) == TOKEN_BAD)
			return TOKEN_BAD;
	}
	complain(p, &p->where, "the \" is not closed on this line");
	setup_give_up(p);
	return TOKEN_BAD;
}

enum token setup_next_token(struct setup_text *p)
{
	while (p->at < p->end && is_blank(*p->at))
		p->at++;
	if (p->at < p->end && *p->at == '#') {
		while (p->at < p->end && *p->at != '\n')
			p->at++;
	}
	p->where = position(p);
	p->len = 0;
	p->text[0] = '\0';
	if (p->at == p->end)
		return TOKEN_END;
	switch (*p->at) {
	case '\n':
		p->line_start = ++p->at;
		p->line++;
		return TOKEN_NEWLINE;
	case '{':
		p->at++;
		return TOKEN_OPEN;
	case '}':
		p->at++;
		return TOKEN_CLOSE;
	case '"':
		return read_quoted(p);
	}
	for (; p->at < p->end && !ends_word(*p->at); p->at++) {
		if (put_char(p, *p->at) == TOKEN_BAD)
			return TOKEN_BAD;
	}
	return TOKEN_WORD;
}

enum token setup_next_on_line(struct setup_text *p)
{
	const char *at = p->at;
	enum token token;

	while (at < p->end && is_blank(*at))
		at++;
	if (at == p->end || *at == '\n' || *at == '}' || *at == '#') {
		p->where = position(p);
		return TOKEN_NEWLINE;
	}
	token = setup_next_token(p);
	return token;
}
