/* Filters and triggers of every kind on the sources of a recorder, for the test programs. */
#ifndef TEST_FILTERS_H
#define TEST_FILTERS_H

#include <stddef.h>

#include "../../kmod/relay/test/test_record.h"
#include "recorder.h"

static inline void load_program(const struct recorder *recorder, unsigned long call, uint32_t kind,
				const char *source, struct relayscope_instruction test)
{
	struct relayscope_instruction program[3] = {
		test, {.op = RELAYSCOPE_OP_ACCEPT}, {.op = RELAYSCOPE_OP_REFUSE}};
	struct relayscope_source_program request = {
		.channel_id = recorder->channel.channel_id,
		.kind = kind,
		.instruction_count = 3,
		.text_size = 6,
		.instructions = (uintptr_t)program,
		.text = (uintptr_t)"*[a-z]",
	};

	program[0].if_false = 1;
	strncpy(request.source, source, sizeof(request.source) - 1);
	/* Of sources that are not attached nothing is asked. */
	if (ioctl(recorder->fd, call, &request) && errno != EINVAL) die("program");
}

/* Test records of odd sequence, switches of tasks in a cgroup and with a name, calls that fail. */
static inline void load_filters(const struct recorder *recorder)
{
	const struct relayscope_instruction odd = {
		.op = RELAYSCOPE_OP_BITS,
		.operand = RELAYSCOPE_OPERAND_FIELD,
		.event_id = RELAYSCOPE_TEST_EVENT,
		.offset = offsetof(struct relayscope_test_record, sequence),
		.width = 4,
		.value = 1,
	};
	const struct relayscope_instruction in_root = {
		.op = RELAYSCOPE_OP_UNDER,
		.operand = RELAYSCOPE_OPERAND_SUBJECT,
		.offset = RELAYSCOPE_SUBJECT_CGROUP,
		.value = 1,
	};
	const struct relayscope_instruction named = {
		.op = RELAYSCOPE_OP_MATCHES,
		.operand = RELAYSCOPE_OPERAND_SUBJECT,
		.offset = RELAYSCOPE_SUBJECT_COMM,
		.text_length = 6,
	};
	const struct relayscope_instruction failed = {
		.op = RELAYSCOPE_OP_LT,
		.operand = RELAYSCOPE_OPERAND_CALL,
		.offset = RELAYSCOPE_CALL_RET,
		.flags = RELAYSCOPE_NUMBER_SIGNED,
	};

	load_program(recorder, RELAYSCOPE_IOC_SOURCE_FILTER, RELAYSCOPE_FILTER_WHOLE, "test", odd);
	load_program(recorder, RELAYSCOPE_IOC_SOURCE_TRIGGER, 0, "test", odd);
	load_program(recorder, RELAYSCOPE_IOC_SOURCE_FILTER, RELAYSCOPE_FILTER_EARLY, "sched", in_root);
	load_program(recorder, RELAYSCOPE_IOC_SOURCE_FILTER, RELAYSCOPE_FILTER_WHOLE, "sched", named);
	load_program(recorder, RELAYSCOPE_IOC_SOURCE_TRIGGER, 0, "sched", named);
	load_program(recorder, RELAYSCOPE_IOC_SOURCE_FILTER, RELAYSCOPE_FILTER_WHOLE, "syscalls", failed);
	load_program(recorder, RELAYSCOPE_IOC_SOURCE_TRIGGER, 0, "syscalls", failed);
}

static inline uint32_t triggered(const struct recorder *recorder)
{
	uint32_t fired;

	if (ioctl(recorder->fd, RELAYSCOPE_IOC_TRIGGERED, &fired)) die("triggered");
	return fired;
}

#endif
