// SPDX-License-Identifier: GPL-2.0-only
/* The call tables of the kernel this module was built for: names and argument counts. */
#include <linux/kernel.h>

#include "syscall_table.h"

struct syscall {
	const char *name;
	u8 arg_count;
};

#define CALL_64(nr, call, count) [nr] = { #call, count },
#define CALL_32(nr, call, count)
static const struct syscall table_64[] = {
#include "syscall_table.inc"
};
#undef CALL_64
#undef CALL_32

#define CALL_64(nr, call, count)
#define CALL_32(nr, call, count) [nr] = { #call, count },
static const struct syscall table_32[] = {
#include "syscall_table.inc"
};
#undef CALL_64
#undef CALL_32

int syscall_arg_count(enum syscall_abi abi, long nr)
{
	const struct syscall *table = abi == SYSCALL_ABI_IA32 ? table_32 : table_64;
	size_t size = abi == SYSCALL_ABI_IA32 ? ARRAY_SIZE(table_32) : ARRAY_SIZE(table_64);

	if (nr < 0 || nr >= SYSCALL_NR_OUTSIDE)
		return -1;
	/* x32's own calls start at 512; a number in a hole may still be a newer kernel's call. */
	if ((size_t)nr >= size || !table[nr].name)
		return SYSCALL_ARGS_MAX;
	return table[nr].arg_count;
}

static void show(struct seq_file *file, enum syscall_abi abi, const struct syscall *table,
		 size_t size)
{
	size_t nr;

	for (nr = 0; nr < size; nr++)
		if (table[nr].name)
			seq_printf(file, "%d %zu %s %u\n", abi, nr, table[nr].name,
				   table[nr].arg_count);
}

/* A line a call: abi, number, name, argument count. */
int syscall_table_show(struct seq_file *file, void *unused)
{
	show(file, SYSCALL_ABI_64, table_64, ARRAY_SIZE(table_64));
	show(file, SYSCALL_ABI_IA32, table_32, ARRAY_SIZE(table_32));
	return 0;
}
