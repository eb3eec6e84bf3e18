// SPDX-License-Identifier: MIT
//
// Copies one CPU's sealed sub-buffers from its buffer to its raw file, on a thread of its own.
//
// A sub-buffer whose header cannot be believed is not written (the raw file stays walkable) but is
// acknowledged (one bad sub-buffer must not stop the CPU): a fault, visible to the walker as a gap
// in the sequence; the records it claims are unread. A failed write or acknowledgement ends the
// thread; the kernel then counts what does not fit as lost.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "errno_error.h"
#include "raw_file.h"
#include "reader_thread.h"
#include "ring_view.h"

namespace relayscope {

class CpuReader {
public:
	using Consume = std::function<void(std::uint64_t subbufs)>;
	// On the reader's thread, at most once.
	using OnError = std::function<void(const ErrnoError& error, std::uint32_t cpu)>;

	struct Progress {
		std::uint32_t cpu;
		std::uint64_t bytes;
		std::uint64_t subbufs;
		std::uint64_t records;
		std::uint64_t lost;
		std::uint64_t faults;
		std::uint32_t waiting;
		std::uint64_t time_floor;
		std::optional<ErrnoError> error;
	};

	CpuReader(RingView ring, RawFile output, Consume consume, OnError on_error);
	CpuReader(const CpuReader&) = delete;
	CpuReader& operator=(const CpuReader&) = delete;

	void start();
	void request(Stop stop) noexcept { thread_.request(stop); }
	void join() { thread_.join(); }
	// Before start() only: takes back the output file.
	void discard_output() noexcept { output_.discard(); }

	std::uint32_t cpu() const noexcept { return ring_.cpu(); }
	Progress progress() const;
	// After join(): records in sealed sub-buffers that are not in the file.
	std::uint64_t unread() const;

private:
	void run();
	void loop();
	bool take_sealed();
	std::uint64_t sealed_checked() const;
	std::uint64_t take_batch(std::uint64_t from, std::uint64_t sealed);
	void skip_faulty(std::uint64_t sequence);
	void acknowledge(std::uint64_t subbufs);
	void publish_written(std::uint64_t from, std::uint64_t count);

	RingView ring_;
	RawFile output_;
	Consume consume_;
	OnError on_error_;

	// Written by the thread, read by progress() from any.
	std::atomic<std::uint64_t> taken_{0}; // sub-buffers written or skipped
	std::atomic<std::uint64_t> bytes_{0};
	std::atomic<std::uint64_t> subbufs_{0};
	std::atomic<std::uint64_t> records_{0};
	std::atomic<std::uint64_t> lost_{0};
	std::atomic<std::uint64_t> faults_{0};
	std::atomic<std::uint64_t> unread_{0};
	std::atomic<std::uint64_t> floor_{0}; // every older record is in the file

	mutable std::mutex error_mutex_;
	std::optional<ErrnoError> error_;

	// Last: it is joined before anything it uses goes.
	ReaderThread thread_;
};

} // namespace relayscope
