// SPDX-License-Identifier: GPL-2.0-only
/* Source "sched": context switches and the births, programs and deaths of tasks. */
#include <linux/binfmts.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <trace/events/sched.h>

#include "../../compat.h"
#include "../relayscope.h"
#include "../../../include/relayscope/events.h"

/* Bits of sched_switch's flags, as the proto declares them. */
#define SWITCH_PREV_RECORDED 1u
#define SWITCH_NEXT_RECORDED 2u
#define SWITCH_PREEMPTED 4u

static void on_switch(void *data, bool preempt, struct task_struct *prev,
		      struct task_struct *next, unsigned int prev_state)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_sched_switch *event;
	struct relayscope_slot slot;
	u8 flags = 0;

	if (relayscope_records(attachment, prev))
		flags |= SWITCH_PREV_RECORDED;
	if (relayscope_records(attachment, next))
		flags |= SWITCH_NEXT_RECORDED;
	if (!flags) {
		relayscope_record_filtered(attachment);
		return;
	}
	if (preempt)
		flags |= SWITCH_PREEMPTED;
	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_SCHED_SWITCH, prev->pid,
				     RELAYSCOPE_EVENT_SCHED_SWITCH_FIXED))
		return;
	event = slot.record;
	/* Preempted on its way to sleep, it still runs on. */
	event->prev_state = preempt ? 0 : prev_state | READ_ONCE(prev->exit_state);
	event->next_tid = next->pid;
	event->flags = flags;
	relayscope_record_end(attachment, &slot);
}

static void on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_sched_process_fork *event;
	struct relayscope_slot slot;

	if (!relayscope_records(attachment, parent)) {
		relayscope_record_filtered(attachment);
		return;
	}
	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_SCHED_PROCESS_FORK,
				     parent->pid, RELAYSCOPE_EVENT_SCHED_PROCESS_FORK_FIXED))
		return;
	event = slot.record;
	event->child_tid = child->pid;
	event->child_pid = child->tgid;
	relayscope_record_end(attachment, &slot);
}

static void on_exec(void *data, struct task_struct *task, pid_t old_pid,
		    struct linux_binprm *bprm)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_sched_process_exec *event;
	struct relayscope_slot slot;
	size_t length;

	if (!relayscope_records(attachment, task)) {
		relayscope_record_filtered(attachment);
		return;
	}
	length = strnlen(bprm->filename, PATH_MAX);
	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_SCHED_PROCESS_EXEC, task->pid,
				     RELAYSCOPE_EVENT_SCHED_PROCESS_EXEC_FIXED + length))
		return;
	event = slot.record;
	event->old_tid = old_pid;
	memcpy((u8 *)event + RELAYSCOPE_EVENT_SCHED_PROCESS_EXEC_FIXED, bprm->filename, length);
	relayscope_record_end(attachment, &slot);
}

static void record_exit(struct relayscope_attachment *attachment, struct task_struct *task,
			bool group_dead)
{
	struct relayscope_event_sched_process_exit *event;
	struct relayscope_slot slot;

	if (!relayscope_records(attachment, task)) {
		relayscope_record_filtered(attachment);
		return;
	}
	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_SCHED_PROCESS_EXIT, task->pid,
				     RELAYSCOPE_EVENT_SCHED_PROCESS_EXIT_FIXED))
		return;
	event = slot.record;
	event->process_pid = task->tgid;
	event->group_dead = group_dead;
	event->exit_code = relayscope_exit_code(task);
	relayscope_record_end(attachment, &slot);
}

COMPAT_DEFINE_PROCESS_EXIT_PROBE(on_exit, struct relayscope_attachment, record_exit)

static struct relayscope_point points[] = {
	RELAYSCOPE_POINT(sched_switch, on_switch),
	RELAYSCOPE_POINT(sched_process_fork, on_fork),
	RELAYSCOPE_POINT(sched_process_exec, on_exec),
	RELAYSCOPE_POINT(sched_process_exit, on_exit),
};

static struct relayscope_source source = {
	.name = "sched",
	.description = "scheduling: context switches, fork, exec, exit",
	.owner = THIS_MODULE,
	.points = points,
	.point_count = ARRAY_SIZE(points),
};

static int __init sched_init(void)
{
	return relayscope_source_register(&source);
}

static void __exit sched_exit(void)
{
	relayscope_source_unregister(&source);
}

module_init(sched_init);
module_exit(sched_exit);

MODULE_DESCRIPTION("Relayscope source: scheduling");
MODULE_LICENSE("GPL");
