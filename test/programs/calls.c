/*
 * Makes the system calls that its arguments name, one each: 'openat -100 /etc/passwd 1'. A number is
 * itself, @N what the Nth call returned (also within a path), & some zeroed memory, everything else a
 * text. 'ia32:NR ...' enters by int 0x80. `now` prints CLOCK_MONOTONIC in ns.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MEMORY_SIZE (1 << 20)
#define RESULTS_MAX 32
#define ARGUMENTS 6

static const struct {
	const char *name;
	long number;
} calls[] = {
#define CALL(name) { #name, SYS_##name }
	CALL(open), CALL(openat), CALL(creat), CALL(read), CALL(write), CALL(pwrite64), CALL(ftruncate),
	CALL(truncate), CALL(chmod), CALL(fchmod), CALL(fchmodat), CALL(chown), CALL(rename), CALL(renameat),
	CALL(renameat2), CALL(link), CALL(linkat), CALL(symlink), CALL(symlinkat), CALL(unlink),
	CALL(unlinkat), CALL(mknod), CALL(mknodat), CALL(chdir), CALL(close), CALL(dup), CALL(mmap),
	CALL(mprotect), CALL(ptrace), CALL(process_vm_writev), CALL(memfd_create), CALL(execveat),
	CALL(clock_settime), CALL(clock_gettime), CALL(settimeofday), CALL(adjtimex), CALL(clock_adjtime),
	CALL(sethostname), CALL(setdomainname), CALL(mount), CALL(umount2), CALL(setns), CALL(unshare),
	CALL(capset), CALL(capget), CALL(setuid), CALL(setresuid), CALL(init_module), CALL(finit_module),
	CALL(delete_module), CALL(kexec_load), CALL(kexec_file_load), CALL(getppid), CALL(getpid),
	CALL(fsopen), CALL(fsconfig), CALL(fsmount), CALL(move_mount), CALL(open_tree), CALL(sendfile),
	CALL(pkey_mprotect), CALL(lseek), CALL(pwritev), CALL(setreuid),
#undef CALL
};

static char *memory;
static size_t taken;
static long results[RESULTS_MAX];
static int made;

/* Below 4 GiB, so that a 32-bit call can point to it. */
static char *take(size_t size)
{
	char *start = memory + taken;

	taken += (size + 15) & ~15UL;
	if (taken > MEMORY_SIZE)
		exit(2);
	return start;
}

static long result_of(const char *text, char **end)
{
	long number = strtol(text, end, 10);

	return number >= 1 && number <= made ? results[number - 1] : -1;
}

static long value_of(const char *word)
{
	char *end;
	long number = strtol(word, &end, 0);
	char *text, *to;

	if (*word && !*end)
		return number;
	if (!strcmp(word, "&"))
		return (long)memset(take(4096), 0, 4096);
	if (word[0] == '@') {
		number = result_of(word + 1, &end);
		if (!*end)
			return number;
	}
	text = to = take(strlen(word) + 64);
	while (*word) {
		if (*word == '@' && isdigit((unsigned char)word[1])) {
			to += sprintf(to, "%ld", result_of(word + 1, &end));
			word = end;
		} else {
			*to++ = *word++;
		}
	}
	*to = '\0';
	return (long)text;
}

static long ia32(long number, const long *args)
{
	long result;

	asm volatile("push %%rbp\n\tmov %[ebp], %%rbp\n\tint $0x80\n\tpop %%rbp"
		     : "=a"(result)
		     : "a"(number), "b"(args[0]), "c"(args[1]), "d"(args[2]), "S"(args[3]), "D"(args[4]),
		       [ebp] "r"(args[5])
		     : "memory", "r8", "r9", "r10", "r11");
	/* An address is no error; 32-bit code would have no more than its 32 bits. */
	return (unsigned int)result > -4096U ? (int)result : (long)(unsigned int)result;
}

static long number_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(calls[i].name, name))
			return calls[i].number;
	fprintf(stderr, "no call %s\n", name);
	exit(2);
}

static void call(char *words)
{
	char *rest = words;
	char *name = strsep(&rest, " ");
	long args[ARGUMENTS] = { 0 };
	int count = 0;
	long result;
	char *word;

	while (count < ARGUMENTS && (word = strsep(&rest, " ")))
		args[count++] = value_of(word);
	if (!strncmp(name, "ia32:", 5)) {
		result = ia32(strtol(name + 5, NULL, 10), args);
	} else {
		result = syscall(number_of(name), args[0], args[1], args[2], args[3], args[4], args[5]);
		if (result == -1)
			result = -errno;
	}
	fprintf(stderr, "%s = %ld\n", name, result);
	if (made < RESULTS_MAX)
		results[made++] = result;
}

int main(int argc, char **argv)
{
	struct timespec now;
	int i;

	if (argc == 2 && !strcmp(argv[1], "now")) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		printf("%ld%09ld\n", (long)now.tv_sec, now.tv_nsec);
		return 0;
	}
	memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (memory == MAP_FAILED)
		return 2;
	for (i = 1; i < argc; i++)
		call(argv[i]);
	return 0;
}
