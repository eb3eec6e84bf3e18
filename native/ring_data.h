// SPDX-License-Identifier: MIT
//
// The bytes of one CPU's buffer: its data file mapped, or, where a locked-down kernel forbids that, a
// copy that is filled piece by piece from the file's twin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "file_descriptor.h"
#include "mapping.h"

namespace relayscope {

// cpu<N>, or global for RELAYSCOPE_CPU_ALL: the data file's name.
std::string buffer_name(std::uint32_t cpu);

class RingData {
public:
	// Of the CPU's data file in the directory; nothing when it has none.
	static std::shared_ptr<const RingData> open(const std::string& directory, std::uint32_t cpu,
						    std::size_t length);

	RingData(FileDescriptor file, Mapping map) noexcept;
	RingData(FileDescriptor twin, std::size_t length);

	// Readable when something has been sealed.
	int fd() const noexcept { return file_.get(); }
	const std::byte* bytes() const noexcept { return copy_ ? copy_.get() : map_.data(); }
	// From now on bytes() has what the buffer has there; false: zeros, which no header is, where it
	// cannot be read. A mapping always has.
	bool refresh(std::size_t offset, std::size_t length) const noexcept;

private:
	FileDescriptor file_;
	Mapping map_;
	std::unique_ptr<std::byte[]> copy_;
};

} // namespace relayscope
