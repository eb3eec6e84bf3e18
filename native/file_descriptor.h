// SPDX-License-Identifier: MIT
#pragma once

#include <unistd.h>

#include <utility>

namespace relayscope {

class FileDescriptor {
public:
	FileDescriptor() noexcept = default;
	explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
	~FileDescriptor() { reset(); }

	FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
	FileDescriptor& operator=(FileDescriptor&& other) noexcept
	{
		if (this != &other) {
			reset();
			fd_ = std::exchange(other.fd_, -1);
		}
		return *this;
	}
	FileDescriptor(const FileDescriptor&) = delete;
	FileDescriptor& operator=(const FileDescriptor&) = delete;

	int get() const noexcept { return fd_; }
	explicit operator bool() const noexcept { return fd_ >= 0; }
	int release() noexcept { return std::exchange(fd_, -1); }
	void reset() noexcept
	{
		if (fd_ >= 0)
			::close(std::exchange(fd_, -1));
	}

private:
	int fd_ = -1;
};

} // namespace relayscope
