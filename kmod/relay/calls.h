/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the probes of a source of calls that is filtered: one decision for a call's entry and its
 * exit (pending.c). Included for these functions alone.
 */
#ifndef _RELAYSCOPE_CALLS_H
#define _RELAYSCOPE_CALLS_H

#include "predicate.h"
#include "write.h"

/* Room of two records, one behind the other. */
#define RELAYSCOPE_PAIR_MAX 512

/*
 * current enters @call, of which the arguments, nr, abi and their count are filled in. True: its
 * entry is to be recorded now; else it has been counted, or will be when the call ends.
 */
bool relayscope_call_enters(struct relayscope_attachment *attachment, struct relayscope_call *call);
/* Its entry has been recorded. */
void relayscope_call_entered(struct relayscope_attachment *attachment,
			     const struct relayscope_call *call);

/* What to do with the exit. */
enum relayscope_call_fate {
	RELAYSCOPE_CALL_REFUSED, /* nothing: it has been counted, and its entry */
	RELAYSCOPE_CALL_WRITE_EXIT, /* its entry has been recorded */
	RELAYSCOPE_CALL_WRITE_BOTH,
};

/*
 * current leaves its call with @ret; unless it is refused, *@call is the call, until
 * relayscope_call_left().
 */
enum relayscope_call_fate relayscope_call_leaves(struct relayscope_attachment *attachment, long ret,
						 struct relayscope_call **call);
void relayscope_call_left(struct relayscope_attachment *attachment, struct relayscope_call *call);
/* current ends in the midst of a call. */
void relayscope_call_dies(struct relayscope_attachment *attachment);

/*
 * Two records of current, written at the same time, both or neither: slot->record has room for
 * RELAYSCOPE_PAIR_MAX bytes, to be filled in whole but for the times, which are *@now. Interrupts are off from begin
 * to end. False: nothing to fill in and nothing to end; both have been counted.
 */
bool relayscope_pair_begin(struct relayscope_attachment *attachment, struct relayscope_slot *slot,
			   u64 *now);
void relayscope_pair_end(struct relayscope_attachment *attachment, struct relayscope_slot *slot,
			 size_t length);

#endif
