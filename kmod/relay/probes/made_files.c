// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own answer to what a descriptor stands for. Asked at the end of the call that made it,
 * in its task and with no lock held; preemption is off, and nothing here sleeps.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "../../compat.h"
#include "../../../include/relayscope/events.h"
#include "call_results.h"

/* Flags of event syscall_fd. */
#define FILE_PATH_TRUNCATED BIT(0)
#define FILE_DELETED BIT(1)
#define FILE_CLOSE_ON_EXEC BIT(2)
#define FILE_NO_PATH BIT(3)

/* In a group: left for what follows. */
#define SPACE_BEHIND 2048u

struct made_file {
	int fd;
	u32 open_flags;
	u32 dev;
	u16 flags;
	u16 mode;
	u64 ino;
	const char *path;
	size_t length;
};

static void describe_inode(struct made_file *made, const struct inode *inode)
{
	if (!inode)
		return;
	made->mode = inode->i_mode;
	made->dev = inode->i_sb->s_dev;
	made->ino = inode->i_ino;
}

/* What d_path() says of a name that is gone. */
static void cut_deleted(struct made_file *made)
{
	static const char suffix[] = " (deleted)";
	const size_t length = sizeof(suffix) - 1;

	if (made->length < length || memcmp(made->path + made->length - length, suffix, length))
		return;
	made->length -= length;
	made->flags |= FILE_DELETED;
}

static void describe_path(struct made_file *made, const struct path *path)
{
	const struct dentry_operations *operations = path->dentry->d_op;
	bool is_pseudo = operations && operations->d_dname;
	char *memory = file_path_memory();
	const char *text = d_path(path, memory, FILE_PATH_SIZE);

	if (IS_ERR(text)) {
		made->flags |= PTR_ERR(text) == -ENAMETOOLONG ? FILE_PATH_TRUNCATED :
								FILE_NO_PATH;
		return;
	}
	made->path = text;
	/* Put together from its end; a file system's own name may lie anywhere. */
	made->length = is_pseudo ? strlen(text) : memory + FILE_PATH_SIZE - 1 - text;
	if (is_pseudo || d_unlinked(path->dentry))
		cut_deleted(made);
}

static void write_made(struct result_writer *writer, struct made_file *made)
{
	struct relayscope_event_syscall_fd *event;

	if (writer->group && made->length + SPACE_BEHIND > writer->group->left) {
		made->flags |= FILE_PATH_TRUNCATED;
		made->length = 0;
	}
	event = result_begin(writer, RELAYSCOPE_EVENT_SYSCALL_FD,
			     RELAYSCOPE_EVENT_SYSCALL_FD_FIXED + made->length);
	if (!event)
		return;
	event->fd = made->fd;
	event->flags = made->flags;
	event->mode = made->mode;
	event->open_flags = made->open_flags;
	event->dev = made->dev;
	memset(event->pad0, 0, sizeof(event->pad0));
	event->ino = made->ino;
	memcpy(event->path, made->path, made->length);
	result_end(writer, event);
}

static bool closes_on_exec(unsigned int fd)
{
	const struct fdtable *table;
	bool closes;

	rcu_read_lock();
	table = files_fdtable(current->files);
	closes = fd < table->max_fds && test_bit(fd, table->close_on_exec);
	rcu_read_unlock();
	return closes;
}

/* One that another thread has closed meanwhile is not told of. */
void result_file(struct result_writer *writer, int fd)
{
	struct made_file made = { .fd = fd };
	struct file *file;

	if (fd < 0 || !current->files)
		return;
	file = fget_raw(fd);
	if (!file)
		return;
	made.open_flags = file->f_flags;
	if (closes_on_exec(fd))
		made.flags |= FILE_CLOSE_ON_EXEC;
	describe_inode(&made, file_inode(file));
	describe_path(&made, &file->f_path);
	/* The last one is put when the task goes back to user space. */
	fput(file);
	write_made(writer, &made);
}

/* Of the task: nothing is held, as in getcwd(). */
void result_directory(struct result_writer *writer, int which)
{
	struct made_file made = { .fd = which };
	struct fs_struct *fs = current->fs;
	unsigned int begun;
	struct path path;

	if (!fs)
		return;
	rcu_read_lock();
	do {
		begun = compat_fs_seq_begin(fs);
		path = which == MADE_FILE_ROOT ? fs->root : fs->pwd;
	} while (compat_fs_seq_retry(fs, begun));
	describe_inode(&made, d_inode_rcu(path.dentry));
	describe_path(&made, &path);
	rcu_read_unlock();
	write_made(writer, &made);
}
