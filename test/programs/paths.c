/*
 * Names files in every way that makes it hard to say which: what is copied, inherited, renamed,
 * deleted, relative to this and that, sent, taken, replaced. Argument: a directory to do it in.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void need(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
}

static int made(int fd, const char *what)
{
	need(fd, what);
	return fd;
}

static void put(int fd)
{
	need(write(fd, "x", 1), "write");
}

static void copies(void)
{
	int a = made(open("a", O_RDWR | O_CREAT, 0644), "a");
	int b = made(dup(a), "dup");
	int c = made(fcntl(a, F_DUPFD, 40), "F_DUPFD");
	int d = made(fcntl(a, F_DUPFD_CLOEXEC, 50), "F_DUPFD_CLOEXEC");

	need(dup2(a, 60), "dup2");
	need(dup3(a, 61, O_CLOEXEC), "dup3");
	need(dup2(a, a), "dup2");
	close(a);
	put(b);
	put(c);
	put(d);
	put(60);
	put(61);
	/* The same numbers stand for another file now. */
	a = made(open("b", O_RDWR | O_CREAT, 0644), "b");
	need(dup2(a, 60), "dup2");
	put(60);
	close(b);
	close(a);
	write(b, "x", 1);
	close(c);
	close(999);
}

static void renamed_and_deleted(void)
{
	int fd = made(open("old", O_RDWR | O_CREAT | O_CLOEXEC, 0644), "old");
	struct stat status;

	put(fd);
	need(rename("old", "new"), "rename");
	put(fd);
	need(fstat(fd, &status), "fstat");
	close(fd);
	fd = made(open("new", O_RDONLY), "new");
	need(unlink("new"), "unlink");
	need(fstat(fd, &status), "fstat");
	need(lseek(fd, 0, SEEK_SET), "lseek");
	close(fd);
	fd = made(memfd_create("in memory", 0), "memfd_create");
	put(fd);
	close(fd);
}

static void relative(const char *top)
{
	struct stat status;
	char text[64];
	int dir, other;

	need(mkdir("d", 0755), "mkdir");
	need(mkdirat(AT_FDCWD, "d/e", 0755), "mkdirat");
	dir = made(open("d", O_RDONLY | O_DIRECTORY), "d");
	close(made(openat(dir, "in", O_RDWR | O_CREAT, 0644), "in"));
	close(made(openat(dir, "./e//../in", O_RDONLY), "in"));
	openat(dir, "missing", O_RDONLY);
	open("missing", O_RDONLY);
	open("", O_RDONLY);
	openat(998, "x", O_RDONLY);
	need(symlinkat("d/in", AT_FDCWD, "link"), "symlinkat");
	need(readlinkat(AT_FDCWD, "link", text, sizeof(text)), "readlinkat");
	other = made(open("link", O_RDONLY), "link");
	need(read(other, text, sizeof(text)), "read");
	close(other);
	need(linkat(dir, "in", AT_FDCWD, "hard", 0), "linkat");
	need(renameat(AT_FDCWD, "hard", dir, "hard"), "renameat");
	need(fstatat(dir, "hard", &status, 0), "fstatat");
	need(fstatat(dir, "", &status, AT_EMPTY_PATH), "fstatat");
	need(syscall(SYS_utimensat, dir, NULL, NULL, 0), "utimensat");
	need(faccessat(dir, "hard", R_OK, 0), "faccessat");
	need(fchmodat(dir, "hard", 0600, 0), "fchmodat");
	need(unlinkat(dir, "hard", 0), "unlinkat");
	need(fchdir(dir), "fchdir");
	close(made(open("in", O_RDONLY), "in"));
	need(chdir("e"), "chdir");
	close(made(open("../in", O_RDONLY), "in"));
	need(chdir("../.."), "chdir");
	chdir("nowhere");
	need(unlinkat(dir, "e", AT_REMOVEDIR), "unlinkat");
	need(truncate("d/in", 3), "truncate");
	need(chdir(top), "chdir");
	close(dir);
}

static void wait_for(pid_t child)
{
	int status;

	need(waitpid(child, &status, 0), "waitpid");
	if (status != 0) {
		fprintf(stderr, "a child ended with %#x\n", status);
		exit(1);
	}
}

static pid_t forked(void)
{
	pid_t child = fork();

	need(child, "fork");
	return child;
}

static void inherited(void)
{
	int a = made(open("a", O_RDWR), "a");
	pid_t child = forked();

	if (child == 0) {
		put(a);
		need(chdir("d"), "chdir");
		close(a);
		a = made(open("in", O_RDWR), "in");
		put(a);
		_exit(0);
	}
	wait_for(child);
	put(a);
	close(made(open("b", O_RDWR), "b"));
	close(a);
}

static int shared_fd;

static void *in_thread(void *unused)
{
	shared_fd = made(open("a", O_RDWR), "a");
	need(chdir("d"), "chdir");
	return unused;
}

static void *alone_in_thread(void *unused)
{
	need(unshare(CLONE_FILES | CLONE_FS), "unshare");
	close(shared_fd);
	need(chdir("/"), "chdir");
	close(made(open("dev/null", O_RDONLY), "null"));
	return unused;
}

static void in_threads(void)
{
	pthread_t thread;

	need(-pthread_create(&thread, NULL, in_thread, NULL), "pthread_create");
	pthread_join(thread, NULL);
	put(shared_fd);
	close(made(open("in", O_RDWR), "in"));
	need(-pthread_create(&thread, NULL, alone_in_thread, NULL), "pthread_create");
	pthread_join(thread, NULL);
	put(shared_fd);
	need(chdir(".."), "chdir");
	close(shared_fd);
}

static void send_fd(int socket, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec data = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(int));
	need(sendmsg(socket, &message, 0), "sendmsg");
}

static int received_fd(int socket)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	int fd;

	need(recvmsg(socket, &message, 0), "recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

static void sent_and_taken(void)
{
	int pair[2];
	pid_t child;
	int fd, pidfd;

	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	child = forked();
	if (child == 0) {
		close(pair[0]);
		fd = made(open("d/in", O_RDWR), "in");
		send_fd(pair[1], fd);
		/* Until the other has taken it. */
		need(read(pair[1], &fd, 1), "read");
		_exit(0);
	}
	close(pair[1]);
	fd = received_fd(pair[0]);
	put(fd);
	close(fd);
	pidfd = made(syscall(SYS_pidfd_open, child, 0), "pidfd_open");
	fd = made(syscall(SYS_pidfd_getfd, pidfd, pair[1], 0), "pidfd_getfd");
	close(fd);
	close(pidfd);
	put(pair[0]);
	wait_for(child);
	close(pair[0]);
}

static void ranges(void)
{
	int a = made(open("a", O_RDWR), "a");
	int b = made(open("b", O_RDWR), "b");

	need(dup2(a, 70), "dup2");
	need(dup2(b, 71), "dup2");
	need(dup2(b, 72), "dup2");
	need(syscall(SYS_close_range, 71, 71, 0), "close_range");
	write(71, "x", 1);
	put(70);
	put(72);
	need(syscall(SYS_close_range, 70, ~0u, 0), "close_range");
	write(70, "x", 1);
	write(72, "x", 1);
	close(a);
	close(b);
}

static void sockets_and_pipes(void)
{
	struct sockaddr_un named = { .sun_family = AF_UNIX, .sun_path = "socket" };
	struct sockaddr_un abstract = { .sun_family = AF_UNIX, .sun_path = "\0paths" };
	socklen_t abstract_length = offsetof(struct sockaddr_un, sun_path) + 6;
	int listening = made(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	int client = made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	int datagram = made(socket(AF_UNIX, SOCK_DGRAM, 0), "socket");
	int accepted, ends[2], a;
	char byte;

	need(bind(listening, (struct sockaddr *)&named, sizeof(named)), "bind");
	need(listen(listening, 1), "listen");
	need(connect(client, (struct sockaddr *)&named, sizeof(named)), "connect");
	accepted = made(accept(listening, NULL, NULL), "accept");
	put(client);
	need(read(accepted, &byte, 1), "read");
	need(bind(datagram, (struct sockaddr *)&abstract, abstract_length), "bind");
	close(accepted);
	close(client);
	close(listening);
	close(datagram);
	unlink("socket");
	need(pipe2(ends, O_CLOEXEC), "pipe2");
	a = made(open("a", O_RDONLY), "a");
	need(sendfile(ends[1], a, NULL, 1), "sendfile");
	need(splice(ends[0], NULL, made(open("b", O_WRONLY), "b"), NULL, 1, 0), "splice");
	need(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, a, 0) == MAP_FAILED ? -1 : 0, "mmap");
	close(a);
	close(ends[0]);
	close(ends[1]);
}

static void in_a_jail(void)
{
	pid_t child = forked();
	int outside;

	if (child != 0) {
		wait_for(child);
		return;
	}
	need(mkdir("jail", 0755), "mkdir");
	need(mkdir("jail/etc", 0755), "mkdir");
	outside = made(open("d", O_RDONLY | O_DIRECTORY), "d");
	need(chroot("jail"), "chroot");
	/* Still outside. */
	close(made(open("a", O_RDONLY), "a"));
	close(made(openat(outside, "in", O_RDONLY), "in"));
	need(chdir("/etc"), "chdir");
	close(made(open("passwd", O_RDWR | O_CREAT, 0644), "passwd"));
	close(made(open("/etc/passwd", O_RDONLY), "passwd"));
	close(made(open("../../../etc/passwd", O_RDONLY), "passwd"));
	open("/missing", O_RDONLY);
	need(fchdir(outside), "fchdir");
	close(made(open("in", O_RDONLY), "in"));
	_exit(0);
}

static char *self;

static void *execute(void *directory)
{
	char *argv[] = { self, "--after", directory, NULL };

	need(execv("/proc/self/exe", argv), "execv");
	return NULL;
}

/* Descriptors 80 to 83 are from before: what is left of them is written to. */
static void after_exec(void)
{
	for (int fd = 80; fd < 84; fd++)
		write(fd, "x", 1);
	close(made(open("a", O_RDONLY), "a"));
}

static void through_exec(char *top, int from_thread)
{
	pid_t child = forked();
	pthread_t thread;
	int a;

	if (child != 0) {
		wait_for(child);
		return;
	}
	a = made(open("a", O_RDWR), "a");
	need(dup2(a, 80), "dup2");
	need(dup3(a, 81, O_CLOEXEC), "dup3");
	need(dup2(a, 82), "dup2");
	need(fcntl(82, F_SETFD, FD_CLOEXEC), "F_SETFD");
	need(dup3(a, 83, O_CLOEXEC), "dup3");
	need(fcntl(83, F_SETFD, 0), "F_SETFD");
	execv("/no/such/program", (char *[]){ "program", NULL });
	if (!from_thread)
		execute(top);
	need(-pthread_create(&thread, NULL, execute, top), "pthread_create");
	for (;;)
		pause();
}

static void spawned(void)
{
	char *argv[] = { "true", "an argument", "", NULL };
	char *envp[] = { "PATH=/bin", "SECRET=x", NULL };
	pid_t child;

	need(-posix_spawn(&child, "/bin/true", NULL, NULL, argv, envp), "posix_spawn");
	wait_for(child);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 3) {
		after_exec();
		return 0;
	}
	if (argc != 2)
		return 2;
	need(mkdir(argv[1], 0755), "mkdir");
	need(chdir(argv[1]), "chdir");
	copies();
	renamed_and_deleted();
	relative(argv[1]);
	inherited();
	in_threads();
	sent_and_taken();
	ranges();
	sockets_and_pipes();
	in_a_jail();
	through_exec(argv[1], 0);
	through_exec(argv[1], 1);
	spawned();
	return 0;
}
