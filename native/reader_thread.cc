// SPDX-License-Identifier: MIT
#include "reader_thread.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <array>

#include "errno_error.h"

namespace relayscope {

namespace {

// Held while a thread is made: the mask is inherited, so the thread never runs with a signal open
// that belongs to the event loop. Faults stay open, or their handlers could not tell of them.
class SignalsBlocked {
public:
	SignalsBlocked()
	{
		sigset_t all;
		sigfillset(&all);
		for (const int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT})
			sigdelset(&all, fault);
		pthread_sigmask(SIG_SETMASK, &all, &before_);
	}
	~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
	SignalsBlocked(const SignalsBlocked&) = delete;
	SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
	sigset_t before_;
};

} // namespace

ReaderThread::ReaderThread() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
	if (!wake_)
		throw_errno("eventfd");
}

ReaderThread::~ReaderThread()
{
	request(Stop::kAbandon);
	join();
}

void ReaderThread::start(const std::string& name, std::function<void()> body)
{
	const SignalsBlocked blocked;
	thread_ = std::thread(std::move(body));
	pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

void ReaderThread::request(Stop stop) noexcept
{
	Stop current = stop_.load(std::memory_order_relaxed);
	while (current < stop && !stop_.compare_exchange_weak(current, stop, std::memory_order_release)) {
	}
	// Never read: once woken, every later poll returns at once and the body looks at requested().
	const std::uint64_t one = 1;
	[[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof(one));
}

void ReaderThread::join()
{
	const std::lock_guard lock(join_mutex_);
	if (thread_.joinable())
		thread_.join();
}

short ReaderThread::wait(int fd, short events, int timeout_ms) const
{
	std::array<pollfd, 2> polled{{{wake_.get(), POLLIN, 0}, {fd, events, 0}}};
	if (poll(polled.data(), polled.size(), timeout_ms) < 0) {
		if (errno == EINTR)
			return 0;
		throw_errno("poll");
	}
	return polled[1].revents;
}

} // namespace relayscope
