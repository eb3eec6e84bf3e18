// SPDX-License-Identifier: MIT
#include "mapping.h"

#include <sys/mman.h>
#include <unistd.h>

#include <utility>

#include "errno_error.h"

namespace relayscope {

Mapping::Mapping(int fd, std::size_t length, off_t offset, std::string_view object) : size_(length)
{
	// Populated: a page fault for each page of the first lap would come while a burst is being
	// drained, which is when the reader must be fast.
	void* address = mmap(nullptr, length, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, offset);
	if (address == MAP_FAILED)
		throw_errno("mmap", object);
	data_ = static_cast<const std::byte*>(address);
}

Mapping::~Mapping()
{
	if (data_ != nullptr)
		munmap(const_cast<std::byte*>(data_), size_);
}

Mapping::Mapping(Mapping&& other) noexcept
	: data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0))
{
}

Mapping& Mapping::operator=(Mapping&& other) noexcept
{
	std::swap(data_, other.data_);
	std::swap(size_, other.size_);
	return *this;
}

std::size_t page_size() noexcept
{
	return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t page_align(std::size_t length) noexcept
{
	const std::size_t page = page_size();
	return (length + page - 1) / page * page;
}

} // namespace relayscope
