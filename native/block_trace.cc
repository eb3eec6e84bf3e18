// SPDX-License-Identifier: MIT
#include "block_trace.h"

#include <fcntl.h>
#include <linux/blktrace_api.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <limits>

#include "errno_error.h"

namespace relayscope {

namespace {

// Linux 6.19's BLKTRACESETUP2: headers of before it do not have it.
struct SetupVersion8 {
	char name[64];
	std::uint64_t act_mask;
	std::uint32_t buf_size;
	std::uint32_t buf_nr;
	std::uint64_t start_lba;
	std::uint64_t end_lba;
	std::uint32_t pid;
	std::uint32_t flags;
	std::uint64_t reserved[11];
};
static_assert(sizeof(SetupVersion8) == 64 + 8 + 8 + 16 + 8 + 88);
static_assert(offsetof(SetupVersion8, act_mask) == 64 && offsetof(SetupVersion8, reserved) == 104);

constexpr unsigned long kSetupVersion8 = _IOWR(0x12, 142, SetupVersion8);
constexpr unsigned kMinorBits = 20;

template <std::size_t size>
std::string text(const char (&field)[size])
{
	return {field, strnlen(field, size)};
}

} // namespace

BlockTrace::BlockTrace(const std::string& device, Buffers buffers)
	: path_(device), fd_(open(device.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC))
{
	if (!fd_)
		throw_errno("open", path_);
	struct stat status {};
	if (fstat(fd_.get(), &status) < 0)
		throw_errno("fstat", path_);
	if (!S_ISBLK(status.st_mode))
		throw ErrnoError(ENOTBLK, "trace " + path_);
	device_ = major(status.st_rdev) << kMinorBits | minor(status.st_rdev);
	set_up(buffers);
	try {
		guard_.watch(fd_);
	} catch (...) {
		ioctl(fd_.get(), BLKTRACETEARDOWN);
		throw;
	}
}

void BlockTrace::set_up(Buffers buffers)
{
	if (!set_up_version_8(buffers))
		set_up_version_7(buffers);
}

bool BlockTrace::set_up_version_8(Buffers buffers)
{
	SetupVersion8 setup{};
	setup.act_mask = mask_ = std::numeric_limits<std::uint64_t>::max();
	setup.buf_size = buffers.size;
	setup.buf_nr = buffers.count;
	if (ioctl(fd_.get(), kSetupVersion8, &setup) < 0) {
		// Unknown, as the kernel says it, and as some drivers do.
		if (errno == ENOTTY || errno == EINVAL)
			return false;
		throw_errno("BLKTRACESETUP2", path_);
	}
	name_ = text(setup.name);
	version_ = 8;
	return true;
}

void BlockTrace::set_up_version_7(Buffers buffers)
{
	blk_user_trace_setup setup{};
	setup.act_mask = std::numeric_limits<std::uint16_t>::max();
	setup.buf_size = buffers.size;
	setup.buf_nr = buffers.count;
	if (ioctl(fd_.get(), BLKTRACESETUP, &setup) < 0)
		throw_errno("BLKTRACESETUP", path_);
	name_ = text(setup.name);
	version_ = 7;
	mask_ = setup.act_mask;
}

void BlockTrace::start()
{
	if (ioctl(fd_.get(), BLKTRACESTART) < 0)
		throw_errno("BLKTRACESTART", path_);
}

void BlockTrace::stop()
{
	if (ioctl(fd_.get(), BLKTRACESTOP) < 0)
		throw_errno("BLKTRACESTOP", path_);
}

void BlockTrace::close() noexcept
{
	if (!fd_)
		return;
	ioctl(fd_.get(), BLKTRACETEARDOWN);
	// Behind it: until here, dying would have left the trace to the guard.
	guard_.dismiss();
	fd_.reset();
}

} // namespace relayscope
