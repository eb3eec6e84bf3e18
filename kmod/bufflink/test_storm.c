// SPDX-License-Identifier: GPL-2.0-only
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/hardirq.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../compat.h"
#include "test_storm.h"

#define BUFFLINK_TEST_PERIOD (50 * NSEC_PER_USEC)
#define BUFFLINK_TEST_BATCH 4

/* The length of a payload varies by this much, so that wraps fall anywhere. */
#define BUFFLINK_TEST_SPREAD 16

static const char *const context_names[] = {
	[BUFFLINK_TEST_PROCESS] = "process",
	[BUFFLINK_TEST_SOFTIRQ] = "softirq",
	[BUFFLINK_TEST_HARDIRQ] = "hardirq",
	[BUFFLINK_TEST_NMI] = "nmi",
};
static_assert(ARRAY_SIZE(context_names) == BUFFLINK_TEST_CONTEXTS);

/* Each field is written by one context of one CPU only. */
struct storm_source {
	struct hrtimer timer;
	enum bufflink_test_context context;
	u32 attempted;
	u32 refused;
	u32 target; /* of attempted, for this storm */
	struct completion done;
};

struct storm_cpu {
	struct storm_source sources[BUFFLINK_TEST_CONTEXTS];
	const struct bufflink_test_storm *storm;
	struct completion done;
};

static struct storm_cpu __percpu *storm_cpus;
static u8 *storm_pattern;

static void storm_emit(struct storm_source *source, const struct bufflink_test_storm *storm)
{
	u32 sequence = source->attempted;
	u32 spread = min_t(u32, storm->length, sequence % BUFFLINK_TEST_SPREAD);
	struct bufflink_test_message message = {
		.magic = BUFFLINK_TEST_MAGIC,
		.context = source->context,
		.cpu = smp_processor_id(),
		.sequence = sequence,
		.length = storm->length - spread,
	};
	struct kvec parts[] = {
		{ .iov_base = &message, .iov_len = sizeof(message) },
		{ .iov_base = storm_pattern + (sequence & 0xff), .iov_len = message.length },
	};

	if (bufflink_append_stamped(storm->bl, parts, ARRAY_SIZE(parts), &message.ts))
		WRITE_ONCE(source->refused, source->refused + 1);
	WRITE_ONCE(source->attempted, sequence + 1);
}

static enum hrtimer_restart storm_tick(struct hrtimer *timer)
{
	struct storm_source *source = container_of(timer, struct storm_source, timer);
	struct storm_cpu *cpu = this_cpu_ptr(storm_cpus);
	unsigned int i;

	WARN_ON_ONCE(source->context == BUFFLINK_TEST_HARDIRQ ? !in_hardirq() :
								!in_serving_softirq());
	WARN_ON_ONCE(source != &cpu->sources[source->context]);

	for (i = 0; i < BUFFLINK_TEST_BATCH && source->attempted != source->target; i++)
		storm_emit(source, cpu->storm);
	if (source->attempted == source->target) {
		complete(&source->done);
		return HRTIMER_NORESTART;
	}
	hrtimer_forward_now(timer, ns_to_ktime(BUFFLINK_TEST_PERIOD));
	return HRTIMER_RESTART;
}

static enum hrtimer_mode storm_mode(enum bufflink_test_context context)
{
	return context == BUFFLINK_TEST_HARDIRQ ? HRTIMER_MODE_REL_PINNED_HARD :
						  HRTIMER_MODE_REL_PINNED_SOFT;
}

static bool storm_has_timer(enum bufflink_test_context context)
{
	return context == BUFFLINK_TEST_SOFTIRQ || context == BUFFLINK_TEST_HARDIRQ;
}

/* No NMI can be had on request; this is what in_nmi() sees of one. */
static void storm_emit_as_nmi(struct storm_source *source,
			      const struct bufflink_test_storm *storm)
{
	unsigned long irqflags;

	local_irq_save(irqflags);
	__preempt_count_add(NMI_OFFSET + HARDIRQ_OFFSET);
	storm_emit(source, storm);
	__preempt_count_sub(NMI_OFFSET + HARDIRQ_OFFSET);
	local_irq_restore(irqflags);
}

static int storm_thread(void *data)
{
	struct storm_cpu *cpu = data;
	struct storm_source *process = &cpu->sources[BUFFLINK_TEST_PROCESS];
	struct storm_source *nmi = &cpu->sources[BUFFLINK_TEST_NMI];
	unsigned int i;

	for (i = 0; i < BUFFLINK_TEST_CONTEXTS; i++) {
		struct storm_source *source = &cpu->sources[i];

		if (storm_has_timer(i) && source->attempted != source->target)
			hrtimer_start(&source->timer, ns_to_ktime(BUFFLINK_TEST_PERIOD),
				      storm_mode(i));
	}

	while (process->attempted != process->target || nmi->attempted != nmi->target) {
		if (process->attempted != process->target)
			storm_emit(process, cpu->storm);
		if (nmi->attempted != nmi->target)
			storm_emit_as_nmi(nmi, cpu->storm);
		cond_resched();
	}

	for (i = 0; i < BUFFLINK_TEST_CONTEXTS; i++) {
		struct storm_source *source = &cpu->sources[i];

		if (!storm_has_timer(i))
			continue;
		if (cpu->storm->contexts & BIT(i))
			wait_for_completion(&source->done);
		hrtimer_cancel(&source->timer);
	}
	/* Our own code must not run past the completion. */
	kthread_complete_and_exit(&cpu->done, 0);
}

static int storm_start(struct storm_cpu *cpu, unsigned int number,
		       const struct bufflink_test_storm *storm)
{
	struct task_struct *task;
	unsigned int i;

	task = kthread_create(storm_thread, cpu, "bufflink_test/%u", number);
	if (IS_ERR(task))
		return PTR_ERR(task);

	cpu->storm = storm;
	reinit_completion(&cpu->done);
	for (i = 0; i < BUFFLINK_TEST_CONTEXTS; i++) {
		struct storm_source *source = &cpu->sources[i];

		reinit_completion(&source->done);
		source->target = source->attempted;
		if (storm->contexts & BIT(i))
			source->target += storm->count;
	}
	kthread_bind(task, number);
	wake_up_process(task);
	return 0;
}

/* Returns when the last message has been appended or refused. */
int bufflink_test_storm_run(const struct bufflink_test_storm *storm)
{
	cpumask_var_t started;
	unsigned int number;
	int err = 0;

	if (!storm->count || storm->length > BUFFLINK_TEST_PAYLOAD_MAX)
		return -EINVAL;
	if (!zalloc_cpumask_var(&started, GFP_KERNEL))
		return -ENOMEM;

	cpus_read_lock();
	for_each_online_cpu(number) {
		err = storm_start(per_cpu_ptr(storm_cpus, number), number, storm);
		if (err)
			break;
		cpumask_set_cpu(number, started);
	}
	for_each_cpu(number, started)
		wait_for_completion(&per_cpu_ptr(storm_cpus, number)->done);
	cpus_read_unlock();

	free_cpumask_var(started);
	return err;
}

/* "process,hardirq" to a mask; 0 when a name is unknown. */
unsigned int bufflink_test_contexts(const char *names)
{
	unsigned int mask = 0;

	while (*names) {
		size_t length = strcspn(names, ",");
		unsigned int i;

		for (i = 0; i < BUFFLINK_TEST_CONTEXTS; i++)
			if (strlen(context_names[i]) == length &&
			    !strncmp(names, context_names[i], length))
				break;
		if (i == BUFFLINK_TEST_CONTEXTS)
			return 0;
		mask |= BIT(i);
		names += length;
		if (*names == ',')
			names++;
	}
	return mask;
}

void bufflink_test_storm_show(struct seq_file *seq)
{
	unsigned int number, i;

	for_each_possible_cpu(number) {
		struct storm_cpu *cpu = per_cpu_ptr(storm_cpus, number);

		for (i = 0; i < BUFFLINK_TEST_CONTEXTS; i++)
			seq_printf(seq, "%s %u %u %u\n", context_names[i], number,
				   READ_ONCE(cpu->sources[i].attempted),
				   READ_ONCE(cpu->sources[i].refused));
	}
}

int bufflink_test_storm_init(void)
{
	unsigned int number, i;

	storm_pattern = kmalloc(0x100 + BUFFLINK_TEST_PAYLOAD_MAX, GFP_KERNEL);
	if (!storm_pattern)
		return -ENOMEM;
	for (i = 0; i < 0x100 + BUFFLINK_TEST_PAYLOAD_MAX; i++)
		storm_pattern[i] = bufflink_test_byte(0, i);

	storm_cpus = alloc_percpu(struct storm_cpu);
	if (!storm_cpus) {
		kfree(storm_pattern);
		return -ENOMEM;
	}
	for_each_possible_cpu(number) {
		struct storm_cpu *cpu = per_cpu_ptr(storm_cpus, number);

		init_completion(&cpu->done);
		for (i = 0; i < BUFFLINK_TEST_CONTEXTS; i++) {
			struct storm_source *source = &cpu->sources[i];

			source->context = i;
			init_completion(&source->done);
			compat_hrtimer_setup(&source->timer, storm_tick, CLOCK_MONOTONIC,
					     storm_mode(i));
		}
	}
	return 0;
}

void bufflink_test_storm_exit(void)
{
	free_percpu(storm_cpus);
	kfree(storm_pattern);
}
