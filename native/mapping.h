// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string_view>

namespace relayscope {

// A read-only shared view of memory that the kernel writes. It holds a reference to the open file,
// so the kernel object lives until both the descriptor and the mapping are gone.
class Mapping {
public:
	Mapping() noexcept = default;
	Mapping(int fd, std::size_t length, off_t offset, std::string_view object);
	~Mapping();

	Mapping(Mapping&& other) noexcept;
	Mapping& operator=(Mapping&& other) noexcept;
	Mapping(const Mapping&) = delete;
	Mapping& operator=(const Mapping&) = delete;

	const std::byte* data() const noexcept { return data_; }
	std::size_t size() const noexcept { return size_; }

private:
	const std::byte* data_ = nullptr;
	std::size_t size_ = 0;
};

std::size_t page_size() noexcept;
std::size_t page_align(std::size_t length) noexcept;

} // namespace relayscope
