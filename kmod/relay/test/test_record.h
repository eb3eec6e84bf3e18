/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the test module records, for it and for the programs that read it. */
#ifndef _RELAYSCOPE_TEST_RECORD_H
#define _RELAYSCOPE_TEST_RECORD_H

#include "../../../include/uapi/relayscope.h"

#define RELAYSCOPE_TEST_SOURCE "test"
#define RELAYSCOPE_TEST_EVENT 0x7ff0

enum relayscope_test_context {
	RELAYSCOPE_TEST_PROCESS,
	RELAYSCOPE_TEST_SOFTIRQ,
	RELAYSCOPE_TEST_HARDIRQ,
	RELAYSCOPE_TEST_NMI,
	RELAYSCOPE_TEST_CONTEXTS
};

/* Filled up to the record's length with relayscope_test_byte(). */
struct relayscope_test_record {
	struct relayscope_record_header header;
	__u32 context;
	__u32 cpu;
	__u32 sequence; /* per CPU and context, from 0, counted before the record is written */
};

static inline __u8 relayscope_test_byte(__u32 sequence, __u32 offset)
{
	return (__u8)(sequence * 7 + offset);
}

#endif
