// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "caption.h"
#include "units.h"

#define TITLE_WORDS	60	/* of a long command line */

static void put_title(char buf[CAPTION_LEN], const char *command, u64 pid)
{
	if (command[0])
		snprintf(buf, CAPTION_LEN, "%.*s (pid %llu)", TITLE_WORDS,
			 command, pid);
	else
		snprintf(buf, CAPTION_LEN, "process %llu", pid);
}

void caption_title(char buf[CAPTION_LEN], const struct record_meta *meta)
{
	put_title(buf, meta->command, meta->pid);
}

struct record_target caption_target(const struct record_reader *reader,
				    u64 target)
{
	const struct record_target *known = record_find_target(reader, target);
	const struct record_meta *meta = &reader->meta;
	struct record_target who = { .target = target };

	if (known)
		who = *known;
	if (!who.pid && !who.command[0]) {
		who.pid = meta->pid;
		memcpy(who.command, meta->command, sizeof(who.command));
	}
	return who;
}

void caption_target_title(char buf[CAPTION_LEN],
			  const struct record_reader *reader, u64 target)
{
	struct record_target who = caption_target(reader, target);

	if (!who.pid && !strcmp(reader->meta.ops, "paddr"))
		snprintf(buf, CAPTION_LEN, "physical memory");
	else if (!who.pid && who.command[0])
		snprintf(buf, CAPTION_LEN, "%.*s", TITLE_WORDS, who.command);
	else
		put_title(buf, who.command, who.pid);
	if (reader->nr_targets > 1)
		snprintf(buf + strlen(buf), CAPTION_LEN - strlen(buf),
			 ", target %llu of %u", target, reader->nr_targets);
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
