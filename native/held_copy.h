// SPDX-License-Identifier: MIT
//
// A copy of what one CPU of a flight recorder holds, made while its writer goes on. A sub-buffer that
// is overwritten before its copy is complete is torn: counted, never delivered.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "raw_file.h"
#include "ring_view.h"

namespace relayscope {

// What the kernel said of the moment: sub-buffer s of the last ones sealed held
// records[s % subbuf_count] records.
struct HeldSubbufs {
	std::uint32_t epoch;
	std::uint64_t sealed;
	std::span<const std::uint32_t> records;
};

// In records, but for subbufs: the records held are those copied, torn, trimmed and unread.
struct HeldCounts {
	std::uint64_t subbufs = 0;
	std::uint64_t copied = 0;
	std::uint64_t torn = 0;
	std::uint64_t trimmed = 0;	       // in sub-buffers that end before `since`
	std::uint64_t unread = 0;	       // in sub-buffers whose header could not be believed
	std::optional<std::uint64_t> ts_begin; // of the oldest record copied
};

class HeldCopy {
public:
	// Takes as much memory as the ring: a disk may be slower than the writer, which then tears most.
	explicit HeldCopy(const RingView& ring);

	// Newest first: when the writer is the faster one the oldest are torn, and what is left has no
	// gap. Throws ErrnoError(ECANCELED) once abandoned is set.
	HeldCounts take(const HeldSubbufs& held, std::uint64_t since, const std::atomic<bool>& abandoned);
	// What was taken, oldest first; throws what the file's failure throws.
	void write(RawFile& output) const;

private:
	enum class Taken { kCopied, kTorn, kTrimmed, kUnread };
	Taken take_one(std::uint64_t sequence, const HeldSubbufs& held, std::uint64_t since);

	RingView ring_;
	std::vector<std::byte> bytes_;
	std::vector<iovec> blocks_; // of bytes_, newest first
};

} // namespace relayscope
