/* SPDX-License-Identifier: GPL-2.0-only */
/* What bufflink_test.ko appends and its readers check. */
#ifndef _BUFFLINK_TEST_MESSAGE_H
#define _BUFFLINK_TEST_MESSAGE_H

#include <linux/types.h>

#define BUFFLINK_TEST_MAGIC 0x42544c4e
#define BUFFLINK_TEST_PAYLOAD_MAX 1024

enum bufflink_test_context {
	BUFFLINK_TEST_PROCESS,
	BUFFLINK_TEST_SOFTIRQ,
	BUFFLINK_TEST_HARDIRQ,
	BUFFLINK_TEST_NMI,
	BUFFLINK_TEST_CONTEXTS
};

struct bufflink_test_message {
	__u32 magic;
	__u16 context; /* enum bufflink_test_context */
	__u16 cpu;
	__u32 sequence; /* of this CPU and context; refused ones are numbered too */
	__u32 length; /* bytes of payload behind this */
	__u64 ts; /* ns, never falls */
};

/* Byte i of the payload of message number sequence. */
static inline unsigned char bufflink_test_byte(__u32 sequence, __u32 i)
{
	return (unsigned char)(((sequence & 0xff) + i) * 7 + 3);
}

#endif
