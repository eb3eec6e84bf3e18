/*
 * What a mapping is worth: refused where it would show or change more than the buffer, and after
 * the channel's end still readable memory with the last data. Prints `ok - WHAT` or `not ok - WHAT`;
 * with `hold` waits for its stdin to end before it lets go of the mappings.
 */
#define _GNU_SOURCE
#include "recorder.h"

#define PAGE 4096l

static void expect(int holds, const char *what)
{
	printf("%s - %s\n", holds ? "ok" : "not ok", what);
	fflush(stdout);
}

static int map_fails(int fd, size_t size, int protection, int flags, off_t offset, int error)
{
	void *at = mmap(NULL, size, protection, flags, fd, offset);

	return at == MAP_FAILED && errno == error;
}

static void check_refusals(const struct recorder *recorder, int data)
{
	size_t size = buffer_size(recorder), control = recorder->channel.control_length;
	char path[256];
	void *at;

	expect(map_fails(data, size, PROT_READ, MAP_SHARED, PAGE, EINVAL),
	       "the buffer cannot be mapped from an offset");
	expect(map_fails(data, size + PAGE, PROT_READ, MAP_SHARED, 0, EINVAL) &&
		       map_fails(data, PAGE, PROT_READ, MAP_SHARED, 0, EINVAL),
	       "nor longer or shorter than it is");
	expect(map_fails(data, size, PROT_READ | PROT_WRITE, MAP_SHARED, 0, EACCES),
	       "nor to be written");
	at = mmap(NULL, size, PROT_READ, MAP_SHARED, data, 0);
	expect(at != MAP_FAILED && mprotect(at, size, PROT_READ | PROT_WRITE) == -1 &&
		       errno == EACCES,
	       "nor made writable afterwards");
	expect(mremap(at, size, 2 * size, MREMAP_MAYMOVE) == MAP_FAILED, "nor grown");
	munmap(at, size);
	expect(write(data, "x", 1) == -1, "the data file cannot be written");
	expect(read(data, path, 1) == -1, "nor read behind the mapping's back");

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/cpu0", recorder->channel.directory);
	data = open(path, O_RDWR | O_CLOEXEC);
	if (data >= 0) {
		/* Root's DAC override opens it for writing. */
		expect(map_fails(data, size, PROT_READ | PROT_WRITE, MAP_SHARED, 0, EPERM),
		       "not even root maps it to be written");
		close(data);
	}
	expect(map_fails(recorder->fd, control, PROT_READ | PROT_WRITE, MAP_SHARED,
			 (off_t)recorder->channel.control_offset, EPERM),
	       "the control pages cannot be mapped to be written");
	expect(map_fails(recorder->fd, control + PAGE, PROT_READ, MAP_SHARED,
			 (off_t)recorder->channel.control_offset, EINVAL) &&
		       map_fails(recorder->fd, control, PROT_READ, MAP_SHARED, PAGE << 20, EINVAL),
	       "nor longer than they are or where there are none");
}

static uint32_t checksum(const uint8_t *data, size_t size)
{
	uint32_t sum = 0;

	for (size_t at = 0; at < size; at++) sum = sum * 31 + data[at];
	return sum;
}

int main(int argc, char **argv)
{
	struct recorder recorder = open_recorder(65536, 4, 10);
	unsigned int cpu = 0;
	const uint8_t *data;
	uint32_t sum;
	int fd;

	(void)argv;
	if (attach_source(&recorder, "sched")) die("source sched");
	fd = open_data(&recorder, cpu);
	check_refusals(&recorder, fd);
	data = map_data(&recorder, fd);
	close(fd);
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_START)) die("start");
	while (!sealed(&recorder, cpu)) usleep(10000);
	/* As any mapping does, that of the control pages would keep its file, the recorder. */
	munmap((void *)recorder.control, recorder.channel.control_length);
	close(recorder.fd);

	sum = checksum(data, buffer_size(&recorder));
	usleep(200000);
	expect(subbuf(&recorder, data, 0)->magic == RELAYSCOPE_SUBBUF_MAGIC &&
		       subbuf(&recorder, data, 0)->sequence == 0,
	       "after the close the mapping still shows what was recorded");
	expect(checksum(data, buffer_size(&recorder)) == sum, "and nothing is written any more");
	if (argc > 1) {
		printf("holding\n");
		fflush(stdout);
		while (getchar() != EOF) continue;
	}
	munmap((void *)data, buffer_size(&recorder));
	return 0;
}
