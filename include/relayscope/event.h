/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * How a kernel module offers events of its own to Relayscope, for headers that `relayscope gen --c`
 * generates. The module needs no symbol of Relayscope's, which may be loaded, unloaded and loaded
 * again at any time: every event is a kernel tracepoint of the module, and a module parameter that
 * nobody can see or set leads to their descriptions. Relayscope finds both when it is told of the
 * module's tracepoints. While nobody records, an event costs a jump that is patched out.
 */
#ifndef _RELAYSCOPE_EVENT_H
#define _RELAYSCOPE_EVENT_H

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "../uapi/relayscope.h"

#define RELAYSCOPE_OFFER_MAGIC 0x594c5245 /* "ERLY" */
#define RELAYSCOPE_OFFER_VERSION 1
/* Name of the parameter whose argument is the struct relayscope_offer. */
#define RELAYSCOPE_OFFER_PREFIX "relayscope_offer_"

/* A variable field of an event that happens. */
struct relayscope_tail {
	const void *data;
	size_t length;
};

struct relayscope_event {
	struct tracepoint *tracepoint;
	const char *schema; /* a JSON object, as a session keeps it */
	u16 fixed_length; /* bytes before the variable fields, record header included */
	u16 tail_count;
	u16 event_id; /* Relayscope's to fill in, before it turns the tracepoint on */
};

/* The events of one .proto file: a source. */
struct relayscope_offer {
	u32 magic;
	u32 version;
	const char *source;
	const char *description;
	struct relayscope_event *const *events;
	u32 event_count;
	u32 first_event_id; /* of Relayscope's own events; 0: any numbers will do */
};

/*
 * The record is complete but for its header; the variable fields stay where they are until they are
 * copied behind it.
 */
#define RELAYSCOPE_EVENT_PROTO                                                    \
	TP_PROTO(struct relayscope_event *event, const void *record,              \
		 const struct relayscope_tail *tails)
#define RELAYSCOPE_EVENT_ARGS TP_ARGS(event, record, tails)

/* 6.16 gave DECLARE_TRACE another meaning, and what it did before this name. */
#ifdef DECLARE_TRACE_EVENT
#define RELAYSCOPE_DECLARE_TRACE DECLARE_TRACE_EVENT
#else
#define RELAYSCOPE_DECLARE_TRACE DECLARE_TRACE
#endif

#define RELAYSCOPE_DECLARE_EVENT(name)                                            \
	RELAYSCOPE_DECLARE_TRACE(relayscope_##name, RELAYSCOPE_EVENT_PROTO,       \
				 RELAYSCOPE_EVENT_ARGS);                          \
	extern struct relayscope_event relayscope_described_##name

/* In one file of the module, which defines RELAYSCOPE_DEFINE_EVENTS. */
#define RELAYSCOPE_DEFINE_EVENT(name, fixed, tails, text)                         \
	DEFINE_TRACE(relayscope_##name, RELAYSCOPE_EVENT_PROTO,                   \
		     RELAYSCOPE_EVENT_ARGS);                                      \
	struct relayscope_event relayscope_described_##name = {                   \
		.tracepoint = &__tracepoint_relayscope_##name,                    \
		.schema = text,                                                   \
		.fixed_length = fixed,                                            \
		.tail_count = tails,                                              \
	}

#define RELAYSCOPE_OFFER(name, text, list, first_id)                              \
	static struct relayscope_offer relayscope_offered_##name = {              \
		.magic = RELAYSCOPE_OFFER_MAGIC,                                  \
		.version = RELAYSCOPE_OFFER_VERSION,                              \
		.source = #name,                                                  \
		.description = text,                                              \
		.events = list,                                                   \
		.event_count = ARRAY_SIZE(list),                                  \
		.first_event_id = first_id,                                       \
	};                                                                        \
	module_param_cb(relayscope_offer_##name, &relayscope_offer_ops,           \
			&relayscope_offered_##name, 0)

#endif

/* Outside the guard: another header may have been included without it. */
#if defined(RELAYSCOPE_DEFINE_EVENTS) && !defined(_RELAYSCOPE_OFFER_OPS)
#define _RELAYSCOPE_OFFER_OPS
static int relayscope_offer_set(const char *value, const struct kernel_param *param)
{
	return -EPERM;
}

static const struct kernel_param_ops relayscope_offer_ops = { .set = relayscope_offer_set };
#endif
