/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring: bytes in, bytes out, nothing overwritten. It knows neither devices
 * nor sleeping.
 *
 * The writers' side is serialised by the lock: they move head. Readers exclude
 * each other by a lock of theirs and move tail, without the writers' lock: an
 * acquire of the one counter makes what the other side did before its release
 * visible, the bytes put there, or the room made by copying them away.
 */
#ifndef _BUFFLINK_RING_H
#define _BUFFLINK_RING_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include <linux/uio.h>

#include "bufflink.h"

struct bufflink_ring {
	/* Raw and irqsave: writers hold run queue locks, on PREEMPT_RT too. */
	raw_spinlock_t lock;
	u8 *buf;
	size_t size;
	/* Bytes ever appended and ever consumed; they wrap, their difference never does. */
	size_t head;
	size_t tail;
	/* Where in buf they are; below size. Each is its own side's. */
	size_t head_offset;
	size_t tail_offset;
	bool closed; /* takes no more; never lowered */
	u64 last_ts;
	u64 refused;
	/* Written in NMI, hence outside the lock. */
	atomic_long_t refused_nmi;
	unsigned long flags;
};

struct bufflink_ring_state {
	size_t used;
	size_t free;
	bool closed;
	bool overflowed;
};

void bufflink_ring_init(struct bufflink_ring *ring, void *buf, size_t size);
int bufflink_ring_append(struct bufflink_ring *ring, const struct kvec *parts,
			 unsigned int count, u64 *ts);
ssize_t bufflink_ring_read(struct bufflink_ring *ring, struct iov_iter *to);
ssize_t bufflink_ring_read_user(struct bufflink_ring *ring, void __user *to, size_t length);
void bufflink_ring_close(struct bufflink_ring *ring);
void bufflink_ring_move(struct bufflink_ring *ring, void *buf);

struct bufflink_ring_state bufflink_ring_state(struct bufflink_ring *ring);
u64 bufflink_ring_refused(struct bufflink_ring *ring);
bool bufflink_ring_take_overflow(struct bufflink_ring *ring, u64 *refused);
void bufflink_ring_raise_overflow(struct bufflink_ring *ring);

#endif
