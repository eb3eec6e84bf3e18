// SPDX-License-Identifier: MIT
// usage FILE COMMAND...: runs COMMAND; writes its CPU time in microseconds, its peak resident set
// in KiB and its wall time in microseconds to FILE. Passes SIGINT on.
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile pid_t child;

static void pass_on(int signal)
{
	if (child > 0)
		kill(child, signal);
}

static long long us(struct timeval time)
{
	return time.tv_sec * 1000000LL + time.tv_usec;
}

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;

	if (argc < 3)
		return 2;
	long long start = now();

	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	signal(SIGINT, pass_on);
	while (wait4(child, &status, 0, &usage) < 0)
		;
	FILE *file = fopen(argv[1], "w");

	if (!file) {
		perror(argv[1]);
		return 1;
	}
	fprintf(file, "%lld %ld %lld\n", us(usage.ru_utime) + us(usage.ru_stime), usage.ru_maxrss,
		now() - start);
	fclose(file);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
