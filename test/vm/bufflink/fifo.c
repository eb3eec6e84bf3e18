// SPDX-License-Identifier: GPL-2.0-only
/*
 * Description: what read, write and poll on a bufflink do, and how readers share.
 * usage: fifo MODULES, with bufflink.ko loaded and bufflink_test.ko not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"
#include "device.h"
#include "module.h"

#define SIZE 64

struct later_write {
	int fd;
	const char *data;
	long long at_ms; /* when it was written */
};

static void *write_later(void *argument)
{
	struct later_write *later = argument;
	ssize_t length = (ssize_t)strlen(later->data);

	sleep_ms(300);
	later->at_ms = now_ms();
	if (write(later->fd, later->data, (size_t)length) != length)
		bail_out("write from the second thread");
	return NULL;
}

static void test_reads(int fd)
{
	struct later_write later = { .fd = fd, .data = "wake" };
	struct iovec parts[] = { { "one", 3 }, { "two", 3 } };
	struct bufflink_geometry geometry;
	pthread_t thread;
	struct stat status;
	char buf[128];
	ssize_t got;

	check(!fstat(fd, &status) && S_ISCHR(status.st_mode) && (status.st_mode & 0777) == 0600,
	      "the device node has mode 0600");
	check(ioctl(fd, BUFFLINK_IOC_GEOMETRY, &geometry) == 0 && geometry.size == SIZE &&
		      geometry.used == 0,
	      "the geometry is as created");

	check(write(fd, "abcdef", 6) == 6 && write(fd, "ghi", 3) == 3, "writes append");
	check(used_of(fd) == 9, "the geometry counts what waits");
	check(read(fd, buf, 2) == 2 && !memcmp(buf, "ab", 2), "a short read takes the oldest");
	check(read(fd, buf, 0) == 0, "a read of nothing returns 0");
	got = read(fd, buf, sizeof(buf));
	check(got == 7 && !memcmp(buf, "cdefghi", 7), "a long read returns what is there at once");

	check(writev(fd, parts, 2) == 6 && read(fd, buf, sizeof(buf)) == 6 &&
		      !memcmp(buf, "onetwo", 6),
	      "writev appends its parts as one");
	check(write(fd, buf, 0) == 0 && used_of(fd) == 0, "a write of nothing appends nothing");

	pthread_create(&thread, NULL, write_later, &later);
	got = read(fd, buf, sizeof(buf));
	pthread_join(thread, NULL);
	check(got == 4 && !memcmp(buf, "wake", 4) && now_ms() - later.at_ms < 250,
	      "a read of an empty ring sleeps until something comes");

	check(lseek(fd, 0, SEEK_SET) < 0 && errno == ESPIPE, "there is no seeking");
	check(pread(fd, buf, 1, 0) < 0 && errno == ESPIPE, "there is no pread");
	check(ioctl(fd, _IO('R', 0xdf)) < 0 && errno == ENOTTY, "an unknown ioctl is ENOTTY");
	check(ioctl(fd, BUFFLINK_IOC_GEOMETRY, NULL) < 0 && errno == EFAULT,
	      "an ioctl to nowhere is EFAULT");
}

static void test_wrap(int fd)
{
	unsigned char out[SIZE], in[SIZE];
	unsigned int next_out = 0, next_in = 0;
	bool same = true;

	for (unsigned int round = 0; round < 2000 && same; round++) {
		unsigned int length = round * 7 % SIZE + 1;

		for (unsigned int i = 0; i < length; i++)
			out[i] = (unsigned char)next_out++;
		same = write(fd, out, length) == (ssize_t)length;
		/* In two reads, so that the tail stops everywhere too. */
		for (unsigned int left = length; left && same;) {
			ssize_t got = read(fd, in, left > 1 ? left / 2 : 1);

			same = got > 0;
			for (ssize_t i = 0; i < got; i++)
				same = same && in[i] == (unsigned char)next_in++;
			left -= got > 0 ? (unsigned int)got : left;
		}
	}
	check(same, "bytes keep their order around every offset of the ring");
}

static void test_nonblock(int fd, int nonblocking)
{
	char buf[8];

	check(read(nonblocking, buf, 8) < 0 && errno == EAGAIN, "O_NONBLOCK: empty is EAGAIN");
	check(write(fd, "x", 1) == 1 && read(nonblocking, buf, 8) == 1 && buf[0] == 'x',
	      "O_NONBLOCK: what is there is returned");
}

static void test_poll(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	struct later_write later = { .fd = fd, .data = "p" };
	pthread_t thread;
	char buf[8];

	check(poll_now(fd, POLLIN | POLLOUT) == POLLOUT, "an empty ring polls writable only");
	pthread_create(&thread, NULL, write_later, &later);
	check(poll(&pollfd, 1, 5000) == 1 && pollfd.revents == POLLIN &&
		      now_ms() - later.at_ms < 250,
	      "poll wakes when something comes");
	pthread_join(thread, NULL);
	check(read(fd, buf, 8) == 1, "and it can be read");
}

static void test_faults(int fd)
{
	long page = sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, (size_t)page * 2, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char buf[SIZE];

	if (pages == MAP_FAILED || mprotect(pages + page, (size_t)page, PROT_NONE))
		bail_out("mmap");

	check(write(fd, "0123456789", 10) == 10, "ten bytes wait");
	check(read(fd, pages + page, 10) < 0 && errno == EFAULT && used_of(fd) == 10,
	      "a read to nowhere is EFAULT and takes nothing");
	check(read(fd, pages + page - 4, 10) == 4 && !memcmp(pages + page - 4, "0123", 4),
	      "a read that faults half-way returns the half");
	check(read(fd, buf, sizeof(buf)) == 6 && !memcmp(buf, "456789", 6),
	      "the other half is still there");
	check(write(fd, pages + page - 4, 10) < 0 && errno == EFAULT && used_of(fd) == 0,
	      "a write from nowhere is EFAULT and appends nothing");
	munmap(pages, (size_t)page * 2);
}

static void on_alarm(int signal)
{
	(void)signal;
}

static void test_signal(int fd)
{
	struct sigaction action = { .sa_handler = on_alarm };
	char buf[8];

	sigaction(SIGALRM, &action, NULL);
	ualarm(200000, 0);
	check(read(fd, buf, 8) < 0 && errno == EINTR, "a signal interrupts a sleeping read");

	action.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &action, NULL);
	ualarm(100000, 0);
	struct later_write later = { .fd = fd, .data = "after" };
	pthread_t thread;

	pthread_create(&thread, NULL, write_later, &later);
	check(read(fd, buf, 8) == 5, "with SA_RESTART the read goes on");
	pthread_join(thread, NULL);
}

struct byte_reader {
	int fd;
	unsigned int seen[1 << 16];
	unsigned long total;
};

static void *read_words(void *argument)
{
	struct byte_reader *reader = argument;
	uint16_t words[7];
	ssize_t got;

	/* Every write and read is a multiple of two bytes: no word is split. */
	while ((got = read(reader->fd, words, sizeof(words))) > 0) {
		for (ssize_t i = 0; i < got / 2; i++) {
			if (words[i] == UINT16_MAX)
				return NULL;
			reader->seen[words[i]]++;
			reader->total++;
		}
	}
	return NULL;
}

static void test_two_readers(int fd)
{
	static struct byte_reader readers[2];
	const uint16_t stop = UINT16_MAX;
	pthread_t threads[2];
	bool once = true;

	for (int i = 0; i < 2; i++) {
		readers[i].fd = fd;
		pthread_create(&threads[i], NULL, read_words, &readers[i]);
	}
	for (unsigned int word = 0; word < 20000;) {
		uint16_t value = (uint16_t)word;

		if (write(fd, &value, 2) == 2)
			word++;
		else
			sched_yield();
	}
	/* One each: a reader leaves at the first it meets, so the next must wait. */
	for (int i = 0; i < 2; i++) {
		while (used_of(fd))
			sleep_ms(1);
		while (write(fd, &stop, 2) != 2)
			sleep_ms(1);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (unsigned int word = 0; word < 20000; word++)
		once = once && readers[0].seen[word] + readers[1].seen[word] == 1;
	check(once && readers[0].total + readers[1].total == 20000,
	      "two readers get disjoint bytes (%lu and %lu words)", readers[0].total,
	      readers[1].total);
	overflow_of(fd);
}

int main(int argc, char **argv)
{
	int fd, nonblocking;

	if (argc != 2)
		return 2;
	modules_in(argv[1]);
	load_test("size=64 minor=3");
	fd = open_device(3, O_RDWR);
	nonblocking = open_device(3, O_RDONLY | O_NONBLOCK);
	if (fd < 0 || nonblocking < 0)
		bail_out("open /dev/bufflink3");

	test_reads(fd);
	test_wrap(fd);
	test_nonblock(fd, nonblocking);
	test_poll(fd);
	test_faults(fd);
	test_signal(fd);
	test_two_readers(fd);

	close(fd);
	close(nonblocking);
	unload_test();
	return check_status();
}
