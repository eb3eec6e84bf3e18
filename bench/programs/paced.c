// SPDX-License-Identifier: MIT
// paced CALLS_PER_SECOND SECONDS: getppid at that rate from every CPU together, in slices of a
// millisecond. Prints the rate that was reached.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SLICE_NS 1000000

static double calls_per_slice;
static int64_t end_time;
static long done[1024];

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void *call(void *argument)
{
	long cpu = (long)argument;
	double owed = 0;
	int64_t slice = now();
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	while (now() < end_time) {
		// What a slice took too long for is owed by the next: the rate holds on average, where it
		// can be reached.
		for (owed += calls_per_slice; owed >= 1; owed--, done[cpu]++)
			syscall(SYS_getppid);
		slice += SLICE_NS;
		struct timespec due = { slice / 1000000000, slice % 1000000000 };

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[1024];
	int64_t start = now();
	long total = 0;

	calls_per_slice = atof(argv[1]) / cpus / 1000;
	end_time = start + (int64_t)(atof(argv[2]) * 1e9);
	for (long cpu = 0; cpu < cpus; cpu++)
		pthread_create(&threads[cpu], NULL, call, (void *)cpu);
	for (long cpu = 0; cpu < cpus; cpu++) {
		pthread_join(threads[cpu], NULL);
		total += done[cpu];
	}
	if (getenv("LOOP_OUTPUT") && !freopen(getenv("LOOP_OUTPUT"), "w", stdout))
		return 1;
	printf("calls %ld\nrate %.0f\n", total, total / ((now() - start) / 1e9));
	return 0;
}
