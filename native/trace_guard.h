// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include "file_descriptor.h"

namespace relayscope {

// The kernel keeps a block device's trace when the process that set it up dies, and nobody else can
// trace the device then. A child that does nothing but wait takes the trace down in its place.
class TraceGuard {
public:
	TraceGuard() noexcept = default;
	~TraceGuard() { dismiss(); }
	TraceGuard(const TraceGuard&) = delete;
	TraceGuard& operator=(const TraceGuard&) = delete;

	// From here on the trace of `device` ends with this process.
	void watch(const FileDescriptor& device);
	// There is nothing to take down any more. Any number of times.
	void dismiss() noexcept;

private:
	FileDescriptor alive_;
	pid_t child_ = -1;
};

} // namespace relayscope
