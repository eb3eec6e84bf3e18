// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int failures;

bool check(bool ok, const char *format, ...)
{
	int saved = errno;
	va_list arguments;

	printf("%s - ", ok ? "ok" : "not ok");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	if (!ok) {
		printf(" (errno: %s)", strerror(saved));
		failures++;
	}
	putchar('\n');
	fflush(stdout);
	return ok;
}

void bail_out(const char *what)
{
	printf("not ok - %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

int check_status(void)
{
	return failures ? 1 : 0;
}

long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void sleep_ms(int ms)
{
	usleep((useconds_t)ms * 1000);
}
