// SPDX-License-Identifier: MIT
// Four threads, each with a fixed number of system calls, joined without one: every run makes the
// same calls, whatever the scheduler does.
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { THREADS = 4, CALLS = 2500 };

static void *work(void *unused)
{
	(void)unused;
	for (int i = 0; i < CALLS; i++) {
		syscall(SYS_getppid);
		syscall(SYS_close, -1);
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, NULL))
			return 1;
	// pthread_join would wait in futex or not, as it happens; trying is free of system calls.
	for (int i = 0; i < THREADS; i++)
		while (pthread_tryjoin_np(threads[i], NULL))
			;
	return 0;
}
