/*
 * user_stack [ROUNDS]: main calls outer, outer calls middle, middle calls inner, which
 * makes system calls of its own, without the C library between: getppid, and nanosleep every tenth
 * time. Prints where the three functions are, and what it is in.
 */
#pragma GCC optimize("no-omit-frame-pointer", "no-optimize-sibling-calls")
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

static long call(long nr, const void *first, const void *second)
{
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(first), "S"(second)
			 : "rcx", "r11", "memory");
	return ret;
}

__attribute__((noinline)) long inner(int round)
{
	const struct timespec pause = { 0, 20 * 1000 * 1000 };
	long parent = call(SYS_getppid, NULL, NULL);

	if (round % 10 == 0)
		call(SYS_nanosleep, &pause, NULL);
	return parent;
}

__attribute__((noinline)) long middle(int round)
{
	long parent = inner(round);

	__asm__ volatile("" ::: "memory");
	return parent + 1;
}

__attribute__((noinline)) long outer(int round)
{
	long parent = middle(round);

	__asm__ volatile("" ::: "memory");
	return parent - 1;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 100;
	long parent = 0;
	int round;

	for (round = 1; round <= rounds; round++)
		parent = outer(round);
	printf("parent %ld inner %p middle %p outer %p\n", parent, (void *)inner, (void *)middle,
	       (void *)outer);
	return 0;
}
