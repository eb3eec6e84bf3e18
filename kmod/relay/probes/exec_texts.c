// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program is started with: its arguments, each ended by NUL, one more NUL, and those variables
 * of its environment that module parameter exec_environment names.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "call_texts.h"
#include "user_memory.h"

/* Preemption is off while they are read. */
#define ARGUMENTS_MAX 2048u
#define VARIABLES_MAX 1024u
#define NAME_MAX_LENGTH 32u

static char *exec_environment = "LD_PRELOAD,LD_LIBRARY_PATH,LD_AUDIT,PATH";
module_param(exec_environment, charp, 0444);
MODULE_PARM_DESC(exec_environment, "environment variables that are recorded with the texts of an execve, comma-separated");

/* Whether @text begins with one of the names and a "=". */
static bool is_wanted(const u8 *text, size_t length)
{
	const char *at = exec_environment;
	size_t name;

	for (; *at; at += name + (at[name] == ',')) {
		name = strcspn(at, ",");
		if (name && name < length && text[name] == '=' && !memcmp(text, at, name))
			return true;
	}
	return false;
}

/* A text with its NUL. False: there is no room for more, or it could not be read. */
static bool add_text(struct call_texts *texts, unsigned long address)
{
	size_t room = details_room(texts);
	long length;

	if (!room) {
		texts->flags |= TEXT_DETAILS_TRUNCATED;
		return false;
	}
	length = read_user_text(texts->bytes + texts->used, address, room);
	if (length < 0) {
		texts->flags |= TEXT_DETAILS_UNREAD;
		return false;
	}
	if (length == room) {
		texts->flags |= TEXT_DETAILS_TRUNCATED;
		details_add(texts, length);
		return false;
	}
	details_add(texts, length + 1);
	return true;
}

static bool add_separator(struct call_texts *texts)
{
	if (!details_room(texts)) {
		texts->flags |= TEXT_DETAILS_TRUNCATED;
		return false;
	}
	texts->bytes[texts->used] = '\0';
	details_add(texts, 1);
	return true;
}

static bool add_arguments(struct call_texts *texts, unsigned long argv, bool compat)
{
	unsigned long address;
	unsigned int i;

	for (i = 0; argv && i < ARGUMENTS_MAX; i++) {
		if (!read_user_pointer(&address, argv, i, compat)) {
			texts->flags |= TEXT_DETAILS_UNREAD;
			return false;
		}
		if (!address)
			return true;
		if (!add_text(texts, address))
			return false;
	}
	if (argv)
		texts->flags |= TEXT_DETAILS_TRUNCATED;
	return !argv;
}

/* True: it is not wanted, or has been added. */
static bool add_variable(struct call_texts *texts, unsigned long address)
{
	u8 begin[NAME_MAX_LENGTH + 1];
	long length = read_user_text(begin, address, sizeof(begin));

	if (length < 0) {
		texts->flags |= TEXT_DETAILS_UNREAD;
		return false;
	}
	return !is_wanted(begin, length) || add_text(texts, address);
}

static void add_environment(struct call_texts *texts, unsigned long envp, bool compat)
{
	unsigned long address;
	unsigned int i;

	for (i = 0; envp && i < VARIABLES_MAX; i++) {
		if (!read_user_pointer(&address, envp, i, compat)) {
			texts->flags |= TEXT_DETAILS_UNREAD;
			return;
		}
		if (!address || !add_variable(texts, address))
			return;
	}
}

void read_exec_details(struct call_texts *texts, unsigned long argv, unsigned long envp,
		       bool compat)
{
	if (add_arguments(texts, argv, compat) && add_separator(texts))
		add_environment(texts, envp, compat);
}

/* ---- from the stack of the program that has been started ---- */

void read_program_details(struct call_texts *texts)
{
	const struct mm_struct *mm = current->mm;
	const unsigned long end = READ_ONCE(mm->arg_end), env_end = READ_ONCE(mm->env_end);
	unsigned long at;
	unsigned int i;
	size_t before;

	for (at = READ_ONCE(mm->arg_start); at < end; at += texts->details_length - before) {
		before = texts->details_length;
		if (!add_text(texts, at))
			return;
	}
	if (!add_separator(texts))
		return;
	at = READ_ONCE(mm->env_start);
	for (i = 0; at < env_end && i < VARIABLES_MAX; i++) {
		size_t used = texts->used;
		u16 length = texts->details_length;

		if (!add_text(texts, at))
			return;
		at += texts->used - used;
		if (is_wanted(texts->bytes + used, texts->used - used))
			continue;
		texts->used = used;
		texts->details_length = length;
	}
}
