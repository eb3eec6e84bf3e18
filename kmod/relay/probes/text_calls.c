// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source "syscalls" where texts are recorded, too. Probes of their own, so that a recording without
 * them pays nothing; most calls have none, and go on to the plain ones.
 */
#include <linux/err.h>
#include <trace/events/sched.h>
#include <trace/events/syscalls.h>

#include "../../compat.h"
#include "../../../include/relayscope/events.h"
#include "../kept_calls.h"
#include "call_results.h"
#include "syscall_record.h"
#include "syscall_texts.h"
#include "text_calls.h"

/* Of a call of the table. */
void write_enter_texts(struct relayscope_attachment *attachment, const struct relayscope_call *call,
		       const struct call_texts *texts)
{
	struct relayscope_event_syscall_enter_texts *event;
	struct relayscope_slot slot;
	size_t length;
	u8 wide;

	length = args_length(call->args, call->arg_count, &wide);
	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_SYSCALL_ENTER_TEXTS,
				     current->pid,
				     RELAYSCOPE_EVENT_SYSCALL_ENTER_TEXTS_FIXED + length +
					     texts->used))
		return;
	event = slot.record;
	event->nr = call->nr;
	event->abi = call->abi;
	event->wide = wide;
	event->flags = texts->flags;
	event->args_length = length;
	event->path_length = texts->path_length;
	event->path2_length = texts->path2_length;
	pack_args(event->tails, call->args, call->arg_count, wide);
	memcpy(event->tails + length, texts->bytes, texts->used);
	relayscope_record_end(attachment, &slot);
}

/* An execve leaves with the new program's registers, and by its table. */
static bool has_to_be_kept(u32 wanted, const struct call_texts *texts)
{
	return texts_kind(wanted) == TEXT_EXEC || texts->flags & TEXTS_UNREAD;
}

static void keep(struct relayscope_attachment *attachment, const struct relayscope_call *call,
		 u32 wanted, u16 flags)
{
	const struct relayscope_kept_call kept = {
		.texts = wanted,
		.nr = call->nr,
		.abi = call->abi,
		.unread = flags & TEXTS_UNREAD,
	};
	struct relayscope_kept_call left;

	/* A call whose exit was not seen: there is one place a task. */
	relayscope_call_kept(attachment, &left);
	relayscope_call_keep(attachment, &kept);
}

/* Out of line, as its counterpart: most calls have no texts, and are spared the registers. */
static noinline void enter_with_texts(struct relayscope_attachment *attachment,
				      struct pt_regs *regs, enum syscall_abi abi, u16 nr)
{
	const u32 wanted = syscall_texts(abi, nr);
	struct relayscope_call call;
	struct call_texts texts;

	if (!relayscope_records(attachment, current)) {
		relayscope_record_filtered(attachment);
		return;
	}
	call.abi = abi;
	call.nr = nr;
	call.arg_count = syscall_arg_count(abi, nr);
	syscall_get_arguments(current, regs, call.args);
	preempt_disable_notrace();
	call_texts_begin(&texts, attachment->record_max);
	call_texts_given(&texts, wanted,
			 (struct call_arguments){ call.args, abi == SYSCALL_ABI_IA32 });
	write_enter_texts(attachment, &call, &texts);
	if (has_to_be_kept(wanted, &texts))
		keep(attachment, &call, wanted, texts.flags);
	preempt_enable_notrace();
}

static void on_enter(void *data, struct pt_regs *regs, long asked_nr)
{
	long nr = asked_nr;
	enum syscall_abi abi = current_abi(&nr);

	if (likely(!(syscall_texts(abi, nr) & TEXTS_AT_ENTRY)))
		syscall_enters(data, regs, asked_nr);
	else
		enter_with_texts(data, regs, abi, nr);
}

static void tell_results(struct relayscope_attachment *attachment,
			 const struct relayscope_kept_call *call, struct pt_regs *regs, long ret)
{
	struct result_writer writer = { .attachment = attachment };
	unsigned long values[SYSCALL_ARGS_MAX];
	const struct call_arguments arguments = { values, call->abi == SYSCALL_ABI_IA32 };
	struct call_texts texts;

	syscall_get_arguments(current, regs, values);
	preempt_disable_notrace();
	/* Of most there is only a file to tell of. */
	if (call->unread || texts_kind(call->texts) > TEXT_KINDS_GIVEN) {
		call_texts_begin(&texts, attachment->record_max);
		call_texts_left(&texts, call->texts, call->unread, arguments, ret);
		if (call_texts_any(&texts))
			result_texts(&writer, call->nr, call->abi, &texts);
	}
	if (!IS_ERR_VALUE(ret))
		results_of_call(&writer, call->texts, arguments, ret);
	preempt_enable_notrace();
}

static noinline void leave_with_texts(struct relayscope_attachment *attachment,
				      struct pt_regs *regs, long ret)
{
	struct relayscope_kept_call call;
	long nr = syscall_get_nr(current, regs);

	if (!relayscope_call_kept(attachment, &call)) {
		call.abi = current_abi(&nr);
		call.texts = syscall_texts(call.abi, nr);
		call.unread = 0;
		call.nr = nr;
	}
	if (call.texts && relayscope_records(attachment, current) &&
	    (call.unread || !IS_ERR_VALUE(ret)))
		tell_results(attachment, &call, regs, ret);
	syscall_leaves(attachment, regs, ret);
}

static void on_exit(void *data, struct pt_regs *regs, long ret)
{
	struct relayscope_attachment *attachment = data;
	long nr = syscall_get_nr(current, regs);
	enum syscall_abi abi = current_abi(&nr);

	if (likely(!(syscall_texts(abi, nr) & TEXTS_AT_EXIT || relayscope_calls_kept(attachment))))
		syscall_leaves(data, regs, ret);
	else
		leave_with_texts(attachment, regs, ret);
}

/* Whoever has its place next is another. */
static void task_dies(struct relayscope_attachment *attachment, struct task_struct *task,
		      bool group_dead)
{
	struct relayscope_kept_call call;

	if (task == current)
		relayscope_call_kept(attachment, &call);
}

COMPAT_DEFINE_PROCESS_EXIT_PROBE(on_task_exit, struct relayscope_attachment, task_dies)

/* Entries last: whoever's is seen is also seen to leave. */
struct relayscope_point text_call_points[TEXT_CALL_POINTS] = {
	RELAYSCOPE_POINT(sched_process_exit, on_task_exit),
	RELAYSCOPE_POINT(sys_exit, on_exit),
	RELAYSCOPE_POINT(sys_enter, on_enter),
};
