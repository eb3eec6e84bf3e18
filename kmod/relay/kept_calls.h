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

struct relayscope_task_places;

struct relayscope_kept_calls {
	atomic_t count;
	struct relayscope_task_places *places;
	struct relayscope_kept_call *calls;
};

void relayscope_call_keep(struct relayscope_attachment *attachment,
			  const struct relayscope_kept_call *call);
bool relayscope_call_take_kept(struct relayscope_attachment *attachment,
			       struct relayscope_kept_call *call);

/* current's call, which is kept no longer; false: nothing was. */
static __always_inline bool relayscope_call_kept(struct relayscope_attachment *attachment,
						 struct relayscope_kept_call *call)
{
	return unlikely(atomic_read(&attachment->kept->count)) &&
	       relayscope_call_take_kept(attachment, call);
}

#endif
