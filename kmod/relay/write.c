// SPDX-License-Identifier: GPL-2.0-only
/* The write path's rare half: the next sub-buffer, and what is lost. */
#include <linux/export.h>
#include <linux/smp.h>

#include "internal.h"

void relayscope_count_lost(struct relayscope_cpu_state __percpu *cpu,
			   enum relayscope_lost_reason reason)
{
	this_cpu_inc(cpu->lost[reason]);
}

/* Each of the records, which lie one behind the other. */
void relayscope_lose(struct relayscope_cpu_state __percpu *cpu, const void *records, size_t length,
		     enum relayscope_lost_reason reason)
{
	size_t at = 0;

	while (at < length) {
		const struct relayscope_record_header *record = records + at;

		relayscope_count_lost(cpu, reason);
		at += ALIGN(record->length, RELAYSCOPE_RECORD_ALIGN);
	}
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
 * Room for @length bytes of records at state->next, with a ts_begin that they have a delta to; false,
 * and why, when they are lost. Nobody else writes to the buffer meanwhile: the CPU is busy with
 * this, or its interrupts are off, or the buffer is a global channel's and its lock is held.
 */
bool relayscope_room(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
		     size_t length, u64 now, enum relayscope_lost_reason *reason)
{
	struct rchan_buf *buf = *this_cpu_ptr(channel->rchan->buf);
	size_t space = ALIGN(length, RELAYSCOPE_RECORD_ALIGN);

	*reason = RELAYSCOPE_LOST_NO_BUFFER;
	if (unlikely(!buf))
		return false;
	/* Relay would burn a sub-buffer before it refused such a record, every time. */
	*reason = RELAYSCOPE_LOST_TOO_LARGE;
	if (unlikely(length > U16_MAX ||
		     space > channel->subbuf_size - sizeof(struct relayscope_subbuf_header)))
		return false;
	*reason = RELAYSCOPE_LOST_FULL;
	if (!fits(state, length, now) && !relayscope_switch(buf, state, space))
		return false;
	if (!state->record_count) {
		state->ts_begin = now;
		state->open->ts_begin = now;
		state->open->lost = relayscope_buffer_lost(channel, smp_processor_id());
	}
	return true;
}

/*
 * Copy records that lie one behind the other and are whole but for their time, all of them or none;
 * false: the losses have been counted. Nobody else writes to the buffer meanwhile.
 */
bool relayscope_put(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
		    const void *records, size_t length, u64 ts)
{
	enum relayscope_lost_reason reason;
	const u8 *end;

	/* An event of the doing of whoever put these together may have been faster. */
	ts = max(ts, state->ts_last);
	if ((length > state->limit - state->next || ts - state->ts_begin > U32_MAX) &&
	    !relayscope_room(channel, state, length, ts, &reason)) {
		relayscope_lose(channel->cpu, records, length, reason);
		return false;
	}
	memcpy(state->next, records, length);
	for (end = state->next + length; state->next < end;) {
		struct relayscope_record_header *header = (void *)state->next;

		header->ts_delta = ts - state->ts_begin;
		state->next += ALIGN(header->length, RELAYSCOPE_RECORD_ALIGN);
		state->record_count++;
		state->written++;
	}
	state->ts_last = ts;
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
	enum relayscope_lost_reason reason;

	if (READ_ONCE(state->busy) & RELAYSCOPE_BUSY_DEFERRED) {
		relayscope_write_deferred(channel, state);
		now = max(state->ts_last, now);
	}
	if (relayscope_room(channel, state, length, now, &reason))
		return now;
	relayscope_count_lost(channel->cpu, reason);
	return 0;
}
EXPORT_SYMBOL_GPL(relayscope_make_room);
