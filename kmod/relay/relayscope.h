/* SPDX-License-Identifier: GPL-2.0-only */
/* What a probe module needs: register a source, and write records where it is attached. */
#ifndef _RELAYSCOPE_H
#define _RELAYSCOPE_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/tracepoint.h>

#include "write.h"

/* One tracepoint of a source. The probe's first argument is the struct relayscope_attachment. */
struct relayscope_point {
	const char *name;
	void *probe;
	struct tracepoint *tracepoint; /* filled in at registration; NULL: not in this kernel */
};

/*
 * The point of one tracepoint, whose trace/events header is included. Where the kernel built for
 * has it with another prototype the probe is left out, with a message at registration.
 */
#define RELAYSCOPE_POINT(event, callback)                                                  \
	{                                                                                  \
		.name = #event,                                                            \
		.probe = __builtin_types_compatible_p(                                     \
				 typeof(&check_trace_callback_type_##event),               \
				 void (*)(typeof(&callback))) ?                            \
				 (void *)(callback) :                                      \
				 NULL,                                                     \
	}

struct relayscope_source {
	const char *name;
	const char *description;
	struct module *owner;
	struct relayscope_point *points;
	unsigned int point_count;
	/*
	 * In their place once a filter or trigger is asked for, where records belong together and one
	 * decision is due for both: the entry and exit of a call. Else none.
	 */
	struct relayscope_point *call_points;
	unsigned int call_point_count;
	/*
	 * In the place of points where texts of calls are recorded; call_points do it themselves. None: it
	 * has no texts.
	 */
	struct relayscope_point *text_points;
	unsigned int text_point_count;
	int (*prepare_texts)(void); /* before any text is recorded; may sleep */
	struct list_head node;
};

/* The last step of an init that can fail: a recorder may attach the source from then on. */
int relayscope_source_register(struct relayscope_source *source);
void relayscope_source_unregister(struct relayscope_source *source);

/* The wait status a task ends with: its group's when the group ends. */
static inline u32 relayscope_exit_code(const struct task_struct *task)
{
	return task->signal->flags & SIGNAL_GROUP_EXIT ? task->signal->group_exit_code :
							 task->exit_code;
}

#endif
