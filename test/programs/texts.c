// SPDX-License-Identifier: MIT
// Calls whose texts are not easy to read: texts DIRECTORY
//
// DIRECTORY is empty and on a file system with real files. Prints `name value` lines of what only the
// program knows.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static void check(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

/* Of exactly this length: "." and slashes up to the last bytes. */
static char *path_of_length(size_t length, const char *end)
{
	char *path = malloc(length + 1);

	check(path != NULL, "malloc");
	memset(path, '/', length);
	path[0] = '.';
	memcpy(path + length - strlen(end), end, strlen(end) + 1);
	return path;
}

static void long_paths(void)
{
	check(open(path_of_length(4095, "longest"), O_RDONLY) < 0 && errno == ENOENT, "longest");
	check(open(path_of_length(4096, "too-long"), O_RDONLY) < 0 && errno == ENAMETOOLONG, "long");
	check(rename(path_of_length(4095, "from"), path_of_length(4095, "to")) < 0, "rename");
}

static void bad_pointers(void)
{
	check(open((const char *)8, O_RDONLY) < 0 && errno == EFAULT, "bad pointer");
	check(rename("good-one", (const char *)16) < 0 && errno == EFAULT, "bad second pointer");
	check(connect(0, (struct sockaddr *)8, 16) < 0, "bad address");
}

/* A page of a file that is mapped and not in the page table. */
static char *absent_page(const char *text)
{
	char name[] = "page-XXXXXX";
	int fd = mkstemp(name);
	char page[4096] = "";
	char *map;

	strcpy(page, text);
	check(fd >= 0 && write(fd, page, sizeof(page)) == sizeof(page), name);
	map = mmap(NULL, sizeof(page), PROT_READ, MAP_PRIVATE, fd, 0);
	check(map != MAP_FAILED, "mmap");
	check(!madvise(map, sizeof(page), MADV_DONTNEED), "madvise");
	close(fd);
	unlink(name);
	return map;
}

static void absent_pages(void)
{
	char *arguments[] = { absent_page("absent-argument"), NULL };
	char *none[] = { NULL };
	pid_t child;

	check(open(absent_page("absent-name"), O_RDONLY) < 0 && errno == ENOENT, "absent name");
	check(!rename(absent_page("moved-from"), "moved-to") || errno == ENOENT, "absent rename");
	child = fork();
	if (!child) {
		execve(absent_page("/bin/true"), arguments, none);
		_exit(1);
	}
	check(waitpid(child, NULL, 0) == child, "waitpid");
	check(execve(absent_page("no-such-program"), arguments, none) < 0, "execve");
}

static void programs(void)
{
	char *arguments[] = { "first", "", "third argument", NULL };
	char *environment[] = { "HOME=/root", "LD_PRELOAD=evil.so", "PATH=/bin", "LD_PRELOADED=no", NULL };
	pid_t child;

	check(execve("/nonexistent/program", arguments, environment) < 0, "execve");
	child = fork();
	if (!child) {
		environment[1] = "LD_LIBRARY_PATH=/lib";
		execve("/bin/true", arguments, environment);
		_exit(1);
	}
	check(waitpid(child, NULL, 0) == child, "waitpid");
	child = fork();
	if (!child) {
		static char many[300][100];
		char *long_list[301] = { 0 };

		for (int i = 0; i < 300; i++) {
			memset(many[i], 'x', sizeof(many[i]) - 1);
			long_list[i] = many[i];
		}
		execve("/bin/true", long_list, environment + 2);
		_exit(1);
	}
	check(waitpid(child, NULL, 0) == child, "waitpid");
}

static void descriptors(void)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
	int fds[2];
	int fd;

	check((fd = open("made", O_CREAT | O_RDWR, 0640)) >= 0, "made");
	printf("made %d\n", fd);
	check(!unlink("made"), "unlink");
	check((fd = syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof(how))) >= 0, "openat2");
	check((fd = memfd_create("shared", MFD_CLOEXEC)) >= 0, "memfd_create");
	check((fd = eventfd(0, 0)) >= 0, "eventfd");
	check(!pipe2(fds, O_CLOEXEC), "pipe2");
	printf("pipe %d %d\n", fds[0], fds[1]);
	/* Opened when its name has gone. */
	check((fd = open("gone", O_CREAT | O_RDWR, 0600)) >= 0 && !unlink("gone"), "gone");
	char self[64];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	check(open(self, O_RDONLY) >= 0, "reopen");
	check(setxattr("/proc/self", "user.some", "x", 1, 0) < 0, "setxattr");
}

static void sockets(void)
{
	struct sockaddr_in inet = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un local = { .sun_family = AF_UNIX, .sun_path = "\0abstract-name" };
	socklen_t length = sizeof(inet), local_length = offsetof(struct sockaddr_un, sun_path) + 14;
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int datagram = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct iovec part = { "x", 1 };
	struct msghdr message = { .msg_name = &local, .msg_namelen = local_length,
				  .msg_iov = &part, .msg_iovlen = 1 };
	char byte;

	check(!bind(listener, (void *)&inet, sizeof(inet)) && !listen(listener, 1), "listen");
	check(!getsockname(listener, (void *)&inet, &length), "getsockname");
	printf("port %d\n", ntohs(inet.sin_port));
	check(!connect(client, (void *)&inet, sizeof(inet)), "connect");
	length = sizeof(inet);
	check(accept(listener, (void *)&inet, &length) >= 0, "accept");
	printf("peer-port %d\n", ntohs(inet.sin_port));
	check(!bind(datagram, (void *)&local, local_length), "bind");
	check(sendmsg(sender, &message, 0) == 1, "sendmsg");
	check(sendto(sender, "x", 1, 0, (void *)&local, local_length) == 1, "sendto");
	length = sizeof(inet);
	check(recvfrom(datagram, &byte, 1, 0, (void *)&inet, &length) == 1, "recvfrom");
}

/* An open file goes to itself through a pair of sockets. */
static void rights(void)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	struct iovec part = { "x", 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int pair[2], sent[2], received[2];

	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	sent[0] = open("/etc/passwd", O_RDONLY);
	sent[1] = open("/etc/group", O_RDONLY);
	control.header = (struct cmsghdr){ CMSG_LEN(sizeof(sent)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), sent, sizeof(sent));
	check(sendmsg(pair[0], &message, 0) == 1, "send rights");
	message.msg_controllen = sizeof(control);
	char byte;

	part = (struct iovec){ &byte, 1 };
	check(recvmsg(pair[1], &message, 0) == 1, "receive rights");
	memcpy(received, CMSG_DATA(&control.header), sizeof(received));
	printf("received %d %d\n", received[0], received[1]);
}

/* int 0x80 takes pointers of 32 bits. */
static long ia32_call(long nr, const void *first, const void *second)
{
	long result;

	asm volatile("int $0x80"
		     : "=a"(result)
		     : "0"(nr), "b"(first), "c"(second), "d"(0L)
		     : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static void ia32(void)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t *argv = (uint32_t *)(low + 512);

	check(low != MAP_FAILED, "mmap 32");
	strcpy(low, "ia32-name");
	check(ia32_call(5, low, NULL) == -ENOENT, "ia32 open");
	strcpy(low + 256, "ia32-argument");
	argv[0] = (uint32_t)(uintptr_t)(low + 256);
	argv[1] = 0;
	check(ia32_call(11, low, argv) == -ENOENT, "ia32 execve");
}

static void directories_and_identity(void)
{
	pid_t child = fork();

	if (!child) {
		int old = open(".", O_RDONLY | O_DIRECTORY);

		check(!mkdir("below", 0755) && !chdir("below"), "chdir");
		check(!fchdir(old), "fchdir");
		check(!chroot("below"), "chroot");
		check(!syscall(SYS_setresgid, 7, 8, 9), "setresgid");
		check(!syscall(SYS_setuid, 1234), "setuid");
		check(syscall(SYS_setuid, 0) < 0, "setuid back");
		_exit(0);
	}
	int status;

	check(waitpid(child, &status, 0) == child && !status, "child");
}

int main(int argc, char **argv)
{
	check(argc == 2 && !chdir(argv[1]), "directory");
	setvbuf(stdout, NULL, _IONBF, 0);
	long_paths();
	bad_pointers();
	absent_pages();
	programs();
	descriptors();
	sockets();
	rights();
	ia32();
	directories_and_identity();
	check(mount("no-device", "no-directory", "nofs", 0, NULL) < 0, "mount");
	check(symlink("target-text", "/nonexistent/link") < 0, "symlink");
	return 0;
}
