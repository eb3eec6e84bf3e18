// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "errno_error.h"
#include "file_descriptor.h"
#include "raw_file.h"
#include "reader_thread.h"

namespace relayscope {

// Captures one CPU's file of another driver's relay channel, on a thread of its own: what read(2)
// gives goes into relay_chunks records with the time of the read, in sub-buffers made here, so that
// the raw file is like any other.
class RelayFileDrain {
public:
	// On the drain's thread, at most once.
	using OnError = std::function<void(const ErrnoError& error, std::uint32_t cpu)>;

	struct Origin {
		std::uint32_t channel_id;
		std::uint32_t epoch;
		std::uint32_t cpu;
		// The path that the records tell.
		std::string channel_path;
	};

	struct Progress {
		std::uint32_t cpu;
		// Of the raw file.
		std::uint64_t bytes;
		std::uint64_t subbufs;
		std::uint64_t records;
		std::optional<ErrnoError> error;
	};

	// Sub-buffers made here are of this size at most.
	static constexpr std::size_t kSubbufSize = std::size_t{256} << 10;

	RelayFileDrain(Origin origin, const std::string& input, const std::string& output, OnError on_error);
	RelayFileDrain(const RelayFileDrain&) = delete;
	RelayFileDrain& operator=(const RelayFileDrain&) = delete;

	void start();
	// Takes what is left, ends, and lets go of the driver's file. Any number of times.
	void finish() { end(Stop::kDrain); }
	// Ends without taking what is left.
	void close() noexcept { end(Stop::kAbandon); }

	Progress progress() const;

private:
	enum class Taken { kSome, kNothing };

	void end(Stop stop) noexcept;
	void run();
	void loop();
	Taken take();
	void append(const char* data, std::size_t length, std::uint64_t now);
	void seal();

	Origin origin_;
	std::string input_path_;
	FileDescriptor input_;
	RawFile output_;
	OnError on_error_;
	std::vector<char> chunk_;

	// The open sub-buffer.
	std::vector<char> subbuf_;
	std::size_t used_ = 0;
	std::uint32_t count_ = 0;
	std::uint64_t begin_ = 0;
	std::uint64_t last_ = 0;

	std::atomic<std::uint64_t> bytes_{0};
	std::atomic<std::uint64_t> subbufs_{0};
	std::atomic<std::uint64_t> records_{0};
	mutable std::mutex error_mutex_;
	std::optional<ErrnoError> error_;

	// Last: it is joined before anything it uses goes.
	ReaderThread thread_;
};

} // namespace relayscope
