// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls under way of which a filter has let the entry pass, by task: the exit follows, or both wait
 * for what the call returns. A table of fixed size without locks, for a place in it is touched by
 * the task that took it alone.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "calls.h"
#include "internal.h"
#include "task_places.h"

#define CALLS_MIN RELAYSCOPE_PLACES_TRIED
#define CALLS_MAX (1u << 20)

static unsigned int pending_calls = 16384;
module_param(pending_calls, uint, 0644);
MODULE_PARM_DESC(pending_calls, "calls under way that a filter can follow at once, a source");

struct relayscope_pending_calls {
	unsigned int count;
	struct relayscope_task_places *places;
	struct relayscope_call *calls;
};

struct relayscope_pending_calls *relayscope_pending_create(void)
{
	const unsigned int wanted = clamp(READ_ONCE(pending_calls), CALLS_MIN, CALLS_MAX);
	const unsigned int count = roundup_pow_of_two(wanted);
	struct relayscope_pending_calls *pending = kzalloc(sizeof(*pending), GFP_KERNEL);

	if (!pending)
		return ERR_PTR(-ENOMEM);
	pending->count = count;
	pending->places = relayscope_task_places_create(count);
	pending->calls = kvcalloc(count, sizeof(*pending->calls), GFP_KERNEL);
	if (pending->places && pending->calls)
		return pending;
	relayscope_pending_destroy(pending);
	return ERR_PTR(-ENOMEM);
}

void relayscope_pending_destroy(struct relayscope_pending_calls *pending)
{
	if (!pending)
		return;
	kvfree(pending->calls);
	relayscope_task_places_destroy(pending->places);
	kfree(pending);
}

static struct relayscope_call *find(struct relayscope_pending_calls *pending)
{
	const int at = relayscope_task_place_find(pending->places);

	return at == RELAYSCOPE_NO_PLACE ? NULL : &pending->calls[at];
}

/* A place that current does not have yet. */
static struct relayscope_call *take(struct relayscope_pending_calls *pending)
{
	const int at = relayscope_task_place_take(pending->places);

	return at == RELAYSCOPE_NO_PLACE ? NULL : &pending->calls[at];
}

static void give_back(struct relayscope_pending_calls *pending, struct relayscope_call *call)
{
	relayscope_task_place_give_back(pending->places, call - pending->calls);
}

/* ---- entry ---- */

static void describe(struct relayscope_call *call)
{
	call->entered = ktime_get_mono_fast_ns();
	call->cpu = raw_smp_processor_id();
	call->uid = from_kuid(&init_user_ns, current_uid());
	call->returned = false;
	strscpy_pad(call->comm, current->comm, sizeof(call->comm));
}

static void lose_pending(struct relayscope_attachment *attachment)
{
	unsigned long flags;

	local_irq_save(flags);
	this_cpu_inc(attachment->cpu->seen);
	relayscope_count_lost(attachment->cpu, RELAYSCOPE_LOST_PENDING);
	local_irq_restore(flags);
}

/* Its records are written when it returns. */
static bool waits(const struct relayscope_attachment *attachment,
		  const struct relayscope_call *call)
{
	return attachment->whole || call->undecided;
}

/* An entry whose exit was never seen: one that began before all probes were on. */
static void refuse_entry(struct relayscope_attachment *attachment, struct relayscope_call *call)
{
	if (waits(attachment, call))
		relayscope_record_filtered(attachment);
	give_back(attachment->pending, call);
}

/* The filter asks for a text that cannot be read yet, and would refuse what it may let pass. */
static bool has_to_wait(const struct relayscope_attachment *attachment,
			const struct relayscope_texts *texts)
{
	return texts && texts->unread && attachment->early && attachment->early->needs_texts;
}

bool relayscope_call_enters(struct relayscope_attachment *attachment, struct relayscope_call *call,
			    const struct relayscope_texts *texts)
{
	const struct relayscope_subject subject = { .call = call, .texts = texts };
	struct relayscope_call *kept = find(attachment->pending);

	if (unlikely(kept))
		refuse_entry(attachment, kept);
	describe(call);
	call->undecided = has_to_wait(attachment, texts);
	if (attachment->early && !call->undecided &&
	    !relayscope_predicate_holds(attachment->early, &subject)) {
		relayscope_record_filtered(attachment);
		return false;
	}
	kept = take(attachment->pending);
	if (!kept) {
		lose_pending(attachment);
		return false;
	}
	*kept = *call;
	return !attachment->whole && !call->undecided;
}
EXPORT_SYMBOL_GPL(relayscope_call_enters);

static void ask_trigger(struct relayscope_attachment *attachment,
			const struct relayscope_call *call, const struct relayscope_texts *texts)
{
	const struct relayscope_subject subject = { .call = call, .texts = texts };

	relayscope_trigger_ask(attachment->trigger, &subject, ktime_get_mono_fast_ns());
}

void relayscope_call_entered(struct relayscope_attachment *attachment,
			     const struct relayscope_call *call,
			     const struct relayscope_texts *texts)
{
	if (attachment->trigger && !relayscope_trigger_needs_return(attachment->trigger))
		ask_trigger(attachment, call, texts);
}
EXPORT_SYMBOL_GPL(relayscope_call_entered);

/* ---- exit ---- */

struct relayscope_call *relayscope_call_returns(struct relayscope_attachment *attachment, long ret)
{
	struct relayscope_call *call = find(attachment->pending);
	u64 now = ktime_get_mono_fast_ns();

	/* The entry was refused or not seen: the exit is not recorded either. */
	if (!call) {
		relayscope_record_filtered(attachment);
		return NULL;
	}
	call->ret = ret;
	call->dur = now > call->entered ? now - call->entered : 0;
	call->returned = true;
	return call;
}
EXPORT_SYMBOL_GPL(relayscope_call_returns);

bool relayscope_call_needs_texts(const struct relayscope_attachment *attachment,
				 const struct relayscope_call *call)
{
	return waits(attachment, call) ||
	       (attachment->trigger && relayscope_trigger_needs_return(attachment->trigger));
}
EXPORT_SYMBOL_GPL(relayscope_call_needs_texts);

enum relayscope_call_fate relayscope_call_leaves(struct relayscope_attachment *attachment,
						 struct relayscope_call *call,
						 const struct relayscope_texts *texts)
{
	const struct relayscope_subject subject = { .call = call, .texts = texts };

	if (!waits(attachment, call))
		return RELAYSCOPE_CALL_WRITE_EXIT;
	if ((!call->undecided || relayscope_predicate_holds(attachment->early, &subject)) &&
	    (!attachment->whole || relayscope_predicate_holds(attachment->whole, &subject)))
		return RELAYSCOPE_CALL_WRITE_BOTH;
	relayscope_record_filtered(attachment);
	relayscope_record_filtered(attachment);
	give_back(attachment->pending, call);
	return RELAYSCOPE_CALL_REFUSED;
}
EXPORT_SYMBOL_GPL(relayscope_call_leaves);

void relayscope_call_left(struct relayscope_attachment *attachment, struct relayscope_call *call,
			  const struct relayscope_texts *texts)
{
	if (attachment->trigger && relayscope_call_needs_texts(attachment, call))
		ask_trigger(attachment, call, texts);
	give_back(attachment->pending, call);
}
EXPORT_SYMBOL_GPL(relayscope_call_left);

void relayscope_call_dies(struct relayscope_attachment *attachment)
{
	struct relayscope_call *call = find(attachment->pending);

	if (call)
		refuse_entry(attachment, call);
}
EXPORT_SYMBOL_GPL(relayscope_call_dies);

/* No probe is left: whatever is under way still is refused, on the CPU where this is decided. */
void relayscope_pending_drain(struct relayscope_attachment *attachment)
{
	struct relayscope_pending_calls *pending = attachment->pending;
	unsigned int at;

	for (at = 0; at < pending->count; at++)
		if (pending->places->tasks[at])
			refuse_entry(attachment, &pending->calls[at]);
}
