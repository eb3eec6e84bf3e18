/*
 * Contexts at the edges of what a sub-buffer takes, one record at a time through test_relayscope.ko,
 * on CPU 0. Prints `ok - WHAT` or `not ok - WHAT` for each.
 */
#define _GNU_SOURCE
#include <sched.h>

#include "../../kmod/relay/test/test_record.h"
#include "context.h"
#include "recorder.h"

#define ROOM (4096 - sizeof(struct relayscope_subbuf_header))
#define ALL                                                                              \
	(RELAYSCOPE_CONTEXT_KERNEL_STACK | RELAYSCOPE_CONTEXT_USER_STACK |                 \
	 RELAYSCOPE_CONTEXT_CGROUP | RELAYSCOPE_CONTEXT_NAMESPACES)
/* Cgroup, namespaces and footer. */
#define FIXED (8 + sizeof(struct relayscope_context_namespaces) + sizeof(struct relayscope_context_footer))

static void expect(int holds, const char *what)
{
	printf("%s - %s\n", holds ? "ok" : "not ok", what);
}

static int attach(const struct recorder *recorder, uint16_t context)
{
	struct relayscope_source_attach attach = {.channel_id = recorder->channel.channel_id,
						  .context = context,
						  .source = RELAYSCOPE_TEST_SOURCE};

	return ioctl(recorder->fd, RELAYSCOPE_IOC_SOURCE_ATTACH, &attach);
}

static void emit(size_t length)
{
	char text[16];
	int fd = open("/sys/kernel/debug/test_relayscope/emit", O_WRONLY | O_CLOEXEC);
	int size = snprintf(text, sizeof(text), "%zu", length);

	if (fd < 0 || write(fd, text, (size_t)size) != size) die("emit");
	close(fd);
}

/* What became of one record of that length. */
struct outcome {
	struct relayscope_stats stats;
	struct relayscope_record_header header;
	struct context context;
	bool whole; /* its context adds up, and its bytes are its own */
};

static struct outcome record_one(size_t length, uint32_t context)
{
	struct recorder recorder = open_recorder(4096, 4, 0);
	struct outcome outcome = {};
	struct relayscope_test_record record;
	const uint8_t *data, *bytes;

	if (attach(&recorder, context)) die("source test");
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_START)) die("start");
	emit(length);
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_STOP)) die("stop");
	data = map_data(&recorder, open_data(&recorder, 0));
	outcome.stats = get_stats(&recorder, 0);
	if (outcome.stats.written) {
		static uint8_t copy[4096];

		memcpy(copy, data, sizeof(copy));
		bytes = copy + sizeof(struct relayscope_subbuf_header);
		memcpy(&record, bytes, sizeof(record));
		outcome.header = record.header;
		outcome.whole = find_context(bytes, &outcome.context);
		for (size_t at = sizeof(record); at < length; at++)
			outcome.whole &= bytes[at] == relayscope_test_byte(record.sequence, (uint32_t)at);
	}
	munmap((void *)data, buffer_size(&recorder));
	munmap((void *)recorder.control, recorder.channel.control_length);
	close(recorder.fd);
	return outcome;
}

static void unknown_bits(void)
{
	struct recorder recorder = open_recorder(4096, 4, 0);

	expect(attach(&recorder, ALL + 1) == -1 && errno == EINVAL, "a bit that is not known is refused");
	expect(attach(&recorder, 1u << 15) == -1 && errno == EINVAL, "so is the highest one");
	expect(attach(&recorder, ALL) == 0, "and leaves nothing attached");
	expect(attach(&recorder, ALL) == -1 && errno == EEXIST, "which is once only");
	munmap((void *)recorder.control, recorder.channel.control_length);
	close(recorder.fd);
}

int main(void)
{
	const size_t lengths[] = {28, 29, 31, 32, 33, 100};
	struct outcome outcome;
	cpu_set_t first;
	bool holds = true;
	size_t full;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first)) die("affinity");
	unknown_bits();

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		outcome = record_one(lengths[i], ALL);
		/* How far user space's stack can be walked is the C library's matter. */
		holds &= outcome.whole && outcome.context.footer.record_length == lengths[i] &&
			 outcome.context.footer.context == ALL &&
			 !(outcome.context.footer.flags &
			   (RELAYSCOPE_CONTEXT_KERNEL_CUT | RELAYSCOPE_CONTEXT_INTERRUPT));
	}
	expect(holds, "a record of any length has all of its context behind it");
	full = outcome.context.footer.kernel_frames;
	expect(full > 3 && outcome.context.footer.user_frames > 0, "with both stacks");

	outcome = record_one(100, RELAYSCOPE_CONTEXT_CGROUP);
	expect(outcome.whole && outcome.header.length == 104 + 8 + 8 && !outcome.context.footer.flags,
	       "a part alone takes its own bytes and a footer");
	outcome = record_one(100, 0);
	expect(outcome.header.length == 100 && !(outcome.header.event_id & RELAYSCOPE_RECORD_CONTEXT),
	       "without context a record is as it was");

	outcome = record_one(ROOM - FIXED - 40, ALL);
	expect(outcome.stats.written == 1 && outcome.whole &&
		       outcome.context.footer.flags & RELAYSCOPE_CONTEXT_KERNEL_CUT &&
		       outcome.context.cgroup && outcome.context.namespaces,
	       "where a sub-buffer has no room the stack is cut, and says so");
	outcome = record_one(ROOM - FIXED, ALL);
	expect(outcome.stats.written == 1 && outcome.whole && !outcome.context.kernel &&
		       !outcome.context.user && outcome.context.cgroup && outcome.context.namespaces &&
		       outcome.header.length == ROOM,
	       "to nothing, if need be");
	outcome = record_one(ROOM - FIXED + 1, ALL);
	expect(outcome.stats.written == 1 && outcome.header.length == ROOM - FIXED + 1 &&
		       !(outcome.header.event_id & RELAYSCOPE_RECORD_CONTEXT),
	       "a record that leaves no room goes without");
	outcome = record_one(ROOM, ALL);
	expect(outcome.stats.written == 1 && outcome.header.length == ROOM, "up to a full sub-buffer");
	outcome = record_one(ROOM + 1, ALL);
	expect(outcome.stats.written == 0 && outcome.stats.lost[RELAYSCOPE_LOST_TOO_LARGE] == 1,
	       "a record that is too large itself is lost, and counted");
	return 0;
}
