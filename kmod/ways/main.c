// SPDX-License-Identifier: GPL-2.0-only
/*
 * Offers the same messages over every way from the kernel to user space, for the benchmark that
 * puts bufflink and relay beside the others. /dev/ways_across is the character device among them
 * and takes the requests to send.
 */
#include <linux/atomic.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#include "ways.h"

static const struct ways_sender_ops *const senders[WAYS_SENDERS] = {
	[WAYS_NETLINK] = &ways_netlink,
	[WAYS_GENETLINK] = &ways_genetlink,
	[WAYS_UDP] = &ways_udp,
	[WAYS_SIGNALS] = &ways_signals,
	[WAYS_UPCALL] = &ways_upcall,
	[WAYS_MMAP] = &ways_mmap,
	[WAYS_BUFFLINK] = &ways_bufflink,
	[WAYS_RELAY_READ] = &ways_relay_read,
	[WAYS_RELAY_MMAP] = &ways_relay_mmap,
};

/* One that a kernel does not let us create does not take the others along. */
static int sender_errors[WAYS_SENDERS];
static unsigned long created_files;
static DEFINE_MUTEX(send_lock);

/* Ready made: forming a message is no part of getting it across. */
static u8 bulk[WAYS_BULK_LENGTH] __aligned(8);
static atomic_t next_message;

const void *ways_message(unsigned int number)
{
	return bulk + number % WAYS_MESSAGES * WAYS_MESSAGE_LENGTH;
}

const void *ways_next_message(void)
{
	return ways_message(atomic_fetch_inc(&next_message));
}

const void *ways_bulk(void)
{
	return bulk;
}

static void fill_bulk(void)
{
	char text[WAYS_MESSAGE_LENGTH + 1];
	unsigned int i;

	for (i = 0; i < WAYS_BULK_LENGTH / WAYS_MESSAGE_LENGTH; i++) {
		snprintf(text, sizeof(text), WAYS_MESSAGE_TEXT, i % WAYS_MESSAGES);
		memcpy(bulk + i * WAYS_MESSAGE_LENGTH, text, WAYS_MESSAGE_LENGTH);
	}
}

/* Less than bulk: the next messages. */
void ways_fill(void *to, size_t length)
{
	size_t done;

	if (length >= WAYS_BULK_LENGTH) {
		memcpy(to, bulk, WAYS_BULK_LENGTH);
		return;
	}
	for (done = 0; done + WAYS_MESSAGE_LENGTH <= length; done += WAYS_MESSAGE_LENGTH)
		memcpy(to + done, ways_next_message(), WAYS_MESSAGE_LENGTH);
}

static ssize_t copy_out(char __user *user, size_t count)
{
	size_t done;

	if (count >= WAYS_BULK_LENGTH)
		return copy_to_user(user, bulk, WAYS_BULK_LENGTH) ? -EFAULT : WAYS_BULK_LENGTH;
	for (done = 0; done + WAYS_MESSAGE_LENGTH <= count; done += WAYS_MESSAGE_LENGTH)
		if (copy_to_user(user + done, ways_next_message(), WAYS_MESSAGE_LENGTH))
			return -EFAULT;
	return done;
}

ssize_t ways_read(struct file *file, char __user *user, size_t count, loff_t *position)
{
	return copy_out(user, count);
}

static long ioctl_ask(const struct ways_ask __user *user)
{
	const struct ways_sender_ops *sender;
	struct ways_ask ask;
	unsigned int i;
	int err = 0;

	if (copy_from_user(&ask, user, sizeof(ask)))
		return -EFAULT;
	if (ask.sender >= WAYS_SENDERS || ask.length > WAYS_BULK_LENGTH)
		return -EINVAL;
	if (sender_errors[ask.sender])
		return sender_errors[ask.sender];
	sender = senders[ask.sender];

	if (mutex_lock_interruptible(&send_lock))
		return -EINTR;
	for (i = 0; i < ask.count && !err; i++)
		err = sender->send(&ask,
				   ask.length == WAYS_MESSAGE_LENGTH ? ways_message(i) : bulk,
				   ask.length);
	mutex_unlock(&send_lock);
	return err;
}

static long ioctl_fetch(const struct ways_fetch __user *user)
{
	struct ways_fetch fetch;

	if (copy_from_user(&fetch, user, sizeof(fetch)))
		return -EFAULT;
	return copy_out(u64_to_user_ptr(fetch.buffer), fetch.length);
}

static long device_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (command) {
	case WAYS_IOC_ASK:
		return ioctl_ask(user);
	case WAYS_IOC_MESSAGE:
		if (copy_to_user(user, ways_next_message(), WAYS_MESSAGE_LENGTH))
			return -EFAULT;
		return 0;
	case WAYS_IOC_FETCH:
		return ioctl_fetch(user);
	case WAYS_IOC_CONSUMED:
		if (sender_errors[WAYS_RELAY_MMAP])
			return sender_errors[WAYS_RELAY_MMAP];
		ways_relay_consumed();
		return 0;
	case WAYS_IOC_MINOR:
		return sender_errors[WAYS_BUFFLINK] ?: ways_bufflink_minor();
	default:
		return -ENOTTY;
	}
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	return sender_errors[WAYS_MMAP] ?: ways_shared_mmap(vma);
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.read = ways_read,
	.unlocked_ioctl = device_ioctl,
	.mmap = device_mmap,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ways_across",
	.fops = &device_fops,
	.mode = 0600,
};

static void destroy_ways(void)
{
	unsigned int i;

	for (i = 0; i < ways_files_count; i++)
		if (created_files & BIT(i))
			ways_files[i].destroy();
	for (i = 0; i < WAYS_SENDERS; i++)
		if (!sender_errors[i] && senders[i]->destroy)
			senders[i]->destroy();
}

static int __init ways_init(void)
{
	unsigned int i;
	int err;

	fill_bulk();
	for (i = 0; i < WAYS_SENDERS; i++) {
		sender_errors[i] = senders[i]->create ? senders[i]->create() : 0;
		if (sender_errors[i])
			pr_warn("ways_across: no %s: %d\n", senders[i]->name, sender_errors[i]);
	}
	for (i = 0; i < ways_files_count; i++) {
		err = ways_files[i].create();
		if (err)
			pr_warn("ways_across: no %s: %d\n", ways_files[i].name, err);
		else
			created_files |= BIT(i);
	}

	err = misc_register(&device);
	if (err)
		destroy_ways();
	return err;
}

static void __exit ways_exit(void)
{
	misc_deregister(&device);
	destroy_ways();
}

module_init(ways_init);
module_exit(ways_exit);

MODULE_DESCRIPTION("The same messages over every way to user space");
MODULE_LICENSE("GPL");
