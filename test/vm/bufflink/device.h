/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test asks /dev/bufflinkN. A call that fails ends the program. */
#ifndef DEVICE_H
#define DEVICE_H

#include "../../../include/uapi/bufflink.h"

/* As open(2), whose errors it leaves to the caller. */
int open_device(int minor, int flags);

short poll_now(int fd, short events);
struct bufflink_overflow overflow_of(int fd); /* lowers the flag */
unsigned long long used_of(int fd);

#endif
