// SPDX-License-Identifier: MIT
#include "raw_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

namespace relayscope {

namespace {

constexpr std::size_t kMostBlocksAWrite = 64;
constexpr std::size_t kCopyChunk = std::size_t{256} << 10;

int create_exclusive(const std::string& path)
{
	const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		throw_errno("open", path);
	return fd;
}

} // namespace

RawFile::RawFile(std::string path) : path_(std::move(path)), fd_(create_exclusive(path_)) {}

RawFile::Appended RawFile::append(std::span<const iovec> blocks)
{
	std::size_t done = 0;
	std::size_t skip = 0; // bytes of blocks[done] already in the file
	while (done < blocks.size()) {
		std::array<iovec, kMostBlocksAWrite> parts;
		const std::size_t count = std::min(blocks.size() - done, parts.size());
		std::copy_n(blocks.begin() + static_cast<std::ptrdiff_t>(done), count, parts.begin());
		parts[0].iov_base = static_cast<char*>(parts[0].iov_base) + skip;
		parts[0].iov_len -= skip;

		const ssize_t written = pwritev(fd_.get(), parts.data(), static_cast<int>(count),
						static_cast<off_t>(size_ + skip));
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			// A write that takes nothing and says nothing would be repeated for ever.
			const int error = written < 0 ? errno : EIO;
			// When cutting fails too, the walker counts the tail as torn; the first error says more.
			if (skip > 0 && ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0)
				return {done, ErrnoError(error, "write and truncate " + path_)};
			return {done, ErrnoError(error, "write " + path_)};
		}
		skip += static_cast<std::size_t>(written);
		while (done < blocks.size() && skip >= blocks[done].iov_len) {
			skip -= blocks[done].iov_len;
			size_ += blocks[done].iov_len;
			++done;
		}
	}
	return {done, std::nullopt};
}

void RawFile::copy_to(const std::string& path, std::uint64_t bytes) const
{
	const FileDescriptor from(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
	if (!from)
		throw_errno("open", path_);
	RawFile to(path);
	std::vector<char> chunk(kCopyChunk);
	while (to.size() < bytes) {
		const std::size_t wanted = std::min<std::uint64_t>(chunk.size(), bytes - to.size());
		const ssize_t length = pread(from.get(), chunk.data(), wanted, static_cast<off_t>(to.size()));
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			throw_errno("read", path_);
		if (length == 0)
			throw ErrnoError(EIO, "read " + path_);
		const iovec block{chunk.data(), static_cast<std::size_t>(length)};
		if (const Appended appended = to.append({&block, 1}); appended.error)
			throw *appended.error;
	}
	to.close();
}

void RawFile::close()
{
	if (fd_ && ::close(fd_.release()) != 0)
		throw_errno("close", path_);
}

void RawFile::discard() noexcept
{
	fd_.reset();
	unlink(path_.c_str());
}

} // namespace relayscope
