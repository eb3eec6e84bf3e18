// SPDX-License-Identifier: GPL-2.0-only
/*
 * Births, programs, names and deaths of the recorded processes, sent as bufflink messages whatever
 * sources are recorded: every other record is owned and named through them.
 */
#include <linux/binfmts.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <trace/events/sched.h>
#include <trace/events/task.h>

#include "internal.h"
#include "../../include/relayscope/events.h"

#define ARGV_MAX 8192

static u32 real_uid(const struct task_struct *task)
{
	return from_kuid(&init_user_ns, task_uid(task));
}

static void on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct relayscope_recorder *recorder = data;
	struct relayscope_event_task_fork message;

	if (!relayscope_recorder_records(recorder, parent))
		return;
	memset(&message, 0, sizeof(message));
	message.parent_pid = parent->tgid;
	message.child_tid = child->pid;
	message.child_pid = child->tgid;
	message.uid = real_uid(child);
	message.start_boottime = child->start_boottime;
	/* The child does not run yet, so nobody renames it. */
	strscpy_pad(message.comm, child->comm, sizeof(message.comm));
	relayscope_message(recorder, &message, RELAYSCOPE_EVENT_TASK_FORK,
			   RELAYSCOPE_EVENT_TASK_FORK_FIXED, parent->pid);
}

/* ---- exec ---- */

/* The new program's arguments, as far as their pages are resident: exec has just written them. */
static size_t copy_argv(u8 *to, bool *truncated)
{
	struct mm_struct *mm = current->mm;
	unsigned long at = mm->arg_start;
	size_t want = mm->arg_end - mm->arg_start;
	size_t copied = 0;

	*truncated = want > ARGV_MAX;
	want = min_t(size_t, want, ARGV_MAX);
	while (copied < want) {
		size_t part = min(want - copied, PAGE_SIZE - offset_in_page(at));

		if (copy_from_user_nofault(to + copied, (const void __user *)at, part)) {
			*truncated = true;
			break;
		}
		copied += part;
		at += part;
	}
	return copied;
}

struct exec_message {
	struct relayscope_event_task_exec fixed;
	u8 room_for_tails[2 * PATH_MAX + ARGV_MAX];
};

static void fill_exec(struct relayscope_event_task_exec *message, struct task_struct *task,
		      pid_t old_pid)
{
	memset(message, 0, sizeof(*message));
	message->process_pid = task->tgid;
	message->old_tid = old_pid;
	message->uid = real_uid(task);
	message->start_boottime = task->start_boottime;
	strscpy_pad(message->comm, task->comm, sizeof(message->comm));
	message->argv_truncated = true; /* until the arguments are there */
}

/* Tails follow the fixed part without a gap; returns the message's length. */
static size_t append_exec_tails(struct exec_message *message, struct linux_binprm *bprm)
{
	u8 *start = (u8 *)message;
	u8 *tail = start + RELAYSCOPE_EVENT_TASK_EXEC_FIXED;
	bool truncated;
	size_t length;
	char *path;

	/* file_path builds its answer at the end of the room it is given. */
	path = file_path(bprm->file, tail, PATH_MAX);
	length = IS_ERR(path) ? 0 : strlen(path);
	if (length)
		memmove(tail, path, length);
	message->fixed.exe_length = length;
	tail += length;

	length = strnlen(bprm->filename, PATH_MAX);
	memcpy(tail, bprm->filename, length);
	message->fixed.filename_length = length;
	tail += length;

	tail += copy_argv(tail, &truncated);
	message->fixed.argv_truncated = truncated;
	return tail - start;
}

static void on_exec(void *data, struct task_struct *task, pid_t old_pid,
		    struct linux_binprm *bprm)
{
	struct relayscope_recorder *recorder = data;
	struct relayscope_event_task_exec bare;
	struct exec_message *message;

	if (!relayscope_recorder_records(recorder, task))
		return;
	message = kmalloc(sizeof(*message), GFP_NOWAIT | __GFP_NOWARN);
	if (!message) {
		fill_exec(&bare, task, old_pid);
		relayscope_message(recorder, &bare, RELAYSCOPE_EVENT_TASK_EXEC,
				   RELAYSCOPE_EVENT_TASK_EXEC_FIXED, task->pid);
		return;
	}
	fill_exec(&message->fixed, task, old_pid);
	relayscope_message(recorder, message, RELAYSCOPE_EVENT_TASK_EXEC,
			   append_exec_tails(message, bprm), task->pid);
	kfree(message);
}

/* ---- exit and rename ---- */

static void send_exit(struct relayscope_recorder *recorder, struct task_struct *task,
		      bool group_dead)
{
	struct relayscope_event_task_exit message;

	if (!relayscope_recorder_records(recorder, task))
		return;
	memset(&message, 0, sizeof(message));
	message.process_pid = task->tgid;
	message.exit_code = relayscope_exit_code(task);
	message.group_dead = group_dead;
	message.start_boottime = task->start_boottime;
	relayscope_message(recorder, &message, RELAYSCOPE_EVENT_TASK_EXIT,
			   RELAYSCOPE_EVENT_TASK_EXIT_FIXED, task->pid);
}

COMPAT_DEFINE_PROCESS_EXIT_PROBE(on_exit, struct relayscope_recorder, send_exit)

static void on_rename(void *data, struct task_struct *task, const char *comm)
{
	struct relayscope_recorder *recorder = data;
	struct relayscope_event_task_rename message;

	if (!relayscope_recorder_records(recorder, task))
		return;
	memset(&message, 0, sizeof(message));
	message.process_pid = task->tgid;
	message.start_boottime = task->start_boottime;
	memcpy(message.old_comm, task->comm, sizeof(message.old_comm));
	strscpy_pad(message.comm, comm, sizeof(message.comm));
	relayscope_message(recorder, &message, RELAYSCOPE_EVENT_TASK_RENAME,
			   RELAYSCOPE_EVENT_TASK_RENAME_FIXED, task->pid);
}

static struct relayscope_point points[] = {
	RELAYSCOPE_POINT(sched_process_fork, on_fork),
	RELAYSCOPE_POINT(sched_process_exec, on_exec),
	RELAYSCOPE_POINT(sched_process_exit, on_exit),
	RELAYSCOPE_POINT(task_rename, on_rename),
};

void relayscope_lifecycle_init(void)
{
	relayscope_points_resolve(points, ARRAY_SIZE(points));
}

int relayscope_lifecycle_on(struct relayscope_recorder *recorder)
{
	return relayscope_points_on(points, ARRAY_SIZE(points), recorder,
				    &recorder->lifecycle_registered);
}

/* The caller calls tracepoint_synchronize_unregister() before it frees @recorder. */
void relayscope_lifecycle_off(struct relayscope_recorder *recorder)
{
	relayscope_points_off(points, recorder, &recorder->lifecycle_registered);
}
