// SPDX-License-Identifier: MIT
#include "ring_view.h"

#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>

#include "errno_error.h"
#include "mapping.h"

namespace relayscope {

namespace {

constexpr std::uint32_t kLargestSubbuf = 64u << 20;
constexpr std::uint32_t kMostSubbufs = 4096;
// The shortest record, with the gap to the next.
constexpr std::uint32_t kShortestRecord =
	(sizeof(relayscope_record_header) + RELAYSCOPE_RECORD_ALIGN - 1) / RELAYSCOPE_RECORD_ALIGN *
	RELAYSCOPE_RECORD_ALIGN;

constexpr std::array kFaultText{
	"magic",  "ABI version", "header length", "channel id",
	"cpu",    "sequence",    "used bytes",    "record count",
};
static_assert(kFaultText.size() == static_cast<std::size_t>(HeaderFault::kCount));

// The mapping is read-only: an atomic that falls back to a lock could not work on it.
static_assert(__atomic_always_lock_free(sizeof(__u64), nullptr));

} // namespace

void RingGeometry::validate() const
{
	if (!std::has_single_bit(subbuf_size) || subbuf_size < page_size() || subbuf_size > kLargestSubbuf)
		throw ErrnoError(EINVAL, "sub-buffer size " + std::to_string(subbuf_size));
	if (!std::has_single_bit(subbuf_count) || subbuf_count < 2 || subbuf_count > kMostSubbufs)
		throw ErrnoError(EINVAL, "sub-buffer count " + std::to_string(subbuf_count));
}

const char* header_fault_text(HeaderFault fault) noexcept
{
	return kFaultText.at(static_cast<std::size_t>(fault));
}

RingView::RingView(RingGeometry geometry, std::uint32_t channel_id, std::uint32_t cpu,
		   std::shared_ptr<const RingData> data, const relayscope_cpu_control* control) noexcept
	: geometry_(geometry), channel_id_(channel_id), cpu_(cpu), data_(std::move(data)), control_(control)
{
}

std::uint64_t RingView::sealed() const noexcept
{
	// Pairs with the module's smp_store_release(&control->sealed, ...) when it seals.
	return __atomic_load_n(&control_->sealed, __ATOMIC_ACQUIRE);
}

std::uint64_t RingView::time_floor() const noexcept
{
	// Pairs with the module's smp_store_release(&control->time_floor, ...).
	return __atomic_load_n(&control_->time_floor, __ATOMIC_ACQUIRE);
}

std::size_t RingView::offset_of(std::uint64_t sequence) const noexcept
{
	return (sequence % geometry_.subbuf_count) * geometry_.subbuf_size;
}

const std::byte* RingView::subbuf(std::uint64_t sequence) const noexcept
{
	return data_->bytes() + offset_of(sequence);
}

bool RingView::fetch(std::uint64_t sequence, std::size_t length) const noexcept
{
	return data_->refresh(offset_of(sequence), length);
}

relayscope_subbuf_header RingView::header(std::uint64_t sequence) const noexcept
{
	relayscope_subbuf_header header;
	fetch(sequence, sizeof(header));
	std::memcpy(&header, subbuf(sequence), sizeof(header));
	return header;
}

std::optional<HeaderFault> RingView::fault(std::uint64_t sequence) const noexcept
{
	return fault(header(sequence), sequence);
}

std::optional<HeaderFault> RingView::fault(const relayscope_subbuf_header& header,
					   std::uint64_t sequence) const noexcept
{
	if (header.magic != RELAYSCOPE_SUBBUF_MAGIC)
		return HeaderFault::kMagic;
	if (header.abi_version != RELAYSCOPE_ABI_VERSION)
		return HeaderFault::kAbiVersion;
	// A longer header is a compatible extension: what it adds is copied, not read.
	if (header.header_length < sizeof(header) || header.header_length % RELAYSCOPE_RECORD_ALIGN != 0)
		return HeaderFault::kHeaderLength;
	if (header.channel_id != channel_id_)
		return HeaderFault::kChannel;
	if (header.cpu != cpu_)
		return HeaderFault::kCpu;
	if (header.sequence != sequence)
		return HeaderFault::kSequence;
	if (header.used < header.header_length || header.used > geometry_.subbuf_size)
		return HeaderFault::kUsed;
	if (header.record_count > geometry_.subbuf_size / kShortestRecord)
		return HeaderFault::kRecordCount;
	return std::nullopt;
}

const relayscope_subbuf_header& RingView::live_header(std::uint64_t sequence) const noexcept
{
	fetch(sequence, sizeof(relayscope_subbuf_header));
	return *reinterpret_cast<const relayscope_subbuf_header*>(subbuf(sequence));
}

bool RingView::holds(std::uint64_t sequence) const noexcept
{
	// Pairs with the module's smp_store_release(&header->sequence, ...) when it seals.
	return __atomic_load_n(&live_header(sequence).sequence, __ATOMIC_ACQUIRE) == sequence;
}

bool RingView::still_holds(std::uint64_t sequence, std::uint32_t epoch) const noexcept
{
	// Pairs with the module's smp_wmb() after it has made the sequence invalid: who has read one of
	// the bytes written after it sees the sequence gone.
	std::atomic_thread_fence(std::memory_order_acquire);
	const relayscope_subbuf_header& header = live_header(sequence);
	return __atomic_load_n(&header.sequence, __ATOMIC_RELAXED) == sequence &&
	       __atomic_load_n(&header.epoch, __ATOMIC_RELAXED) == epoch;
}

std::uint64_t RingView::claimed_records(std::uint64_t sequence) const noexcept
{
	const relayscope_subbuf_header header = this->header(sequence);
	const bool plausible = header.magic == RELAYSCOPE_SUBBUF_MAGIC &&
			       header.abi_version == RELAYSCOPE_ABI_VERSION &&
			       header.record_count <= geometry_.subbuf_size / kShortestRecord;
	return plausible ? header.record_count : 0;
}

bool cpu_has_buffer(const relayscope_cpu_control& control) noexcept
{
	const __u32 flags = __atomic_load_n(&control.flags, __ATOMIC_ACQUIRE);
	return (flags & RELAYSCOPE_CPU_HAS_BUFFER) != 0;
}

} // namespace relayscope
