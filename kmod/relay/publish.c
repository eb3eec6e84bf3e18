// SPDX-License-Identifier: GPL-2.0-only
/*
 * A channel's timer: seals what is old, publishes time floors, and tells the recorder through its
 * bufflink when a CPU began or stopped losing. Never on the write path.
 */
#include "internal.h"
#include "../../include/relayscope/events.h"

#define PUBLISH_INTERVAL_DEFAULT_MS 1000

static unsigned long interval(const struct relayscope_channel *channel)
{
	u64 ms = div_u64(channel->flush_interval_ns, NSEC_PER_MSEC);

	return msecs_to_jiffies(ms ?: PUBLISH_INTERVAL_DEFAULT_MS);
}

static void publish_loss(struct relayscope_channel *channel, int cpu, bool losing, u64 lost)
{
	struct relayscope_event_losing_began message = {
		.channel_id = channel->id,
		.losing_cpu = cpu,
		.lost = lost,
	};

	relayscope_message(channel->recorder, &message,
			   losing ? RELAYSCOPE_EVENT_LOSING_BEGAN : RELAYSCOPE_EVENT_LOSING_STOPPED,
			   RELAYSCOPE_EVENT_LOSING_BEGAN_FIXED, 0);
}

void relayscope_publish_losses(struct relayscope_channel *channel)
{
	int cpu;

	BUILD_BUG_ON(RELAYSCOPE_EVENT_LOSING_BEGAN_FIXED != RELAYSCOPE_EVENT_LOSING_STOPPED_FIXED);
	for_each_possible_cpu(cpu) {
		struct relayscope_loss_report *report = &channel->loss_reports[cpu];
		u64 lost = relayscope_channel_lost(channel, cpu);
		bool losing = lost != report->lost;

		if (losing != report->losing)
			publish_loss(channel, cpu, losing, lost);
		report->losing = losing;
		report->lost = lost;
	}
}

static void publish(struct work_struct *work)
{
	struct relayscope_channel *channel =
		container_of(to_delayed_work(work), struct relayscope_channel, publish_work);

	relayscope_late_files_complete(channel);
	relayscope_seal_older(channel, channel->flush_interval_ns ?: U64_MAX);
	relayscope_publish_losses(channel);
	queue_delayed_work(compat_unbound_wq, &channel->publish_work, interval(channel));
}

void relayscope_publish_start(struct relayscope_channel *channel)
{
	INIT_DELAYED_WORK(&channel->publish_work, publish);
	queue_delayed_work(compat_unbound_wq, &channel->publish_work, interval(channel));
}

void relayscope_publish_stop(struct relayscope_channel *channel)
{
	cancel_delayed_work_sync(&channel->publish_work);
}
