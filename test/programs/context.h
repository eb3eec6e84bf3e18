/* The context of a record, as include/uapi/relayscope.h says it lies there. */
#ifndef TEST_CONTEXT_H
#define TEST_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../../include/uapi/relayscope.h"

struct context {
	struct relayscope_context_footer footer;
	const uint8_t *kernel, *user, *cgroup, *namespaces; /* NULL: not there */
};

/* False: the bytes do not add up. */
static inline bool find_context(const uint8_t *record, struct context *found)
{
	struct relayscope_record_header header;
	struct relayscope_context_footer footer;
	const uint8_t *at, *end;
	size_t frame = 8;

	memset(found, 0, sizeof(*found));
	memcpy(&header, record, sizeof(header));
	if (!(header.event_id & RELAYSCOPE_RECORD_CONTEXT) || header.length % 8) return false;
	end = record + header.length - sizeof(footer);
	memcpy(&footer, end, sizeof(footer));
	at = record + (footer.record_length + 7u) / 8 * 8;
	if (footer.record_length < sizeof(header) || at > end) return false;
	if (footer.flags & RELAYSCOPE_CONTEXT_KERNEL_NARROW) frame = 4;
	found->footer = footer;
	if (footer.context & RELAYSCOPE_CONTEXT_KERNEL_STACK) {
		found->kernel = at;
		at += (footer.kernel_frames * frame + 7) / 8 * 8;
	}
	if (footer.context & RELAYSCOPE_CONTEXT_USER_STACK) {
		found->user = at;
		at += footer.user_frames * 8u;
	}
	if (footer.context & RELAYSCOPE_CONTEXT_CGROUP) {
		found->cgroup = at;
		at += 8;
	}
	if (footer.context & RELAYSCOPE_CONTEXT_NAMESPACES) {
		found->namespaces = at;
		at += sizeof(struct relayscope_context_namespaces);
	}
	return at == end;
}

#endif
