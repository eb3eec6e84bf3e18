/*
 * The write path's edges, one record at a time through test_relayscope.ko, on CPU 0. Prints
 * `ok - WHAT` or `not ok - WHAT` for each.
 */
#define _GNU_SOURCE
#include <sched.h>

#include "../../kmod/relay/test/test_record.h"
#include "recorder.h"

#define HEADER sizeof(struct relayscope_subbuf_header)

static void expect(int holds, const char *what)
{
	printf("%s - %s\n", holds ? "ok" : "not ok", what);
}

static void emit(uint32_t length)
{
	char text[16];
	int fd = open("/sys/kernel/debug/test_relayscope/emit", O_WRONLY | O_CLOEXEC);
	int size = snprintf(text, sizeof(text), "%u", length);

	if (fd < 0 || write(fd, text, (size_t)size) != size) die("emit");
	close(fd);
}

static struct recorder start(uint32_t subbuf_size, uint32_t subbuf_count)
{
	struct recorder recorder = open_recorder(subbuf_size, subbuf_count, 0);

	if (attach_source(&recorder, RELAYSCOPE_TEST_SOURCE)) die("source test");
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_START)) die("start");
	return recorder;
}

static struct relayscope_stats stop(struct recorder *recorder)
{
	if (ioctl(recorder->fd, RELAYSCOPE_IOC_STOP)) die("stop");
	return get_stats(recorder, 0);
}

static void end(struct recorder *recorder)
{
	munmap((void *)recorder->control, recorder->channel.control_length);
	close(recorder->fd);
}

static void nothing_recorded(void)
{
	struct recorder recorder = start(4096, 4);
	struct relayscope_stats stats = stop(&recorder);

	expect(stats.sealed == 0 && stats.seen == 0 && stats.written == 0,
	       "a flush of empty buffers seals nothing");
	end(&recorder);
}

static void exact_fit(void)
{
	struct recorder recorder = start(4096, 4);
	const uint8_t *data = map_data(&recorder, open_data(&recorder, 0));
	const struct relayscope_subbuf_header *first = subbuf(&recorder, data, 0);
	struct relayscope_stats stats;

	emit(4096 - HEADER);
	expect(sealed(&recorder, 0) == 0, "a record that fills a sub-buffer exactly is written to it");
	emit(sizeof(struct relayscope_test_record));
	expect(sealed(&recorder, 0) == 1 && first->used == 4096 && first->record_count == 1,
	       "the next record seals it, full to the last byte");
	stats = stop(&recorder);
	expect(stats.written == 2 && stats.sealed == 2 && lost_records(&stats) == 0,
	       "nothing is lost at an exact fit");
	end(&recorder);
}

/* Together they fill one to the last byte; the third needs another. */
static void last_gap(void)
{
	struct recorder recorder = start(4096, 4);
	const uint8_t *data = map_data(&recorder, open_data(&recorder, 0));
	uint32_t rest = 4096 - HEADER - 40;
	struct relayscope_stats stats;

	emit(33); /* takes 40 */
	emit(rest - 7);
	emit(24);
	stats = stop(&recorder);
	expect(stats.sealed == 2 && subbuf(&recorder, data, 0)->record_count == 2 &&
		       subbuf(&recorder, data, 0)->used == 4096,
	       "alignment's gap counts as used");
	end(&recorder);
}

static void too_large(void)
{
	struct recorder recorder = start(4096, 4);
	struct relayscope_stats stats;

	emit(4096 - HEADER + 1);
	emit(1 << 20);
	emit(sizeof(struct relayscope_test_record));
	stats = stop(&recorder);
	expect(stats.seen == 3 && stats.written == 1 && stats.lost[RELAYSCOPE_LOST_TOO_LARGE] == 2,
	       "a record larger than a sub-buffer is counted as too large");
	expect(stats.sealed == 1, "and spends no sub-buffer");
	end(&recorder);

	recorder = start(1 << 17, 2);
	emit(UINT16_MAX);
	emit(UINT16_MAX + 1);
	stats = stop(&recorder);
	expect(stats.written == 1 && stats.lost[RELAYSCOPE_LOST_TOO_LARGE] == 1,
	       "so is one whose length does not fit its header");
	end(&recorder);
}

static void full(void)
{
	struct recorder recorder = start(4096, 2);
	const uint8_t *data = map_data(&recorder, open_data(&recorder, 0));
	struct relayscope_stats stats;

	for (int i = 0; i < 5; i++) emit(4096 - HEADER);
	stats = get_stats(&recorder, 0);
	expect(stats.written == 2 && stats.lost[RELAYSCOPE_LOST_FULL] == 3 && stats.sealed == 2,
	       "a full buffer loses and seals each sub-buffer once");
	expect(consume(&recorder, 0, 3) == -1 && errno == ERANGE,
	       "more than is sealed cannot be consumed");
	if (consume(&recorder, 0, 1)) die("consume");
	emit(64);
	stats = stop(&recorder);
	expect(stats.written == 3 && subbuf(&recorder, data, 2)->sequence == 2 &&
		       subbuf(&recorder, data, 2)->lost == 3,
	       "after it the next header tells what was lost before");
	end(&recorder);
}

static void many_rounds(void)
{
	struct recorder recorder = start(4096, 2);
	const uint8_t *data = map_data(&recorder, open_data(&recorder, 0));
	struct relayscope_stats stats;
	uint64_t next = 0;
	int in_order = 1;

	for (int i = 0; i < 1001; i++) {
		emit(4096 - HEADER);
		for (; next < sealed(&recorder, 0); next++) {
			in_order &= subbuf(&recorder, data, next)->sequence == next;
			if (consume(&recorder, 0, 1)) die("consume");
		}
	}
	stats = stop(&recorder);
	expect(in_order && stats.written == 1001 && stats.sealed == 1001,
	       "places are used again in order, 500 times around");
	end(&recorder);
}

/* A delta has 32 bits of nanoseconds: 4.3 seconds. */
static void long_silence(void)
{
	struct recorder recorder = start(4096, 4);
	const uint8_t *data = map_data(&recorder, open_data(&recorder, 0));
	const struct relayscope_subbuf_header *second;
	struct relayscope_stats stats;

	emit(64);
	usleep(4400 * 1000);
	emit(64);
	stats = stop(&recorder);
	second = subbuf(&recorder, data, 1);
	expect(stats.sealed == 2 && stats.written == 2 &&
		       second->ts_begin - subbuf(&recorder, data, 0)->ts_begin > UINT32_MAX,
	       "a delta that would wrap begins the next sub-buffer");
	end(&recorder);
}

int main(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first)) die("affinity");
	nothing_recorded();
	exact_fit();
	last_gap();
	too_large();
	full();
	many_rounds();
	long_silence();
	return 0;
}
