// SPDX-License-Identifier: GPL-2.0-only
/* Records from every context on every CPU, whichever CPUs come and go meanwhile. */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <trace/events/block.h>

#include "../../compat.h"
#include "test_storm.h"

#define TEST_PERIOD_NS (200 * NSEC_PER_USEC)

/* The length's low bits vary, so that sub-buffers end anywhere. */
#define TEST_SPREAD 64

static const char *const context_names[] = {
	[RELAYSCOPE_TEST_PROCESS] = "process",
	[RELAYSCOPE_TEST_SOFTIRQ] = "softirq",
	[RELAYSCOPE_TEST_HARDIRQ] = "hardirq",
	[RELAYSCOPE_TEST_NMI] = "nmi",
};
static_assert(ARRAY_SIZE(context_names) == RELAYSCOPE_TEST_CONTEXTS);

/* Each context counts on its own, so an interrupt never comes between a load and a store. */
struct test_cpu {
	u32 attempted[RELAYSCOPE_TEST_CONTEXTS];
};

struct test_storm_cpu {
	struct hrtimer softirq;
	struct hrtimer hardirq;
	struct task_struct *thread;
};

static DEFINE_PER_CPU(struct test_cpu, test_cpus);
static struct test_storm_cpu *storm_cpus; /* nr_cpu_ids of them */
static u32 storm_length;
static bool storm_over;

/*
 * The way of every event: through a tracepoint. This one is exported, and a queue that is NULL
 * never comes from the block layer.
 */
void test_emit(enum relayscope_test_context context, u32 length)
{
	preempt_disable();
	this_cpu_inc(test_cpus.attempted[context]);
	trace_block_unplug(NULL, length << 2 | context, false);
	preempt_enable();
}

static void on_unplug(void *data, struct request_queue *queue, unsigned int what, bool explicit)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_test_record *record;
	struct relayscope_slot slot;
	u32 length = what >> 2;
	u32 at;

	if (queue)
		return;
	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_TEST_EVENT, current->pid, length))
		return;
	record = slot.record;
	if (length >= sizeof(*record)) {
		record->context = what & 3;
		record->cpu = smp_processor_id();
		record->sequence = this_cpu_read(test_cpus.attempted[what & 3]) - 1;
		for (at = sizeof(*record); at < length; at++)
			((u8 *)record)[at] = relayscope_test_byte(record->sequence, at);
	}
	relayscope_record_end(attachment, &slot);
}

static struct relayscope_point points[] = {
	RELAYSCOPE_POINT(block_unplug, on_unplug),
};

static struct relayscope_source source = {
	.name = RELAYSCOPE_TEST_SOURCE,
	.description = "records on demand, for tests",
	.owner = THIS_MODULE,
	.points = points,
	.point_count = ARRAY_SIZE(points),
};

static u32 storm_next_length(void)
{
	return storm_length + this_cpu_read(test_cpus.attempted[RELAYSCOPE_TEST_PROCESS]) % TEST_SPREAD;
}

static enum hrtimer_restart on_softirq(struct hrtimer *timer)
{
	WARN_ON_ONCE(!in_serving_softirq());
	test_emit(RELAYSCOPE_TEST_SOFTIRQ, storm_next_length());
	hrtimer_forward_now(timer, ns_to_ktime(TEST_PERIOD_NS));
	return READ_ONCE(storm_over) ? HRTIMER_NORESTART : HRTIMER_RESTART;
}

static enum hrtimer_restart on_hardirq(struct hrtimer *timer)
{
	WARN_ON_ONCE(!in_hardirq());
	test_emit(RELAYSCOPE_TEST_HARDIRQ, storm_next_length());
	hrtimer_forward_now(timer, ns_to_ktime(TEST_PERIOD_NS));
	return READ_ONCE(storm_over) ? HRTIMER_NORESTART : HRTIMER_RESTART;
}

/* No NMI can be had on request; this is what in_nmi() sees of one. */
static void emit_as_nmi(void)
{
	unsigned long flags;

	local_irq_save(flags);
	__preempt_count_add(NMI_OFFSET + HARDIRQ_OFFSET);
	test_emit(RELAYSCOPE_TEST_NMI, storm_next_length());
	__preempt_count_sub(NMI_OFFSET + HARDIRQ_OFFSET);
	local_irq_restore(flags);
}

static int storm_thread(void *data)
{
	struct test_storm_cpu *cpu = data;

	hrtimer_start(&cpu->softirq, ns_to_ktime(TEST_PERIOD_NS), HRTIMER_MODE_REL_PINNED_SOFT);
	hrtimer_start(&cpu->hardirq, ns_to_ktime(TEST_PERIOD_NS), HRTIMER_MODE_REL_PINNED_HARD);
	while (!kthread_should_stop()) {
		test_emit(RELAYSCOPE_TEST_PROCESS, storm_next_length());
		emit_as_nmi();
		cond_resched();
	}
	return 0;
}

/* Returns when the storm is over. */
int test_storm_run(u32 milliseconds, u32 length)
{
	int err = 0, cpu;

	storm_length = length;
	WRITE_ONCE(storm_over, false);
	cpus_read_lock();
	for_each_online_cpu(cpu) {
		struct test_storm_cpu *storm = &storm_cpus[cpu];
		struct task_struct *thread;

		thread = kthread_create(storm_thread, storm, "test_relayscope/%d", cpu);
		if (IS_ERR(thread)) {
			err = PTR_ERR(thread);
			break;
		}
		kthread_bind(thread, cpu);
		storm->thread = thread;
		wake_up_process(thread);
	}
	cpus_read_unlock();

	if (!err)
		schedule_timeout_idle(msecs_to_jiffies(milliseconds));
	WRITE_ONCE(storm_over, true);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct test_storm_cpu *storm = &storm_cpus[cpu];

		if (!storm->thread)
			continue;
		kthread_stop(storm->thread);
		storm->thread = NULL;
		hrtimer_cancel(&storm->softirq);
		hrtimer_cancel(&storm->hardirq);
	}
	return err;
}

void test_counts_show(struct seq_file *seq)
{
	int cpu, context;

	for_each_possible_cpu(cpu)
		for (context = 0; context < RELAYSCOPE_TEST_CONTEXTS; context++)
			seq_printf(seq, "%s %d %u\n", context_names[context], cpu,
				   READ_ONCE(per_cpu(test_cpus, cpu).attempted[context]));
}

int test_storm_init(void)
{
	int err, cpu;

	storm_cpus = kcalloc(nr_cpu_ids, sizeof(*storm_cpus), GFP_KERNEL);
	if (!storm_cpus)
		return -ENOMEM;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		compat_hrtimer_setup(&storm_cpus[cpu].softirq, on_softirq, CLOCK_MONOTONIC,
				     HRTIMER_MODE_REL_PINNED_SOFT);
		compat_hrtimer_setup(&storm_cpus[cpu].hardirq, on_hardirq, CLOCK_MONOTONIC,
				     HRTIMER_MODE_REL_PINNED_HARD);
	}
	err = relayscope_source_register(&source);
	if (err)
		kfree(storm_cpus);
	return err;
}

void test_storm_exit(void)
{
	relayscope_source_unregister(&source);
	kfree(storm_cpus);
}
