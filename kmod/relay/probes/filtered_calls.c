// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source "syscalls" where a filter or a trigger asks about its calls. Probes of their own, so that
 * a recording of every call pays nothing for it.
 */
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <trace/events/sched.h>
#include <trace/events/syscalls.h>

#include "../../compat.h"
#include "../calls.h"
#include "../relayscope.h"
#include "../../../include/relayscope/events.h"
#include "filtered_calls.h"
#include "syscall_record.h"

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

static void on_enter(void *data, struct pt_regs *regs, long nr)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_call call;

	if (!relayscope_records(attachment, current)) {
		relayscope_record_filtered(attachment);
		return;
	}
	read_call(&call, regs, nr);
	if (!relayscope_call_enters(attachment, &call))
		return;
	write_enter(attachment, &call);
	relayscope_call_entered(attachment, &call);
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

static void fill_header(struct relayscope_record_header *header, u16 event_id, size_t length)
{
	header->event_id = event_id;
	header->length = length;
	header->tid = current->pid;
}

/* The entry's name is told where it has become another: the thread goes by the new one by now. */
static size_t fill_late_entry(struct relayscope_event_syscall_enter_late *event,
			      const struct relayscope_call *call, u64 now)
{
	bool renamed = strncmp(call->comm, current->comm, sizeof(call->comm));
	size_t comm_length = renamed ? strnlen(call->comm, sizeof(call->comm)) : 0;
	size_t length;
	u8 wide;

	length = args_length(call->args, call->arg_count, &wide);
	length += RELAYSCOPE_EVENT_SYSCALL_ENTER_LATE_FIXED + comm_length;
	fill_header(&event->header, RELAYSCOPE_EVENT_SYSCALL_ENTER_LATE, length);
	event->nr = recorded_nr(call);
	event->abi = call->abi;
	event->wide = wide;
	event->age = now > call->entered ? now - call->entered : 0;
	event->entry_cpu = call->cpu;
	event->entry_comm_length = comm_length;
	memcpy(event->tails, call->comm, comm_length);
	pack_args(event->tails + comm_length, call->args, call->arg_count, wide);
	return length;
}

static void write_both(struct relayscope_attachment *attachment, const struct relayscope_call *call,
		       const struct call_exit *exit)
{
	struct relayscope_slot slot;
	size_t entry_space;
	void *second;
	u64 now;

	BUILD_BUG_ON(RELAYSCOPE_EVENT_SYSCALL_ENTER_LATE_FIXED + TASK_COMM_LEN +
			     (SYSCALL_ARGS_MAX + 1) * sizeof(u64) + RELAYSCOPE_RECORD_ALIGN +
			     RELAYSCOPE_EVENT_SYSCALL_EXIT_FIXED >
		     RELAYSCOPE_PAIR_MAX);
	if (!relayscope_pair_begin(attachment, &slot, &now))
		return;
	entry_space = ALIGN(fill_late_entry(slot.record, call, now),
			    RELAYSCOPE_RECORD_ALIGN);
	second = (u8 *)slot.record + entry_space;
	fill_header(second, exit_event(exit), exit_length(exit));
	fill_exit(second, exit);
	relayscope_pair_end(attachment, &slot, entry_space + exit_length(exit));
}

static void on_exit(void *data, struct pt_regs *regs, long ret)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_call *call;
	struct call_exit exit;

	switch (relayscope_call_leaves(attachment, ret, &call)) {
	case RELAYSCOPE_CALL_REFUSED:
		return;
	case RELAYSCOPE_CALL_WRITE_EXIT:
		exit = read_exit(regs, ret);
		write_exit(attachment, &exit);
		break;
	case RELAYSCOPE_CALL_WRITE_BOTH:
		exit = read_exit(regs, ret);
		write_both(attachment, call, &exit);
		break;
	}
	relayscope_call_left(attachment, call);
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
