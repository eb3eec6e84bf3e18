// SPDX-License-Identifier: GPL-2.0-only
/* What a flight recorder's reader needs to know of a CPU before it copies its buffer. */
#include <linux/cpu.h>
#include <linux/mm.h>
#include <linux/stop_machine.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "internal.h"

#define TRIES 4

struct moment {
	struct relayscope_channel *channel;
	struct relayscope_snapshot *snapshot;
	u32 *held_records;
	bool taken;
};

/* An NMI counts an event as seen and as lost: between the two reads it would be only one of them. */
static void read_stats(struct relayscope_channel *channel, struct relayscope_stats *stats)
{
	const struct relayscope_cpu_state *state = per_cpu_ptr(channel->cpu, stats->cpu);
	int tries = TRIES;

	do
		relayscope_channel_stats(channel, stats);
	while (READ_ONCE(state->seen) != stats->seen && --tries);
}

static void add_stats(struct relayscope_stats *sum, const struct relayscope_stats *stats)
{
	int reason;

	sum->seen += stats->seen;
	sum->filtered += stats->filtered;
	sum->written += stats->written;
	for (reason = 0; reason < RELAYSCOPE_LOST_REASONS; reason++)
		sum->lost[reason] += stats->lost[reason];
}

/* The buffer's counters, and the sums of the CPUs'. */
static void read_global_stats(struct relayscope_channel *channel, struct relayscope_stats *sum)
{
	int cpu;

	relayscope_channel_stats(channel, sum);
	for_each_possible_cpu(cpu) {
		struct relayscope_stats stats = { .cpu = cpu };

		read_stats(channel, &stats);
		add_stats(sum, &stats);
	}
}

/*
 * Whether we came between two counters of an event: it holds off preemption, not interrupts, and
 * we may be one.
 */
static bool between_counters(const struct relayscope_stats *stats)
{
	u64 accounted = stats->filtered + stats->written;
	int reason;

	for (reason = 0; reason < RELAYSCOPE_LOST_REASONS; reason++)
		accounted += stats->lost[reason];
	return stats->seen != accounted;
}

static void take_moment(void *data)
{
	struct moment *moment = data;
	struct relayscope_channel *channel = moment->channel;
	struct relayscope_stats *stats = &moment->snapshot->stats;
	int index = relayscope_buffer_index(channel, stats->cpu);
	struct relayscope_cpu_state *state = relayscope_ring(channel, index);

	moment->taken = false;
	/* Before anything is sealed: a try that is in vain would spend a sub-buffer. */
	if (!channel->ring) {
		read_stats(channel, stats);
		if (between_counters(stats))
			return;
	}
	moment->taken = relayscope_seal_cpu(channel, index, 0);
	if (!moment->taken)
		return;
	state->ts_last = max(state->ts_last, ktime_get_mono_fast_ns());
	moment->snapshot->ts = state->ts_last;
	if (channel->ring)
		read_global_stats(channel, stats);
	else
		read_stats(channel, stats);
	memcpy(moment->held_records, relayscope_held_records(channel, index, 0),
	       array_size(channel->subbuf_count, sizeof(u32)));
}

/*
 * Of a global channel the counters of all CPUs are read. That they are of one moment takes all of
 * them where they can be in the midst of no event: a CPU that writes would be between two of its
 * counters, and ring_lock is not for those.
 */
static int take_moment_stopped(void *data)
{
	take_moment(data);
	return 0;
}

int relayscope_channel_snapshot(struct relayscope_channel *channel,
				struct relayscope_snapshot *snapshot)
{
	size_t length = array_size(channel->subbuf_count, sizeof(u32));
	struct moment moment = { .channel = channel, .snapshot = snapshot };
	int index = relayscope_buffer_index(channel, snapshot->stats.cpu);
	int tries = RELAYSCOPE_BUSY_TRIES;
	int err = 0;

	if (!relayscope_channel_overwrites(channel) || index < 0)
		return -EINVAL;
	moment.held_records = kvmalloc(length, GFP_KERNEL);
	if (!moment.held_records)
		return -ENOMEM;

	mutex_lock(&channel->seal_lock);
	if (channel->ring) {
		err = stop_machine(take_moment_stopped, &moment, NULL);
	} else {
		cpus_read_lock();
		do {
			relayscope_on_cpu(index, take_moment, &moment);
			cond_resched();
		} while (!moment.taken && --tries);
		cpus_read_unlock();
		if (!moment.taken)
			err = -EBUSY;
	}
	mutex_unlock(&channel->seal_lock);

	if (!err && copy_to_user(u64_to_user_ptr(snapshot->held_records), moment.held_records, length))
		err = -EFAULT;
	kvfree(moment.held_records);
	return err;
}
