// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A module with events of its own, to start yours from. `echo 1000 >/sys/module/sample/parameters/
 * requests` handles a thousand requests and notices the end in every context a kernel has.
 */
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>

#define RELAYSCOPE_DEFINE_EVENTS /* in one file of a module */
#include "sample_events.h"
#include "relayscope/klog.h"

#define REQUESTS_MAX 1000000u

static DEFINE_MUTEX(batch_lock);
static unsigned int batch;

static void batch_done(const char *context)
{
	trace_sample_batch(batch, context);
	relayscope_printk("batch of %u done, %s context\n", batch, context);
}

static void in_softirq_context(struct tasklet_struct *tasklet)
{
	batch_done("softirq");
}

static void in_hardirq_context(struct irq_work *work)
{
	batch_done("hardirq");
}

static DECLARE_TASKLET(tasklet, in_softirq_context);
static struct irq_work work = IRQ_WORK_INIT_HARD(in_hardirq_context);

static int handle_requests(const char *value, const struct kernel_param *param)
{
	unsigned int count, i;
	int err = kstrtouint(value, 0, &count);

	if (err || count > REQUESTS_MAX)
		return err ?: -ERANGE;
	mutex_lock(&batch_lock);
	batch = count;
	for (i = 0; i < count; i++)
		trace_sample_request(i, 512ull * i, i % 10 == 9 ? -EIO : 0, current->comm);
	relayscope_klog(&batch, sizeof(batch));
	batch_done("process");
	tasklet_schedule(&tasklet);
	tasklet_kill(&tasklet); /* when it has run */
	irq_work_queue(&work);
	irq_work_sync(&work);
	mutex_unlock(&batch_lock);
	return 0;
}

static const struct kernel_param_ops requests_ops = { .set = handle_requests };
module_param_cb(requests, &requests_ops, NULL, 0200);
MODULE_PARM_DESC(requests, "write a number to handle that many requests");

static int __init sample_init(void)
{
	return 0;
}

/* The parameter can be written until after this: handle_requests leaves nothing behind. */
static void __exit sample_exit(void)
{
}

module_init(sample_init);
module_exit(sample_exit);

MODULE_DESCRIPTION("A module with Relayscope events of its own");
/* The kernel takes tracepoints of modules with a GPL-compatible licence only. */
MODULE_LICENSE("Dual MIT/GPL");
