// SPDX-License-Identifier: MIT
#include "channel_mapping.h"

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

Mapping map_control(const ControlDevice& device, const relayscope_channel_create& channel, std::uint32_t cpu_ids)
{
	if (channel.control_length < std::uint64_t{cpu_ids} * sizeof(relayscope_cpu_control))
		throw ErrnoError(EPROTO, "map control pages of " + device.path());
	return Mapping(device.fd(), channel.control_length, static_cast<off_t>(channel.control_offset),
		       device.path());
}

const relayscope_cpu_control& control_of(const Mapping& control, std::uint32_t cpu) noexcept
{
	return reinterpret_cast<const relayscope_cpu_control*>(control.data())[cpu];
}

} // namespace relayscope
