/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Texts of a call, read from its task's memory into memory of this CPU's own: preemption is off from
 * then until they are written. Nothing is faulted in: what is not resident cannot be read, and is
 * tried again when the call returns, for by then the kernel itself has needed it.
 */
#ifndef _RELAYSCOPE_CALL_TEXTS_H
#define _RELAYSCOPE_CALL_TEXTS_H

#include <linux/bits.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "../predicate.h"

/* Flags of events syscall_enter_texts and syscall_texts. */
#define TEXT_PATH_TRUNCATED BIT(0)
#define TEXT_PATH_UNREAD BIT(1)
#define TEXT_PATH2_TRUNCATED BIT(2)
#define TEXT_PATH2_UNREAD BIT(3)
#define TEXT_DETAILS_TRUNCATED BIT(4)
#define TEXT_DETAILS_UNREAD BIT(5)
#define TEXTS_UNREAD (TEXT_PATH_UNREAD | TEXT_PATH2_UNREAD | TEXT_DETAILS_UNREAD)

#define DETAILS_MAX 16384u
#define CALL_TEXTS_SIZE (2 * PATH_MAX + DETAILS_MAX)
#define FILE_PATH_SIZE (2 * PATH_MAX)
/* What the rest of its record, and an exit behind it, may take. */
#define CALL_TEXTS_BESIDE 512u

struct call_texts {
	u8 *bytes; /* path, path2, details, one behind the other */
	size_t used;
	size_t size;
	u16 flags;
	u16 path_length;
	u16 path2_length;
	u16 details_length;
	bool has_path;
	bool has_path2;
};

/* A call's arguments, as user space passed them. */
struct call_arguments {
	const unsigned long *values;
	bool compat; /* pointers and structs of 32 bits */
};

int call_texts_prepare(void);
void call_texts_free(void);

char *file_path_memory(void);
void call_texts_begin(struct call_texts *texts, size_t record_max);
void call_texts_given(struct call_texts *texts, u32 wanted, struct call_arguments arguments);
void call_texts_left(struct call_texts *texts, u32 wanted, u16 given,
		     struct call_arguments arguments, long ret);

static inline bool call_texts_any(const struct call_texts *texts)
{
	return texts->used || texts->flags;
}

/* As filters look at them. */
static inline struct relayscope_texts call_texts_subject(const struct call_texts *texts)
{
	return (struct relayscope_texts){
		.path = texts->has_path ? texts->bytes : NULL,
		.path_length = texts->path_length,
		.path2 = texts->has_path2 ? texts->bytes + texts->path_length : NULL,
		.path2_length = texts->path2_length,
		.unread = texts->flags & (TEXT_PATH_UNREAD | TEXT_PATH2_UNREAD),
	};
}

/* Details by kind; the flags are set. */
void read_string_details(struct call_texts *texts, unsigned long address);
void read_bytes_details(struct call_texts *texts, unsigned long address, size_t length,
			size_t most);
void read_exec_details(struct call_texts *texts, unsigned long argv, unsigned long envp,
		       bool compat);
void read_program_details(struct call_texts *texts);

/* Room left for details. */
static inline size_t details_room(const struct call_texts *texts)
{
	return min_t(size_t, texts->size - texts->used, DETAILS_MAX - texts->details_length);
}

static inline void details_add(struct call_texts *texts, size_t length)
{
	texts->details_length += length;
	texts->used += length;
}

/* A struct msghdr of either kind. */
struct user_message {
	unsigned long name;
	int name_length;
	unsigned long control;
	unsigned long control_length;
};

bool read_user_message(struct user_message *message, unsigned long address, bool compat);

#endif
