// SPDX-License-Identifier: GPL-2.0-only
/* Source "printk": the kernel's own log, as its lines enter the log buffer, console or not. */
#include <linux/module.h>
#include <trace/events/printk.h>

#include "../relayscope.h"
#include "../../../include/relayscope/events.h"

static void on_console(void *data, const char *text, size_t length)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_printk *event;
	struct relayscope_slot slot;

	if (!relayscope_records_here(attachment)) {
		relayscope_record_filtered(attachment);
		return;
	}
	if (length && text[length - 1] == '\n')
		length--;
	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_PRINTK, current->pid,
				     RELAYSCOPE_EVENT_PRINTK_FIXED + length))
		return;
	event = slot.record;
	memcpy((u8 *)event + RELAYSCOPE_EVENT_PRINTK_FIXED, text, length);
	relayscope_record_end(attachment, &slot);
}

static struct relayscope_point points[] = {
	RELAYSCOPE_POINT(console, on_console),
};

static struct relayscope_source source = {
	.name = "printk",
	.description = "the kernel's log: every line as it is logged",
	.owner = THIS_MODULE,
	.points = points,
	.point_count = ARRAY_SIZE(points),
};

static int __init printk_init(void)
{
	return relayscope_source_register(&source);
}

static void __exit printk_exit(void)
{
	relayscope_source_unregister(&source);
}

module_init(printk_init);
module_exit(printk_exit);

MODULE_DESCRIPTION("Relayscope source: the kernel's log");
MODULE_LICENSE("GPL");
