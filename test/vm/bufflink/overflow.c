// SPDX-License-Identifier: GPL-2.0-only
/*
 * Description: what is refused, and how the overflow flag and count tell of it.
 * usage: overflow MODULES, with bufflink.ko loaded and bufflink_test.ko not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "check.h"
#include "device.h"
#include "module.h"

#define SIZE 64

static void test_overflow(int fd)
{
	struct bufflink_overflow before, after;
	char buf[2 * SIZE];

	memset(buf, 'o', sizeof(buf));
	before = overflow_of(fd);
	check(!(poll_now(fd, POLLPRI) & POLLPRI), "no POLLPRI before an overflow");
	check(write(fd, buf, SIZE) == SIZE, "a ring takes as much as its size");
	check(!(poll_now(fd, POLLOUT) & POLLOUT), "a full ring is not writable");
	check(write(fd, buf, 1) < 0 && errno == ENOSPC, "a write that does not fit is ENOSPC");
	check(poll_now(fd, POLLPRI | POLLIN) == (POLLPRI | POLLIN), "POLLPRI tells of the overflow");
	check(ioctl(fd, BUFFLINK_IOC_OVERFLOW, NULL) < 0 && errno == EFAULT &&
		      (poll_now(fd, POLLPRI) & POLLPRI),
	      "an overflow that could not be told stays raised");
	check(read(fd, buf, 4) == 4 && write(fd, buf, 5) < 0 && errno == ENOSPC &&
		      used_of(fd) == SIZE - 4,
	      "a refused write leaves nothing behind");
	check(write(fd, buf, 2 * SIZE) < 0 && errno == EMSGSIZE,
	      "a write larger than the ring is EMSGSIZE");
	after = overflow_of(fd);
	check(after.overflowed == 1 && after.refused - before.refused == 3 && !after.reserved,
	      "the overflow ioctl tells flag and count");
	after = overflow_of(fd);
	check(after.overflowed == 0 && after.refused - before.refused == 3,
	      "the flag falls when told, the count stays");
	check(!(poll_now(fd, POLLPRI) & POLLPRI), "POLLPRI falls with the flag");
	check(read(fd, buf, sizeof(buf)) == SIZE - 4, "what had been accepted is all there");
	check(bufflink_count_refused() == after.refused, "the kernel's count is the same");
}

static void *overflow_later(void *argument)
{
	int fd = *(int *)argument;
	char buf[2 * SIZE] = { 0 };

	sleep_ms(200);
	if (write(fd, buf, sizeof(buf)) >= 0)
		bail_out("a write that had to be refused was not");
	return NULL;
}

static void test_poll_overflow(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };
	pthread_t thread;

	pthread_create(&thread, NULL, overflow_later, &fd);
	check(poll(&pollfd, 1, 5000) == 1 && pollfd.revents == POLLPRI,
	      "poll for POLLPRI wakes at an overflow");
	pthread_join(thread, NULL);
	overflow_of(fd);
}

static void test_read_only(void)
{
	int fd, err;
	char buf[8];

	load_test("size=64 minor=5 read_only=1");
	fd = open_device(5, O_RDWR);
	check(fd >= 0 && write(fd, "x", 1) < 0 && errno == EPERM,
	      "read-only flavour: a write is EPERM");
	check(poll_now(fd, POLLIN | POLLOUT) == 0, "read-only flavour: never polls writable");
	err = turn("storm", "process 1 8");
	check(!err && read(fd, buf, 8) == 8, "read-only flavour: the kernel's appends arrive");
	check(overflow_of(fd).refused == bufflink_count_refused(),
	      "read-only flavour: a forbidden write is not an overflow");
	close(fd);
	unload_test();
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 2)
		return 2;
	modules_in(argv[1]);
	load_test("size=64 minor=3");
	fd = open_device(3, O_RDWR);
	if (fd < 0)
		bail_out("open /dev/bufflink3");
	test_overflow(fd);
	test_poll_overflow(fd);
	close(fd);
	unload_test();
	test_read_only();
	return check_status();
}
