// SPDX-License-Identifier: GPL-2.0-only
/*
 * A source as another kernel would make of it: of its tracepoints one is as expected, one is not
 * there, and one has another prototype than the probe was written for.
 */
#include <trace/events/sched.h>
#include <trace/events/task.h>

#include "test_storm.h"

static void on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_slot slot;

	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_TEST_EVENT, parent->pid,
				     sizeof(struct relayscope_record_header)))
		return;
	relayscope_record_end(attachment, &slot);
}

/* Written for a kernel that told more: called by this one it would read what nobody passed. */
static void on_wait(void *data, struct pid *pid, u64 deadline)
{
	WARN_ONCE(1, "a probe of another prototype was called with %llu", deadline);
}

static struct relayscope_point points[] = {
	RELAYSCOPE_POINT(sched_process_fork, on_fork),
	{ .name = "never_was_a_tracepoint", .probe = on_fork },
	RELAYSCOPE_POINT(sched_process_wait, on_wait),
};

static struct relayscope_source source = {
	.name = "test_prototype",
	.description = "tracepoints that changed, for tests",
	.owner = THIS_MODULE,
	.points = points,
	.point_count = ARRAY_SIZE(points),
};

int test_prototype_register(void)
{
	return relayscope_source_register(&source);
}

void test_prototype_unregister(void)
{
	relayscope_source_unregister(&source);
}
