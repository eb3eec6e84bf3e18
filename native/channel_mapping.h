// SPDX-License-Identifier: MIT
//
// A channel as its readers map it.
#pragma once

#include "control_device.h"
#include "mapping.h"
#include "ring_view.h"

namespace relayscope {

// What the kernel said of a channel; throws ErrnoError(EINVAL) when it has another geometry.
relayscope_channel_create channel_with_geometry(const ControlDevice& device, std::uint32_t channel_id,
						const RingGeometry& geometry);

// The control pages of all its CPUs.
Mapping map_control(const ControlDevice& device, const relayscope_channel_create& channel, std::uint32_t cpu_ids);
const relayscope_cpu_control& control_of(const Mapping& control, std::uint32_t cpu) noexcept;

} // namespace relayscope
