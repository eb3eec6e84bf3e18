/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The write path: what every recorded event pays, inline in the probe. Per-CPU state only; no lock,
 * no allocation, no printk, and interrupts stay on: preemption is off, and an event that comes while
 * a record is being written is put aside (deferred.c), as staged records always are (staged.c). An NMI
 * is counted and left. What happens once a sub-buffer, and losses, are in write.c.
 */
#ifndef _RELAYSCOPE_WRITE_H
#define _RELAYSCOPE_WRITE_H

#include <linux/align.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/timekeeping.h>

#include "channel.h"

/* A record being written: preemption is off from begin to end. */
struct relayscope_slot {
	void *record; /* starts with struct relayscope_record_header, already filled in */
	struct relayscope_cpu_state *state; /* NULL: put aside, and interrupts are off, too */
};

void relayscope_lose_nmi(struct relayscope_attachment *attachment);
u64 relayscope_make_room(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
			 size_t length, u64 now);
bool relayscope_begin_aside(struct relayscope_attachment *attachment, struct relayscope_slot *slot,
			    u16 event_id, u32 tid, size_t length);
void relayscope_end_aside(struct relayscope_attachment *attachment, struct relayscope_slot *slot);
void relayscope_write_deferred(struct relayscope_channel *channel,
			       struct relayscope_cpu_state *state);

/* Whether the recorder records this task's process. Any context, no locks. */
static inline bool relayscope_records(const struct relayscope_attachment *attachment,
				      const struct task_struct *task)
{
	return relayscope_filter_passes(&attachment->filter, task);
}

/*
 * As above, for an event that any context may cause. An interrupt belongs to the task that it
 * interrupted, unless everything is recorded: then even what interrupts the recorder is.
 */
static inline bool relayscope_records_here(const struct relayscope_attachment *attachment)
{
	if (!in_task() && !attachment->filter.recorded)
		return true;
	return relayscope_records(attachment, current);
}

/* The event happened and the filter refused it: every event is either this or a begin. */
static inline void relayscope_record_filtered(struct relayscope_attachment *attachment)
{
	/* Both on the same CPU, or the books would not balance per CPU. */
	preempt_disable_notrace();
	this_cpu_inc(attachment->cpu->seen);
	this_cpu_inc(attachment->cpu->filtered);
	preempt_enable_notrace();
}

/* This CPU may be interrupted by another writer again; what was deferred meanwhile is written. */
static __always_inline void relayscope_write_ended(struct relayscope_attachment *attachment,
						   struct relayscope_cpu_state *state)
{
	barrier();
	/* One instruction: an interrupt between a load and a store would set a bit in vain. */
	this_cpu_sub(attachment->cpu->busy, RELAYSCOPE_BUSY_WRITING);
	if (unlikely(READ_ONCE(state->busy)))
		relayscope_write_deferred(attachment->channel, state);
}

/*
 * Reserve @length bytes (header included) for one record of @tid on this CPU.
 * False: nothing to fill in and nothing to end; the loss has been counted.
 */
static __always_inline bool relayscope_record_begin(struct relayscope_attachment *attachment,
						    struct relayscope_slot *slot, u16 event_id,
						    u32 tid, size_t length)
{
	struct relayscope_record_header *header;
	struct relayscope_cpu_state *state;
	u64 now;

	if (unlikely(in_nmi())) {
		relayscope_lose_nmi(attachment);
		return false;
	}

	preempt_disable_notrace();
	state = this_cpu_ptr(attachment->cpu);
	/* An NMI counts here too: one instruction, not a load and a store. */
	this_cpu_inc(attachment->cpu->seen);
	if (unlikely(attachment->staged || state->busy)) {
		if (relayscope_begin_aside(attachment, slot, event_id, tid, length))
			return true;
		goto out_enable;
	}
	/* Whoever interrupts before this leaves no trace of it, and whoever comes after it defers. */
	WRITE_ONCE(state->busy, RELAYSCOPE_BUSY_WRITING);
	barrier();

	now = max(state->ts_last, ktime_get_mono_fast_ns());
	/* What was deferred before the clock was read is older and goes first. */
	if (unlikely(length > state->limit - state->next || length > U16_MAX ||
		     now - state->ts_begin > U32_MAX ||
		     READ_ONCE(state->busy) != RELAYSCOPE_BUSY_WRITING)) {
		now = relayscope_make_room(attachment->channel, state, length, now);
		if (!now) {
			relayscope_write_ended(attachment, state);
			goto out_enable;
		}
	}
	header = (struct relayscope_record_header *)state->next;
	state->next += ALIGN(length, RELAYSCOPE_RECORD_ALIGN);
	state->ts_last = now;
	header->event_id = event_id;
	header->length = length;
	header->ts_delta = now - state->ts_begin;
	header->tid = tid;
	slot->record = header;
	slot->state = state;
	return true;

out_enable:
	preempt_enable_notrace();
	return false;
}

static __always_inline void relayscope_record_end(struct relayscope_attachment *attachment,
						  struct relayscope_slot *slot)
{
	struct relayscope_cpu_state *state = slot->state;

	if (unlikely(!state)) {
		relayscope_end_aside(attachment, slot);
	} else {
		state->record_count++;
		state->written++;
		relayscope_write_ended(attachment, state);
	}
	preempt_enable_notrace();
}

#endif
