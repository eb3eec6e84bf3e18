/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which texts a call has: what its arguments lead to when it begins, what it has filled in when it
 * returns, and what the kernel is asked about then. A word a call, zero for most.
 */
#ifndef _RELAYSCOPE_SYSCALL_TEXTS_H
#define _RELAYSCOPE_SYSCALL_TEXTS_H

#include <linux/bits.h>

#include "syscall_table.h"

/* Details, one kind a call; up to TEXT_KINDS_GIVEN they are the caller's. */
enum text_kind {
	TEXT_NONE,
	TEXT_STRING,
	TEXT_STRUCT,
	TEXT_EXEC, /* arguments and environment */
	TEXT_SOCKADDR,
	TEXT_MESSAGE, /* a struct msghdr's address */
	TEXT_KINDS_GIVEN = TEXT_MESSAGE,
	/* filled in by the kernel */
	TEXT_MADE_SOCKADDR,
	TEXT_MADE_MESSAGE, /* and descriptors that came with it */
	TEXT_MADE_FDS, /* two of them */
};

#define TEXTS_AT_ENTRY BIT(30)
#define TEXTS_AT_EXIT BIT(31)

/* Numbers of arguments are kept as one more, so that zero says none. */
#define TEXTS_PATH(arg) (((arg) + 1) | TEXTS_AT_ENTRY)
#define TEXTS_PATH2(arg) (((arg) + 1) << 3 | TEXTS_AT_ENTRY)
#define TEXTS_KIND(kind, arg, length_arg, size) \
	((kind) << 6 | (arg) << 10 | (length_arg) << 13 | (size) << 16)
#define TEXTS_STRING(arg) (TEXTS_KIND(TEXT_STRING, arg, 0, 0) | TEXTS_AT_ENTRY)
/* As long as another argument says, and @size bytes at most. */
#define TEXTS_STRUCT(arg, length_arg, size) \
	(TEXTS_KIND(TEXT_STRUCT, arg, length_arg, size) | TEXTS_AT_ENTRY)
/* The environment's argument follows that of the arguments. */
#define TEXTS_EXEC(arg) (TEXTS_KIND(TEXT_EXEC, arg, 0, 0) | TEXTS_AT_ENTRY | TEXTS_WHO)
/* The length, or where it stands, follows the address. */
#define TEXTS_SOCKADDR(arg) (TEXTS_KIND(TEXT_SOCKADDR, arg, 0, 0) | TEXTS_AT_ENTRY)
#define TEXTS_MESSAGE(arg) (TEXTS_KIND(TEXT_MESSAGE, arg, 0, 0) | TEXTS_AT_ENTRY)
#define TEXTS_MADE_SOCKADDR(arg) (TEXTS_KIND(TEXT_MADE_SOCKADDR, arg, 0, 0) | TEXTS_AT_EXIT)
#define TEXTS_MADE_MESSAGE(arg) (TEXTS_KIND(TEXT_MADE_MESSAGE, arg, 0, 0) | TEXTS_AT_EXIT)
#define TEXTS_MADE_FDS(arg) (TEXTS_KIND(TEXT_MADE_FDS, arg, 0, 0) | TEXTS_AT_EXIT)
/* It returns a descriptor; changes the working directory, the root, whose the task is. */
#define TEXTS_FD (BIT(24) | TEXTS_AT_EXIT)
#define TEXTS_CWD (BIT(25) | TEXTS_AT_EXIT)
#define TEXTS_ROOT (BIT(26) | TEXTS_AT_EXIT)
#define TEXTS_WHO (BIT(27) | TEXTS_AT_EXIT)

/* -1: it has no such. */
static inline int texts_path_arg(u32 texts)
{
	return (int)(texts & 7) - 1;
}

static inline int texts_path2_arg(u32 texts)
{
	return (int)(texts >> 3 & 7) - 1;
}

static inline enum text_kind texts_kind(u32 texts)
{
	return texts >> 6 & 15;
}

static inline unsigned int texts_arg(u32 texts)
{
	return texts >> 10 & 7;
}

static inline unsigned int texts_length_arg(u32 texts)
{
	return texts >> 13 & 7;
}

static inline unsigned int texts_size(u32 texts)
{
	return texts >> 16 & 255;
}

extern const u32 syscall_texts_64[], syscall_texts_32[];

static __always_inline u32 syscall_texts(enum syscall_abi abi, long nr)
{
	if (abi == SYSCALL_ABI_IA32)
		return likely((unsigned long)nr < syscall_count_32) ? syscall_texts_32[nr] : 0;
	return likely((unsigned long)nr < syscall_count_64) ? syscall_texts_64[nr] : 0;
}

#endif
