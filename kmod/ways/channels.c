// SPDX-License-Identifier: GPL-2.0-only
/* Memory that both sides have, bufflink, and relay. */
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/relay.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "../bufflink/bufflink.h"
#include "../compat.h"
#include "ways.h"

static u8 *shared;

static int mmap_create(void)
{
	shared = vmalloc_user(WAYS_SHARED_LENGTH);
	return shared ? 0 : -ENOMEM;
}

static void mmap_destroy(void)
{
	vfree(shared);
}

static int mmap_send(const struct ways_ask *ask, const void *data, size_t length)
{
	u32 *produced = (u32 *)(shared + WAYS_SHARED_PRODUCED);
	u8 *slot = shared + WAYS_SHARED_MESSAGES + *produced % WAYS_MESSAGES * WAYS_MESSAGE_LENGTH;
	bool message = length == WAYS_MESSAGE_LENGTH;

	memcpy(message ? slot : shared + WAYS_SHARED_BULK, data, length);
	/* Pairs with the acquire in the program that maps it. Bulk keeps bursts whole in the ring. */
	smp_store_release(produced, *produced + (message ? 1 : WAYS_MESSAGES));
	return 0;
}

int ways_shared_mmap(struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	compat_vm_flags_mod(vma, 0, VM_MAYWRITE);
	return remap_vmalloc_range(vma, shared, vma->vm_pgoff);
}

const struct ways_sender_ops ways_mmap = {
	.name = "mmap",
	.create = mmap_create,
	.destroy = mmap_destroy,
	.send = mmap_send,
};

static struct bufflink *link;

static int link_create(void)
{
	return bufflink_create(&link, NULL, SZ_128K, -1);
}

static void link_destroy(void)
{
	bufflink_destroy(link);
}

static int link_send(const struct ways_ask *ask, const void *data, size_t length)
{
	return bufflink_append(link, data, length);
}

int ways_bufflink_minor(void)
{
	return bufflink_minor(link);
}

const struct ways_sender_ops ways_bufflink = {
	.name = "bufflink",
	.create = link_create,
	.destroy = link_destroy,
	.send = link_send,
};

/* Of the two channels, one is read and one is mapped: no buffer may be both. */
static struct rchan *read_channel, *mapped_channel;
static struct file_operations read_fops, mapped_fops;

static int check_mapping(unsigned long first_page, unsigned long vm_flags)
{
	if (first_page)
		return -EINVAL;
	return vm_flags & VM_WRITE ? -EPERM : 0;
}

COMPAT_DEFINE_RELAY_MMAP(relay_mapped_mmap, check_mapping)

static int relay_subbuf_has_room(struct rchan_buf *buf, void *subbuf)
{
	return !relay_buf_full(buf);
}

COMPAT_DEFINE_SUBBUF_START(relay_subbuf_start, relay_subbuf_has_room)

static struct dentry *relay_read_file(const char *name, struct dentry *parent, umode_t mode,
				      struct rchan_buf *buf, int *is_global)
{
	return debugfs_create_file(name, 0400, parent, buf, &read_fops);
}

/* Behind the full proxy there is no mmap. */
static struct dentry *relay_mapped_file(const char *name, struct dentry *parent, umode_t mode,
					struct rchan_buf *buf, int *is_global)
{
	return debugfs_create_file_unsafe(name, 0400, parent, buf, &mapped_fops);
}

static int relay_remove_file(struct dentry *dentry)
{
	debugfs_remove(dentry);
	return 0;
}

static const struct rchan_callbacks read_callbacks = {
	.subbuf_start = relay_subbuf_start,
	.create_buf_file = relay_read_file,
	.remove_buf_file = relay_remove_file,
};

static const struct rchan_callbacks mapped_callbacks = {
	.subbuf_start = relay_subbuf_start,
	.create_buf_file = relay_mapped_file,
	.remove_buf_file = relay_remove_file,
};

static int relay_read_create(void)
{
	read_fops = relay_file_operations;
	read_fops.owner = THIS_MODULE;
	read_channel = relay_open("ways_relay_read", NULL, WAYS_SUBBUF_LENGTH, WAYS_SUBBUFS,
				  &read_callbacks, NULL);
	return read_channel ? 0 : -ENOMEM;
}

static void relay_read_destroy(void)
{
	relay_close(read_channel);
}

/* Relay says nothing to a writer whose record it has not taken. */
static int relay_send(struct rchan *channel, const void *data, size_t length)
{
	void *slot;

	preempt_disable();
	slot = relay_reserve(channel, length);
	if (slot)
		memcpy(slot, data, length);
	preempt_enable();
	return slot ? 0 : -ENOSPC;
}

static int relay_read_send(const struct ways_ask *ask, const void *data, size_t length)
{
	return relay_send(read_channel, data, length);
}

const struct ways_sender_ops ways_relay_read = {
	.name = "relay, read",
	.create = relay_read_create,
	.destroy = relay_read_destroy,
	.send = relay_read_send,
};

static int relay_mmap_create(void)
{
	mapped_fops = relay_file_operations;
	mapped_fops.owner = THIS_MODULE;
	mapped_fops.read = NULL;
	mapped_fops.splice_read = NULL;
	compat_relay_fops_set_mmap(&mapped_fops, relay_mapped_mmap);
	mapped_channel = relay_open("ways_relay_mmap", NULL, WAYS_SUBBUF_LENGTH, WAYS_SUBBUFS,
				    &mapped_callbacks, NULL);
	return mapped_channel ? 0 : -ENOMEM;
}

static void relay_mmap_destroy(void)
{
	relay_close(mapped_channel);
}

static int relay_mmap_send(const struct ways_ask *ask, const void *data, size_t length)
{
	return relay_send(mapped_channel, data, length);
}

void ways_relay_consumed(void)
{
	relay_subbufs_consumed(mapped_channel, raw_smp_processor_id(), 1);
}

const struct ways_sender_ops ways_relay_mmap = {
	.name = "relay, mmap",
	.create = relay_mmap_create,
	.destroy = relay_mmap_destroy,
	.send = relay_mmap_send,
};
