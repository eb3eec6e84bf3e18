// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running a program over an event: in any context, with interrupts off for records. Every
 * instruction leads forward, so it ends; every access is held against the record's length, for a
 * program may name an event that has become shorter.
 */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "predicate.h"

/* ---- numbers ---- */

static bool has_bytes(const struct relayscope_instruction *test,
		      const struct relayscope_record_header *record, u16 offset, u16 size)
{
	return record && record->event_id == test->event_id && offset + size <= record->length;
}

static bool load_field(const struct relayscope_instruction *test,
		       const struct relayscope_record_header *record, u64 *value)
{
	const void *at = (const u8 *)record + test->offset;
	bool is_signed = test->flags & RELAYSCOPE_NUMBER_SIGNED;

	if (!has_bytes(test, record, test->offset, test->width))
		return false;
	switch (test->width) {
	case 1:
		*value = is_signed ? (u64)*(const s8 *)at : *(const u8 *)at;
		return true;
	case 2:
		*value = is_signed ? (u64)*(const s16 *)at : *(const u16 *)at;
		return true;
	case 4:
		*value = is_signed ? (u64)*(const s32 *)at : *(const u32 *)at;
		return true;
	default:
		*value = *(const u64 *)at;
		return true;
	}
}

static bool load_context(const struct relayscope_instruction *test,
			 const struct relayscope_subject *subject, u64 *value)
{
	const struct relayscope_call *call = subject->call;

	switch (test->offset) {
	case RELAYSCOPE_SUBJECT_EVENT:
		if (!subject->record)
			return false;
		*value = subject->record->event_id;
		return true;
	case RELAYSCOPE_SUBJECT_PID:
		*value = current->tgid;
		return true;
	case RELAYSCOPE_SUBJECT_TID:
		*value = subject->record ? subject->record->tid : current->pid;
		return true;
	case RELAYSCOPE_SUBJECT_UID:
		*value = call ? call->uid : from_kuid(&init_user_ns, current_uid());
		return true;
	case RELAYSCOPE_SUBJECT_CPU:
		*value = call ? call->cpu : raw_smp_processor_id();
		return true;
	default:
		return false;
	}
}

static u64 call_key(const struct relayscope_call *call)
{
	bool ia32 = call->abi == 1;

	if ((unsigned long)call->nr >= RELAYSCOPE_CALL_KEYS)
		return U64_MAX;
	return call->nr + (ia32 ? RELAYSCOPE_CALL_KEYS : 0);
}

static bool load_call(const struct relayscope_instruction *test,
		      const struct relayscope_call *call, u64 *value)
{
	unsigned int arg;

	if (!call)
		return false;
	switch (test->offset) {
	case RELAYSCOPE_CALL_NR:
		*value = call->nr;
		return true;
	case RELAYSCOPE_CALL_ABI:
		*value = call->abi;
		return true;
	case RELAYSCOPE_CALL_KEY:
		*value = call_key(call);
		return true;
	case RELAYSCOPE_CALL_RET:
		*value = call->ret;
		return call->returned;
	case RELAYSCOPE_CALL_ERRNO:
		*value = -(u64)call->ret;
		return call->returned && (unsigned long)call->ret >= (unsigned long)-MAX_ERRNO;
	case RELAYSCOPE_CALL_DUR:
		*value = call->dur;
		return call->returned;
	default:
		arg = test->offset - RELAYSCOPE_CALL_ARG0;
		if (arg >= min_t(unsigned int, call->arg_count, RELAYSCOPE_CALL_ARGS_MAX))
			return false;
		*value = call->args[arg];
		return true;
	}
}

static bool load_number(const struct relayscope_instruction *test,
			const struct relayscope_subject *subject, u64 *value)
{
	switch (test->operand) {
	case RELAYSCOPE_OPERAND_FIELD:
		return load_field(test, subject->record, value);
	case RELAYSCOPE_OPERAND_SUBJECT:
		return load_context(test, subject, value);
	case RELAYSCOPE_OPERAND_CALL:
		return load_call(test, subject->call, value);
	default:
		return false;
	}
}

static bool in_set(const u8 *set, u32 bytes, u64 value)
{
	return value < (u64)bytes * BITS_PER_BYTE &&
	       set[value / BITS_PER_BYTE] & BIT(value % BITS_PER_BYTE);
}

static int order(const struct relayscope_instruction *test, u64 value)
{
	if (test->flags & RELAYSCOPE_NUMBER_SIGNED)
		return (s64)value < (s64)test->value ? -1 : (s64)value > (s64)test->value;
	return value < test->value ? -1 : value > test->value;
}

static bool test_number(const struct relayscope_predicate *predicate,
			const struct relayscope_instruction *test,
			const struct relayscope_subject *subject)
{
	u64 value;

	if (!load_number(test, subject, &value))
		return false;
	switch (test->op) {
	case RELAYSCOPE_OP_EQ:
		return value == test->value;
	case RELAYSCOPE_OP_NE:
		return value != test->value;
	case RELAYSCOPE_OP_LT:
		return order(test, value) < 0;
	case RELAYSCOPE_OP_LE:
		return order(test, value) <= 0;
	case RELAYSCOPE_OP_GT:
		return order(test, value) > 0;
	case RELAYSCOPE_OP_GE:
		return order(test, value) >= 0;
	case RELAYSCOPE_OP_BITS:
		return value & test->value;
	case RELAYSCOPE_OP_NO_BITS:
		return !(value & test->value);
	case RELAYSCOPE_OP_IN:
		return in_set(predicate->text + test->text_offset, test->text_length, value);
	case RELAYSCOPE_OP_NOT_IN:
		return !in_set(predicate->text + test->text_offset, test->text_length, value);
	default:
		return false;
	}
}

/* ---- texts ---- */

static bool load_chars(const struct relayscope_instruction *test,
		       const struct relayscope_record_header *record, const u8 **text,
		       size_t *length)
{
	if (!has_bytes(test, record, test->offset, test->size))
		return false;
	*text = (const u8 *)record + test->offset;
	*length = test->size;
	return true;
}

static bool load_tail(const struct relayscope_instruction *test,
		      const struct relayscope_record_header *record, u32 skipped,
		      const u8 **text, size_t *length)
{
	u32 start = test->offset + skipped;

	if (!has_bytes(test, record, test->offset, 0) || start > record->length)
		return false;
	*text = (const u8 *)record + start;
	*length = record->length - start;
	if (!test->size)
		return true;
	if (!has_bytes(test, record, test->size, sizeof(u16)))
		return false;
	*length = min_t(size_t, *length, *(const u16 *)((const u8 *)record + test->size));
	return true;
}

static bool load_call_text(const struct relayscope_instruction *test,
			   const struct relayscope_texts *texts, const u8 **text, size_t *length)
{
	bool second = test->offset == RELAYSCOPE_CALL_PATH2;

	if (!texts)
		return false;
	*text = second ? texts->path2 : texts->path;
	*length = second ? texts->path2_length : texts->path_length;
	return *text;
}

static bool load_text(const struct relayscope_instruction *test,
		      const struct relayscope_subject *subject, u32 skipped, const u8 **text,
		      size_t *length)
{
	switch (test->operand) {
	case RELAYSCOPE_OPERAND_CHARS:
		return load_chars(test, subject->record, text, length);
	case RELAYSCOPE_OPERAND_TAIL:
		return load_tail(test, subject->record, skipped, text, length);
	case RELAYSCOPE_OPERAND_SUBJECT:
		*text = subject->call ? subject->call->comm : current->comm;
		*length = TASK_COMM_LEN;
		return true;
	case RELAYSCOPE_OPERAND_CALL:
		return load_call_text(test, subject->texts, text, length);
	default:
		return false;
	}
}

/* Whether @c is what the pattern says at *@at, which moves on if so. */
static bool matches_one(const u8 *pattern, size_t length, size_t *at, u8 c)
{
	size_t i = *at;
	bool inverted, found = false;

	switch (pattern[i]) {
	case '?':
		*at = i + 1;
		return true;
	case '\\':
		if (i + 1 < length)
			i++;
		break;
	case '[':
		i++;
		inverted = i < length && (pattern[i] == '!' || pattern[i] == '^');
		i += inverted;
		/* A bracket that comes first is one of the set. */
		for (bool first = true; i < length && (first || pattern[i] != ']'); first = false) {
			u8 from = pattern[i], to = from;

			if (i + 2 < length && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
				to = pattern[i + 2];
				i += 2;
			}
			found |= from <= c && c <= to;
			i++;
		}
		if (i >= length || found == inverted)
			return false;
		*at = i + 1;
		return true;
	}
	if (pattern[i] != c)
		return false;
	*at = i + 1;
	return true;
}

/*
 * Shell patterns. After a mismatch only the latest star takes one more byte: what an earlier one
 * could take is of no use. So the steps are at most the two lengths' product.
 */
static bool pattern_matches(const u8 *pattern, size_t pattern_length, const u8 *text,
			    size_t length)
{
	size_t at = 0, i = 0, star_at = 0, star_i = 0;
	bool star = false;

	while (i < length) {
		if (at < pattern_length && pattern[at] == '*') {
			star = true;
			star_at = ++at;
			star_i = i;
			if (at == pattern_length)
				return true;
		} else if (at < pattern_length &&
			   matches_one(pattern, pattern_length, &at, text[i])) {
			i++;
		} else if (star) {
			at = star_at;
			i = ++star_i;
		} else {
			return false;
		}
	}
	while (at < pattern_length && pattern[at] == '*')
		at++;
	return at == pattern_length;
}

static bool test_text(const struct relayscope_predicate *predicate,
		      const struct relayscope_instruction *test,
		      const struct relayscope_subject *subject, u32 skipped)
{
	const u8 *wanted = predicate->text + test->text_offset;
	const u8 *text;
	size_t length;

	if (!load_text(test, subject, skipped, &text, &length))
		return false;
	if (!(test->flags & RELAYSCOPE_CHARS_WHOLE))
		length = strnlen(text, min_t(size_t, length, RELAYSCOPE_TEXT_SEEN_MAX));
	length = min_t(size_t, length, RELAYSCOPE_TEXT_SEEN_MAX);
	switch (test->op) {
	case RELAYSCOPE_OP_IS:
		return length == test->text_length && !memcmp(text, wanted, length);
	case RELAYSCOPE_OP_IS_NOT:
		return length != test->text_length || memcmp(text, wanted, length);
	case RELAYSCOPE_OP_MATCHES:
		return pattern_matches(wanted, test->text_length, text, length);
	case RELAYSCOPE_OP_MATCHES_NOT:
		return !pattern_matches(wanted, test->text_length, text, length);
	default:
		return false;
	}
}

/* ---- cgroups ---- */

/* Deeper ones are not looked at from the root's side. */
#define CGROUP_DEPTH_SEEN 64

static bool is_under(u64 id)
{
	bool under = false;
#ifdef CONFIG_CGROUPS
	struct cgroup *cgroup;
	int depth;

	rcu_read_lock();
	cgroup = task_dfl_cgroup(current);
	for (depth = 0; cgroup && !under && depth < CGROUP_DEPTH_SEEN; depth++) {
		under = cgroup_id(cgroup) == id;
		cgroup = cgroup_parent(cgroup);
	}
	rcu_read_unlock();
#endif
	return under;
}

/* ---- the program ---- */

static u32 skip(const struct relayscope_instruction *step,
		const struct relayscope_record_header *record)
{
	if (!has_bytes(step, record, step->offset, sizeof(u16)))
		return 0;
	return *(const u16 *)((const u8 *)record + step->offset);
}

static bool holds(const struct relayscope_predicate *predicate,
		  const struct relayscope_instruction *test,
		  const struct relayscope_subject *subject, u32 skipped)
{
	switch (test->op) {
	case RELAYSCOPE_OP_IS:
	case RELAYSCOPE_OP_IS_NOT:
	case RELAYSCOPE_OP_MATCHES:
	case RELAYSCOPE_OP_MATCHES_NOT:
		return test_text(predicate, test, subject, skipped);
	case RELAYSCOPE_OP_UNDER:
		return is_under(test->value);
	case RELAYSCOPE_OP_NOT_UNDER:
		return !is_under(test->value);
	default:
		return test_number(predicate, test, subject);
	}
}

bool relayscope_predicate_holds(const struct relayscope_predicate *predicate,
				const struct relayscope_subject *subject)
{
	u32 skipped = 0;
	u32 at;

	for (at = 0; at < predicate->count; at++) {
		const struct relayscope_instruction *step = &predicate->program[at];

		switch (step->op) {
		case RELAYSCOPE_OP_ACCEPT:
			return true;
		case RELAYSCOPE_OP_REFUSE:
			return false;
		case RELAYSCOPE_OP_SKIP:
			skipped += skip(step, subject->record);
			break;
		default:
			at += holds(predicate, step, subject, skipped) ? step->if_true :
									 step->if_false;
			skipped = 0;
		}
	}
	return false;
}
