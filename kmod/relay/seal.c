// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sealing: a finished sub-buffer gets its header completed and is published to the reader, once.
 * From then on it is the reader's until it is consumed.
 */
#include <linux/cpu.h>
#include <linux/ktime.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>

#include "internal.h"

static void seal_open(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
		      int cpu)
{
	struct relayscope_subbuf_header *header = state->open;

	header->used = state->next - (u8 *)header;
	header->ts_end = state->ts_last;
	header->record_count = state->record_count;
	header->lost_inside = relayscope_buffer_lost(channel, cpu) - header->lost;
	if (relayscope_channel_overwrites(channel))
		*relayscope_held_records(channel, cpu, state->sequence) = state->record_count;
	/* Pairs with the acquire load in RingView::holds() (native/ring_view.cc). */
	smp_store_release(&header->sequence, state->sequence);
	state->sequence++;
	state->open = NULL;
	state->next = NULL;
	state->limit = NULL;
	state->record_count = 0;
	/* Pairs with the acquire load in RingView::sealed() (native/ring_view.cc). */
	smp_store_release(&channel->control[cpu].sealed, state->sequence);
}

/* The next sub-buffer lies where the oldest one was. */
static void count_overwritten(struct relayscope_channel *channel,
			      struct relayscope_cpu_state *state, int cpu)
{
	u32 *held = relayscope_held_records(channel, cpu, state->sequence);

	state->overwritten += *held;
	*held = 0;
}

static void open_next(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
		      int cpu, struct relayscope_subbuf_header *header)
{
	/* A reader that overtakes us must see the sequence go before anything else changes. */
	WRITE_ONCE(header->sequence, RELAYSCOPE_SEQUENCE_INVALID);
	smp_wmb(); /* pairs with the acquire fence in RingView::still_holds() (native/ring_view.cc) */
	if (relayscope_channel_overwrites(channel))
		count_overwritten(channel, state, cpu);
	header->magic = RELAYSCOPE_SUBBUF_MAGIC;
	header->abi_version = RELAYSCOPE_ABI_VERSION;
	header->header_length = sizeof(*header);
	header->channel_id = channel->id;
	header->cpu = channel->ring ? RELAYSCOPE_CPU_ALL : cpu;
	header->epoch = READ_ONCE(channel->epoch);
	state->ts_begin = RELAYSCOPE_TS_NONE;
	state->next = (u8 *)(header + 1);
	state->limit = (u8 *)header + channel->subbuf_size;
	state->open = header;
	/* Not in create_buf_file: relay does not know the buffer's CPU yet. */
	WRITE_ONCE(channel->control[cpu].flags, RELAYSCOPE_CPU_HAS_BUFFER);
}

/*
 * Relay's subbuf_start callback. Runs in the buffer's one writer (of a global channel, with ring_lock
 * held), or where none can be: at creation, where a CPU that is not busy has its interrupts off, and
 * for a CPU that is offline. While the buffer is full relay calls it for
 * every write, with the finished sub-buffer long sealed.
 */
int relayscope_subbuf_start(struct rchan_buf *buf, void *subbuf)
{
	struct relayscope_channel *channel = buf->chan->private_data;
	/* Relay gives a global buffer its number after it has started the first sub-buffer. */
	int cpu = channel->ring ? 0 : buf->cpu;
	struct relayscope_cpu_state *state = relayscope_ring(channel, cpu);

	if (state->open)
		seal_open(channel, state, cpu);
	if (relay_buf_full(buf) && !relayscope_channel_overwrites(channel))
		return 0;
	open_next(channel, state, cpu, subbuf);
	subbuf_start_reserve(buf, sizeof(struct relayscope_subbuf_header));
	return 1;
}

/*
 * Seal what is open and open the next; 0 when the buffer is full. Relay is told what was used. It
 * wakes the reader before it calls us: with interrupts on, the reader would find nothing sealed yet.
 */
size_t relayscope_switch(struct rchan_buf *buf, struct relayscope_cpu_state *state, size_t length)
{
	unsigned long flags;

	local_irq_save(flags);
	if (state->open)
		buf->offset = state->next - (u8 *)state->open;
	length = relay_switch_subbuf(buf, length);
	local_irq_restore(flags);
	return length;
}

/*
 * Sealing early spends the rest of a sub-buffer. A reader that has others to take still gains
 * nothing from it: left to the timer alone, one that stalls would find all of them spent and nearly
 * empty, and records lost.
 */
static bool due(const struct relayscope_cpu_state *state, const struct rchan_buf *buf, u64 age_ns,
		u64 min_age_ns)
{
	if (!min_age_ns)
		return true;
	return age_ns >= min_age_ns && state->sequence == READ_ONCE(buf->subbufs_consumed);
}

static void seal_early(struct relayscope_channel *channel, struct rchan_buf *buf,
		       struct relayscope_cpu_state *state)
{
	if (!relayscope_channel_overwrites(channel)) {
		relayscope_switch(buf, state, 0);
		return;
	}
	/* The next one is opened by the record that needs it: until then the oldest is kept. */
	buf->offset = state->next - (u8 *)state->open;
	seal_open(channel, state, buf->cpu);
}

/*
 * On @cpu, or for one that is offline, with interrupts off; or under ring_lock. False: not done, for
 * a writer has been interrupted.
 */
bool relayscope_seal_cpu(struct relayscope_channel *channel, int cpu, u64 min_age_ns)
{
	struct relayscope_cpu_state *state = relayscope_ring(channel, cpu);
	struct rchan_buf *buf = relayscope_channel_buf(channel, cpu);
	u64 now, floor;

	if (!buf)
		return true;
	if (state->busy)
		return false;
	/* An event of our own doing has to wait. */
	state->busy = RELAYSCOPE_BUSY_WRITING;
	now = max(state->ts_last, ktime_get_mono_fast_ns());
	/* Relay would publish an empty sub-buffer too; only what holds records is worth one. */
	if (state->open && state->record_count &&
	    due(state, buf, now - state->ts_begin, min_age_ns))
		seal_early(channel, buf, state);

	if (state->record_count) {
		floor = state->ts_begin;
	} else {
		floor = now;
		state->ts_last = now; /* nothing written from now on is older than the floor */
	}
	/* Pairs with the acquire load in RingView::time_floor() (native/ring_view.cc). */
	smp_store_release(&channel->control[cpu].time_floor, floor);
	state->busy &= ~RELAYSCOPE_BUSY_WRITING;
	if (state->busy)
		relayscope_write_deferred(channel, state);
	return true;
}

/*
 * Run @body with interrupts off where nothing writes to @cpu's buffers meanwhile: on that CPU, or
 * here when it is offline. With the CPUs kept as they are and the channel's seal_lock held: of two
 * that seal for an offline CPU neither would notice the other.
 */
void relayscope_on_cpu(int cpu, smp_call_func_t body, void *data)
{
	unsigned long flags;

	if (cpu_online(cpu)) {
		smp_call_function_single(cpu, body, data, 1);
	} else {
		local_irq_save(flags);
		body(data);
		local_irq_restore(flags);
	}
}

#define TIMER_TRIES 3

struct seal_request {
	struct relayscope_channel *channel;
	int cpu;
	u64 min_age_ns;
	bool done;
};

static void seal(void *data)
{
	struct seal_request *request = data;

	request->done = relayscope_seal_cpu(request->channel, request->cpu, request->min_age_ns);
}

/*
 * Seal, on every CPU, the open sub-buffer whose first record is at least @min_age_ns old and for
 * which the reader waits, and publish each CPU's time floor; a CPU that is found in the midst of a
 * record is left to the next time. With 0 any that holds records is sealed, of every CPU. Process
 * context.
 */
void relayscope_seal_older(struct relayscope_channel *channel, u64 min_age_ns)
{
	int cpu, tries;

	if (channel->ring) {
		relayscope_seal_global(channel, min_age_ns);
		return;
	}
	mutex_lock(&channel->seal_lock);
	cpus_read_lock();
	for_each_possible_cpu(cpu) {
		struct seal_request request = { channel, cpu, min_age_ns, false };

		for (tries = min_age_ns ? TIMER_TRIES : RELAYSCOPE_BUSY_TRIES; tries; tries--) {
			relayscope_on_cpu(cpu, seal, &request);
			if (request.done)
				break;
			cond_resched();
		}
		if (!request.done && !min_age_ns)
			pr_warn("relayscope: a writer on CPU %d has not come to its end\n", cpu);
	}
	cpus_read_unlock();
	mutex_unlock(&channel->seal_lock);
}
