/* SPDX-License-Identifier: GPL-2.0-only */
/* Every difference between the supported kernels (6.1 to 7.2), and nothing else. */
#ifndef _RELAYSCOPE_COMPAT_H
#define _RELAYSCOPE_COMPAT_H

#include <linux/version.h>

/* ---- character devices and their classes ---- */

#include <linux/device/class.h>
#include <linux/module.h>

/* 6.4 dropped the owner: a class never used it. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define compat_class_create(name) class_create(name)
#else
#define compat_class_create(name) class_create(THIS_MODULE, name)
#endif

/* ---- files of the kernel's own file systems ---- */

#include <linux/sysctl.h>
#include <linux/sysfs.h>

/* 6.11 makes a handler's table const, and takes no empty entry at a table's end. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define compat_ctl_table_t const struct ctl_table
#define COMPAT_CTL_TABLE_END
#else
#define compat_ctl_table_t struct ctl_table
#define COMPAT_CTL_TABLE_END {}
#endif

/* 6.16 makes it const in read. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define compat_bin_attribute_t const struct bin_attribute
#else
#define compat_bin_attribute_t struct bin_attribute
#endif

/* ---- timers ---- */

#include <linux/hrtimer.h>

/* 6.13 has hrtimer_setup(); 6.15 has no hrtimer_init() and hides .function. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define compat_hrtimer_setup(timer, callback, clock, mode) \
	hrtimer_setup(timer, callback, clock, mode)
#else
static inline void compat_hrtimer_setup(struct hrtimer *timer,
					enum hrtimer_restart (*callback)(struct hrtimer *),
					clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = callback;
}
#endif

/* ---- workqueues ---- */

#include <linux/workqueue.h>

/* 6.17 has the new name; 7.2 warns of the old one. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define compat_unbound_wq system_dfl_wq
#else
#define compat_unbound_wq system_unbound_wq
#endif

/* ---- relay ---- */

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/relay.h>

/* 6.17 took prev_padding from subbuf_start. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define COMPAT_DEFINE_SUBBUF_START(name, body)                                         \
	static int name(struct rchan_buf *buf, void *subbuf, void *prev)               \
	{                                                                              \
		return body(buf, subbuf);                                              \
	}
#else
#define COMPAT_DEFINE_SUBBUF_START(name, body)                                         \
	static int name(struct rchan_buf *buf, void *subbuf, void *prev, size_t padding) \
	{                                                                              \
		return body(buf, subbuf);                                              \
	}
#endif

/* 6.3 write-protects vm_flags. */
static inline void compat_vm_flags_mod(struct vm_area_struct *vma, unsigned long set,
				       unsigned long clear)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_mod(vma, set, clear);
#else
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
#endif
}

/* 7.2 has flags of more than one word, and macros over their bits. */
#ifdef vma_desc_set_flags
#define compat_vma_desc_flags(desc) vma_flags_to_legacy((desc)->vma_flags)
#define compat_vma_desc_protect(desc)                                                  \
	do {                                                                           \
		vma_desc_set_flags(desc, VMA_DONTCOPY_BIT);                            \
		vma_desc_clear_flags(desc, VMA_MAYWRITE_BIT);                          \
	} while (0)
#else
#define compat_vma_desc_flags(desc) ((desc)->vm_flags)
#define compat_vma_desc_protect(desc)                                                  \
	((desc)->vm_flags = ((desc)->vm_flags | VM_DONTCOPY) & ~VM_MAYWRITE)
#endif

/*
 * 6.19 maps through mmap_prepare. A relay mapping is never inherited: a child of the reader would
 * keep the channel alive.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
#define COMPAT_DEFINE_RELAY_MMAP(name, check)                                          \
	static int name(struct vm_area_desc *desc)                                     \
	{                                                                              \
		int err = check(desc->pgoff, compat_vma_desc_flags(desc));             \
                                                                                       \
		if (err)                                                               \
			return err;                                                    \
		compat_vma_desc_protect(desc);                                         \
		return relay_file_operations.mmap_prepare(desc);                       \
	}
#define compat_relay_fops_set_mmap(fops, name) ((fops)->mmap_prepare = (name))
#else
#define COMPAT_DEFINE_RELAY_MMAP(name, check)                                          \
	static int name(struct file *file, struct vm_area_struct *vma)                 \
	{                                                                              \
		int err = check(vma->vm_pgoff, vma->vm_flags);                         \
                                                                                       \
		if (err)                                                               \
			return err;                                                    \
		compat_vm_flags_mod(vma, VM_DONTCOPY, VM_MAYWRITE);                    \
		return relay_file_operations.mmap(file, vma);                          \
	}
#define compat_relay_fops_set_mmap(fops, name) ((fops)->mmap = (name))
#endif

/* ---- a task's directories ---- */

#include <linux/fs_struct.h>
#include <linux/seqlock.h>
#include <linux/socket.h>

static inline unsigned int compat_fs_seqlock_begin(seqlock_t *seq)
{
	return read_seqbegin(seq);
}

static inline bool compat_fs_seqlock_retry(seqlock_t *seq, unsigned int begun)
{
	return read_seqretry(seq, begun);
}

static inline unsigned int compat_fs_seqcount_begin(seqcount_spinlock_t *seq)
{
	return read_seqcount_begin(seq);
}

static inline bool compat_fs_seqcount_retry(seqcount_spinlock_t *seq, unsigned int begun)
{
	return read_seqcount_retry(seq, begun);
}

/* 7.2 has a seqlock in place of a lock and a sequence count. */
#define compat_fs_seq_begin(fs)                                                        \
	_Generic(&(fs)->seq,                                                           \
		 seqlock_t *: compat_fs_seqlock_begin,                                 \
		 seqcount_spinlock_t *: compat_fs_seqcount_begin)(&(fs)->seq)
#define compat_fs_seq_retry(fs, begun)                                                 \
	_Generic(&(fs)->seq,                                                           \
		 seqlock_t *: compat_fs_seqlock_retry,                                 \
		 seqcount_spinlock_t *: compat_fs_seqcount_retry)(&(fs)->seq, begun)

/* 6.5 sends a process's descriptor with a message. */
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04
#endif

/* ---- tracepoints ---- */

#include <linux/sched/signal.h>

/*
 * 6.16 tells sched_process_exit whether the whole group is dead. Before, threads that end at the
 * same time may each find that nobody else is alive.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define COMPAT_DEFINE_PROCESS_EXIT_PROBE(name, type, body)                             \
	static void name(void *data, struct task_struct *task, bool group_dead)        \
	{                                                                              \
		type *object = data;                                                   \
                                                                                       \
		body(object, task, group_dead);                                        \
	}
#else
#define COMPAT_DEFINE_PROCESS_EXIT_PROBE(name, type, body)                             \
	static void name(void *data, struct task_struct *task)                         \
	{                                                                              \
		type *object = data;                                                   \
                                                                                       \
		body(object, task, !atomic_read(&task->signal->live));                 \
	}
#endif

#endif
