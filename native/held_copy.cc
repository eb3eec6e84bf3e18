// SPDX-License-Identifier: MIT
#include "held_copy.h"

#include <cstring>

namespace relayscope {

namespace {

std::size_t padded(std::uint32_t used)
{
	constexpr std::size_t align = RELAYSCOPE_RECORD_ALIGN;
	return (used + align - 1) / align * align;
}

} // namespace

HeldCopy::HeldCopy(const RingView& ring) : ring_(ring), bytes_(ring.geometry().bytes())
{
	blocks_.reserve(ring.geometry().subbuf_count);
}

HeldCounts HeldCopy::take(const HeldSubbufs& held, std::uint64_t since, const std::atomic<bool>& abandoned)
{
	const std::uint64_t count = ring_.geometry().subbuf_count;
	const std::uint64_t first = held.sealed > count ? held.sealed - count : 0;
	HeldCounts counts;
	blocks_.clear();
	for (std::uint64_t s = held.sealed; s-- != first;) {
		if (abandoned.load(std::memory_order_relaxed))
			throw ErrnoError(ECANCELED, "snapshot cpu" + std::to_string(ring_.cpu()));
		const std::uint64_t records = held.records[s % count];
		switch (take_one(s, held, since)) {
		case Taken::kCopied:
			counts.copied += records;
			counts.subbufs++;
			break;
		case Taken::kTorn:
			counts.torn += records;
			break;
		case Taken::kTrimmed:
			counts.trimmed += records;
			break;
		case Taken::kUnread:
			counts.unread += records;
			break;
		}
	}
	if (!blocks_.empty())
		counts.ts_begin = static_cast<const relayscope_subbuf_header*>(blocks_.back().iov_base)->ts_begin;
	return counts;
}

HeldCopy::Taken HeldCopy::take_one(std::uint64_t sequence, const HeldSubbufs& held, std::uint64_t since)
{
	if (!ring_.holds(sequence))
		return Taken::kTorn;
	const relayscope_subbuf_header header = ring_.header(sequence);
	// A length read from a header that is being overwritten may be anything.
	const bool believed = header.epoch == held.epoch && !ring_.fault(header, sequence);
	const bool wanted = believed && header.ts_end >= since;
	std::byte* to = bytes_.data() + (ring_.subbuf(sequence) - ring_.subbuf(0));
	const std::size_t length = wanted ? padded(header.used) : 0;
	const bool fetched = ring_.fetch(sequence, length);
	std::memcpy(to, ring_.subbuf(sequence), length);
	if (!ring_.still_holds(sequence, held.epoch))
		return Taken::kTorn;
	if (!believed || !fetched)
		return Taken::kUnread;
	if (!wanted)
		return Taken::kTrimmed;
	blocks_.push_back({to, length});
	return Taken::kCopied;
}

void HeldCopy::write(RawFile& output) const
{
	const std::vector<iovec> oldest_first(blocks_.rbegin(), blocks_.rend());
	if (const RawFile::Appended appended = output.append(oldest_first); appended.error)
		throw *appended.error;
}

} // namespace relayscope
