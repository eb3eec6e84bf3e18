// SPDX-License-Identifier: GPL-2.0-only
/* The write path's rare half: the next sub-buffer, and what is lost. */
#include <linux/export.h>

#include "internal.h"

void relayscope_count_lost(struct relayscope_cpu_state __percpu *cpu,
			   enum relayscope_lost_reason reason)
{
	this_cpu_inc(cpu->lost[reason]);
	/* A full buffer has nothing open; every other loss falls inside what is open. */
	if (reason != RELAYSCOPE_LOST_FULL)
		this_cpu_inc(cpu->lost_inside);
}

void relayscope_lose_nmi(struct relayscope_attachment *attachment)
{
	this_cpu_inc(attachment->cpu->seen);
	relayscope_count_lost(attachment->cpu, RELAYSCOPE_LOST_NMI);
}
EXPORT_SYMBOL_GPL(relayscope_lose_nmi);

static bool fits(const struct relayscope_cpu_state *state, size_t length, u64 now)
{
	if (!state->open || length > state->limit - state->next)
		return false;
	return !state->record_count || now - state->ts_begin <= U32_MAX;
}

/*
 * Room for a record of @length at state->next, with a ts_begin that it has a delta to; false when
 * it is lost, which has been counted. Nobody else writes to the buffer meanwhile: the CPU is busy
 * with this record, or its interrupts are off.
 */
bool relayscope_room(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
		     size_t length, u64 now)
{
	struct rchan_buf *buf = *this_cpu_ptr(channel->rchan->buf);
	size_t space = ALIGN(length, RELAYSCOPE_RECORD_ALIGN);

	if (unlikely(!buf)) {
		relayscope_count_lost(channel->cpu, RELAYSCOPE_LOST_NO_BUFFER);
		return false;
	}
	/* Relay would burn a sub-buffer before it refused such a record, every time. */
	if (unlikely(length > U16_MAX ||
		     space > channel->subbuf_size - sizeof(struct relayscope_subbuf_header))) {
		relayscope_count_lost(channel->cpu, RELAYSCOPE_LOST_TOO_LARGE);
		return false;
	}
	if (!fits(state, length, now) && !relayscope_switch(buf, state, space)) {
		relayscope_count_lost(channel->cpu, RELAYSCOPE_LOST_FULL);
		return false;
	}
	if (!state->record_count) {
		state->ts_begin = now;
		state->open->ts_begin = now;
	}
	return true;
}

/*
 * Copy a record that is whole but for its time; false: the loss has been counted. Nobody else
 * writes to the buffer meanwhile.
 */
bool relayscope_put(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
		    const struct relayscope_record_header *record, u64 ts)
{
	struct relayscope_record_header *header;

	if ((record->length > state->limit - state->next || ts - state->ts_begin > U32_MAX) &&
	    !relayscope_room(channel, state, record->length, ts))
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

/*
 * As relayscope_room(), for a writer that may have been interrupted: what was deferred goes first.
 * Called for the first record of a sub-buffer, and for one that the open sub-buffer cannot take.
 * Returns the record's time, no older than what was deferred; 0 when it is lost.
 */
u64 relayscope_make_room(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
			 size_t length, u64 now)
{
	if (READ_ONCE(state->busy) & RELAYSCOPE_BUSY_DEFERRED) {
		relayscope_write_deferred(channel, state);
		now = max(state->ts_last, now);
	}
	return relayscope_room(channel, state, length, now) ? now : 0;
}
EXPORT_SYMBOL_GPL(relayscope_make_room);
