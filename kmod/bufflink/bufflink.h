/* SPDX-License-Identifier: GPL-2.0-only */
/* What kernel code calls to send bytes to the reader of /dev/bufflinkN. */
#ifndef _BUFFLINK_H
#define _BUFFLINK_H

#include <linux/sizes.h>
#include <linux/types.h>
#include <linux/uio.h>

#include "../../include/uapi/bufflink.h"

struct bufflink;

#define BUFFLINK_SIZE_DEFAULT SZ_64K
/* An append copies with interrupts off; this bounds for how long. */
#define BUFFLINK_SIZE_MAX SZ_64M

/* Flags of bufflink_create_flags() */
#define BUFFLINK_READ_ONLY 1u /* user-space writes get -EPERM */

int bufflink_create_flags(struct bufflink **blp, void *buf, size_t size, int minor,
			  unsigned int flags);
void bufflink_destroy(struct bufflink *bl);

static inline int bufflink_create(struct bufflink **blp, void *buf, size_t size, int minor)
{
	return bufflink_create_flags(blp, buf, size, minor, 0);
}

int bufflink_append(struct bufflink *bl, const void *data, size_t length);
int bufflink_append_parts(struct bufflink *bl, const struct kvec *parts, unsigned int count);
int bufflink_append_stamped(struct bufflink *bl, const struct kvec *parts, unsigned int count,
			    u64 *ts);

int bufflink_minor(const struct bufflink *bl);
u64 bufflink_refused(struct bufflink *bl);

#endif
