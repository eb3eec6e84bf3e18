// SPDX-License-Identifier: MIT
#include "relay_file_drain.h"

#include <fcntl.h>
#include <poll.h>
#include <time.h>

#include <cstring>
#include <limits>

#include "../include/relayscope/events.h"

namespace relayscope {

namespace {

// poll() tells of whole sub-buffers of the driver's only, read() gives part of one, too.
constexpr int kLookMs = 100;
constexpr std::size_t kFixed = RELAYSCOPE_EVENT_RELAY_CHUNKS_FIXED;

int open_input(const std::string& path)
{
	const int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		throw_errno("open", path);
	return fd;
}

std::size_t chunk_size(const std::string& channel_path)
{
	// What a record's 16-bit length leaves for the data.
	return std::numeric_limits<std::uint16_t>::max() - kFixed - channel_path.size();
}

constexpr std::size_t align(std::size_t length)
{
	return (length + RELAYSCOPE_RECORD_ALIGN - 1) & ~std::size_t{RELAYSCOPE_RECORD_ALIGN - 1};
}

std::uint64_t monotonic_now()
{
	timespec now{};
	clock_gettime(CLOCK_MONOTONIC, &now);
	return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

} // namespace

RelayFileDrain::RelayFileDrain(Origin origin, const std::string& input, const std::string& output,
			       OnError on_error)
	: origin_(std::move(origin)), input_path_(input), input_(open_input(input)), output_(output),
	  on_error_(std::move(on_error)), chunk_(chunk_size(origin_.channel_path)), subbuf_(kSubbufSize)
{
}

void RelayFileDrain::start()
{
	thread_.start("rs-relay" + std::to_string(origin_.cpu), [this] { run(); });
}

void RelayFileDrain::end(Stop stop) noexcept
{
	thread_.request(stop);
	thread_.join();
}

void RelayFileDrain::run()
{
	std::optional<ErrnoError> error;
	try {
		loop();
		output_.close();
		input_.reset();
	} catch (const ErrnoError& failure) {
		error = failure;
	} catch (const std::exception&) {
		error = ErrnoError(ENOMEM, "read " + input_path_);
	}
	if (!error)
		return;
	{
		const std::lock_guard lock(error_mutex_);
		error_ = error;
	}
	on_error_(*error, origin_.cpu);
}

void RelayFileDrain::loop()
{
	bool gone = false;
	for (;;) {
		const Stop stop = thread_.requested();
		if (stop == Stop::kAbandon)
			return;
		if (take() == Taken::kSome)
			continue;
		seal();
		if (stop == Stop::kDrain)
			return;
		// The driver has closed its channel: nothing will come, and it says so for ever.
		const short events = thread_.wait(gone ? -1 : input_.get(), POLLIN, kLookMs);
		gone = gone || (events & (POLLERR | POLLHUP)) != 0;
	}
}

RelayFileDrain::Taken RelayFileDrain::take()
{
	const ssize_t length = read(input_.get(), chunk_.data(), chunk_.size());
	if (length < 0) {
		if (errno == EINTR)
			return Taken::kSome;
		if (errno == EAGAIN)
			return Taken::kNothing;
		throw_errno("read", input_path_);
	}
	if (length == 0)
		return Taken::kNothing;
	append(chunk_.data(), static_cast<std::size_t>(length), monotonic_now());
	return Taken::kSome;
}

void RelayFileDrain::append(const char* data, std::size_t length, std::uint64_t now)
{
	const std::string& path = origin_.channel_path;
	const std::size_t size = kFixed + path.size() + length;
	const bool fits = align(used_) + size <= subbuf_.size();
	if (count_ > 0 && (!fits || now - begin_ > std::numeric_limits<std::uint32_t>::max()))
		seal();
	if (count_ == 0) {
		used_ = sizeof(relayscope_subbuf_header);
		begin_ = now;
	}
	const std::size_t at = align(used_);
	std::memset(subbuf_.data() + used_, 0, at - used_);

	relayscope_event_relay_chunks record{};
	record.header.event_id = RELAYSCOPE_EVENT_RELAY_CHUNKS;
	record.header.length = static_cast<__u16>(size);
	record.header.ts_delta = static_cast<__u32>(now - begin_);
	record.path_length = static_cast<__u16>(path.size());
	char* to = subbuf_.data() + at;
	std::memcpy(to, &record, kFixed);
	std::memcpy(to + kFixed, path.data(), path.size());
	std::memcpy(to + kFixed + path.size(), data, length);
	used_ = at + size;
	last_ = now;
	++count_;
}

void RelayFileDrain::seal()
{
	if (count_ == 0)
		return;
	relayscope_subbuf_header header{};
	header.magic = RELAYSCOPE_SUBBUF_MAGIC;
	header.abi_version = RELAYSCOPE_ABI_VERSION;
	header.header_length = sizeof header;
	header.channel_id = origin_.channel_id;
	header.cpu = origin_.cpu;
	header.epoch = origin_.epoch;
	header.used = static_cast<__u32>(used_);
	header.sequence = subbufs_.load(std::memory_order_relaxed);
	header.ts_begin = begin_;
	header.ts_end = last_;
	header.record_count = count_;
	std::memcpy(subbuf_.data(), &header, sizeof header);
	const std::size_t padded = align(used_);
	std::memset(subbuf_.data() + used_, 0, padded - used_);

	const iovec block{subbuf_.data(), padded};
	const RawFile::Appended appended = output_.append({&block, 1});
	if (appended.error)
		throw *appended.error;
	bytes_.store(output_.size(), std::memory_order_relaxed);
	subbufs_.fetch_add(1, std::memory_order_relaxed);
	records_.fetch_add(count_, std::memory_order_relaxed);
	count_ = 0;
	used_ = 0;
}

RelayFileDrain::Progress RelayFileDrain::progress() const
{
	const std::lock_guard lock(error_mutex_);
	return {origin_.cpu, bytes_.load(std::memory_order_relaxed), subbufs_.load(std::memory_order_relaxed),
		records_.load(std::memory_order_relaxed), error_};
}

} // namespace relayscope
