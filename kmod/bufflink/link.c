// SPDX-License-Identifier: GPL-2.0-only
/* Life of a bufflink, its minor, and the kernel's side of it. */
#include <linux/idr.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "link.h"

/* A minor stays taken until its device is gone, longer than its table entry. */
static DEFINE_IDA(bufflink_minors);
static DEFINE_SPINLOCK(bufflink_table_lock);
static struct bufflink *bufflink_table[BUFFLINK_MINORS];

static void bufflink_publish(unsigned int minor, struct bufflink *bl)
{
	spin_lock(&bufflink_table_lock);
	bufflink_table[minor] = bl;
	spin_unlock(&bufflink_table_lock);
}

struct bufflink *bufflink_get(unsigned int minor)
{
	struct bufflink *bl = NULL;

	spin_lock(&bufflink_table_lock);
	if (minor < BUFFLINK_MINORS)
		bl = bufflink_table[minor];
	if (bl)
		kref_get(&bl->ref);
	spin_unlock(&bufflink_table_lock);
	return bl;
}

static void bufflink_free(struct kref *ref)
{
	struct bufflink *bl = container_of(ref, struct bufflink, ref);

	/* The last append's wake-up may still be on its way. */
	irq_work_sync(&bl->wake);
	if (bl->buf_is_ours)
		kvfree(bl->ring.buf);
	mutex_destroy(&bl->read_lock);
	kfree(bl);
}

/* Process context: the last one sleeps. */
void bufflink_put(struct bufflink *bl)
{
	kref_put(&bl->ref, bufflink_free);
}

static void bufflink_wake(struct irq_work *work)
{
	struct bufflink *bl = container_of(work, struct bufflink, wake);

	wake_up_interruptible_poll(&bl->wait, EPOLLIN | EPOLLRDNORM | EPOLLPRI);
}

static int bufflink_minor_alloc(int minor)
{
	int min = minor < 0 ? 0 : minor;
	int max = minor < 0 ? BUFFLINK_MINORS - 1 : minor;
	int ret = ida_alloc_range(&bufflink_minors, min, max, GFP_KERNEL);

	return ret == -ENOSPC ? -EBUSY : ret;
}

/*
 * Open files may have bytes still to read in a buffer that goes back to its
 * owner now.
 */
static void bufflink_return_buf(struct bufflink *bl)
{
	void *copy = NULL;

	/* Waits for a read that is copying from the buffer. */
	mutex_lock(&bl->read_lock);
	if (kref_read(&bl->ref) > 1 && bufflink_ring_state(&bl->ring).used)
		copy = kvmalloc(bl->ring.size, GFP_KERNEL);
	bufflink_ring_move(&bl->ring, copy);
	bl->buf_is_ours = true;
	mutex_unlock(&bl->read_lock);
}

/* For files that are open: what is in the ring, then the end of the file. */
static void bufflink_retire(struct bufflink *bl)
{
	bufflink_publish(bl->minor, NULL);
	bufflink_ring_close(&bl->ring);
	if (!bl->buf_is_ours)
		bufflink_return_buf(bl);
	wake_up_interruptible_poll(&bl->wait, EPOLLIN | EPOLLRDNORM | EPOLLHUP);
}

/**
 * bufflink_create_flags - make a ring buffer and its /dev/bufflinkN
 * @blp: set on success
 * @buf: the ring's memory, the caller's again after bufflink_destroy(); NULL to
 *	have it allocated
 * @size: bytes, at most %BUFFLINK_SIZE_MAX; 0 for the default, without @buf only
 * @minor: N, or -1 for the lowest free one
 * @flags: %BUFFLINK_READ_ONLY or 0
 *
 * Process context. bufflink.ko cannot be unloaded until bufflink_destroy().
 *
 * Return: 0, -EINVAL, -ENOMEM, -EBUSY when the minor (or, for -1, every minor)
 * is taken, or what registering the device gave.
 */
int bufflink_create_flags(struct bufflink **blp, void *buf, size_t size, int minor,
			  unsigned int flags)
{
	struct bufflink *bl;
	int err;

	might_sleep();
	if (!blp || (buf && !size) || size > BUFFLINK_SIZE_MAX ||
	    minor < -1 || minor >= BUFFLINK_MINORS || flags & ~BUFFLINK_READ_ONLY)
		return -EINVAL;
	if (!size)
		size = BUFFLINK_SIZE_DEFAULT;

	bl = kzalloc(sizeof(*bl), GFP_KERNEL);
	if (!bl)
		return -ENOMEM;
	kref_init(&bl->ref);
	bl->flags = flags;
	mutex_init(&bl->read_lock);
	init_waitqueue_head(&bl->wait);
	init_irq_work(&bl->wake, bufflink_wake);

	if (!buf) {
		bl->buf_is_ours = true;
		buf = kvmalloc(size, GFP_KERNEL);
		if (!buf) {
			err = -ENOMEM;
			goto put;
		}
	}
	bufflink_ring_init(&bl->ring, buf, size);

	err = bufflink_minor_alloc(minor);
	if (err < 0)
		goto put;
	bl->minor = err;

	/* First: whoever sees the device must be able to open it. */
	bufflink_publish(bl->minor, bl);
	err = bufflink_device_add(bl->minor);
	if (err)
		goto retire;

	/* The caller's use of our symbols pins us; this outlives symbol_put(). */
	__module_get(THIS_MODULE);
	*blp = bl;
	return 0;

retire:
	/* A node made by hand may have been opened already. */
	bufflink_retire(bl);
	ida_free(&bufflink_minors, bl->minor);
put:
	bufflink_put(bl);
	return err;
}
EXPORT_SYMBOL_GPL(bufflink_create_flags);

/**
 * bufflink_destroy - take a bufflink away
 * @bl: from bufflink_create(), or NULL
 *
 * Process context. The caller has made sure that no append is running or will
 * be called any more (probes unregistered and synchronised, timers and irq_work
 * gone). The minor is free again on return. Files that are open stay valid:
 * they deliver what is in the ring, then the end of the file, which sleeping
 * readers see at once.
 *
 * With a buffer of the caller's own this waits for a read that is copying from
 * it, and unread bytes are dropped if there is no memory to keep them in.
 */
void bufflink_destroy(struct bufflink *bl)
{
	if (!bl)
		return;

	might_sleep();
	bufflink_retire(bl);
	bufflink_device_remove(bl->minor);
	ida_free(&bufflink_minors, bl->minor);
	bufflink_put(bl);
	module_put(THIS_MODULE);
}
EXPORT_SYMBOL_GPL(bufflink_destroy);

/**
 * bufflink_append - append bytes, all or none
 * @bl: the bufflink
 * @data: kernel memory
 * @length: bytes
 *
 * Process, softirq and hardirq context, with any lock held and interrupts on
 * or off; readers are woken from irq_work. Not from probes on what append itself
 * goes through: lock contention, interrupt work. NMI includes, on x86, the
 * handler of a kprobe that is a breakpoint.
 *
 * Return: 0, or a refusal, which is counted and raises the overflow flag:
 * -ENOSPC does not fit now, -EMSGSIZE larger than the ring, -EBUSY called in
 * NMI, -ENODEV after the end.
 */
int bufflink_append(struct bufflink *bl, const void *data, size_t length)
{
	struct kvec part = { .iov_base = (void *)data, .iov_len = length };

	return bufflink_append_stamped(bl, &part, 1, NULL);
}
EXPORT_SYMBOL_GPL(bufflink_append);

/**
 * bufflink_append_parts - append several pieces as one, all or none
 * @bl: the bufflink
 * @parts: kernel memory
 * @count: how many parts
 *
 * Context and return as bufflink_append().
 */
int bufflink_append_parts(struct bufflink *bl, const struct kvec *parts, unsigned int count)
{
	return bufflink_append_stamped(bl, parts, count, NULL);
}
EXPORT_SYMBOL_GPL(bufflink_append_parts);

/**
 * bufflink_append_stamped - append several pieces with the time of the append
 * @bl: the bufflink
 * @parts: kernel memory
 * @count: how many parts
 * @ts: set to CLOCK_MONOTONIC nanoseconds before the parts are copied; lies in
 *	one of them as a rule, and is left alone when the append is refused
 *
 * The time is taken under the ring's lock and never falls: stamps are in order
 * along the ring, whichever CPUs they come from.
 *
 * Context and return as bufflink_append().
 */
int bufflink_append_stamped(struct bufflink *bl, const struct kvec *parts, unsigned int count,
			    u64 *ts)
{
	int ret = bufflink_ring_append(&bl->ring, parts, count, ts);

	/*
	 * A refusal is news too, for POLLPRI. A waiter has queued itself before
	 * it looks at the ring, so one not seen here has seen this append.
	 */
	if (wq_has_sleeper(&bl->wait))
		irq_work_queue(&bl->wake);
	return ret;
}
EXPORT_SYMBOL_GPL(bufflink_append_stamped);

/**
 * bufflink_minor - the N of /dev/bufflinkN
 * @bl: the bufflink
 */
int bufflink_minor(const struct bufflink *bl)
{
	return bl->minor;
}
EXPORT_SYMBOL_GPL(bufflink_minor);

/**
 * bufflink_refused - how many appends were refused since creation
 * @bl: the bufflink
 *
 * Any context but NMI. Does not lower the overflow flag.
 */
u64 bufflink_refused(struct bufflink *bl)
{
	return bufflink_ring_refused(&bl->ring);
}
EXPORT_SYMBOL_GPL(bufflink_refused);
