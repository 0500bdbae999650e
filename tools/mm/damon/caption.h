/* SPDX-License-Identifier: GPL-2.0 */
/* The words over a picture. */
#ifndef DAMON_TOOL_CAPTION_H
#define DAMON_TOOL_CAPTION_H

#include "record.h"
#include "space.h"

#define CAPTION_LEN	(RECORD_TEXT_LEN + 64)

/* "name arguments (pid 1)" */
void caption_title(char buf[CAPTION_LEN], const struct record_meta *meta);
/* How long, how much memory, which intervals. */
void caption_subtitle(char buf[CAPTION_LEN], const struct record_meta *meta,
		      const struct space *space);

#endif
