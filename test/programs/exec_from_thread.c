// SPDX-License-Identifier: MIT
// A thread that is not the first one calls execve: the program goes on under the process's id.
#include <pthread.h>
#include <unistd.h>

static void *run(void *program)
{
	execl(program, program, (char *)NULL);
	return NULL;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, "/bin/true"))
		return 1;
	pause();
	return 1;
}
