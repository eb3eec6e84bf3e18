/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring: bytes in, bytes out, nothing overwritten. It knows neither devices
 * nor sleeping.
 *
 * The writers' side is serialised by the lock. The bytes between tail and
 * tail + used belong to the readers until they are consumed, so a reader may
 * copy them without the lock; readers exclude each other by a lock of theirs.
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
	size_t tail; /* offset of the oldest byte; below size */
	size_t used;
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
void bufflink_ring_close(struct bufflink_ring *ring);
void bufflink_ring_move(struct bufflink_ring *ring, void *buf);

struct bufflink_ring_state bufflink_ring_state(struct bufflink_ring *ring);
u64 bufflink_ring_refused(struct bufflink_ring *ring);
bool bufflink_ring_take_overflow(struct bufflink_ring *ring, u64 *refused);
void bufflink_ring_raise_overflow(struct bufflink_ring *ring);

#endif
