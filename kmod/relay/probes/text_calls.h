/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RELAYSCOPE_TEXT_CALLS_H
#define _RELAYSCOPE_TEXT_CALLS_H

#include "../predicate.h"
#include "../relayscope.h"
#include "call_texts.h"

#define TEXT_CALL_POINTS 3
extern struct relayscope_point text_call_points[TEXT_CALL_POINTS];

void write_enter_texts(struct relayscope_attachment *attachment, const struct relayscope_call *call,
		       const struct call_texts *texts);

/* syscalls.c: calls that have none */
void syscall_enters(void *data, struct pt_regs *regs, long nr);
void syscall_leaves(void *data, struct pt_regs *regs, long ret);

#endif
