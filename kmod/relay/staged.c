// SPDX-License-Identifier: GPL-2.0-only
/*
 * Staged records: put together in memory of this CPU's own and copied to the buffer when they are
 * whole, so that what is decided by their fields costs no room in the buffer. Only attachments that
 * ask for it pay for it.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "internal.h"

static size_t record_max(const struct relayscope_channel *channel)
{
	return min_t(size_t, U16_MAX,
		     channel->subbuf_size - sizeof(struct relayscope_subbuf_header));
}

/* From now on its records are staged. Before its probes are on. */
int relayscope_attachment_stage(struct relayscope_attachment *attachment)
{
	struct relayscope_channel *channel = attachment->channel;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct relayscope_cpu_state *state = per_cpu_ptr(channel->cpu, cpu);

		if (state->staging)
			continue;
		state->staging = kvmalloc_node(record_max(channel), GFP_KERNEL, cpu_to_node(cpu));
		/* What there is goes with the channel. */
		if (!state->staging)
			return -ENOMEM;
	}
	attachment->staged = true;
	return 0;
}

void relayscope_staging_free(struct relayscope_channel *channel)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kvfree(per_cpu_ptr(channel->cpu, cpu)->staging);
}

/*
 * As relayscope_record_begin(), whose rare half it is: interrupts are off and the event has been
 * counted as seen.
 */
bool relayscope_stage(struct relayscope_attachment *attachment, struct relayscope_slot *slot,
		      u16 event_id, u32 tid, size_t length)
{
	struct relayscope_cpu_state *state = slot->state;
	struct relayscope_record_header *header = (void *)state->staging;

	if (unlikely(length > record_max(attachment->channel))) {
		relayscope_count_lost(attachment->cpu, RELAYSCOPE_LOST_TOO_LARGE);
		return false;
	}
	slot->staged_ts = max(state->ts_last, ktime_get_mono_fast_ns());
	header->event_id = event_id;
	header->length = length;
	header->tid = tid;
	slot->record = header;
	return true;
}
EXPORT_SYMBOL_GPL(relayscope_stage);

/* Copy a record that is whole but for its time. False: the loss has been counted. */
static bool write_record(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
			 const struct relayscope_record_header *record, u64 ts)
{
	struct relayscope_record_header *header;

	if ((record->length > state->limit - state->next || ts - state->ts_begin > U32_MAX) &&
	    !relayscope_make_room(channel, state, record->length, ts))
		return false;
	header = (struct relayscope_record_header *)state->next;
	memcpy(header, record, record->length);
	header->ts_delta = ts - state->ts_begin;
	state->next += ALIGN(record->length, RELAYSCOPE_RECORD_ALIGN);
	state->ts_last = ts;
	state->record_count++;
	state->written++;
	return true;
}

/* Interrupts are off since relayscope_stage(). */
void relayscope_commit_staged(struct relayscope_attachment *attachment,
			      struct relayscope_slot *slot)
{
	write_record(attachment->channel, slot->state, slot->record, slot->staged_ts);
}
EXPORT_SYMBOL_GPL(relayscope_commit_staged);
