// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source "syscalls" where a filter or a trigger asks about its calls. Probes of their own, so that
 * a recording of every call pays nothing for it.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <trace/events/sched.h>
#include <trace/events/syscalls.h>

#include "../../compat.h"
#include "../calls.h"
#include "../relayscope.h"
#include "../../../include/relayscope/events.h"
#include "call_results.h"
#include "filtered_calls.h"
#include "syscall_record.h"
#include "syscall_texts.h"
#include "text_calls.h"

/* As the record has it: outside the table all arguments, and the number behind them. */
static u16 recorded_nr(const struct relayscope_call *call)
{
	return call->arg_count > SYSCALL_ARGS_MAX ? SYSCALL_NR_OUTSIDE : call->nr;
}

static void read_call(struct relayscope_call *call, struct pt_regs *regs, long nr)
{
	int count;

	call->abi = current_abi(&nr);
	call->nr = nr;
	count = syscall_arg_count(call->abi, nr);
	if (count)
		syscall_get_arguments(current, regs, call->args);
	if (count < 0) {
		call->args[SYSCALL_ARGS_MAX] = nr;
		count = SYSCALL_ARGS_MAX + 1;
	}
	call->arg_count = count;
}

static void write_enter(struct relayscope_attachment *attachment,
			const struct relayscope_call *call)
{
	struct relayscope_event_syscall_enter *event;
	struct relayscope_slot slot;
	size_t length;
	u8 wide;

	length = args_length(call->args, call->arg_count, &wide);
	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_SYSCALL_ENTER, current->pid,
				     RELAYSCOPE_EVENT_SYSCALL_ENTER_FIXED + length))
		return;
	event = slot.record;
	event->nr = recorded_nr(call);
	event->abi = call->abi;
	event->wide = wide;
	pack_args(event->args, call->args, call->arg_count, wide);
	relayscope_record_end(attachment, &slot);
}

static u32 texts_of(const struct relayscope_attachment *attachment,
		    const struct relayscope_call *call)
{
	return attachment->kept ? syscall_texts(call->abi, call->nr) : 0;
}

/* Preemption is off. */
static void enter_with_texts(struct relayscope_attachment *attachment, struct relayscope_call *call,
			     u32 wanted)
{
	struct relayscope_texts subject;
	struct call_texts texts;

	call_texts_begin(&texts, attachment->record_max);
	call_texts_given(&texts, wanted,
			 (struct call_arguments){ call->args, call->abi == SYSCALL_ABI_IA32 });
	call->unread = texts.flags & TEXTS_UNREAD;
	subject = call_texts_subject(&texts);
	if (!relayscope_call_enters(attachment, call, &subject))
		return;
	write_enter_texts(attachment, call, &texts);
	relayscope_call_entered(attachment, call, &subject);
}

static void on_enter(void *data, struct pt_regs *regs, long nr)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_call call;
	u32 wanted;

	if (!relayscope_records(attachment, current)) {
		relayscope_record_filtered(attachment);
		return;
	}
	read_call(&call, regs, nr);
	call.unread = 0;
	wanted = texts_of(attachment, &call);
	if (wanted & TEXTS_AT_ENTRY) {
		preempt_disable_notrace();
		enter_with_texts(attachment, &call, wanted);
		preempt_enable_notrace();
		return;
	}
	if (!relayscope_call_enters(attachment, &call, NULL))
		return;
	write_enter(attachment, &call);
	relayscope_call_entered(attachment, &call, NULL);
}

/* ---- exit ---- */

struct call_exit {
	long ret;
	u16 nr;
	u8 abi;
};

/* Execve returns by the new program's table. */
static struct call_exit read_exit(struct pt_regs *regs, long ret)
{
	long nr = syscall_get_nr(current, regs);
	enum syscall_abi abi = current_abi(&nr);
	struct call_exit exit = { .ret = ret, .nr = nr, .abi = abi };

	if (unlikely((unsigned long)nr > SYSCALL_NR_OUTSIDE))
		exit.nr = SYSCALL_NR_OUTSIDE;
	return exit;
}

static size_t exit_length(const struct call_exit *exit)
{
	return short_exit(exit->abi, exit->ret) ? RELAYSCOPE_EVENT_SYSCALL_EXIT_SHORT_FIXED :
						  RELAYSCOPE_EVENT_SYSCALL_EXIT_FIXED;
}

static u16 exit_event(const struct call_exit *exit)
{
	return short_exit(exit->abi, exit->ret) ? RELAYSCOPE_EVENT_SYSCALL_EXIT_SHORT :
						  RELAYSCOPE_EVENT_SYSCALL_EXIT;
}

/* All but the header. */
static void fill_exit(void *record, const struct call_exit *exit)
{
	struct relayscope_event_syscall_exit_short *short_form = record;
	struct relayscope_event_syscall_exit *long_form = record;

	if (short_exit(exit->abi, exit->ret)) {
		short_form->nr = exit->nr;
		short_form->ret = exit->ret;
	} else {
		long_form->nr = exit->nr;
		long_form->abi = exit->abi;
		long_form->ret = exit->ret;
	}
}

static void write_exit(struct relayscope_attachment *attachment, const struct call_exit *exit)
{
	struct relayscope_slot slot;

	if (!relayscope_record_begin(attachment, &slot, exit_event(exit), current->pid,
				     exit_length(exit)))
		return;
	fill_exit(slot.record, exit);
	relayscope_record_end(attachment, &slot);
}

/* The entry's name is told where it has become another: the thread goes by the new one by now. */
static size_t late_comm_length(const struct relayscope_call *call)
{
	bool renamed = strncmp(call->comm, current->comm, sizeof(call->comm));

	return renamed ? strnlen(call->comm, sizeof(call->comm)) : 0;
}

static void add_entry(struct relayscope_attachment *attachment,
		      struct relayscope_call_group *group, const struct relayscope_call *call)
{
	struct relayscope_event_syscall_enter_late *event;
	const size_t comm_length = late_comm_length(call);
	size_t length;
	u8 wide;

	length = args_length(call->args, call->arg_count, &wide);
	event = relayscope_group_add(attachment, group, RELAYSCOPE_EVENT_SYSCALL_ENTER_LATE,
				     RELAYSCOPE_EVENT_SYSCALL_ENTER_LATE_FIXED + comm_length +
					     length);
	if (!event)
		return;
	event->nr = recorded_nr(call);
	event->abi = call->abi;
	event->wide = wide;
	event->age = group->now > call->entered ? group->now - call->entered : 0;
	event->entry_cpu = call->cpu;
	event->entry_comm_length = comm_length;
	memcpy(event->tails, call->comm, comm_length);
	pack_args(event->tails + comm_length, call->args, call->arg_count, wide);
	relayscope_group_added(attachment, group, event);
}

static void add_exit(struct relayscope_attachment *attachment, struct relayscope_call_group *group,
		     const struct call_exit *exit)
{
	void *record;

	relayscope_group_last(group);
	record = relayscope_group_add(attachment, group, exit_event(exit), exit_length(exit));
	if (!record)
		return;
	fill_exit(record, exit);
	relayscope_group_added(attachment, group, record);
}

/* What there is to tell of a call beside; NULL: it has no texts. */
struct call_ending {
	u32 wanted;
	const struct call_texts *texts;
	struct call_arguments arguments;
};

static void write_results(struct result_writer *writer, const struct relayscope_call *call,
			  const struct call_ending *ending)
{
	if (!ending)
		return;
	if (call_texts_any(ending->texts))
		result_texts(writer, call->nr, call->abi, ending->texts);
	if (!IS_ERR_VALUE(call->ret))
		results_of_call(writer, ending->wanted, ending->arguments, call->ret);
}

static void write_both(struct relayscope_attachment *attachment, const struct relayscope_call *call,
		       const struct call_ending *ending, const struct call_exit *exit)
{
	struct relayscope_call_group group;
	struct result_writer writer = { .attachment = attachment, .group = &group };

	if (!relayscope_group_begin(attachment, &group))
		return;
	add_entry(attachment, &group, call);
	write_results(&writer, call, ending);
	add_exit(attachment, &group, exit);
	relayscope_group_end(attachment, &group);
}

static void leave(struct relayscope_attachment *attachment, struct relayscope_call *call,
		  const struct call_ending *ending, struct pt_regs *regs)
{
	struct result_writer writer = { .attachment = attachment };
	const struct relayscope_texts *subject = NULL;
	struct relayscope_texts texts;
	struct call_exit exit;

	if (ending) {
		texts = call_texts_subject(ending->texts);
		subject = &texts;
	}
	switch (relayscope_call_leaves(attachment, call, subject)) {
	case RELAYSCOPE_CALL_REFUSED:
		return;
	case RELAYSCOPE_CALL_WRITE_EXIT:
		write_results(&writer, call, ending);
		exit = read_exit(regs, call->ret);
		write_exit(attachment, &exit);
		break;
	case RELAYSCOPE_CALL_WRITE_BOTH:
		exit = read_exit(regs, call->ret);
		write_both(attachment, call, ending, &exit);
		break;
	}
	relayscope_call_left(attachment, call, subject);
}

/* Preemption is off. What it was given is read again where the decision is due now. */
static void leave_with_texts(struct relayscope_attachment *attachment, struct relayscope_call *call,
			     struct pt_regs *regs, u32 wanted)
{
	const u16 given =
		relayscope_call_needs_texts(attachment, call) ? TEXTS_UNREAD : call->unread;
	struct call_texts texts;
	const struct call_ending ending = {
		.wanted = wanted,
		.texts = &texts,
		.arguments = { call->args, call->abi == SYSCALL_ABI_IA32 },
	};

	call_texts_begin(&texts, attachment->record_max);
	call_texts_left(&texts, wanted, given, ending.arguments, call->ret);
	leave(attachment, call, &ending, regs);
}

static void on_exit(void *data, struct pt_regs *regs, long ret)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_call *call = relayscope_call_returns(attachment, ret);
	u32 wanted;

	if (!call)
		return;
	wanted = texts_of(attachment, call);
	if (!wanted) {
		leave(attachment, call, NULL, regs);
		return;
	}
	preempt_disable_notrace();
	leave_with_texts(attachment, call, regs, wanted);
	preempt_enable_notrace();
}

/* Calls that never return: exit, exit_group, and whatever a task is killed in. */
static void task_dies(struct relayscope_attachment *attachment, struct task_struct *task,
		      bool group_dead)
{
	if (task == current)
		relayscope_call_dies(attachment);
}

COMPAT_DEFINE_PROCESS_EXIT_PROBE(on_task_exit, struct relayscope_attachment, task_dies)

/* Entries last: whoever's is seen is also seen to leave. */
struct relayscope_point filtered_call_points[FILTERED_CALL_POINTS] = {
	RELAYSCOPE_POINT(sched_process_exit, on_task_exit),
	RELAYSCOPE_POINT(sys_exit, on_exit),
	RELAYSCOPE_POINT(sys_enter, on_enter),
};
