// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records put aside. Interrupts are on while a record is written, so an interrupt may have one of its
 * own to write in the midst of it. That one is put together with interrupts off, in memory of this
 * CPU's own, and the interrupted writer writes it when it is done: behind its own, whose time is
 * older. What is staged is put aside in any case, and only deferred when it interrupts a writer.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "internal.h"

/* Of one CPU and channel: for the events of the interrupts that come during one write. */
#define DEFERRED_SIZE 16384u

struct deferred_records {
	u64 ts; /* ns, CLOCK_MONOTONIC */
	u32 length; /* bytes of records, each of which starts at a multiple of RELAYSCOPE_RECORD_ALIGN */
	u8 records[] __aligned(RELAYSCOPE_RECORD_ALIGN);
};

int relayscope_deferred_create(struct relayscope_channel *channel)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct relayscope_cpu_state *state = per_cpu_ptr(channel->cpu, cpu);

		state->deferred = kvzalloc_node(DEFERRED_SIZE, GFP_KERNEL, cpu_to_node(cpu));
		if (!state->deferred) {
			relayscope_deferred_destroy(channel);
			return -ENOMEM;
		}
	}
	return 0;
}

void relayscope_deferred_destroy(struct relayscope_channel *channel)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kvfree(per_cpu_ptr(channel->cpu, cpu)->deferred);
}

static struct deferred_records *deferred_room(struct relayscope_cpu_state *state, size_t length)
{
	if (sizeof(struct deferred_records) + length > DEFERRED_SIZE - state->deferred_used)
		return NULL;
	return (struct deferred_records *)(state->deferred + state->deferred_used);
}

static void deferred_add(struct relayscope_cpu_state *state, struct deferred_records *entry,
			 size_t length, u64 ts)
{
	entry->ts = ts;
	entry->length = length;
	state->deferred_used += ALIGN(sizeof(*entry) + length, RELAYSCOPE_RECORD_ALIGN);
	state->busy |= RELAYSCOPE_BUSY_DEFERRED;
}

/*
 * Have the writer that was interrupted write @length bytes of records, which are whole but for
 * their time. Interrupts are off. False: the losses have been counted.
 */
bool relayscope_defer(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
		      const void *records, size_t length, u64 ts)
{
	struct deferred_records *entry = deferred_room(state, length);

	if (!entry) {
		relayscope_lose(channel->cpu, records, length, RELAYSCOPE_LOST_NESTED);
		return false;
	}
	memcpy(entry->records, records, length);
	deferred_add(state, entry, length, ts);
	return true;
}

/*
 * As relayscope_record_begin(), whose rare half it is: preemption is off and the event has been
 * counted as seen.
 */
bool relayscope_begin_aside(struct relayscope_attachment *attachment, struct relayscope_slot *slot,
			    u16 event_id, u32 tid, size_t length)
{
	struct relayscope_cpu_state *state = this_cpu_ptr(attachment->cpu);
	struct relayscope_record_header *header;
	struct deferred_records *entry;
	unsigned long flags;

	local_irq_save(flags);
	if (unlikely(state->aside))
		goto err_nested;
	state->aside = true;
	if (attachment->staged) {
		if (!relayscope_stage(attachment, slot, length))
			goto err_aside;
	} else {
		entry = deferred_room(state, length);
		if (!entry) {
			state->aside = false;
			goto err_nested;
		}
		slot->record = entry->records;
		state->aside_ts = ktime_get_mono_fast_ns();
	}
	header = slot->record;
	header->event_id = event_id;
	header->length = length;
	header->tid = tid;
	if (!relayscope_early_holds(attachment, header)) {
		this_cpu_inc(attachment->cpu->filtered);
		goto err_aside;
	}
	state->aside_flags = flags;
	slot->state = NULL;
	return true;

err_nested:
	relayscope_count_lost(attachment->cpu, RELAYSCOPE_LOST_NESTED);
	goto out_restore;
err_aside:
	state->aside = false;
out_restore:
	local_irq_restore(flags);
	return false;
}
EXPORT_SYMBOL_GPL(relayscope_begin_aside);

void relayscope_end_aside(struct relayscope_attachment *attachment, struct relayscope_slot *slot)
{
	struct relayscope_cpu_state *state = this_cpu_ptr(attachment->cpu);
	struct relayscope_record_header *header = slot->record;
	unsigned long flags = state->aside_flags;

	if (attachment->staged)
		relayscope_commit_staged(attachment, slot);
	else
		deferred_add(state, container_of(slot->record, struct deferred_records, records[0]),
			     header->length, state->aside_ts);
	state->aside = false;
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(relayscope_end_aside);

/* By the writer that was interrupted, before or after its own record. */
void relayscope_write_deferred(struct relayscope_channel *channel,
			       struct relayscope_cpu_state *state)
{
	unsigned long flags;
	u32 at;

	local_irq_save(flags);
	for (at = 0; at < state->deferred_used;) {
		const struct deferred_records *entry = (const void *)(state->deferred + at);

		relayscope_put(channel, state, entry->records, entry->length,
			       max(state->ts_last, entry->ts));
		at += ALIGN(sizeof(*entry) + entry->length, RELAYSCOPE_RECORD_ALIGN);
	}
	state->deferred_used = 0;
	state->busy &= ~RELAYSCOPE_BUSY_DEFERRED;
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(relayscope_write_deferred);
