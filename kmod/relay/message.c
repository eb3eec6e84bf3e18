// SPDX-License-Identifier: GPL-2.0-only
/* The recorder's bufflink messages: few, and never drowned by the bulk. */
#include <linux/smp.h>

#include "internal.h"

/*
 * Send @message, which starts with a struct relayscope_message_header that is filled in here, as
 * one unit. -ENOSPC: refused whole, and the bufflink counts it. Any context but NMI.
 */
int relayscope_message(struct relayscope_recorder *recorder, void *message, u16 event_id,
		       size_t length, u32 tid)
{
	static const u8 padding[RELAYSCOPE_RECORD_ALIGN];
	struct relayscope_message_header *header = message;
	struct kvec parts[2] = {
		{ message, length },
		{ (void *)padding, ALIGN(length, RELAYSCOPE_RECORD_ALIGN) - length },
	};

	header->magic = RELAYSCOPE_MESSAGE_MAGIC;
	header->event_id = event_id;
	header->length = length;
	header->cpu = raw_smp_processor_id();
	header->tid = tid;
	return bufflink_append_stamped(recorder->events, parts, ARRAY_SIZE(parts), &header->ts);
}
