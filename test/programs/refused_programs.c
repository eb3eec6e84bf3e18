// SPDX-License-Identifier: MIT
// Loads programs that the kernel must refuse, and one of each kind that it must take; prints a line
// each: name, errno or "-", index of the instruction.
#define _GNU_SOURCE
#include "recorder.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct recorder recorder;
static uint8_t text[RELAYSCOPE_PROGRAM_TEXT_MAX + 8];

static const struct relayscope_instruction accept_ = {.op = RELAYSCOPE_OP_ACCEPT};
static const struct relayscope_instruction refuse = {.op = RELAYSCOPE_OP_REFUSE};

static int load(const char *source, uint32_t kind, const struct relayscope_instruction *program,
		uint32_t count, uint32_t text_size, uint32_t *index)
{
	struct relayscope_source_program request = {
		.channel_id = recorder.channel.channel_id,
		.kind = kind,
		.instruction_count = count,
		.text_size = text_size,
		.instructions = (uintptr_t)program,
		.text = (uintptr_t)text,
	};
	int result;

	strncpy(request.source, source, sizeof(request.source) - 1);
	result = ioctl(recorder.fd, RELAYSCOPE_IOC_SOURCE_FILTER, &request) ? errno : 0;
	*index = request.error_index;
	return result;
}

static void try(const char *name, const char *source, uint32_t kind,
		const struct relayscope_instruction *program, uint32_t count, uint32_t text_size)
{
	uint32_t index;
	int error = load(source, kind, program, count, text_size, &index);

	printf("%s %s %d\n", name, error ? strerrorname_np(error) : "-", (int)index);
}

#define WHOLE(name, ...)                                                                  \
	do {                                                                              \
		const struct relayscope_instruction program[] = {__VA_ARGS__};            \
		try(name, "sched", RELAYSCOPE_FILTER_WHOLE, program, COUNT(program), 16); \
	} while (0)

static struct relayscope_instruction field(uint16_t offset, uint8_t width)
{
	return (struct relayscope_instruction){.op = RELAYSCOPE_OP_EQ,
					       .operand = RELAYSCOPE_OPERAND_FIELD,
					       .event_id = 10,
					       .offset = offset,
					       .width = width,
					       .if_false = 1};
}

static struct relayscope_instruction pattern(uint32_t offset, uint32_t length)
{
	return (struct relayscope_instruction){.op = RELAYSCOPE_OP_MATCHES,
					       .operand = RELAYSCOPE_OPERAND_SUBJECT,
					       .offset = RELAYSCOPE_SUBJECT_COMM,
					       .if_false = 1,
					       .text_offset = offset,
					       .text_length = length};
}

static void refuse_jumps(void)
{
	struct relayscope_instruction test = field(12, 4);

	test.if_true = 65535; /* one back, for a machine that adds 16 bits */
	WHOLE("backward", field(12, 4), test, accept_, refuse);
	test.if_true = 2;
	WHOLE("out-of-program", test, accept_, refuse);
	test.if_true = 0;
	test.if_false = 2;
	WHOLE("out-when-false", test, accept_, refuse);
	WHOLE("unterminated", accept_, field(12, 4));
	WHOLE("skip-at-the-end", accept_,
	      (struct relayscope_instruction){.op = RELAYSCOPE_OP_SKIP,
					      .operand = RELAYSCOPE_OPERAND_TAIL,
					      .offset = 12});
}

static void refuse_operands(void)
{
	struct relayscope_instruction test;

	WHOLE("before-the-record", field(0, 4), accept_, refuse);
	WHOLE("behind-any-record", field(4096, 4), accept_, refuse);
	WHOLE("across-the-end", field(4092, 8), accept_, refuse);
	WHOLE("unaligned", field(13, 4), accept_, refuse);
	WHOLE("odd-width", field(12, 3), accept_, refuse);
	WHOLE("no-width", field(12, 0), accept_, refuse);
	test = field(12, 4);
	test.operand = RELAYSCOPE_OPERANDS;
	WHOLE("no-operand", test, accept_, refuse);
	test = field(12, 4);
	test.op = RELAYSCOPE_OPS;
	WHOLE("no-op", test, accept_, refuse);
	test = field(12, 4);
	test.op = 0;
	WHOLE("zero-op", test, accept_, refuse);
	test = field(12, 4);
	test.flags = 0x80;
	WHOLE("unknown-flag", test, accept_, refuse);
	test = field(12, 4);
	test.reserved = 1;
	WHOLE("reserved", test, accept_, refuse);
	test = field(RELAYSCOPE_SUBJECTS, 0);
	test.operand = RELAYSCOPE_OPERAND_SUBJECT;
	WHOLE("no-context", test, accept_, refuse);
	test = field(RELAYSCOPE_CALLS, 0);
	test.operand = RELAYSCOPE_OPERAND_CALL;
	WHOLE("no-call-part", test, accept_, refuse);
}

static void refuse_texts(void)
{
	struct relayscope_instruction test;

	WHOLE("text-behind-the-pool", pattern(16, 1), accept_, refuse);
	WHOLE("text-wraps", pattern(0xffffffff, 2), accept_, refuse);
	WHOLE("pattern-too-long", pattern(0, RELAYSCOPE_PATTERN_MAX + 1), accept_, refuse);
	test = pattern(0, 1);
	test.op = RELAYSCOPE_OP_LT;
	WHOLE("number-of-a-text", test, accept_, refuse);
	test = pattern(0, 1);
	test.operand = RELAYSCOPE_OPERAND_CHARS;
	test.offset = 12;
	WHOLE("text-without-size", test, accept_, refuse);
}

static void refuse_early(void)
{
	const struct relayscope_instruction record[] = {field(12, 4), accept_, refuse};
	struct relayscope_instruction returned[] = {field(RELAYSCOPE_CALL_RET, 0), accept_, refuse};

	returned[0].operand = RELAYSCOPE_OPERAND_CALL;
	try("early-looks-at-the-record", "sched", RELAYSCOPE_FILTER_EARLY, record, 3, 0);
	try("early-looks-at-the-return", "syscalls", RELAYSCOPE_FILTER_EARLY, returned, 3, 0);
}

static void refuse_requests(void)
{
	static struct relayscope_instruction many[RELAYSCOPE_PROGRAM_MAX + 1];

	for (size_t i = 0; i < COUNT(many); i++) many[i] = accept_;
	try("too-long", "sched", RELAYSCOPE_FILTER_WHOLE, many, COUNT(many), 0);
	try("empty", "sched", RELAYSCOPE_FILTER_WHOLE, many, 0, 0);
	try("too-much-text", "sched", RELAYSCOPE_FILTER_WHOLE, many, 1,
	    RELAYSCOPE_PROGRAM_TEXT_MAX + 1);
	try("no-such-kind", "sched", 2, many, 1, 0);
	try("not-attached", "printk", RELAYSCOPE_FILTER_WHOLE, many, 1, 0);
	try("no-memory-there", "sched", RELAYSCOPE_FILTER_WHOLE, (void *)8, 1, 0);
}

static void take(void)
{
	const struct relayscope_instruction program[] = {field(12, 4), accept_, refuse};
	const struct relayscope_instruction none[] = {refuse};

	try("good", "sched", RELAYSCOPE_FILTER_WHOLE, program, 3, 0);
	try("a-second", "sched", RELAYSCOPE_FILTER_WHOLE, program, 3, 0);
	try("good-early", "syscalls", RELAYSCOPE_FILTER_EARLY, none, 1, 0);
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_START)) die("start");
	try("after-start", "sched", RELAYSCOPE_FILTER_EARLY, none, 1, 0);
	if (ioctl(recorder.fd, RELAYSCOPE_IOC_STOP)) die("stop");
}

int main(void)
{
	memset(text, '*', sizeof(text));
	recorder = open_recorder(65536, 4, 100);
	if (attach_source(&recorder, "sched") || attach_source(&recorder, "syscalls")) die("attach");
	refuse_jumps();
	refuse_operands();
	refuse_texts();
	refuse_early();
	refuse_requests();
	take();
	return 0;
}
