// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files of a buffer-only channel, made when they are asked for. Relay's own way,
 * relay_late_setup_files(), is gone from 6.16 on and makes files for the CPUs online then; here they
 * are ours on every kernel, relay knows nothing of them, and its buf->dentry stays NULL.
 */
#include <linux/debugfs.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "internal.h"

struct relayscope_late_files {
	struct mutex lock; /* the call that makes them and the timer that completes them */
	bool wanted;
	struct dentry *files[]; /* nr_cpu_ids of them; a global channel's is the first */
};

int relayscope_late_files_create(struct relayscope_channel *channel)
{
	struct relayscope_late_files *late;

	late = kzalloc(struct_size(late, files, nr_cpu_ids), GFP_KERNEL);
	if (!late)
		return -ENOMEM;
	mutex_init(&late->lock);
	channel->late_files = late;
	return 0;
}

/* The files themselves go with the channel's directory. */
void relayscope_late_files_destroy(struct relayscope_channel *channel)
{
	kfree(channel->late_files);
}

static int make_file(struct relayscope_channel *channel, int cpu)
{
	struct rchan_buf *buf = relayscope_channel_buf(channel, cpu);
	struct dentry **file = &channel->late_files->files[cpu];
	char name[sizeof("cpu4294967295")];
	struct dentry *made;

	if (!buf || *file)
		return 0;
	snprintf(name, sizeof(name), channel->ring ? "global" : "cpu%d", cpu);
	made = relayscope_buffer_file_create(name, channel->directory, buf);
	if (IS_ERR(made))
		return PTR_ERR(made);
	*file = made;
	return 0;
}

/* For every buffer that has none. */
static int make_files(struct relayscope_channel *channel)
{
	int cpu, err;

	if (channel->ring)
		return make_file(channel, 0);
	for_each_possible_cpu(cpu) {
		err = make_file(channel, cpu);
		if (err)
			return err;
	}
	return 0;
}

static void remove_files(struct relayscope_late_files *late)
{
	int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		if (late->files[cpu])
			relayscope_buffer_file_remove(late->files[cpu]);
		late->files[cpu] = NULL;
	}
}

/* Make the files, for all buffers or none. What has been recorded so far is in them. */
int relayscope_late_files_make(struct relayscope_channel *channel)
{
	struct relayscope_late_files *late = channel->late_files;
	int err = -EEXIST;

	if (!late)
		return -EINVAL;
	mutex_lock(&late->lock);
	if (!late->wanted) {
		err = make_files(channel);
		if (err)
			remove_files(late);
		late->wanted = !err;
	}
	mutex_unlock(&late->lock);
	return err;
}

/* For CPUs that came online since. One that fails is tried again the next time. */
void relayscope_late_files_complete(struct relayscope_channel *channel)
{
	struct relayscope_late_files *late = channel->late_files;

	if (!late)
		return;
	mutex_lock(&late->lock);
	if (late->wanted)
		make_files(channel);
	mutex_unlock(&late->lock);
}
