// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU's two data files in debugfs: cpu<N> to map, and its twin cpu<N>.read without mmap, which a
 * locked-down kernel lets root open. Relay's own file operations behind debugfs' full proxy cannot be
 * mapped at all, and relay's mmap checks neither offset nor protection: hence a copy of them,
 * behind the open proxy, with a careful mmap and without read and splice. Both would consume behind
 * the mapping's back, and a page spliced into a pipe refers to the buffer without holding it. The
 * twin's read is one of memory: at any offset, and nothing is consumed.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mutex.h>

#include "internal.h"

static struct file_operations buffer_fops;
static struct file_operations twin_fops;

#define TWIN_SUFFIX ".read"
/* Ours are named cpu<N>, or global. */
#define TWIN_NAME_MAX (sizeof("cpu4294967295" TWIN_SUFFIX))

/*
 * Relay makes the file before it initialises the buffer's reference count: a file opened in between
 * would take the buffer with it when it is closed. The buffer is in its slot only after that.
 */
static int buffer_open(struct inode *inode, struct file *file)
{
	struct rchan_buf *buf = inode->i_private;
	struct relayscope_channel *channel = buf->chan->private_data;
	int err = -ENOENT;

	/* A reset makes sure that nobody reads. The channel lives longer than its files. */
	mutex_lock(&channel->seal_lock);
	if (smp_load_acquire(per_cpu_ptr(buf->chan->buf, READ_ONCE(buf->cpu))) == buf)
		err = relay_file_operations.open(inode, file);
	mutex_unlock(&channel->seal_lock);
	return err;
}

static int twin_open(struct inode *inode, struct file *file)
{
	int err = buffer_open(inode, file);

	/* Relay's files are streams. */
	if (!err)
		file->f_mode |= FMODE_PREAD;
	return err;
}

static ssize_t twin_read(struct file *file, char __user *to, size_t count, loff_t *offset)
{
	struct rchan_buf *buf = file->private_data;
	ssize_t length;

	/*
	 * Between one call and the next, as between the loads of one that maps: the first pairs with
	 * the smp_store_release() of sealed, the second with the smp_wmb() behind an invalid sequence.
	 */
	smp_rmb();
	length = simple_read_from_buffer(to, count, offset, buf->start, buf->chan->alloc_size);
	smp_rmb();
	return length;
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

	/* Debugfs looks for these three before it lets a file be opened under lockdown. */
	twin_fops = buffer_fops;
	compat_relay_fops_set_mmap(&twin_fops, NULL);
	twin_fops.unlocked_ioctl = NULL;
	twin_fops.compat_ioctl = NULL;
	twin_fops.open = twin_open;
	twin_fops.read = twin_read;
}

static void twin_name(char *name, const char *file_name)
{
	snprintf(name, TWIN_NAME_MAX, "%s" TWIN_SUFFIX, file_name);
}

/*
 * The twin comes second: relay frees the buffer when the first cannot be made. Without its twin the
 * file is of use all the same.
 */
struct dentry *relayscope_buffer_file_create(const char *name, struct dentry *parent,
					     struct rchan_buf *buf)
{
	char twin[TWIN_NAME_MAX];
	struct dentry *file;

	file = debugfs_create_file_unsafe(name, 0400, parent, buf, &buffer_fops);
	if (IS_ERR(file))
		return file;
	twin_name(twin, name);
	debugfs_create_file_unsafe(twin, 0400, parent, buf, &twin_fops);
	return file;
}

void relayscope_buffer_file_remove(struct dentry *file)
{
	char name[TWIN_NAME_MAX];
	struct dentry *twin;

	twin_name(name, file->d_name.name);
	twin = debugfs_lookup(name, file->d_parent);
	debugfs_remove(twin);
	dput(twin);
	debugfs_remove(file);
}
