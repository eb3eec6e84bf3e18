// SPDX-License-Identifier: MIT
#include "channel_mapping.h"

#include <numeric>

#include "errno_error.h"

namespace relayscope {

relayscope_channel_create channel_with_geometry(const ControlDevice& device, std::uint32_t channel_id,
						const RingGeometry& geometry)
{
	geometry.validate();
	const relayscope_channel_create channel = device.channel(channel_id);
	if (channel.subbuf_size != geometry.subbuf_size || channel.subbuf_count != geometry.subbuf_count)
		throw ErrnoError(EINVAL, "geometry of channel " + std::to_string(channel_id));
	return channel;
}

std::vector<std::uint32_t> buffers_of(const relayscope_channel_create& channel, std::uint32_t cpu_ids)
{
	if ((channel.flags & RELAYSCOPE_CHANNEL_GLOBAL) != 0)
		return {RELAYSCOPE_CPU_ALL};
	std::vector<std::uint32_t> cpus(cpu_ids);
	std::iota(cpus.begin(), cpus.end(), 0u);
	return cpus;
}

std::string output_path(const std::string& prefix, std::uint32_t cpu, const std::string& suffix)
{
	return prefix + (cpu == RELAYSCOPE_CPU_ALL ? "" : std::to_string(cpu)) + suffix;
}

Mapping map_control(const ControlDevice& device, const relayscope_channel_create& channel, std::uint32_t cpu_ids)
{
	if (channel.control_length < std::uint64_t{cpu_ids} * sizeof(relayscope_cpu_control))
		throw ErrnoError(EPROTO, "map control pages of " + device.path());
	return Mapping(device.fd(), channel.control_length, static_cast<off_t>(channel.control_offset),
		       device.path());
}

const relayscope_cpu_control& control_of(const Mapping& control, std::uint32_t cpu) noexcept
{
	const auto* pages = reinterpret_cast<const relayscope_cpu_control*>(control.data());
	return pages[cpu == RELAYSCOPE_CPU_ALL ? 0 : cpu];
}

} // namespace relayscope
