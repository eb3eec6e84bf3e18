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

// Copies a bufflink device to a file as it fills, on a thread of its own.
class BufflinkDrain {
public:
	using OnError = std::function<void(const ErrnoError& error)>;

	struct Result {
		std::uint64_t bytes;
		// Appends the kernel refused; 0 for a device that is a plain FIFO.
		std::uint64_t refused;
		std::optional<ErrnoError> error;
	};

	BufflinkDrain(const std::string& device, const std::string& output, OnError on_error);
	BufflinkDrain(const BufflinkDrain&) = delete;
	BufflinkDrain& operator=(const BufflinkDrain&) = delete;

	// Takes what is left and ends. Any number of times.
	Result finish();
	// Ends without taking what is left.
	void close() noexcept { end(Stop::kAbandon); }
	// What has been taken; `refused` is known only to finish() and copy().
	Result result();
	// Takes what is there and copies everything taken so far to a new file, while it goes on.
	Result copy(const std::string& path);

private:
	enum class Taken { kSome, kEmpty, kEnd };

	void run();
	void loop();
	Taken take();
	void ask_refused();
	void end(Stop stop) noexcept;

	std::string path_;
	FileDescriptor device_;
	std::mutex output_mutex_;
	RawFile output_;
	OnError on_error_;
	std::vector<char> chunk_;
	std::atomic<std::uint64_t> bytes_{0};
	std::atomic<std::uint64_t> refused_{0};
	std::mutex error_mutex_;
	std::optional<ErrnoError> error_;
	ReaderThread thread_;
};

} // namespace relayscope
