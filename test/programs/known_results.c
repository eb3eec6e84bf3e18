// SPDX-License-Identifier: MIT
// Makes calls whose every value and errno is known beforehand and prints what it got, one line a
// call: name, value, errno text or "-". The recording must say the same, in this order.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	const char *name;
	long value;
	int error;
} results[64];
static int count;

static long note(const char *name, long value)
{
	results[count].name = name;
	results[count].value = value;
	results[count++].error = value == -1 ? errno : 0;
	return value;
}

#define CALL(name, ...) note(#name, syscall(SYS_##name, ##__VA_ARGS__))

static void on_alarm(int signal)
{
	(void)signal;
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value = { .tv_usec = 20000 } };
	struct timespec long_time = { .tv_sec = 5 };
	static char text[4096];
	int pipes[2];
	int fd;

	sigaction(SIGALRM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);

	CALL(openat, AT_FDCWD, "/nonexistent/file", O_RDONLY);
	/* Gives back any offset, for an address may be one: here those around 16 bits. */
	fd = CALL(openat, AT_FDCWD, "/proc/self/mem", O_RDONLY);
	CALL(lseek, fd, 32767L, SEEK_SET);
	CALL(lseek, fd, 32768L, SEEK_SET);
	CALL(lseek, fd, -32768L, SEEK_SET);
	CALL(lseek, fd, -32769L, SEEK_SET);
	CALL(lseek, fd, 65535L, SEEK_SET);
	CALL(close, fd);
	CALL(close, 4095);
	CALL(getppid);
	CALL(mkdir, "/proc/self", 0700);
	CALL(kill, 0x3fffffff, 0);
	CALL(unlink, "/etc");
	fd = memfd_create("known", 0);
	CALL(write, fd, text, sizeof(text));
	CALL(lseek, fd, 0x7ffffffffffff000, SEEK_SET);
	CALL(lseek, fd, -1L, SEEK_SET);
	CALL(pread64, fd, text, sizeof(text), 1);
	CALL(read, fd, (char *)8, 16);
	CALL(ftruncate, fd, 3);
	CALL(pread64, fd, text, sizeof(text), 1);
	CALL(fcntl, fd, F_GETFL);
	CALL(mmap, NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CALL(rt_sigaction, SIGKILL, &action, NULL, 8);
	CALL(execve, "/nonexistent/program", NULL, NULL);
	CALL(execve, "/etc", NULL, NULL);
	CALL(wait4, -1, NULL, 0, NULL);
	if (pipe(pipes))
		return 1;
	CALL(write, pipes[1], "x", 1L);
	CALL(read, pipes[0], text, 8L);
	CALL(close, pipes[0]);
	CALL(write, pipes[1], "x", 1L);
	setitimer(ITIMER_REAL, &soon, NULL);
	CALL(nanosleep, &long_time, NULL);
	CALL(getppid);
	note("syscall_777", syscall(777, 1, 2, 3));

	for (int i = 0; i < count; i++)
		printf("%s %ld %s\n", results[i].name, results[i].value,
		       results[i].error ? strerrorname_np(results[i].error) : "-");
	return 7;
}
