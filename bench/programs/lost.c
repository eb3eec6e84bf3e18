// SPDX-License-Identifier: MIT
// lost FILE...: the records that the channels of these raw files have lost so far, by the headers
// that have been written.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "../../include/uapi/relayscope.h"

static int lost_of(const char *path, unsigned long long *total)
{
	struct relayscope_subbuf_header header;
	unsigned long long lost = 0;
	ssize_t length;
	off_t at = 0;
	int file = open(path, O_RDONLY);

	if (file < 0)
		return -errno;
	while ((length = pread(file, &header, sizeof(header), at)) == sizeof(header)) {
		if (header.magic != RELAYSCOPE_SUBBUF_MAGIC || header.used < sizeof(header)) {
			close(file);
			return -EINVAL;
		}
		lost = header.lost + header.lost_inside;
		at += header.used;
	}
	close(file);
	*total += lost;
	return length < 0 ? -errno : 0;
}

int main(int argc, char **argv)
{
	unsigned long long total = 0;

	for (int i = 1; i < argc; i++) {
		// The messages' file is not made of sub-buffers.
		if (strstr(argv[i], "bufflink"))
			continue;
		int error = lost_of(argv[i], &total);

		if (error) {
			fprintf(stderr, "lost: %s: %s\n", argv[i], strerror(-error));
			return 1;
		}
	}
	printf("%llu\n", total);
	return 0;
}
