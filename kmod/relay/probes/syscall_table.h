/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RELAYSCOPE_SYSCALL_TABLE_H
#define _RELAYSCOPE_SYSCALL_TABLE_H

#include <linux/seq_file.h>
#include <linux/types.h>

#define SYSCALL_NR_OUTSIDE 65535
#define SYSCALL_ARGS_MAX 6

/* As the proto declares field abi. */
enum syscall_abi { SYSCALL_ABI_64, SYSCALL_ABI_IA32, SYSCALL_ABI_X32 };

/*
 * By call number how many of SYSCALL_ARGS_MAX arguments the call does not have, so that a hole in
 * the table has all: it may be a newer kernel's call. Apart from the names, to be few cache lines.
 */
extern const u8 syscall_missing_args_64[], syscall_missing_args_32[];
extern const unsigned int syscall_count_64, syscall_count_32;

/* How many arguments call @nr of @abi has; -1 when the number is outside the table. */
static inline int syscall_arg_count(enum syscall_abi abi, long nr)
{
	bool ia32 = abi == SYSCALL_ABI_IA32;

	if (likely((unsigned long)nr < (ia32 ? syscall_count_32 : syscall_count_64)))
		return SYSCALL_ARGS_MAX -
		       (ia32 ? syscall_missing_args_32 : syscall_missing_args_64)[nr];
	return nr < 0 || nr >= SYSCALL_NR_OUTSIDE ? -1 : SYSCALL_ARGS_MAX;
}

int syscall_table_show(struct seq_file *file, void *unused);

#endif
