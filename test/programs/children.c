// SPDX-License-Identifier: MIT
// Runs three programs, one after the other, and one that does not exist.
#define _GNU_SOURCE
#include <sys/wait.h>
#include <unistd.h>

static int run(const char *program, const char *argument)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		execl(program, program, argument, (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WEXITSTATUS(status);
}

int main(void)
{
	int sum = run("/bin/true", NULL) + run("/bin/cat", "/etc/hostname") +
		  run("/bin/ls", "/nonexistent") + run("/nonexistent/program", NULL);

	return sum == 0 + 0 + 2 + 127 ? 0 : 1;
}
