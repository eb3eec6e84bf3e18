// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records that belong together: the entry of a call that had to wait for its end, what there is to
 * tell of it, and its exit. Put together one behind the other in the CPU's staging memory and written
 * at once.
 */
#include <linux/export.h>

#include "calls.h"
#include "internal.h"

/* An exit without context, which is cut to what is left. */
#define LAST_SPACE 64u

bool relayscope_group_begin(struct relayscope_attachment *attachment,
			    struct relayscope_call_group *group)
{
	struct relayscope_cpu_state *state;
	unsigned long flags;

	local_irq_save(flags);
	state = this_cpu_ptr(attachment->cpu);
	if (unlikely(state->aside)) {
		this_cpu_add(attachment->cpu->seen, 2);
		relayscope_count_lost(attachment->cpu, RELAYSCOPE_LOST_NESTED);
		relayscope_count_lost(attachment->cpu, RELAYSCOPE_LOST_NESTED);
		local_irq_restore(flags);
		return false;
	}
	state->aside = true;
	state->aside_flags = flags;
	state->aside_ts = max(state->ts_last, ktime_get_mono_fast_ns());
	group->next = state->staging;
	group->kept = LAST_SPACE;
	group->left = relayscope_record_max(attachment->channel) - LAST_SPACE;
	group->now = state->aside_ts;
	return true;
}
EXPORT_SYMBOL_GPL(relayscope_group_begin);

/* In a global channel each record still gets its CPU. */
static size_t space_of(const struct relayscope_attachment *attachment, size_t length)
{
	return ALIGN(length, RELAYSCOPE_RECORD_ALIGN) +
	       (attachment->channel->ring ? RELAYSCOPE_RECORD_ALIGN : 0);
}

void *relayscope_group_add(struct relayscope_attachment *attachment,
			   struct relayscope_call_group *group, u16 event_id, size_t length)
{
	struct relayscope_record_header *header = (void *)group->next;

	this_cpu_inc(attachment->cpu->seen);
	if (space_of(attachment, length) > group->left) {
		relayscope_count_lost(attachment->cpu, RELAYSCOPE_LOST_TOO_LARGE);
		return NULL;
	}
	header->event_id = event_id;
	header->length = length;
	header->tid = current->pid;
	return header;
}
EXPORT_SYMBOL_GPL(relayscope_group_add);

/* The context takes half of what is left at most: the rest is for what follows. */
void relayscope_group_added(struct relayscope_attachment *attachment,
			    struct relayscope_call_group *group, void *record)
{
	struct relayscope_record_header *header = record;
	size_t room = ALIGN(header->length, RELAYSCOPE_RECORD_ALIGN);

	room += (group->left - space_of(attachment, header->length)) / 2;
	if (attachment->context)
		relayscope_context_append(attachment, header, room);
	group->next += ALIGN(header->length, RELAYSCOPE_RECORD_ALIGN);
	group->left -= space_of(attachment, header->length);
}
EXPORT_SYMBOL_GPL(relayscope_group_added);

void relayscope_group_end(struct relayscope_attachment *attachment,
			  struct relayscope_call_group *group)
{
	struct relayscope_cpu_state *state = this_cpu_ptr(attachment->cpu);
	unsigned long flags = state->aside_flags;

	relayscope_write_staged(attachment->channel, state, state->staging,
				group->next - state->staging, state->aside_ts);
	state->aside = false;
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(relayscope_group_end);
