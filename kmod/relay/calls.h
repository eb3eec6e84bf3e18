/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the probes of a source of calls that is filtered: one decision for a call's entry and its
 * exit (pending.c). Included for these functions alone.
 */
#ifndef _RELAYSCOPE_CALLS_H
#define _RELAYSCOPE_CALLS_H

#include "predicate.h"
#include "write.h"

/*
 * current enters @call, of which the arguments, nr, abi and their count are filled in. True: its
 * entry is to be recorded now; else it has been counted, or will be when the call ends. @texts as
 * everywhere here: those of the call, NULL where they are not recorded.
 */
bool relayscope_call_enters(struct relayscope_attachment *attachment, struct relayscope_call *call,
			    const struct relayscope_texts *texts);
/* Its entry has been recorded. */
void relayscope_call_entered(struct relayscope_attachment *attachment,
			     const struct relayscope_call *call,
			     const struct relayscope_texts *texts);

/* What to do with the exit. */
enum relayscope_call_fate {
	RELAYSCOPE_CALL_REFUSED, /* nothing: it has been counted, and its entry */
	RELAYSCOPE_CALL_WRITE_EXIT, /* its entry has been recorded */
	RELAYSCOPE_CALL_WRITE_BOTH,
};

/*
 * current leaves its call with @ret, which is the call until relayscope_call_left(), or until it is
 * refused; NULL: it has been.
 */
struct relayscope_call *relayscope_call_returns(struct relayscope_attachment *attachment, long ret);
/* Whether what follows asks for the texts that it was given. */
bool relayscope_call_needs_texts(const struct relayscope_attachment *attachment,
				 const struct relayscope_call *call);
enum relayscope_call_fate relayscope_call_leaves(struct relayscope_attachment *attachment,
						 struct relayscope_call *call,
						 const struct relayscope_texts *texts);
void relayscope_call_left(struct relayscope_attachment *attachment, struct relayscope_call *call,
			  const struct relayscope_texts *texts);
/* current ends in the midst of a call. */
void relayscope_call_dies(struct relayscope_attachment *attachment);

/*
 * Records of current that belong together: written at the same time, all or none (call_group.c). The
 * first of them and the last are the call's entry and exit. Interrupts are off from begin to end.
 */
struct relayscope_call_group {
	u8 *next; /* in this CPU's staging memory */
	size_t left; /* bytes that fit, in the buffer as well */
	size_t kept; /* beside them, for the last record */
	u64 now;
};

/* False: nothing to add and nothing to end; entry and exit have been counted. */
bool relayscope_group_begin(struct relayscope_attachment *attachment,
			    struct relayscope_call_group *group);
/* A record to be filled in behind its header; NULL: it does not fit, and its loss has been counted. */
void *relayscope_group_add(struct relayscope_attachment *attachment,
			   struct relayscope_call_group *group, u16 event_id, size_t length);
/* What is added now is the last, for which there is room whatever was before. */
static inline void relayscope_group_last(struct relayscope_call_group *group)
{
	group->left += group->kept;
	group->kept = 0;
}

/* It is whole. */
void relayscope_group_added(struct relayscope_attachment *attachment,
			    struct relayscope_call_group *group, void *record);
void relayscope_group_end(struct relayscope_attachment *attachment,
			  struct relayscope_call_group *group);

#endif
