// SPDX-License-Identifier: MIT
#include <sys/resource.h>

#include <chrono>
#include <random>
#include <thread>

#include "../../../native/cpu_reader.h"
#include "check.h"
#include "memory_ring.h"

using namespace relayscope;
using namespace relayscope::test;

namespace {

struct Running {
	explicit Running(RingView ring, std::string path, CpuReader::Consume consume)
	{
		reader = std::make_unique<CpuReader>(std::move(ring), RawFile(std::move(path)), std::move(consume),
						     [this](const ErrnoError& error, std::uint32_t cpu) {
							     EQUAL(cpu, kCpu);
							     errors.push_back(error);
						     });
		reader->start();
	}
	explicit Running(MemoryRing& ring, std::string path, CpuReader::Consume consume)
		: Running(ring.view(ring.mapped()), std::move(path), std::move(consume))
	{
	}
	Running(MemoryRing& ring, std::string path)
		: Running(ring, std::move(path), [&ring](std::uint64_t n) { ring.consume(n); })
	{
	}
	void finish() const
	{
		reader->request(Stop::kDrain);
		reader->join();
	}

	std::vector<ErrnoError> errors; // outlives the thread that fills it
	std::unique_ptr<CpuReader> reader;
};

std::size_t align8(std::size_t n)
{
	return (n + 7) / 8 * 8;
}

// Walks the file as the collector will; throws at the first byte that is not as written.
std::uint64_t walk(const std::string& all, std::uint64_t expected_subbufs)
{
	std::size_t at = 0;
	std::uint64_t records = 0;
	std::uint64_t sequence = 0;
	for (; at < all.size(); ++sequence) {
		relayscope_subbuf_header header;
		std::memcpy(&header, all.data() + at, sizeof(header));
		EQUAL(header.magic, static_cast<__u32>(RELAYSCOPE_SUBBUF_MAGIC));
		EQUAL(header.sequence, sequence);
		for (std::size_t i = sizeof(header); i < header.used; ++i)
			if (static_cast<unsigned char>(all[at + i]) != MemoryRing::pattern(sequence))
				throw std::runtime_error("sub-buffer " + std::to_string(sequence) + " is torn");
		records += header.record_count;
		at += align8(header.used);
	}
	EQUAL(at, all.size());
	EQUAL(sequence, expected_subbufs);
	return records;
}

template <typename Condition>
void eventually(Condition&& condition)
{
	const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
	while (!condition()) {
		if (std::chrono::steady_clock::now() > deadline)
			throw std::runtime_error("did not happen in 10 s");
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
	}
}

void expect_every_byte(MemoryRing& ring, std::shared_ptr<const RingData> data)
{
	constexpr std::uint64_t kSubbufs = 20000;
	ScratchDirectory scratch;
	const std::string path = scratch.file("raw");
	const Running running(ring.view(std::move(data)), path, [&ring](std::uint64_t n) { ring.consume(n); });
	std::minstd_rand random(1);
	std::uint64_t records = 0;
	while (ring.sealed() < kSubbufs) {
		if (ring.full()) {
			std::this_thread::yield();
			continue;
		}
		const std::uint32_t used = 64 + random() % (4096 - 64 + 1);
		const std::uint32_t count = random() % 50;
		records += count;
		ring.seal(used, count);
	}
	running.finish();
	const std::string all = contents(path);
	EQUAL(walk(all, kSubbufs), records);
	EQUAL(ring.consumed(), kSubbufs);
	EQUAL(running.reader->unread(), 0u);
	const CpuReader::Progress progress = running.reader->progress();
	EQUAL(progress.cpu, kCpu);
	EQUAL(progress.bytes, all.size());
	EQUAL(progress.subbufs, kSubbufs);
	EQUAL(progress.records, records);
	EQUAL(progress.lost, kSubbufs - 1 + 2);
	EQUAL(progress.faults, 0u);
	EQUAL(progress.waiting, 0u);
	EQUAL(progress.time_floor, ring.control().time_floor);
	TRUE(!progress.error);
}

} // namespace

TEST(a_writer_at_full_speed_and_the_reader_agree_on_every_byte)
{
	MemoryRing ring({4096, 8});
	expect_every_byte(ring, ring.mapped());
}

TEST(and_so_they_do_without_a_mapping)
{
	MemoryRing ring({4096, 8});
	expect_every_byte(ring, ring.copied());
}

TEST(the_floor_never_runs_ahead_of_the_bytes)
{
	ScratchDirectory scratch;
	MemoryRing ring({4096, 8});
	const Running running(ring, scratch.file("raw"));
	std::atomic<bool> done{false};
	std::thread writer([&] {
		for (std::uint64_t i = 0; i < 5000;)
			if (!ring.full()) {
				ring.seal(64, 1);
				++i;
			} else {
				std::this_thread::yield();
			}
		done = true;
	});
	// Sub-buffer s ends at s * 1000 + 999 and takes 64 bytes.
	while (!done) {
		const CpuReader::Progress progress = running.reader->progress();
		if (progress.time_floor > 0 && progress.bytes / 64 < (progress.time_floor + 1) / 1000) {
			writer.join();
			throw std::runtime_error("floor " + std::to_string(progress.time_floor) + " with " +
						 std::to_string(progress.bytes) + " bytes");
		}
	}
	writer.join();
}

TEST(an_idle_cpu_moves_its_floor)
{
	ScratchDirectory scratch;
	MemoryRing ring({4096, 2});
	const Running running(ring, scratch.file("raw"));
	ring.raise_floor(12345);
	EQUAL(running.reader->progress().time_floor, 12345u);
}

TEST(a_header_that_cannot_be_believed_is_skipped_counted_and_acknowledged)
{
	ScratchDirectory scratch;
	const std::string path = scratch.file("raw");
	MemoryRing ring({4096, 8});
	ring.seal(100, 3);
	relayscope_subbuf_header bad = ring.fill(100, 5);
	bad.used = 5000;
	ring.seal(bad);
	ring.seal(104, 7);
	const Running running(ring, path);
	running.finish();
	const std::string all = contents(path);
	EQUAL(all.size(), 104u + 104u);
	relayscope_subbuf_header second;
	std::memcpy(&second, all.data() + 104, sizeof(second));
	EQUAL(second.sequence, 2u);
	EQUAL(ring.consumed(), 3u);
	EQUAL(running.reader->unread(), 5u);
	EQUAL(running.reader->progress().faults, 1u);
	EQUAL(running.reader->progress().records, 10u);
	EQUAL(running.errors.size(), 0u);
}

TEST(a_full_disk_ends_the_thread_with_whole_subbufs_and_counts_the_rest)
{
	ScratchDirectory scratch;
	const std::string path = scratch.file("raw");
	MemoryRing ring({4096, 8});
	for (int i = 0; i < 6; ++i)
		ring.seal(1000, 10);
	rlimit before;
	getrlimit(RLIMIT_FSIZE, &before);
	const rlimit small{3500, before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	Running running(ring, path);
	running.reader->join();
	setrlimit(RLIMIT_FSIZE, &before);
	EQUAL(running.errors.size(), 1u);
	EQUAL(running.errors[0].error(), EFBIG);
	EQUAL(walk(contents(path), 3), 30u);
	EQUAL(ring.consumed(), 3u);
	EQUAL(running.reader->progress().waiting, 3u);
	EQUAL(running.reader->progress().error->error(), EFBIG);
	EQUAL(running.reader->unread(), 30u);
}

TEST(a_refused_acknowledgement_ends_the_thread_and_nothing_stored_is_unread)
{
	ScratchDirectory scratch;
	const std::string path = scratch.file("raw");
	MemoryRing ring({4096, 8});
	ring.seal(1000, 10);
	Running running(ring, path, [](std::uint64_t) { throw ErrnoError(ENODEV, "consume"); });
	running.reader->join();
	EQUAL(running.errors.at(0).error(), ENODEV);
	EQUAL(walk(contents(path), 1), 10u);
	EQUAL(running.reader->unread(), 0u);
}

TEST(a_counter_that_cannot_be_true_is_an_error)
{
	ScratchDirectory scratch;
	MemoryRing ring({4096, 8});
	ring.set_sealed(9);
	Running running(ring, scratch.file("raw"));
	running.reader->join();
	EQUAL(running.errors.at(0).error(), EPROTO);
	EQUAL(running.reader->unread(), 0u);
}

TEST(abandoning_takes_nothing_more)
{
	ScratchDirectory scratch;
	MemoryRing ring({4096, 8});
	const Running running(ring, scratch.file("raw"));
	running.reader->request(Stop::kAbandon);
	running.reader->join();
	ring.seal(1000, 10);
	running.reader->request(Stop::kDrain);
	running.reader->join();
	EQUAL(running.reader->unread(), 10u);
}

TEST(a_buffer_that_is_ready_but_empty_is_not_spun_on)
{
	// A memory file is always ready for poll: what relay looks like between its count and the seal.
	ScratchDirectory scratch;
	MemoryRing ring({4096, 8});
	timespec before;
	timespec after;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	const Running running(ring, scratch.file("raw"));
	std::this_thread::sleep_for(std::chrono::milliseconds(500));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	const auto ns = (after.tv_sec - before.tv_sec) * 1'000'000'000 + after.tv_nsec - before.tv_nsec;
	TRUE(ns < 100'000'000);
	ring.seal(64, 1);
	eventually([&] { return running.reader->progress().subbufs == 1; });
}
