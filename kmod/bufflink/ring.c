// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/hardirq.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

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

/*
 * Messages are short as a rule, and a string instruction, which is what memcpy() and copy_to_user()
 * are, takes longer to begin than their bytes take.
 */
#define BUFFLINK_SHORT 128u

static __always_inline void bufflink_copy_bytes(void *to, const void *from, size_t length)
{
	if (length > BUFFLINK_SHORT) {
		memcpy(to, from, length);
		return;
	}
	for (; length >= sizeof(long); length -= sizeof(long)) {
		memcpy(to, from, sizeof(long));
		to += sizeof(long);
		from += sizeof(long);
		/* Or the compiler makes a memcpy() of the loop. */
		OPTIMIZER_HIDE_VAR(to);
	}
	for (; length; length--) {
		*(u8 *)to++ = *(const u8 *)from++;
		OPTIMIZER_HIDE_VAR(to);
	}
}

/* Caller holds the lock, knows that the bytes fit, and moves head when all are there. */
static void __bufflink_ring_put(struct bufflink_ring *ring, const void *data, size_t length)
{
	size_t head = ring->head_offset;
	size_t first = min(length, ring->size - head);

	bufflink_copy_bytes(ring->buf + head, data, first);
	if (length > first)
		bufflink_copy_bytes(ring->buf, data + first, length - first);
	ring->head_offset = bufflink_ring_wrap(ring, head + length);
}

/* Caller holds the lock. */
static int __bufflink_ring_admit(struct bufflink_ring *ring, size_t length)
{
	if (ring->closed)
		return -ENODEV;
	if (length > ring->size)
		return -EMSGSIZE;
	/* Pairs with the release in read: the room has been copied from. */
	if (length > ring->size - (ring->head - smp_load_acquire(&ring->tail)))
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
		/* Pairs with the acquire in read. */
		smp_store_release(&ring->head, ring->head + length);
	}
	raw_spin_unlock_irqrestore(&ring->lock, irqflags);
	return err;
}

/* How much of @length has been copied to @done bytes behind where it goes. */
typedef size_t bufflink_copy(void *to, size_t done, const void *from, size_t length);

static __always_inline ssize_t __bufflink_ring_read(struct bufflink_ring *ring, void *to,
						    size_t wanted, bufflink_copy *copy)
{
	/* Before head: of a ring seen closed the last byte is seen too. Pairs with close. */
	bool closed = smp_load_acquire(&ring->closed);
	size_t tail = ring->tail;
	size_t offset = ring->tail_offset;
	size_t length, first, copied;

	/* Pairs with the release in append. */
	length = min(smp_load_acquire(&ring->head) - tail, wanted);
	if (!length)
		return closed ? 0 : -EAGAIN;

	first = min(length, ring->size - offset);
	copied = copy(to, 0, ring->buf + offset, first);
	if (copied == first && length > first)
		copied += copy(to, first, ring->buf, length - first);

	ring->tail_offset = bufflink_ring_wrap(ring, offset + copied);
	/* Pairs with the acquire in admit. */
	smp_store_release(&ring->tail, tail + copied);

	return copied ? copied : -EFAULT;
}

static __always_inline size_t bufflink_copy_to_iter(void *to, size_t done, const void *from,
						    size_t length)
{
	return copy_to_iter(from, length, to);
}

/* False: somewhere in it user memory cannot be written, and whoever wants to know where copies anew. */
static __always_inline bool bufflink_copy_short_to_user(void __user *to, const void *from,
							size_t length)
{
	if (!user_access_begin(to, length))
		return false;
	unsafe_copy_to_user(to, from, length, fault);
	user_access_end();
	return true;
fault:
	user_access_end();
	return false;
}

static __always_inline size_t bufflink_copy_to_user(void *to, size_t done, const void *from,
						    size_t length)
{
	void __user *user = (__force void __user *)to + done;

	if (length <= BUFFLINK_SHORT && bufflink_copy_short_to_user(user, from, length))
		return length;
	return length - copy_to_user(user, from, length);
}

/*
 * Moves what is there, -EAGAIN when nothing is, 0 when nothing ever will be.
 * After a fault part-way the bytes not delivered stay in the ring. One caller
 * at a time; may fault and therefore sleep.
 */
ssize_t bufflink_ring_read(struct bufflink_ring *ring, struct iov_iter *to)
{
	return __bufflink_ring_read(ring, to, iov_iter_count(to), bufflink_copy_to_iter);
}

/* The same for one piece of user memory. */
ssize_t bufflink_ring_read_user(struct bufflink_ring *ring, void __user *to, size_t length)
{
	return __bufflink_ring_read(ring, (__force void *)to, length, bufflink_copy_to_user);
}

void bufflink_ring_close(struct bufflink_ring *ring)
{
	unsigned long irqflags;

	raw_spin_lock_irqsave(&ring->lock, irqflags);
	/* Pairs with the acquire in read. */
	smp_store_release(&ring->closed, true);
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
		WRITE_ONCE(ring->tail, ring->head);
	raw_spin_unlock_irqrestore(&ring->lock, irqflags);
}

struct bufflink_ring_state bufflink_ring_state(struct bufflink_ring *ring)
{
	struct bufflink_ring_state state;
	unsigned long irqflags;

	raw_spin_lock_irqsave(&ring->lock, irqflags);
	state.used = ring->head - READ_ONCE(ring->tail);
	state.free = ring->size - state.used;
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
