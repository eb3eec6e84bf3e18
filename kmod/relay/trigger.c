// SPDX-License-Identifier: GPL-2.0-only
/*
 * Triggers: an event that matches is told of by a message, once until the recorder has asked. So a
 * storm of matches costs one message, and the probe no more than a look at a word.
 */
#include <linux/err.h>
#include <linux/irq_work.h>
#include <linux/slab.h>

#include "internal.h"
#include "../../include/relayscope/events.h"

enum trigger_state {
	TRIGGER_ARMED,
	TRIGGER_FIRED, /* by a probe, which fills in the event */
	TRIGGER_TOLD, /* until the recorder has asked */
};

struct relayscope_trigger {
	struct list_head node; /* recorder->triggers */
	struct relayscope_predicate *predicate;
	struct relayscope_channel *channel;
	struct irq_work work;
	atomic_t state;
	u64 event_ts;
	u32 event_cpu;
	u32 event_tid;
};

/* Not in the probe: a reader would be woken in its midst, under whatever locks it runs. */
static void tell(struct irq_work *work)
{
	struct relayscope_trigger *trigger = container_of(work, struct relayscope_trigger, work);
	struct relayscope_event_trigger_fired message;

	memset(&message, 0, sizeof(message));
	message.channel_id = trigger->channel->id;
	message.event_cpu = trigger->event_cpu;
	message.event_tid = trigger->event_tid;
	message.event_ts = trigger->event_ts;
	relayscope_message(trigger->channel->recorder, &message, RELAYSCOPE_EVENT_TRIGGER_FIRED,
			   RELAYSCOPE_EVENT_TRIGGER_FIRED_FIXED, trigger->event_tid);
	atomic_set_release(&trigger->state, TRIGGER_TOLD);
}

struct relayscope_trigger *relayscope_trigger_create(struct relayscope_channel *channel,
						     struct relayscope_predicate *predicate)
{
	struct relayscope_trigger *trigger = kzalloc(sizeof(*trigger), GFP_KERNEL);

	if (!trigger)
		return ERR_PTR(-ENOMEM);
	trigger->predicate = predicate;
	trigger->channel = channel;
	init_irq_work(&trigger->work, tell);
	list_add_tail(&trigger->node, &channel->recorder->triggers);
	return trigger;
}

/* No probe is left: what has fired is told of when this returns. */
void relayscope_triggers_settle(struct relayscope_recorder *recorder)
{
	struct relayscope_trigger *trigger;

	list_for_each_entry(trigger, &recorder->triggers, node)
		irq_work_sync(&trigger->work);
}

/* No probe is left that asks it, nor the recorder. */
void relayscope_trigger_destroy(struct relayscope_trigger *trigger)
{
	if (!trigger)
		return;
	irq_work_sync(&trigger->work);
	list_del(&trigger->node);
	relayscope_predicate_free(trigger->predicate);
	kfree(trigger);
}

bool relayscope_trigger_needs_return(const struct relayscope_trigger *trigger)
{
	return trigger->predicate->needs_return || trigger->predicate->needs_texts;
}

/* The event has been recorded. Interrupts may be off; any context but NMI. */
void relayscope_trigger_ask(struct relayscope_trigger *trigger,
			    const struct relayscope_subject *subject, u64 ts)
{
	if (atomic_read(&trigger->state) != TRIGGER_ARMED ||
	    !relayscope_predicate_holds(trigger->predicate, subject) ||
	    atomic_cmpxchg(&trigger->state, TRIGGER_ARMED, TRIGGER_FIRED) != TRIGGER_ARMED)
		return;
	trigger->event_ts = ts;
	trigger->event_cpu = raw_smp_processor_id();
	trigger->event_tid = subject->record ? subject->record->tid : current->pid;
	irq_work_queue(&trigger->work);
}

/* How many have fired since they were last asked; they are armed again. */
u32 relayscope_triggered(struct relayscope_recorder *recorder)
{
	struct relayscope_trigger *trigger;
	u32 fired = 0;

	lockdep_assert_held(&recorder->lock);
	list_for_each_entry(trigger, &recorder->triggers, node)
		fired += atomic_cmpxchg(&trigger->state, TRIGGER_TOLD, TRIGGER_ARMED) ==
			 TRIGGER_TOLD;
	return fired;
}
