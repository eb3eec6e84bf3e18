// SPDX-License-Identifier: MIT
#include "held_child.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

namespace relayscope {

namespace {

void pause_cpu() noexcept
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
	asm volatile("yield" ::: "memory");
#else
	asm volatile("" ::: "memory");
#endif
}

// PR_SET_PDEATHSIG would survive the execve and kill the program together with its recorder, and
// getppid is a system call: the robust lock is what tells, and it costs a load.
bool parent_died(const HoldPage& page) noexcept
{
	const int owner = __atomic_load_n(&page.parent_alive.__data.__lock, __ATOMIC_RELAXED);
	return (static_cast<std::uint32_t>(owner) & FUTEX_OWNER_DIED) != 0;
}

// execve keeps what is ignored and what is blocked: what the user had ignored (nohup) stays so, but
// Node ignores SIGPIPE and SIGXFSZ of its own accord, and the parent blocked everything around the fork so that
// none of its handlers could run here.
void reset_signals() noexcept
{
	struct sigaction standard {};
	standard.sa_handler = SIG_DFL;
	for (int signal = 1; signal < NSIG; ++signal) {
		struct sigaction current {};
		if (sigaction(signal, nullptr, &current) != 0)
			continue;
		if (current.sa_handler != SIG_IGN || signal == SIGPIPE || signal == SIGXFSZ)
			sigaction(signal, &standard, nullptr);
	}
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Node closes the standard streams on execve and makes them non-blocking; programs expect neither.
void reset_standard_streams() noexcept
{
	for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
		const int descriptor_flags = fcntl(stream, F_GETFD);
		if (descriptor_flags < 0)
			continue;
		fcntl(stream, F_SETFD, descriptor_flags & ~FD_CLOEXEC);
		const int status_flags = fcntl(stream, F_GETFL);
		if (status_flags >= 0 && (status_flags & O_NONBLOCK) != 0)
			fcntl(stream, F_SETFL, status_flags & ~O_NONBLOCK);
	}
}

} // namespace

StringVector::StringVector(std::vector<std::string> strings) : strings_(std::move(strings))
{
	pointers_.reserve(strings_.size() + 1);
	for (std::string& string : strings_)
		pointers_.push_back(string.data());
	pointers_.push_back(nullptr);
}

void run_held_child(HoldPage& page, const HeldProgram& program) noexcept
{
	reset_signals();
	reset_standard_streams();
	if (chdir(program.cwd) != 0) {
		page.chdir_error.store(errno, std::memory_order_release);
		_exit(kStatusNotExecuted);
	}
	page.ready.store(1, std::memory_order_release);
	while (page.go.load(std::memory_order_acquire) == 0) {
		if (parent_died(page))
			_exit(kStatusNotReleased);
		pause_cpu();
	}
	execve(program.file, program.argv, program.env);

	const int error = errno;
	[[maybe_unused]] const ssize_t written = write(program.errno_pipe, &error, sizeof(error));
	_exit(kStatusNotExecuted);
}

} // namespace relayscope
