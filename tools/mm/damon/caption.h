/* SPDX-License-Identifier: GPL-2.0 */
/* The words over a picture. */
#ifndef DAMON_TOOL_CAPTION_H
#define DAMON_TOOL_CAPTION_H

#include "record.h"
#include "space.h"

#define CAPTION_LEN	(RECORD_TEXT_LEN + 64)

/* "name arguments (pid 1)" */
void caption_title(char buf[CAPTION_LEN], const struct record_meta *meta);
/* Who a target is, from its own frame or from the header. */
struct record_target caption_target(const struct record_reader *reader,
				    u64 target);
/* The same of one target, with its index if there are several. */
void caption_target_title(char buf[CAPTION_LEN],
			  const struct record_reader *reader, u64 target);
/* How long, how much memory, which intervals. */
void caption_subtitle(char buf[CAPTION_LEN], const struct record_meta *meta,
		      const struct space *space);

#endif
