/* SPDX-License-Identifier: GPL-2.0-only */
/* Appends from every context at once, on every CPU. */
#ifndef _BUFFLINK_TEST_STORM_H
#define _BUFFLINK_TEST_STORM_H

#include <linux/hrtimer.h>
#include <linux/seq_file.h>

#include "bufflink.h"
#include "test_message.h"

struct bufflink_test_storm {
	struct bufflink *bl;
	unsigned int contexts; /* bit mask of enum bufflink_test_context */
	unsigned int count; /* messages per context and CPU */
	unsigned int length; /* bytes of the longest payload */
};

int bufflink_test_storm_init(void);
void bufflink_test_storm_exit(void);
unsigned int bufflink_test_contexts(const char *names);
int bufflink_test_storm_run(const struct bufflink_test_storm *storm);
void bufflink_test_storm_show(struct seq_file *seq);

#endif
