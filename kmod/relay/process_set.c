// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processes a recorder is restricted to, as bits by process id: a test in any context without
 * a lock. Children join in the fork tracepoint, before they first run; the core does this itself,
 * so that following works with any one source alone.
 */
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/threads.h>
#include <linux/vmalloc.h>
#include <trace/events/sched.h>

#include "internal.h"

#define SET_BYTES (BITS_TO_LONGS(PID_MAX_LIMIT) * sizeof(long))

static void on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct relayscope_process_set *set = data;

	if (child->tgid != child->pid)
		return;
	/* Assign, not only set: the id may have belonged to a process that was recorded. */
	if (test_bit(parent->tgid, set->followed)) {
		set_bit(child->tgid, set->followed);
		set_bit(child->tgid, set->recorded);
	} else {
		clear_bit(child->tgid, set->followed);
		clear_bit(child->tgid, set->recorded);
	}
}

static struct relayscope_point points[] = {
	RELAYSCOPE_POINT(sched_process_fork, on_fork),
};

void relayscope_process_set_init(void)
{
	relayscope_points_resolve(points, ARRAY_SIZE(points));
}

struct relayscope_process_set *relayscope_process_set_create(void)
{
	struct relayscope_process_set *set = kzalloc(sizeof(*set), GFP_KERNEL);
	unsigned int registered = 0;
	int err = -ENOMEM;

	if (!set)
		return ERR_PTR(err);
	set->recorded = vzalloc(SET_BYTES);
	set->followed = vzalloc(SET_BYTES);
	if (!set->recorded || !set->followed)
		goto err_free;
	err = -ENXIO;
	if (!points[0].tracepoint)
		goto err_free;
	err = relayscope_points_on(points, ARRAY_SIZE(points), set, &registered);
	if (err)
		goto err_free;
	return set;

err_free:
	vfree(set->followed);
	vfree(set->recorded);
	kfree(set);
	return ERR_PTR(err);
}

/* No probe may be left that tests the set. */
void relayscope_process_set_destroy(struct relayscope_process_set *set)
{
	unsigned int registered = ARRAY_SIZE(points);

	if (!set)
		return;
	relayscope_points_off(points, set, &registered);
	tracepoint_synchronize_unregister();
	vfree(set->followed);
	vfree(set->recorded);
	kfree(set);
}

/* @pid as the caller sees it. */
int relayscope_process_set_add(struct relayscope_process_set *set, u32 pid, u32 flags)
{
	struct task_struct *task;
	int err = -ESRCH;

	rcu_read_lock();
	task = pid_task(find_vpid(pid), PIDTYPE_TGID);
	if (task) {
		if (flags & RELAYSCOPE_PROCESS_FOLLOW)
			set_bit(task->tgid, set->followed);
		set_bit(task->tgid, set->recorded);
		err = 0;
	}
	rcu_read_unlock();
	return err;
}
