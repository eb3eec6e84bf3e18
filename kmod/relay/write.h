/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The write path: what every recorded event pays, inline in the probe. Per-CPU state only; no lock,
 * no allocation, no printk. An NMI is counted and left, so interrupts off is all the exclusion
 * there is. What happens once a sub-buffer, and losses, are in write.c; staged records in staged.c.
 */
#ifndef _RELAYSCOPE_WRITE_H
#define _RELAYSCOPE_WRITE_H

#include <linux/align.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/timekeeping.h>

#include "channel.h"

/* A record being written: interrupts are off from begin to end. */
struct relayscope_slot {
	void *record; /* starts with struct relayscope_record_header, already filled in */
	struct relayscope_cpu_state *state;
	unsigned long flags;
	u64 staged_ts; /* of a staged record */
};

void relayscope_lose_nmi(struct relayscope_attachment *attachment);
void relayscope_lose_nested(struct relayscope_attachment *attachment);
bool relayscope_make_room(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
			  size_t length, u64 now);
bool relayscope_stage(struct relayscope_attachment *attachment, struct relayscope_slot *slot,
		      u16 event_id, u32 tid, size_t length);
void relayscope_commit_staged(struct relayscope_attachment *attachment,
			      struct relayscope_slot *slot);

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

	local_irq_save(slot->flags);
	state = this_cpu_ptr(attachment->cpu);
	/* An NMI counts here too: one instruction, not a load and a store. */
	this_cpu_inc(attachment->cpu->seen);
	if (unlikely(state->writing)) {
		relayscope_lose_nested(attachment);
		goto out_restore;
	}
	state->writing = true;
	slot->state = state;
	if (unlikely(attachment->staged)) {
		if (!relayscope_stage(attachment, slot, event_id, tid, length)) {
			state->writing = false;
			goto out_restore;
		}
		return true;
	}

	now = max(state->ts_last, ktime_get_mono_fast_ns());
	if (unlikely(length > state->limit - state->next || length > U16_MAX ||
		     now - state->ts_begin > U32_MAX)) {
		if (!relayscope_make_room(attachment->channel, state, length, now)) {
			state->writing = false;
			goto out_restore;
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
	return true;

out_restore:
	local_irq_restore(slot->flags);
	return false;
}

static __always_inline void relayscope_record_end(struct relayscope_attachment *attachment,
						  struct relayscope_slot *slot)
{
	struct relayscope_cpu_state *state = slot->state;

	if (unlikely(attachment->staged)) {
		relayscope_commit_staged(attachment, slot);
	} else {
		state->record_count++;
		state->written++;
	}
	state->writing = false;
	local_irq_restore(slot->flags);
}

#endif
