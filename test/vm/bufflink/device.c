// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include "device.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "check.h"

int open_device(int minor, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/bufflink%d", minor);
	return open(path, flags | O_CLOEXEC);
}

short poll_now(int fd, short events)
{
	struct pollfd pollfd = { .fd = fd, .events = events };

	if (poll(&pollfd, 1, 0) < 0)
		bail_out("poll");
	return pollfd.revents;
}

struct bufflink_overflow overflow_of(int fd)
{
	struct bufflink_overflow overflow;

	if (ioctl(fd, BUFFLINK_IOC_OVERFLOW, &overflow))
		bail_out("BUFFLINK_IOC_OVERFLOW");
	return overflow;
}

unsigned long long used_of(int fd)
{
	struct bufflink_geometry geometry;

	if (ioctl(fd, BUFFLINK_IOC_GEOMETRY, &geometry))
		bail_out("BUFFLINK_IOC_GEOMETRY");
	return geometry.used;
}
