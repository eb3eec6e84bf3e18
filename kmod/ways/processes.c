// SPDX-License-Identifier: GPL-2.0-only
/* Signals to a process, and a process for every message. */
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/umh.h>

#include "ways.h"

static char *helper = "";
module_param(helper, charp, 0400);
MODULE_PARM_DESC(helper, "program that an upcall runs: HELPER received MESSAGE");

static int signal_part(struct task_struct *task, unsigned long part)
{
	struct kernel_siginfo info;

	clear_siginfo(&info);
	info.si_signo = WAYS_SIGNAL;
	info.si_code = SI_QUEUE;
	info.si_ptr = (void __user *)part;
	return send_sig_info(WAYS_SIGNAL, &info, task);
}

static int signals_send(const struct ways_ask *ask, const void *data, size_t length)
{
	const unsigned long *parts = data;
	struct task_struct *task;
	unsigned int i;
	int err = 0;

	if (length != WAYS_MESSAGE_LENGTH)
		return -EMSGSIZE;
	rcu_read_lock();
	task = pid_task(find_vpid(ask->to), PIDTYPE_PID);
	if (!task)
		err = -ESRCH;
	for (i = 0; i < WAYS_SIGNALS_PER_MESSAGE && !err; i++)
		err = signal_part(task, parts[i]);
	rcu_read_unlock();
	return err;
}

const struct ways_sender_ops ways_signals = {
	.name = "signals",
	.send = signals_send,
};

static int upcall_create(void)
{
	return *helper ? 0 : -ENOENT;
}

static int upcall_send(const struct ways_ask *ask, const void *data, size_t length)
{
	char text[WAYS_MESSAGE_LENGTH];
	/* call_usermodehelper() takes neither as const. */
	char *environment[2] = { "PATH=/usr/bin:/bin" };
	char *arguments[4] = { helper, "received", text };
	int ret;

	if (length != WAYS_MESSAGE_LENGTH)
		return -EMSGSIZE;
	/* An argument ends with a zero, in the newline's place. */
	memcpy(text, data, WAYS_MESSAGE_LENGTH);
	text[WAYS_MESSAGE_LENGTH - 1] = '\0';
	ret = call_usermodehelper(helper, arguments, environment, UMH_WAIT_PROC);
	return ret > 0 ? -EIO : ret;
}

const struct ways_sender_ops ways_upcall = {
	.name = "upcall",
	.create = upcall_create,
	.send = upcall_send,
};
