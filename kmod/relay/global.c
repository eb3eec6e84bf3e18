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
u64 relayscope_buffer_lost(const struct relayscope_channel *channel, int cpu)
{
	u64 lost = 0;

	if (!channel->ring)
		return relayscope_channel_lost(channel, cpu);
	for_each_possible_cpu(cpu)
		lost += relayscope_channel_lost(channel, cpu);
	return lost;
}

/* A record's CPU follows its header. */
#define CPU_SIZE (sizeof(struct relayscope_global_record_header) - \
		  sizeof(struct relayscope_record_header))

static size_t length_with_cpus(const void *records, size_t length)
{
	size_t at = 0, total = 0;

	while (at < length) {
		const struct relayscope_record_header *record = records + at;

		total += ALIGN(record->length + CPU_SIZE, RELAYSCOPE_RECORD_ALIGN);
		at += ALIGN(record->length, RELAYSCOPE_RECORD_ALIGN);
	}
	return total;
}

static bool make_room(struct relayscope_channel *channel, const void *records, size_t length,
		      u64 ts)
{
	const struct relayscope_cpu_state *ring = channel->ring;
	size_t total = length_with_cpus(records, length);
	enum relayscope_lost_reason reason;

	if (total <= ring->limit - ring->next && total <= U16_MAX && ts - ring->ts_begin <= U32_MAX)
		return true;
	if (relayscope_room(channel, channel->ring, total, ts, &reason))
		return true;
	relayscope_lose(channel->cpu, records, length, reason);
	return false;
}

static void write_one(struct relayscope_cpu_state *ring,
		      const struct relayscope_record_header *record, u64 ts)
{
	struct relayscope_global_record_header *header = (void *)ring->next;

	header->record = *record;
	header->record.length = record->length + CPU_SIZE;
	header->record.ts_delta = ts - ring->ts_begin;
	header->cpu = smp_processor_id();
	memcpy(header + 1, record + 1, record->length - sizeof(*record));
	ring->next += ALIGN(header->record.length, RELAYSCOPE_RECORD_ALIGN);
	ring->record_count++;
}

/* As relayscope_write_staged() in a global channel. @state is this CPU's. */
bool relayscope_write_global(struct relayscope_channel *channel,
			     struct relayscope_cpu_state *state, const void *records,
			     size_t length, u64 ts)
{
	struct relayscope_cpu_state *ring = channel->ring;
	bool room;
	size_t at;

	raw_spin_lock(&channel->ring_lock);
	ts = max(ts, ring->ts_last);
	room = make_room(channel, records, length, ts);
	for (at = 0; room && at < length;) {
		const struct relayscope_record_header *record = records + at;

		write_one(ring, record, ts);
		state->written++;
		at += ALIGN(record->length, RELAYSCOPE_RECORD_ALIGN);
	}
	if (room)
		ring->ts_last = ts;
	raw_spin_unlock(&channel->ring_lock);
	return room;
}

void relayscope_seal_global(struct relayscope_channel *channel, u64 min_age_ns)
{
	unsigned long flags;

	mutex_lock(&channel->seal_lock);
	raw_spin_lock_irqsave(&channel->ring_lock, flags);
	/* An event of our own doing is lost, or it would wait for us. */
	this_cpu_write(channel->cpu->aside, true);
	relayscope_seal_cpu(channel, 0, min_age_ns);
	this_cpu_write(channel->cpu->aside, false);
	raw_spin_unlock_irqrestore(&channel->ring_lock, flags);
	mutex_unlock(&channel->seal_lock);
}
