// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#define KNOBS "/sys/kernel/debug/bufflink_test/"

static const char *modules;

void modules_in(const char *directory)
{
	modules = directory;
}

int load(const char *module, const char *parameters)
{
	char path[4096];
	int fd, err;

	snprintf(path, sizeof(path), "%s/%s.ko", modules, module);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	return err;
}

int unload(const char *module)
{
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? -errno : 0;
}

void load_test(const char *parameters)
{
	int err = load("bufflink_test", parameters);

	if (err) {
		errno = -err;
		bail_out("load bufflink_test");
	}
}

void unload_test(void)
{
	int err = unload("bufflink_test");

	if (err) {
		errno = -err;
		bail_out("unload bufflink_test");
	}
}

int turn(const char *knob, const char *value)
{
	char path[128];
	ssize_t put;
	int fd, err;

	snprintf(path, sizeof(path), KNOBS "%s", knob);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	put = write(fd, value, strlen(value));
	err = put < 0 ? -errno : 0;
	close(fd);
	return err;
}

static unsigned long long read_source(const char *context, int cpu, unsigned int *attempted)
{
	FILE *file = fopen(KNOBS "sources", "r");
	unsigned long long refused;
	unsigned int tried;
	char name[32];
	int number;

	if (!file)
		bail_out(KNOBS "sources");
	while (fscanf(file, "%31s %d %u %llu", name, &number, &tried, &refused) == 4) {
		if (strcmp(name, context) || (cpu >= 0 && number != cpu))
			continue;
		fclose(file);
		*attempted = tried;
		return refused;
	}
	errno = ENOENT;
	bail_out(context);
}

struct source_count source_count(const char *context, unsigned int cpu)
{
	struct source_count count;

	count.refused = (unsigned int)read_source(context, (int)cpu, &count.attempted);
	return count;
}

unsigned long long bufflink_count_refused(void)
{
	unsigned int unused;

	return read_source("bufflink", -1, &unused);
}
