// SPDX-License-Identifier: MIT
// Every 20 ms, or as many as told, starts a child that runs /bin/true, until it is told to end.
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

int main(int argc, char **argv)
{
	const useconds_t pause_us = argc > 1 ? atoi(argv[1]) * 1000 : 20000;

	signal(SIGTERM, end);
	while (!ended) {
		pid_t child = fork();

		if (child == 0) {
			execl("/bin/true", "true", (char *)NULL);
			_exit(127);
		}
		waitpid(child, NULL, 0);
		usleep(pause_us);
	}
	return 5;
}
