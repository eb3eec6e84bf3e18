// SPDX-License-Identifier: GPL-2.0-only
/* What has come of a call, by what the call table says. */
#include <linux/audit.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/socket.h>
#include <linux/user_namespace.h>
#include <net/compat.h>
#include <net/scm.h>

#include "../../compat.h"
#include "../../../include/relayscope/events.h"
#include "call_results.h"
#include "syscall_texts.h"
#include "user_memory.h"

void result_texts(struct result_writer *writer, u16 nr, u8 abi, const struct call_texts *texts)
{
	struct relayscope_event_syscall_texts *event =
		result_begin(writer, RELAYSCOPE_EVENT_SYSCALL_TEXTS,
			     RELAYSCOPE_EVENT_SYSCALL_TEXTS_FIXED + texts->used);

	if (!event)
		return;
	event->nr = nr;
	event->abi = abi;
	event->pad0 = 0;
	event->flags = texts->flags;
	event->path_length = texts->path_length;
	event->path2_length = texts->path2_length;
	memcpy(event->tails, texts->bytes, texts->used);
	result_end(writer, event);
}

static void result_credentials(struct result_writer *writer)
{
	const struct cred *cred = current_cred();
	struct relayscope_event_task_credentials *event =
		result_begin(writer, RELAYSCOPE_EVENT_TASK_CREDENTIALS,
			     RELAYSCOPE_EVENT_TASK_CREDENTIALS_FIXED);

	if (!event)
		return;
	event->process_pid = current->tgid;
	event->uid = from_kuid(&init_user_ns, cred->uid);
	event->euid = from_kuid(&init_user_ns, cred->euid);
	event->gid = from_kgid(&init_user_ns, cred->gid);
	event->egid = from_kgid(&init_user_ns, cred->egid);
	event->loginuid = from_kuid(&init_user_ns, audit_get_loginuid(current));
	event->session_id = audit_get_sessionid(current);
	result_end(writer, event);
}

/* ---- descriptors in the caller's memory: what is there now need not be what the kernel put there ---- */

static void result_files_at(struct result_writer *writer, unsigned long address,
			    unsigned int count)
{
	unsigned int i;
	int fd;

	for (i = 0; i < count; i++) {
		if (!read_user(&fd, address + i * sizeof(fd), sizeof(fd)))
			return;
		result_file(writer, fd);
	}
}

/* A message has few of them. */
#define CONTROLS_MAX 16u

struct control {
	unsigned long length;
	int level;
	int type;
	size_t header_length;
};

static bool read_control(struct control *control, unsigned long address, bool compat)
{
	struct compat_cmsghdr narrow;
	struct cmsghdr wide;

	if (compat) {
		if (!read_user(&narrow, address, sizeof(narrow)))
			return false;
		control->length = narrow.cmsg_len;
		control->level = narrow.cmsg_level;
		control->type = narrow.cmsg_type;
		control->header_length = sizeof(narrow);
		return true;
	}
	if (!read_user(&wide, address, sizeof(wide)))
		return false;
	control->length = wide.cmsg_len;
	control->level = wide.cmsg_level;
	control->type = wide.cmsg_type;
	control->header_length = sizeof(wide);
	return true;
}

/* Those that have come with a message. */
static void result_received(struct result_writer *writer, unsigned long address, bool compat)
{
	const size_t align = compat ? sizeof(compat_size_t) : sizeof(size_t);
	struct user_message message;
	struct control control;
	unsigned long at = 0;
	/* The kernel sends as many at most; the memory may say anything. */
	unsigned int left = SCM_MAX_FD;
	unsigned int i, count;

	if (!read_user_message(&message, address, compat) || !message.control)
		return;
	for (i = 0; i < CONTROLS_MAX && at < message.control_length; i++) {
		if (!read_control(&control, message.control + at, compat))
			return;
		if (control.length < control.header_length ||
		    control.length > message.control_length - at)
			return;
		count = min_t(size_t, (control.length - control.header_length) / sizeof(int), left);
		if (control.level == SOL_SOCKET &&
		    (control.type == SCM_RIGHTS || control.type == SCM_PIDFD)) {
			result_files_at(writer, message.control + at + control.header_length,
					count);
			left -= count;
		}
		at += ALIGN(control.length, align);
	}
}

/* ---- all of it ---- */

/* Of a call that has not failed. */
void results_of_call(struct result_writer *writer, u32 wanted, struct call_arguments arguments,
		     long ret)
{
	const unsigned int arg = texts_arg(wanted);

	if (wanted & TEXTS_FD & ~TEXTS_AT_EXIT)
		result_file(writer, ret);
	if (texts_kind(wanted) == TEXT_MADE_FDS)
		result_files_at(writer, arguments.values[arg], 2);
	if (texts_kind(wanted) == TEXT_MADE_MESSAGE)
		result_received(writer, arguments.values[arg], arguments.compat);
	if (wanted & TEXTS_ROOT & ~TEXTS_AT_EXIT)
		result_directory(writer, MADE_FILE_ROOT);
	if (wanted & TEXTS_CWD & ~TEXTS_AT_EXIT)
		result_directory(writer, MADE_FILE_CWD);
	if (wanted & TEXTS_WHO & ~TEXTS_AT_EXIT)
		result_credentials(writer);
}
