// SPDX-License-Identifier: GPL-2.0-only
/*
 * Description: creating and destroying bufflinks, and files that outlive them.
 * usage: lifetime MODULES, with bufflink.ko loaded and bufflink_test.ko not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "check.h"
#include "device.h"
#include "module.h"

struct sleeper {
	int fd;
	ssize_t got;
	short revents;
	long long at_ms;
};

static void *sleep_in_read(void *argument)
{
	struct sleeper *sleeper = argument;
	char buf[8];

	sleeper->got = read(sleeper->fd, buf, sizeof(buf));
	sleeper->at_ms = now_ms();
	return NULL;
}

static void *sleep_in_poll(void *argument)
{
	struct sleeper *sleeper = argument;
	struct pollfd pollfd = { .fd = sleeper->fd, .events = POLLIN };

	sleeper->got = poll(&pollfd, 1, 10000);
	sleeper->revents = pollfd.revents;
	sleeper->at_ms = now_ms();
	return NULL;
}

static void test_create(void)
{
	check(load("bufflink_test", "minor=64") == -EINVAL, "minor 64 is EINVAL");
	check(load("bufflink_test", "minor=-2") == -EINVAL, "minor -2 is EINVAL");
	check(load("bufflink_test", "size=4000000000") == -EINVAL, "a size beyond all is EINVAL");
	check(load("bufflink_test", "minor=0 devices=65") == -EBUSY,
	      "the 65th bufflink finds every minor taken");
	check(access("/dev/bufflink0", F_OK) && access("/dev/bufflink63", F_OK),
	      "the other 64 are gone again");
}

static void test_end_of_file(const char *parameters)
{
	struct bufflink_geometry geometry;
	struct sleeper readers[2], poller;
	pthread_t threads[3];
	long long began;
	char buf[16];
	int fd, unloaded;

	load_test(parameters);
	fd = open_device(7, O_RDWR);
	if (fd < 0)
		bail_out("open /dev/bufflink7");
	readers[0].fd = readers[1].fd = poller.fd = fd;
	pthread_create(&threads[0], NULL, sleep_in_read, &readers[0]);
	pthread_create(&threads[1], NULL, sleep_in_read, &readers[1]);
	pthread_create(&threads[2], NULL, sleep_in_poll, &poller);
	sleep_ms(300);
	began = now_ms();
	unload_test();
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	check(readers[0].got == 0 && readers[1].got == 0,
	      "%s: sleeping readers get the end of the file", parameters);
	check(readers[0].at_ms - began < 2000, "%s: and get it at once", parameters);
	check(poller.got == 1 && (poller.revents & POLLHUP), "%s: poll gets POLLHUP", parameters);
	check(read(fd, buf, sizeof(buf)) == 0, "%s: and so does a read after it", parameters);
	check(write(fd, "x", 1) < 0 && errno == ENODEV, "%s: a write is ENODEV", parameters);
	check(access("/dev/bufflink7", F_OK), "%s: the device node is gone", parameters);
	unloaded = unload("bufflink");
	check(unloaded == -EAGAIN,
	      "%s: an open file keeps bufflink.ko loaded", parameters);
	close(fd);

	load_test(parameters);
	fd = open_device(7, O_RDWR);
	if (write(fd, "left behind", 11) != 11)
		bail_out("write");
	check(unload("bufflink") == -EAGAIN,
	      "%s: so does a user of its functions", parameters);
	unload_test();
	check(!ioctl(fd, BUFFLINK_IOC_GEOMETRY, &geometry) && geometry.used == 11,
	      "%s: what was unread still waits", parameters);
	check(read(fd, buf, 4) == 4 && !memcmp(buf, "left", 4) && read(fd, buf, 16) == 7 &&
		      !memcmp(buf, " behind", 7) && read(fd, buf, 16) == 0,
	      "%s: and is read before the end of the file", parameters);
	close(fd);
}

static void test_reuse_of_minor(void)
{
	int old, new;
	char buf[16];

	load_test("size=64 minor=7");
	old = open_device(7, O_RDWR | O_NONBLOCK);
	check(turn("recreate", "1") == 0, "a minor can be had again at once");
	new = open_device(7, O_RDWR | O_NONBLOCK);
	check(new >= 0 && write(new, "new", 3) == 3, "and opens the new bufflink");
	check(read(old, buf, 16) == 7 && !memcmp(buf, "the end", 7) && read(old, buf, 16) == 0,
	      "an old file sees the old one only");
	check(read(new, buf, 16) == 3 && !memcmp(buf, "new", 3), "and a new file the new one only");
	close(old);
	close(new);
	unload_test();
}

static void test_nobodys_minor(void)
{
	struct stat status;
	int fd;

	load_test("minor=7");
	if (stat("/dev/bufflink7", &status))
		bail_out("stat /dev/bufflink7");
	if (mknod("/tmp/bufflink9", S_IFCHR | 0600, makedev(major(status.st_rdev), 9)))
		bail_out("mknod");
	fd = open("/tmp/bufflink9", O_RDONLY);
	check(fd < 0 && errno == ENXIO, "opening a minor that nobody created is ENXIO");
	unlink("/tmp/bufflink9");
	unload_test();
}

static void test_64(void)
{
	int fds[BUFFLINK_MINORS];
	bool opened = true, own = true;
	char in[16], out[16];

	load_test("devices=64");
	for (int i = 0; i < BUFFLINK_MINORS; i++) {
		fds[i] = open_device(i, O_RDWR);
		snprintf(out, sizeof(out), "device %02d", i);
		opened = opened && fds[i] >= 0 && write(fds[i], out, 9) == 9;
	}
	for (int i = 0; i < BUFFLINK_MINORS; i++) {
		snprintf(out, sizeof(out), "device %02d", i);
		own = own && read(fds[i], in, sizeof(in)) == 9 && !memcmp(in, out, 9);
		close(fds[i]);
	}
	check(opened, "64 bufflinks at once");
	check(own, "each delivers its own bytes");
	unload_test();
}

static atomic_bool stop;
static atomic_ulong opens, ends;

/* Opens, uses and leaves whatever is at minor 7 just now. */
static void *churn(void *argument)
{
	unsigned int kind = (unsigned int)(size_t)argument;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	while (!stop) {
		struct epoll_event event = { .events = EPOLLIN | EPOLLPRI | EPOLLHUP };
		char buf[64] = { 0 };
		ssize_t got = 1;
		int fd = open_device(7, O_RDWR);

		if (fd < 0)
			continue;
		opens++;
		switch (kind) {
		case 0: /* the end always comes, so this always ends */
			while ((got = read(fd, buf, sizeof(buf))) > 0)
				;
			ends += got == 0;
			break;
		case 1:
			while (write(fd, buf, 24) >= 0 || errno == ENOSPC)
				if (stop)
					break;
			break;
		case 2:
			epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
			epoll_wait(epoll, &event, 1, 20);
			break;
		default:
			break;
		}
		close(fd);
	}
	close(epoll);
	return NULL;
}

static void test_churn(const char *parameters)
{
	const long long began = now_ms();
	unsigned int lives = 0;
	pthread_t threads[5];
	int err;

	load_test(parameters);
	stop = false;
	opens = ends = 0;
	for (size_t i = 0; i < 5; i++)
		pthread_create(&threads[i], NULL, churn, (void *)(i % 4));
	/* Until the threads have got enough of the processor to mean something. */
	do {
		err = turn("recreate", "100");
		lives += 100;
	} while (!err && (lives < 300 || opens < 200 || ends < 10) && now_ms() - began < 120000);
	stop = true;
	unload_test(); /* wakes the last readers */
	for (int i = 0; i < 5; i++)
		pthread_join(threads[i], NULL);
	check(!err && opens >= 200 && ends >= 10,
	      "%s: %u lives under open, read, write, poll (%lu opens, %lu ends of file)",
	      parameters, lives, (unsigned long)opens, (unsigned long)ends);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	modules_in(argv[1]);

	test_create();
	test_end_of_file("size=64 minor=7");
	test_end_of_file("size=64 minor=7 own_buffer=1");
	test_reuse_of_minor();
	test_nobodys_minor();
	test_64();
	test_churn("size=64 minor=7");
	test_churn("size=64 minor=7 own_buffer=1");
	return check_status();
}
