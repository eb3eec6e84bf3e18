/* SPDX-License-Identifier: GPL-2.0-only */
/* What is recorded of a call with texts beside its entry and exit, before the exit. */
#ifndef _RELAYSCOPE_CALL_RESULTS_H
#define _RELAYSCOPE_CALL_RESULTS_H

#include "../calls.h"
#include "../write.h"
#include "call_texts.h"

/* Where records go: each for itself, or into a group. */
struct result_writer {
	struct relayscope_attachment *attachment;
	struct relayscope_call_group *group; /* NULL: each for itself */
	struct relayscope_slot slot;
};

/* To be filled in behind its header; NULL: it is lost, and has been counted. */
static inline void *result_begin(struct result_writer *writer, u16 event_id, size_t length)
{
	if (writer->group)
		return relayscope_group_add(writer->attachment, writer->group, event_id, length);
	if (!relayscope_record_begin(writer->attachment, &writer->slot, event_id, current->pid,
				     length))
		return NULL;
	return writer->slot.record;
}

static inline void result_end(struct result_writer *writer, void *record)
{
	if (writer->group)
		relayscope_group_added(writer->attachment, writer->group, record);
	else
		relayscope_record_end(writer->attachment, &writer->slot);
}

void result_texts(struct result_writer *writer, u16 nr, u8 abi, const struct call_texts *texts);
void results_of_call(struct result_writer *writer, u32 wanted, struct call_arguments arguments,
		     long ret);

/* made_files.c */
#define MADE_FILE_CWD (-100)
#define MADE_FILE_ROOT (-101)

void result_file(struct result_writer *writer, int fd);
void result_directory(struct result_writer *writer, int which);

#endif
