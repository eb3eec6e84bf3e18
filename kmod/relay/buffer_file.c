// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU's data file in debugfs. Relay's own file operations behind debugfs' full proxy cannot be
 * mapped at all, and relay's mmap checks neither offset nor protection: hence a copy of them,
 * behind the open proxy, with a careful mmap and without read and splice. Both would consume behind
 * the mapping's back, and a page spliced into a pipe refers to the buffer without holding it.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/mm.h>

#include "internal.h"

static struct file_operations buffer_fops;

/*
 * Relay makes the file before it initialises the buffer's reference count: a file opened in between
 * would take the buffer with it when it is closed. The buffer is in its slot only after that.
 */
static int buffer_open(struct inode *inode, struct file *file)
{
	struct rchan_buf *buf = inode->i_private;

	if (smp_load_acquire(per_cpu_ptr(buf->chan->buf, READ_ONCE(buf->cpu))) != buf)
		return -ENOENT;
	return relay_file_operations.open(inode, file);
}

static int check_mapping(unsigned long first_page, unsigned long vm_flags)
{
	/* Past the end relay would hand out its neighbours' pages. */
	if (first_page)
		return -EINVAL;
	if (vm_flags & VM_WRITE)
		return -EPERM;
	return 0;
}

COMPAT_DEFINE_RELAY_MMAP(relayscope_buffer_mmap, check_mapping)

void relayscope_buffer_fops_init(void)
{
	buffer_fops = relay_file_operations;
	buffer_fops.owner = THIS_MODULE;
	buffer_fops.open = buffer_open;
	buffer_fops.read = NULL;
	buffer_fops.splice_read = NULL;
	compat_relay_fops_set_mmap(&buffer_fops, relayscope_buffer_mmap);
}

struct dentry *relayscope_buffer_file_create(const char *name, struct dentry *parent,
					     struct rchan_buf *buf)
{
	return debugfs_create_file_unsafe(name, 0400, parent, buf, &buffer_fops);
}
