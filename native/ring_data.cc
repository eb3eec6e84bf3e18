// SPDX-License-Identifier: MIT
#include "ring_data.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "../include/uapi/relayscope.h"
#include "errno_error.h"

namespace relayscope {

namespace {

constexpr const char* kTwinSuffix = ".read";

FileDescriptor open_file(const std::string& path)
{
	return FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

} // namespace

std::string buffer_name(std::uint32_t cpu)
{
	return cpu == RELAYSCOPE_CPU_ALL ? "global" : "cpu" + std::to_string(cpu);
}

std::shared_ptr<const RingData> RingData::open(const std::string& directory, std::uint32_t cpu,
					       std::size_t length)
{
	std::string path = directory + "/" + buffer_name(cpu);
	if (FileDescriptor file = open_file(path)) {
		Mapping map(file.get(), page_align(length), 0, path);
		return std::make_shared<const RingData>(std::move(file), std::move(map));
	}
	if (errno == EPERM) {
		path += kTwinSuffix;
		if (FileDescriptor twin = open_file(path))
			return std::make_shared<const RingData>(std::move(twin), length);
	}
	if (errno == ENOENT)
		return nullptr;
	throw_errno("open", path);
}

RingData::RingData(FileDescriptor file, Mapping map) noexcept : file_(std::move(file)), map_(std::move(map)) {}

RingData::RingData(FileDescriptor twin, std::size_t length)
	: file_(std::move(twin)), copy_(std::make_unique<std::byte[]>(length))
{
}

bool RingData::refresh(std::size_t offset, std::size_t length) const noexcept
{
	if (!copy_)
		return true;
	std::byte* to = copy_.get() + offset;
	while (length > 0) {
		const ssize_t got = pread(file_.get(), to, length, static_cast<off_t>(offset));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			std::memset(to, 0, length);
			return false;
		}
		to += got;
		offset += static_cast<std::size_t>(got);
		length -= static_cast<std::size_t>(got);
	}
	return true;
}

} // namespace relayscope
