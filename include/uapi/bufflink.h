/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Calls on /dev/bufflinkN, a ring buffer that kernel code appends to from any
 * context and that reads like a FIFO: read(2) returns what is there at once
 * and blocks only when the ring is empty; 0 bytes mean that its owner is gone
 * and everything has been read. write(2) and writev(2) append, whole or not at
 * all: -ENOSPC when it does not fit now, -EMSGSIZE when it never will, -ENODEV
 * when the owner is gone, -EPERM on a device whose writers are kernel code
 * only. They never block.
 *
 * An append that does not fit is refused whole and raises the overflow flag.
 * poll(2) reports it as POLLPRI until BUFFLINK_IOC_OVERFLOW is called, which
 * returns it together with the count and lowers it.
 */
#ifndef _UAPI_BUFFLINK_H
#define _UAPI_BUFFLINK_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define BUFFLINK_MAJOR 120 /* a dynamic one when that is taken */
#define BUFFLINK_MINORS 64

struct bufflink_overflow {
	__u32 overflowed; /* 1: appends were refused since the last call */
	__u32 reserved;
	__u64 refused; /* appends refused since creation, cumulative */
};

struct bufflink_geometry {
	__u64 size; /* bytes the ring holds */
	__u64 used; /* bytes waiting to be read */
};

#define BUFFLINK_IOC_OVERFLOW _IOR('R', 0xd0, struct bufflink_overflow)
#define BUFFLINK_IOC_GEOMETRY _IOR('R', 0xd1, struct bufflink_geometry)

/* ---- layout, held by the compiler ---- */

#ifdef __cplusplus
#define BUFFLINK_ASSERT(condition) static_assert(condition, #condition)
#else
#define BUFFLINK_ASSERT(condition) _Static_assert(condition, #condition)
#endif

BUFFLINK_ASSERT(sizeof(struct bufflink_overflow) == 16);
BUFFLINK_ASSERT(__builtin_offsetof(struct bufflink_overflow, refused) == 8);
BUFFLINK_ASSERT(sizeof(struct bufflink_geometry) == 16);
BUFFLINK_ASSERT(__builtin_offsetof(struct bufflink_geometry, used) == 8);

#endif
