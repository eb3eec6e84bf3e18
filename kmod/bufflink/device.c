// SPDX-License-Identifier: GPL-2.0-only
/* /dev/bufflinkN: the user's side. */
#include <linux/cdev.h>
#include <linux/compat.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../compat.h"
#include "link.h"

static dev_t bufflink_first; /* minor 0 */
static struct cdev *bufflink_cdev;
static struct class *bufflink_class;

static int bufflink_open(struct inode *inode, struct file *file)
{
	struct bufflink *bl = bufflink_get(iminor(inode));

	if (!bl)
		return -ENXIO;
	file->private_data = bl;
	return stream_open(inode, file);
}

static int bufflink_release(struct inode *inode, struct file *file)
{
	bufflink_put(file->private_data);
	return 0;
}

static bool bufflink_readable(struct bufflink *bl)
{
	struct bufflink_ring_state state = bufflink_ring_state(&bl->ring);

	return state.used || state.closed;
}

/* To @iter, or else to @user. */
static ssize_t bufflink_deliver(struct file *file, struct iov_iter *iter, char __user *user,
				size_t count)
{
	struct bufflink *bl = file->private_data;
	ssize_t ret;

	if (!count)
		return 0;

	for (;;) {
		if (mutex_lock_interruptible(&bl->read_lock))
			return -ERESTARTSYS;
		ret = iter ? bufflink_ring_read(&bl->ring, iter) :
			     bufflink_ring_read_user(&bl->ring, user, count);
		mutex_unlock(&bl->read_lock);

		if (ret != -EAGAIN || file->f_flags & O_NONBLOCK)
			break;
		ret = wait_event_interruptible(bl->wait, bufflink_readable(bl));
		if (ret)
			return ret;
	}

	if (ret > 0 && wq_has_sleeper(&bl->wait))
		wake_up_interruptible_poll(&bl->wait, EPOLLOUT | EPOLLWRNORM);
	return ret;
}

/* read(2): a message a call is common, and an iterator would cost it as much as its bytes. */
static ssize_t bufflink_read(struct file *file, char __user *user, size_t count, loff_t *position)
{
	return bufflink_deliver(file, NULL, user, count);
}

/* readv(2) and the like. */
static ssize_t bufflink_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	return bufflink_deliver(iocb->ki_filp, to, NULL, iov_iter_count(to));
}

static ssize_t bufflink_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct bufflink *bl = iocb->ki_filp->private_data;
	size_t length = iov_iter_count(from);
	void *bounce = NULL;
	ssize_t ret;

	if (bl->flags & BUFFLINK_READ_ONLY)
		return -EPERM;

	/* One that never fits is refused by its length, without its bytes. */
	if (length <= bl->ring.size) {
		bounce = kvmalloc(length, GFP_KERNEL_ACCOUNT);
		if (!bounce)
			return -ENOMEM;
		if (!copy_from_iter_full(bounce, length, from)) {
			ret = -EFAULT;
			goto free;
		}
	}
	ret = bufflink_append(bl, bounce, length);
	if (!ret)
		ret = length;
free:
	kvfree(bounce);
	return ret;
}

static __poll_t bufflink_poll(struct file *file, poll_table *table)
{
	struct bufflink *bl = file->private_data;
	struct bufflink_ring_state state;
	__poll_t mask = 0;

	poll_wait(file, &bl->wait, table);
	state = bufflink_ring_state(&bl->ring);
	if (state.used)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (state.overflowed)
		mask |= EPOLLPRI;
	if (state.closed)
		mask |= EPOLLHUP;
	else if (state.free && !(bl->flags & BUFFLINK_READ_ONLY))
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

static long bufflink_ioctl_overflow(struct bufflink *bl, struct bufflink_overflow __user *user)
{
	struct bufflink_overflow overflow = {};
	u64 refused;

	overflow.overflowed = bufflink_ring_take_overflow(&bl->ring, &refused);
	overflow.refused = refused;
	if (!copy_to_user(user, &overflow, sizeof(overflow)))
		return 0;

	/* Not told, so still to be told. */
	if (overflow.overflowed)
		bufflink_ring_raise_overflow(&bl->ring);
	return -EFAULT;
}

static long bufflink_ioctl_geometry(struct bufflink *bl, struct bufflink_geometry __user *user)
{
	struct bufflink_geometry geometry = {
		.size = bl->ring.size,
		.used = bufflink_ring_state(&bl->ring).used,
	};

	return copy_to_user(user, &geometry, sizeof(geometry)) ? -EFAULT : 0;
}

static long bufflink_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct bufflink *bl = file->private_data;
	void __user *user = (void __user *)arg;

	switch (command) {
	case BUFFLINK_IOC_OVERFLOW:
		return bufflink_ioctl_overflow(bl, user);
	case BUFFLINK_IOC_GEOMETRY:
		return bufflink_ioctl_geometry(bl, user);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations bufflink_file_operations = {
	.owner = THIS_MODULE,
	.open = bufflink_open,
	.release = bufflink_release,
	.read = bufflink_read,
	.read_iter = bufflink_read_iter,
	.write_iter = bufflink_write_iter,
	.poll = bufflink_poll,
	.unlocked_ioctl = bufflink_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* devtmpfs gives it mode 0600, as it does when nobody asks for another. */
int bufflink_device_add(unsigned int minor)
{
	struct device *device;

	/* Built in, our initialisation may have failed without stopping our users. */
	if (!bufflink_class)
		return -ENODEV;
	device = device_create(bufflink_class, NULL, MKDEV(MAJOR(bufflink_first), minor), NULL,
			       "bufflink%u", minor);
	return PTR_ERR_OR_ZERO(device);
}

void bufflink_device_remove(unsigned int minor)
{
	device_destroy(bufflink_class, MKDEV(MAJOR(bufflink_first), minor));
}

static int __init bufflink_init(void)
{
	struct class *class;
	int err;

	bufflink_first = MKDEV(BUFFLINK_MAJOR, 0);
	err = register_chrdev_region(bufflink_first, BUFFLINK_MINORS, "bufflink");
	if (err)
		err = alloc_chrdev_region(&bufflink_first, 0, BUFFLINK_MINORS, "bufflink");
	if (err)
		return err;

	err = -ENOMEM;
	bufflink_cdev = cdev_alloc();
	if (!bufflink_cdev)
		goto unregister;
	bufflink_cdev->ops = &bufflink_file_operations;
	bufflink_cdev->owner = THIS_MODULE;
	err = cdev_add(bufflink_cdev, bufflink_first, BUFFLINK_MINORS);
	if (err)
		goto del;

	class = compat_class_create("bufflink");
	if (IS_ERR(class)) {
		err = PTR_ERR(class);
		goto del;
	}
	bufflink_class = class;
	return 0;

del:
	cdev_del(bufflink_cdev);
unregister:
	unregister_chrdev_region(bufflink_first, BUFFLINK_MINORS);
	return err;
}

static void __exit bufflink_exit(void)
{
	class_destroy(bufflink_class);
	cdev_del(bufflink_cdev);
	unregister_chrdev_region(bufflink_first, BUFFLINK_MINORS);
}

/* Before the modules' level: built-in users create theirs there. */
subsys_initcall(bufflink_init);
module_exit(bufflink_exit);

MODULE_DESCRIPTION("Ring buffers from kernel code to user space");
MODULE_LICENSE("GPL");
MODULE_ALIAS_CHARDEV_MAJOR(BUFFLINK_MAJOR);
