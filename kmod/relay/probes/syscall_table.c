// SPDX-License-Identifier: GPL-2.0-only
/* The call tables of the kernel this module was built for: names, argument counts and texts. */
#include <linux/kernel.h>

#include "syscall_table.h"
#include "syscall_texts.h"

#define CALL_64(nr, call, count, texts) [nr] = #call,
#define CALL_32(nr, call, count, texts)
static const char *const names_64[] = {
#include "syscall_table.inc"
};
#undef CALL_64
#undef CALL_32

#define CALL_64(nr, call, count, texts)
#define CALL_32(nr, call, count, texts) [nr] = #call,
static const char *const names_32[] = {
#include "syscall_table.inc"
};
#undef CALL_64
#undef CALL_32

#define CALL_64(nr, call, count, texts) [nr] = SYSCALL_ARGS_MAX - (count),
#define CALL_32(nr, call, count, texts)
const u8 syscall_missing_args_64[] = {
#include "syscall_table.inc"
};
#undef CALL_64
#undef CALL_32

#define CALL_64(nr, call, count, texts)
#define CALL_32(nr, call, count, texts) [nr] = SYSCALL_ARGS_MAX - (count),
const u8 syscall_missing_args_32[] = {
#include "syscall_table.inc"
};
#undef CALL_64
#undef CALL_32

#define CALL_64(nr, call, count, texts) [nr] = texts,
#define CALL_32(nr, call, count, texts)
const u32 syscall_texts_64[] = {
#include "syscall_table.inc"
};
#undef CALL_64
#undef CALL_32

#define CALL_64(nr, call, count, texts)
#define CALL_32(nr, call, count, texts) [nr] = texts,
const u32 syscall_texts_32[] = {
#include "syscall_table.inc"
};
#undef CALL_64
#undef CALL_32

const unsigned int syscall_count_64 = ARRAY_SIZE(names_64);
const unsigned int syscall_count_32 = ARRAY_SIZE(names_32);

static void show(struct seq_file *file, enum syscall_abi abi, const char *const *names,
		 size_t size)
{
	size_t nr;

	for (nr = 0; nr < size; nr++)
		if (names[nr])
			seq_printf(file, "%d %zu %s %d\n", abi, nr, names[nr],
				   syscall_arg_count(abi, nr));
}

/* A line a call: abi, number, name, argument count. */
int syscall_table_show(struct seq_file *file, void *unused)
{
	show(file, SYSCALL_ABI_64, names_64, ARRAY_SIZE(names_64));
	show(file, SYSCALL_ABI_IA32, names_32, ARRAY_SIZE(names_32));
	return 0;
}
