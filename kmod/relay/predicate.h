/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs over an event: what filters and triggers ask of it. Parsed in user space, checked when
 * they are loaded (predicate_check.c), run where an event is recorded (predicate.c).
 */
#ifndef _RELAYSCOPE_PREDICATE_H
#define _RELAYSCOPE_PREDICATE_H

#include <linux/sched.h>
#include <linux/types.h>

#include "../../include/uapi/relayscope.h"

/* Checked: no instruction leads out of the program or back, no text lies outside of text. */
struct relayscope_predicate {
	u32 count;
	bool needs_return; /* of a call */
	bool needs_texts; /* of a call */
	const u8 *text;
	struct relayscope_instruction program[];
};

#define RELAYSCOPE_CALL_ARGS_MAX 6

/* A system call: what it began with and, once it has returned, what came of it. */
struct relayscope_call {
	/* One more: the number of a call outside the table, as the record has it. */
	unsigned long args[RELAYSCOPE_CALL_ARGS_MAX + 1];
	u64 entered; /* ns */
	u64 dur; /* ns; when it has returned, as ret */
	long ret;
	long nr; /* as it was asked for */
	u32 uid;
	u16 cpu;
	u8 abi;
	u8 arg_count; /* of args that the call has; more for one outside the table */
	bool returned;
	u16 unread; /* which of its texts could not be read when it began; probes' own */
	bool undecided; /* a filter asks for a text of it that could not be read when it began */
	char comm[TASK_COMM_LEN];
};

/* Texts of a call; NULL: it has no such. */
struct relayscope_texts {
	const u8 *path;
	const u8 *path2;
	u16 path_length;
	u16 path2_length;
	bool unread; /* one of them could not be read */
};

/* What a predicate is asked about. The task is current. */
struct relayscope_subject {
	const struct relayscope_record_header *record; /* NULL: there is none yet */
	const struct relayscope_call *call; /* NULL: it is no call */
	const struct relayscope_texts *texts; /* of the call; NULL: none are recorded */
};

bool relayscope_predicate_holds(const struct relayscope_predicate *predicate,
				const struct relayscope_subject *subject);

/* @early: what runs before the record is there may not look at it. */
struct relayscope_predicate *
relayscope_predicate_load(const struct relayscope_source_program *request, bool early,
			  u32 *error_index);
void relayscope_predicate_free(struct relayscope_predicate *predicate);

#endif
