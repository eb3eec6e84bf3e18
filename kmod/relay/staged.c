// SPDX-License-Identifier: GPL-2.0-only
/*
 * Staged records: put together in memory of this CPU's own and copied to the buffer when they are
 * whole, so that what is decided by their fields costs no room in the buffer. Only attachments that
 * ask for it pay for it.
 */
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

/* Room to put a record together in; interrupts are off. False: the loss has been counted. */
bool relayscope_stage(struct relayscope_attachment *attachment, struct relayscope_slot *slot,
		      size_t length)
{
	struct relayscope_cpu_state *state = this_cpu_ptr(attachment->cpu);

	if (unlikely(length > record_max(attachment->channel))) {
		relayscope_count_lost(attachment->cpu, RELAYSCOPE_LOST_TOO_LARGE);
		return false;
	}
	slot->record = state->staging;
	state->aside_ts = max(state->ts_last, ktime_get_mono_fast_ns());
	return true;
}

static void write_record(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
			 const struct relayscope_record_header *record, u64 ts)
{
	if (channel->ring) {
		relayscope_write_global(channel, state, record, ts);
		return;
	}
	if (state->busy) {
		relayscope_defer(channel, state, record, record->length, ts);
		return;
	}
	/* What an event of our own doing would find; it is lost, for interrupts are off. */
	state->busy = RELAYSCOPE_BUSY_WRITING;
	relayscope_put(channel, state, record, ts);
	state->busy = 0;
}

/* Interrupts are off since relayscope_stage(). */
void relayscope_commit_staged(struct relayscope_attachment *attachment,
			      struct relayscope_slot *slot)
{
	struct relayscope_cpu_state *state = this_cpu_ptr(attachment->cpu);

	if (attachment->context)
		relayscope_context_append(attachment, slot->record,
					  record_max(attachment->channel));
	write_record(attachment->channel, state, slot->record, state->aside_ts);
}
