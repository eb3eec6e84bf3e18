// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU's data file in debugfs. Relay's own file operations behind debugfs' full proxy cannot be
 * mapped at all, and relay's mmap checks neither offset nor protection: hence a copy of them,
 * behind the open proxy, with a careful mmap and without read (which would consume behind the
 * mapping's back).
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/mm.h>

#include "internal.h"

static struct file_operations buffer_fops;

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
	buffer_fops.read = NULL;
	compat_relay_fops_set_mmap(&buffer_fops, relayscope_buffer_mmap);
}

struct dentry *relayscope_buffer_file_create(const char *name, struct dentry *parent,
					     struct rchan_buf *buf)
{
	return debugfs_create_file_unsafe(name, 0400, parent, buf, &buffer_fops);
}
