// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitops.h>
#include <linux/hardirq.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "ring.h"

#define BUFFLINK_RING_OVERFLOWED 0 /* bit of flags */

void bufflink_ring_init(struct bufflink_ring *ring, void *buf, size_t size)
{
	raw_spin_lock_init(&ring->lock);
	ring->buf = buf;
	ring->size = size;
}

static size_t bufflink_ring_wrap(const struct bufflink_ring *ring, size_t offset)
{
	return offset < ring->size ? offset : offset - ring->size;
}

/* Caller holds the lock and knows that the bytes fit. */
static void __bufflink_ring_put(struct bufflink_ring *ring, const void *data, size_t length)
{
	size_t head = bufflink_ring_wrap(ring, ring->tail + ring->used);
	size_t first = min(length, ring->size - head);

	memcpy(ring->buf + head, data, first);
	memcpy(ring->buf, data + first, length - first);
	ring->used += length;
}

/* Caller holds the lock. */
static int __bufflink_ring_admit(struct bufflink_ring *ring, size_t length)
{
	if (ring->closed)
		return -ENODEV;
	if (length > ring->size)
		return -EMSGSIZE;
	if (length > ring->size - ring->used)
		return -ENOSPC;
	return 0;
}

/* All parts or nothing. Any context; in NMI it only counts. */
int bufflink_ring_append(struct bufflink_ring *ring, const struct kvec *parts,
			 unsigned int count, u64 *ts)
{
	unsigned long irqflags;
	size_t length = 0;
	unsigned int i;
	int err;

	for (i = 0; i < count; i++)
		length = size_add(length, parts[i].iov_len);
	if (!length)
		return 0;

	/* The NMI may have hit the holder of the lock. */
	if (in_nmi()) {
		atomic_long_inc(&ring->refused_nmi);
		/* Whoever takes the flag must find the count; pairs with take_overflow. */
		smp_mb__after_atomic();
		bufflink_ring_raise_overflow(ring);
		return -EBUSY;
	}

	raw_spin_lock_irqsave(&ring->lock, irqflags);
	err = __bufflink_ring_admit(ring, length);
	if (err) {
		ring->refused++;
		bufflink_ring_raise_overflow(ring);
	} else {
		if (ts) {
			/* The fast clock may step back a little between CPUs. */
			ring->last_ts = max(ring->last_ts, ktime_get_mono_fast_ns());
			*ts = ring->last_ts;
		}
		for (i = 0; i < count; i++)
			__bufflink_ring_put(ring, parts[i].iov_base, parts[i].iov_len);
	}
	raw_spin_unlock_irqrestore(&ring->lock, irqflags);
	return err;
}

/*
 * Moves what is there, -EAGAIN when nothing is, 0 when nothing ever will be.
 * After a fault part-way the bytes not delivered stay in the ring. One caller
 * at a time; may fault and therefore sleep.
 */
ssize_t bufflink_ring_read(struct bufflink_ring *ring, struct iov_iter *to)
{
	unsigned long irqflags;
	size_t tail, length, first, copied;
	bool closed;

	raw_spin_lock_irqsave(&ring->lock, irqflags);
	tail = ring->tail;
	length = min(ring->used, iov_iter_count(to));
	closed = ring->closed;
	raw_spin_unlock_irqrestore(&ring->lock, irqflags);

	if (!length)
		return closed ? 0 : -EAGAIN;

	first = min(length, ring->size - tail);
	copied = copy_to_iter(ring->buf + tail, first, to);
	if (copied == first && length > first)
		copied += copy_to_iter(ring->buf, length - first, to);

	raw_spin_lock_irqsave(&ring->lock, irqflags);
	ring->tail = bufflink_ring_wrap(ring, tail + copied);
	ring->used -= copied;
	raw_spin_unlock_irqrestore(&ring->lock, irqflags);

	return copied ? copied : -EFAULT;
}

void bufflink_ring_close(struct bufflink_ring *ring)
{
	unsigned long irqflags;

	raw_spin_lock_irqsave(&ring->lock, irqflags);
	ring->closed = true;
	raw_spin_unlock_irqrestore(&ring->lock, irqflags);
}

/*
 * Moves the bytes of a closed ring to @buf, of the same size, or drops them
 * when it is NULL. The caller excludes readers; closed excludes writers, so
 * the copy needs no lock.
 */
void bufflink_ring_move(struct bufflink_ring *ring, void *buf)
{
	unsigned long irqflags;

	if (buf)
		memcpy(buf, ring->buf, ring->size);

	raw_spin_lock_irqsave(&ring->lock, irqflags);
	ring->buf = buf;
	if (!buf)
		ring->used = 0;
	raw_spin_unlock_irqrestore(&ring->lock, irqflags);
}

struct bufflink_ring_state bufflink_ring_state(struct bufflink_ring *ring)
{
	struct bufflink_ring_state state;
	unsigned long irqflags;

	raw_spin_lock_irqsave(&ring->lock, irqflags);
	state.used = ring->used;
	state.free = ring->size - ring->used;
	state.closed = ring->closed;
	state.overflowed = test_bit(BUFFLINK_RING_OVERFLOWED, &ring->flags);
	raw_spin_unlock_irqrestore(&ring->lock, irqflags);
	return state;
}

u64 bufflink_ring_refused(struct bufflink_ring *ring)
{
	unsigned long irqflags;
	u64 refused;

	raw_spin_lock_irqsave(&ring->lock, irqflags);
	refused = ring->refused;
	raw_spin_unlock_irqrestore(&ring->lock, irqflags);
	return refused + (unsigned long)atomic_long_read(&ring->refused_nmi);
}

/*
 * The flag goes down before the count is read: a refusal in between raises it
 * again, so that none is ever counted without having been announced.
 */
bool bufflink_ring_take_overflow(struct bufflink_ring *ring, u64 *refused)
{
	/* Full barrier; pairs with the one in append. */
	bool overflowed = test_and_clear_bit(BUFFLINK_RING_OVERFLOWED, &ring->flags);

	*refused = bufflink_ring_refused(ring);
	return overflowed;
}

void bufflink_ring_raise_overflow(struct bufflink_ring *ring)
{
	set_bit(BUFFLINK_RING_OVERFLOWED, &ring->flags);
}
