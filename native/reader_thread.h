// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "file_descriptor.h"

namespace relayscope {

enum class Stop {
	kNot,
	kDrain,   // take what is there, then end
	kAbandon, // end now
};

// A named thread that takes no signal and can be woken from its poll.
class ReaderThread {
public:
	ReaderThread();
	// Abandons and joins.
	~ReaderThread();
	ReaderThread(const ReaderThread&) = delete;
	ReaderThread& operator=(const ReaderThread&) = delete;

	void start(const std::string& name, std::function<void()> body);
	// From any thread, any number of times; abandoning overrides draining.
	void request(Stop stop) noexcept;
	void join();

	Stop requested() const noexcept { return stop_.load(std::memory_order_acquire); }

	// For the body. Waits until fd (-1: none) has one of the events, a stop is requested, or the time
	// is up; the events of fd that came.
	short wait(int fd, short events, int timeout_ms) const;

private:
	FileDescriptor wake_;
	std::atomic<Stop> stop_{Stop::kNot};
	std::mutex join_mutex_;
	std::thread thread_;
};

} // namespace relayscope
