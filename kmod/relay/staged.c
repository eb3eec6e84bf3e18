// SPDX-License-Identifier: GPL-2.0-only
/*
 * Staged records: put together in memory of this CPU's own and copied to the buffer when they are
 * whole, so that what is decided by their fields costs no room in the buffer. Only attachments that
 * ask for it pay for it.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "internal.h"

/* Bytes that a record has at most. */
size_t relayscope_record_max(const struct relayscope_channel *channel)
{
	size_t most = min_t(size_t, U16_MAX,
			    channel->subbuf_size - sizeof(struct relayscope_subbuf_header));

	/* A global channel's record still gets its CPU. */
	return channel->ring ? most - RELAYSCOPE_RECORD_ALIGN : most;
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
		state->staging = kvzalloc_node(relayscope_record_max(channel), GFP_KERNEL, cpu_to_node(cpu));
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

	if (unlikely(length > relayscope_record_max(attachment->channel))) {
		relayscope_count_lost(attachment->cpu, RELAYSCOPE_LOST_TOO_LARGE);
		return false;
	}
	slot->record = state->staging;
	state->aside_ts = max(state->ts_last, ktime_get_mono_fast_ns());
	return true;
}

/*
 * Write @length bytes of records that lie one behind the other and are whole but for their time, all
 * of them or none. Interrupts are off. False: the losses have been counted.
 */
bool relayscope_write_staged(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
			     const void *records, size_t length, u64 ts)
{
	bool written;

	if (channel->ring)
		return relayscope_write_global(channel, state, records, length, ts);
	if (state->busy)
		return relayscope_defer(channel, state, records, length, ts);
	/* What an event of our own doing would find; it is lost, for interrupts are off. */
	state->busy = RELAYSCOPE_BUSY_WRITING;
	written = relayscope_put(channel, state, records, length, ts);
	state->busy = 0;
	return written;
}

/* Interrupts are off since relayscope_stage(). */
void relayscope_commit_staged(struct relayscope_attachment *attachment,
			      struct relayscope_slot *slot)
{
	struct relayscope_record_header *record = slot->record;
	struct relayscope_cpu_state *state = this_cpu_ptr(attachment->cpu);
	const struct relayscope_record_header own = *record;

	if (!relayscope_whole_holds(attachment, record)) {
		this_cpu_inc(attachment->cpu->filtered);
		return;
	}
	if (attachment->context)
		relayscope_context_append(attachment, record, relayscope_record_max(attachment->channel));
	relayscope_write_staged(attachment->channel, state, record, record->length,
				state->aside_ts);
	/* What a program looks at is the event alone. */
	*record = own;
	relayscope_record_triggers(attachment, record, state->aside_ts);
}
