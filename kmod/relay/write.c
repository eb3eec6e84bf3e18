// SPDX-License-Identifier: GPL-2.0-only
/*
 * The write path: what every recorded event pays. Per-CPU state only; no lock, no allocation,
 * no printk. An NMI is counted and left, so interrupts off is all the exclusion there is.
 */
#include <linux/export.h>
#include <linux/hardirq.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>

#include "internal.h"

static void count_lost(struct relayscope_channel *channel, enum relayscope_lost_reason reason)
{
	this_cpu_inc(channel->cpu->lost[reason]);
	/* A full buffer has nothing open; every other loss falls inside what is open. */
	if (reason != RELAYSCOPE_LOST_FULL)
		this_cpu_inc(channel->cpu->lost_inside);
}

/* The record's place, or NULL when it is lost. May seal the open sub-buffer. */
static void *reserve(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
		     size_t length, u64 now)
{
	struct rchan_buf *buf = *this_cpu_ptr(channel->rchan->buf);
	size_t space = ALIGN(length, RELAYSCOPE_RECORD_ALIGN);
	void *place;

	if (unlikely(!buf)) {
		count_lost(channel, RELAYSCOPE_LOST_NO_BUFFER);
		return NULL;
	}
	/* Relay would burn a sub-buffer before it refused such a record, every time. */
	if (unlikely(length > U16_MAX ||
		     space > channel->subbuf_size - sizeof(struct relayscope_subbuf_header))) {
		count_lost(channel, RELAYSCOPE_LOST_TOO_LARGE);
		return NULL;
	}
	if (unlikely(buf->offset + space > channel->subbuf_size ||
		     (state->record_count && now - state->ts_begin > U32_MAX))) {
		if (!relay_switch_subbuf(buf, space)) {
			count_lost(channel, RELAYSCOPE_LOST_FULL);
			return NULL;
		}
	}
	place = buf->data + buf->offset;
	buf->offset += space;
	state->used = buf->offset;
	return place;
}

bool relayscope_record_begin(struct relayscope_channel *channel, struct relayscope_slot *slot,
			     u16 event_id, u32 tid, size_t length)
{
	struct relayscope_record_header *header;
	struct relayscope_cpu_state *state;
	u64 now;

	if (unlikely(in_nmi())) {
		this_cpu_inc(channel->cpu->seen);
		count_lost(channel, RELAYSCOPE_LOST_NMI);
		return false;
	}

	local_irq_save(slot->flags);
	state = this_cpu_ptr(channel->cpu);
	this_cpu_inc(channel->cpu->seen);
	if (unlikely(state->writing)) {
		count_lost(channel, RELAYSCOPE_LOST_NESTED);
		goto out_restore;
	}
	state->writing = true;

	now = max(state->ts_last, ktime_get_mono_fast_ns());
	header = reserve(channel, state, length, now);
	if (unlikely(!header)) {
		state->writing = false;
		goto out_restore;
	}
	if (!state->record_count) {
		state->ts_begin = now;
		state->open->ts_begin = now;
	}
	state->ts_last = now;
	header->event_id = event_id;
	header->length = length;
	header->ts_delta = now - state->ts_begin;
	header->tid = tid;
	slot->record = header;
	return true;

out_restore:
	local_irq_restore(slot->flags);
	return false;
}
EXPORT_SYMBOL_GPL(relayscope_record_begin);

void relayscope_record_end(struct relayscope_channel *channel, struct relayscope_slot *slot)
{
	struct relayscope_cpu_state *state = this_cpu_ptr(channel->cpu);

	state->record_count++;
	state->written++;
	state->writing = false;
	local_irq_restore(slot->flags);
}
EXPORT_SYMBOL_GPL(relayscope_record_end);

void relayscope_record_filtered(struct relayscope_channel *channel)
{
	/* Both on the same CPU, or the books would not balance per CPU. */
	preempt_disable_notrace();
	this_cpu_inc(channel->cpu->seen);
	this_cpu_inc(channel->cpu->filtered);
	preempt_enable_notrace();
}
EXPORT_SYMBOL_GPL(relayscope_record_filtered);

bool relayscope_channel_records(const struct relayscope_channel *channel,
				const struct task_struct *task)
{
	return relayscope_recorder_records(channel->recorder, task);
}
EXPORT_SYMBOL_GPL(relayscope_channel_records);
