/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the probes of a source of calls with texts: what is kept of a call until it returns, because
 * its registers will not tell then, or a text of it could not be read yet. Few calls are.
 */
#ifndef _RELAYSCOPE_KEPT_CALLS_H
#define _RELAYSCOPE_KEPT_CALLS_H

#include <linux/atomic.h>

#include "channel.h"

struct relayscope_kept_call {
	u32 texts; /* as the call table has it */
	u16 nr;
	u16 unread; /* flags of event syscall_enter_texts */
	u8 abi;
};

void relayscope_call_keep(struct relayscope_attachment *attachment,
			  const struct relayscope_kept_call *call);
bool relayscope_call_take_kept(struct relayscope_attachment *attachment,
			       struct relayscope_kept_call *call);

/* Whether any task's is. */
static __always_inline bool relayscope_calls_kept(const struct relayscope_attachment *attachment)
{
	return unlikely(atomic_read(&attachment->kept_count));
}

/* current's call, which is kept no longer; false: nothing was. */
static __always_inline bool relayscope_call_kept(struct relayscope_attachment *attachment,
						 struct relayscope_kept_call *call)
{
	return relayscope_calls_kept(attachment) && relayscope_call_take_kept(attachment, call);
}

#endif
