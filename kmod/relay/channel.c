// SPDX-License-Identifier: GPL-2.0-only
/* A channel: one relay buffer per CPU, its data files, its control pages and its counters. */
#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "internal.h"

#define SUBBUF_SIZE_MAX (64u << 20)
#define SUBBUF_COUNT_MAX 4096u
/* One channel takes at most this part of the memory that is available without swapping. */
#define MEMORY_SHARE 2

static atomic_t next_epoch = ATOMIC_INIT(0);

u32 relayscope_next_epoch(void)
{
	return atomic_inc_return(&next_epoch);
}

/* Relay takes any pointer but NULL and errors for "made" where it asks for no file. */
#define NO_FILE ((struct dentry *)1)

static struct dentry *create_buf_file(const char *name, struct dentry *parent, umode_t mode,
				      struct rchan_buf *buf, int *is_global)
{
	const struct relayscope_channel *channel = buf->chan->private_data;

	*is_global = !!channel->ring;
	if (!name)
		return NO_FILE;
	return relayscope_buffer_file_create(channel->ring ? "global" : name, parent, buf);
}

/* NULL where relay has no file. */
static int remove_buf_file(struct dentry *file)
{
	if (file)
		relayscope_buffer_file_remove(file);
	return 0;
}

COMPAT_DEFINE_SUBBUF_START(subbuf_start, relayscope_subbuf_start)

static const struct rchan_callbacks callbacks = {
	.subbuf_start = subbuf_start,
	.create_buf_file = create_buf_file,
	.remove_buf_file = remove_buf_file,
};

static bool valid_name(const char *name)
{
	size_t length = strnlen(name, RELAYSCOPE_NAME_MAX);

	return length && length < RELAYSCOPE_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

#define CHANNEL_FLAGS (RELAYSCOPE_CHANNEL_OVERWRITE | RELAYSCOPE_CHANNEL_GLOBAL |        \
		       RELAYSCOPE_CHANNEL_BUFFER_ONLY)

static int check_request(const struct relayscope_channel_create *request)
{
	if (!valid_name(request->name) || request->flags & ~CHANNEL_FLAGS)
		return -EINVAL;
	/* A timed seal spends the rest of a sub-buffer: it would shorten the history that is kept. */
	if (request->flags & RELAYSCOPE_CHANNEL_OVERWRITE && request->flush_interval_ms)
		return -EINVAL;
	if (!is_power_of_2(request->subbuf_size) || request->subbuf_size < PAGE_SIZE ||
	    request->subbuf_size > SUBBUF_SIZE_MAX)
		return -EINVAL;
	if (!is_power_of_2(request->subbuf_count) || request->subbuf_count < 2 ||
	    request->subbuf_count > SUBBUF_COUNT_MAX)
		return -EINVAL;
	if ((u64)request->subbuf_size * request->subbuf_count > INT_MAX)
		return -EFBIG;
	return 0;
}

/* Relay would go on allocating until the OOM killer has taken everything else. */
static bool fits_memory(const struct relayscope_channel_create *request)
{
	u64 pages = (u64)request->subbuf_size * request->subbuf_count / PAGE_SIZE;
	u64 buffers = request->flags & RELAYSCOPE_CHANNEL_GLOBAL ? 1 : num_online_cpus();

	return pages * buffers <= max(si_mem_available(), 0L) / MEMORY_SHARE;
}

static u32 *alloc_held_records(u32 subbuf_count)
{
	return kvcalloc(nr_cpu_ids, array_size(subbuf_count, sizeof(u32)), GFP_KERNEL);
}

/* What the caller of create is told. */
void relayscope_channel_describe(const struct relayscope_channel *channel,
				 struct relayscope_channel_create *request)
{
	strscpy_pad(request->name, channel->name, sizeof(request->name));
	request->subbuf_size = channel->subbuf_size;
	request->subbuf_count = channel->subbuf_count;
	request->flush_interval_ms = div_u64(channel->flush_interval_ns, NSEC_PER_MSEC);
	request->flags = channel->flags;
	request->channel_id = channel->id;
	request->epoch = channel->epoch;
	request->control_offset = (u64)channel->id << PAGE_SHIFT;
	request->control_length = channel->control_length;
	memset(request->directory, 0, sizeof(request->directory));
	snprintf(request->directory, sizeof(request->directory), "relayscope/%pd",
		 channel->directory);
}

static struct rchan *open_buffers(struct relayscope_channel *channel)
{
	bool files = !channel->late_files;
	struct rchan *rchan;

	/* relay_open walks the online CPUs without keeping them online. */
	cpus_read_lock();
	rchan = relay_open(files ? "cpu" : NULL, files ? channel->directory : NULL,
			   channel->subbuf_size, channel->subbuf_count, &callbacks, channel);
	cpus_read_unlock();
	return rchan;
}

/* Its files first where relay does not know of them: an open refers to a buffer that relay frees. */
static void close_buffers(struct relayscope_channel *channel)
{
	if (channel->late_files) {
		debugfs_remove(channel->directory);
		relay_close(channel->rchan);
	} else {
		/* Relay writes to the files' inodes until it is closed. */
		relay_close(channel->rchan);
		debugfs_remove(channel->directory);
	}
}

struct relayscope_channel *relayscope_channel_create(struct relayscope_recorder *recorder,
						     struct relayscope_channel_create *request)
{
	struct relayscope_channel *channel;
	char directory[RELAYSCOPE_NAME_MAX * 2];
	int err = check_request(request);

	if (err)
		return ERR_PTR(err);
	if (!fits_memory(request))
		return ERR_PTR(-ENOMEM);
	channel = kzalloc(sizeof(*channel), GFP_KERNEL);
	if (!channel)
		return ERR_PTR(-ENOMEM);

	channel->recorder = recorder;
	strscpy(channel->name, request->name, sizeof(channel->name));
	channel->id = recorder->next_channel_id++;
	channel->flags = request->flags;
	channel->epoch = relayscope_next_epoch();
	channel->subbuf_size = request->subbuf_size;
	channel->subbuf_count = request->subbuf_count;
	channel->flush_interval_ns = (u64)request->flush_interval_ms * NSEC_PER_MSEC;
	INIT_LIST_HEAD(&channel->attachments);
	INIT_LIST_HEAD(&channel->module_attachments);
	mutex_init(&channel->seal_lock);
	raw_spin_lock_init(&channel->consume_lock);
	channel->control_length = PAGE_ALIGN(nr_cpu_ids * sizeof(*channel->control));

	err = -ENOMEM;
	channel->cpu = alloc_percpu(struct relayscope_cpu_state);
	if (!channel->cpu)
		goto err_free;
	err = relayscope_deferred_create(channel);
	if (err)
		goto err_percpu;
	err = -ENOMEM;
	channel->control = vmalloc_user(channel->control_length);
	if (!channel->control)
		goto err_deferred;
	channel->loss_reports = kcalloc(nr_cpu_ids, sizeof(*channel->loss_reports), GFP_KERNEL);
	if (!channel->loss_reports)
		goto err_control;
	if (request->flags & RELAYSCOPE_CHANNEL_OVERWRITE) {
		channel->held_records = alloc_held_records(channel->subbuf_count);
		if (!channel->held_records)
			goto err_reports;
	}

	if (request->flags & RELAYSCOPE_CHANNEL_GLOBAL) {
		err = relayscope_ring_create(channel);
		if (err)
			goto err_held;
	}
	if (request->flags & RELAYSCOPE_CHANNEL_BUFFER_ONLY) {
		err = relayscope_late_files_create(channel);
		if (err)
			goto err_ring;
	}

	snprintf(directory, sizeof(directory), "%s-%u.%u", channel->name, recorder->id,
		 channel->id);
	channel->directory = debugfs_create_dir(directory, relayscope_debugfs);
	if (IS_ERR(channel->directory)) {
		err = PTR_ERR(channel->directory);
		goto err_late_files;
	}

	err = -ENOMEM;
	channel->rchan = open_buffers(channel);
	if (!channel->rchan)
		goto err_directory;

	relayscope_publish_start(channel);
	relayscope_channel_describe(channel, request);
	return channel;

err_directory:
	debugfs_remove(channel->directory);
err_late_files:
	relayscope_late_files_destroy(channel);
err_ring:
	relayscope_ring_destroy(channel);
err_held:
	kvfree(channel->held_records);
err_reports:
	kfree(channel->loss_reports);
err_control:
	vfree(channel->control);
err_deferred:
	relayscope_deferred_destroy(channel);
err_percpu:
	free_percpu(channel->cpu);
err_free:
	kfree(channel);
	return ERR_PTR(err);
}

/* No probe may be left that writes to the channel, and no list that it stands in. */
void relayscope_channel_destroy(struct relayscope_channel *channel)
{
	if (!channel)
		return;
	relayscope_publish_stop(channel);
	relayscope_detach_all(channel);
	close_buffers(channel);
	relayscope_late_files_destroy(channel);
	relayscope_ring_destroy(channel);
	relayscope_staging_free(channel);
	kvfree(channel->held_records);
	kfree(channel->loss_reports);
	vfree(channel->control);
	relayscope_deferred_destroy(channel);
	free_percpu(channel->cpu);
	kfree(channel);
}

u64 relayscope_channel_lost(const struct relayscope_channel *channel, int cpu)
{
	const struct relayscope_cpu_state *state = per_cpu_ptr(channel->cpu, cpu);
	u64 lost = 0;
	int reason;

	for (reason = 0; reason < RELAYSCOPE_LOST_REASONS; reason++)
		lost += READ_ONCE(state->lost[reason]);
	return lost;
}

int relayscope_channel_consume(struct relayscope_channel *channel,
			       const struct relayscope_consume *request)
{
	int index = relayscope_buffer_index(channel, request->cpu);
	struct rchan_buf *buf;
	unsigned long flags;
	int err = -ERANGE;
	u64 sealed;

	if (index < 0)
		return index;
	if (relayscope_channel_overwrites(channel))
		return -EINVAL;
	buf = relayscope_channel_buf(channel, index);
	if (!buf)
		return -ENXIO;
	raw_spin_lock_irqsave(&channel->consume_lock, flags);
	sealed = READ_ONCE(channel->control[index].sealed);
	if (request->subbufs <= sealed - buf->subbufs_consumed) {
		/* The reader's loads from the sub-buffers come before the writer may reuse them. */
		smp_mb();
		relay_subbufs_consumed(channel->rchan, index, request->subbufs);
		err = 0;
	}
	raw_spin_unlock_irqrestore(&channel->consume_lock, flags);
	return err;
}

/* What happened on a CPU. */
static void cpu_stats(const struct relayscope_channel *channel, struct relayscope_stats *stats)
{
	const struct relayscope_cpu_state *state = per_cpu_ptr(channel->cpu, stats->cpu);
	int reason;

	stats->seen = READ_ONCE(state->seen);
	stats->filtered = READ_ONCE(state->filtered);
	stats->written = READ_ONCE(state->written);
	for (reason = 0; reason < RELAYSCOPE_LOST_REASONS; reason++)
		stats->lost[reason] = READ_ONCE(state->lost[reason]);
}

/* What became of a buffer's sub-buffers. */
static void buffer_stats(const struct relayscope_channel *channel, int index,
			 struct relayscope_stats *stats)
{
	const struct relayscope_cpu_state *state = relayscope_ring(channel, index);
	struct rchan_buf *buf = relayscope_channel_buf(channel, index);

	stats->sealed = READ_ONCE(channel->control[index].sealed);
	stats->consumed = buf ? buf->subbufs_consumed : 0;
	stats->overwritten = READ_ONCE(state->overwritten);
	stats->reset = READ_ONCE(state->reset);
}

/* Of a global channel either a CPU's or the buffer's: no term is in two places. */
int relayscope_channel_stats(const struct relayscope_channel *channel,
			     struct relayscope_stats *stats)
{
	int index = relayscope_buffer_index(channel, stats->cpu);
	bool cpu = stats->cpu < nr_cpu_ids && cpu_possible(stats->cpu);

	if (!cpu && index < 0)
		return -EINVAL;
	*stats = (struct relayscope_stats){ .channel_id = channel->id, .cpu = stats->cpu };
	if (cpu)
		cpu_stats(channel, stats);
	if (index >= 0)
		buffer_stats(channel, index, stats);
	return 0;
}
