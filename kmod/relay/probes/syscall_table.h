/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RELAYSCOPE_SYSCALL_TABLE_H
#define _RELAYSCOPE_SYSCALL_TABLE_H

#include <linux/seq_file.h>
#include <linux/types.h>

#define SYSCALL_NR_OUTSIDE 65535
#define SYSCALL_ARGS_MAX 6

/* As the proto declares field abi. */
enum syscall_abi { SYSCALL_ABI_64, SYSCALL_ABI_IA32, SYSCALL_ABI_X32 };

/* How many arguments call @nr of @abi has; -1 when the number is outside the table. */
int syscall_arg_count(enum syscall_abi abi, long nr);

int syscall_table_show(struct seq_file *file, void *unused);

#endif
