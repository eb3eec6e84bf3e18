/*
 * Records and reads as the native reader does, one thread a CPU, checks every header and every
 * record's bounds, and at the end the books of each CPU: seen = filtered + lost + written, and
 * written = read. Prints `conserved` when all of it holds. With FILTERED in its environment what is
 * recorded is filtered, and triggers fire, many times a second.
 * usage: verifying_recorder SECONDS SUBBUF_SIZE SUBBUFS SOURCE[:CONTEXT][,SOURCE...] [PID]
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>

#include "../../kmod/relay/test/test_record.h"
#include "context.h"
#include "filters.h"
#include "recorder.h"

struct cpu_reader {
	pthread_t thread;
	unsigned int cpu;
	uint64_t next, records, lost_told, ts_last;
	int64_t last_sequence[RELAYSCOPE_TEST_CONTEXTS];
	unsigned int bad, contexts;
};

static struct recorder recorder;
static volatile bool stopped;
static bool filtered;

static void complain(struct cpu_reader *reader, const char *what, uint64_t value)
{
	if (reader->bad++ < 5)
		printf("cpu%u sub-buffer %llu: %s (%llu)\n", reader->cpu,
		       (unsigned long long)reader->next, what, (unsigned long long)value);
}

/* Of a test record whose context adds up. */
static void check_context(struct cpu_reader *reader, const struct context *context, uint32_t from)
{
	const bool interrupt = context->footer.flags & RELAYSCOPE_CONTEXT_INTERRUPT;
	uint64_t cgroup = 1;

	if (interrupt != (from != RELAYSCOPE_TEST_PROCESS))
		complain(reader, "interrupt, or none", from);
	/* What it comes from has called something that called something. */
	if (context->kernel && context->footer.kernel_frames < 2)
		complain(reader, "kernel frames", context->footer.kernel_frames);
	/* The test's own threads never were in user space. */
	if (context->user) complain(reader, "user frames", context->footer.user_frames);
	if (context->cgroup) memcpy(&cgroup, context->cgroup, sizeof(cgroup));
	if (!cgroup) complain(reader, "cgroup", cgroup);
}

static void check_test_record(struct cpu_reader *reader, const uint8_t *bytes)
{
	struct relayscope_test_record record;
	struct context context;

	memcpy(&record, bytes, sizeof(record));
	if (record.header.event_id & RELAYSCOPE_RECORD_CONTEXT) {
		if (!find_context(bytes, &context)) {
			complain(reader, "context", record.header.length);
			return;
		}
		check_context(reader, &context, record.context);
		record.header.length = context.footer.record_length;
		reader->contexts++;
	}
	if (record.context >= RELAYSCOPE_TEST_CONTEXTS || record.cpu != reader->cpu) {
		complain(reader, "test record of another CPU or context", record.cpu);
		return;
	}
	if (record.sequence <= reader->last_sequence[record.context])
		complain(reader, "test record twice or out of order", record.sequence);
	reader->last_sequence[record.context] = record.sequence;
	if (filtered && !(record.sequence & 1))
		complain(reader, "test record that the filter refuses", record.sequence);
	for (uint32_t at = sizeof(record); at < record.header.length; at++) {
		if (bytes[at] != relayscope_test_byte(record.sequence, at)) {
			complain(reader, "test record with foreign bytes", at);
			return;
		}
	}
}

static void check_subbuf(struct cpu_reader *reader, const struct relayscope_subbuf_header *header)
{
	const uint8_t *bytes = (const void *)header;
	struct relayscope_record_header record;
	uint32_t count = 0, at = sizeof(*header), delta = 0;

	if (header->magic != RELAYSCOPE_SUBBUF_MAGIC) complain(reader, "magic", header->magic);
	if (header->sequence != reader->next) complain(reader, "sequence", header->sequence);
	if (header->cpu != reader->cpu) complain(reader, "cpu", header->cpu);
	if (header->ts_begin < reader->ts_last || header->ts_end < header->ts_begin)
		complain(reader, "time fell", header->ts_begin);
	if (header->lost < reader->lost_told) complain(reader, "lost fell", header->lost);
	if (header->used > recorder.channel.subbuf_size) complain(reader, "used", header->used);
	for (; at + sizeof(record) <= header->used; count++) {
		memcpy(&record, bytes + at, sizeof(record));
		if (record.length < sizeof(record) || at + record.length > header->used) {
			complain(reader, "record length", record.length);
			break;
		}
		if (record.ts_delta < delta) complain(reader, "record's time fell", record.ts_delta);
		delta = record.ts_delta;
		if ((record.event_id & ~RELAYSCOPE_RECORD_CONTEXT) == RELAYSCOPE_TEST_EVENT &&
		    record.length >= sizeof(struct relayscope_test_record))
			check_test_record(reader, bytes + at);
		at += (record.length + RELAYSCOPE_RECORD_ALIGN - 1) & -RELAYSCOPE_RECORD_ALIGN;
	}
	if (count != header->record_count || !count) complain(reader, "record count", count);
	reader->records += count;
	reader->lost_told = header->lost + header->lost_inside;
	reader->ts_last = header->ts_end;
}

static void drain(struct cpu_reader *reader, const uint8_t *data)
{
	uint64_t end = sealed(&recorder, reader->cpu);

	for (; reader->next < end; reader->next++) {
		check_subbuf(reader, subbuf(&recorder, data, reader->next));
		if (consume(&recorder, reader->cpu, 1)) complain(reader, "consume", (uint64_t)errno);
	}
}

static void *read_cpu(void *argument)
{
	struct cpu_reader *reader = argument;
	const struct relayscope_cpu_control *control = &recorder.control[reader->cpu];
	const uint8_t *data;
	int fd;

	while (!(__atomic_load_n(&control->flags, __ATOMIC_ACQUIRE) & RELAYSCOPE_CPU_HAS_BUFFER)) {
		if (stopped) return NULL;
		usleep(1000);
	}
	fd = open_data(&recorder, reader->cpu);
	data = map_data(&recorder, fd);
	for (;;) {
		bool last = stopped;
		struct pollfd wait = {fd, POLLIN, 0};

		drain(reader, data);
		if (last) return NULL;
		poll(&wait, 1, 50);
	}
}

static bool balance(const struct cpu_reader *reader)
{
	struct relayscope_stats stats = get_stats(&recorder, reader->cpu);
	uint64_t lost = lost_records(&stats);
	bool holds = stats.seen == stats.filtered + stats.written + lost &&
		     stats.written == reader->records && stats.sealed == stats.consumed &&
		     reader->lost_told <= lost && !reader->bad;

	if (reader->contexts) printf("cpu%u contexts %u\n", reader->cpu, reader->contexts);
	printf("cpu%u seen %llu filtered %llu written %llu read %llu lost %llu: %s\n", reader->cpu,
	       (unsigned long long)stats.seen, (unsigned long long)stats.filtered,
	       (unsigned long long)stats.written, (unsigned long long)reader->records,
	       (unsigned long long)lost, holds ? "ok" : "BROKEN");
	return holds;
}

static void record_for(unsigned int seconds)
{
	uint32_t fired = 0;

	if (ioctl(recorder.fd, RELAYSCOPE_IOC_START)) die("start");
	if (!filtered) {
		sleep(seconds);
	} else {
		for (unsigned int i = 0; i < seconds * 100; i++) {
			usleep(10000);
			fired += triggered(&recorder);
		}
	}
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_STOP)) die("stop");
	if (filtered) printf("fired %u\n", fired);
}

int main(int argc, char **argv)
{
	struct cpu_reader *readers;
	bool holds = true;

	if (argc < 5) {
		fprintf(stderr, "usage: verifying_recorder SECONDS SUBBUF_SIZE SUBBUFS SOURCES [PID]\n");
		return 2;
	}
	recorder = open_recorder((uint32_t)atoi(argv[2]), (uint32_t)atoi(argv[3]), 20);
	for (char *name = strtok(argv[4], ","); name; name = strtok(NULL, ","))
		if (attach_source(&recorder, name)) die(name);
	filtered = getenv("FILTERED");
	if (filtered) load_filters(&recorder);
	if (argc > 5) {
		struct relayscope_process_add add = {(uint32_t)atoi(argv[5]), RELAYSCOPE_PROCESS_FOLLOW};

		if (ioctl(recorder.fd, RELAYSCOPE_IOC_PROCESS_ADD, &add)) die("process");
	}
	readers = calloc(recorder.cpus, sizeof(*readers));
	if (!readers) die("readers");
	for (unsigned int cpu = 0; cpu < recorder.cpus; cpu++) {
		readers[cpu].cpu = cpu;
		memset(readers[cpu].last_sequence, 0xff, sizeof(readers[cpu].last_sequence));
		if (pthread_create(&readers[cpu].thread, NULL, read_cpu, &readers[cpu])) die("thread");
	}
	record_for((unsigned int)atoi(argv[1]));
	stopped = true;
	for (unsigned int cpu = 0; cpu < recorder.cpus; cpu++) {
		pthread_join(readers[cpu].thread, NULL);
		holds &= balance(&readers[cpu]);
	}
	puts(holds ? "conserved" : "NOT CONSERVED");
	return !holds;
}
