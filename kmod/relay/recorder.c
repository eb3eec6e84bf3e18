// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recorder: everything one open /dev/relayscope has made. It ends with its file, however its
 * process ended.
 */
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>

#include "internal.h"
#include "../../include/relayscope/events.h"

#define EVENTS_SIZE SZ_1M

static atomic_t next_id = ATOMIC_INIT(0);

struct relayscope_recorder *relayscope_recorder_create(void)
{
	struct relayscope_recorder *recorder = kzalloc(sizeof(*recorder), GFP_KERNEL);
	int err;

	if (!recorder)
		return ERR_PTR(-ENOMEM);
	mutex_init(&recorder->lock);
	spin_lock_init(&recorder->channels_lock);
	INIT_LIST_HEAD(&recorder->channels);
	INIT_LIST_HEAD(&recorder->triggers);
	recorder->id = atomic_inc_return(&next_id);
	recorder->next_channel_id = 1;
	recorder->filter.recorder_tgid = current->tgid;
	recorder->state = RELAYSCOPE_PREPARING;
	err = bufflink_create_flags(&recorder->events, NULL, EVENTS_SIZE, -1,
				    BUFFLINK_READ_ONLY);
	if (err) {
		kfree(recorder);
		return ERR_PTR(err);
	}
	return recorder;
}

static void probes_off(struct relayscope_recorder *recorder)
{
	struct relayscope_channel *channel;

	list_for_each_entry(channel, &recorder->channels, node)
		relayscope_probes_off(channel);
	relayscope_lifecycle_off(recorder);
	/* Pairs with the read-side sections that probes run in: after this no writer is left. */
	tracepoint_synchronize_unregister();
	list_for_each_entry(channel, &recorder->channels, node)
		relayscope_drain_calls(channel);
	relayscope_triggers_settle(recorder);
}

void relayscope_recorder_destroy(struct relayscope_recorder *recorder)
{
	struct relayscope_channel *channel, *next;

	mutex_lock(&recorder->lock);
	if (relayscope_recorder_stop(recorder))
		probes_off(recorder);
	mutex_unlock(&recorder->lock);
	/* The file is gone: nobody looks channels up any more. */
	list_for_each_entry_safe(channel, next, &recorder->channels, node) {
		list_del(&channel->node);
		relayscope_channel_destroy(channel);
	}
	relayscope_process_set_destroy(recorder->processes);
	bufflink_destroy(recorder->events);
	if (recorder->replaced)
		relayscope_recorder_destroy(recorder->replaced);
	kfree(recorder);
}

void relayscope_recorder_add_channel(struct relayscope_recorder *recorder,
				     struct relayscope_channel *channel)
{
	spin_lock(&recorder->channels_lock);
	list_add_tail(&channel->node, &recorder->channels);
	spin_unlock(&recorder->channels_lock);
}

/* A channel lives as long as the recorder, which is as long as its file. */
struct relayscope_channel *relayscope_recorder_channel(struct relayscope_recorder *recorder,
						       u32 id)
{
	struct relayscope_channel *channel, *found = NULL;

	spin_lock(&recorder->channels_lock);
	list_for_each_entry(channel, &recorder->channels, node) {
		if (channel->id == id) {
			found = channel;
			break;
		}
	}
	spin_unlock(&recorder->channels_lock);
	return found;
}

/*
 * Lives are told before anybody is recorded: whoever then joins by a fork has been announced. The
 * set's own fork probe is registered first and so runs first: a child that it lets join finds its
 * parent recorded when the lives' probe looks.
 */
static int restrict_to_none(struct relayscope_recorder *recorder)
{
	struct relayscope_process_set *set;
	int err;

	if (recorder->lifecycle_registered)
		return -EBUSY;
	set = relayscope_process_set_create();
	if (IS_ERR(set))
		return PTR_ERR(set);
	recorder->processes = set;
	recorder->filter.recorded = set->recorded;
	err = relayscope_lifecycle_on(recorder);
	if (!err)
		return 0;
	/* Probes that were on for a moment may still look at the set. */
	recorder->filter.recorded = NULL;
	recorder->processes = NULL;
	relayscope_process_set_destroy(set);
	return err;
}

int relayscope_recorder_add_process(struct relayscope_recorder *recorder,
				    const struct relayscope_process_add *request)
{
	int err;

	lockdep_assert_held(&recorder->lock);
	if (request->flags & ~RELAYSCOPE_PROCESS_FOLLOW)
		return -EINVAL;
	if (recorder->state != RELAYSCOPE_PREPARING)
		return -EBUSY;
	if (!recorder->processes) {
		err = restrict_to_none(recorder);
		if (err)
			return err;
	}
	return relayscope_process_set_add(recorder->processes, request->pid, request->flags);
}

/* Lives of the whole system. */
int relayscope_recorder_tell_lives(struct relayscope_recorder *recorder)
{
	lockdep_assert_held(&recorder->lock);
	if (recorder->state != RELAYSCOPE_PREPARING)
		return -EBUSY;
	return relayscope_lifecycle_on(recorder);
}

static void tell(struct relayscope_recorder *recorder, u16 event_id)
{
	struct relayscope_event_recording_started message = { .recorder_id = recorder->id };

	BUILD_BUG_ON(RELAYSCOPE_EVENT_RECORDING_STARTED_FIXED !=
		     RELAYSCOPE_EVENT_RECORDING_STOPPED_FIXED);
	relayscope_message(recorder, &message, event_id, RELAYSCOPE_EVENT_RECORDING_STARTED_FIXED,
			   0);
}

int relayscope_recorder_start(struct relayscope_recorder *recorder)
{
	struct relayscope_channel *channel;
	int err;

	lockdep_assert_held(&recorder->lock);
	if (recorder->state != RELAYSCOPE_PREPARING)
		return -EBUSY;
	tell(recorder, RELAYSCOPE_EVENT_RECORDING_STARTED);
	/* Lives first: a record must not be older than what names its thread. */
	err = relayscope_lifecycle_on(recorder);
	if (err)
		goto err_off;
	list_for_each_entry(channel, &recorder->channels, node) {
		err = relayscope_probes_on(channel);
		if (err)
			goto err_off;
	}
	recorder->state = RELAYSCOPE_RECORDING;
	return 0;

err_off:
	probes_off(recorder);
	tell(recorder, RELAYSCOPE_EVENT_RECORDING_STOPPED);
	return err;
}

int relayscope_recorder_stop(struct relayscope_recorder *recorder)
{
	struct relayscope_channel *channel;

	lockdep_assert_held(&recorder->lock);
	if (recorder->state != RELAYSCOPE_RECORDING)
		return -EINVAL;
	probes_off(recorder);
	recorder->state = RELAYSCOPE_STOPPED;
	list_for_each_entry(channel, &recorder->channels, node) {
		relayscope_publish_stop(channel);
		relayscope_late_files_complete(channel);
		relayscope_seal_older(channel, 0);
		relayscope_publish_losses(channel);
	}
	tell(recorder, RELAYSCOPE_EVENT_RECORDING_STOPPED);
	return 0;
}
