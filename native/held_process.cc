// SPDX-License-Identifier: MIT
#include "held_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <array>
#include <new>

#include "errno_error.h"

namespace relayscope {

namespace {

void sleep_briefly() noexcept
{
	const timespec brief{0, 100'000};
	nanosleep(&brief, nullptr);
}

} // namespace

class HeldProcess::Page {
public:
	Page()
	{
		void* address = mmap(nullptr, sizeof(HoldPage), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (address == MAP_FAILED)
			throw_errno("mmap", "hold page");
		page_ = new (address) HoldPage{};
		pthread_mutexattr_t attributes;
		pthread_mutexattr_init(&attributes);
		pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
		pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
		pthread_mutex_init(&page_->parent_alive, &attributes);
		pthread_mutexattr_destroy(&attributes);
		pthread_mutex_lock(&page_->parent_alive);
	}
	~Page()
	{
		// Off this thread's robust list before the memory goes.
		pthread_mutex_unlock(&page_->parent_alive);
		pthread_mutex_destroy(&page_->parent_alive);
		munmap(page_, sizeof(HoldPage));
	}
	Page(const Page&) = delete;
	Page& operator=(const Page&) = delete;

	HoldPage& operator*() noexcept { return *page_; }
	HoldPage* operator->() noexcept { return page_; }

private:
	HoldPage* page_;
};

HeldProcess::HeldProcess(const Options& options)
	: page_(std::make_unique<Page>()), cancel_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
	if (!cancel_)
		throw_errno("eventfd");
	std::array<int, 2> ends;
	if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
		throw_errno("pipe2");
	exec_error_ = FileDescriptor(ends[0]);
	const FileDescriptor exec_error_write(ends[1]);
	const StringVector argv(options.argv);
	const StringVector env(options.env);
	const HeldProgram program{options.file.c_str(), options.cwd.c_str(), argv.data(), env.data(),
				  exec_error_write.get()};

	sigset_t all;
	sigset_t before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_ = fork();
	if (pid_ == 0)
		run_held_child(**page_, program);
	const int error = errno;
	pthread_sigmask(SIG_SETMASK, &before, nullptr);
	if (pid_ < 0)
		throw ErrnoError(error, "fork");
	await_ready(options.cwd);
}

void HeldProcess::await_ready(const std::string& cwd)
{
	// The pid cannot be another's: only this object reaps it.
	pidfd_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
	if (!pidfd_) {
		const int error = errno;
		::kill(pid_, SIGKILL);
		reap(true);
		throw ErrnoError(error, "pidfd_open " + std::to_string(pid_));
	}
	while ((*page_)->ready.load(std::memory_order_acquire) == 0) {
		if (reap(false)) {
			const int error = (*page_)->chdir_error.load(std::memory_order_acquire);
			if (error != 0)
				throw ErrnoError(error, "chdir " + cwd);
			throw ErrnoError(ECHILD, "fork");
		}
		sleep_briefly();
	}
}

HeldProcess::~HeldProcess()
{
	if (!released_)
		kill(SIGKILL);
	try {
		reap(!released_);
	} catch (const ErrnoError&) {
		// Someone else reaped it: nothing is left to do for it.
	}
}

void HeldProcess::release()
{
	released_ = true;
	(*page_)->go.store(1, std::memory_order_release);
}

void HeldProcess::kill(int signal) const
{
	// By descriptor: the number may belong to another process by now.
	if (syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0) != 0 && errno != ESRCH)
		throw_errno("pidfd_send_signal", std::to_string(pid_));
}

std::optional<HeldProcess::Ended> HeldProcess::wait()
{
	std::array<pollfd, 2> polled{{{pidfd_.get(), POLLIN, 0}, {cancel_.get(), POLLIN, 0}}};
	while (poll(polled.data(), polled.size(), -1) < 0) {
		if (errno != EINTR)
			throw_errno("poll", "pidfd");
	}
	if (polled[0].revents == 0)
		return std::nullopt;
	return reap(true);
}

void HeldProcess::cancel_waits() noexcept
{
	const std::uint64_t one = 1;
	[[maybe_unused]] const ssize_t written = write(cancel_.get(), &one, sizeof(one));
}

std::optional<HeldProcess::Ended> HeldProcess::reap(bool block)
{
	const std::lock_guard lock(reap_mutex_);
	if (ended_)
		return ended_;
	int status = 0;
	pid_t reaped;
	do {
		reaped = waitpid(pid_, &status, block ? 0 : WNOHANG);
	} while (reaped < 0 && errno == EINTR);
	if (reaped < 0)
		throw_errno("waitpid", std::to_string(pid_));
	if (reaped == 0)
		return std::nullopt;

	Ended ended{};
	if (WIFSIGNALED(status)) {
		ended.signal = WTERMSIG(status);
		ended.status = 128 + ended.signal;
	} else {
		ended.status = WEXITSTATUS(status);
	}
	// The pipe is empty unless execve failed.
	int error = 0;
	if (read(exec_error_.get(), &error, sizeof(error)) == static_cast<ssize_t>(sizeof(error)))
		ended.exec_errno = error;
	ended_ = ended;
	return ended_;
}

} // namespace relayscope
