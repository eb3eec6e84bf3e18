/*
 * Calls with every kind of flags, most of which fail: what matters is how they are written out.
 * Nothing here changes the machine.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BAD_FD 99
#define NOBODY 0x3fffffff /* no process has this id */

#define call(name, ...) syscall(SYS_##name, __VA_ARGS__)

static char *const nowhere = "/no/such/file";

static void files(void)
{
	static const int open_flags[] = {
		O_RDONLY, O_WRONLY | O_CREAT | O_EXCL, O_RDWR | O_TRUNC | O_APPEND,
		O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK, O_PATH | O_NOFOLLOW,
		O_WRONLY | O_SYNC, O_WRONLY | O_DSYNC, O_RDWR | O_TMPFILE | O_EXCL,
		O_RDONLY | O_DIRECT | O_NOATIME | O_NOCTTY, 3, O_RDONLY | 0x8000,
	};

	for (size_t i = 0; i < sizeof(open_flags) / sizeof(*open_flags); i++)
		call(openat, AT_FDCWD, nowhere, open_flags[i], 01640);
	call(open, nowhere, O_RDWR | O_CREAT, 0);
	call(creat, nowhere, 04755);
	call(openat, BAD_FD, "x", O_RDONLY, 0);
	call(mkdirat, AT_FDCWD, nowhere, 0700);
	call(mknodat, AT_FDCWD, nowhere, S_IFCHR | 0600, 0x103);
	call(mknod, nowhere, S_IFIFO | 0, 0);
	call(unlinkat, AT_FDCWD, nowhere, AT_REMOVEDIR);
	call(unlinkat, AT_FDCWD, nowhere, 0);
	call(renameat2, AT_FDCWD, nowhere, AT_FDCWD, nowhere, 3);
	call(linkat, AT_FDCWD, nowhere, AT_FDCWD, nowhere, AT_SYMLINK_FOLLOW | AT_EMPTY_PATH);
	call(newfstatat, AT_FDCWD, nowhere, NULL, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
	call(statx, AT_FDCWD, nowhere, AT_STATX_DONT_SYNC | AT_SYMLINK_NOFOLLOW,
	     STATX_MODE | STATX_BTIME, NULL);
	call(faccessat, AT_FDCWD, nowhere, R_OK | X_OK);
	call(faccessat2, AT_FDCWD, nowhere, F_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW);
	call(access, nowhere, W_OK);
	call(chmod, nowhere, 02755);
	call(fchownat, AT_FDCWD, nowhere, -1, 1000, AT_SYMLINK_NOFOLLOW);
	call(umask, 027);
	call(lseek, BAD_FD, -5L, SEEK_END);
	call(lseek, BAD_FD, 5L, SEEK_HOLE);
	call(fallocate, BAD_FD, 3, 0L, 4096L);
	call(sync_file_range, BAD_FD, 0L, 4096L, 7);
	call(fadvise64, BAD_FD, 0L, 0L, 4);
	call(flock, BAD_FD, 6);
	call(fsetxattr, BAD_FD, "user.x", "", 0L, 1);
	call(name_to_handle_at, AT_FDCWD, nowhere, NULL, NULL, AT_SYMLINK_FOLLOW);
}

static void descriptors(void)
{
	call(fcntl, BAD_FD, F_SETFL, O_RDONLY | O_NONBLOCK | O_APPEND);
	call(fcntl, BAD_FD, F_SETFD, FD_CLOEXEC);
	call(fcntl, BAD_FD, F_GETFD, 1234);
	call(fcntl, BAD_FD, F_DUPFD_CLOEXEC, 10);
	call(fcntl, BAD_FD, F_ADD_SEALS, 5);
	call(fcntl, BAD_FD, F_SETSIG, SIGIO);
	call(dup3, BAD_FD, BAD_FD + 1, O_CLOEXEC);
	call(pipe2, NULL, O_CLOEXEC | O_NONBLOCK | O_DIRECT);
	call(close_range, 5000, 4000, 6);
	call(epoll_create1, 0x80000 | 1);
	call(epoll_ctl, BAD_FD, 3, BAD_FD, NULL);
	call(eventfd2, 0, 0x80801 | 0x40000000);
	call(timerfd_create, CLOCK_BOOTTIME, 0x40000000 | O_NONBLOCK);
	call(timerfd_settime, BAD_FD, 3, NULL, NULL);
	call(inotify_init1, 0x40000000 | O_CLOEXEC);
	call(inotify_add_watch, BAD_FD, nowhere, 0x01000102);
	call(splice, BAD_FD, NULL, BAD_FD, NULL, 1L, 5);
	call(memfd_create, NULL, 3);
	call(preadv2, BAD_FD, NULL, 0L, 0L, 0L, 9);
	call(ioctl, BAD_FD, 0x5401 /* TCGETS */, NULL);
	call(ioctl, BAD_FD, 0x1277 /* BLKDISCARD */, NULL);
}

static void memory(void)
{
	call(mmap, NULL, 0L, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
	call(mmap, NULL, 0L, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED | MAP_POPULATE, BAD_FD, 0L);
	call(mprotect, NULL, 0L, PROT_READ | PROT_WRITE | PROT_GROWSDOWN);
	call(mremap, NULL, 0L, 0L, 3, NULL);
	call(madvise, NULL, 0L, MADV_DONTNEED);
	call(madvise, NULL, 0L, MADV_HUGEPAGE);
	call(msync, NULL, 0L, MS_SYNC | MS_INVALIDATE);
	call(mlock2, NULL, 0L, 1);
	call(mlockall, 8 | MCL_FUTURE);
	call(membarrier, 0, 0, 0);
	call(mbind, NULL, 0L, 2 | 0x8000, NULL, 0L, 3);
}

static void processes(void)
{
	int status;

	call(kill, NOBODY, SIGTERM);
	call(tgkill, NOBODY, NOBODY, 34);
	call(rt_sigaction, SIGKILL, NULL, NULL, 8L);
	call(rt_sigprocmask, SIG_BLOCK, NULL, NULL, 8L);
	call(wait4, -1, &status, WNOHANG | __WALL, NULL);
	call(waitid, P_PID, NOBODY, NULL, WEXITED | WNOHANG | WNOWAIT, NULL);
	call(setpriority, PRIO_PROCESS, NOBODY, 5);
	call(prlimit64, NOBODY, 7, NULL, NULL);
	call(getrusage, 1, NULL);
	call(sched_setscheduler, NOBODY, SCHED_FIFO | 0x40000000, NULL);
	call(unshare, CLONE_THREAD | CLONE_NEWNS);
	call(setns, BAD_FD, CLONE_NEWNET);
	call(clone, CLONE_NEWUSER | CLONE_FS | SIGCHLD, NULL, NULL, NULL, 0L);
	call(prctl, 1 /* PR_SET_PDEATHSIG */, SIGTERM);
	call(prctl, 24 /* PR_CAPBSET_DROP */, 63);
	call(prctl, 3 /* PR_GET_DUMPABLE */, 7, 7, 7, 7);
	call(arch_prctl, 0x1003 /* ARCH_GET_FS */, NULL);
	call(ptrace, 0x4206L /* PTRACE_SEIZE */, NOBODY, NULL, NULL);
	call(personality, 0xffffffff);
	call(futex, NULL, FUTEX_WAKE_PRIVATE, 1, 2, 3, 4);
	call(futex, NULL, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 1);
	call(kcmp, NOBODY, NOBODY, 2, 0L, 0L);
}

static void sockets(void)
{
	call(socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 255 + 1);
	call(socket, AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 6);
	call(socket, AF_UNIX, SOCK_SEQPACKET, 7);
	call(socket, AF_NETLINK, SOCK_RAW, 99);
	call(socket, AF_PACKET, SOCK_RAW | 0x40000000, 0);
	call(accept4, BAD_FD, NULL, NULL, SOCK_NONBLOCK);
	call(sendto, BAD_FD, "", 0L, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0);
	call(recvfrom, BAD_FD, NULL, 0L, MSG_PEEK | MSG_TRUNC, NULL, NULL);
	call(setsockopt, BAD_FD, SOL_SOCKET, 2, NULL, 0);
	call(setsockopt, BAD_FD, 6, 1, NULL, 0);
	call(getsockopt, BAD_FD, SOL_SOCKET, 4, NULL, NULL);
	call(shutdown, BAD_FD, SHUT_RDWR);
}

static void machine(void)
{
	call(mount, NULL, nowhere, NULL, 0x1027L /* bind, read-only, nosuid, remount */, NULL);
	call(umount2, nowhere, 2 | 8);
	call(clock_gettime, 4, NULL);
	call(clock_nanosleep, CLOCK_MONOTONIC, 1, NULL, NULL);
	call(setitimer, 2, NULL, NULL);
	call(getrandom, NULL, 0L, 3);
	call(reboot, 0, 0x28121969, 0x01234567, NULL);
	call(delete_module, NULL, O_NONBLOCK | O_TRUNC);
	call(finit_module, BAD_FD, "", 3);
	call(seccomp, 1, 8, NULL);
	call(bpf, 5, NULL, 0);
	call(perf_event_open, NULL, 0, 0, -1, 8L);
	call(keyctl, 11, 0L, 0L, 0L, 0L);
	call(shmget, 0, 0L, 01000 | 0600);
	call(semget, 0, -1, 01000 | 02000 | 0640);
	call(shmctl, BAD_FD, 2, NULL);
	call(msgget, 1, 0600);
	call(io_uring_enter, BAD_FD, 0, 0, 1, NULL, 0L);
	call(io_uring_register, BAD_FD, 4, NULL, 0);
	call(swapon, nowhere, 0x10000);
	call(syslog, 9, NULL, 0);
}

int main(void)
{
	files();
	descriptors();
	memory();
	processes();
	sockets();
	machine();
	return 0;
}
