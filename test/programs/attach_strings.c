// SPDX-License-Identifier: MIT
// Which ways of attaching a source with strings are refused, and how: prints "ok - " or "not ok - ".
#define _GNU_SOURCE
#include "recorder.h"

static void expect(int holds, const char *what)
{
	printf("%s - %s\n", holds ? "ok" : "not ok", what);
}

/* 0, or the errno. */
static int attach(const struct recorder *recorder, const char *source, uint16_t options)
{
	struct relayscope_source_attach attach = {.channel_id = recorder->channel.channel_id,
						  .options = options};

	strncpy(attach.source, source, sizeof(attach.source) - 1);
	return ioctl(recorder->fd, RELAYSCOPE_IOC_SOURCE_ATTACH, &attach) ? errno : 0;
}

int main(void)
{
	struct recorder small = open_recorder(RELAYSCOPE_STRINGS_SUBBUF_MIN / 2, 4, 0);
	struct recorder recorder = open_recorder(RELAYSCOPE_STRINGS_SUBBUF_MIN, 4, 0);
	const uint16_t strings = RELAYSCOPE_ATTACH_STRINGS;

	expect(attach(&small, "syscalls", strings) == EMSGSIZE, "sub-buffers are too small");
	expect(attach(&small, "syscalls", 0) == 0, "and nothing was attached");
	expect(attach(&recorder, "syscalls", strings << 1) == EINVAL, "an option is not known");
	expect(attach(&recorder, "syscalls", 1u << 15) == EINVAL, "the highest one neither");
	expect(attach(&recorder, "sched", strings) == EOPNOTSUPP, "the source has none");
	expect(attach(&recorder, "nobodys", strings) == EOPNOTSUPP, "nobody's source has none");
	expect(attach(&recorder, "syscalls", strings) == 0, "attached");
	expect(attach(&recorder, "syscalls", 0) == EEXIST, "once only");
	return 0;
}
