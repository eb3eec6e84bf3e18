// SPDX-License-Identifier: MIT
// Takes the same messages from ways_across.ko over every way: ways ROUNDS BURSTS
//
// Prints `figure ROUND HOW WAY NS`, or `cannot WAY REASON` for one that is not to be had. HOW is
//   turns     one is sent, one is taken; the call that asks for it is measured alone and deducted
//   each      a burst is sent, then taken one a call
//   together  a burst is sent, then taken in as few calls as the way lets: one, procfs two
//   bulk      a MiB in the largest pieces that suit the way
// A figure is the lower quartile of its bursts: other work on the host only ever adds. Every byte
// of every message is checked.
//
// As an upcall's program: ways received MESSAGE
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../kmod/ways/ask.h"

#define ASKS_NOBODY WAYS_SENDERS
#define BURST_LENGTH (WAYS_MESSAGES * WAYS_MESSAGE_LENGTH)
#define RAREST 8 // of the ways' rare
#define MOST_BURSTS 1000
#define PIECE 4096
#define DATAGRAM 32768
#define DATAGRAM_STRIDE 128 // of a burst, headers included
#define GENL_HEADERS (NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN)

struct way {
	const char *name;
	// What carries no request of its own is read when user space likes.
	enum ways_sender sender;
	void (*open)(struct way *way);
	// Some bytes, at most that many, until the next call.
	const unsigned char *(*take)(struct way *way, size_t length, size_t *taken);
	bool no_together;
	unsigned burst; // messages; 0: all
	int rare; // the share of bursts that so slow a way takes part in; 0: all
	unsigned bulk; // bytes at a time; 0: it carries messages only
	const char *path, *bulk_path;
	size_t headers; // before a datagram's payload
	size_t stride; // from a message to the next; 0: they lie side by side
	int fd, bulk_fd;
	uint32_t to;
	unsigned char *map;
	size_t position;
	bool absent;
};

struct kind {
	const char *name;
	double (*run)(struct way *way, unsigned burst);
	bool (*suits)(const struct way *way);
};

static char messages[WAYS_MESSAGES][WAYS_MESSAGE_LENGTH + 1];
static unsigned char buffer[WAYS_BULK_LENGTH + PIECE] __attribute__((aligned(64)));
static struct way *current;
static jmp_buf next_way;
static int device;

// A way that cannot be had leaves the others to be measured.
static __attribute__((noreturn)) void cannot(const char *what)
{
	if (!current) {
		perror(what);
		exit(1);
	}
	printf("cannot %s %s: %s\n", current->name, what, strerror(errno));
	current->absent = true;
	longjmp(next_way, 1);
}

static int open_or_end(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		cannot(path);
	return fd;
}

static size_t some(ssize_t count)
{
	if (count <= 0)
		cannot(count ? "read" : "read: its end");
	return count;
}

static void fetch_open(struct way *way)
{
	way->fd = open_or_end(way->path);
	if (way->bulk_path)
		way->bulk_fd = open_or_end(way->bulk_path);
}

static const unsigned char *fetch(struct way *way, size_t length, size_t *taken)
{
	*taken = some(read(way->fd, buffer, length));
	return buffer;
}

// A sequence goes on; its bulk is one record, shown anew from its beginning.
static const unsigned char *procfs_take(struct way *way, size_t length, size_t *taken)
{
	*taken = some(length > BURST_LENGTH ? pread(way->bulk_fd, buffer, length, 0)
					    : read(way->fd, buffer, length));
	return buffer;
}

static const unsigned char *sysfs_take(struct way *way, size_t length, size_t *taken)
{
	*taken = some(pread(length == PIECE ? way->bulk_fd : way->fd, buffer, length, 0));
	return buffer;
}

// An open file shows the same value for ever.
static const unsigned char *configfs_take(struct way *way, size_t length, size_t *taken)
{
	int fd = open_or_end(length > BURST_LENGTH ? way->bulk_path : way->path);

	*taken = some(read(fd, buffer, length));
	close(fd);
	return buffer;
}

static const unsigned char *ioctl_take(struct way *way, size_t length, size_t *taken)
{
	struct ways_fetch fetch = { .buffer = (uintptr_t)buffer, .length = length };

	(void)way;
	*taken = length;
	if (length != WAYS_MESSAGE_LENGTH)
		*taken = some(ioctl(device, WAYS_IOC_FETCH, &fetch));
	else if (ioctl(device, WAYS_IOC_MESSAGE, buffer))
		cannot("ioctl");
	return buffer;
}

static void netlink_open(struct way *way)
{
	int protocol = way->sender == WAYS_NETLINK ? NETLINK_USERSOCK : NETLINK_GENERIC;
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	socklen_t length = sizeof(address);

	way->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (way->fd < 0 || bind(way->fd, (struct sockaddr *)&address, length) ||
	    getsockname(way->fd, (struct sockaddr *)&address, &length))
		cannot("socket");
	way->to = address.nl_pid;
}

static void udp_open(struct way *way)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	way->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (way->fd < 0 || bind(way->fd, (struct sockaddr *)&address, length) ||
	    getsockname(way->fd, (struct sockaddr *)&address, &length))
		cannot("socket");
	way->to = ntohs(address.sin_port);
}

static const unsigned char *receive_all(struct way *way, size_t *taken)
{
	static unsigned char slots[WAYS_MESSAGES][DATAGRAM_STRIDE];
	static struct iovec parts[WAYS_MESSAGES];
	static struct mmsghdr headers[WAYS_MESSAGES];

	for (int i = 0; i < WAYS_MESSAGES; i++) {
		parts[i] = (struct iovec){ slots[i], sizeof(slots[i]) };
		headers[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
	}
	*taken = some(recvmmsg(way->fd, headers, WAYS_MESSAGES, 0, NULL)) * WAYS_MESSAGE_LENGTH;
	return slots[0] + way->headers;
}

static const unsigned char *receive(struct way *way, size_t length, size_t *taken)
{
	if (length == BURST_LENGTH)
		return receive_all(way, taken);
	*taken = some(recv(way->fd, buffer, sizeof(buffer), 0)) - way->headers;
	return buffer + way->headers;
}

static volatile size_t signals_bytes;

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	memcpy(buffer + signals_bytes, &info->si_value.sival_ptr, sizeof(void *));
	signals_bytes += sizeof(void *);
}

static void signals_open(struct way *way)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	way->to = getpid();
	if (sigaction(WAYS_SIGNAL, &action, NULL))
		cannot("sigaction");
}

// They came when the call returned that had them sent.
static const unsigned char *signals_take(struct way *way, size_t length, size_t *taken)
{
	const unsigned char *data = buffer + way->position;

	if (way->position + length > signals_bytes) {
		errno = ENOMSG;
		cannot("signals");
	}
	*taken = length;
	way->position += length;
	if (way->position == signals_bytes)
		way->position = signals_bytes = 0;
	return data;
}

// Its program was given the message, checked it and ended well, or asking had failed.
static const unsigned char *upcall_take(struct way *way, size_t length, size_t *taken)
{
	*taken = length;
	return (unsigned char *)messages[way->position++ % way->burst];
}

static void map(struct way *way, int fd, size_t length)
{
	way->map = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0);
	if (way->map == MAP_FAILED)
		cannot("mmap");
}

static void mmap_open(struct way *way)
{
	map(way, device, WAYS_SHARED_LENGTH);
}

static const unsigned char *mmap_take(struct way *way, size_t length, size_t *taken)
{
	const uint32_t *produced = (uint32_t *)(way->map + WAYS_SHARED_PRODUCED);
	const unsigned char *data = way->map + WAYS_SHARED_BULK;

	// Pairs with the release in the kernel module.
	if (__atomic_load_n(produced, __ATOMIC_ACQUIRE) == way->position) {
		errno = ENOMSG;
		cannot("mmap");
	}
	*taken = length;
	if (length > BURST_LENGTH) {
		way->position += WAYS_MESSAGES;
		return memcpy(buffer, data, length);
	}
	data = way->map + WAYS_SHARED_MESSAGES + way->position % WAYS_MESSAGES * WAYS_MESSAGE_LENGTH;
	way->position += length / WAYS_MESSAGE_LENGTH;
	return data;
}

static void bufflink_open(struct way *way)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/bufflink%d", ioctl(device, WAYS_IOC_MINOR));
	way->fd = open_or_end(path);
}

static int open_relay(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s%d", name, sched_getcpu());
	return open_or_end(path);
}

static void relay_read_open(struct way *way)
{
	way->fd = open_relay("ways_relay_read");
}

static void relay_mmap_open(struct way *way)
{
	map(way, open_relay("ways_relay_mmap"), WAYS_SUBBUFS * WAYS_SUBBUF_LENGTH);
}

// How much there is was told by the return of the call that asked: relay itself does not tell.
static const unsigned char *relay_mmap_take(struct way *way, size_t length, size_t *taken)
{
	size_t offset = way->position % (WAYS_SUBBUFS * WAYS_SUBBUF_LENGTH);
	size_t rest = WAYS_SUBBUF_LENGTH - offset % WAYS_SUBBUF_LENGTH;

	// The one before was closed when this one's first bytes were written.
	if (rest == WAYS_SUBBUF_LENGTH && way->position && ioctl(device, WAYS_IOC_CONSUMED))
		cannot("ioctl");
	*taken = length < rest ? length : rest;
	way->position += *taken;
	return length > BURST_LENGTH ? memcpy(buffer, way->map + offset, *taken) : way->map + offset;
}

static struct way ways[] = {
	{ .name = "bufflink", .sender = WAYS_BUFFLINK, .open = bufflink_open, .take = fetch, .bulk = PIECE },
	{ .name = "relay-read", .sender = WAYS_RELAY_READ, .open = relay_read_open, .take = fetch, .bulk = PIECE },
	{ .name = "relay-mmap", .sender = WAYS_RELAY_MMAP, .open = relay_mmap_open, .take = relay_mmap_take,
	  .bulk = PIECE },
	{ .name = "mmap", .sender = WAYS_MMAP, .open = mmap_open, .take = mmap_take, .bulk = WAYS_BULK_LENGTH },
	{ .name = "procfs", .sender = ASKS_NOBODY, .open = fetch_open, .take = procfs_take, .bulk = WAYS_BULK_LENGTH,
	  .path = "/proc/ways_across/message", .bulk_path = "/proc/ways_across/bulk" },
	{ .name = "sysfs", .sender = ASKS_NOBODY, .open = fetch_open, .take = sysfs_take, .bulk = PIECE,
	  .no_together = true, .path = "/sys/kernel/ways_across/message",
	  .bulk_path = "/sys/kernel/ways_across/bulk" },
	{ .name = "configfs", .sender = ASKS_NOBODY, .open = fetch_open, .take = configfs_take,
	  .bulk = WAYS_BULK_LENGTH, .no_together = true, .burst = 16, .path = "/sys/kernel/config/ways_across/message",
	  .bulk_path = "/sys/kernel/config/ways_across/bulk" },
	{ .name = "sysctl", .sender = ASKS_NOBODY, .open = fetch_open, .take = fetch, .bulk = WAYS_BULK_LENGTH,
	  .path = "/proc/sys/ways_across/message" },
	{ .name = "debugfs", .sender = ASKS_NOBODY, .open = fetch_open, .take = fetch, .bulk = WAYS_BULK_LENGTH,
	  .path = "/sys/kernel/debug/ways_across/message" },
	{ .name = "device", .sender = ASKS_NOBODY, .open = fetch_open, .take = fetch, .bulk = WAYS_BULK_LENGTH,
	  .path = "/dev/ways_across" },
	{ .name = "ioctl", .sender = ASKS_NOBODY, .take = ioctl_take, .bulk = WAYS_BULK_LENGTH },
	{ .name = "netlink", .sender = WAYS_NETLINK, .open = netlink_open, .take = receive,
	  .stride = DATAGRAM_STRIDE, .headers = NLMSG_HDRLEN, .bulk = DATAGRAM },
	{ .name = "genetlink", .sender = WAYS_GENETLINK, .open = netlink_open, .take = receive,
	  .stride = DATAGRAM_STRIDE, .headers = GENL_HEADERS, .bulk = DATAGRAM },
	{ .name = "udp", .sender = WAYS_UDP, .open = udp_open, .take = receive,
	  .stride = DATAGRAM_STRIDE, .bulk = DATAGRAM },
	{ .name = "signals", .sender = WAYS_SIGNALS, .open = signals_open, .take = signals_take,
	  .no_together = true, .burst = 4 },
	{ .name = "upcall", .sender = WAYS_UPCALL, .take = upcall_take, .no_together = true, .burst = 1, .rare = RAREST },
};

#define WAYS (sizeof(ways) / sizeof(*ways))

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void ask(const struct way *way, unsigned count, unsigned length)
{
	struct ways_ask request = { way->sender, count, length, way->to };

	if (way->sender != ASKS_NOBODY && ioctl(device, WAYS_IOC_ASK, &request))
		cannot("asking");
}

// Where nobody is asked the first message may be any.
static void check(const struct way *way, const unsigned char *data, size_t length, unsigned *number)
{
	size_t stride = way->stride ? way->stride : WAYS_MESSAGE_LENGTH;

	if (!length || length % WAYS_MESSAGE_LENGTH) {
		errno = EMSGSIZE;
		cannot("part of a message");
	}
	if (*number == 0 && way->sender == ASKS_NOBODY)
		*number = strtoul((const char *)data + strlen("message "), NULL, 10);
	for (size_t i = 0; i < length / WAYS_MESSAGE_LENGTH; i++)
		if (memcmp(data + i * stride, messages[(*number)++ % WAYS_MESSAGES], WAYS_MESSAGE_LENGTH)) {
			errno = EBADMSG;
			cannot("wrong message");
		}
}

// Nanoseconds a message.
static double turns(struct way *way, unsigned burst)
{
	int64_t begin = now(), end;
	const unsigned char *data;
	unsigned number;
	size_t taken;

	for (unsigned i = 0; i < burst; i++) {
		ask(way, 1, WAYS_MESSAGE_LENGTH);
		number = 0;
		data = way->take(way, WAYS_MESSAGE_LENGTH, &taken);
		check(way, data, taken, &number);
	}
	end = now();
	for (unsigned i = 0; i < burst; i++)
		ask(way, 0, WAYS_MESSAGE_LENGTH);
	return (double)(end - begin - (now() - end)) / burst;
}

static double each(struct way *way, unsigned burst)
{
	int64_t begin = now();
	const unsigned char *data;
	unsigned number = 0;
	size_t taken;

	ask(way, burst, WAYS_MESSAGE_LENGTH);
	for (unsigned i = 0; i < burst; i++) {
		data = way->take(way, WAYS_MESSAGE_LENGTH, &taken);
		check(way, data, taken, &number);
	}
	return (double)(now() - begin) / burst;
}

static double together(struct way *way, unsigned burst)
{
	int64_t begin = now();
	const unsigned char *data;
	unsigned number = 0;
	size_t taken;

	ask(way, burst, WAYS_MESSAGE_LENGTH);
	for (size_t done = 0; done < BURST_LENGTH; done += taken) {
		data = way->take(way, BURST_LENGTH - done, &taken);
		check(way, data, taken, &number);
	}
	return (double)(now() - begin) / burst;
}

// Nanoseconds a MiB.
static double bulk(struct way *way, unsigned burst)
{
	// A stream's pieces are read in as few calls as it lets, others one by one.
	bool stream = way->sender == WAYS_BUFFLINK || way->sender == WAYS_RELAY_READ ||
		      way->sender == WAYS_RELAY_MMAP;
	size_t once = stream ? WAYS_BULK_LENGTH : way->bulk;
	int64_t begin = now();
	size_t taken;

	(void)burst;
	ask(way, WAYS_BULK_LENGTH / way->bulk, way->bulk);
	for (size_t done = 0; done < WAYS_BULK_LENGTH; done += taken)
		way->take(way, once < WAYS_BULK_LENGTH - done ? once : WAYS_BULK_LENGTH - done, &taken);
	return (double)(now() - begin) * ((1 << 20) / WAYS_BULK_LENGTH);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int count_of(const struct way *way, int bursts)
{
	return bursts / (way->rare ? way->rare : 1);
}

// The ways take turns burst by burst, so that what disturbs one disturbs all.
static void measure(int round, const struct kind *kind, int bursts)
{
	static double values[sizeof(ways) / sizeof(*ways) * MOST_BURSTS];

	for (int i = 0; i < bursts; i++)
		for (current = ways; current < ways + WAYS; current++)
			if (kind->suits(current) && i < count_of(current, bursts) && !setjmp(next_way)) {
				unsigned burst = current->burst ? current->burst : WAYS_MESSAGES;

				// The way before has left the caches to itself.
				kind->run(current, burst);
				values[(current - ways) * bursts + i] = kind->run(current, burst);
			}
	for (current = ways; current < ways + WAYS; current++) {
		double *own = values + (current - ways) * bursts;
		int count = count_of(current, bursts);

		if (!kind->suits(current))
			continue;
		qsort(own, count, sizeof(*own), by_value);
		printf("figure %d %s %s %.1f\n", round, kind->name, current->name, own[count / 4]);
	}
}

static bool is_there(const struct way *way)
{
	return !way->absent;
}

static bool has_together(const struct way *way)
{
	return !way->absent && !way->no_together;
}

static bool has_bulk(const struct way *way)
{
	return !way->absent && way->bulk;
}

static const struct kind kinds[] = {
	{ "turns", turns, is_there },
	{ "each", each, is_there },
	{ "together", together, has_together },
	{ "bulk", bulk, has_bulk },
};

static int received(const char *text)
{
	for (int i = 0; i < WAYS_MESSAGES; i++)
		if (!strncmp(text, messages[i], WAYS_MESSAGE_LENGTH - 1) &&
		    strlen(text) == WAYS_MESSAGE_LENGTH - 1)
			return 0;
	return 1;
}

int main(int argc, char **argv)
{
	cpu_set_t cpus;

	for (int i = 0; i < WAYS_MESSAGES; i++)
		snprintf(messages[i], sizeof(messages[i]), WAYS_MESSAGE_TEXT, i);
	if (argc == 3 && !strcmp(argv[1], "received"))
		return received(argv[2]);
	int rounds = argc == 3 ? atoi(argv[1]) : 0;
	int bursts = argc == 3 ? atoi(argv[2]) : 0;

	if (rounds < 1 || bursts < RAREST || bursts > MOST_BURSTS) {
		fprintf(stderr, "usage: ways ROUNDS BURSTS, of these %d to %d\n", RAREST, MOST_BURSTS);
		return 2;
	}

	// Relay's buffers are a CPU's, and nobody else's work is to be waited for.
	CPU_ZERO(&cpus);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		cannot("sched_setaffinity");
	device = open_or_end("/dev/ways_across");
	for (current = ways; current < ways + WAYS; current++)
		if (current->open && !setjmp(next_way))
			current->open(current);
	for (int round = 0; round < rounds; round++)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			measure(round, &kinds[i], bursts);
	return 0;
}
