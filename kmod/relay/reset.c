// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reset: what a channel's buffers hold is dropped and counted, and they start again, while it is
 * recorded. Relay's relay_reset() does all buffers from one CPU and wants no writer; here each is
 * done where its writer cannot be.
 */
#include <linux/cpu.h>
#include <linux/kref.h>
#include <linux/string.h>

#include "internal.h"

/* Records that nobody has taken. In the headers only the kernel can write. */
static u64 held_records(const struct relayscope_channel *channel, int index,
			const struct relayscope_cpu_state *state, const struct rchan_buf *buf)
{
	u64 records = state->open ? state->record_count : 0;
	u64 sequence;
	u32 slot;

	if (relayscope_channel_overwrites(channel)) {
		for (slot = 0; slot < channel->subbuf_count; slot++)
			records += *relayscope_held_records(channel, index, slot);
		return records;
	}
	for (sequence = buf->subbufs_consumed; sequence < state->sequence; sequence++) {
		const struct relayscope_subbuf_header *header = buf->start +
			(sequence & (channel->subbuf_count - 1)) * channel->subbuf_size;

		records += header->record_count;
	}
	return records;
}

/* Interrupts are off where @index is written to, or ring_lock is held. */
static void reset_buffer(struct relayscope_channel *channel, int index)
{
	struct relayscope_cpu_state *state = relayscope_ring(channel, index);
	struct rchan_buf *buf = relayscope_channel_buf(channel, index);

	if (!buf)
		return;
	raw_spin_lock(&channel->consume_lock);
	state->reset += held_records(channel, index, state, buf);
	if (relayscope_channel_overwrites(channel))
		memset(relayscope_held_records(channel, index, 0), 0,
		       array_size(channel->subbuf_count, sizeof(u32)));
	/* Not sealed: nobody may see it. */
	state->open = NULL;
	state->record_count = 0;
	state->sequence = 0;
	WRITE_ONCE(channel->control[index].sealed, 0);
	buf->subbufs_produced = 0;
	buf->subbufs_consumed = 0;
	buf->data = buf->start;
	buf->offset = 0;
	memset(buf->padding, 0, array_size(channel->subbuf_count, sizeof(*buf->padding)));
	relayscope_subbuf_start(buf, buf->start);
	raw_spin_unlock(&channel->consume_lock);
}

struct reset_request {
	struct relayscope_channel *channel;
	int cpu;
	bool done;
};

static void reset_cpu(void *data)
{
	struct reset_request *request = data;

	/* A writer that we interrupted has a place in the buffer. */
	request->done = !per_cpu_ptr(request->channel->cpu, request->cpu)->busy;
	if (request->done)
		reset_buffer(request->channel, request->cpu);
}

static void reset_global(struct relayscope_channel *channel)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&channel->ring_lock, flags);
	/* An event of our own doing is lost, or it would wait for us. */
	this_cpu_write(channel->cpu->aside, true);
	reset_buffer(channel, 0);
	this_cpu_write(channel->cpu->aside, false);
	raw_spin_unlock_irqrestore(&channel->ring_lock, flags);
}

/* Whether a data file is open or mapped: its holder takes sealed sub-buffers for granted. */
static bool is_read(const struct relayscope_channel *channel)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct rchan_buf *buf = relayscope_channel_buf(channel, cpu);

		if (buf && kref_read(&buf->kref) > 1)
			return true;
	}
	return false;
}

/* -EBUSY: it is being read. Nobody can open a file meanwhile, for that takes seal_lock. */
int relayscope_channel_reset(struct relayscope_channel *channel)
{
	int cpu, tries, err = -EBUSY;

	mutex_lock(&channel->seal_lock);
	cpus_read_lock();
	if (is_read(channel))
		goto out;
	err = 0;
	WRITE_ONCE(channel->epoch, relayscope_next_epoch());
	if (channel->ring) {
		reset_global(channel);
		goto out;
	}
	for_each_possible_cpu(cpu) {
		struct reset_request request = { channel, cpu, false };

		for (tries = RELAYSCOPE_BUSY_TRIES; tries && !request.done; tries--) {
			relayscope_on_cpu(cpu, reset_cpu, &request);
			cond_resched();
		}
		if (!request.done)
			err = -EBUSY;
	}
out:
	cpus_read_unlock();
	mutex_unlock(&channel->seal_lock);
	return err;
}
