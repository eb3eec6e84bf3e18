// SPDX-License-Identifier: MIT
// getppid in bursts, or with PATH an openat of it and a close: loop CALLS BURST PAUSE_US [WARM_UP [PATH]]
//
// Prints, to $LOOP_OUTPUT when set, a line each, the nanoseconds a call took in every burst, then `calls N` and `rate N`
// (calls a second over the whole run, pauses included). Bursts that fit the tracers' buffers, with
// pauses in which their readers catch up, measure the write path and not a full buffer's refusal.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void sleep_us(long us)
{
	struct timespec time = { us / 1000000, us % 1000000 * 1000 };

	if (us > 0)
		nanosleep(&time, NULL);
}

static void call(const char *path)
{
	if (!path) {
		syscall(SYS_getppid);
		return;
	}
	long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);

	if (fd < 0) {
		perror(path);
		exit(1);
	}
	syscall(SYS_close, fd);
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: loop CALLS BURST PAUSE_US [WARM_UP [PATH]]\n");
		return 2;
	}
	long calls = atol(argv[1]);
	long burst = atol(argv[2]);
	long pause = atol(argv[3]);
	long warm_up = argc > 4 ? atol(argv[4]) : 0;
	const char *path = argc > 5 ? argv[5] : NULL;
	cpu_set_t cpus;

	// One CPU for the loop; the tracers' readers have the others.
	CPU_ZERO(&cpus);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus)) {
		perror("sched_setaffinity");
		return 1;
	}
	if (getenv("LOOP_OUTPUT") && !freopen(getenv("LOOP_OUTPUT"), "w", stdout))
		return 1;
	for (long i = 0; i < warm_up; i++)
		call(path);
	sleep_us(pause);

	int64_t start = now();

	for (long done = 0; done < calls; done += burst) {
		long count = calls - done < burst ? calls - done : burst;
		int64_t begin = now();

		for (long i = 0; i < count; i++)
			call(path);
		int64_t end = now();

		printf("burst %.1f\n", (double)(end - begin) / count);
		sleep_us(pause);
	}
	double seconds = (now() - start) / 1e9;

	printf("calls %ld\nrate %.0f\n", calls, calls / seconds);
	return 0;
}
