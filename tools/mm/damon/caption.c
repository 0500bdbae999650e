// SPDX-License-Identifier: GPL-2.0
#include "caption.h"
#include "units.h"

#define TITLE_WORDS	60	/* of a long command line */

void caption_title(char buf[CAPTION_LEN], const struct record_meta *meta)
{
	if (meta->command[0])
		snprintf(buf, CAPTION_LEN, "%.*s (pid %llu)", TITLE_WORDS,
			 meta->command, meta->pid);
	else
		snprintf(buf, CAPTION_LEN, "process %llu", meta->pid);
}

void caption_subtitle(char buf[CAPTION_LEN], const struct record_meta *meta,
		      const struct space *space)
{
	char size[UNIT_LEN], span[UNIT_LEN], sample[UNIT_LEN], aggr[UNIT_LEN];

	unit_size(size, space_size(space));
	unit_time(span, (space->to_ns - space->from_ns) / NSEC_PER_USEC);
	unit_time(sample, meta->sample_us);
	unit_time(aggr, meta->aggr_us);
	snprintf(buf, CAPTION_LEN,
		 "%s of addresses, %s, %llu snapshots of %s, sampled every %s",
		 size, span, space->nr_snapshots, aggr, sample);
}
