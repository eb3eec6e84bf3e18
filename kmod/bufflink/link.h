/* SPDX-License-Identifier: GPL-2.0-only */
/* One bufflink, between the kernel code that owns it and the files open on it. */
#ifndef _BUFFLINK_LINK_H
#define _BUFFLINK_LINK_H

#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/wait.h>

#include "ring.h"

struct bufflink {
	struct kref ref; /* one of the owner's, one of each open file */
	int minor;
	unsigned int flags;
	bool buf_is_ours;
	struct bufflink_ring ring;
	struct mutex read_lock; /* taken by readers, held over copies to user space */
	wait_queue_head_t wait;
	struct irq_work wake;
};

struct bufflink *bufflink_get(unsigned int minor);
void bufflink_put(struct bufflink *bl);

/* device.c, for link.c */
int bufflink_device_add(unsigned int minor);
void bufflink_device_remove(unsigned int minor);

#endif
