/* SPDX-License-Identifier: GPL-2.0-only */
/* A system call as its records have it. */
#ifndef _RELAYSCOPE_SYSCALL_RECORD_H
#define _RELAYSCOPE_SYSCALL_RECORD_H

#include <linux/string.h>
#include <asm/syscall.h>

#include "syscall_table.h"

static __always_inline enum syscall_abi current_abi(long *nr)
{
	if (in_ia32_syscall())
		return SYSCALL_ABI_IA32;
#ifdef CONFIG_X86_X32_ABI
	if (*nr >= 0 && *nr & __X32_SYSCALL_BIT) {
		*nr &= ~__X32_SYSCALL_BIT;
		return SYSCALL_ABI_X32;
	}
#endif
	return SYSCALL_ABI_64;
}

/* What the arguments take in a record: 4 bytes where that holds them, 8 where @wide gets a bit. */
static __always_inline size_t args_length(const unsigned long *args, int count, u8 *wide)
{
	size_t length = 0;
	int i;

	*wide = 0;
	for (i = 0; i < count; i++) {
		bool is_wide = args[i] > U32_MAX;

		*wide |= is_wide << i;
		length += is_wide ? sizeof(u64) : sizeof(u32);
	}
	return length;
}

static __always_inline void pack_args(u8 *to, const unsigned long *args, int count, u8 wide)
{
	int i;

	for (i = 0; i < count; i++, wide >>= 1) {
		u64 value = args[i];

		/* Constant lengths: a move each. Little-endian, the low half comes first. */
		if (wide & 1) {
			memcpy(to, &value, sizeof(u64));
			to += sizeof(u64);
		} else {
			memcpy(to, &value, sizeof(u32));
			to += sizeof(u32);
		}
	}
}

/* Whether its exit is written in short form. */
static __always_inline bool short_exit(enum syscall_abi abi, long ret)
{
	return abi == SYSCALL_ABI_64 && ret == (s16)ret;
}

#endif
