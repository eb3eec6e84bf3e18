// SPDX-License-Identifier: GPL-2.0-only
/*
 * Context: what a record says beside its event's fields. How the kernel got there, where the program
 * was, whose container. Appended to a staged record, so the kernel's stack needs no room for it and
 * who did not ask for it does not pay. Interrupts are off throughout.
 *
 * Everything is current's: only the task itself changes its namespaces, credentials and memory, and
 * it does not run now, or is interrupted. Whatever it puts away then is still there.
 */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/ipc_namespace.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <linux/time_namespace.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <linux/utsname.h>
#include <net/net_namespace.h>
#include <asm/ptrace.h>

#include "internal.h"

#define CONTEXT_KNOWN                                                                  \
	(RELAYSCOPE_CONTEXT_KERNEL_STACK | RELAYSCOPE_CONTEXT_USER_STACK |              \
	 RELAYSCOPE_CONTEXT_CGROUP | RELAYSCOPE_CONTEXT_NAMESPACES)
#define KERNEL_FRAMES_MAX 64u
#define USER_FRAMES_MAX 64u
/* Between the tracepoint and stack_trace_save(): of ours and of the probe. */
#define OWN_FRAMES_MAX 8u

/* Where the context of a record goes. */
struct context_room {
	u64 *next;
	const u64 *end; /* the footer fits behind it */
	struct relayscope_context_footer footer;
};

/* Its records carry this from now on. Before its probes, whose code is in @probes, are on. */
int relayscope_context_want(struct relayscope_attachment *attachment, u32 context,
			    const struct module *probes)
{
	if (context & ~CONTEXT_KNOWN)
		return -EINVAL;
	if (!context)
		return 0;
	attachment->context = context;
	attachment->probes = probes;
	return relayscope_attachment_stage(attachment);
}

/* ---- the kernel's stack ---- */

static bool is_own_code(const struct relayscope_attachment *attachment, unsigned long address)
{
	return within_module(address, THIS_MODULE) || within_module(address, attachment->probes);
}

/* In place, from the front: what is written has been read. */
static unsigned int narrow(u64 *frames, unsigned int count)
{
	s32 *to = (s32 *)frames;
	unsigned int i;

	for (i = 0; i < count; i++)
		if ((s64)frames[i] != (s32)frames[i])
			return 0;
	for (i = 0; i < count; i++)
		to[i] = (s32)frames[i];
	if (count & 1)
		to[count++] = 0;
	return count / 2;
}

/* As far as there is room; saved where it stays, with our own frames taken out. */
static void append_kernel_stack(const struct relayscope_attachment *attachment,
				struct context_room *room)
{
	unsigned int most = min_t(size_t, room->end - room->next,
				  KERNEL_FRAMES_MAX + OWN_FRAMES_MAX);
	unsigned int saved, own = 0, count, words;

	BUILD_BUG_ON(sizeof(unsigned long) != sizeof(u64));
	if (!most)
		return;
	saved = stack_trace_save((unsigned long *)room->next, most, 0);
	while (own < saved && is_own_code(attachment, room->next[own]))
		own++;
	count = min(saved - own, KERNEL_FRAMES_MAX);
	if (saved == most || count < saved - own)
		room->footer.flags |= RELAYSCOPE_CONTEXT_KERNEL_CUT;
	if (!count)
		return;
	memmove(room->next, room->next + own, count * sizeof(u64));
	words = narrow(room->next, count);
	if (words)
		room->footer.flags |= RELAYSCOPE_CONTEXT_KERNEL_NARROW;
	room->footer.context |= RELAYSCOPE_CONTEXT_KERNEL_STACK;
	room->footer.kernel_frames = count;
	room->next += words ?: count;
}

/* ---- user space's stack, by frame pointers ---- */

/* What a frame pointer points at. */
struct frame {
	u64 next;
	u64 return_address;
};

static bool read_frame(unsigned long at, bool wide, struct frame *frame)
{
	u32 half[2];

	if (wide)
		return !copy_from_user_nofault(frame, (const void __user *)at, sizeof(*frame));
	if (copy_from_user_nofault(half, (const void __user *)at, sizeof(half)))
		return false;
	frame->next = half[0];
	frame->return_address = half[1];
	return true;
}

/* Where the task left user space; NULL when it never was there or does not come back. */
static struct pt_regs *user_regs(void)
{
	struct pt_regs *regs;

	if (!in_task() || !current->mm || current->flags & PF_KTHREAD)
		return NULL;
	regs = task_pt_regs(current);
	/* A worker of the kernel's own that has borrowed the process has a copy of its maker's. */
	return user_mode(regs) && regs->ip ? regs : NULL;
}

static void append_user_stack(struct context_room *room)
{
	struct pt_regs *regs = user_regs();
	unsigned int most = min_t(size_t, room->end - room->next, USER_FRAMES_MAX);
	unsigned int count = 0;
	unsigned long at;
	struct frame frame;
	bool wide;

	if (!regs || !most)
		return;
	wide = user_64bit_mode(regs);
	room->next[count++] = regs->ip;
	for (at = regs->bp; at; at = frame.next) {
		if (count == most) {
			room->footer.flags |= RELAYSCOPE_CONTEXT_USER_CUT;
			break;
		}
		if (!read_frame(at, wide, &frame)) {
			room->footer.flags |= RELAYSCOPE_CONTEXT_USER_UNREADABLE;
			break;
		}
		if (!frame.return_address)
			break;
		room->next[count++] = frame.return_address;
		/* A chain leads up, or it is none. */
		if (frame.next <= at)
			break;
	}
	room->footer.context |= RELAYSCOPE_CONTEXT_USER_STACK;
	room->footer.user_frames = count;
	room->next += count;
}

/* ---- whose it is ---- */

static void append_cgroup(struct context_room *room)
{
#ifdef CONFIG_CGROUPS
	if (room->next == room->end)
		return;
	rcu_read_lock();
	*room->next++ = cgroup_id(task_dfl_cgroup(current));
	rcu_read_unlock();
	room->footer.context |= RELAYSCOPE_CONTEXT_CGROUP;
#endif
}

static void read_proxied(struct relayscope_context_namespaces *to, const struct nsproxy *proxy)
{
	to->net = proxy->net_ns->ns.inum;
#ifdef CONFIG_UTS_NS
	to->uts = proxy->uts_ns->ns.inum;
#endif
#ifdef CONFIG_IPC_NS
	to->ipc = proxy->ipc_ns->ns.inum;
#endif
#ifdef CONFIG_CGROUPS
	to->cgroup = proxy->cgroup_ns->ns.inum;
#endif
#ifdef CONFIG_TIME_NS
	to->time = proxy->time_ns->ns.inum;
#endif
}

/* The mount namespace is not among them: what it looks like is known to the file systems only. */
static void append_namespaces(struct context_room *room)
{
	struct relayscope_context_namespaces *to = (void *)room->next;
	const struct pid_namespace *pids;

	BUILD_BUG_ON(sizeof(*to) % sizeof(u64));
	if (room->end - room->next < sizeof(*to) / sizeof(u64))
		return;
	memset(to, 0, sizeof(*to));
	rcu_read_lock();
	to->user = __task_cred(current)->user_ns->ns.inum;
	/* A task that is ending has given the others back. */
	if (current->nsproxy)
		read_proxied(to, current->nsproxy);
	pids = task_active_pid_ns(current);
	if (pids)
		to->pid = pids->ns.inum;
	rcu_read_unlock();
	room->footer.context |= RELAYSCOPE_CONTEXT_NAMESPACES;
	room->next += sizeof(*to) / sizeof(u64);
}

/* ---- all of it ---- */

/* What cgroup and namespaces take behind the stacks, which are cut to leave room for them. */
static size_t fixed_words(u16 context)
{
	size_t words = 0;

	if (context & RELAYSCOPE_CONTEXT_CGROUP)
		words++;
	if (context & RELAYSCOPE_CONTEXT_NAMESPACES)
		words += sizeof(struct relayscope_context_namespaces) / sizeof(u64);
	return words;
}

/*
 * Append the context to a record that is whole, in memory that takes @size bytes of it. Stacks are
 * cut to what fits; a record that leaves no room for the rest goes without.
 */
void relayscope_context_append(const struct relayscope_attachment *attachment,
			       struct relayscope_record_header *record, size_t size)
{
	const u16 wanted = attachment->context;
	const size_t fixed = fixed_words(wanted);
	size_t begin = ALIGN(record->length, sizeof(u64));
	struct context_room room = {
		.next = (void *)record + begin,
		.footer.record_length = record->length,
	};
	size_t words = size / sizeof(u64);

	if (words < begin / sizeof(u64) + fixed + 1)
		return;
	room.end = (u64 *)record + words - 1 - fixed;
	memset((u8 *)record + record->length, 0, begin - record->length);
	if (!in_task())
		room.footer.flags |= RELAYSCOPE_CONTEXT_INTERRUPT;
	if (wanted & RELAYSCOPE_CONTEXT_KERNEL_STACK)
		append_kernel_stack(attachment, &room);
	if (wanted & RELAYSCOPE_CONTEXT_USER_STACK)
		append_user_stack(&room);
	room.end += fixed;
	if (wanted & RELAYSCOPE_CONTEXT_CGROUP)
		append_cgroup(&room);
	if (wanted & RELAYSCOPE_CONTEXT_NAMESPACES)
		append_namespaces(&room);

	memcpy(room.next, &room.footer, sizeof(room.footer));
	record->length = (u8 *)(room.next + 1) - (u8 *)record;
	record->event_id |= RELAYSCOPE_RECORD_CONTEXT;
}
