// SPDX-License-Identifier: MIT
#include "cpu_reader.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <string>

namespace relayscope {

namespace {

// A wake that is missed costs this much delay, never a stall.
constexpr int kSafetyNetMs = 500;
// The kernel gets its sub-buffers back after each batch, so a batch is a small part of a ring.
constexpr std::size_t kBatchSubbufs = 64;
constexpr std::size_t kBatchBytes = std::size_t{1} << 20;
constexpr int kLongestPauseMs = 64;

std::size_t padded(std::uint32_t used)
{
	constexpr std::size_t align = RELAYSCOPE_RECORD_ALIGN;
	return (used + align - 1) / align * align;
}

} // namespace

CpuReader::CpuReader(RingView ring, RawFile output, Consume consume, OnError on_error)
	: ring_(std::move(ring)), output_(std::move(output)), consume_(std::move(consume)),
	  on_error_(std::move(on_error))
{
}

void CpuReader::start()
{
	thread_.start("rs-read/" + buffer_name(ring_.cpu()), [this] { run(); });
}

void CpuReader::run()
{
	std::optional<ErrnoError> error;
	try {
		loop();
		output_.close();
	} catch (const ErrnoError& failure) {
		error = failure;
	} catch (const std::exception&) {
		// All that is left is an allocation that failed.
		error = ErrnoError(ENOMEM, "read " + buffer_name(ring_.cpu()));
	}
	if (!error)
		return;
	{
		const std::lock_guard lock(error_mutex_);
		error_ = error;
	}
	on_error_(*error, ring_.cpu());
}

void CpuReader::loop()
{
	int pause_ms = 1;
	for (;;) {
		// Before the counter is read: what was sealed before a drain was asked for is taken.
		const Stop stop = thread_.requested();
		if (stop == Stop::kAbandon)
			return;
		const bool took = take_sealed();
		if (stop == Stop::kDrain)
			return;
		if (took) {
			pause_ms = 1;
			continue;
		}
		const short events = thread_.wait(ring_.fd(), POLLIN, kSafetyNetMs);
		if ((events & POLLNVAL) != 0)
			throw ErrnoError(EBADF, "poll " + buffer_name(ring_.cpu()));
		if (events == 0 || ring_.sealed() != taken_.load(std::memory_order_relaxed))
			continue;
		// Relay counts a sub-buffer just before it is sealed, and reports an error for a buffer that
		// has been closed: ready, yet nothing to take. Without a pause this loop would be a spin.
		thread_.wait(-1, 0, pause_ms);
		pause_ms = std::min(pause_ms * 2, kLongestPauseMs);
	}
}

// Everything sealed when it was called; false when that is nothing.
bool CpuReader::take_sealed()
{
	const std::uint64_t floor = ring_.time_floor();
	const std::uint64_t sealed = sealed_checked();
	std::uint64_t next = taken_.load(std::memory_order_relaxed);
	const bool any = next != sealed;
	while (next != sealed) {
		if (thread_.requested() == Stop::kAbandon)
			return any;
		next += take_batch(next, sealed);
	}
	// Pairs with the acquire in progress(): who sees this floor sees the bytes it speaks of.
	floor_.store(std::max(floor, floor_.load(std::memory_order_relaxed)), std::memory_order_release);
	return any;
}

std::uint64_t CpuReader::sealed_checked() const
{
	const std::uint64_t sealed = ring_.sealed();
	const std::uint64_t taken = taken_.load(std::memory_order_relaxed);
	// The kernel never overwrites what was not acknowledged, so this is another ABI or broken memory.
	if (sealed < taken || sealed - taken > ring_.geometry().subbuf_count)
		throw ErrnoError(EPROTO, "read control page of " + buffer_name(ring_.cpu()) + ": sealed " +
						 std::to_string(sealed) + " of which taken " + std::to_string(taken));
	return sealed;
}

std::uint64_t CpuReader::take_batch(std::uint64_t from, std::uint64_t sealed)
{
	std::array<iovec, kBatchSubbufs> blocks;
	std::size_t count = 0;
	std::size_t bytes = 0;
	while (from + count < sealed && count < blocks.size() && bytes < kBatchBytes && !ring_.fault(from + count)) {
		const std::size_t length = padded(ring_.header(from + count).used);
		if (!ring_.fetch(from + count, length))
			break;
		blocks[count] = {const_cast<std::byte*>(ring_.subbuf(from + count)), length};
		bytes += length;
		++count;
	}
	if (count == 0) {
		skip_faulty(from);
		return 1;
	}
	const RawFile::Appended appended = output_.append({blocks.data(), count});
	if (appended.blocks > 0) {
		publish_written(from, appended.blocks);
		acknowledge(appended.blocks);
	}
	if (appended.error)
		throw *appended.error;
	return count;
}

void CpuReader::publish_written(std::uint64_t from, std::uint64_t count)
{
	std::uint64_t records = 0;
	for (std::uint64_t sequence = from; sequence != from + count; ++sequence)
		records += ring_.header(sequence).record_count;
	const relayscope_subbuf_header last = ring_.header(from + count - 1);

	bytes_.store(output_.size(), std::memory_order_relaxed);
	records_.fetch_add(records, std::memory_order_relaxed);
	lost_.store(last.lost + last.lost_inside, std::memory_order_relaxed);
	subbufs_.fetch_add(count, std::memory_order_relaxed);
	taken_.store(from + count, std::memory_order_release);
}

void CpuReader::skip_faulty(std::uint64_t sequence)
{
	unread_.fetch_add(ring_.claimed_records(sequence), std::memory_order_relaxed);
	faults_.fetch_add(1, std::memory_order_relaxed);
	taken_.store(sequence + 1, std::memory_order_release);
	acknowledge(1);
}

void CpuReader::acknowledge(std::uint64_t subbufs)
{
	consume_(subbufs);
}

CpuReader::Progress CpuReader::progress() const
{
	// The order of the loads is the contract: floor, then sealed, then what has been taken.
	const std::uint64_t live_floor = ring_.time_floor();
	const std::uint64_t sealed = ring_.sealed();
	const std::uint64_t floor = floor_.load(std::memory_order_acquire);
	const std::uint64_t taken = taken_.load(std::memory_order_acquire);

	Progress progress{};
	progress.cpu = ring_.cpu();
	// An idle CPU moves its floor without sealing anything, and nothing wakes the thread for that.
	progress.time_floor = taken >= sealed ? std::max(live_floor, floor) : floor;
	progress.waiting = taken >= sealed ? 0 : static_cast<std::uint32_t>(sealed - taken);
	progress.bytes = bytes_.load(std::memory_order_relaxed);
	progress.subbufs = subbufs_.load(std::memory_order_relaxed);
	progress.records = records_.load(std::memory_order_relaxed);
	progress.lost = lost_.load(std::memory_order_relaxed);
	progress.faults = faults_.load(std::memory_order_relaxed);
	const std::lock_guard lock(error_mutex_);
	progress.error = error_;
	return progress;
}

std::uint64_t CpuReader::unread() const
{
	std::uint64_t unread = unread_.load(std::memory_order_relaxed);
	const std::uint64_t sealed = ring_.sealed();
	const std::uint64_t taken = taken_.load(std::memory_order_relaxed);
	// What a broken counter says is not a count of anything.
	if (sealed < taken || sealed - taken > ring_.geometry().subbuf_count)
		return unread;
	for (std::uint64_t sequence = taken; sequence != sealed; ++sequence)
		unread += ring_.claimed_records(sequence);
	return unread;
}

} // namespace relayscope
