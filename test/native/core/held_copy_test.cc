// SPDX-License-Identifier: MIT
#include <chrono>
#include <thread>

#include "../../../native/held_copy.h"
#include "check.h"
#include "memory_ring.h"

using namespace relayscope;
using namespace relayscope::test;

namespace {

constexpr std::uint32_t kEpoch = 1;
const std::atomic<bool> kGoOn{false};

// A flight recorder's writer, as kmod/relay/seal.c is one.
class Overwriter {
public:
	explicit Overwriter(MemoryRing& ring, RingGeometry geometry)
		: ring_(ring), geometry_(geometry), held_(geometry.subbuf_count)
	{
	}

	void write(std::uint32_t used, std::uint32_t records)
	{
		auto* header = reinterpret_cast<relayscope_subbuf_header*>(ring_.at(sealed_));
		__atomic_store_n(&header->sequence, RELAYSCOPE_SEQUENCE_INVALID, __ATOMIC_RELAXED);
		std::atomic_thread_fence(std::memory_order_release);
		overwritten_ += held_[sealed_ % geometry_.subbuf_count];
		relayscope_subbuf_header filled{};
		filled.magic = RELAYSCOPE_SUBBUF_MAGIC;
		filled.abi_version = RELAYSCOPE_ABI_VERSION;
		filled.header_length = sizeof(filled);
		filled.channel_id = kChannel;
		filled.cpu = kCpu;
		filled.epoch = kEpoch;
		filled.used = used;
		filled.sequence = RELAYSCOPE_SEQUENCE_INVALID;
		filled.ts_begin = sealed_ * 1000;
		filled.ts_end = sealed_ * 1000 + 999;
		filled.record_count = records;
		std::memcpy(header, &filled, sizeof(filled));
		std::memset(header + 1, MemoryRing::pattern(sealed_), used - sizeof(filled));
		__atomic_store_n(&header->sequence, sealed_, __ATOMIC_RELEASE);
		held_[sealed_ % geometry_.subbuf_count] = records;
		written_ += records;
		++sealed_;
	}

	std::uint64_t sealed() const { return sealed_; }
	std::uint64_t written() const { return written_; }
	std::uint64_t overwritten() const { return overwritten_; }
	const std::vector<std::uint32_t>& held() const { return held_; }

private:
	MemoryRing& ring_;
	RingGeometry geometry_;
	std::vector<std::uint32_t> held_;
	std::uint64_t sealed_ = 0;
	std::uint64_t written_ = 0;
	std::uint64_t overwritten_ = 0;
};

HeldCounts copy_held(const RingView& ring, const HeldSubbufs& held, std::uint64_t since, RawFile& output,
		     const std::atomic<bool>& abandoned = kGoOn)
{
	HeldCopy copy(ring);
	const HeldCounts counts = copy.take(held, since, abandoned);
	copy.write(output);
	return counts;
}

struct Found {
	std::vector<std::uint64_t> sequences;
	std::uint64_t records = 0;
};

// Throws at the first byte that is not the sub-buffer's.
Found walk(const std::string& all)
{
	Found found;
	for (std::size_t at = 0; at < all.size();) {
		relayscope_subbuf_header header;
		std::memcpy(&header, all.data() + at, sizeof(header));
		EQUAL(header.magic, static_cast<__u32>(RELAYSCOPE_SUBBUF_MAGIC));
		for (std::size_t i = sizeof(header); i < header.used; ++i)
			if (static_cast<unsigned char>(all[at + i]) != MemoryRing::pattern(header.sequence))
				throw std::runtime_error("sub-buffer " + std::to_string(header.sequence) + " is torn");
		found.sequences.push_back(header.sequence);
		found.records += header.record_count;
		at += (header.used + 7) / 8 * 8;
	}
	return found;
}

const RingGeometry kRaced{16384, 4};

void expect_nothing_torn(MemoryRing& ring, const std::shared_ptr<const RingData>& data)
{
	ScratchDirectory scratch;
	// The moment is taken between two sub-buffers of the writer, as on its CPU with interrupts off.
	struct Moment {
		std::uint64_t sealed, written, overwritten;
		std::vector<std::uint32_t> held;
	} moment;
	std::atomic<int> phase{0}; // 1: asked for, 2: taken, -1: end
	std::thread thread([&] {
		Overwriter writer(ring, kRaced);
		for (std::uint32_t i = 0; phase.load(std::memory_order_acquire) >= 0; ++i) {
			writer.write(16384 - i % 7 * 1000, i % 50);
			if (phase.load(std::memory_order_acquire) != 1)
				continue;
			moment = {writer.sealed(), writer.written(), writer.overwritten(), writer.held()};
			phase.store(2, std::memory_order_release);
			// Every other time it is slower than the reader.
			for (std::uint32_t rest = i % 2 * 20; rest > 0; --rest)
				std::this_thread::sleep_for(std::chrono::microseconds(5));
		}
	});

	std::uint64_t torn = 0;
	std::uint64_t delivered = 0;
	std::optional<std::string> failure;
	for (int round = 0; round < 500 && !failure; ++round) {
		phase.store(1, std::memory_order_release);
		while (phase.load(std::memory_order_acquire) != 2)
			std::this_thread::yield();
		RawFile output(scratch.file("raw" + std::to_string(round)));
		const HeldCounts copy =
			copy_held(ring.view(data), {kEpoch, moment.sealed, moment.held}, 0, output);
		try {
			const Found found = walk(contents(output.path()));
			EQUAL(found.records, copy.copied);
			EQUAL(moment.written, moment.overwritten + copy.copied + copy.torn);
			EQUAL(copy.unread + copy.trimmed, 0u);
			// The newest, without a gap.
			for (std::size_t i = 0; i < found.sequences.size(); ++i)
				EQUAL(found.sequences[i], moment.sealed - found.sequences.size() + i);
		} catch (const std::exception& error) {
			failure = error.what();
		}
		torn += copy.torn;
		delivered += copy.copied;
		output.discard();
	}
	phase.store(-1, std::memory_order_release);
	thread.join();
	EQUAL(failure.value_or(""), "");
	TRUE(torn > 0);
	TRUE(delivered > 0);
}

} // namespace

TEST(a_ring_that_rests_is_copied_whole_from_its_oldest_on)
{
	ScratchDirectory scratch;
	const RingGeometry geometry{4096, 4};
	MemoryRing ring(geometry);
	const auto map = ring.mapped();
	Overwriter writer(ring, geometry);
	for (std::uint32_t i = 0; i < 10; ++i)
		writer.write(128 + i, i);
	RawFile output(scratch.file("raw"));
	const HeldCounts copy = copy_held(ring.view(map), {kEpoch, writer.sealed(), writer.held()}, 0, output);
	const Found found = walk(contents(output.path()));
	TRUE((found.sequences == std::vector<std::uint64_t>{6, 7, 8, 9}));
	EQUAL(copy.subbufs, 4u);
	EQUAL(copy.copied, 6u + 7 + 8 + 9);
	EQUAL(found.records, copy.copied);
	EQUAL(copy.torn + copy.trimmed + copy.unread, 0u);
	EQUAL(*copy.ts_begin, 6000u);
	EQUAL(writer.written(), writer.overwritten() + copy.copied);
}

TEST(a_ring_that_was_never_full_has_fewer)
{
	ScratchDirectory scratch;
	const RingGeometry geometry{4096, 4};
	MemoryRing ring(geometry);
	const auto map = ring.mapped();
	Overwriter writer(ring, geometry);
	RawFile empty(scratch.file("empty"));
	TRUE(!copy_held(ring.view(map), {kEpoch, 0, writer.held()}, 0, empty).ts_begin);
	EQUAL(empty.size(), 0u);
	writer.write(4096, 5);
	RawFile output(scratch.file("raw"));
	EQUAL(copy_held(ring.view(map), {kEpoch, 1, writer.held()}, 0, output).copied, 5u);
	EQUAL(output.size(), 4096u);
}

TEST(what_ends_before_the_time_asked_for_is_trimmed)
{
	ScratchDirectory scratch;
	const RingGeometry geometry{4096, 4};
	MemoryRing ring(geometry);
	const auto map = ring.mapped();
	Overwriter writer(ring, geometry);
	for (int i = 0; i < 4; ++i)
		writer.write(128, 10);
	RawFile output(scratch.file("raw"));
	// The one that is open at that time stays whole.
	const HeldCounts copy = copy_held(ring.view(map), {kEpoch, 4, writer.held()}, 2500, output);
	EQUAL(copy.trimmed, 20u);
	EQUAL(copy.copied, 20u);
	EQUAL(*copy.ts_begin, 2000u);
}

TEST(a_header_that_cannot_be_believed_is_unread_and_another_life_is_torn)
{
	ScratchDirectory scratch;
	const RingGeometry geometry{4096, 4};
	MemoryRing ring(geometry);
	const auto map = ring.mapped();
	Overwriter writer(ring, geometry);
	for (int i = 0; i < 4; ++i)
		writer.write(128, 10);
	const auto header = [&](std::uint64_t s) { return reinterpret_cast<relayscope_subbuf_header*>(ring.at(s)); };
	header(1)->used = 5000;
	header(2)->epoch = kEpoch + 1;
	RawFile output(scratch.file("raw"));
	const HeldCounts copy = copy_held(ring.view(map), {kEpoch, 4, writer.held()}, 0, output);
	EQUAL(copy.unread, 10u);
	EQUAL(copy.torn, 10u);
	EQUAL(copy.copied, 20u);
	TRUE((walk(contents(output.path())).sequences == std::vector<std::uint64_t>{0, 3}));
}

TEST(a_copy_that_is_abandoned_says_so)
{
	ScratchDirectory scratch;
	const RingGeometry geometry{4096, 4};
	MemoryRing ring(geometry);
	const auto map = ring.mapped();
	Overwriter writer(ring, geometry);
	writer.write(128, 1);
	RawFile output(scratch.file("raw"));
	const std::atomic<bool> abandoned{true};
	const auto error = error_of([&] {
		copy_held(ring.view(map), {kEpoch, 1, writer.held()}, 0, output, abandoned);
	});
	EQUAL(error->error(), ECANCELED);
}

TEST(a_writer_at_full_speed_never_gets_a_torn_subbuf_delivered)
{
	MemoryRing ring(kRaced);
	expect_nothing_torn(ring, ring.mapped());
}

TEST(and_so_it_is_without_a_mapping)
{
	MemoryRing ring(kRaced);
	expect_nothing_torn(ring, ring.copied());
}
