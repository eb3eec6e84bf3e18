// SPDX-License-Identifier: GPL-2.0-only
/*
 * Description: appends from process, softirq, hardirq and (refused) NMI
 * context on every CPU at once: every message is whole, in order of its source,
 * in order of time, and every one that is missing was counted. usage: storm
 * MODULES, with bufflink.ko loaded and bufflink_test.ko not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../kmod/bufflink/test_message.h"
#include "check.h"
#include "device.h"
#include "module.h"

#define CPUS_MAX 64

static const char *const context_names[] = { "process", "softirq", "hardirq", "nmi" };

struct source {
	unsigned int received;
	unsigned int missing; /* holes in the sequence so far */
	uint32_t next;
};

struct stream {
	int fd;
	bool slow; /* so that the ring overflows */
	size_t chunk; /* bytes a read asks for */
	unsigned char *buf;
	size_t used;
	uint64_t last_ts;
	unsigned long messages;
	const char *fault; /* the first one found */
	struct source sources[BUFFLINK_TEST_CONTEXTS][CPUS_MAX];
};

static bool payload_is_right(const struct bufflink_test_message *message,
			     const unsigned char *payload)
{
	for (uint32_t i = 0; i < message->length; i++)
		if (payload[i] != bufflink_test_byte(message->sequence, i))
			return false;
	return true;
}

static void take_message(struct stream *stream, const struct bufflink_test_message *message,
			 const unsigned char *payload)
{
	struct source *source = &stream->sources[message->context][message->cpu];

	if (!payload_is_right(message, payload))
		stream->fault = "a payload is not what was appended";
	if (message->sequence < source->next)
		stream->fault = "a source's messages are out of order";
	if (message->ts < stream->last_ts)
		stream->fault = "the time fell";
	source->missing += message->sequence - source->next;
	source->next = message->sequence + 1;
	source->received++;
	stream->last_ts = message->ts;
	stream->messages++;
}

/* How many bytes were whole messages. */
static size_t take_messages(struct stream *stream)
{
	size_t at = 0;

	while (!stream->fault) {
		struct bufflink_test_message message;

		if (stream->used - at < sizeof(message))
			break;
		memcpy(&message, stream->buf + at, sizeof(message));
		if (message.magic != BUFFLINK_TEST_MAGIC || message.cpu >= CPUS_MAX ||
		    message.context >= BUFFLINK_TEST_CONTEXTS ||
		    message.length > BUFFLINK_TEST_PAYLOAD_MAX) {
			stream->fault = "no message where one should begin";
			break;
		}
		if (stream->used - at < sizeof(message) + message.length)
			break;
		take_message(stream, &message, stream->buf + at + sizeof(message));
		at += sizeof(message) + message.length;
	}
	return at;
}

static void *read_stream(void *argument)
{
	struct stream *stream = argument;
	size_t capacity = stream->chunk + sizeof(struct bufflink_test_message) +
			  BUFFLINK_TEST_PAYLOAD_MAX;

	stream->buf = malloc(capacity);
	if (!stream->buf)
		bail_out("malloc");
	for (;;) {
		ssize_t got = read(stream->fd, stream->buf + stream->used, stream->chunk);
		size_t taken;

		if (got < 0)
			stream->fault = "read failed";
		if (got <= 0 || stream->fault)
			break;
		stream->used += (size_t)got;
		taken = take_messages(stream);
		memmove(stream->buf, stream->buf + taken, stream->used - taken);
		stream->used -= taken;
		if (stream->slow)
			sleep_ms(2);
	}
	if (stream->used && !stream->fault)
		stream->fault = "the last message is cut off";
	free(stream->buf);
	return NULL;
}

struct counts {
	struct source_count sources[BUFFLINK_TEST_CONTEXTS][CPUS_MAX];
	long cpus;
	unsigned long long refused;
};

static struct counts kernel_counts(void)
{
	struct counts counts = { .cpus = sysconf(_SC_NPROCESSORS_ONLN) };

	if (counts.cpus > CPUS_MAX)
		bail_out("more CPUs than expected");
	for (unsigned int context = 0; context < BUFFLINK_TEST_CONTEXTS; context++)
		for (long cpu = 0; cpu < counts.cpus; cpu++)
			counts.sources[context][cpu] =
				source_count(context_names[context], (unsigned int)cpu);
	counts.refused = bufflink_count_refused();
	return counts;
}

/* Whether every source's messages are received or refused, one by one. */
static bool sources_add_up(const struct stream *stream, const struct counts *counts)
{
	unsigned long long refused = 0;
	bool right = true;

	for (unsigned int context = 0; context < BUFFLINK_TEST_CONTEXTS; context++) {
		for (long cpu = 0; cpu < counts->cpus; cpu++) {
			const struct source_count *count = &counts->sources[context][cpu];
			const struct source *source = &stream->sources[context][cpu];
			unsigned int holes = source->missing + count->attempted - source->next;

			refused += count->refused;
			if (count->attempted == source->received + count->refused &&
			    holes == count->refused)
				continue;
			printf("# %s cpu %ld: attempted %u, refused %u, received %u, holes %u\n",
			       context_names[context], cpu, count->attempted, count->refused,
			       source->received, holes);
			right = false;
		}
	}
	return right && refused == counts->refused;
}

struct scenario {
	const char *name;
	const char *parameters;
	const char *storm;
	size_t chunk;
	bool slow;
	bool refuses; /* the ring is meant to overflow */
};

static void run(const struct scenario *scenario)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	struct bufflink_overflow overflow;
	struct counts counts;
	pthread_t reader;
	int control, err;

	load_test(scenario->parameters);
	control = open_device(2, O_RDONLY);
	if (!stream || control < 0)
		bail_out("open /dev/bufflink2");
	stream->fd = open_device(2, O_RDONLY);
	stream->chunk = scenario->chunk;
	stream->slow = scenario->slow;
	pthread_create(&reader, NULL, read_stream, stream);

	err = turn("storm", scenario->storm);
	counts = kernel_counts();
	overflow = overflow_of(control);
	/* The reader goes on to the end of the file. */
	unload_test();
	pthread_join(reader, NULL);

	check(!err && !stream->fault && stream->messages > 0, "%s: %s (%lu messages)",
	      scenario->name, stream->fault ? stream->fault : "all whole and in order",
	      stream->messages);
	check(sources_add_up(stream, &counts),
	      "%s: of every source, attempted = received + refused", scenario->name);
	check(overflow.refused == counts.refused && overflow.overflowed == (counts.refused > 0),
	      "%s: count and flag agree (%llu refused)", scenario->name, counts.refused);
	check((counts.refused > 0) == scenario->refuses, "%s: %s", scenario->name,
	      scenario->refuses ? "it did overflow" : "nothing was refused");
	close(stream->fd);
	close(control);
	free(stream);
}

int main(int argc, char **argv)
{
	static const struct scenario scenarios[] = {
		{ "process", "minor=2 size=4194304", "process 5000 40", 65536, false, false },
		{ "softirq", "minor=2 size=4194304", "softirq 5000 40", 65536, false, false },
		{ "hardirq", "minor=2 size=4194304", "hardirq 5000 40", 65536, false, false },
		{ "all contexts", "minor=2 size=4194304", "process,softirq,hardirq 10000 48", 4096,
		  false, false },
		{ "all contexts, odd reads", "minor=2 size=1048576",
		  "process,softirq,hardirq 3000 33", 61, false, false },
		{ "overflow", "minor=2 size=3001", "process,softirq,hardirq 10000 100", 1000, true,
		  true },
		{ "overflow, own buffer", "minor=2 size=4096 own_buffer=1",
		  "process,softirq,hardirq 5000 700", 4096, true, true },
		{ "nmi", "minor=2 size=4194304", "process,softirq,hardirq,nmi 3000 40", 65536,
		  false, true },
		{ "larger than the ring", "minor=2 size=512", "process,hardirq 50 500", 512, false,
		  true },
	};

	if (argc != 2)
		return 2;
	modules_in(argv[1]);
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		run(&scenarios[i]);
	return check_status();
}
