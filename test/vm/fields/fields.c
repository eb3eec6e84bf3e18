// SPDX-License-Identifier: GPL-2.0-only
/* Causes events with values at the edges; `echo 1 >/sys/module/fields/parameters/cause`. */
#include <linux/module.h>
#include <linux/vmalloc.h>

#define RELAYSCOPE_DEFINE_EVENTS
#include "fields_events.h"
#include "relayscope/klog.h"

#define TOO_LARGE 70000

static int cause(const char *value, const struct kernel_param *param)
{
	static const u64 list[] = { 1, U64_MAX, 1ull << 40 };
	static const u8 tag[3] = { 0, 1, 255 };
	char *large = vzalloc(TOO_LARGE);

	if (!large)
		return -ENOMEM;
	memset(large, 'x', TOO_LARGE - 1);
	trace_every_field(255, -32768, U64_MAX, S64_MIN, "longer than it", tag, list,
			  ARRAY_SIZE(list), "text", "\0data", 5);
	trace_every_field(0, 0, 0, 0, NULL, tag, NULL, 0, NULL, NULL, 0);
	trace_every_field(1, 1, 1, 1, "too", tag, NULL, 0, large, "large", 5);
	trace_every_field(2, 2, 2, 2, "fits", tag, NULL, 0, "", large, 60000);
	trace_no_field();
	relayscope_printk("%s", large);
	relayscope_klog(large, 60000);
	relayscope_klog(large, TOO_LARGE);
	vfree(large);
	return 0;
}

static const struct kernel_param_ops cause_ops = { .set = cause };
module_param_cb(cause, &cause_ops, NULL, 0200);

MODULE_DESCRIPTION("Test: events with every kind of field");
MODULE_LICENSE("GPL");
