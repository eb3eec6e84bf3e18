// SPDX-License-Identifier: MIT
#include "bufflink_drain.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "../include/uapi/bufflink.h"

namespace relayscope {

namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr int kSafetyNetMs = 500;

int open_device(const std::string& path)
{
	// Not blocking: a reader that sits in read(2) could not be told to stop.
	const int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		throw_errno("open", path);
	return fd;
}

} // namespace

BufflinkDrain::BufflinkDrain(const std::string& device, const std::string& output, OnError on_error)
	: path_(device), device_(open_device(device)), output_(output), on_error_(std::move(on_error)),
	  chunk_(kChunk)
{
	thread_.start("rs-bufflink", [this] { run(); });
}

void BufflinkDrain::run()
{
	std::optional<ErrnoError> error;
	try {
		loop();
		output_.close();
	} catch (const ErrnoError& failure) {
		error = failure;
	} catch (const std::exception&) {
		error = ErrnoError(ENOMEM, "read " + path_);
	}
	if (!error)
		return;
	{
		const std::lock_guard lock(error_mutex_);
		error_ = error;
	}
	on_error_(*error);
}

void BufflinkDrain::loop()
{
	Taken taken = Taken::kEmpty;
	for (;;) {
		const Stop stop = thread_.requested();
		if (stop == Stop::kAbandon)
			return;
		taken = take();
		if (taken == Taken::kSome)
			continue;
		if (stop == Stop::kDrain)
			return;
		// A FIFO whose writers have gone is ready for ever; a bufflink never ends.
		thread_.wait(taken == Taken::kEnd ? -1 : device_.get(), POLLIN, kSafetyNetMs);
	}
}

BufflinkDrain::Taken BufflinkDrain::take()
{
	// What has been read and is not yet written must not be missing from a copy.
	const std::lock_guard lock(output_mutex_);
	const ssize_t length = read(device_.get(), chunk_.data(), chunk_.size());
	if (length == 0)
		return Taken::kEnd;
	if (length < 0) {
		if (errno == EAGAIN)
			return Taken::kEmpty;
		if (errno == EINTR)
			return Taken::kSome;
		throw_errno("read", path_);
	}
	const iovec block{chunk_.data(), static_cast<std::size_t>(length)};
	const RawFile::Appended appended = output_.append({&block, 1});
	bytes_.store(output_.size(), std::memory_order_relaxed);
	if (appended.error)
		throw *appended.error;
	return Taken::kSome;
}

void BufflinkDrain::end(Stop stop) noexcept
{
	thread_.request(stop);
	thread_.join();
}

BufflinkDrain::Result BufflinkDrain::result()
{
	const std::lock_guard lock(error_mutex_);
	return {bytes_.load(std::memory_order_relaxed), refused_.load(std::memory_order_relaxed), error_};
}

BufflinkDrain::Result BufflinkDrain::finish()
{
	end(Stop::kDrain);
	ask_refused();
	return result();
}

void BufflinkDrain::ask_refused()
{
	bufflink_overflow overflow{};
	if (ioctl(device_.get(), BUFFLINK_IOC_OVERFLOW, &overflow) == 0)
		refused_.store(overflow.refused, std::memory_order_relaxed);
	else if (errno != ENOTTY)
		throw_errno("ioctl", "BUFFLINK_IOC_OVERFLOW");
}

BufflinkDrain::Result BufflinkDrain::copy(const std::string& path)
{
	// Its own copy of what the thread does: one that has failed takes nothing any more.
	while (thread_.requested() == Stop::kNot && !result().error && take() == Taken::kSome) {
	}
	ask_refused();
	const Result copied = result();
	output_.copy_to(path, copied.bytes);
	return copied;
}

} // namespace relayscope
