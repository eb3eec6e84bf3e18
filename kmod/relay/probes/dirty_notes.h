/* SPDX-License-Identifier: GPL-2.0-only */
/* Source "block": which thread was noted to dirty which inode, so that it is not told for each page. */
#ifndef _RELAYSCOPE_DIRTY_NOTES_H
#define _RELAYSCOPE_DIRTY_NOTES_H

#include <linux/types.h>

struct relayscope_attachment;

/* Whether that the current thread dirties the inode has to be told. Task context. */
bool relayscope_dirty_is_news(const struct relayscope_attachment *attachment, u64 inode, u32 dev);

#endif
