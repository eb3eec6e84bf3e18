// SPDX-License-Identifier: MIT
#include "trace_guard.h"

#include <fcntl.h>
#include <linux/blktrace_api.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "errno_error.h"

namespace relayscope {

namespace {

constexpr char kDismissed = 1;

// Between fork and its end, in a process that had threads: async-signal-safe calls only.
[[noreturn]] void guard(int watched, int device) noexcept
{
	// A terminal's signals are for all of its processes; the recorder's end is what counts here.
	setsid();
	prctl(PR_SET_NAME, "relayscope-trace");
	// What else the recorder has open must not stay open because of this one.
	if (dup2(watched, STDIN_FILENO) < 0 || dup2(device, STDOUT_FILENO) < 0)
		_exit(1);
	close_range(STDERR_FILENO, ~0U, 0);
	char said = 0;
	ssize_t length = 0;
	do {
		length = read(STDIN_FILENO, &said, sizeof said);
	} while (length < 0 && errno == EINTR);
	if (length == 0)
		ioctl(STDOUT_FILENO, BLKTRACETEARDOWN);
	_exit(0);
}

} // namespace

void TraceGuard::watch(const FileDescriptor& device)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		throw_errno("pipe2");
	FileDescriptor watched(ends[0]);
	FileDescriptor alive(ends[1]);
	sigset_t all;
	sigset_t before;
	sigfillset(&all);
	// No handler of the parent's may run in the child, which keeps everything blocked.
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const pid_t child = fork();
	const int error = errno;
	if (child == 0)
		guard(watched.get(), device.get());
	pthread_sigmask(SIG_SETMASK, &before, nullptr);
	if (child < 0) {
		errno = error;
		throw_errno("fork");
	}
	child_ = child;
	alive_ = std::move(alive);
}

void TraceGuard::dismiss() noexcept
{
	if (child_ < 0)
		return;
	[[maybe_unused]] const ssize_t written = write(alive_.get(), &kDismissed, sizeof kDismissed);
	alive_.reset();
	while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
	}
	child_ = -1;
}

} // namespace relayscope
