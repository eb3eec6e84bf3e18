/*
 * Records into a global channel and reads it as the native reader does, with one thread: every
 * record has the CPU that it is from, times never fall, of each CPU and context the test source's
 * records come in order (and all of them, where nothing was lost), and the books balance: on each
 * CPU seen = filtered + lost + written, of the channel written = read. Prints `conserved` when all
 * of it holds, and `complete` when nothing but NMIs was lost.
 * usage: global_recorder SECONDS SUBBUF_SIZE SUBBUFS SOURCE[,SOURCE...] [overwrite]
 * With overwrite snapshots are taken meanwhile, and each must say of its moment
 * seen = filtered + lost + written, written = overwritten + held.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdbool.h>
#include <time.h>

#include "../../kmod/relay/test/test_record.h"
#include "recorder.h"

#define CPUS 64

static struct recorder recorder;
static uint64_t next, records, ts_last, by_cpu[CPUS], lost_told;
static int64_t last_sequence[CPUS][RELAYSCOPE_TEST_CONTEXTS];
static unsigned int bad, skipped;

static void complain(const char *what, uint64_t value)
{
	if (bad++ < 5)
		printf("sub-buffer %llu: %s (%llu)\n", (unsigned long long)next, what,
		       (unsigned long long)value);
}

static void check_test_record(uint32_t cpu, const uint8_t *payload, uint32_t length)
{
	uint32_t fields[3]; /* context, cpu, sequence */
	int64_t *last;

	memcpy(fields, payload, sizeof(fields));
	if (fields[1] != cpu || fields[0] >= RELAYSCOPE_TEST_CONTEXTS) {
		complain("a record of another CPU", fields[1]);
		return;
	}
	last = &last_sequence[cpu][fields[0]];
	if (fields[2] <= *last) complain("test record twice or out of order", fields[2]);
	if (*last >= 0 && fields[2] != *last + 1) skipped++;
	*last = fields[2];
	/* Its bytes go by their place in the record that the source wrote. */
	for (uint32_t at = sizeof(fields); at < length; at++) {
		uint32_t place = at + (uint32_t)sizeof(struct relayscope_record_header);

		if (payload[at] != relayscope_test_byte(fields[2], place)) {
			complain("test record with foreign bytes", at);
			return;
		}
	}
}

static void check_subbuf(const struct relayscope_subbuf_header *header)
{
	const uint8_t *bytes = (const void *)header;
	struct relayscope_global_record_header head;
	uint32_t count = 0, at = sizeof(*header);

	if (header->sequence != next) complain("sequence", header->sequence);
	if (header->cpu != RELAYSCOPE_CPU_ALL) complain("cpu", header->cpu);
	if (header->lost < lost_told) complain("lost fell", header->lost);
	lost_told = header->lost + header->lost_inside;
	for (; at + sizeof(head) <= header->used; count++) {
		memcpy(&head, bytes + at, sizeof(head));
		if (head.record.length < sizeof(head) || at + head.record.length > header->used) {
			complain("record length", head.record.length);
			break;
		}
		if (head.cpu >= recorder.cpus) {
			complain("record's cpu", head.cpu);
			break;
		}
		if (header->ts_begin + head.record.ts_delta < ts_last) complain("time fell", head.record.ts_delta);
		ts_last = header->ts_begin + head.record.ts_delta;
		by_cpu[head.cpu]++;
		if (head.record.event_id == RELAYSCOPE_TEST_EVENT &&
		    head.record.length >= sizeof(struct relayscope_test_record) + sizeof(head.cpu))
			check_test_record(head.cpu, bytes + at + sizeof(head),
					  head.record.length - (uint32_t)sizeof(head));
		at += (head.record.length + 7u) & ~7u;
	}
	if (ts_last != header->ts_end) complain("ts_end", header->ts_end);
	if (count != header->record_count || !count) complain("record count", count);
	records += count;
}

static void drain(const uint8_t *data)
{
	uint64_t end = sealed(&recorder, RELAYSCOPE_CPU_ALL);

	for (; next < end; next++) {
		check_subbuf(subbuf(&recorder, data, next));
		if (consume(&recorder, RELAYSCOPE_CPU_ALL, 1)) complain("consume", (uint64_t)errno);
	}
}

static struct relayscope_snapshot snapshot(uint32_t *held)
{
	struct relayscope_snapshot snapshot = {
		.stats = {.channel_id = recorder.channel.channel_id, .cpu = RELAYSCOPE_CPU_ALL},
		.held_records = (uintptr_t)held,
	};
	const struct relayscope_stats *stats = &snapshot.stats;
	uint64_t holds = 0;

	if (ioctl(recorder.fd, RELAYSCOPE_IOC_SNAPSHOT, &snapshot)) die("snapshot");
	for (uint32_t i = 0; i < recorder.channel.subbuf_count; i++) holds += held[i];
	if (stats->seen != stats->filtered + stats->written + lost_records(stats))
		complain("a snapshot's seen", stats->seen - stats->filtered - stats->written - lost_records(stats));
	if (stats->written != stats->overwritten + holds) complain("a snapshot's written", stats->written);
	return snapshot;
}

static bool balance(bool overwrite, uint64_t held)
{
	uint64_t written = 0, lost = 0, nmi = 0;
	struct relayscope_stats buffer = get_stats(&recorder, RELAYSCOPE_CPU_ALL);
	bool holds = true;

	for (unsigned int cpu = 0; cpu < recorder.cpus; cpu++) {
		struct relayscope_stats stats = get_stats(&recorder, cpu);

		holds &= stats.seen == stats.filtered + stats.written + lost_records(&stats);
		if (!overwrite) holds &= stats.written == by_cpu[cpu];
		written += stats.written;
		lost += lost_records(&stats);
		nmi += stats.lost[RELAYSCOPE_LOST_NMI];
		printf("cpu%u seen %llu written %llu read %llu lost %llu\n", cpu,
		       (unsigned long long)stats.seen, (unsigned long long)stats.written,
		       (unsigned long long)by_cpu[cpu], (unsigned long long)lost_records(&stats));
	}
	holds &= !bad && lost_told <= lost &&
		 (overwrite ? written == buffer.overwritten + held :
			      written == records && buffer.sealed == buffer.consumed);
	if (lost == nmi && !skipped) puts("complete");
	return holds;
}

int main(int argc, char **argv)
{
	bool overwrite = argc > 5 && !strcmp(argv[5], "overwrite"), holds;
	struct relayscope_snapshot last = {0};
	uint64_t held = 0;
	uint32_t *held_records;
	const uint8_t *data;
	struct timespec now, end;
	int fd;

	if (argc < 5) return 2;
	recorder = open_recorder_as(RELAYSCOPE_CHANNEL_GLOBAL | (overwrite ? RELAYSCOPE_CHANNEL_OVERWRITE : 0),
				    (uint32_t)atoi(argv[2]), (uint32_t)atoi(argv[3]), overwrite ? 0 : 20);
	if (recorder.cpus > CPUS) die("so many CPUs");
	for (char *name = strtok(argv[4], ","); name; name = strtok(NULL, ","))
		if (attach_source(&recorder, name)) die(name);
	memset(last_sequence, 0xff, sizeof(last_sequence));
	held_records = calloc(recorder.channel.subbuf_count, sizeof(*held_records));
	fd = open_data(&recorder, RELAYSCOPE_CPU_ALL);
	data = map_data(&recorder, fd);
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_START)) die("start");
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += atoi(argv[1]);
	do {
		struct pollfd wait = {fd, POLLIN, 0};

		if (overwrite) {
			snapshot(held_records);
			usleep(20000);
		} else {
			drain(data);
			poll(&wait, 1, 50);
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_STOP)) die("stop");
	if (overwrite) {
		last = snapshot(held_records);
		for (uint32_t i = 0; i < recorder.channel.subbuf_count; i++) held += held_records[i];
		next = last.stats.sealed > recorder.channel.subbuf_count ?
			       last.stats.sealed - recorder.channel.subbuf_count :
			       0;
		for (; next < last.stats.sealed; next++) check_subbuf(subbuf(&recorder, data, next));
		if (records != held) complain("held", held);
	} else {
		drain(data);
	}
	holds = balance(overwrite, held);
	puts(holds ? "conserved" : "NOT CONSERVED");
	return !holds;
}
