/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways from the kernel to user space, each made and taken away by itself. */
#ifndef _WAYS_H
#define _WAYS_H

#include <linux/fs.h>
#include <linux/types.h>

#include "ask.h"

struct ways_sender_ops {
	const char *name;
	int (*create)(void);
	void (*destroy)(void);
	int (*send)(const struct ways_ask *ask, const void *data, size_t length);
};

/* A file system or an entry in it. */
struct ways_file {
	const char *name;
	int (*create)(void);
	void (*destroy)(void);
};

extern const struct ways_sender_ops ways_netlink, ways_genetlink, ways_udp;
extern const struct ways_sender_ops ways_signals, ways_upcall;
extern const struct ways_sender_ops ways_mmap, ways_bufflink, ways_relay_read, ways_relay_mmap;

extern const struct ways_file ways_files[];
extern const unsigned int ways_files_count;

/* main.c */
const void *ways_message(unsigned int number);
const void *ways_next_message(void);
const void *ways_bulk(void);
void ways_fill(void *to, size_t length);
ssize_t ways_read(struct file *file, char __user *user, size_t count, loff_t *position);

/* channels.c, for the device */
int ways_shared_mmap(struct vm_area_struct *vma);
void ways_relay_consumed(void);
int ways_bufflink_minor(void);

#endif
