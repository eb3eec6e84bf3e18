// SPDX-License-Identifier: MIT
// Calls getppid as often as told.
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long calls = argc > 1 ? atol(argv[1]) : 1000000;

	while (calls-- > 0)
		syscall(SYS_getppid);
	return 0;
}
