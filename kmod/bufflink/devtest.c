// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads and writes a bufflink by hand, to see how it behaves:
 *
 *	insmod bufflink.ko; insmod bufflink_test.ko	(the log names the minor)
 *	devtest w 8; devtest w 8	write 16 bytes in two lots of 8
 *	devtest r 2			the first 2, immediately
 *	devtest r 40			the remaining 14, immediately
 *	devtest r 40 &			blocks: there is nothing
 *	devtest w 10			wakes the reader with 10 bytes
 *	devtest o			was anything refused?
 *
 * Exit status: 0, 1 when the call failed, 2 for wrong usage.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../include/uapi/bufflink.h"

static int usage(void)
{
	fprintf(stderr, "usage: devtest [-d DEVICE] r BYTES | w BYTES | o\n"
			"  r BYTES   one read of up to BYTES, and print them\n"
			"  w BYTES   one write of BYTES letters\n"
			"  o         the overflow flag, which this lowers, and the count\n"
			"  DEVICE is /dev/bufflink0 unless given.\n");
	return 2;
}

static int failed(const char *what, const char *device)
{
	fprintf(stderr, "devtest: %s %s: %s\n", what, device, strerror(errno));
	return 1;
}

static int do_read(int fd, const char *device, char *buf, size_t count)
{
	ssize_t got = read(fd, buf, count);

	if (got < 0)
		return failed("read", device);
	printf("read %zd bytes: ", got);
	for (ssize_t i = 0; i < got; i++)
		putchar(isprint((unsigned char)buf[i]) ? buf[i] : '.');
	putchar('\n');
	return 0;
}

static int do_write(int fd, const char *device, char *buf, size_t count)
{
	ssize_t put;

	for (size_t i = 0; i < count; i++)
		buf[i] = (char)('a' + i % 26);
	put = write(fd, buf, count);
	if (put < 0)
		return failed("write", device);
	printf("wrote %zd bytes\n", put);
	return 0;
}

static int do_overflow(int fd, const char *device)
{
	struct bufflink_overflow overflow;

	if (ioctl(fd, BUFFLINK_IOC_OVERFLOW, &overflow))
		return failed("ioctl", device);
	printf("overflow: %s, refused so far: %llu\n", overflow.overflowed ? "yes" : "no",
	       (unsigned long long)overflow.refused);
	return 0;
}

int main(int argc, char **argv)
{
	const char *device = "/dev/bufflink0";
	unsigned long count = 0;
	char *end, *buf;
	int fd, option, status;
	char command;

	while ((option = getopt(argc, argv, "d:")) != -1) {
		if (option != 'd')
			return usage();
		device = optarg;
	}
	argv += optind;
	argc -= optind;
	if (argc < 1 || strlen(argv[0]) != 1 || !strchr("rwo", argv[0][0]))
		return usage();
	command = argv[0][0];
	if (argc != (command == 'o' ? 1 : 2))
		return usage();
	if (command != 'o') {
		errno = 0;
		count = strtoul(argv[1], &end, 10);
		if (!isdigit((unsigned char)argv[1][0]) || *end || errno || !(count + 1))
			return usage();
	}

	fd = open(device, command == 'w' ? O_WRONLY : O_RDONLY);
	if (fd < 0)
		return failed("open", device);
	buf = malloc(count + 1);
	if (!buf) {
		status = failed("no memory for", device);
	} else if (command == 'r') {
		status = do_read(fd, device, buf, count);
	} else if (command == 'w') {
		status = do_write(fd, device, buf, count);
	} else {
		status = do_overflow(fd, device);
	}
	free(buf);
	close(fd);
	return status;
}
