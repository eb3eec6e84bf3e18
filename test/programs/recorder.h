/* A recorder by the ABI alone, for the test programs. What fails ends the program. */
#ifndef TEST_RECORDER_H
#define TEST_RECORDER_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../include/uapi/relayscope.h"

struct recorder {
	int fd;
	uint32_t cpus;
	struct relayscope_channel_create channel;
	const struct relayscope_cpu_control *control;
};

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

/* SOURCE, or SOURCE:CONTEXT with its bits as a number. With STRINGS in the environment: calls with them. */
static inline int attach_source(const struct recorder *recorder, const char *source)
{
	struct relayscope_source_attach attach = {.channel_id = recorder->channel.channel_id};
	const char *context = strchr(source, ':');
	size_t length = context ? (size_t)(context - source) : strlen(source);

	if (length >= sizeof(attach.source)) length = sizeof(attach.source) - 1;
	memcpy(attach.source, source, length);
	if (context) attach.context = (uint16_t)atoi(context + 1);
	if (getenv("STRINGS") && !strcmp(attach.source, "syscalls"))
		attach.options = RELAYSCOPE_ATTACH_STRINGS;
	return ioctl(recorder->fd, RELAYSCOPE_IOC_SOURCE_ATTACH, &attach);
}

/* @flags: of its channel. */
static inline struct recorder open_recorder_as(uint32_t flags, uint32_t subbuf_size,
					       uint32_t subbuf_count, uint32_t flush_interval_ms)
{
	struct recorder recorder = {.channel = {.name = "test",
						.subbuf_size = subbuf_size,
						.subbuf_count = subbuf_count,
						.flush_interval_ms = flush_interval_ms,
						.flags = flags}};
	struct relayscope_info info;

	recorder.fd = open(RELAYSCOPE_DEVICE, O_RDWR | O_CLOEXEC);
	if (recorder.fd < 0 || ioctl(recorder.fd, RELAYSCOPE_IOC_INFO, &info))
		die(RELAYSCOPE_DEVICE);
	recorder.cpus = info.cpu_ids;
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_CHANNEL_CREATE, &recorder.channel)) die("channel");
	recorder.control = mmap(NULL, recorder.channel.control_length, PROT_READ, MAP_SHARED,
				recorder.fd, (off_t)recorder.channel.control_offset);
	if (recorder.control == MAP_FAILED) die("control pages");
	return recorder;
}

static inline struct recorder open_recorder(uint32_t subbuf_size, uint32_t subbuf_count,
					    uint32_t flush_interval_ms)
{
	return open_recorder_as(0, subbuf_size, subbuf_count, flush_interval_ms);
}

static inline size_t buffer_size(const struct recorder *recorder)
{
	return (size_t)recorder->channel.subbuf_size * recorder->channel.subbuf_count;
}

static inline void data_path(const struct recorder *recorder, unsigned int cpu, char path[256])
{
	int end = snprintf(path, 256, "/sys/kernel/debug/%s/", recorder->channel.directory);

	if (cpu == RELAYSCOPE_CPU_ALL)
		snprintf(path + end, 256 - end, "global");
	else
		snprintf(path + end, 256 - end, "cpu%u", cpu);
}

/* The data file of a CPU that has a buffer; it appears a moment after its flag. */
static inline int open_data(const struct recorder *recorder, unsigned int cpu)
{
	char path[256];
	int fd;

	data_path(recorder, cpu, path);
	while ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 && errno == ENOENT) usleep(1000);
	if (fd < 0) die(path);
	return fd;
}

static inline const uint8_t *map_data(const struct recorder *recorder, int fd)
{
	void *data = mmap(NULL, buffer_size(recorder), PROT_READ, MAP_SHARED, fd, 0);

	if (data == MAP_FAILED) die("data file");
	return data;
}

static inline uint64_t sealed(const struct recorder *recorder, unsigned int cpu)
{
	unsigned int page = cpu == RELAYSCOPE_CPU_ALL ? 0 : cpu;

	return __atomic_load_n(&recorder->control[page].sealed, __ATOMIC_ACQUIRE);
}

static inline const struct relayscope_subbuf_header *
subbuf(const struct recorder *recorder, const uint8_t *data, uint64_t sequence)
{
	size_t index = sequence % recorder->channel.subbuf_count;

	return (const void *)(data + index * recorder->channel.subbuf_size);
}

static inline int consume(const struct recorder *recorder, unsigned int cpu, uint64_t subbufs)
{
	struct relayscope_consume request = {recorder->channel.channel_id, cpu, subbufs};

	return ioctl(recorder->fd, RELAYSCOPE_IOC_CONSUME, &request);
}

static inline struct relayscope_stats get_stats(const struct recorder *recorder, unsigned int cpu)
{
	struct relayscope_stats stats = {.channel_id = recorder->channel.channel_id, .cpu = cpu};

	if (ioctl(recorder->fd, RELAYSCOPE_IOC_STATS, &stats)) die("stats");
	return stats;
}

static inline uint64_t lost_records(const struct relayscope_stats *stats)
{
	uint64_t lost = 0;

	for (int reason = 0; reason < RELAYSCOPE_LOST_REASONS; reason++) lost += stats->lost[reason];
	return lost;
}

#endif
