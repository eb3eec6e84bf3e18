// SPDX-License-Identifier: GPL-2.0-only
/* /dev/relayscope: the calls of include/uapi/relayscope.h. The open file is the recorder. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "internal.h"

/* Pairs with the store in adopt_boot(). */
static struct relayscope_recorder *recorder_of(struct file *file)
{
	return smp_load_acquire(&file->private_data);
}

static int control_open(struct inode *inode, struct file *file)
{
	struct relayscope_recorder *recorder = relayscope_recorder_create();

	if (IS_ERR(recorder))
		return PTR_ERR(recorder);
	file->private_data = recorder;
	return nonseekable_open(inode, file);
}

static int control_release(struct inode *inode, struct file *file)
{
	relayscope_recorder_destroy(file->private_data);
	return 0;
}

static long get_info(struct relayscope_recorder *recorder, void __user *arg)
{
	struct relayscope_info info = {
		.abi_version = RELAYSCOPE_ABI_VERSION,
		.cpu_ids = nr_cpu_ids,
		.bufflink_minor = bufflink_minor(recorder->events),
		.recorder_id = recorder->id,
	};

	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static struct relayscope_channel *find_channel(struct relayscope_recorder *recorder,
					       unsigned long id)
{
	return id <= U32_MAX ? relayscope_recorder_channel(recorder, id) : NULL;
}

static long create_channel(struct relayscope_recorder *recorder, void __user *arg)
{
	struct relayscope_channel_create request;
	struct relayscope_channel *channel;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	if (recorder->state != RELAYSCOPE_PREPARING)
		return -EBUSY;
	channel = relayscope_channel_create(recorder, &request);
	if (IS_ERR(channel))
		return PTR_ERR(channel);
	if (copy_to_user(arg, &request, sizeof(request))) {
		relayscope_channel_destroy(channel);
		return -EFAULT;
	}
	relayscope_recorder_add_channel(recorder, channel);
	return 0;
}

static long make_files(struct relayscope_recorder *recorder, unsigned long channel_id)
{
	struct relayscope_channel *channel = find_channel(recorder, channel_id);

	return channel ? relayscope_late_files_make(channel) : -EINVAL;
}

static long flush_channel(struct relayscope_recorder *recorder, unsigned long channel_id)
{
	struct relayscope_channel *channel = find_channel(recorder, channel_id);

	if (!channel || recorder->state != RELAYSCOPE_RECORDING)
		return -EINVAL;
	relayscope_seal_older(channel, 0);
	return 0;
}

static long reset_channel(struct relayscope_recorder *recorder, void __user *arg)
{
	struct relayscope_channel_reset request;
	struct relayscope_channel *channel;
	int err;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	channel = relayscope_recorder_channel(recorder, request.channel_id);
	/* What has been counted when it was stopped is final. */
	if (!channel || recorder->state == RELAYSCOPE_STOPPED)
		return -EINVAL;
	err = relayscope_channel_reset(channel);
	if (err)
		return err;
	request.epoch = channel->epoch;
	return copy_to_user(arg, &request, sizeof(request)) ? -EFAULT : 0;
}

/* From now on the file is the boot recording's; calls that are under way end in what it was. */
static long adopt_boot(struct file *file, struct relayscope_recorder *recorder, void __user *arg)
{
	struct relayscope_recorder *boot;

	if (recorder->state != RELAYSCOPE_PREPARING || !list_empty(&recorder->channels) ||
	    recorder->lifecycle_registered)
		return -EBUSY;
	boot = relayscope_boot_adopt(arg);
	if (IS_ERR(boot))
		return PTR_ERR(boot);
	recorder->state = RELAYSCOPE_STOPPED;
	boot->replaced = recorder;
	/* Pairs with the load in recorder_of(). */
	smp_store_release(&file->private_data, boot);
	return 0;
}

static long source_info(void __user *arg)
{
	struct relayscope_source_info info;
	int err;

	if (copy_from_user(&info, arg, sizeof(info)))
		return -EFAULT;
	err = relayscope_source_info(&info);
	if (err)
		return err;
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long attach_source(struct relayscope_recorder *recorder, void __user *arg)
{
	struct relayscope_source_attach request;
	struct relayscope_channel *channel;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	if (strnlen(request.source, sizeof(request.source)) == sizeof(request.source))
		return -EINVAL;
	if (recorder->state != RELAYSCOPE_PREPARING)
		return -EBUSY;
	channel = relayscope_recorder_channel(recorder, request.channel_id);
	if (!channel)
		return -EINVAL;
	return relayscope_attach(channel, request.source, request.context, request.options);
}

static long source_schema(struct relayscope_recorder *recorder, void __user *arg)
{
	struct relayscope_source_schema request;
	struct relayscope_channel *channel;
	int err;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	if (strnlen(request.source, sizeof(request.source)) == sizeof(request.source))
		return -EINVAL;
	channel = relayscope_recorder_channel(recorder, request.channel_id);
	if (!channel)
		return -EINVAL;
	err = relayscope_module_schema(channel, &request);
	if (err)
		return err;
	return copy_to_user(arg, &request, sizeof(request)) ? -EFAULT : 0;
}

static long load_program(struct relayscope_recorder *recorder, unsigned int command,
			 void __user *arg)
{
	struct relayscope_source_program request;
	struct relayscope_channel *channel;
	int err;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	request.error_index = U32_MAX;
	channel = relayscope_recorder_channel(recorder, request.channel_id);
	if (recorder->state != RELAYSCOPE_PREPARING)
		err = -EBUSY;
	else if (!channel || request.reserved ||
		 strnlen(request.source, sizeof(request.source)) == sizeof(request.source))
		err = -EINVAL;
	else if (command == RELAYSCOPE_IOC_SOURCE_FILTER)
		err = relayscope_source_filter(channel, &request);
	else
		err = relayscope_source_trigger(channel, &request);
	/* The index goes with an error. */
	return copy_to_user(arg, &request, sizeof(request)) ? -EFAULT : err;
}

static long triggered(struct relayscope_recorder *recorder, void __user *arg)
{
	return put_user(relayscope_triggered(recorder), (u32 __user *)arg);
}

static long add_process(struct relayscope_recorder *recorder, void __user *arg)
{
	struct relayscope_process_add request;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	return relayscope_recorder_add_process(recorder, &request);
}

static long consume(struct relayscope_recorder *recorder, void __user *arg)
{
	struct relayscope_consume request;
	struct relayscope_channel *channel;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	channel = relayscope_recorder_channel(recorder, request.channel_id);
	if (!channel)
		return -EINVAL;
	return relayscope_channel_consume(channel, &request);
}

static long get_stats(struct relayscope_recorder *recorder, void __user *arg)
{
	struct relayscope_channel *channel;
	struct relayscope_stats stats;
	int err;

	if (copy_from_user(&stats, arg, sizeof(stats)))
		return -EFAULT;
	channel = relayscope_recorder_channel(recorder, stats.channel_id);
	if (!channel)
		return -EINVAL;
	err = relayscope_channel_stats(channel, &stats);
	if (err)
		return err;
	return copy_to_user(arg, &stats, sizeof(stats)) ? -EFAULT : 0;
}

static long take_snapshot(struct relayscope_recorder *recorder, void __user *arg)
{
	struct relayscope_snapshot snapshot;
	struct relayscope_channel *channel;
	int err;

	if (copy_from_user(&snapshot, arg, sizeof(snapshot)))
		return -EFAULT;
	channel = relayscope_recorder_channel(recorder, snapshot.stats.channel_id);
	if (!channel)
		return -EINVAL;
	err = relayscope_channel_snapshot(channel, &snapshot);
	if (err)
		return err;
	return copy_to_user(arg, &snapshot, sizeof(snapshot)) ? -EFAULT : 0;
}

static long prepare_ioctl(struct file *file, struct relayscope_recorder *recorder,
			  unsigned int command, unsigned long value)
{
	void __user *arg = (void __user *)value;

	switch (command) {
	case RELAYSCOPE_IOC_BOOT_ADOPT:
		return adopt_boot(file, recorder, arg);
	case RELAYSCOPE_IOC_CHANNEL_FILES:
		return make_files(recorder, value);
	case RELAYSCOPE_IOC_CHANNEL_FLUSH:
		return flush_channel(recorder, value);
	case RELAYSCOPE_IOC_CHANNEL_CREATE:
		return create_channel(recorder, arg);
	case RELAYSCOPE_IOC_SOURCE_ATTACH:
		return attach_source(recorder, arg);
	case RELAYSCOPE_IOC_SOURCE_SCHEMA:
		return source_schema(recorder, arg);
	case RELAYSCOPE_IOC_SOURCE_FILTER:
	case RELAYSCOPE_IOC_SOURCE_TRIGGER:
		return load_program(recorder, command, arg);
	case RELAYSCOPE_IOC_TRIGGERED:
		return triggered(recorder, arg);
	case RELAYSCOPE_IOC_PROCESS_ADD:
		return add_process(recorder, arg);
	case RELAYSCOPE_IOC_LIVES:
		return relayscope_recorder_tell_lives(recorder);
	case RELAYSCOPE_IOC_CHANNEL_RESET:
		return reset_channel(recorder, arg);
	case RELAYSCOPE_IOC_START:
		return relayscope_recorder_start(recorder);
	case RELAYSCOPE_IOC_STOP:
		return relayscope_recorder_stop(recorder);
	default:
		return -ENOTTY;
	}
}

/* What goes on while another call starts or stops the recording: the reader must not wait. */
static long running_ioctl(struct relayscope_recorder *recorder, unsigned int command,
			  void __user *arg)
{
	switch (command) {
	case RELAYSCOPE_IOC_INFO:
		return get_info(recorder, arg);
	case RELAYSCOPE_IOC_SOURCE_INFO:
		return source_info(arg);
	case RELAYSCOPE_IOC_CONSUME:
		return consume(recorder, arg);
	case RELAYSCOPE_IOC_STATS:
		return get_stats(recorder, arg);
	case RELAYSCOPE_IOC_SNAPSHOT:
		return take_snapshot(recorder, arg);
	default:
		return -ENOTTY;
	}
}

static long control_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct relayscope_recorder *recorder = recorder_of(file);
	long ret;

	ret = running_ioctl(recorder, command, (void __user *)arg);
	if (ret != -ENOTTY)
		return ret;

	mutex_lock(&recorder->lock);
	ret = prepare_ioctl(file, recorder, command, arg);
	mutex_unlock(&recorder->lock);
	return ret;
}

/* A channel's control pages, read-only, at the offset its creation returned. */
static int control_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct relayscope_recorder *recorder = recorder_of(file);
	struct relayscope_channel *channel;

	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	if (vma->vm_pgoff > U32_MAX)
		return -EINVAL;
	channel = relayscope_recorder_channel(recorder, vma->vm_pgoff);
	if (!channel || vma->vm_end - vma->vm_start != channel->control_length)
		return -EINVAL;
	compat_vm_flags_mod(vma, VM_DONTCOPY | VM_DONTEXPAND, VM_MAYWRITE);
	return remap_vmalloc_range(vma, channel->control, 0);
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = control_open,
	.release = control_release,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = control_mmap,
};

static struct miscdevice control_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "relayscope",
	.fops = &control_fops,
	.mode = 0600,
};

int relayscope_control_register(void)
{
	return misc_register(&control_device);
}

void relayscope_control_unregister(void)
{
	misc_deregister(&control_device);
}
