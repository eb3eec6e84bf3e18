/* SPDX-License-Identifier: GPL-2.0-only */
/* What a probe module needs: register a source, and write records to the channels it is given. */
#ifndef _RELAYSCOPE_H
#define _RELAYSCOPE_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/tracepoint.h>

#include "../../include/uapi/relayscope.h"

struct relayscope_channel;

/* One tracepoint of a source. The probe's first argument is the struct relayscope_channel. */
struct relayscope_point {
	const char *name;
	void *probe;
	struct tracepoint *tracepoint; /* filled in at registration; NULL: not in this kernel */
};

struct relayscope_source {
	const char *name;
	const char *description;
	struct module *owner;
	struct relayscope_point *points;
	unsigned int point_count;
	struct list_head node;
};

int relayscope_source_register(struct relayscope_source *source);
void relayscope_source_unregister(struct relayscope_source *source);

/* Whether the channel's recorder records this task's process. Any context, no locks. */
bool relayscope_channel_records(const struct relayscope_channel *channel,
				const struct task_struct *task);

/* A record being written: interrupts are off from begin to end. */
struct relayscope_slot {
	void *record; /* starts with struct relayscope_record_header, already filled in */
	unsigned long flags;
};

/*
 * Reserve @length bytes (header included) for one record of @tid on this CPU.
 * False: nothing to fill in and nothing to end; the loss has been counted.
 */
bool relayscope_record_begin(struct relayscope_channel *channel, struct relayscope_slot *slot,
			     u16 event_id, u32 tid, size_t length);
void relayscope_record_end(struct relayscope_channel *channel, struct relayscope_slot *slot);

/* The wait status a task ends with: its group's when the group ends. */
static inline u32 relayscope_exit_code(const struct task_struct *task)
{
	return task->signal->flags & SIGNAL_GROUP_EXIT ? task->signal->group_exit_code :
							 task->exit_code;
}

/* The event happened and the filter refused it: every event is either this or a begin. */
void relayscope_record_filtered(struct relayscope_channel *channel);

#endif
