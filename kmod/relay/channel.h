/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A channel as the write path sees it. Probe modules include it for the inline functions of write.h
 * alone and touch none of it themselves.
 */
#ifndef _RELAYSCOPE_CHANNEL_H
#define _RELAYSCOPE_CHANNEL_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "../../include/uapi/relayscope.h"

/* What ts_begin holds until the first record: every time is too far away from it for a delta. */
#define RELAYSCOPE_TS_NONE (1ULL << 63)

/*
 * What busy holds. A record is being written: until it is whole nothing else may move, and whoever
 * interrupts defers what it has to record. Something has been deferred.
 */
#define RELAYSCOPE_BUSY_WRITING 1u
#define RELAYSCOPE_BUSY_DEFERRED 2u

/*
 * Written by its CPU; read by anyone for statistics. A record that is written touches the first
 * line only. While nothing is open, next and limit are NULL and nothing fits.
 */
struct relayscope_cpu_state {
	u8 *next; /* where the next record goes */
	u8 *limit; /* end of the open sub-buffer */
	u64 ts_begin;
	u64 ts_last;
	u64 seen;
	u64 written;
	u32 record_count;
	u32 busy; /* RELAYSCOPE_BUSY_* */

	u64 filtered;
	u8 *staging; /* room for one record of attachments that are staged; else NULL */
	u8 *deferred; /* records of those that interrupted a writer; deferred.c */
	u32 deferred_used;
	/* A record is put together in staging or deferred; interrupts are off. */
	bool aside;
	unsigned long aside_flags; /* what interrupts were */
	u64 aside_ts;
	struct relayscope_subbuf_header *open; /* NULL: nothing to write to */
	u64 sequence;
	u64 overwritten;
	u64 reset;
	u64 lost[RELAYSCOPE_LOST_REASONS];
} ____cacheline_aligned;

/* Whom a recorder records. Fixed while recording, but for the bits. */
struct relayscope_filter {
	pid_t recorder_tgid; /* never recorded */
	const unsigned long *recorded; /* by process id; NULL: all */
};

/*
 * A source on a channel: what its probes get. What every event reads is in one line, which nobody
 * writes to while recording.
 */
struct relayscope_attachment {
	struct relayscope_cpu_state __percpu *cpu; /* the channel's */
	struct relayscope_filter filter; /* the recorder's */
	/*
	 * A record is put together beside the buffer, because something has to be decided or added
	 * when its fields are there (staged.c).
	 */
	bool staged;
	u16 context; /* RELAYSCOPE_CONTEXT_*: what its records carry (context.c) */
	struct relayscope_channel *channel;
	const struct module *probes; /* whose code its probes are */
	/* What filters ask (filter.c); each NULL where nothing is asked. */
	struct relayscope_predicate *early; /* before there is a record */
	struct relayscope_predicate *whole;
	struct relayscope_trigger *trigger;
	/* Of a source of calls that is filtered: it asks itself, for it knows which records belong together. */
	struct relayscope_pending_calls *pending;
	/* Of a source whose calls' texts are recorded; else NULL. */
	struct relayscope_kept_calls *kept;
	atomic_t kept_count; /* of all tasks */
	u32 record_max; /* bytes that a record has at most */
} ____cacheline_aligned;

struct relayscope_channel {
	struct list_head node; /* recorder->channels */
	struct relayscope_cpu_state __percpu *cpu;
	struct relayscope_recorder *recorder;
	char name[RELAYSCOPE_NAME_MAX];
	u32 id;
	u32 flags; /* RELAYSCOPE_CHANNEL_* */
	u32 epoch;
	u32 subbuf_size;
	u32 subbuf_count;
	u64 flush_interval_ns; /* 0: seal only what is full */
	/*
	 * In an overwrite channel, else NULL: how many records each CPU's sealed sub-buffers hold,
	 * subbuf_count of them a CPU.
	 */
	u32 *held_records;
	/*
	 * Of a global channel, else NULL: the state of its one buffer, under ring_lock. In the CPUs'
	 * own are their counters, and what keeps events from nesting.
	 */
	struct relayscope_cpu_state *ring;
	raw_spinlock_t ring_lock;
	struct relayscope_late_files *late_files; /* of a buffer-only channel, else NULL */
	struct rchan *rchan;
	struct dentry *directory;
	struct relayscope_cpu_control *control; /* nr_cpu_ids of them, mapped by the reader */
	size_t control_length;
	struct relayscope_loss_report *loss_reports; /* nr_cpu_ids of them */
	struct mutex seal_lock; /* sealing from outside the write path; opening a data file */
	raw_spinlock_t consume_lock; /* relay takes one consumer of a buffer for granted */
	struct delayed_work publish_work;
	struct list_head attachments;
	struct list_head module_attachments;
};

/* The state of the buffer that @cpu writes to. */
static inline struct relayscope_cpu_state *
relayscope_ring(const struct relayscope_channel *channel, int cpu)
{
	return channel->ring ?: per_cpu_ptr(channel->cpu, cpu);
}

static inline bool relayscope_channel_overwrites(const struct relayscope_channel *channel)
{
	return channel->held_records;
}

/* Where an overwrite channel keeps how many records the sub-buffer @sequence of @cpu holds. */
static inline u32 *relayscope_held_records(const struct relayscope_channel *channel, int cpu,
					   u64 sequence)
{
	size_t slot = sequence & (channel->subbuf_count - 1);

	return &channel->held_records[(size_t)cpu * channel->subbuf_count + slot];
}

static inline bool relayscope_filter_passes(const struct relayscope_filter *filter,
					    const struct task_struct *task)
{
	if (task->tgid == filter->recorder_tgid)
		return false;
	return !filter->recorded || test_bit(task->tgid, filter->recorded);
}

#endif
