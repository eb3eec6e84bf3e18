// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one buffer of a global channel. Records are put together in each CPU's own memory (staged.c)
 * and copied under a lock, so that it is held for a copy alone. A CPU that waits for it has its
 * interrupts off and an NMI never gets here: nobody can interrupt a holder and wait for it.
 */
#include <linux/slab.h>
#include <linux/smp.h>

#include "internal.h"

int relayscope_ring_create(struct relayscope_channel *channel)
{
	channel->ring = kzalloc(sizeof(*channel->ring), GFP_KERNEL);
	if (!channel->ring)
		return -ENOMEM;
	raw_spin_lock_init(&channel->ring_lock);
	return 0;
}

void relayscope_ring_destroy(struct relayscope_channel *channel)
{
	kfree(channel->ring);
}

/* For every attachment to a channel: what goes to a global one is staged. */
int relayscope_stage_global(struct relayscope_attachment *attachment)
{
	return attachment->channel->ring ? relayscope_attachment_stage(attachment) : 0;
}

/* Lost by all who write to a buffer. */
u64 relayscope_ring_lost(const struct relayscope_channel *channel, int cpu)
{
	u64 lost = 0;

	if (!channel->ring)
		return relayscope_channel_lost(channel, cpu);
	for_each_possible_cpu(cpu)
		lost += relayscope_channel_lost(channel, cpu);
	return lost;
}

static bool has_room(const struct relayscope_cpu_state *ring, size_t length, u64 ts)
{
	return length <= ring->limit - ring->next && length <= U16_MAX &&
	       ts - ring->ts_begin <= U32_MAX;
}

/*
 * Copy a staged record, as write_record() of staged.c does: its CPU follows its header. @state is
 * this CPU's; interrupts are off.
 */
bool relayscope_write_global(struct relayscope_channel *channel,
			     struct relayscope_cpu_state *state,
			     const struct relayscope_record_header *record, u64 ts)
{
	struct relayscope_cpu_state *ring = channel->ring;
	struct relayscope_global_record_header *header;
	size_t length = record->length + sizeof(*header) - sizeof(*record);
	bool written = false;

	raw_spin_lock(&channel->ring_lock);
	ts = max(ts, ring->ts_last);
	if (!has_room(ring, length, ts) && !relayscope_room(channel, ring, length, ts))
		goto out;
	header = (struct relayscope_global_record_header *)ring->next;
	header->record = *record;
	header->record.length = length;
	header->record.ts_delta = ts - ring->ts_begin;
	header->cpu = smp_processor_id();
	memcpy(header + 1, record + 1, record->length - sizeof(*record));
	ring->next += ALIGN(length, RELAYSCOPE_RECORD_ALIGN);
	ring->ts_last = ts;
	ring->record_count++;
	state->written++;
	written = true;
out:
	raw_spin_unlock(&channel->ring_lock);
	return written;
}

void relayscope_seal_global(struct relayscope_channel *channel, u64 min_age_ns)
{
	unsigned long flags;

	mutex_lock(&channel->seal_lock);
	raw_spin_lock_irqsave(&channel->ring_lock, flags);
	relayscope_seal_cpu(channel, 0, min_age_ns);
	raw_spin_unlock_irqrestore(&channel->ring_lock, flags);
	mutex_unlock(&channel->seal_lock);
}
