// SPDX-License-Identifier: GPL-2.0-only
/* Source "syscalls": entries with the arguments the call has, exits with the value. */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <trace/events/syscalls.h>

#include "../relayscope.h"
#include "../../../include/relayscope/events.h"
#include "filtered_calls.h"
#include "syscall_record.h"
#include "syscall_table.h"
#include "text_calls.h"

void syscall_enters(void *data, struct pt_regs *regs, long nr)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_syscall_enter *event;
	unsigned long args[SYSCALL_ARGS_MAX + 1];
	struct relayscope_slot slot;
	enum syscall_abi abi;
	size_t length;
	int count;
	u8 wide;

	if (!relayscope_records(attachment, current)) {
		relayscope_record_filtered(attachment);
		return;
	}
	abi = current_abi(&nr);
	count = syscall_arg_count(abi, nr);
	if (count)
		syscall_get_arguments(current, regs, args);
	if (count < 0) {
		args[SYSCALL_ARGS_MAX] = nr;
		nr = SYSCALL_NR_OUTSIDE;
		count = SYSCALL_ARGS_MAX + 1;
	}
	length = args_length(args, count, &wide);
	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_SYSCALL_ENTER, current->pid,
				     RELAYSCOPE_EVENT_SYSCALL_ENTER_FIXED + length))
		return;
	event = slot.record;
	event->nr = nr;
	event->abi = abi;
	event->wide = wide;
	pack_args(event->args, args, count, wide);
	relayscope_record_end(attachment, &slot);
}

/* Out of line: few calls need it, and the short one stays free of its registers. */
static noinline void write_long_exit(struct relayscope_attachment *attachment, u16 nr,
				     enum syscall_abi abi, long ret)
{
	struct relayscope_event_syscall_exit *event;
	struct relayscope_slot slot;

	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_SYSCALL_EXIT, current->pid,
				     RELAYSCOPE_EVENT_SYSCALL_EXIT_FIXED))
		return;
	event = slot.record;
	event->nr = nr;
	event->abi = abi;
	event->ret = ret;
	relayscope_record_end(attachment, &slot);
}

void syscall_leaves(void *data, struct pt_regs *regs, long ret)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_syscall_exit_short *event;
	struct relayscope_slot slot;
	enum syscall_abi abi;
	long nr;

	if (!relayscope_records(attachment, current)) {
		relayscope_record_filtered(attachment);
		return;
	}
	nr = syscall_get_nr(current, regs);
	abi = current_abi(&nr);
	if (unlikely((unsigned long)nr > SYSCALL_NR_OUTSIDE))
		nr = SYSCALL_NR_OUTSIDE;
	if (unlikely(!short_exit(abi, ret))) {
		write_long_exit(attachment, nr, abi, ret);
		return;
	}
	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_SYSCALL_EXIT_SHORT,
				     current->pid, RELAYSCOPE_EVENT_SYSCALL_EXIT_SHORT_FIXED))
		return;
	event = slot.record;
	event->nr = nr;
	event->ret = ret;
	relayscope_record_end(attachment, &slot);
}

static struct relayscope_point points[] = {
	RELAYSCOPE_POINT(sys_enter, syscall_enters),
	RELAYSCOPE_POINT(sys_exit, syscall_leaves),
};

static struct relayscope_source source = {
	.name = "syscalls",
	.description = "system calls: entry with arguments, exit with value (64-bit, ia32, x32)",
	.owner = THIS_MODULE,
	.points = points,
	.point_count = ARRAY_SIZE(points),
	.call_points = filtered_call_points,
	.call_point_count = FILTERED_CALL_POINTS,
	.text_points = text_call_points,
	.text_point_count = TEXT_CALL_POINTS,
	.prepare_texts = call_texts_prepare,
};

/* The recorder keeps the table in the session: it must not depend on the reader's machine. */
static struct dentry *table_file;

static int table_open(struct inode *inode, struct file *file)
{
	return single_open(file, syscall_table_show, NULL);
}

static const struct file_operations table_fops = {
	.owner = THIS_MODULE,
	.open = table_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init syscalls_init(void)
{
	struct dentry *directory;
	int err;

	err = relayscope_source_register(&source);
	if (err)
		return err;
	directory = debugfs_lookup("relayscope", NULL);
	table_file = debugfs_create_file("syscalls", 0400, directory, NULL, &table_fops);
	dput(directory);
	return 0;
}

static void __exit syscalls_exit(void)
{
	debugfs_remove(table_file);
	relayscope_source_unregister(&source);
	call_texts_free();
}

module_init(syscalls_init);
module_exit(syscalls_exit);

MODULE_DESCRIPTION("Relayscope source: system calls");
MODULE_LICENSE("GPL");
