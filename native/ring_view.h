// SPDX-License-Identifier: MIT
//
// One CPU's ring as user space sees it: where sub-buffer s lies, how many are sealed, and whether a
// header can be believed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "../include/uapi/relayscope.h"
#include "ring_data.h"

namespace relayscope {

struct RingGeometry {
	std::uint32_t subbuf_size;
	std::uint32_t subbuf_count;

	// Throws ErrnoError(EINVAL) for sizes the ABI does not allow.
	void validate() const;
	std::size_t bytes() const noexcept { return std::size_t{subbuf_size} * subbuf_count; }
};

enum class HeaderFault {
	kMagic,
	kAbiVersion,
	kHeaderLength,
	kChannel,
	kCpu,
	kSequence,
	kUsed,
	kRecordCount,
	kCount,
};

const char* header_fault_text(HeaderFault fault) noexcept;

class RingView {
public:
	// data: geometry.bytes() of them. control: this CPU's, in the control page.
	RingView(RingGeometry geometry, std::uint32_t channel_id, std::uint32_t cpu,
		 std::shared_ptr<const RingData> data, const relayscope_cpu_control* control) noexcept;

	std::uint32_t cpu() const noexcept { return cpu_; }
	const RingGeometry& geometry() const noexcept { return geometry_; }
	int fd() const noexcept { return data_->fd(); }

	// Sub-buffers [0, sealed) and all their bytes are visible after this.
	std::uint64_t sealed() const noexcept;
	// Load it before sealed(): every record older than it lies in [0, sealed).
	std::uint64_t time_floor() const noexcept;

	// Where it lies; its bytes are there up to the length last fetched.
	const std::byte* subbuf(std::uint64_t sequence) const noexcept;
	// False when they cannot be had.
	bool fetch(std::uint64_t sequence, std::size_t length) const noexcept;
	relayscope_subbuf_header header(std::uint64_t sequence) const noexcept;
	// Why the header of this sealed sub-buffer cannot be believed; nothing when it can.
	std::optional<HeaderFault> fault(std::uint64_t sequence) const noexcept;
	// The same of a copy of it.
	std::optional<HeaderFault> fault(const relayscope_subbuf_header& header, std::uint64_t sequence) const noexcept;

	// In an overwrite channel: whether the sub-buffer is still there. What is read after it is the
	// sub-buffer's, or still_holds() says that it was not.
	bool holds(std::uint64_t sequence) const noexcept;
	bool still_holds(std::uint64_t sequence, std::uint32_t epoch) const noexcept;
	// The records a sealed sub-buffer claims to hold; 0 when even that cannot be believed.
	std::uint64_t claimed_records(std::uint64_t sequence) const noexcept;

private:
	std::size_t offset_of(std::uint64_t sequence) const noexcept;
	const relayscope_subbuf_header& live_header(std::uint64_t sequence) const noexcept;

	RingGeometry geometry_;
	std::uint32_t channel_id_;
	std::uint32_t cpu_;
	std::shared_ptr<const RingData> data_;
	const relayscope_cpu_control* control_;
};

// A CPU that comes online later gets its buffer then.
bool cpu_has_buffer(const relayscope_cpu_control& control) noexcept;

} // namespace relayscope
