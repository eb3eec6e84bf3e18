// SPDX-License-Identifier: MIT
// The kernel's own code for filters, asked about cases from standard input: a letter each, "y" when
// the program accepts, "n" when it refuses, "x" when it is refused itself.
#include <stdio.h>

#include "../../kmod/relay/predicate.c"
#include "../../kmod/relay/predicate_check.c"

struct task the_task;
u32 the_cpu, the_uid;
static struct cgroup root = { .id = 1 }, outer = { .id = 2, .parent = &root };
struct cgroup the_cgroup = { .id = 3, .parent = &outer };

struct problem {
	u32 early, instructions, text_size, record_length, has_call;
	u32 pid, uid, cpu;
	u32 abi, arg_count, returned, path, path2, unused; /* of a path: 0, or a byte more than it has */
	u64 args[RELAYSCOPE_CALL_ARGS_MAX];
	s64 nr, ret;
	u64 dur;
	char comm[TASK_COMM_LEN];
};

/* Of exactly this size, so that a sanitizer sees what lies beyond; at least a byte. */
static void *take(size_t size)
{
	void *bytes = malloc(size ? size : 1);

	if (size && fread(bytes, size, 1, stdin) != 1)
		exit(1);
	return bytes;
}

static struct relayscope_call call_of(const struct problem *problem)
{
	struct relayscope_call call = {
		.nr = problem->nr,
		.abi = problem->abi,
		.arg_count = problem->arg_count,
		.returned = problem->returned,
		.ret = problem->ret,
		.dur = problem->dur,
		.uid = problem->uid,
		.cpu = problem->cpu,
	};

	memcpy(call.args, problem->args, sizeof(problem->args));
	memcpy(call.comm, problem->comm, sizeof(call.comm));
	return call;
}

static char answer(const struct problem *problem, const void *program, const void *text,
		   const void *record, const u8 *path, const u8 *path2)
{
	const struct relayscope_source_program request = {
		.instruction_count = problem->instructions,
		.text_size = problem->text_size,
		.instructions = (uintptr_t)program,
		.text = (uintptr_t)text,
	};
	const struct relayscope_call call = call_of(problem);
	const struct relayscope_texts texts = {
		.path = problem->path ? path : NULL,
		.path_length = problem->path ? problem->path - 1 : 0,
		.path2 = problem->path2 ? path2 : NULL,
		.path2_length = problem->path2 ? problem->path2 - 1 : 0,
	};
	const struct relayscope_subject subject = {
		.record = problem->record_length ? record : NULL,
		.call = problem->has_call ? &call : NULL,
		.texts = problem->has_call ? &texts : NULL,
	};
	struct relayscope_predicate *predicate;
	u32 index;
	bool accepted;

	predicate = relayscope_predicate_load(&request, problem->early, &index);
	if (IS_ERR(predicate))
		return 'x';
	the_task.tgid = problem->pid;
	the_task.pid = problem->pid + 1;
	memcpy(the_task.comm, problem->comm, sizeof(the_task.comm));
	the_uid = problem->uid;
	the_cpu = problem->cpu;
	accepted = relayscope_predicate_holds(predicate, &subject);
	relayscope_predicate_free(predicate);
	return accepted ? 'y' : 'n';
}

int main(void)
{
	struct problem problem;

	while (fread(&problem, sizeof(problem), 1, stdin) == 1) {
		void *program =
			take(problem.instructions * sizeof(struct relayscope_instruction));
		void *text = take(problem.text_size);
		void *record = take(problem.record_length);
		void *path = take(problem.path ? problem.path - 1 : 0);
		void *path2 = take(problem.path2 ? problem.path2 - 1 : 0);

		putchar(answer(&problem, program, text, record, path, path2));
		free(path2);
		free(path);
		free(record);
		free(text);
		free(program);
	}
	return 0;
}
