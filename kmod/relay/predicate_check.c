// SPDX-License-Identifier: GPL-2.0-only
/* Loading a program: nothing is run that has not been checked from its first to its last byte. */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "predicate.h"

/* Beyond any event's fixed part: what runs holds it against the record's own length. */
#define FIXED_PART_MAX 4096u

static bool is_set_test(u8 op)
{
	return op == RELAYSCOPE_OP_IN || op == RELAYSCOPE_OP_NOT_IN;
}

static bool is_pattern_test(u8 op)
{
	return op == RELAYSCOPE_OP_MATCHES || op == RELAYSCOPE_OP_MATCHES_NOT;
}

static bool is_text_test(u8 op)
{
	return op == RELAYSCOPE_OP_IS || op == RELAYSCOPE_OP_IS_NOT || is_pattern_test(op);
}

static bool is_cgroup_test(u8 op)
{
	return op == RELAYSCOPE_OP_UNDER || op == RELAYSCOPE_OP_NOT_UNDER;
}

static bool in_record(u32 offset, u32 size)
{
	return offset >= sizeof(struct relayscope_record_header) && offset + size <= FIXED_PART_MAX;
}

/* Where the length of a tail stands. */
static bool length_in_record(u32 offset)
{
	return !(offset % sizeof(u16)) && in_record(offset, sizeof(u16));
}

static bool valid_end(const struct relayscope_instruction *end)
{
	return !end->operand && !end->width && !end->flags && !end->event_id && !end->offset &&
	       !end->size && !end->if_true && !end->if_false && !end->value;
}

static bool valid_skip(const struct relayscope_instruction *step, bool early)
{
	return !early && step->operand == RELAYSCOPE_OPERAND_TAIL && !step->width &&
	       !step->flags && length_in_record(step->offset) && !step->size &&
	       !step->if_true && !step->if_false && !step->value;
}

static bool valid_number(const struct relayscope_instruction *test)
{
	if (test->flags & ~RELAYSCOPE_NUMBER_SIGNED || test->size)
		return false;
	switch (test->operand) {
	case RELAYSCOPE_OPERAND_FIELD:
		return (test->width == 1 || test->width == 2 || test->width == 4 ||
			test->width == 8) &&
		       !(test->offset % test->width) && in_record(test->offset, test->width);
	case RELAYSCOPE_OPERAND_SUBJECT:
		return !test->width && test->offset < RELAYSCOPE_SUBJECT_COMM;
	case RELAYSCOPE_OPERAND_CALL:
		return !test->width && test->offset < RELAYSCOPE_CALL_PATH;
	default:
		return false;
	}
}

static bool valid_text(const struct relayscope_instruction *test)
{
	if (test->flags & ~RELAYSCOPE_CHARS_WHOLE || test->width)
		return false;
	switch (test->operand) {
	case RELAYSCOPE_OPERAND_CHARS:
		return test->size && in_record(test->offset, test->size);
	case RELAYSCOPE_OPERAND_TAIL:
		return in_record(test->offset, 0) &&
		       (!test->size || length_in_record(test->size));
	case RELAYSCOPE_OPERAND_SUBJECT:
		return !test->size && test->offset == RELAYSCOPE_SUBJECT_COMM;
	case RELAYSCOPE_OPERAND_CALL:
		return !test->size && test->offset >= RELAYSCOPE_CALL_PATH &&
		       test->offset < RELAYSCOPE_CALLS;
	default:
		return false;
	}
}

static bool valid_cgroup(const struct relayscope_instruction *test)
{
	return test->operand == RELAYSCOPE_OPERAND_SUBJECT &&
	       test->offset == RELAYSCOPE_SUBJECT_CGROUP && !test->width && !test->flags &&
	       !test->size;
}

static bool valid_constant(const struct relayscope_instruction *test, u32 text_size)
{
	if (!is_set_test(test->op) && !is_text_test(test->op))
		return true;
	if (is_pattern_test(test->op) && test->text_length > RELAYSCOPE_PATTERN_MAX)
		return false;
	return (u64)test->text_offset + test->text_length <= text_size;
}

static bool asks_for_return(const struct relayscope_instruction *test)
{
	return test->operand == RELAYSCOPE_OPERAND_CALL && test->offset >= RELAYSCOPE_CALL_RET &&
	       test->offset <= RELAYSCOPE_CALL_DUR;
}

static bool asks_for_text(const struct relayscope_instruction *test)
{
	return test->operand == RELAYSCOPE_OPERAND_CALL && test->offset >= RELAYSCOPE_CALL_PATH;
}

static bool valid_test(const struct relayscope_instruction *test, u32 text_size, bool early)
{
	if (early && (test->operand == RELAYSCOPE_OPERAND_FIELD ||
		      test->operand == RELAYSCOPE_OPERAND_CHARS ||
		      test->operand == RELAYSCOPE_OPERAND_TAIL || asks_for_return(test)))
		return false;
	if (!valid_constant(test, text_size))
		return false;
	if (is_text_test(test->op))
		return valid_text(test);
	return is_cgroup_test(test->op) ? valid_cgroup(test) : valid_number(test);
}

/* @left instructions follow: a step leads to one of them, or it ends the program. */
static bool valid(const struct relayscope_instruction *step, u32 left, u32 text_size, bool early)
{
	if (step->reserved)
		return false;
	switch (step->op) {
	case RELAYSCOPE_OP_ACCEPT:
	case RELAYSCOPE_OP_REFUSE:
		return valid_end(step);
	case RELAYSCOPE_OP_SKIP:
		return left && valid_skip(step, early);
	default:
		return step->op && step->op < RELAYSCOPE_OPS && step->if_true < left &&
		       step->if_false < left && valid_test(step, text_size, early);
	}
}

static int check(const struct relayscope_predicate *predicate, u32 text_size, bool early,
		 u32 *error_index)
{
	u32 patterns = 0;
	u32 i;

	for (i = 0; i < predicate->count; i++) {
		const struct relayscope_instruction *step = &predicate->program[i];

		if (is_pattern_test(step->op))
			patterns += step->text_length;
		if (patterns <= RELAYSCOPE_PATTERNS_MAX &&
		    valid(step, predicate->count - i - 1, text_size, early))
			continue;
		*error_index = i;
		return -EINVAL;
	}
	return 0;
}

void relayscope_predicate_free(struct relayscope_predicate *predicate)
{
	if (!predicate)
		return;
	kvfree(predicate->text);
	kvfree(predicate);
}

/* The program's text, copied: the caller may change its own meanwhile. Never NULL, empty or not. */
static const u8 *copy_text(const struct relayscope_source_program *request)
{
	u8 *text = kvzalloc(request->text_size + 1, GFP_KERNEL);

	if (!text)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(text, u64_to_user_ptr(request->text), request->text_size)) {
		kvfree(text);
		return ERR_PTR(-EFAULT);
	}
	return text;
}

struct relayscope_predicate *
relayscope_predicate_load(const struct relayscope_source_program *request, bool early,
			  u32 *error_index)
{
	const u32 count = request->instruction_count;
	struct relayscope_predicate *predicate;
	int err;
	u32 i;

	*error_index = U32_MAX;
	if (!count || count > RELAYSCOPE_PROGRAM_MAX ||
	    request->text_size > RELAYSCOPE_PROGRAM_TEXT_MAX)
		return ERR_PTR(-EINVAL);
	predicate = kvzalloc(struct_size(predicate, program, count), GFP_KERNEL);
	if (!predicate)
		return ERR_PTR(-ENOMEM);
	predicate->count = count;
	err = -EFAULT;
	if (copy_from_user(predicate->program, u64_to_user_ptr(request->instructions),
			   array_size(count, sizeof(*predicate->program))))
		goto err_free;
	predicate->text = copy_text(request);
	if (IS_ERR(predicate->text)) {
		err = PTR_ERR(predicate->text);
		predicate->text = NULL;
		goto err_free;
	}
	err = check(predicate, request->text_size, early, error_index);
	if (err)
		goto err_free;
	for (i = 0; i < count; i++) {
		predicate->needs_return |= asks_for_return(&predicate->program[i]);
		predicate->needs_texts |= asks_for_text(&predicate->program[i]);
	}
	return predicate;

err_free:
	relayscope_predicate_free(predicate);
	return ERR_PTR(err);
}
