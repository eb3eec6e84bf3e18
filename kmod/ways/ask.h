/* SPDX-License-Identifier: GPL-2.0-only */
/* What bench/programs/ways.c asks ways_across.ko for, and what it then gets. */
#ifndef _WAYS_ASK_H
#define _WAYS_ASK_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define WAYS_MESSAGE_LENGTH 64
/* Different messages; number n is the same as number n modulo this. */
#define WAYS_MESSAGES 64
#define WAYS_BULK_LENGTH 65536
#define WAYS_SUBBUF_LENGTH 65536
#define WAYS_SUBBUFS 8
#define WAYS_SIGNAL 40
/* All that a signal carries is a pointer's worth of bytes. */
#define WAYS_SIGNALS_PER_MESSAGE (WAYS_MESSAGE_LENGTH / 8)

#define WAYS_GENL_FAMILY "ways_across"
#define WAYS_GENL_MESSAGE 1 /* both the command and its attribute */

/* The ways in which the kernel sends. Where user space fetches, it needs not ask. */
enum ways_sender {
	WAYS_NETLINK,
	WAYS_GENETLINK,
	WAYS_UDP,
	WAYS_SIGNALS,
	WAYS_UPCALL,
	WAYS_MMAP,
	WAYS_BUFFLINK,
	WAYS_RELAY_READ,
	WAYS_RELAY_MMAP,
	WAYS_SENDERS
};

struct ways_ask {
	__u32 sender;
	__u32 count;
	__u32 length; /* WAYS_MESSAGE_LENGTH: messages; else so many bytes each */
	__u32 to; /* netlink port, UDP port, process */
};

struct ways_fetch {
	__u64 buffer;
	__u64 length;
};

/* The device's mapping: how many were produced, the messages, bulk. */
#define WAYS_SHARED_PRODUCED 0
#define WAYS_SHARED_MESSAGES 4096
#define WAYS_SHARED_BULK 8192
#define WAYS_SHARED_LENGTH (WAYS_SHARED_BULK + WAYS_BULK_LENGTH)

#define WAYS_IOC_ASK _IOW('w', 0, struct ways_ask)
#define WAYS_IOC_MESSAGE _IOR('w', 1, unsigned char[WAYS_MESSAGE_LENGTH])
#define WAYS_IOC_FETCH _IOW('w', 2, struct ways_fetch)
/* A sub-buffer of this CPU's mapped relay buffer has been read. */
#define WAYS_IOC_CONSUMED _IO('w', 3)
/* The minor of the bufflink. */
#define WAYS_IOC_MINOR _IO('w', 4)

#define WAYS_MESSAGE_TEXT "message %02u, a text of sixty-four bytes with its newline, ......\n"

#endif
