// SPDX-License-Identifier: GPL-2.0-only
/* Which texts of a call are read when, by what the call table says. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/topology.h>
#include <net/compat.h>

#include "call_texts.h"
#include "syscall_texts.h"
#include "user_memory.h"

/* ---- memory to read them into ---- */

static DEFINE_MUTEX(prepare_lock);
static DEFINE_PER_CPU(u8 *, memory);
#define MEMORY_SIZE (CALL_TEXTS_SIZE + FILE_PATH_SIZE)

/* Kept until the module goes: whoever records texts once does so again. */
int call_texts_prepare(void)
{
	int err = 0;
	int cpu;

	mutex_lock(&prepare_lock);
	for_each_possible_cpu(cpu) {
		u8 **own = per_cpu_ptr(&memory, cpu);

		if (!*own)
			*own = kvmalloc_node(MEMORY_SIZE, GFP_KERNEL, cpu_to_node(cpu));
		if (!*own)
			err = -ENOMEM;
	}
	mutex_unlock(&prepare_lock);
	return err;
}

void call_texts_free(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kvfree(per_cpu(memory, cpu));
}

/* Room for one file's path beside the texts. Preemption is off while it is used. */
char *file_path_memory(void)
{
	return (char *)__this_cpu_read(memory) + CALL_TEXTS_SIZE;
}

/* Preemption is off until they have been written to a record of @record_max bytes at most. */
void call_texts_begin(struct call_texts *texts, size_t record_max)
{
	memset(texts, 0, sizeof(*texts));
	texts->bytes = __this_cpu_read(memory);
	texts->size = min_t(size_t, CALL_TEXTS_SIZE, record_max - CALL_TEXTS_BESIDE);
}

/* ---- by kind ---- */

/* True: there is a path. */
static bool read_path(struct call_texts *texts, unsigned long address, u16 *length, u16 truncated,
		      u16 unread)
{
	size_t size = min_t(size_t, PATH_MAX, texts->size - texts->used);
	long read;

	if (!address || !size)
		return false;
	read = read_user_text(texts->bytes + texts->used, address, size);
	if (unlikely(read < 0)) {
		texts->flags |= unread;
		return false;
	}
	if (unlikely(read == size)) {
		texts->flags |= truncated;
		read--;
	}
	*length = read;
	texts->used += read;
	return true;
}

void read_string_details(struct call_texts *texts, unsigned long address)
{
	size_t room = details_room(texts);
	long read;

	if (!address || !room)
		return;
	read = read_user_text(texts->bytes + texts->used, address, room);
	if (read < 0) {
		texts->flags |= TEXT_DETAILS_UNREAD;
		return;
	}
	if (read == room)
		texts->flags |= TEXT_DETAILS_TRUNCATED;
	details_add(texts, read);
}

void read_bytes_details(struct call_texts *texts, unsigned long address, size_t length,
			size_t most)
{
	most = min(most, details_room(texts));
	if (!address || !length)
		return;
	if (length > most)
		texts->flags |= TEXT_DETAILS_TRUNCATED;
	length = min(length, most);
	if (read_user(texts->bytes + texts->used, address, length))
		details_add(texts, length);
	else
		texts->flags |= TEXT_DETAILS_UNREAD;
}

/* A negative length is refused by the call itself. */
static void read_address(struct call_texts *texts, unsigned long address, int length)
{
	if (length > 0)
		read_bytes_details(texts, address, length, sizeof(struct sockaddr_storage));
}

bool read_user_message(struct user_message *message, unsigned long address, bool compat)
{
	struct compat_msghdr narrow;
	struct user_msghdr wide;

	if (compat) {
		if (!read_user(&narrow, address, sizeof(narrow)))
			return false;
		message->name = narrow.msg_name;
		message->name_length = narrow.msg_namelen;
		message->control = narrow.msg_control;
		message->control_length = narrow.msg_controllen;
		return true;
	}
	if (!read_user(&wide, address, sizeof(wide)))
		return false;
	message->name = (unsigned long)wide.msg_name;
	message->name_length = wide.msg_namelen;
	message->control = (unsigned long)wide.msg_control;
	message->control_length = wide.msg_controllen;
	return true;
}

static void read_message_address(struct call_texts *texts, unsigned long address, bool compat)
{
	struct user_message message;

	if (read_user_message(&message, address, compat))
		read_address(texts, message.name, message.name_length);
	else
		texts->flags |= TEXT_DETAILS_UNREAD;
}

/* ---- when it begins ---- */

static void read_given_details(struct call_texts *texts, u32 wanted,
			       struct call_arguments arguments)
{
	const unsigned long *values = arguments.values;
	const unsigned int arg = texts_arg(wanted);

	switch (texts_kind(wanted)) {
	case TEXT_STRING:
		read_string_details(texts, values[arg]);
		break;
	case TEXT_STRUCT:
		read_bytes_details(texts, values[arg], values[texts_length_arg(wanted)],
				   texts_size(wanted));
		break;
	case TEXT_EXEC:
		read_exec_details(texts, values[arg], values[arg + 1], arguments.compat);
		break;
	case TEXT_SOCKADDR:
		read_address(texts, values[arg], values[arg + 1]);
		break;
	case TEXT_MESSAGE:
		read_message_address(texts, values[arg], arguments.compat);
		break;
	default:
		break;
	}
}

/* Those of @which that the call has, which names them by the flags that say that they are unread. */
static void read_given(struct call_texts *texts, u32 wanted, u16 which,
		       struct call_arguments arguments)
{
	const int path = texts_path_arg(wanted);
	const int path2 = texts_path2_arg(wanted);

	if (path >= 0 && which & TEXT_PATH_UNREAD)
		texts->has_path = read_path(texts, arguments.values[path], &texts->path_length,
					    TEXT_PATH_TRUNCATED, TEXT_PATH_UNREAD);
	if (path2 >= 0 && which & TEXT_PATH2_UNREAD)
		texts->has_path2 = read_path(texts, arguments.values[path2], &texts->path2_length,
					     TEXT_PATH2_TRUNCATED, TEXT_PATH2_UNREAD);
	if (texts_kind(wanted) && which & TEXT_DETAILS_UNREAD)
		read_given_details(texts, wanted, arguments);
}

void call_texts_given(struct call_texts *texts, u32 wanted, struct call_arguments arguments)
{
	read_given(texts, wanted, TEXTS_UNREAD, arguments);
}

/* ---- when it returns ---- */

/* What a call that has succeeded filled in. */
static void read_made(struct call_texts *texts, u32 wanted, struct call_arguments arguments)
{
	const unsigned long *values = arguments.values;
	const unsigned int arg = texts_arg(wanted);
	int length;

	switch (texts_kind(wanted)) {
	case TEXT_MADE_SOCKADDR:
		if (!values[arg] || !values[arg + 1])
			break;
		if (read_user(&length, values[arg + 1], sizeof(length)))
			read_address(texts, values[arg], length);
		else
			texts->flags |= TEXT_DETAILS_UNREAD;
		break;
	case TEXT_MADE_MESSAGE:
		read_message_address(texts, values[arg], arguments.compat);
		break;
	case TEXT_MADE_FDS:
		read_bytes_details(texts, values[arg], 2 * sizeof(int), 2 * sizeof(int));
		break;
	default:
		break;
	}
}

/*
 * Of an execve that has succeeded, whose caller's memory is gone: the kernel put the arguments, the
 * environment and behind them the file's name on the new program's stack.
 */
static void read_program(struct call_texts *texts, u16 unread)
{
	struct mm_struct *mm = current->mm;

	if (!mm)
		return;
	if (unread & TEXT_PATH_UNREAD)
		texts->has_path = read_path(texts, READ_ONCE(mm->env_end), &texts->path_length,
					    TEXT_PATH_TRUNCATED, TEXT_PATH_UNREAD);
	if (unread & TEXT_DETAILS_UNREAD)
		read_program_details(texts);
}

/* When it has returned @ret: those of @given that it began with, and what it has filled in. */
void call_texts_left(struct call_texts *texts, u32 wanted, u16 given,
		     struct call_arguments arguments, long ret)
{
	bool failed = IS_ERR_VALUE(ret);

	if (texts_kind(wanted) == TEXT_EXEC && !failed)
		read_program(texts, given);
	else
		read_given(texts, wanted, given, arguments);
	if (wanted & TEXTS_AT_EXIT && !failed)
		read_made(texts, wanted, arguments);
}
