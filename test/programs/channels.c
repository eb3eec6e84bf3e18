/*
 * What a channel can do beside recording: buffer-only with files that come later, reset, flush, and
 * all of it in each mode; a record at a time through test_relayscope.ko on CPU 0. Prints
 * `ok - WHAT` or `not ok - WHAT` for each.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "../../kmod/relay/test/test_record.h"
#include "recorder.h"

#define TEST_LENGTH 1000 /* four of them fill a sub-buffer of a page but for a gap */
#define SUBBUF 4096
#define COUNT 4

static const struct mode {
	const char *name;
	uint32_t flags;
	unsigned int buffer; /* that CPU 0 writes to */
} modes[] = {
	{"discard", 0, 0},
	{"overwrite", RELAYSCOPE_CHANNEL_OVERWRITE, 0},
	{"global", RELAYSCOPE_CHANNEL_GLOBAL, RELAYSCOPE_CPU_ALL},
	{"global overwrite", RELAYSCOPE_CHANNEL_GLOBAL | RELAYSCOPE_CHANNEL_OVERWRITE, RELAYSCOPE_CPU_ALL},
};

static void expect(int holds, const char *mode, const char *what)
{
	printf("%s - %s: %s\n", holds ? "ok" : "not ok", mode, what);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) die(path);
	close(fd);
}

static void emit(unsigned int records)
{
	while (records--) write_file("/sys/kernel/debug/test_relayscope/emit", "1000");
}

static struct recorder start(const struct mode *mode, uint32_t flags)
{
	struct recorder recorder = open_recorder_as(mode->flags | flags, SUBBUF, COUNT, 0);

	if (attach_source(&recorder, RELAYSCOPE_TEST_SOURCE)) die("source test");
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_START)) die("start");
	return recorder;
}

static void end(struct recorder *recorder)
{
	munmap((void *)recorder->control, recorder->channel.control_length);
	close(recorder->fd);
}

static bool has_file(const struct recorder *recorder, unsigned int cpu)
{
	char path[256];

	data_path(recorder, cpu, path);
	return access(path, F_OK) == 0;
}

static int make_files(const struct recorder *recorder)
{
	return ioctl(recorder->fd, RELAYSCOPE_IOC_CHANNEL_FILES, (unsigned long)recorder->channel.channel_id);
}

static int flush(const struct recorder *recorder)
{
	return ioctl(recorder->fd, RELAYSCOPE_IOC_CHANNEL_FLUSH, (unsigned long)recorder->channel.channel_id);
}

static int reset(struct recorder *recorder)
{
	struct relayscope_channel_reset request = {recorder->channel.channel_id, 0};

	if (ioctl(recorder->fd, RELAYSCOPE_IOC_CHANNEL_RESET, &request)) return -1;
	recorder->channel.epoch = request.epoch;
	return 0;
}

/* The sequence numbers of what CPU 0 emitted, one after the other, of sealed sub-buffers. */
static unsigned int read_records(const struct recorder *recorder, unsigned int buffer,
				 const uint8_t *data, uint64_t from, bool *no_gap)
{
	size_t header = buffer == RELAYSCOPE_CPU_ALL ? sizeof(struct relayscope_global_record_header) :
						       sizeof(struct relayscope_record_header);
	unsigned int records = 0;
	uint32_t next = 0;

	for (uint64_t s = from; s < sealed(recorder, buffer); s++) {
		const struct relayscope_subbuf_header *sub = subbuf(recorder, data, s);
		uint32_t at = sub->header_length;

		*no_gap &= sub->sequence == s && sub->cpu == buffer && sub->epoch == recorder->channel.epoch;
		for (uint32_t i = 0; i < sub->record_count; i++) {
			const uint8_t *record = (const uint8_t *)sub + at;
			struct relayscope_global_record_header head;
			uint32_t sequence;

			memcpy(&head, record, sizeof(head));
			memcpy(&sequence, record + header + 8, sizeof(sequence));
			*no_gap &= !records || sequence == next;
			if (buffer == RELAYSCOPE_CPU_ALL) *no_gap &= head.cpu == 0;
			next = sequence + 1;
			records++;
			at += (head.record.length + 7u) & ~7u;
		}
	}
	return records;
}

/* Of the buffer, and of CPU 0 where that is not the same. */
static struct relayscope_stats stats_of(const struct recorder *recorder, unsigned int buffer)
{
	struct relayscope_stats stats = get_stats(recorder, 0);

	if (buffer == RELAYSCOPE_CPU_ALL) {
		struct relayscope_stats all = get_stats(recorder, buffer);

		stats.sealed = all.sealed;
		stats.overwritten = all.overwritten;
		stats.reset = all.reset;
	}
	return stats;
}

static void late_files(const struct mode *mode)
{
	struct recorder recorder = start(mode, RELAYSCOPE_CHANNEL_BUFFER_ONLY);
	bool overwrites = mode->flags & RELAYSCOPE_CHANNEL_OVERWRITE, no_gap = true;
	struct relayscope_stats stats;
	const uint8_t *data;
	uint64_t first;
	unsigned int found;

	emit(6);
	expect(!has_file(&recorder, mode->buffer), mode->name, "a buffer-only channel has no files");
	expect(make_files(&recorder) == 0 && has_file(&recorder, mode->buffer), mode->name,
	       "until they are asked for");
	expect(make_files(&recorder) == -1 && errno == EEXIST, mode->name, "once");
	data = map_data(&recorder, open_data(&recorder, mode->buffer));
	emit(40);
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_STOP)) die("stop");
	stats = stats_of(&recorder, mode->buffer);
	first = stats.sealed > COUNT ? stats.sealed - COUNT : 0;
	found = read_records(&recorder, mode->buffer, data, first, &no_gap);
	expect(stats.seen == 46 && stats.seen == stats.written + lost_records(&stats) &&
		       stats.written == found + stats.overwritten,
	       mode->name, "the books balance across the files' making");
	expect(no_gap && found > 6 && (overwrites ? stats.overwritten > 0 && !lost_records(&stats) :
						    lost_records(&stats) > 0),
	       mode->name, "and the reader gets all that is there, without a gap at the seam");
	end(&recorder);
}

static void wrong_files(void)
{
	struct recorder recorder = start(&modes[0], 0);

	expect(make_files(&recorder) == -1 && errno == EINVAL, "discard",
	       "a channel with files cannot be given others");
	end(&recorder);
}

static void resets(const struct mode *mode)
{
	struct recorder recorder = start(mode, 0);
	uint32_t epoch = recorder.channel.epoch;
	struct relayscope_stats stats;
	const uint8_t *data;
	bool no_gap = true;
	unsigned int found;
	int fd;

	emit(13);
	expect(reset(&recorder) == 0 && recorder.channel.epoch != epoch, mode->name,
	       "a reset begins another epoch");
	stats = stats_of(&recorder, mode->buffer);
	expect(stats.written == 13 && stats.reset == 13 && stats.overwritten == 0 && stats.sealed == 0,
	       mode->name, "and counts what it drops");
	emit(30);
	if (reset(&recorder)) die("reset");
	emit(5);
	fd = open_data(&recorder, mode->buffer);
	expect(reset(&recorder) == -1 && errno == EBUSY, mode->name, "it is refused while somebody reads");
	data = map_data(&recorder, fd);
	close(fd);
	expect(reset(&recorder) == -1 && errno == EBUSY, mode->name, "or has a file mapped");
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_STOP)) die("stop");
	stats = stats_of(&recorder, mode->buffer);
	found = read_records(&recorder, mode->buffer, data, 0, &no_gap);
	expect(no_gap && found == 5 &&
		       stats.written == found + stats.reset + stats.overwritten &&
		       stats.seen == stats.written + lost_records(&stats) && stats.seen == 48,
	       mode->name, "what comes after it is read from sub-buffer 0 on, and the books balance");
	munmap((void *)data, buffer_size(&recorder));
	expect(reset(&recorder) == -1 && errno == EINVAL, mode->name, "what has ended is not reset");
	end(&recorder);
}

static void flushes(const struct mode *mode)
{
	struct recorder recorder = start(mode, 0);

	expect(flush(&recorder) == 0 && sealed(&recorder, mode->buffer) == 0, mode->name,
	       "a flush of nothing seals nothing");
	emit(1);
	expect(sealed(&recorder, mode->buffer) == 0 && flush(&recorder) == 0 &&
		       sealed(&recorder, mode->buffer) == 1,
	       mode->name, "of one record seals it");
	emit(1);
	if (flush(&recorder) || flush(&recorder)) die("flush");
	expect(sealed(&recorder, mode->buffer) == 2, mode->name, "and no empty one after it");
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_STOP)) die("stop");
	expect(flush(&recorder) == -1 && errno == EINVAL, mode->name, "nor anything after the end");
	end(&recorder);
}

static void close_fd(int fd)
{
	if (fd >= 0) close(fd);
}

/* Every context of every CPU writes meanwhile. */
static void reset_in_a_storm(const struct mode *mode)
{
	struct recorder recorder = start(mode, 0);
	uint64_t seen = 0, accounted = 0, written = 0, kept = 0;
	unsigned int resets_done = 0;
	pid_t storm = fork();
	int status;

	if (storm == 0) {
		write_file("/sys/kernel/debug/test_relayscope/storm", "1500 80");
		_exit(0);
	}
	while (waitpid(storm, &status, WNOHANG) == 0) {
		if (reset(&recorder)) die("reset");
		resets_done++;
		usleep(3000);
	}
	if (reset(&recorder)) die("reset");
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_STOP)) die("stop");
	for (unsigned int cpu = 0; cpu < recorder.cpus; cpu++) {
		struct relayscope_stats stats = get_stats(&recorder, cpu);

		seen += stats.seen;
		accounted += stats.filtered + stats.written + lost_records(&stats);
		written += stats.written;
		kept += stats.reset + stats.overwritten;
	}
	if (mode->buffer == RELAYSCOPE_CPU_ALL) {
		struct relayscope_stats stats = get_stats(&recorder, mode->buffer);

		kept += stats.reset + stats.overwritten;
	}
	expect(resets_done > 5 && written > 1000 && seen == accounted && written == kept, mode->name,
	       "resets in a storm account for every record");
	end(&recorder);
}

/* One source on two channels of one recorder: each has its own of everything. */
static void same_source_twice(void)
{
	struct recorder recorder = open_recorder_as(0, SUBBUF, 16, 0);
	struct relayscope_channel_create second = {.name = "second", .subbuf_size = 8192, .subbuf_count = 2,
						   .flags = RELAYSCOPE_CHANNEL_GLOBAL};
	struct relayscope_source_attach attach = {.source = RELAYSCOPE_TEST_SOURCE};
	struct relayscope_stats one, other = {.cpu = 0};

	if (ioctl(recorder.fd, RELAYSCOPE_IOC_CHANNEL_CREATE, &second)) die("second channel");
	attach.channel_id = second.channel_id;
	other.channel_id = second.channel_id;
	if (attach_source(&recorder, RELAYSCOPE_TEST_SOURCE) ||
	    ioctl(recorder.fd, RELAYSCOPE_IOC_SOURCE_ATTACH, &attach) ||
	    ioctl(recorder.fd, RELAYSCOPE_IOC_START))
		die("two channels");
	emit(20);
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_STOP)) die("stop");
	one = get_stats(&recorder, 0);
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_STATS, &other)) die("stats");
	expect(one.seen == 20 && one.written == 20 && other.seen == 20 && other.written == 16 &&
		       other.lost[RELAYSCOPE_LOST_FULL] == 4,
	       "two channels", "one source goes to both, each with its own sizes and losses");
	end(&recorder);
}

/* CPU 1 comes after the files were asked for. */
static void late_cpu(void)
{
	struct recorder recorder;
	int tries = 500;

	write_file("/sys/devices/system/cpu/cpu1/online", "0");
	recorder = start(&modes[0], RELAYSCOPE_CHANNEL_BUFFER_ONLY);
	if (make_files(&recorder)) die("files");
	expect(!has_file(&recorder, 1), "discard", "a CPU that is offline has no late file");
	write_file("/sys/devices/system/cpu/cpu1/online", "1");
	while (tries-- && !has_file(&recorder, 1)) usleep(10000);
	expect(has_file(&recorder, 1), "discard", "it gets one when it comes");
	close_fd(open_data(&recorder, 1));
	end(&recorder);
}

/* A mapping of a late file outlives its channel. */
static void closed_under_a_mapping(const struct mode *mode)
{
	struct recorder recorder = start(mode, RELAYSCOPE_CHANNEL_BUFFER_ONLY);
	const struct relayscope_subbuf_header *header;
	const uint8_t *data;

	emit(5);
	if (make_files(&recorder)) die("files");
	data = map_data(&recorder, open_data(&recorder, mode->buffer));
	end(&recorder);
	header = (const void *)data;
	expect(header->magic == RELAYSCOPE_SUBBUF_MAGIC, mode->name, "a mapped late file outlives its recorder");
	munmap((void *)data, (size_t)SUBBUF * COUNT);
}

int main(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first)) die("affinity");
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		late_files(&modes[i]);
		resets(&modes[i]);
		flushes(&modes[i]);
		reset_in_a_storm(&modes[i]);
		closed_under_a_mapping(&modes[i]);
	}
	wrong_files();
	same_source_twice();
	late_cpu();
	puts("done");
	return 0;
}
