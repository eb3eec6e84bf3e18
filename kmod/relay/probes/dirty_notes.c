// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread that writes a file dirties its inode once a page. Each CPU notes what it told last; a note
 * that was pushed out, or that is too old, costs one more record and nothing else. Too old, because
 * another thread may have dirtied the inode meanwhile on another CPU.
 */
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "dirty_notes.h"

#define NOTE_BITS 4
#define NOTE_AGE (HZ / 10)

struct dirty_note {
	const struct relayscope_attachment *attachment;
	u64 inode;
	u32 dev;
	pid_t tid;
	unsigned long when;
};

static DEFINE_PER_CPU(struct dirty_note[1 << NOTE_BITS], dirty_notes);

bool relayscope_dirty_is_news(const struct relayscope_attachment *attachment, u64 inode, u32 dev)
{
	const struct dirty_note now = {
		.attachment = attachment,
		.inode = inode,
		.dev = dev,
		.tid = current->pid,
		.when = jiffies,
	};
	struct dirty_note *note;
	bool news;

	preempt_disable_notrace();
	note = this_cpu_ptr(&dirty_notes[hash_64(inode ^ dev, NOTE_BITS)]);
	news = note->attachment != now.attachment || note->inode != now.inode ||
	       note->dev != now.dev || note->tid != now.tid || now.when - note->when > NOTE_AGE;
	if (news)
		*note = now;
	preempt_enable_notrace();
	return news;
}
