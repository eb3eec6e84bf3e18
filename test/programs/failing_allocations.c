/*
 * Lets each allocation of each step that creates something fail in turn (/proc/self/fail-nth, on a
 * kernel with fault injection) and goes on with the next step. Every step must fail with an errno
 * or succeed; what else goes wrong is the kernel log's to tell. Prints `STEP: N allocations failed`.
 * usage: failing_allocations MODULE.ko...   (loaded in this order, removed in the other)
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <sys/syscall.h>

#include "recorder.h"

static int nth_fd;

static void arm(int nth)
{
	char text[16];
	int size = snprintf(text, sizeof(text), "%d", nth);

	if (pwrite(nth_fd, text, (size_t)size, 0) != size) die("fail-nth");
}

/* Whether the failure that was asked for has happened. */
static int disarm(void)
{
	char text[16] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) <= 0) die("fail-nth");
	arm(0);
	return atoi(text) == 0;
}

struct trial {
	int fd;
	struct relayscope_channel_create channel;
	struct recorder recorder;
};

typedef int step_function(struct trial *trial);

static int open_device(struct trial *trial)
{
	trial->fd = open(RELAYSCOPE_DEVICE, O_RDWR | O_CLOEXEC);
	return trial->fd;
}

static int create_channel(struct trial *trial)
{
	return ioctl(trial->fd, RELAYSCOPE_IOC_CHANNEL_CREATE, &trial->channel);
}

static int attach(struct trial *trial)
{
	trial->recorder.fd = trial->fd;
	trial->recorder.channel = trial->channel;
	return attach_source(&trial->recorder, "syscalls");
}

static int add_process(struct trial *trial)
{
	struct relayscope_process_add add = {(uint32_t)getppid(), RELAYSCOPE_PROCESS_FOLLOW};

	return ioctl(trial->fd, RELAYSCOPE_IOC_PROCESS_ADD, &add);
}

static int load_program(struct trial *trial, unsigned long call, uint32_t kind)
{
	const struct relayscope_instruction accept = {.op = RELAYSCOPE_OP_ACCEPT};
	struct relayscope_source_program program = {
		.channel_id = trial->channel.channel_id,
		.kind = kind,
		.instruction_count = 1,
		.text_size = 8,
		.instructions = (uintptr_t)&accept,
		.text = (uintptr_t)"pattern",
		.source = "syscalls",
	};

	return ioctl(trial->fd, call, &program);
}

static int load_filter(struct trial *trial)
{
	return load_program(trial, RELAYSCOPE_IOC_SOURCE_FILTER, RELAYSCOPE_FILTER_WHOLE);
}

static int load_trigger(struct trial *trial)
{
	return load_program(trial, RELAYSCOPE_IOC_SOURCE_TRIGGER, 0);
}

static int start_recording(struct trial *trial) { return ioctl(trial->fd, RELAYSCOPE_IOC_START); }

static int stop_recording(struct trial *trial) { return ioctl(trial->fd, RELAYSCOPE_IOC_STOP); }

/* Unmapping may need memory too; a mapping left over would keep the recorder. */
static void unmap(void *at, size_t size)
{
	while (munmap(at, size))
		if (errno != ENOMEM) die("munmap");
}

static int map_control(struct trial *trial)
{
	void *at = mmap(NULL, trial->channel.control_length, PROT_READ, MAP_SHARED, trial->fd,
			(off_t)trial->channel.control_offset);

	if (at == MAP_FAILED) return -1;
	unmap(at, trial->channel.control_length);
	return 0;
}

static int make_files(struct trial *trial)
{
	if (!(trial->channel.flags & RELAYSCOPE_CHANNEL_BUFFER_ONLY)) return 0;
	return ioctl(trial->fd, RELAYSCOPE_IOC_CHANNEL_FILES, (unsigned long)trial->channel.channel_id);
}

static int open_and_map_data(struct trial *trial)
{
	size_t size = (size_t)trial->channel.subbuf_size * trial->channel.subbuf_count;
	bool global = trial->channel.flags & RELAYSCOPE_CHANNEL_GLOBAL;
	char path[256];
	void *at;
	int fd;

	data_path(&trial->recorder, global ? RELAYSCOPE_CPU_ALL : 0, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return -1;
	at = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (at != MAP_FAILED) unmap(at, size);
	close(fd);
	return at == MAP_FAILED ? -1 : 0;
}

static int close_device(struct trial *trial) { return close(trial->fd); }

static const struct {
	const char *name;
	step_function *run;
	int may_fail; /* closing and stopping must not need memory */
} steps[] = {
	{"open", open_device, 1},	 {"channel", create_channel, 1}, {"attach", attach, 1},
	{"filter", load_filter, 1},	 {"trigger", load_trigger, 1},	 {"process", add_process, 1},
	{"start", start_recording, 1},	 {"control", map_control, 1},	 {"files", make_files, 1},
	{"data", open_and_map_data, 1}, {"stop", stop_recording, 0},	 {"close", close_device, 0},
};
#define STEPS (int)(sizeof(steps) / sizeof(steps[0]))

static uint32_t subbuf_size = 4096;

/* One life of a recorder, with the nth allocation of one step failing; 1 while there is an nth. */
static int fail_one(uint32_t flags, int failing, int nth)
{
	struct trial trial = {.fd = -1,
			      .channel = {.name = "test",
					  .subbuf_size = subbuf_size,
					  .subbuf_count = 4,
					  .flush_interval_ms = 10,
					  .flags = flags}};
	int happened = 0;

	for (int step = 0; step < STEPS; step++) {
		int result, error;

		if (step == failing) arm(nth);
		result = steps[step].run(&trial);
		error = errno;
		if (step == failing) happened = disarm();
		if (result >= 0) continue;
		if (step != failing || !steps[step].may_fail || !happened) {
			fprintf(stderr, "%s (failing %s, %d): %s\n", steps[step].name, steps[failing].name, nth,
				strerror(error));
			exit(1);
		}
		if (step == 0) return 1;
		close(trial.fd);
		return 1;
	}
	return happened;
}

/* @kind: goes before the steps' names. */
static void fail_steps(const char *kind, uint32_t flags)
{
	for (int failing = 0; failing < STEPS; failing++) {
		int nth = 1;

		while (fail_one(flags, failing, nth)) nth++;
		printf("%s%s: %d allocations failed\n", kind, steps[failing].name, nth - 1);
		fflush(stdout);
	}
}

static const char *module_name(const char *path)
{
	static char name[64];
	const char *slash = strrchr(path, '/');

	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : path);
	name[strcspn(name, ".")] = '\0';
	return name;
}

static void remove_module(const char *path)
{
	if (syscall(SYS_delete_module, module_name(path), O_NONBLOCK)) die(path);
}

/* The module's own allocations come last, after the many of loading it. */
static void fail_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int nth = 1, happened;
	long result;

	if (fd < 0) die(path);
	for (;; nth++) {
		arm(nth);
		result = syscall(SYS_finit_module, fd, "", 0);
		happened = disarm();
		if (!happened) break;
		if (result == 0) remove_module(path);
	}
	if (result) die(path);
	close(fd);
	printf("%s: %d allocations failed\n", module_name(path), nth - 1);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	nth_fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0) die("fail-nth");
	for (int i = 1; i < argc; i++) fail_module(argv[i]);
	fail_steps("", 0);
	fail_steps("late-", RELAYSCOPE_CHANNEL_BUFFER_ONLY);
	fail_steps("global-", RELAYSCOPE_CHANNEL_GLOBAL | RELAYSCOPE_CHANNEL_BUFFER_ONLY);
	/* What attach_source() looks for. */
	setenv("STRINGS", "1", 1);
	subbuf_size = RELAYSCOPE_STRINGS_SUBBUF_MIN;
	fail_steps("strings-", 0);
	for (int i = argc; --i;) remove_module(argv[i]);
	return 0;
}
