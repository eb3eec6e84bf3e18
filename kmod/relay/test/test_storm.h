/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _RELAYSCOPE_TEST_STORM_H
#define _RELAYSCOPE_TEST_STORM_H

#include <linux/seq_file.h>

#include "../relayscope.h"
#include "test_record.h"

void test_emit(enum relayscope_test_context context, u32 length);
int test_storm_run(u32 milliseconds, u32 length);
void test_counts_show(struct seq_file *seq);
int test_storm_init(void);
void test_storm_exit(void);

int test_prototype_register(void);
void test_prototype_unregister(void);

#endif
