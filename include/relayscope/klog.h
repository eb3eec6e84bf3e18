/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Logging into a recording, from any context: relayscope_klog() takes bytes as they are,
 * relayscope_printk() formats a line. Source "klog", view logs. Nothing happens, and the arguments
 * of relayscope_printk() are not even evaluated, while nobody records. Like every event of a
 * module, neither needs a symbol of Relayscope's; see event.h.
 */
#ifndef _RELAYSCOPE_KLOG_H
#define _RELAYSCOPE_KLOG_H

#include <linux/compiler_attributes.h>
#include <linux/kernel.h>
#include <linux/stdarg.h>

#include "klog_events.h"

/* Bytes of a formatted line that are kept; a longer one is marked as truncated. */
#define RELAYSCOPE_PRINTK_MAX 512

/* A record holds some 64 KiB less its headers; what is longer is lost and counted. */
static inline void relayscope_klog(const void *data, size_t length)
{
	trace_klog(data, length);
}

__printf(1, 2) void relayscope_printk_recorded(const char *format, ...);

#define relayscope_printk(format, ...)                                            \
	do {                                                                      \
		if (trace_klog_printk_enabled())                                  \
			relayscope_printk_recorded(format, ##__VA_ARGS__);        \
	} while (0)

#ifdef RELAYSCOPE_DEFINE_EVENTS
void relayscope_printk_recorded(const char *format, ...)
{
	char line[RELAYSCOPE_PRINTK_MAX + 1];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (length > 0 && length < sizeof(line) && line[length - 1] == '\n')
		line[length - 1] = '\0';
	trace_klog_printk(length >= sizeof(line), line);
}
#endif

#endif
