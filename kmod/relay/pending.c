// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls under way of which a filter has let the entry pass, by task: the exit follows, or both wait
 * for what the call returns. A table of fixed size without locks, for a place in it is touched by
 * the task that took it alone.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "calls.h"
#include "internal.h"

/* A task that finds all of these taken has no place: the table is too full for it. */
#define PLACES_TRIED 32u
#define CALLS_MIN PLACES_TRIED
#define CALLS_MAX (1u << 20)

static unsigned int pending_calls = 16384;
module_param(pending_calls, uint, 0644);
MODULE_PARM_DESC(pending_calls, "calls under way that a filter can follow at once, a source");

struct relayscope_pending_calls {
	unsigned int bits; /* 1 << bits places */
	atomic_t tries; /* that any task has needed for its place so far: nobody has to look further */
	struct task_struct **tasks; /* compared only */
	struct relayscope_call *calls;
};

struct relayscope_pending_calls *relayscope_pending_create(void)
{
	const unsigned int wanted = clamp(READ_ONCE(pending_calls), CALLS_MIN, CALLS_MAX);
	const unsigned int count = roundup_pow_of_two(wanted);
	struct relayscope_pending_calls *pending = kzalloc(sizeof(*pending), GFP_KERNEL);

	if (!pending)
		return ERR_PTR(-ENOMEM);
	pending->bits = ilog2(count);
	pending->tasks = kvcalloc(count, sizeof(*pending->tasks), GFP_KERNEL);
	pending->calls = kvcalloc(count, sizeof(*pending->calls), GFP_KERNEL);
	if (pending->tasks && pending->calls)
		return pending;
	relayscope_pending_destroy(pending);
	return ERR_PTR(-ENOMEM);
}

void relayscope_pending_destroy(struct relayscope_pending_calls *pending)
{
	if (!pending)
		return;
	kvfree(pending->calls);
	kvfree(pending->tasks);
	kfree(pending);
}

static unsigned int place(const struct relayscope_pending_calls *pending, unsigned int try)
{
	return (hash_ptr(current, pending->bits) + try) & ((1u << pending->bits) - 1);
}

static struct relayscope_call *find(struct relayscope_pending_calls *pending)
{
	const unsigned int tries = atomic_read(&pending->tries);
	unsigned int try;

	for (try = 0; try < tries; try++) {
		const unsigned int at = place(pending, try);

		if (READ_ONCE(pending->tasks[at]) == current)
			return &pending->calls[at];
	}
	return NULL;
}

/* Never falls, or a task could overlook its own place. */
static void raise_tries(struct relayscope_pending_calls *pending, int needed)
{
	int tries = atomic_read(&pending->tries);

	while (unlikely(tries < needed) && !atomic_try_cmpxchg(&pending->tries, &tries, needed))
		;
}

/* A place that current does not have yet. */
static struct relayscope_call *take(struct relayscope_pending_calls *pending)
{
	unsigned int try;

	for (try = 0; try < PLACES_TRIED; try++) {
		const unsigned int at = place(pending, try);

		if (READ_ONCE(pending->tasks[at]) || cmpxchg(&pending->tasks[at], NULL, current))
			continue;
		raise_tries(pending, try + 1);
		return &pending->calls[at];
	}
	return NULL;
}

static void give_back(struct relayscope_pending_calls *pending, struct relayscope_call *call)
{
	/* Whoever takes the place next writes to it after this. */
	smp_store_release(&pending->tasks[call - pending->calls], NULL);
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

/* An entry whose exit was never seen: one that began before all probes were on. */
static void refuse_entry(struct relayscope_attachment *attachment, struct relayscope_call *call)
{
	if (attachment->whole)
		relayscope_record_filtered(attachment);
	give_back(attachment->pending, call);
}

bool relayscope_call_enters(struct relayscope_attachment *attachment, struct relayscope_call *call)
{
	const struct relayscope_subject subject = { .call = call };
	struct relayscope_call *kept = find(attachment->pending);

	if (unlikely(kept))
		refuse_entry(attachment, kept);
	describe(call);
	if (attachment->early && !relayscope_predicate_holds(attachment->early, &subject)) {
		relayscope_record_filtered(attachment);
		return false;
	}
	kept = take(attachment->pending);
	if (!kept) {
		lose_pending(attachment);
		return false;
	}
	*kept = *call;
	return !attachment->whole;
}
EXPORT_SYMBOL_GPL(relayscope_call_enters);

static void ask_trigger(struct relayscope_attachment *attachment,
			const struct relayscope_call *call)
{
	const struct relayscope_subject subject = { .call = call };

	relayscope_trigger_ask(attachment->trigger, &subject, ktime_get_mono_fast_ns());
}

void relayscope_call_entered(struct relayscope_attachment *attachment,
			     const struct relayscope_call *call)
{
	if (attachment->trigger && !relayscope_trigger_needs_return(attachment->trigger))
		ask_trigger(attachment, call);
}
EXPORT_SYMBOL_GPL(relayscope_call_entered);

/* ---- exit ---- */

enum relayscope_call_fate relayscope_call_leaves(struct relayscope_attachment *attachment, long ret,
						 struct relayscope_call **found)
{
	struct relayscope_call *call = find(attachment->pending);
	const struct relayscope_subject subject = { .call = call };
	u64 now = ktime_get_mono_fast_ns();

	*found = call;
	/* The entry was refused or not seen: the exit is not recorded either. */
	if (!call) {
		relayscope_record_filtered(attachment);
		return RELAYSCOPE_CALL_REFUSED;
	}
	call->ret = ret;
	call->dur = now > call->entered ? now - call->entered : 0;
	call->returned = true;
	if (!attachment->whole)
		return RELAYSCOPE_CALL_WRITE_EXIT;
	if (relayscope_predicate_holds(attachment->whole, &subject))
		return RELAYSCOPE_CALL_WRITE_BOTH;
	relayscope_record_filtered(attachment);
	relayscope_record_filtered(attachment);
	give_back(attachment->pending, call);
	return RELAYSCOPE_CALL_REFUSED;
}
EXPORT_SYMBOL_GPL(relayscope_call_leaves);

void relayscope_call_left(struct relayscope_attachment *attachment, struct relayscope_call *call)
{
	if (attachment->trigger &&
	    (attachment->whole || relayscope_trigger_needs_return(attachment->trigger)))
		ask_trigger(attachment, call);
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

	for (at = 0; at < 1u << pending->bits; at++)
		if (pending->tasks[at])
			refuse_entry(attachment, &pending->calls[at]);
}

/* ---- both records ---- */

bool relayscope_pair_begin(struct relayscope_attachment *attachment, struct relayscope_slot *slot,
			   u64 *now)
{
	struct relayscope_cpu_state *state;
	unsigned long flags;

	local_irq_save(flags);
	state = this_cpu_ptr(attachment->cpu);
	this_cpu_add(attachment->cpu->seen, 2);
	if (unlikely(state->aside)) {
		relayscope_count_lost(attachment->cpu, RELAYSCOPE_LOST_NESTED);
		relayscope_count_lost(attachment->cpu, RELAYSCOPE_LOST_NESTED);
		local_irq_restore(flags);
		return false;
	}
	state->aside = true;
	state->aside_flags = flags;
	state->aside_ts = max(state->ts_last, ktime_get_mono_fast_ns());
	*now = state->aside_ts;
	slot->record = state->staging;
	slot->state = NULL;
	return true;
}
EXPORT_SYMBOL_GPL(relayscope_pair_begin);

void relayscope_pair_end(struct relayscope_attachment *attachment, struct relayscope_slot *slot,
			 size_t length)
{
	struct relayscope_cpu_state *state = this_cpu_ptr(attachment->cpu);
	unsigned long flags = state->aside_flags;

	if (attachment->context)
		length = relayscope_pair_contexts(attachment, slot->record, length);
	relayscope_write_staged(attachment->channel, state, slot->record, length, state->aside_ts);
	state->aside = false;
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(relayscope_pair_end);
