// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "file_descriptor.h"
#include "trace_guard.h"

namespace relayscope {

// A block device's trace by the kernel's own blktrace: set up here, read from its relay files in
// debugfs by others, taken down when this goes, and by a guard when the process dies before.
class BlockTrace {
public:
	struct Buffers {
		std::uint32_t size;
		std::uint32_t count; // of each CPU
	};

	// EBUSY: the device is traced already; ENOTTY: this kernel cannot; ENOTBLK: no block device.
	BlockTrace(const std::string& device, Buffers buffers);
	~BlockTrace() { close(); }
	BlockTrace(const BlockTrace&) = delete;
	BlockTrace& operator=(const BlockTrace&) = delete;

	// Of its directory in debugfs, below block/.
	const std::string& name() const noexcept { return name_; }
	// Of the records: 7, or 8 where the kernel has it.
	std::uint32_t version() const noexcept { return version_; }
	// As the records give it: major << 20 | minor.
	std::uint32_t device() const noexcept { return device_; }
	// Of the categories, all that the version has.
	std::uint64_t mask() const noexcept { return mask_; }

	void start();
	void stop();
	// The relay files are gone then. Any number of times.
	void close() noexcept;

private:
	void set_up(Buffers buffers);
	bool set_up_version_8(Buffers buffers);
	void set_up_version_7(Buffers buffers);

	std::string path_;
	FileDescriptor fd_;
	std::string name_;
	std::uint32_t version_ = 0;
	std::uint32_t device_ = 0;
	std::uint64_t mask_ = 0;
	// Behind the set-up: what another has set up is not ours to take down.
	TraceGuard guard_;
};

} // namespace relayscope
