// SPDX-License-Identifier: MIT
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "errno_error.h"
#include "file_descriptor.h"

namespace relayscope {

// A file that always ends with a whole block: what a write that failed half-way left behind is cut
// off again.
class RawFile {
public:
	// Created, 0600; EEXIST when something is there: a recording never overwrites another.
	explicit RawFile(std::string path);

	struct Appended {
		std::size_t blocks;
		std::optional<ErrnoError> error;
	};
	// Appends the blocks in order, as few writes as possible. The whole ones before an error stay.
	Appended append(std::span<const iovec> blocks);

	// Copies the first bytes to a new file.
	void copy_to(const std::string& path, std::uint64_t bytes) const;

	// Some file systems report a full disk only here.
	void close();
	// Removes what the constructor created.
	void discard() noexcept;

	std::uint64_t size() const noexcept { return size_; }
	const std::string& path() const noexcept { return path_; }

private:
	std::string path_;
	FileDescriptor fd_;
	std::uint64_t size_ = 0;
};

} // namespace relayscope
