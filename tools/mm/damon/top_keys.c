// SPDX-License-Identifier: GPL-2.0
/* What the keys of damon top do. */
#include "term.h"
#include "top.h"

static void change_view(struct top *top, unsigned int view)
{
	top->view = view;
	top->scroll = 0;
}

static void move(struct top *top, int distance)
{
	if (top->view == TOP_PROCESSES)
		top_select(top, distance);
	else if (distance < 0 && top->scroll < (unsigned int)-distance)
		top->scroll = 0;
	else
		top->scroll += distance;
}

static void sort_by(struct top *top, unsigned int sort)
{
	top->sort = sort;
	top->scroll = 0;
	top_order(top);
}

void top_press(struct top *top, int key)
{
	static const struct {
		int key;
		unsigned int sort;
	} sorts[] = {
		{ 'h', TOP_BY_HEAT }, { 'w', TOP_BY_WORKING_SET },
		{ 'r', TOP_BY_RSS }, { 'p', TOP_BY_PID }, { 'a', TOP_BY_AGE },
	};
	size_t i;

	if (top->help) {
		top->help = false;
		if (key != 'q')
			return;
	}
	for (i = 0; i < ARRAY_SIZE(sorts); i++) {
		if (key == sorts[i].key)
			sort_by(top, sorts[i].sort);
	}
	switch (key) {
	case 'q':
	case 'Q':
	case 4:		/* end of input */
		top->quit = true;
		break;
	case ' ':
		top->paused = !top->paused;
		break;
	case '?':
		top->help = true;
		break;
	case 's':
		sort_by(top, (top->sort + 1) % NR_TOP_SORTS);
		break;
	case 'v':
	case '\t':
		change_view(top, (top->view + 1) % NR_TOP_VIEWS);
		break;
	case '1':
	case '2':
	case '3':
		change_view(top, key - '1');
		break;
	case '\n':
	case '\r':
		change_view(top, top->view == TOP_PROCESSES ? TOP_REGIONS :
							    TOP_PROCESSES);
		break;
	case '+':
		top->period_us /= 2;
		break;
	case '-':
		top->period_us *= 2;
		break;
	case KEY_UP:
	case 'k':
		move(top, -1);
		break;
	case KEY_DOWN:
	case 'j':
		move(top, 1);
		break;
	case KEY_PAGE_UP:
		move(top, -20);
		break;
	case KEY_PAGE_DOWN:
		move(top, 20);
		break;
	case KEY_HOME:
		move(top, -100000);
		break;
	case KEY_END:
		move(top, 100000);
		break;
	}
}
