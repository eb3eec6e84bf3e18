/* SPDX-License-Identifier: GPL-2.0-only */
/* The core's own objects: recorder (an open /dev/relayscope) > channel > per-CPU buffer. */
#ifndef _RELAYSCOPE_INTERNAL_H
#define _RELAYSCOPE_INTERNAL_H

#include <linux/bitops.h>
#include <linux/dcache.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/relay.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "../bufflink/bufflink.h"
#include "../compat.h"
#include "predicate.h"
#include "relayscope.h"

/* ---- process set ---- */

struct relayscope_process_set {
	unsigned long *recorded; /* by process id in the initial namespace */
	unsigned long *followed; /* of those, whose children join */
};

struct relayscope_process_set *relayscope_process_set_create(void);
void relayscope_process_set_destroy(struct relayscope_process_set *set);
int relayscope_process_set_add(struct relayscope_process_set *set, u32 pid, u32 flags);

/* ---- channel ---- */

/* What the publisher last told about a CPU's losses. Owned by the publisher. */
struct relayscope_loss_report {
	u64 lost;
	bool losing;
};

struct relayscope_channel *relayscope_channel_create(struct relayscope_recorder *recorder,
						     struct relayscope_channel_create *request);
void relayscope_channel_destroy(struct relayscope_channel *channel);
void relayscope_channel_describe(const struct relayscope_channel *channel,
				 struct relayscope_channel_create *request);
u32 relayscope_next_epoch(void);
u64 relayscope_channel_lost(const struct relayscope_channel *channel, int cpu);
int relayscope_channel_consume(struct relayscope_channel *channel,
			       const struct relayscope_consume *request);
int relayscope_channel_stats(const struct relayscope_channel *channel,
			     struct relayscope_stats *stats);
int relayscope_channel_snapshot(struct relayscope_channel *channel,
				struct relayscope_snapshot *snapshot);

static inline struct rchan_buf *relayscope_channel_buf(const struct relayscope_channel *channel,
						       int cpu)
{
	return READ_ONCE(*per_cpu_ptr(channel->rchan->buf, cpu));
}

/*
 * The number by which relay and the control pages know the buffer that a caller asks for as @cpu: of
 * a global channel all slots hold one buffer, and the first is its own. -EINVAL: there is none such.
 */
static inline int relayscope_buffer_index(const struct relayscope_channel *channel, u32 cpu)
{
	if (channel->ring)
		return cpu == RELAYSCOPE_CPU_ALL ? 0 : -EINVAL;
	return cpu < nr_cpu_ids && cpu_possible(cpu) ? cpu : -EINVAL;
}

/* buffer_file.c */
void relayscope_buffer_fops_init(void);
struct dentry *relayscope_buffer_file_create(const char *name, struct dentry *parent,
					     struct rchan_buf *buf);
void relayscope_buffer_file_remove(struct dentry *file);

/* seal.c: relay's subbuf_start, and sealing from outside the write path */
int relayscope_subbuf_start(struct rchan_buf *buf, void *subbuf);
size_t relayscope_switch(struct rchan_buf *buf, struct relayscope_cpu_state *state,
			 size_t length);
void relayscope_seal_older(struct relayscope_channel *channel, u64 min_age_ns);
/*
 * How often a CPU in the midst of a record is asked again, by whoever cannot leave it to another time.
 * A record takes less than a microsecond; one that is still not whole never will be, for its
 * writer has died of a fault.
 */
#define RELAYSCOPE_BUSY_TRIES 10000
bool relayscope_seal_cpu(struct relayscope_channel *channel, int cpu, u64 min_age_ns);
void relayscope_on_cpu(int cpu, smp_call_func_t body, void *data);

/* write.c */
void relayscope_count_lost(struct relayscope_cpu_state __percpu *cpu,
			   enum relayscope_lost_reason reason);

void relayscope_lose(struct relayscope_cpu_state __percpu *cpu, const void *records, size_t length,
		     enum relayscope_lost_reason reason);
bool relayscope_room(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
		     size_t length, u64 now, enum relayscope_lost_reason *reason);
bool relayscope_put(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
		    const void *records, size_t length, u64 ts);

/* deferred.c */
int relayscope_deferred_create(struct relayscope_channel *channel);
void relayscope_deferred_destroy(struct relayscope_channel *channel);
bool relayscope_defer(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
		      const void *records, size_t length, u64 ts);

/* filter.c: programs that decide what an attachment records */
int relayscope_source_filter(struct relayscope_channel *channel,
			     struct relayscope_source_program *request);
int relayscope_source_trigger(struct relayscope_channel *channel,
			      struct relayscope_source_program *request);
void relayscope_attachment_filters_destroy(struct relayscope_attachment *attachment);
bool relayscope_early_holds(const struct relayscope_attachment *attachment,
			    const struct relayscope_record_header *record);
bool relayscope_whole_holds(const struct relayscope_attachment *attachment,
			    const struct relayscope_record_header *record);
void relayscope_record_triggers(const struct relayscope_attachment *attachment,
				const struct relayscope_record_header *record, u64 ts);

/* trigger.c */
struct relayscope_trigger *relayscope_trigger_create(struct relayscope_channel *channel,
						     struct relayscope_predicate *predicate);
void relayscope_trigger_destroy(struct relayscope_trigger *trigger);
void relayscope_trigger_ask(struct relayscope_trigger *trigger,
			    const struct relayscope_subject *subject, u64 ts);
void relayscope_triggers_settle(struct relayscope_recorder *recorder);
u32 relayscope_triggered(struct relayscope_recorder *recorder);

bool relayscope_trigger_needs_return(const struct relayscope_trigger *trigger);

/* pending.c: calls whose end a filter waits for */
struct relayscope_pending_calls *relayscope_pending_create(void);
void relayscope_pending_destroy(struct relayscope_pending_calls *pending);
void relayscope_pending_drain(struct relayscope_attachment *attachment);

/* kept_calls.c: calls that have something to tell when they return */
int relayscope_kept_calls_create(struct relayscope_attachment *attachment);
void relayscope_kept_calls_destroy(struct relayscope_attachment *attachment);

/* staged.c */
int relayscope_attachment_stage(struct relayscope_attachment *attachment);
size_t relayscope_record_max(const struct relayscope_channel *channel);
bool relayscope_write_staged(struct relayscope_channel *channel, struct relayscope_cpu_state *state,
			     const void *records, size_t length, u64 ts);
void relayscope_staging_free(struct relayscope_channel *channel);
bool relayscope_stage(struct relayscope_attachment *attachment, struct relayscope_slot *slot,
		      size_t length);
void relayscope_commit_staged(struct relayscope_attachment *attachment,
			      struct relayscope_slot *slot);

/* context.c */
int relayscope_context_want(struct relayscope_attachment *attachment, u32 context,
			    const struct module *probes);
void relayscope_context_append(const struct relayscope_attachment *attachment,
			       struct relayscope_record_header *record, size_t size);

/* global.c */
int relayscope_ring_create(struct relayscope_channel *channel);
void relayscope_ring_destroy(struct relayscope_channel *channel);
int relayscope_stage_global(struct relayscope_attachment *attachment);
bool relayscope_write_global(struct relayscope_channel *channel,
			     struct relayscope_cpu_state *state, const void *records,
			     size_t length, u64 ts);
u64 relayscope_buffer_lost(const struct relayscope_channel *channel, int cpu);
void relayscope_seal_global(struct relayscope_channel *channel, u64 min_age_ns);

/* late_files.c */
int relayscope_late_files_create(struct relayscope_channel *channel);
void relayscope_late_files_destroy(struct relayscope_channel *channel);
int relayscope_late_files_make(struct relayscope_channel *channel);
void relayscope_late_files_complete(struct relayscope_channel *channel);

/* reset.c */
int relayscope_channel_reset(struct relayscope_channel *channel);

/* publish.c */
void relayscope_publish_start(struct relayscope_channel *channel);
void relayscope_publish_stop(struct relayscope_channel *channel);
void relayscope_publish_losses(struct relayscope_channel *channel);

/* ---- source ---- */

/* A source of ours on a channel. */
struct relayscope_source_attachment {
	struct relayscope_attachment attachment;
	struct list_head node; /* channel->attachments */
	struct relayscope_source *source;
	/* Of the source: those that the filters need, once any is asked for. */
	struct relayscope_point *points;
	unsigned int point_count;
	unsigned int registered; /* points whose probe is on */
	bool held; /* the source's module */
};

/* Its channel is being prepared; its recorder's filter comes when the recording starts. */
static inline void relayscope_attachment_init(struct relayscope_attachment *attachment,
					      struct relayscope_channel *channel)
{
	attachment->channel = channel;
	attachment->cpu = channel->cpu;
}

int relayscope_source_info(struct relayscope_source_info *info);
struct relayscope_source_attachment *
relayscope_source_attachment(struct relayscope_channel *channel, const char *source);
void relayscope_drain_calls(struct relayscope_channel *channel);
int relayscope_attach(struct relayscope_channel *channel, const char *source, u32 context,
		      u32 options);
void relayscope_detach_all(struct relayscope_channel *channel);
void relayscope_detach(struct relayscope_channel *channel, const struct relayscope_source *source);
void relayscope_attachments_let_go(struct relayscope_channel *channel);
void relayscope_attachments_hold(struct relayscope_channel *channel);
void relayscope_attachments_refilter(struct relayscope_channel *channel);
void relayscope_attached(struct relayscope_channel *channel, struct relayscope_boot_adopt *adopt);
int relayscope_probes_on(struct relayscope_channel *channel);
void relayscope_probes_off(struct relayscope_channel *channel);

void relayscope_points_resolve(struct relayscope_point *points, unsigned int count);
int relayscope_points_on(struct relayscope_point *points, unsigned int count, void *data,
			 unsigned int *registered);
void relayscope_points_off(struct relayscope_point *points, void *data,
			   unsigned int *registered);

/* module_source.c: sources that other modules offer, which come and go as they do */
int relayscope_module_sources_init(void);
void relayscope_module_sources_exit(void);
int relayscope_module_source_info(u32 index, struct relayscope_source_info *info);
int relayscope_module_attach(struct relayscope_channel *channel, const char *name, u32 context);
void relayscope_module_detach_all(struct relayscope_channel *channel);
void relayscope_module_refilter(struct relayscope_channel *channel);
void relayscope_module_attached(struct relayscope_channel *channel,
				struct relayscope_boot_adopt *adopt);
int relayscope_module_probes_on(struct relayscope_channel *channel);
void relayscope_module_probes_off(struct relayscope_channel *channel);
struct relayscope_attachment *relayscope_module_attachment(struct relayscope_channel *channel,
							   const char *source);
int relayscope_module_schema(struct relayscope_channel *channel,
			     struct relayscope_source_schema *request);

/* ---- recorder ---- */

enum relayscope_recorder_state {
	RELAYSCOPE_PREPARING,
	RELAYSCOPE_RECORDING,
	RELAYSCOPE_STOPPED,
};

struct relayscope_recorder {
	struct mutex lock; /* state and preparation */
	/*
	 * The list: changes hold it beside lock, lookups hold it alone. Taken under mmap_lock, so
	 * nothing that touches user memory may be done under it.
	 */
	spinlock_t channels_lock;
	u32 id;
	u32 next_channel_id;
	enum relayscope_recorder_state state;
	struct list_head channels;
	struct relayscope_process_set *processes; /* NULL: all; fixed while recording */
	struct relayscope_filter filter; /* what processes says; channels copy it at the start */
	struct bufflink *events;
	struct list_head triggers; /* of all channels; changed while preparing */
	unsigned int lifecycle_registered;
	/* What the open file was before it adopted this one: callers may still be in it. */
	struct relayscope_recorder *replaced;
};

struct relayscope_recorder *relayscope_recorder_create(void);
void relayscope_recorder_destroy(struct relayscope_recorder *recorder);
struct relayscope_channel *relayscope_recorder_channel(struct relayscope_recorder *recorder,
						       u32 id);
void relayscope_recorder_add_channel(struct relayscope_recorder *recorder,
				     struct relayscope_channel *channel);
int relayscope_recorder_add_process(struct relayscope_recorder *recorder,
				    const struct relayscope_process_add *request);
int relayscope_recorder_tell_lives(struct relayscope_recorder *recorder);
int relayscope_recorder_start(struct relayscope_recorder *recorder);
int relayscope_recorder_stop(struct relayscope_recorder *recorder);

static inline bool relayscope_recorder_records(const struct relayscope_recorder *recorder,
					       const struct task_struct *task)
{
	return relayscope_filter_passes(&recorder->filter, task);
}

/* ---- the recording that begins with the module: boot.c ---- */

void relayscope_boot_init(void);
void relayscope_boot_exit(void);
void relayscope_boot_source_came(void);
void relayscope_boot_source_gone(const struct relayscope_source *source);
struct relayscope_recorder *relayscope_boot_adopt(struct relayscope_boot_adopt __user *to);

/* ---- messages and lifecycle ---- */

int relayscope_message(struct relayscope_recorder *recorder, void *message, u16 event_id,
		       size_t length, u32 tid);

void relayscope_lifecycle_init(void);
int relayscope_lifecycle_on(struct relayscope_recorder *recorder);
void relayscope_lifecycle_off(struct relayscope_recorder *recorder);
void relayscope_process_set_init(void);

/* ---- module ---- */

extern struct dentry *relayscope_debugfs;
int relayscope_control_register(void);
void relayscope_control_unregister(void);

#endif
