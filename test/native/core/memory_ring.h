// SPDX-License-Identifier: MIT
//
// One CPU's buffer in a memory file, laid out and written as the ABI says the kernel does it: fill,
// then release. It stands for the kernel side only; what reads it is the shipped code.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "../../../native/errno_error.h"
#include "../../../native/file_descriptor.h"
#include "../../../native/mapping.h"
#include "../../../native/ring_view.h"

namespace relayscope::test {

inline constexpr std::uint32_t kChannel = 7;
inline constexpr std::uint32_t kCpu = 3;

class MemoryRing {
public:
	explicit MemoryRing(RingGeometry geometry) : geometry_(geometry), fd_(memfd_create("ring", MFD_CLOEXEC))
	{
		if (!fd_ || ftruncate(fd_.get(), static_cast<off_t>(geometry.bytes())) != 0)
			throw_errno("memfd_create");
		memory_ = static_cast<std::byte*>(
			mmap(nullptr, geometry.bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0));
		if (memory_ == MAP_FAILED)
			throw_errno("mmap");
	}
	~MemoryRing() { munmap(memory_, geometry_.bytes()); }
	MemoryRing(const MemoryRing&) = delete;
	MemoryRing& operator=(const MemoryRing&) = delete;

	FileDescriptor open() const
	{
		const std::string path = "/proc/self/fd/" + std::to_string(fd_.get());
		return FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	}
	std::shared_ptr<const RingData> mapped() const
	{
		FileDescriptor file = open();
		Mapping map(file.get(), geometry_.bytes(), 0, "ring");
		return std::make_shared<const RingData>(std::move(file), std::move(map));
	}
	std::shared_ptr<const RingData> copied() const
	{
		return std::make_shared<const RingData>(open(), geometry_.bytes());
	}
	RingView view(std::shared_ptr<const RingData> data) const
	{
		return {geometry_, kChannel, kCpu, std::move(data), &control_};
	}
	const relayscope_cpu_control& control() const { return control_; }

	bool full() const { return sealed_ - consumed_.load(std::memory_order_acquire) == geometry_.subbuf_count; }
	void consume(std::uint64_t subbufs) { consumed_.fetch_add(subbufs, std::memory_order_release); }
	std::uint64_t consumed() const { return consumed_.load(std::memory_order_acquire); }
	std::uint64_t sealed() const { return sealed_; }

	std::byte* at(std::uint64_t sequence) const
	{
		return memory_ + (sequence % geometry_.subbuf_count) * geometry_.subbuf_size;
	}

	// Bytes up to `used` are a pattern of the sequence; the padding is 0xee, which must never be seen.
	relayscope_subbuf_header fill(std::uint32_t used, std::uint32_t records) const
	{
		std::memset(at(sealed_), 0xee, geometry_.subbuf_size);
		std::memset(at(sealed_), static_cast<int>(pattern(sealed_)), used);
		relayscope_subbuf_header header{};
		header.magic = RELAYSCOPE_SUBBUF_MAGIC;
		header.abi_version = RELAYSCOPE_ABI_VERSION;
		header.header_length = sizeof(header);
		header.channel_id = kChannel;
		header.cpu = kCpu;
		header.epoch = 1;
		header.used = used;
		header.sequence = sealed_;
		header.ts_begin = sealed_ * 1000;
		header.ts_end = sealed_ * 1000 + 999;
		header.record_count = records;
		header.lost = sealed_;
		header.lost_inside = 2;
		return header;
	}
	void seal(const relayscope_subbuf_header& header)
	{
		std::memcpy(at(sealed_), &header, sizeof(header));
		++sealed_;
		__atomic_store_n(&control_.sealed, sealed_, __ATOMIC_RELEASE);
		raise_floor(header.ts_end);
	}
	void seal(std::uint32_t used, std::uint32_t records) { seal(fill(used, records)); }
	void raise_floor(std::uint64_t floor) { __atomic_store_n(&control_.time_floor, floor, __ATOMIC_RELEASE); }
	void set_sealed(std::uint64_t sealed) { __atomic_store_n(&control_.sealed, sealed, __ATOMIC_RELEASE); }

	static unsigned char pattern(std::uint64_t sequence) { return static_cast<unsigned char>(sequence % 200 + 1); }

private:
	RingGeometry geometry_;
	FileDescriptor fd_;
	std::byte* memory_;
	relayscope_cpu_control control_{};
	std::uint64_t sealed_ = 0;
	std::atomic<std::uint64_t> consumed_{0};
};

// A directory that goes with everything in it.
class ScratchDirectory {
public:
	ScratchDirectory()
	{
		std::string name = "/tmp/relayscope-native-XXXXXX";
		if (mkdtemp(name.data()) == nullptr)
			throw_errno("mkdtemp");
		path_ = name;
	}
	~ScratchDirectory()
	{
		for (const std::string& file : files_)
			unlink(file.c_str());
		rmdir(path_.c_str());
	}
	ScratchDirectory(const ScratchDirectory&) = delete;
	ScratchDirectory& operator=(const ScratchDirectory&) = delete;
	std::string file(const std::string& name)
	{
		files_.push_back(path_ + "/" + name);
		return files_.back();
	}

private:
	std::string path_;
	std::vector<std::string> files_;
};

inline std::string contents(const std::string& path)
{
	const FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
	std::string all;
	char chunk[65536];
	for (ssize_t length; (length = read(fd.get(), chunk, sizeof(chunk))) > 0;)
		all.append(chunk, static_cast<std::size_t>(length));
	return all;
}

template <typename Body>
std::optional<ErrnoError> error_of(Body&& body)
{
	try {
		body();
	} catch (const ErrnoError& error) {
		return error;
	}
	return std::nullopt;
}

} // namespace relayscope::test
