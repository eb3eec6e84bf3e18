// SPDX-License-Identifier: MIT
#include "control_device.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include "errno_error.h"

namespace relayscope {

namespace {

int open_device(const std::string& path)
{
	const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
	if (fd < 0)
		throw_errno("open", path);
	return fd;
}

} // namespace

ControlDevice::ControlDevice(std::string path) : path_(std::move(path)), fd_(open_device(path_)) {}

void ControlDevice::call(unsigned long request, void* argument, const char* name) const
{
	if (ioctl(fd_.get(), request, argument) != 0)
		throw_errno("ioctl", name);
}

void ControlDevice::call(unsigned long request, unsigned long argument, const char* name) const
{
	if (ioctl(fd_.get(), request, argument) != 0)
		throw_errno("ioctl", name);
}

void ControlDevice::keep(const relayscope_channel_create& channel)
{
	const std::lock_guard lock(mutex_);
	channels_.insert_or_assign(channel.channel_id, channel);
}

relayscope_info ControlDevice::info() const
{
	relayscope_info info{};
	call(RELAYSCOPE_IOC_INFO, &info, "RELAYSCOPE_IOC_INFO");
	return info;
}

std::optional<relayscope_source_info> ControlDevice::source(std::uint32_t index) const
{
	relayscope_source_info source{};
	source.index = index;
	if (ioctl(fd_.get(), RELAYSCOPE_IOC_SOURCE_INFO, &source) == 0)
		return source;
	if (errno == ENOENT)
		return std::nullopt;
	throw_errno("ioctl", "RELAYSCOPE_IOC_SOURCE_INFO");
}

relayscope_channel_create ControlDevice::create_channel(const relayscope_channel_create& wanted)
{
	relayscope_channel_create channel = wanted;
	call(RELAYSCOPE_IOC_CHANNEL_CREATE, &channel, "RELAYSCOPE_IOC_CHANNEL_CREATE");
	keep(channel);
	return channel;
}

void ControlDevice::make_files(std::uint32_t channel_id) const
{
	call(RELAYSCOPE_IOC_CHANNEL_FILES, std::uint64_t{channel_id}, "RELAYSCOPE_IOC_CHANNEL_FILES");
}

void ControlDevice::flush(std::uint32_t channel_id) const
{
	call(RELAYSCOPE_IOC_CHANNEL_FLUSH, std::uint64_t{channel_id}, "RELAYSCOPE_IOC_CHANNEL_FLUSH");
}

std::uint32_t ControlDevice::reset(std::uint32_t channel_id)
{
	relayscope_channel_create channel = this->channel(channel_id);
	relayscope_channel_reset reset{channel_id, 0};
	call(RELAYSCOPE_IOC_CHANNEL_RESET, &reset, "RELAYSCOPE_IOC_CHANNEL_RESET");
	channel.epoch = reset.epoch;
	keep(channel);
	return reset.epoch;
}

relayscope_boot_adopt ControlDevice::adopt_boot()
{
	relayscope_boot_adopt adopt{};
	call(RELAYSCOPE_IOC_BOOT_ADOPT, &adopt, "RELAYSCOPE_IOC_BOOT_ADOPT");
	keep(adopt.channel);
	return adopt;
}

relayscope_channel_create ControlDevice::channel(std::uint32_t channel_id) const
{
	const std::lock_guard lock(mutex_);
	const auto found = channels_.find(channel_id);
	if (found == channels_.end())
		throw ErrnoError(ENOENT, "find channel " + std::to_string(channel_id));
	return found->second;
}

void ControlDevice::attach_source(const relayscope_source_attach& source) const
{
	relayscope_source_attach argument = source;
	call(RELAYSCOPE_IOC_SOURCE_ATTACH, &argument, "RELAYSCOPE_IOC_SOURCE_ATTACH");
}

std::optional<SourceSchema> ControlDevice::source_schema(std::uint32_t channel_id,
							 const std::string& source) const
{
	relayscope_source_schema request{};
	request.channel_id = channel_id;
	if (source.size() >= sizeof(request.source))
		throw ErrnoError(ENAMETOOLONG, "name " + source);
	source.copy(request.source, source.size());
	if (ioctl(fd_.get(), RELAYSCOPE_IOC_SOURCE_SCHEMA, &request) != 0) {
		if (errno == ENODATA)
			return std::nullopt;
		throw_errno("ioctl", "RELAYSCOPE_IOC_SOURCE_SCHEMA");
	}
	// An attached source keeps its schema, so the length does not change between the two calls.
	std::string text(request.text_size, '\0');
	request.text = reinterpret_cast<std::uintptr_t>(text.data());
	call(RELAYSCOPE_IOC_SOURCE_SCHEMA, &request, "RELAYSCOPE_IOC_SOURCE_SCHEMA");
	return SourceSchema{request.first_event_id, std::move(text)};
}

std::optional<std::uint32_t> ControlDevice::load_program(unsigned long request,
							 const relayscope_source_program& program) const
{
	relayscope_source_program argument = program;
	if (ioctl(fd_.get(), request, &argument) == 0)
		return std::nullopt;
	if (errno == EINVAL)
		return argument.error_index;
	throw_errno("ioctl", request == RELAYSCOPE_IOC_SOURCE_FILTER ? "RELAYSCOPE_IOC_SOURCE_FILTER"
								     : "RELAYSCOPE_IOC_SOURCE_TRIGGER");
}

std::uint32_t ControlDevice::triggered() const
{
	__u32 fired = 0;
	call(RELAYSCOPE_IOC_TRIGGERED, &fired, "RELAYSCOPE_IOC_TRIGGERED");
	return fired;
}

void ControlDevice::add_process(std::uint32_t pid, bool follow) const
{
	relayscope_process_add process{pid, follow ? RELAYSCOPE_PROCESS_FOLLOW : 0u};
	call(RELAYSCOPE_IOC_PROCESS_ADD, &process, "RELAYSCOPE_IOC_PROCESS_ADD");
}

void ControlDevice::tell_lives() const
{
	call(RELAYSCOPE_IOC_LIVES, nullptr, "RELAYSCOPE_IOC_LIVES");
}

void ControlDevice::start() const
{
	call(RELAYSCOPE_IOC_START, nullptr, "RELAYSCOPE_IOC_START");
}

void ControlDevice::stop() const
{
	call(RELAYSCOPE_IOC_STOP, nullptr, "RELAYSCOPE_IOC_STOP");
}

void ControlDevice::consume(std::uint32_t channel_id, std::uint32_t cpu, std::uint64_t subbufs) const
{
	relayscope_consume consume{channel_id, cpu, subbufs};
	call(RELAYSCOPE_IOC_CONSUME, &consume, "RELAYSCOPE_IOC_CONSUME");
}

relayscope_stats ControlDevice::stats(std::uint32_t channel_id, std::uint32_t cpu) const
{
	relayscope_stats stats{};
	stats.channel_id = channel_id;
	stats.cpu = cpu;
	call(RELAYSCOPE_IOC_STATS, &stats, "RELAYSCOPE_IOC_STATS");
	return stats;
}

relayscope_snapshot ControlDevice::snapshot(std::uint32_t channel_id, std::uint32_t cpu,
					    std::span<std::uint32_t> held_records) const
{
	if (held_records.size() < channel(channel_id).subbuf_count)
		throw ErrnoError(EINVAL, "snapshot of channel " + std::to_string(channel_id));
	relayscope_snapshot snapshot{};
	snapshot.stats.channel_id = channel_id;
	snapshot.stats.cpu = cpu;
	snapshot.held_records = reinterpret_cast<std::uintptr_t>(held_records.data());
	call(RELAYSCOPE_IOC_SNAPSHOT, &snapshot, "RELAYSCOPE_IOC_SNAPSHOT");
	return snapshot;
}

} // namespace relayscope
